"""*Copy as cable*: a recorded turn as plain text, in a modal or as a file, with what became of its
sources since.
"""

from __future__ import annotations

from dataclasses import dataclass

from slack_bolt import App

from bot.db.turns import RecordedTurn, Turns
from bot.render.blocks import COPY_CABLE
from bot.render.cable import (
    SEND_FILE,
    Cabled,
    View,
    cable_text,
    cable_view,
    fits,
    line_view,
    waiting_view,
)
from bot.render.notes import Standing, standing_of
from bot.slack.client import SlackGateway
from bot.slack.modals import Click, Modals, on_click
from corpus.store.articles import ArticleStore

GONE = "This is no longer kept, so that no cable can be made of it."
NOTHING = "Nothing was found to answer with, so that there is nothing to cable."
SENT = "Sent: it is in your direct messages with me."
FILE = "cable.txt"
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class NoCable:
    """Why there is none, as a sentence."""

    told: str


class Cables:
    """Shows turns as cables, and sends them as files."""

    def __init__(
        self, corpus: ArticleStore, slack: SlackGateway, modals: Modals, turns: Turns
    ) -> None:
        self._corpus = corpus
        self._slack = slack
        self._modals = modals
        self._turns = turns

    def show(self, click: Click) -> None:
        """Open the cable of the turn whose id the button has; a long one is sent as a file, too."""
        self._modals.open(click, lambda: self._view(click), waiting_view())

    def send_file(self, click: Click) -> None:
        """Send the cable of a turn to whoever clicked, as a text file."""
        self._modals.turn(click, lambda: self._sent(click))

    def cable(self, turn_id: str) -> str | NoCable:
        """The cable of a turn, with what became of its sources by now."""
        turn = self._turns.recorded(turn_id)
        if turn is None:
            return NoCable(GONE)
        if not turn.statements or not turn.citations:
            return NoCable(NOTHING)
        return cable_text(self._cabled(turn))

    def _view(self, click: Click) -> View:
        made = self.cable(click.value)
        if isinstance(made, NoCable):
            return line_view(made.told)
        if not fits(made):
            self._send(click.user, made)
        return cable_view(made, click.value)

    def _sent(self, click: Click) -> View:
        made = self.cable(click.value)
        if isinstance(made, NoCable):
            return line_view(made.told)
        self._send(click.user, made)
        return line_view(SENT)

    def _send(self, user: str, cable: str) -> None:
        subject = cable.partition("\n")[0]
        channel = self._slack.direct_channel(user)
        self._slack.share_text(channel, None, cable, FILE, subject[:_LONGEST_TITLE])

    def _cabled(self, turn: RecordedTurn) -> Cabled:
        ids = {citation.article.id for citation in turn.citations}
        current = {article.id: article for article in self._corpus.articles(ids)}
        standing: dict[int, Standing] = {}
        for citation in turn.citations:
            cited, number = citation.article, citation.paragraph.number
            found = standing_of(cited, number, current.get(cited.id))
            if found is not None:
                standing[citation.mark] = found
        return Cabled(
            turn.kind,
            turn.understood or turn.question,
            turn.asked_at,
            turn.content,
            turn.citations,
            standing,
        )


def register(app: App, cables: Cables) -> None:
    """Attach the button, and the one in the modal."""
    on_click(app, COPY_CABLE, cables.show)
    on_click(app, SEND_FILE, cables.send_file)

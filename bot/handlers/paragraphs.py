"""What the buttons under an answer open: the paragraphs that it cites, its cable, and why.

*Show paragraphs* shows them as they read when they were cited, one at a time. *Copy as cable* gives
a recorded turn as plain text, in a modal or as a file, with what became of its sources since.
*Why?*, in the menu of an answer, shows admins how it came about: whether the evidence sufficed
then, and, since no candidate's text is kept with a turn, the question worked out once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_bolt import App

from bot.db.turns import Cited, RecordedTurn, Turns, carriers
from bot.render.blocks import ANSWER_MENU, COPY_CABLE, SHOW_PARAGRAPHS, note_view, words
from bot.render.cable import SEND_FILE, Cabled, cable_text, cable_view, fits, line_view
from bot.render.cable import waiting_view as cable_waiting_view
from bot.render.catalogues import N_, framed, gettext
from bot.render.notes import Standing, standing_of
from bot.render.paragraphs import (
    MORE,
    TURN_TO,
    Shown,
    ShownParagraph,
    View,
    gone_view,
    label_of,
    paragraph_view,
    shown_in,
    waiting_view,
    why_view,
)
from bot.slack.client import SlackGateway
from bot.slack.modals import Click, Modals, on_click
from bot.slack.people import Access, People
from corpus.articles import Article
from corpus.store.articles import ArticleStore
from retrieval.answers.trace import verdicts

NOT_KEPT = N_("This is no longer kept, so that no cable can be made of it.")
NOTHING = N_("Nothing was found to answer with, so that there is nothing to cable.")
SENT = N_("Sent: it is in your direct messages with me.")
FILE = "cable.txt"
_LONGEST_TITLE = 120


class Paragraphs:
    """Opens the modal behind *Show paragraphs*, and turns its pages."""

    def __init__(self, corpus: ArticleStore, modals: Modals, turns: Turns) -> None:
        self._corpus = corpus
        self._modals = modals
        self._turns = turns

    def show(self, click: Click) -> None:
        """Open the paragraphs of the turn whose id the button has, at the first."""
        self._modals.open(click, lambda: self._view(click.value, 0), waiting_view())

    def turn_to(self, click: Click) -> None:
        """Show the citation whose position was clicked or chosen."""
        self._modals.turn(click, lambda: self._turned(click))

    def widen(self, click: Click) -> None:
        """Show more of the article, or less again."""
        self._modals.turn(click, lambda: self._widened(click))

    def _turned(self, click: Click) -> View:
        held = shown_in(click.metadata)
        if held is None or not click.value.isdecimal():
            return gone_view()
        turn_id, _, wide = held
        return self._view(turn_id, int(click.value), wide)

    def _widened(self, click: Click) -> View:
        held = shown_in(click.metadata)
        if held is None:
            return gone_view()
        turn_id, position, _ = held
        return self._view(turn_id, position, click.value == "more")

    def _view(self, turn_id: str, position: int, wide: bool = False) -> View:
        cited = self._turns.cited(turn_id)
        if not cited:
            return gone_view()
        position = min(position, len(cited) - 1)
        # What was only near to a question has no words that an answer rests on.
        nearest = not any(one.quote for one in cited)
        ids = dict.fromkeys(one.article_id for one in cited)
        articles = {article.id: article for article in self._corpus.articles(ids)}
        labels = tuple(
            label_of(one.mark, articles.get(one.article_id), one.number, nearest=nearest)
            for one in cited
        )
        one = cited[position]
        paragraph = self._paragraph(one, articles.get(one.article_id))
        return paragraph_view(Shown(turn_id, position, labels, paragraph, nearest, wide))

    def _paragraph(self, cited: Cited, current: Article | None) -> ShownParagraph | None:
        article = self._corpus.version(cited.article_id, cited.version)
        if article is None:
            return None
        standing = standing_of(article, cited.number, current)
        changed = _changed_at(article, current)
        copies = carriers(self._corpus, [article])[article.id]
        number, quote = cited.number, cited.quote
        return ShownParagraph(cited.mark, article, number, quote, standing, changed, copies)


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
        self._modals.open(click, lambda: self._view(click), cable_waiting_view())

    def send_file(self, click: Click) -> None:
        """Send the cable of a turn to whoever clicked, as a text file."""
        self._modals.turn(click, lambda: self._sent(click))

    def cable(self, turn_id: str) -> str | NoCable:
        """The cable of a turn, with what became of its sources by now."""
        turn = self._turns.recorded(turn_id)
        if turn is None:
            return NoCable(gettext(NOT_KEPT))
        if not turn.statements or not turn.citations:
            return NoCable(gettext(NOTHING))
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
        return line_view(gettext(SENT))

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
        asked = turn.understood or turn.question
        return Cabled(turn.kind, asked, turn.asked_at, turn.content, turn.citations, standing)


class Why:
    """Shows admins how an answer came about."""

    def __init__(
        self,
        trace: Callable[[str, datetime], Sequence[str]],
        modals: Modals,
        turns: Turns,
        people: People,
        access: Access,
    ) -> None:
        """`trace` tells how a question that was asked then is answered now, a line a step."""
        self._trace = trace
        self._modals = modals
        self._turns = turns
        self._people = people
        self._access = access

    def show(self, click: Click) -> None:
        """Open the trace of the turn that the menu names."""
        waiting = note_view(
            gettext("Why?"), [[words(framed(gettext("Working it out once more …")), italic=True)]]
        )
        self._modals.open(click, lambda: self._view(click), waiting)

    def _view(self, click: Click) -> View:
        if not self._access.is_admin(self._people.person(click.user)):
            return note_view(gettext("Why?"), [[words(framed(gettext(ONLY_ADMINS_SEE)))]])
        turn = self._turns.recorded(click.value)
        if turn is None:
            return gone_view()
        then = verdicts(turn.trace) if turn.trace else ()
        return why_view(self._trace(turn.understood or turn.question, turn.asked_at), then)


ONLY_ADMINS_SEE = N_("Only admins see how an answer came about.")


def _changed_at(cited: Article, current: Article | None) -> datetime | None:
    """When a later version was read, or that the article was withdrawn."""
    if current is None:
        return None
    if current.withdrawn_at is not None:
        return current.withdrawn_at
    return current.read_at if current.version > cited.version else None


def register(app: App, paragraphs: Paragraphs, cables: Cables, why: Why) -> None:
    """Attach the buttons, those in the modals, and the menu beside them."""
    on_click(app, COPY_CABLE, cables.show)
    on_click(app, SEND_FILE, cables.send_file)
    on_click(app, ANSWER_MENU, why.show)
    on_click(app, SHOW_PARAGRAPHS, paragraphs.show)
    on_click(app, re.compile(rf"{re.escape(TURN_TO)}.*"), paragraphs.turn_to)
    on_click(app, MORE, paragraphs.widen)

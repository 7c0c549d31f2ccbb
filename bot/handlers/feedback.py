"""The two buttons under an answer, and the modal that asks why it was not helpful.

A click is kept at once, a reason is asked for, thanks are quiet.

click ─ is the turn kept? ─┬─ helpful ─────▶ kept ─▶ thanks
                           └─ not helpful ─▶ modal, kept ─ sent or skipped ─▶ thanks
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.clock import Clock
from bot.db.turns import Feedback
from bot.failures import SlackError, own_up
from bot.render.answers import plain_message
from bot.render.blocks import FEEDBACK
from bot.render.catalogues import N_, gettext
from bot.render.people import REASON, Judged, clicked_verdict, given_reason, judged_in, reason_view
from bot.slack.client import SlackGateway
from bot.slack.modals import Click, on_click

log = logging.getLogger("chancery.feedback")

GONE = N_("This answer is no longer kept, so that nothing can be noted about it.")
THANKS = N_("Thank you, noted as helpful.")
NOTED = N_("Thank you, noted as not helpful.")
REASON_KEPT = N_("Thank you. What you wrote is kept with the answer, for whoever runs me.")


class FeedbackService:
    """Takes clicks on *Helpful* and *Not helpful*, and the reasons given in the modal."""

    def __init__(self, feedback: Feedback, slack: SlackGateway, clock: Clock) -> None:
        self._feedback = feedback
        self._slack = slack
        self._clock = clock

    def clicked(self, click: Click) -> None:
        """Keep a verdict; never raises."""
        tell = self._teller(_judged("", click), click.user)
        self._owning_up(lambda: self._judge(click, tell), tell)

    def reason_sent(self, view: Mapping[str, Any], person: str) -> None:
        """Keep the reason of a submitted modal; never raises."""
        judged = judged_in(view)
        tell = self._teller(judged, person)

        def keep() -> None:
            reason = given_reason(view)
            if not self._feedback.record(judged.turn_id, person, False, reason, self._clock()):
                tell(gettext(GONE))
            else:
                tell(gettext(REASON_KEPT if reason else NOTED))

        self._owning_up(keep, tell)

    def reason_skipped(self, view: Mapping[str, Any], person: str) -> None:
        """Thank whoever closed the modal without a word; never raises."""
        tell = self._teller(judged_in(view), person)
        self._owning_up(lambda: tell(gettext(NOTED)), tell)

    def _judge(self, click: Click, tell: Callable[[str], None]) -> None:
        judged = clicked_verdict(click.value)
        if judged is None:
            log.debug("a feedback button without a verdict")
            return
        helpful, turn_id = judged
        if not self._feedback.has_turn(turn_id):
            tell(gettext(GONE))
            return
        # A modal must be opened within three seconds of the click; keeping the verdict can wait.
        asked = not helpful and self._ask_why(_judged(turn_id, click), click)
        if not self._feedback.record(turn_id, click.user, helpful, None, self._clock()):
            tell(gettext(GONE))
        elif not asked:
            tell(gettext(THANKS if helpful else NOTED))

    def _ask_why(self, judged: Judged, click: Click) -> bool:
        """Open the modal; a verdict is kept without it all the same."""
        try:
            self._slack.open_view(click.trigger_id, reason_view(judged))
        except SlackError as error:
            log.info("no reason asked for: %s", error)
            return False
        return True

    def _teller(self, judged: Judged, person: str) -> Callable[[str], None]:
        def tell(text: str) -> None:
            if judged.response_url is None:
                self._slack.tell(judged.channel, person, judged.thread, text)
                return
            try:
                self._slack.respond(judged.response_url, plain_message(text))
            except SlackError as error:
                # A modal can stand open for longer than Slack takes answers there.
                log.info("thanks go into a direct message: %s", error)
                direct = self._slack.direct_channel(person)
                self._slack.post(direct, None, [plain_message(text)])

        return tell

    @staticmethod
    def _owning_up(work: Callable[[], None], tell: Callable[[str], None]) -> None:
        try:
            work()
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, tell)


def _judged(turn_id: str, click: Click) -> Judged:
    url = click.response_url if click.alone else None
    return Judged(turn_id, click.channel or "", click.thread_ts, url)


def register(app: App, feedback: FeedbackService) -> None:
    def reason_sent(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        feedback.reason_sent(view, str(body["user"]["id"]))

    def reason_skipped(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        feedback.reason_skipped(view, str(body["user"]["id"]))

    on_click(app, FEEDBACK, feedback.clicked)
    app.view(REASON)(reason_sent)
    app.view_closed(REASON)(reason_skipped)

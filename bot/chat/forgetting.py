"""Forgetting in Slack: what is kept is told to the person alone, who confirms; then it is deleted.

“forget me” ─▶ what is kept, a danger button ─ confirmed click ─▶ deleted ─▶ what was deleted
“forget this conversation” ─▶ the turns of the thread are deleted ─▶ how many
"""

from __future__ import annotations

from collections.abc import Callable

from bot.clock import Clock
from bot.commands.intents import Forget
from bot.db.audit import Audit
from bot.db.retention import Forgetting
from bot.failures import SlackError, own_up
from bot.records import SOMEBODY
from bot.render.answers import plain_message
from bot.render.people import conversation_forgotten, forget_question, forgotten
from bot.slack.client import SlackGateway
from bot.slack.destinations import Destination
from bot.slack.events import Asked, Place
from bot.slack.modals import Click


class ForgettingService:
    """Answers whoever wants to be forgotten, in a channel without others seeing it.

    `changed` is called with a person of whom nothing is left to suggest.
    """

    def __init__(
        self,
        forgetting: Forgetting,
        audit: Audit,
        slack: SlackGateway,
        clock: Clock,
        changed: Callable[[str], None] = lambda person: None,
    ) -> None:
        self._forgetting = forgetting
        self._audit = audit
        self._slack = slack
        self._clock = clock
        self._changed = changed

    def answer(self, request: Forget, asked: Asked, destination: Destination) -> None:
        """Ask whether all is to be deleted, or forget the conversation at once."""
        if not request.conversation:
            destination.show_privately(forget_question(self._forgetting.kept(asked.user)))
            return
        # Others took part in a thread of a channel; a talk shown to one person alone is theirs.
        shared = asked.place is Place.CHANNEL and asked.response_url is None
        turns = self._forgetting.forget_conversation(
            asked.conversation, asked.user if shared else None
        )
        destination.show_privately(conversation_forgotten(turns, shared=shared))
        if asked.place is Place.DIRECT and asked.response_url is None:
            self._slack.session(asked.channel, asked.reply_to or asked.ts, "closed")

    def confirmed(self, click: Click) -> None:
        """Delete what is kept about whoever clicked; never raises."""
        try:
            found = self._forgetting.forget(click.user)
            if found.any:
                how = "by their own wish"
                self._audit.record(SOMEBODY, "person forgotten", SOMEBODY, how, self._clock())
            # In the place of the question, whose button has done its work.
            self._slack.respond(_answer_to(click), forgotten(found), replace_original=True)
            self._changed(click.user)
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, lambda text: self._slack.respond(_answer_to(click), plain_message(text)))


def _answer_to(click: Click) -> str:
    """Where a click on a message is answered; every one of them says where."""
    if click.response_url is None:
        raise SlackError("a click on a message came without a response URL")
    return click.response_url

"""Where a reply goes: into a thread or direct message for all there, or to one person alone.

Asked ─▶ destination_of ─▶ Thread (chat.postMessage) | Alone (the response URL of a command)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import SlackError
from bot.rendering.answer_blocks import plain_message
from bot.rendering.rich_text import Message
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked, Place


class Destination(Protocol):
    """Takes replies; `shows_pictures` tells whether uploaded pictures can stand in them."""

    @property
    def shows_pictures(self) -> bool: ...

    def status(self, shown: str) -> None:
        """Show what is being done; an empty text ends it."""

    def say(self, messages: Sequence[Message]) -> str | None:
        """Post messages in order.

        Returns "channel:ts" of the first, None where Slack gives no name to what only one sees.
        """

    def say_privately(self, text: str) -> None:
        """Tell only whoever asked."""


def destination_of(asked: Asked, slack: SlackGateway) -> Destination:
    """Where the reply to what was asked belongs."""
    if asked.response_url is not None:
        return Alone(slack, asked.response_url)
    return Thread(slack, asked)


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread in which something was asked, or the direct message."""

    slack: SlackGateway
    asked: Asked

    @property
    def shows_pictures(self) -> bool:
        return True

    def status(self, shown: str) -> None:
        asked = self.asked
        self.slack.show_status(asked.channel, asked.reply_to or asked.ts, shown)

    def say(self, messages: Sequence[Message]) -> str | None:
        asked = self.asked
        return f"{asked.channel}:{self.slack.post(asked.channel, asked.reply_to, messages)}"

    def say_privately(self, text: str) -> None:
        asked = self.asked
        if asked.place is Place.DIRECT:
            self.slack.post(asked.channel, asked.reply_to, [plain_message(text)])
        else:
            self.slack.tell(asked.channel, asked.user, asked.reply_to, text)


@dataclass(frozen=True, slots=True)
class Alone:
    """Whoever gave a command: what is said to them nobody else sees."""

    slack: SlackGateway
    response_url: str

    @property
    def shows_pictures(self) -> bool:
        return False

    def status(self, shown: str) -> None:
        """Slack shows none to one person alone."""

    def say(self, messages: Sequence[Message]) -> str | None:
        if not messages:
            raise SlackError("nothing to say")
        for message in messages:
            self.slack.respond(self.response_url, message)
        return None

    def say_privately(self, text: str) -> None:
        self.slack.respond(self.response_url, plain_message(text))

"""Where a reply goes: into a thread or direct message for all there, or to one person alone.

Asked ─▶ destination_of ─▶ Thread (chat.postMessage) | Alone (the response URL of a command)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import SlackError
from bot.rendering.answer_blocks import plain_message
from bot.rendering.rich_text import Message, share, with_button
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked, Place
from bot.slack.streaming import GrowingMessage

log = logging.getLogger("chancery.slack")

MOST_ALONE = 4
"""Messages that are shown to one person alone: Slack takes five in all, and one may be needed to
say that something failed."""
DIRECTLY = "our direct conversation"


class Growing(Protocol):
    """A reply that appears piece by piece; places are "channel:ts"."""

    @property
    def streamed(self) -> int:
        """Characters that stand there and that the end can rely on."""

    def say(self, markdown: str) -> None: ...

    def end(self, below: Callable[[int], Sequence[Message]]) -> str:
        """Finish it with what belongs under so many characters; for 0, with all of it."""

    def replace(self, messages: Sequence[Message]) -> str: ...

    def withdraw(self) -> None: ...


class Destination(Protocol):
    """Takes replies; `shows_pictures` tells whether uploaded pictures can stand in them, `alone`
    whether only one person sees them."""

    @property
    def shows_pictures(self) -> bool: ...

    @property
    def alone(self) -> bool: ...

    def status(self, shown: str) -> None:
        """Show what is being done; an empty text ends it."""

    def say(self, messages: Sequence[Message], turn: str | None = None) -> str | None:
        """Post messages in order; `turn` is the recorded turn that they say, where there is one.

        Returns "channel:ts" of the first, None where Slack gives no name to what only one sees.
        """

    def growing(self) -> Growing | None:
        """A reply that appears piece by piece; None where replies only come whole."""

    def say_privately(self, text: str) -> None:
        """Tell only whoever asked."""

    def show_privately(self, message: Message) -> None:
        """Show a message only to whoever asked."""


def destination_of(asked: Asked, slack: SlackGateway) -> Destination:
    """Where the reply to what was asked belongs."""
    if asked.response_url is not None:
        return Alone(slack, asked)
    return Thread(slack, asked)


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread in which something was asked, or the direct message."""

    slack: SlackGateway
    asked: Asked

    @property
    def shows_pictures(self) -> bool:
        return True

    @property
    def alone(self) -> bool:
        return False

    def status(self, shown: str) -> None:
        asked = self.asked
        self.slack.show_status(asked.channel, asked.reply_to or asked.ts, shown)

    def say(self, messages: Sequence[Message], turn: str | None = None) -> str | None:
        asked = self.asked
        posted = self.slack.post(asked.channel, asked.reply_to, messages, asked.key)
        return f"{asked.channel}:{posted}"

    def growing(self) -> Growing | None:
        return GrowingMessage(self.slack, self.asked)

    def say_privately(self, text: str) -> None:
        asked = self.asked
        if asked.place is Place.DIRECT:
            self.slack.post(asked.channel, asked.reply_to, [plain_message(text)])
        else:
            self.slack.tell(asked.channel, asked.user, asked.reply_to, text)

    def show_privately(self, message: Message) -> None:
        asked = self.asked
        if asked.place is Place.DIRECT:
            self.slack.post(asked.channel, asked.reply_to, [message])
        else:
            self.slack.show(asked.channel, asked.user, asked.reply_to, message)


@dataclass(frozen=True, slots=True)
class Alone:
    """Whoever gave a command: what is said to them nobody else sees.

    What Slack does not take there any more (30 minutes, five times) goes into a direct message.
    What a turn says can be shared with the channel.
    """

    slack: SlackGateway
    asked: Asked

    @property
    def shows_pictures(self) -> bool:
        return False

    @property
    def alone(self) -> bool:
        return True

    def status(self, shown: str) -> None:
        """Slack shows none to one person alone."""

    def say(self, messages: Sequence[Message], turn: str | None = None) -> str | None:
        if not messages:
            raise SlackError("nothing to say")
        shown = list(messages)
        if turn is not None:
            shown[-1] = with_button(shown[-1], share(turn, self.asked.channel))
        if len(shown) > MOST_ALONE:
            rest = plain_message(f"{len(shown) - MOST_ALONE + 1} more messages: see {DIRECTLY}.")
            self._respond([*shown[: MOST_ALONE - 1], rest])
            self._write_directly(shown[MOST_ALONE - 1 :])
        else:
            self._respond(shown)
        return None

    def growing(self) -> Growing | None:
        return None

    def say_privately(self, text: str) -> None:
        self.say([plain_message(text)])

    def show_privately(self, message: Message) -> None:
        self.say([message])

    def _respond(self, messages: Sequence[Message]) -> None:
        assert self.asked.response_url is not None
        for position, message in enumerate(messages):
            try:
                self.slack.respond(self.asked.response_url, message)
            except SlackError as error:
                log.info("an answer to a command goes into a direct message: %s", error)
                self._write_directly(messages[position:])
                break

    def _write_directly(self, messages: Sequence[Message]) -> None:
        self.slack.post(self.slack.direct_channel(self.asked.user), None, messages)

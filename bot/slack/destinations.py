"""Where a reply goes: into a thread or direct message for all there, or to one person alone.

    Asked ─▶ destination_of ─▶ Thread (chat.postMessage) | Alone (the response URL of a command)

In a thread a reply may grow while its sentences are checked:

    say ─▶ chat.startStream, chat.appendStream …   each text once, never a second time
    end ─┬─ the stream took everything ─▶ chat.stopStream with the blocks that stand below
         └─ it expired or stumbled ─────▶ chat.stopStream, chat.update to the whole message

A call that failed without an answer may have been carried out all the same, so that no text is
appended twice: the stream is given up, and the end puts the whole message in its place. The
helper of `slack_sdk` (`chat_stream`) is not used, since it appends through a client that repeats
calls, holds sentences back until it has 256 characters, and cannot replace what it streamed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.failures import SlackError, SlackRefused
from bot.render.answers import plain_message
from bot.render.blocks import Message, share, with_button
from bot.slack.client import SlackGateway
from bot.slack.events import Asked, Place

log = logging.getLogger("chancery.slack")

MOST_STREAMED = 8_000
"""Characters of a streamed text; what Slack takes for a message must hold the citations too."""
MOST_ALONE = 4
"""Messages that are shown to one person alone: Slack takes five in all, and one may be needed to
say that something failed."""
DIRECTLY = "our direct conversation"
_LOOKED_AT = 200
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread in which something was asked, or the direct message.

    `shows_pictures` tells whether uploaded pictures can stand in a reply, `alone` whether only one
    person sees it.
    """

    slack: SlackGateway
    asked: Asked

    @property
    def shows_pictures(self) -> bool:
        return True

    @property
    def alone(self) -> bool:
        return False

    def status(self, shown: str) -> None:
        """Show what is being done; an empty text ends it."""
        asked = self.asked
        self.slack.show_status(asked.channel, asked.reply_to or asked.ts, shown)

    def say(self, messages: Sequence[Message], turn: str | None = None) -> str | None:
        """Post messages in order; `turn` is the recorded turn that they say, where there is one.

        Returns "channel:ts" of the first, None where Slack gives no name to what only one sees.
        """
        asked = self.asked
        posted = self.slack.post(asked.channel, asked.reply_to, messages, asked.key)
        return f"{asked.channel}:{posted}"

    def growing(self) -> Growing | None:
        """A reply that appears piece by piece; None where replies only come whole."""
        return Growing(self.slack, self.asked)

    def say_privately(self, text: str) -> None:
        """Tell only whoever asked."""
        self.show_privately(plain_message(text))

    def show_privately(self, message: Message) -> None:
        """Show a message only to whoever asked."""
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


Destination = Thread | Alone
"""Takes replies."""


def destination_of(asked: Asked, slack: SlackGateway) -> Destination:
    """Where the reply to what was asked belongs."""
    if asked.response_url is not None:
        return Alone(slack, asked)
    return Thread(slack, asked)


class Growing:
    """A reply that appears piece by piece: one message in the thread of what was asked.

    Used by one thread at a time; places are "channel:ts".
    """

    def __init__(self, slack: SlackGateway, asked: Asked) -> None:
        self._slack = slack
        self._asked = asked
        self._ts: str | None = None
        self._length = 0
        self._given_up = False

    @property
    def streamed(self) -> int:
        """Characters that stand in Slack; 0 where the end will have to say everything."""
        return 0 if self._given_up else self._length

    def say(self, markdown: str) -> None:
        """Append a text that has been escaped already; once something failed, nothing more."""
        if self._given_up:
            return
        if self._length + len(markdown) > MOST_STREAMED:
            self._given_up = True
            return
        try:
            if self._ts is None:
                self._ts = self._begun(markdown)
            else:
                self._slack.append_stream(self._asked.channel, self._ts, markdown)
        except SlackError as error:
            log.info("a stream is given up: %s", error)
            self._given_up = True
        else:
            self._length += len(markdown)

    def end(self, below: Callable[[int], Sequence[Message]]) -> str:
        """Finish the message; returns its place as "channel:ts".

        `below` gives what stands under so many streamed characters, and the whole for 0. What
        does not fit into the first message is posted after it.
        """
        if self._ts is None or self._given_up:
            return self.replace(below(0))
        messages = below(self._length)
        try:
            asked = self._asked
            self._slack.stop_stream(asked.channel, self._ts, messages[0], asked.key)
        except SlackError as error:
            log.info("a stream could not be ended with what belongs below: %s", error)
            # One that has expired has ended; one that Slack fails at is ended once more.
            return self._replace(below(0), ended=_has_ended(error))
        self._post_rest(messages)
        return self._place

    def replace(self, messages: Sequence[Message]) -> str:
        """Put something else in the place of what was streamed; returns where that stands."""
        if self._ts is None:
            return self._post(messages)
        return self._replace(messages, ended=False)

    def withdraw(self) -> None:
        """Take back what was said, where nothing whole will follow; failing that it stays."""
        if self._ts is None:
            return
        self._stop()
        self._delete()

    @property
    def _place(self) -> str:
        return f"{self._asked.channel}:{self._ts}"

    def _begun(self, markdown: str) -> str:
        asked = self._asked
        thread = asked.reply_to or asked.ts
        try:
            return self._slack.start_stream(asked.channel, thread, markdown, asked.user, asked.team)
        except SlackRefused:
            raise
        except SlackError:
            # It may stand there all the same, and would stay as half an answer.
            self._ts = self._found(thread, markdown)
            raise

    def _found(self, thread: str, markdown: str) -> str | None:
        """A message of a bot in the thread that begins as what was to be streamed."""
        wanted = _letters(markdown)[:_LOOKED_AT]
        try:
            messages = self._slack.thread(self._asked.channel, thread)
        except SlackError as error:
            log.info("a stream that may have begun could not be looked for: %s", error)
            return None
        for message in reversed(messages):
            later = message.get("bot_id") and float(message["ts"]) > float(self._asked.ts)
            if later and _letters(str(message.get("text") or "")).startswith(wanted):
                return str(message["ts"])
        return None

    def _replace(self, messages: Sequence[Message], *, ended: bool) -> str:
        assert self._ts is not None
        if not ended:
            self._stop()
        try:
            self._slack.update(self._asked.channel, self._ts, messages[0])
        except SlackRefused as error:
            # It streams still, or somebody deleted it: a new message says everything.
            log.info("a streamed message could not be replaced: %s", error)
            self._delete()
            return self._post(messages)
        self._post_rest(messages)
        return self._place

    def _stop(self) -> None:
        """End the stream as it is; one that has ended is refused, which is as good."""
        assert self._ts is not None
        try:
            self._slack.stop_stream(self._asked.channel, self._ts, None)
        except SlackError as error:
            log.info("a stream had ended: %s", error)

    def _delete(self) -> None:
        assert self._ts is not None
        try:
            self._slack.delete(self._asked.channel, self._ts)
        except SlackError as error:
            log.info("a broken answer could not be taken back: %s", error)
        self._ts = None

    def _post(self, messages: Sequence[Message]) -> str:
        asked = self._asked
        posted = self._slack.post(asked.channel, asked.reply_to, messages, asked.key)
        return f"{asked.channel}:{posted}"

    def _post_rest(self, messages: Sequence[Message]) -> None:
        if len(messages) > 1:
            self._post(messages[1:])


def _has_ended(error: SlackError) -> bool:
    return isinstance(error, SlackRefused) and error.reason == "message_not_in_streaming_state"


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text)

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
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.failures import SlackError, SlackRefused, WorkStopped
from bot.render.answers import plain_message
from bot.render.blocks import Message, share, with_button
from bot.render.catalogues import N_, carried, gettext, ngettext
from bot.slack.client import Plan, SlackGateway
from bot.slack.events import Asked, Place
from bot.slack.pacing import Meanwhile

log = logging.getLogger("chancery.slack")

MOST_STREAMED = 8_000
"""Characters of a streamed text; what Slack takes for a message must hold the citations too."""
MOST_ALONE = 4
"""Messages that are shown to one person alone: Slack takes five in all, and one may be needed to
say that something failed."""
_LOOKED_AT = 200
_NO_LETTERS = re.compile(r"[\W_]+")


THINKING_AFTER_SECONDS = 2.0
_TASKS = (
    N_("Searching and reading the sources"),
    N_("Checking every sentence"),
    N_("Writing it down"),
)


class Thinking:
    """Shows what is done for somebody once it takes long, and ends it where they want no more.

        within two seconds ─▶ nothing
        later ─▶ agent session processing, with its button to stop ─▶ a plan of tasks in the thread
        before the answer is posted ─▶ the plan is taken away, so that the answer notifies

    Entered around the work by one thread; any thread may `stop` it.
    """

    def __init__(
        self,
        slack: SlackGateway,
        asked: Asked,
        title: Callable[[], str],
        after: float = THINKING_AFTER_SECONDS,
    ) -> None:
        self._slack = slack
        self._asked = asked
        self._title = title
        self._plan = Plan("", tuple(map(gettext, _TASKS)))
        self._meanwhile = Meanwhile(after, carried(self._begin))
        self._lock = threading.Lock()
        self._ts: str | None = None
        self._processing = False
        self._over = False
        self._stopped = threading.Event()

    def __enter__(self) -> Thinking:
        self._meanwhile.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._meanwhile.__exit__(*raised)
        self._take_away()
        if self._processing:
            self._slack.session(self._asked.channel, self._thread, "active")

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let nothing more be said."""
        self._stopped.set()

    def go_on(self, *done: str) -> None:
        """The first tasks are done, with what came of them; WorkStopped where no more is wanted."""
        if self.stopped:
            raise WorkStopped("no more is wanted")
        with self._lock:
            self._plan = replace(self._plan, done=done)
            if self._ts is not None and done:
                try:
                    self._slack.append_plan(self._asked.channel, self._ts, self._plan)
                except SlackError as error:
                    log.info("a plan is not followed: %s", error)

    def end(self) -> None:
        """Make room for what is said now; WorkStopped where no more is wanted."""
        self._take_away()
        self.go_on()

    @property
    def _thread(self) -> str:
        return self._asked.reply_to or self._asked.ts

    def _begin(self) -> None:
        asked = self._asked
        with self._lock:
            if self._over or self.stopped or not self._slack.is_free(asked.channel):
                return
            self._processing = True
            self._plan = replace(self._plan, title=self._title() or gettext("An answer"))
            self._slack.session(
                asked.channel, self._thread, "processing", asked.user, self._plan.title
            )
            self._ts = self._slack.start_plan(
                asked.channel, self._thread, asked.user, asked.team, self._plan
            )

    def _take_away(self) -> None:
        with self._lock:
            self._over = True
            channel, ts, self._ts = self._asked.channel, self._ts, None
        if ts is None:
            return
        try:
            self._slack.delete(channel, ts)
        except SlackError as error:
            log.info("a plan is ended before it is taken away: %s", error)
            try:
                self._slack.stop_stream(channel, ts, None)
                self._slack.delete(channel, ts)
            except SlackError as failure:
                log.info("a plan stays: %s", failure)


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread in which something was asked, or the direct message.

    `shows_pictures` tells whether uploaded pictures can stand in a reply, `alone` whether only one
    person sees it.
    """

    slack: SlackGateway
    asked: Asked
    thinking: Thinking | None = None

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
        if self.thinking is not None:
            self.thinking.end()
        posted = self.slack.post(asked.channel, asked.reply_to, messages, asked.key)
        return f"{asked.channel}:{posted}"

    def growing(self) -> Growing | None:
        """A reply that appears piece by piece; None where replies only come whole."""
        return Growing(self.slack, self.asked, self.thinking)

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
    thinking: Thinking | None = None

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
            left = len(shown) - MOST_ALONE + 1
            more = ngettext(
                "{count} more message: see our direct conversation.",
                "{count} more messages: see our direct conversation.",
                left,
            )
            self._respond([*shown[: MOST_ALONE - 1], plain_message(more)])
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


def destination_of(
    asked: Asked, slack: SlackGateway, thinking: Thinking | None = None
) -> Destination:
    """Where the reply to what was asked belongs."""
    if asked.response_url is not None:
        return Alone(slack, asked)
    return Thread(slack, asked, thinking)


class Growing:
    """A reply that appears piece by piece: one message in the thread of what was asked.

    Used by one thread at a time; places are "channel:ts".
    """

    def __init__(self, slack: SlackGateway, asked: Asked, thinking: Thinking | None = None) -> None:
        self._slack = slack
        self._asked = asked
        self._thinking = thinking
        self._ts: str | None = None
        self._length = 0
        self._given_up = False

    @property
    def stopped(self) -> bool:
        """Whether whoever asked wants no more."""
        return self._thinking is not None and self._thinking.stopped

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
        if self._thinking is not None:
            self._thinking.end()
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
        if self._thinking is not None and not self.stopped:
            self._thinking.end()
        posted = self._slack.post(asked.channel, asked.reply_to, messages, asked.key)
        return f"{asked.channel}:{posted}"

    def _post_rest(self, messages: Sequence[Message]) -> None:
        if len(messages) > 1:
            self._post(messages[1:])


def _has_ended(error: SlackError) -> bool:
    return isinstance(error, SlackRefused) and error.reason == "message_not_in_streaming_state"


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text)

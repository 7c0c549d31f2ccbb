"""Calling Slack's Web API: paced by channel, repeated after the time Slack asks for.

    call ─▶ place in its channel's pace ─▶ request ─┬─▶ answer
                  ▲                                 ├─ 429 ─▶ the channel pauses so long ─┐
                  │                                 ├─ 5xx, no answer ─▶ a moment ────────┤
                  └─────────────────────────────────┴─────────────────────────────────────┘

Slack's rule for chat.postMessage is one message a second in each channel, with short bursts
tolerated; a request that comes too soon is answered 429 with the seconds to wait. Both are kept
by channel, so that a busy channel never slows another. How long a call may wait, and whether it
may be repeated at all, is its `Patience`. Whoever waits gives way to others meanwhile, and is
woken when the process ends. Statuses are sent in the background, in order within their thread, so
that no answer waits for one. `Meanwhile` shows that something takes long, if it does.
"""

from __future__ import annotations

import functools
import logging
import math
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.failures import SlackError, SlackInterrupted, SlackRefused

log = logging.getLogger("chancery.slack")

# A burst that Slack tolerates: two questions at once, answered and with a second message each.
BURST = 4


class Pace:
    """When the next message of a channel may go. Any number of threads may ask.

    `a_minute` is how many messages a channel takes in a minute, 0 for any number.
    """

    def __init__(self, a_minute: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 60 / a_minute if a_minute else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._filled: dict[str, float] = {}
        self._paused: dict[str, float] = {}

    def reserve(self, channel: str) -> float:
        """Keep the next place for a message; the seconds to wait for it (generic cell rate)."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            filled = max(now, self._filled.get(channel, now))
            self._filled[channel] = filled + self._interval
            free = filled - (BURST - 1) * self._interval
            return max(0.0, free - now, self._paused.get(channel, now) - now)

    def is_free(self, channel: str) -> bool:
        """Whether a message could go now without taking the place of another."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            return channel not in self._paused and channel not in self._filled

    def pause(self, channel: str, seconds: float) -> None:
        """Keep still in a channel, since Slack asks for it; no burst comes right after."""
        with self._lock:
            until = self._clock() + seconds
            self._paused[channel] = max(until, self._paused.get(channel, until))
            used_up = until + (BURST - 1) * self._interval
            self._filled[channel] = max(used_up, self._filled.get(channel, used_up))

    def paused(self) -> frozenset[str]:
        """The channels that are to be left alone now."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            return frozenset(self._paused)

    def resumes(self) -> float | None:
        """In how many seconds the next pause ends."""
        with self._lock:
            now = self._clock()
            left = (until - now for until in self._paused.values())
            return min((seconds for seconds in left if seconds > 0), default=None)

    def _forget(self, now: float) -> None:
        for kept in (self._filled, self._paused):
            for channel in [one for one, until in kept.items() if until <= now]:
                del kept[channel]


# Slack takes some 150 ms for one, and fifty people may ask in one second.
SENDERS = 32
# Slack drops a status after two minutes, so that one that stays is shown again before.
STALE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a status says: beside our name, and as lines that take turns in the reply's place."""

    text: str
    lines: tuple[str, ...] = ()


@dataclass(slots=True)
class _Thread:
    waiting: deque[Shown] = field(default_factory=deque)
    last: Shown | None = None
    since: float = 0.0
    sending: bool = False


class Statuses:
    """Sends statuses one after another a thread, several threads at once.

    `send` is called with channel, thread and what is shown; it raises nothing.
    """

    def __init__(
        self, send: Callable[[str, str, Shown], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.Lock()
        self._threads: dict[tuple[str, str], _Thread] = {}
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="status")
        self._closed = False

    def show(self, channel: str, thread_ts: str, text: str, lines: Sequence[str] = ()) -> None:
        """Show a text soon, an empty one to clear it; what already shows is not sent again."""
        shown, key = Shown(text, tuple(lines)), (channel, thread_ts)
        with self._lock:
            held = self._threads.setdefault(key, _Thread())
            now = self._clock()
            fresh = now - held.since < STALE_SECONDS
            if self._closed or (held.last == shown and fresh):
                return
            # Of several that wait only the newest matters, but for the one that ends them.
            if text and held.waiting and held.waiting[-1].text:
                held.waiting.pop()
            held.waiting.append(shown)
            held.last, held.since = shown, now
            if held.sending:
                return
            held.sending = True
            self._pool.submit(self._run, key, held)

    def close(self) -> None:
        """Send what waits and end."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True)

    def _run(self, key: tuple[str, str], held: _Thread) -> None:
        while True:
            with self._lock:
                if not held.waiting:
                    held.sending = False
                    if held.last is not None and not held.last.text:
                        self._threads.pop(key, None)
                    return
                shown = held.waiting.popleft()
            self._send(*key, shown)


TIMEOUT_SECONDS = 30
_MOST_REPEATS = 4
# Slack's failures last seconds, where they are not outages.
_FAILURE_PAUSES = (0.5, 1.0, 2.0, 4.0)
# Slack always says how long; should it ever not.
_PAUSE_UNKNOWN = 1.0
# Messages count against a channel's one message a second.
_POSTING = frozenset(("chat.postMessage", "chat.startStream"))
# Slack takes no JSON for methods that only read, nor for this one about files.
_FORM_METHODS = frozenset(
    (
        "chat.getPermalink",
        "conversations.history",
        "conversations.info",
        "conversations.replies",
        "files.info",
        "users.info",
        "files.getUploadURLExternal",
    )
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call waits for Slack's limits, in seconds, and whether it is sent again after a
    failure that may have come after it was carried out."""

    limited: float
    repeated: bool


PATIENT = Patience(limited=300, repeated=True)
APPENDING = Patience(limited=5, repeated=False)
ONCE = Patience(limited=0, repeated=False)


class Caller:
    """Calls of one token.

    `giving_way` is entered while a call waits; `stopping` ends all waiting.
    """

    def __init__(
        self,
        client: WebClient,
        pace: Pace | None = None,
        giving_way: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._client = WebClient(
            token=client.token, base_url=client.base_url, timeout=TIMEOUT_SECONDS, ssl=client.ssl
        )
        # Repeating is done here, where nobody else has to wait for it.
        self._client.retry_handlers = []
        self._pace = pace or Pace(0)
        self._giving_way = giving_way
        self._stopping = threading.Event()
        self._ends_at = math.inf

    def is_free(self, channel: str) -> bool:
        """Whether nothing else is to be posted in a channel just now."""
        return self._pace.is_free(channel)

    def stop(self, seconds: float = 0.0) -> None:
        """Let nobody wait longer than so: what would ends with SlackInterrupted at once."""
        self._ends_at = time.monotonic() + seconds
        self._stopping.set()

    def call(self, method: str, arguments: dict[str, Any], patience: Patience = PATIENT) -> Any:
        """What a method answers.

        SlackRefused: nothing was done. Any other SlackError: it may have been done.
        """
        channel = str(arguments.get("channel") or "") if method in _POSTING else ""
        with self._giving_way():
            until = time.monotonic() + patience.limited
            for repeat in range(_MOST_REPEATS + 1):
                if channel:
                    self.wait(self._pace.reserve(channel))
                try:
                    return self._request(method, arguments)
                except SlackRefused as refused:
                    pause = refused.retry_after
                    if pause is None:
                        raise
                    # Who waits for nothing is told how long, and comes again by a clock of its own.
                    if channel and patience.limited:
                        self._pace.pause(channel, pause)
                    if repeat == _MOST_REPEATS or time.monotonic() + pause > until:
                        raise
                except SlackError:
                    if repeat == _MOST_REPEATS or not patience.repeated:
                        raise
                    pause = _FAILURE_PAUSES[repeat]
                self.wait(pause)
        raise AssertionError("unreachable")

    def wait(self, seconds: float) -> None:
        """Wait, unless the process ends before."""
        until = time.monotonic() + seconds
        if seconds <= 0 or not self._stopping.wait(seconds):
            return
        if until > self._ends_at:
            raise SlackInterrupted("The process ends while Slack lets us wait")
        time.sleep(max(0.0, until - time.monotonic()))

    def _request(self, method: str, arguments: dict[str, Any]) -> Any:
        form, body = (arguments, None) if method in _FORM_METHODS else (None, arguments)
        try:
            return self._client.api_call(method, data=form, json=body).data
        except SlackApiError as error:
            raise _refusal(method, error) from error
        except (SlackClientError, OSError) as error:
            raise SlackError(f"Slack could not be reached for {method}") from error


class Calling:
    """What calls the Web API; `_giving_way` is entered while it waits for anything else."""

    def __init__(
        self, caller: Caller, giving_way: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._caller = caller
        self._giving_way = giving_way

    def hurry(self, seconds: float = 0.0) -> None:
        """Wait for Slack no longer than so: whoever would ends with SlackInterrupted at once."""
        self._caller.stop(seconds)

    def _call(self, method: str, arguments: dict[str, Any], patience: Patience = PATIENT) -> Any:
        return self._caller.call(method, arguments, patience)


@functools.cache
def tls() -> ssl.SSLContext:
    """One context for all connections: to make one reads all known authorities, some 30 ms."""
    return ssl.create_default_context()


def _refusal(method: str, error: SlackApiError) -> SlackError:
    """What an answer without `ok` means: a refusal, unless Slack itself stumbled over it."""
    response = error.response
    reason = str(response.get("error", "an unknown error"))
    limited = response.status_code == 429 or reason in ("ratelimited", "rate_limited")
    # Slack's words for a failure of its own, after which the message may stand all the same.
    stumbled = reason in ("fatal_error", "internal_error", "service_unavailable", "request_timeout")
    if stumbled or (response.status_code >= 400 and not limited):
        return SlackError(f"Slack failed at {method}: {reason}")
    if not limited:
        return SlackRefused(method, reason)
    waiting = str(response.headers.get("Retry-After") or "")
    return SlackRefused(method, reason, float(waiting) if waiting.isdigit() else _PAUSE_UNKNOWN)


class Meanwhile:
    """`with Meanwhile(0.7, show_that_it_takes_a_moment): ...`

    `act` is called after so many seconds unless the block has ended by then; when the block has
    ended, `act` has ended too or is never called. That Slack does not take it is no error.
    """

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self._act = act
        self._timer = threading.Timer(seconds, self._in_between)
        self._timer.daemon = True

    def __enter__(self) -> Meanwhile:
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _in_between(self) -> None:
        try:
            self._act()
        except SlackError as error:
            log.info("nothing was shown in between: %s", error)

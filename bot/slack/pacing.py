"""How quickly Slack lets us post: a message a second in a channel, and pauses it asks for.

Slack's rule for chat.postMessage is one message a second in each channel, with short bursts
tolerated; a request that comes too soon is answered 429 with the seconds to wait. Both are kept
by channel, so that a busy channel never slows another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

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

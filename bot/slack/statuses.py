"""Statuses under threads, shown in the background and in order, so that no answer waits for one."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

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
        self,
        send: Callable[[str, str, Shown], None],
        clock: Callable[[], float] = time.monotonic,
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

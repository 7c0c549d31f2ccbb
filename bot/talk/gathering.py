"""What comes over time, gathered: whoever shows it takes all that has come while it was busy.

events ─ a thread reads them ─▶ queue ─▶ gathered ─▶ [event, …], [event], …
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


@dataclass(slots=True)
class _Reading(Generic[Item]):
    """Reads in a thread of its own until the end, an error, or nobody wants any more."""

    items: Iterator[Item]
    read: queue.Queue[Item | _End]
    unwanted: threading.Event

    def run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self.items:
                self.read.put(item)
                if self.unwanted.is_set():
                    break
        except BaseException as raised:
            error = raised
        finally:
            # Whoever writes must not write on for nobody.
            close = getattr(self.items, "close", None)
            if close is not None:
                close()
        self.read.put(_End(error))


def gathered(items: Iterator[Item], seconds: float) -> Iterator[list[Item]]:
    """Items in the runs in which they come, in order; what the iterator raises, after them.

    A run ends `seconds` after its first item, or with the last item of all.
    """
    read: queue.Queue[Item | _End] = queue.Queue()
    unwanted = threading.Event()
    reading = _Reading(items, read, unwanted)
    threading.Thread(target=reading.run, name="gathering", daemon=True).start()
    try:
        while True:
            run, end = _run(read, seconds)
            if run:
                yield run
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    finally:
        unwanted.set()


def _run(read: queue.Queue[Item | _End], seconds: float) -> tuple[list[Item], _End | None]:
    first = read.get()
    if isinstance(first, _End):
        return [], first
    run = [first]
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            item = read.get(timeout=left)
        except queue.Empty:
            break
        if isinstance(item, _End):
            return run, item
        run.append(item)
    return run, None

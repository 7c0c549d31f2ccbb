"""The walk that goes on while the bot serves: reading sources, following the store, delivering.

    read      the sources that are due                                     every minute
    follow    indexes, quotations, stories, alerts, corrections, in order  every few seconds
    deliver   due digests into the outbox, then the outbox into Slack      after each follow

In a running process each has a thread of its own. Before anything is delivered, what was read by
then is followed, so that a digest tells what is known when it is due; a first indexing of a large
corpus holds deliveries up for some minutes at most. What comes late by that says so, and what was
followed only afterwards is looked at by the next digest. Readers rather have a digest late and
whole than in time and empty, and rather in part than not at all.

`tick` does the whole walk once. A step that fails is logged with a reference, the same failure
once, and tried again the next time; it keeps no other step from being made. A long step calls
`go_on` between its batches, so that a process that is asked to stop need not wait for its end.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.failures import trace_of
from corpus.readers.limits import ReadingEnded, end_reading
from retrieval.errors import IndexUnavailable

log = logging.getLogger("chancery.monitoring")

READING_SECONDS = 60.0
FOLLOWING_SECONDS = 5.0
# What was missed while nothing ran is read before the first digest is made of it; a source that
# does not answer must not hold up digests for longer than this.
_FIRST_READING_SECONDS = 180.0
# What is being followed for longer no longer holds deliveries up. Digests look again at what was
# read up to ten minutes before the last one was posted, so this is to be less.
_LONGEST_BEHIND_SECONDS = 480.0
# A source that hangs is left to hang; nothing of it is lost, since its claim ends by itself.
_LAST_READING_SECONDS = 3.0


class Stopping(Exception):
    """The process has been asked to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk; what `run` returns, if anything, is how much it did."""

    name: str
    run: Callable[[datetime], int | None]


class Monitoring:
    """The steps of one process. A thread each may read, follow and deliver at the same time."""

    def __init__(
        self,
        reading: Sequence[Step] = (),
        following: Sequence[Step] = (),
        delivering: Sequence[Step] = (),
    ) -> None:
        self._reading = tuple(reading)
        self._following = tuple(following)
        self._delivering = tuple(delivering)
        self._stopping = threading.Event()
        self._failing: dict[str, tuple[type[Exception], str]] = {}

    def stop(self) -> None:
        """Make no further step, and end the one that is being made where it allows that."""
        self._stopping.set()

    def go_on(self, done: int = 0) -> None:
        """For the progress of long steps: raises Stopping once the walk is to stop."""
        if self._stopping.is_set():
            raise Stopping

    def read(self, now: datetime) -> None:
        """Ask the sources that are due."""
        self._walk(self._reading, now)

    def follow(self, now: datetime) -> None:
        """Bring up to the store whatever is derived from it."""
        self._walk(self._following, now)

    def deliver(self, now: datetime) -> None:
        """Post what is due."""
        self._walk(self._delivering, now)

    def tick(self, now: datetime) -> None:
        """The whole walk, once."""
        self.read(now)
        self.follow(now)
        self.deliver(now)

    def _walk(self, steps: Sequence[Step], now: datetime) -> None:
        for step in steps:
            if self._stopping.is_set():
                return
            try:
                if done := step.run(now):
                    log.info("%s: %d", step.name, done)
                if self._failing.pop(step.name, None) is not None:
                    log.info("%s works again", step.name)
            except (Stopping, ReadingEnded):
                return
            except Exception as error:  # The next steps, and the next walk, go on.
                self._tell(step, error)

    def _tell(self, step: Step, error: Exception) -> None:
        """Log a failure once, not at every walk that ends in the same."""
        same = (type(error), re.sub(r"\d+", "", str(error)))
        level = logging.DEBUG if self._failing.get(step.name) == same else logging.ERROR
        self._failing[step.name] = same
        if isinstance(error, IndexUnavailable):
            log.log(level, "%s failed: %s", step.name, error)
            return
        reference = uuid.uuid4().hex[:8]
        log.log(level, "%s failed, reference %s: %s", step.name, reference, trace_of(error))


class MonitoringThreads:
    """Runs the walk in three threads, so that a slow source holds up neither index nor digest,
    and a long indexing no digest."""

    def __init__(
        self,
        monitoring: Monitoring,
        clock: Clock,
        *,
        reading_seconds: float = READING_SECONDS,
        following_seconds: float = FOLLOWING_SECONDS,
        longest_behind_seconds: float = _LONGEST_BEHIND_SECONDS,
    ) -> None:
        """Deliveries wait for what is being followed for at most `longest_behind_seconds`."""
        self._monitoring = monitoring
        self._clock = clock
        self._reading_seconds = reading_seconds
        self._following_seconds = following_seconds
        self._longest_behind_seconds = longest_behind_seconds
        self._stopping = threading.Event()
        self._have_read = threading.Event()
        self._rounds = _Rounds()
        self._followed_at: datetime | None = None
        self._reader = threading.Thread(target=self._read, name="sources", daemon=True)
        self._follower = threading.Thread(target=self._follow, name="monitoring", daemon=True)
        self._deliverer = threading.Thread(target=self._deliver, name="deliveries", daemon=True)

    def followed_at(self) -> datetime | None:
        """When a round of following last ended; None before the first."""
        return self._followed_at

    def start(self) -> None:
        self._reader.start()
        self._follower.start()
        self._deliverer.start()

    def stop(self) -> None:
        """Ends when what is being followed or delivered has ended; a source may go on to hang."""
        self._stopping.set()
        self._monitoring.stop()
        end_reading()
        self._have_read.set()
        self._rounds.close()
        for thread in (self._follower, self._deliverer):
            if thread.is_alive():
                thread.join()
        if self._reader.is_alive():
            self._reader.join(_LAST_READING_SECONDS)

    def _read(self) -> None:
        while not self._stopping.is_set():
            self._monitoring.read(self._clock())
            self._have_read.set()
            self._stopping.wait(self._reading_seconds)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            with self._rounds.one():
                self._monitoring.follow(self._clock())
            self._followed_at = self._clock()
            self._rounds.wait_to_go_on(self._following_seconds)

    def _deliver(self) -> None:
        self._have_read.wait(_FIRST_READING_SECONDS)
        while not self._stopping.is_set():
            # What was read by now is followed first.
            self._rounds.wait_for_one(self._longest_behind_seconds)
            if not self._stopping.is_set():
                self._monitoring.deliver(self._clock())


class _Rounds:
    """Rounds of following: one thread makes them, another waits for a whole one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._begun = self._ended = 0
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """A round, however it ends."""
        with self._changed:
            self._begun += 1
        try:
            yield
        finally:
            with self._changed:
                self._ended = self._begun
                self._changed.notify_all()

    def wait_to_go_on(self, seconds: float) -> None:
        """The pause between two rounds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)

    def wait_for_one(self, seconds: float) -> None:
        """Wait for the end of a round that begins from now on, but no longer than this."""
        with self._changed:
            wanted = self._begun + 1
            self._changed.wait_for(lambda: self._closed or self._ended >= wanted, seconds)

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

"""The walk that goes on while the bot serves: reading sources, following the store, delivering.

    read      the sources that are due                                     every minute
    follow    indexes, quotations, stories, alerts, corrections, in order  every few seconds
    deliver   due digests into the outbox, then the outbox into Slack      after each follow

`tick` does the whole walk once. A step that fails is logged with a reference and tried again the
next time; it keeps no other step from being made. A long step calls `go_on` between its batches,
so that a process that is asked to stop need not wait for its end.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.errors import trace_of

log = logging.getLogger("chancery.monitoring")

READING_SECONDS = 60.0
FOLLOWING_SECONDS = 5.0
# What was missed while nothing ran is read before the first digest is made of it; a source that
# does not answer must not hold up digests for longer than this.
_FIRST_READING_SECONDS = 180.0
# A source that hangs is left to hang; nothing of it is lost, since its claim ends by itself.
_LAST_READING_SECONDS = 10.0


class Stopping(Exception):
    """The process has been asked to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk; what `run` returns, if anything, is how much it did."""

    name: str
    run: Callable[[datetime], int | None]


class Monitoring:
    """The steps of one process. One thread may read while another follows and delivers."""

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
            except Stopping:
                return
            except Exception as error:  # The next steps, and the next walk, go on.
                reference = uuid.uuid4().hex[:8]
                log.error("%s failed, reference %s: %s", step.name, reference, trace_of(error))


class MonitoringThreads:
    """Runs the walk in two threads, so that a slow source holds up neither index nor digest."""

    def __init__(
        self,
        monitoring: Monitoring,
        clock: Clock,
        *,
        reading_seconds: float = READING_SECONDS,
        following_seconds: float = FOLLOWING_SECONDS,
    ) -> None:
        self._monitoring = monitoring
        self._clock = clock
        self._reading_seconds = reading_seconds
        self._following_seconds = following_seconds
        self._stopping = threading.Event()
        self._have_read = threading.Event()
        self._reader = threading.Thread(target=self._read, name="sources", daemon=True)
        self._follower = threading.Thread(target=self._follow, name="monitoring", daemon=True)

    def start(self) -> None:
        self._reader.start()
        self._follower.start()

    def stop(self) -> None:
        """Ends when what is being followed or delivered has ended; a source may go on to hang."""
        self._stopping.set()
        self._monitoring.stop()
        if self._follower.is_alive():
            self._follower.join()
        if self._reader.is_alive():
            self._reader.join(_LAST_READING_SECONDS)

    def _read(self) -> None:
        patience = threading.Timer(_FIRST_READING_SECONDS, self._have_read.set)
        patience.daemon = True
        patience.start()
        while not self._stopping.is_set():
            self._monitoring.read(self._clock())
            self._have_read.set()
            patience.cancel()
            self._stopping.wait(self._reading_seconds)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            # Asked before following, so that what was read first is followed first.
            deliver = self._have_read.is_set()
            self._monitoring.follow(self._clock())
            if deliver and not self._stopping.is_set():
                self._monitoring.deliver(self._clock())
            self._stopping.wait(self._following_seconds)

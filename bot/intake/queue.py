"""The queue of questions: workers that take whose turn it is, a bounded number at a time.

    put ──▶ WaitingLine ──▶ worker ──▶ answer(ticket) ──▶ finished
                              │  ▲
                              ▼  │ giving_way: waits for Slack, another computes meanwhile
                              └──┘

Only `places` workers compute at once; there are more of them, since one that waits for Slack gives
its place to another. Whoever comes back goes before whoever has not begun.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import trace_of
from bot.intake.waiting_line import Ticket, WaitingLine
from bot.slack.incoming import Asked
from bot.slack.pacing import Pace

log = logging.getLogger("chancery.queue")

# Most of them wait for Slack, of which one channel may keep a few waiting for half a minute.
WORKERS = 32
MOST_IN_CHANNEL = 6
# From one answer to the next while people wait, until that was seen often enough.
FIRST_GUESS_SECONDS = 0.3
_REMEMBERED = 20
# A channel that Slack paused is looked at again at least so often.
_LONGEST_WAIT = 1.0


class QuestionQueue:
    """Answers what is put in, in the order of a WaitingLine.

    `places` is how many answers are computed at once.
    """

    def __init__(
        self,
        places: int,
        pace: Pace,
        clock: Callable[[], float] = time.monotonic,
        workers: int = WORKERS,
    ) -> None:
        self._places = places
        self._pace = pace
        self._clock = clock
        lock = threading.Lock()
        # Each wakes only whom it concerns: of many idle workers one is enough for a question.
        self._free = threading.Condition(lock)
        self._back = threading.Condition(lock)
        self._ended = threading.Condition(lock)
        self._lock = lock
        self._line = WaitingLine(MOST_IN_CHANNEL)
        self._computing = 0
        self._returning = 0
        self._own = threading.local()
        self._intervals: deque[float] = deque(maxlen=_REMEMBERED)
        self._last_finished = clock()
        self._stopping = False
        self._answer: Callable[[Ticket], None] | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"answer-{number}", daemon=True)
            for number in range(1, workers + 1)
        ]

    def start(self, answer: Callable[[Ticket], None]) -> None:
        """Begin to answer; `answer` deals with one ticket and raises nothing."""
        self._answer = answer
        for thread in self._threads:
            thread.start()

    def put(
        self, asked: Asked, seconds: float = 0.0, *, settling: float = 0.0, again: bool = False
    ) -> Ticket | None:
        """Let a question wait for its turn, at least so many seconds; None once stopped.

        So long as it is `settling`, in seconds, those of its conversation that were written later
        wait too.
        """
        with self._lock:
            if self._stopping:
                return None
            now = self._clock()
            ticket = self._line.join(asked, now + seconds, now + settling, again)
            self._free.notify()
            return ticket

    def held(self) -> list[Asked]:
        """Everything that waits or is being answered."""
        with self._lock:
            return [ticket.asked for ticket in (*self._line.order(), *self._line.answering)]

    def positions(self) -> list[tuple[Ticket, int, float]]:
        """Those that wait, how many come before each, and in how many seconds each may begin."""
        with self._lock:
            now, each = self._clock(), self._expected_interval()
            return [
                (ticket, before, max((before + 1) * each, ticket.due - now))
                for before, ticket in enumerate(self._line.order())
            ]

    def stop(self, seconds: float) -> list[Asked]:
        """Answer what is in the works and what still can be begun in time; the rest is returned."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._stopping = True
            while self._line.answering or self._may_begin():
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    break
                self._ended.wait(remaining)
            left = [ticket.asked for ticket in (*self._line.clear(), *self._line.answering)]
            self._free.notify_all()
        return left

    def join(self, seconds: float) -> None:
        """Wait for the workers to end, once stopped."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """While a worker waits for somebody else, let another one compute."""
        if not getattr(self._own, "working", False):
            yield
            return
        with self._lock:
            self._leave_place()
        try:
            yield
        finally:
            with self._lock:
                self._returning += 1
                while self._computing >= self._places:
                    self._back.wait()
                self._returning -= 1
                self._computing += 1

    def _work(self) -> None:
        assert self._answer is not None
        while (taken := self._take()) is not None:
            ticket, begun = taken
            self._own.working = True
            try:
                self._answer(ticket)
            except Exception as error:  # One question must not end the worker of all others.
                log.error("an answer failed outside of its own care: %s", trace_of(error))
            finally:
                self._own.working = False
                with self._lock:
                    self._finished(ticket, begun)

    def _take(self) -> tuple[Ticket, float] | None:
        """Wait for the next that may be answered; None when there will be none."""
        with self._lock:
            while True:
                now = self._clock()
                if self._computing + self._returning < self._places:
                    ticket = self._line.next(now, self._pace.paused())
                    if ticket is not None:
                        self._computing += 1
                        if len(self._line):
                            self._free.notify()
                        return ticket, now
                if self._stopping and not len(self._line):
                    return None
                self._free.wait(self._seconds_to_wait(now))

    def _finished(self, ticket: Ticket, begun: float) -> None:
        now = self._clock()
        self._intervals.append(now - max(begun, self._last_finished))
        self._last_finished = now
        self._line.finished(ticket)
        self._leave_place()
        self._ended.notify_all()

    def _leave_place(self) -> None:
        self._computing -= 1
        if self._returning:
            self._back.notify()
        else:
            self._free.notify()

    def _may_begin(self) -> bool:
        """Whether something that waits is due and its channel open."""
        paused, now = self._pace.paused(), self._clock()
        return any(
            ticket.due <= now and ticket.asked.channel not in paused
            for ticket in self._line.order()
        )

    def _seconds_to_wait(self, now: float) -> float | None:
        """Until something may be taken without anybody saying so; None for however long."""
        if not len(self._line):
            return None
        due = self._line.next_due(now)
        waits = [_LONGEST_WAIT] if self._pace.resumes() is not None else []
        return min([*waits, *([due - now] if due is not None else [])], default=None)

    def _expected_interval(self) -> float:
        if len(self._intervals) < _REMEMBERED // 4:
            return FIRST_GUESS_SECONDS
        return sum(self._intervals) / len(self._intervals)

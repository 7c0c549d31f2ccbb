"""The queue of questions: what is taken in, whose turn it is, and who works on it.

    take ─ claim ─▶ allowed at once? ─▶ status, WaitingLine ─▶ worker ─▶ `handle` ─▶ finish
                         └─ asked a lot: later, and told so     │  ▲
                                                                └──┘ giving_way: waits for Slack
    every second     those who wait long are shown their position
    every 20 seconds what is held is renewed; what nobody renews any more is taken up

A listener's thread goes no further than the queue, so that Slack's acknowledgements and the first
status never wait behind an answer. Only `places` workers compute at once; there are more of them,
since one that waits for Slack gives its place to another, and comes back before whoever has not
begun.

Everybody's first question comes before anybody's second (rounds by person), and within a round
channels take turns (shares). Whoever comes later begins where the line has got to. Within a
conversation questions are answered one after another, in the order in which they were written; one
that others of its conversation wait for moves up with them. Of somebody who asks a lot no more
than so many are begun within any minute; when each may be begun follows from when all were asked,
so that every replica comes to the same from the database. None is left out.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.chat.follow_up import wants_only_attached
from bot.clock import Clock
from bot.commands.grammar import takes_a_moment
from bot.db.events import WORTH_ANSWERING, Claims, Unfinished
from bot.failures import SlackError, SlackInterrupted, own_up, trace_of
from bot.render.catalogues import N_, gettext, speaking
from bot.render.wording import INTERRUPTED, limited, position
from bot.slack.client import SlackGateway
from bot.slack.destinations import destination_of
from bot.slack.events import Asked, Place
from bot.slack.pacing import Pace

WINDOW = timedelta(minutes=1)
LOOKED_BACK = timedelta(hours=1)
"""Older questions do not count, however many there were."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a question waits, in seconds; `asked` is how many came within the last minute."""

    seconds: float
    asked: int


def delay(asked_at: Sequence[datetime], most: int) -> Delay | None:
    """The delay of the last of a person's questions; None where it may be begun at once.

    `most` may be begun within a minute, 0 stands for any number.
    """
    if not asked_at or most <= 0:
        return None
    ordered = sorted(asked_at)
    begun: list[datetime] = []
    for number, at in enumerate(ordered):
        free = begun[number - most] + WINDOW if number >= most else at
        begun.append(max(at, free))
    last = ordered[-1]
    if begun[-1] <= last:
        return None
    return Delay(
        seconds=(begun[-1] - last).total_seconds(), asked=sum(at > last - WINDOW for at in ordered)
    )


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the line; nothing is taken before it is `due` and `settled`, in seconds of a
    monotonic clock.

    Those behind it in its conversation wait until it is settled, but not until it is due. `again`
    marks what somebody claimed before and never finished.
    """

    asked: Asked
    due: float
    settled: float
    again: bool
    number: int
    round: int
    share: int

    @property
    def written(self) -> tuple[float, int]:
        """When it was written, by Slack's clock; what arrives late has its place all the same."""
        try:
            moment = float(self.asked.clicked or self.asked.ts)
        except ValueError:
            moment = math.inf
        return moment, self.number

    @property
    def turn(self) -> tuple[int, int, int]:
        """Its place in the line: round, share of its channel in the round, arrival."""
        return self.round, self.share, self.number


class WaitingLine:
    """Questions that wait, and those that are being answered.

    `most_in_channel` is how many of one channel may be in the works at once.
    """

    def __init__(self, most_in_channel: int) -> None:
        self._most_in_channel = most_in_channel
        self._waiting: dict[str, list[Ticket]] = defaultdict(list)
        self._answering: dict[str, Ticket] = {}
        self._numbers = itertools.count(1)
        self._round = 0
        self._rounds: dict[str, int] = {}
        self._share = 0
        self._shares: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def answering(self) -> tuple[Ticket, ...]:
        """Those that were taken and are not finished."""
        return tuple(self._answering.values())

    def join(
        self,
        asked: Asked,
        due: float,
        settled: float = 0.0,
        again: bool = False,
        *,
        quick: bool = False,
    ) -> Ticket:
        """Give a question its place; what is `quick` does not come behind its person's others."""
        own = self._round if quick else max(self._round, self._rounds.get(asked.user, 0) + 1)
        if not quick:
            self._rounds[asked.user] = own
        reached = self._share if own == self._round else 0
        share = max(reached, self._shares.get((own, asked.channel), -1) + 1)
        self._shares[own, asked.channel] = share
        ticket = Ticket(asked, due, settled, again, next(self._numbers), own, share)
        held = self._waiting[asked.conversation]
        held.append(ticket)
        held.sort(key=lambda one: one.written)
        return ticket

    def next(self, now: float, paused: Container[str] = ()) -> Ticket | None:
        """Take the one whose turn it is, if any may be taken; channels in `paused` wait."""
        busy = Counter(ticket.asked.channel for ticket in self._answering.values())
        behind: set[str] = set()
        for ticket, turn in self._in_order():
            asked = ticket.asked
            if ticket.due > now or asked.conversation in behind:
                # Whoever has to wait a while does not hold up others of the same conversation.
                continue
            behind.add(asked.conversation)
            if (
                ticket.settled <= now
                and asked.conversation not in self._answering
                and asked.channel not in paused
                and busy[asked.channel] < self._most_in_channel
            ):
                self._take(ticket, turn)
                return ticket
        return None

    def finished(self, ticket: Ticket) -> None:
        """Let the next of the conversation have its turn."""
        self._answering.pop(ticket.asked.conversation, None)
        if not self._waiting and not self._answering:
            self._rounds.clear()
            self._shares.clear()

    def order(self) -> list[Ticket]:
        """Those that wait, as they would be taken one at a time."""
        return [ticket for ticket, _ in self._in_order()]

    def next_due(self, now: float) -> float | None:
        """When the next may be taken that may not yet."""
        moments = [max(t.due, t.settled) for held in self._waiting.values() for t in held]
        return min((moment for moment in moments if moment > now), default=None)

    def clear(self) -> list[Ticket]:
        """Send away all that wait."""
        left = self.order()
        self._waiting.clear()
        return left

    def _in_order(self) -> list[tuple[Ticket, tuple[int, int, int]]]:
        """Those that wait with the turns that count for them, in order."""
        placed = []
        for held in self._waiting.values():
            turn = held[-1].turn
            for ticket in reversed(held):
                turn = min(turn, ticket.turn)
                placed.append((ticket, turn))
        return sorted(placed, key=lambda one: (one[1], one[0].written))

    def _take(self, ticket: Ticket, turn: tuple[int, int, int]) -> None:
        asked = ticket.asked
        held = self._waiting[asked.conversation]
        held.remove(ticket)
        if not held:
            del self._waiting[asked.conversation]
        self._answering[asked.conversation] = ticket
        round_, share, _ = turn
        if round_ == self._round:
            self._share = max(self._share, share)
        elif round_ > self._round:
            self._round, self._share = round_, share
            for old in [key for key in self._shares if key[0] < self._round]:
                del self._shares[old]
            for person in [one for one, last in self._rounds.items() if last < self._round]:
                del self._rounds[person]


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
        self,
        asked: Asked,
        seconds: float = 0.0,
        *,
        settling: float = 0.0,
        again: bool = False,
        quick: bool = False,
    ) -> Ticket | None:
        """Let a question wait for its turn, at least so many seconds; None once stopped.

        So long as it is `settling`, in seconds, those of its conversation that were written later
        wait too. `quick` is what takes no time, such as a setting.
        """
        with self._lock:
            if self._stopping:
                return None
            now = self._clock()
            ticket = self._line.join(asked, now + seconds, now + settling, again, quick=quick)
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


STATUS = N_("is reading the sources…")
WAITS = N_("waits a moment with this…")
# Nobody minds the few seconds of an answer; longer ones should say why.
LONG_WAIT_SECONDS = 5.0
FINISHING_SECONDS = 6.0
"""How long the end of the process waits for answers; what is left is taken up by the next."""
SETTLING_SECONDS = 0.2
"""Slack delivers what was written one after another side by side, above all what it repeats after
a reconnection; in so long what was written first has come too."""
_LEAVING_SECONDS = 3.0
_TELLERS = 2
_POSITION_SECONDS = 1.0
_RENEWED_EVERY = 20
_FORGOTTEN_EVERY = 3600


@dataclass(slots=True)
class _Limited:
    """A question that waits for its person's own limit, with how many they asked in a minute.

    `lines` tell why, renewed only when the `minutes` that are left have become fewer.
    """

    asked: Asked
    count: int
    minutes: int = 0
    lines: tuple[str, ...] = ()

    @property
    def shown_directly(self) -> bool:
        """Whether nobody but the asker reads the status."""
        return self.asked.place is Place.DIRECT and self.asked.response_url is None

    @property
    def place(self) -> tuple[str, str, bool]:
        """Whom it is told, and where."""
        return self.asked.user, self.asked.channel, self.asked.response_url is not None


def _settling(asked: Asked) -> float:
    """How long an earlier message of the same conversation may still be on its way, in seconds."""
    begins = asked.reply_to == asked.ts or asked.clicked is not None
    return 0.0 if begins or asked.response_url is not None else SETTLING_SECONDS


class Intake:
    """Takes questions in. Any number of threads may call `take`."""

    def __init__(
        self,
        claims: Claims,
        queue: QuestionQueue,
        slack: SlackGateway,
        clock: Clock,
        most_a_minute: int,
        locale_of: Callable[[str], str] = lambda person: "",
    ) -> None:
        """`locale_of` tells the locale of a person's profile as far as it is known by now."""
        self._claims = claims
        self._queue = queue
        self._slack = slack
        self._clock = clock
        self._most_a_minute = most_a_minute
        self._locale_of = locale_of
        self._answer: Callable[[Asked], None] | None = None
        # What each that waits was shown, by its key, with how many came before it then.
        self._shown: dict[str, tuple[int, str, tuple[str, ...]]] = {}
        # What its person's own limit holds back, by its key.
        self._limited: dict[str, _Limited] = {}
        self._telling = threading.Lock()
        # What has to be told while nobody may wait for Slack.
        self._beside = ThreadPoolExecutor(_TELLERS, thread_name_prefix="telling")
        self._stopping = threading.Event()
        self._keeping = threading.Thread(target=self._keep, name="intake", daemon=True)

    def start(self, answer: Callable[[Asked], None]) -> None:
        """Begin to answer, with what an earlier process left; `answer` may raise anything."""
        self._answer = answer
        self._queue.start(lambda ticket: self._deal_with(ticket.asked, ticket.again))
        self._guarded(lambda: self._take_up(own=True))
        self._keeping.start()

    def stop(self, seconds: float = FINISHING_SECONDS) -> None:
        """Finish what can be finished in time and leave the rest to whoever starts next."""
        self._stopping.set()
        self._slack.hurry(seconds)
        left = self._queue.stop(seconds)
        if left:
            log.info("%d questions are left to the next start", len(left))
        # Whoever still waits for Slack now gives up and leaves its question too.
        self._slack.hurry()
        self._queue.join(_LEAVING_SECONDS)
        self._guarded(lambda: self._claims.release(asked.key for asked in left))
        self._beside.shutdown(wait=True)
        if self._keeping.ident is not None:
            self._keeping.join()

    def take(self, asked: Asked) -> None:
        """Take in a message, or a click that stands for one, once; again it does nothing."""
        try:
            now = self._clock()
            if self._claims.claim(asked.key, now, asked):
                self._accept(asked)
            elif self._claims.take_over(asked.key, now):
                self._accept(asked, again=True)
            else:
                # As every mention in a channel is, once as such and once as a message.
                log.debug("delivered again, already dealt with")
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination_of(asked, self._slack).say_privately)
            with suppress(Exception):
                self._claims.finish(asked.key, self._clock())

    def _accept(self, asked: Asked, *, again: bool = False) -> None:
        wait = None if again else self._delay(asked)
        # To read what is asked takes longer than Slack waits for us while a process begins, so that
        # it is read only where it matters.
        quick = wait is not None and self._is_quick(asked)
        if quick:
            wait = None
        seconds = wait.seconds if wait else 0.0
        settling = _settling(asked)
        ticket = self._queue.put(asked, seconds, settling=settling, again=again, quick=quick)
        if ticket is None:
            self._claims.release([asked.key])
            return
        with speaking(self._locale_of(asked.user)):
            if wait is not None:
                log.info("a question waits %.0f seconds for its person's limit", wait.seconds)
                self._tell_limit(_Limited(asked, wait.asked), wait.seconds)
            elif asked.text:
                self._show_position(asked)

    def _tell_limit(self, held: _Limited, seconds: float) -> None:
        """Say to the asker alone why they wait: once for all that wait in one place."""
        asked = held.asked
        with self._telling:
            told = any(one.place == held.place for one in self._limited.values())
            self._limited[asked.key] = held
        if not held.shown_directly and (asked.response_url is not None or not told):
            self._tell_beside(asked, limited(held.count, seconds))
        self._show_limit(held, seconds)

    def _show_limit(self, held: _Limited, seconds: float) -> None:
        """Show that a question waits; in a channel everybody in the thread reads a status."""
        minutes = math.ceil(seconds / 60)
        if not held.minutes or minutes < held.minutes:
            held.minutes = minutes
            held.lines = (limited(held.count, seconds),) if held.shown_directly else ()
        self._show(held.asked, gettext(WAITS), held.lines)

    def _is_quick(self, asked: Asked) -> bool:
        """Whether it is a setting, a courtesy or a mere file, which no limit of questions holds
        back."""
        if wants_only_attached(asked):
            return True
        return not (asked.question or takes_a_moment(asked.text, self._clock()))

    def _delay(self, asked: Asked) -> Delay | None:
        if not self._most_a_minute:
            return None
        now = self._clock()
        return delay(self._claims.asked_by(asked.user, now - LOOKED_BACK), self._most_a_minute)

    def _deal_with(self, asked: Asked, again: bool) -> None:
        with speaking(self._locale_of(asked.user)):
            self._deal_with_spoken(asked, again)

    def _deal_with_spoken(self, asked: Asked, again: bool) -> None:
        assert self._answer is not None
        try:
            if again and self._stands_already(asked):
                log.info("what was interrupted had been answered already")
            else:
                if self._most_a_minute and self._is_quick(asked):
                    self._claims.discount(asked.key)
                self._answer(asked)
        except SlackInterrupted:
            log.info("a question is left to the next start")
            self._claims.release([asked.key])
            return
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination_of(asked, self._slack).say_privately)
        self._claims.finish(asked.key, self._clock())

    def _stands_already(self, asked: Asked) -> bool:
        """Whether the process that was interrupted had posted its answer."""
        if asked.response_url is not None:
            return False
        try:
            since = datetime.fromtimestamp(float(asked.clicked or asked.ts), UTC)
            found = self._slack.find_posted(
                asked.channel, asked.reply_to, asked.key, since - timedelta(seconds=1)
            )
        except (SlackError, ValueError) as error:
            # An answer that stands twice is better than none.
            log.warning("whether an answer stands could not be read: %s", error)
            return False
        return bool(found)

    def _take_up(self, *, own: bool = False) -> None:
        """Take up what nobody works on any more."""
        now = self._clock()
        for left in self._claims.unfinished(now, own=own):
            if self._claims.take_over(left.key, now, own=own):
                self._take_up_one(left, now)

    def _take_up_one(self, left: Unfinished, now: datetime) -> None:
        asked = left.asked
        if asked is not None and now - left.claimed_at <= WORTH_ANSWERING:
            log.info("a question of an interrupted process is taken up")
            self._accept(asked, again=True)
            return
        if asked is not None:
            log.info("a question of an interrupted process is too old to be answered")
            with speaking(self._locale_of(asked.user)):
                self._tell_beside(asked, gettext(INTERRUPTED))
        self._claims.finish(left.key, now)

    def _keep(self) -> None:
        """Show positions, renew claims and take up what was abandoned, until the end."""
        beats = 0
        while not self._stopping.wait(_POSITION_SECONDS):
            beats += 1
            self._guarded(self._show_positions)
            if beats % _RENEWED_EVERY == 0:
                self._guarded(self._renew)
                self._guarded(self._take_up)
            if beats % _FORGOTTEN_EVERY == 0:
                self._guarded(lambda: self._claims.forget_old(self._clock()))

    def _renew(self) -> None:
        self._claims.renew((asked.key for asked in self._queue.held()), self._clock())

    def _show_positions(self) -> None:
        """Show those that wait what holds them up, anew only where that has changed."""
        waiting = self._queue.positions()
        for ticket, before, seconds in waiting:
            asked, held = ticket.asked, self._shown.get(ticket.asked.key)
            if seconds <= LONG_WAIT_SECONDS or not asked.text:
                continue
            with speaking(self._locale_of(asked.user)):
                if limit := self._limited.get(asked.key):
                    self._show_limit(limit, seconds)
                    continue
                if held is None or held[0] != before:
                    held = self._shown[asked.key] = (before, *position(before, seconds))
            self._show(asked, *held[1:])
        left = {ticket.asked.key for ticket, _, _ in waiting}
        with self._telling:
            for key in {*self._shown, *self._limited} - left:
                self._shown.pop(key, None)
                self._limited.pop(key, None)

    def _show_position(self, asked: Asked) -> None:
        for ticket, before, seconds in self._queue.positions():
            if ticket.asked == asked and seconds > LONG_WAIT_SECONDS:
                self._show(asked, *position(before, seconds))
                return
        self._show(asked, gettext(STATUS), ())

    def _show(self, asked: Asked, text: str, lines: tuple[str, ...]) -> None:
        if asked.response_url is None:
            self._slack.show_status(asked.channel, asked.reply_to or asked.ts, text, lines)

    def _tell_beside(self, asked: Asked, text: str) -> None:
        destination = destination_of(asked, self._slack)
        self._beside.submit(self._guarded, lambda: destination.say_privately(text))

    def _guarded(self, do: Callable[[], None]) -> None:
        """Do something that must not end what goes on beside it."""
        try:
            do()
        except Exception as error:
            log.error("failed beside the answers: %s", trace_of(error))

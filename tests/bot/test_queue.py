"""The queue: whose turn it is, and the workers that take it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.queue import QuestionQueue, Ticket, WaitingLine
from bot.slack.events import Asked, Place
from bot.slack.pacing import BURST, Pace

PATIENCE = 60.0


def question(user: str, number: int, channel: str = "C0PRESS", thread: str | None = None) -> Asked:
    """The numbered question of a person, in a thread of its own unless one is named."""
    ts = f"1554458400.{number:06d}"
    return Asked(Place.CHANNEL, channel, user, "Who?", ts, thread or ts)


def taken(line: WaitingLine, now: float = 0.0) -> list[Asked]:
    """Everything that waits, as one worker after another takes it."""
    order = []
    while ticket := line.next(now):
        order.append(ticket.asked)
        line.finished(ticket)
    return order


def line_of(*asked: Asked, most_in_channel: int = 100) -> WaitingLine:
    line = WaitingLine(most_in_channel)
    for one in asked:
        line.join(one, due=0.0)
    return line


class TestWhoseTurn:
    def test_those_who_came_first_are_taken_first(self) -> None:
        asked = [question(f"U{n}", n, channel=f"C{n}") for n in range(5)]
        assert taken(line_of(*asked)) == asked

    def test_one_person_with_twenty_questions_does_not_hold_up_another(self) -> None:
        many = [question("UMANY", n) for n in range(20)]
        one = question("UONE", 99)
        assert taken(line_of(*many, one)).index(one) == 1

    def test_two_people_with_many_questions_take_turns(self) -> None:
        first = [question("U1", n) for n in range(3)]
        second = [question("U2", n + 10) for n in range(3)]
        users = [asked.user for asked in taken(line_of(*first, *second))]
        assert users == ["U1", "U2"] * 3

    def test_a_busy_channel_does_not_hold_up_another(self) -> None:
        busy = [question(f"U{n}", n, channel="CBUSY") for n in range(20)]
        calm = question("UCALM", 99, channel="CCALM")
        assert taken(line_of(*busy, calm)).index(calm) == 1

    def test_whoever_comes_while_others_are_served_does_not_go_before_all(self) -> None:
        line = line_of(*(question("UMANY", n) for n in range(20)))
        for _ in range(10):
            ticket = line.next(0.0)
            assert ticket is not None
            line.finished(ticket)
        line.join(question("UNEW", 98), 0.0)
        line.join(question("UNEW", 99), 0.0)
        assert [asked.user for asked in taken(line)][:4] == ["UNEW", "UMANY", "UNEW", "UMANY"]

    def test_a_channel_that_was_busy_before_has_no_worse_turns_now(self) -> None:
        line = line_of(*(question(f"U{n}", n, channel="CBUSY") for n in range(20)))
        line.join(question("UHELD", 50, channel="COTHER"), due=60.0)
        assert len(taken(line)) == 20
        busy = [question(f"V{n}", 60 + n, channel="CBUSY") for n in range(2)]
        other = [question(f"W{n}", 70 + n, channel="COTHER") for n in range(2)]
        for one in (*busy, *other):
            line.join(one, 0.0)
        channels = [asked.channel for asked in taken(line)]
        assert channels in (["CBUSY", "COTHER"] * 2, ["COTHER", "CBUSY"] * 2)

    def test_places_are_counted_in_the_order_in_which_they_are_taken(self) -> None:
        line = line_of(*(question(f"U{n % 3}", n, channel=f"C{n % 2}") for n in range(12)))
        expected = [ticket.asked for ticket in line.order()]
        assert taken(line) == expected


class TestWithinAConversation:
    def test_questions_are_taken_in_the_order_of_their_writing(self) -> None:
        later, earlier = question("U1", 2, thread="t"), question("U2", 1, thread="t")
        assert taken(line_of(later, earlier)) == [earlier, later]

    def test_one_waits_until_the_one_before_is_answered(self) -> None:
        line = line_of(question("U1", 1, thread="t"), question("U2", 2, thread="t"))
        first = line.next(0.0)
        assert first is not None
        assert line.next(0.0) is None
        line.finished(first)
        assert line.next(0.0) is not None

    def test_others_go_on_meanwhile(self) -> None:
        line = line_of(question("U1", 1, thread="t"), question("U1", 2, thread="t"))
        line.next(0.0)
        other = question("U2", 3)
        line.join(other, 0.0)
        ticket = line.next(0.0)
        assert ticket is not None
        assert ticket.asked == other

    def test_one_that_must_wait_a_minute_does_not_hold_up_others_there(self) -> None:
        line = WaitingLine(100)
        line.join(question("UMANY", 1, thread="t"), due=60.0)
        other = question("UONE", 2, thread="t")
        line.join(other, due=0.0)
        assert taken(line) == [other]
        assert line.next_due(0.0) == 60.0
        assert len(taken(line, now=60.0)) == 1

    def test_one_that_settles_is_not_overtaken_by_what_was_written_later(self) -> None:
        line = WaitingLine(100)
        later, earlier = question("U1", 2, thread="t"), question("U2", 1, thread="t")
        line.join(later, due=0.0, settled=1.0)
        line.join(earlier, due=0.0, settled=1.5)
        assert line.next(1.2) is None
        assert taken(line, now=1.5) == [earlier, later]

    @given(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 3)),
            min_size=1,
            max_size=30,
        ),
        st.randoms(use_true_random=False),
    )
    def test_whatever_comes_all_are_taken_once_and_threads_in_order(
        self, drawn: list[tuple[int, int, int]], random: object
    ) -> None:
        asked = [
            question(f"U{user}", n, channel=f"C{channel}", thread=f"t{thread}")
            for n, (user, channel, thread) in enumerate(drawn)
        ]
        random.shuffle(asked)  # type: ignore[attr-defined]
        order = taken(line_of(*asked))
        assert sorted(one.ts for one in order) == sorted(one.ts for one in asked)
        for conversation in {one.conversation for one in asked}:
            stamps = [one.ts for one in order if one.conversation == conversation]
            assert stamps == sorted(stamps)


class TestChannels:
    def test_one_that_slack_paused_waits_alone(self) -> None:
        paused, open_ = question("U1", 1, channel="CPAUSED"), question("U2", 2, channel="COPEN")
        line = line_of(paused, open_)
        ticket = line.next(0.0, paused={"CPAUSED"})
        assert ticket is not None
        assert ticket.asked == open_
        assert line.next(0.0, paused={"CPAUSED"}) is None
        assert line.next(0.0) is not None

    def test_one_channel_never_has_more_than_its_share_in_the_works(self) -> None:
        asked = [question(f"U{n}", n, channel="CBUSY") for n in range(9)]
        line = line_of(*asked, most_in_channel=4)
        begun = [line.next(0.0) for _ in range(9)]
        assert [ticket is not None for ticket in begun] == [True] * 4 + [False] * 5


class TestPace:
    @pytest.fixture
    def now(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def pace(self, now: list[float]) -> Pace:
        return Pace(60, lambda: now[0])

    def test_a_short_burst_goes_at_once_and_then_one_a_second(self, pace: Pace) -> None:
        waits = [round(pace.reserve("C1"), 3) for _ in range(BURST + 3)]
        assert waits == [0.0] * BURST + [1.0, 2.0, 3.0]

    def test_a_channel_that_rested_has_its_burst_again(self, pace: Pace, now: list[float]) -> None:
        for _ in range(BURST):
            pace.reserve("C1")
        now[0] += BURST
        assert [pace.reserve("C1") for _ in range(BURST)] == [0.0] * BURST

    def test_channels_do_not_slow_each_other(self, pace: Pace) -> None:
        for _ in range(20):
            pace.reserve("C1")
        assert pace.reserve("C2") == 0.0

    def test_a_pause_that_slack_asks_for_holds_its_channel_alone(
        self, pace: Pace, now: list[float]
    ) -> None:
        pace.pause("C1", 30)
        assert pace.paused() == {"C1"}
        assert [pace.reserve("C1"), pace.reserve("C1")] == [30.0, 31.0]
        assert pace.reserve("C2") == 0.0
        now[0] += 30
        assert pace.paused() == frozenset()

    def test_no_limit_lets_all_through(self, now: list[float]) -> None:
        pace = Pace(0, lambda: now[0])
        assert {pace.reserve("C1") for _ in range(50)} == {0.0}


class Answers:
    """Answers that a test lets finish, and what was begun in which order."""

    def __init__(self) -> None:
        self.begun: list[Asked] = []
        self.finished: list[Asked] = []
        self.may_finish = threading.Event()
        self._changed = threading.Condition()

    def answer(self, ticket: Ticket) -> None:
        with self._changed:
            self.begun.append(ticket.asked)
            self._changed.notify_all()
        self.may_finish.wait(PATIENCE)
        with self._changed:
            self.finished.append(ticket.asked)
            self._changed.notify_all()

    def wait_for(self, held: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(held, PATIENCE)


@contextmanager
def running(
    answer: Callable[[Ticket], None], places: int, pace: Pace | None = None
) -> Iterator[QuestionQueue]:
    queue = QuestionQueue(places, pace or Pace(0), workers=8)
    before = threading.active_count()
    queue.start(answer)
    yield queue
    queue.stop(0.0)
    queue.join(PATIENCE)
    assert threading.active_count() <= before


class TestWorkers:
    def test_answer_everything_that_is_put_in(self) -> None:
        answers = Answers()
        answers.may_finish.set()
        asked = [question(f"U{n}", n) for n in range(40)]
        with running(answers.answer, places=3) as queue:
            for one in asked:
                queue.put(one)
            answers.wait_for(lambda: len(answers.finished) == len(asked))
        assert sorted(one.ts for one in answers.finished) == [one.ts for one in asked]

    def test_compute_no_more_at_once_than_there_are_places(self) -> None:
        answers = Answers()
        with running(answers.answer, places=2) as queue:
            for n in range(5):
                queue.put(question(f"U{n}", n))
            answers.wait_for(lambda: len(answers.begun) == 2)
            assert len(queue.positions()) == 3
            answers.may_finish.set()
            answers.wait_for(lambda: len(answers.finished) == 5)

    def test_let_another_compute_while_one_waits_for_slack(self) -> None:
        slack_answers = threading.Event()
        begun: list[str] = []
        both = threading.Event()

        def answer(ticket: Ticket) -> None:
            begun.append(ticket.asked.user)
            if len(begun) == 2:
                both.set()
            with queue.giving_way():
                slack_answers.wait(PATIENCE)

        queue = QuestionQueue(1, Pace(0), workers=4)
        queue.start(answer)
        queue.put(question("U1", 1))
        queue.put(question("U2", 2))
        assert both.wait(PATIENCE)
        slack_answers.set()
        assert queue.stop(PATIENCE) == []
        queue.join(PATIENCE)

    def test_giving_way_means_nothing_to_other_threads(self) -> None:
        queue = QuestionQueue(1, Pace(0))
        with queue.giving_way(), queue.giving_way():
            assert queue.held() == []

    def test_one_answer_that_breaks_does_not_end_the_others(self) -> None:
        answers = Answers()
        answers.may_finish.set()

        def answer(ticket: Ticket) -> None:
            if ticket.asked.user == "UBROKEN":
                raise RuntimeError
            answers.answer(ticket)

        with running(answer, places=1) as queue:
            for n in range(10):
                queue.put(question("UBROKEN", n))
            queue.put(question("UWHOLE", 99))
            answers.wait_for(lambda: len(answers.finished) == 1)

    def test_a_paused_channel_is_taken_up_when_its_pause_ends(self) -> None:
        answers = Answers()
        answers.may_finish.set()
        pace = Pace(0)
        pace.pause("CPAUSED", 0.3)
        with running(answers.answer, places=2, pace=pace) as queue:
            queue.put(question("U1", 1, channel="CPAUSED"))
            queue.put(question("U2", 2, channel="COPEN"))
            answers.wait_for(lambda: len(answers.finished) == 2)
        assert [one.channel for one in answers.finished] == ["COPEN", "CPAUSED"]

    def test_one_that_is_to_wait_waits_so_long(self) -> None:
        answers = Answers()
        answers.may_finish.set()
        with running(answers.answer, places=2) as queue:
            before = time.monotonic()
            queue.put(question("U1", 1), seconds=0.3)
            answers.wait_for(lambda: len(answers.finished) == 1)
        assert time.monotonic() - before >= 0.3


class TestStopping:
    def test_finishes_what_is_in_the_works_and_what_waits(self) -> None:
        answers = Answers()
        with running(answers.answer, places=1) as queue:
            for n in range(3):
                queue.put(question(f"U{n}", n))
            answers.wait_for(lambda: len(answers.begun) == 1)
            threading.Timer(0.1, answers.may_finish.set).start()
            assert queue.stop(PATIENCE) == []
        assert len(answers.finished) == 3

    def test_leaves_what_does_not_end_in_time_and_what_is_not_due(self) -> None:
        answers = Answers()
        with running(answers.answer, places=1) as queue:
            later, stuck, behind = (question(f"U{n}", n) for n in range(3))
            queue.put(stuck)
            answers.wait_for(lambda: len(answers.begun) == 1)
            queue.put(behind)
            queue.put(later, seconds=3600)
            left = queue.stop(0.1)
            assert {one.user for one in left} == {stuck.user, behind.user, later.user}
            answers.may_finish.set()
        assert answers.finished == [stuck]

    def test_takes_nothing_in_any_more(self) -> None:
        with running(Answers().answer, places=1) as queue:
            queue.stop(0.0)
            assert queue.put(question("U1", 1)) is None

    def test_does_not_wait_for_one_that_is_not_due(self) -> None:
        with running(Answers().answer, places=1) as queue:
            asked = question("U1", 1)
            queue.put(asked, seconds=3600)
            assert queue.stop(PATIENCE) == [asked]


class TestPositions:
    def test_tell_how_many_come_before_and_about_how_long_it_takes(self) -> None:
        answers = Answers()
        with running(answers.answer, places=1) as queue:
            queue.put(question("U0", 0))
            answers.wait_for(lambda: len(answers.begun) == 1)
            for n in range(1, 4):
                queue.put(question(f"U{n}", n))
            found = queue.positions()
            assert [(t.asked.user, before) for t, before, _ in found] == [
                ("U1", 0),
                ("U2", 1),
                ("U3", 2),
            ]
            assert 0 < found[0][2] < found[1][2] < found[2][2]
            answers.may_finish.set()

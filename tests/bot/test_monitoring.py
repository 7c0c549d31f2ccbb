"""The walk: every step each time, whatever became of the one before, in three threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import pytest

from bot.jobs.loop import Monitoring, MonitoringThreads, Step
from tests.conftest import NOW

PATIENCE = 60.0


class Walked:
    """Steps that note that they were made, and when."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.changed = threading.Condition()

    def step(self, name: str, run: Callable[[], int | None] = lambda: None) -> Step:
        def make(now: datetime) -> int | None:
            assert now == NOW
            with self.changed:
                self.made.append(name)
                self.changed.notify_all()
            return run()

        return Step(name, make)

    def wait_for(self, name: str, times: int = 1) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.made.count(name) >= times, PATIENCE)


def fail() -> None:
    raise ValueError(" ".join(("what", "somebody", "wrote")))


def monitoring(walked: Walked, read: Callable[[], int | None] = lambda: None) -> Monitoring:
    return Monitoring(
        [walked.step("read", read)],
        [walked.step("index"), walked.step("group")],
        [walked.step("deliver")],
    )


class TestTick:
    def test_makes_every_step_once_in_order(self) -> None:
        walked = Walked()
        monitoring(walked).tick(NOW)
        assert walked.made == ["read", "index", "group", "deliver"]

    def test_goes_on_after_a_step_that_fails_and_tries_it_again(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        walked = Walked()
        walk = monitoring(walked, fail)
        walk.tick(NOW)
        walk.tick(NOW)
        assert walked.made == ["read", "index", "group", "deliver"] * 2
        assert caplog.text.count("read failed, reference ") == 1
        assert "ValueError" in caplog.text
        assert "what somebody wrote" not in caplog.text

    def test_a_step_that_works_again_says_so_and_may_fail_anew(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "chancery")
        outcomes = iter([fail, fail, lambda: None, fail])
        walk = monitoring(Walked(), lambda: next(outcomes)())
        for _ in range(4):
            walk.tick(NOW)
        told = [record.getMessage().partition(",")[0] for record in caplog.records]
        assert told == ["read failed", "read works again", "read failed"]

    def test_logs_how_much_a_step_did_where_it_did_something(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "chancery")
        walked = Walked()
        monitoring(walked, lambda: 3).tick(NOW)
        assert [record.getMessage() for record in caplog.records] == ["read: 3"]


class TestThreads:
    def test_go_on_until_they_are_stopped(self) -> None:
        walked = Walked()
        threads = MonitoringThreads(
            monitoring(walked), lambda: NOW, reading_seconds=0.01, following_seconds=0.01
        )
        threads.start()
        for name in ("read", "index", "group", "deliver"):
            walked.wait_for(name, 3)
        threads.stop()
        made = len(walked.made)
        assert len(walked.made) == made

    def test_follow_while_sources_are_read_and_deliver_only_after_the_first_reading(self) -> None:
        walked, answered = Walked(), threading.Event()

        def slowly() -> None:
            answered.wait(PATIENCE)

        threads = MonitoringThreads(
            monitoring(walked, slowly), lambda: NOW, reading_seconds=60, following_seconds=0.01
        )
        threads.start()
        walked.wait_for("group", 3)
        assert "deliver" not in walked.made
        answered.set()
        walked.wait_for("deliver")
        threads.stop()
        # What the first reading brought was followed before anything was delivered.
        assert walked.made[: walked.made.index("deliver")].count("group") >= 3

    def test_deliver_what_was_read_only_once_it_is_followed(self) -> None:
        walked = Walked()
        go_on = threading.Semaphore(0)
        following = [walked.step("index", lambda: go_on.acquire(timeout=PATIENCE) and None)]
        walk = Monitoring([walked.step("read")], following, [walked.step("deliver")])
        threads = MonitoringThreads(walk, lambda: NOW, reading_seconds=60, following_seconds=0.01)
        threads.start()
        walked.wait_for("read")
        walked.wait_for("index")
        # This round may have begun before the reading; the next one has not.
        go_on.release()
        walked.wait_for("index", 2)
        for _ in range(3):
            go_on.release()
        walked.wait_for("deliver")
        threads.stop()
        assert walked.made[: walked.made.index("deliver")].count("index") >= 2

    def test_deliver_all_the_same_where_following_takes_too_long(self) -> None:
        walked, indexed = Walked(), threading.Event()

        def index_for_hours() -> None:
            indexed.wait(PATIENCE)

        walk = Monitoring((), [walked.step("index", index_for_hours)], [walked.step("deliver")])
        threads = MonitoringThreads(walk, lambda: NOW, longest_behind_seconds=0.01)
        threads.start()
        walked.wait_for("deliver", 2)
        assert walked.made.count("index") == 1
        indexed.set()
        threads.stop()

    def test_stop_a_long_step_between_its_batches(self) -> None:
        walked = Walked()
        batches = threading.Semaphore(0)

        def index_without_end() -> None:
            while True:
                batches.release()
                walk.go_on(1)

        walk = Monitoring((), [walked.step("index", index_without_end), walked.step("group")])
        threads = MonitoringThreads(walk, lambda: NOW)
        threads.start()
        assert batches.acquire(timeout=PATIENCE)
        threads.stop()
        assert walked.made == ["index"]

    def test_that_were_never_started_can_be_stopped(self) -> None:
        walked = Walked()
        MonitoringThreads(monitoring(walked), lambda: NOW).stop()
        assert walked.made == []

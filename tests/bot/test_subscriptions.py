"""Subscriptions: kept as they were made, active from when they were made or moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.clock import DAYS, GRACE, WORKING_DAYS
from bot.db.outbox import POSTED, SKIPPED, WAITING, Outbox
from bot.db.subscriptions import Subscriptions, ToldArticle, told_to, write_told
from bot.jobs.digests import MISSED, DigestScheduler, digest_key
from bot.records import Subscription
from corpus.store.articles import ArticleStore, open_store
from retrieval.reports.report import Interests
from tests.conftest import NOW
from tests.fakes.databases import new_database

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIBYA = Subscription(
    id="libya",
    reader="C0PRESS",
    channel="C0PRESS",
    name="#libya-desk",
    at="13:00",
    zone="Europe/Paris",
    days=WORKING_DAYS,
    interests=Interests(("Libya", "“LNA”"), ("LY",), ("UN News",), 3),
    paused=False,
    created_by="U0DESK",
    created_at=NOW,
)
"""Made on Friday 5 April 2019 at 12:00 in Paris, an hour before its time."""
DUE = NOW + HOUR


class Desk:
    """Subscriptions with a clock that the test turns, and a scheduler."""

    def __init__(self, store: ArticleStore) -> None:
        self.now = NOW
        self.store = store
        self.subscriptions = Subscriptions(store.engine, lambda: self.now)
        self.outbox = Outbox(store.engine)
        self.scheduler = DigestScheduler(self.subscriptions, self.outbox)

    def state(self, day: int, identity: str = "libya") -> str | None:
        found = self.outbox.find(digest_key(identity, date(2019, 4, day)))
        return None if found is None else found.state


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(new_database(tmp_path))
    yield Desk(store)
    store.close()


class TestKeeping:
    def test_one_is_kept_as_it_was_made(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        assert desk.subscriptions.get("libya") == replace(LIBYA, active_from=NOW)

    def test_how_it_was_written_is_made_regular(self, desk: Desk) -> None:
        desk.subscriptions.add(replace(LIBYA, at="7.05", zone="europe/paris", days=("fri", "mon")))
        kept = desk.subscriptions.get("libya")
        assert kept is not None
        assert (kept.at, kept.zone, kept.days) == ("07:05", "Europe/Paris", ("mon", "fri"))

    @pytest.mark.parametrize("wrong", [{"at": "25:00"}, {"zone": "Mars"}, {"days": ("xyz",)}])
    def test_one_that_could_never_be_due_is_refused(
        self, desk: Desk, wrong: dict[str, object]
    ) -> None:
        with pytest.raises(ValueError, match=r"is no|names no"):
            desk.subscriptions.add(replace(LIBYA, **wrong))  # type: ignore[arg-type]
        assert desk.subscriptions.all() == []

    def test_a_readers_are_found_oldest_first(self, desk: Desk) -> None:
        desk.subscriptions.add(replace(LIBYA, id="second", created_at=NOW + HOUR))
        desk.subscriptions.add(replace(LIBYA, id="first"))
        desk.subscriptions.add(replace(LIBYA, id="other", reader="U0DESK"))
        assert [one.id for one in desk.subscriptions.of_reader("C0PRESS")] == ["first", "second"]

    def test_what_was_told_is_forgotten_with_it(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        with desk.store.engine.begin() as connection:
            write_told(connection, "libya", "key", [ToldArticle("a" * 16, 1, "s" * 16)])
        assert desk.subscriptions.remove("libya")
        assert not desk.subscriptions.remove("libya")
        assert told_to(desk.store.engine, "libya").versions == {}

    def test_an_unknown_one_is_neither_changed_nor_paused(self, desk: Desk) -> None:
        desk.subscriptions.replace(LIBYA)
        assert not desk.subscriptions.pause("libya")
        assert desk.subscriptions.all() == []

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        seen = desk.subscriptions.get("libya")
        assert seen is not None
        assert desk.subscriptions.replace(replace(seen, at="09:00"), seen)
        assert not desk.subscriptions.replace(replace(seen, at="10:00"), seen)
        assert [one.at for one in desk.subscriptions.all()] == ["09:00"]


class TestScheduling:
    def test_a_digest_is_put_once_when_it_is_due(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        assert desk.scheduler.put_due(DUE - timedelta(seconds=1)) == 0
        assert [desk.scheduler.put_due(DUE) for _ in range(3)] == [1, 0, 0]
        found = desk.outbox.find("digest:libya:2019-04-05")
        assert found is not None
        assert found.posting.due_at == DUE
        assert found.posting.payload == {"subscription": "libya", "day": "2019-04-05"}

    def test_another_process_puts_it_no_second_time(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        other = DigestScheduler(desk.subscriptions, desk.outbox)
        assert [desk.scheduler.put_due(DUE), other.put_due(DUE + HOUR)] == [1, 0]

    def test_days_that_are_not_wanted_are_left_out(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        put = [desk.scheduler.put_due(DUE + n * DAY) for n in range(7)]
        assert put == [1, 0, 0, 1, 1, 1, 1]

    def test_what_is_missed_is_recorded_with_a_reason(self, desk: Desk) -> None:
        desk.subscriptions.add(replace(LIBYA, days=DAYS))
        assert desk.scheduler.put_due(DUE + 2 * DAY + GRACE) == 1
        assert [desk.state(day) for day in (5, 6, 7)] == [SKIPPED, SKIPPED, WAITING]
        found = desk.outbox.find("digest:libya:2019-04-05")
        assert found is not None
        assert found.note == MISSED

    def test_a_paused_one_misses_nothing_and_goes_on_from_when_it_is_resumed(
        self, desk: Desk
    ) -> None:
        desk.subscriptions.add(replace(LIBYA, days=DAYS))
        desk.subscriptions.pause("libya")
        assert desk.scheduler.put_due(DUE) == 0
        desk.now = DUE + DAY + HOUR
        desk.subscriptions.pause("libya", False)
        assert desk.scheduler.put_due(desk.now) == 0
        assert desk.scheduler.put_due(DUE + 2 * DAY) == 1
        assert [desk.state(day) for day in (5, 6, 7)] == [None, None, WAITING]

    def test_a_time_that_is_moved_back_behind_now_counts_from_tomorrow(self, desk: Desk) -> None:
        desk.subscriptions.add(replace(LIBYA, days=DAYS))
        desk.subscriptions.replace(replace(LIBYA, days=DAYS, at="11:00"))
        assert desk.scheduler.put_due(NOW + HOUR) == 0
        assert desk.scheduler.put_due(NOW + DAY - HOUR) == 1

    def test_a_time_that_is_moved_on_after_the_digest_gives_no_second_one(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        desk.scheduler.put_due(DUE)
        desk.now = DUE + HOUR
        desk.subscriptions.replace(replace(LIBYA, at="18:00"))
        assert desk.scheduler.put_due(NOW + 6 * HOUR) == 0

    def test_another_name_or_topic_does_not_move_it(self, desk: Desk) -> None:
        desk.subscriptions.add(LIBYA)
        desk.now = DUE + timedelta(minutes=1)
        desk.subscriptions.replace(replace(LIBYA, name="Libya", interests=Interests(("Sudan",))))
        assert desk.scheduler.put_due(desk.now) == 1

    def test_skips_of_a_clock_that_was_ahead_are_taken_back(self, desk: Desk) -> None:
        desk.subscriptions.add(replace(LIBYA, days=DAYS))
        desk.scheduler.put_due(DUE + 3 * DAY + GRACE + HOUR)
        assert [desk.state(day) for day in (5, 6, 7, 8)] == [SKIPPED] * 4
        assert [desk.scheduler.put_due(DUE + n * DAY) for n in range(4)] == [1, 1, 1, 1]

    def test_what_was_delivered_too_early_by_such_a_clock_is_not_delivered_again(
        self, desk: Desk
    ) -> None:
        desk.subscriptions.add(replace(LIBYA, days=DAYS))
        desk.scheduler.put_due(DUE)
        desk.outbox.posted(digest_key("libya", date(2019, 4, 5)), "C0PRESS:1.2", None, DUE)
        assert desk.scheduler.put_due(DUE - HOUR) == 0
        assert desk.scheduler.put_due(DUE) == 0
        assert desk.state(5) == POSTED

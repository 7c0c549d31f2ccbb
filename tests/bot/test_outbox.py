"""The outbox: a key once, a claim for one, and what was begun is kept for whoever goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.db.outbox import ABANDONED_AFTER, POSTED, SKIPPED, WAITING, Claimed, Outbox, Posting
from corpus.store.articles import ArticleStore, open_store
from corpus.store.schema import counters
from tests.conftest import NOW

A_MOMENT = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def stores(database_url: str) -> Iterator[list[ArticleStore]]:
    """Several processes' connections to one empty database."""
    opened = [open_store(database_url) for _ in range(4)]
    yield opened
    for store in opened:
        store.close()


@pytest.fixture
def replicas(stores: list[ArticleStore]) -> list[Outbox]:
    return [Outbox(store.engine) for store in stores]


@pytest.fixture
def outbox(replicas: list[Outbox]) -> Outbox:
    return replicas[0]


def posting(key: str = "digest:one:2019-04-05", due_at: datetime = NOW) -> Posting:
    return Posting(key, "digest", "C0PRESS", "C0PRESS", None, {"day": "2019-04-05"}, due_at)


def claimed(outbox: Outbox, now: datetime = NOW) -> Claimed:
    found = outbox.claim_due(now)
    assert found is not None
    return found


def state(outbox: Outbox, key: str = "digest:one:2019-04-05") -> str:
    found = outbox.find(key)
    assert found is not None
    return found.state


class TestPutting:
    def test_a_key_is_put_once(self, outbox: Outbox) -> None:
        assert outbox.put(posting())
        assert not outbox.put(posting(due_at=NOW + HOUR))
        found = outbox.find("digest:one:2019-04-05")
        assert found is not None
        assert found.posting == posting()
        assert (found.state, found.place) == (WAITING, None)

    def test_of_many_that_put_a_key_at_once_one_does(self, replicas: list[Outbox]) -> None:
        with ThreadPoolExecutor(8) as racing:
            put = list(racing.map(lambda n: replicas[n % 4].put(posting()), range(16)))
        assert put.count(True) == 1

    def test_one_put_as_skipped_is_recorded_and_never_claimed(self, outbox: Outbox) -> None:
        assert outbox.put(posting(), skipped="Chancery was not running")
        assert outbox.claim_due(NOW + HOUR) is None
        found = outbox.find("digest:one:2019-04-05")
        assert found is not None
        assert (found.state, found.note) == (SKIPPED, "Chancery was not running")

    def test_an_unknown_key_is_not_found(self, outbox: Outbox) -> None:
        assert outbox.find("digest:none") is None

    def test_of_a_reader_are_those_of_the_kind_since_then(self, outbox: Outbox) -> None:
        for hours in (3, 1, 2):
            outbox.put(posting(f"digest:one:{hours}", NOW + hours * HOUR))
        found = outbox.of_reader("C0PRESS", "digest", NOW + 2 * HOUR)
        assert [one.posting.key for one in found] == ["digest:one:2", "digest:one:3"]
        assert outbox.of_reader("C0PRESS", "alert") == []
        assert outbox.of_reader("C0OTHER", "digest") == []


class TestClaiming:
    def test_nothing_before_it_is_due(self, outbox: Outbox) -> None:
        outbox.put(posting())
        assert outbox.claim_due(NOW - A_MOMENT) is None
        assert claimed(outbox).posting == posting()

    def test_the_longest_due_first(self, outbox: Outbox) -> None:
        outbox.put(posting("digest:late", NOW))
        outbox.put(posting("digest:early", NOW - HOUR))
        assert [claimed(outbox).posting.key for _ in range(2)] == ["digest:early", "digest:late"]

    def test_what_is_claimed_posted_or_skipped_is_not_claimed_again(self, outbox: Outbox) -> None:
        for key in ("digest:claimed", "digest:posted", "digest:skipped"):
            outbox.put(posting(key))
            claimed(outbox)
        outbox.posted("digest:posted", "C0PRESS:1.2", None, NOW)
        outbox.skip("digest:skipped", "too late", NOW)
        assert outbox.claim_due(NOW + ABANDONED_AFTER) is None

    def test_of_many_processes_one_gets_it(self, replicas: list[Outbox]) -> None:
        replicas[0].put(posting())
        with ThreadPoolExecutor(8) as racing:
            given = list(racing.map(lambda n: replicas[n % 4].claim_due(NOW), range(24)))
        assert len([one for one in given if one is not None]) == 1

    def test_of_many_processes_one_takes_an_abandoned_claim_over(
        self, replicas: list[Outbox]
    ) -> None:
        replicas[0].put(posting())
        claimed(replicas[0])
        later = NOW + ABANDONED_AFTER + A_MOMENT
        with ThreadPoolExecutor(8) as racing:
            given = list(racing.map(lambda n: replicas[n % 4].claim_due(later), range(24)))
        assert [one.claims for one in given if one is not None] == [2]

    def test_whoever_lost_a_claim_can_neither_renew_it_nor_keep_what_it_composed(
        self, replicas: list[Outbox]
    ) -> None:
        replicas[0].put(posting())
        lost = claimed(replicas[0])
        later = NOW + ABANDONED_AFTER + A_MOMENT
        taken = claimed(replicas[1], later)
        assert not replicas[0].renew(lost, later)
        assert not replicas[0].keep_composed(lost, {"by": "the first"}, later)
        assert replicas[1].renew(taken, later)
        assert replicas[1].keep_composed(taken, {"by": "the second"}, later)

    def test_a_renewed_claim_is_not_taken_over(self, outbox: Outbox) -> None:
        outbox.put(posting())
        held = claimed(outbox)
        assert outbox.renew(held, NOW + ABANDONED_AFTER)
        assert outbox.claim_due(NOW + 2 * ABANDONED_AFTER) is None

    def test_what_was_composed_is_there_for_whoever_takes_over(self, outbox: Outbox) -> None:
        outbox.put(posting())
        assert outbox.keep_composed(claimed(outbox), {"messages": ["Guten Tag, “Welt”"]}, NOW)
        taken = claimed(outbox, NOW + ABANDONED_AFTER + A_MOMENT)
        assert taken.composed == {"messages": ["Guten Tag, “Welt”"]}

    def test_one_that_waits_is_claimed_at_that_time_and_stays_due_when_it_was(
        self, outbox: Outbox
    ) -> None:
        outbox.put(posting())
        claimed(outbox)
        outbox.wait_until("digest:one:2019-04-05", NOW + HOUR)
        assert outbox.claim_due(NOW + HOUR - A_MOMENT) is None
        again = claimed(outbox, NOW + HOUR)
        assert (again.posting.due_at, again.claims) == (NOW, 2)

    def test_a_clock_that_was_put_back_does_not_abandon_a_claim(self, outbox: Outbox) -> None:
        outbox.put(posting(due_at=NOW - 2 * HOUR))
        claimed(outbox)
        assert outbox.claim_due(NOW - HOUR) is None


class TestRecording:
    def test_a_posted_one_says_where_it_stands(self, outbox: Outbox) -> None:
        outbox.put(posting())
        claimed(outbox)
        outbox.posted("digest:one:2019-04-05", "C0PRESS:1554451200.000100", "f" * 32, NOW)
        found = outbox.find("digest:one:2019-04-05")
        assert found is not None
        assert found.place == ("C0PRESS", "1554451200.000100")
        assert (found.state, found.posted_at, found.turn_id) == (POSTED, NOW, "f" * 32)

    def test_what_follows_from_it_is_written_with_it_and_once(
        self, outbox: Outbox, stores: list[ArticleStore]
    ) -> None:
        key = "digest:one:2019-04-05"
        outbox.put(posting())
        row = insert(counters).values(name=f"told {id(stores)}", value=1)
        for _ in range(2):
            outbox.posted(key, "C0PRESS:1.2", None, NOW, [lambda c: c.execute(row)])
        with stores[0].engine.connect() as connection:
            names = select(counters.c.name).where(counters.c.name == f"told {id(stores)}")
            assert len(connection.execute(names).all()) == 1

    def test_what_cannot_be_written_with_it_leaves_it_unposted(
        self, outbox: Outbox, stores: list[ArticleStore]
    ) -> None:
        outbox.put(posting())

        def fail(connection: object) -> None:
            raise RuntimeError("the process was killed here")

        with pytest.raises(RuntimeError):
            outbox.posted("digest:one:2019-04-05", "C0PRESS:1.2", None, NOW, [fail])
        assert state(outbox) == WAITING

    def test_a_posted_one_is_neither_skipped_nor_made_to_wait_afterwards(
        self, outbox: Outbox
    ) -> None:
        key = "digest:one:2019-04-05"
        outbox.put(posting())
        outbox.posted(key, "C0PRESS:1.2", None, NOW)
        outbox.skip(key, "too late", NOW)
        outbox.wait_until(key, NOW + HOUR)
        assert state(outbox) == POSTED

    def test_skips_after_a_moment_are_taken_back_and_no_others(self, outbox: Outbox) -> None:
        outbox.put(posting("digest:past", NOW), skipped="missed")
        outbox.put(posting("digest:ahead", NOW + HOUR), skipped="missed")
        outbox.put(posting("digest:refused", NOW + HOUR), skipped="refused")
        outbox.put(posting("digest:waiting", NOW + HOUR))
        assert outbox.retract_skips("digest", "missed", NOW) == 1
        assert outbox.retract_skips("digest", "missed", NOW) == 0
        assert outbox.find("digest:ahead") is None
        kept = [state(outbox, f"digest:{name}") for name in ("past", "refused", "waiting")]
        assert kept == [SKIPPED, SKIPPED, WAITING]

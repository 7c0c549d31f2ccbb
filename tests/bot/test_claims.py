"""Claims: one answer for each message, whoever gets it, however often, whoever dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.db.events import ABANDONED_AFTER, KEPT_FOR, Claims, Unfinished, replica_name
from bot.slack.events import Asked, Place
from corpus.store.articles import open_store
from tests.conftest import NOW
from tests.fakes.databases import new_database

KEY = "message:C0PRESS:1.2"
A_MOMENT = timedelta(seconds=1)
ASKED = Asked(
    Place.CHANNEL,
    "C0PRESS",
    "U0DESK",
    "Что сказал Гутерриш?",
    "1554458400.000100",
    "1554458400.000100",
    response_url="https://hooks.example/1",
)


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[list[Claims]]:
    """Several processes' claims, each over a connection of its own to one database."""
    stores = [open_store(new_database(tmp_path)) for _ in range(4)]
    yield [Claims(store.engine) for store in stores]
    for store in stores:
        store.close()


@pytest.fixture
def claims(replicas: list[Claims]) -> Claims:
    return replicas[0]


def test_the_first_gets_a_claim_and_the_second_does_not(claims: Claims) -> None:
    assert claims.claim(KEY, NOW)
    assert not claims.claim(KEY, NOW + A_MOMENT)


def test_another_message_is_another_claim(claims: Claims) -> None:
    assert claims.claim(KEY, NOW)
    assert claims.claim("message:C0PRESS:1.3", NOW)


def test_a_finished_claim_is_never_given_again(claims: Claims) -> None:
    claims.claim(KEY, NOW)
    claims.finish(KEY, NOW)
    assert not claims.claim(KEY, NOW + 10 * ABANDONED_AFTER)


def test_an_unfinished_claim_is_taken_over_once_after_a_while(claims: Claims) -> None:
    claims.claim(KEY, NOW)
    assert not claims.take_over(KEY, NOW + ABANDONED_AFTER)
    assert claims.take_over(KEY, NOW + ABANDONED_AFTER + A_MOMENT)
    assert not claims.take_over(KEY, NOW + ABANDONED_AFTER + 2 * A_MOMENT)


def test_a_finished_claim_is_never_taken_over(claims: Claims) -> None:
    claims.claim(KEY, NOW)
    claims.finish(KEY, NOW)
    assert not claims.take_over(KEY, NOW + 10 * ABANDONED_AFTER)


def test_one_that_is_renewed_is_not_taken_over(claims: Claims) -> None:
    claims.claim(KEY, NOW)
    claims.renew([KEY], NOW + ABANDONED_AFTER)
    assert not claims.take_over(KEY, NOW + ABANDONED_AFTER + A_MOMENT)


def test_one_that_is_released_is_taken_over_at_once(claims: Claims) -> None:
    claims.claim(KEY, NOW)
    claims.release([KEY])
    assert claims.take_over(KEY, NOW + A_MOMENT)


def test_of_many_at_once_one_gets_it(replicas: list[Claims]) -> None:
    with ThreadPoolExecutor(16) as racing:
        given = list(racing.map(lambda n: replicas[n % 4].claim(KEY, NOW), range(32)))
    assert given.count(True) == 1


def test_of_many_at_once_one_takes_an_abandoned_claim_over(replicas: list[Claims]) -> None:
    replicas[0].claim(KEY, NOW)
    later = NOW + ABANDONED_AFTER + A_MOMENT
    with ThreadPoolExecutor(16) as racing:
        given = list(racing.map(lambda n: replicas[n % 4].take_over(KEY, later), range(32)))
    assert given.count(True) == 1


def test_what_no_redelivery_can_mean_is_forgotten_and_nothing_newer(claims: Claims) -> None:
    claims.claim("message:C0PRESS:old", NOW - KEPT_FOR - A_MOMENT)
    claims.claim("message:C0PRESS:new", NOW - KEPT_FOR + A_MOMENT)
    claims.finish("message:C0PRESS:old", NOW)
    claims.finish("message:C0PRESS:new", NOW)
    claims.forget_old(NOW)
    assert claims.claim("message:C0PRESS:old", NOW)
    assert not claims.claim("message:C0PRESS:new", NOW)


class TestWhatWasAsked:
    @pytest.fixture
    def holders(self, tmp_path: Path) -> Iterator[tuple[Claims, Claims]]:
        """Two replicas on one database."""
        store = open_store(new_database(tmp_path))
        yield Claims(store.engine, "one"), Claims(store.engine, "other")
        store.close()

    def test_is_there_for_whoever_starts_next(self, holders: tuple[Claims, Claims]) -> None:
        holders[0].claim(ASKED.key, NOW, ASKED)
        (left,) = holders[0].unfinished(NOW + A_MOMENT, own=True)
        assert left == Unfinished(ASKED.key, NOW, ASKED)
        assert holders[0].take_over(ASKED.key, NOW + A_MOMENT, own=True)

    def test_is_not_anothers_while_its_process_may_live(
        self, holders: tuple[Claims, Claims]
    ) -> None:
        holders[0].claim(ASKED.key, NOW, ASKED)
        assert holders[1].unfinished(NOW + A_MOMENT, own=True) == []
        assert not holders[1].take_over(ASKED.key, NOW + A_MOMENT, own=True)

    def test_is_anothers_once_nobody_renews_it(self, holders: tuple[Claims, Claims]) -> None:
        holders[0].claim(ASKED.key, NOW, ASKED)
        later = NOW + ABANDONED_AFTER + A_MOMENT
        (left,) = holders[1].unfinished(later)
        assert left.asked == ASKED
        assert holders[1].take_over(ASKED.key, later)
        assert holders[0].unfinished(later) == []

    def test_is_erased_when_it_was_dealt_with(
        self, replicas: list[Claims], holders: tuple[Claims, Claims], tmp_path: Path
    ) -> None:
        holders[0].claim(ASKED.key, NOW, ASKED)
        holders[0].finish(ASKED.key, NOW)
        assert holders[0].unfinished(NOW + KEPT_FOR, own=True) == []
        stored = sqlite3.connect(tmp_path / "chancery.db")
        assert stored.execute("SELECT asked FROM claimed_events").fetchall() == [(None,)]
        stored.close()

    def test_of_an_unknown_version_is_found_without_its_words(
        self, holders: tuple[Claims, Claims], tmp_path: Path
    ) -> None:
        holders[0].claim(ASKED.key, NOW, ASKED)
        stored = sqlite3.connect(tmp_path / "chancery.db")
        stored.execute("""UPDATE claimed_events SET asked = '{"place": "a hall", "new": 1}'""")
        stored.commit()
        stored.close()
        (left,) = holders[0].unfinished(NOW + A_MOMENT, own=True)
        assert left.asked is None

    def test_tells_when_somebody_asked(self, holders: tuple[Claims, Claims]) -> None:
        other = replace(ASKED, user="U0OTHER", ts="9.9")
        for at, asked in [(NOW, ASKED), (NOW, other), (NOW + A_MOMENT, replace(ASKED, ts="3.4"))]:
            holders[0].claim(asked.key, at, asked)
        assert holders[1].asked_by(ASKED.user, NOW) == [NOW, NOW + A_MOMENT]
        assert holders[1].asked_by(ASKED.user, NOW + A_MOMENT) == [NOW + A_MOMENT]


def test_a_home_keeps_its_name_and_no_other_has_it(tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
    assert replica_name(homes[0]) == replica_name(homes[0])
    assert replica_name(homes[0]) != replica_name(homes[1])

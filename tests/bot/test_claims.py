"""Claims: one answer for each message, whoever gets it, however often, whoever dies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.claims import ABANDONED_AFTER, KEPT_FOR, Claims
from corpus.store.article_store import open_store
from tests.conftest import NOW

KEY = "message:C0PRESS:1.2"
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[list[Claims]]:
    """Several processes' claims, each over a connection of its own to one database."""
    stores = [open_store(f"sqlite:///{tmp_path / 'chancery.db'}") for _ in range(4)]
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
    assert not claims.claim(KEY, NOW + ABANDONED_AFTER)
    assert claims.claim(KEY, NOW + ABANDONED_AFTER + A_MOMENT)
    assert not claims.claim(KEY, NOW + ABANDONED_AFTER + 2 * A_MOMENT)


def test_of_many_at_once_one_gets_it(replicas: list[Claims]) -> None:
    with ThreadPoolExecutor(16) as racing:
        given = list(racing.map(lambda n: replicas[n % 4].claim(KEY, NOW), range(32)))
    assert given.count(True) == 1


def test_of_many_at_once_one_takes_an_abandoned_claim_over(replicas: list[Claims]) -> None:
    replicas[0].claim(KEY, NOW)
    later = NOW + ABANDONED_AFTER + A_MOMENT
    with ThreadPoolExecutor(16) as racing:
        given = list(racing.map(lambda n: replicas[n % 4].claim(KEY, later), range(32)))
    assert given.count(True) == 1


def test_what_no_redelivery_can_mean_is_forgotten_and_nothing_newer(claims: Claims) -> None:
    claims.claim("message:C0PRESS:old", NOW - KEPT_FOR - A_MOMENT)
    claims.claim("message:C0PRESS:new", NOW - KEPT_FOR + A_MOMENT)
    claims.finish("message:C0PRESS:old", NOW)
    claims.finish("message:C0PRESS:new", NOW)
    claims.forget_old(NOW)
    assert claims.claim("message:C0PRESS:old", NOW)
    assert not claims.claim("message:C0PRESS:new", NOW)

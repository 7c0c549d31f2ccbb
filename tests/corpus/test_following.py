"""Positions of followers: they move from where they were found, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.store.articles import ArticleStore, open_store
from corpus.store.database import ChangePosition, writing
from tests.fakes.databases import new_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def position(store: ArticleStore) -> ChangePosition:
    return ChangePosition(store.engine, "alerts")


def test_begins_at_nothing(position: ChangePosition) -> None:
    assert position.value == 0


def test_moves_from_where_it_was_found(position: ChangePosition) -> None:
    assert position.advance(0, 7)
    assert position.advance(7, 9)
    assert position.value == 9


@pytest.mark.parametrize("found", [0, 3, 8])
def test_stays_where_another_has_moved_it(position: ChangePosition, found: int) -> None:
    position.advance(0, 7)
    assert not position.advance(found, 12)
    assert position.value == 7


def test_followers_do_not_move_each_other(store: ArticleStore, position: ChangePosition) -> None:
    position.advance(0, 7)
    assert ChangePosition(store.engine, "stories").value == 0


def test_goes_back_with_the_transaction_that_fails(
    store: ArticleStore, position: ChangePosition
) -> None:
    def fail() -> None:
        with writing(store.engine) as connection:
            assert position.move(connection, 0, 7)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert position.value == 0


def test_of_many_at_once_one_moves_it(position: ChangePosition) -> None:
    with ThreadPoolExecutor(8) as threads:
        moved = list(threads.map(lambda number: position.advance(0, number), range(1, 9)))
    assert moved.count(True) == 1
    assert position.value == moved.index(True) + 1

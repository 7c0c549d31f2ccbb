"""Signed requests are taken once, however many processes there are and whatever fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.db.events import SIGNATURES_KEPT_FOR, Replays
from bot.db.schema import claimed_events
from bot.library import open_corpus
from corpus.store.articles import ArticleStore
from tests.conftest import NOW, settings_for

FIRST, SECOND = "v0=" + "a" * 64, "v0=" + "b" * 64


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    corpus = open_corpus(settings_for(tmp_path))
    yield corpus
    corpus.close()


def remembered(store: ArticleStore) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(claimed_events)) or 0


def test_each_signature_is_new_once(store: ArticleStore) -> None:
    replays = Replays(store.engine, lambda: NOW)
    assert replays.first(FIRST)
    assert not replays.first(FIRST)
    assert replays.first(SECOND)


def test_another_process_and_a_restarted_one_know_it_too(store: ArticleStore) -> None:
    assert Replays(store.engine, lambda: NOW).first(FIRST)
    assert not Replays(store.engine, lambda: NOW).first(FIRST)


def test_what_is_older_than_a_signature_can_be_is_forgotten(store: ArticleStore) -> None:
    now = [NOW]
    replays = Replays(store.engine, lambda: now[0])
    for number in range(50):
        now[0] += timedelta(minutes=1)
        assert replays.first(f"v0={number:064x}")
    assert remembered(store) <= 2 * SIGNATURES_KEPT_FOR / timedelta(minutes=1) + 1
    assert not replays.first(f"v0={49:064x}")


def test_what_was_claimed_otherwise_stays(store: ArticleStore) -> None:
    with store.engine.begin() as connection:
        values = {"event_id": "message:C0PRESS:1.2", "claimed_at": NOW - timedelta(days=1)}
        connection.execute(claimed_events.insert().values(values))
    Replays(store.engine, lambda: NOW).first(FIRST)
    assert remembered(store) == 2


def test_without_the_database_memory_decides(store: ArticleStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE claimed_events RENAME TO elsewhere"))
    replays = Replays(store.engine, lambda: NOW)
    assert replays.first(FIRST)
    assert not replays.first(FIRST)

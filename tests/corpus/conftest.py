"""An empty article store, for whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.store.articles import ArticleStore, open_store


@pytest.fixture
def store(database_url: str) -> Iterator[ArticleStore]:
    """An empty article store, on each kind of database in turn."""
    opened = open_store(database_url)
    yield opened
    opened.close()

"""Databases for the article store: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from corpus.store.articles import ArticleStore, open_store
from tests.fakes.postgresql import PostgresqlMissing, running_postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server of our own; skips where PostgreSQL cannot be run."""
    try:
        with running_postgresql() as url:
            yield url
    except PostgresqlMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """URL of an empty PostgreSQL database; what the test before left there is gone."""
    url = f"{postgresql_server}/postgres"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path / 'chancery.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[ArticleStore]:
    """An empty article store, on each kind of database in turn."""
    opened = open_store(database_url)
    yield opened
    opened.close()

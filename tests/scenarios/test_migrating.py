"""`chancery migrate` is killed on its way from a home to servers, again and again, and ends with
what the home held: nothing lost, nothing doubled.

It is a real process, forked from a server that has imported everything. What holds it up, so that
it can be killed there, is a lock in the PostgreSQL database that it writes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Executable, insert, select, text

import bot.db.schema as bots
from bot.cli import main
from bot.library import open_corpus, open_library
from corpus.errors import StoreError
from corpus.store import schema
from corpus.store.articles import open_store
from corpus.store.backup import ROWS
from corpus.store.database import connect, reading, writing
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.vectors import COLLECTION, server_client
from retrieval.outcomes import Answer
from retrieval.questions.understand import understand
from tests.conftest import NOW, administering, settings_for
from tests.scenarios.conftest import START_SECONDS
from tests.scenarios.old_home import ANSWERED, SAID, unpacked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

TURNS = 2 * ROWS
PRELOADED = [
    "alembic.command",
    "alembic.config",
    "chromadb.api.rust",
    "langchain_chroma",
    "psycopg",
    "retrieval.answers.chain",
    "retrieval.index.indexer",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "tests.scenarios.test_migrating",
]


def turn(number: int) -> dict[str, Any]:
    """A turn, none of whose ids comes before that of a lower number."""
    return {
        "id": f"{number:032}",
        "conversation": f"C0PRESS:{number}",
        "asked_by": "U0DESK",
        "asked_at": NOW,
        "question": f"Question {number}?",
        "answer": "[]",
    }


def locking(table: str) -> Executable:
    return text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def marking() -> Executable:
    """What says whether a database holds half a copy; written first and last."""
    return text("UPDATE alembic_version SET version_num = version_num")


POINTS: tuple[tuple[str, Executable], ...] = (
    ("before anything", marking()),
    ("before the articles", locking("articles")),
    ("in the midst of a batch", insert(bots.turns).values(turn(TURNS - 5))),
    ("before the paragraphs", locking("paragraphs")),
    ("before the citations", locking("turn_citations")),
    ("with all there, but not said to be", marking()),
)


def migrate(environment: dict[str, str]) -> None:
    """The command, as the console script calls it."""
    os.environ.update(environment)
    sys.argv = ["chancery", "migrate"]
    main()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What people have who come from release 0.1.0, and more turns than go over at once."""
    folder = unpacked(tmp_path)
    store = open_corpus(settings_for(folder))
    with writing(store.engine) as connection:
        connection.execute(insert(bots.turns), [turn(number) for number in range(TURNS)])
    store.close()
    return folder


def started(home: Path, **settings: str) -> BaseProcess:
    """The command on a home, with the servers that it goes to."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    named = {name.upper(): value for name, value in settings.items()}
    models = os.environ["CHANCERY_MODELS"]
    environment = {"CHANCERY_HOME": str(home), "CHANCERY_MODELS": models, **named}
    process = context.Process(target=migrate, args=(environment,))
    process.start()
    return process


def ended_well(process: BaseProcess) -> None:
    process.join()
    assert process.exitcode == 0


def backends(server: str, url: str, waiting: bool) -> int:
    """How many connections a database has, or how many of them wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = :name"
    locked = " AND wait_event_type = 'Lock'" if waiting else ""
    name = urlsplit(url).path.removeprefix("/")
    with administering(server) as connection:
        return int(connection.scalar(text(query + locked), {"name": name}) or 0)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


@contextmanager
def held_up(url: str, lock: Executable) -> Iterator[None]:
    """Whoever comes to what a statement locks waits until this is over, as if it had not been."""
    engine = connect(url)
    with engine.connect() as connection:
        connection.execute(lock)
        yield
        connection.rollback()
    engine.dispose()


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table of a database."""
    engine = connect(url)
    with reading(engine) as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in schema.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_killed_wherever_it_copies_it_ends_with_what_the_home_held(
    home: Path, postgresql_server: str, postgresql_copy: str
) -> None:
    for point, lock in POINTS:
        with held_up(postgresql_copy, lock):
            process = started(home, database_url=postgresql_copy)
            until(lambda: backends(postgresql_server, postgresql_copy, waiting=True) > 0)
            kill(process)
        until(lambda: backends(postgresql_server, postgresql_copy, waiting=False) == 0)
        if point != "before anything":
            with pytest.raises(StoreError, match="holds half a copy"):
                open_store(postgresql_copy)
    ended_well(started(home, database_url=postgresql_copy))
    held = rows(str(settings_for(home).store_url))
    assert len(held["turns"]) == TURNS + 4
    assert rows(postgresql_copy) == held


def test_killed_while_it_embeds_it_answers_from_the_servers(
    home: Path, postgresql_copy: str, chroma_url: str, embeddings: SentenceEmbeddings
) -> None:
    servers = {"database_url": postgresql_copy, "chroma_url": chroma_url}
    process = started(home, **servers)
    client = server_client(chroma_url)
    until(lambda: any(one.name == COLLECTION for one in client.list_collections()))
    with suppress(AssertionError):  # It may have ended by then.
        kill(process)
    ended_well(started(home, **servers))

    assert rows(postgresql_copy) == rows(str(settings_for(home).store_url))
    settings = settings_for(home, **servers)
    store = open_corpus(settings)
    with open_library(settings, store, "tests", embeddings=embeddings) as library:
        assert library.indexer.pending() == (0, 0)
        assert library.vectors.size == store.readable_paragraphs(store.last_change())
        answer = library.chain.invoke(understand(ANSWERED, NOW)).outcome
    store.close()
    assert isinstance(answer, Answer), answer
    assert any(SAID in statement.text for statement in answer.statements)

"""A backup holds one moment of the store, made while others write, and puts it back whole; a copy
in another database has every row once, wherever it was broken off."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

import bot.db.schema as bots
from corpus.errors import SchemaError, StoreError
from corpus.ingest import ingest
from corpus.store import schema
from corpus.store.articles import ArticleStore, open_store
from corpus.store.backup import ROWS, back_up, copy_store, restore
from corpus.store.database import connect, reading, writing
from tests.fakes.articles import NOON, read_article


def fill(store: ArticleStore, *names: str) -> None:
    ingest(store, [read_article(name, f"{name} was said in Tripoli.") for name in names], said_at)


def said_at() -> datetime:
    return NOON


def titles(url: str) -> list[str]:
    store = open_store(url)
    try:
        return [change.article.url for change in store.changes_since(0)]
    finally:
        store.close()


@contextmanager
def written_to(url: str) -> Iterator[None]:
    """Another thread stores one article after the other for as long as this lasts."""
    stop = threading.Event()

    def write() -> None:
        store = open_store(url)
        number = 0
        while not stop.is_set():
            number += 1
            fill(store, f"later{number}")
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_what_was_kept_comes_back_from_a_backup_made_while_others_wrote(
    database_url: str, tmp_path: Path
) -> None:
    store = open_store(database_url)
    fill(store, *(f"before{number}" for number in range(20)))
    file = tmp_path / "store.backup"
    with written_to(database_url):
        saved = back_up(store.engine, file, NOON)
    store.close()
    after = titles(database_url)
    assert restore(database_url, file) == saved
    back = titles(database_url)
    assert back == after[: len(back)]
    assert len(back) >= 20
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_restored_store_goes_on_being_written(database_url: str, tmp_path: Path) -> None:
    store = open_store(database_url)
    fill(store, "one")
    back_up(store.engine, tmp_path / "b", NOON)
    fill(store, "two")
    store.close()
    restore(database_url, tmp_path / "b")
    again = open_store(database_url)
    fill(again, "three")
    numbers = [change.number for change in again.changes_since(0)]
    again.close()
    assert len(set(numbers)) == 2


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'home' / 'chancery.db'}"
    store = open_store(url)
    fill(store, "kept")
    store.close()
    return url


@pytest.fixture
def saved(sqlite_url: str, tmp_path: Path) -> Path:
    store = open_store(sqlite_url)
    back_up(store.engine, tmp_path / "b", NOON)
    store.close()
    return tmp_path / "b"


def changed(file: Path, name: str, content: bytes) -> Path:
    """The same backup with one member replaced."""
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for member, held in {**members, name: content}.items():
            archive.writestr(member, held)
    return file


def test_a_file_that_is_no_backup_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear colleague")
    with pytest.raises(StoreError, match="is no backup of Chancery"):
        restore(sqlite_url, tmp_path / "letter")
    with pytest.raises(StoreError, match="could not be put back"):
        restore(sqlite_url, tmp_path / "nowhere")
    assert len(titles(sqlite_url)) == 1


def test_half_a_backup_changes_nothing(sqlite_url: str, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    with pytest.raises(StoreError, match="is no backup"):
        restore(sqlite_url, saved)
    assert len(titles(sqlite_url)) == 1


def test_a_damaged_database_in_a_backup_changes_nothing(sqlite_url: str, saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        held = bytearray(archive.read("chancery.db"))
    held[4096:16384] = b"\xff" * 12288
    with pytest.raises(StoreError):
        restore(sqlite_url, changed(saved, "chancery.db", bytes(held)))
    assert len(titles(sqlite_url)) == 1


def test_a_backup_of_a_later_version_is_refused(sqlite_url: str, saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        note = json.loads(archive.read("backup.json"))
    later = json.dumps({**note, "schema": "9999"}).encode()
    with pytest.raises(SchemaError, match="update first"):
        restore(sqlite_url, changed(saved, "backup.json", later))


def test_a_backup_of_another_kind_of_database_is_refused(saved: Path) -> None:
    with pytest.raises(StoreError, match="is a backup of sqlite"):
        restore("postgresql://nobody@127.0.0.1:1/chancery", saved)


def test_a_log_of_the_replaced_database_is_not_applied(sqlite_url: str, saved: Path) -> None:
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(database)) as left_open:
        left_open.execute("CREATE TABLE stray (x)")
        left_open.commit()
        log = database.with_name("chancery.db-wal").read_bytes()
    database.with_name("chancery.db-wal").write_bytes(log)
    restore(sqlite_url, saved)
    with closing(sqlite3.connect(database)) as restored:
        found = restored.execute("SELECT name FROM sqlite_master WHERE name = 'stray'").fetchall()
    assert found == []


def test_a_backup_that_cannot_be_written_leaves_the_one_before(
    sqlite_url: str, saved: Path, tmp_path: Path
) -> None:
    before = saved.read_bytes()
    store = open_store(sqlite_url)
    with pytest.raises(StoreError, match="could not be written"):
        back_up(store.engine, tmp_path / "missing" / "b", NOON)
    store.close()
    assert saved.read_bytes() == before


# -- a copy in another database ----------------------------------------------------------------

TABLES = schema.metadata.sorted_tables
MANY = 2 * ROWS + 500
"""Rows of the turns, so that they go over in three batches; of any other table there are three."""


def value_of(column: Column[Any], number: int) -> object:
    """Something that a column may hold, another for each number where it is a key."""
    for key in column.foreign_keys:
        return value_of(key.column, number)
    kind = column.type
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(kind, schema.UtcDateTime):
        return NOON + timedelta(days=number, microseconds=number)
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, LargeBinary):
        return bytes([0, number % 256])
    length = getattr(kind, "length", None) or 40
    return f"{number} ё{column.name}"[:length]


def rows_of(table: Table) -> list[dict[str, object]]:
    count = MANY if table is bots.turns else 3
    return [
        {column.name: value_of(column, number) for column in table.columns}
        for number in range(1, count + 1)
    ]


@pytest.fixture
def full(tmp_path: Path) -> Iterator[ArticleStore]:
    """A store that has rows in every table there is."""
    store = open_store(f"sqlite:///{tmp_path / 'home' / 'chancery.db'}")
    with writing(store.engine) as connection:
        for table in TABLES:
            connection.execute(insert(table), rows_of(table))
        drawn = schema.counters.c.name == "change"
        connection.execute(update(schema.counters).where(drawn).values(value=3))
    yield store
    store.close()


def held_by(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a database, also of one that nothing opens."""
    engine = connect(url)
    with reading(engine) as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in TABLES
        }
    engine.dispose()
    return found


class BrokenOff(Exception):
    """Stands for the end of the process."""


def breaking_off(batches: int) -> Callable[[int], None]:
    """Ends a copy once so many batches were seen to."""
    seen = 0

    def advance(rows: int) -> None:
        nonlocal seen
        seen += 1
        if seen == batches:
            raise BrokenOff

    return advance


def broken_off(store: ArticleStore, url: str, batches: int) -> None:
    with pytest.raises(BrokenOff):
        copy_store(store, url, breaking_off(batches))


def test_a_copy_holds_every_row_of_every_table(full: ArticleStore, database_url: str) -> None:
    copied = copy_store(full, database_url)
    held = held_by(database_url)
    assert held == held_by(str(full.engine.url))
    assert all(held.values())
    assert copied.rows == sum(map(len, held.values()))
    copy = open_store(database_url)
    assert copy.identity == full.identity
    copy.close()


@pytest.mark.slow
def test_a_copy_is_gone_on_with_wherever_it_was_broken_off(
    full: ArticleStore, database_url: str
) -> None:
    batches = len(TABLES) + 2
    for batch in range(1, batches + 1):
        broken_off(full, database_url, batch)
        with pytest.raises(StoreError, match="holds half a copy; run chancery migrate again"):
            open_store(database_url)
    last = copy_store(full, database_url)
    assert last.written == 0
    assert held_by(database_url) == held_by(str(full.engine.url))


def test_what_was_changed_and_forgotten_since_is_so_in_the_copy(
    full: ArticleStore, database_url: str
) -> None:
    broken_off(full, database_url, len(TABLES))
    forgotten, changed = (value_of(bots.turns.c.id, number) for number in (7, 8))
    with writing(full.engine) as connection:
        connection.execute(delete(bots.turns).where(bots.turns.c.id == forgotten))
        connection.execute(
            update(bots.turns).where(bots.turns.c.id == changed).values(question="?")
        )
    copy_store(full, database_url)
    assert held_by(database_url) == held_by(str(full.engine.url))


def test_a_copy_that_may_be_in_use_stays_as_it_is(full: ArticleStore, database_url: str) -> None:
    copy_store(full, database_url)
    copy = open_store(database_url)
    fill(copy, "read on the server")
    copy.close()
    before = held_by(database_url)
    again = copy_store(full, database_url)
    assert (again.written, again.before) == (0, True)
    assert held_by(database_url) == before
    fill(full, "one", "two")
    with pytest.raises(StoreError, match="holds an older copy of this store; name an empty"):
        copy_store(full, database_url)
    assert held_by(database_url) == before


def test_a_database_with_another_stores_data_is_refused(
    full: ArticleStore, database_url: str, tmp_path: Path
) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other' / 'chancery.db'}")
    fill(other, "theirs")
    broken_off(other, database_url, 3)
    with pytest.raises(StoreError, match="holds another store's data; name an empty database"):
        copy_store(full, database_url)
    copy_store(other, database_url)
    other.close()
    with pytest.raises(StoreError, match="holds another store's data; name an empty database"):
        copy_store(full, database_url)
    assert titles(database_url) == ["https://example.org/theirs"]


def test_a_database_that_was_opened_but_never_written_to_is_taken(
    full: ArticleStore, database_url: str
) -> None:
    looked_at = open_store(database_url)
    assert looked_at.identity != full.identity
    looked_at.close()
    copy_store(full, database_url)
    assert held_by(database_url) == held_by(str(full.engine.url))


def test_half_a_copy_of_another_version_is_refused(full: ArticleStore, database_url: str) -> None:
    broken_off(full, database_url, 3)
    engine = connect(database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'copying 0004'"))
    engine.dispose()
    with pytest.raises(StoreError, match="another version of Chancery began; empty it"):
        copy_store(full, database_url)


def test_numbers_go_on_after_those_that_were_copied(full: ArticleStore, database_url: str) -> None:
    copy_store(full, database_url)
    copy = open_store(database_url)
    entry = {name: value for name, value in rows_of(bots.audit)[0].items() if name != "id"}
    with writing(copy.engine) as connection:
        connection.execute(insert(bots.audit).values(entry))
        assert connection.scalar(select(func.max(bots.audit.c.id))) == 4
    copy.close()


def test_a_text_with_a_letter_that_postgresql_does_not_take_is_copied(
    full: ArticleStore, database_url: str
) -> None:
    with writing(full.engine) as connection:
        connection.execute(update(bots.turns).values(question="before\0after"))
    broken_off(full, database_url, len(TABLES) + 1)
    copy_store(full, database_url)
    copy = open_store(database_url)
    with reading(copy.engine) as connection:
        questions = set(connection.scalars(select(bots.turns.c.question)))
    copy.close()
    assert questions == {"before\ufffdafter"}


def test_a_table_that_nobody_knows_is_not_left_behind_in_silence(
    full: ArticleStore, database_url: str
) -> None:
    with writing(full.engine) as connection:
        connection.execute(text("CREATE TABLE strange (x INTEGER)"))
    with pytest.raises(StoreError, match="has a table that this version does not know"):
        copy_store(full, database_url)

"""The whole store elsewhere: in one file, made while others write and put back later, or in another
database.

    back_up(engine, file, now)   ->  Saved; the file appears whole or not at all
    restore(url, file)           ->  Saved; the store is replaced whole or not at all
    copy_store(store, url)       ->  Copied; until it is whole nothing else opens the copy

The file is a zip of `backup.json` (what, when, which schema) and the database: an SQLite file as
SQLite's backup interface copies it, or PostgreSQL's own custom format as `pg_dump` writes it, each
a consistent state of one moment. Indexes are left out: they follow from the store.

A copy goes over row by row, since no file of one kind of database is read by the other. It has the
identity and the change numbers of the store, so that indexes and followers go on where they were.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from corpus.errors import SchemaError, StoreError
from corpus.store import schema
from corpus.store.articles import IDENTITY, ArticleStore
from corpus.store.database import (
    COPYING,
    HEAD,
    connect,
    first_line,
    known_revisions,
    migrate,
    public_name,
    reading,
    revision,
    writing,
)

_NOTE = "backup.json"
_MEMBERS = {"sqlite": "chancery.db", "postgresql": "chancery.dump"}
_FORMAT = 1
# Pages a step, about 4 MB: between two steps others may write.
_PAGES = 1_000
_TOOL_SECONDS = 6 * 3600
_HALF = f"{COPYING} {HEAD}"
ROWS = 1_000
"""Rows of a copy that go over in one transaction."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds."""

    made_at: str
    """ISO 8601, UTC."""
    database: str
    """`sqlite` or `postgresql`."""
    schema: str
    """Revision of the tables."""
    format: int = _FORMAT


def back_up(engine: Engine, file: Path, now: datetime) -> Saved:
    """Write the store into a file that only its owner may read.

    Raises StoreError where the file cannot be written or PostgreSQL's programs are missing; what
    stood at `file` before is then still there.
    """
    kind = engine.dialect.name
    saved = Saved(now.isoformat(), kind, HEAD)
    try:
        with _beside(file) as folder:
            copy = Path(folder) / _MEMBERS[kind]
            if kind == "sqlite":
                _copy_sqlite(_sqlite_file(engine.url), copy)
            else:
                _pg(engine.url, ["pg_dump", "--format=custom", f"--file={copy}"])
            whole = Path(folder) / file.name
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                archive.writestr(_NOTE, json.dumps(asdict(saved)))
                archive.write(copy, copy.name)
            whole.chmod(0o600)
            os.replace(whole, file)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(str(file), f"could not be written ({_said(error)})") from error
    return saved


def restore(url: str | URL, file: Path) -> Saved:
    """Replace the store at a database URL by what a backup holds, and bring it to today's schema.

    Nobody else may have the store open. Raises StoreError where the file is no whole backup of
    the same kind of database, SchemaError where a later version of Chancery made it; the store is
    then as it was.
    """
    target = make_url(url)
    kind = target.get_backend_name()
    try:
        with zipfile.ZipFile(file) as archive:
            saved = _note_of(archive, file)
            _check(saved, kind, file)
            member = archive.getinfo(_MEMBERS[kind])
            if kind == "sqlite":
                _put_back_sqlite(archive, member, _sqlite_file(target))
            else:
                with _beside(file) as folder:
                    dump = Path(archive.extract(member, folder))
                    tables = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
                    database = f"--dbname={target.database}"
                    _pg(target, ["pg_restore", *tables, database, str(dump)])
    except (zipfile.BadZipFile, KeyError) as error:
        raise StoreError(str(file), "is no backup of Chancery, or not a whole one") from error
    except (OSError, sqlite3.Error) as error:
        raise StoreError(str(file), f"could not be put back ({_said(error)})") from error
    engine = connect(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    return saved


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy of a store did: how many rows it wrote, of how many; `before` where another had
    copied all of them."""

    written: int
    rows: int
    before: bool = False


def copy_store(
    store: ArticleStore, url: str | URL, advance: Callable[[int], None] = lambda rows: None
) -> Copied:
    """Copy every row of a store into an empty database of either kind.

    Tables go over in an order that their references allow, a batch a transaction. Until the last
    has gone the database says that it is half a copy. After an interruption it is gone on with:
    rows that are there are compared; where one is not as in the store, the store was written to
    since, and the copy is begun anew. The store cannot be written to meanwhile. `advance` is told
    how many rows were seen to.

    A database that holds the whole store stays as it is, since it may be in use. StoreError where
    it holds anything else, SchemaError where a later version of Chancery made it.
    """
    tables = _tables(store.engine)
    target = connect(url)
    try:
        identity = int(store.identity, 16)
        if not _begin(target, tables, identity):
            if store.last_change() > ArticleStore(target).last_change():
                reason = "holds an older copy of this store; name an empty database"
                raise StoreError(public_name(target.url), reason)
            return Copied(0, sum(_counts(target, tables).values()), before=True)
        with writing(store.engine) as source:
            try:
                copied = _copied(source, target, tables, advance)
            except _WrittenSince:
                _clear(target, tables)
                copied = _copied(source, target, tables, advance)
            _finish(target, tables)
        return copied
    finally:
        target.dispose()


class _WrittenSince(Exception):
    """Half a copy has rows that are no longer those of the store."""


def _tables(engine: Engine) -> list[Table]:
    """Every table of a store, none before those that it refers to."""
    tables = schema.metadata.sorted_tables
    stored = set(inspect(engine).get_table_names()) - {"alembic_version"}
    if strange := stored - {table.name for table in tables}:
        reason = f"has a table that this version does not know ({min(strange)})"
        raise StoreError(public_name(engine.url), reason)
    return tables


def _counts(engine: Engine, tables: Sequence[Table]) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def _begin(target: Engine, tables: Sequence[Table], identity: int) -> bool:
    """Mark an empty database as half a copy of the store with that identity, or find it marked;
    False where it holds the whole of it."""
    counters, name = schema.counters, public_name(target.url)
    half = _half_mark(target)
    if half is None:
        migrate(target)
    elif half != _HALF:
        reason = "holds half a copy that another version of Chancery began; empty it and try again"
        raise StoreError(name, reason)
    with reading(target) as connection:
        query = select(counters.c.value).where(counters.c.name == IDENTITY)
        same = connection.scalar(query) == identity
    # A store that was opened once and never written to has counters.
    held = sum(count for of, count in _counts(target, tables).items() if of != counters.name)
    if not same and (held or half):
        raise StoreError(name, "holds another store's data; name an empty database")
    if half is None and held:
        return False
    if half is None:
        with writing(target) as connection:
            _mark(connection, HEAD, _HALF)
            connection.execute(delete(counters))
            connection.execute(insert(counters).values(name=IDENTITY, value=identity))
    return True


def _half_mark(engine: Engine) -> str | None:
    """The mark of a database that holds half a copy; None for any other."""
    try:
        found = revision(engine)
    except DBAPIError as error:
        name = public_name(engine.url)
        raise StoreError(name, f"cannot be opened ({first_line(error)})") from error
    return found if found is not None and found.startswith(COPYING) else None


def _mark(connection: Connection, found: str, revision: str) -> None:
    """Change what a database says of its tables; StoreError where another process did."""
    update = text("UPDATE alembic_version SET version_num = :new WHERE version_num = :found")
    if connection.execute(update, {"new": revision, "found": found}).rowcount != 1:
        reason = "is being written by another process; try again when it has ended"
        raise StoreError(public_name(connection.engine.url), reason)


def _copied(
    source: Connection, target: Engine, tables: Sequence[Table], advance: Callable[[int], None]
) -> Copied:
    written = rows = 0
    for table in tables:
        for new, seen in _copy_table(table, source, target):
            written, rows = written + new, rows + seen
            advance(seen)
    return Copied(written, rows)


def _copy_table(table: Table, source: Connection, target: Engine) -> Iterator[tuple[int, int]]:
    """Copy what is not there yet; of each batch how many rows were written, and how many it has.

    The target may order texts otherwise, so that its rows are looked up by their keys.
    """
    left = _counts(target, [table])[table.name]
    ordered = select(table).order_by(*table.primary_key.columns)
    found = source.execute(ordered, execution_options={"yield_per": ROWS})
    for batch in found.mappings().partitions(ROWS):
        rows = {_key(table, row): row for row in map(_storable, batch)}
        there = _there(target, table, list(rows)) if left else {}
        left -= len(there)
        if any(rows[key] != row for key, row in there.items()):
            raise _WrittenSince
        new = [row for key, row in rows.items() if key not in there]
        if new:
            with writing(target) as connection:
                connection.execute(insert(table), new)
        yield len(new), len(rows)
    if left:
        raise _WrittenSince


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _there(target: Engine, table: Table, keys: list[tuple[Any, ...]]) -> dict[Any, Row]:
    """The rows with these keys that a database has, by their keys."""
    columns = tuple(table.primary_key.columns)
    if len(columns) == 1:
        wanted = columns[0].in_([key for (key,) in keys])
    else:
        wanted = tuple_(*columns).in_(keys)
    with reading(target) as connection:
        rows = map(dict, connection.execute(select(table).where(wanted)).mappings())
        return {_key(table, row): row for row in rows}


def _storable(row: Any) -> Row:
    """A row as PostgreSQL takes it: its texts have no NUL, which SQLite's may."""
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _clear(target: Engine, tables: Sequence[Table]) -> None:
    """Empty half a copy; it stays marked, and whose it is."""
    with writing(target) as connection:
        for table in reversed(tables):
            if table is not schema.counters:
                connection.execute(delete(table))
        connection.execute(delete(schema.counters).where(schema.counters.c.name != IDENTITY))


def _finish(target: Engine, tables: Sequence[Table]) -> None:
    """Let the copy be opened, once numbers go on after those that it was given."""
    with writing(target) as connection:
        for table in tables if target.dialect.name == "postgresql" else ():
            column = table.autoincrement_column
            last = None if column is None else connection.scalar(select(func.max(column)))
            if column is not None and last is not None:
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(sequence, last)))
        _mark(connection, _HALF, HEAD)


def _note_of(archive: zipfile.ZipFile, file: Path) -> Saved:
    try:
        told = json.loads(archive.read(_NOTE))
        return Saved(**told)
    except (TypeError, ValueError) as error:
        raise StoreError(str(file), "is no backup that this version can read") from error


def _check(saved: Saved, kind: str, file: Path) -> None:
    if saved.database != kind:
        raise StoreError(str(file), f"is a backup of {saved.database}; DATABASE_URL names {kind}")
    if saved.format != _FORMAT or saved.schema not in known_revisions():
        raise SchemaError(str(file), "was made by a later version of Chancery; update first")


def _sqlite_file(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise StoreError(public_name(url), "is held in memory; there is nothing to back up")
    return Path(url.database)


def _copy_sqlite(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other, pages=_PAGES)
        # One file, not three, is what is kept.
        other.execute("PRAGMA journal_mode=DELETE")


def _put_back_sqlite(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target) as folder:
        copy = Path(archive.extract(member, folder))
        with closing(sqlite3.connect(copy)) as database:
            (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise StoreError(target.name, f"is damaged in the backup ({sound})")
        copy.chmod(0o600)
        # A log of the replaced database must not be applied to the new one.
        for rest in ("-wal", "-shm"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        os.replace(copy, target)


def _pg(url: URL, command: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes through its environment."""
    program = shutil.which(command[0])
    if program is None:
        raise StoreError(command[0], "is not installed; it comes with PostgreSQL's client")
    given = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
    }
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    try:
        done = subprocess.run(
            [program, *command[1:]],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TOOL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(public_name(url), f"{command[0]} took too long") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise StoreError(public_name(url), reason)


def _beside(file: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder on the file system of `file`, so that what is made there can be moved to it."""
    return tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.resolve().parent)


def _said(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "no reason"

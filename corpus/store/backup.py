"""One file that holds the whole store, made while others read and write it, and put back later.

    back_up(engine, file, now)   ->  Saved; the file appears whole or not at all
    restore(url, file)           ->  Saved; the store is replaced whole or not at all

The file is a zip of `backup.json` (what, when, which schema) and the database: an SQLite file as
SQLite's backup interface copies it, or PostgreSQL's own custom format as `pg_dump` writes it, each
a consistent state of one moment. Indexes are left out: they follow from the store.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, make_url

from corpus.errors import SchemaError, StoreError
from corpus.store.database import HEAD, connect, known_revisions, migrate, public_name

_NOTE = "backup.json"
_MEMBERS = {"sqlite": "chancery.db", "postgresql": "chancery.dump"}
_FORMAT = 1
# Pages a step, about 4 MB: between two steps others may write.
_PAGES = 1_000
_TOOL_SECONDS = 6 * 3600


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

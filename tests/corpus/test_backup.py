"""A backup holds one moment of the store, made while others write, and puts it back whole."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from corpus.errors import SchemaError, StoreError
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from corpus.store.backup import back_up, restore
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

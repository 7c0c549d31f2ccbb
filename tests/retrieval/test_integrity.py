"""Damage of an index is seen before it is opened, told in words, and built anew from the store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.errors import DiskFull
from retrieval.index.indexer import Indexer
from retrieval.index.integrity import (
    PARTS,
    Part,
    damage,
    discard,
    examine,
    left_as_it_was,
    remember,
)
from tests.fakes.articles import NOON, read_article
from tests.fakes.indexed import IndexedCorpus

# Chroma keeps the last thousand records in its log; only what is older is in the HNSW files.
ARTICLES = 120
LINES = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "home"
    folder.mkdir()
    with IndexedCorpus(folder) as corpus:
        corpus.read(
            *(
                read_article(
                    f"{number}", *(f"Line {number}x{line} of it." for line in range(LINES))
                )
                for number in range(ARTICLES)
            )
        )
    return folder


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "home"))


@pytest.fixture
def store(home: Path) -> Iterator[ArticleStore]:
    opened = open_store(f"sqlite:///{home / 'chancery.db'}")
    yield opened
    opened.close()


def garble(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_wrong_with_an_index_as_it_was_written(
    home: Path, store: ArticleStore, part: Part
) -> None:
    found = examine(home, part)
    assert (found.wrong, found.paragraphs) == (None, ARTICLES * LINES)
    assert damage(home, part, store) is None


@pytest.mark.parametrize("part", PARTS)
def test_an_index_that_is_not_there_yet_is_not_damaged(tmp_path: Path, part: Part) -> None:
    assert examine(tmp_path, part).wrong is None


@pytest.mark.parametrize("harm", [garble, cut, empty])
@pytest.mark.parametrize(
    ("part", "files"),
    [
        ("vectors", "chroma/*/data_level0.bin"),
        ("vectors", "chroma/*/header.bin"),
        ("vectors", "chroma/chroma.sqlite3"),
        ("words", "lexical-*/paragraphs/*.idx"),
        ("words", "lexical-*/paragraphs/*.store"),
        ("words", "lexical-*/articles/*.term"),
        ("words", "lexical-*/paragraphs/meta.json"),
    ],
)
@pytest.mark.slow
def test_damage_is_told_in_words(
    home: Path, store: ArticleStore, part: Part, files: str, harm: Callable[[Path], None]
) -> None:
    harmed = sorted(home.glob(files))
    for path in harmed:
        harm(path)
    told = damage(home, part, store)
    assert harmed
    assert told is not None
    assert told.startswith("The vector index" if part == "vectors" else "The word index")
    assert "\n" not in told


def test_what_a_killed_process_had_begun_to_write_is_no_damage(
    home: Path, store: ArticleStore
) -> None:
    known = next(home.glob("lexical-*/paragraphs/*.idx"))
    known.with_name(f"{'0' * 32}.idx").write_bytes(known.read_bytes()[:100])
    assert damage(home, "words", store) is None


@pytest.mark.slow
def test_records_that_are_gone_are_missed(home: Path, store: ArticleStore) -> None:
    with IndexedCorpus(home) as corpus:
        ids = corpus.vector_records()
        corpus.client.get_collection("paragraphs").delete(ids=ids[: len(ids) // 2])
    assert damage(home, "vectors", store) == (
        "The vector index is damaged (1,200 of 2,400 paragraphs are missing)"
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.slow
def test_a_discarded_index_is_built_anew(home: Path, store: ArticleStore, part: Part) -> None:
    for path in [*home.glob("chroma/*.sqlite3"), *home.glob("lexical-*/paragraphs/meta.json")]:
        garble(path)
    for damaged in PARTS:
        discard(home, damaged)
    with IndexedCorpus(home) as corpus:
        assert corpus.indexer.catch_up() == ARTICLES * LINES
    assert damage(home, part, store) is None


@pytest.mark.parametrize("part", PARTS)
def test_files_that_are_not_those_that_were_left_are_looked_at(home: Path, part: Part) -> None:
    assert not left_as_it_was(home, part)
    remember(home)
    assert left_as_it_was(home, part)
    garble(next(home.glob("chroma/*.sqlite3" if part == "vectors" else "lexical-*/*/*.idx")))
    assert not left_as_it_was(home, part)


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with IndexedCorpus(tmp_path) as corpus:
        parts = (corpus.store, corpus.vectors, corpus.lexical, corpus.embeddings, tmp_path)
        full, roomy = Indexer(*parts, spare_bytes=2**62), Indexer(*parts)
        ingest(corpus.store, [read_article("new", "A line.")], lambda: NOON)
        with pytest.raises(DiskFull, match="is full"):
            full.catch_up()
        assert not full.whole
        assert corpus.vector_records() == []
        assert roomy.catch_up() == 1
        assert roomy.whole

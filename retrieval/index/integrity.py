"""Whether the indexes of a home can be read: asked before they are opened, by a process of its own.

    left_as_it_was  the files are those that the last process left: nothing needs to be asked
    examine         a child opens an index, reads it and searches it   ─▶ Found
    damage          the same in words, and whether all is there that the store has
    discard         what is damaged goes; the indexer builds it anew from the article store

Both engines are native code: a garbled file ends the process that opens it, without an exception
that could be caught. So a child opens it first, where its files are not those that were left when
the last process closed them (it was killed, the disk was full, a file was changed).
"""

from __future__ import annotations

import json
import logging
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.store.articles import ArticleStore

log = logging.getLogger("chancery.indexes")

Part = Literal["vectors", "words"]
PARTS: tuple[Part, ...] = ("vectors", "words")
_NAMES = {"vectors": "vector index", "words": "word index"}
_LEFT = "indexes.left"
# Reading the whole of a large index takes minutes on a slow disk.
_PATIENCE_SECONDS = 900
_SAMPLED = 50
# Records of one vector may crowd one another out of an approximate search.
_FOUND_SHARE = 0.9
_FOOTER = 1337


@dataclass(frozen=True, slots=True)
class Found:
    """What a child found in an index: what is wrong, None where nothing is; how many paragraphs
    it holds, and the number of the last change of the store that it knows."""

    wrong: str | None = None
    paragraphs: int = 0
    position: int = 0


def left_as_it_was(home: Path, part: Part) -> bool:
    """Whether the files of an index have size and time of those that the last process left."""
    try:
        left = json.loads((home / _LEFT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(left, Mapping) and left.get(part) == _state(home, part)


def remember(home: Path) -> None:
    """Note how the files are left, once their indexes are closed."""
    state = {part: _state(home, part) for part in PARTS}
    try:
        (home / _LEFT).write_text(json.dumps(state), encoding="utf-8")
    except OSError:
        # On a full disk nothing can be noted: the next process examines them.
        (home / _LEFT).unlink(missing_ok=True)


def examine(home: Path, part: Part) -> Found:
    """Have a child read an index; nothing is wrong with one that is not there yet."""
    if not any(folder.exists() for folder in _folders(home, part)):
        return Found()
    command = [sys.executable, "-m", __name__, part, str(home)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Found(f"reading it took longer than {_PATIENCE_SECONDS // 60} minutes")
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return Found(f"reading it ends a process with {name}")
    try:
        return Found(**json.loads(done.stdout))
    except (ValueError, TypeError):
        log.debug("%s of %s: %s", part, home, done.stderr)
        return Found("it cannot be read")


def discard(home: Path, part: Part) -> None:
    """Remove an index; it is built anew from the article store."""
    for folder in _folders(home, part):
        shutil.rmtree(folder, ignore_errors=True)


def damage(home: Path, part: Part, store: ArticleStore) -> str | None:
    """What is wrong with an index, as the beginning of a sentence; None where nothing is."""
    found = examine(home, part)
    wrong = found.wrong
    if wrong is None:
        expected = store.readable_paragraphs(found.position)
        missing = expected - found.paragraphs
        wrong = f"{missing:,} of {expected:,} paragraphs are missing" if missing > 0 else None
    return f"The {_NAMES[part]} is damaged ({wrong.rstrip('.')})" if wrong else None


def _folders(home: Path, part: Part) -> list[Path]:
    return [home / "chroma"] if part == "vectors" else sorted(home.glob("lexical-*"))


def _state(home: Path, part: Part) -> dict[str, list[int]]:
    """Size and time of each file; locks come and go."""
    return {
        path.relative_to(home).as_posix(): [path.stat().st_size, path.stat().st_mtime_ns]
        for folder in _folders(home, part)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


# -- in the child ---------------------------------------------------------------------------------


def _examine_vectors(home: Path) -> Found:
    import chromadb

    from retrieval.index.vectors import COLLECTIONS, client_settings

    database = home / "chroma" / "chroma.sqlite3"
    if not database.is_file():
        return Found("chroma.sqlite3 is not there")
    try:
        with sqlite3.connect(database) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        return Found(f"chroma.sqlite3: {answer}")
    client = chromadb.PersistentClient(path=str(home / "chroma"), settings=client_settings())
    made = {one.name: one for one in client.list_collections()}
    if not made and any(path.is_dir() for path in database.parent.iterdir()):
        return Found("chroma.sqlite3 does not know its vectors")
    held: set[str] = set()
    positions = []
    for name in COLLECTIONS:
        if name in made:
            ids = made[name].get(include=[])["ids"]
            if wrong := _wrong_with(made[name], ids):
                return Found(wrong)
            held.update(one.rpartition(":")[0] for one in ids)
            positions.append(int((made[name].metadata or {}).get("position", 0)))
    return Found(paragraphs=len(held), position=min(positions, default=0))


def _wrong_with(collection: Any, ids: list[str]) -> str | None:
    """Whether records, drawn evenly, are found by their own vectors, which have length 1."""
    import numpy as np

    drawn = ids[:: max(1, len(ids) // _SAMPLED)]
    if not drawn:
        return None
    vectors = np.asarray(collection.get(ids=drawn, include=["embeddings"])["embeddings"])
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=0.01):
        return "its vectors are not what was stored"
    nearest = collection.query(
        query_embeddings=vectors, n_results=min(10, len(ids)), include=["distances"]
    )
    found = sum(bool(row) and row[0] < 0.001 for row in nearest["distances"])
    return None if found >= _FOUND_SHARE * len(drawn) else "it does not find what it holds"


def _examine_words(home: Path) -> Found:
    from retrieval.errors import IndexUnavailable
    from retrieval.index.lexical import LexicalIndex

    for folder in _folders(home, "words"):
        for path in _committed(folder):
            if not _sum_is_right(path):
                return Found(f"{path.name} is not what was written")
    try:
        index = LexicalIndex(home)
    except IndexUnavailable:
        return Found("it cannot be opened")
    try:
        return Found(paragraphs=index.size, position=index.position)
    finally:
        index.close()


def _committed(folder: Path) -> Iterator[Path]:
    """The files of the segments that an index knows. What a killed process had begun to write is
    in none of them, and the next one to write removes it."""
    for meta in sorted(folder.rglob("meta.json")):
        try:
            told = json.loads(meta.read_bytes())
            segments = {one["segment_id"].replace("-", "") for one in told["segments"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # Nothing can be opened by it, which says more than its files.
        for path in sorted(meta.parent.iterdir()):
            if path.is_file() and path.name.partition(".")[0] in segments:
                yield path


def _sum_is_right(path: Path) -> bool:
    """Whether a file of a tantivy index has the CRC-32 that its footer states.

    The footer is JSON, its length and a magic number end the file (tantivy, directory/footer.rs).
    """
    with path.open("rb") as stream:
        content = stream.read()
    if len(content) < 8:
        return False
    length, magic = struct.unpack("<II", content[-8:])
    if magic != _FOOTER or length > len(content) - 8:
        return False
    body, footer = content[: -8 - length], content[-8 - length : -8]
    try:
        return bool(json.loads(footer)["crc"] == zlib.crc32(body))
    except (ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    _part, _home = sys.argv[1], Path(sys.argv[2])
    _examined = _examine_vectors(_home) if _part == "vectors" else _examine_words(_home)
    print(json.dumps(asdict(_examined)))  # noqa: T201

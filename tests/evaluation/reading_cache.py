"""A reader that remembers on disk what it read, so that measuring again is quick.

.eval-cache/<reader>.db    digest of question and text -> score; delete it to read anew
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.encoders.cross_encoder import PACKAGED_READER, Reader, make_reader
from retrieval.index.embedding import Vectors

# Measuring waits for what a reader has to say.
PATIENCE = 600.0


class CachedReader:
    """A `Reader` through a cache; for one thread."""

    def __init__(self, folder: Path, reader: Reader | None = None) -> None:
        self._reader = reader or make_reader(PACKAGED_READER)
        assert self._reader is not None
        folder.mkdir(parents=True, exist_ok=True)
        self._known = sqlite3.connect(folder / f"{self.name}.db", isolation_level=None, timeout=60)
        self._known.execute("PRAGMA journal_mode = wal")
        self._known.execute(
            "CREATE TABLE IF NOT EXISTS read (pair BLOB PRIMARY KEY, score REAL) WITHOUT ROWID"
        )

    @property
    def name(self) -> str:
        assert self._reader is not None
        return self._reader.name

    def load(self) -> None:
        assert self._reader is not None
        self._reader.load()

    def score(self, question: str, texts: Sequence[str], *, seconds: float = PATIENCE) -> Vectors:
        assert self._reader is not None
        pairs = [_digest(question, text) for text in texts]
        known = {pair: score for pair in pairs if (score := self._recall(pair)) is not None}
        missing = {pair: text for pair, text in zip(pairs, texts, strict=True) if pair not in known}
        if missing:
            scores = self._reader.score(question, list(missing.values()), seconds=PATIENCE)
            found = {
                pair: float(one)
                for pair, one in zip(missing, scores, strict=True)
                if not math.isnan(one)
            }
            self._known.executemany("INSERT OR REPLACE INTO read VALUES (?, ?)", found.items())
            known |= found
        return np.array([known.get(pair, math.nan) for pair in pairs], dtype=np.float32)

    def close(self) -> None:
        self._known.close()

    def _recall(self, pair: bytes) -> float | None:
        row = self._known.execute("SELECT score FROM read WHERE pair = ?", (pair,)).fetchone()
        return float(row[0]) if row else None


def _digest(question: str, text: str) -> bytes:
    return hashlib.blake2b(f"{question}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]

"""Embeddings without a model: a text's vector is the sum of its words' vectors.

Words have fixed pseudo-random directions, the same in every process, so that texts which share
words are near one another and an exact order can be computed beside the index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from retrieval.encoders.encoder import Offsets, Vectors, overlapping
from retrieval.index.embedding import SentenceEmbeddings

_WORD = re.compile(r"\w+")


class HashedEncoder:
    """Unit vectors of bags of words; `window` counts words. An `Encoder`."""

    similarity = "cosine"

    def __init__(self, name: str, dimension: int, window: int) -> None:
        self.name = name
        self.dimension = dimension
        self.window = window
        self.encoded: list[str] = []
        """Every text that it was asked for."""

    def load(self) -> None:
        return None

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.casefold()):
                row += _direction(word, self.dimension)
            length = float(np.linalg.norm(row))
            row[:] = row / length if length else np.eye(1, self.dimension)[0]
        return rows

    encode_query = encode_document

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        return overlapping(texts, self.window, _word_places)


def _word_places(texts: Sequence[str]) -> list[Offsets]:
    return [[match.span() for match in _WORD.finditer(text)] for text in texts]


class HashedWords(SentenceEmbeddings):
    """Embeddings over such an encoder, and over a second one where `others` names it."""

    def __init__(
        self,
        model: str = "hashed-words",
        *,
        dimension: int = 32,
        window: int = 60,
        others: str | None = None,
    ) -> None:
        self.english = HashedEncoder(model, dimension, window)
        self.others = HashedEncoder(others, dimension, window) if others else None
        super().__init__(self.english, self.others)


@cache
def _direction(word: str, dimension: int) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)

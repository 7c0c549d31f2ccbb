"""Embeddings without a model: a text's vector is the sum of its words' vectors.

Words have fixed pseudo-random directions, the same in every process, so that texts which share
words are near one another and an exact order can be computed beside the index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from retrieval.index.embedding import SentenceEmbeddings, Vectors

_WORD = re.compile(r"\w+")


class HashedWords(SentenceEmbeddings):
    """Unit vectors of bags of words; `window` counts words."""

    def __init__(
        self, model: str = "hashed-words", *, dimension: int = 32, window: int = 60
    ) -> None:
        super().__init__(model)
        self._dimension = dimension
        self._window = window

    def load(self) -> None:
        return None

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def window(self) -> int:
        return self._window

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.casefold()):
                row += _direction(word, self._dimension)
            length = float(np.linalg.norm(row))
            row[:] = row / length if length else np.eye(1, self._dimension)[0]
        return rows

    def _offsets(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        return [[match.span() for match in _WORD.finditer(text)] for text in texts]


@cache
def _direction(word: str, dimension: int) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


def loaded_model(embeddings: SentenceEmbeddings) -> Any:
    """The sentence-transformers model itself, for measuring against it."""
    return embeddings._model()

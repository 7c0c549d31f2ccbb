"""The vector of what a text tells first: the mean of its first paragraphs' vectors.

    paragraphs -> from the vector index; encoded where they are not there -> mean -> unit vector

The index has the vectors already, so that grouping beside it encodes nothing. The mean is as good
as one vector of title and lead together, and better than a mean with the title among them: B³ F1
.954, .951 and .950 (`python -m tests.evaluation --sets stories`). A text without paragraphs goes
by its title.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from corpus.articles import Article
from retrieval.embedding import Vectors
from retrieval.passages import ParagraphKey
from retrieval.stories.features import StoryText

Encode = Callable[[Sequence[str]], Vectors]
"""Unit vectors of texts, one row a text."""


class KeepsParagraphs(Protocol):
    """What is asked for the vectors of paragraphs: `retrieval.vectors.VectorIndex`."""

    @property
    def position(self) -> int:
        """Number of the last change of the store that it holds."""
        ...

    def of_paragraphs(self, keys: Sequence[ParagraphKey]) -> Mapping[ParagraphKey, Vectors]:
        """The unit vectors of those paragraphs that it holds, each of the first window."""
        ...


class LeadVectors:
    """Makes vectors of leads. Threads may share it."""

    def __init__(self, encode: Encode, index: KeepsParagraphs | None = None) -> None:
        self._encode = encode
        self._index = index

    def of(
        self, texts: Sequence[tuple[Article, StoryText]], upto: int | None = None
    ) -> list[Vectors]:
        """One unit vector a text, in their order.

        The index is asked where it holds the changes `upto` this one, or whatever it holds for
        None: a paragraph that has changed since would have its old vector.
        """
        if not texts:
            return []
        parts = [told.lead or (told.title,) for _, told in texts]
        known = self._indexed(texts, upto)
        unknown = list(
            dict.fromkeys(
                part for own, held in zip(parts, known, strict=True) for part in own
                if part not in held
            )
        )  # fmt: skip
        encoded = dict(zip(unknown, self._encode(unknown), strict=True)) if unknown else {}
        return [
            _mean([held[part] if part in held else encoded[part] for part in own])
            for own, held in zip(parts, known, strict=True)
        ]

    def _indexed(
        self, texts: Sequence[tuple[Article, StoryText]], upto: int | None
    ) -> list[dict[str, Vectors]]:
        """Of each text the vectors of its paragraphs, by what stands there."""
        if self._index is None or (upto is not None and self._index.position < upto):
            return [{} for _ in texts]
        numbers = [_numbers(article, told) for article, told in texts]
        keys = [
            (article.id, number)
            for (article, _), own in zip(texts, numbers, strict=True)
            for number in own.values()
        ]
        held = self._index.of_paragraphs(keys)
        return [
            {
                text: held[article.id, number]
                for text, number in own.items()
                if (article.id, number) in held
            }
            for (article, _), own in zip(texts, numbers, strict=True)
        ]


def _numbers(article: Article, told: StoryText) -> dict[str, int]:
    """The paragraphs of a lead by their text."""
    lead = set(told.lead)
    return {one.text: one.number for one in reversed(article.paragraphs) if one.text in lead}


def _mean(rows: Sequence[Vectors]) -> Vectors:
    mean = np.mean(np.stack(rows), axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)

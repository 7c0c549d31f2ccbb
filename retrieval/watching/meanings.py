"""What watches mean: their words as vectors, compared with an article's paragraphs.

Beside being near, the article must be about a place of the watch's words and have half of their
names: "ceasefire talks in Libya" is as near to talks in Sudan as to its own. Whatever an article
fails of this for is not compared at all, which leaves few of ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.places.finding import places_of
from retrieval.embedding import Vectors
from retrieval.terms import fold, names
from retrieval.watching.criteria import Criteria
from retrieval.watching.phrases import content_count, is_name
from retrieval.watching.texts import WatchedText

NEAR_IN_MEANING = 0.60
"""Cosine from which a paragraph says what the words of a watch say.

Tuned on headers of dated events as watches and the events as articles, by
`python -m tests.benchmarks --only meaning`. Of what is matched, the share that stands under the
very header is 0.27 from 0.50 on, 0.38 from 0.55, 0.48 from 0.60 and 0.65; beyond 0.60 only matches
are lost. Much of the other half tells of the same conflict under a neighbouring header, another
year's most often.
"""

Encode = Callable[[Sequence[str]], Vectors]
"""Unit vectors of texts, one row a text."""


@dataclass(frozen=True, slots=True)
class Near:
    """A watch and the window of an article that says what one of its words says."""

    watch: int
    text: str
    window: int
    cosine: float


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Words to be met in meaning, what must be spoken of beside, and the watches that look for
    them."""

    text: str
    places: frozenset[str]
    names: frozenset[str]
    watches: tuple[int, ...]


class Meanings:
    """The meanings of many watches in one matrix. Immutable, so threads may share it."""

    def __init__(self, criteria: Sequence[Criteria], encode: Encode) -> None:
        """Watches are numbered as `criteria` stands; `encode` is called once at most."""
        looked_for: dict[str, list[int]] = {}
        for watch, one in enumerate(criteria):
            for text in one.words:
                if says_enough(text):
                    looked_for.setdefault(text, []).append(watch)
        self._meanings = [_meaning(text, watches) for text, watches in looked_for.items()]
        self._matrix = encode(list(looked_for)) if looked_for else None
        self._by_place = _rows_by(self._meanings, lambda meaning: meaning.places)
        self._by_name = _rows_by(self._meanings, lambda meaning: meaning.names)
        self._names = np.array([len(meaning.names) for meaning in self._meanings], dtype=np.intp)
        self._anywhere = np.array([not meaning.places for meaning in self._meanings], dtype=bool)

    def near(self, text: WatchedText, vectors: Vectors, least: float) -> Iterator[Near]:
        """What is near an article's windows (rows of `vectors`), from a cosine of `least` on."""
        if self._matrix is None or not len(vectors):
            return
        rows = self._may_be_met(text)
        near = self._matrix[rows] @ vectors.T
        for at, window in np.argwhere(near >= least).tolist():
            meaning = self._meanings[rows[at]]
            for watch in meaning.watches:
                yield Near(watch, meaning.text, window, float(near[at, window]))

    def _may_be_met(self, text: WatchedText) -> NDArray[np.intp]:
        """The meanings with a place that the text is about, or none, and half of whose names
        stand in it."""
        about = self._anywhere.copy()
        for place in text.subject_places & self._by_place.keys():
            about[self._by_place[place]] = True
        found = [self._by_name[name] for name in text.vocabulary & self._by_name.keys()]
        rows = np.concatenate(found) if found else np.zeros(0, dtype=np.intp)
        standing = np.bincount(rows, minlength=len(about))
        return np.flatnonzero(about & (2 * standing >= self._names))


def _rows_by(
    meanings: Sequence[_Meaning], keys: Callable[[_Meaning], Iterable[str]]
) -> dict[str, NDArray[np.intp]]:
    rows: dict[str, list[int]] = {}
    for row, meaning in enumerate(meanings):
        for key in keys(meaning):
            rows.setdefault(key, []).append(row)
    return {key: np.array(found, dtype=np.intp) for key, found in rows.items()}


def says_enough(text: str) -> bool:
    """Whether words say enough to be met in meaning: two content words, and not a name."""
    return content_count(text) >= 2 and not is_name(text)


def _meaning(text: str, watches: Iterable[int]) -> _Meaning:
    required = {fold(name) for name in names(text) if not places_of(name)}
    watching = tuple(dict.fromkeys(watches))
    return _Meaning(text, frozenset(places_of(text)), frozenset(required), watching)

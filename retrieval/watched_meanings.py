"""What watches mean: their words as vectors, compared with an article's paragraphs.

Beside being near, the article must be about a place of the watch's words and have half of their
names: "ceasefire talks in Libya" is as near to talks in Sudan as to its own. Whatever an article
fails of this for is not compared at all, which leaves few of ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.places import places_of
from retrieval.embedding import Vectors
from retrieval.phrases import content_count, is_name
from retrieval.terms import fold, names
from retrieval.watched_text import WatchedText
from retrieval.watches import Criteria

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

    def may_be_met(self, text: WatchedText) -> bool:
        if self.places and not self.places & text.subject_places:
            return False
        return 2 * len(self.names & text.vocabulary) >= len(self.names)


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
        self._anywhere: list[int] = []
        self._by_place: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        for row, meaning in enumerate(self._meanings):
            for place in meaning.places:
                self._by_place.setdefault(place, []).append(row)
            if not meaning.places:
                for name in meaning.names:
                    self._by_name.setdefault(name, []).append(row)
                if not meaning.names:
                    self._anywhere.append(row)

    def near(self, text: WatchedText, vectors: Vectors, least: float) -> Iterator[Near]:
        """What is near an article's windows (rows of `vectors`), from a cosine of `least` on."""
        if self._matrix is None or not len(vectors):
            return
        rows = [row for row in self._candidates(text) if self._meanings[row].may_be_met(text)]
        cosines = self._matrix[rows] @ vectors.T
        for at, window in np.argwhere(cosines >= least).tolist():
            meaning = self._meanings[rows[at]]
            for watch in meaning.watches:
                yield Near(watch, meaning.text, window, float(cosines[at, window]))

    def _candidates(self, text: WatchedText) -> Iterable[int]:
        rows = set(self._anywhere)
        for place in text.subject_places & self._by_place.keys():
            rows.update(self._by_place[place])
        for name in text.vocabulary & self._by_name.keys():
            rows.update(self._by_name[name])
        return sorted(rows)


def says_enough(text: str) -> bool:
    """Whether words say enough to be met in meaning: two content words, and not a name."""
    return content_count(text) >= 2 and not is_name(text)


def _meaning(text: str, watches: Iterable[int]) -> _Meaning:
    required = {fold(name) for name in names(text) if not places_of(name)}
    watching = tuple(dict.fromkeys(watches))
    return _Meaning(text, frozenset(places_of(text)), frozenset(required), watching)

"""Whether two sentences tell the same, by their words and by their meaning.

A sentence that says again what was said wastes its reader's time; one that only shares a name
does not. Words alone miss "ousts" for "removes from power"; vectors alone call two moves of one
army the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from threading import Lock

import numpy as np

from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.words import FUNCTION_WORDS, content_words, stem
from retrieval.encoders.encoder import Vectors

Encode = Callable[[Sequence[str]], Vectors]
"""Unit vectors of texts, one row a text."""

# Shares of a sentence's content words that the other has, and cosines, read by eye on the sample:
# pairs above either tell the same thing; pairs above both of the lower ones do too.
SAME_WORDS = 0.62
SAME_SENSE = 0.84
PARTLY_WORDS = 0.42
PARTLY_SENSE = 0.70
# Sentences that share fewer words than this are not compared in meaning, which takes time: of the
# sample's pairs with a cosine of .84 none shares so few.
SOME_WORDS = 0.2

REMEMBERED = 20_000
"""Vectors kept between documents, about 60 MB."""

_CALENDAR = DAYS_AND_MONTHS | {"today", "yesterday", "tomorrow"}


class Sameness:
    """Compares sentences; remembers the vector of each it has seen."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._vectors: dict[str, Vectors] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Encode texts at once, which is faster than one by one."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if unknown:
            self._vectors.update(zip(unknown, self._encode(unknown), strict=True))

    def vector(self, text: str) -> Vectors:
        self.learn([text])
        return self._vectors[text]

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        self.learn(texts)
        return np.stack([self._vectors[text] for text in texts])

    def cosine(self, one: str, other: str) -> float:
        return float(self.vector(one) @ self.vector(other))

    def same(self, one: str, other: str) -> bool:
        """Whether a reader who has read `other` learns next to nothing from `one`."""
        shared = covered(one, other)
        if shared >= SAME_WORDS:
            return True
        if shared < SOME_WORDS:
            return False
        cosine = self.cosine(one, other)
        return cosine >= SAME_SENSE or (shared >= PARTLY_WORDS and cosine >= PARTLY_SENSE)

    def repeats(self, text: str, others: Iterable[str]) -> bool:
        """Whether any of the others tells the same."""
        near = [other for other in others if covered(text, other) >= SOME_WORDS]
        if near and max(covered(text, other) for other in near) < SAME_WORDS:
            self.learn([text, *near])
        return any(self.same(text, other) for other in near)


@lru_cache(maxsize=16_384)
def stems(text: str) -> frozenset[str]:
    """Roughly stemmed content words without days and months: "Libyan" and "Libya" are one."""
    return frozenset(
        stem(word, peoples=True)
        for word in content_words(text)
        if word not in _CALENDAR and word not in FUNCTION_WORDS and not word.isdigit()
    )


def covered(text: str, other: str) -> float:
    """Share of the content words of a text that stand in another."""
    own = stems(text)
    return len(own & stems(other)) / len(own) if own else 0.0


def overlap(one: str, other: str) -> float:
    """Share of the content words of the shorter of two texts that stand in the other."""
    left, right = stems(one), stems(other)
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller else 0.0


def adds_words(text: str, known: Iterable[str]) -> set[str]:
    """Stems of a text that none of the others has."""
    heard = {word for other in known for word in stems(other)}
    return set(stems(text) - heard)


class RememberedVectors:
    """Encodes texts and remembers the vectors of the last ones: the same sentences are compared
    for one reader after another. Threads may share it."""

    def __init__(self, encode: Encode, most: int = REMEMBERED) -> None:
        self._encode = encode
        self._most = most
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in their order."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in known:
                self._vectors.move_to_end(text)
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        if unknown:
            known.update(zip(unknown, self._encode(unknown), strict=True))
            with self._lock:
                self._vectors.update((text, known[text]) for text in unknown)
                while len(self._vectors) > self._most:
                    self._vectors.popitem(last=False)
        return np.stack([known[text] for text in texts])

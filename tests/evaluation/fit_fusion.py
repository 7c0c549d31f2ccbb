"""Looks for better weights of the signals that `retrieval.search.fusion` adds up.

    python -m tests.evaluation.fit_fusion

The first passages of each question are ordered anew with other weights, one weight at a time, as
long as the sum over the sets grows: of hit@1 and hit@10, for multihop of recall@10 and all@10. It
climbs on one half of the questions and says what that gives on the other, both ways round.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from corpus.text.sentences import rough_sentences
from retrieval.encoders.cross_encoder import Reader
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.time import gain
from retrieval.questions.understand import parts_of
from retrieval.search.fusion import FULL, WEIGHTS, Signals, best_covered, fitting, squared
from retrieval.search.retriever import RERANKED
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.metrics import all_at, hit_at, recall_at
from tests.evaluation.sets import HIT_SETS, ROOT, Asked, data_folder, load
from tests.evaluation.systems import System, open_system, understood

SETS = {"squad2": 800, "timeqa": 333, "briefings": 386, "multihop": 389}
PASSAGES = 60
STEPS = (0.05, 0.02)
NAMES = tuple(field.name for field in fields(Signals))


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the signals of its first passages, what the time adds, and how to rate."""

    set: str
    half: int
    asked: Asked
    keys: list[tuple[str, int]]
    signals: NDArray[np.float64]
    gains: NDArray[np.float64]

    def rate(self, weights: NDArray[np.float64]) -> float:
        order = np.argsort(-(self.signals @ weights + self.gains), kind="stable")[:10]
        found = [self.keys[place] for place in order]
        if self.set in HIT_SETS:
            keys = self.asked.keys
            return float(hit_at(found, keys, 1)) + float(hit_at(found, keys, 10))
        pieces = self.asked.pieces
        return recall_at(found, pieces, 10) + float(all_at(found, pieces, 10))


def examples(name: str, size: int) -> Iterator[Example]:
    questions = load(name, data_folder()).sample(size)
    print(f"{name}: {len(questions.questions)} questions", file=sys.stderr)
    cache = CachedEmbeddings(ROOT / ".eval-cache")
    with cache, open_system(questions, cache) as system:
        for asked in questions.questions:
            if asked.gold:
                yield _example(name, asked, system)


def _example(name: str, asked: Asked, system: System) -> Example:
    question = understood(asked)
    found = system.search.find(question, PASSAGES)
    signals = _signals(system, question.search_text, found)
    around = question.around
    gains = np.array(
        [gain(one.text, one.article.published_at, around) if around else 0.0 for one in found]
    )
    half = hashlib.sha256(asked.id.encode()).digest()[0] % 2
    return Example(name, half, asked, [one.key for one in found], signals, gains)


def _read(reader: Reader, text: str, found: Sequence[Passage]) -> dict[ParagraphKey, float]:
    """What a reader finds of the first passages, as the search counts it."""
    first = [] if parts_of(text) else found[:RERANKED]
    texts = [f"{one.article.title}\n{one.text}" for one in first]
    scores = reader.score(text, texts, seconds=math.inf).tolist()
    return {one.key: fitting(score) for one, score in zip(first, scores, strict=True)}


def _signals(system: System, text: str, found: Sequence[Passage]) -> NDArray[np.float64]:
    lexical = system.scorer.lexical
    rarity = lexical.rarity(text, known=True)
    rare = squared(rarity)
    whole, rarest = sum(rarity.values()) or 1.0, sum(rare.values()) or 1.0
    covered = lexical.covered(rare, [one.key for one in found])
    articles = lexical.articles.covered(rarity, dict.fromkeys(one.article.id for one in found))
    read = _read(system.reader, text, found)
    rows = []
    for one in found:
        sentences = [lexical.analysed(sentence) for sentence in rough_sentences(one.text)]
        signals = Signals(
            cosine=one.cosine or 0.0,
            lexical=one.lexical,
            covered=covered.get(one.key, 0.0) / rarest,
            covered_by_article=articles.get(one.article.id, 0.0) / whole,
            covered_by_sentence=best_covered(rarity, [set(terms) for terms in sentences]),
            full=min(1.0, sum(map(len, sentences)) / FULL),
            reading=read.get(one.key, 0.0),
        )
        rows.append(astuple(signals))
    return np.array(rows)


def climb(found: Sequence[Example]) -> NDArray[np.float64]:
    """The weights from which no single step is better."""
    weights = np.array(astuple(WEIGHTS))
    best = total(found, weights)
    for step in STEPS:
        moved = True
        while moved:
            moved = False
            for place in range(len(weights)):
                for change in (step, -step):
                    tried = weights.copy()
                    tried[place] += change
                    if (value := total(found, tried)) > best + 1e-9:
                        weights, best, moved = tried, value, True
    return weights


def total(found: Sequence[Example], weights: NDArray[np.float64]) -> float:
    """Sum of both rates of each set, every set weighing the same."""
    rates: dict[str, list[float]] = {}
    for example in found:
        rates.setdefault(example.set, []).append(example.rate(weights))
    return sum(float(np.mean(values)) for values in rates.values())


def main() -> None:
    found = [one for name, size in SETS.items() for one in examples(name, size)]
    shipped = np.array(astuple(WEIGHTS))
    for half in (0, 1):
        learnt = climb([one for one in found if one.half == half])
        other = [one for one in found if one.half != half]
        print(f"half {half}: on the other {total(other, learnt):.3f}, ", end="")
        print(f"the shipped weights {total(other, shipped):.3f}")
    for name, weight in zip(NAMES, climb(found), strict=True):
        print(f"    {name}={weight:.2f},")


if __name__ == "__main__":
    main()

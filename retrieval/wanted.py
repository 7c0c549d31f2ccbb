"""What a search looks for: vector and weighted terms of a text and of what stands beside it.

    text  +  other names of what it names  +  earlier turns of the conversation  ->  Wanted

A follow-up leans on the turns before: the last question and its answer count too, with less
weight, in meaning and in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.fusion import squared
from retrieval.lexical import LexicalIndex
from retrieval.names import Named
from retrieval.questions import LONGEST_SEARCH, Turn

# What the turn before counts beside the question itself. Tried on mtrag_un between 0 and .4:
# recall@5 lies between .89 and .90 from .1 to .3 each, best here on both halves of its
# conversations; with nothing before it is .86.
PREVIOUS_WEIGHT = 0.2
ANSWER_WEIGHT = 0.2
# What another name of something counts beside the one that was used. Enough to find what nothing
# else finds; above .2 multihop and briefings lose .01: a state is named in more than what is asked.
ALSO_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text as a search sees it.

    `vector` has unit length; `terms` are all terms with their weights for BM25, `rarity` the
    content terms that the corpus has, with their weights for coverage; `rare` weighs them by the
    square of how rare they are.
    """

    text: str
    vector: Vectors
    terms: Mapping[str, float]
    rarity: Mapping[str, float]
    rare: Mapping[str, float]


def wanted(
    said: Sequence[Named],
    earlier: Sequence[Turn],
    embeddings: SentenceEmbeddings,
    lexical: LexicalIndex,
) -> list[Wanted]:
    """Each text with its other names and the last earlier turn; everything is encoded at once."""
    before = _before(earlier)
    beside = [{**dict.fromkeys(one.also, ALSO_WEIGHT), **before} for one in said]
    every = [one.text for one in said] + [text for added in beside for text in added]
    vectors = dict(zip(every, embeddings.encode_questions(every), strict=True))
    found = []
    for one, added in zip(said, beside, strict=True):
        weights = {**added, one.text: 1.0}
        leaning = sum(weight * vectors[text] for text, weight in weights.items())
        found.append(
            Wanted(
                one.text,
                _unit(leaning) if added else vectors[one.text],
                _merged(weights, lambda text: dict.fromkeys(lexical.terms(text), 1.0)),
                _merged(weights, lambda text: lexical.rarity(text, known=True)),
                _merged(weights, lambda text: squared(lexical.rarity(text, known=True))),
            )
        )
    return found


def _before(earlier: Sequence[Turn]) -> dict[str, float]:
    """Texts of the last turn with their weights."""
    if not earlier:
        return {}
    last = earlier[-1]
    turn = {last.question: PREVIOUS_WEIGHT, last.answer: ANSWER_WEIGHT}
    return {text[:LONGEST_SEARCH]: weight for text, weight in turn.items() if text.strip()}


def _merged(
    weights: Mapping[str, float], terms: Callable[[str], Mapping[str, float]]
) -> dict[str, float]:
    merged: dict[str, float] = {}
    for text, weight in weights.items():
        for term, value in terms(text).items():
            merged[term] = max(merged.get(term, 0.0), weight * value)
    return merged


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector

"""What is known of a paragraph as a find for a question, and the one score made of it. Pure.

    meaning, words, coverage by paragraph, sentence and article, fullness  ->  0..1

Each signal is a share, so that a weighted sum keeps how clear it was, which rank fusion (RRF)
throws away (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
BM25 sums over terms: one rare word said often outweighs three that were asked for together.
Coverage counts each term once, by its rarity; in the best sentence it measures that the terms stand
close together, in the article that the whole speaks of the matter and the paragraph need not say
so again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
"""One for each paragraph."""

# Terms. A shorter paragraph is a heading or an aside; its cosine is as high as its text is plain.
FULL = 40


@dataclass(frozen=True, slots=True)
class Signals:
    """Each between 0 and 1, the higher the better the paragraph fits."""

    cosine: float = 0.0
    lexical: float = 0.0
    """BM25 divided by the best of the search."""
    covered: float = 0.0
    """Share of the question's terms that stand in the paragraph or its title, by the square of
    their rarity: a name weighs more than the verb beside it."""
    covered_by_article: float = 0.0
    """The same for the whole article, by rarity."""
    covered_by_sentence: float = 0.0
    """The same for the best sentence, by rarity."""
    full: float = 0.0
    """Length in terms, as a share of `FULL`."""
    reading: float = 0.0
    """How well a cross-encoder finds that the paragraph answers, of those that it read."""


# Tuned on squad2, timeqa, briefings and multihop together, one setting for all: where one weight
# moves by .03, the sum of each set's hit@1 and hit@10 (multihop: recall and all@10) changes by less
# than .01. `python -m tests.evaluation.fit_fusion` climbs from here on either half of the
# questions.
# Proximity of pairs of words, neighbouring paragraphs, the title's cosine and feedback from the
# first finds gained on one set what they lost on another; vectors of sentences gained .01 on squad2
# and would double the time that reading takes.
# `reading` was fitted on 57 questions of squad2 and 69 of timeqa: hit@1 is .895 and .507 without,
# .947 and .536 at .3, .965 and .536 from .4 on; from .8 on timeqa loses.
WEIGHTS = Signals(
    cosine=0.35,
    lexical=0.07,
    covered=0.26,
    covered_by_article=0.13,
    covered_by_sentence=0.13,
    full=0.06,
    reading=0.40,
)


# Calibrated on English questions of XQuAD: where the log-odds that a paragraph is the right one are
# those of an English paragraph with the same score, read by the reader (fitted for Arabic, Chinese,
# German, Russian, Spanish and Turkish, whose slopes lie between 1.07 and 1.43). With the weight of
# what is shared between .05 and .1 hit@1 over the six is .865 and .860, without .855, at .2 .848:
# half of the questions name nobody, and others of the same article name the same.
ACROSS_BASE, ACROSS_COSINE, ACROSS_SHARED = -0.07, 1.27, 0.06


def across(cosines: Scores, shared: Scores) -> Scores:
    """Scores of paragraphs in another language than the question's, on the scale of the others.

    Of their words only names and numbers can be the question's too; `shared` is the share of
    these that a paragraph has, however it writes them.
    """
    found: Scores = ACROSS_BASE + ACROSS_COSINE * cosines + ACROSS_SHARED * shared
    return found


def best_covered(rarity: Mapping[str, float], sentences: Iterable[Set[str]]) -> float:
    """The highest share of some terms that one sentence of a paragraph covers."""
    total = sum(rarity.values())
    if not total:
        return 0.0
    asked = rarity.keys()
    shared = (asked & terms for terms in sentences)
    return max((sum(map(rarity.__getitem__, one)) for one in shared), default=0.0) / total


def fitting(score: float) -> float:
    """The score of a cross-encoder, which is a logit, as a share.

    Those of ms-marco-MiniLM lie between -11 and 11. Halved and moved up, what answers and what
    only speaks of the matter still differ.
    """
    return 1.0 / (1.0 + math.exp(2.0 - max(-30.0, min(30.0, score)) / 2.0))


def squared(rarity: Mapping[str, float]) -> dict[str, float]:
    """Weights of terms by the square of their rarity."""
    return {term: weight * weight for term, weight in rarity.items()}

"""Whether the evidence answers a question at all: one number, one threshold for every corpus.

A logistic regression over what the best passages and sentences say, fitted on answerable and
unanswerable questions of squad2, timeqa and multihop, each set and side weighing the same
(`python -m tests.evaluation.fit_sentences` fits it again and prints both error rates around
the threshold).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from retrieval.questions import SHORT_QUESTION, Question
from retrieval.scoring import ScoredSentence

# At .40 the fit refuses 17 % of squad2's answerable questions, 14 % of timeqa's and 15 % of
# multihop's; it answers 68 %, 82 % and 14 % of the unanswerable ones. Those of the first two
# were written to look answerable; multihop's are what people ask of a corpus that lacks it.
ENOUGH = 0.40

BIAS = -3.30
WEIGHTS = {
    "cosine": 1.87,
    "cosine_of_passage": 3.36,
    "covered_around": 0.37,
    "covered": 0.13,
    "names_missing": -1.84,
}
# What a long question covers says nothing: it tells a story before it asks.
_UNKNOWN_COVERED = 0.5


def confidence(question: Question, sentences: Sequence[ScoredSentence]) -> float:
    """How likely the evidence answers, between 0 and 1. `sentences` come best first.

    0 where a person, place, time, number or somebody's words are asked for and the best
    sentence has none.
    """
    if not sentences or sentences[0].features.wrong_kind:
        return 0.0
    values = signs(question, sentences)
    score = BIAS + sum(WEIGHTS[name] * value for name, value in values.items())
    return 1 / (1 + math.exp(-score))


def signs(question: Question, sentences: Sequence[ScoredSentence]) -> dict[str, float]:
    """What the regression looks at, by name; each between 0 and 1."""
    short = len(question.text.split()) <= SHORT_QUESTION
    best = sentences[0].features
    every = [item.features for item in sentences]
    return {
        "cosine": max(features.cosine for features in every),
        "cosine_of_passage": max(features.cosine_of_passage for features in every),
        "covered_around": best.covered_around,
        "covered": best.covered if short else _UNKNOWN_COVERED,
        "names_missing": best.names_missing if short else 0.0,
    }

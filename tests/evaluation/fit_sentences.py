"""Fits the weights by which a sentence is judged as an answer (`retrieval.sentence_features`).

    python -m tests.evaluation.fit_sentences

A sentence is a right one where it stands in a gold paragraph and holds a gold answer (squad2,
timeqa) or the gold fact (multihop). Every question weighs the same, every set weighs the same.
Prints the weights, and per set how well the best sentence's probability tells answerable
questions from unanswerable ones, with both error rates around the threshold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.metrics import contains, roc_auc
from retrieval.scoring import ScoredSentence
from retrieval.sentence_features import FEATURE_NAMES
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.sets import ROOT, Asked, data_folder, load
from tests.evaluation.systems import open_system

SAMPLES = {"squad2": 900, "timeqa": 333, "multihop": 389}
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """The read sentences of one question: features, and which of them are right."""

    set: str
    answerable: bool
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def examples(name: str, size: int) -> Iterator[Example]:
    """One example a question that has sentences to read."""
    questions = load(name, data_folder()).sample(size)
    facts = gold_facts(name)
    cache = CachedEmbeddings(ROOT / ".eval-cache")
    with cache, open_system(questions, cache) as system:
        for count, asked in enumerate(questions.questions, 1):
            if count % 100 == 0:
                print(f"{name}: {count} questions", file=sys.stderr)
            sentences = system.evidence(asked).sentences
            if sentences:
                yield Example(
                    name,
                    asked.answerable,
                    np.array([astuple(scored.features) for scored in sentences]),
                    np.array([is_right(asked, facts, scored) for scored in sentences]),
                )


def gold_facts(name: str) -> dict[str, list[str]]:
    """The sentences that multihop names as evidence, by question."""
    lines = (data_folder() / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    return {line["id"]: [gold.get("fact", "") for gold in line["gold"]] for line in asked}


def is_right(asked: Asked, facts: dict[str, list[str]], scored: ScoredSentence) -> bool:
    """Whether a sentence holds what answers the question."""
    if scored.passage.key not in asked.keys:
        return False
    text = scored.sentence.text
    wanted = [fact for fact in facts[asked.id] if fact]
    if wanted:
        return any(contains(fact, text) or contains(text, fact) for fact in wanted)
    return any(contains(text, answer) for answer in asked.answers)


def fit(chosen: list[Example]) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of the logistic regression."""
    from sklearn.linear_model import LogisticRegression

    sizes = {name: sum(e.set == name for e in chosen) for name in SAMPLES}
    features = np.concatenate([example.features for example in chosen])
    right = np.concatenate([example.right for example in chosen])
    weights = np.concatenate(
        [
            np.full(len(example.right), 1 / (len(example.right) * sizes[example.set]))
            for example in chosen
        ]
    )
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(features, right, sample_weight=weights / weights.mean())
    return model.coef_[0], float(model.intercept_[0])


def highest(example: Example, weights: NDArray[np.float64], bias: float) -> float:
    return float(1 / (1 + np.exp(-(example.features @ weights + bias))).max())


def main() -> None:
    found = [example for name, size in SAMPLES.items() for example in examples(name, size)]
    weights, bias = fit(found)
    print(f"BIAS = {bias:.2f}")
    for name, weight in zip(FEATURE_NAMES, weights, strict=True):
        print(f"    {name}={weight:.2f},")
    scores = cross_validated(found)
    for name in SAMPLES:
        _report(name, [(e, s) for e, s in zip(found, scores, strict=True) if e.set == name])


def cross_validated(found: list[Example]) -> list[float]:
    """The best sentence's probability of each question, from weights fitted without it."""
    scores = [0.0] * len(found)
    for fold in range(FOLDS):
        weights, bias = fit([e for index, e in enumerate(found) if index % FOLDS != fold])
        for index in range(fold, len(found), FOLDS):
            scores[index] = highest(found[index], weights, bias)
    return scores


def _report(name: str, scored: list[tuple[Example, float]]) -> None:
    answerable = [score for example, score in scored if example.answerable]
    other = [score for example, score in scored if not example.answerable]
    print(f"{name}: AUC {roc_auc(answerable, other):.3f}")
    for threshold in np.arange(0.05, 0.65, 0.05):
        refused = np.mean([score < threshold for score in answerable])
        answered = np.mean([score >= threshold for score in other]) if other else float("nan")
        print(
            f"  {threshold:.2f}: answerable refused {refused:.2f}, "
            f"unanswerable answered {answered:.2f}"
        )


if __name__ == "__main__":
    main()

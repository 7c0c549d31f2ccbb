"""Fits the weights by which sentences are ranked and evidence is judged.

    python -m tests.evaluation.fit_sentences

Prints the weights of `retrieval.answers.extractive` (a sentence is a right one where it stands
in a gold paragraph and holds a gold answer, the gold fact of multihop, a key word of the desk's
questions) and those of `retrieval.evidence`, with what a fit on the other sets gives on each: the
area under the curve and both error rates around the threshold. Every set weighs the same. Questions
that tell a story before they ask, as multihop's do, are judged by meaning alone; the second fit
leaves them out. It leaves out timeqa, too, which asks of offices and years in a form that nobody at
a desk would, and is there to tell how the fit does elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from retrieval.answers.chain import FOUND
from retrieval.answers.extractive import WEIGHTS
from retrieval.evidence import Features, ScoredSentence, gather, signs
from retrieval.questions.understand import understand
from tests.evaluation.desk import DeskQuestion, articles_of, desk_questions, is_said
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.metrics import contains, roc_auc
from tests.evaluation.sets import ASKED_AT, DESK, ROOT, Asked, data_folder, load
from tests.evaluation.systems import open_corpus, open_system, understood

SAMPLES = {"squad2": 240, "timeqa": 240, "multihop": 200}
JUDGED = (DESK, "squad2")
RIDGE = 0.005
FEATURE_NAMES = tuple(field.name for field in fields(Features))
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """The read sentences of one question: features, which of them are right, and the signs."""

    set: str
    answerable: bool
    features: Matrix
    right: NDArray[np.bool_]
    signs: dict[str, float]


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
                    signs(understood(asked), sentences),
                )


def desk_examples() -> Iterator[Example]:
    """The same of the desk's questions that are not held out; a right sentence says a key word."""
    data = data_folder()
    questions = desk_questions(data)
    with CachedEmbeddings(ROOT / ".eval-cache") as cache:
        for whose, corpus in dict.fromkeys((one.set, one.corpus) for one in questions):
            with open_corpus(articles_of(corpus, whose, data), cache) as system:
                for asked in questions:
                    if (asked.set, asked.corpus) != (whose, corpus):
                        continue
                    question = understand(asked.text, ASKED_AT)
                    found = gather(
                        question, system.search.find(question, FOUND), system.scorer.score
                    )
                    if found.sentences:
                        yield Example(
                            DESK,
                            asked.answerable,
                            np.array([astuple(one.features) for one in found.sentences]),
                            np.array([says_key(asked, one) for one in found.sentences]),
                            signs(question, found.sentences),
                        )


def says_key(asked: DeskQuestion, scored: ScoredSentence) -> bool:
    """Whether a sentence of a gold paragraph says a key word; any does where none is named."""
    if scored.passage.key not in asked.gold:
        return False
    return not asked.must or any(is_said(one, scored.sentence.text) for one in asked.must)


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


def fit_ranking(found: list[Example]) -> Matrix:
    """Weights under which right sentences are the likeliest among all of their question: the
    listwise softmax of Cao et al. 2007, with a little ridge so that like signs share."""
    usable = [example for example in found if example.right.any()]
    sizes = Counter(example.set for example in usable)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for example in usable:
            share = 1 / (sizes[example.set] * len(sizes))
            scores = example.features @ weights
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            right = likely * example.right
            total -= share * float(np.log(right.sum() + 1e-12))
            slope = slope - share * (example.features.T @ (right / right.sum() - likely))
        return total, slope

    start = np.zeros(len(FEATURE_NAMES))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def fit_confidence(found: list[Example]) -> LogisticRegression:
    """A regression on the signs; every set and both of its sides weigh the same."""
    found = [example for example in found if example.set in JUDGED] or found
    groups = [(example.set, example.answerable) for example in found]
    share = np.array([1 / groups.count(group) for group in groups])
    model = LogisticRegression(C=3, max_iter=5000)
    return model.fit(_signs(found), [e.answerable for e in found], sample_weight=share * 1000)


def left_out(found: list[Example], name: str) -> list[float]:
    """The confidence of each question of a set, from a fit on the others."""
    model = fit_confidence([example for example in found if example.set != name])
    of_set = [example for example in found if example.set == name]
    return [float(one) for one in model.predict_proba(_signs(of_set))[:, 1]]


def main() -> None:
    found = [example for name, size in SAMPLES.items() for example in examples(name, size)]
    found += desk_examples()
    ranking = fit_ranking(found)
    print("retrieval.answers.extractive.WEIGHTS")
    for name, weight in zip(FEATURE_NAMES, ranking, strict=True):
        print(f"    {name}={weight:.2f},")
    judged = [example for example in found if "score" in example.signs]
    model = fit_confidence(judged)
    print(f"retrieval.evidence.BIAS = {model.intercept_[0]:.2f}")
    for name, weight in zip(judged[0].signs, model.coef_[0], strict=True):
        print(f'    "{name}": {weight:.2f},')
    for name in dict.fromkeys(example.set for example in judged):
        of_set = [example for example in judged if example.set == name]
        _report(name, list(zip(of_set, left_out(judged, name), strict=True)), found)


def _report(name: str, scored: list[tuple[Example, float]], found: list[Example]) -> None:
    answerable = [score for example, score in scored if example.answerable]
    other = [score for example, score in scored if not example.answerable]
    usable = [example for example, _ in scored if example.right.any()]
    ranking = fit_ranking([example for example in found if example.set != name])
    first = np.mean([e.right[np.argmax(e.features @ ranking)] for e in usable])
    shipped = np.mean([e.right[np.argmax(e.features @ np.array(astuple(WEIGHTS)))] for e in usable])
    print(
        f"{name}, left out: AUC {roc_auc(answerable, other):.3f}, best sentence right {first:.3f};"
        f" with the shipped weights {shipped:.3f}"
    )
    for threshold in np.arange(0.30, 0.55, 0.05):
        refused = np.mean([score < threshold for score in answerable])
        answered = np.mean([score >= threshold for score in other])
        print(
            f"  {threshold:.2f}: answerable refused {refused:.2f}, "
            f"unanswerable answered {answered:.2f}"
        )


def _signs(found: list[Example]) -> Matrix:
    return np.array([list(example.signs.values()) for example in found])


if __name__ == "__main__":
    main()

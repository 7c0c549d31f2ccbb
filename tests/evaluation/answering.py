"""What the extractive answer holds of the gold answer, beside the plainest extract there is.

    question -> evidence -> answer -> contained, token F1
                        `-> first sentence of the best paragraph -> the same

The gold answers are a few words and an extract is whole sentences, so that token F1 stays low for
any extract: it tells which of two is shorter for what it holds. What is refused holds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from corpus.text.sentences import split_sentences
from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.outcomes import Answer
from retrieval.passages import Passage
from tests.evaluation.metrics import contains, token_f1
from tests.evaluation.sets import Asked, QuestionSet
from tests.evaluation.systems import System, understood
from tests.evaluation.table import Measurement

ANSWERED = ("squad2", "timeqa")


def measure_answering(given: QuestionSet, system: System) -> list[Measurement]:
    """Containment and token F1 over the answerable questions; "dense" is the first sentence."""
    chain = make_chain(system.search, system.scorer, ExtractiveAnswerer())
    ours: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    for asked in given.questions:
        if not asked.answers:
            continue
        outcome = chain.invoke(understood(asked)).outcome
        statements = outcome.statements if isinstance(outcome, Answer) else ()
        said = " ".join(statement.text for statement in statements)
        ours.append(held(said, asked))
        plain.append(held(first_sentence(system.search.find(understood(asked), 1)), asked))
    return [
        Measurement(given.label, f"answer: {name}", _mean(ours, at), dense=_mean(plain, at))
        for at, name in enumerate(("gold contained", "token F1"))
    ]


def first_sentence(found: Sequence[Passage]) -> str:
    """The first sentence of the best paragraph; nothing of none."""
    sentences = split_sentences(found[0].text) if found else []
    return sentences[0].text if sentences else ""


def held(said: str, asked: Asked) -> tuple[float, float]:
    """Whether one of the gold answers stands in what was said, and the best token F1."""
    return (
        float(any(contains(said, gold) for gold in asked.answers)),
        max(token_f1(said, gold) for gold in asked.answers),
    )


def _mean(pairs: Sequence[tuple[float, float]], at: int) -> float:
    return mean(pair[at] for pair in pairs) if pairs else 0.0

"""How an answer came about, for whoever asks why: plain values, ready to be shown or kept.

    outcome with its parts ─ trace ─▶ what was understood, found, read, weighed and checked

`trace` tells everything, texts of the candidates included; `kept` is what may be logged and stored
beside a turn: the same numbers without a word of the question or of the sources.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Protocol, Self, runtime_checkable

from corpus.text.words import names
from retrieval.evidence import ENOUGH, Evidence, ScoredSentence, signs
from retrieval.outcomes import Answer, Outcome, Usage
from retrieval.passages import Passage
from retrieval.questions.understand import Question

# First candidates of the search, and sentences, that a trace tells of.
CANDIDATES = 12
SENTENCES = 16
_WORDED = frozenset(("question", "searched", "names", "speaker", "text", "title", "withheld"))
_log = logging.getLogger(__name__)


class Meter:
    """Adds up what a language model is asked. Threads may share it."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._lock = threading.Lock()

    def add(self, usage: Usage) -> None:
        with self._lock:
            self._usage += usage

    @property
    def usage(self) -> Usage:
        """All so far."""
        return self._usage


@runtime_checkable
class Metered(Protocol):
    """What asks a language model; `metered` gives the same, counted by one meter more."""

    def metered(self, meter: Meter) -> Self: ...


def trace(outcome: Outcome) -> dict[str, Any]:
    """What was understood, searched, weighed and decided, part by part."""
    told: tuple[str, ...] = ()
    if isinstance(outcome, Answer):
        told = tuple(statement.text for statement in outcome.statements)
    return {
        "answered": isinstance(outcome, Answer),
        "answerer": outcome.answerer,
        "parts": [_part(question, evidence, told) for question, evidence in outcome.parts],
        "withheld": [
            {"text": withheld.text, "reason": withheld.reason} for withheld in outcome.withheld
        ],
        "model": asdict(outcome.usage) if outcome.usage.requests else None,
    }


def kept(traced: Any) -> Any:
    """A trace without any words of the question or of the sources."""
    if isinstance(traced, dict):
        return {
            key: len(value) if key == "withheld" else kept(value)
            for key, value in traced.items()
            if key == "withheld" or key not in _WORDED
        }
    return [kept(one) for one in traced] if isinstance(traced, list) else traced


def log(outcome: Outcome) -> None:
    """The trace at debug level, without text."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("answered: %s", kept(trace(outcome)))


def lines(traced: dict[str, Any]) -> Iterator[str]:
    """A trace to be read in a terminal."""
    for part in traced["parts"]:
        understood = part["understood"]
        yield f"Understood: {understood['question']}"
        yield "  " + " · ".join(
            f"{name.replace('_', ' ')} {_shown(value)}"
            for name, value in understood.items()
            if name != "question" and value
        )
        yield _verdict(part)
        yield "  " + _numbers(part["signs"])
        yield "Found:"
        for found in part["found"]:
            yield (
                f"  {found['rank']:2} {found['score']:.3f}  {found['title']} ¶{found['paragraph']}"
                f"  ({_numbers({'cosine': found['cosine'], 'words': found['lexical']})})"
            )
        yield "Sentences:"
        for sentence in part["sentences"]:
            mark = "→" if sentence["told"] else " "
            yield f"  {mark} {sentence['score']:+.2f} [{sentence['mark']}] {sentence['text']}"
            yield f"      {_numbers(sentence['features'])}"
    for withheld in traced["withheld"]:
        yield f"Withheld: {withheld['text']} ({withheld['reason']})"
    if used := traced["model"]:
        yield usage_line(Usage(**used))


def verdicts(traced: dict[str, Any]) -> list[str]:
    """Of each part of a question whether its evidence sufficed."""
    return [_verdict(part) for part in traced["parts"]]


def _verdict(part: dict[str, Any]) -> str:
    """ "Confidence 0.62, threshold 0.34: enough"."""
    verdict = "enough" if part["confidence"] >= part["threshold"] else "too little"
    return f"Confidence {part['confidence']:.2f}, threshold {part['threshold']:.2f}: {verdict}"


def usage_line(usage: Usage) -> str:
    """ "Language model: 2 requests, 3,100 tokens in, 90 out (estimated), cost 0.0011"."""
    line = f"Language model: {usage.requests} {'request' if usage.requests == 1 else 'requests'}, "
    line += f"{usage.tokens_in:,} tokens in, {usage.tokens_out:,} out"
    if usage.tokens_estimated:
        all_of = usage.tokens_estimated == usage.tokens_in + usage.tokens_out
        line += " (estimated)" if all_of else f" ({usage.tokens_estimated:,} of them estimated)"
    return line if usage.cost is None else f"{line}, cost {usage.cost:.4f}"


def _part(question: Question, evidence: Evidence, told: Iterable[str]) -> dict[str, Any]:
    said = set(told)
    return {
        "understood": {
            "question": question.text,
            "searched": question.search_text,
            "intent": str(question.intent),
            "asks_for": str(question.asked),
            "names": list(names(question.search_text)),
            "speaker": question.speaker,
            "since": _moment(question.narrow.since),
            "until": _moment(question.narrow.until),
            "around": [str(question.around.since), str(question.around.until)]
            if question.around
            else None,
            "latest": question.latest,
        },
        "confidence": round(evidence.confidence, 3),
        "threshold": ENOUGH,
        "signs": _rounded(signs(question, evidence.sentences)) if evidence.sentences else {},
        "found": [
            _found(rank, passage)
            for rank, passage in enumerate(evidence.passages[:CANDIDATES], start=1)
        ],
        "sentences": [_sentence(one, said) for one in evidence.sentences[:SENTENCES]],
        "differing": len(evidence.differing),
    }


def _found(rank: int, passage: Passage) -> dict[str, Any]:
    return {
        "rank": rank,
        "title": passage.article.title,
        "article": passage.article.id,
        "paragraph": passage.paragraph.number,
        "score": round(passage.score, 4),
        "cosine": round(passage.cosine, 3) if passage.cosine is not None else None,
        "lexical": round(passage.lexical, 3),
    }


def _sentence(one: ScoredSentence, said: set[str]) -> dict[str, Any]:
    return {
        "mark": one.mark,
        "position": one.position,
        "text": one.sentence.text,
        "score": round(one.score, 3),
        "features": _rounded(asdict(one.features)),
        "told": one.sentence.text in said,
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def _numbers(values: dict[str, float | None]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.2f}"
        for name, value in values.items()
        if value is not None and value
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is True else str(value)

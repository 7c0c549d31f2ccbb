"""Answerers that a test scripts, to be passed to whatever takes an `Answerer`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from retrieval.answers.extractive import Answerer, ExtractiveAnswerer, writes_over_time
from retrieval.evidence import Evidence
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question


@dataclass(frozen=True)
class WrittenSentence:
    """What a scripted answerer writes, and the end of the address and the paragraph it cites."""

    text: str
    url_ends: str
    paragraph: int


@dataclass(frozen=True)
class ScriptedAnswerer:
    """Writes the same sentences whatever it is asked; cites only what is in the evidence."""

    sentences: tuple[WrittenSentence, ...]
    name: str = "scripted"

    def draft(self, _question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        for sentence in self.sentences:
            marks = tuple(
                mark
                for mark, passage in enumerate(evidence.passages, start=1)
                if passage.article.url.endswith(sentence.url_ends)
                and passage.paragraph.number == sentence.paragraph
            )
            yield DraftSentence(sentence.text, marks)


@dataclass(frozen=True)
class FailingAnswerer:
    """Raises, with the whole question in the error's text where `{question}` stands."""

    kind: type[Exception]
    text: str
    name: str = "failing:model"

    def draft(self, question: Question, _evidence: Evidence) -> Iterator[DraftSentence]:
        raise self.kind(self.text.format(question=question.text))
        yield


Chosen = TypeVar("Chosen", bound=Answerer)


class ChosenAnswerer:
    """Answers extractively but while a test has chosen another answerer."""

    def __init__(self) -> None:
        self._chosen: Answerer = ExtractiveAnswerer()

    @property
    def name(self) -> str:
        return self._chosen.name

    @property
    def over_time(self) -> bool:
        return writes_over_time(self._chosen)

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        return self._chosen.draft(question, evidence)

    @contextmanager
    def replaced_by(self, other: Chosen) -> Iterator[Chosen]:
        before, self._chosen = self._chosen, other
        try:
            yield other
        finally:
            self._chosen = before

"""Answerers: whoever writes a draft from evidence; the checks do not know which one did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from retrieval.answers import DraftSentence
from retrieval.evidence import Evidence
from retrieval.questions import Question


class Answerer(Protocol):
    """Writes a draft, sentence by sentence, from numbered evidence.

    `name` tells readers who wrote: "extractive", or a model as "openai:gpt-…". `draft`
    yields sentences as they are complete, none where the evidence does not answer, and
    raises AnswererError where it cannot go on; what was yielded before is whole.
    """

    @property
    def name(self) -> str: ...

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]: ...


def writes_over_time(answerer: Answerer) -> bool:
    """Whether a draft takes seconds, so that each sentence is worth showing as it comes.

    An answerer says so by an attribute `over_time`; one without it writes all at once.
    """
    return bool(getattr(answerer, "over_time", False))

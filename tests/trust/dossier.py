"""Two accounts of one day, and a chain over them whose answerer writes what a test says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

from corpus.articles import Article, SourceKind
from corpus.text.sentences import split_sentences
from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import SentenceScorer
from retrieval.evidence import Evidence, Features, ScoredSentence
from retrieval.outcomes import Answer, DraftSentence, NoAnswer, Outcome
from retrieval.passages import Passage
from retrieval.questions.understand import Question, understand
from retrieval.search.retriever import HybridSearch
from tests.fakes.articles import passage, stored_article

ASKED = understand("What happened at Ormsund?", datetime(2019, 4, 6, tzinfo=UTC))
SIGNED = (
    "The Ormsund protocol was signed by Marit Solvang on 4 April 2019. It allows 120 vessels to "
    "fish. “Both coasts may fish again,” Solvang said. Envoy Aas did not attend."
)
DISPUTED = "The harbour office counts 90 vessels that may fish under the Ormsund protocol."
OFFICIAL = replace(
    stored_article("protocol", SIGNED, source="Ministry of Fisheries"), kind=SourceKind.OFFICIAL
)
INDEPENDENT = replace(
    stored_article("harbour", DISPUTED, source="Vessels Gazette"), kind=SourceKind.INDEPENDENT
)
COPY = stored_article("copy", SIGNED, source="Coast Herald", duplicate_of="protocol")


@dataclass(frozen=True)
class Shelf:
    """A search that finds the first paragraphs of given articles."""

    articles: Sequence[Article]

    def spelled(self, question: Question) -> Question:
        return question

    def find(self, question: Question, count: int) -> list[Passage]:
        return [passage(article) for article in self.articles[:count]]


@dataclass(frozen=True)
class Scored:
    """A scorer for which everything answers, or nothing."""

    value: float

    @property
    def lexical(self) -> Scored:
        """The index that tells which scripts were read: all of them."""
        return self

    def lacks_script(self, text: str) -> bool:
        return False

    def score(self, question: Question, passages: Sequence[Passage]) -> list[ScoredSentence]:
        # A reader dislikes what does not answer, though it may be near.
        features = Features(*([1.4 * self.value - 0.4] * 4), *([0.0] * 4), self.value)
        return [
            ScoredSentence(
                mark, found, split_sentences(found.text)[0], 0, self.value - mark / 10, features
            )
            for mark, found in enumerate(passages, start=1)
        ]


@dataclass(frozen=True)
class Writer:
    """An answerer that writes given sentences with given marks."""

    sentences: Sequence[tuple[str, tuple[int, ...]]]
    name: str = "scripted:model"

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        for text, marks in self.sentences:
            yield DraftSentence(text, marks)


def outcome(
    *sentences: tuple[str, tuple[int, ...]],
    articles: Sequence[Article] = (OFFICIAL, INDEPENDENT),
    answers: float = 1.0,
) -> Outcome:
    """What a reader is given when an answerer writes these sentences."""
    search = cast(HybridSearch, Shelf(articles))
    scorer = cast(SentenceScorer, Scored(answers))
    return make_chain(search, scorer, Writer(sentences)).invoke(ASKED).outcome


def said(result: Outcome) -> list[str]:
    """The sentences that reach the reader."""
    return [one.text for one in result.statements] if isinstance(result, Answer) else []


def reasons(result: Outcome) -> list[str]:
    """Why sentences were withheld, in their order."""
    return [one.reason for one in result.withheld]


def is_refusal(result: Outcome) -> bool:
    return isinstance(result, NoAnswer)

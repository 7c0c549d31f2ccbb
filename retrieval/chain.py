"""From a question to a checked answer: one LangChain runnable.

    Question ─ search ─ gather ─▶ question, evidence
        evidence too little ─────────────────────────▶ NoAnswer
        answerer.draft ─ sentence by sentence ─ check ▶ Statement, Statement, … ─▶ Answer
        answerer fails ─ Restarted ─ extractive draft ▶ Statement, …            ─▶ Answer

`stream` gives each statement as soon as it has passed its checks; the last event is the
outcome. Nothing that was not checked leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from corpus.sentences import split_sentences
from retrieval.answerers import Answerer
from retrieval.answers import (
    Answer,
    Citation,
    DraftSentence,
    NoAnswer,
    Outcome,
    Statement,
    Withheld,
)
from retrieval.citations import Source, check, is_verbatim, valid_marks
from retrieval.errors import AnswererError
from retrieval.evidence import Evidence, gather
from retrieval.extractive import ExtractiveAnswerer
from retrieval.passages import Passage
from retrieval.questions import Question
from retrieval.scoring import SentenceScorer
from retrieval.search import HybridSearch
from retrieval.support import Support
from retrieval.terms import content_words

# Passages searched for a question; evidence keeps fewer, after copies are collapsed.
FOUND = 30
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Restarted:
    """The answerer failed: statements so far are void, others follow."""

    notice: str


Event = Statement | Restarted | Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one question in order; adds up, so that `invoke` gives all of them."""

    events: tuple[Event, ...]

    def __add__(self, other: Events) -> Events:
        return Events((*self.events, *other.events))

    @property
    def outcome(self) -> Outcome:
        """The last event: the checked answer, or why there is none."""
        last = self.events[-1]
        assert isinstance(last, Answer | NoAnswer)
        return last


def make_chain(
    search: HybridSearch, scorer: SentenceScorer, answerer: Answerer
) -> Runnable[Question, Events]:
    """The runnable from a question to its events; `answerer` falls back to the extractive one."""

    def find(question: Question) -> _Found:
        found = search.find(question, FOUND)
        return _Found(question, gather(question, found, scorer.score))

    def answer(inputs: Iterator[_Found]) -> Iterator[Events]:
        for found in inputs:
            for event in _answer(found.question, found.evidence, answerer):
                yield Events((event,))

    chain: Runnable[Question, Events] = RunnableLambda(find) | RunnableGenerator(answer)
    return chain


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    evidence: Evidence


def _answer(question: Question, evidence: Evidence, answerer: Answerer) -> Iterator[Event]:
    if not evidence.suffices:
        reason = "nothing found answers it" if evidence.passages else "nothing was found"
        yield NoAnswer(question, reason, evidence.passages[:NEAREST], answerer.name)
        return
    checking = _Checking(question, evidence)
    notice = None
    used = answerer.name
    try:
        yield from checking.pass_through(answerer.draft(question, evidence))
    except AnswererError as error:
        notice = f"{error} This answer was made of the sources' own sentences instead."
        yield Restarted(notice)
        checking = _Checking(question, evidence)
        extractive = ExtractiveAnswerer()
        used = extractive.name
        yield from checking.pass_through(extractive.draft(question, evidence))
    yield checking.outcome(used, notice)


@dataclass(slots=True)
class _Checking:
    """Checks a draft sentence by sentence and numbers the citations as they are first used."""

    question: Question
    evidence: Evidence
    statements: list[Statement] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    quotes: dict[int, str] = field(default_factory=dict)

    def pass_through(self, draft: Iterable[DraftSentence]) -> Iterator[Statement]:
        """The statements of a draft that pass their checks, as they come."""
        for sentence in draft:
            marks = valid_marks(sentence.marks, len(self.evidence.passages))
            passages = [self.evidence.passages[mark - 1] for mark in marks]
            if not marks:
                self.withheld.append(Withheld(sentence.text, "no paragraph is cited"))
                continue
            verdict = check(
                sentence.text, [Source.of(passage) for passage in passages], self.question.text
            )
            if verdict.support is not Support.SUPPORTED:
                self.withheld.append(Withheld(sentence.text, verdict.reason))
                continue
            statement = Statement(sentence.text, tuple(self._mark(mark) for mark in marks))
            for mark, passage in zip(marks, passages, strict=True):
                self.quotes.setdefault(mark, quote_of(passage, sentence.text))
            self.statements.append(statement)
            yield statement

    def outcome(self, answerer: str, notice: str | None) -> Outcome:
        if not self.statements:
            reason = (
                "no sentence of the draft could be checked"
                if self.withheld
                else "nothing found answers it"
            )
            nearest = self.evidence.passages[:NEAREST]
            return NoAnswer(self.question, reason, nearest, answerer, tuple(self.withheld), notice)
        return Answer(
            question=self.question,
            statements=tuple(self.statements),
            citations=tuple(self._citation(mark) for mark in self.order),
            answerer=answerer,
            withheld=tuple(self.withheld),
            notice=notice,
        )

    def _mark(self, evidence_mark: int) -> int:
        if evidence_mark not in self.order:
            self.order.append(evidence_mark)
        return self.order.index(evidence_mark) + 1

    def _citation(self, evidence_mark: int) -> Citation:
        passage = self.evidence.passages[evidence_mark - 1]
        return Citation(
            mark=self.order.index(evidence_mark) + 1,
            article=passage.article,
            paragraph=passage.paragraph,
            quote=self.quotes[evidence_mark],
            carried_by=passage.carried_by,
        )


def quote_of(passage: Passage, sentence: str) -> str:
    """The words of a passage that carry a sentence: itself where it is verbatim, else the
    passage's sentence that shares most words with it."""

    candidates = [found.text for found in split_sentences(passage.text)] or [passage.text]
    if is_verbatim(sentence, passage.text) and sentence in passage.text:
        return sentence
    wanted = set(content_words(sentence))
    return max(candidates, key=lambda text: len(wanted & set(content_words(text))))

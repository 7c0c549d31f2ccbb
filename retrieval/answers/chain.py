"""From a question to a checked answer: one LangChain runnable.

    Question ─ parts ─ search ─ gather ─▶ each part with its evidence
        no part has enough evidence ─────────────────▶ NoAnswer
        answerer.draft ─ sentence by sentence ─ check ▶ Statement, Statement, … ─▶ Answer
        answerer fails ─ Restarted ─ extractive draft ▶ Statement, …            ─▶ Answer

`stream` gives each statement as soon as it has passed its checks; the last event is the
outcome. Of a question with several parts each is answered from its own evidence, and a part
without any is named in the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from retrieval.answers import trace
from retrieval.answers.extractive import Answerer, ExtractiveAnswerer, SentenceScorer
from retrieval.errors import AnswererError
from retrieval.evidence import Differing, Evidence, gather
from retrieval.grounding.check import Checking
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Parts, Statement
from retrieval.passages import Passage
from retrieval.questions.understand import Question, subquestions
from retrieval.search.retriever import HybridSearch

# Passages searched for a question; evidence keeps fewer, after copies are collapsed.
FOUND = 30
NEAREST = 3

Differ = Callable[[Question, Evidence], Sequence[Differing]]
"""Finds where the accounts in some evidence differ on what is asked."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The answerer failed: statements so far are void, others follow."""

    notice: str


Event = Statement | Restarted | Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one question in order; adds up, so that `invoke` gives all of them.

    `citations` are those of the statements among them, so that who said so can be told before
    the answer is whole; one that several statements cite may stand there several times.
    """

    events: tuple[Event, ...]
    citations: tuple[Citation, ...] = ()

    def __add__(self, other: Events) -> Events:
        return Events((*self.events, *other.events), (*self.citations, *other.citations))

    @property
    def outcome(self) -> Outcome:
        """The last event: the checked answer, or why there is none."""
        last = self.events[-1]
        assert isinstance(last, Answer | NoAnswer)
        return last


def make_chain(
    search: HybridSearch,
    scorer: SentenceScorer,
    answerer: Answerer,
    differ: Differ | None = None,
) -> Runnable[Question, Events]:
    """The runnable from a question to its events; `answerer` falls back to the extractive one.

    Without `differ`, accounts that differ are not looked for.
    """

    def find(question: Question) -> _Found:
        parts = map(search.spelled, subquestions(question))
        return _Found(search.spelled(question), tuple(_Part(one, evidence(one)) for one in parts))

    def evidence(question: Question) -> Evidence:
        gathered = gather(question, search.find(question, FOUND), scorer.score)
        if differ is None or not gathered.suffices:
            return gathered
        return replace(gathered, differing=tuple(differ(question, gathered)))

    def answer(inputs: Iterator[_Found]) -> Iterator[Events]:
        for found in inputs:
            yield from _answer(found, answerer)

    chain: Runnable[Question, Events] = RunnableLambda(find) | RunnableGenerator(answer)
    return chain


@dataclass(frozen=True, slots=True)
class _Part:
    """A question that is asked by itself, and what was found for it."""

    question: Question
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    parts: tuple[_Part, ...]

    @property
    def traced(self) -> Parts:
        return tuple((part.question, part.evidence) for part in self.parts)

    @property
    def nearest(self) -> tuple[Passage, ...]:
        """The best passages of the parts in turn."""
        columns = zip_longest(*(part.evidence.passages[:NEAREST] for part in self.parts))
        found = {one.key: one for column in columns for one in column if one is not None}
        return tuple(found.values())[:NEAREST]


def _answer(found: _Found, answerer: Answerer) -> Iterator[Events]:
    answerable = [part for part in found.parts if part.evidence.suffices]
    if not answerable:
        reason = "nothing found answers it" if found.nearest else "nothing was found"
        refused = NoAnswer(found.question, reason, found.nearest, answerer.name, parts=found.traced)
        trace.log(refused)
        yield Events((refused,))
        return
    drafting = _Drafting(found)
    notice = None
    try:
        yield from drafting.write(answerable, answerer)
    except AnswererError as error:
        notice = f"{error} This answer was made of the sources' own sentences instead."
        yield Events((Restarted(notice),))
        drafting = _Drafting(found)
        answerer = ExtractiveAnswerer()
        yield from drafting.write(answerable, answerer)
    outcome = drafting.outcome(answerer.name, notice)
    trace.log(outcome)
    yield Events((outcome,))


class _Drafting:
    """An answer that is being written, part by part."""

    def __init__(self, found: _Found) -> None:
        self._found = found
        self._checking = Checking()
        self._answered: list[Question] = []

    def write(self, parts: Sequence[_Part], answerer: Answerer) -> Iterator[Events]:
        """The statements that pass their checks as they come, with their citations."""
        for part in parts:
            before = len(self._checking.statements)
            draft = answerer.draft(part.question, part.evidence)
            for statement in self._checking.pass_through(draft, part.question, part.evidence):
                yield Events((statement,), self._checking.citations(statement.citations))
            if len(self._checking.statements) > before:
                self._answered.append(part.question)

    def outcome(self, answerer: str, notice: str | None) -> Outcome:
        found, checking = self._found, self._checking
        withheld = tuple(checking.withheld)
        if not checking.statements:
            reason = (
                "no sentence of the draft could be checked"
                if withheld
                else "nothing found answers it"
            )
            return NoAnswer(
                found.question, reason, found.nearest, answerer, withheld, notice, found.traced
            )
        return Answer(
            question=found.question,
            statements=tuple(checking.statements),
            citations=checking.citations(),
            answerer=answerer,
            withheld=withheld,
            notice=notice,
            unanswered=tuple(
                part.question.text for part in found.parts if part.question not in self._answered
            ),
            differing=tuple(
                dict.fromkeys(
                    one.about
                    for part in found.parts
                    for one in part.evidence.differing
                    if self._tells_all(one, part.evidence)
                )
            ),
            parts=found.traced,
        )

    def _tells_all(self, differing: Differing, evidence: Evidence) -> bool:
        """Whether each account of a difference is cited."""
        cited = {citation.key for citation in self._checking.citations()}
        return all(
            cited & {evidence.passages[mark - 1].key for mark in account.marks}
            for account in differing.accounts
        )

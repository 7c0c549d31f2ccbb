"""From a question to a checked answer: one LangChain runnable.

    Question ─ parts ─ search ─ gather ─▶ each part with its evidence
        no part has enough evidence ─────────────────▶ NoAnswer
        answerer.draft ─ sentence by sentence ─ check ▶ Statement, Statement, … ─▶ Answer
        answerer fails ─ Restarted ─ extractive draft ▶ Statement, …            ─▶ Answer

`stream` gives each statement as soon as it has passed its checks; the last event is the
outcome. Of a question with several parts each is answered from its own evidence, and a part
without any is named in the answer. A question in a script that nothing was read in has only its
meaning to be answered by; where that does not suffice, it is told why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Protocol, TypeVar, runtime_checkable

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from retrieval.answers import trace
from retrieval.answers.extractive import (
    Answerer,
    ExtractiveAnswerer,
    SentenceScorer,
    writes_over_time,
)
from retrieval.errors import AnswererError
from retrieval.evidence import PASSAGES, PASSAGES_FOR_A_MODEL, Differing, Evidence, gather, is_long
from retrieval.grounding.check import Checking, Judged
from retrieval.grounding.support import Verifier
from retrieval.outcomes import (
    Answer,
    Citation,
    DraftSentence,
    NoAnswer,
    Outcome,
    Parts,
    Said,
    Statement,
    Withheld,
)
from retrieval.passages import Passage
from retrieval.questions.understand import Question, subquestions
from retrieval.search.retriever import HybridSearch

# Passages searched for a question; evidence keeps fewer, after copies are collapsed.
FOUND = 30
NEAREST = 3
# Tens of log-odds of what a reader says to a passage: of the desk's gold paragraphs 2 in 100 are
# below -.13; the best for questions on sports, recipes or the weather lie between -.5 and -1.2.
NEAR = -0.5
IN_NO_SCRIPT = Said(
    "Nothing that was read is written in the letters of this question; ask in the language of "
    "the sources."
)
HOPELESS = 0.05
"""Confidence under which a language model is not even asked."""

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
    verifier: Verifier | None = None,
) -> Runnable[Question, Events]:
    """The runnable from a question to its events; `answerer` falls back to the extractive one.

    Without `differ`, accounts that differ are not looked for; without `verifier` the rules alone
    check what is drafted.
    """

    most = PASSAGES_FOR_A_MODEL if writes_over_time(answerer) else PASSAGES

    def find(question: Question) -> _Found:
        parts = map(search.spelled, subquestions(question))
        return _Found(
            search.spelled(question),
            tuple(_Part(one, evidence(one)) for one in parts),
            scorer.lexical.lacks_script(question.text),
        )

    def evidence(question: Question) -> Evidence:
        gathered = gather(question, search.find(question, FOUND), scorer.score, most)
        if differ is None or not gathered.suffices:
            return gathered
        return replace(gathered, differing=tuple(differ(question, gathered)))

    def answer(inputs: Iterator[_Found]) -> Iterator[Events]:
        for found in inputs:
            yield from _answer(found, answerer, verifier)

    chain: Runnable[Question, Events] = RunnableLambda(find) | RunnableGenerator(answer)
    return chain


@dataclass(frozen=True, slots=True)
class _Part:
    """A question that is asked by itself, and what was found for it."""

    question: Question
    evidence: Evidence

    @property
    def near(self) -> Sequence[Passage]:
        """The first passages, but for those that have nothing to do with the question."""
        first = self.evidence.passages[:NEAREST]
        if is_long(self.question):
            return first
        read = {one.mark: one.features.passage_read for one in self.evidence.sentences}
        return [one for mark, one in enumerate(first, 1) if read.get(mark, NEAR) >= NEAR]


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    parts: tuple[_Part, ...]
    in_no_script: bool = False
    """Whether no paragraph has a letter of the script that the question is in."""

    @property
    def traced(self) -> Parts:
        return tuple((part.question, part.evidence) for part in self.parts)

    @property
    def nearest(self) -> tuple[Passage, ...]:
        """The best passages of the parts in turn, those that are at all near."""
        columns = zip_longest(*(part.near for part in self.parts))
        found = {one.key: one for column in columns for one in column if one is not None}
        return tuple(found.values())[:NEAREST]


def _answer(found: _Found, answerer: Answerer, verifier: Verifier | None) -> Iterator[Events]:
    answerable = [part for part in found.parts if _may_answer(part.evidence, answerer)]
    if found.in_no_script and not any(part.evidence.suffices for part in found.parts):
        # What was nearest was so by a number or a name in other letters.
        reason = "nothing was read in its script"
        yield Events((NoAnswer(found.question, reason, (), answerer.name, notice=IN_NO_SCRIPT),))
        return
    if not answerable:
        reason = "nothing found answers it" if found.nearest else "nothing was found"
        refused = NoAnswer(found.question, reason, found.nearest, answerer.name, parts=found.traced)
        trace.log(refused)
        yield Events((refused,))
        return
    meter = trace.Meter()
    answerer, verifier = _metered(answerer, meter), _metered(verifier, meter)
    drafting = _Drafting(found, verifier)
    instead = ""
    try:
        yield from drafting.write(answerable, answerer)
    except AnswererError as error:
        if drafting.statements:
            form = Said("{error} What it had written by then was checked and stays.")
            drafting.notices.append(Said(form, error=error.said))
        else:
            instead = error.said
    sufficing = [part for part in answerable if part.evidence.suffices]
    nothing_passed = bool(drafting.withheld) and not drafting.statements
    if not instead and sufficing and nothing_passed and writes_over_time(answerer):
        instead = Said("Nothing that the language model wrote passed its checks.")
    if instead:
        form = Said("{failure} This answer was made of the sources' own sentences instead.")
        notice = Said(form, failure=instead)
        yield Events((Restarted(notice),))
        drafting = _Drafting(found, None, [notice], drafting.withheld)
        answerer = ExtractiveAnswerer()
        yield from drafting.write(sufficing, answerer)
    outcome = replace(drafting.outcome(answerer.name), usage=meter.usage)
    trace.log(outcome)
    yield Events((outcome,))


Asking = TypeVar("Asking")


def _metered(asking: Asking, meter: trace.Meter) -> Asking:
    return asking.metered(meter) if isinstance(asking, trace.Metered) else asking


def _may_answer(evidence: Evidence, answerer: Answerer) -> bool:
    """Whether a draft is worth writing: a model reads for itself whether anything answers."""
    if not writes_over_time(answerer):
        return evidence.suffices
    return bool(evidence.passages) and (evidence.suffices or evidence.confidence >= HOPELESS)


@runtime_checkable
class Mending(Protocol):
    """An answerer that can write sentences anew which did not pass their checks."""

    def repair(
        self, question: Question, evidence: Evidence, failed: Sequence[tuple[DraftSentence, str]]
    ) -> Sequence[DraftSentence | None]: ...


def _mended(
    answerer: Mending, part: _Part, failed: Sequence[Judged]
) -> Sequence[DraftSentence | None]:
    told = [(one.sentence, one.verdict.reason) for one in failed]
    return answerer.repair(part.question, part.evidence, told)


class _Drafting:
    """An answer that is being written, part by part."""

    def __init__(
        self,
        found: _Found,
        verifier: Verifier | None,
        notices: Sequence[str] = (),
        withheld: Sequence[Withheld] = (),
    ) -> None:
        self._found = found
        self._checking = Checking(verifier, withheld=list(withheld))
        self._answered: list[Question] = []
        self.notices = list(notices)

    @property
    def statements(self) -> Sequence[Statement]:
        return self._checking.statements

    @property
    def withheld(self) -> Sequence[Withheld]:
        return self._checking.withheld

    def write(self, parts: Sequence[_Part], answerer: Answerer) -> Iterator[Events]:
        """The statements that pass their checks as they come, with their citations."""
        for part in parts:
            before = len(self._checking.statements)
            draft = answerer.draft(part.question, part.evidence)
            mend = partial(_mended, answerer, part) if isinstance(answerer, Mending) else None
            passing = self._checking.pass_through(draft, part.question, part.evidence, mend)
            for statement in passing:
                yield Events((statement,), self._checking.citations(statement.citations))
            if len(self._checking.statements) > before:
                self._answered.append(part.question)

    def outcome(self, answerer: str) -> Outcome:
        found, checking = self._found, self._checking
        if checking.unverified:
            unread = Said("Checked by rules only: {error}", error=checking.unverified)
            self.notices.append(unread)
        notice = Said.joined([*self.notices, *checking.unsaid])
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
        gathered = [part.evidence for part in found.parts]
        differing = [o for one in gathered for o in one.differing if self._tells_all(o, one)]
        told = checking.statements
        return Answer(
            question=found.question,
            # What is told by one sentence for two parts is told once.
            statements=tuple(dict.fromkeys(told) if len(found.parts) > 1 else told),
            citations=checking.citations(),
            answerer=answerer,
            withheld=withheld,
            notice=notice,
            unanswered=tuple(
                part.question.text for part in found.parts if part.question not in self._answered
            ),
            differing=tuple(dict.fromkeys(one.about for one in differing)),
            parts=found.traced,
        )

    def _tells_all(self, differing: Differing, evidence: Evidence) -> bool:
        """Whether each account of a difference is cited."""
        cited = {citation.key for citation in self._checking.citations()}
        return all(
            cited & {evidence.passages[mark - 1].key for mark in account.marks}
            for account in differing.accounts
        )

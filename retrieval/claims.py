"""Which claims of a text what was read supports, and where.

    text ── claims_of ──▶ claim ── HybridSearch.find ──▶ passages, copies collapsed
                                                            │ each alone, two of an article together
                                                            ▼
                     CheckedClaim ◀── best verdict ◀── retrieval.citations.check
                                                       retrieval.claim_differences

A claim is supported only where the checks that every answer goes through find it carried; where a
paragraph tells the same matter otherwise (another number, date or name, the opposite sense), it is
not supported, and the reason says what stands there. Pure but for the search, which is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from corpus.names import RUN
from corpus.sentences import split_sentences
from retrieval.answers import Citation
from retrieval.checking import quote_of
from retrieval.citations import OPPOSITE_SENSE, TOO_LITTLE, Source, Verdict, check, is_verbatim
from retrieval.claim_differences import (
    clauses_of,
    difference,
    matter_in_common,
    missing_words,
)
from retrieval.claim_splitting import Claim, claims_of
from retrieval.evidence import collapse_copies
from retrieval.passages import Filter, Passage
from retrieval.questions import Asked, Narrowing, Question
from retrieval.support import Support, carried_by
from retrieval.terms import content_words, names, opening_words, words

FOUND = 20
"""Passages searched for a claim, of which those are checked that remain without copies."""
CHECKED = 10
PAIRED = 4
"""Passages among which two of one article may carry a claim together."""
NEAR = 0.35
"""Share of a claim's content words that stand in a passage offered as nearest; below it a passage
shares little more than a name with the claim."""
AS_NEAR = 0.1
"""How much less of a claim a passage that contradicts it may have than the best one."""
TOLD_OTHERWISE = 0.7
"""Share of a claim's words that a passage must have to be shown beside one that carries it."""
FEWEST_IN_A_PART = 2
"""Content words of a clause that is looked at by itself."""
_WORST_FIRST = (Support.NOT, Support.PARTLY, Support.SUPPORTED)


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim and how far what was read carries it.

    `reason` says in words what is missing, or that a supported claim is told otherwise elsewhere.
    `citations` carry it (in part, for a partly supported one); `nearest` supports nothing: it is
    what came nearest to a claim that is not supported, or what tells a supported one otherwise.
    Marks count through all claims of a text.
    """

    text: str
    support: Support
    reason: str
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...] = ()
    read_as: str = ""


class ClaimSearch(Protocol):
    """What finds passages for a question."""

    def find(self, question: Question, k: int) -> list[Passage]: ...


def check_claims(
    text: str,
    search: ClaimSearch,
    asked_at: datetime,
    given: Narrowing | None = None,
    most: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[CheckedClaim, ...]:
    """The claims of a text in their order, the first `most` of them, checked.

    `given` narrows what is searched. `advance` is called with 1 after each claim. Empty where the
    text claims nothing.
    """
    marks = _Marks()
    checked = []
    for claim in claims_of(text).claims[:most]:
        checked.append(_checked(claim, search, _question(claim, asked_at, given), marks))
        if advance is not None:
            advance(1)
    return tuple(checked)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one passage, or two together, say of a claim; `carried` is the share of its words."""

    passages: tuple[Passage, ...]
    verdict: Verdict
    carried: float
    contradicts: bool = False

    @property
    def rank(self) -> tuple[int, float, int]:
        """Better findings are greater; of equal ones, the one with fewer passages."""
        return _WORST_FIRST.index(self.verdict.support), self.carried, -len(self.passages)


class _Marks:
    """Marks of the paragraphs cited, from 1, one for each."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, int], int] = {}

    def citation(self, passage: Passage, claim: str) -> Citation:
        mark = self._marks.setdefault(passage.key, len(self._marks) + 1)
        quote = quote_of(passage, claim)
        return Citation(mark, passage.article, passage.paragraph, quote, passage.carried_by)


def _checked(claim: Claim, search: ClaimSearch, question: Question, marks: _Marks) -> CheckedClaim:
    passages = collapse_copies(search.find(question, FOUND))[:CHECKED]
    findings = list(_findings(claim.read_as, passages))
    read_as = claim.read_as if claim.read_as != claim.text else ""
    if not findings:
        return CheckedClaim(claim.text, Support.NOT, "nothing was found on it", (), (), read_as)
    best = max(findings, key=lambda finding: finding.rank)
    against = [one for one in findings if one.contradicts and one.carried >= best.carried - AS_NEAR]
    verdict = best.verdict
    if verdict.support is not Support.SUPPORTED and against:
        best = max(against, key=lambda finding: finding.carried)
        verdict = best.verdict
    elif verdict.support is Support.SUPPORTED:
        verdict = _only_so_far(claim, best)
    shown = claim.read_as
    if verdict.support is Support.NOT:
        near = best if against else max(findings, key=lambda finding: finding.carried)
        is_near = near.carried >= NEAR
        reason = verdict.reason if is_near else "nothing was found that speaks of it"
        nearest = tuple(marks.citation(one, shown) for one in near.passages[:1]) if is_near else ()
        return CheckedClaim(claim.text, Support.NOT, reason, (), nearest, read_as)
    cited = tuple(marks.citation(one, shown) for one in best.passages)
    reason = verdict.reason
    other: tuple[Citation, ...] = ()
    contrary = _told_otherwise(findings, best)
    if verdict.support is Support.SUPPORTED and contrary is not None:
        # Accounts differ, and stand side by side.
        reason = f"told otherwise elsewhere: {contrary.verdict.reason}"
        other = tuple(marks.citation(one, shown) for one in contrary.passages[:1])
    return CheckedClaim(claim.text, verdict.support, reason, cited, other, read_as)


def _told_otherwise(findings: Sequence[_Finding], best: _Finding) -> _Finding | None:
    """What contradicts a claim in another article than those that carry it."""
    own = {passage.article.id for passage in best.passages}
    against = [
        one
        for one in findings
        if one.contradicts
        and one.carried >= TOLD_OTHERWISE
        and own.isdisjoint(passage.article.id for passage in one.passages)
    ]
    return max(against, key=lambda finding: finding.carried, default=None)


def _only_so_far(claim: Claim, best: _Finding) -> Verdict:
    """A supported claim with an unexplained pronoun is one in part, unless word for word."""
    verbatim = any(is_verbatim(claim.read_as, passage.text) for passage in best.passages)
    if claim.open and not verbatim:
        return Verdict(Support.PARTLY, f"the text does not say who or what “{claim.open}” is")
    return best.verdict


def _findings(claim: str, passages: Sequence[Passage]) -> Iterator[_Finding]:
    for passage in passages:
        yield _finding(claim, (passage,))
    for position, first in enumerate(passages[:PAIRED]):
        for second in passages[position + 1 : PAIRED]:
            if first.article.id == second.article.id:
                pair = sorted((first, second), key=lambda one: one.paragraph.number)
                yield _finding(claim, tuple(pair))


def _finding(claim: str, passages: tuple[Passage, ...]) -> _Finding:
    sources = [_source(passage, claim) for passage in passages]
    carried = carried_by(claim, " \n".join(f"{one.text} {one.known}" for one in sources)).words
    verdict = check(claim, sources, " ".join(map(_known_names, passages)))
    if any(is_verbatim(claim, source.text) for source in sources) and (
        verdict.support is Support.SUPPORTED
    ):
        return _Finding(passages, verdict, 1.0)
    other = difference(claim, sources)
    if not other and verdict.reason == OPPOSITE_SENSE:
        other = verdict.reason
    if other:
        return _Finding(passages, Verdict(Support.NOT, other), carried, contradicts=True)
    if verdict.support is Support.SUPPORTED and not _stand_together(claim, sources):
        verdict = Verdict(Support.PARTLY, "its words stand there, but not together")
    # What two paragraphs together have of a claim may belong to two matters.
    parts = _parts(claim)
    missing = next((one for one in parts if _common(one, sources) < TOGETHER), "")
    missing = missing or missing_words(claim, sources, 2 if len(passages) == 1 else 1)
    if verdict.support is Support.SUPPORTED and missing:
        verdict = Verdict(Support.PARTLY, f"“{missing}” does not stand there")
    elif verdict.support is Support.NOT and any(_carried_alone(one, sources) for one in parts):
        verdict = Verdict(Support.PARTLY, verdict.reason)
    if verdict.reason == TOO_LITTLE:
        what = f"“{missing}”" if missing else "much of it"
        verdict = Verdict(verdict.support, f"{what} does not stand there")
    return _Finding(passages, verdict, carried)


def _known_names(passage: Passage) -> str:
    """What an article tells of the names in one of its paragraphs: its title, which says where and
    of whom it tells, and the full names of those whom the paragraph names in short."""
    article = passage.article
    short = {word.removeprefix("al-") for word in words(passage.text)}
    runs = (run.group() for one in article.paragraphs for run in RUN.finditer(one.text))
    full = (run for run in runs if words(run)[-1:] and words(run)[-1].removeprefix("al-") in short)
    return " ".join([article.title, *dict.fromkeys(full)])


def _parts(claim: str) -> list[str]:
    """The clauses of a claim that tell enough to be looked at alone; none where there is one."""
    parts = [
        half
        for clause in clauses_of(claim)
        for half in clause.split(" and ")
        if len(content_words(half)) >= FEWEST_IN_A_PART
    ]
    return [part.strip(" .,;:") for part in parts] if len(parts) > 1 else []


def _common(part: str, sources: Sequence[Source]) -> float:
    return matter_in_common(part, " ".join(f"{one.text} {one.known}" for one in sources))


def _carried_alone(part: str, sources: Sequence[Source]) -> bool:
    """Whether a clause with a name of its own is supported by itself."""
    named = names(part) or opening_words(part)
    return bool(named) and check(part, sources).support is Support.SUPPORTED


def _source(passage: Passage, claim: str) -> Source:
    """A passage as a source; who published it counts only for a claim that names the publisher."""
    source = Source.of(passage)
    names_it = source.publisher and source.publisher.casefold() in claim.casefold()
    return source if names_it else replace(source, publisher="")


def _question(claim: Claim, asked_at: datetime, given: Narrowing | None) -> Question:
    """What is searched for; a claim's own times narrow nothing, since they may be wrong."""
    given = given or Narrowing()
    narrow = Filter(given.since, given.until, given.sources, given.places)
    about = f"{claim.about}: " if claim.about else ""
    return Question(
        text=claim.read_as,
        asked_at=asked_at,
        search_text=f"{about}{claim.read_as}",
        asked=Asked.THING,
        narrow=narrow if given.as_of is None else replace(narrow, until=_earlier(given)),
        as_of=given.as_of,
    )


def _earlier(given: Narrowing) -> datetime | None:
    return min((one for one in (given.until, given.as_of) if one), default=None)


# Of the content words of a claim, the share that has to stand in one sentence of a source, or in
# one and the next: words gathered from all over a paragraph tell another story.
TOGETHER = 0.5


def _stand_together(claim: str, sources: Sequence[Source]) -> bool:
    for source in sources:
        found = [sentence.text for sentence in split_sentences(source.text)] or [source.text]
        for position in range(len(found)):
            window = " ".join(found[position : position + 2])
            if matter_in_common(claim, f"{window} {source.known}") >= TOGETHER:
                return True
    return False

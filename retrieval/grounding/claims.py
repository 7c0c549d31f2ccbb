"""Which claims of a text what was read supports, and where.

    text ─ lines (wrapped ones joined) ─ sentences ─ claims_of ─▶ Claim | passed over
    claim ─ search ─▶ passages, copies collapsed ─ each alone, two of an article together
        ─ grounding.check, grounding.contradiction ─▶ the best finding ─▶ CheckedClaim

A claim is supported only where the checks that every answer goes through find it carried; where a
paragraph tells the same matter otherwise (another number, date or name, the opposite sense), it is
not supported, and the reason says what stands there. Pure but for the search, which is passed in.

Headings, greetings, questions, requests and lists of sources claim nothing. A quotation stays whole
with the words around it. "He" and "She" at the beginning of a sentence are read as the person whom
the sentences before speak of last; what cannot be told stays as it stands and is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from corpus.text.names import RUN, Kind, Names, read_run
from corpus.text.places import place_code
from corpus.text.sentences import SENTENCE_END, quoted_spans, split_sentences
from corpus.text.tables import either
from corpus.text.words import content_words, names, numbers, opening_words, words
from retrieval.errors import RetrievalError
from retrieval.evidence import collapse_copies
from retrieval.grounding.alignment import NOT_THERE, OPPOSITE_SENSE
from retrieval.grounding.check import TOO_LITTLE, Source, Verdict, check, is_verbatim, quote_of
from retrieval.grounding.contradiction import (
    clauses_of,
    difference,
    matter_in_common,
    missing_words,
)
from retrieval.grounding.support import Finding, Support, Unverified, Verifier, carried_by
from retrieval.outcomes import Citation, Said
from retrieval.passages import Filter, Passage
from retrieval.questions.understand import Asked, Narrowing, Question

LONGEST_HEADING = 6
"""Words of a line that is taken for a heading where other lines follow."""
FEWEST_WORDS = 2
"""Content words of a sentence that can be looked up."""
# A line as long as this that ends in mid-sentence was wrapped by an editor.
_WRAPPED = 40
_LIST_MARK = re.compile(r"\s*(?:>\s*)*(?:[-*+•–—◦▪]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(?=\S)")
_QUOTE_MARK = re.compile(r"\s*(?:>\s?)+")
_MARKDOWN_HEADING = re.compile(r"\s*#{1,6}\s+\S")
_SOURCE_LINE = re.compile(r"\s*\[\d{1,3}\]\s|\s*https?://\S+\s*\Z|\s*(?:sources?|via)\s*:", re.I)
_WORD = re.compile(r"[^\W\d_]")
_RULE = re.compile(r"\s*([-*_=])(?:\s*\1){2,}\s*\Z")
_SENTENCE_END = re.compile(SENTENCE_END + r"\s*\Z")
_END_LENGTH = 24
_LONGEST_HELD = 5_000
_FOOTNOTE = re.compile(r"(?<!\s)\s*+\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]")
_ADDRESS = re.compile(r"<?https?://[^\s>]+>?")
_MARKDOWN_LINK = re.compile(r"\[([^\]]{1,500})\]\(https?://[^)\s]{0,2000}\)")
_MARKDOWN_STYLE = re.compile(
    r"(\*\*|__|(?<![\w*])\*|(?<![\w_])_|`)(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)"
)
_QUESTION = re.compile(r"\?[\"'”’»)\]!]*\s*\Z")

_any = partial(either, __package__, "words")
_COURTESY = re.compile(rf"{_any('courtesies')}\b", re.I)
_LONGEST_COURTESY = 6
_REQUEST = re.compile(
    r"(?:please|pls|kindly|let me know|let us know|can (?:you|somebody|someone|anybody|anyone)|"
    r"could (?:you|somebody|someone|anybody|anyone)|see (?:also|below|attached|above))\b",
    re.I,
)
# Words before a claim that say who holds it or how it came, not what happened.
_LEAD = re.compile(rf"{_any('leads')}\s*[:,–—-]*\s+(?=\S)", re.I)
_HE = re.compile(r"(?P<pronoun>He|She)(?=\s|['’])")
_HIS = re.compile(r"(?P<pronoun>His|Her)(?=\s+\w)")
_IT = re.compile(r"(?P<pronoun>It|They|This|These|Those|That|Its|Their|Both|Neither)\b")
_POSSESSIVE = re.compile(r"[’']s$|s[’']$")
# A word that opens a sentence with one of these endings is seldom a surname: "Fighting", "Talks".
_COMMON_OPENING = re.compile(r"(?:ing|ed|ly|s|ion|ment|ness|ity)\Z")
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
# Of the content words of a claim, the share that has to stand in one sentence of a source, or in
# one and the next: words gathered from all over a paragraph tell another story.
TOGETHER = 0.5


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim and how far what was read carries it.

    `reason` says in words what is missing, or that a supported claim is told otherwise elsewhere.
    `citations` carry it (in part, for a partly supported one); `nearest` supports nothing: it is
    what came nearest to a claim that is not supported, or what tells a supported one otherwise.
    Marks count through all claims of a text. `contradicted` tells that the nearest of a claim that
    is not supported says something else, and is no mere neighbour; `settled`, that a rule has told
    it: the claim stands there word for word, or something is missing that no verifier can lift.
    """

    text: str
    support: Support
    reason: str
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...] = ()
    read_as: str = ""
    contradicted: bool = False
    settled: bool = False


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
    verifier: Verifier | None = None,
) -> tuple[CheckedClaim, ...]:
    """The claims of a text in their order, the first `most` of them, checked.

    `given` narrows what is searched. `advance` is called with 1 after each claim. What is carried
    by its words, wholly or in part, a `verifier` then reads, all at once. Empty where the text
    claims nothing.
    """
    marks = _Marks()
    checked = []
    for claim in claims_of(text).claims[:most]:
        checked.append(_checked(claim, search, _question(claim, asked_at, given), marks))
        if advance is not None:
            advance(1)
    return tuple(checked if verifier is None else _verified(checked, verifier))


def _verified(checked: Sequence[CheckedClaim], verifier: Verifier) -> list[CheckedClaim]:
    """Claims with what a verifier says of those that something carries; where it fails, the rules
    alone have told, and each says so."""
    asked = [one for one in checked if one.citations and not one.settled]
    items = [
        Unverified(one.read_as or one.text, tuple(map(Source.of, one.citations))) for one in asked
    ]
    try:
        findings = verifier.verify(items) if items else []
    except RetrievalError as error:
        by_rules = Said("checked by rules only: {error}", error=error.said)
        told = Said("{reason}; {then}")
        return [
            replace(one, reason=Said(told, reason=one.reason, then=by_rules) if one.reason
            else by_rules) if one in asked else one for one in checked
        ]  # fmt: skip
    found = {id(one): finding for one, finding in zip(asked, findings, strict=True)}
    return [_as_found(one, found[id(one)]) if id(one) in found else one for one in checked]


def _as_found(claim: CheckedClaim, finding: Finding) -> CheckedClaim:
    """A claim as a verifier sees it; what carries nothing stands as what came nearest."""
    if finding.support is Support.SUPPORTED:
        kept = claim.support is Support.SUPPORTED
        return claim if kept else replace(claim, support=Support.SUPPORTED, reason="")
    differs = finding.differs or Said("it does not follow from the cited paragraphs")
    if finding.support is Support.PARTLY:
        return replace(claim, support=Support.PARTLY, reason=differs)
    nearest = (*claim.citations, *claim.nearest)[:1]
    return replace(claim, support=Support.NOT, reason=differs, citations=(), nearest=nearest)


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
    found = [one for one in search.find(question, FOUND) if one.paragraph.answers]
    passages = collapse_copies(found)[:CHECKED]
    findings = list(_findings(claim.read_as, passages))
    read_as = claim.read_as if claim.read_as != claim.text else ""
    if not findings:
        nothing = Said("nothing was found on it")
        return CheckedClaim(claim.text, Support.NOT, nothing, (), (), read_as)
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
        reason = verdict.reason if is_near else Said("nothing was found that speaks of it")
        nearest = tuple(marks.citation(one, shown) for one in near.passages[:1]) if is_near else ()
        return CheckedClaim(claim.text, Support.NOT, reason, (), nearest, read_as, bool(against))
    cited = tuple(marks.citation(one, shown) for one in best.passages)
    reason = verdict.reason
    other: tuple[Citation, ...] = ()
    contrary = _told_otherwise(findings, best)
    if verdict.support is Support.SUPPORTED and contrary is not None:
        # Accounts differ, and stand side by side.
        reason = Said("told otherwise elsewhere: {reason}", reason=contrary.verdict.reason)
        other = tuple(marks.citation(one, shown) for one in contrary.passages[:1])
    found_so = (claim.text, verdict.support, reason, cited, other, read_as)
    return CheckedClaim(*found_so, settled=verdict.settled)


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
        unsaid = Said("the text does not say who or what “{word}” is", word=claim.open)
        return Verdict(Support.PARTLY, unsaid, settled=True)
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
    verdict = check(claim, sources, " ".join(map(_known_names, passages)), wholly=True)
    if any(is_verbatim(claim, source.text) for source in sources) and (
        verdict.support is Support.SUPPORTED
    ):
        return _Finding(passages, verdict, 1.0)
    other = difference(claim, sources)
    if not other and verdict.reason.startswith(OPPOSITE_SENSE):
        other = verdict.reason
    if other:
        return _Finding(passages, Verdict(Support.NOT, other), carried, contradicts=True)
    if verdict.support is Support.SUPPORTED and not _stand_together(claim, sources):
        verdict = Verdict(Support.PARTLY, Said("its words stand there, but not together"))
    # What two paragraphs together have of a claim may belong to two matters.
    parts = _parts(claim)
    missing = next((one for one in parts if _common(one, sources) < TOGETHER), "")
    missing = missing or missing_words(claim, sources, 2 if len(passages) == 1 else 1)
    if verdict.support is Support.SUPPORTED and missing:
        verdict = Verdict(Support.PARTLY, Said(NOT_THERE, words=missing))
    elif verdict.support is Support.NOT and any(_carried_alone(one, sources) for one in parts):
        verdict = Verdict(Support.PARTLY, verdict.reason)
    if verdict.reason == TOO_LITTLE:
        much = Said("much of it does not stand there")
        verdict = Verdict(verdict.support, Said(NOT_THERE, words=missing) if missing else much)
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
    return bool(named) and check(part, sources, wholly=True).support is Support.SUPPORTED


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


def _stand_together(claim: str, sources: Sequence[Source]) -> bool:
    for source in sources:
        found = [sentence.text for sentence in split_sentences(source.text)] or [source.text]
        for position in range(len(found)):
            window = " ".join(found[position : position + 2])
            if matter_in_common(claim, f"{window} {source.known}") >= TOGETHER:
                return True
    return False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that claims something.

    `text` is as a reader sees it, without footnote marks; `read_as` is what is looked up and
    checked: with its opening pronoun replaced where the person is known. `open` is an opening
    pronoun that nothing before it explains, `about` the names of the sentence before.
    """

    text: str
    read_as: str
    open: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a text in their order, and the lines and sentences that claim nothing."""

    claims: tuple[Claim, ...]
    passed_over: tuple[str, ...]


def claims_of(text: str) -> Claims:
    """The claims of a text of any form; never raises."""
    found: list[Claim] = []
    passed: list[str] = []
    person, about = "", ""
    for line, heading in _lines(text):
        if heading:
            passed.append(_tidy(line).lstrip("# "))
            continue
        for sentence in split_sentences(line):
            shown = _undressed(sentence.text)
            bare = _without_lead(shown)
            if not _claims(bare):
                if _WORD.search(shown):
                    passed.append(shown)
                continue
            read_as, unexplained = _explained(bare, person)
            found.append(Claim(shown, read_as, unexplained, about if unexplained else ""))
            if persons := persons_of(read_as):
                person = persons[0] if len(persons) == 1 else ""
            about = " ".join(dict.fromkeys(names(read_as) + opening_words(read_as))) or about
    return Claims(tuple(found), tuple(passed))


def persons_of(sentence: str) -> list[str]:
    """The persons whom a sentence names outside quotation marks."""
    outside = sentence
    for start, end in reversed(quoted_spans(sentence)):
        outside = f"{outside[:start]} {outside[end:]}"
    found: list[str] = []
    for run in RUN.finditer(outside):
        named = read_run(_POSSESSIVE.sub("", run.group()))
        if named is None or named.kind is Kind.INSTITUTION or place_code(named.name):
            continue
        opens_alone = run.start() == 0 and " " not in run.group()
        if named.kind is Kind.EITHER and opens_alone and _COMMON_OPENING.search(named.name):
            continue
        if not any(set(named.name.split()) & set(one.split()) for one in found):
            found.append(named.name)
    return found


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Lines as they were meant, wrapped ones joined, each with whether it is a heading."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    held = ""
    for row, following in zip(rows, _followers(rows), strict=True):
        if not row.strip() or _RULE.match(row):
            if held:
                yield held, False
            held = ""
            continue
        if _SOURCE_LINE.match(row) or _is_heading(row, following, held):
            if held:
                yield held, False
            held = ""
            yield row, True
            continue
        mark = _LIST_MARK.match(row) or _QUOTE_MARK.match(row)
        body = row[mark.end() :] if mark else row
        goes_on = (
            held
            and len(held) < _LONGEST_HELD
            and not _LIST_MARK.match(row)
            and _goes_on(held, body)
        )
        if goes_on:
            held = f"{held} {body.strip()}"
            continue
        if held:
            yield held, False
        held = body.strip()
    if held:
        yield held, False


def _followers(rows: list[str]) -> list[str]:
    """For each line the next one that is not empty; "" where none is."""
    found: list[str] = []
    following = ""
    for row in reversed(rows):
        found.append(following)
        following = row if row.strip() else following
    return found[::-1]


def _goes_on(held: str, body: str) -> bool:
    """Whether a line goes on where another was wrapped."""
    last = held.rsplit("\n", 1)[-1]
    ended = _SENTENCE_END.search(held[-_END_LENGTH:])
    return body.lstrip()[:1].islower() or (len(last) >= _WRAPPED and not ended)


def _is_heading(row: str, following: str, held: str) -> bool:
    if _MARKDOWN_HEADING.match(row):
        return True
    if held and not _SENTENCE_END.search(held[-_END_LENGTH:]) and len(held) >= _WRAPPED:
        return False
    plain = row.strip()
    if plain.endswith(":"):
        return len(plain.split()) <= 2 * LONGEST_HEADING
    return (
        bool(following)
        and not _LIST_MARK.match(row)
        and not _SENTENCE_END.search(plain[-_END_LENGTH:])
        and len(plain.split()) <= LONGEST_HEADING
        and not numbers(plain)
    )


def _claims(sentence: str) -> bool:
    """Whether a sentence claims something that could be looked up."""
    length = len(sentence.split())
    if _QUESTION.search(sentence) or _REQUEST.match(sentence):
        return False
    if _COURTESY.match(sentence) and length <= _LONGEST_COURTESY:
        return False
    return len(content_words(sentence)) >= FEWEST_WORDS


def _explained(sentence: str, person: str) -> tuple[str, str]:
    """A sentence with its opening pronoun replaced, and the pronoun where it cannot be."""
    for form, ending in ((_HE, ""), (_HIS, "’s")):
        if match := form.match(sentence):
            female = Names([f"{person}."]).female(person) if person else None
            if person and female in (None, match["pronoun"] in ("She", "Her")):
                return f"{person}{ending}{sentence[match.end() :]}", ""
            return sentence, match["pronoun"]
    match = _IT.match(sentence)
    return sentence, match["pronoun"] if match else ""


def _undressed(sentence: str) -> str:
    """A sentence without footnote marks, addresses and marks of style."""
    text = _ADDRESS.sub(" ", _FOOTNOTE.sub("", _MARKDOWN_LINK.sub(r"\1", sentence)))
    return _tidy(_MARKDOWN_STYLE.sub(r"\2", text))


def _without_lead(text: str) -> str:
    """A sentence without the words that say who holds it, which are no part of the matter."""
    if lead := _LEAD.match(text):
        rest = text[lead.end() :]
        text = rest[:1].upper() + rest[1:]
    return text


def _tidy(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())

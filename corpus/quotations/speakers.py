"""Who speaks: the subject of a verb of speech, before it or after it.

Works on text whose quotations are masked. A subject must stand where a clause begins, so that the
last word of another phrase ("a spokesman in Tripoli said") is not taken for it; a subject that
names nobody ("an official", "critics", "the report") is no speaker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from corpus import name_words as words
from corpus.names import RUN, TOKEN, Kind, Named, Names, read_run
from corpus.quotations.roles import (
    describes,
    folded,
    is_personal,
    is_role_phrase,
    opens_clause,
    reads_as_role,
    role_before,
    shown_role,
)
from corpus.quotations.verbs import ADVERBS

LOOK_BACK = 260
_LAST_RUN = re.compile(RUN.pattern + r"$")
_INSTITUTION = "|".join(sorted(words.INSTITUTIONS))
_INSTITUTION_WITH_PLACE = re.compile(
    rf"(?:\b[Tt]he |(?P<owner>{TOKEN}[’']s? ))?"
    rf"(?P<noun>(?:{TOKEN} ){{0,4}}(?:[Mm]inistry|[Dd]epartment|Institute|Council|University"
    rf"|Bank|Organi[sz]ation|Office|Commission|Committee|[Gg]overnment|Center|Centre) (?:of|for)"
    rf"(?: the)?(?: (?:and |of |for |the )*{TOKEN}){{1,4}})$"
)
_COMMON_INSTITUTION = re.compile(
    rf"(?:\b[Tt]he |\b(?P<owner>{TOKEN}(?: {TOKEN}){{0,2}}[’']s? ))"
    rf"(?P<noun>(?:[\w’'-]+ ){{0,4}}?(?P<last>{_INSTITUTION}))$"
)
_REVERSED = re.compile(
    rf"(?P<role>(?:[Hh]is|[Hh]er|[Tt]heir|[Tt]he|[Aa]n?|{TOKEN}[’']s) [^,.;:“”]{{2,70}}), "
    rf"(?P<name>{RUN.pattern}),$"
)
_SEGMENT_END = re.compile(
    r"[,;:“”()—]|(?<![A-Z])(?<!\b(?:Lt|Dr|Mr|Ms|Jr|Sr|St))"
    r"(?<!\b(?:Gen|Col|Maj|Sgt|Mrs|Sen|Rep|Gov|Adm|Amb))(?<!\bProf)(?<!\bCapt)\.(?=\s|$)"
)
_CONDITIONS = ("If ", "Unless ", "Whether ", "Had ", "Should ")
_AFTER_NAME = re.compile(
    r"(?:in|on|at|to|of|during|via|from|last|this|earlier|late|later|yesterday|today|after|before"
    r"|as|when|while|who|and|about|with|by|for|following|ahead|[a-z]+ly|recently|again|back"
    r"|[A-Z].*|\d.*)$"
)
_NO_ADVERBS = frozenset(("family", "assembly", "ally"))
_OPENING = re.compile(
    r"\s*(?:(?:On |Late |Early )?[A-Z][a-z]+day,?\s+"
    r"|(?:In|On|At|After|During|Following|Commenting|Speaking|Reacting|Responding|Late|Early)\b"
    r"[^,“”]{2,90},\s+)?(?:[Tt]he )?"
)
_ROLE_AFTER = re.compile(r",\s+((?:an?\s|the\s)?[^,;“”—.]{3,120})")


class Pronoun(Enum):
    """A speaker who is only pointed at."""

    HE = "he"
    SHE = "she"
    IT = "it"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a verb belongs to: a name or a pronoun; neither where nobody is named.

    `start` and `end` are offsets of the phrase in the masked text.
    """

    start: int
    end: int
    name: str | None = None
    pronoun: Pronoun | None = None
    role: str | None = None
    person: bool = False

    @property
    def named(self) -> bool:
        return self.name is not None or self.pronoun is not None


def subject_before(text: str, first: int, verb: int, names: Names) -> Subject | None:
    """The subject that ends before `verb`, in the sentence that begins at `first`."""
    first = max(first, verb - LOOK_BACK)
    tail = _without_adverbs(text[first:verb])
    if not tail:
        return None
    if pronoun := _pronoun_at_end(tail):
        start = first + len(tail) - len(pronoun.value)
        opens = opens_clause(tail[: len(tail) - len(pronoun.value)])
        return Subject(start, verb, pronoun=pronoun) if opens else None
    if tail.endswith(","):
        return _before_apposition(tail, first, verb, names)
    return _named_at_end(tail, first, verb, names)


def subject_after(text: str, verb_end: int, limit: int, names: Names) -> Subject | None:
    """The subject of an inverted verb: "…,” said LNA spokesman Ahmed Mismari"."""
    stop = min(limit, verb_end + LOOK_BACK)
    ending = _SEGMENT_END.search(text, verb_end, stop)
    end = ending.start() if ending else stop
    segment = text[verb_end:end]
    stripped = segment.strip()
    for pronoun in Pronoun:
        if re.match(rf"{pronoun.value}\b", stripped):
            return Subject(verb_end, verb_end + len(segment), pronoun=pronoun)
    for run in RUN.finditer(segment):
        before = segment[: run.start()].split()
        if not is_role_phrase(before):
            return None
        named = read_run(run.group())
        after = segment[run.end() :].split()
        if named is None or (after and folded(after[0]) in words.ROLE_WORDS):
            continue
        if after and not _AFTER_NAME.match(after[0]):
            return None
        role = " ".join((*before, named.role)).strip()
        person = named.kind is Kind.PERSON or bool(role)
        if not role or not person:
            later = _ROLE_AFTER.match(text, end, limit)
            if later and reads_as_role(later.group(1)):
                role = later.group(1).strip()
                person = person or is_personal(role)
        return Subject(
            verb_end,
            verb_end + run.end(),
            names.fullest(named.name),
            role=shown_role(role),
            person=person,
        )
    return _institution_after(segment, verb_end)


def subject_of_sentence(text: str, first: int, stop: int, names: Names) -> Subject | None:
    """Who a sentence begins with, for a participle that comes later: "X left, saying that"."""
    opening = _OPENING.match(text, first, stop)
    start = opening.end() if opening else first
    run = RUN.match(text, start, stop)
    if run is None:
        return None
    named = read_run(run.group())
    after = text[run.end() : run.end() + 30]
    single = len(run.group().split()) == 1 and names.is_common(run.group())
    if named is None or single or not re.match(r"\s+(?:has\s|also\s)?[a-z]+(?:ed|s|t|d)\s", after):
        return None
    return Subject(
        start,
        run.end(),
        names.fullest(named.name),
        role=shown_role(named.role),
        person=named.kind is Kind.PERSON,
    )


def _without_adverbs(tail: str) -> str:
    """What is left when "has also", "on Monday", "last week" at the end are taken off."""
    tail = tail.rstrip()
    while True:
        at = tail.rfind(" ") + 1
        word = tail[at:]
        day = word.casefold().endswith("day") and word[:1].isupper()
        manner = word.endswith("ly") and word.islower() and word not in _NO_ADVERBS
        if word in ADVERBS or day or manner or tail.endswith(" on"):
            tail = tail[:at].rstrip()
        elif tail.endswith((" last week", " this week", " last month")):
            tail = tail.rsplit(" ", 2)[0].rstrip()
        else:
            return tail


def _pronoun_at_end(tail: str) -> Pronoun | None:
    last = tail[tail.rfind(" ") + 1 :].casefold()
    return next((pronoun for pronoun in Pronoun if pronoun.value == last), None)


def _before_apposition(tail: str, first: int, verb: int, names: Names) -> Subject | None:
    """ "Shen Yamei, director of the department, said", "her father, Thomas Hand, said"."""
    reversed_order = _REVERSED.search(tail)
    if reversed_order and opens_clause(tail[: reversed_order.start()]):
        named = read_run(reversed_order["name"])
        if named and " " in named.name:
            start, role = first + reversed_order.start(), shown_role(reversed_order["role"])
            return Subject(start, verb, names.fullest(named.name), role=role, person=True)
    comma = len(tail) - 1
    for _ in range(3):
        comma = tail.rfind(",", 0, comma)
        if comma < 0:
            return None
        described = tail[comma + 1 : -1]
        if "“" in described or not describes(described):
            continue
        subject = _named_at_end(tail[:comma], first, verb, names)
        if subject is not None and subject.named:
            role = subject.role or shown_role(described)
            person = subject.person or is_personal(described)
            return Subject(subject.start, verb, subject.name, role=role, person=person)
    return None


def _named_at_end(tail: str, first: int, verb: int, names: Names) -> Subject | None:
    if match := _INSTITUTION_WITH_PLACE.search(tail):
        if not opens_clause(tail[: match.start()]):
            return None
        name = (match["owner"] or "") + match["noun"]
        return Subject(first + match.start(), verb, name)
    if match := _COMMON_INSTITUTION.search(tail):
        return _institution_before(match, tail, first, verb, names)
    match = _LAST_RUN.search(tail)
    if match is None:
        return None
    named = read_run(match.group())
    if named is None or match.group().startswith(_CONDITIONS):
        return None
    start, opens = match.start(), not tail[: match.start()].strip(' “"(')
    before = tail[:start].rstrip()
    tokens = named.name.split()
    if len(tokens) == 1 and not named.role and opens and names.is_common(tokens[0]):
        return None
    role, rest = role_before(before, portfolio=bool(named.role))
    if re.search(r"(?:ians|icans|crats)$", named.name) or not opens_clause(rest):
        return None
    shown = " ".join(part for part in (role, named.role) if part)
    return Subject(
        first + len(rest),
        verb,
        _shown_name(named, names),
        role=shown_role(shown),
        person=named.kind is Kind.PERSON or bool(role),
    )


def _institution_before(
    match: re.Match[str], tail: str, first: int, verb: int, names: Names
) -> Subject | None:
    noun, last, owner = match["noun"], match["last"], match["owner"]
    if not opens_clause(tail[: match.start()]):
        return None
    name: str | None = noun
    if owner:
        name = f"{owner.strip()} {noun}"
    elif noun == last:
        name = names.institution(last)
    return Subject(first + match.start(), verb, name) if name else None


def _institution_after(segment: str, start: int) -> Subject | None:
    match = _COMMON_INSTITUTION.match(segment.strip())
    if match is None or match["noun"] == match["last"]:
        return None
    name = f"{match['owner'].strip()} {match['noun']}" if match["owner"] else match["noun"]
    return Subject(start, start + len(segment), name)


def _shown_name(named: Named, names: Names) -> str:
    if named.kind is Kind.INSTITUTION and len(named.name.split()) == 1:
        return names.institution(named.name) or named.name
    return names.fullest(named.name)

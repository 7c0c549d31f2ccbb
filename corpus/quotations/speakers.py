"""Verbs of speech in a sentence, and who speaks: the subject before or after each.

    masked sentence → verbs (`data/speech.txt`) → subject: name or pronoun, and role → `Speech`

Works on text whose quotations are masked (`corpus.text.sentences.masked`). A subject must stand
where a clause begins, so that the last word of another phrase ("a spokesman in Tripoli said") is
not taken for it; a subject that names nobody ("an official", "critics", "the report") is no
speaker. Roles beside names ("retired Army general", "director of the centre") are read here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from corpus.text import tables
from corpus.text.names import (
    DESCRIPTORS,
    INSTITUTIONS,
    ROLE_MODIFIERS,
    ROLE_WORDS,
    RUN,
    TOKEN,
    Kind,
    Named,
    Names,
    read_run,
)
from corpus.text.sentences import ABBREVIATED, MASK, NO_TITLE_BEFORE
from corpus.text.words import bare_word

SAYING = tables.words(__package__, "speech", "saying")
STATING = tables.words(__package__, "speech", "stating")
CALLING = tables.words(__package__, "speech", "calling")
PARTICIPLES = tables.words(__package__, "speech", "participles")
FINITE = SAYING | STATING | CALLING
VERBS = FINITE | PARTICIPLES
BARE_CLAUSE = frozenset(("said", "says", "saying", "told", "tells", "telling"))
"""Verbs after which any clause may stand without “that”; after others one with a pronoun."""

NAMED_AS_NOUNS = tables.words(__package__, "speech", "nouns too")
"""Words that are as often no verb of speech: without a subject they mean nothing."""
WITH_OUT = {"pointed": "pointed out", "points": "points out", "pointing": "pointing out"}
"""Verbs of speech only together with “out”."""

ADVERBS = tables.words(__package__, "speech", "adverbs")
"""What may stand between a subject and its verb; nothing that denies or conditions it."""

ACCORDING = "according to"
MOST_VERBS = 40
"""A sentence with more verbs of speech is no prose, and not worth the time."""
_WORD = re.compile(r"\b[A-Za-z][a-z]{3,12}\b")
_MARKING = VERBS | {*WITH_OUT, "according", "According"}
_BOUNDARY = re.compile(r"[.!?…”][)\]]*\s+(?=[“(\[#A-ZÀ-Þ0-9])")
_ATTRIBUTION = re.compile(
    r"(?P<speaker>[A-Z](?:[^.:;“”]|\.(?=\w)){0,160}?)\s(?P<verb>said|says|told|added|wrote|noted|explained"
    r"|continued|posted|tweeted|read|asked|asks|replied|answered|warned|insisted|argued|joked|quipped"
    r"|recalled|remarked|concluded|commented|stated)\b(?P<rest>[^.:;“”]{0,60})"
)
_CLAUSE_FOLLOWS = re.compile(r"\s*(?:that\b|$)|\s+(?:the|he|she|it|they|there|his|her|we|a|an)\b")
_WRITTEN = re.compile(
    r"\b(?:statement|letter|post|tweet|note|message|email|interview|speech|video)$"
)

_NOTHING = {ord(character): None for character in f"“”{MASK}"}

LOOK_BACK = 260
_LAST_RUN = re.compile(RUN.pattern + r"$")
_INSTITUTION = "|".join(sorted(INSTITUTIONS))
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
_SEGMENT_END = re.compile(rf"[,;:“”()—]|(?<![A-Z]){NO_TITLE_BEFORE}\.(?=\s|$)")
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

_DESCRIPTION = re.compile(r"\s*(?:an?|the|who|whose|one|\d+|[a-zà-ÿ][\w’'-]*)\b")
_OPENS_CLAUSE = tables.words(__package__, "speech", "opens clause")
_BEFORE_NAMES = ROLE_WORDS | ROLE_MODIFIERS | DESCRIPTORS

_VAGUE = frozenset("secretary minister official officer member head chief chair director".split())
"""Titles that say little without of what."""


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


@dataclass(frozen=True, slots=True)
class Speech:
    """A verb of speech. `start` to `end` is the phrase with its subject where that adjoins.

    `subject` is None where nobody is named; `inverted`: it comes after the verb ("said Mismari").
    """

    verb: str
    start: int
    end: int
    verb_end: int
    subject: Subject | None
    inverted: bool = False
    participle: bool = False


def sentences(mask: str, text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a masked paragraph; a quotation stays with its attribution."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(mask):
        at = match.start() + len(match.group().rstrip())
        if mask[at - 1] == "”":
            if text[at - 2 : at - 1] not in ".!?…" or _attribution_follows(mask, match.end()):
                continue
        elif ABBREVIATED.search(mask, max(start, at - 8), at):
            continue
        found.append((start, at))
        start = match.end()
    if mask[start:].strip():
        found.append((start, len(mask)))
    return found


def speeches_of(mask: str, start: int, end: int, names: Names) -> list[Speech]:
    """The verbs of speech of one sentence in order."""
    found: list[Speech] = []
    marking = [word for word in _WORD.findall(mask, start, end) if word in _MARKING]
    if not marking or len(marking) > MOST_VERBS:
        return found
    for match in _WORD.finditer(mask, start, end):
        word = match.group()
        if word in VERBS or (word in WITH_OUT and mask.startswith(" out", match.end())):
            speech = _speech(mask, match, (start, end), names, found)
        elif word in ("According", "according") and mask.startswith(" to ", match.end()):
            speech = _according(mask, match, end, names)
        else:
            continue
        if speech is not None:
            found.append(speech)
    return found


def _speech(
    mask: str, match: re.Match[str], sentence: tuple[int, int], names: Names, earlier: list[Speech]
) -> Speech | None:
    word, at, verb_end = match.group(), match.start(), match.end()
    if word in WITH_OUT:
        word, verb_end = WITH_OUT[word], verb_end + len(" out")
    before = mask[max(sentence[0], at - 60) : at].rstrip()
    if word in PARTICIPLES or word == "pointing out":
        subject = _subject_of_participle(mask, before, at, sentence, names, earlier)
        if subject is None and word not in ("saying", "adding", "tweeting"):
            return None
        return Speech(word, at, verb_end, verb_end, subject, participle=True)
    subject = subject_before(mask, sentence[0], at, names)
    if subject is not None:
        return Speech(word, subject.start, verb_end, verb_end, subject)
    # Who is told something is no speaker: "the envoy, an old hand, told Weber".
    if word not in CALLING | {"told", "tells"} and before.endswith(("”", "”,", ",")):
        limit = sentence[1]
        inverted = subject_after(mask, verb_end, limit, names)
        if before.endswith("”") or before.endswith("”,") or (inverted and word in SAYING):
            end = inverted.end if inverted else verb_end
            return Speech(word, at, end, verb_end, inverted, inverted=True)
    if re.search(r"(?:\band|\bbut|\bthen|,)(?: also| then)?$", before) and earlier:
        last = earlier[-1]
        if last.subject and not last.inverted and "”" not in mask[last.end : at].rstrip()[-2:]:
            return Speech(word, at, verb_end, verb_end, last.subject)
    if word in NAMED_AS_NOUNS or word not in FINITE:
        return None
    return Speech(word, at, verb_end, verb_end, None)


def _subject_of_participle(
    mask: str, before: str, at: int, sentence: tuple[int, int], names: Names, earlier: list[Speech]
) -> Subject | None:
    if not (before.endswith((",", "”", "—")) or _WRITTEN.search(before)):
        return None
    if earlier:
        # After a reported clause other participles may belong to somebody inside it.
        adds = mask[at : at + 6] in ("adding", "saying", "noting")
        adds = adds or earlier[-1].verb in CALLING or mask[earlier[-1].end : at].strip() == ","
        return earlier[-1].subject if adds else None
    return subject_of_sentence(mask, sentence[0], at, names)


def _according(mask: str, match: re.Match[str], end: int, names: Names) -> Speech | None:
    after = match.end() + len(" to")
    subject = subject_after(mask, after, end, names)
    stop = subject.end if subject else after
    return Speech(ACCORDING, match.start(), stop, after, subject, inverted=True)


def _attribution_follows(mask: str, at: int) -> bool:
    """Whether what follows a full stop inside quotation marks still says who spoke."""
    match = _ATTRIBUTION.match(mask, at)
    if match is None:
        return False
    rest = match["rest"]
    if match["verb"] == "told":
        reports = re.search(r"\b(?:that|he|she|it|they)\b", rest)
        return not reports and mask[match.end() :][:1] in "."
    if mask[match.end() : match.end() + 1] in ":“":
        return False
    return not rest.strip(" ,") or not _CLAUSE_FOLLOWS.match(rest)


def is_all_quoted(mask: str, start: int, end: int) -> bool:
    """Whether a stretch is nothing but quotations."""
    return not mask[start:end].translate(_NOTHING).strip(" \u00a0,.;")


def subject_before(text: str, first: int, verb: int, names: Names) -> Subject | None:
    """The subject that ends before `verb`, in the sentence that begins at `first`."""
    first = max(first, verb - LOOK_BACK)
    tail = _without_adverbs(text[first:verb])
    if not tail:
        return None
    last = tail[tail.rfind(" ") + 1 :].casefold()
    if pronoun := next((one for one in Pronoun if one.value == last), None):
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
        if named is None or (after and bare_word(after[0]) in ROLE_WORDS):
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


def role_before(before: str, *, portfolio: bool) -> tuple[str, str]:
    """The role that ends here and what stands before it.

    `portfolio`: what follows began with one ("of State"), so a preposition may stand here.
    """
    taken: list[str] = []
    rest = before
    while len(taken) < 8 and rest and rest[-1] not in ',;:—–”“"(':
        at = max(rest.rfind(" "), rest.rfind("\u00a0")) + 1
        word = rest[at:]
        if not taken:
            if word in ("the", "The"):
                return "", rest[:at].rstrip()
            office = portfolio and word in ("of", "to", "for")
            if not office and bare_word(word) not in _BEFORE_NAMES:
                return "", rest
        elif bare_word(word) in _OPENS_CLAUSE and bare_word(word) != "and":
            break
        taken.insert(0, word)
        rest = rest[:at].rstrip()
        if bare_word(word) in ("the", "a", "an"):
            break
    return " ".join(taken), rest


def opens_clause(before: str) -> bool:
    """Whether what follows can be the subject of a clause."""
    before = before.rstrip()
    if not before or before[-1] in ',;:—–”“"().•…!?|':
        return True
    if before.endswith("-") and before[-2:-1].isspace():
        return True
    word = bare_word(before[before.rfind(" ") + 1 :])
    if word == "and" or word == "or":
        earlier = before[: before.rfind(" ")].rstrip()
        return not earlier[earlier.rfind(" ") + 1 :][:1].isupper() or earlier.endswith(",")
    return word in _OPENS_CLAUSE


def is_role_phrase(before: list[str]) -> bool:
    """Whether words can stand between an inverted verb and the name: "said LNA spokesman"."""
    if not before:
        return True
    last = bare_word(before[-1])
    if last == "and" and len(before) > 1:
        last = bare_word(before[-2])
    if last in ROLE_WORDS | ROLE_MODIFIERS:
        return not (set(before) & {"in", "with", "to", "about", "by", "on"})
    return len(before) == 1 and last in ("the", "then", "also")


def reads_as_role(described: str) -> bool:
    """Whether words after a name and a comma say who that is."""
    found = {bare_word(word) for word in described.split()[:12]}
    return bool(found & ROLE_WORDS) or described.startswith(("a ", "an ", "the ", "who "))


def describes(described: str) -> bool:
    """Whether words between commas can describe the name before them."""
    first = described.split(maxsplit=1)[:1]
    return bool(_DESCRIPTION.match(described)) or bool(first and bare_word(first[0]) in ROLE_WORDS)


def is_personal(described: str) -> bool:
    """Whether a description is a person's: "director of the centre", not "a news agency"."""
    head = re.split(r"\b(?:of|for|at|in|with|which|that)\b", described, maxsplit=1)[0]
    return bool({bare_word(word) for word in head.split()} & ROLE_WORDS)


def shown_role(words_of_role: str) -> str | None:
    """A role without its article; None where the words name no role."""
    shown = re.sub(
        r"^(?:the|an?|The|An?|who (?:is|was)(?: the| an?)?)\s+", "", words_of_role.strip()
    )
    found = {bare_word(word) for word in shown.split()}
    participle = shown.split(" ")[0].endswith("ing") and "acting" not in found
    clause = participle or "that" in found
    return shown if found & _BEFORE_NAMES and not clause else None


def is_vague(role: str) -> bool:
    """Whether a role says next to nothing of whose it is: "Secretary", "Minister"."""
    return bare_word(role) in _VAGUE

"""Who said what in an article, verbatim.

    paragraphs → quoted parts → masked text → names
               → posts, turns of a transcript
               → sentences → speeches (verb and subject) → speakers → direct and reported words

A wrong speaker is worse than a missing one: what nobody plainly said is left out. Words in
quotation marks inside a reported clause are given twice, within the clause and for themselves.
Accepted gaps: "her father said" and other speakers named only by a relation, "the company" and
other common nouns, pull quotes, several speakers of one verb, a written statement's byline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.names import Names
from corpus.quotations.marks import Quoted, masked, quoted_parts
from corpus.quotations.reported import clause_start, reported_clauses
from corpus.quotations.speakers import Pronoun, Subject
from corpus.quotations.speeches import Speech, is_all_quoted, sentences, speeches_of
from corpus.quotations.transcripts import Turn, turns
from corpus.quotations.verbs import CALLING

SCARE_QUOTE_WORDS = 1
"""So few words in quotation marks are distance, not speech, unless a verb adjoins them."""
FURTHEST_PRONOUN = 2
"""Paragraphs that a pronoun may look back."""

FURTHEST_OBJECT = 8
"""Words between a verb and the quotation in its object: "called the attack a “…”"."""

_NEW_CLAUSE = re.compile(r"\b(?:and|but|when|after|because|if|who|which|as [a-z]+ing)\b")
_SIGNATURE = re.compile(
    r"\s*(?:(?:https?://|pic\.)\S+\s*)*\s[—–-]\s(?P<name>[^—()\n]{2,80}?)\s*"
    r"\(@\w+\)\s+[A-Z][a-z]+ \d{1,2}, \d{4}\s*$"
)
_TITLE_WORD = re.compile(r"(?:[A-ZÀ-Þ\d#][\w’'-]*|of|the|and|for|in|on|to|a)[.,]?$")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a speaker: `paragraphs[paragraph - 1][start:end] == quote`.

    `speaker` is the fullest form of the name in the article, `role` what the article calls the
    speaker, `verb` as it stands ("said" in a transcript, "posted" for a signed post).
    `direct`: the words are the speaker's own, not the writer's report of them.
    """

    speaker: str
    role: str | None
    verb: str
    quote: str
    paragraph: int
    start: int
    end: int
    direct: bool


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who spoke, with which verb, and at which (paragraph, position) it stands."""

    speaker: str
    role: str | None
    verb: str
    person: bool
    place: tuple[int, int]


@dataclass(slots=True)
class _Reading:
    """An article as far as it has been read."""

    paragraphs: Sequence[str]
    masks: list[str]
    names: Names
    last: Attribution | None = None
    unnamed_at: tuple[int, int] | None = None
    carried: Attribution | None = None
    unattributed: list[tuple[int, Quoted]] = field(default_factory=list)


def quotations(paragraphs: Sequence[str], title: str = "") -> tuple[Quotation, ...]:
    """The quotations of an article in the order of their paragraphs; never raises."""
    parts = quoted_parts(paragraphs)
    masks = [masked(text, of_it) for text, of_it in zip(paragraphs, parts, strict=True)]
    reading = _Reading(paragraphs, masks, Names(paragraphs, title))
    transcript = turns(paragraphs, reading.names)
    found: list[Quotation] = []
    for index, text in enumerate(paragraphs):
        if turn := transcript.get(index):
            found += _turn(text, turn)
        elif post := _post(reading, index):
            found.append(post)
        else:
            found += _paragraph(reading, index, parts[index])
    roles = {one.speaker: one.role for one in reversed(found) if one.role}
    named = (replace(one, role=one.role or roles.get(one.speaker)) for one in found)
    return tuple(sorted(named, key=lambda one: (one.paragraph, one.start, -one.end)))


def _turn(text: str, turn: Turn) -> Iterator[Quotation]:
    if turn.name:
        quote = text[turn.start : turn.end]
        yield Quotation(
            turn.name, turn.role, "said", quote, turn.paragraph + 1, turn.start, turn.end, True
        )


def _post(reading: _Reading, index: int) -> Quotation | None:
    """A post that stands as a paragraph with its signature: "… — Name (@name) May 1, 2023"."""
    text = reading.paragraphs[index]
    if not text.rstrip().endswith(tuple("0123456789")) or "(@" not in text[-120:]:
        return None
    dash = max(text.rfind(f" {mark} ", max(0, text.rfind("(@") - 90)) for mark in "—–")
    match = _SIGNATURE.match(text, dash) if dash > 0 else None
    if match is None:
        return None
    end = len(re.sub(r"(?:\s*(?:https?://|pic\.)\S{1,200})*\s*$", "", text[:dash]))
    start = len(text) - len(text.lstrip())
    name = re.sub(r"[^\w\s.’'-]|\s-\s.*|\.$", "", match["name"]).strip(" .")
    if start >= end or not name:
        return None
    reading.carried = None
    speaker = reading.names.fullest(name)
    return Quotation(speaker, None, "posted", text[start:end], index + 1, start, end, True)


def _paragraph(reading: _Reading, index: int, parts: Sequence[Quoted]) -> Iterator[Quotation]:
    text, mask = reading.paragraphs[index], reading.masks[index]
    carried = reading.carried
    continued = bool(parts) and parts[0].continues
    remaining = list(parts)
    for start, end in sentences(mask, text):
        inside = [part for part in remaining if start <= part.left < end]
        remaining = [part for part in remaining if part.left >= end]
        speeches = speeches_of(mask, start, end, reading.names)
        spoken = [(one, _attribution(reading, index, one)) for one in speeches]
        if not speeches:
            whole = bool(inside) and is_all_quoted(mask, start, end)
            if not whole:
                carried = None
            for part in inside if whole else ():
                yield from _direct(reading, index, part, carried, continued)
        else:
            for part in inside:
                by = _speaker_of(mask, text, part, spoken, end)
                yield from _direct(reading, index, part, by, continued)
            known = dict(spoken)
            for speech, first, last in reported_clauses(mask, start, end, speeches):
                if by := known.get(speech):
                    yield _quotation(text, index, first, last, by, direct=False)
            carried = spoken[-1][1]
        continued = False
    reading.carried = carried
    if reading.unattributed and not (parts and parts[-1].unclosed):
        reading.unattributed.clear()


def _direct(
    reading: _Reading, index: int, part: Quoted, by: Attribution | None, continued: bool
) -> Iterator[Quotation]:
    """A quoted part, and with it the parts in earlier paragraphs that waited for its speaker."""
    if by is None:
        if part.unclosed:
            reading.unattributed.append((index, part))
        return
    if part.continues:
        for earlier, waiting in reading.unattributed:
            text = reading.paragraphs[earlier]
            yield _quotation(text, earlier, waiting.start, waiting.end, by, direct=True)
        reading.unattributed.clear()
    yield _quotation(reading.paragraphs[index], index, part.start, part.end, by, direct=True)


def _quotation(
    text: str, index: int, start: int, end: int, by: Attribution, *, direct: bool
) -> Quotation:
    return Quotation(by.speaker, by.role, by.verb, text[start:end], index + 1, start, end, direct)


def _speaker_of(
    mask: str,
    text: str,
    part: Quoted,
    spoken: Sequence[tuple[Speech, Attribution | None]],
    end: int,
) -> Attribution | None:
    """Whose words a quoted part of a sentence is: of the phrase right after it, else of the
    nearest before it, else of the one that closes the sentence."""
    before: tuple[Speech, Attribution | None] | None = None
    for speech, by in spoken:
        if speech.start >= part.right and not mask[part.right : speech.start].strip(" ,\u00a0"):
            return by
        if speech.end <= part.left and not (speech.inverted and speech.verb == "according to"):
            before = (speech, by)
    if before is not None:
        return before[1] if _is_speech(mask, text, part, before[0], end) else None
    speech, by = spoken[-1]
    closing = mask[: speech.start].rstrip()[-1:] in (",", "”")
    words = text[part.start : part.end].split()
    return by if closing and speech.start >= part.right and len(words) > SCARE_QUOTE_WORDS else None


def _is_speech(mask: str, text: str, part: Quoted, speech: Speech, end: int) -> bool:
    """Whether a quoted part after a verb is the speaker's words, not a title or distance."""
    words = text[part.start : part.end].split()
    adjoins = not mask[speech.end : part.left].strip(" ,:\u00a0")
    if adjoins:
        introduced = mask[part.left - 2 : part.left].strip() in (",", ":")
        return introduced or len(words) > SCARE_QUOTE_WORDS
    if len(words) <= SCARE_QUOTE_WORDS or all(_TITLE_WORD.match(word) for word in words):
        return False
    between = mask[speech.end : part.left]
    if between.rstrip().endswith(("so-called", "known as", "called", "titled", "entitled")):
        return False
    begin = clause_start(mask, speech, end) if speech.verb not in CALLING else None
    if begin is not None or between.rstrip().endswith(":"):
        return True
    return len(between.split()) <= FURTHEST_OBJECT and not _NEW_CLAUSE.search(between)


def _attribution(reading: _Reading, index: int, speech: Speech) -> Attribution | None:
    """The speaker of a verb, pronouns resolved; remembers who spoke last."""
    subject = speech.subject
    place = (index, speech.start)
    by: Attribution | None = None
    if subject is not None and subject.name:
        name = subject.name
        person = subject.person or reading.names.is_person(name)
        if subject.person:
            reading.names.hear(name, subject.role)
        by = Attribution(name, subject.role, speech.verb, person, place)
    elif subject is not None and subject.pronoun:
        by = _antecedent(reading, subject, speech.verb, (index, subject.start))
    if by is None:
        reading.unnamed_at, reading.last = place, None
    else:
        reading.last = by
    return by


def _is_topic(reading: _Reading, name: str, paragraph: int, female: bool) -> bool:
    """Whether a person of known gender opens this paragraph or the one before.

    Where nobody has spoken yet, no less tells that a pronoun means the only person named.
    """
    opening = (name, name.split()[-1])
    around = reading.masks[max(0, paragraph - 1) : paragraph + 1]
    opens = any(mask.lstrip().startswith(opening) for mask in around)
    return opens and reading.names.female(name) is female


def _antecedent(
    reading: _Reading, subject: Subject, verb: str, place: tuple[int, int]
) -> Attribution | None:
    """Whom a pronoun means: the only one it can mean since somebody last spoke."""
    last = reading.last
    if last and last.place[0] < place[0] - FURTHEST_PRONOUN:
        last = None
    if subject.pronoun is Pronoun.IT:
        fits = last is not None and not last.person and last.place[0] >= place[0] - 1
        return replace(last, verb=verb, place=place) if fits and last else None
    since = last.place if last else (max(0, place[0] - 1), 0)
    if last is None and reading.unnamed_at and reading.unnamed_at > since:
        since = reading.unnamed_at
    found = set(reading.names.persons_between(since, place, reading.masks))
    if last and last.person:
        found.add(last.speaker)
    female = subject.pronoun is Pronoun.SHE
    fitting = [name for name in found if reading.names.female(name) in (female, None)]
    if len(fitting) != 1 or not (last or _is_topic(reading, fitting[0], place[0], female)):
        return None
    role = last.role if last and last.speaker == fitting[0] else None
    return Attribution(fitting[0], role, verb, True, place)

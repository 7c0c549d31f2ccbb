"""Who said what in an article, verbatim: quotations and clauses of reported speech.

    paragraphs → quoted parts → masked text → names
               → posts, turns of a transcript
               → sentences → speeches (verb and subject) → speakers → direct and reported words

    Putin said (that) CLAUSE · Putin told reporters that CLAUSE · According to Putin, CLAUSE
    CLAUSE, Putin said · CLAUSE, according to Putin

A wrong speaker is worse than a missing one: what nobody plainly said is left out. Words in
quotation marks inside a reported clause are given twice, within the clause and for themselves.
Accepted gaps: "her father said" and other speakers named only by a relation, "the company" and
other common nouns, pull quotes, several speakers of one verb, a written statement's byline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.quotations.speakers import (
    ACCORDING,
    BARE_CLAUSE,
    CALLING,
    Pronoun,
    Speech,
    Subject,
    is_all_quoted,
    sentences,
    speeches_of,
)
from corpus.text import tables
from corpus.text.names import RUN, Names
from corpus.text.sentences import Quoted, masked, quoted_parts
from corpus.text.transcripts import Turn, turns

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
    transcript = turns(paragraphs, title, reading.names)
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
    if turn.speaker and turn.named and not turn.asked:
        quote = text[turn.start : turn.end]
        number, role = turn.paragraph + 1, turn.role
        yield Quotation(turn.speaker, role, "said", quote, number, turn.start, turn.end, True)


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


FEWEST_WORDS = 3
"""Of a clause, outside quotation marks: what is mostly quoted is given as a quotation alone."""
_THAT = re.compile(r"(?P<between>[^“”:;.]{0,90}?),?\s(?:that|whilst|whether)\s")
_CLAUSE_BETWEEN = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|who|which|because|if|and he|and she)\b"
)
_RECIPIENT = re.compile(
    rf"\s+(?:{RUN.pattern}(?:[’']s)?(?: {RUN.pattern})?"
    r"|(?:the |his |her |their |a )?(?:\w+ )?(?:reporters|journalists|lawmakers|parliament"
    r"|members|supporters|delegates|viewers|investors|court|council|committee|agency|newspaper"
    r"|conference|hearing|press|audience|diplomats|officials|troops|crowd|him|her|them|me|us))"
    r"(?= (?:he|she|it|they|there|the|his|her|its|their|we|a|an|this|in his)\b)"
)
_NO_CLAUSE = tables.words(__package__, "speech", "no clause")
_QUOTED = re.compile("“[^“”]*”?")
_DAY = re.compile(
    r"\s+(?:on |late |early )?(?:[A-Z][a-z]+day|last week|this week|today|yesterday)\b"
    r"(?: \d{1,2} [A-Z][a-z]+(?: \d{4})?\b)?,?"
)
_ADDRESSING = frozenset("told tells telling warned warns warning promised reminding".split())
_ADVERBIAL = re.compile(
    r"[\s,]*(?:in|on|at|to|during|via|from|last|this|earlier|late|later|yesterday|today|by|for|with"
    r"|after|before|however|though|too|again|[A-Z][a-z]+day)\b"
)
_ENDING = re.compile(
    r"\s*$|,? (?:in|on|at|to|during|after|before|when|as|who|citing|adding|noting|last|this)\b"
    r"|,? [A-Z][a-z]+day\b"
)
_PRONOUN = re.compile(r"\s+(?=(?:he|she|it|they|there|we)\b)")
_ASIDE = re.compile(
    r": “|, (?:while|citing)\b| [—–] (?=(?:an?|the|before|after|while)\b)(?!.* [—–] )"
)
_OTHER_CLAUSE = re.compile(r";(?=\s|$)|, (?:and|but|while|whereas|though)(?=\s|$)")
"""What parts a reported clause from the one in which somebody else speaks."""
_CUT = re.compile(
    r"(?:,| —| –)? (?:but|and)(?: also| then)? $|(?:,| —| –) (?:while |before |also )?$|, $"
)


def reported_clauses(
    mask: str, start: int, end: int, speeches: Sequence[Speech]
) -> Iterator[tuple[Speech, int, int]]:
    """The reported clauses of one sentence: who says it, and from where to where."""
    end = start + len(mask[start:end].rstrip().rstrip(".!?…").rstrip())
    for index, speech in enumerate(speeches):
        if speech.subject is None or not speech.subject.named:
            continue
        following = speeches[index + 1].start if index + 1 < len(speeches) else end
        clause = (
            _before(mask, start, end, speech, speeches[:index])
            if speech.inverted or _closes(mask, speech, end)
            else _after(
                mask,
                speech,
                max(following, speech.verb_end),
                end,
                next(iter(speeches[index + 1 :]), None),
            )
        )
        if clause and len(_QUOTED.sub(" ", mask[clause[0] : clause[1]]).split()) >= FEWEST_WORDS:
            yield speech, *clause


def _after(
    mask: str, speech: Speech, following: int, end: int, later: Speech | None
) -> tuple[int, int] | None:
    """The clause that a verb introduces, up to where the next verb of speech takes over."""
    if speech.verb in CALLING:
        return None
    begin = clause_start(mask, speech, end)
    if begin is None or mask[: speech.start].rstrip()[-1:] == "”":
        return None
    if later and later.verb_end <= begin:
        # "He promised revenge and said that …": the clause is the later verb's.
        return None
    stop = end
    if begin < following < end:
        between = mask[begin:following]
        cut = _CUT.search(between)
        stop = begin + cut.start() if cut else end
        if cut is None and later and later.subject != speech.subject:
            others = [mark.start() for mark in _OTHER_CLAUSE.finditer(between)]
            stop = begin + others[-1] if others else end
    aside = _ASIDE.search(mask, begin + 1, stop)
    stop = aside.start() if aside else stop
    stop = begin + len(mask[begin:stop].rstrip(" ,;—–"))
    return None if is_all_quoted(mask, begin, stop) else (begin, stop)


def clause_start(mask: str, speech: Speech, end: int) -> int | None:
    """Where the clause begins that a verb introduces; None where it introduces none."""
    rest = mask[speech.verb_end : end]
    if rest[:1] in (":", ","):
        match = _THAT.match(rest[:120])
        return _past(speech, match) if match and rest[:1] == "," else None
    match = _THAT.match(rest[:140])
    if match and _is_adverbial(speech, match["between"]):
        return _past(speech, match)
    if speech.verb not in BARE_CLAUSE:
        pronoun = _PRONOUN.match(rest)
        return speech.verb_end + pronoun.end() if pronoun else None
    if speech.verb in ("told", "tells", "telling"):
        recipient = _RECIPIENT.match(rest)
        return speech.verb_end + recipient.end() + 1 if recipient else None
    skipped = _DAY.match(rest)
    at = skipped.end() if skipped else 0
    words = rest[at : at + 40].split()
    if not words or words[0].casefold() in _NO_CLAUSE or rest[at:].lstrip()[:1] in "“:,;":
        return None
    return speech.verb_end + at + len(rest[at:]) - len(rest[at:].lstrip())


def _is_adverbial(speech: Speech, between: str) -> bool:
    """Whether what stands before “that” leaves the clause to the verb: "in a statement"."""
    if _CLAUSE_BETWEEN.search(between):
        return False
    if speech.verb in _ADDRESSING:
        return True
    return not between.strip() or bool(_ADVERBIAL.match(between))


def _past(speech: Speech, match: re.Match[str]) -> int:
    whilst = match.group().endswith(("whilst ", "whether "))
    return speech.verb_end + (match.end("between") + 1 if whilst else match.end())


def _closes(mask: str, speech: Speech, end: int) -> bool:
    """Whether a phrase ends the sentence whose clause it comes after: "…, Putin said."."""
    rest = mask[speech.verb_end : end]
    ends = not rest.strip() or _DAY.fullmatch(rest)
    return bool(ends) and mask[: speech.start].rstrip()[-1:] in (",", "”")


def _before(
    mask: str, start: int, end: int, speech: Speech, earlier: Sequence[Speech]
) -> tuple[int, int] | None:
    if speech.verb == ACCORDING and not mask[start : speech.start].strip():
        return _after_according(mask, speech, end)
    if any(one.subject is None or one.subject.named for one in earlier):
        return None
    stop = start + len(mask[start : speech.start].rstrip().rstrip(",").rstrip())
    begin = start + len(mask[start:stop]) - len(mask[start:stop].lstrip())
    ends = _ENDING.match(mask, speech.end, end) or (
        speech.subject and speech.subject.role and speech.subject.role in mask[speech.end : end]
    )
    return (begin, stop) if ends and mask[begin : begin + 1] != "“" else None


def _after_according(mask: str, speech: Speech, end: int) -> tuple[int, int] | None:
    comma = mask.find(", ", speech.end, end)
    if comma < 0 or mask[speech.end : comma].count(" ") > 12:
        return None
    begin = comma + 2
    role = speech.subject.role if speech.subject else None
    later = mask.find(", ", begin, end)
    if role and later > 0 and role[:8] in mask[begin:later]:
        begin = later + 2
    return None if is_all_quoted(mask, begin, end) else (begin, end)

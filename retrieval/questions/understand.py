"""What is asked: the question's kind, its words, its time, its places and sources.

    understand(text, asked_at, …) -> Question        pure; nothing is looked up

A time that belongs to the asking ("since March", "last week") narrows the search like
`--since` does. A date that belongs to the matter ("on 4 April 2019") only prefers what was
published around it: an encyclopaedia or a later report may be the one that tells.

A question of several parts, taken apart. Pure rules, and careful ones.

    "Who visited Tripoli, and how many were killed at Gharyan?"  ─ subquestions ─▶ two questions
    "What did Guterres and Haftar say about the talks?"          ─ subquestions ─▶ one each
    "Did A attribute … to B, while C suggests that …?"           ─ parts_of ─▶ halves to search for

`subquestions` are answered one by one: a part that leans on another ("and when did he leave?")
stays with it, and so does a relative clause ("the minister who resigned and who later joined …").
`parts_of` are only searched for: a paragraph that answers one part shares few words with the
others, and the meaning of the whole lies between all of them; searched as one, the parts drown each
other.

Follow-ups: what was said before completes a question that leans on it. Pure.

    text, earlier turns, what else stands in the thread ─▶ Completed(search text, looked for)

    "And Serraj?"            after "What did Guterres say about Haftar?"   the speaker gives way
    "What did he ask for?"   after the same                                the pronoun is named
    "When did it start?"     after "Were there clashes in Gharyan?"        the subject is added

A question with names of its own stands alone. Whatever leans on what was said counts a second time
in the search itself, by its meaning and its words (`retrieval.search.candidates`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.sentences import split_sentences
from corpus.text.tables import either
from corpus.text.words import FUNCTION_WORDS, content_words, fold, names, words
from retrieval.passages import Filter
from retrieval.questions.time import TimeWindow, find_window, wants_latest


class Asked(StrEnum):
    """The kind of thing that would answer."""

    PERSON = "person"
    TIME = "time"
    PLACE = "place"
    NUMBER = "number"
    REASON = "reason"
    SAYING = "saying"
    YES_NO = "yes or no"
    THING = "thing"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, and the text it was answered with."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `search_text` is what is searched for: the text without the words that only narrow the
    time. `narrow` is the hard filter; `around` the time that is preferred, not required.
    `speaker` is set for "what did X say …". `looked_for` is what a reader is told was searched for,
    where that differs from the text.
    """

    text: str
    asked_at: datetime
    search_text: str
    asked: Asked
    narrow: Filter = field(default_factory=Filter)
    around: TimeWindow | None = None
    latest: bool = False
    as_of: datetime | None = None
    speaker: str | None = None
    earlier: tuple[Turn, ...] = ()
    looked_for: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What was asked for beside the text: options of a command, filters of a form."""

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


# Words. In a longer question, "yesterday" mostly belongs to what is told before the question
# itself: of such times in the briefings, half did not hold the article that answers.
SHORT_QUESTION = 20
# Characters of a question that are searched for; nobody asks one thing at greater length.
LONGEST_SEARCH = 2_000
# Characters that are looked at at all: a question with its story.
LONGEST_QUESTION = 10_000
# Words. A longer question names the times of several matters; none of them is its own.
DATED_QUESTION = 30

_KINDS: tuple[tuple[re.Pattern[str], Asked], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), asked)
    for pattern, asked in (
        (
            r"\bwhat (?:did|does|do|has|have|had)\b.{1,300}\b(?:say|said|tell|told|tweet|answer|"
            r"reply|call for|warn|announce|declare|think|want|demand)\b",
            Asked.SAYING,
        ),
        (
            r"\b(?:how many|how much|how large|how big|what (?:number|percentage|share|proportion)|"
            r"how (?:old|tall|far|high|long ago))\b",
            Asked.NUMBER,
        ),
        (
            r"\b(?:when|what (?:date|day|year|time|month|century|decade)|which (?:date|day|year|"
            r"month|century|decade)|how long|since when|until when)\b",
            Asked.TIME,
        ),
        (
            r"\b(?:where|(?:what|which|in what|in which) (?:city|town|country|place|state|region|"
            r"capital|location))\b",
            Asked.PLACE,
        ),
        (
            r"\b(?:who|whom|whose|which (?:person|minister|president|leader|official|spokes\w+|"
            r"diplomat|envoy|general|\w+ spokes\w+))\b",
            Asked.PERSON,
        ),
        (
            r"\b(?:why|for what reason|what (?:is|was) the reason|what caused|how come)\b",
            Asked.REASON,
        ),
    )
)

_any = partial(either, __package__, "asking")

_YES_NO = re.compile(rf"^{_any('yes or no')}\b", re.IGNORECASE)
_TODAY_AT_END = re.compile(r"\btoday\W*\Z", re.IGNORECASE)
# What happens on a day is told in the past, or as news, or is still to come that day.
_OF_THE_DAY = re.compile(rf"\b{_any('of the day')}\b", re.IGNORECASE)
_SPEAKER = re.compile(
    r"\bwhat (?:did|does|do|has|have|had) (?P<speaker>.{2,60}?) (?:\w+ly )?"
    + _any("saying")
    + r"\b",
    re.IGNORECASE,
)


def understand(
    text: str,
    asked_at: datetime,
    given: Narrowing | None = None,
    earlier: tuple[Turn, ...] = (),
) -> Question:
    """The question that a text asks at a moment, narrowed by what was given beside it.

    What was given wins over what the text says. `as_of` closes the window: nothing that was
    published later is seen, and relative times are counted from it.
    """
    given = given or Narrowing()
    cleaned = " ".join(text.split())[:LONGEST_QUESTION]
    window = find_window(cleaned, given.as_of or asked_at)
    length = len(cleaned.split())
    tells = window is not None and window.relative and length <= SHORT_QUESTION
    tells = tells and not _means_nowadays(cleaned)
    hard = window if tells else None
    ends = (given.until or (hard.until if hard else None), given.as_of)
    narrow = Filter(
        since=given.since or (hard.since if hard else None),
        until=min((moment for moment in ends if moment), default=None),
        sources=given.sources,
        places=given.places,
    )
    return Question(
        text=cleaned,
        asked_at=asked_at,
        search_text=_without(cleaned, hard)[:LONGEST_SEARCH],
        asked=kind_of_question(cleaned),
        narrow=narrow,
        around=window if hard is None and length <= DATED_QUESTION else None,
        latest=wants_latest(cleaned),
        as_of=given.as_of,
        speaker=speaker_of(cleaned),
        earlier=earlier,
    )


def speaker_of(text: str) -> str | None:
    """Whose words are asked for, as the question names them; None where nobody's are."""
    speaker = _SPEAKER.search(text)
    return speaker["speaker"].strip() if speaker else None


def kind_of_question(text: str) -> Asked:
    """What kind of thing would answer a question."""
    earliest: tuple[int, Asked] | None = None
    for pattern, asked in _KINDS:
        match = pattern.search(text)
        if match and (earliest is None or match.start() < earliest[0]):
            earliest = (match.start(), asked)
    if earliest is not None:
        return earliest[1]
    return Asked.YES_NO if _YES_NO.match(text) else Asked.THING


def _means_nowadays(text: str) -> bool:
    """Whether "today" stands for these times: "Which language do they speak today?"."""
    return bool(_TODAY_AT_END.search(text)) and not _OF_THE_DAY.search(text)


def _without(text: str, window: TimeWindow | None) -> str:
    if window is None:
        return text
    rest = f"{text[: window.start]} {text[window.end :]}"
    rest = re.sub(r"\s+([?.!,])", r"\1", " ".join(rest.split())).strip(" ,")
    return rest if re.search(r"\w", rest) else text


Item = TypeVar("Item", bound=Hashable)
# Content words. A shorter piece is an apposition or the item of a list; it stays with its
# neighbour.
SHORTEST_PART = 4
MOST_PARTS = 5
_JOINT = re.compile(
    r"\s*(?:[,;]\s*(?:while|whereas|and|but|or|despite|as well as|compared (?:to|with))?\b"
    r"|\b(?:while|whereas|as well as|compared (?:to|with)|and)\b)\s*",
    re.IGNORECASE,
)
MOST_SUBQUESTIONS = 4
FEWEST_WORDS = 2
"""Content words that a part has of its own; less cannot be looked up by itself."""
_ASKING = r"(?:who|whom|whose|what|when|where|why|how|which)"
_NEXT = re.compile(
    rf"(?:[?;]\s*(?:and\s+|but\s+)?|,?(?<!\s)\s++(?:and|but)\s+)(?={_ASKING}\b)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s(?:who|whom|whose|which|where|what|how)\b", re.IGNORECASE)
_LEANS = re.compile(rf"\b{_any('leaning parts')}\b", re.IGNORECASE)
_NAME = r"(?:[A-ZÀ-Þ][\w’'.-]*|of|the|al|el|bin|ibn|de|van|von)"
_SPEAKERS = re.compile(
    rf"^(?P<before>what (?:did|do|have|had))\s+(?P<first>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*"
    rf"(?:\s+{_NAME}){{0,4}}?)\s+and\s+(?P<second>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*"
    rf"(?:\s+{_NAME}){{0,4}}?)\s+(?:each\s+|both\s+)?"
    rf"(?P<after>(?:say|said|tell|told|tweet|announce|declare|warn|demand|write|wrote)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COMPARED = re.compile(
    rf"^(?i:compare|contrast|how do|how did)\s+(?:(?:the\s+)?(?:positions?|views?|statements?|"
    rf"accounts?|words)\s+(?:of\s+)?)?(?P<first>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*(?:\s+{_NAME}){{0,4}}?)"
    rf"\s+(?:and|with|to)\s+(?P<second>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*(?:\s+{_NAME}){{0,4}}?)"
    rf"\s+(?:differ\s+|disagree\s+|compare\s+)?(?:on|about|over|regarding)\s+(?P<topic>.+?)[?.!]*$",
    re.DOTALL,
)


def subquestions(question: Question) -> tuple[Question, ...]:
    """The parts of a question in their order; the question itself where it has only one."""
    if question.looked_for is not None:
        # What the talk before completes is one matter.
        return (question,)
    texts = _compared(question.text) or _several_speakers(question.text) or _asked(question.text)
    if not 2 <= len(texts) <= MOST_SUBQUESTIONS:
        return (question,)
    return tuple(_part(question, text) for text in texts)


def _asked(text: str) -> list[str]:
    """The clauses of a text that each ask something."""
    pieces: list[str] = []
    start = 0
    for match in _NEXT.finditer(text):
        piece = text[start : match.start()]
        asks_anew = "?" in match.group() or not _RELATIVE.search(f"{piece.strip()} "[1:])
        if asks_anew and _stands_alone(piece) and _stands_alone(text[match.end() :]):
            pieces.append(piece)
            start = match.end()
    return [_as_question(piece) for piece in (*pieces, text[start:])] if pieces else []


def _stands_alone(piece: str) -> bool:
    """Whether a clause asks something that can be looked up by itself."""
    begins = re.match(rf"\s*{_ASKING}\b", piece, re.IGNORECASE)
    leans = _LEANS.search(piece) and not names(piece)
    enough = len(set(content_words(piece))) >= FEWEST_WORDS or bool(names(piece))
    return bool(begins) and enough and not leans


def _several_speakers(text: str) -> list[str]:
    match = _SPEAKERS.match(text.strip())
    if match is None or "between" in match["after"].lower():
        return []
    before, after = match["before"], match["after"].rstrip(" ?.!")
    return [f"{before} {match[name].strip()} {after}?" for name in ("first", "second")]


def _compared(text: str) -> list[str]:
    match = _COMPARED.match(text.strip())
    if match is None:
        return []
    topic = match["topic"]
    return [f"What did {match[name].strip()} say about {topic}?" for name in ("first", "second")]


def _as_question(piece: str) -> str:
    bare = piece.strip(" ,;?.!")
    return f"{bare[:1].upper()}{bare[1:]}?"


def _part(question: Question, text: str) -> Question:
    """A part as a question of its own, narrowed as the whole is."""
    narrow = question.narrow
    given = Narrowing(narrow.since, narrow.until, question.as_of, narrow.places, narrow.sources)
    part = understand(text, question.asked_at, given)
    return replace(part, latest=question.latest or part.latest, earlier=question.earlier)


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a question that is one sentence; empty where it is not taken apart.

    Of a text in several sentences only one asks: the others tell what it is about, and are not
    parts of it.
    """
    if not is_one_sentence(text):
        return ()
    parts: list[str] = []
    for piece in filter(None, (found.strip(" ,;") for found in _JOINT.split(text))):
        if parts and (_is_short(piece) or _is_short(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return tuple(parts) if 2 <= len(parts) <= MOST_PARTS else ()


def is_one_sentence(text: str) -> bool:
    """Whether a text does nothing but ask, without telling what it is about beforehand."""
    return len(split_sentences(text)) == 1


def in_turns(orders: Sequence[Sequence[Item]], k: int) -> list[Item]:
    """The first `k` distinct items of several orders: in turn each gives its best that is left."""
    taken: dict[Item, None] = {}
    left = [iter(order) for order in orders]
    while len(taken) < k and left:
        for order in list(left):
            item = next((one for one in order if one not in taken), None)
            if item is None:
                left.remove(order)
            else:
                taken[item] = None
    return list(taken)[:k]


def _is_short(piece: str) -> bool:
    return len(content_words(piece)) < SHORTEST_PART


_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)

_LEANS_ON_TALK = re.compile(rf"\b{_any('leaning questions')}\b", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(rf"\W*{_any('afterthoughts')}\b", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?:and|but|or|so|ok(?:ay)?)[\s,]+)?"
    r"(?:(?:what|how) about|same for|and|or|anything from)?\s*(?P<rest>.+?)[\s?!.]*\Z",
    re.IGNORECASE | re.DOTALL,
)
_NAME_IN_TALK = re.compile(
    r"\b[A-ZÀ-Þ][\w’'-]*(?:\s+(?:al-|el-|de |of |the |bin )?[A-ZÀ-Þ][\w’'-]*)*"
    r"|\b(?:al|el)-[A-ZÀ-Þ]\w+"
)
_NO_NAMES = FUNCTION_WORDS | DAYS_AND_MONTHS | tables.words(__package__, "asking", "no names")
# Content words. A shorter question that begins like an afterthought is one; with fewer than
# `BARE` it says nothing by itself, and takes words where there are no names.
FEWEST_WORDS_ALONE = 4
BARE = 3
# On mtrag_un (`python -m tests.evaluation --sets mtrag_un`) recall@5 falls from .90 to .89 with six
# words, and where words are added to questions that have their own.
MOST_NAMES, MOST_WORDS = 3, 4


@dataclass(frozen=True, slots=True)
class Completed:
    """What is searched for; `looked_for` tells it where something was added, else None."""

    search_text: str
    looked_for: str | None = None


def understand_in_talk(
    text: str,
    asked_at: datetime,
    earlier: tuple[Turn, ...] = (),
    context: Sequence[str] = (),
) -> Question:
    """A question of a talk: what the reader wrote, and what is searched for instead of it."""
    completed = complete(text, earlier, context)
    question = understand(completed.search_text, asked_at, earlier=earlier)
    return replace(question, text=" ".join(text.split()), looked_for=completed.looked_for)


def complete(text: str, earlier: Sequence[Turn] = (), context: Sequence[str] = ()) -> Completed:
    """A question with what it leans on, from the latest that names something.

    `earlier` are the turns of the same talk and `context` what people wrote around it, both
    oldest first.
    """
    plain = " ".join(text.split())
    last = earlier[-1] if earlier else None
    if not leans(plain) or not (last or context):
        return Completed(plain)
    completed = (
        last and (_with_other_speaker(plain, last) or _with_person_named(plain, last))
    ) or _with_subjects(plain, last, context)
    return Completed(completed, completed) if completed else Completed(plain)


def leans(text: str) -> bool:
    """Whether a question cannot be understood by itself."""
    asked = len(content_words(text))
    if asked < FEWEST_WORDS_ALONE and _AFTERTHOUGHT.match(text):
        return True
    return not any(_names(text)) and (bool(_LEANS_ON_TALK.search(text)) or asked < 2)


def _with_other_speaker(text: str, last: Turn) -> str | None:
    """ "And Serraj?" after a question of what somebody said: the same of the other."""
    speaker = speaker_of(last.question)
    named = _WHAT_ABOUT.match(text)
    if speaker is None or named is None or not any(_names(named["rest"])):
        return None
    rest = named["rest"]
    if len(words(rest)) > len(words(" ".join(_names(rest)))) + 1:
        # More than a name: it asks something of its own.
        return None
    return last.question.replace(speaker, rest, 1)


def _with_person_named(text: str, last: Turn) -> str | None:
    """The question with its first "he" or "she" named, where the last turn is of one speaker."""
    speaker = speaker_of(last.question)
    pronoun = _PERSON.search(text)
    if speaker is None or pronoun is None or not any(_names(speaker)):
        return None
    possessive = pronoun[0].casefold() in ("his", "hers") or (
        pronoun[0].casefold() == "her" and re.match(r"\s+\w", text[pronoun.end() :])
    )
    name = f"{speaker}’s" if possessive else speaker
    return f"{text[: pronoun.start()]}{name}{text[pronoun.end() :]}"


def _with_subjects(text: str, last: Turn | None, context: Sequence[str]) -> str | None:
    """The question and what the latest text before it names; failing names, its words."""
    said = [*((last.question, last.answer) if last else ()), *reversed(context)]
    known = set(words(text))
    for one in said:
        found = [name for name in _names(one) if not {fold(w) for w in name.split()} <= known]
        if found:
            return _added(text, list(dict.fromkeys(found))[:MOST_NAMES])
        if len(content_words(text)) < BARE:
            plain = [word for word in content_words(one) if word not in known]
            if plain:
                return _added(text, list(dict.fromkeys(plain))[:MOST_WORDS])
        elif last:
            # What the question before does not name, its answer names by the way.
            return None
    return None


def _added(text: str, subjects: Sequence[str]) -> str:
    return f"{text.rstrip(' ?!.')} ({', '.join(subjects)})?"


def _names(text: str) -> Iterable[str]:
    for match in _NAME_IN_TALK.finditer(text):
        found = match[0].split()
        while found and fold(found[0]) in _NO_NAMES:
            found = found[1:]
        if found:
            yield " ".join(found).removesuffix("’s").removesuffix("'s")

"""What is asked: the question's kind, its words, its time, its places and sources.

    understand(text, asked_at, …) -> Question        pure; nothing is looked up

A time that belongs to the asking ("since March", "last week") narrows the search like
`--since` does. A date that belongs to the matter ("on 4 April 2019") only prefers what was
published around it: an encyclopaedia or a later report may be the one that tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from corpus.text.tables import either
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
# Words. A longer question names the times of several matters; none of them is its own.
DATED_QUESTION = 30

_KINDS: tuple[tuple[re.Pattern[str], Asked], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), asked)
    for pattern, asked in (
        (
            r"\bwhat (?:did|does|do|has|have|had)\b.+\b(?:say|said|tell|told|tweet|answer|reply|"
            r"call for|warn|announce|declare|think|want|demand)\b",
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
    cleaned = " ".join(text.split())
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

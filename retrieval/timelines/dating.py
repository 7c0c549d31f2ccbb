"""When what a sentence tells happened: its own date, or the day it was reported.

    Line -> dates it mentions, seen from its publication -> the one of its main clause -> Dated

Pure. A date that only bounds ("since 2011", "until 30 June"), names a thing ("the 2016 accord",
"the resolution of 4 April") or stands in somebody's words is not when the sentence happened. A
lead sentence without any date counts as reported on the day of its publication.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from corpus.dates.mentions import DateMention, Precision, date_mentions
from corpus.sentences import quoted_spans
from retrieval.briefs.lines import Line

LONGEST_RANGE = timedelta(days=45)
"""A longer stretch says no more than since when."""
_LOOK_BACK = 40

_BOUNDS = re.compile(
    r"\b(?:since|until|till|before|after|by|ahead of|from|to|beyond|dated|anniversary of|than"
    r"|between|as of|for)(?: (?:the|late|early|mid))?\s*$",
    re.IGNORECASE,
)
_NAMES_A_THING = re.compile(
    r"\b(?:the|a|an|its|his|her|their|this|that|of|[A-Za-z]+[’']s)\s*$", re.IGNORECASE
)
_PART_OF_DAY = re.compile(
    r"\b(?:on the|(?:hours?|morning|afternoon|evening|night|day|end|start) of)\s*$", re.IGNORECASE
)
_IN = re.compile(
    r"\b(?:in|during|back in|on|late|early|mid)(?: (?:the|late|early|mid))?[- ]?$", re.I
)
_BOUNDED_PHRASE = re.compile(
    r"\b(?:since|until|ahead of)\b(?:(?!\b(?:was|were|had|has|said|is|are)\b)[^,;:.]){1,70}$",
    re.IGNORECASE,
)
# "The deadline that the Union gave on 30 April has passed": when it was given, not when it passed.
_RELATIVE_CLAUSE = re.compile(r"^[^,;“]{3,80}?\b(?:that|which|whom?|whose)\b[^,;]*$")
_MAIN_VERB = re.compile(
    r"[^,;]{0,20}?\s(?:has|have|had|is|are|was|were|will|would|ends?|ended|expires?|begins?|remains?)\b"
)
_SAYING = re.compile(r"\b(?:said|says|told|announced|according to|wrote|warned|added)\b")
_ASIDE = re.compile(
    r", (?:after|since|before|following|which|who|where|as|while)\b|\bthose \w+ed\b"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|would have|was (?:due|to have|supposed|scheduled|expected)"
    r"|had been (?:due|scheduled|set|planned)|were (?:due|to have|scheduled))\b",
    re.IGNORECASE,
)
_ORDER = {Precision.DAY: 0, Precision.RANGE: 1, Precision.MONTH: 2, Precision.YEAR: 3}


@dataclass(frozen=True, slots=True)
class Dated:
    """A line and the days it tells of, both inclusive.

    `reported`: the line has no date; the days are those of its publication. `announced`: they lay
    ahead when it was published.
    """

    line: Line
    first: date
    last: date
    precision: Precision
    reported: bool = False
    announced: bool = False


def dated(line: Line) -> Dated | None:
    """When what a line tells happened; None where nothing says so, or where it is still ahead."""
    published = line.published
    if published is None:
        return _without_publication(line)
    fitting = [
        mention
        for mention in date_mentions(line.text, published)
        if mention.first <= published and _tells_when(line.text, mention)
    ]
    if fitting:
        mention = min(fitting, key=lambda one: (_ORDER[one.precision], one.start))
        return Dated(line, mention.first, min(mention.last, published), mention.precision)
    if line.is_lead:
        return Dated(line, published, published, Precision.DAY, reported=True)
    return None


def _without_publication(line: Line) -> Dated | None:
    """An undated article's line, by the dates that carry their year."""
    for mention in date_mentions(line.text, None):
        if _tells_when(line.text, mention):
            return Dated(line, mention.first, mention.last, mention.precision)
    return None


def _tells_when(text: str, mention: DateMention) -> bool:
    """Whether a date is that of the clause it stands in."""
    if mention.precision is Precision.RANGE and mention.last - mention.first > LONGEST_RANGE:
        return False
    if any(start < mention.start < end for start, end in quoted_spans(text)):
        return False
    before = text[max(0, mention.start - _LOOK_BACK) : mention.start]
    if _BOUNDS.search(before) or _BOUNDED_PHRASE.search(text[: mention.start]):
        return False
    if _RELATIVE_CLAUSE.match(text[: mention.start]) and _MAIN_VERB.match(text, mention.end):
        return False
    if _CONDITIONAL.search(_clause(text, mention)):
        return False
    if mention.precision is Precision.DAY and mention.relative:
        return True
    if mention.precision in (Precision.YEAR, Precision.MONTH):
        earlier = text[: mention.start]
        if _SAYING.search(earlier) or _ASIDE.search(earlier):
            return False
        return bool(_IN.search(before)) or not before.strip()
    return not _NAMES_A_THING.search(before) or bool(_PART_OF_DAY.search(before))


def _clause(text: str, mention: DateMention) -> str:
    begin = max(text.rfind(mark, 0, mention.start) for mark in ("; ", ". ", " but ")) + 1
    end = re.search(r"; |\. | but ", text[mention.end :])
    return text[begin : mention.end + (end.start() if end else len(text))]

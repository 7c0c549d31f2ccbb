"""What is announced for a day to come: sentences with a date ahead and a word that announces it.

    lines + the last day already told -> Announced (days, line) -> cancelled ones dropped
        -> one of those that tell the same -> by date

A date is ahead where it lies after its article was published and not before the day that the
reader is on. Precision first: an "if", a date that had been set and was given up, the day a law
expired, an anniversary are no announcements. Accepted gaps: dates without a day ("in July").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from corpus.articles import SourceKind
from corpus.text import tables
from corpus.text.calendar import Precision
from corpus.text.dates import DateMention, date_mentions
from corpus.text.tables import either
from corpus.text.words import fold, names
from retrieval.reports.lines import Line, is_opinion, leans, points_back
from retrieval.similarity import Sameness, overlap

HORIZON = timedelta(days=120)
"""What is further off is a policy or a prophecy, not a date for the diary."""
LONGEST_SPAN = timedelta(days=31)
LONGEST = 330
"""Characters of an announcement."""
# Announcements of one day that share this many names, or are as alike as this, are one.
SHARED_NAMES = 2
SOON_AFTER = 70
"""Characters between "On 10 April" and what is announced for it."""
ALIKE = 0.55


_any = partial(either, __package__, "announcing")

_ANNOUNCES = re.compile(rf"\b{_any('announcing')}\b", re.IGNORECASE)
_CONDITIONAL = re.compile(rf"\b{_any('conditions')}\b")
_NEGATED = re.compile(r"\b(?:not|never|no longer|n['’]t|cancel\w*|called off)\b", re.IGNORECASE)
_CANCELS = re.compile(
    r"\b(?:postpon\w+|cancel\w*|called off|put off|would not|will not|won['’]t|no longer"
    r"|had been (?:due|scheduled|planned|set)|was (?:due|to have|scheduled)|suspend\w+"
    r"|scrapp\w+)\b",
    re.IGNORECASE,
)
_PUTS_OFF = re.compile(
    r"\b(?:put off|postpon\w+|delay(?:ed|s)|push(?:ed|es) back|cancel\w*|called off)\b",
    re.IGNORECASE,
)
_COMMON = tables.words(__package__, "announcing", "common names")
_PAST_REPORT = re.compile(
    r"\b(?:ago|anniversary|since|dated|last (?:week|month|year))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A line that announces something for the days from `first` to `last`."""

    first: date
    last: date
    line: Line


def announcements(lines: Iterable[Line], day: date, sameness: Sameness) -> list[Announced]:
    """What lines announce for `day` and after it, each once, the nearest first."""
    lines = list(lines)
    found = [one for line in lines if (one := announced_by(line, day))]
    standing = [one for one in found if not _is_cancelled(one, lines)]
    standing.sort(key=_preference)
    sameness.learn(one.line.text for one in standing)
    kept: list[Announced] = []
    for one in standing:
        if not any(_is_same(one, other, sameness) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.first, one.last, one.line.place))


def announced_by(line: Line, day: date) -> Announced | None:
    """What one line announces for `day` or after it; None where it announces nothing."""
    text, published = line.text, line.published
    if (
        published is None
        or is_opinion(line.article)
        or len(text) > LONGEST
        or leans(text)
        or points_back(text)
    ):
        return None
    if not _ANNOUNCES.search(text):
        return None
    ahead = [
        mention
        for mention in date_mentions(text, published)
        if _is_ahead(mention, max(published + timedelta(days=1), day), published)
        and _is_announced(text, mention)
    ]
    if not ahead:
        return None
    nearest = min(ahead, key=lambda mention: mention.first)
    return Announced(nearest.first, nearest.last, line)


def _is_ahead(mention: DateMention, day: date, published: date) -> bool:
    # "Mid-April" and "early May" have no day that could stand in a diary.
    exact = mention.precision is Precision.DAY or (
        mention.precision is Precision.RANGE
        and mention.last - mention.first <= LONGEST_SPAN
        and re.search(r"\d", mention.text) is not None
    )
    return exact and day <= mention.first <= published + HORIZON


def _is_announced(text: str, mention: DateMention) -> bool:
    """Whether the clause of a date announces it: not a condition, not given up."""
    begin = max(text.rfind(mark, 0, mention.start) for mark in (". ", "; ")) + 1
    before, clause_end = text[begin : mention.start], text[mention.end :]
    clause_end = re.split(r"[;.]\s", clause_end, maxsplit=1)[0]
    clause = before + mention.text + clause_end
    if not _announces_near(before, clause_end):
        return False
    if _CONDITIONAL.search(clause) or _NEGATED.search(before):
        return False
    return not _PAST_REPORT.search(text[max(0, mention.start - 24) : mention.start])


def _announces_near(before: str, after: str) -> bool:
    """Whether what announces stands before a date in its clause, or soon after it."""
    if _ANNOUNCES.search(before + " on"):
        return True
    soon = _ANNOUNCES.search(after)
    return soon is not None and soon.start() <= SOON_AFTER


def _is_cancelled(one: Announced, lines: Sequence[Line]) -> bool:
    """Whether a later line of the same matter gives the date up."""
    subject = _subject_of(one)
    for line in lines:
        if line.moment <= one.line.moment:
            continue
        if line.is_lead and subject & _put_off_by(line):
            return True
        if not _CANCELS.search(line.text):
            continue
        mentioned = date_mentions(line.text, line.published)
        same_day = any(_touches(mention, one) for mention in mentioned)
        if same_day and len(one.line.names & line.names) >= SHARED_NAMES:
            return True
    return False


def _put_off_by(line: Line) -> set[str]:
    """The names of a title where title or lead put something off."""
    title = line.article.title
    if not _PUTS_OFF.search(f"{title}. {line.text}"):
        return set()
    return {fold(name) for name in names(f"x {title}")}


def _subject_of(one: Announced) -> set[str]:
    """The names right before what announces: "Brexit" of "Brexit is now due on 12 April"."""
    found = _ANNOUNCES.search(one.line.text)
    before = one.line.text[: found.start()] if found else ""
    return {fold(name) for name in names(f"x {before.split(',')[-1]}")} - _COMMON


def _touches(mention: DateMention, one: Announced) -> bool:
    return mention.first <= one.last and one.first <= mention.last


def _is_same(one: Announced, other: Announced, sameness: Sameness) -> bool:
    if one.first > other.last or other.first > one.last:
        return False
    shared = one.line.names & other.line.names
    alike = sameness.cosine(one.line.text, other.line.text)
    return (
        (len(shared) >= SHARED_NAMES and alike >= ALIKE - 0.1)
        or alike >= ALIKE
        or overlap(one.line.text, other.line.text) >= ALIKE
    )


_KINDS = {
    SourceKind.OFFICIAL: 0,
    SourceKind.WIRE: 0,
    SourceKind.INDEPENDENT: 1,
    SourceKind.UNKNOWN: 2,
    SourceKind.STATE_MEDIA: 2,
    SourceKind.OPINION: 3,
}


def _preference(one: Announced) -> tuple[int, float, int]:
    """The first of those that tell the same is kept: official or wire, newest, shortest."""
    return (_KINDS[one.line.article.kind], -one.line.moment.timestamp(), len(one.line.text))

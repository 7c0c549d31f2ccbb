"""Dates that a text mentions, resolved against the day it was published.

    text → anchors → readers (`date_reading`) → joined ("4 April to 7 May") → placed in a year

A day or month without a year takes the year nearest to the publication. Accepted gaps: numeric
dates such as 04/05/2019 (they mean two days), years BC, feasts, "the following day" and anything
else that counts from another event; a meeting moved "from 4 April to 7 May" reads as a span.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from corpus.dates import grammar
from corpus.dates.arithmetic import Precision, moved
from corpus.dates.reading import LOOK_BACK, Placed, Written, read_dates

__all__ = ["DateMention", "Precision", "date_mentions", "mentions_a_date", "moved"]

_ANY_DAY = date(2000, 6, 1)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A slice of a text, `text[start:end]`, and the days it means, both inclusive.

    `relative`: the words count from the publication ("yesterday", "on Monday", "last year").
    """

    start: int
    end: int
    text: str
    first: date
    last: date
    precision: Precision
    relative: bool


def date_mentions(
    text: str, published: date | None, *, past: bool = False
) -> tuple[DateMention, ...]:
    """The dates of a text in order, without overlap; never raises.

    Without `published` only dates that carry their year are given. `past`: a day or month
    without a year is the last one that had begun by `published`, not the nearest.
    """
    found = list(read_dates(text, published))
    mentions: list[DateMention] = []
    while found:
        one = found.pop(0)
        mention = None
        if found and (mention := _joined(text, one, found[0], published, past)):
            found.pop(0)
        if mention := mention or _single(text, one, published, past):
            mentions.append(mention)
    return tuple(mentions)


def mentions_a_date(text: str) -> bool:
    """Whether a text speaks of any date, also one that cannot be resolved ("two weeks later")."""
    return bool(grammar.UNRESOLVED.search(text) or date_mentions(text, _ANY_DAY))


def _single(
    text: str, one: Written | Placed, published: date | None, past: bool
) -> DateMention | None:
    try:
        first, last = _placed(one, published, past)
    except ValueError:
        return None
    words = text[one.start : one.end]
    return DateMention(one.start, one.end, words, first, last, one.precision, one.relative)


def _joined(
    text: str,
    one: Written | Placed,
    other: Written | Placed,
    published: date | None,
    past: bool,
) -> DateMention | None:
    """One stretch from two dates; a year that stands only at one of them serves both."""
    if not _are_joined(text, one.start, one.end, other.start):
        return None
    try:
        first, last = _stretch(one, other, published, past)
    except ValueError:
        return None
    if last < first:
        return None
    words = text[one.start : other.end]
    relative = one.relative or other.relative
    return DateMention(one.start, other.end, words, first, last, Precision.RANGE, relative)


def _are_joined(text: str, start: int, end: int, next_start: int) -> bool:
    if grammar.JOIN.fullmatch(text, end, next_start):
        return True
    between = grammar.BETWEEN_BEFORE.search(text[max(0, start - LOOK_BACK) : start])
    return between is not None and text[end:next_start].strip().casefold() in ("and", "and the")


def _stretch(
    one: Written | Placed, other: Written | Placed, published: date | None, past: bool
) -> tuple[date, date]:
    """From the first day of one to the last of the other. Raises ValueError for no such days."""
    if isinstance(one, Written) and one.year is None and isinstance(other, Written) and other.year:
        last = other.bounds(other.year)[1]
        first = one.bounds(other.year)[0]
        return (one.bounds(other.year - 1)[0] if first > last else first), last
    first = _placed(one, published, past)[0]
    if isinstance(other, Placed) or other.year is not None:
        return first, _placed(other, published, past)[1]
    last = other.bounds(first.year)[1]
    return first, (other.bounds(first.year + 1)[1] if last < first else last)


def _placed(one: Written | Placed, published: date | None, past: bool) -> tuple[date, date]:
    """Its days, in the year it names or else the fitting one. Raises ValueError for none."""
    if isinstance(one, Placed):
        return one.first, one.last
    if one.year is not None:
        return one.bounds(one.year)
    if published is None:
        raise ValueError("a date without a year needs a day to count from")
    fitting = []
    # A 29 February may be eight years off.
    years = 8 if one.month == 2 and one.days and one.days[1] == 29 else 1
    for year in range(published.year - years, published.year + years + 1):
        try:
            fitting.append(one.bounds(year))
        except ValueError:
            continue
    if past:
        fitting = [bounds for bounds in fitting if bounds[0] <= published][-1:]
    # Of two that are equally far the earlier: min takes the first.
    return min(fitting, key=lambda bounds: _days_apart(bounds, published))


def _days_apart(bounds: tuple[date, date], day: date) -> int:
    return max((bounds[0] - day).days, (day - bounds[1]).days, 0)

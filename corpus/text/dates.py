"""Dates that a text mentions, resolved against the day it was published; moments as documents
write them.

    text → anchors → a reader for each kind → joined ("4 April to 7 May") → placed in a year
    "4 April 2019, 14:05", ISO 8601, RFC 2822 → `parse_moment`

An anchor is a word that can carry a date; its reader looks at what stands around it and gives a
`Written` date, whose year may still be missing, or a `Placed` one, whose days are known, or None.
A day or month without a year takes the year nearest to the publication.

Accepted gaps: numeric dates such as 04/05/2019 (they mean two days), years BC, feasts, "the
following day" and anything else that counts from another event; a meeting moved "from 4 April to
7 May" reads as a span.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Any

from corpus.text import calendar as grammar
from corpus.text import tables
from corpus.text.calendar import PRECISIONS, Precision, counted, months_of, period, years_of
from corpus.text.words import foreign_language

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


def without_dates(text: str, published: date | None) -> str:
    """A text with its dates taken out, so that its other numbers can be read."""
    for mention in reversed(date_mentions(text, published)):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text


def mentions_a_date(text: str) -> bool:
    """Whether a text speaks of any date, also one that cannot be resolved ("two weeks later")."""
    return bool(grammar.UNRESOLVED.search(text) or date_mentions(text, _ANY_DAY))


def _single(
    text: str, one: Written | Placed, published: date | None, past: bool
) -> DateMention | None:
    try:
        first, last = _placed(one, published, past)
        if isinstance(one, Written) and one.year is None and published and not past:
            first, last = _as_told(text, one, published, (first, last))
        before = text[max(0, one.start - 20) : one.start]
        if one.precision is Precision.DAY and grammar.EVE.search(before):
            first = last = first - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    words = text[one.start : one.end]
    return DateMention(one.start, one.end, words, first, last, one.precision, one.relative)


def _joined(
    text: str, one: Written | Placed, other: Written | Placed, published: date | None, past: bool
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


def _as_told(
    text: str, one: Written, published: date, nearest: tuple[date, date]
) -> tuple[date, date]:
    """The days of a date without its year, as far as the tense of its clause tells.

    What was done is not placed months ahead, what is to be done not weeks back. Within that the
    nearest stands: "agreed on a vote on 3 December" is told in the past.
    """
    ahead, behind = (nearest[0] - published).days, (published - nearest[1]).days
    if ahead <= 0 and behind <= MOST_BEHIND:
        return nearest
    before = grammar.CLAUSE_END.split(text[max(0, one.start - _CLAUSE) : one.start])[-1]
    if ahead > 0 and grammar.SINCE_BEFORE.search(before):
        return _placed(one, published, True)
    after = grammar.CLAUSE_END.split(text[one.end : one.end + _CLAUSE])[0]
    # "Said in March that it would": what is said has a time of its own.
    clause = f"{before} {after.partition(' that ')[0]}"
    is_planned = bool(grammar.AHEAD.search(clause))
    if ahead > MOST_AHEAD and not is_planned:
        verbs = [match.end() for match in _WORD.finditer(before) if _is_past(match[0])]
        opens = not verbs and any(_is_past(match[0]) for match in _WORD.finditer(clause))
        if opens or (verbs and not grammar.INFINITIVE.search(before, verbs[-1])):
            return _placed(one, published, True)
    if behind > MOST_BEHIND and _is_ahead(text, one.start, one.end):
        return one.bounds(nearest[0].year + 1)
    return nearest


def _is_past(word: str) -> bool:
    folded = word.casefold()
    return (len(folded) > 4 and folded.endswith("ed")) or folded in tables.words(
        __package__, "words", "past verbs"
    )


def _days_apart(bounds: tuple[date, date], day: date) -> int:
    return max((bounds[0] - day).days, (day - bounds[1]).days, 0)


# Days ahead of its publication at which a text in the past tense cannot mean the nearest date, and
# days behind it at which one that speaks of what is to come cannot.
MOST_AHEAD = 60
MOST_BEHIND = 14
_WORD = re.compile(r"[^\W\d_]+")
# What stands before an anchor is sought in at most this many characters.
LOOK_BACK = 48
_CLAUSE = 80
_YEARS = range(1000, 2101)


@dataclass(frozen=True, slots=True)
class Written:
    """A calendar date as it stands in the text; `days` are the first and last of the month.

    `nth` is the place, from 0, and the name of a day or a week in that month or year ("the second
    Tuesday of"); the months of an `is_iranian` one are those of that calendar.
    """

    start: int
    end: int
    year: int | None
    month: int | None = None
    days: tuple[int, int] | None = None
    part: str = ""
    last_year: int | None = None
    relative: bool = False
    nth: tuple[int, str] | None = None
    is_iranian: bool = False

    def bounds(self, year: int) -> tuple[date, date]:
        """Its first and last day in that year. Raises ValueError where there is no such day."""
        if self.is_iranian and self.month:
            year = year if year in _JALALI else year - _JALALI_BEHIND
            first, last = self.days or (1, _jalali_length(year, self.month))
            return _jalali_day(year, self.month, first), _jalali_day(year, self.month, last)
        if self.days and self.month:
            first, last = self.days
            return date(year, self.month, first), date(year, self.month, last)
        first_day, last_day = months_of(year, self.month, self.part)
        if self.nth:
            place, unit = self.nth
            every = (first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1))
            some = [
                day for day in every if unit in ("day", "week", grammar.WEEKDAYS[day.weekday()])
            ]
            length = 7 if unit == "week" else 1
            if not (some := some[place * length :][:length]):
                raise ValueError(f"no such {unit}")
            return some[0], some[-1]
        return first_day, date(self.last_year, 12, 31) if self.last_year else last_day

    @property
    def precision(self) -> Precision:
        if self.nth:
            return Precision.RANGE if self.nth[1] == "week" else Precision.DAY
        if self.part or self.last_year or (self.days and self.days[0] != self.days[1]):
            return Precision.RANGE
        if self.month is None:
            return Precision.YEAR
        return Precision.DAY if self.days else Precision.MONTH


@dataclass(frozen=True, slots=True)
class Placed:
    """A date whose days are known."""

    start: int
    end: int
    first: date
    last: date
    precision: Precision
    relative: bool = True


_Found = Written | Placed | None
_YEARS_ON = {"last": -1, "this": 0, "next": 1}
_Reader = Callable[[str, "re.Match[str]", date | None], _Found]


def read_dates(text: str, published: date | None) -> Iterator[Written | Placed]:
    """What the text says of dates, in order and without overlap; never raises."""
    language = foreign_language(text)
    known = grammar.in_language(language) if language else None
    english = _read_english(text, published)
    if known is None:
        yield from english
        return
    own = list(_read_in(known, text, published))
    # What the language itself says wins over what looks like English in it, or like our years.
    apart = [
        one
        for one in english
        if all(one.end <= other.start or other.end <= one.start for other in own)
        and not (language in _JALALI_SPOKEN and isinstance(one, Written) and one.year in _JALALI)
    ]
    yield from sorted(own + apart, key=lambda one: one.start)


def _read_in(
    known: grammar.InLanguage, text: str, published: date | None
) -> Iterator[Written | Placed]:
    """The dates that a text writes in its language, without overlap."""
    every = [_written_in(known, match) for match in known.written.finditer(text)]
    if published is not None:
        every += [_weekday_in(known, match, published) for match in known.weekday.finditer(text)]
        for counting in known.counting:
            for match in counting.pattern.finditer(text):
                every.append(_counted_in(counting, match, published))
    covered = 0
    for one in sorted((one for one in every if one), key=lambda one: (one.start, -one.end)):
        if one.start >= covered:
            covered = one.end
            yield one


def _written_in(known: grammar.InLanguage, match: re.Match[str]) -> _Found:
    parts = {name: value for name, value in match.groupdict().items() if value}
    year = int(parts.get("year") or parts.get("year_alone") or 0) or None
    name = parts.get("month") or parts.get("month_alone")
    month = (known.months.get(name.casefold()) or _number(name)) if name else None
    day = _number(parts.get("day") or parts.get("day_alone"))
    is_certain = day or year or (name and len(name) >= grammar.SURE_NAME)
    if is_iranian := bool(name and month and not name.isdecimal() and month > 12):
        month = (month or 0) - 12
    if not is_certain or (month and month > 12) or (year is not None and year not in _YEARS):
        return None
    if is_iranian and year and year not in _JALALI:
        return None
    days = (day, _number(parts.get("last")) or day) if day and month else None
    if days and not 1 <= days[0] <= days[1] <= 31:
        return None
    return Written(*match.span(), year, month, days, is_iranian=is_iranian)


def _number(digits: str | None) -> int | None:
    return int(digits) if digits and digits.isdecimal() else None


def _weekday_in(known: grammar.InLanguage, match: re.Match[str], published: date) -> _Found:
    """The last such day, or the next where a word at it or the verb of its clause says so."""
    weekday = known.weekdays[match[0].casefold()] - 1
    day = published - timedelta(days=(published.weekday() - weekday) % 7)
    before = grammar.CLAUSE_END.split(match.string[max(0, match.start() - _CLAUSE) : match.start()])
    after = grammar.CLAUSE_END.split(match.string[match.end() : match.end() + _CLAUSE])
    if grammar.to_come().search(f"{before[-1]} {match[0]} {after[0]}"):
        day += timedelta(days=7)
    return Placed(*match.span(), day, day, Precision.DAY)


def _counted_in(counting: grammar.Counting, match: re.Match[str], published: date) -> _Found:
    count = counting.count
    if count is None:
        count = int(next(group for group in match.groups() if group))
    try:
        first, last = period(published, counting.sign * count, counting.unit)
    except (ValueError, OverflowError):
        return None
    return Placed(*match.span(), first, last, PRECISIONS[counting.unit])


def _read_english(text: str, published: date | None) -> Iterator[Written | Placed]:
    covered, listed = 0, -1
    for anchor in grammar.ANCHOR.finditer(text):
        if anchor.start() < covered:
            continue
        kind = anchor.lastgroup or ""
        try:
            found = _READERS[kind](text, anchor, published)
        except (ValueError, OverflowError):
            continue
        if found is None and kind == "year" and listed >= 0:
            found = _listed_year(text, anchor, listed)
        if found is not None and found.start >= covered:
            covered, listed = found.end, (found.end if kind == "year" else -1)
            yield found


def _before(text: str, position: int) -> str:
    return text[max(0, position - LOOK_BACK) : position]


def _length(match: re.Match[str] | None) -> int:
    return len(match[0]) if match else 0


def _part(match: re.Match[str] | None) -> str:
    return " ".join(match["part"].casefold().split()) if match else ""


def _portion(
    text: str, before: str, end: int, of_month: bool
) -> tuple[int, str, tuple[int, str] | None]:
    """What part, or which day or week, of the month or year that ends there stands before it, and
    in how many characters. Raises ValueError for what is neither ("the first three days of")."""
    if part := grammar.PART_BEFORE.search(before):
        return _length(part), _part(part), None
    nth = grammar.NTH_OF_BEFORE.search(before)
    is_lone = not of_month or grammar.POSSESSIVE_AFTER.match(text, end)
    if nth is None or (is_lone and not nth["unit"]):
        return 0, "", None
    unit = (nth["unit"] or "day").casefold()
    if unit not in ("day", "week", *grammar.WEEKDAYS):
        raise ValueError(f"no one day or week: {nth[0]}")
    return _length(nth), "", (grammar.ordinal(nth["nth"]) - 1, unit)


def _read_month(text: str, anchor: re.Match[str], published: date | None) -> _Found:
    before, end = _before(text, anchor.start()), anchor.end()
    days = lead = grammar.DAYS_BEFORE.search(before)
    # "In March 30 villages …": no one writes "in" before a month and its day.
    if (days is None and (after := grammar.DAYS_AFTER.match(text, end))) and (
        grammar.YEAR_AFTER.match(text, after.end()) or not grammar.IN_BEFORE.search(before)
    ):
        days, end, lead = after, after.end(), grammar.WEEKDAY_BEFORE.search(before)
    year, end, relative = _year_after(text, end, published)
    start = anchor.start() - _length(lead)
    years = None if year or not published else grammar.YEARS_BEFORE.search(_before(text, start))
    is_day = days is not None or grammar.NTH_OF_BEFORE.search(before) is not None
    if not _is_a_month(text, anchor, before, is_day, bool(year or years)):
        return None
    month = grammar.month_number(anchor[0])
    if years and published:
        start, relative = start - _length(years), True
        year = published.year + _YEARS_ON[years["which"].casefold()]
    if years or days is not None:
        return Written(start, end, year, month, _days(days) if days else None, relative=relative)
    which = grammar.WHICH_BEFORE.search(before)
    if year is None and published and which and not which["count"]:
        year = _year_of_month(which["which"].casefold(), month, published)
        before, start, relative = before[: which.start()], start - _length(which), True
    length, part, nth = _portion(text, before, end, True)
    return Written(start - length, end, year, month, None, part, relative=relative, nth=nth)


def _days(days: re.Match[str]) -> tuple[int, int]:
    ends = [grammar.ordinal(end) for end in (days["first"], days["last"]) if end]
    if not 1 <= ends[0] <= ends[-1] <= 31:
        raise ValueError(f"no days of a month: {days[0]}")
    return ends[0], ends[-1]


def _year_after(text: str, end: int, published: date | None) -> tuple[int | None, int, bool]:
    """The year that follows a month, where it ends and whether it counts from the publication."""
    after = grammar.YEAR_AFTER.match(text, end)
    if after and after["year"] and int(after["year"]) in _YEARS:
        return int(after["year"]), after.end(), False
    if after and after["which"] and published:
        return published.year + _YEARS_ON[after["which"].casefold()], after.end(), True
    return None, end, False


def _year_of_month(which: str, month: int, published: date) -> int:
    """The year of "last April" (the last one that is over), "this April", "next April"."""
    if which in ("last", "past"):
        return published.year - (month >= published.month)
    if which == "this":
        return published.year
    return published.year + (month <= published.month)


def _is_a_month(
    text: str, anchor: re.Match[str], before: str, with_day: bool, with_year: bool
) -> bool:
    """Whether a word is the month it looks like, not "may", "march" or a person's name."""
    name, folded = anchor[0], anchor[0].casefold()
    if with_year:
        return True
    led = grammar.MONTH_LEAD.search(before) is not None
    if with_day:
        return led or name not in ("may", "march", "mar", "sep", "dec")
    if len(name) <= 4 and folded not in ("may", "june", "july"):
        return led and folded not in ("jan", "mar")
    if folded in ("may", "march") or name == "august":
        return led and not grammar.POSSESSIVE_AFTER.match(text, anchor.end())
    person = folded in ("april", "june", "august") and text[anchor.end() + 1 :][:1].isupper()
    return led or not person


def _read_year(text: str, anchor: re.Match[str], _: date | None) -> _Found:
    year, start, end = int(anchor["year"]), anchor.start(), anchor.end()
    if rest := grammar.ISO_AFTER.match(text, end):
        day = int(rest["day"])
        return Written(start, rest.end(), year, int(rest["month"]), (day, day))
    before = _before(text, start)
    if year not in _YEARS or grammar.NO_YEAR_BEFORE.search(before):
        return None
    length, part, nth = _portion(text, before, end, False)
    start -= length
    if (decade := grammar.DECADE_AFTER.match(text, end)) and year % 10 == 0:
        first, last = years_of(year, 10, part)
        return Placed(start, decade.end(), first, last, Precision.RANGE, relative=False)
    led = length > 0 or grammar.YEAR_LEAD.search(before) is not None
    span = grammar.YEARS_TO.match(text, end)
    if span and not grammar.CLOCKED_AFTER.match(text, span.end()):
        last_year = int(span["last"] or f"{year // 100}{span['short']}")
        # "2025/26" is a season; "2005/10" is October as likely.
        latest = year + 2 if span["season"] == "/" else 2101
        if last_year in range(year + 1, latest) and (led or year >= 1800):
            return Written(start, span.end(), year, part=part, last_year=last_year)
    if grammar.NO_YEAR_AFTER.match(text, end):
        return None
    if led or (year >= 1800 and _is_likely_a_year(text, before, end, year)):
        return Written(start, end, year, part=part, nth=nth)
    return None


def _is_likely_a_year(text: str, before: str, end: int, year: int) -> bool:
    """Whether a number that no "in" or "since" marks as a year is one by what surrounds it."""
    if grammar.POSSESSIVE_AFTER.match(text, end) or grammar.YEARLY_AFTER.match(text, end):
        return True
    lead = grammar.WEAK_YEAR_LEAD.search(before)
    alone = grammar.YEAR_ALONE_AFTER.match(text, end) is not None
    return lead is not None and (alone or (year % 100 != 0 and not lead["apart"]))


def _listed_year(text: str, anchor: re.Match[str], listed: int) -> Written | None:
    """A year that continues a list: "in 2003, 2005 and 2007"."""
    year = int(anchor["year"])
    if year not in _YEARS or not grammar.LISTING.fullmatch(text, listed, anchor.start()):
        return None
    counts = grammar.NO_YEAR_AFTER.match(text, anchor.end())
    return None if counts else Written(anchor.start(), anchor.end(), year)


def _read_century(text: str, anchor: re.Match[str], _: date | None) -> _Found:
    before = _before(text, anchor.start())
    ordinal = grammar.CENTURY_BEFORE.search(before)
    if ordinal is None or grammar.BEFORE_CHRIST_AFTER.match(text, anchor.end()):
        return None
    number = grammar.ordinal(ordinal["nth"])
    part = grammar.PART_BEFORE.search(before[: ordinal.start()])
    first, last = years_of(number * 100 - 99, 100, _part(part))
    start = anchor.start() - _length(ordinal) - _length(part)
    return Placed(start, anchor.end(), first, last, Precision.RANGE, relative=False)


def _read_weekday(text: str, anchor: re.Match[str], published: date | None) -> _Found:
    start, end = anchor.span()
    before = _before(text, start)
    if published is None or grammar.DATE_AFTER_WEEKDAY.match(text, end):
        return None
    if grammar.NAMED_DAY_BEFORE.search(before) or grammar.NAMED_DAY_AFTER.match(text, end):
        return None
    weekday = grammar.WEEKDAYS.index(anchor["weekday"].casefold())
    if grammar.OF_MONTH_AFTER.match(text, end) or (  # read with its month
        grammar.COUNTED_ELSEWHERE_BEFORE.search(before)
        or grammar.COUNTED_ELSEWHERE_AFTER.match(text, end)
    ):
        return None
    if of := grammar.OF_WEEK_AFTER.match(text, end):
        shift = {"last": -1, "this": 0}.get(of["which"].casefold(), 1)
        day = period(published, shift, "week")[0] + timedelta(days=weekday)
        return Placed(start, of.end(), day, day, Precision.DAY)
    if week := grammar.WEEK_AFTER.match(text, end):
        weeks = 2 if week["unit"].casefold() == "fortnight" else 1
        day = published + timedelta(days=(weekday - published.weekday()) % 7 + 7 * weeks)
        return Placed(start, week.end(), day, day, Precision.DAY)
    days_past = (published.weekday() - weekday) % 7
    which = grammar.WHICH_BEFORE.search(before)
    word = which["which"].casefold() if which else ""
    if word in ("last", "past"):
        days_past = days_past or 7
    elif word == "next" or (days_past and (word or _is_ahead(text, start, end))):
        days_past -= 7
    day = published - timedelta(days=days_past)
    return Placed(start - _length(which), end, day, day, Precision.DAY)


def _is_ahead(text: str, start: int, end: int) -> bool:
    """Whether the clause tells of what is to come: "will meet on Monday", "On Monday it will"."""
    before = grammar.CLAUSE_END.split(text[max(0, start - _CLAUSE) : start])[-1]
    cues = [cue.end() for cue in grammar.AHEAD.finditer(before)]
    if cues:
        return grammar.TELLING.search(before, cues[-1]) is None
    after = grammar.CLAUSE_END.split(text[end : end + _CLAUSE])[0]
    opens = len(before.split()) <= 1
    if opens and grammar.AHEAD.search(after) and not grammar.TELLING.search(after):
        return True
    told = before + after * opens
    return bool(grammar.UNTIL_BEFORE.search(before)) and not any(
        _is_past(match[0]) for match in _WORD.finditer(told)
    )


def _read_word(text: str, anchor: re.Match[str], published: date | None) -> _Found:
    start, word = anchor.start(), anchor["word"]
    if grammar.UNIT_BEFORE.search(_before(text, start)):
        return None
    # "USA Today", "Russia Today" are names.
    if published is None or (word[0].isupper() and text[max(0, start - 2) : start - 1].isalnum()):
        return None
    shift = {"yesterday": -1, "tomorrow": 1}.get(word.casefold(), 0)
    outer = grammar.OUTER_DAY_BEFORE.search(_before(text, start)) if shift else None
    day = published + timedelta(days=shift * (2 if outer else 1))
    return Placed(start - _length(outer), anchor.end(), day, day, Precision.DAY)


def _ago(published: date, count: int, unit: str) -> tuple[date, date, Precision]:
    """The days that lie so many units back: "two nights ago", "three weekends ago"."""
    if unit == "weekend":
        return counted(grammar.moved(published, -count, "week"), "this", unit, None)
    if unit == "hour":
        unit, count = "day", count // 24
    elif unit not in PRECISIONS:
        unit = "day"
    return *period(published, -count, unit), PRECISIONS[unit]


def _read_unit(text: str, anchor: re.Match[str], published: date | None) -> _Found:
    """Spans that count from the publication: "last week", "three days ago", "the past year"."""
    start, end, unit = *anchor.span(), anchor["unit"].casefold()
    before = _before(text, start)
    if published is None or grammar.NO_UNIT_AFTER.match(text, end):
        return None
    if unit == "year" and grammar.DATE_AFTER_YEARS.match(text, end):
        return None
    ago = grammar.AGO_AFTER.match(text, end)
    if ago and (lead := grammar.COUNT_BEFORE.search(before)):
        count = grammar.number_of(lead["count"])
        return Placed(start - _length(lead), ago.end(), *_ago(published, count, unit))
    if unit == "weekend" and (over := grammar.OVER_BEFORE.search(before)):
        # On a Sunday it is the weekend that is ending; before that, the one that is past.
        which = "this" if published.weekday() >= 5 else "last"
        return Placed(start - _length(over), end, *counted(published, which, unit, None))
    if (lead := grammar.WHICH_BEFORE.search(before)) is None:
        return None
    number = grammar.number_of(lead["count"]) if lead["count"] else None
    # "The past months" are no number of them; "the next day" counts from another event.
    several = end > anchor.end("unit")
    if number is None and (several or grammar.THE_NEXT_BEFORE.search(before)):
        return None
    start, which = start - _length(lead), lead["which"].casefold()
    if number is None and unit in ("month", "year") and which != "past":
        first = period(published, _YEARS_ON.get(which, 1), unit)[0]
        month = first.month if unit == "month" else None
        length, part, nth = _portion(text, before[: lead.start()], end, month is not None)
        return Written(start - length, end, first.year, month, None, part, relative=True, nth=nth)
    return Placed(start, end, *counted(published, which, unit, number))


_READERS: dict[str, _Reader] = {
    "month": _read_month,
    "year": _read_year,
    "century": _read_century,
    "weekday": _read_weekday,
    "word": _read_word,
    "unit": _read_unit,
}

# -- moments as documents write them ---------------------------------------------------------------

# What stands before a date on a page; "updated" is no publication.
_SAID_BEFORE = re.compile(
    r"\A(?:published|posted|issued|released|date)\b(?:\s+(?:on|at)\b)?[\s:]*", re.I
)
_CLOCK = re.compile(
    r"(?:\bat\s+|T)?(?<![\d.:/-])(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"|\.(?P<dotted>\d{2})(?=\s*[ap]\.?\s?m\b)|(?=\s*[ap]\.?m\b))(?!\d)"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?"
    r"(?:\s*\(?(?P<zone>(?:UTC|GMT)?\s*[+-]\d{1,2}:?(?:\d{2})?(?![\d/-])|Z\b"
    r"|(?-i:[A-Z]{2,5}|МСК)\b)\)?)?"
    r"(?:\s*\([^()]{1,40}\))?",
    re.I,
)
_WEEKDAY = r"(?:(?P<weekday>[A-Za-z]{3,9})\.?\s+)?(?:the\s+)?"
_NAME = r"(?P<month>[A-Za-z]{3,9})\.?"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?"
_WRITTEN = (
    re.compile(_WEEKDAY + _ORDINAL + r"[\s-]*(?:of\s+)?" + _NAME + r"[\s-]*(?P<year>\d{4}|\d\d)"),
    re.compile(_WEEKDAY + _NAME + r"\s*" + _ORDINAL + r"[\s-]+(?P<year>\d{4})"),
    re.compile(_WEEKDAY + r"(?P<year>\d{4})[\s/.-]+" + _NAME + r"[\s/.-]+" + _ORDINAL),
)
_NUMERIC = (
    re.compile(r"(?P<year>\d{4})(?P<parting>[/. -])(?P<month>\d\d?)(?P=parting)(?P<day>\d\d?)"),
    re.compile(
        r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d\d?)\s?[月월]\s?(?P<day>\d\d?)\s?[日일号]?"
    ),
)
_TWO_WAYS = re.compile(
    _WEEKDAY + r"(?P<one>\d{1,2})(?P<parting>[/.-])(?P<other>\d{1,2})(?P=parting)(?P<year>\d{4})"
)
# What is published now or was printed once; other years are of other calendars, or slips.
_PRINTED = range(1800, 2201)
# Thailand counts from 543 BC, Iran from AD 622; its leap years recur every 33 years
# (from 1244 to 1472 as astronomers find them).
_BUDDHIST, _BUDDHIST_AHEAD, _BUDDHIST_SPOKEN = range(2400, 2701), 543, ("th", "lo", "km")
_JALALI, _JALALI_SPOKEN, _JALALI_BEHIND = range(1300, 1473), ("fa", "ps"), 621
_JALALI_FROM, _JALALI_LEAPS = date(1921, 3, 21), (1, 5, 9, 13, 17, 22, 26, 30)
_LONGEST_WRITTEN = 80
# "Geneva, 4 April 2019", as letters begin.
PLACE_BEFORE = re.compile(
    r"\A(?:(?!\w*day\b)[^\W\d_a-zß-ÿа-я][\w'’.-]{0,30}\s?){1,3},\s+(?:(?:le|den)\s+)?"
)
# Words around a date in a line that is nothing else: "Mis en ligne le … par la rédaction".
_LONGEST_LABEL = 8


def parse_moment(
    text: str, *, day_first: bool | None = None, language: str | None = None
) -> datetime | None:
    """An aware UTC datetime, or None where the text is not one date.

    Reads ISO 8601, the dates of mail and feeds (RFC 2822), English dates written out
    (`4 April 2019`, `April 4, 2019, 2:05 PM EST`) or with the year first (`2019/04/04`), and with
    `language` (ISO 639-1, a region may follow) those of other languages and the calendars of Iran
    and Thailand. Without a zone it means UTC; a day without a time means its first moment. Numeric
    dates such as 04/05/2019 mean two days: they are refused unless `day_first`, a number above 12
    or a weekday decides (see `day_comes_first`). A year outside 1800 to 2200 is no date.
    """
    text = " ".join("".join(_decimal(one) for one in text[: 2 * _LONGEST_WRITTEN]).split())
    if not any(map(str.isdigit, text)) or len(text) > _LONGEST_WRITTEN:
        return None
    spoken = (language or "").lower()[:2]
    is_foreign = spoken not in ("", "en") and re.search(r"[^\W\d_]{2}", text) is not None
    for read in (_iso, _written, _in_language) if is_foreign else (_iso, _written):
        try:
            moment = read(text, day_first, spoken)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if moment is not None:
            return moment if moment.year in _PRINTED else None
    return None


def labelled_moment(
    text: str, *, day_first: bool | None = None, language: str | None = None
) -> datetime | None:
    """As `parse_moment`, of a short line that may say in a few words what the date is of:
    "Publié le 26/11/2026 à 14h30", "Donnerstag, 26. November 2026, 14:30 Uhr"."""
    text = " ".join("".join(map(_decimal, text[: 2 * _LONGEST_WRITTEN])).split())
    if (stated := parse_moment(text, day_first=day_first, language=language)) is not None:
        return stated
    clock = _CLOCK.search(text)
    words = (f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text).split()
    numbered = [n for n, word in enumerate(words) if any(map(str.isdigit, word))]
    if not numbered or len(words) - (numbered[-1] - numbered[0]) > _LONGEST_LABEL:
        return None
    for start in (max(0, numbered[0] - 1), numbered[0]):
        piece = " ".join(words[start : numbered[-1] + 1])
        moment = parse_moment(piece, day_first=day_first, language=language)
        if moment is not None:
            days = {moment.date()}
            break
    else:
        told = (one.first for one in date_mentions(text, None) if one.first == one.last)
        days = {day for day in told if day.year in _PRINTED}
    try:
        return _at_clock(days.pop(), clock) if len(days) == 1 else None
    except (ValueError, OverflowError):
        return None


def day_comes_first(texts: Iterable[str], language: str | None = None) -> bool | None:
    """Whether numeric dates begin with the day, as the certain ones among `texts` do.

    Where none is certain as `language` has it: a region is needed for English, which has both.
    None where the texts contradict each other or nothing tells.
    """
    told = {first for text in texts if (first := _order_of(text)) is not None}
    if told:
        return told.pop() if len(told) == 1 else None
    return _order_in(language.replace("_", "-").lower()) if language else None


def _order_of(text: str) -> bool | None:
    match = _TWO_WAYS.fullmatch(_without_clock(text)[0])
    if match is None:
        return None
    one, other, year = int(match["one"]), int(match["other"]), int(match["year"])
    fitting = {
        first
        for first, day, month in ((True, one, other), (False, other, one))
        if 1 <= month <= 12 and _is_weekday(match["weekday"], year, month, day)
    }
    return fitting.pop() if len(fitting) == 1 else None


def _is_weekday(name: str | None, year: int, month: int, day: int) -> bool:
    """Whether there is such a day, and it is the weekday that is named, if one is."""
    try:
        weekday = grammar.WEEKDAYS[date(year, month, day).weekday()]
    except ValueError:
        return False
    return name is None or weekday.startswith(name.casefold())


@cache
def _order_in(language: str) -> bool | None:
    """The order of numeric dates in a language (and region), of Unicode's locale data."""
    from babel import Locale, UnknownLocaleError

    if language == "en":
        return None
    try:
        pattern = Locale.parse(language, sep="-").date_formats["short"].pattern
    except (UnknownLocaleError, ValueError):
        return None
    order = re.sub(r"[^dMy]", "", pattern)
    return None if order.startswith("y") else order.startswith("d")


def _decimal(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _iso(text: str, _: bool | None, spoken: str) -> datetime | None:
    if not re.match(r"\d{4}-\d", text) and not re.match(r"\d{8}(T|\Z)", text):
        return None
    # Publishers write the zone after a space, which ISO 8601 does not.
    text = re.sub(r"\s+(?=[+-]\d|Z|UTC)", "", text).replace("UTC", "Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    day = _day(moment.year, moment.month, moment.day, spoken)
    return _utc(moment.replace(day.year, day.month, day.day))


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _without_clock(text: str) -> tuple[str, re.Match[str] | None]:
    """A date without its time of day, commas and words around it; and that time."""
    text = _SAID_BEFORE.sub("", text.strip())
    clock = _CLOCK.search(text)
    if clock is not None:
        text = f"{text[: clock.start()]} {text[clock.end() :]}"
    return " ".join(re.sub(r"[,،|·]|\s[–—-](?=\s|\Z)", " ", text).split()), clock


def _written(text: str, day_first: bool | None, spoken: str) -> datetime | None:
    """A date whose every piece is accounted for. Raises ValueError for no such day or time."""
    rest, clock = _without_clock(text)
    day = None
    if match := next((found for form in _NUMERIC if (found := form.fullmatch(rest))), None):
        day = _day(int(match["year"]), int(match["month"]), int(match["day"]), spoken)
    elif match := _TWO_WAYS.fullmatch(rest):
        first = _order_of(rest)
        # Points part day, month and year; no country writes the month first with them.
        first = first if first is not None else day_first
        if first is None and (match["parting"] == "." or match["one"] == match["other"]):
            first = True
        if first is None:
            return None
        one, other = int(match["one"]), int(match["other"])
        day = _day(int(match["year"]), *((other, one) if first else (one, other)), spoken)
    elif match := next((found for form in _WRITTEN if (found := form.fullmatch(rest))), None):
        weekday = (match["weekday"] or "").casefold()
        if not any(name.startswith(weekday) for name in grammar.WEEKDAYS):
            return None
        year = int(match["year"])
        if len(match["year"]) == 2:
            if clock is None:
                return None
            year += 1900 if year >= 69 else 2000
        day = _day(year, grammar.month_number(match["month"]), int(match["day"]), spoken)
    return None if day is None else _at_clock(day, clock)


def _at_clock(day: date, clock: re.Match[str] | None) -> datetime:
    if clock is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    hour, half = int(clock["hour"]), (clock["half"] or "").casefold()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = int(clock["minute"] or clock["dotted"] or 0), int(clock["second"] or 0)
    at = time(hour, minute, min(second, 59), tzinfo=_zone(clock["zone"] or ""))
    return _utc(datetime.combine(day, at))


def _zone(written: str) -> tzinfo:
    """The zone of an offset or a name; UTC where it is neither."""
    offset = re.fullmatch(r"(?:UTC|GMT)?\s*([+-])(\d\d?):?(\d\d)?", written, re.I)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    if written.upper() in ("", "Z", "UTC", "GMT"):
        return UTC
    from dateparser.timezone_parser import pop_tz_offset_from_string

    name = written.upper().replace("МСК", "MSK")
    found = pop_tz_offset_from_string(f"10:00 {name}", as_offset=True)[1]
    return timezone(found.utcoffset(None)) if found is not None else UTC


def _day(year: int, month: int, day: int, spoken: str) -> date:
    """A day of the calendar that is meant. Raises ValueError where there is none."""
    if year in _BUDDHIST and spoken in _BUDDHIST_SPOKEN:
        return date(year - _BUDDHIST_AHEAD, month, day)
    if year in _JALALI and spoken in _JALALI_SPOKEN:
        return _jalali_day(year, month, day)
    return date(year, month, day)


def _jalali_length(year: int, month: int) -> int:
    return 31 if month <= 6 else 30 - (month == 12 and year % 33 not in _JALALI_LEAPS)


def _jalali_day(year: int, month: int, day: int) -> date:
    if not (1 <= month <= 12 and 1 <= day <= _jalali_length(year, month)):
        raise ValueError(f"no such day: {year}-{month}-{day}")
    leaps = sum(one % 33 in _JALALI_LEAPS for one in range(_JALALI.start, year))
    days = 365 * (year - _JALALI.start) + leaps + 31 * (month - 1) - max(0, month - 7) + day - 1
    return _JALALI_FROM + timedelta(days=days)


def _in_language(text: str, _: bool | None, spoken: str) -> datetime | None:
    """A date written out in another language; day, month and year must all stand there."""
    import dateparser

    # Locales know their months and halves of a day, not their abbreviated weekdays with a comma.
    text = re.sub(r"\A[^\W\d_]+\.?,\s*", "", text)
    rest, clock = _without_clock(text)
    if (known := grammar.in_language(spoken)) and (match := known.written.search(rest)):
        one, others = _written_in(known, match), rest[: match.start()] + rest[match.end() :]
        is_one = others.strip() in ("", *known.weekdays)
        if is_one and isinstance(one, Written) and one.is_iranian and one.year and one.days:
            return _at_clock(one.bounds(one.year)[0], clock)
    settings: Any = {
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
    }
    try:
        moment = dateparser.parse(text, languages=[spoken], settings=settings)
    except (ValueError, re.error):
        return None
    if moment is None:
        return None
    day = _day(moment.year, moment.month, moment.day, spoken)
    return _utc(moment.replace(day.year, day.month, day.day))

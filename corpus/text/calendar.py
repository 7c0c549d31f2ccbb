"""The calendar: months and weekdays by name, the patterns of English dates, days that are counted.

`ANCHOR` finds what can carry a date. Patterns named `…_BEFORE` and `…_LEAD` are searched in what
stands left of it and end there; patterns named `…_AFTER` are matched at its right.

`in_language` has the patterns of other languages, made of what dateparser knows of them (and babel,
for Arabic, whose months have other names from Baghdad to Rabat).

Bounds of days are inclusive. What counts days raises ValueError or OverflowError outside the
years 1 to 9999.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from corpus.text import tables

MONTHS = tuple(
    str.split(
        "january february march april may june july august september october november december"
    )
)
WEEKDAYS = tuple(str.split("monday tuesday wednesday thursday friday saturday sunday"))
DAYS_AND_MONTHS = frozenset((*MONTHS, *WEEKDAYS))
MONTH_WORD = rf"(?:{'|'.join(name[:3] for name in MONTHS)})[a-z]*"
"""A month however it is cut short; "marching" too, so what stands around it must tell."""


def _or_short(name: str) -> str:
    """A month and what it is cut short to: "Jan", "Sept"."""
    short, rest = name[:3], name[3:]
    return "sep(?:t(?:ember)?)?" if short == "sep" else f"{short}(?:{rest})?" if rest else short


class Precision(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"  # any other stretch: a week, "4-7 April", "early April", "the 1990s"


PRECISIONS = {
    "day": Precision.DAY,
    "week": Precision.RANGE,
    "month": Precision.MONTH,
    "year": Precision.YEAR,
}
_PORTIONS = {
    "": (0, 1),
    "early": (0, 1 / 3),
    "beginning": (0, 1 / 3),
    "start": (0, 1 / 3),
    "mid": (1 / 3, 2 / 3),
    "middle": (1 / 3, 2 / 3),
    "late": (2 / 3, 1),
    "end": (2 / 3, 1),
    "first half": (0, 1 / 2),
    "second half": (1 / 2, 1),
    "first quarter": (0, 1 / 4),
    "second quarter": (1 / 4, 1 / 2),
    "third quarter": (1 / 2, 3 / 4),
    "fourth quarter": (3 / 4, 1),
}


def moved(day: date, count: int, unit: str) -> date:
    """The day that many days, weeks, months or years on; the 31st becomes a month's last day."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period(day: date, shift: int, unit: str) -> tuple[date, date]:
    """The calendar day, week (from Monday), month or year that many after the one of `day`."""
    day = moved(day, shift, unit)
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return months_of(day.year, day.month if unit == "month" else None)


def months_of(year: int, month: int | None = None, part: str = "") -> tuple[date, date]:
    """A month or a year, or a part of it: an early April ends on the 10th."""
    if month is None:
        low, high = portion(part, 12)
        return date(year, low, 1), date(year, high, monthrange(year, high)[1])
    low, high = portion(part, monthrange(year, month)[1])
    return date(year, month, low), date(year, month, high)


def years_of(first: int, count: int, part: str = "") -> tuple[date, date]:
    """A decade or century that begins with the year `first`, or a part of it."""
    low, high = portion(part, count)
    return date(first + low - 1, 1, 1), date(first + high - 1, 12, 31)


def portion(part: str, count: int) -> tuple[int, int]:
    """The first and last of `count` units, from 1, that "early", "second half" … stand for."""
    low, high = _PORTIONS[part]
    return round(low * count) + 1, round(high * count)


def counted(day: date, which: str, unit: str, number: int | None) -> tuple[date, date, Precision]:
    """The days of "last week", "the next two months", "this morning", seen from `day`.

    `which` is last, past, this, next or coming. Without `number`, "last month" is the calendar
    month; with it, or with "past", the span of that length that ends or begins with `day`.
    """
    if unit in ("night", "morning", "afternoon", "evening") and which in ("last", "this"):
        return *period(day, -(which == "last"), "day"), Precision.DAY
    if unit == "weekend":
        shift = {"last": -7, "past": -7, "next": 7}.get(which, 0)
        saturday = day + timedelta(days=5 - day.weekday() + shift)
        return saturday, saturday + timedelta(days=1), Precision.RANGE
    if unit not in PRECISIONS or (unit == "day" and number is None and which != "past"):
        raise ValueError(f"{which} {unit} names no days")
    if number is not None or which == "past":
        number = number or 1
        other = moved(day, number if which in ("next", "coming") else -number, unit)
        return min(day, other), max(day, other), Precision.RANGE
    return *period(day, {"last": -1, "this": 0}.get(which, 1), unit), PRECISIONS[unit]


_COUNTS = re.findall(r"\w+", "one two three four five six seven eight nine ten eleven twelve")
_ONES = re.findall(r"\w+", "first second third fourth fifth sixth seventh eighth ninth")
_TEENS = str.split("ten eleven twelf thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_NTHS = ("last", *_ONES, *(f"{one}th" for one in _TEENS), "twentieth")
_NTHS = (*_NTHS, *(f"twenty-{one}" for one in _ONES), "thirtieth", "thirty-first")

_MONTH = rf"(?:{'|'.join(map(_or_short, MONTHS))})\b"
_MONTH_NAME = re.compile(_MONTH, re.I)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = rf"\b(?:{'|'.join(name[:3] for name in WEEKDAYS)})[a-z]*\.?,?\s+\(?"
_TO = r"\s*(?:[–—-]|\b(?:to|until|till|through)\b)\s*"
NUMBER = rf"(?P<count>\d{{1,4}}|an?|couple\s+of|{'|'.join(_COUNTS)})"
# "2000 Libyan troops": a number that counts something is no year.
_COUNTED = (
    r"\s+(?:[\w-]+\s+)?(?:troops|soldiers|fighters|people|persons|men|women|children|civilians"
    r"|refugees|migrants|prisoners|votes|members|families|homes|jobs|years|km|miles|metres|meters"
    r"|tonnes|tons|dollars|euros|barrels|police|workers|employees|students|protesters|villages"
    r"|cases|deaths|mosques|schools|hours|minutes|seconds|points|calories)\b"
)
_YEAR = rf"[12]\d{{3}}(?![\w%]|[.,]\d|{_COUNTED})"

ANCHOR = re.compile(
    rf"\b(?:(?P<month>{_MONTH})|(?P<year>[12]\d{{3}})(?!\d)"
    rf"|(?P<weekday>{'|'.join(WEEKDAYS)})\b"
    r"|(?P<word>yesterday|today|tonight|tomorrow)\b"
    r"|(?P<unit>hour|day|weekend|week|month|year|night|morning|afternoon|evening)s?\b"
    r"|(?P<century>century)\b)",
    re.I,
)
UNRESOLVED = re.compile(
    r"\b(?:minutes?|hours?|days?|weeks?|months?|years?)\s+(?:ago|later|earlier|before|after)\b"
    r"|\b(?:the\s+(?:next|previous|following|same)|that)\s+(?:day|week|month|year)\b"
    r"|\brecent\s+(?:days|weeks|months|years)\b|\b(?:past|last|coming|next)\s+few\b",
    re.I,
)
# Before a day: the one before it is meant.
EVE = re.compile(r"\b(?:eve of|veille du|vísperas? del|накануне)\s+(?:the\s+)?\Z", re.I)

DAYS_BEFORE = re.compile(
    rf"(?:{_WEEKDAY}(?:the\s+)?)?(?<![\w.,:/$€£-])"
    rf"(?:(?P<first>{_DAY})\s*(?:[–—&-]|\b(?:to|and|until|till|through)\b)\s*)?(?P<last>{_DAY})"
    r"[\s-]+(?:(?:day\s+)?of\s+)?\Z",
    re.I,
)
DAYS_AFTER = re.compile(
    rf"\.?\s+(?:the\s+)?(?P<first>{_DAY})(?:{_TO}(?P<last>{_DAY}))?"
    rf"(?![\w%]|[.,:]\d(?!\d{{3}}\b)|\s+(?:per\s?cent|[mb]illion)\b|{_COUNTED}|\s+(?:of\s+)?{_MONTH})",
    re.I,
)
WEEKDAY_BEFORE = re.compile(_WEEKDAY + r"\Z", re.I)
YEAR_AFTER = re.compile(
    rf"\.?(?:\s*,\s*|\s+(?:of\s+)?|-)(?:(?P<year>{_YEAR})|(?P<which>last|this|next)\s+year\b)", re.I
)
PART_BEFORE = re.compile(
    r"\b(?P<part>(?:early|mid|late)(?=[\s-])|(?:beginning|start|middle|end|(?:first|second)\s+half"
    r"|(?:first|second|third|fourth)\s+quarter)(?=\s+of\s))(?:\s+of|\s+in)?[\s-]+(?:the\s+)?\Z",
    re.I,
)
WHICH_BEFORE = re.compile(rf"\b(?P<which>last|past|this|next|coming)\s+(?:{NUMBER}\s+)?\Z", re.I)
COUNT_BEFORE = re.compile(rf"(?<!than )(?<!over )\b{NUMBER}\s+\Z", re.I)
AGO_AFTER = re.compile(r"\s+ago\b", re.I)
NO_UNIT_AFTER = re.compile(r"[\w-]|\s+of\b", re.I)
THE_NEXT_BEFORE = re.compile(r"\bthe\s+next\s+\Z", re.I)
OVER_BEFORE = re.compile(r"\b(?:over|at)\s+the\s+\Z", re.I)
OUTER_DAY_BEFORE = re.compile(r"\b(?:the\s+)?day\s+(?:before|after)\s+\Z", re.I)
IN_BEFORE = re.compile(r"\bin\s+\Z", re.I)

MONTH_LEAD = re.compile(
    r"(?:\b(?:in|since|until|till|by|during|before|after|through|throughout|early|mid|late|last"
    r"|next|this|(?:month|end|start|beginning|middle|half)\s+of|between|from)[\s-]+"
    rf"|\b{_MONTH}(?:\s+\d{{4}})?(?:{_TO}|\s+(?:and|or)\s+))\Z",
    re.I,
)
YEAR_LEAD = re.compile(
    r"(?:\b(?:in|since|until|till|during|before|after|between|years?|FY|early|mid|late|circa|born"
    r"|spring|summer|autumn|fall|winter|throughout|through)[\s-]+|\(\s?)\Z",
    re.I,
)
# These precede a quantity as often as a year: "of 1500 men", "to 1800".
WEAK_YEAR_LEAD = re.compile(
    r"(?:\b(?:by|of|from|to|for|the|its|his|her|their|our)\s+|(?P<apart>[A-Za-z)]\s?[,:]\s+))\Z",
    re.I,
)
NO_YEAR_BEFORE = re.compile(r"[\d$€£#/][.,]?\Z|[.–—-]\Z")
_CLOCKED = r"\s*\(?(?:hours|hrs|h|local\s+time|GMT|UTC|CES?T|E[SD]T|BST|MSK|o['’]clock|[ap]\.?m)\b"
CLOCKED_AFTER = re.compile(_CLOCKED, re.I)
NO_YEAR_AFTER = re.compile(
    # "Between 1400 and 1600 hours": what the second number counts the first one does.
    rf"[\w%]|[.,]\d|(?:\s*(?:\b(?:and|to|or|until|till)\b|[–—-])\s*[\d.,]*\d)?"
    rf"(?:{_COUNTED}|{_CLOCKED})",
    re.I,
)
YEARS_TO = re.compile(
    rf"(?:{_TO}|/)(?P<last>{_YEAR})|(?P<season>/|[–—-])(?P<short>\d\d)(?![\w/-])", re.I
)
YEARLY_AFTER = re.compile(
    r"\s+(?:season|elections?|census|budget|referendum|Olympics|summit|agreement|treaty|accords?)\b",
    re.I,
)
YEAR_ALONE_AFTER = re.compile(r"\s*(?:[,.;:)?!]|\Z)")
POSSESSIVE_AFTER = re.compile(r"['’]s\b")
DECADE_AFTER = re.compile(r"['’]?s\b")
ISO_AFTER = re.compile(r"(?P<parting>[-/])(?P<month>\d{2})(?P=parting)(?P<day>\d{2})(?!\d)")
LISTING = re.compile(r"\s*(?:,\s*(?:(?:and|or)\s+)?|\b(?:and|or)\b|&)\s*", re.I)

JOIN = re.compile(_TO + r"(?:the\s+)?", re.I)
BETWEEN_BEFORE = re.compile(r"\bbetween\s+(?:the\s+)?\Z", re.I)
CENTURY_BEFORE = re.compile(
    rf"\b(?P<nth>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_NTHS[10:22])})[\s-]+\Z", re.I
)
BEFORE_CHRIST_AFTER = re.compile(r"\s*B\.?C")

NAMED_DAY_BEFORE = re.compile(
    r"\b(?:black|good|easter|palm|ash|cyber|super|bloody|holy|giving|every|each)\s*\Z", re.I
)
NAMED_DAY_AFTER = re.compile(
    r"\s+(?:[Pp]rayers?|[Ss]ermons?|Times|Mail|Express|Telegraph|Mirror|Mercury|Herald|Post|Night)\b"
)
OF_MONTH_AFTER = re.compile(
    rf"\s+(?:of|in)\s+(?:(?:last|this|next|the\s+coming)\s+(?:month|year)\b|{_MONTH}|{_YEAR})", re.I
)
# "The third of" alone is a day, where "one third of" and "came second in" are none.
NTH_OF_BEFORE = re.compile(
    rf"(?P<the>\bthe\s+|(?=\d))?(?<!-)\b(?P<nth>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(reversed(_NTHS))})"
    rf"(?:\s+(?P<unit>{'|'.join(WEEKDAYS)}|day|week|weekend|\w+\s+(?:days|weeks|months)))?"
    r"\s+(?(unit)(?:of|in)|(?(the)of|(?!)))\s+(?:the\s+)?\Z",
    re.I,
)
OF_WEEK_AFTER = re.compile(r"\s+(?:(?:of|in)\s+)?(?P<which>last|this|next)\s+week\b", re.I)
UNTIL_BEFORE = re.compile(r"\b(?:until|till|by|through)\s+\Z", re.I)
UNIT_BEFORE = re.compile(r"\b(?:days?|weeks?|months?|years?)\s+(?:ago|from)\s+\Z", re.I)
WEEK_AFTER = re.compile(r"\s+(?P<unit>week|fortnight)\b(?!['’-])", re.I)
# What counts from another event, or from a week that is not named.
COUNTED_ELSEWHERE_BEFORE = re.compile(
    r"\b(?:that|(?:the\s+)?(?:following|previous|preceding|same)|first|second|third|fourth|fifth|alternate|other|one"
    r"|an?\s+\w+\s+(?:on|from|after|before|ago|last|next)|weeks?\s+(?:on|from|after|before))\s+\Z",
    re.I,
)
COUNTED_ELSEWHERE_AFTER = re.compile(
    r"\s+(?:before|after)\s+(?:last|next|that|the|an?)\b|\s+(?:of|in)\s+(?:each|every|the)\b", re.I
)
YEARS_BEFORE = re.compile(r"\b(?P<which>last|this|next)\s+year['’]s\s+\Z", re.I)
DATE_AFTER_YEARS = re.compile(rf"['’]s\s+(?:{_DAY}\s+(?:of\s+)?)?{_MONTH}", re.I)
SINCE_BEFORE = re.compile(r"\b(?:since|ago|as\s+long\s+ago\s+as)\s+\Z", re.I)
INFINITIVE = re.compile(r"\bto\s+[a-z]+\b")
DATE_AFTER_WEEKDAY = re.compile(
    rf",?\s+\(?(?:the\s+)?(?:{_DAY}\s+(?:of\s+)?{_MONTH}|{_MONTH}\.?\s+\d)", re.I
)
AHEAD = re.compile(
    r"\b(?:will|shall|would(?!\s+have\b)|won['’]t|going\s+to|due|scheduled|plans?|planned|expected"
    r"|upcoming|(?:is|are)\s+to|(?-i:may|might)(?!\s+have\b))\b|['’]ll\b",
    re.I,
)
TELLING = re.compile(r"\b(?:said|says|told|announced|reported|tweeted|warned|added)\b", re.I)
CLAUSE_END = re.compile(r"[.;!?]\s|\n")


def month_number(name: str) -> int:
    """1 for "January", "Jan" …; ValueError for what is no month."""
    if not _MONTH_NAME.fullmatch(name):
        raise ValueError(f"no month: {name!r}")
    return [month[:3] for month in MONTHS].index(name.casefold()[:3]) + 1


def ordinal(nth: str) -> int:
    """4 for "4", "4th" and "fourth", 0 for "last"."""
    word = nth.casefold()
    return _NTHS.index(word) if word in _NTHS else int(word.rstrip("stndrh"))


def number_of(count: str) -> int:
    """3 for "three" and "3", 1 for "a", 2 for "couple of"."""
    word = count.casefold()
    if word in ("a", "an"):
        return 1
    if word.startswith("couple"):
        return 2
    return _COUNTS.index(word) + 1 if word in _COUNTS else int(word)


# -- other languages ------------------------------------------------------------------------------

_IN_CHINESE = (
    r"(?P<year>\d{4})\s?年(?:\s?(?P<month>\d{1,2})\s?月(?:\s?(?P<day>\d{1,2})\s?[日号])?)?"
    r"|(?P<month_alone>\d{1,2})\s?月\s?(?P<day_alone>\d{1,2})\s?[日号]"
)
_ARABIC_OF = ("ar_IQ", "ar_SY", "ar_DZ", "ar_MA")
_COUNT = r"(\d++[.,]?\d*+)"
# What stands between a day, its month and its year: "4 de abril del 2019".
_OF = r"(?:[^\W\d_]{2,4}\s+)?"
# Letters. Shorter names are words too ("mar", "mai", "dom"): they need a day or a year.
SURE_NAME = 5
_RELATIVE = re.compile(r"(?P<ahead>in )?(?P<count>\d+|\\1) (?P<unit>day|week|month|year)(?: ago)?")


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts from today; a `pattern` without a `count` has it in one of its groups."""

    pattern: re.Pattern[str]
    sign: int
    count: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class InLanguage:
    """How a language writes dates, names days of the week and counts from today."""

    written: re.Pattern[str]
    weekday: re.Pattern[str]
    counting: tuple[Counting, ...]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]


@cache
def in_language(language: str) -> InLanguage | None:
    """The patterns of a language by its ISO 639-1 code; None of those that dateparser lacks."""
    try:
        module = import_module(f"dateparser.data.date_translation_data.{language}")
    except ModuleNotFoundError:
        return None
    known: dict[str, Any] = module.info
    parts_words = known.get("no_word_spacing") != "True"
    months = _numbered(known, MONTHS) | _other_months(language, known)
    weekdays = _numbered(known, WEEKDAYS)
    sure = [name for name in weekdays if len(name) >= SURE_NAME or not parts_words]
    return InLanguage(
        re.compile(_written(months) if parts_words else _IN_CHINESE, re.I),
        _any_of(map(re.escape, sure), parts_words),
        tuple(_counting(known, parts_words)),
        months,
        weekdays,
    )


def _numbered(known: Mapping[str, Any], names: Sequence[str]) -> dict[str, int]:
    return {
        spelled.casefold(): number
        for number, name in enumerate(names, 1)
        for spelled in known.get(name, ())
    }


def _other_months(language: str, known: Mapping[str, Any]) -> dict[str, int]:
    """Names of months that dateparser does not have: those of Arab countries, in Russian the case
    after "в", and those of the Iranian calendar, which are numbered from 13."""
    if language == "ru":
        names = _numbered(known, MONTHS).items()
        return {
            re.sub(r"[ьй]?\Z", "е", name, count=1): month for name, month in names if len(name) > 3
        }
    if language == "fa":
        return {
            name: 13 + n for n, name in enumerate(tables.phrases(__package__, "words", "Iranian"))
        }
    if language != "ar":
        return {}
    from babel import Locale

    return {
        name: number
        for code in _ARABIC_OF
        for number, name in Locale.parse(code).months["format"]["wide"].items()
    }


def _written(months: Iterable[str]) -> str:
    every = "|".join(map(re.escape, sorted(months, key=len, reverse=True)))
    before_a_year = "|".join(tables.phrases(__package__, "words", "before a year"))
    return (
        r"(?:(?<![\d.,:])(?P<day>\d{1,2})(?:(?:er|\.)?\s?(?:[-–]|\b(?:au|bis|al|ao|по|إلى|تا)\b)\s?"
        r"(?P<last>\d{1,2}))?(?:er|º|ª|\.|-?го)?\s+"
        rf"{_OF})?(?<!\w)(?P<month>{every})(?:\s?/\s?[^\W\d_]{{3,12}})?(?!\w)"
        rf"(?:[\u200c ]ماه)?(?:\.?,?\s+{_OF}(?P<year>\d{{4}})(?!\d))?"
        rf"|(?<!\w)(?:{before_a_year})\s+(?P<year_alone>\d{{4}})(?![\d%]|\s?%)"
    )


@cache
def to_come() -> re.Pattern[str]:
    """What says in a clause of another language that it tells of what is to come."""
    every = "|".join(tables.phrases(__package__, "words", "to come"))
    return re.compile(rf"(?<!\w)(?:{every})(?!\w)", re.I)


def _counting(known: Mapping[str, Any], parts_words: bool) -> Iterator[Counting]:
    phrases = {**known["relative-type"], **known["relative-type-regex"]}
    for means, spelled in phrases.items():
        if match := _RELATIVE.fullmatch(means):
            count = int(match["count"]) if match["count"].isdigit() else None
            parts = (r"(\d{1,3})".join(map(re.escape, one.split(_COUNT))) for one in spelled)
            sign = 1 if match["ahead"] else -1
            yield Counting(_any_of(parts, parts_words), sign, count, match["unit"])


def _any_of(patterns: Iterable[str], parts_words: bool) -> re.Pattern[str]:
    every = "|".join(sorted(patterns, key=len, reverse=True))
    if not parts_words:
        return re.compile(f"(?:{every})", re.I)
    # Arabic writes "and", "in" and the like together with what follows.
    return re.compile(rf"(?:(?<!\w)|(?<!\w[وفبل])(?<=[وفبل]))(?:{every})(?!\w)", re.I)

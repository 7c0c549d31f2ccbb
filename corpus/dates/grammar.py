"""The words that English dates are made of, as regular expressions.

`ANCHOR` finds what can carry a date. Patterns named `…_BEFORE` and `…_LEAD` are searched in what
stands left of it and end there; patterns named `…_AFTER` are matched at its right.
"""

from __future__ import annotations

import re

WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTS = re.findall(r"\w+", "one two three four five six seven eight nine ten eleven twelve")
_CENTURIES = re.findall(
    r"[\w-]+",
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
    " nineteenth twentieth twenty-first",
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+\(?"
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
    rf"|(?P<weekday>{'|'.join(WEEKDAYS)})day\b"
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
    rf"\.?(?:\s*,\s*|\s+(?:of\s+)?|-)(?:(?P<year>{_YEAR})|(?P<which>last|this|next)\s+year\b)",
    re.I,
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
NO_YEAR_AFTER = re.compile(rf"[\w%]|[.,]\d|{_COUNTED}", re.I)
YEARS_TO = re.compile(rf"{_TO}(?P<last>{_YEAR})|[–—-](?P<short>\d\d)(?![\w-])", re.I)
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
    rf"\b(?:(?P<number>\d{{1,2}})(?:st|nd|rd|th)|(?P<name>{'|'.join(_CENTURIES)}))[\s-]+\Z", re.I
)
BEFORE_CHRIST_AFTER = re.compile(r"\s*B\.?C")

NAMED_DAY_BEFORE = re.compile(
    r"\b(?:black|good|easter|palm|ash|cyber|super|bloody|holy|giving|every|each)\s*\Z", re.I
)
NAMED_DAY_AFTER = re.compile(
    r"\s+(?:[Pp]rayers?|[Ss]ermons?|Times|Mail|Express|Telegraph|Mirror|Mercury|Herald|Post|Night)\b"
)
DATE_AFTER_WEEKDAY = re.compile(
    rf",?\s+\(?(?:the\s+)?(?:{_DAY}\s+(?:of\s+)?{_MONTH}|{_MONTH}\.?\s+\d)", re.I
)
AHEAD = re.compile(
    r"\b(?:will|shall|won['’]t|going\s+to|due|scheduled|plans?|planned|expected|upcoming"
    r"|(?:is|are)\s+to)\b|['’]ll\b",
    re.I,
)
TELLING = re.compile(r"\b(?:said|says|told|announced|reported|tweeted|warned|added)\b", re.I)
CLAUSE_END = re.compile(r"[.;!?]\s|\n")


def month_number(name: str) -> int:
    """1 for "January", "Jan" …; takes what `ANCHOR` found as a month."""
    return _MONTHS.index(name.casefold()[:3]) + 1


def day_number(ordinal: str) -> int:
    """4 for "4" and "4th"."""
    return int(ordinal.rstrip("stndrhSTNDRHſ"))


def century_number(name: str) -> int:
    """19 for "nineteenth"."""
    return 10 + _CENTURIES.index(name.casefold())


def number_of(count: str) -> int:
    """3 for "three" and "3", 1 for "a", 2 for "couple of"."""
    word = count.casefold()
    if word in ("a", "an"):
        return 1
    if word.startswith("couple"):
        return 2
    return _COUNTS.index(word) + 1 if word in _COUNTS else int(word)

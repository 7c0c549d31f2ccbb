"""Days, weeks, months and years that count from a given day. All bounds are inclusive.

Everything here raises ValueError or OverflowError outside the calendar's years 1 to 9999.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


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

"""Read a point in time as documents write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_CLOCK = r"(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?:UTC|GMT|Z)?)?\s*\Z"
_WEEKDAY = r"\A\s*(?:[A-Za-z]{3,9},?\s+)?"
_WRITTEN = (
    re.compile(r"\A(?P<year>\d{4})[/ .](?P<month>\d{1,2}|[A-Za-z]+)[/ .](?P<day>\d{1,2})" + _CLOCK),
    re.compile(
        _WEEKDAY
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[A-Za-z]+)\.?,?\s+(?P<year>\d{4})"
        + _CLOCK
    ),
    re.compile(
        _WEEKDAY
        + r"(?P<month>[A-Za-z]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
        + _CLOCK
    ),
)


def parse_moment(text: str) -> datetime | None:
    """An aware UTC datetime, or None where the text is not one date.

    Reads ISO 8601, the dates of mail and feeds (RFC 2822) and English dates written out
    (`4 April 2019`, `April 4, 2019, 14:05`) or with the year first (`2019/04/04`). Without a zone
    it means UTC; a day without a time means its first moment. Numeric dates such as 04/05/2019
    are refused: they mean two days.
    """
    text = text.strip()
    for read in (_iso, _mail, _written):
        try:
            moment = read(text)
            if moment is not None:
                return _utc(moment)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-", text) and not re.match(r"\d{8}(T|\Z)", text):
        return None
    # Publishers write the zone after a space, which ISO 8601 does not.
    return datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d|Z|UTC)", "", text).replace("UTC", "Z"))


def _mail(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text) if re.search(r"\d:\d\d", text) else None


def _written(text: str) -> datetime | None:
    for form in _WRITTEN:
        if match := form.match(text):
            name = match["month"].lower()
            month = int(name) if name.isdigit() else _MONTHS.get(name)
            if month is None:
                continue
            hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
            return datetime(int(match["year"]), month, int(match["day"]), hour, minute, tzinfo=UTC)
    return None

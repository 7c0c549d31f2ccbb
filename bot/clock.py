"""Clocks: the present moment, time zones as people name them, and when a digest is due. Pure.

    "Europe/Paris", "Paris", "New York time", "UTC+2"  ->  zone_named  ->  IANA name

    Schedule, what is recorded, now  ->  due_now  ->  Due(slot, late, missed)
    Schedule, a slot, last window    ->  window   ->  [since, until)

A slot is one local day of a schedule and the instant at which its wall clock first shows the time
or, where it leaps over the time, first stands behind it. A time that occurs twice counts at the
first; a day that a zone leaves out altogether (Apia, 30 December 2011) has no slot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from corpus.text.calendar import WEEKDAYS
from corpus.text.tables import entries

DAYS = tuple(name[:3] for name in WEEKDAYS)
WORKING_DAYS = DAYS[:5]
GRACE = timedelta(hours=3)

# A digest up to this late is still delivered with a word on it: a machine that restarts, a
# network that comes back. What is later than the grace is skipped, and the next digest says so.
_NOTED_FROM = timedelta(minutes=5)
# How far back missed days are looked for, and the most that a clock far ahead can spoil.
LOOK_BACK = timedelta(days=31)
# A window is never longer, however long ago the last digest was: a week and its clock change.
LONGEST_WINDOW = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A wall-clock time on some days of the week in a zone; `days` are of `DAYS`, not empty."""

    at: time
    zone: ZoneInfo
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A local day of a schedule and its instant, in UTC."""

    day: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now: `missed` slots are too late, `slot` is to be delivered."""

    slot: Slot | None
    missed: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The span that a digest tells of, [since, until), in UTC."""

    since: datetime
    until: datetime


def make_schedule(at: str, zone: str, days: Iterable[str]) -> Schedule:
    """A schedule from its written form; ValueError, with a plain sentence, where it is none."""
    return Schedule(parse_time(at), parse_zone(zone), parse_days(",".join(days)))


def parse_time(text: str) -> time:
    """ "07:30", "7:30" or "7" as a time of day; ValueError, with a plain sentence, for others."""
    match = re.fullmatch(r"\s*(\d{1,2})(?:[:.h](\d{2}))?\s*", text)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError(f"{text!r} is no time of day; write 07:30.")
    return time(int(match[1]), int(match[2] or 0))


def parse_zone(text: str) -> ZoneInfo:
    """The zone of an IANA name, whatever its case; ValueError, with a plain sentence."""
    wanted = text.strip().replace(" ", "_")
    name = _zones().get(wanted.casefold(), wanted)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{text!r} is no time zone; write one such as Europe/Paris.") from None


def parse_days(text: str) -> tuple[str, ...]:
    """ "mon-fri", "mon,thu", "daily" as days of the week in order; ValueError for others."""
    wanted = text.strip().casefold()
    if wanted in ("daily", "every day", "all"):
        return DAYS
    if wanted in ("weekdays", "working days"):
        return WORKING_DAYS
    chosen: set[str] = set()
    for part in re.split(r"[,\s]+", wanted):
        first, dash, last = (end[:3] for end in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{text!r} names no days; write mon-fri, or sat,sun.")
        start, end = DAYS.index(first), DAYS.index(last if dash else first)
        chosen.update(DAYS[(start + step) % 7] for step in range((end - start) % 7 + 1))
    return tuple(day for day in DAYS if day in chosen)


def days_words(days: Collection[str]) -> str:
    """ "every day", "mon-fri" or "mon, thu"."""
    ordered = [day for day in DAYS if day in days]
    if len(ordered) == len(DAYS):
        return "every day"
    first, last = DAYS.index(ordered[0]), DAYS.index(ordered[-1])
    if len(ordered) > 2 and last - first + 1 == len(ordered):
        return f"{ordered[0]}-{ordered[-1]}"
    return ", ".join(ordered)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The first instant, in UTC, at which the clock of that local day stands at `at` or later.

    None for a day that the zone leaves out.
    """
    wanted = datetime.combine(day, at)
    usual = wanted.replace(tzinfo=zone).astimezone(UTC)
    if _local(usual, zone) == wanted:
        return usual
    # The clock leaps over the time. With fold=1 the offset after the leap is taken, which puts
    # the instant before it.
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = usual
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _local(middle, zone) >= wanted:
            after = middle
        else:
            before = middle
    return after if _has_day(day, zone, after) else None


def slots_between(schedule: Schedule, after: datetime, until: datetime) -> Iterator[Slot]:
    """The slots with their instant in (after, until], in order."""
    # An instant lies within a day of its local date at the most; leaps add up to a day.
    day = _local(after, schedule.zone).date() - timedelta(days=2)
    last = _local(until, schedule.zone).date() + timedelta(days=1)
    while day <= last:
        slot = slot_of(schedule, day)
        if slot is not None and after < slot.due_at <= until:
            yield slot
        day += timedelta(days=1)


def slot_of(schedule: Schedule, day: date) -> Slot | None:
    """The slot of a local day; None where the schedule or the zone has none."""
    if DAYS[day.weekday()] not in schedule.days:
        return None
    instant = instant_of(day, schedule.at, schedule.zone)
    return None if instant is None else Slot(day, instant)


def due_now(
    schedule: Schedule,
    recorded: Collection[date],
    active_from: datetime,
    now: datetime,
    grace: timedelta = GRACE,
) -> Due:
    """What is due: every slot since `active_from` that is not `recorded`, the newest if in grace.

    `recorded` are the local days that were delivered, skipped or put aside for delivery.
    """
    begin = max(active_from, now - LOOK_BACK)
    waiting = [s for s in slots_between(schedule, begin, now) if s.day not in recorded]
    if waiting and now - waiting[-1].due_at <= grace:
        return Due(waiting[-1], tuple(waiting[:-1]))
    return Due(None, tuple(waiting))


def next_slot(schedule: Schedule, after: datetime) -> Slot:
    """The first slot after an instant."""
    found = next(slots_between(schedule, after, after + timedelta(days=16)), None)
    assert found is not None, "a schedule names at least one day of the week"
    return found


def previous_slot(schedule: Schedule, before: datetime) -> Slot:
    """The last slot before an instant."""
    earlier = list(
        slots_between(schedule, before - timedelta(days=16), before - timedelta(seconds=1))
    )
    assert earlier, "a schedule names at least one day of the week"
    return earlier[-1]


def window(schedule: Schedule, slot: Slot, told_until: datetime | None) -> Window:
    """The span that the digest of a slot tells of.

    It begins where the window of the last delivered digest ended, so that skipped days are told
    too; without one, at the slot before (Friday's, for Monday's digest of mon-fri). It ends at
    the slot's own instant even when the digest is late: windows then meet without a gap or an
    overlap whoever composes them and whenever, and what came since is the next digest's.
    """
    until = slot.due_at
    since = told_until
    # A changed zone can put a slot before the end of the last window; told deltas do the rest.
    if since is None or since >= until:
        since = previous_slot(schedule, until).due_at
    return Window(max(since, until - LONGEST_WINDOW), until)


def lateness(slot_due: datetime, now: datetime) -> timedelta | None:
    """How late a delivery is, None where it is not worth a word."""
    late = now - slot_due
    return late if late > _NOTED_FROM else None


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _has_day(day: date, zone: ZoneInfo, near: datetime) -> bool:
    """Whether a local day with a leap at `near` has any instant at all."""
    moments = (near - timedelta(seconds=1), near)
    return any(_local(moment, zone).date() == day for moment in moments)


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


_OFFSET = re.compile(r"(?:utc|gmt)\s?(?P<sign>[+−-])\s?(?P<hours>\d{1,2})(?::?00)?", re.I)
_AREAS = frozenset(
    "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()
)


@cache
def _by_city() -> dict[str, str]:
    """Cities in lower case with the zones named after them."""
    known = {}
    for zone in sorted(available_timezones(), reverse=True):
        area, _, rest = zone.partition("/")
        if area in _AREAS:
            known[rest.rpartition("/")[2].replace("_", " ").casefold()] = zone
    return known | _zones_called("cities")


@cache
def _by_abbreviation() -> dict[str, str]:
    return _zones_called("short")


def _zones_called(section: str) -> dict[str, str]:
    """Names in lower case with the zones that they mean."""
    return {name: zone for zone, names in entries("bot", "zones", section) for name in names}


def zone_named(name: str) -> str | None:
    """The IANA name of a zone, a city in it or its abbreviation; None for no such zone."""
    folded = " ".join(name.split()).casefold().removesuffix(" time").strip(" .,()")
    if match := _OFFSET.fullmatch(folded):
        # In the Etc zones the sign tells how far Greenwich is, not the place.
        hours, sign = int(match["hours"]), "-" if match["sign"] == "+" else "+"
        return _existing(f"Etc/GMT{sign}{hours}") if hours else "UTC"
    if "/" in folded:
        same = (zone for zone in available_timezones() if zone.casefold() == folded)
        return next(same, None)
    return _by_abbreviation().get(folded) or _by_city().get(folded)


def is_zone(name: str | None) -> bool:
    """Whether a name is one that the time-zone database knows."""
    return bool(name) and _existing(str(name)) is not None


def zone_in_words(zone: str) -> str:
    """What a reader calls a zone: "Paris time", "UTC"."""
    area, _, rest = zone.partition("/")
    if area == "Etc" and rest.startswith("GMT") and len(rest) > 3:
        return f"UTC{'+' if rest[3] == '-' else '-'}{rest[4:]}"
    if area in _AREAS and rest:
        return f"{rest.rpartition('/')[2].replace('_', ' ')} time"
    return zone


def zone_label(zone: str) -> str:
    """A zone in a list: "New York (America/New_York)", "UTC"."""
    shown = zone_in_words(zone).removesuffix(" time")
    return zone if shown == zone else f"{shown} ({zone})"


def _existing(zone: str) -> str | None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return zone


Clock = Callable[[], datetime]
"""Gives the present moment, UTC-aware."""


def utc_now() -> datetime:
    return datetime.now(UTC)

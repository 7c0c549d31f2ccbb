"""What forms suggest while somebody types: time zones, countries, sources. Pure.

what was typed ─▶ [(value, how it is shown), …], what begins so before what holds it
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.requests.zones import zone_label, zone_named
from corpus.places.finding import place_code, place_name

MOST = 100
"""Options that Slack takes."""
_USUAL_ZONES = (
    "UTC Europe/London Europe/Paris Europe/Berlin Europe/Istanbul Europe/Moscow Africa/Tripoli"
    " Africa/Cairo Africa/Khartoum Africa/Nairobi Africa/Lagos Africa/Johannesburg Asia/Jerusalem"
    " Asia/Riyadh Asia/Dubai Asia/Tehran Asia/Karachi Asia/Kolkata Asia/Dhaka Asia/Bangkok"
    " Asia/Shanghai Asia/Tokyo Australia/Sydney Pacific/Auckland America/New_York America/Chicago"
    " America/Denver America/Los_Angeles America/Bogota America/Sao_Paulo"
).split()
_AREAS = "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()

Suggestion = tuple[str, str]


def zones(typed: str, own: str, now: datetime) -> list[Suggestion]:
    """Time zones with the time that their clocks show; without a word the person's own first."""
    if not typed.strip():
        names = dict.fromkeys([own, *_USUAL_ZONES])
    else:
        # "Bern" and "CET" name zones that are called otherwise.
        meant = zone_named(typed)
        names = dict.fromkeys([meant] if meant else [])
        names |= dict.fromkeys(_fitting(typed, ((one, _spoken(one)) for one in _all_zones())))
    return [
        (one, f"{zone_label(one)}, {now.astimezone(ZoneInfo(one)):%H:%M} now")
        for one in list(names)[:MOST]
    ]


def places(typed: str) -> list[Suggestion]:
    """Countries and territories, by any name of theirs."""
    named = place_code(typed) if len(typed.strip()) > 1 else None
    codes = dict.fromkeys([named] if named else [])
    codes |= dict.fromkeys(_fitting(typed, _countries()))
    return [(code, place_name(code)) for code in list(codes)[:MOST]]


def sources(typed: str, names: Iterable[str]) -> list[Suggestion]:
    """Sources that have articles or are polled."""
    found = _fitting(typed, ((name, name) for name in sorted(set(names), key=str.casefold)))
    return [(name, name) for name in found[:MOST]]


def _fitting(typed: str, offered: Iterable[Suggestion]) -> list[str]:
    """The values that begin with what was typed, then those with a word that does, then the
    rest that hold it."""
    wanted = " ".join(typed.casefold().split())
    ranked = []
    for value, shown in offered:
        plain = shown.casefold()
        if wanted in plain:
            rank = 0 if plain.startswith(wanted) else 1 if f" {wanted}" in f" {plain}" else 2
            ranked.append((rank, value))
    return [value for _, value in sorted(ranked, key=lambda one: one[0])]


@cache
def _all_zones() -> tuple[str, ...]:
    there = available_timezones()
    return ("UTC", *sorted(one for one in there if one.partition("/")[0] in _AREAS))


def _spoken(zone: str) -> str:
    """ "new york america new york" for "America/New_York": the city first."""
    area, _, city = zone.partition("/")
    return f"{city.rpartition('/')[2]} {area} {city}".replace("_", " ").replace("/", " ")


@cache
def _countries() -> tuple[Suggestion, ...]:
    from corpus.places.table import english_names

    named = ((code, place_name(code)) for code in english_names())
    return tuple(sorted(named, key=lambda one: one[1].casefold()))

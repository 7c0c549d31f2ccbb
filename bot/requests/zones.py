"""Time zones as people name them: "Europe/Paris", "Paris", "New York time", "UTC+2". Pure."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# Capitals and seats of organisations that no zone is named after.
_CITIES = """
abuja=Africa/Lagos, ankara=Europe/Istanbul, aden=Asia/Aden, astana=Asia/Almaty,
bangalore=Asia/Kolkata, barcelona=Europe/Madrid, basel=Europe/Zurich, beijing=Asia/Shanghai,
belfast=Europe/London, benghazi=Africa/Tripoli, bern=Europe/Zurich, bogota=America/Bogota,
bonn=Europe/Berlin, boston=America/New_York, brasilia=America/Sao_Paulo,
canberra=Australia/Sydney, cologne=Europe/Berlin, delhi=Asia/Kolkata, doha=Asia/Qatar,
edinburgh=Europe/London, frankfurt=Europe/Berlin, geneva=Europe/Zurich, goma=Africa/Lubumbashi,
hague=Europe/Amsterdam, hamburg=Europe/Berlin, hanoi=Asia/Ho_Chi_Minh,
houston=America/Chicago, islamabad=Asia/Karachi, jeddah=Asia/Riyadh, kiev=Europe/Kyiv,
krakow=Europe/Warsaw, lahore=Asia/Karachi, lyon=Europe/Paris, milan=Europe/Rome,
misrata=Africa/Tripoli, mumbai=Asia/Kolkata, munich=Europe/Berlin, naples=Europe/Rome,
naypyidaw=Asia/Yangon, new delhi=Asia/Kolkata, nyc=America/New_York, osaka=Asia/Tokyo,
ottawa=America/Toronto, philadelphia=America/New_York, pretoria=Africa/Johannesburg,
quito=America/Guayaquil, rabat=Africa/Casablanca, ramallah=Asia/Hebron,
rio=America/Sao_Paulo, rio de janeiro=America/Sao_Paulo, saigon=Asia/Ho_Chi_Minh,
san francisco=America/Los_Angeles, sanaa=Asia/Aden, strasbourg=Europe/Paris, taiz=Asia/Aden,
abu dhabi=Asia/Dubai, tel aviv=Asia/Jerusalem, the hague=Europe/Amsterdam,
washington=America/New_York, washington dc=America/New_York, washington d.c.=America/New_York,
yaounde=Africa/Douala, wellington=Pacific/Auckland
"""
_SHORT = """
utc=UTC, gmt=UTC, z=UTC, zulu=UTC, cet=Europe/Brussels, cest=Europe/Brussels,
central european=Europe/Brussels, eet=Europe/Athens, eest=Europe/Athens, eat=Africa/Nairobi,
wat=Africa/Lagos, sast=Africa/Johannesburg, bst=Europe/London, british=Europe/London,
uk=Europe/London, est=America/New_York, edt=America/New_York, et=America/New_York,
eastern=America/New_York, pst=America/Los_Angeles, pdt=America/Los_Angeles,
pt=America/Los_Angeles, pacific=America/Los_Angeles, central=America/Chicago,
msk=Europe/Moscow, jst=Asia/Tokyo
"""
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
    for line in _CITIES.replace("\n", " ").split(","):
        city, _, zone = line.strip().partition("=")
        known[city] = zone
    return known


@cache
def _by_abbreviation() -> dict[str, str]:
    pairs = (item.strip().partition("=") for item in _SHORT.replace("\n", " ").split(","))
    return {short: zone for short, _, zone in pairs}


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

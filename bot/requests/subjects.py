"""Which of the subjects that a person names are countries. Pure."""

from __future__ import annotations

from functools import cache

from corpus.places.finding import place_code, place_name
from corpus.places.names import ALIASES


def country_code(name: str) -> str | None:
    """The ISO 3166 code of a country by one of its names; None for a city and anything else.

    Who follows Benghazi does not want all of Libya.
    """
    bare = " ".join(name.split()).strip(" .,")
    folded = bare.casefold().removeprefix("the ")
    code = place_code(bare) if len(bare) > 2 or bare.isupper() else None
    if code is None:
        return None
    return code if folded == place_name(code).casefold() or folded in _aliases() else None


def subject_name(subject: str) -> str:
    """What a country's code or any other subject is called: "Libya" for "LY"."""
    return place_name(subject) if len(subject) == 2 and subject.isupper() else subject


@cache
def _aliases() -> frozenset[str]:
    lines = ALIASES.strip().splitlines()
    names = (name for line in lines for name in line.partition(":")[2].split(";"))
    return frozenset(name.strip().casefold().removeprefix("the ") for name in names)

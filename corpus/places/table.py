"""The names of places made ready for looking them up: CLDR's, and our own tables.

Tables are made at the first use and kept: about 50 ms for a language, most of it babel's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus.places import names as tables
from corpus.places import towns as town_names

# What the news calls them, where CLDR says something longer or with signs.
NEWS_NAMES = {
    "AG": "Antigua and Barbuda",
    "BA": "Bosnia and Herzegovina",
    "CD": "DR Congo",
    "CG": "Congo-Brazzaville",
    "HK": "Hong Kong",
    "KN": "St. Kitts and Nevis",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestine",
    "ST": "São Tomé and Príncipe",
    "TT": "Trinidad and Tobago",
    "VA": "Vatican",
    "VC": "St. Vincent and the Grenadines",
}
# Codes that are no place of the news, and names that are more often something else.
_NO_PLACES = frozenset("AC CP CQ DG EA EZ IC QO TA UM UN XA XB ZZ".split())
_TOO_COMMON = frozenset({"jersey", "reunion", "man", "island"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: lower case without accents, and what it stands for.

    No codes stand for a run of words that is no place. `exact` is the only spelling of an
    abbreviation: "US" is a country, "Us" is not.
    """

    plain: str
    codes: tuple[str, ...]
    exact: str | None = None
    given: bool = False
    surname: bool = False


@lru_cache(maxsize=1)
def plain_letters() -> dict[int, str]:
    """Letters as they are compared, one for one, so that offsets stay."""
    letters = {ord("’"): "'", ord("‘"): "'", ord("ʼ"): "'", ord("‑"): "-", ord("\u00a0"): " "}
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))[0].casefold()
        letters[code] = base if len(base) == 1 else chr(code)
    letters |= {ord("ø"): "o", ord("Ø"): "o", ord("ł"): "l", ord("Ł"): "l", ord("ı"): "i"}
    return letters


@lru_cache(maxsize=1)
def english_names() -> dict[str, str]:
    return _territories("en")


def _territories(language: str) -> dict[str, str]:
    from babel import Locale

    territories = Locale(language).territories
    return {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code not in _NO_PLACES
    }


def known_language(code: str | None) -> str:
    base = (code or "en").replace("_", "-").partition("-")[0].casefold()
    from babel import Locale, UnknownLocaleError

    try:
        return Locale(base).language
    except (UnknownLocaleError, ValueError):
        return "en"


@lru_cache(maxsize=16)
def latin_names(language: str) -> dict[str, tuple[Name, ...]]:
    """Names by their first word, longest first: English, then what another language adds."""
    names: dict[str, Name] = {}
    for name in (*_spelled_in_english(), *_foreign_names(language)):
        names.setdefault(name.plain, name)
    by_word: dict[str, list[Name]] = {}
    for name in names.values():
        by_word.setdefault(first_word(name.plain), []).append(name)
    return {
        word: tuple(sorted(found, key=lambda name: -len(name.plain)))
        for word, found in by_word.items()
    }


def first_word(plain: str) -> str:
    match = re.match(r"\w+", plain)
    return match.group() if match else plain


def _spelled_in_english() -> Iterator[Name]:
    for line in tables.NOWHERE.strip().splitlines():
        for run in line.split(";"):
            yield _name(run, ())
    for code, shown in english_names().items():
        for spelling in {shown, NEWS_NAMES.get(code, shown), shown.replace("&", "and")}:
            if spelling.translate(plain_letters()) not in _TOO_COMMON:
                yield _name(spelling, (code,))
    for codes, name in _listed(tables.PEOPLES):
        yield _name(name, codes)
        if not name.endswith(("ese", "ish", "s", "ch")):
            yield _name(f"{name}s", codes)
    for table in (tables.ALIASES, town_names.TOWNS, tables.SEATS):
        for codes, name in _listed(table):
            yield _name(name, codes)


def _foreign_names(language: str) -> Iterator[Name]:
    for code, shown in _territories(language).items() if language != "en" else ():
        if shown[:1].isascii() or shown[:1].isupper():
            yield _name(shown, (code,))


def _name(spelling: str, codes: tuple[str, ...]) -> Name:
    abbreviation = spelling.replace(".", "").isupper() and len(spelling) <= 7
    return Name(
        spelling.translate(plain_letters()),
        codes,
        exact=spelling if abbreviation else None,
        given=spelling in tables.ALSO_GIVEN,
        surname=spelling in tables.ALSO_SURNAMES,
    )


def _listed(table: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for line in table.strip().splitlines():
        codes, _, names = line.partition(":")
        for name in names.split(";"):
            yield tuple(codes.split()), name


@dataclass(frozen=True, slots=True)
class Script:
    """The names of places in a script: one pattern, of which each group is a name."""

    letters: re.Pattern[str]
    names: re.Pattern[str]
    codes: tuple[str, ...]

    def found(self, text: str) -> Iterator[str]:
        """Codes of the places named in a text, one a mention."""
        for run in self.letters.finditer(text):
            for match in self.names.finditer(run.group()):
                yield self.codes[(match.lastindex or 1) - 1]

    def code(self, name: str) -> str | None:
        """The code of a place named exactly so."""
        match = self.names.fullmatch(name)
        return self.codes[(match.lastindex or 1) - 1] if match else None


@lru_cache(maxsize=1)
def other_scripts() -> tuple[Script, ...]:
    """The scripts other than Latin whose names are known."""
    return (
        # Conjunctions and prepositions are written together with an Arabic word.
        _script("\u0600-\u06ff", _stems("ar", "fa"), r"(?<!\w)[وفبلك]{0,2}", r"(?!\w)"),
        _script(
            "\u0400-\u04ff",
            _stems("ru", "uk", endings="аяьйиы"),
            r"(?<!\w)",
            r"\w{0,2}(?!\w)",
        ),
        _script("\u3040-\u30ff\u4e00-\u9fff", _stems("zh", "ja"), "", ""),
    )


def _stems(*languages: str, endings: str = "") -> dict[str, str]:
    """Codes by the part of a name that does not change with its case, longest first."""
    stems: dict[str, str] = {}
    for language in languages:
        for code, name in _territories(language).items():
            ends = len(name) > 4 and name[-1] in endings
            stems.setdefault(name[:-1] if ends else name, code)
    return dict(sorted(stems.items(), key=lambda pair: -len(pair[0])))


def _script(letters: str, stems: dict[str, str], before: str, after: str) -> Script:
    firsts = re.escape("".join(sorted({stem[0] for stem in stems})))
    groups = "|".join(f"({re.escape(stem)})" for stem in stems)
    return Script(
        letters=re.compile(f"[{letters}](?:[\\W{letters}]*[{letters}])?"),
        names=re.compile(f"{before}(?=[{firsts}])(?:{groups}){after}"),
        codes=tuple(stems.values()),
    )

"""Places of a text: which countries and territories it speaks of, and how often.

    text -> words that may begin a name -> longest name there -> is it a place here? -> codes

Names are those of CLDR (through babel) and our own (`data/places.txt`): demonyms, capitals and
cities, seats of government, aliases. English is read with all of them; a text in another language
with CLDR's names of that language too, when `language` names it or its script shows it. Names are
made ready at the first use and kept: about 50 ms for a language, most of it babel's.

Accepted gaps: demonyms and towns in other languages; Russian and Ukrainian endings are only
guessed; a bird that opens a sentence is Türkiye.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.names import FEMALE_NAMES, HONORIFICS, MALE_NAMES

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
def news_names() -> dict[str, str]:
    """What the news calls places of which CLDR says something longer or with signs, by code."""
    return {code: name for (code,), name in _listed("news names")}


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
    for run in tables.phrases(__package__, "places", "nowhere"):
        yield _name(run, ())
    for code, shown in english_names().items():
        for spelling in {shown, news_names().get(code, shown), shown.replace("&", "and")}:
            if spelling.translate(plain_letters()) not in _TOO_COMMON:
                yield _name(spelling, (code,))
    for codes, name in _listed("peoples"):
        yield _name(name, codes)
        if not name.endswith(("ese", "ish", "s", "ch")):
            yield _name(f"{name}s", codes)
    for section in ("aliases", "towns", "seats"):
        for codes, name in _listed(section):
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
        given=spelling in _words("also given names"),
        surname=spelling in _words("also surnames"),
    )


def _listed(section: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for codes, names in tables.entries(__package__, "places", section):
        for name in names:
            yield tuple(codes.split()), name


def _words(section: str) -> frozenset[str]:
    return tables.words(__package__, "places", section)


@lru_cache(maxsize=1)
def _state_nouns() -> frozenset[str]:
    return _words("state nouns") | {name.capitalize() for name in DAYS_AND_MONTHS}


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
            "\u0400-\u04ff", _stems("ru", "uk", endings="аяьйиы"), r"(?<!\w)", r"\w{0,2}(?!\w)"
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


_FIRST_WORD = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-ÞĀ-Ž]\w*")
_LISTED = re.compile(r"\s*(?:[,;&]\s*(?:and|or)\b|[,;&]|\b(?:and|or)\b)\s*", re.IGNORECASE)
_INITIAL = re.compile(r"[A-Z]\.\Z")
_WORD_BEFORE = re.compile(r"([\w’'.]+)\s\Z")
_WORD_AFTER = re.compile(r"\s([A-ZÀ-ÖØ-Þ]\w+)")
_LONG_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
_LOWER = re.compile(r"[a-z]")
_FOREIGN_SCRIPT = re.compile(r"[^\x00-\u036f\u1e00-\u206f\u20a0-\u20bf]")
# In words. What is longer is not looked up: names of six languages take a while to load.
_LONGEST_NAME = 8
# Share of longer words with a capital from which a text is a headline: there, what follows a
# place says nothing of a surname.
_HEADLINE = 0.6
# "Will Jordan attend" asks; it names nobody.
_GIVEN_NAMES = (FEMALE_NAMES | MALE_NAMES) - frozenset(("will", "mark", "bill", "sultan", "jordan"))
_TITLES = HONORIFICS | frozenset("sen rep gov justice judge congressman chairman".split())


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Where a name belongs when what stands around it speaks for another place."""

    other: str
    cue: re.Pattern[str]


_STATES = (
    "Atlanta|Savannah|Fulton County|Kemp|Raffensperger|Warnock|Ossoff|Taylor Greene|Alabama"
    "|Florida|Carolina|Tennessee|Arizona|Pennsylvania|Wisconsin|Michigan|Texas|Virginia|Ohio"
    r"|[Gg]overnor|Gov\.|Georgia Tech|Bulldogs|[Uu]niversity of Georgia|state of Georgia"
    "|U\\.S\\. state|US state|Confedera"
)
_DOUBTFUL = {
    "georgia": _Doubt("US", re.compile(_STATES)),
    "tripoli": _Doubt("LB", re.compile("Leban|Beirut")),
    "odessa": _Doubt("US", re.compile("Texas")),
    "athens": _Doubt("US", re.compile("Ohio|Alabama|Georgia Bulldogs")),
    "birmingham": _Doubt("US", re.compile("Alabama")),
    "alexandria": _Doubt("US", re.compile("Virginia|Louisiana")),
    "santiago": _Doubt("CU", re.compile("Santiago de Cuba")),
    "st petersburg": _Doubt("US", re.compile("Florida|Tampa")),
    "st. petersburg": _Doubt("US", re.compile("Florida|Tampa")),
    "punjab": _Doubt("PK", re.compile("Pakistan|Lahore")),
}


def places_of(text: str, language: str | None = None) -> dict[str, int]:
    """ISO 3166 alpha-2 codes with how often a text speaks of each, most first.

    "EU" and "XK" (Kosovo) stand among them. `language` (ISO 639) adds that language's names.
    """
    counts: Counter[str] = Counter()
    doubtful: list[Name] = []
    for name in _names_in(text, latin_names(known_language(language))):
        if name.plain in _DOUBTFUL:
            doubtful.append(name)
        else:
            counts.update(name.codes)
    for name in doubtful:
        doubt = _DOUBTFUL[name.plain]
        elsewhere = not any(counts[code] for code in name.codes) and doubt.cue.search(text)
        counts.update((doubt.other,) if elsewhere else name.codes)
    if _FOREIGN_SCRIPT.search(text):
        for script in other_scripts():
            counts.update(script.found(text))
    return dict(counts.most_common())


def place_code(name: str) -> str | None:
    """The code of a place by its code or any name of it, whatever its case; None if unknown."""
    bare = name.strip()
    if bare.upper() in english_names() and len(bare) == 2:
        return bare.upper()
    plain = bare.translate(plain_letters()).removeprefix("the ")
    if _FOREIGN_SCRIPT.search(bare):
        return next(filter(None, (script.code(bare) for script in other_scripts())), None)
    if len(plain.split()) > _LONGEST_NAME:
        return None
    for language in ("en", "fr", "es", "de", "pt", "it"):
        table = latin_names(language)
        for candidate in table.get(first_word(plain), ()):
            if candidate.plain == plain and candidate.codes:
                return candidate.codes[0]
    return None


def listed_places(text: str) -> tuple[str, ...]:
    """The places of a text that does nothing but list them; empty for any other text.

    "Libya, Algeria and Sudan" lists three, "Trinidad and Tobago" none: it is one.
    """
    listed = tuple(filter(None, _LISTED.split(text.strip())))
    is_list = len(listed) > 1 and place_code(text) is None
    return listed if is_list and all(map(place_code, listed)) else ()


def place_name(code: str) -> str:
    """The English name of a place as the news gives it; an unknown code is its own name."""
    return news_names().get(code) or english_names().get(code, code)


def _names_in(text: str, table: dict[str, tuple[Name, ...]]) -> list[Name]:
    """Names that are places here. Who is called Jordan once stays Jordan: "Jim Jordan … Jordan"."""
    places: list[Name] = []
    persons: set[str] = set()
    for name, start in _found(text, table):
        if _is_person(text, name, start):
            persons.add(name.plain)
        elif name.codes and not text.endswith("Times of ", 0, start):
            after = _WORD_AFTER.match(text, start + len(name.plain))
            if not after or after[1] not in _words("papers"):
                places.append(name)
    return [n for n in places if not (n.given and n.surname and n.plain in persons)]


def _found(text: str, table: dict[str, tuple[Name, ...]]) -> Iterator[tuple[Name, int]]:
    """The longest name at each word that may begin one, and where it stands."""
    plain = text.translate(plain_letters())
    shouting = not _LOWER.search(text)
    end = 0
    for match in _FIRST_WORD.finditer(text):
        start = match.start()
        candidates = table.get(plain[start : match.end()]) if start >= end else None
        for name in candidates or ():
            stop = start + len(name.plain)
            if not plain.startswith(name.plain, start) or _goes_on(plain, stop):
                continue
            if name.exact and (shouting or text[start:stop].replace("’", "'") != name.exact):
                continue
            end = stop
            yield name, start
            break


def _goes_on(plain: str, stop: int) -> bool:
    return stop < len(plain) and (plain[stop].isalnum() or plain[stop] == "_")


def _is_person(text: str, name: Name, start: int) -> bool:
    """Whether a place that is also a person's name is one here: "Jim Jordan", "Chad Wolf"."""
    before = _WORD_BEFORE.search(text, max(0, start - 24), start) if name.surname else None
    if before and before[1][:1].isupper():
        if _INITIAL.match(before[1]):
            return True
        word = before[1].strip(".").casefold()
        if word in _TITLES or word in _GIVEN_NAMES:
            return True
    after = _WORD_AFTER.match(text, start + len(name.plain)) if name.given else None
    if not after or after[1] in _state_nouns() or after[1].isupper():
        return False
    return not _is_headline(text)


def _is_headline(text: str) -> bool:
    if text.rstrip().endswith((".", "!", "”", '"')):
        return False
    words = _LONG_WORD.findall(text[:400])
    capitals = sum(1 for word in words if word[0].isupper())
    return capitals > _HEADLINE * len(words)

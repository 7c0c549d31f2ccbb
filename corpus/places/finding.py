"""Places of a text: which countries and territories it speaks of, and how often.

    text -> words that may begin a name -> longest name there -> is it a place here? -> codes

Names are those of CLDR (through babel) and our own (`corpus.places.names`, `corpus.places.towns`):
demonyms, capitals and cities, seats of government, aliases. English is read with all of them; a
text in another language with CLDR's names of that language too, when `language` names it or its
script shows it. Known gaps: demonyms and towns in other languages; Russian and Ukrainian endings
are only guessed; a bird that opens a sentence is Türkiye.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.name_words import FEMALE_NAMES, HONORIFICS, MALE_NAMES
from corpus.places import names as tables
from corpus.places.table import (
    NEWS_NAMES,
    Name,
    english_names,
    first_word,
    known_language,
    latin_names,
    other_scripts,
    plain_letters,
)

_FIRST_WORD = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-ÞĀ-Ž]\w*")
_LISTED = re.compile(r"\s*(?:[,;&]\s*(?:and|or)\b|[,;&]|\b(?:and|or)\b)\s*", re.IGNORECASE)
_INITIAL = re.compile(r"[A-Z]\.\Z")
_WORD_BEFORE = re.compile(r"([\w’'.]+)\s\Z")
_WORD_AFTER = re.compile(r"\s([A-ZÀ-ÖØ-Þ]\w+)")
_LONG_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
_LOWER = re.compile(r"[a-z]")
_FOREIGN_SCRIPT = re.compile(r"[^\x00-\u036f\u1e00-\u206f\u20a0-\u20bf]")
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
    for language in ("en", "fr", "es", "de", "pt", "it"):
        table = latin_names(language)
        for candidate in table.get(first_word(plain), ()):
            if candidate.plain == plain and candidate.codes:
                return candidate.codes[0]
    found = (script.code(bare) for script in other_scripts())
    return next((code for code in found if code), None)


def listed_places(text: str) -> tuple[str, ...]:
    """The places of a text that does nothing but list them; empty for any other text.

    "Libya, Algeria and Sudan" lists three, "Trinidad and Tobago" none: it is one.
    """
    listed = tuple(filter(None, _LISTED.split(text.strip())))
    is_list = len(listed) > 1 and place_code(text) is None
    return listed if is_list and all(map(place_code, listed)) else ()


def place_name(code: str) -> str:
    """The English name of a place as the news gives it; an unknown code is its own name."""
    return NEWS_NAMES.get(code) or english_names().get(code, code)


def _names_in(text: str, table: dict[str, tuple[Name, ...]]) -> list[Name]:
    """Names that are places here. Who is called Jordan once stays Jordan: "Jim Jordan … Jordan"."""
    places: list[Name] = []
    persons: set[str] = set()
    for name, start in _found(text, table):
        if _is_person(text, name, start):
            persons.add(name.plain)
        elif name.codes and not _is_paper(text, start, start + len(name.plain)):
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


def _is_paper(text: str, start: int, stop: int) -> bool:
    after = _WORD_AFTER.match(text, stop)
    if after and after[1] in tables.PAPERS:
        return True
    return text.endswith("Times of ", 0, start)


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
    if not after or after[1] in tables.STATE_NOUNS or after[1].isupper():
        return False
    return not _is_headline(text)


def _is_headline(text: str) -> bool:
    if text.rstrip().endswith((".", "!", "”", '"')):
        return False
    words = _LONG_WORD.findall(text[:400])
    capitals = sum(1 for word in words if word[0].isupper())
    return capitals > _HEADLINE * len(words)

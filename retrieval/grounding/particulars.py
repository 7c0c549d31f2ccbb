"""Numbers, dates and names of a sentence that its sources do not have, in any form. Pure.

"$5 million" is 5,000,000, "two dozen" 24, "about a million" 1.03 million and "on Wednesday" the day
it was; "Washington", "American" and "the US" are one where they stand for the country, "UN" is the
United Nations. A town is no other name of its country: "Benghazi" is not in "Libya".
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS, Precision
from corpus.text.dates import DateMention, date_mentions, mentions_a_date
from corpus.text.names import RUN
from corpus.text.places import place_code, places_of
from corpus.text.words import acronyms, fold, names, numbers, opening_words, stem, words

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9,
    "trillion": 1e12, "dozen": 12.0, "century": 1e2, "centuries": 1e2, "decade": 10.0,
    "decades": 10.0, "k": 1e3,
}  # fmt: skip
_PARTS = {"quarter": 0.25, "half": 0.5, "third": 1 / 3, "tenth": 0.1, "fifth": 0.2}
_PARTS |= {f"{part}s": value for part, value in _PARTS.items()}
_ONE = frozenset(("", "a", "an", "one", "around", "about", "roughly"))
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?|[^\W\d_]+")
ROUNDED = tables.words(__package__, "words", "rounding")
NEAR_ENOUGH = 0.1
"""How far a rounded number may be from the one that it stands for, as a share of it."""
_TRIFLES = frozenset((0.5, 1.0, 2.0))
NO_NAMES = tables.words(__package__, "words", "openings") | tables.words(
    "corpus.text", "names", "roles"
)
_ACTING = (
    tables.words(__package__, "words", "speaking")
    | tables.words(__package__, "words", "verbs")
    | frozenset("has had was is will would may must".split())
)
# Endings of words that open a sentence without being a name: "Clashes", "Fighting",
# "Negotiation". Names that end like them are let pass.
_COMMON_ENDING = re.compile(
    r"(?:ing|ed|ly|[^aiou’']s|ies|[st]ion|ment|ness|ity|ism|[ae]nce|ship)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is written, and what it counts to."""

    text: str
    value: float
    spelled: bool
    rounded: bool
    after_other: bool


def amounts(text: str) -> list[Amount]:
    """The numbers of a text in order, each with its scale: "$1.2 billion" is one number."""
    found: list[Amount] = []
    words_ = list(_AMOUNT.finditer(text.replace("’", "'")))
    at = 0
    while at < len(words_):
        amount, at = _amount(text, words_, at)
        if amount is not None:
            found.append(amount)
    return found


def _amount(text: str, pieces: list[re.Match[str]], at: int) -> tuple[Amount | None, int]:
    start, value, spelled, total = at, None, True, 0.0
    while at < len(pieces):
        word = pieces[at].group().casefold()
        gap = text[pieces[at - 1].end() : pieces[at].start()] if at > start else ""
        if at > start and not re.fullmatch(r"[\s‑-]*", gap):
            break
        if word[0].isdigit():
            if value is not None:
                break
            value, spelled = float(re.sub(r"[,a-z]", "", word)), False
        elif word in _SCALES and (value is not None or word not in ("m", "k")):
            value = (1.0 if value is None else value) * _SCALES[word]
            if value >= 1e3:
                total, value = total + value, 0.0
        elif (part := _PARTS.get(word)) and value is None and _before(pieces, at) in _ONE:
            value = part
            # "Half a billion".
            of = [piece.group().casefold() for piece in pieces[at + 1 : at + 3]]
            at += of[:1] == ["a"] and of[1:] != [] and of[1] in _SCALES
        elif part and value and word.endswith("s") and spelled:
            value *= part
        elif (unit := _unit(word)) is not None:
            # "Twenty-one" is one number, "five ten" are two.
            if value is None:
                value = unit
            elif (spelled and value >= 20 and value % 10 == 0 and unit < 10) or (
                total and not value
            ):
                value += unit
            else:
                break
        else:
            break
        at += 1
    if value is None:
        return None, start + 1
    shown = text[pieces[start].start() : pieces[at - 1].end()]
    before = [piece.group().casefold() for piece in pieces[max(0, start - 3) : start]]
    said = before[-2:-1] if before[-1:] in (["a"], ["an"]) else before[-1:]
    rounded = not ROUNDED.isdisjoint(said)
    return Amount(shown, total + value, spelled, rounded, "other" in before[-1:]), at


def _before(pieces: list[re.Match[str]], at: int) -> str:
    return pieces[at - 1].group().casefold() if at else ""


@lru_cache(maxsize=4_096)
def _unit(word: str) -> float | None:
    found = numbers(word) or numbers(_ORDINAL.sub(lambda end: "y" if end[1] else "", word))
    return float(next(iter(found))) if len(found) == 1 else None


_ORDINAL = re.compile(r"(ie)?th\Z")


def missing_number(sentence: str, texts: Sequence[str], dated: str) -> str:
    """The first number of a sentence that no text has, as it is written; "" for none.

    `dated` is the sentence without the dates that the sources state.
    """
    there: set[float] = set()
    for text in texts:
        there |= {one.value for one in amounts(text)}
        there |= {float(one) for one in numbers(text) if one.count(".") < 2 and "," not in one}
        there |= {_PARTS[word] for word in words(text) if word in _PARTS}
    for one in amounts(dated):
        if one.value in there or (one.spelled and one.value in _TRIFLES):
            continue
        if one.rounded and any(_near(one.value, other) for other in there):
            continue
        if 0 < one.value < 1 and one.spelled and _is_share(one.value, there):
            continue
        if one.value == _MONTHS_OF_A_HALF and "months" in dated and 0.5 in there:
            continue
        if one.after_other and one.value + 1 in there:
            continue
        plain = f"{one.value:g}" if one.value < 1e6 and one.spelled else one.text
        return plain.replace(",", "") if not one.spelled else plain
    return ""


_MONTHS_OF_A_HALF = 6


def _is_share(part: float, there: Set[float]) -> bool:
    """Whether a fraction stands there as a percentage, or is about one number's of another."""
    if any(_near(part, one / 100) for one in there):
        return True
    ordered = sorted(there)
    for whole in ordered:
        least, most = (1 - NEAR_ENOUGH) * part * whole, (1 + NEAR_ENOUGH) * part * whole
        if whole > 0 and bisect_right(ordered, most) > bisect_left(ordered, least):
            return True
    return False


def _near(value: float, other: float) -> bool:
    return abs(value - other) <= NEAR_ENOUGH * max(abs(other), 1e-9)


def without_stated_dates(sentence: str, texts: Sequence[tuple[str, date | None]]) -> str:
    """A sentence without the dates that its sources state, in whichever words, and without the
    days counted from one of them to another."""
    stated: set[tuple[date, date]] = set()
    for text, published in texts:
        if published is not None:
            stated.add((published, published))
        for mention in date_mentions(text, published):
            stated.add((mention.first, mention.last))
    published = next((day for _, day in texts if day), None)
    known = [
        (mention.start, mention.end)
        for mention in date_mentions(sentence, published)
        if _is_stated(mention, stated)
    ]
    rest = sentence
    for start, end in reversed(known):
        rest = f"{rest[:start]} {rest[end:]}"
    days = [first for first, last in stated if first == last]
    apart = {abs((one - other).days) for one in days for other in days}
    for counted in reversed(list(_COUNTED.finditer(rest))):
        value = next((one.value for one in amounts(counted["number"])), 0.0)
        if value * (7 if counted["unit"].startswith("week") else 1) in apart:
            rest = rest[: counted.start()] + rest[counted.end() :]
    return rest


def missing_date(sentence: str, texts: Sequence[tuple[str, date | None]], question: str) -> str:
    """The first day or month of a sentence that no source states, as it is written; "" for none.

    Without a date or a month in the sources nothing can be told.
    """
    published = next((day for _, day in texts if day), None)
    stated = [one for text, day in texts for one in date_mentions(text, day)]
    stated += date_mentions(question, published)
    spans = [(one.first, one.last) for one in stated]
    spans += [(day, day) for _, day in texts if day]
    if not spans:
        # Months without a year are no dates, but they can be another month.
        months = {fold(word) for text, _ in texts for word in words(text)} & DAYS_AND_MONTHS
        other = [word for word in names(sentence) if fold(word) in DAYS_AND_MONTHS - months]
        return other[0] if months and other else ""
    for told in date_mentions(sentence, published):
        if told.relative:
            continue
        if told.precision is Precision.RANGE and not _YEAR.search(told.text):
            continue
        if not any(
            one <= last and first <= other
            for first, last in spans
            for one, other in _read_in(told, first.year)
        ):
            return told.text
    return ""


_COUNTED = re.compile(
    r"\b(?P<number>\w+)[ -](?P<unit>days?|weeks?) (?:later|earlier|after|before)\b"
)


def _is_stated(mention: DateMention, stated: Set[tuple[date, date]]) -> bool:
    """Whether a date is stated, or is the month or year of one that is."""
    if mention.precision is Precision.RANGE:
        ends = {day for days in stated for day in days}
        return {mention.first, mention.last} <= ends
    return any(
        one <= first and last <= other
        for first, last in stated
        for one, other in _read_in(mention, first.year)
    )


def _read_in(mention: DateMention, year: int) -> Iterator[tuple[date, date]]:
    """The days of a mention, and, where it names no year, those of another year."""
    yield mention.first, mention.last
    if not mention.relative and not _YEAR.search(mention.text):
        moved = year - mention.first.year
        with suppress(ValueError):  # 29 February
            yield (
                mention.first.replace(year=year),
                mention.last.replace(year=mention.last.year + moved),
            )


_YEAR = re.compile(r"\d{4}")


def missing_name(sentence: str, texts: str, more: str = "") -> str:
    """The first proper name of a sentence that neither the sources nor `more` has; "" for none."""
    allowed = set(words(f"{texts} \n{more}"))
    shortened = acronyms(f"{texts} \n{more}").keys()
    spelled_out = {
        word
        for initials, spelled in acronyms(sentence).items()
        if initials in allowed
        for word in spelled
    }
    present = allowed | spelled_out
    stems = {stem(word, peoples=both) for word in allowed for both in (False, True)}
    surnames = _before_known(sentence, f"{texts} \n{more}")
    bases = {word.removesuffix("e") for word in allowed}
    begun = {start for word in allowed for start in _beginnings(word)}
    lands = _lands(f"{texts} \n{more}")
    standing_for = {fold(part) for name, code in _metonyms(sentence) if code in lands
                    for part in name.split()}  # fmt: skip
    opening = [
        word
        for word in opening_words(sentence)
        if not _COMMON_ENDING.search(word)
        and _ACTS.match(sentence, sentence.find(word) + len(word))
    ]
    for name in (*names(sentence), *opening):
        parts = [fold(part) for part in name.split("-") if part[:1].isupper()] or [fold(name)]
        if fold(name) in present | standing_for or fold(name) in NO_NAMES:
            continue
        if stem(fold(name), peoples=True) in stems or fold(name) in surnames:
            continue
        if fold(name).removesuffix("e") in begun or _beginnings(fold(name)) & bases:
            continue
        if all(_known(part, present | standing_for, shortened) for part in parts):
            continue
        if fold(name) in DAYS_AND_MONTHS and mentions_a_date(texts):
            continue
        return name
    return ""


# Whoever opens a sentence by one name alone does something: "Merkel said", not "People in Berlin".
_ACTS = re.compile(rf",? (?:{'|'.join(sorted(_ACTING))}|\w+(?:ed|s))\b")


def _before_known(sentence: str, texts: str) -> frozenset[str]:
    """Words of names in full of which the sources have the last, alone or after a title: "António"
    before "Guterres". The last word of a name in full ends other names, too."""
    known = {run[-1] for run in _runs(texts) if len(run) <= 2}
    return frozenset(word for run in _runs(sentence) if run[-1] in known for word in run)


def _runs(text: str) -> list[list[str]]:
    return [found for run in RUN.finditer(text) if (found := words(run.group()))]


def _beginnings(word: str) -> set[str]:
    """What a place and its people have in common: "europ" of "Europe" and "Europeans"."""
    base = word.removesuffix("e")
    return {base[:end] for end in range(max(5, len(base) - 4), len(base) + 1)}


def _known(part: str, present: Set[str], shortened: Set[str]) -> bool:
    return part in present or part in NO_NAMES or part.replace(".", "") in shortened


_RUN = re.compile(r"(?:the )?[A-ZÀ-Þ][\w.]*(?: [A-ZÀ-Þ][\w.]*){0,3}")
_POSSESSIVE = re.compile(r"[’']s\b")


LONGEST_LAND = 9
"""Words: "United Kingdom of Great Britain and Northern Ireland" has eight."""


def _metonyms(text: str) -> Iterator[tuple[str, str]]:
    """Names of a text that stand for a country, with its code."""
    for start, end, code in lands_in(text):
        yield text[start:end], code


@lru_cache(maxsize=4_096)
def lands_in(text: str) -> tuple[tuple[int, int, str], ...]:
    """Where a text names a country, its people or its capital: start, end, code."""
    found: list[tuple[int, int, str]] = []
    for run in _RUN.finditer(text):
        parts = [(m.start() + run.start(), m.end() + run.start())
                 for m in re.finditer(r"[^\s.]+(?:\.[A-Z]\.?)*", run.group())]  # fmt: skip
        at = 0
        while at < len(parts):
            for size in range(min(LONGEST_LAND, len(parts) - at), 0, -1):
                start, end = parts[at][0], parts[at + size - 1][1]
                if text[start].isupper() and (code := _stands_for(text[start:end])):
                    found.append((start, end, code))
                    at += size - 1
                    break
            at += 1
    return tuple(found)


@lru_cache(maxsize=16_384)
def _stands_for(name: str) -> str | None:
    """The country that a name means: its own, that of its people, or its capital."""
    code = place_code(name)
    if code is None:
        return None
    for key, towns in _towns():
        if key == code and name.casefold() in towns[1:]:
            return None
    return code


@lru_cache(maxsize=1)
def _towns() -> tuple[tuple[str, tuple[str, ...]], ...]:
    # The capital stands first among a country's towns.
    return tuple(
        (code, tuple(town.casefold() for town in towns))
        for code, towns in tables.entries("corpus.text", "places", "towns")
    )


@lru_cache(maxsize=1_024)
def _lands(text: str) -> frozenset[str]:
    return frozenset(places_of(text))

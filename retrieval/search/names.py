"""Names in a question as people write them, brought to how the corpus has them.

    "What did Hifter tell the UNSMIL?"  ->  Named("What did Haftar tell the UNSMIL?",
                                                also=("United Nations Support Mission in Libya",))

A name that no article has is replaced by the spelling that is near enough. Acronyms are spelled
out and long names shortened, by what the articles themselves explain and by a small table; towns,
peoples and seats of government bring the state they stand for ("the Kremlin": Russia). What is
added counts beside the question, not instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.text import tables
from corpus.text.names import LONG_NAME, SHORTEST_NAME, is_same_sound, meant, sound_of
from corpus.text.places import place_name, places_of
from corpus.text.words import FUNCTION_WORDS, fold, names, opening_words, words
from retrieval.index.lexical import LexicalIndex, stem

# More is drowned in a long question, and takes time.
MOST_NAMES = 8
MOST_STATES = 2
# Words. Of a longer text the first names are not what it asks about.
LONGEST = 60

_ACRONYM = re.compile(r"(?<![\w.])(?:[A-Z]\.?){2,7}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")

KNOWN_ACRONYMS = {
    short: long for short, (long,) in tables.entries(__package__, "acronyms", "acronyms")
}
"""Of diplomacy, for articles that take them for granted."""
_SHORT_OF = {long.casefold(): short for short, long in KNOWN_ACRONYMS.items()}


@dataclass(frozen=True, slots=True)
class Named:
    """A text with its names as the corpus spells them, and what else they are called."""

    text: str
    also: tuple[str, ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    """Each name that was replaced, as it was typed and as it is searched for."""


def named(text: str, lexical: LexicalIndex) -> Named:
    """What a text names, looked up in the corpus."""
    if len(text.split()) > LONGEST:
        return Named(text)
    also: list[str] = []
    respelled: dict[str, str] = {}
    for name in _candidates(text):
        folded = fold(name)
        if lexical.document_frequency([stem(folded)])[stem(folded)]:
            if name[0].isupper():
                also += _other_spellings(folded, lexical)
        elif not places_of(name) and (spelling := _known_spelling(folded, lexical)):
            respelled[name] = spelling.title() if name[0].isupper() else spelling
    said = text
    for typed, spelling in respelled.items():
        said = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", spelling, said)
    also += _acronyms(said, lexical)
    also += _states(said)
    there = set(words(said))
    added = tuple(one for one in dict.fromkeys(also) if not set(words(one)) <= there)
    return Named(said, added, tuple(respelled.items()))


def _candidates(text: str) -> list[str]:
    """Words of a text that may be names, those that show it first."""
    shown = [*names(text), *opening_words(text)]
    typed = [word for word in _WORD.findall(text) if word[0].islower()]
    parts = (part for name in (*shown, *typed) for part in re.split(r"-|’s\b|'s\b", name))
    long = (part for part in parts if len(part) >= SHORTEST_NAME and part.isalpha())
    return [name for name in dict.fromkeys(long) if fold(name) not in FUNCTION_WORDS][:MOST_NAMES]


def _known_spelling(folded: str, lexical: LexicalIndex) -> str | None:
    """How the corpus spells a name that it does not have so."""
    spellings = lexical.articles.near(folded, 2 if len(folded) > LONG_NAME else 1)
    if sound := sound_of(folded):
        spellings |= lexical.articles.sounding(sound)
    return meant(folded, spellings)


def _other_spellings(folded: str, lexical: LexicalIndex) -> list[str]:
    """Spellings of the same sound that the corpus has beside the one that was typed."""
    sound = sound_of(folded)
    if not sound:
        return []
    found = lexical.articles.sounding(sound)
    own = found.get(folded, 0)
    alike = [one for one in found if one != folded and is_same_sound(one, folded)]
    # A rarer spelling may be another name; a commoner one is what most articles write.
    return [one for one in alike if found[one] > own][:1]


def _acronyms(text: str, lexical: LexicalIndex) -> Iterator[str]:
    """Acronyms spelled out, and long names shortened."""
    for match in _ACRONYM.finditer(text):
        short = match[0].replace(".", "")
        explained = lexical.articles.meanings(short).most_common(1)
        if explained:
            yield explained[0][0]
        elif short in KNOWN_ACRONYMS:
            yield KNOWN_ACRONYMS[short]
    for run in _runs(text):
        explained = lexical.articles.acronyms(run).most_common(1)
        if explained:
            yield explained[0][0].upper()
        elif run.casefold() in _SHORT_OF:
            yield _SHORT_OF[run.casefold()]


def _runs(text: str) -> Iterator[str]:
    """Runs of two to seven words of a text that begin and end with a capital."""
    found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    for first, (word, start, _) in enumerate(found):
        if not word[0].isupper():
            continue
        for last, _, end in found[first + 1 : first + 7]:
            if last[0].isupper():
                yield text[start:end]


def _states(text: str) -> Iterator[str]:
    """The states that towns, peoples and seats of government in a text stand for."""
    for code in list(places_of(text))[:MOST_STATES]:
        yield place_name(code)

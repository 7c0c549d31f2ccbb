"""How a corpus spells names: names, their sounds, acronyms; and which spellings are one name.

    text -> names, sounds, "Libyan National Army (LNA)" -> what the lexical index keeps of it
    name, spellings that the corpus has -> the one that is meant

Pure. A sound is what transliterations of one Arabic name have in common ("Hifter", "Haftar"; see
`corpus.name_spelling`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from corpus.name_spelling import SHORTEST_SKELETON, skeleton
from retrieval.terms import FUNCTION_WORDS, fold, names, opening_words

# Letters. A shorter name has too many others around it that differ by one letter.
SHORTEST_NAME = 4
# Letters. A longer name may differ by two from what was meant, others by one; with this many, two
# transliterations may differ by two where they share only three consonants ("Qadhafi", "Gaddafi").
LONG_NAME = 7

_WORD = r"(?:[A-ZÀ-Þ][\w’'-]*|of|for|the|and|on|in|to|de|du|des|la)"
_DEFINED = re.compile(
    rf"(?P<long>[A-ZÀ-Þ][\w’'-]*(?:[ \-]{_WORD}){{1,9}}),? \((?:the |or )?[“\"‘]?"
    r"(?P<short>[A-Z][A-Za-z.]{1,7})[”\"’]?\)"
)


def spelled_names(text: str) -> Iterator[str]:
    """The folded names of a text, word by word, that are long enough to be misspelt."""
    for name in (*names(text), *opening_words(text)):
        for part in fold(name).split("-"):
            if len(part) >= SHORTEST_NAME and part.isalpha():
                yield part


def sound_of(name: str) -> str:
    """The consonants of a folded name as transliterations share them; empty for too few."""
    bare = skeleton(name)
    return bare if len(bare.replace("_", "")) >= SHORTEST_SKELETON else ""


def defined_acronyms(text: str) -> Iterator[tuple[str, str]]:
    """Acronyms that a text explains, folded, each with what it stands for.

    "the Libyan National Army (LNA)" gives ("lna", "Libyan National Army"): the initials of the
    words before the bracket must be those in it.
    """
    for match in _DEFINED.finditer(text):
        short = match["short"].replace(".", "")
        if sum(letter.isupper() for letter in short) < 2:
            continue
        if long := _spelled_out(short.casefold(), match["long"]):
            yield short.casefold(), long


def _spelled_out(short: str, before: str) -> str | None:
    """The last words before a bracket whose initials an acronym takes, grammar left out or not."""
    found = before.split()
    for start in range(len(found) - 1, -1, -1):
        parts = [part for word in found[start:] for part in word.split("-") if part]
        every = "".join(part[0] for part in parts).casefold()
        content = "".join(p[0] for p in parts if p.casefold() not in FUNCTION_WORDS).casefold()
        if short in (every, content):
            return " ".join(found[start:])
    return None


def meant(name: str, spellings: Mapping[str, int]) -> str | None:
    """Which of the corpus's spellings a folded name stands for; None where none is near enough.

    The nearest wins, of equally near ones the commonest.
    """
    near: list[tuple[int, int, str]] = []
    for other, count in spellings.items():
        changes = changed_letters(name, other)
        if _is_near(name, other, changes):
            near.append((changes, -count, other))
    return min(near)[2] if near else None


def _is_near(name: str, other: str, changes: int) -> bool:
    """Whether a spelling is near enough to be what was meant: a mistyped letter or two, or
    another transliteration."""
    if changes > 2:
        return False
    if is_same_sound(name, other):
        long = len(sound_of(name).replace("_", "")) > SHORTEST_SKELETON or len(name) >= LONG_NAME
        return changes == 1 or long
    # The first letter is seldom mistyped, and tells names apart.
    return name[0] == other[0] and changes <= (2 if len(name) > LONG_NAME else 1)


def is_same_sound(one: str, other: str) -> bool:
    """Whether two folded names are one in transliterated Arabic."""
    return bool(sound := sound_of(one)) and sound == sound_of(other)


def changed_letters(one: str, other: str) -> int:
    """How many letters were added, left out, replaced or swapped with a neighbour.

    Damerau 1964, with each letter changed at most once.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, first in enumerate(one, 1):
        this = [row]
        for column, second in enumerate(other, 1):
            cost = min(last[column] + 1, this[column - 1] + 1, last[column - 1] + (first != second))
            swapped = row > 1 and column > 1 and first == other[column - 2]
            if swapped and one[row - 2] == second:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        before, last = last, this
    return last[-1]

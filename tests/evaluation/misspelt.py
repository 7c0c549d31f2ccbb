"""Questions with one name misspelt, made from those of a set: what people type in a hurry.

    question -> one of its names, one change of its letters -> the question as typed

Name and change follow from the question's digest, so that every run asks the same. The first letter
stays. Changes: a letter left out, doubled, swapped with the next, a vowel replaced by another.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from statistics import mean

from corpus.text.words import names
from tests.evaluation.metrics import hit_at
from tests.evaluation.sets import QuestionSet
from tests.evaluation.systems import FIRST, System
from tests.evaluation.table import Measurement

SHORTEST = 5
_VOWELS = "aeiou"


def measure_misspelt(given: QuestionSet, system: System) -> list[Measurement]:
    """Hit@10 for misspelt questions, and for the same as they were written."""
    written = [asked for asked in given.questions if asked.gold and misspelt(asked.text)]
    typed = [replace(asked, text=misspelt(asked.text) or asked.text) for asked in written]
    orders = [(asked, system.orders(asked)) for asked in typed]
    as_written = [(asked, system.orders(asked)) for asked in written]
    return [
        Measurement(
            given.label,
            f"hit@{FIRST}, a name misspelt",
            mean(hit_at(order.chancery, asked.keys, FIRST) for asked, order in orders),
            mean(hit_at(order.dense, asked.keys, FIRST) for asked, order in orders),
            mean(hit_at(order.bm25, asked.keys, FIRST) for asked, order in orders),
            mean(hit_at(order.rrf, asked.keys, FIRST) for asked, order in orders),
        ),
        Measurement(
            given.label,
            f"hit@{FIRST}, as written",
            mean(hit_at(order.chancery, asked.keys, FIRST) for asked, order in as_written),
            mean(hit_at(order.dense, asked.keys, FIRST) for asked, order in as_written),
            mean(hit_at(order.bm25, asked.keys, FIRST) for asked, order in as_written),
            mean(hit_at(order.rrf, asked.keys, FIRST) for asked, order in as_written),
            gated=False,
        ),
    ]


def misspelt(text: str) -> str | None:
    """A question with one of its names misspelt; None where none is long enough."""
    found = [name for name in names(text) if len(name) >= SHORTEST and name.isalpha()]
    if not found:
        return None
    digest = hashlib.sha256(text.encode()).digest()
    name = found[digest[0] % len(found)]
    typed = _changed(name, digest[1] % 4, digest[2])
    return re.sub(rf"\b{re.escape(name)}\b", typed, text)


def _changed(name: str, change: int, chance: int) -> str:
    at = 1 + chance % (len(name) - 2)
    before, letter, after = name[:at], name[at], name[at + 1 :]
    if change == 0:
        return before + after
    if change == 1:
        return before + letter + letter + after
    if change == 2 and after[0] != letter:
        return before + after[0] + letter + after[1:]
    vowels = [place for place in range(1, len(name)) if name[place] in _VOWELS]
    if not vowels:
        return before + after
    place = vowels[chance % len(vowels)]
    other = _VOWELS[(_VOWELS.index(name[place]) + 1 + chance % 4) % 5]
    return name[:place] + other + name[place + 1 :]

"""A question of several parts, taken apart so that each can be searched for itself.

    "Did A attribute … to B, while C suggests that …?"  ->  the two halves, as they stand

Pure. A paragraph that answers one part of a question shares few words with the others, and the
meaning of the whole lies between all of them: searched as one, the parts drown each other.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import TypeVar

from corpus.sentences import split_sentences
from retrieval.terms import content_words

Item = TypeVar("Item", bound=Hashable)

# Content words. A shorter piece is an apposition or the item of a list; it stays with its
# neighbour.
SHORTEST_PART = 4
MOST_PARTS = 5

_JOINT = re.compile(
    r"\s*(?:[,;]\s*(?:while|whereas|and|but|or|despite|as well as|compared (?:to|with))?\b"
    r"|\b(?:while|whereas|as well as|compared (?:to|with)|and)\b)\s*",
    re.IGNORECASE,
)


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a question that is one sentence; empty where it is not taken apart.

    Of a text in several sentences only one asks: the others tell what it is about, and are not
    parts of it.
    """
    if not is_one_sentence(text):
        return ()
    parts: list[str] = []
    for piece in filter(None, (found.strip(" ,;") for found in _JOINT.split(text))):
        if parts and (_is_short(piece) or _is_short(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return tuple(parts) if 2 <= len(parts) <= MOST_PARTS else ()


def is_one_sentence(text: str) -> bool:
    """Whether a text does nothing but ask, without telling what it is about beforehand."""
    return len(split_sentences(text)) == 1


def in_turns(orders: Sequence[Sequence[Item]], k: int) -> list[Item]:
    """The first `k` distinct items of several orders: in turn each gives its best that is left."""
    taken: dict[Item, None] = {}
    left = [iter(order) for order in orders]
    while len(taken) < k and left:
        for order in list(left):
            item = next((one for one in order if one not in taken), None)
            if item is None:
                left.remove(order)
            else:
                taken[item] = None
    return list(taken)[:k]


def _is_short(piece: str) -> bool:
    return len(content_words(piece)) < SHORTEST_PART

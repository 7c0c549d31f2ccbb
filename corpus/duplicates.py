"""Which texts are copies of one another (wire copy), and which only share a template.

Two texts are copies when most of the shorter stands word for word in the longer, sentence by
sentence, and nothing that differs is a sentence of one retold in the other with other names
or numbers. That last condition keeps disaster declarations, national-day greetings and other
template texts apart: their sentences are alike, but each speaks of another event.

Candidates are found through a bottom-k sketch of the sentences (Broder 1997, "On the
resemblance and containment of documents"): the few smallest hashes of a text, kept in the
store, are likely to be shared by any two texts that share most of their sentences.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

# Of the shorter text's characters, how many must stand word for word in the longer. Wire
# copies in the sample and among official statements share .85 and more; the next candidates,
# texts with a shared closing paragraph, share .6 and less (`make eval`, row "copies").
SHARED_SHARE = 0.8
# Two sentences with this share of common words tell the same thing; if names or numbers
# differ between them, the texts are about different events.
RETOLD_SHARE = 0.5
# Characters; below this a sentence is a greeting, a caption or a heading.
SHORTEST_SENTENCE = 25
SKETCH_SIZE = 8
# Copies of one text appear within days; the same words a year later are a new occasion.
LONGEST_GAP = timedelta(days=10)

_DATELINE = re.compile(r"^[A-ZÀ-Þ][\w .,'’/-]{1,60}?(?: \([^)]{2,40}\))? ?[—–-] ")
_WORD = re.compile(r"\w+")
# Coarse on purpose: both texts are cut by the same rule, and this one costs little.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")
_NAME_OR_NUMBER = re.compile(r"\b(?:[A-ZÀ-Þ][\w’'-]+|\d[\d.,]*)")


def sketch(paragraphs: Iterable[str]) -> tuple[int, ...]:
    """The smallest `SKETCH_SIZE` hashes (63 bits) of a text's sentences, ascending."""
    hashes = {_hash(key) for key in _sentences(paragraphs)}
    return tuple(sorted(hashes)[:SKETCH_SIZE])


def near_enough_in_time(first: datetime | None, second: datetime | None) -> bool:
    """Whether two publication dates allow a copy; an unknown date does."""
    return first is None or second is None or abs(first - second) <= LONGEST_GAP


def are_copies(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two texts, given as paragraphs, are copies of one another."""
    one, other = _sentences(first), _sentences(second)
    shared = one.keys() & other.keys()
    shorter = min(one, other, key=lambda text: sum(map(len, text)))
    length = sum(map(len, shorter))
    if not length or sum(map(len, shared)) < SHARED_SHARE * length:
        return False
    left = [one[key] for key in one.keys() - shared]
    right = [other[key] for key in other.keys() - shared]
    return not any(_retold_otherwise(a, b) for a in left for b in right)


def _sentences(paragraphs: Iterable[str]) -> dict[str, str]:
    """Normalised sentence -> sentence as it stands; datelines and short lines left out."""
    found: dict[str, str] = {}
    for position, paragraph in enumerate(paragraphs):
        text = _DATELINE.sub("", paragraph) if position == 0 else paragraph
        for sentence in _SENTENCE_END.split(text):
            key = " ".join(_WORD.findall(sentence.casefold()))
            if len(key) >= SHORTEST_SENTENCE:
                found[key] = sentence
    return found


def _retold_otherwise(first: str, second: str) -> bool:
    words_first = set(_WORD.findall(first.casefold()))
    words_second = set(_WORD.findall(second.casefold()))
    common = len(words_first & words_second)
    if common < RETOLD_SHARE * min(len(words_first), len(words_second)):
        return False
    return _particulars(first) != _particulars(second)


def _particulars(sentence: str) -> set[str]:
    """Names and numbers of a sentence; its first word counts only where it is a number."""
    found = {match.group().rstrip(".,") for match in _NAME_OR_NUMBER.finditer(sentence)}
    first = sentence.split(maxsplit=1)[0].strip("“\"'‘")
    return found - {first} if not first[:1].isdigit() else found


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1

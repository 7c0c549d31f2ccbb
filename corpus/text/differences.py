"""How two texts differ: which are copies of one another, and what changed between two readings.

    sketch(paragraphs)                to find candidates; are_copies(first, second) decides
    are_alike(first, second)          whether one text may be an edited reading of the other
    are_readings(first, second)       the same of texts with their titles, of which one may be bare
    holds(whole, part)                whether a text tells all that another does
    word_changes(before, after)       runs of words that stayed, went or came
    paragraph_changes(old, new)       which paragraph became which; those moved stay the same
    same_words(before, after)         whether a reader would see no difference

Two texts are copies (wire copy) when most of the shorter stands word for word in the longer,
sentence by sentence, and nothing that differs is a sentence of one retold in the other with other
names or numbers. That last condition keeps disaster declarations, national-day greetings and other
template texts apart: their sentences are alike, but each speaks of another event. Candidates share
a hash of their bottom-k sketches (Broder 1997, "On the resemblance and containment of
documents"), which any two texts are likely to do that share most of their sentences.

Pure. Spelling of quotation marks, dashes and white space is no difference between paragraphs;
`word_changes` tells it all the same, since it gives both texts back to the letter.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.sentences import rough_sentences

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

# Of the pairs of neighbouring words of the shorter text, how many an edited one keeps. In 2,256
# captures of a ministry's feed 132 edits kept .96 and more; of 4,000 pairs of its statements, which
# have a form in common, 1 in 20 shares .24. Of two shorter ones single words are counted, of which
# two short notices share fewer; a short one beside a long one shares those that any text has.
ALIKE_PAIRS = 0.2
ALIKE_WORDS = 0.35
SHORTEST_IN_PAIRS = 30
# Fewer words beyond its title tell nothing of a matter.
FEWEST_TELLING = 4

_DATELINE = re.compile(r"^[A-ZÀ-Þ][\w .,'’/-]{1,60}?(?: \([^)]{2,40}\))? ?[—–-] ")
_WORD = re.compile(r"\w+")
_NAME_OR_NUMBER = re.compile(r"\b(?:[A-ZÀ-Þ][\w’'-]+|\d[\d.,]*)")


def sketch(paragraphs: Iterable[str]) -> tuple[int, ...]:
    """The smallest `SKETCH_SIZE` hashes (63 bits) of a text's sentences, ascending."""
    hashes = {_hash(key) for key in _sentences(paragraphs)}
    return tuple(sorted(hashes)[:SKETCH_SIZE])


def likeness(source: str, text: str) -> int:
    """A hash (63 bits) of a paragraph among those of its source, its numbers and dates left out:
    "Press briefing of 4 April, 12:30" is the same as that of 5 May."""
    found = (word for word in _WORD.findall(text.casefold()) if word not in DAYS_AND_MONTHS)
    words = ("0" if any(map(str.isdigit, word)) else word for word in found)
    return _hash(f"{source.casefold()}\x1e{' '.join(words)}")


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
    if len(left) * len(right) > _MOST_PAIRS:
        return False
    return not any(_retold_otherwise(a, b) for a in left for b in right)


def are_alike(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two texts share so many words that one may be an edited reading of the other."""
    one, other = _running_words(first), _running_words(second)
    if max(len(one), len(other)) < SHORTEST_IN_PAIRS:
        return _share(set(one), set(other)) >= ALIKE_WORDS
    return _share(_pairs(one), _pairs(other)) >= ALIKE_PAIRS


def are_readings(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two texts, each after its title, may be readings of one article: they are alike, or
    under one title one of them says no more than that title ("More to come")."""
    titles = [_running_words(one[:1]) for one in (first, second)]
    told = [set(_running_words(one[1:])) - set(titles[0]) for one in (first, second)]
    is_bare = titles[0] == titles[1] and min(map(len, told)) < FEWEST_TELLING
    return is_bare or are_alike(first, second)


def holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    """Whether each paragraph of a text stands in another one, word for word; the last word of each
    may be cut, as teasers are."""
    text = " ".join(_running_words(whole))
    return all(" ".join(_running_words([one])) in text for one in part)


def _running_words(paragraphs: Sequence[str]) -> list[str]:
    return [word for word in _TOKEN.findall(" ".join(paragraphs).casefold()) if word[0].isalnum()]


def _pairs(words: Sequence[str]) -> set[object]:
    return set(pairwise(words))


def _share(first: Set[object], second: Set[object]) -> float:
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 1.0


def _sentences(paragraphs: Iterable[str]) -> dict[str, str]:
    """Normalised sentence -> sentence as it stands; datelines and short lines left out."""
    found: dict[str, str] = {}
    for position, paragraph in enumerate(paragraphs):
        text = _DATELINE.sub("", paragraph) if position == 0 else paragraph
        for sentence in rough_sentences(text, before_capitals=False):
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


# Paragraphs that share this part of their words (Dice) are one paragraph, edited. Read off 451
# captures of a ministry's feed: running text that was edited shared .79 and more, what stood there
# instead at most .48; of neighbouring paragraphs of one article 1 in 100 shares .51.
ALIKE = 0.5
# A paragraph that changed its place and its words must be more alike to be known again.
ALIKE_ELSEWHERE = 0.75
# Where more words than this are compared, or more pairs of them are alike, words that are
# everywhere no longer begin a match: without that the time grows with a power of the length.
_LONG = 2_000
_MOST_ALIKE = 60_000
_SHORT_WORD = 3
# A stretch with more pairs than this to compare is another text, not an edited one.
_MOST_PAIRS = 250_000

_TOKEN = re.compile(
    # A character of a script without spaces stands for itself; numbers keep their points.
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|\d+(?:[.,:/]\d+)*"
    r"|[^\W_]+(?:[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u200c\u200d]+[^\W_]*)*"
    r"(?:['’][^\W_]+)*"
    r"|\S"
)
_ALIKE_MARKS = str.maketrans(
    dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′`", "'") | dict.fromkeys("‐‑‒–—―−", "-")
)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")

WordKind = Literal["same", "removed", "added"]
ParagraphKind = Literal["same", "changed", "removed", "added"]


@dataclass(frozen=True, slots=True)
class WordChange:
    """A run of text that stayed, was removed, or was added."""

    kind: WordKind
    text: str


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """What became of a paragraph: its number in the old text and in the new, from 1.

    `old` is None for an added one, `new` for a removed one; "same" with another number has moved.
    One that was only broken in two, or run together with the next, is told once for each part.
    """

    kind: ParagraphKind
    old: int | None
    new: int | None


def word_changes(before: str, after: str) -> tuple[WordChange, ...]:
    """Runs of words, in reading order, a removed run before the added one that replaces it.

    The same and removed runs make up `before`, the same and added ones `after`, to the letter.
    A short word that alone stayed between two changes is told as part of them.
    """
    return tuple(
        WordChange(kind, text)
        for change in _readable(_differences(_tokens(before), _tokens(after)))
        for kind, text in change.runs()
    )


def paragraph_changes(old: Sequence[str], new: Sequence[str]) -> tuple[ParagraphChange, ...]:
    """What became of every paragraph of both texts, in the order of the new text.

    A removed one stands where it stood. A paragraph that was put in makes no other "changed".
    """
    before, after = [_folded(text) for text in old], [_folded(text) for text in new]
    pairs: list[tuple[int, int]] = []
    gone: list[int] = []
    come: list[int] = []
    matcher = _matcher(before, after)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pairs += zip(range(i1, i2), range(j1, j2), strict=True)
            continue
        found = _broken_otherwise(before, after, range(i1, i2), range(j1, j2))
        left, right = _rest(range(i1, i2), range(j1, j2), found)
        found += _aligned(before, after, left, right)
        pairs += found
        left, right = _rest(range(i1, i2), range(j1, j2), found)
        gone += left
        come += right
    pairs += _found_elsewhere(before, after, gone, come)
    return tuple(_in_reading_order(before, after, pairs))


def same_words(before: str, after: str) -> bool:
    """Whether two texts differ in nothing but white space and typographic marks."""
    return _folded(before) == _folded(after)


# -- words -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Stretch:
    """What stayed (`same`), and then what was replaced by what."""

    same: str = ""
    removed: str = ""
    added: str = ""

    def runs(self) -> Iterator[tuple[WordKind, str]]:
        if self.same:
            yield "same", self.same
        if self.removed:
            yield "removed", self.removed
        if self.added:
            yield "added", self.added


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Words and marks of a text; `spaces[n]` is the white space before word n, the last after."""

    words: list[str]
    spaces: list[str]

    def text(self, start: int, end: int) -> str:
        """Words from `start` to `end`, with the white space between them, not around them."""
        pieces: list[str] = []
        for n in range(start, end):
            pieces += (self.spaces[n] if n > start else "", self.words[n])
        return "".join(pieces)


def _tokens(text: str) -> _Tokens:
    words: list[str] = []
    spaces: list[str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        spaces.append(text[position : match.start()])
        words.append(match.group())
        position = match.end()
    return _Tokens(words, [*spaces, text[position:]])


def _differences(before: _Tokens, after: _Tokens) -> list[_Stretch]:
    """Stretches that make up both texts; white space is compared where its words agree."""
    matcher = _matcher(before.words, after.words)
    stretches = [_Stretch()]

    def same(text: str) -> None:
        last = stretches[-1]
        if last.removed or last.added:
            stretches.append(_Stretch(text))
        else:
            last.same += text

    def space(i: int, j: int) -> None:
        if before.spaces[i] == after.spaces[j]:
            same(before.spaces[i])
        else:
            stretches[-1].removed += before.spaces[i]
            stretches[-1].added += after.spaces[j]

    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                space(i, j)
                same(before.words[i])
            continue
        removed, added = before.text(i1, i2), after.text(j1, j2)
        if i1 < i2 and j1 < j2:
            space(i1, j1)
        else:
            # Only one side has words here: the white space before them goes or comes with them.
            removed = before.spaces[i1] + removed if i1 < i2 else ""
            added = after.spaces[j1] + added if j1 < j2 else ""
        stretches[-1].removed += removed
        stretches[-1].added += added
    space(len(before.words), len(after.words))
    return stretches


def _matcher(before: Sequence[str], after: Sequence[str]) -> SequenceMatcher[str]:
    counts = Counter(after)
    alike = sum(counts[word] for word in before)
    long = max(len(before), len(after)) > _LONG or alike > _MOST_ALIKE
    return SequenceMatcher(None, before, after, autojunk=long)


def _readable(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Stretches joined where next to nothing stayed between two changes."""
    joined: list[_Stretch] = []
    for stretch in stretches:
        last = joined[-1] if joined else None
        if last is not None and stretch.removed + stretch.added and _is_slight(stretch.same):
            last.removed += stretch.same + stretch.removed
            last.added += stretch.same + stretch.added
        else:
            joined.append(stretch)
    return joined


def _is_slight(text: str) -> bool:
    words = re.findall(r"\w+", text)
    return not words or (len(words) == 1 and len(words[0]) <= _SHORT_WORD)


# -- paragraphs ------------------------------------------------------------------------------


def _folded(text: str) -> str:
    """Text as it reads: marks, dashes, white space and composed letters made alike."""
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(composed.translate(_ALIKE_MARKS).replace("…", "...").split())


def _rest(
    left: Sequence[int], right: Sequence[int], found: Sequence[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    paired, onto = {i for i, _ in found}, {j for _, j in found}
    return [i for i in left if i not in paired], [j for j in right if j not in onto]


def _broken_otherwise(
    before: Sequence[str], after: Sequence[str], left: range, right: range
) -> list[tuple[int, int]]:
    """Pairs of paragraphs that were only broken in parts, or run together, no word changed."""
    if len(left) * len(right) > _MOST_PAIRS:
        return []
    found = [(i, j) for i in left for j in _parts_of(before[i], after, right)]
    rest_left, rest_right = _rest(left, right, found)
    for j in rest_right:
        parts = _parts_of(after[j], before, left)
        if parts and set(parts) <= set(rest_left):
            found += [(i, j) for i in parts]
    return found


def _parts_of(whole: str, texts: Sequence[str], span: range) -> range:
    """The two or more neighbouring texts of a span that make up `whole`; empty without any."""
    for start in span:
        end, length = start, -1
        while end < span.stop and length < len(whole):
            length += len(texts[end]) + 1
            end += 1
        if length == len(whole) and end - start > 1 and " ".join(texts[start:end]) == whole:
            return range(start, end)
    return range(0)


def _aligned(
    before: Sequence[str], after: Sequence[str], left: Sequence[int], right: Sequence[int]
) -> list[tuple[int, int]]:
    """Old paragraphs and the new ones they became, in order, so that most words are kept.

    Needleman and Wunsch's alignment with likeness as the score and nothing for a gap.
    """
    if len(left) * len(right) > _MOST_PAIRS:
        return []
    likeness = _Likeness(before, after)
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for a in range(len(left) - 1, -1, -1):
        for b in range(len(right) - 1, -1, -1):
            score = likeness.of(left[a], right[b])
            both = best[a + 1][b + 1] + score if score >= ALIKE else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], both)
    found: list[tuple[int, int]] = []
    a = b = 0
    while a < len(left) and b < len(right):
        if best[a][b] == best[a + 1][b]:
            a += 1
        elif best[a][b] == best[a][b + 1]:
            b += 1
        else:
            found.append((left[a], right[b]))
            a, b = a + 1, b + 1
    return found


def _found_elsewhere(
    before: Sequence[str], after: Sequence[str], gone: Sequence[int], come: Sequence[int]
) -> list[tuple[int, int]]:
    """Removed paragraphs that stand in another place, the most alike first."""
    if len(gone) * len(come) > _MOST_PAIRS:
        return []
    likeness = _Likeness(before, after)
    scored = [(likeness.of(i, j), i, j) for i in gone for j in come]
    found: dict[int, int] = {}
    for score, i, j in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if score >= ALIKE_ELSEWHERE and i not in found and j not in found.values():
            found[i] = j
    return list(found.items())


class _Likeness:
    """Dice's coefficient of the words of two paragraphs; counted once a paragraph."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._texts = (before, after)
        self._words: tuple[dict[int, Counter[str]], dict[int, Counter[str]]] = ({}, {})

    def of(self, i: int, j: int) -> float:
        first, second = self._counted(0, i), self._counted(1, j)
        size = first.total() + second.total()
        return 2 * (first & second).total() / size if size else 1.0

    def _counted(self, side: int, n: int) -> Counter[str]:
        known = self._words[side]
        if n not in known:
            known[n] = Counter(_TOKEN.findall(self._texts[side][n].casefold()))
        return known[n]


def _in_reading_order(
    before: Sequence[str], after: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> Iterator[ParagraphChange]:
    onto: dict[int, list[int]] = {}
    parts = Counter(i for i, _ in pairs)
    for i, j in sorted(pairs):
        onto.setdefault(j, []).append(i)
    told: set[int] = set()

    def removed_before(end: int) -> Iterator[ParagraphChange]:
        start = end
        while start > 0 and start - 1 not in parts and start - 1 not in told:
            start -= 1
        for i in range(start, end):
            told.add(i)
            yield ParagraphChange("removed", i + 1, None)

    for j in range(len(after)):
        sources = onto.get(j, [])
        if not sources:
            yield ParagraphChange("added", None, j + 1)
        for i in sources:
            yield from removed_before(i)
            rebroken = len(sources) > 1 or parts[i] > 1
            same = rebroken or before[i] == after[j]
            yield ParagraphChange("same" if same else "changed", i + 1, j + 1)
    yield from removed_before(len(before))

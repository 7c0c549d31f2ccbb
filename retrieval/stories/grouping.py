"""Which texts tell of one event: average linkage that keeps look-alike events apart.

    likeness of every pair -> `average_linkage` -> groups
    groups + the stories before -> `carry_over` -> story of every text, stories that were joined

Pure functions. They run on the neighbourhood of an arriving text (`retrieval.stories.pool`), so
that a text which was misplaced earlier moves, and stories join or part, as more is read.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from corpus.articles import Article
from retrieval.stories.features import Repeated, Weights, read_terms
from retrieval.stories.nouns import moment_of

# Groups join where the average likeness between them is at least `ALIKE` and, since two events
# of one kind are alike too, at least `AS_CLOSE` times the average likeness within the looser of
# them. The likeness within counts `PRIOR_PAIRS` pairs at `ALIKE`, so that a group of two does not
# close up. Tuned with the weights of `retrieval.stories.features` on ECB+ by cross-validation over
# topics (python -m tests.evaluation.stories --tune), where .22 to .30 and .86 to .92 are all
# within .01; the upper end was taken because in a stream of one field of news everything is
# somewhat alike.
ALIKE = 0.30
AS_CLOSE = 0.88
PRIOR_PAIRS = 3.0


def average_linkage(
    alike: Weights,
    fixed: Sequence[str | None] = (),
    *,
    threshold: float = ALIKE,
    as_close: float = AS_CLOSE,
) -> list[list[int]]:
    """Groups of indices into `alike`, a symmetric matrix; each group ascends.

    `fixed` names for each text the story that a person put it into: texts of one name are one
    group in the end, texts of different names are never. A story that a person joined of unlike
    parts goes on to draw what is like one of them. Average linkage:
    Sokal and Michener 1958, "A Statistical Method for Evaluating Systematic Relationships"; the
    demand for relative closeness follows Karypis, Han and Kumar 1999, "Chameleon".
    """
    merging = _Merging(alike, list(fixed) or [None] * len(alike), threshold)
    while True:
        found = merging.closest()
        if found is None:
            return merging.groups()
        one, other, closeness = found
        if closeness >= as_close * min(merging.within(one), merging.within(other)):
            merging.join(one, other)
        else:
            merging.refuse(one, other)


@dataclass(frozen=True, slots=True)
class Placed:
    """A text of a neighbourhood: the story it was in (None for a new text), and its moment."""

    key: str
    story: str | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the stories: the story of every text, and which joined which."""

    stories: tuple[str, ...]
    joined: dict[str, str]


def carry_over(
    groups: Sequence[Sequence[int]],
    texts: Sequence[Placed],
    begun: Mapping[str, datetime],
    is_taken: Callable[[str], bool],
) -> Carried:
    """Name groups by the stories that their texts were in, which began at `begun`.

    A story goes on in the group that holds most of its texts, of equals in that with the first.
    Where several stories go on in one group they are joined to the one that began first. A group
    in which none goes on is a new story.
    """
    group_of = {index: number for number, group in enumerate(groups) for index in group}
    goes_on: dict[int, list[str]] = {}
    for story in dict.fromkeys(text.story for text in texts if text.story is not None):
        own = [index for index, text in enumerate(texts) if text.story == story]
        held = Counter(group_of[index] for index in own)
        # Of equals the first counted is taken, so the one with the earliest text.
        own.sort(key=lambda index: (texts[index].moment, texts[index].key))
        best = max(own, key=lambda index: held[group_of[index]])
        goes_on.setdefault(group_of[best], []).append(story)
    stories, joined, begins = [""] * len(texts), dict[str, str](), set[str]()
    for number, group in enumerate(groups):
        if number in goes_on:
            name, *others = sorted(goes_on[number], key=lambda story: (begun[story], story))
            joined |= dict.fromkeys(others, name)
        else:
            first_text = min((texts[index].moment, texts[index].key) for index in group)
            name = new_story_id(first_text[1], lambda one: one in begins or is_taken(one))
            begins.add(name)
        for index in group:
            stories[index] = name
    return Carried(tuple(stories), joined)


def new_story_id(first: str, is_taken: Callable[[str], bool]) -> str:
    """16 hexadecimal digits from the first text of a story, others where those are taken."""
    content = f"story {first}"
    while is_taken(name := hashlib.sha256(content.encode()).hexdigest()[:16]):
        content = f"story {first} {name}"
    return name


def central_article(articles: Sequence[Article]) -> Article:
    """The article most like the others of its story; of copies and of equals the earliest.

    What most accounts share is what happened; a preview, a comment or a look back shares less.
    ValueError where there is none.
    """
    if not articles:
        raise ValueError("a story without articles has no centre")
    ordered = sorted(articles, key=lambda one: (one.duplicate_of is not None, moment_of(one)))
    origins = list({one.duplicate_of or one.id: one for one in reversed(ordered)}.values())[::-1]
    as_told = Repeated()
    vectors = [_unit(read_terms(as_told.told(one)).weights) for one in origins]
    shared: Counter[str] = Counter()
    for vector in vectors:
        shared.update(vector)
    closeness = [
        sum(weight * (shared[term] - weight) for term, weight in vector.items())
        for vector in vectors
    ]
    return origins[max(range(len(origins)), key=lambda index: (round(closeness[index], 6), -index))]


def _unit(weights: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}


class _Merging:
    """The state of one run: average likeness between the groups that are left."""

    def __init__(self, alike: Weights, fixed: list[str | None], threshold: float) -> None:
        self._threshold = threshold
        self._between = np.array(alike, dtype=np.float64)
        np.fill_diagonal(self._between, -np.inf)
        self._open = self._between.copy()
        self._members = [[index] for index in range(len(fixed))]
        self._inside = np.zeros(len(fixed))
        self._fixed = fixed
        for index in range(len(fixed)):
            self._keep_apart(index)

    def closest(self) -> tuple[int, int, float] | None:
        """The two groups of highest average likeness that may still join."""
        if not len(self._open):
            return None
        one, other = divmod(int(self._open.argmax()), len(self._open))
        closeness = float(self._open[one, other])
        return (one, other, closeness) if closeness >= self._threshold else None

    def within(self, group: int) -> float:
        """Average likeness inside a group, with `PRIOR_PAIRS` pairs at the threshold."""
        size = len(self._members[group])
        pairs = size * (size - 1) / 2
        return float((self._inside[group] + PRIOR_PAIRS * self._threshold) / (pairs + PRIOR_PAIRS))

    def join(self, one: int, other: int) -> None:
        first, second = len(self._members[one]), len(self._members[other])
        between = self._between
        self._inside[one] += self._inside[other] + between[one, other] * first * second
        joined = (between[one] * first + between[other] * second) / (first + second)
        joined[[one, other]] = -np.inf
        self._put(between, one, joined)
        self._put(between, other, -np.inf)
        # Whatever was refused is looked at again, because what would join is another group now.
        self._put(self._open, one, joined)
        self._put(self._open, other, -np.inf)
        self._members[one] += self._members[other]
        self._members[other] = []
        self._fixed[one] = self._fixed[one] or self._fixed[other]
        self._fixed[other] = None
        self._keep_apart(one)

    def refuse(self, one: int, other: int) -> None:
        self._open[one, other] = self._open[other, one] = -np.inf

    def groups(self) -> list[list[int]]:
        """What is left; groups that a person put into one story are one."""
        found: dict[str | int, list[int]] = {}
        for number, (members, story) in enumerate(zip(self._members, self._fixed, strict=True)):
            if members:
                found.setdefault(number if story is None else story, []).extend(members)
        return [sorted(members) for members in found.values()]

    def _keep_apart(self, group: int) -> None:
        """Refuse whatever a person put into another story."""
        story = self._fixed[group]
        if story is not None:
            for other, another in enumerate(self._fixed):
                if another not in (None, story):
                    self.refuse(group, other)

    @staticmethod
    def _put(matrix: np.ndarray, index: int, values: np.ndarray | float) -> None:
        matrix[index] = values
        matrix[:, index] = values

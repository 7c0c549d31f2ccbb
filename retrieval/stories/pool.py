"""The texts of living stories in memory, and where an arriving text belongs among them.

    text -> candidates (shared rare terms, near vectors) -> stories near it, at most `NEAR_STORIES`
         -> likeness among all their texts -> average linkage -> stories carried over

Only the neighbourhood of the arriving text is grouped anew, so the work does not grow with what
was read before, and yet later texts mend what earlier ones misled: in the end stories are much
what average linkage over everything would give. A text stands for all its copies.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from retrieval.embedding import Vectors
from retrieval.stories.features import Profile, Vocabulary, likeness
from retrieval.stories.grouping import ALIKE, Placed, average_linkage, carry_over

# Days without news after which a story has ended: what comes later begins another.
ENDED_DAYS = 21.0
# Texts that are looked at closely for each of the two ways of finding them.
CANDIDATES = 40
# A candidate this near to the threshold makes its story part of the neighbourhood.
NEAR = 0.8 * ALIKE
NEAR_STORIES = 6
# Of a long story only its latest texts are compared and may move; the others stay with it.
LATEST_TEXTS = 40
# The rarest terms of a text by which others are looked up, and how common a term may be.
RARE_TERMS = 40
MOST_HOLDERS = 400
# What is rare is poorly known while little has been read: until there are so many texts, each is
# looked at again whenever twice as many have been read.
ENOUGH_TEXTS = 1_000


@dataclass(slots=True)
class Text:
    """One origin: the moments of its articles (itself and copies) by id, and its story.

    `fixed` tells that a person put it where it is.
    """

    key: str
    profile: Profile
    articles: dict[str, datetime]
    story: str = ""
    fixed: bool = False

    @property
    def moment(self) -> datetime:
        return min(self.articles.values())


@dataclass(frozen=True, slots=True)
class Placement:
    """What an arriving text changed: the texts whose story is another now, and what was joined
    to what, in the order in which it happened."""

    moved: frozenset[str]
    joined: tuple[tuple[str, str], ...]


class StoryPool:
    """Living stories and their texts by key. For one thread."""

    def __init__(
        self, vocabulary: Vocabulary, is_taken: Callable[[str], bool] = lambda story: False
    ) -> None:
        """`is_taken` tells of stories that are not held here whether their id is in use."""
        self.vocabulary = vocabulary
        self._is_taken = is_taken
        self._again: deque[tuple[int, str]] = deque()
        self.texts: dict[str, Text] = {}
        self.stories: dict[str, set[str]] = {}
        self._holders: dict[int, set[str]] = defaultdict(set)
        self._rows: list[str | None] = []
        self._row_of: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)

    # -- what is held ------------------------------------------------------------------------

    def add(self, text: Text) -> None:
        """Take in a text whose story is known."""
        self.texts[text.key] = text
        self.stories.setdefault(text.story, set()).add(text.key)
        for term in text.profile.terms:
            self._holders[int(term)].add(text.key)
        self._add_vector(text.key, text.profile.vector)

    def remove(self, key: str) -> Text:
        """Forget a text; its story is forgotten with its last one."""
        text = self.texts.pop(key)
        self._leave(text)
        for term in text.profile.terms:
            self._holders[int(term)].discard(key)
        row = self._row_of.pop(key)
        self._rows[row] = None
        self._vectors[row] = 0.0
        return text

    def begun(self, story: str) -> datetime:
        return min(self.texts[key].moment for key in self.stories[story])

    def last(self, story: str) -> datetime:
        texts = (self.texts[key] for key in self.stories[story])
        return max(moment for text in texts for moment in text.articles.values())

    # -- placing -----------------------------------------------------------------------------

    def place(self, text: Text) -> Placement:
        """Put an arriving text into a story, new or not, and mend the stories around it.

        `text.story` is the story that it was in before its text changed, empty for none.
        """
        moved, joined = self._place(text)
        self._look_again_at(text.key)
        while self._again and self._again[0][0] <= self.vocabulary.texts:
            _, key = self._again.popleft()
            if key != text.key and key in self.texts and not self.texts[key].fixed:
                moved_again, joined_again = self._place(self.remove(key))
                moved |= moved_again
                joined += joined_again
                self._look_again_at(key)
        return Placement(frozenset(moved), tuple(joined))

    def _look_again_at(self, key: str) -> None:
        read = self.vocabulary.texts
        if read < ENOUGH_TEXTS:
            self._again.append((2 * read, key))

    def _place(self, text: Text) -> tuple[set[str], list[tuple[str, str]]]:
        near = self._near(text)
        if text.story in self.stories and text.story not in near:
            near.append(text.story)
        around = [text, *(self.texts[key] for story in near for key in self._latest(story))]
        profiles = [one.profile for one in around]
        groups = average_linkage(
            likeness(profiles, profiles, self.vocabulary),
            [one.story if one.fixed else None for one in around],
        )
        begun = {story: self.begun(story) for story in near}
        if text.story:
            begun.setdefault(text.story, text.moment)
        carried = carry_over(
            groups,
            [Placed(one.key, one.story or None, one.moment) for one in around],
            begun,
            lambda story: story in self.stories or self._is_taken(story),
        )
        moved = {text.key}
        text.story = carried.stories[0]
        for one, story in zip(around[1:], carried.stories[1:], strict=True):
            if one.story != story:
                self._move(one, story)
                moved.add(one.key)
        for story, survivor in carried.joined.items():
            for key in list(self.stories.get(story, ())):
                self._move(self.texts[key], survivor)
                moved.add(key)
        self.add(text)
        return moved, list(carried.joined.items())

    def _near(self, text: Text) -> list[str]:
        """Stories that have a candidate near to the threshold and go on, the nearest first."""
        keys = sorted({*self._by_terms(text.profile), *self._by_vector(text.profile.vector)})
        keys = [key for key in keys if self._goes_on(self.texts[key].story, text.profile)]
        if not keys:
            return []
        profiles = [self.texts[key].profile for key in keys]
        alike = likeness([text.profile], profiles, self.vocabulary)[0]
        best: dict[str, list[float]] = defaultdict(list)
        for key, value in zip(keys, alike, strict=True):
            best[self.texts[key].story].append(float(value))
        near = {story: max(values) for story, values in best.items() if max(values) >= NEAR}
        return sorted(near, key=lambda story: (-near[story], story))[:NEAR_STORIES]

    def _goes_on(self, story: str, profile: Profile) -> bool:
        """Whether a text's date is near enough to one of a story's; an unknown date is."""
        if np.isnan(profile.published):
            return True
        return any(
            not abs(self.texts[key].profile.published - profile.published) > ENDED_DAYS
            for key in self.stories[story]
        )

    def _by_terms(self, profile: Profile) -> list[str]:
        """Texts that share most of what is rare in a text."""
        rarity = self.vocabulary.rarity(profile.terms)
        telling = rarity * profile.weights
        scores: dict[str, float] = defaultdict(float)
        for index in np.argsort(-telling)[:RARE_TERMS]:
            holders = self._holders.get(int(profile.terms[index]), ())
            if len(holders) <= MOST_HOLDERS:
                for key in holders:
                    scores[key] += float(telling[index] * rarity[index])
        return sorted(scores, key=lambda key: (-scores[key], key))[:CANDIDATES]

    def _by_vector(self, vector: Vectors) -> list[str]:
        """Texts of the nearest meaning."""
        if not self._row_of:
            return []
        cosines = self._vectors[: len(self._rows)] @ vector
        nearest = np.argsort(-cosines, kind="stable")[:CANDIDATES]
        return [key for row in nearest if (key := self._rows[row]) is not None]

    def _latest(self, story: str) -> list[str]:
        """The texts of a story that are compared, from the latest to the first.

        One that a person put there is always among them, to speak for that decision.
        """
        keys = sorted(
            self.stories[story], key=lambda key: (self.texts[key].moment, key), reverse=True
        )
        latest, rest = keys[:LATEST_TEXTS], keys[LATEST_TEXTS:]
        if rest and not any(self.texts[key].fixed for key in latest):
            latest += [key for key in rest if self.texts[key].fixed][:1]
        return latest

    def _move(self, text: Text, story: str) -> None:
        self._leave(text)
        text.story = story
        self.stories.setdefault(story, set()).add(text.key)

    def _leave(self, text: Text) -> None:
        held = self.stories[text.story]
        held.discard(text.key)
        if not held:
            del self.stories[text.story]

    def _add_vector(self, key: str, vector: Vectors) -> None:
        if len(self._rows) == len(self._vectors):
            wider = np.zeros((max(1_024, 2 * len(self._rows)), len(vector)), dtype=np.float32)
            if self._rows:
                wider[: len(self._rows)] = self._vectors
            self._vectors = wider
        self._row_of[key] = len(self._rows)
        self._vectors[len(self._rows)] = vector
        self._rows.append(key)

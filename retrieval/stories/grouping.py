"""Which texts tell of one event: their likeness, and linkage that keeps look-alikes apart.

    article ─ Repeated.told ─▶ StoryText ─ read_terms ─▶ StoryTerms ─ Vocabulary.profile ─▶ Profile
    likeness of every pair ─ average_linkage ─▶ groups
    groups + the stories before ─ carry_over ─▶ story of every text, stories that were joined

Pure functions. They run on the neighbourhood of an arriving text (`retrieval.stories.follower`), so
that a text which was misplaced earlier moves, and stories join or part, as more is read.

Three things are compared, because look-alike events (two fights of one boxer, two votes on one
agreement) share most of their words and differ in their particulars:

    words         cosine of TF-IDF vectors in which names and numbers weigh more than words
    particulars   how much of what one text names at its beginning occurs anywhere in the other
    meaning       cosine of the vectors of their leads

Where both dates are known, likeness fades with the time between them; a text without a date is
neither nearer nor farther for it.

Texts of different languages share no words, so that three other things are compared: the meaning of
title and first paragraph in the space of all languages, what names sound like and numbers
(`corpus.text.names.sounds`), and the time between them.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from corpus.articles import Article
from corpus.text.names import sounds
from corpus.text.words import content_words, digits, fold, names
from retrieval.encoders.encoder import Vectors
from retrieval.stories.story import moment_of

Weights = NDArray[np.float32]
# News tells first what matters most; what follows is background that many events share.
# Characters; about 900 English words.
READ_CHARACTERS = 6_000
# Texts with the same paragraph from which on it is a form and no account.
REPEATED_IN = 3
# What is compared in meaning; further down texts tell of what many events share.
LEAD_CHARACTERS = 1_000
# Title and first paragraphs, in which the particulars of an event are named.
NAMING_CHARACTERS = 600
NAME_WEIGHT = 3.0
NUMBER_WEIGHT = 2.0
WORDS_SHARE, PARTICULARS_SHARE, MEANING_SHARE = 0.4, 0.4, 0.2
# A text that names little at its beginning has found little even where all of it is found.
PARTICULARS_PRIOR = 3.0
# Likeness of texts published within `FRESH_DAYS` counts in full, and from `STALE_DAYS` on less
# by `FADING`. Set by reading the stories of the bundled sample, since ECB+ has few dates: what is
# reported month after month falls into its stages.
FRESH_DAYS, STALE_DAYS, FADING = 3.0, 21.0, 0.35
_LOWER_CASE = re.compile(r"(?<![^\W_])[^\W\d_A-ZÀ-Þ][\w’'-]+")
_DAY_SECONDS = 86_400.0
# Groups join where the average likeness between them is at least `ALIKE` and, since two events
# of one kind are alike too, at least `AS_CLOSE` times the average likeness within the looser of
# them. The likeness within counts `PRIOR_PAIRS` pairs at `ALIKE`, so that a group of two does not
# close up. Tuned with the weights of `retrieval.stories.grouping` on ECB+ by cross-validation over
# topics (python -m tests.evaluation.stories --tune), where .22 to .30 and .86 to .92 are all
# within .01; the upper end was taken because in a stream of one field of news everything is
# somewhat alike.
ALIKE = 0.30
AS_CLOSE = 0.88
PRIOR_PAIRS = 3.0
# Of texts of different languages, so that `ALIKE` is as likely one event as not: what a cosine of
# meaning and one of sounds add, and what a day between them takes, of three at most; a text without
# a date is as a day away. Fitted by logistic regression on reports of thirty-nine events in nine
# languages, among other news of the same days (python -m tests.evaluation.stories --fit-languages).
MEANING_ABROAD, SOUNDS_ABROAD, DAY_ABROAD, NOTHING_ABROAD = 1.25, 0.68, 0.12, -0.26
MOST_DAYS_ABROAD = 3.0


@dataclass(frozen=True, slots=True)
class StoryTerms:
    """Words of a text: how much each weighs, and those that are named at its beginning."""

    weights: dict[str, float]
    particulars: frozenset[str]
    sounds: frozenset[str] = frozenset()
    """What its beginning names, in any script; read where there are texts in several languages."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A text as it is compared; terms are numbers of a `Vocabulary`, ascending.

    `vector` is the unit vector of its lead; `published` counts days, NaN where unknown. `abroad`
    is what it has in common with texts in other languages, None where nobody asked.
    """

    terms: NDArray[np.int32]
    weights: Weights
    particulars: NDArray[np.int32]
    vector: Vectors
    published: float
    abroad: Abroad | None = None

    @property
    def found_by(self) -> Vectors:
        """`vector` with that of `abroad` at its end, where the space of all languages lies."""
        if self.abroad is None:
            return self.vector
        return np.concatenate([self.vector[: -len(self.abroad.vector)], self.abroad.vector])


@dataclass(frozen=True, slots=True)
class Abroad:
    """A text as it is compared with one in another language: its own (ISO 639-1, empty where
    unknown), the unit vector of its beginning in the space of all languages, its sounds."""

    language: str
    vector: Vectors
    sounds: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class StoryText:
    """What a text tells: its title and the paragraphs of its own."""

    title: str
    paragraphs: tuple[str, ...]

    def beginning(self, characters: int) -> str:
        """The title and whole paragraphs until there are so many characters."""
        return "\n".join((self.title, *self._first(characters)))

    @property
    def lead(self) -> tuple[str, ...]:
        """The first paragraphs, which are compared in meaning."""
        return self._first(LEAD_CHARACTERS)

    def _first(self, characters: int) -> tuple[str, ...]:
        parts, length = [], len(self.title)
        for paragraph in self.paragraphs:
            if length > characters:
                break
            parts.append(paragraph)
            length += len(paragraph)
        return tuple(parts)


class Repeated:
    """Paragraphs that several texts have word for word: newsletter forms, mastheads, notices.

    They tell of no event, and texts that share them would look alike.
    """

    def __init__(self) -> None:
        self._texts_with: Counter[str] = Counter()

    def count(self, article: Article) -> None:
        """Count an article's paragraphs; copies of one text are counted once, by the caller."""
        self._texts_with.update({_folded(one.text) for one in article.paragraphs})

    def told(self, article: Article) -> StoryText:
        """An article without repeated paragraphs and without a paragraph that is its title."""
        texts = [one.text for one in article.paragraphs if one.text.strip()]
        own = [
            text
            for text in texts
            if self._texts_with[_folded(text)] < REPEATED_IN
            and _folded(text) != _folded(article.title)
        ]
        return StoryText(article.title, tuple(own or texts))


def _folded(text: str) -> str:
    return " ".join(text.split())


def read_terms(told: StoryText, *, abroad: bool = False) -> StoryTerms:
    """Folded terms of a text with (1 + ln of their count) times the weight of their kind.

    A word is a name where it is capitalised inside a sentence and nowhere in lower case, so that
    a headline in capitals names nobody new. Days and months count as names: what was on Thursday
    is not what was on Saturday. Where a beginning names nobody (scripts without capitals) its
    content words are its particulars. Sounds are read where texts are compared `abroad`.
    """
    text = told.beginning(READ_CHARACTERS)[:READ_CHARACTERS]
    beginning = told.beginning(NAMING_CHARACTERS)
    named = {fold(name) for name in names(text)} - set(map(fold, _LOWER_CASE.findall(text)))
    numbers = digits(text)
    weights = {
        term: float(1 + np.log(count))
        * (NAME_WEIGHT if term in named else NUMBER_WEIGHT if term in numbers else 1.0)
        for term, count in Counter(content_words(text)).items()
    }
    particulars = {fold(name) for name in names(beginning)} & named & weights.keys()
    return StoryTerms(
        weights,
        frozenset(particulars or weights.keys() & set(content_words(beginning))),
        frozenset(f"~{one}" for one in sounds(beginning)) if abroad else frozenset(),
    )


class Vocabulary:
    """Terms by number, and in how many texts each was seen: what makes a shared one telling."""

    def __init__(self) -> None:
        self.texts = 0
        self._numbers: dict[str, int] = {}
        self._seen = np.zeros(1 << 14, dtype=np.float32)

    def learn(self, terms: StoryTerms) -> None:
        """Count a text; every text counts once, copies do not."""
        numbers = self.numbers((*terms.weights, *terms.sounds))
        self.texts += 1
        self._seen[numbers] += 1

    def profile(
        self, terms: StoryTerms, vector: Vectors, published: float, abroad: Abroad | None = None
    ) -> Profile:
        numbers = self.numbers(terms.weights)
        order = np.argsort(numbers)
        weights = np.fromiter(terms.weights.values(), np.float32, len(numbers))
        return Profile(
            numbers[order],
            weights[order],
            np.sort(self.numbers(terms.particulars)),
            np.asarray(vector, dtype=np.float32),
            published,
            replace(abroad, sounds=np.sort(self.numbers(terms.sounds))) if abroad else None,
        )

    def rarity(self, numbers: NDArray[np.int32]) -> Weights:
        """Inverse document frequency, ln((N + 1) / (n + ½)), after Robertson and Spärck Jones."""
        seen = np.minimum(self._seen[numbers], self.texts)
        return np.asarray(np.log((self.texts + 1) / (seen + 0.5)), dtype=np.float32)

    def numbers(self, terms: Collection[str]) -> NDArray[np.int32]:
        """The numbers of terms, in their order; a new one for a term that was never seen."""
        numbers = self._numbers
        found = np.fromiter(
            (numbers.setdefault(term, len(numbers)) for term in terms), np.int32, len(terms)
        )
        while len(numbers) > len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros_like(self._seen)])
        return found


def likeness(
    rows: Sequence[Profile], columns: Sequence[Profile], vocabulary: Vocabulary
) -> Weights:
    """How alike each of `rows` is to each of `columns`, shape (rows, columns), about 0 to 1."""
    numbers, holders = np.unique(np.concatenate([one.terms for one in rows]), return_counts=True)
    if rows is columns:
        numbers = numbers[holders > 1]
    left = _compared(rows, numbers, vocabulary)
    right = left if rows is columns else _compared(columns, numbers, vocabulary)
    words = left.words @ right.words.T
    found = (left.named @ right.present.T) / left.naming[:, None]
    found += (left.present @ right.named.T) / right.naming[None, :]
    meaning = np.stack([one.vector for one in rows]) @ np.stack([one.vector for one in columns]).T
    alike = WORDS_SHARE * words + PARTICULARS_SHARE * found / 2 + MEANING_SHARE * meaning
    alike *= _freshness(rows, columns)
    abroad = _in_two_languages(rows, columns)
    if abroad.any():
        alike[abroad] = _likeness_abroad(rows, columns, vocabulary)[abroad]
    return np.asarray(alike, dtype=np.float32)


def _in_two_languages(rows: Sequence[Profile], columns: Sequence[Profile]) -> NDArray[np.bool_]:
    spoken, heard = (
        np.array([one.abroad.language if one.abroad else "" for one in profiles])
        for profiles in (rows, columns)
    )
    known = (spoken != "")[:, None] & (heard != "")[None, :]
    return np.asarray(known & (spoken[:, None] != heard[None, :]))


def _likeness_abroad(
    rows: Sequence[Profile], columns: Sequence[Profile], vocabulary: Vocabulary
) -> Weights:
    """How alike texts are whatever their languages, on the scale of `likeness`."""
    left, right = ([one.abroad for one in profiles] for profiles in (rows, columns))
    nothing = next(Abroad("", np.zeros_like(one.vector)) for one in (*left, *right) if one)
    known, others = ([one or nothing for one in side] for side in (left, right))
    numbers = np.unique(np.concatenate([one.sounds for one in known]))
    meaning = np.stack([one.vector for one in known]) @ np.stack([one.vector for one in others]).T
    heard = unit_rows([one.sounds for one in known], numbers, vocabulary)
    shared = heard @ unit_rows([one.sounds for one in others], numbers, vocabulary).T
    days = np.clip(np.nan_to_num(_days_apart(rows, columns), nan=1.0), 0.0, MOST_DAYS_ABROAD)
    alike = MEANING_ABROAD * meaning + SOUNDS_ABROAD * shared - DAY_ABROAD * days + NOTHING_ABROAD
    return np.asarray(np.clip(alike, 0.0, 1.0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Profiles side by side, shape (profiles, terms in common), and how much each names."""

    words: Weights
    present: Weights
    named: Weights
    naming: Weights


def _compared(
    profiles: Sequence[Profile], numbers: NDArray[np.int32], vocabulary: Vocabulary
) -> _Compared:
    shape = len(profiles), len(numbers)
    counted = np.concatenate([one.weights for one in profiles])
    words = unit_rows([one.terms for one in profiles], numbers, vocabulary, counted)
    of_naming, particulars = _flat([one.particulars for one in profiles])
    rarity = vocabulary.rarity(particulars)
    kept, at = _among(particulars, numbers)
    named = np.zeros(shape, dtype=np.float32)
    named[of_naming[kept], at] = rarity[kept]
    naming = PARTICULARS_PRIOR + np.bincount(of_naming, rarity, len(profiles))
    return _Compared(words, (words > 0).astype(np.float32), named, naming.astype(np.float32))


def unit_rows(
    parts: Sequence[NDArray[np.int32]],
    numbers: NDArray[np.int32],
    vocabulary: Vocabulary,
    counted: Weights | float = 1.0,
) -> Weights:
    """Of each part the unit vector of its terms, each as `counted` and by its rarity, as far as
    they are among `numbers`: shape (parts, numbers)."""
    of_part, terms = _flat(parts)
    weights = counted * vocabulary.rarity(terms)
    lengths = np.sqrt(np.bincount(of_part, weights**2, len(parts))) + 1e-9
    kept, at = _among(terms, numbers)
    units = np.zeros((len(parts), len(numbers)), dtype=np.float32)
    units[of_part[kept], at] = (weights / lengths[of_part])[kept]
    return units


def _flat(parts: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """All parts one after another, with the index of the part that each comes from."""
    return np.repeat(np.arange(len(parts)), [len(part) for part in parts]), np.concatenate(parts)


def _among(
    terms: NDArray[np.int32], numbers: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which of `terms` are among `numbers`, which ascend, and where those are."""
    if not len(numbers):
        return np.zeros(len(terms), dtype=bool), np.zeros(0, dtype=np.intp)
    at = np.minimum(np.searchsorted(numbers, terms), len(numbers) - 1)
    kept = numbers[at] == terms
    return kept, at[kept]


def _freshness(rows: Sequence[Profile], columns: Sequence[Profile]) -> Weights:
    days = _days_apart(rows, columns)
    aged = np.clip((days - FRESH_DAYS) / (STALE_DAYS - FRESH_DAYS), 0.0, 1.0)
    return np.asarray(1.0 - FADING * np.nan_to_num(aged), dtype=np.float32)


def _days_apart(rows: Sequence[Profile], columns: Sequence[Profile]) -> NDArray[np.float64]:
    told, there = (np.array([one.published for one in side]) for side in (rows, columns))
    return np.asarray(np.abs(told[:, None] - there[None, :]))


def published_day(article: Article) -> float:
    """Days since 1970 of its publication, NaN where that is not known."""
    if article.published_at is None:
        return float("nan")
    return article.published_at.timestamp() / _DAY_SECONDS


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
    origins = list({one.origin: one for one in reversed(ordered)}.values())[::-1]
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

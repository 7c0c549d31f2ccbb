"""How alike two texts are as accounts of one event.

    article -> `Repeated.told` -> StoryText -> `read_terms` -> StoryTerms
            -> `Vocabulary.profile` -> Profile -> `likeness`

Three things are compared, because look-alike events (two fights of one boxer, two votes on one
agreement) share most of their words and differ in their particulars:

    words         cosine of TF-IDF vectors in which names and numbers weigh more than words
    particulars   how much of what one text names at its beginning occurs anywhere in the other
    meaning       cosine of the vectors of their leads (`retrieval.stories.vectors`)

Where both dates are known, likeness fades with the time between them; a text without a date is
neither nearer nor farther for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.articles import Article
from retrieval.embedding import Vectors
from retrieval.terms import content_words, digits, fold, names

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


@dataclass(frozen=True, slots=True)
class StoryTerms:
    """Words of a text: how much each weighs, and those that are named at its beginning."""

    weights: dict[str, float]
    particulars: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """A text as it is compared; terms are numbers of a `Vocabulary`, ascending.

    `vector` is the unit vector of its lead; `published` counts days, NaN where unknown.
    """

    terms: NDArray[np.int32]
    weights: Weights
    particulars: NDArray[np.int32]
    vector: Vectors
    published: float


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


def read_terms(told: StoryText) -> StoryTerms:
    """Folded terms of a text with (1 + ln of their count) times the weight of their kind.

    A word is a name where it is capitalised inside a sentence and nowhere in lower case, so that
    a headline in capitals names nobody new. Days and months count as names: what was on Thursday
    is not what was on Saturday. Where a beginning names nobody (scripts without capitals) its
    content words are its particulars.
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
        weights, frozenset(particulars or weights.keys() & set(content_words(beginning)))
    )


class Vocabulary:
    """Terms by number, and in how many texts each was seen: what makes a shared one telling."""

    def __init__(self) -> None:
        self.texts = 0
        self._numbers: dict[str, int] = {}
        self._seen = np.zeros(1 << 14, dtype=np.float32)

    def learn(self, terms: StoryTerms) -> None:
        """Count a text; every text counts once, copies do not."""
        numbers = self._of(terms.weights)
        self.texts += 1
        self._seen[numbers] += 1

    def profile(self, terms: StoryTerms, vector: Vectors, published: float) -> Profile:
        numbers = self._of(terms.weights)
        order = np.argsort(numbers)
        weights = np.fromiter(terms.weights.values(), np.float32, len(numbers))
        return Profile(
            numbers[order],
            weights[order],
            np.sort(self._of(terms.particulars)),
            np.asarray(vector, dtype=np.float32),
            published,
        )

    def rarity(self, numbers: NDArray[np.int32]) -> Weights:
        """Inverse document frequency, ln((N + 1) / (n + ½)), after Robertson and Spärck Jones."""
        seen = np.minimum(self._seen[numbers], self.texts)
        return np.asarray(np.log((self.texts + 1) / (seen + 0.5)), dtype=np.float32)

    def _of(self, terms: Sequence[str] | dict[str, float] | frozenset[str]) -> NDArray[np.int32]:
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
    return np.asarray(alike * _freshness(rows, columns), dtype=np.float32)


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
    of_profile, terms = _flat([one.terms for one in profiles])
    weights = np.concatenate([one.weights for one in profiles]) * vocabulary.rarity(terms)
    lengths = np.sqrt(np.bincount(of_profile, weights**2, len(profiles))) + 1e-9
    kept, at = _among(terms, numbers)
    words = np.zeros(shape, dtype=np.float32)
    words[of_profile[kept], at] = (weights / lengths[of_profile])[kept]
    of_naming, particulars = _flat([one.particulars for one in profiles])
    rarity = vocabulary.rarity(particulars)
    kept, at = _among(particulars, numbers)
    named = np.zeros(shape, dtype=np.float32)
    named[of_naming[kept], at] = rarity[kept]
    naming = PARTICULARS_PRIOR + np.bincount(of_naming, rarity, len(profiles))
    return _Compared(words, (words > 0).astype(np.float32), named, naming.astype(np.float32))


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
    days = np.abs(
        np.array([one.published for one in rows])[:, None]
        - np.array([one.published for one in columns])[None, :]
    )
    aged = np.clip((days - FRESH_DAYS) / (STALE_DAYS - FRESH_DAYS), 0.0, 1.0)
    return np.asarray(1.0 - FADING * np.nan_to_num(aged), dtype=np.float32)


def published_day(article: Article) -> float:
    """Days since 1970 of its publication, NaN where that is not known."""
    if article.published_at is None:
        return float("nan")
    return article.published_at.timestamp() / _DAY_SECONDS

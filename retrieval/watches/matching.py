"""Watches, what a reader wants to be told of as soon as it comes; an article matched against all.

    watches ─▶ compiled once: phrases in one index, meanings in one matrix
    article ─▶ words of title and paragraphs  ─▶ phrases that stand there  ┐
            ─▶ places of title and paragraphs ─▶ who may be told           ├─▶ matches
            ─▶ vectors of its paragraphs x meanings ─▶ near enough         ┘

Precision comes first; whoever is told of everything reads nothing. Beside being near in meaning, an
article must be about a place of the watch's words and have half of their names: "ceasefire talks in
Libya" is as near to talks in Sudan as to its own. Whatever an article fails of this for is not
compared at all, which leaves few of ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.articles import Article
from corpus.text.places import place_code, place_name, places_of
from corpus.text.words import fold, names
from retrieval.encoders.encoder import Vectors
from retrieval.similarity import Encode
from retrieval.watches.texts import (
    Hit,
    How,
    Phrase,
    PhraseIndex,
    Wanted,
    WatchedText,
    WatchMatch,
    content_count,
    exact_phrase,
    heard_phrases,
    is_name,
    phrase_of,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a watch looks for.

    `words` are words or phrases of which one must fit, in words or in meaning; `aliases` are
    other names for any of them, matched to the letter. Of `actors` one must be named, of `places`
    (ISO 3166 codes or names) one must be spoken of; `sources` and `kinds` narrow who says it.
    What is empty does not narrow; at least one of words, actors and places is not.
    """

    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


NEAR_IN_MEANING = 0.60
"""Cosine from which a paragraph says what the words of a watch say.

Tuned on headers of dated events as watches and the events as articles, by
`python -m tests.benchmarks --only meaning`. Of what is matched, the share that stands under the
very header is 0.27 from 0.50 on, 0.38 from 0.55, 0.48 from 0.60 and 0.65; beyond 0.60 only matches
are lost. Much of the other half tells of the same conflict under a neighbouring header, another
year's most often.
"""
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch's id and what it looks for."""

    id: str
    criteria: Criteria


class WatchMatcher:
    """Matches articles against a set of watches. Immutable, so threads may share it."""

    def __init__(
        self, watches: Sequence[Watched], encode: Encode, near_in_meaning: float = NEAR_IN_MEANING
    ) -> None:
        """`encode` is called once, with the distinct words that are to be met in meaning."""
        self._phrases: list[Phrase] = []
        self._written: list[str] = []
        self._known: dict[Phrase, int] = {}
        self._wanted: list[Wanted] = []
        for watched in watches:
            self._wanted.append(self._compiled(watched))
        self._index = PhraseIndex(self._phrases)
        self._by_phrase = _watches_by(self._wanted, lambda wanted: wanted.words)
        self._by_actor = _watches_by(self._wanted, lambda wanted: wanted.names, named_only=True)
        self._by_surname = _watches_by(
            self._wanted, lambda wanted: [last for _, last in wanted.surnames], named_only=True
        )
        self._by_place = _watches_by(
            self._wanted, lambda wanted: () if wanted.actors else wanted.places, named_only=True
        )
        self._meanings = Meanings([watched.criteria for watched in watches], encode)
        self._least = near_in_meaning

    def matches(
        self, article: Article, vectors: Vectors, numbers: Sequence[int]
    ) -> list[WatchMatch]:
        """The watches that an article meets, each with its best sentence.

        `vectors` are unit vectors of windows of its paragraphs, shape (windows, dimension);
        `numbers` tell the paragraph of each.
        """
        if not article.paragraphs:
            return []
        text = WatchedText(article, self._index)
        hits = self._by_words(text)
        hits |= self._by_meaning(text, vectors, numbers, hits)
        for watch, hit in self._by_names(text).items():
            hits.setdefault(watch, hit)
        found = []
        for watch, hit in hits.items():
            wanted = self._wanted[watch]
            if self._lets_pass(wanted, text, hit):
                found.append(text.best(wanted, hit))
        return found

    # -- candidates --------------------------------------------------------------------------

    def _by_words(self, text: WatchedText) -> dict[int, Hit]:
        hits: dict[int, Hit] = {}
        for number, phrases in enumerate(text.phrases):
            for phrase in phrases:
                for watch in self._by_phrase.get(phrase, ()):
                    hit = hits.setdefault(watch, Hit(How.WORDS))
                    hit.what.setdefault(number, self._written[phrase])
        return hits

    def _by_meaning(
        self, text: WatchedText, vectors: Vectors, numbers: Sequence[int], met: Mapping[int, Hit]
    ) -> dict[int, Hit]:
        hits: dict[int, Hit] = {}
        for near in self._meanings.near(text, vectors, self._least):
            if near.watch in met:
                continue
            known = hits.get(near.watch)
            if known is None or known.score < near.cosine:
                where = {numbers[near.window]: near.text}
                hits[near.watch] = Hit(How.MEANING, where, near.cosine)
        return hits

    def _by_names(self, text: WatchedText) -> dict[int, Hit]:
        hits: dict[int, Hit] = {}
        for number, phrases in enumerate(text.phrases):
            for phrase in phrases:
                for watch in self._by_actor.get(phrase, ()):
                    hit = hits.setdefault(watch, Hit(How.NAMES))
                    hit.what.setdefault(number, self._written[phrase])
        for last in text.vocabulary & self._by_surname.keys():
            for watch in self._by_surname[last]:
                for initial, name in self._wanted[watch].surnames:
                    for number in text.persons(initial, name) if name == last else ():
                        hit = hits.setdefault(watch, Hit(How.NAMES))
                        hit.what.setdefault(number, name)
        for code in text.subject_places:
            where, name = text.place_paragraphs[code], place_name(code)
            for watch in self._by_place.get(code, ()):
                hits.setdefault(watch, Hit(How.NAMES, dict.fromkeys(where, name)))
        return hits

    def _lets_pass(self, wanted: Wanted, text: WatchedText, hit: Hit) -> bool:
        article = text.article
        if wanted.sources and (article.source or "").casefold() not in wanted.sources:
            return False
        if wanted.kinds and article.kind.value not in wanted.kinds:
            return False
        if (wanted.places or wanted.place_names) and not text.is_about(wanted, hit):
            return False
        if wanted.actors and hit.how is not How.NAMES:
            return not text.standing.isdisjoint(wanted.actors) or any(
                text.persons(initial, last) for initial, last in wanted.surnames
            )
        return True

    # -- compiling ---------------------------------------------------------------------------

    def _compiled(self, watched: Watched) -> Wanted:
        criteria = watched.criteria
        words = self._numbers(phrase_of, criteria.words)
        words += self._numbers(exact_phrase, criteria.aliases)
        words += self._heard((*criteria.words, *criteria.aliases))
        actors = self._numbers(exact_phrase, criteria.actors) + self._heard(criteria.actors)
        parts = [words_of(text).exact for text in criteria.actors]
        codes = {place: place_code(place) for place in criteria.places}
        unknown = self._numbers(exact_phrase, [p for p, code in codes.items() if code is None])
        return Wanted(
            id=watched.id,
            words=tuple(words),
            actors=tuple(actors),
            surnames=tuple((part[0][0], part[-1]) for part in parts if len(part) > 1),
            places=frozenset(code for code in codes.values() if code),
            place_names=tuple(unknown),
            sources=frozenset(name.casefold() for name in criteria.sources),
            kinds=frozenset(kind.casefold() for kind in criteria.kinds),
            named_only=not (criteria.words or criteria.aliases),
            phrases=frozenset((*words, *actors, *unknown)),
        )

    def _numbers(self, reading: Callable[[str], Phrase | None], texts: Iterable[str]) -> list[int]:
        numbers = (self._number(reading(text), text) for text in texts)
        return [number for number in numbers if number is not None]

    def _heard(self, texts: Iterable[str]) -> list[int]:
        """Numbers of the phrases by which names are found in other scripts."""
        numbers = (self._number(one, text) for text in texts for one in heard_phrases(text))
        return [number for number in numbers if number is not None]

    def _number(self, phrase: Phrase | None, written: str) -> int | None:
        if phrase is None:
            return None
        if phrase not in self._known:
            self._known[phrase] = len(self._phrases)
            self._phrases.append(phrase)
            self._written.append(written)
        return self._known[phrase]


def _watches_by(
    wanted: Sequence[Wanted], keys: Callable[[Wanted], Iterable[_Key]], named_only: bool = False
) -> Mapping[_Key, list[int]]:
    found: dict[_Key, list[int]] = {}
    for number, watch in enumerate(wanted):
        if not named_only or watch.named_only:
            for key in dict.fromkeys(keys(watch)):
                found.setdefault(key, []).append(number)
    return found


@dataclass(frozen=True, slots=True)
class Near:
    """A watch and the window of an article that says what one of its words says."""

    watch: int
    text: str
    window: int
    cosine: float


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Words to be met in meaning, what must be spoken of beside, and the watches that look for
    them."""

    text: str
    places: frozenset[str]
    names: frozenset[str]
    watches: tuple[int, ...]


class Meanings:
    """The meanings of many watches in one matrix. Immutable, so threads may share it."""

    def __init__(self, criteria: Sequence[Criteria], encode: Encode) -> None:
        """Watches are numbered as `criteria` stands; `encode` is called once at most."""
        looked_for: dict[str, list[int]] = {}
        for watch, one in enumerate(criteria):
            for text in one.words:
                if says_enough(text):
                    looked_for.setdefault(text, []).append(watch)
        self._meanings = [_meaning(text, watches) for text, watches in looked_for.items()]
        self._matrix = encode(list(looked_for)) if looked_for else None
        self._by_place = _rows_by(self._meanings, lambda meaning: meaning.places)
        self._by_name = _rows_by(self._meanings, lambda meaning: meaning.names)
        self._names = np.array([len(meaning.names) for meaning in self._meanings], dtype=np.intp)
        self._anywhere = np.array([not meaning.places for meaning in self._meanings], dtype=bool)

    def near(self, text: WatchedText, vectors: Vectors, least: float) -> Iterator[Near]:
        """What is near an article's windows (rows of `vectors`), from a cosine of `least` on."""
        if self._matrix is None or not len(vectors):
            return
        rows = self._may_be_met(text)
        near = self._matrix[rows] @ vectors.T
        for at, window in np.argwhere(near >= least).tolist():
            meaning = self._meanings[rows[at]]
            for watch in meaning.watches:
                yield Near(watch, meaning.text, window, float(near[at, window]))

    def _may_be_met(self, text: WatchedText) -> NDArray[np.intp]:
        """The meanings with a place that the text is about, or none, and half of whose names
        stand in it."""
        about = self._anywhere.copy()
        for place in text.subject_places & self._by_place.keys():
            about[self._by_place[place]] = True
        found = [self._by_name[name] for name in text.vocabulary & self._by_name.keys()]
        rows = np.concatenate(found) if found else np.zeros(0, dtype=np.intp)
        standing = np.bincount(rows, minlength=len(about))
        return np.flatnonzero(about & (2 * standing >= self._names))


def _rows_by(
    meanings: Sequence[_Meaning], keys: Callable[[_Meaning], Iterable[str]]
) -> dict[str, NDArray[np.intp]]:
    rows: dict[str, list[int]] = {}
    for row, meaning in enumerate(meanings):
        for key in keys(meaning):
            rows.setdefault(key, []).append(row)
    return {key: np.array(found, dtype=np.intp) for key, found in rows.items()}


def says_enough(text: str) -> bool:
    """Whether words say enough to be met in meaning: two content words, and not a name."""
    return content_count(text) >= 2 and not is_name(text)


def _meaning(text: str, watches: Iterable[int]) -> _Meaning:
    required = {fold(name) for name in names(text) if not places_of(name)}
    watching = tuple(dict.fromkeys(watches))
    return _Meaning(text, frozenset(places_of(text)), frozenset(required), watching)

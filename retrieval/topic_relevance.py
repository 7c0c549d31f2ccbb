"""Whether a paragraph speaks of a topic: by its words and places, and by its meaning.

    topic -> places and words -> share of them in the paragraph, and in its setting
    topic -> vector           -> cosine of the paragraph

For lists that a reader goes through one by one ("everything that X said of Y"), where one that
does not belong is worse than one that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.articles import Article
from corpus.places.finding import place_code, places_of
from retrieval.passages import ParagraphKey
from retrieval.sameness import stem
from retrieval.search import HybridSearch
from retrieval.sentence_features import is_named
from retrieval.terms import content_words, fold, words

# Cosines of a paragraph to a topic of one to four words, by the packaged model; read off the
# sample with a dozen topics. From the first on, paragraphs that do not use the words speak of the
# matter all the same; from the second on, those of an article that elsewhere plainly does; under
# the third, one whose article's title has the words speaks of something else.
SPEAKS_OF_IT = 0.45
BELONGS_TO_IT = 0.25
SPEAKS_OF_ANOTHER = 0.12
_LONGEST_PLACE = 4
"""Words of a place's name: "United States of America"."""


_LISTED = re.compile(r"[,;] | and ")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as typed, and what must be found: countries (ISO codes) and other words."""

    text: str
    places: frozenset[str]
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Topic:
        text = " ".join(text.split())
        found = places_of(_capitalised(text)) or places_of(text)
        named = {fold(part) for name in _place_words(text) for part in name.split()}
        rest = tuple(word for word in content_words(text) if word not in named)
        return cls(text, frozenset(found), rest)

    def share_in(self, text: str) -> float:
        """Share of the topic's places and words that a text has, from 0 to 1."""
        wanted = len(self.places) + len(self.words)
        if not wanted:
            return 0.0
        found = sum(1 for code in self.places if code in _places(text))
        present = _words(text)
        found += sum(1 for word in self.words if _has(word, present))
        return found / wanted

    def allows(self, sentence: str, paragraph: str) -> bool:
        """Whether a sentence of a paragraph on the topic does not speak of other places only."""
        spoken_of = _places(sentence)
        if not self.places or self.places & spoken_of or not spoken_of:
            return True
        return bool(self.places & _places(paragraph))


class TopicRelevance:
    """Tells which paragraphs of articles speak of a topic."""

    def __init__(self, search: HybridSearch) -> None:
        self._search = search

    def relevant(
        self, topic: Topic, paragraphs: Sequence[tuple[Article, int]]
    ) -> dict[ParagraphKey, float]:
        """The paragraphs that speak of it, each with how plainly, from 0 to 1.

        `paragraphs` are articles with a paragraph number. A paragraph of an older version, whose
        vector is no longer kept, goes by its words.
        """
        keys = [(article.id, number) for article, number in paragraphs]
        cosines = self._search.cosines(topic.text, keys)
        found: dict[ParagraphKey, float] = {}
        for article, number in paragraphs:
            cosine = cosines.get((article.id, number), 0.0)
            score = plainness(topic, article, number, cosine)
            if score > 0:
                found[(article.id, number)] = score
        return found


def plainness(
    topic: Topic, article: Article, number: int, cosine: float, *, article_does: bool = False
) -> float:
    """How plainly a paragraph speaks of a topic; 0 where it does not.

    `article_does`: another paragraph of its article plainly speaks of it. Meaning alone never
    makes up for a place: neighbours are alike in meaning.
    """
    text = article.paragraph(number).text
    if topic.share_in(text) == 1:
        return 1.0
    titled = f"{article.title}\n{text}"
    if not topic.places <= _places(titled):
        return 0.0
    if not topic.words:
        return 0.0 if _places(text) else 0.4
    if cosine >= SPEAKS_OF_IT:
        return max(cosine, 0.5)
    if topic.share_in(titled) == 1:
        enough = BELONGS_TO_IT + SPEAKS_OF_ANOTHER if _lists(article.title) else SPEAKS_OF_ANOTHER
        return 0.4 if cosine >= enough else 0.0
    return 0.3 if article_does and cosine >= BELONGS_TO_IT else 0.0


def _lists(title: str) -> bool:
    """Whether a title names several matters: "Iran’s 60 days, the INF Treaty and Brexit"."""
    return len(_LISTED.split(title)) > 2


def _has(word: str, present: Mapping[str, str]) -> bool:
    return word in present or stem(word) in present.values() or is_named(word, present.keys())


@lru_cache(maxsize=8_192)
def _places(text: str) -> frozenset[str]:
    return frozenset(places_of(text))


@lru_cache(maxsize=8_192)
def _words(text: str) -> dict[str, str]:
    """Folded words of a text with their stems."""
    return {word: stem(word) for word in words(text)}


def _capitalised(text: str) -> str:
    """A topic as a headline would have it: people type "north korea"."""
    return text.title() if text == text.lower() else text


def _place_words(text: str) -> list[str]:
    """The longest runs of words of a topic that name a place."""
    given = _capitalised(text).split()
    found: list[str] = []
    first = 0
    while first < len(given):
        last = next(
            (
                last
                for last in range(min(len(given), first + _LONGEST_PLACE), first, -1)
                if _names_place(" ".join(given[first:last]))
            ),
            None,
        )
        if last is not None:
            found.append(" ".join(given[first:last]))
        first = last or first + 1
    return found


def _names_place(words_: str) -> bool:
    return place_code(words_) is not None or (" " not in words_ and bool(places_of(words_)))

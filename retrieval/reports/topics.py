"""Whether a story, or a paragraph, is about a topic or a place.

    story, topic or place ─ TopicMatch ─▶ 0..1   by words and places of titles and leads, by meaning
    paragraph, Topic ─ plainness ─▶ 0..1         by places and words, in it and its title; by cosine

What an article is about stands in its title and its first paragraph; what it merely mentions stands
further down. A topic fits by its words or by its meaning; one that is the name of a place fits only
what is about that place, since neighbours are alike in meaning.

Paragraphs are told apart for lists that a reader goes through one by one ("everything that X said
of Y"), where one that does not belong is worse than one that is missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from corpus.articles import Article
from corpus.text.places import place_code, places_of
from corpus.text.words import content_words, fold, stem, words
from retrieval.passages import ParagraphKey
from retrieval.reports.report import clean_title
from retrieval.search.retriever import HybridSearch
from retrieval.similarity import Sameness, stems
from retrieval.stories.story import Story

# Cosine of a topic to title and lead: below the first it says nothing, from the second on as
# much as the words themselves. Read on the sample with the topics of its own stories, of its
# neighbours and of none: unrelated stories stay below .30, those asked for begin at .42.
UNLIKE, ALIKE = 0.30, 0.55
# What the words of a topic are worth in the title, in the lead, and in meaning alone.
IN_TITLE, IN_LEAD, IN_MEANING = 1.0, 0.85, 0.9
ABOUT = 0.45
"""From here on a story is about a topic."""
LEAD_CHARACTERS = 400
ARTICLES_READ = 12
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


class TopicMatch:
    """Matches stories with topics, places and sources."""

    def __init__(self, sameness: Sameness) -> None:
        self._sameness = sameness

    def learn(self, stories: Sequence[Story], topics: Sequence[str]) -> None:
        """Encode at once what `topic` would encode story by story."""
        # The name of a place fits by places alone.
        if any(_code(topic) is None for topic in topics):
            self._sameness.learn(_about(a) for story in stories for a in _read(story))
            self._sameness.learn(topics)

    def topic(self, story: Story, topic: str) -> float:
        """How far a story is about a topic."""
        return _of_most(self._article(article, topic) for article in _read(story))

    def is_about(self, article: Article, topic: str) -> bool:
        """Whether one article is about a topic."""
        return self._article(article, topic) >= ABOUT

    def place(self, story: Story, place: str) -> float:
        """How far a story is about a place, given by its ISO 3166 code or its name."""
        code = _code(place)
        return _of_most(self._about_place(article, place, code) for article in _read(story))

    def places(self, articles: Sequence[Article]) -> dict[str, int]:
        """In how many articles each place is spoken of in title or lead, most first."""
        counts: dict[str, int] = {}
        for article in articles:
            for code in places_of(_about(article)):
                counts[code] = counts.get(code, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def _article(self, article: Article, topic: str) -> float:
        code = _code(topic)
        if code is not None:
            return self._about_place(article, topic, code)
        named = places_of(topic)
        if named and not any(code in places_of(_about(article)) for code in named):
            return 0.0
        worded = _worded(article, topic)
        if worded == IN_TITLE:
            return worded
        cosine = self._sameness.cosine(topic, _about(article))
        meant = IN_MEANING * min(1.0, max(0.0, (cosine - UNLIKE) / (ALIKE - UNLIKE)))
        return max(worded, meant)

    def _about_place(self, article: Article, name: str, code: str | None) -> float:
        if code is None:
            return _worded(article, name)
        if code in places_of(clean_title(article)):
            return IN_TITLE
        found = list(places_of(_about(article)))
        return IN_LEAD if code in found[:3] else 0.0


def _code(name: str) -> str | None:
    """The ISO 3166 code that a name, or a code, stands for."""
    code = place_code(name)
    return name if code is None and len(name) == 2 and name.isupper() else code


def _worded(article: Article, topic: str) -> float:
    """Whether all words of a topic stand in the title, or in title and lead."""
    asked = [stem(word, peoples=True) for word in content_words(topic)] or [fold(topic)]
    title, lead = clean_title(article), _about(article)
    for text, worth in ((title, IN_TITLE), (lead, IN_LEAD)):
        present = stems(text) | set(words(text))
        if all(is_named(word, present) for word in asked):
            return worth
    return 0.0


def _about(article: Article) -> str:
    return f"{clean_title(article)}. {article.lead[:LEAD_CHARACTERS]}"


def _read(story: Story) -> Sequence[Article]:
    """The newest articles of a story, copies left out where their origin is there."""
    ids = {article.id for article in story.articles}
    own = [article for article in story.articles if article.duplicate_of not in ids]
    return (own or list(story.articles))[-ARTICLES_READ:]


def _of_most(found: Iterable[float]) -> float:
    """Mean of the better half: most of a story's articles must fit, not one of them."""
    values = sorted(found, reverse=True)
    half = values[: math.ceil(len(values) / 2)]
    return float(sum(half) / len(half)) if half else 0.0


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
    return (
        word in present
        or stem(word, peoples=True) in present.values()
        or is_named(word, present.keys())
    )


@lru_cache(maxsize=8_192)
def _places(text: str) -> frozenset[str]:
    return frozenset(places_of(text))


@lru_cache(maxsize=8_192)
def _words(text: str) -> dict[str, str]:
    """Folded words of a text with their stems."""
    return {word: stem(word, peoples=True) for word in words(text)}


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


def is_named(name: str, present: Set[str]) -> bool:
    """Whether a folded name stands among folded words, also as "Ukraine" for "Ukrainian"."""
    if name in present:
        return True
    return len(name) >= 4 and any(_same_stem(name, word) for word in present if len(word) >= 4)


def _same_stem(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    common = next(
        (at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    return common == len(short) or (common >= 5 and len(long) - common <= 3)

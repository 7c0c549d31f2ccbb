"""How far a story is about a topic, a place or a source, between 0 and 1.

What an article is about stands in its title and its first paragraph; what it merely mentions
stands further down. A topic fits by its words or by its meaning; one that is the name of a place
fits only what is about that place, since neighbours are alike in meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.articles import Article
from retrieval.briefs.headline import clean_title
from retrieval.sameness import Sameness, stem, stems
from retrieval.sentence_features import is_named
from retrieval.stories.nouns import Story
from retrieval.terms import content_words, fold, words

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


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """What is known of places: the codes that a text speaks of, and the code of a name."""

    places_of: Callable[[str], Mapping[str, int]]
    place_code: Callable[[str], str | None]


def known_places() -> Gazetteer:
    """The places of `corpus.places.finding`."""
    from corpus.places.finding import place_code, places_of

    return Gazetteer(places_of, place_code)


class TopicMatch:
    """Matches stories with topics, places and sources."""

    def __init__(self, sameness: Sameness, gazetteer: Gazetteer) -> None:
        self._sameness = sameness
        self._gazetteer = gazetteer

    def learn(self, stories: Sequence[Story], topics: Sequence[str]) -> None:
        """Encode at once what `topic` would encode story by story."""
        if any(self._meaning_counts(topic) for topic in topics):
            self._sameness.learn(_about(a) for story in stories for a in _read(story))
            self._sameness.learn(topics)

    def topic(self, story: Story, topic: str) -> float:
        """How far a story is about a topic."""
        return _of_most(self._article(article, topic) for article in _read(story))

    def place(self, story: Story, place: str) -> float:
        """How far a story is about a place, given by its ISO 3166 code or its name."""
        code = self._code(place)
        return _of_most(self._about_place(article, place, code) for article in _read(story))

    def places(self, articles: Sequence[Article]) -> dict[str, int]:
        """In how many articles each place is spoken of in title or lead, most first."""
        counts: dict[str, int] = {}
        for article in articles:
            for code in self._gazetteer.places_of(_about(article)):
                counts[code] = counts.get(code, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def _article(self, article: Article, topic: str) -> float:
        code = self._code(topic)
        if code is not None:
            return self._about_place(article, topic, code)
        named = self._gazetteer.places_of(topic)
        if named and not any(code in self._gazetteer.places_of(_about(article)) for code in named):
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
        if code in self._gazetteer.places_of(clean_title(article)):
            return IN_TITLE
        found = list(self._gazetteer.places_of(_about(article)))
        return IN_LEAD if code in found[:3] else 0.0

    def _code(self, name: str) -> str | None:
        code = self._gazetteer.place_code(name)
        if code is None and len(name) == 2 and name.isupper():
            return name
        return code

    def _meaning_counts(self, topic: str) -> bool:
        return self._code(topic) is None


def _worded(article: Article, topic: str) -> float:
    """Whether all words of a topic stand in the title, or in title and lead."""
    asked = [stem(word) for word in content_words(topic)] or [fold(topic)]
    title, lead = clean_title(article), _about(article)
    for text, worth in ((title, IN_TITLE), (lead, IN_LEAD)):
        present = stems(text) | set(words(text))
        if all(is_named(word, present) for word in asked):
            return worth
    return 0.0


def _about(article: Article) -> str:
    lead = article.paragraphs[0].text[:LEAD_CHARACTERS] if article.paragraphs else ""
    return f"{clean_title(article)}. {lead}"


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

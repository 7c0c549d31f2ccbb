"""Stories in the order of their importance to a reader.

    importance = match x (deed + size + places + kind of source + novelty - routine)

`match` is how far a story is about what the reader cares for; one that is not about it counts
nothing, however large. What happened weighs most: titles and what opens the articles are compared
in meaning with plain sentences of what a press section files and of what it does not
(`data/deeds.txt`), so that no form of title says anything by itself. Independent origins come next:
what several tell on their own is an event, what one repeats is a text. A source's routine is
learned from what it published in the weeks before: titles that come every week weigh less.

Accepted gap: a text that another encoder reads than the English one is near to no such sentence; it
goes by the other signs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from statistics import fmean

import numpy as np

from corpus.articles import Article, SourceKind
from corpus.text.places import places_of
from corpus.text.tables import sentences
from retrieval.reports.lines import first_prose, is_opinion, spoken_paragraphs
from retrieval.reports.report import Interests, Told, clean_title
from retrieval.reports.topics import ABOUT, TopicMatch
from retrieval.similarity import Sameness, stems
from retrieval.stories.story import Story, moment_of

# Weights of the signs, searched by `python -m tests.evaluation.fit_news` on the days of
# tests/data/news that are not held out and rounded: of what had to be told .87 stands in the first
# five stories, and .89 of the days are led by it. A logistic regression on single stories reaches
# .85 and .89, and .78 and .71 where each corpus is judged by the weights of the others.
WEIGHTS = {
    "deed": 4.0,
    "articles": 1.6,
    "origins": 0.9,
    "places": 1.2,
    "routine": -0.3,
    "kind": 0.5,
    "novelty": 0.5,
}
CONSTANT = -1.5
CEREMONY = -0.12
"""A deed below this is none: greetings for a national day, honours, schedules."""
NEAREST = 3
"""Of the sentences of a kind so many count, those that are nearest."""
OPENING = 250
"""Characters of what opens an article that are compared with its title."""
SAID = 3
"""Paragraphs of a transcript by which it is weighed."""
ARTICLES_READ = 6
MOST_PLACES = 6
ROUTINE = timedelta(days=28)
"""So long back it is looked what a source publishes again and again."""
SHARED, SHARE = 2, 0.5
"""Words, and share of them, from which two titles of a source are of one form."""
# So many origins or articles count in full; each further one says less than the one before.
MANY = 8
_KIND_WORTH = {
    SourceKind.OFFICIAL: 1.0,
    SourceKind.WIRE: 1.0,
    SourceKind.INDEPENDENT: 0.8,
    SourceKind.STATE_MEDIA: 0.6,
    SourceKind.UNKNOWN: 0.5,
    SourceKind.OPINION: 0.0,
}


class Deeds:
    """Weighs texts by whether they are nearer to deeds or to routine."""

    def __init__(self, sameness: Sameness) -> None:
        self._sameness = sameness
        self._kinds = [
            sameness.vectors(sentences(__package__, "deeds", kind)) for kind in ("deeds", "routine")
        ]

    def of(self, texts: Sequence[str]) -> list[float]:
        """For each text how much nearer to deeds than to routine it is, a difference of cosines:
        most lie between -.3 and .3; 0 for what is near to neither."""
        if not texts:
            return []
        vectors = self._sameness.vectors(texts)
        deeds, routine = (
            np.sort(vectors @ kind.T, axis=1)[:, -NEAREST:].mean(axis=1) for kind in self._kinds
        )
        return [float(one) for one in deeds - routine]


class Routine:
    """What a source publishes again and again, by the words of its titles."""

    def __init__(self, articles: Iterable[Article]) -> None:
        """`articles` are those of the weeks before, of any source."""
        self._titles: defaultdict[str, list[tuple[str, Article]]] = defaultdict(list)
        for article in articles:
            self._titles[(article.source or "").casefold()].append((article.title, article))

    def times(self, article: Article) -> int:
        """How many titles of its source, of the weeks before it, are like that of an article."""
        own, moment = stems(article.title), moment_of(article)
        count = 0
        for title, other in self._titles[(article.source or "").casefold()]:
            if moment - ROUTINE <= moment_of(other) < moment:
                shared = len(own & stems(title))
                count += shared >= SHARED and shared >= SHARE * min(len(own), len(stems(title)))
        return count


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story as far as it lies in the span and its sources, with all of it beside."""

    story: Story
    within: Story
    match: float
    importance: float
    is_ceremony: bool = False
    """Whether nobody who asks for the news in general is told of it."""


def rank(
    stories: Iterable[tuple[Story, Story]],
    interests: Interests,
    told: Told,
    match: TopicMatch,
    weighing: Weighing,
) -> list[Ranked]:
    """The stories that a reader cares for, the most important first.

    Each comes as (all of it, what lies in the span). What was told already in full, and what is
    comment alone, is left out.
    """
    candidates = [
        (story, narrowed)
        for story, within in stories
        if (narrowed := of_sources(within, interests.sources))
        and not all(is_opinion(article) for article in narrowed.articles)
    ]
    match.learn([within for _, within in candidates], interests.topics)
    fits = [(story, within, fit_of(within, interests, match)) for story, within in candidates]
    fitting = [one for one in fits if one[2] >= ABOUT]
    weighing.learn(within for _, within, _ in fitting)
    found = []
    for story, within, fit in fitting:
        if new := _new_articles(within, told):
            signs = weighing.signs(within, new, told)
            weight = fit * importance(signs)
            ceremony = not (interests.topics or interests.places) and signs["deed"] < CEREMONY
            found.append(Ranked(story, within, fit, weight, ceremony))
    return sorted(
        found, key=lambda one: (-one.importance, -one.within.ends.timestamp(), one.story.id)
    )


def fit_of(story: Story, interests: Interests, match: TopicMatch) -> float:
    """How far a story is what a reader cares for: of each kind of interest the best, of those
    the least; 1 where nothing is asked for."""
    fits = []
    if interests.topics:
        fits.append(max(match.topic(story, topic) for topic in interests.topics))
    if interests.places:
        fits.append(max(match.place(story, place) for place in interests.places))
    return min(fits, default=1.0)


class Weighing:
    """What stories weigh for whoever cares for them."""

    def __init__(self, sameness: Sameness, before: Iterable[Article] = ()) -> None:
        """`before` are the articles of the weeks before, from which a source's routine is known."""
        self._sameness = sameness
        self._deeds = Deeds(sameness)
        self._routine = Routine(before)

    def learn(self, stories: Iterable[Story]) -> None:
        """Encode at once what `signs` would encode story by story."""
        self._sameness.learn(text for story in stories for text in texts_of(story))

    def signs(self, within: Story, new: Sequence[Article], told: Told) -> dict[str, float]:
        """The signs of a story, each 0 to 1 but for the deed, which is a difference of cosines."""
        reported = _reported(within)
        texts = texts_of(within)
        self._sameness.learn(texts)
        return {
            "deed": max(fmean(self._deeds.of(weighed_texts(article))) for article in reported),
            "articles": _share_of_many(len(within.articles) - 1),
            "origins": _share_of_many(within.origins - 1),
            "places": max(min(len(places_of(text)), MOST_PLACES) for text in texts) / MOST_PLACES,
            "routine": _share_of_many(min(map(self._routine.times, reported))),
            "kind": max(_KIND_WORTH[one.kind] for one in reported),
            "novelty": len(new) / len(within.articles) * (0.8 if within.id in told.stories else 1),
        }


def importance(signs: Mapping[str, float]) -> float:
    """What a story of these signs weighs, between 0 and 1."""
    return 1 / (1 + math.exp(-CONSTANT - sum(WEIGHTS[name] * signs[name] for name in WEIGHTS)))


def texts_of(story: Story) -> list[str]:
    """By what the newest articles of a story are weighed."""
    return [text for article in _reported(story) for text in weighed_texts(article)]


def _reported(story: Story) -> list[Article]:
    newest = list(story.articles[-ARTICLES_READ:])
    return [one for one in newest if not is_opinion(one)] or newest


@lru_cache(maxsize=2048)
def weighed_texts(article: Article) -> tuple[str, ...]:
    """By what an article is weighed: its title and the first sentence of its own text; of a
    transcript, whose title names nobody's deeds, what it says most of them."""
    title = clean_title(article) or article.title
    number = first_prose(article)
    if number is not None or not spoken_paragraphs(article):
        text = article.paragraph(number).text if number else article.lead
        return (f"{title}. {text[:OPENING]}",)
    said = [one.words for one in article.paragraphs if one.speaker and one.answers]
    said.sort(key=lambda text: -len(stems(text[:OPENING]) & _words_of_deeds()))
    return tuple(text[:OPENING] for text in said[:SAID]) or (title,)


@cache
def _words_of_deeds() -> frozenset[str]:
    return frozenset().union(*map(stems, sentences(__package__, "deeds", "deeds")))


def of_sources(story: Story, sources: Sequence[str]) -> Story | None:
    """The story as these sources tell it, by name whatever the case; all of it for none."""
    if not sources:
        return story
    wanted = {name.casefold() for name in sources}
    kept = tuple(a for a in story.articles if (a.source or "").casefold() in wanted)
    return Story(story.id, kept) if kept else None


def _new_articles(within: Story, told: Told) -> list[Article]:
    return [a for a in within.articles if told.versions.get(a.id, 0) < a.version]


def _share_of_many(count: int) -> float:
    return min(1.0, math.log2(1 + count) / math.log2(1 + MANY))

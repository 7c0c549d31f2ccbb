"""Stories in the order of their importance to a reader.

    importance = match x (origins + kind of source + gravity + novelty + momentum)

`match` is how far a story is about what the reader cares for; one that is not about it counts
nothing, however large. Independent origins weigh most: what several tell on their own is an event,
what one repeats is a text. The weights were set by reading the digests of the sample's days and of
ten days of a ministry's statements beside what was news on them; each sign is between 0 and 1 and
the weights add up to 1.

Where one source is all there is, the gravity of what it tells decides: an event before a routine, a
routine before a greeting. Events are told by the classes of deed that event data sets code apart
from consultation (CAMEO's conflict, coercion, mass violence and agreements), as far as plain words
tell them. A greeting for a national day stays one although it also condemns an occupation: the
title decides first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from corpus.articles import Article, SourceKind
from corpus.text.tables import either
from retrieval.reports.lines import is_opinion, is_travel_note, names_only_form
from retrieval.reports.report import Interests, Told, clean_title
from retrieval.reports.topics import ABOUT, TopicMatch
from retrieval.stories.story import Story, moment_of

EVENT, EVENT_IN_LEAD, PLAIN, ROUTINE, COURTESY = 1.0, 0.85, 0.5, 0.25, 0.0

_any = partial(either, __package__, "titles")
_EVENT = re.compile(rf"\b{_any('events')}\b", re.IGNORECASE)
_COURTESY = re.compile(rf"\b{_any('courtesies')}\b", re.IGNORECASE)
_ROUTINE = re.compile(rf"\b{_any('routine')}\b", re.IGNORECASE)
ORIGINS = 0.4
KIND = 0.2
GRAVITY = 0.2
NOVELTY = 0.1
MOMENTUM = 0.1
# So many origins or articles count in full; each further one says less than the one before.
MANY = 8
LATELY = timedelta(days=3)
"""A story's momentum is what was written on it in so long a time."""
_KIND_WORTH = {
    SourceKind.OFFICIAL: 1.0,
    SourceKind.WIRE: 1.0,
    SourceKind.INDEPENDENT: 0.8,
    SourceKind.STATE_MEDIA: 0.6,
    SourceKind.UNKNOWN: 0.5,
    SourceKind.OPINION: 0.0,
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story as far as it lies in the span and its sources, with all of it beside."""

    story: Story
    within: Story
    match: float
    importance: float


def rank(
    stories: Iterable[tuple[Story, Story]], interests: Interests, told: Told, match: TopicMatch
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
    found = []
    for story, within in candidates:
        fit = fit_of(within, interests, match)
        new = _new_articles(within, told)
        if fit >= ABOUT and new:
            weight = importance(story, within, new, told)
            found.append(Ranked(story, within, fit, fit * weight))
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


def importance(story: Story, within: Story, new: Sequence[Article], told: Told) -> float:
    """What a story weighs for whoever cares for it, between 0 and 1."""
    kinds = [_KIND_WORTH[article.kind] for article in within.articles if not is_opinion(article)]
    novelty = len(new) / len(within.articles) * (0.8 if story.id in told.stories else 1.0)
    return (
        ORIGINS * _share_of_many(within.origins)
        + KIND * max(kinds, default=0.0)
        + GRAVITY * gravity_of(within)
        + NOVELTY * novelty
        + MOMENTUM * _share_of_many(_lately(story, within))
    )


def _lately(story: Story, within: Story) -> int:
    """How many articles the story had in its last days, up to the end of the span."""
    last = within.ends
    return sum(last - LATELY <= moment_of(article) <= last for article in story.articles)


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


def gravity_of(story: Story) -> float:
    """How grave a story is, between 0 and 1: as its gravest article."""
    return max(article_gravity(article) for article in story.articles)


def article_gravity(article: Article) -> float:
    """How grave an article is by its title; by its first sentences where the title is plain."""
    title = clean_title(article) or article.title
    if _COURTESY.search(title):
        return COURTESY
    if _EVENT.search(title):
        return EVENT
    if _ROUTINE.search(title) or is_travel_note(title) or names_only_form(title):
        return ROUTINE
    lead = next((p.text for p in article.paragraphs if len(p.text) >= 80), "")
    return EVENT_IN_LEAD if _EVENT.search(lead[:300]) else PLAIN

"""Timelines: what happened on a topic, event by event, each with one cited sentence.

    topic ─ search ─▶ paragraphs ─ speak of it? ─▶ lines ─ dated ─▶ events ─▶ Timeline
                                                     └─ announced for a day ahead ─┘

The days are the events', not the articles': "since" and "until" bound when it happened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from corpus.articles import Article
from corpus.dates.mentions import Precision
from retrieval.answers import Citation
from retrieval.briefs.announcements import announcements
from retrieval.briefs.lines import Line, is_opinion, lines_of
from retrieval.briefs.standing import leans
from retrieval.evidence import collapse_copies
from retrieval.passages import Filter, Passage
from retrieval.questions import Narrowing
from retrieval.sameness import Encode, Sameness
from retrieval.search import HybridSearch
from retrieval.timelines.dating import Dated, dated
from retrieval.timelines.events import Gathered, StoryOf, gathered, most_told
from retrieval.topic_relevance import Topic, plainness

MOST_EVENTS = 30
# Paragraphs searched: most of them as published in the time asked about, some whenever they were,
# for what later articles tell of it.
FOUND_THEN = 240
FOUND_EVER = 120
LONGEST = 400
"""Characters of a sentence in a timeline."""
PLAINLY = 0.5
"""From here on a paragraph speaks for its article."""
TOLD_LATER = timedelta(days=3)

_OF_ACCOUNTS = re.compile(
    r"\b(?:accounts|reports|versions|figures)\b[^.;]{0,40}\bdiffer"
    r"|\b(?:is|are|was|were) disputed\b",
    re.IGNORECASE,
)
# What was named a sentence before: these cannot be read alone.
_UNNAMED = re.compile(
    r"\bthe (?:town|village|city|island|figures?|request|proposal|move|incident)\b"
    r"(?! (?:of|by|to|that)\b|’s)"
    r"|^(?:[A-Z]\w+ (?:\w+ )?(?:earlier|later|before)\b,|\w+ other\b)"
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or was announced, from `first` to `last` (both inclusive).

    `reported`: no date stands in the sentence, which was published on that day. `announced`: the
    days lay ahead when it was published. `origins` counts who tells of it, `also_in` where.
    """

    mark: int
    first: date
    last: date
    precision: Precision
    text: str
    announced: bool
    reported: bool
    citation: Citation
    origins: int = 1
    also_in: tuple[Article, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events on a topic in order of time; without any, `nearest` is what came near.

    `left_out` counts events beyond the number asked for: those that fewest origins tell.
    """

    topic: str
    narrow: Narrowing
    events: tuple[Event, ...]
    nearest: tuple[Passage, ...] = ()
    left_out: int = 0

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(event.citation for event in self.events)


class TimelineMaker:
    """Makes timelines. Reads the index; changes nothing."""

    def __init__(
        self, search: HybridSearch, encode: Encode, story_of: StoryOf | None = None
    ) -> None:
        """`encode` gives the vectors of sentences, `story_of` the story of an article, if known."""
        self._search = search
        self._encode = encode
        self._story_of = story_of

    def timeline(
        self, topic: str, narrow: Narrowing | None = None, most: int = MOST_EVENTS
    ) -> Timeline:
        """What happened on a topic between `narrow.since` and `narrow.until`.

        With `narrow.as_of` as it was known then: nothing published later is read.
        """
        narrow = narrow or Narrowing()
        asked = Topic.of(topic)
        found = self._search_for(topic, narrow)
        passages = _speaking_of(asked, found)
        lines = [line for line in lines_of(collapse_copies(passages)) if _can_stand(line, asked)]
        happened = [one for line in lines if (one := dated(line))]
        sameness = Sameness(self._encode)
        events = gathered(happened, sameness, cache(self._story_of) if self._story_of else None)
        events += _announced(lines, events, sameness)
        events = [event for event in events if _is_asked_for(event.told, narrow)]
        kept = most_told(sorted(events, key=_in_time), most)
        told = tuple(_event(mark, event) for mark, event in enumerate(kept, start=1))
        nearest = tuple(found[:3]) if not told else ()
        return Timeline(topic, narrow, told, nearest, len(events) - len(kept))

    def _search_for(self, topic: str, narrow: Narrowing) -> list[Passage]:
        until = narrow.until + TOLD_LATER if narrow.until is not None else None
        then = Filter(narrow.since, until, narrow.sources, narrow.places)
        ever = Filter(sources=narrow.sources, places=narrow.places)
        found = self._search.search(topic, FOUND_THEN, then or None, as_of=narrow.as_of)
        if then != ever:
            found += self._search.search(topic, FOUND_EVER, ever or None, as_of=narrow.as_of)
        once = {passage.key: passage for passage in reversed(found)}
        return sorted(once.values(), key=lambda passage: (-passage.score, passage.key))


def _announced(
    lines: Sequence[Line], events: Sequence[Gathered], sameness: Sameness
) -> list[Gathered]:
    """What was announced for days after the last report; before, the reports would tell."""
    days = [line.published for line in lines if line.published]
    if not days:
        return []
    found = []
    for one in announcements(lines, max(days), sameness):
        exact = Precision.DAY if one.first == one.last else Precision.RANGE
        ahead = Dated(one.line, one.first, one.last, exact, announced=True)
        if not any(event.told.line == one.line for event in events):
            found.append(Gathered(ahead))
    return found


def _speaking_of(topic: Topic, found: Sequence[Passage]) -> list[Passage]:
    """The passages that speak of a topic, comments and columns left out."""
    reported = [passage for passage in found if not is_opinion(passage.article)]
    plainly = {one.article.id for one in reported if _plainness(topic, one) >= PLAINLY}
    return [one for one in reported if _plainness(topic, one, one.article.id in plainly) > 0]


def _plainness(topic: Topic, passage: Passage, article_does: bool = False) -> float:
    number, cosine = passage.paragraph.number, passage.cosine or 0.0
    return plainness(topic, passage.article, number, cosine, article_does=article_does)


def _can_stand(line: Line, topic: Topic) -> bool:
    """Whether a line can be read on its own and does not speak of somewhere else."""
    text = line.text
    if len(text) > LONGEST or leans(text) or _OF_ACCOUNTS.search(text) or _UNNAMED.search(text):
        return False
    return topic.allows(text, line.passage.text)


def _is_asked_for(one: Dated, narrow: Narrowing) -> bool:
    since = narrow.since.astimezone(UTC).date() if narrow.since else date.min
    until = narrow.until.astimezone(UTC).date() if narrow.until else date.max
    return one.last >= since and one.first <= until


def _in_time(event: Gathered) -> tuple[date, date, datetime]:
    published = event.told.line.moment
    return (event.told.first, event.told.last, published)


def _event(mark: int, event: Gathered) -> Event:
    told = event.told
    passage = told.line.passage
    others = dict.fromkeys(
        one.line.article for one in event.others if one.line.article.id != passage.article.id
    )
    return Event(
        mark=mark,
        first=told.first,
        last=told.last,
        precision=told.precision,
        text=told.line.text,
        announced=told.announced,
        reported=told.reported,
        citation=Citation(
            mark, passage.article, passage.paragraph, told.line.text, passage.carried_by
        ),
        origins=event.origins,
        also_in=tuple(others),
    )

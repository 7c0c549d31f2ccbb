"""Making a summary: what happened on a topic in a span of time, story by story, newest first.

"Libya this week" ── understand_summary ──▶ topic, span
stories of the span ── about the topic? ──▶ newest first ──▶ briefs, coverage by day
                    └─ none ──▶ the nearest paragraphs, as just that
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import partial

from corpus.feeds.schedule import PolledSource
from corpus.text.places import listed_places
from retrieval.evidence import collapse_copies
from retrieval.passages import Filter, Passage
from retrieval.questions.time import find_window
from retrieval.reports.announcements import given_up_in
from retrieval.reports.brief import (
    BriefMaker,
    BriefWriter,
    Ledger,
    Quoted,
    Versions,
    Window,
    written_briefs,
)
from retrieval.reports.digest import choose, coverage_of
from retrieval.reports.ranking import Ranked, Weighing, rank
from retrieval.reports.report import Interests, Summary, Told
from retrieval.reports.topics import TopicMatch, TopicRelevance
from retrieval.search.retriever import HybridSearch
from retrieval.similarity import Encode, Sameness
from retrieval.stories.story import Stories, Story

DEFAULT_DAYS = 7
MOST_STORIES = 8
NEAREST = 3
NEAR = 0.25
"""Cosine from which a paragraph without a word of the topic is near it at all."""
FOUND = 400
"""Paragraphs searched for a topic; their articles' stories are looked at."""

_REQUEST = re.compile(
    r"^(?:please\s+|can you\s+|could you\s+|i (?:want|need|would like)\s+)*(?:to\s+)?"
    r"(?:(?:give|send|show|write|tell|make)(?:\s+(?:me|us))?\s+)?(?:an?\s+|the\s+)?"
    r"(?:(?:short|quick|brief|cited|full)\s+)*"
    r"(?:summar(?:y|ies|i[sz]e|ising)|overview|round-?up|recap|brief(?:ing)?(?:\s+me)?|digest"
    r"|catch me up|sum up"
    r"|(?:what(?:['’]s|\s+is|\s+has been|\s+was)|anything|any)\s+(?:the\s+)?(?:new|news|latest"
    r"|going on|happening|happened|up)"
    r"|what\s+(?:happened|has happened|is happening)|news|latest|developments?)\b"
    r"(?:\s+(?:summary|news|developments?|of events|of the news))*\s*"
    r"(?:\b(?:of|on|about|in|for|from|regarding|concerning|with|to)\b\s*)?(?:the\s+)?",
    re.IGNORECASE,
)
# Of a calendar week there would be next to nothing on a Monday: the last seven days are meant,
# today included.
_THIS_WEEK = re.compile(
    r"\b(?:(?:for|of|over|during|in) )?(?:this|the) (?:past )?week\b(?: so far)?", re.IGNORECASE
)
_EDGE = re.compile(
    r"^(?:[\s,;:–—-]|\b(?:on|about|in|for|of|and|from|during|over|news|with)\b)+"
    r"|(?:[\s,;:?.!–—-]|\b(?:on|in|for|from|during|over|and|please|news|situation|so far|up)\b)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """What a summary is asked of: a topic and the span [since, until)."""

    topic: str
    since: datetime
    until: datetime


def understand_summary(text: str, asked_at: datetime, zone: tzinfo = UTC) -> SummaryRequest:
    """The topic and the span that words ask for; without a time, the last seven days.

    The words of the time and of the asking are no part of the topic; where nothing else is
    left, the topic is "" and the summary is of everything.
    """
    words = " ".join(text.split())
    since, until = _days_back(asked_at, zone, DEFAULT_DAYS), asked_at
    words, week = _THIS_WEEK.subn(" ", words)
    if week:
        return SummaryRequest(_topic(words), _days_back(asked_at, zone, 6), asked_at)
    window = find_window(words, asked_at, zone)
    if window is not None:
        words = f"{words[: window.start]} {words[window.end :]}"
        until = min(window.until or asked_at, asked_at)
        since = window.since or until - timedelta(days=DEFAULT_DAYS)
        if since >= until:
            since, until = since, (window.until or asked_at)
    return SummaryRequest(_topic(words), since, max(until, since))


def _topic(words: str) -> str:
    topic = _REQUEST.sub("", " ".join(words.split()).strip(" ?.!"))
    previous = None
    while topic != previous:
        previous, topic = topic, _EDGE.sub("", topic)
    return topic


def _days_back(moment: datetime, zone: tzinfo, days: int) -> datetime:
    """The beginning of the local day so many days before a moment."""
    day = moment.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


class SummaryMaker:
    """Makes summaries from a register of stories and a search; holds nothing between two."""

    def __init__(
        self,
        stories: Stories,
        search: HybridSearch,
        encode: Encode,
        quoted: Quoted,
        versions: Versions | None = None,
        newest: Callable[[], datetime | None] = lambda: None,
        writer: BriefWriter | None = None,
    ) -> None:
        """`newest` tells when the newest article of all was published; without `writer`
        everything is told in the sources' own sentences."""
        self._stories = stories
        self._search = search
        self._encode = encode
        self._quoted = quoted
        self._versions = versions
        self._newest = newest
        self._writer = writer

    def summary(
        self,
        topic: str,
        since: datetime,
        until: datetime,
        narrow: Filter | None = None,
        sources: Sequence[PolledSource] = (),
        zone: tzinfo = UTC,
        most: int = MOST_STORIES,
    ) -> Summary:
        """What happened on a topic in [since, until); of everything for the topic "".

        Of `narrow` its sources and places count. Where nothing is about the topic the summary
        has no briefs and the nearest paragraphs of the span.
        """
        narrow = narrow or Filter()
        window = Window(since, until, zone)
        sameness = Sameness(self._encode)
        match = TopicMatch(sameness, TopicRelevance(self._search))
        # Of places that are listed any will do; other words belong together.
        topics = listed_places(topic) or ((topic,) if topic else ())
        interests = Interests(topics, narrow.places, narrow.sources)
        passages = self._found(topics, window, narrow)
        of_span = self._of_span(window)
        ranked = self._about(interests, of_span, passages, match, sameness)
        # The weightiest stories are told, of them first what most report on their own.
        told = sorted(ranked[:most], key=_size, reverse=True)
        speaking = partial(match.speaking, topics=topics)
        given_up = given_up_in(a for _, within in of_span for a in within.articles)
        maker = BriefMaker(sameness, self._quoted, self._versions, speaking, given_up)
        chosen = choose(told, window, Told(), maker, most)
        ledger = Ledger()
        briefs, writing = written_briefs(chosen.drafts, ledger, self._writer, with_announced=True)
        return Summary(
            topic=topic,
            since=since,
            until=until,
            briefs=briefs,
            coverage=coverage_of(
                [one.within for one in ranked], window, sources, match, narrow.sources
            ),
            citations=ledger.citations,
            nearest=() if briefs else _nearest(passages),
            left_out=max(0, len(ranked) - most),
            withheld=tuple(ledger.withheld),
            newest=None if briefs else self._newest_on(topics, window, narrow, match),
            answerer=writing.answerer,
            notice=writing.notice,
        )

    def _newest_on(
        self, topics: Sequence[str], window: Window, narrow: Filter, match: TopicMatch
    ) -> datetime | None:
        """When the newest article on a topic was published, up to the end of the span."""
        if not topics:
            return self._newest()
        before = Filter(until=window.until, sources=narrow.sources)
        dates = [
            article.published_at
            for topic in topics
            for article in {
                one.article.id: one.article for one in self._search.search(topic, FOUND, before)
            }.values()
            if article.published_at and match.is_about(article, topic)
        ]
        return max(dates, default=None)

    def _found(self, topics: Sequence[str], window: Window, narrow: Filter) -> list[Passage]:
        last = window.until - timedelta(seconds=1)
        within = Filter(window.since, last, narrow.sources)
        return [one for topic in topics for one in self._search.search(topic, FOUND, within)]

    def _of_span(self, window: Window) -> list[tuple[Story, Story]]:
        """The stories of a window, and each as far as it lies in it."""
        stories = self._stories.stories(window.since, window.until)
        return [(s, part) for s in stories if (part := s.within(window.since, window.until))]

    def _about(
        self,
        interests: Interests,
        of_span: Sequence[tuple[Story, Story]],
        passages: Sequence[Passage],
        match: TopicMatch,
        sameness: Sameness,
    ) -> list[Ranked]:
        """The stories about the topic, the weightiest first.

        Only those are looked at that the search found or, where they are few, all.
        """
        weighing = Weighing(sameness, (a for s, _ in of_span for a in s.articles))
        if interests.topics and len(of_span) > FOUND:
            found = {passage.article.id for passage in passages}
            of_span = [one for one in of_span if any(a.id in found for a in one[0].articles)]
        return rank(of_span, interests, Told(), match, weighing)


def _size(told: Ranked) -> tuple[int, int, datetime]:
    within = told.within
    return within.origins, len(within.articles), within.ends


def _nearest(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """What came near a topic: shares a word with it, or something of its meaning."""
    near = [one for one in passages if one.lexical > 0 or (one.cosine or 0.0) >= NEAR]
    return tuple(collapse_copies(near)[:NEAREST])

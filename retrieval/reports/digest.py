"""Making a digest: what a reader is told of a span of time.

    stories of the span ── rank (interests, told) ──▶ drafted one by one, each adding to the others
        ├─▶ briefs, numbered in the order of reading
        ├─▶ announcements of the coming days, from the stories of the last two weeks
        └─▶ coverage (sources, failures, articles by day and place), corrections, what did not fit

Many stories of a day may be of one matter, as calls on a war. Those that are left out and near one
that is told are told in a sentence of it, and take no other's place.

A story of which nothing new can be said is passed over, and no other is brought in for it that
the reader does not care for: a day without news is a quiet day, whatever greetings were sent on it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import islice

from corpus.articles import Article, origins_of
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.announcements import Announced, Outdated, announcements, given_up_in
from retrieval.reports.brief import (
    BriefMaker,
    BriefWriter,
    Draft,
    Ledger,
    Quoted,
    Versions,
    Window,
    announcements_of,
    written_briefs,
)
from retrieval.reports.lines import Line, lines_of, passages_of
from retrieval.reports.ranking import ROUTINE, Ranked, Weighing, fit_of, of_sources, rank
from retrieval.reports.report import Correction, Coverage, Digest, FailedSource, Interests, Told
from retrieval.reports.topics import ABOUT, TopicMatch, TopicRelevance
from retrieval.similarity import Encode, Sameness
from retrieval.stories.story import Stories, Story, moment_of

MOST_DAYS = 400
_FAILED = (Health.FAILING, Health.GONE)
ANNOUNCED_SINCE = timedelta(days=14)
"""How long an announcement is looked for after it was made."""
RECENT = max(ANNOUNCED_SINCE, ROUTINE)
MOST_ANNOUNCED = 6
ANNOUNCED_AHEAD = timedelta(days=60)
BESIDE = 2
"""Stories of one matter that are told in a sentence beside the weightiest of them."""
LOOKED_AT = 10
"""How many of the stories that are left out are looked at for that: it takes time."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The drafts that a document tells, and how many stories more would have fitted."""

    drafts: tuple[Draft, ...]
    left_out: int


class DigestMaker:
    """Makes digests from a register of stories; holds nothing between two of them."""

    def __init__(
        self,
        stories: Stories,
        encode: Encode,
        quoted: Quoted,
        versions: Versions | None = None,
        relevance: TopicRelevance | None = None,
        writer: BriefWriter | None = None,
    ) -> None:
        """`relevance` tells paragraphs on a topic by the vectors of the index; without `writer`
        everything is told in the sources' own sentences."""
        self._stories = stories
        self._encode = encode
        self._quoted = quoted
        self._versions = versions
        self._relevance = relevance
        self._writer = writer

    def digest(
        self,
        interests: Interests,
        since: datetime,
        until: datetime,
        told: Told | None = None,
        sources: Sequence[PolledSource] = (),
        corrections: Sequence[Correction] = (),
        zone: tzinfo = UTC,
    ) -> Digest:
        """What a reader with these interests is told of [since, until); never raises for a
        quiet day. `told` is what the reader was sent before, `sources` all polled ones."""
        told = told or Told()
        window = Window(since, until, zone)
        sameness = Sameness(self._encode)
        match = TopicMatch(sameness, self._relevance)
        recent = self._stories.stories(since - RECENT, until)
        today = [(s, within) for s in recent if (within := s.within(since, until))]
        weighing = Weighing(sameness, (a for s in recent for a in s.articles))
        ranked = rank(today, interests, told, match, weighing)
        speaking = partial(match.speaking, topics=interests.topics)
        known = (a for s in recent for a in s.articles if moment_of(a) < until)
        outdated = Outdated(window.next_day, given_up_in(known))
        maker = BriefMaker(sameness, self._quoted, self._versions, speaking, outdated.given_up)
        chosen = choose(ranked, window, told, maker, interests.length)
        ledger = Ledger()
        briefs, writing = written_briefs(chosen.drafts, ledger, self._writer, with_announced=False)
        lately = [one for one in recent if one.ends >= since - ANNOUNCED_SINCE]
        said = {text for draft in chosen.drafts for text in draft.sentences}
        cared_for = _cared_for(lately, until, interests, match)
        ahead = _announced(cared_for, said, window, sameness, outdated)
        return Digest(
            since=since,
            until=until,
            briefs=briefs,
            announced=announcements_of(ahead, ledger),
            corrections=tuple(_cited(one, ledger) for one in corrections),
            coverage=coverage_of(
                [one.within for one in ranked], window, sources, match, interests.sources
            ),
            citations=ledger.citations,
            left_out=chosen.left_out,
            withheld=tuple(ledger.withheld),
            answerer=writing.answerer,
            notice=writing.notice,
        )


def choose(
    ranked: Sequence[Ranked], window: Window, told: Told, maker: BriefMaker, most: int
) -> Chosen:
    """The first stories of which something can be said that those before do not say, and beside
    each the first of what is said of others of its matter that are left out."""
    heard: list[str] = []
    drafts: list[Draft] = []
    news = deque(one for one in ranked if not one.is_ceremony)

    def drafted(one: Ranked) -> Draft | None:
        narrowed = replace(one.story, articles=_known_and(one, told))
        draft = maker.draft(narrowed, window, told, heard)
        return draft if draft is not None and draft.says_anything else None

    while news and len(drafts) < most:
        if draft := drafted(news.popleft()):
            drafts.append(draft)
            heard += [draft.headline.text, *draft.said]
    first = [draft.told_of for draft in drafts]
    beside: Counter[int] = Counter()
    for one in islice(news, LOOKED_AT):
        at = maker.nearest(one.within, first)
        if at is not None and beside[at] < BESIDE and (draft := drafted(one)):
            beside[at] += 1
            drafts[at] = drafts[at].with_first_of(draft)
            heard += draft.said
    return Chosen(tuple(drafts), len(news) - beside.total())


def _known_and(one: Ranked, told: Told) -> tuple[Article, ...]:
    """The articles of the span, and those that the reader was told of before it."""
    within = {article.id for article in one.within.articles}
    return tuple(a for a in one.story.articles if a.id in within or a.id in told.versions)


def told_before(stories: Iterable[Story], moment: datetime) -> Told:
    """What a reader was told who has read of everything that was published before a moment."""
    versions: dict[str, int] = {}
    began: dict[str, datetime] = {}
    for story in stories:
        earlier = [article for article in story.articles if moment_of(article) < moment]
        if earlier:
            versions |= {article.id: article.version for article in earlier}
            began[story.id] = min(map(moment_of, earlier))
    return Told(versions, began)


def _cared_for(
    stories: Iterable[Story], until: datetime, interests: Interests, match: TopicMatch
) -> list[Story]:
    """The stories of a reader's interests, as far as they were known by the end of the span."""
    beginning = datetime.min.replace(tzinfo=UTC)
    known = [
        narrowed
        for story in stories
        if (before := story.within(beginning, until))
        and (narrowed := of_sources(before, interests.sources))
    ]
    match.learn(known, interests.topics)
    return [story for story in known if fit_of(story, interests, match) >= ABOUT]


def _cited(correction: Correction, ledger: Ledger) -> Correction:
    """The correction with the mark of the paragraph as it reads now."""
    if correction.after is None:
        return correction
    return replace(correction, mark=ledger.paragraph(correction.article, correction.number))


def _announced(
    stories: Sequence[Story], said: Set[str], window: Window, sameness: Sameness, outdated: Outdated
) -> list[Announced]:
    """What is announced for the coming days and is not among the sentences that are told."""
    lines: list[Line] = [line for story in stories for line in lines_of(passages_of(story))]
    found = [
        one
        for one in announcements(lines, window.next_day, sameness, outdated)
        if one.first <= window.next_day + ANNOUNCED_AHEAD and one.line.text not in said
    ]
    return found[:MOST_ANNOUNCED]


def coverage_of(
    stories: Iterable[Story],
    window: Window,
    sources: Sequence[PolledSource],
    match: TopicMatch,
    names: Sequence[str] = (),
) -> Coverage:
    """Coverage of what was told, as far as it lies in the window.

    `names` narrow which sources were to be read; paused ones never were.
    """
    within = [one for story in stories if (one := story.within(window.since, window.until))]
    articles = [article for story in within for article in story.articles]
    wanted = {name.casefold() for name in names}
    due = [
        one for one in sources if not one.paused and (not wanted or one.name.casefold() in wanted)
    ]
    return Coverage(
        sources=len(due),
        failed=tuple(
            FailedSource(one.name, one.reason or one.health.value, one.last_success_at)
            for one in due
            if one.health in _FAILED
        ),
        articles=len(articles),
        origins=len(origins_of(articles)),
        by_day=_by_day(articles, window),
        by_place=tuple(match.places(articles).items()),
    )


def _by_day(articles: Iterable[Article], window: Window) -> tuple[tuple[str, int], ...]:
    """Articles a local day as ISO dates, oldest first, days without any included; undated ones
    count on no day."""
    span = window.span
    days = min((span.last - span.first).days + 1, MOST_DAYS)
    counts = {(span.first + timedelta(days=at)).isoformat(): 0 for at in range(days)}
    for article in articles:
        if article.published_at is None:
            continue
        day = article.published_at.astimezone(window.zone).date().isoformat()
        if day in counts:
            counts[day] += 1
    return tuple(counts.items())

"""Reports that are asked for: summaries, quotations, timelines and digests at once.

    AskSummary | AskQuotes | AskTimeline | DigestNow ─▶ maker ─▶ Report, which holds its Page

A report is the same for every front end; its picture is drawn only where it is shown. What makes
reports is slow to import and is loaded with the first one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.commands.digests import interests_of, subjects_told
from bot.commands.intents import AskQuotes, AskSummary, AskTimeline, DigestNow, ReportRequest
from bot.records import SubscriptionDraft
from bot.render.blocks import Block, ImageSlot, Message
from bot.render.briefings import digest_page, positions_page, summary_page, timeline_page
from bot.render.formats import page_text, posted_messages
from bot.render.page import Chart, Page
from bot.render.report_wording import DigestHeading
from retrieval.questions.understand import Narrowing
from retrieval.reports.report import Brief, Digest, Interests, Summary

if TYPE_CHECKING:
    from bot.library import Library
    from corpus.feeds.schedule import PolledSource
    from retrieval.outcomes import Citation
    from retrieval.reports.digest import DigestMaker
    from retrieval.reports.quotes import PositionFinder, Positions
    from retrieval.reports.summary import SummaryMaker
    from retrieval.reports.timeline import Timeline, TimelineMaker
    from retrieval.stories.story import Story

SUMMARY_DAYS = 7
NEWS_DAYS = 1
"""Days back, without a time named: of a topic, and of everything ("what's new?")."""
DIGEST_HOURS = 24
MOST_QUOTED = 20
_STORY = re.compile(r"(?:the )?story (?P<id>[0-9a-f]{16})", re.I)
_SUBSCRIPTION = re.compile(r"subscription (?P<id>[0-9a-f]{1,16})", re.I)


@dataclass(frozen=True, slots=True)
class Report:
    """A report that is made: its page, from which every front end takes what it shows.

    `said` is what its turn remembers, `chart` draws its picture or gives None; `native` is the same
    as a block that Slack draws. `lead` stands above it in Slack. Without anything `found` the page
    says so.
    """

    kind: str
    said: tuple[str, ...]
    page: Page
    chart: Callable[[], Chart | None]
    found: bool = True
    lead: tuple[Block, ...] = ()
    native: Block | None = None

    @property
    def of_stories(self) -> bool:
        """Whether it tells what was grouped into stories."""
        return self.kind in ("summary", "digest")

    @property
    def has_newest(self) -> bool:
        """Whether it looks otherwise where Slack has charts, tables and containers."""
        return self.found and (self.of_stories or self.page.table is not None)

    @property
    def text(self) -> str:
        """For the terminal."""
        return page_text(self.page)

    def messages(
        self, turn_id: str, picture: ImageSlot | None, *, newest: bool = False
    ) -> list[Message]:
        """For Slack, given the id of its turn and its uploaded picture; in the `newest` form Slack
        draws the picture itself."""
        shown = self.native if newest else picture
        first, *rest = posted_messages(self.page, turn_id, shown, newest=newest)
        return [Message(first.text, (*self.lead, *first.blocks)), *rest]


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes reports."""

    summaries: SummaryMaker
    digests: DigestMaker
    positions: PositionFinder
    timelines: TimelineMaker


class Reports:
    """Makes reports from a library. Any number of threads may call it."""

    def __init__(self, library: Library, prepare: Callable[[], object] | None = None) -> None:
        """`prepare` is called before the first report, where nothing else follows the store."""
        self._library = library
        self._prepare = prepare
        self._made: Makers | None = None

    def report(
        self,
        asked: ReportRequest,
        now: datetime,
        zone: ZoneInfo,
        interests: Interests | None = None,
    ) -> Report:
        """What is asked for; days begin in `zone`.

        `interests` are those of the reader's own digest, for a digest that names none.
        """
        match asked:
            case AskSummary(topic, since, until):
                return self._summary(topic, since, until, now, zone)
            case AskQuotes(speaker, topic, since, until):
                return quotes_report(self.positions(speaker, topic, since, until))
            case AskTimeline(topic, since, until):
                made = self._makers().timelines.timeline(topic, Narrowing(since, until))
                return _timeline_report(made)
            case DigestNow(draft):
                return self._digest(draft, now, zone, interests)

    def positions(
        self,
        speaker: str,
        topic: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        most: int = MOST_QUOTED,
    ) -> Positions:
        """What a speaker said, on a topic or on anything."""
        narrow = Narrowing(since, until)
        return self._makers().positions.positions(speaker, topic or None, narrow, most)

    def _summary(
        self,
        topic: str,
        since: datetime | None,
        until: datetime | None,
        now: datetime,
        zone: ZoneInfo,
    ) -> Report:
        makers = self._makers()
        if (story := self._story_named(topic)) is not None:
            return _summary_report(self._of_story(story, zone), zone)
        begin, end = summary_span(topic, since, until, now, zone)
        made = makers.summaries.summary(topic, begin, end, sources=self._sources(), zone=zone)
        return _summary_report(made, zone)

    def _interests_named(self, topics: tuple[str, ...]) -> Interests | None:
        """Those of the subscription that "subscription 0123456789abcdef" means."""
        from bot.db.subscriptions import Subscriptions

        named = _SUBSCRIPTION.fullmatch(topics[0]) if len(topics) == 1 else None
        if named is None:
            return None
        held = Subscriptions(self._library.corpus.engine).get(named["id"].lower())
        return held.interests if held else None

    def _story_named(self, topic: str) -> Story | None:
        """The story that "story 0123456789abcdef" means; None for any other topic."""
        from retrieval.stories.registry import StoryRegister

        named = _STORY.fullmatch(topic)
        return StoryRegister(self._library.corpus).story(named["id"].lower()) if named else None

    def _of_story(self, story: Story, zone: ZoneInfo) -> Summary:
        """A summary of one story from its first article to its last, under its headline."""
        from bot.library import make_story_summary_maker

        until = story.ends + timedelta(seconds=1)
        made = make_story_summary_maker(self._library, story).summary(
            "", story.begins, until, zone=zone
        )
        headline = made.briefs[0].headline if made.briefs else story.articles[0].title
        return replace(made, topic=headline)

    def _digest(
        self, draft: SubscriptionDraft, now: datetime, zone: ZoneInfo, own: Interests | None
    ) -> Report:
        interests = own or Interests()
        if draft.interests is not None:
            named = self._interests_named(draft.interests.topics)
            interests = named or interests_of(draft)
        since = now - timedelta(hours=DIGEST_HOURS)
        made = self._makers().digests.digest(
            interests, since, now, sources=self._sources(), zone=zone
        )
        return _digest_report(made, interests, now, zone)

    def _sources(self) -> Sequence[PolledSource]:
        from corpus.feeds.registry import SourceRegister

        return SourceRegister(self._library.corpus).sources()

    def _makers(self) -> Makers:
        if self._made is None:
            if self._prepare is not None:
                self._prepare()
            self._made = make_makers(self._library)
        return self._made


def make_makers(library: Library) -> Makers:
    """What makes reports from a library; `story_follower` keeps its stories up."""
    from bot import library as wiring

    return Makers(
        wiring.make_summary_maker(library),
        wiring.make_digest_maker(library),
        wiring.make_position_finder(library.corpus, library.search),
        wiring.make_timeline_maker(library),
    )


def summary_span(
    topic: str, since: datetime | None, until: datetime | None, now: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """[since, until) of a summary, never ahead of now; whole days where no time was named."""
    end = min(until + timedelta(microseconds=1), now) if until else now
    if since is None:
        days = SUMMARY_DAYS if topic or until else NEWS_DAYS
        last = (until or now).astimezone(zone).date()
        first = datetime.combine(last - timedelta(days=days), time.min, zone)
        since = first.astimezone(UTC)
    # A window that lies ahead ("Libya next week") has nothing yet, and says so.
    return (since, end) if since < end else (since, max(since, until or since))


def _summary_report(made: Summary, zone: ZoneInfo) -> Report:
    def chart() -> Chart | None:
        from bot.render.charts import coverage_by_day_png

        return coverage_by_day_png(made.coverage) if made.briefs else None

    from bot.render.charts import coverage_by_day_block

    said, found = tuple(sentences(made.briefs)), bool(made.briefs)
    native = coverage_by_day_block(made.coverage) if found else None
    return Report("summary", said, summary_page(made, zone), chart, found, native=native)


def _digest_report(made: Digest, interests: Interests, now: datetime, zone: ZoneInfo) -> Report:
    def chart() -> Chart | None:
        from bot.render.charts import coverage_by_place_png

        return coverage_by_place_png(made.coverage) if made.briefs else None

    from bot.render.charts import coverage_by_place_block

    heading = DigestHeading(subjects_told(interests), now.astimezone(zone), zone.key, shared=True)
    page, found = digest_page(made, heading), bool(made.briefs)
    native = coverage_by_place_block(made.coverage) if found else None
    return Report("digest", digest_sentences(made), page, chart, found, native=native)


def quotes_report(made: Positions) -> Report:
    """What a speaker said, in order of time."""

    def chart() -> Chart | None:
        from bot.render.charts import positions_png

        return positions_png(made) if _of_several(made.citations) else None

    said = tuple(one.quotation.quote for one in made.said)
    return Report("quotes", said, positions_page(made), chart, bool(made.said))


def _timeline_report(made: Timeline) -> Report:
    def chart() -> Chart | None:
        from bot.render.charts import timeline_png

        return timeline_png(made) if _of_several(made.citations) else None

    said = tuple(event.text for event in made.events)
    return Report("timeline", said, timeline_page(made), chart, bool(made.events))


def _of_several(citations: Sequence[Citation]) -> bool:
    """Whether more than one article is cited: a picture of one shows nothing."""
    return len({citation.article.id for citation in citations}) > 1


def digest_sentences(made: Digest) -> tuple[str, ...]:
    """What a digest says, in order, for whoever asks about it afterwards."""
    return (*sentences(made.briefs), *(one.statement.text for one in made.announced))


def sentences(briefs: Sequence[Brief]) -> Iterator[str]:
    """What stories say, in order."""
    for brief in briefs:
        yield brief.headline
        yield from (statement.text for statement in brief.happened)

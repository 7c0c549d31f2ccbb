"""Polling: from the sources that are due to articles in the store.

    due sources, grouped by host, a thread a group
        -> fetch, if changed                          Fetched | FetchError
        -> read_feed                                  Feed | ReadError
        -> arrivals: which entries are new or edited  Arrival
        -> the page, where the feed has a teaser      ReadArticle
        -> corpus.ingest                              short transactions
        -> the source's health and what was seen      one short transaction
        -> SourceReport

A crash at any point leaves a source as it was before the poll, but for articles that are already
stored: the next poll finds them unchanged. Entries that vanish from a feed stay. Two processes do
not poll a source at once: a due source is claimed for ten minutes.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from corpus.articles import ReadArticle
from corpus.courtesy import PAUSE_SECONDS, CourteousFetcher
from corpus.errors import ReadError
from corpus.feeds.arrivals import Arrival, arrivals, credible_date, sharing_links
from corpus.feeds.entries import Feed
from corpus.feeds.full_text import (
    MOST_PAGES,
    entry_article,
    full_article,
    may_wait,
    page_article,
    tells_more,
)
from corpus.feeds.polling import (
    Chance,
    Health,
    Outcome,
    PolledSource,
    after,
    failed,
    found,
    is_due,
    is_stale,
)
from corpus.feeds.reading import read_feed
from corpus.feeds.register import SourceRegister
from corpus.feeds.report import PollReport, SourceReport
from corpus.fetch import Fetched, Fetcher
from corpus.ingest import ingest
from corpus.pages import read_page
from corpus.store.article_store import ArticleStore
from corpus.urls import host_of

WORKERS = 4
CLAIM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Documents to store, what is to be remembered of them, and what has to wait."""

    documents: list[ReadArticle]
    arrived: list[Arrival]
    teasers: int
    waiting: int


class Poller:
    """Polls and checks sources; `clock` and `chance` are passed in, the fetcher is the caller's.

    `pause_seconds` lie between two requests to one host; `workers` hosts are asked at once.
    """

    def __init__(
        self,
        store: ArticleStore,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
        *,
        chance: Chance = random.random,
        pause_seconds: float = PAUSE_SECONDS,
        workers: int = WORKERS,
    ) -> None:
        self._store = store
        self._register = SourceRegister(store)
        self._fetcher = CourteousFetcher(fetcher, pause_seconds=pause_seconds)
        self._clock = clock
        self._chance = chance
        self._workers = workers
        self._storing = threading.Lock()

    def poll(
        self,
        names: Sequence[str] | None = None,
        *,
        everything: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> PollReport:
        """Poll the sources that are due; those named, or `everything`, due or not.

        Paused sources are left out, and unless they are named also those that are gone.
        `progress` is called with 1 for each source. Raises StoreError where the store cannot be
        used.
        """
        now = self._clock()
        sources = [one for one in self._register.sources(names) if not one.paused]
        if names is None:
            sources = [one for one in sources if one.health is not Health.GONE]
            if not everything:
                sources = [one for one in sources if is_due(one, now)]
                return self._each(sources, self._poll_due, progress)
        return self._each(sources, self._poll_one, progress)

    def check(
        self,
        names: Sequence[str] | None = None,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> PollReport:
        """Reach each source and record its health; nothing is read into the store."""
        return self._each(self._register.sources(names), self._check_one, progress)

    def _each(
        self,
        sources: Sequence[PolledSource],
        work: Callable[[PolledSource], SourceReport | None],
        progress: Callable[[int], None] | None,
    ) -> PollReport:
        """Work on the sources of a host one after the other, on several hosts at once."""
        groups: dict[str, list[PolledSource]] = defaultdict(list)
        for source in sources:
            groups[host_of(source.address)].append(source)

        def in_turn(group: list[PolledSource]) -> Iterator[SourceReport]:
            for source in group:
                report = work(source)
                if report is not None:
                    yield report
                if progress is not None:
                    progress(1)

        with ThreadPoolExecutor(self._workers, "poll") as pool:
            reports = pool.map(lambda group: list(in_turn(group)), groups.values())
            done = [report for group in reports for report in group]
        return PollReport(tuple(sorted(done, key=lambda report: report.name)))

    def _poll_due(self, source: PolledSource) -> SourceReport | None:
        """As `_poll_one`; None where another process took the source meanwhile."""
        now = self._clock()
        if not self._register.claim(source.name, now, now + CLAIM):
            return None
        return self._poll_one(source)

    def _poll_one(self, source: PolledSource) -> SourceReport:
        now = self._clock()
        try:
            answer, feed = self._answer(source, source.etag, source.last_modified)
        except ReadError as error:
            outcome: Outcome = failed(source, error, now, self._chance)
            self._register.finish(after(source, outcome, now, self._chance), (), now)
            return SourceReport(source.name, outcome)
        if feed is None:
            outcome = found(source, answer, entries=0, arrived=0, dated=0)
            self._register.finish(after(source, outcome, now, self._chance), (), now)
            return SourceReport(source.name, outcome)
        arrived = self._arrivals(source, feed)
        reading = self._read(source, arrived, feed, now)
        with self._storing:
            receipt = ingest(self._store, reading.documents, self._clock)
        outcome = _outcome(source, answer, feed, len(arrived), now)
        # With an entry left unread the next answer must be the whole feed again.
        kept = None if reading.waiting else answer
        state = after(source, outcome, now, self._chance, kept, feed.updated_at)
        if kept is None:
            state = replace(state, etag=None, last_modified=None)
        self._register.finish(state, [one.seen for one in reading.arrived], now)
        return SourceReport(
            source.name, outcome, len(feed.entries), receipt, reading.teasers, reading.waiting
        )

    def _check_one(self, source: PolledSource) -> SourceReport:
        now = self._clock()
        entries = 0
        try:
            answer, feed = self._answer(source, None, None)
            assert feed is not None
            entries = len(feed.entries)
            outcome = _outcome(source, answer, feed, len(self._arrivals(source, feed)), now)
            checked = replace(source, reason=None, failures=0, last_success_at=now)
        except ReadError as error:
            outcome = failed(source, error, now, self._chance)
            checked = replace(source, reason=error.reason)
        # When a source is polled next, and what was fetched of it, is a poll's to change; only
        # one that is back is due at once.
        if source.health in (Health.GONE, Health.FAILING) and checked.reason is None:
            checked = replace(checked, next_poll_at=None)
        self._register.finish(replace(checked, health=outcome.health), (), now)
        return SourceReport(source.name, outcome, entries)

    def _answer(
        self, source: PolledSource, etag: str | None, last_modified: str | None
    ) -> tuple[Fetched, Feed | None]:
        """The answer and its feed, None where it has not changed; ReadError for anything else."""
        answer = self._fetcher.fetch(source.address, etag=etag, last_modified=last_modified)
        if answer.status != 304:
            return answer, read_feed(
                answer.body, answer.final_url, content_type=answer.content_type
            )
        if not etag and not last_modified:
            raise ReadError(source.address, "the server says unchanged, but was not asked that")
        return answer, None

    def _arrivals(self, source: PolledSource, feed: Feed) -> list[Arrival]:
        seen = self._register.seen(source.name, feed.entries)
        needed = sharing_links(feed.entries, seen)
        texts = {
            article.id: tuple(paragraph.text for paragraph in article.paragraphs)
            for article in (self._store.articles(needed) if needed else ())
        }
        stale = is_stale(source, feed.updated_at)
        return arrivals(source.name, feed.entries, seen, texts, is_stale=stale)

    def _read(
        self, source: PolledSource, arrived: Iterable[Arrival], feed: Feed, now: datetime
    ) -> _Reading:
        documents, dealt_with = [], []
        pages = teasers = waiting = 0
        for arrival in arrived:
            article = entry_article(source.source, arrival, source.feed_url, feed.language, now)
            if arrival.to_read and source.full_text and _wants_page(arrival):
                try:
                    if pages == MOST_PAGES:
                        waiting += 1
                        continue
                    pages += 1
                    article = self._with_page(source, arrival, article, now)
                except ReadError as error:
                    if may_wait(arrival.entry, error, now):
                        waiting += 1
                        continue
                    teasers += 1
            if arrival.to_read and article is not None:
                documents.append(article)
            dealt_with.append(arrival)
        return _Reading(documents, dealt_with, teasers, waiting)

    def _with_page(
        self, source: PolledSource, arrival: Arrival, article: ReadArticle | None, now: datetime
    ) -> ReadArticle:
        """The full text of a teaser; ReadError where its page does not give it."""
        url = arrival.entry.url
        assert url is not None
        fetched = self._fetcher.fetch(url)
        page = read_page(fetched.body, fetched.final_url, content_type=fetched.content_type)
        if article is None:
            return page_article(source.source, arrival, page, now)
        if not tells_more(article, page):
            raise ReadError(url, "its page tells no more than the feed")
        return full_article(article, page)


def _wants_page(arrival: Arrival) -> bool:
    return arrival.entry.is_teaser and arrival.has_page and arrival.entry.url is not None


def _outcome(
    source: PolledSource, answer: Fetched, feed: Feed, arrived: int, now: datetime
) -> Outcome:
    dated = sum(credible_date(entry, now) is not None for entry in feed.entries)
    return found(source, answer, entries=len(feed.entries), arrived=arrived, dated=dated)

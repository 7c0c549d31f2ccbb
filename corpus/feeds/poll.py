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

Which article an entry is:

    its key was seen                  the same article; an edit where text or address changed, but
                                      another one where next to nothing of the text stayed
    its guid was its link             as if its key was seen: the link has changed
    its key is new, its link too      a new article, named by its link, or one that has moved
    its link belongs to another key   the same article where it tells the same (an item that was
                                      published again), else another one: sites use the address
                                      of a past item again for a new one
    the same text at the same place   the same article: a session number in its link changed

A teaser's page, or a PDF in its place, counts as its full text where it tells the same story and
more of it; what the feed encloses is its text in any case. A page that cannot be had for hours is
asked for again for a month, whether its item still stands in the feed or not. An item of which
nothing could be read is not remembered: it is tried again when the feed changes, and once a day.

All but `Poller` is pure.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from corpus.articles import Article, ReadArticle, article_id, publishes_at, text_digest
from corpus.decisions import LONG_ENOUGH
from corpus.errors import Overstepped, ReadError
from corpus.feeds.parse import MOST_ENTRIES, Entry, Feed, read_feed
from corpus.feeds.registry import SeenEntry, SourceRegister
from corpus.feeds.schedule import (
    PATIENCE,
    SET_ASIDE,
    Chance,
    Health,
    Outcome,
    PolledSource,
    after,
    asks_anew,
    failed,
    found,
    is_due,
    is_stale,
    wanted_next,
)
from corpus.fetch.client import PAUSE_SECONDS, CourteousFetcher, Fetched, Fetcher
from corpus.fetch.urls import host_of
from corpus.ingest import FURTHEST_AHEAD, Receipt, ingest
from corpus.readers.folders import Refused, read_document
from corpus.readers.limits import apart, overstep
from corpus.store.articles import ArticleStore
from corpus.text.differences import are_copies, are_readings, holds
from corpus.text.words import detect

# Pages fetched for one source in one poll; the rest waits for the next.
MOST_PAGES = 40
# Of the teaser's longer words, how many the page must hold, and how many its text without the
# title: consent pages, log-ins and front pages hold few of them, articles most.
SAME_STORY = 0.5
SAME_TEXT = 0.25
_LONG_WORD = re.compile(r"\w{4,}")

WORKERS = 4
CLAIM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that is new or was edited, and what is to be remembered of it.

    `to_read` is False for a repetition of a text that is already there, `has_page` where its
    link leads to several items of the feed. `was_full` says that the stored text is fuller than
    what the feed gave, since its page was read, or holds all that it gives now.
    """

    entry: Entry
    seen: SeenEntry
    is_new: bool
    to_read: bool = True
    has_page: bool = True
    was_full: bool = False


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of one source: `entries` in its feed, `receipt` of what was read of them.

    `teasers` counts entries of which only the teaser could be had, `waiting` those left for the
    next poll, `left_out` those beyond what is read of one feed. Entries of which nothing could be
    read are among what failed in `receipt`.
    """

    name: str
    outcome: Outcome
    entries: int = 0
    receipt: Receipt = field(default_factory=Receipt)
    teasers: int = 0
    waiting: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class PollReport:
    """What became of every source asked, in alphabetical order."""

    sources: tuple[SourceReport, ...]

    @property
    def failed(self) -> list[SourceReport]:
        return [one for one in self.sources if one.outcome.health in (Health.FAILING, Health.GONE)]

    @property
    def changed(self) -> int:
        """How many articles are new or have a new version."""
        return sum(one.receipt.new + one.receipt.updated for one in self.sources)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Documents to store, what is to be remembered of them, and what has to wait."""

    documents: list[ReadArticle | Refused]
    arrived: list[Arrival]
    teasers: int
    waiting: int

    def seen(self, became: Mapping[str, str]) -> list[SeenEntry]:
        """What to remember, with the ids of the articles that the entries became."""
        seen = (one.seen for one in self.arrived)
        return [replace(one, article_id=became.get(one.article_id, one.article_id)) for one in seen]


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
        self, names: Sequence[str] | None = None, *, progress: Callable[[int], None] | None = None
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
            anew = asks_anew(source, now)
            etag, modified = (None, None) if anew else (source.etag, source.last_modified)
            answer, feed = self._answer(source, etag, modified)
        except ReadError as error:
            outcome: Outcome = failed(source, error, now, self._chance)
            self._register.finish(after(source, outcome, now, self._chance), (), now)
            return SourceReport(source.name, outcome)
        arrived = self._arrivals(source, feed)
        wanted = self._wanted(source, now, {one.seen.key for one in arrived})
        reading = self._read(source, [*arrived, *wanted], feed, now)
        with self._storing:
            receipt = ingest(self._store, reading.documents, self._clock)
        outcome = _outcome(source, answer, feed, len(arrived), now)
        # With an entry left unread the next answer must be the whole feed again.
        kept = None if reading.waiting else answer
        unread = told_unread(receipt.failed, feed.left_out, now)
        state = after(source, outcome, now, self._chance, kept, feed.updated_at, unread)
        if kept is None:
            state = replace(state, etag=None, last_modified=None)
        self._register.finish(state, reading.seen(receipt.became), now)
        return SourceReport(
            source.name,
            outcome,
            len(feed.entries),
            receipt,
            reading.teasers,
            reading.waiting,
            feed.left_out,
        )

    def _check_one(self, source: PolledSource) -> SourceReport:
        now = self._clock()
        entries = 0
        try:
            answer, feed = self._answer(source, None, None)
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
    ) -> tuple[Fetched, Feed]:
        """The answer and its feed, without entries where it has not changed; else ReadError."""
        answer = self._fetcher.fetch(source.address, etag=etag, last_modified=last_modified)
        if answer.status != 304:
            return answer, apart(
                read_feed, answer.body, answer.final_url, content_type=answer.content_type
            )
        if not etag and not last_modified:
            raise ReadError(source.address, "the server says unchanged, but was not asked that")
        return answer, Feed("", None, None, ())

    def _arrivals(self, source: PolledSource, feed: Feed) -> list[Arrival]:
        seen = self._register.seen(source.name, feed.entries)
        needed = whose_texts(feed.entries, seen)
        texts = {
            article.id: (article.title, *(one.text for one in article.paragraphs))
            for article in (self._store.articles(needed) if needed else ())
        }
        stale = is_stale(source, feed.updated_at)
        return arrivals(source.name, feed.entries, seen, texts, is_stale=stale)

    def _wanted(self, source: PolledSource, now: datetime, arrived: Set[str]) -> list[Arrival]:
        """Items whose pages are to be asked for again, as they are stored."""
        due = self._register.wanted(source.name, now, MOST_PAGES)
        stored = {one.id: one for one in self._store.articles({one.article_id for one in due})}
        return [_wanted_again(one, stored[one.article_id]) for one in due if one.key not in arrived]

    def _read(
        self, source: PolledSource, arrived: Iterable[Arrival], feed: Feed, now: datetime
    ) -> _Reading:
        documents: list[ReadArticle | Refused] = []
        if feed.blank:
            reason = f"{feed.blank} of its items have neither title, link nor text"
            documents.append(Refused(source.address, reason))
        dealt_with: list[Arrival] = []
        pages = teasers = waiting = 0
        for arrival in arrived:
            article = entry_article(source, arrival, feed.language, now)
            articles = [article] if article is not None else []
            has_page = arrival.has_page and arrival.entry.url is not None
            wants = arrival.entry.is_teaser and (has_page or arrival.entry.document is not None)
            if arrival.to_read and source.full_text and wants:
                try:
                    if pages == MOST_PAGES:
                        waiting += 1
                        continue
                    pages += 1
                    articles = self._with_document(source, arrival, article, now)
                except ReadError as error:
                    published = credible_date(arrival.entry, now)
                    if error.retry and published is not None and now - published < PATIENCE:
                        waiting += 1
                        continue
                    if article is None:
                        documents.append(Refused(error.resource, error.reason, error.retry))
                        continue
                    teasers += 1
                    if error.retry:
                        seen = wanted_again(arrival.seen, error.resource, now)
                        arrival = replace(arrival, seen=seen)
                    if isinstance(error, Overstepped):
                        documents.append(Refused(error.resource, error.reason))
            if arrival.to_read:
                documents += articles
            if articles or not arrival.to_read:
                dealt_with.append(arrival)
            elif arrival.to_read:
                address = arrival.entry.url or source.feed_url
                documents.append(Refused(address, "the feed says nothing of it but its address"))
        return _Reading(documents, dealt_with, teasers, waiting)

    def _with_document(
        self, source: PolledSource, arrival: Arrival, article: ReadArticle | None, now: datetime
    ) -> list[ReadArticle]:
        """The full text of a teaser; ReadError where neither page nor enclosure gives it."""
        entry = arrival.entry
        error: ReadError | None = None
        for url in dict.fromkeys((entry.url if arrival.has_page else None, entry.document)):
            if url is None:
                continue
            try:
                read = read_document(self._fetcher.fetch(url))
                if len(read) == 1 and (reason := overstep(read[0])):
                    raise Overstepped(url, reason)
            except ReadError as failure:
                error = error if error is not None and error.retry else failure
                continue
            if article is None or len(read) > 1:
                return [page_article(source, arrival, one, now) for one in read]
            if url == entry.document or tells_more(article, read[0]):
                return [full_article(article, read[0])]
            error = error or ReadError(url, "its page tells no more than the feed")
        assert error is not None
        raise error


def told_unread(failed: Sequence[Refused], left_out: int, now: datetime) -> str | None:
    """What of a source was not taken, when and why, in words; None where all was."""
    told = []
    if failed:
        more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
        told.append(f"{failed[0].item}: {failed[0].reason}{more}")
    if left_out:
        told.append(f"of more than {MOST_ENTRIES} items the {left_out} oldest were left out")
    return f"{SET_ASIDE} on {now:%Y-%m-%d}: {'; '.join(told)}" if told else None


def _outcome(
    source: PolledSource, answer: Fetched, feed: Feed, arrived: int, now: datetime
) -> Outcome:
    dated = sum(credible_date(entry, now) is not None for entry in feed.entries)
    return found(source, answer, entries=len(feed.entries), arrived=arrived, dated=dated)


def arrivals(
    source: str,
    entries: Sequence[Entry],
    seen: Iterable[SeenEntry],
    texts: Mapping[str, tuple[str, ...]],
    *,
    is_stale: bool = False,
) -> list[Arrival]:
    """The entries that are to be dealt with, oldest first.

    `seen` are those remembered that share a key, a link or a text with `entries`; `texts` the
    stored titles and paragraphs by article id, at least of those that `whose_texts` names.
    With `is_stale` the feed is an older copy than one read before: then nothing counts as edited.
    """
    memory = _Memory(seen, entries)
    found = []
    for entry in reversed(entries):
        known = memory.known(entry)
        if known is None:
            arrival = _first_seen(source, entry, memory, texts)
        elif is_stale or not _is_edited(entry, known):
            continue
        elif _is_reading(entry, known, texts):
            text = texts.get(known.article_id, ())
            was_full = bool(text) and (
                holds(text[1:], entry.paragraphs) or text_digest(text[0], text[1:]) != known.digest
            )
            seen_now = _remembered(entry, known.article_id)
            arrival = Arrival(entry, seen_now, is_new=False, was_full=was_full)
        else:
            arrival = _in_place_of(source, entry, known, memory, texts)
        memory.add(arrival.seen)
        found.append(replace(arrival, has_page=memory.links[entry.url] <= 1))
    return found


def whose_texts(entries: Sequence[Entry], seen: Iterable[SeenEntry]) -> set[str]:
    """Ids of the articles whose text `arrivals` needs: a new entry has their link, or the entry
    that they were reads otherwise now."""
    seen = list(seen)
    digests = {entry.key: entry.digest for entry in entries}
    keys = {one.key for one in seen}
    links = {one for entry in entries if entry.key not in keys for one in entry.addresses}
    return {
        one.article_id
        for one in seen
        if one.address in links or digests.get(one.key, one.digest) != one.digest
    }


class _Memory:
    """Seen entries by key, link, article and text, those of the same poll included.

    `present` are the keys of the feed as it stands now, `links` how often each of its links.
    """

    def __init__(self, seen: Iterable[SeenEntry], entries: Sequence[Entry]) -> None:
        self.present = {entry.key for entry in entries}
        self.links = Counter(entry.url for entry in entries if entry.url != entry.document)
        self.by_key: dict[str, SeenEntry] = {}
        self.by_address: dict[str | None, list[SeenEntry]] = defaultdict(list)
        self.by_digest: dict[str, list[SeenEntry]] = defaultdict(list)
        self.articles: set[str] = set()
        for one in seen:
            self.add(one)

    def known(self, entry: Entry) -> SeenEntry | None:
        """What was seen under an entry's key, or at the address that its guid still is."""
        former = (self.by_address[one] for one in entry.addresses[1:])
        moved = (seen for group in former for seen in group if seen.key not in self.present)
        return self.by_key.get(entry.key) or next(moved, None)

    def add(self, seen: SeenEntry) -> None:
        former = self.by_key.get(seen.key)
        if former is not None:
            self.by_address[former.address].remove(former)
            self.by_digest[former.digest].remove(former)
        self.by_key[seen.key] = seen
        self.by_address[seen.address].append(seen)
        self.by_digest[seen.digest].append(seen)
        self.articles.add(seen.article_id)


def _first_seen(
    source: str, entry: Entry, memory: _Memory, texts: Mapping[str, tuple[str, ...]]
) -> Arrival:
    own = article_id(entry.url) if entry.url else None
    holders = memory.by_address[own] if own else []
    for holder in holders:
        if _tells_the_same(entry, holder, memory, texts):
            seen = _remembered(entry, holder.article_id)
            return Arrival(entry, seen, is_new=False, to_read=holder.digest != entry.digest)
    for twin in memory.by_digest[entry.digest]:
        if _is_same_place(entry, twin):
            return Arrival(entry, _remembered(entry, twin.article_id), False, to_read=False)
    if own is None or holders or own in memory.articles:
        own = _own_id(source, entry)
    return Arrival(entry, _remembered(entry, own), is_new=True)


def _is_reading(entry: Entry, known: SeenEntry, texts: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether an entry under a key that was seen is an edit of what stood there."""
    text = texts.get(known.article_id)
    is_same = text is None or entry.digest == known.digest
    return is_same or are_readings((entry.title, *entry.paragraphs), text or ())


def _in_place_of(
    source: str,
    entry: Entry,
    known: SeenEntry,
    memory: _Memory,
    texts: Mapping[str, tuple[str, ...]],
) -> Arrival:
    """An entry that has the key of another one."""
    arrival = _first_seen(source, entry, memory, texts)
    if arrival.seen.article_id != known.article_id:
        return arrival
    other = _own_id(source, replace(entry, key=f"{entry.key}|{entry.digest}"))
    return replace(arrival, seen=_remembered(entry, other), is_new=True, to_read=True)


def _is_edited(entry: Entry, known: SeenEntry) -> bool:
    # The text of a teaser often stays as it is when the text behind it is edited.
    is_restamped = entry.is_teaser and entry.updated_at != known.updated_at
    return is_restamped or (entry.digest, entry.url) != (known.digest, known.url)


def _tells_the_same(
    entry: Entry, holder: SeenEntry, memory: _Memory, texts: Mapping[str, tuple[str, ...]]
) -> bool:
    if entry.digest == holder.digest:
        return True
    if entry.is_teaser:
        # All that a teaser tells is its link, but several items may stand on one page.
        return holder.key not in memory.present
    return are_copies(entry.paragraphs, texts.get(holder.article_id, ())[1:])


def _is_same_place(entry: Entry, twin: SeenEntry) -> bool:
    if entry.is_teaser or sum(map(len, entry.paragraphs)) < LONG_ENOUGH:
        return False
    pages = ((url or "").partition("?")[0] for url in (entry.url, twin.url))
    return len({page.partition("://")[2].removeprefix("www.") for page in pages}) == 1


def wanted_again(seen: SeenEntry, address: str, now: datetime) -> SeenEntry:
    """An entry that is remembered with the address that is to be asked again, and when."""
    at = wanted_next(seen.first_seen_at or now, now)
    return replace(seen, wanted=address if at else None, wanted_at=at)


def _wanted_again(seen: SeenEntry, stored: Article) -> Arrival:
    """An entry as it is stored, whose page could not be had when it was read."""
    entry = Entry(
        key=seen.key,
        url=seen.url,
        title=stored.title,
        published_at=stored.published_at,
        updated_at=seen.updated_at,
        author=stored.author,
        paragraphs=tuple(one.text for one in stored.paragraphs),
        is_teaser=True,
        document=seen.wanted if seen.wanted != seen.url else None,
    )
    remembered = replace(seen, wanted=None, wanted_at=None)
    return Arrival(entry, remembered, is_new=False, has_page=seen.wanted == seen.url)


def _own_id(source: str, entry: Entry) -> str:
    """An article id for an entry whose link is missing or another article's."""
    named = "\x1e".join((source, entry.url or "", entry.key))
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _remembered(entry: Entry, identity: str) -> SeenEntry:
    return SeenEntry(entry.key, identity, entry.url, entry.digest, entry.updated_at)


def credible_date(entry: Entry, now: datetime) -> datetime | None:
    """When an entry was published; None where that is unknown, or not to be believed: what lies
    ahead, and the year 1970's first day, which is what computers write for zero."""
    stated = entry.published_at
    if stated is None or stated - now > FURTHEST_AHEAD:
        return None
    is_zero = 0 <= stated.timestamp() < 86_400
    return None if is_zero or stated.year < 1800 else stated


def entry_article(
    source: PolledSource, arrival: Arrival, language: str | None, now: datetime
) -> ReadArticle | None:
    """What the feed itself says of an entry, as an article; None where it says nothing.

    `language` is the feed's, used where the text is too short to tell. A bare headline is its own
    only paragraph.
    """
    entry = arrival.entry
    paragraphs = entry.paragraphs or ((entry.title,) if entry.title != entry.url else ())
    if not paragraphs:
        return None
    return ReadArticle(
        url=entry.url or source.feed_url,
        title=entry.title,
        paragraphs=paragraphs,
        source=source.name,
        author=entry.author,
        published_at=credible_date(entry, now),
        language=detect(" ".join(paragraphs)) or source.source.language or language,
        identity=arrival.seen.article_id,
        is_own=_is_own(source, arrival),
        is_teaser=entry.is_teaser and (arrival.is_new or arrival.was_full),
    )


def _is_own(source: PolledSource, arrival: Arrival) -> bool | None:
    url = arrival.entry.url
    return publishes_at(url, source.source.url, source.feed_url) if url else True


def full_article(article: ReadArticle, page: ReadArticle) -> ReadArticle:
    """The entry's article with the page's text, address and what the feed does not say."""
    return replace(
        article,
        url=page.url,
        paragraphs=page.paragraphs,
        author=article.author or page.author,
        published_at=article.published_at or page.published_at,
        language=page.language or article.language,
        is_teaser=False,
    )


def page_article(
    source: PolledSource, arrival: Arrival, page: ReadArticle, now: datetime
) -> ReadArticle:
    """The page of an entry of which the feed says nothing but the link, or a post of a live page,
    which has its own identity and date."""
    published_at = credible_date(arrival.entry, now)
    return replace(
        page,
        source=source.name,
        published_at=page.published_at if page.identity else published_at or page.published_at,
        identity=page.identity or arrival.seen.article_id,
        is_own=_is_own(source, arrival),
    )


def tells_more(article: ReadArticle, page: ReadArticle) -> bool:
    """Whether a page holds the teaser's story, and more of it."""
    words = _words(article.title, *article.paragraphs)
    told = words & _words(*page.paragraphs)
    is_same = len(told) >= SAME_TEXT * len(words)
    is_same = is_same and len(told | words & _words(page.title)) >= SAME_STORY * len(words)
    return is_same and sum(map(len, page.paragraphs)) > sum(map(len, article.paragraphs))


def _words(*texts: str) -> set[str]:
    return {word.casefold() for text in texts for word in _LONG_WORD.findall(text)}

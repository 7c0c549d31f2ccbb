"""What to do with the entries of a feed: pure decisions, no store, no clock.

    Entry + what was seen in this feed before  ->  Arrival (to be read) | nothing to do

Which article an entry is:

    its key was seen                  the same article; an edit where text or address changed
    its key is new, its link too      a new article, named by its link
    its link belongs to another key   the same article where it tells the same (an item that was
                                      published again), else another one: sites use the address
                                      of a past item again for a new one
    the same text at the same place   the same article: a session number in its link changed
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.articles import article_id
from corpus.duplicates import are_copies
from corpus.feeds.entries import Entry

# Characters; two items with a shorter text than that may be alike by chance.
_TELLING = 200


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """What is remembered of an entry. `read_at` is when its text was last read."""

    key: str
    article_id: str
    url: str | None
    digest: str
    updated_at: datetime | None = None

    @property
    def address(self) -> str | None:
        """The id that the entry's link would give an article."""
        return article_id(self.url) if self.url else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that is new or was edited, and what is to be remembered of it.

    `to_read` is False for a repetition of a text that is already there, `has_page` where its
    link leads to several items of the feed.
    """

    entry: Entry
    seen: SeenEntry
    is_new: bool
    to_read: bool = True
    has_page: bool = True


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
    stored paragraphs by article id, at least of those that share a link. `is_stale` says that the
    feed is an older copy than one read before: then nothing counts as edited.
    """
    memory = _Memory(seen, entries)
    found = []
    for entry in reversed(entries):
        known = memory.by_key.get(entry.key)
        if known is None:
            arrival = _first_seen(source, entry, memory, texts)
        elif is_stale or not _is_edited(entry, known):
            continue
        else:
            arrival = Arrival(entry, _remembered(entry, known.article_id), is_new=False)
        memory.add(arrival.seen)
        found.append(replace(arrival, has_page=memory.links[entry.url] == 1))
    return found


def sharing_links(entries: Sequence[Entry], seen: Iterable[SeenEntry]) -> set[str]:
    """Ids of the articles whose link a new entry has too: those whose text `arrivals` needs."""
    seen = list(seen)
    keys = {one.key for one in seen}
    links = {entry.url for entry in entries if entry.url and entry.key not in keys}
    return {one.article_id for one in seen if one.url in links}


class _Memory:
    """Seen entries by key, link, article and text, those of the same poll included.

    `present` are the keys of the feed as it stands now, `links` how often each of its links.
    """

    def __init__(self, seen: Iterable[SeenEntry], entries: Sequence[Entry]) -> None:
        self.present = {entry.key for entry in entries}
        self.links = Counter(entry.url for entry in entries)
        self.by_key: dict[str, SeenEntry] = {}
        self.by_address: dict[str | None, list[SeenEntry]] = defaultdict(list)
        self.by_digest: dict[str, list[SeenEntry]] = defaultdict(list)
        self.articles: set[str] = set()
        for one in seen:
            self.add(one)

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


def _is_edited(entry: Entry, known: SeenEntry) -> bool:
    # The text of a teaser often stays as it is when the text behind it is edited.
    restamped = entry.is_teaser and entry.updated_at != known.updated_at
    return restamped or entry.digest != known.digest or entry.url != known.url


def _tells_the_same(
    entry: Entry, holder: SeenEntry, memory: _Memory, texts: Mapping[str, tuple[str, ...]]
) -> bool:
    if entry.digest == holder.digest:
        return True
    if entry.is_teaser:
        # All that a teaser tells is its link, but several items may stand on one page.
        return holder.key not in memory.present
    return are_copies(entry.paragraphs, texts.get(holder.article_id, ()))


def _is_same_place(entry: Entry, twin: SeenEntry) -> bool:
    if entry.is_teaser or sum(map(len, entry.paragraphs)) < _TELLING:
        return False
    return _without_query(entry.url) == _without_query(twin.url)


def _without_query(url: str | None) -> str:
    return (url or "").partition("?")[0].partition("://")[2].removeprefix("www.")


def _own_id(source: str, entry: Entry) -> str:
    """An article id for an entry whose link is missing or another article's."""
    named = "\x1e".join((source, entry.url or "", entry.key))
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _remembered(entry: Entry, identity: str) -> SeenEntry:
    return SeenEntry(entry.key, identity, entry.url, entry.digest, entry.updated_at)


def credible_date(
    entry: Entry, now: datetime, *, furthest_ahead_seconds: float = 86_400
) -> datetime | None:
    """When an entry was published; None where that is unknown, or not to be believed.

    Embargoed statements and confused time zones lie up to a day ahead; what lies further ahead
    is a mistake, and so is the year 1970's first day, which is what computers write for zero.
    """
    stated = entry.published_at
    if stated is None or (stated - now).total_seconds() > furthest_ahead_seconds:
        return None
    is_zero = 0 <= stated.timestamp() < 86_400
    return None if is_zero or stated.year < 1800 else stated

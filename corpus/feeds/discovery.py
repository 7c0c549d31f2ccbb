"""From an address that somebody gives to a source that can be polled.

address -> is it a feed?                    -> FoundFeed
        -> a page: feeds that it announces  -> the first that is one
                   feeds at common places   -> the first that is one
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from corpus.articles import Source, SourceKind
from corpus.errors import FetchError, ReadError
from corpus.feeds.entries import Feed
from corpus.feeds.opml import LONGEST_NAME, FeedOutline
from corpus.feeds.polling import INTERVAL, PolledSource
from corpus.feeds.reading import feed_links, guessed_feeds, read_feed
from corpus.feeds.sources import kind_of
from corpus.fetch import Fetched
from corpus.urls import canonical_url, host_of

# Announced feeds that are tried, and places that are guessed, at most.
MOST_TRIED = 3


class Fetches(Protocol):
    """What finding a feed needs of a fetcher."""

    def fetch(self, url: str) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed and the address to poll it at."""

    url: str
    feed: Feed


def find_feed(address: str, fetcher: Fetches) -> FoundFeed:
    """The feed at an address, or that of the site there.

    An address without a scheme means https. Raises ReadError where there is no feed to be had.
    """
    address = address.strip()
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", address):
        address = f"https://{address}"
    fetched = fetcher.fetch(canonical_url(address))
    try:
        return _feed_in(fetched)
    except ReadError as error:
        # A document that is no page has no links to follow.
        if "<" not in fetched.body[:20_000].decode("latin-1"):
            raise ReadError(address, error.reason) from error
    page, kind = fetched.final_url, fetched.content_type
    announced = feed_links(fetched.body, page, content_type=kind)[:MOST_TRIED]
    guessed = [one for one in guessed_feeds(page)[:MOST_TRIED] if one not in announced]
    for candidate in (*announced, *guessed):
        try:
            return _feed_in(fetcher.fetch(candidate))
        except FetchError as error:
            if error.status in (429, 503):
                raise
        except ReadError:
            continue
    raise ReadError(
        address, "announces no feed that can be read, and has none where feeds usually are"
    )


def _feed_in(fetched: Fetched) -> FoundFeed:
    feed = read_feed(fetched.body, fetched.final_url, content_type=fetched.content_type)
    return FoundFeed(canonical_url(fetched.moved_to or fetched.url), feed)


def source_of_feed(
    found: FoundFeed,
    *,
    added_by: str,
    now: datetime,
    name: str | None = None,
    kind: SourceKind | None = None,
    country: str | None = None,
    language: str | None = None,
    interval: timedelta = INTERVAL,
    full_text: bool = True,
) -> PolledSource:
    """The source that a found feed becomes; what is not given is taken from the feed."""
    site = found.feed.link or found.url
    named = (name or found.feed.title or host_of(found.url).removeprefix("www."))[:LONGEST_NAME]
    source = Source(
        name=" ".join(named.split()),
        url=site,
        kind=kind or kind_of(named, site),
        country=country,
        language=language or found.feed.language,
    )
    return PolledSource(source, found.url, interval, full_text, added_by=added_by, added_at=now)


def source_of_outline(outline: FeedOutline, *, added_by: str, now: datetime) -> PolledSource:
    """The source that an outline of a list becomes; nobody has reached it yet."""
    site = outline.url or outline.feed_url
    source = Source(
        name=outline.name,
        url=outline.url,
        kind=outline.kind or kind_of(outline.name, site),
        country=outline.country,
        language=outline.language,
    )
    return PolledSource(source, outline.feed_url, added_by=added_by, added_at=now)

"""From what somebody gives to sources that can be polled: an address, or a list of feeds (OPML).

    address -> is it a feed?                    -> FoundFeed
            -> a page: feeds that it announces  -> the first that is one
                       feeds at common places   -> the first that is one
    OPML    -> outlines with `xmlUrl`           -> FeedOutline

The outlines around a feed are its folders. Kind, country and language stand as attributes of the
outline (`language` is OPML's own, `kind` and `country` are ours).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Protocol

from corpus.articles import Source, SourceKind, kind_of
from corpus.errors import FetchError, ReadError
from corpus.feeds.parse import Feed, feed_links, guessed_feeds, read_feed, web_address
from corpus.feeds.schedule import INTERVAL, PolledSource
from corpus.fetch.client import Fetched
from corpus.fetch.urls import canonical_url, host_of
from corpus.readers.html import plain_line
from corpus.readers.limits import apart

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
    announced = apart(feed_links, fetched.body, page, content_type=kind)[:MOST_TRIED]
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
    feed = apart(read_feed, fetched.body, fetched.final_url, content_type=fetched.content_type)
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


LARGEST_LIST = 10_000_000
LONGEST_NAME = 120
_STARTER = "the starter list"
_KINDS = frozenset(SourceKind)


@dataclass(frozen=True, slots=True)
class FeedOutline:
    """A feed that a list names; what the list does not say, or says wrongly, is None."""

    name: str
    feed_url: str
    url: str | None = None
    kind: SourceKind | None = None
    country: str | None = None
    language: str | None = None
    folder: str | None = None


def starter_feeds() -> tuple[FeedOutline, ...]:
    """The bundled list of public feeds; none of them is checked until it has been reached."""
    body = (files("corpus.samples") / "starter.opml").read_bytes()
    return read_opml(body, _STARTER)


def read_opml(body: bytes, name: str) -> tuple[FeedOutline, ...]:
    """The feeds of an OPML document, each address once, with names that differ.

    Outlines without a usable web address are passed over. Raises ReadError, about `name`, for
    what is not OPML or names no feed.
    """
    from lxml import etree

    if len(body) > LARGEST_LIST:
        raise ReadError(name, f"larger than {LARGEST_LIST // 1_000_000} MB, so it was not read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        number = getattr(error, "lineno", None)
        place = f" in line {number}" if number else ""
        raise ReadError(name, f"not a list of feeds; its XML is broken{place}") from error
    if etree.QName(root).localname.lower() != "opml":
        raise ReadError(name, "not a list of feeds; OPML begins with <opml>")
    feeds: dict[str, FeedOutline] = {}
    names: set[str] = set()
    for element in root.iter("outline"):
        feed = _outline({key.lower(): value for key, value in element.attrib.items()})
        if feed is not None and feed.feed_url not in feeds:
            feeds[feed.feed_url] = _in_folder(feed, element, names)
    if not feeds:
        raise ReadError(name, "names no feed that could be polled")
    return tuple(feeds.values())


def _outline(attributes: dict[str, str]) -> FeedOutline | None:
    feed_url = _address(attributes.get("xmlurl", ""))
    if feed_url is None:
        return None
    name = plain_line(attributes.get("title") or attributes.get("text") or "")
    kind = attributes.get("kind", "").strip().lower()
    country = attributes.get("country", "").strip().upper()
    language = attributes.get("language", "").strip().lower()
    return FeedOutline(
        name=name[:LONGEST_NAME].strip() or host_of(feed_url),
        feed_url=feed_url,
        url=_address(attributes.get("htmlurl", "")),
        kind=SourceKind(kind) if kind in _KINDS else None,
        country=country if re.fullmatch("[A-Z]{2}", country) else None,
        language=language[:2] if re.fullmatch("[a-z]{2}(?:[-_].*)?", language) else None,
    )


def _in_folder(feed: FeedOutline, element: Any, names: set[str]) -> FeedOutline:
    """The feed with the folder it stands in and a name that no earlier one has."""
    parent = element.getparent()
    folder = plain_line(parent.get("text") or parent.get("title") or "") or None
    name, number = feed.name, 1
    while name.casefold() in names:
        number += 1
        name = f"{feed.name} ({number})"
    names.add(name.casefold())
    return replace(feed, name=name, folder=folder)


def _address(link: str) -> str | None:
    # Feed readers write feed: before, or instead of, http:.
    link = re.sub(r"\A\s*feed:(?://)?(?=https?:)", "", link)
    return web_address(re.sub(r"\A\s*feed:(?=//)", "http:", link), None)

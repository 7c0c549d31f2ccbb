"""What feeds say, and the entries that come of it.

    StatedFeed (as RSS, Atom or JSON put it)  ->  Feed with its Entries

Pure: no network, no clock. An entry's key tells it from the feed's others for as long as it
stands there. It is the guid where that says more than the link and no other entry has it; several
entries under one guid are told apart by their links; without a guid the link stands for the
entry, and without either its title and date do.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from corpus.articles import text_digest
from corpus.errors import ReadError
from corpus.markup import html_paragraphs, plain_line, plain_paragraphs
from corpus.plain import first_words
from corpus.urls import canonical_url

# Characters. Feeds that carry whole texts in the element meant for them (content:encoded,
# Atom content) carry short statements too; in the element meant for summaries whole texts are
# rare. Ministries' shortest whole statements have about 200 characters.
SHORTEST_CONTENT = 200
SHORTEST_SUMMARY = 1_200
LONGEST_KEY = 200
MOST_ENTRIES = 5_000

_CUT_OFF = re.compile(
    r"(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.|read more|continue reading)[\s.»→>\])]*\Z", re.I
)


@dataclass(frozen=True, slots=True)
class StatedItem:
    """What a feed says of one item. `content` and `summary` are HTML unless `is_plain`."""

    guid: str = ""
    link: str = ""
    title: str = ""
    content: str = ""
    summary: str = ""
    is_plain: bool = False
    published_at: datetime | None = None
    updated_at: datetime | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class StatedFeed:
    title: str
    link: str
    language: str
    updated_at: datetime | None
    items: tuple[StatedItem, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed.

    `url` is canonical, None where the item names no web address. `published_at` is as stated, so
    it may lie in the future; None where nothing is stated. `is_teaser` says that the text stands
    elsewhere in full.
    """

    key: str
    url: str | None
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    author: str | None
    paragraphs: tuple[str, ...]
    is_teaser: bool

    @property
    def digest(self) -> str:
        """Digest of what a reader of the feed sees: title and paragraphs."""
        return text_digest(self.title, self.paragraphs)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read: `link` is its site, `language` ISO 639-1, `updated_at` its own stamp."""

    title: str
    link: str | None
    language: str | None
    entries: tuple[Entry, ...]
    updated_at: datetime | None = None


def feed_of(stated: StatedFeed, url: str) -> Feed:
    """The feed that stands at `url`; links are resolved against it.

    Items that say nothing at all, and repetitions within the feed, are left out.
    """
    base = _address(stated.link, url) or url
    read = (_entry(item, base) for item in stated.items[:MOST_ENTRIES])
    entries = [entry for entry in read if entry.title]
    return Feed(
        title=plain_line(stated.title),
        link=_address(stated.link, url),
        language=_language(stated.language),
        entries=tuple(_told_apart(entries)),
        updated_at=stated.updated_at,
    )


def _entry(item: StatedItem, base: str) -> Entry:
    paragraphs, is_teaser = _text(item)
    title = plain_line(item.title)
    while paragraphs and title and paragraphs[0].casefold() == title.casefold():
        paragraphs = paragraphs[1:]
    url = _address(item.link, base) or _address(item.guid, None)
    return Entry(
        key=item.guid.strip(),
        url=url,
        title=title or (first_words(paragraphs[0]) if paragraphs else url or ""),
        published_at=item.published_at or item.updated_at,
        updated_at=item.updated_at,
        author=plain_line(item.author) or None,
        paragraphs=paragraphs,
        is_teaser=is_teaser or not paragraphs,
    )


def _text(item: StatedItem) -> tuple[tuple[str, ...], bool]:
    """The longer of content and summary, and whether it is a teaser."""
    read = plain_paragraphs if item.is_plain else html_paragraphs
    content = read(item.content)
    summary = read(item.summary) if item.summary != item.content else ()
    if _length(content) >= _length(summary):
        chosen, marked, shortest = content, item.content, SHORTEST_CONTENT
    else:
        chosen, marked, shortest = summary, item.summary, SHORTEST_SUMMARY
    end = chosen[-1] if chosen else ""
    is_cut = bool(_CUT_OFF.search(end) or _CUT_OFF.search(plain_line(marked[-200:])))
    return chosen, is_cut or _length(chosen) < shortest


def _length(paragraphs: Iterable[str]) -> int:
    return sum(map(len, paragraphs))


def _told_apart(entries: list[Entry]) -> Iterable[Entry]:
    """Entries with their keys; of several with the same key the first."""
    addresses: dict[str, set[str | None]] = defaultdict(set)
    guids: dict[str | None, set[str]] = defaultdict(set)
    for entry in entries:
        addresses[entry.key].add(entry.url)
        guids[entry.url].add(entry.key)
    found: dict[str, Entry] = {}
    for entry in entries:
        key = entry.key
        # A guid that is the link, or the link with a revision (#1), says no more than the link,
        # unless several items stand on one page.
        if _address(key, None) == entry.url and len(guids[entry.url]) == 1:
            key = ""
        if not key or len(addresses[key]) > 1:
            key = _own_key(replace(entry, key=key))
        found.setdefault(_bounded(key), entry)
    return [replace(entry, key=key) for key, entry in found.items()]


def _own_key(entry: Entry) -> str:
    if entry.url:
        place = _place(entry.url)
        return f"{entry.key}|{place}" if entry.key else place
    told = str(entry.published_at) if entry.published_at else "\x1e".join(entry.paragraphs)
    return f"{entry.key}|{hashlib.sha256(f'{entry.title}|{told}'.encode()).hexdigest()[:32]}"


def _bounded(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _place(url: str) -> str:
    """An address without what changes when a site moves to https or to www."""
    return re.sub(r"\Ahttps?://(?:www\.)?", "", url)


def _address(link: str, base: str | None) -> str | None:
    """The canonical web address of a link, or None where it is none."""
    link = link.strip()
    if not link or (base is None and not link.lower().startswith(("http://", "https://"))):
        return None
    try:
        url = canonical_url(urljoin(base or "", link))
    except (ReadError, ValueError):
        return None
    return url if url.startswith(("http://", "https://")) else None


def _language(declared: str) -> str | None:
    code = declared.strip().lower()[:2]
    return code if re.fullmatch(r"[a-z]{2}(?:[-_].*)?", declared.strip().lower()) else None

"""Feeds: bytes with their headers into entries, and the feeds that a site announces.

    bytes -> RSS 0.9 to 2.0, RDF, Atom (feedparser) | JSON Feed 1 and 1.1 -> StatedFeed
          -> Feed(title, link, language, entries)

Pure: no network, no clock. Nothing but ReadError is raised, whatever the bytes are.

An entry's key tells it from the feed's others for as long as it stands there. It is the guid where
that says more than the link and no other entry has it; several entries under one guid are told
apart by their links; without a guid the link stands for the entry, and without either its title
and date do.

feedparser reads broken XML too. It is given bytes in a stream, never a string, which it might open
as a file or an address; its sanitiser is off, since only text is taken from the markup. In JSON,
values of a wrong type are passed over: numbers as ids, authors as one object, items that are none.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from corpus.articles import article_id, text_digest
from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url
from corpus.readers.html import html_paragraphs, plain_line, plain_paragraphs
from corpus.readers.markdown import charset_of, clean, decode, first_words
from corpus.text.dates import day_comes_first, parse_moment
from corpus.text.differences import are_alike

# Characters. Feeds that carry whole texts in the element meant for them (content:encoded,
# Atom content) carry short statements too; in the element meant for summaries whole texts are
# rare. Ministries' shortest whole statements have about 200 characters.
SHORTEST_CONTENT = 200
SHORTEST_SUMMARY = 1_200
LONGEST_KEY = 200
READABLE_TYPES = ("application/pdf", "application/x-pdf", "text/html", "text/plain")
MOST_ENTRIES = 5_000

_CUT_OFF = re.compile(
    r"(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.|read more|continue reading)[\s.»→>\])]*\Z", re.I
)

LARGEST_FEED = 20_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)
_START_BYTES = 4096
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_FEED_TYPES = frozenset(
    str.split(
        "application/rss+xml application/atom+xml application/rdf+xml application/feed+json "
        "text/xml application/xml application/json"
    )
)
# What WordPress, Drupal and most other systems answer to; more guesses would be knocking.
_COMMON_PATHS = ("/feed/", "/rss.xml", "/rss")

# Where this share of the characters beyond ASCII is valid UTF-8, the rest is damage in a UTF-8
# text, not a text in another encoding.
_UTF8_SHARE = 0.9
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Character data wrapped twice, of which feedparser gives nothing, and how an inner end is written.
_NESTED_CDATA = re.compile(rb"<!\[CDATA\[\s{0,9}<!\[CDATA\[")
_INNER_END_LAST = re.compile(rb"\]\]\]\]><!\[CDATA\[>\s{0,9}(?:\]\]>)?\s{0,9}(</)")
_DECLARATION = re.compile(rb"\A\s*(<\?xml[^>]{0,200}?)encoding\s*=\s*(\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class StatedItem:
    """What a feed says of one item. `content` and `summary` are HTML unless `is_plain`.

    `published` and `updated` are dates as they are written; `documents` are the addresses of what
    is enclosed to be read.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    content: str = ""
    summary: str = ""
    is_plain: bool = False
    published: str = ""
    updated: str = ""
    author: str = ""
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedFeed:
    title: str
    link: str
    language: str
    updated: str
    items: tuple[StatedItem, ...]


_Dated = tuple[StatedItem, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed.

    `url` is canonical, None where the item names no web address. `published_at` is as stated, so
    it may lie in the future; None where nothing is stated. `is_teaser` says that the text stands
    elsewhere in full; `document` is the address of what is enclosed to be read.
    """

    key: str
    url: str | None
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    author: str | None
    paragraphs: tuple[str, ...]
    is_teaser: bool
    document: str | None = None

    @property
    def digest(self) -> str:
        """Digest of what a reader of the feed sees: title and paragraphs."""
        return text_digest(self.title, self.paragraphs)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The ids that its link would give an article, and a guid that is an address: its former
        link, in much software."""
        links = (self.url, web_address(self.key, None))
        return tuple(article_id(link) for link in links if link)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read: `link` is its site, `language` ISO 639-1, `updated_at` its own stamp.

    `left_out` counts the items beyond `MOST_ENTRIES`, of which the newest are read; `blank` those
    that have neither title, link nor text.
    """

    title: str
    link: str | None
    language: str | None
    entries: tuple[Entry, ...]
    updated_at: datetime | None = None
    left_out: int = 0
    blank: int = 0


def read_feed(body: bytes, url: str, *, content_type: str = "") -> Feed:
    """The feed at `url`, which may be empty.

    `content_type` is the server's header. Raises ReadError for what is no feed.
    """
    if len(body) > LARGEST_FEED:
        raise ReadError(url, f"larger than {LARGEST_FEED // 1_000_000} MB, so it was not read")
    if not body.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise ReadError(url, "empty, nothing to read")
    try:
        stated = _stated(body, url, content_type)
        return feed_of(stated, url)
    except ReadError:
        raise
    except Exception as error:  # the parsers let errors of many types out
        raise ReadError(url, "cannot be read as a feed") from error


def _stated(body: bytes, url: str, content_type: str) -> StatedFeed:
    if body.lstrip(b"\xef\xbb\xbf\t\r\n ")[:1] in (b"{", b"["):
        stated = read_json(decode(body, url, charset_of(content_type)))
        if stated is None:
            raise ReadError(url, "not a feed; it is JSON of another kind, or broken")
        return stated
    if _HTML.match(body[:_START_BYTES]):
        raise ReadError(url, "a web page, not a feed")
    stated = read_xml(body, content_type)
    if stated is None:
        raise ReadError(url, "not a feed; neither RSS, Atom nor JSON Feed")
    return stated


def feed_of(stated: StatedFeed, url: str) -> Feed:
    """The feed that stands at `url`; links are resolved against it.

    Items that say nothing at all, and repetitions within the feed, are left out.
    """
    base = web_address(stated.link, url) or url
    written = [text for item in stated.items for text in (item.published, item.updated)]
    day_first = day_comes_first((*written, stated.updated), stated.language)

    def moment(text: str) -> datetime | None:
        return parse_moment(text, day_first=day_first, language=stated.language)

    items = [(item, moment(item.published), moment(item.updated)) for item in stated.items]
    read = [_entry(item, base, *moments) for item, *moments in _newest(items)]
    entries = [entry for entry in read if entry.title]
    return Feed(
        title=plain_line(stated.title),
        link=web_address(stated.link, url),
        language=_language(stated.language),
        entries=tuple(_told_apart(entries)),
        updated_at=moment(stated.updated),
        left_out=max(0, len(items) - MOST_ENTRIES),
        blank=len(read) - len(entries),
    )


def _newest(items: list[_Dated]) -> list[_Dated]:
    """At most `MOST_ENTRIES` items, the newest by their dates, in the order of the feed.

    One without a date counts with the one before it; with no date at all the first are taken,
    since feeds begin with the newest.
    """
    if len(items) <= MOST_ENTRIES:
        return items
    stamps = [published or updated for _, published, updated in items]
    last = next((stamp for stamp in stamps if stamp), None)
    dated = [last := stamp or last for stamp in stamps]
    order = list(range(len(items)))
    if last is not None:
        order.sort(key=lambda n: dated[n] or last, reverse=True)
    return [items[n] for n in sorted(order[:MOST_ENTRIES])]


def _entry(
    item: StatedItem, base: str, published_at: datetime | None, updated_at: datetime | None
) -> Entry:
    paragraphs, is_teaser = _text(item)
    title = plain_line(item.title)
    while paragraphs and title and paragraphs[0].casefold() == title.casefold():
        paragraphs = paragraphs[1:]
    document = next((one for text in item.documents if (one := web_address(text, base))), None)
    url = web_address(item.link, base) or web_address(item.guid, None) or document
    return Entry(
        key=item.guid.strip(),
        url=url,
        title=title or (first_words(paragraphs[0]) if paragraphs else url or ""),
        published_at=published_at or updated_at,
        updated_at=updated_at,
        author=plain_line(item.author) or None,
        paragraphs=paragraphs,
        is_teaser=is_teaser or not paragraphs,
        document=document,
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
    """Entries with their keys; of repetitions the first, of an entry's versions the newest.

    One key for two texts that have little in common is no key: many feeds that name no guid link
    all their items to one listing page, and some give one guid to all.
    """
    addresses: dict[str, set[str | None]] = defaultdict(set)
    guids: dict[str | None, set[str]] = defaultdict(set)
    for entry in entries:
        addresses[entry.key].add(entry.url)
        guids[entry.url].add(entry.key)
    keyed: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        key = entry.key
        # A guid that is the link, or the link with a revision (#1), says no more than the link,
        # unless several items stand on one page.
        if web_address(key, None) == entry.url and len(guids[entry.url]) == 1:
            key = ""
        if not key or len(addresses[key]) > 1:
            key = _own_key(replace(entry, key=key))
        keyed[key].append(entry)
    found: dict[str, Entry] = {}
    for key, sharing in keyed.items():
        is_one = all(_is_version(sharing[0], other) for other in sharing[1:])
        if is_one:
            newest = max(sharing, key=lambda one: one.updated_at or _EPOCH)
            found.setdefault(_bounded(key), newest)
            continue
        for entry in sharing:
            found.setdefault(_bounded(f"{key}|{_told(entry)}"), entry)
    return [replace(entry, key=key) for key, entry in found.items()]


def _is_version(one: Entry, other: Entry) -> bool:
    return one.digest == other.digest or (
        one.title == other.title and are_alike(one.paragraphs, other.paragraphs)
    )


def _own_key(entry: Entry) -> str:
    if entry.url:
        # Without what changes when a site moves to https or to www.
        place = re.sub(r"\Ahttps?://(?:www\.)?", "", entry.url)
        return f"{entry.key}|{place}" if entry.key else place
    return f"{entry.key}|{_told(entry)}"


def _told(entry: Entry) -> str:
    """What tells an entry from others where neither guid nor link does: title and date."""
    told = str(entry.published_at) if entry.published_at else "\x1e".join(entry.paragraphs)
    return hashlib.sha256(f"{entry.title}|{told}".encode()).hexdigest()[:32]


def _bounded(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def web_address(link: str, base: str | None) -> str | None:
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


def read_xml(body: bytes, content_type: str) -> StatedFeed | None:
    """What an RSS or Atom document says; None where the bytes are neither."""
    import feedparser

    if _NESTED_CDATA.search(body):
        body = _NESTED_CDATA.sub(b"<![CDATA[", _INNER_END_LAST.sub(rb"]]>\1", body))
        body = body.replace(b"]]]]><![CDATA[>", b"")
    repaired = _in_utf8(body)
    headers = {"content-type": content_type}
    if repaired is not None:
        body, headers = repaired, {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    feed = parsed.feed
    return StatedFeed(
        title=_stated_text(feed, "title"),
        link=_stated_text(feed, "link"),
        language=_stated_text(feed, "language"),
        updated=_first_stated(feed, "updated", "published"),
        items=tuple(_xml_item(entry) for entry in parsed.entries),
    )


def _xml_item(entry: Any) -> StatedItem:
    content, is_plain = _content(entry)
    summary = _stated_text(entry, "summary")
    guid, link = _stated_text(entry, "id"), _stated_text(entry, "link")
    # A guid that is no address is told to be one by every feed that leaves isPermaLink out.
    if entry.get("guidislink") and not guid.lower().startswith(("http://", "https://", "/")):
        link = "" if link == guid else link
    return StatedItem(
        guid=guid,
        link=link,
        title=_stated_text(entry, "title"),
        content=content,
        summary="" if summary.strip() == content.strip() else summary,
        is_plain=is_plain and not summary,
        published=_first_stated(entry, "published", "created"),
        updated=_first_stated(entry, "updated"),
        author=_xml_author(entry),
        documents=(
            *_enclosed(entry.get("enclosures"), "href"),
            *_enclosed(entry.get("media_content"), "url"),
        ),
    )


def _content(entry: Any) -> tuple[str, bool]:
    """The longest text among an entry's contents, and whether it is plain text."""
    contents = [one for one in entry.get("content", ()) if isinstance(one.get("value"), str)]
    best = max(contents, key=lambda one: len(one["value"]), default=None)
    if best is None:
        return "", False
    return clean(best["value"]), best.get("type") == "text/plain" and "<" not in best["value"]


def _xml_author(entry: Any) -> str:
    """The name of an author, without the mail address that RSS asks for beside it."""
    author = _stated_text(entry, "author").strip()
    named = re.fullmatch(r"\S+@\S+\s*\((.+)\)", author) or re.fullmatch(
        r"(.+?)\s*[(<]\S+@\S+[)>]", author
    )
    return named[1] if named else author


def _stated_text(values: Any, name: str) -> str:
    """A text or a number that stands under a name; empty where there is neither."""
    # feedparser's own lookup answers with other elements where one is missing.
    value = dict.get(values, name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))


def _first_stated(values: Any, *names: str) -> str:
    """The first date that stands there, as it is written.

    feedparser's own reading of dates fills in what it does not understand with today's.
    """
    return next((text[:100] for name in names if (text := _stated_text(values, name))), "")


def _in_utf8(body: bytes) -> bytes | None:
    """The body as valid UTF-8 where it is UTF-8, whatever is declared; None where it is not.

    Text that is valid UTF-8 by chance is rarer than a wrong declaration. Bodies of ASCII bytes
    alone are left to their declaration, which may name an encoding in seven bits.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    if body.isascii() or b"\x00" in body[:1000] or body.startswith((b"\xfe\xff", b"\xff\xfe")):
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
        damaged = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
        if damaged > (1 - _UTF8_SHARE) * len(_BEYOND_ASCII.findall(text)):
            return None
        body = text.encode()
    return _DECLARATION.sub(rb'\1encoding="utf-8"', body, count=1)


def read_json(text: str) -> StatedFeed | None:
    """What a JSON Feed says; None where the text is JSON of another kind or none at all."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    version, items = document.get("version"), document.get("items")
    is_declared = isinstance(version, str) and "jsonfeed.org" in version
    if not is_declared and not (isinstance(items, list) and "title" in document):
        return None
    return StatedFeed(
        title=_stated_text(document, "title"),
        link=_stated_text(document, "home_page_url"),
        language=_stated_text(document, "language"),
        updated="",
        items=tuple(_json_item(item) for item in _listed(items) if isinstance(item, dict)),
    )


def _json_item(item: dict[str, Any]) -> StatedItem:
    markup, plain = _stated_text(item, "content_html"), _stated_text(item, "content_text")
    named = [*_listed(item.get("authors")), item.get("author")]
    authors = [one for one in named if isinstance(one, dict)]
    return StatedItem(
        guid=_stated_text(item, "id"),
        link=_stated_text(item, "url") or _stated_text(item, "external_url"),
        title=_stated_text(item, "title"),
        content=markup or plain,
        summary=_stated_text(item, "summary"),
        is_plain=not markup,
        published=_first_stated(item, "date_published"),
        updated=_first_stated(item, "date_modified"),
        author=", ".join(filter(None, (_stated_text(one, "name") for one in authors))),
        documents=_enclosed(item.get("attachments"), "url"),
    )


def _enclosed(enclosures: Any, address: str) -> tuple[str, ...]:
    """Addresses of what is enclosed and can be read: PDF, text and pages, not sound or pictures."""
    found = []
    for one in _listed(enclosures):
        place = _stated_text(one, address) if isinstance(one, dict) else ""
        kind = (_stated_text(one, "type") or _stated_text(one, "mime_type")) if place else ""
        # Much software gives no type, or that of any file.
        is_named = place.partition("?")[0].lower().endswith(".pdf")
        if is_named or kind.partition(";")[0].lower() in READABLE_TYPES:
            found.append(place)
    return tuple(found)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def feed_links(html: bytes, url: str, *, content_type: str = "") -> list[str]:
    """Addresses of the feeds that a page announces, in its order; those of comments last."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.fromstring(decode(html[:LARGEST_FEED], url, charset_of(content_type)))
    except (ReadError, etree.LxmlError, ValueError, AssertionError):
        return []
    base = next(iter(tree.xpath("//base/@href")), "")
    found: dict[str, bool] = {}
    for link in tree.iter("link"):
        if "alternate" not in (link.get("rel") or "").lower().split():
            continue
        if (link.get("type") or "").partition(";")[0].strip().lower() not in _FEED_TYPES:
            continue
        address = web_address(link.get("href") or "", urljoin(url, base))
        if address:
            told = f"{link.get('title') or ''} {address}".lower()
            found.setdefault(address, "comment" in told)
    return sorted(found, key=lambda address: found[address])


def guessed_feeds(url: str) -> list[str]:
    """At most three addresses at which a site that announces no feed may have one."""
    return [address for path in _COMMON_PATHS if (address := web_address(path, url))]

"""Feeds: bytes with their headers into entries, and the feeds that a site announces.

    bytes -> (what is it?) -> feed_xml.read_xml | feed_json.read_json -> StatedFeed
          -> entries.feed_of -> Feed(title, link, language, entries)

Nothing but ReadError is raised, whatever the bytes are.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from corpus.errors import ReadError
from corpus.feeds.entries import Entry, Feed, StatedFeed, feed_of
from corpus.feeds.json_feed import read_json
from corpus.feeds.xml_feed import read_xml
from corpus.plain import charset_of, decode
from corpus.urls import canonical_url

__all__ = ["Entry", "Feed", "feed_links", "guessed_feeds", "read_feed"]

LARGEST_FEED = 20_000_000
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
        address = _resolved(link.get("href") or "", url, base)
        if address:
            told = f"{link.get('title') or ''} {address}".lower()
            found.setdefault(address, "comment" in told)
    return sorted(found, key=lambda address: found[address])


def guessed_feeds(url: str) -> list[str]:
    """At most three addresses at which a site that announces no feed may have one."""
    return [address for path in _COMMON_PATHS if (address := _resolved(path, url, ""))]


def _resolved(link: str, url: str, base: str) -> str | None:
    try:
        return canonical_url(urljoin(urljoin(url, base), link.strip())) if link.strip() else None
    except (ReadError, ValueError):
        return None

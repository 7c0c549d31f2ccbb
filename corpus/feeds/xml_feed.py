"""RSS 0.9 to 2.0, RDF and Atom, through feedparser, which reads broken XML too.

feedparser is given bytes in a stream, never a string, which it might open as a file or an
address. Its sanitiser is off, since only text is taken from the markup.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from corpus.dates.moments import parse_moment
from corpus.feeds.entries import StatedFeed, StatedItem
from corpus.plain import clean

# Where this share of the characters beyond ASCII is valid UTF-8, the rest is damage in a UTF-8
# text, not a text in another encoding.
_UTF8_SHARE = 0.9
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_DECLARATION = re.compile(rb"\A\s*(<\?xml[^>]{0,200}?)encoding\s*=\s*(\"[^\"]*\"|'[^']*')")


def read_xml(body: bytes, content_type: str) -> StatedFeed | None:
    """What an RSS or Atom document says; None where the bytes are neither."""
    import feedparser

    repaired = _in_utf8(body)
    headers = {"content-type": content_type}
    if repaired is not None:
        body, headers = repaired, {"content-type": "application/xml; charset=utf-8"}
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    feed = parsed.feed
    return StatedFeed(
        title=_text(feed, "title"),
        link=_text(feed, "link"),
        language=_text(feed, "language"),
        updated_at=_moment(feed, "updated", "published"),
        items=tuple(_item(entry) for entry in parsed.entries),
    )


def _item(entry: Any) -> StatedItem:
    content, is_plain = _content(entry)
    summary = _text(entry, "summary")
    guid, link = _text(entry, "id"), _text(entry, "link")
    # A guid that is no address is told to be one by every feed that leaves isPermaLink out.
    if entry.get("guidislink") and not guid.lower().startswith(("http://", "https://", "/")):
        link = "" if link == guid else link
    return StatedItem(
        guid=guid,
        link=link,
        title=_text(entry, "title"),
        content=content,
        summary="" if summary.strip() == content.strip() else summary,
        is_plain=is_plain and not summary,
        published_at=_moment(entry, "published", "created"),
        updated_at=_moment(entry, "updated"),
        author=_author(entry),
    )


def _content(entry: Any) -> tuple[str, bool]:
    """The longest text among an entry's contents, and whether it is plain text."""
    contents = [one for one in entry.get("content", ()) if isinstance(one.get("value"), str)]
    best = max(contents, key=lambda one: len(one["value"]), default=None)
    if best is None:
        return "", False
    return clean(best["value"]), best.get("type") == "text/plain" and "<" not in best["value"]


def _author(entry: Any) -> str:
    """The name of an author, without the mail address that RSS asks for beside it."""
    author = _text(entry, "author").strip()
    named = re.fullmatch(r"\S+@\S+\s*\((.+)\)", author) or re.fullmatch(
        r"(.+?)\s*[(<]\S+@\S+[)>]", author
    )
    return named[1] if named else author


def _text(values: Any, name: str) -> str:
    # The parser's own lookup answers with other elements where one is missing.
    value = dict.get(values, name)
    return clean(value) if isinstance(value, str) else ""


def _moment(values: Any, *names: str) -> datetime | None:
    for name in names:
        parsed = dict.get(values, f"{name}_parsed")
        try:
            if parsed is not None:
                year, month, day, hour, minute, second = parsed[:6]
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            continue
        moment = parse_moment(_text(values, name)[:100])
        if moment is not None:
            return moment
    return None


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

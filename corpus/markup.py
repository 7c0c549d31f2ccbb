"""Pieces of HTML, as feeds carry them, into paragraphs and single lines.

A paragraph is what `corpus.pages` counts as one: a block of running text, a list item, a table
row, text parted by two line breaks or by one after a sentence. Captions, buttons and the lines
that feed software adds ("The post … appeared first on …", "Read more") are left out, but nothing
else: what stands in a feed was put there as text.
Odd markup never raises; at worst its tags are taken out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from corpus.plain import clean

LARGEST_PIECE = 2_000_000
"""Characters of one piece of HTML that are read; what follows is cut off."""

_BLOCKS = frozenset(
    str.split(
        "address article aside blockquote body center dd details div dl dt fieldset figure footer "
        "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot "
        "thead tr ul"
    )
)
_UNREAD = frozenset(
    str.split(
        "audio button canvas embed figcaption head iframe img input math noscript object script "
        "select style svg template textarea video"
    )
)
_TAG = re.compile(r"<[a-zA-Z!/?][^<>]*>")
_MARKED_UP = re.compile(r"<[a-zA-Z!/?]|&#?\w+;")
_BLOCK_END = "\x1e"
_SENTENCE_THEN_BREAK = re.compile(r"(?<=[.!?…。！？؟])\s*\n\s*|(?<=[.!?…][\"”’»)])\s*\n\s*")
_ADDED_BY_FEEDS = re.compile(
    r"""(?:
      the\ post\ .{1,300}\ (?:first\ )?appeared\ (?:first\ )?on\ .{1,200}
    | continue\ reading\b.{0,200} | read\ (?:more|the\ rest\ of\ this\ entry) | keep\ reading
    | read\ (?:the\ )?full\ (?:article|story) | \(?more\)? | comments | share
    | (?:view|see)\ (?:the\ )?(?:full|original)\ article
    )[\s.…»→>]*\Z""",
    re.IGNORECASE | re.VERBOSE,
)


def html_paragraphs(markup: str) -> tuple[str, ...]:
    """The texts of a piece of HTML, or of plain text, that a reader counts, in order."""
    markup = clean(markup[:LARGEST_PIECE])
    if not _TAG.search(markup):
        return plain_paragraphs(html.unescape(markup))
    text = "".join(_texts(markup))
    split = (part for block in text.split(_BLOCK_END) for part in re.split(r"\n\s*\n", block))
    return _kept(line for part in split for line in _SENTENCE_THEN_BREAK.split(part))


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """The texts that empty lines part; where there are none, breaks after sentences do."""
    parts = re.split(r"\n\s*\n", clean(text[:LARGEST_PIECE]).replace("\r\n", "\n").strip())
    return _kept(line for part in parts for line in _SENTENCE_THEN_BREAK.split(part))


def plain_line(markup: str) -> str:
    """A title or a name in one line, without its tags and entities."""
    markup = clean(markup[:10_000])
    if _MARKED_UP.search(markup):
        markup = html.unescape(_TAG.sub(" ", html.unescape(markup)) if "<" in markup else markup)
    return _one_line(_TAG.sub("", markup))


def _kept(lines: Iterator[str]) -> tuple[str, ...]:
    texts = (_one_line(line) for line in lines)
    return tuple(
        text for text in texts if re.search(r"\w", text) and not _ADDED_BY_FEEDS.match(text)
    )


def _one_line(text: str) -> str:
    return " ".join(clean(text).replace("\xad", "").split())


def _texts(markup: str) -> Iterator[str]:
    """Text pieces in reading order, with separators at the edges of blocks."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        yield html.unescape(_TAG.sub(" ", markup))
        return
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    unread: Any = None
    for event, element in walk:
        if unread is not None:
            if element is unread and event == "end":
                unread = None
                yield _space_folded(element.tail)
            continue
        if event in ("comment", "pi"):
            yield _space_folded(element.tail)
        elif event == "start" and element.tag in _UNREAD:
            unread = element
        elif event == "start":
            yield "\n" if element.tag == "br" else _edge(element)
            yield _space_folded(element.text, keep=element.tag == "pre")
        else:
            yield " " if element.tag in ("td", "th") else _edge(element)
            yield _space_folded(element.tail if element is not root else None)


def _edge(element: Any) -> str:
    return _BLOCK_END if element.tag in _BLOCKS else ""


def _space_folded(text: str | None, *, keep: bool = False) -> str:
    return (text or "") if keep else re.sub(r"\s+", " ", text or "")

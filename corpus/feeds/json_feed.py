"""JSON Feed 1 and 1.1, as the specification puts it and as sites do.

Values of a wrong type are passed over: numbers as ids, authors as one object, items that are
no objects.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from corpus.dates.moments import parse_moment
from corpus.feeds.entries import StatedFeed, StatedItem
from corpus.plain import clean


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
        title=_text(document, "title"),
        link=_text(document, "home_page_url"),
        language=_text(document, "language"),
        updated_at=None,
        items=tuple(_item(item) for item in _listed(items) if isinstance(item, dict)),
    )


def _item(item: dict[str, Any]) -> StatedItem:
    markup, plain = _text(item, "content_html"), _text(item, "content_text")
    return StatedItem(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        content=markup or plain,
        summary=_text(item, "summary"),
        is_plain=not markup,
        published_at=_moment(item, "date_published"),
        updated_at=_moment(item, "date_modified"),
        author=_author(item),
    )


def _author(item: dict[str, Any]) -> str:
    authors = [*_listed(item.get("authors")), item.get("author")]
    names = (_text(one, "name") for one in authors if isinstance(one, dict))
    return ", ".join(name for name in names if name)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))


def _moment(values: dict[str, Any], name: str) -> datetime | None:
    return parse_moment(_text(values, name)[:100])

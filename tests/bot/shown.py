"""What a reader of messages sees, taken apart: what is told, and the sources under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.render.blocks import Message
from bot.render.wording import safe
from tests.scenarios.people import elements, text_of

_ISOLATES = re.compile("[\u2068\u2069]")


def bare(text: str) -> str:
    """Text without what a display may leave out: white space and marks that are not seen."""
    return _ISOLATES.sub("", "".join(safe(text).split()))


def is_source(section: dict[str, Any]) -> bool:
    """Whether a line is one of the sources: it begins with its mark."""
    return is_mark(section["elements"][0])


def is_mark(span: dict[str, Any]) -> bool:
    return re.match(r"\[\d+\]", span["text"]) is not None


def told_text(messages: Iterable[Message]) -> str:
    """What messages tell, bare, without the sources that stand between their parts."""
    return bare("".join(text_of(one) for one in _sections(messages) if not is_source(one)))


def source_marks(message: Message) -> set[str]:
    """The marks of the sources under a message."""
    lines = (one for one in _sections([message]) if is_source(one))
    return {span["text"] for line in lines for span in line["elements"] if is_mark(span)}


def told_marks(message: Message) -> set[str]:
    """The marks in what a message tells."""
    lines = (one for one in _sections([message]) if not is_source(one))
    return {span["text"] for line in lines for span in line["elements"][1:] if is_mark(span)}


def _sections(messages: Iterable[Message]) -> Iterator[dict[str, Any]]:
    for message in messages:
        yield from elements(message.blocks, "rich_text_section")

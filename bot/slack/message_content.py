"""What a message in Slack holds for whoever reads it: its text with its lines, and its links. Pure.

    message payload ─┬─ text_of ──▶ text, list items and quotations on lines of their own
                     └─ links_of ─▶ web addresses in their order, Slack's own left out

Slack's clients send rich text; apps send sections, attachments or bare mrkdwn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus.errors import ReadError
from corpus.urls import canonical_url, host_of

Payload = Mapping[str, Any]

_SLACKS_OWN = ("slack.com", "slack-gov.com", "slack-edge.com", "slack-files.com", "slack-imgs.com")
_MARKED_UP = re.compile(r"<(?P<target>[^>|\s]+)(?:\|(?P<label>[^>]*))?>")
_BARE = re.compile(r"(?<![<\w|/])https?://[^\s<>|“”\"]+", re.I)
_AFTER_ADDRESS = ".,;:!?'’)]}…"
_MRKDWN_STYLE = re.compile(r"(?<!\w)([*_~`]{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
# Fields of an attachment that name the page that it shows, not its pictures or its author.
_ADDRESS_FIELDS = ("original_url", "from_url", "title_link", "app_unfurl_url")
_DEEPEST = 6
"""Messages that are shared within messages that are shared …"""


def text_of(message: Payload) -> str:
    """The text of a message, or of what it shares where it has none of its own."""
    own = _text_of_blocks(message.get("blocks")) or _plain(str(message.get("text") or ""))
    if own.strip():
        return own.strip()
    parts = [_text_of_attachment(one, 0) for one in _listed(message, "attachments")]
    return "\n\n".join(part for part in parts if part).strip()


def links_of(message: Payload) -> list[str]:
    """The addresses of a message, each once, in the order in which a reader meets them."""
    found: dict[str, str] = {}
    for address in _addresses(message, 0):
        try:
            canonical = canonical_url(address)
        except ReadError:
            continue
        if canonical.startswith(("http://", "https://")) and not _is_slacks(canonical):
            found.setdefault(canonical, address)
    return list(found)


def _is_slacks(address: str) -> bool:
    host = host_of(address)
    return any(host == one or host.endswith(f".{one}") for one in _SLACKS_OWN)


def _addresses(message: Payload, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    blocks = list(_listed(message, "blocks"))
    yield from _linked(blocks, 0)
    for match in _MARKED_UP.finditer(str(message.get("text") or "")):
        yield match["target"].replace("&amp;", "&")
    if not blocks:
        yield from _bare(_MARKED_UP.sub(" ", str(message.get("text") or "")))
    for attachment in _listed(message, "attachments"):
        for name in _ADDRESS_FIELDS:
            if attachment.get(name):
                yield str(attachment[name])
        yield from _addresses({**attachment, "attachments": ()}, depth + 1)
        for shared in _listed(attachment, "message_blocks"):
            inner = shared.get("message")
            if isinstance(inner, Mapping):
                yield from _addresses(inner, depth + 1)


def _linked(part: Any, depth: int) -> Iterator[str]:
    """Addresses of links in rich text and of mrkdwn texts, however deep they stand."""
    if depth > 12:
        return
    if isinstance(part, Mapping):
        if part.get("type") == "link" and part.get("url"):
            yield str(part["url"])
        elif part.get("type") == "mrkdwn":
            for match in _MARKED_UP.finditer(str(part.get("text") or "")):
                yield match["target"].replace("&amp;", "&")
        elif part.get("type") in ("text", "plain_text"):
            yield from _bare(str(part.get("text") or ""))
        for name in ("elements", "fields", "text", "accessory"):
            if isinstance(part.get(name), Mapping | list):
                yield from _linked(part[name], depth + 1)
    elif isinstance(part, list):
        for one in part:
            yield from _linked(one, depth + 1)


def _bare(text: str) -> Iterator[str]:
    for match in _BARE.finditer(text):
        yield match.group().rstrip(_AFTER_ADDRESS)


def _text_of_attachment(attachment: Payload, depth: int) -> str:
    """What a shared message says, or the words of an unfurled page."""
    if depth > _DEEPEST:
        return ""
    for shared in _listed(attachment, "message_blocks"):
        inner = shared.get("message")
        if isinstance(inner, Mapping) and (said := _text_of_blocks(inner.get("blocks"))):
            return said
    said = _text_of_blocks(attachment.get("blocks"))
    return said or _plain(str(attachment.get("text") or attachment.get("fallback") or ""))


def _text_of_blocks(blocks: Any) -> str:
    lines: list[str] = []
    for block in blocks if isinstance(blocks, Sequence) and not isinstance(blocks, str) else ():
        if not isinstance(block, Mapping):
            continue
        if block.get("type") == "rich_text":
            for part in _listed(block, "elements"):
                lines += _rich_lines(part)
        elif block.get("type") in ("section", "header") and isinstance(block.get("text"), Mapping):
            shown = str(block["text"].get("text") or "")
            lines += [_plain(shown) if block["text"].get("type") == "mrkdwn" else shown, ""]
        elif block.get("type") == "markdown":
            lines += [str(block.get("text") or ""), ""]
    return "\n".join(lines).strip()


def _rich_lines(part: Payload) -> list[str]:
    kind = part.get("type")
    if kind == "rich_text_list":
        return [f"- {_inline(item)}" for item in _listed(part, "elements")]
    if kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        # A line break ends a section in what people write as well as the section's own end.
        return _inline(part).split("\n")
    return []


def _inline(part: Payload) -> str:
    shown = []
    for element in _listed(part, "elements"):
        if element.get("type") == "link":
            shown.append(str(element.get("text") or element.get("url") or ""))
        elif element.get("type") == "text":
            shown.append(str(element.get("text") or ""))
    return "".join(shown)


def _plain(mrkdwn: str) -> str:
    """Slack's mrkdwn as a reader sees it."""

    def shown(match: re.Match[str]) -> str:
        target = match["target"]
        if target[:1] in "@!":
            return ""
        return match["label"] or ("" if target.startswith("#") else target)

    text = _MRKDWN_STYLE.sub(r"\2", _MARKED_UP.sub(shown, mrkdwn))
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _listed(holder: Payload, name: str) -> Iterator[Payload]:
    held = holder.get(name)
    if isinstance(held, Sequence) and not isinstance(held, str):
        yield from (one for one in held if isinstance(one, Mapping))

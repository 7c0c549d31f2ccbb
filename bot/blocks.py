"""Answers as Block Kit: pure functions from outcomes to blocks inside Slack's limits.

Text from articles goes into rich text, where Slack reads every character as itself: no
mention, link or formatting can be smuggled in. What does not fit into one message is carried
on in a second; citations are never dropped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wording import (
    accounts,
    citation_line,
    excerpt,
    footing,
    long_date,
    nearest_line,
    publisher,
    refusal,
    safe,
)
from corpus.articles import Article
from corpus.urls import text_fragment
from retrieval.answers import Answer, Citation, NoAnswer, Outcome, Statement

Block = dict[str, Any]
Element = dict[str, Any]

SHOW_PARAGRAPHS = "show_paragraphs"

# Slack refuses messages whose blocks take more than about 13,200 characters as JSON.
LARGEST_MESSAGE = 12_000
MOST_BLOCKS = 45
LONGEST_QUOTE = 110
LONGEST_NOTIFICATION = 300
LONGEST_LINK = 2_900


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: tuple[Block, ...]


def answer_messages(outcome: Outcome, turn_id: str) -> list[Message]:
    """An outcome as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for.
    """
    blocks: list[Block] = []
    if outcome.notice:
        blocks += [_paragraph(part) for part in _portions([_text(outcome.notice, italic=True)])]
    if isinstance(outcome, Answer):
        blocks += _answer_blocks(outcome)
        shown = bool(outcome.citations)
    else:
        blocks += _refusal_blocks(outcome)
        shown = bool(outcome.nearest)
    blocks.append(_context(footing(outcome)))
    if shown:
        blocks.append(_actions(turn_id))
    text = notification(outcome)
    return [Message(text, tuple(part)) for part in _in_messages(blocks)]


def plain_message(text: str) -> Message:
    """A message of one line that we wrote ourselves."""
    return Message(escape(text), (_paragraph([_text(text)]),))


def notification(outcome: Outcome) -> str:
    """The answer's first sentence, or the refusal, escaped for Slack."""
    said = outcome.statements[0].text if isinstance(outcome, Answer) else refusal(outcome)
    return escape(excerpt(said, LONGEST_NOTIFICATION))


def escape(text: str) -> str:
    """Text in which Slack sees no mention, link or entity."""
    return safe(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _answer_blocks(answer: Answer) -> list[Block]:
    links = {citation.mark: citation.link for citation in answer.citations}
    blocks = []
    for account in accounts(answer):
        elements = [_text("According to "), _text(account.attribution, bold=True), _text(": ")]
        for statement in account.statements:
            elements += _statement(statement, links)
        blocks += [_paragraph(part) for part in _portions(elements)]
    blocks += [_paragraph(_citation(citation)) for citation in answer.citations]
    return blocks


def _statement(statement: Statement, links: dict[int, str]) -> list[Element]:
    elements = [_text(f"{statement.text} ")]
    elements += [_link(links[mark], f"[{mark}]") for mark in statement.citations]
    return [*elements, _text(" ")]


def _citation(citation: Citation) -> list[Element]:
    quote = excerpt(citation.quote, LONGEST_QUOTE).strip('“”"')
    return [
        _link(citation.link, f"[{citation.mark}]"),
        _text(f" {citation_line(citation)} — “{quote}”"),
    ]


def _refusal_blocks(outcome: NoAnswer) -> list[Block]:
    blocks = [_paragraph([_text(refusal(outcome))])]
    if outcome.nearest:
        lines = [_text("Nearest, and not an answer:\n", italic=True)]
        for position, passage in enumerate(outcome.nearest):
            link = text_fragment(passage.article.url, passage.text)
            lines += [
                _text("• "),
                _link(link, publisher(passage.article)),
                _text(f": {nearest_line(passage)}"),
                _text("\n" if position < len(outcome.nearest) - 1 else ""),
            ]
        blocks.append(_paragraph(lines))
    return blocks


@dataclass(frozen=True, slots=True)
class ParagraphInContext:
    """A cited paragraph of an article as it read when it was cited."""

    mark: int
    article: Article
    number: int
    quote: str


def paragraphs_view(cited: Sequence[ParagraphInContext]) -> dict[str, Any]:
    """A modal with each cited paragraph between its neighbours, the cited words in bold."""
    blocks: list[Block] = []
    for item in cited:
        part = _in_context(item)
        if len(blocks) + len(part) > 90 or _size([*blocks, *part]) > 200_000:
            break
        blocks += part
    if not blocks:
        blocks = [_paragraph([_text("This answer is no longer kept.")])]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Cited paragraphs"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _in_context(item: ParagraphInContext) -> list[Block]:
    article = item.article
    before, cited, after = (_neighbour(article, item.number + step) for step in (-1, 0, 1))
    blocks: list[Block] = [
        _paragraph(
            [
                _text(f"[{item.mark}] "),
                _link(text_fragment(article.url, cited or "", item.quote or None), article.title),
            ]
        ),
        _context(
            f"{publisher(article)} · {article.kind.value} · published "
            f"{long_date(article.published_at)} · read {long_date(article.read_at)} · "
            f"version {article.version} · ¶{item.number} of {len(article.paragraphs)}"
        ),
    ]
    if before:
        blocks.append(_paragraph([_text(excerpt(before, 1_000))]))
    if cited is not None:
        blocks.append(_quoted(_highlighted(cited[:9_000], item.quote)))
    if after:
        blocks.append(_paragraph([_text(excerpt(after, 1_000))]))
    blocks.append({"type": "divider"})
    return blocks


def _neighbour(article: Article, number: int) -> str | None:
    if 1 <= number <= len(article.paragraphs):
        return article.paragraph(number).text
    return None


def _highlighted(paragraph: str, quote: str) -> list[Element]:
    start = paragraph.find(quote) if quote else -1
    if start < 0:
        return [_text(paragraph or "(no text)")]
    end = start + len(quote)
    parts = [(paragraph[:start], False), (quote, True), (paragraph[end:], False)]
    return [_text(text, bold=bold) for text, bold in parts if text]


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    element: Element = {"type": "text", "text": safe(text)}
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    return {**element, "style": style} if style else element


def _link(url: str, label: str) -> Element:
    """A link, or its bare label where Slack could not open the address."""
    shown = safe(label).strip() or safe(url)
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return _text(shown)
    return {"type": "link", "url": url, "text": shown}


def _paragraph(elements: Iterable[Element]) -> Block:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": _written(elements)}],
    }


def _quoted(elements: Iterable[Element]) -> Block:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": _written(elements)}],
    }


def _written(elements: Iterable[Element]) -> list[Element]:
    """Elements without those that hold no character, which Slack refuses."""
    return [element for element in elements if element["text"]]


def _context(text: str) -> Block:
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": excerpt(text, 1_900), "emoji": False}],
    }


def _actions(turn_id: str) -> Block:
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": SHOW_PARAGRAPHS,
                "text": {"type": "plain_text", "text": "Show paragraphs"},
                "value": turn_id,
            }
        ],
    }


def _portions(elements: Sequence[Element], most: int = 6_000) -> list[list[Element]]:
    """Elements cut into runs whose JSON stays under `most` characters."""
    portions: list[list[Element]] = [[]]
    for element in elements:
        for piece in _pieces(element, most):
            if portions[-1] and _size([*portions[-1], piece]) > most:
                portions.append([])
            portions[-1].append(piece)
    return portions


def _pieces(element: Element, most: int) -> list[Element]:
    """A text element too long for a message, cut after spaces where there are any."""
    if _size(element) <= most or element["type"] != "text":
        return [element]
    # JSON takes up to twelve characters for one of the text.
    longest = most // 13
    pieces, rest = [], element["text"]
    while len(rest) > longest:
        end = rest.rfind(" ", 0, longest) + 1 or longest
        pieces.append(rest[:end])
        rest = rest[end:]
    return [{**element, "text": piece} for piece in (*pieces, rest) if piece]


def _in_messages(blocks: Sequence[Block]) -> list[list[Block]]:
    messages: list[list[Block]] = [[]]
    for block in blocks:
        full = _size([*messages[-1], block]) > LARGEST_MESSAGE or len(messages[-1]) >= MOST_BLOCKS
        if messages[-1] and full:
            messages.append([])
        messages[-1].append(block)
    return messages


def _size(value: Any) -> int:
    return len(json.dumps(value))

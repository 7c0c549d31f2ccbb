"""Answers as Block Kit: pure functions from outcomes to blocks inside Slack's limits.

Text from articles goes into rich text, where Slack reads every character as itself: no
mention, link or formatting can be smuggled in. What does not fit into one message is carried
on in a second; citations are never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.monitoring.standing import Standing
from bot.rendering import rich_text
from bot.rendering.page_blocks import line_elements
from bot.rendering.rich_text import (
    SHOW_PARAGRAPHS,
    Block,
    Element,
    Message,
    escape,
    link,
    paragraph,
    words,
)
from bot.rendering.wording import (
    accounts,
    citation_line,
    excerpt,
    footing,
    long_date,
    nearest_line,
    publisher,
    refusal,
)
from corpus.articles import Article
from corpus.urls import text_fragment
from retrieval.answers import Answer, Citation, NoAnswer, Outcome, Statement

__all__ = [
    "SHOW_PARAGRAPHS",
    "Block",
    "Message",
    "ParagraphInContext",
    "answer_messages",
    "escape",
    "notification",
    "paragraphs_view",
    "plain_message",
]

LONGEST_QUOTE = 110
LONGEST_NOTIFICATION = 300


def answer_messages(outcome: Outcome, turn_id: str) -> list[Message]:
    """An outcome as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for.
    """
    blocks: list[Block] = []
    if outcome.notice:
        blocks += [
            paragraph(part) for part in rich_text.portions([words(outcome.notice, italic=True)])
        ]
    if isinstance(outcome, Answer):
        blocks += _answer_blocks(outcome)
        shown = bool(outcome.citations)
    else:
        blocks += _refusal_blocks(outcome)
        shown = bool(outcome.nearest)
    blocks.append(rich_text.context(footing(outcome)))
    if shown:
        blocks.append(rich_text.actions([rich_text.show_paragraphs(turn_id)]))
    text = notification(outcome)
    return [Message(text, tuple(part)) for part in rich_text.in_messages(blocks)]


def plain_message(text: str) -> Message:
    """A message of one line that we wrote ourselves."""
    return Message(escape(text), (paragraph([words(text)]),))


def notification(outcome: Outcome) -> str:
    """The answer's first sentence, or the refusal, escaped for Slack."""
    said = outcome.statements[0].text if isinstance(outcome, Answer) else refusal(outcome)
    return escape(excerpt(said, LONGEST_NOTIFICATION))


def _answer_blocks(answer: Answer) -> list[Block]:
    links = {citation.mark: citation.link for citation in answer.citations}
    blocks = []
    for account in accounts(answer):
        elements = [words("According to "), words(account.attribution, bold=True), words(": ")]
        for statement in account.statements:
            elements += _statement(statement, links)
        blocks += [paragraph(part) for part in rich_text.portions(elements)]
    blocks += [paragraph(_citation(citation)) for citation in answer.citations]
    return blocks


def _statement(statement: Statement, links: dict[int, str]) -> list[Element]:
    elements = [words(f"{statement.text} ")]
    elements += [link(links[mark], f"[{mark}]") for mark in statement.citations]
    return [*elements, words(" ")]


def _citation(citation: Citation) -> list[Element]:
    quote = excerpt(citation.quote, LONGEST_QUOTE).strip('“”"')
    return [
        link(citation.link, f"[{citation.mark}]"),
        words(f" {citation_line(citation)} — “{quote}”"),
    ]


def _refusal_blocks(outcome: NoAnswer) -> list[Block]:
    blocks = [paragraph([words(refusal(outcome))])]
    if outcome.nearest:
        lines = [words("Nearest, and not an answer:\n", italic=True)]
        for position, passage in enumerate(outcome.nearest):
            address = text_fragment(passage.article.url, passage.text)
            lines += [
                words("• "),
                link(address, publisher(passage.article)),
                words(f": {nearest_line(passage)}"),
                words("\n" if position < len(outcome.nearest) - 1 else ""),
            ]
        blocks.append(paragraph(lines))
    return blocks


@dataclass(frozen=True, slots=True)
class ParagraphInContext:
    """A cited paragraph of an article as it read when it was cited, and what became of it."""

    mark: int
    article: Article
    number: int
    quote: str
    standing: Standing | None = None


def paragraphs_view(cited: Sequence[ParagraphInContext]) -> dict[str, Any]:
    """A modal with each cited paragraph between its neighbours, the cited words in bold."""
    blocks: list[Block] = []
    for item in cited:
        part = _in_context(item)
        if len(blocks) + len(part) > 90 or rich_text.size([*blocks, *part]) > 200_000:
            break
        blocks += part
    if not blocks:
        blocks = [paragraph([words("This answer is no longer kept.")])]
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
        paragraph(
            [
                words(f"[{item.mark}] "),
                link(text_fragment(article.url, cited or "", item.quote or None), article.title),
            ]
        ),
        rich_text.context(
            f"{publisher(article)} · {article.kind.value} · published "
            f"{long_date(article.published_at)} · read {long_date(article.read_at)} · "
            f"version {article.version} · ¶{item.number} of {len(article.paragraphs)}"
        ),
    ]
    if before:
        blocks.append(paragraph([words(excerpt(before, 1_000))]))
    if cited is not None:
        blocks.append(rich_text.quoted(_highlighted(cited[:9_000], item.quote)))
    if item.standing is not None:
        told = [words(f"⚠️ {item.standing.words} ", bold=True)]
        blocks.append(paragraph([*told, *line_elements(item.standing.change, {})]))
    if after:
        blocks.append(paragraph([words(excerpt(after, 1_000))]))
    blocks.append({"type": "divider"})
    return blocks


def _neighbour(article: Article, number: int) -> str | None:
    if 1 <= number <= len(article.paragraphs):
        return article.paragraph(number).text
    return None


def _highlighted(paragraph: str, quote: str) -> list[Element]:
    start = paragraph.find(quote) if quote else -1
    if start < 0:
        return [words(paragraph or "(no text)")]
    end = start + len(quote)
    parts = [(paragraph[:start], False), (quote, True), (paragraph[end:], False)]
    return [words(text, bold=bold) for text, bold in parts if text]

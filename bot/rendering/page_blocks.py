"""Pages as Block Kit: lines of rich text, citations one a line, buttons last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.rendering.pages import Line, Page, Part, Span, Style, source_lines
from bot.rendering.rich_text import (
    Block,
    Element,
    ImageSlot,
    Message,
    actions,
    context,
    escape,
    image,
    in_messages,
    link,
    paragraphs,
    words,
)

BULLET = "• "


def page_messages(
    page: Page, buttons: Sequence[Element], picture: ImageSlot | None = None
) -> list[Message]:
    """A page as one message, or as several where it is long; the buttons stand under the last."""
    links = {citation.mark: citation.link for citation in page.citations}
    blocks: list[Block] = []
    if page.title:
        subtitle = [words(f" · {page.subtitle}")] if page.subtitle else []
        blocks += paragraphs([[words(page.title, bold=True), *subtitle]])
        blocks += [context(line) for line in page.lead if line]
    else:
        blocks += paragraphs([[words(line)] for line in page.lead if line])
    if picture is not None:
        blocks.append(image(picture))
    for part in page.parts:
        blocks += _part(part, links)
    blocks += paragraphs(
        [
            [
                *(link(citation.link, f"[{citation.mark}]") for citation in line.citations),
                words(f" {line.text}"),
            ]
            for line in source_lines(page)
        ]
    )
    blocks += [context(line) for line in page.closing if line]
    if buttons:
        blocks.append(actions(buttons))
    notice = escape(page.notice)
    return [Message(notice, tuple(held)) for held in in_messages(blocks)]


def line_elements(line: Line, links: Mapping[int, str]) -> list[Element]:
    """A line as elements of rich text."""
    return [_element(span, links) for span in line]


def _part(part: Part, links: Mapping[int, str]) -> list[Block]:
    lines: list[list[Element]] = []
    if part.headline:
        aside = [words(f" · {part.aside}")] if part.aside else []
        lines.append([words(part.headline, bold=True), *aside])
    bullet = [words(BULLET)] if part.bullets else []
    lines += [[*bullet, *line_elements(line, links)] for line in part.lines]
    return paragraphs(lines)


def _element(span: Span, links: Mapping[int, str]) -> Element:
    if span.mark is not None and span.mark in links:
        return link(links[span.mark], span.text)
    return words(
        span.text,
        bold=span.style in (Style.STRONG, Style.ADDED),
        italic=span.style is Style.EMPHASIS,
        strike=span.style is Style.REMOVED,
    )

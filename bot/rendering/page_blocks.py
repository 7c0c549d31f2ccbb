"""Pages as Block Kit: lines of rich text, citations one a line, buttons last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.rendering.pages import (
    Line,
    Page,
    Part,
    SourceLine,
    Span,
    Style,
    source_lines_of,
    sourced_of,
)
from bot.rendering.rich_text import (
    Block,
    Element,
    ImageSlot,
    Message,
    actions,
    context,
    escape,
    image,
    link,
    paragraphs,
    words,
)
from bot.rendering.splitting import Run, Unit, messages_of, parts_of, units_of
from bot.rendering.wording import isolated

BULLET = "• "


def page_messages(
    page: Page, buttons: Sequence[Element], picture: ImageSlot | None = None
) -> list[Message]:
    """A page as one message, or as several where it is long; the buttons stand under the last.

    Each message has the sources of its own marks under it.
    """
    links = {citation.mark: citation.link for citation in page.citations}
    units = _head(page, picture)
    for part in page.parts:
        units += _part(part, links)
    sourced = sourced_of(page)

    def sources(marks: Collection[int]) -> list[Block]:
        lines = source_lines_of([one for one in sourced if one.citation.mark in marks])
        return paragraphs([_source(line) for line in lines])

    closing = [context(line) for line in page.closing if line]
    if buttons:
        closing.append(actions(buttons))
    return messages_of(parts_of(units, links, sources, closing), escape(page.notice))


def line_elements(line: Line, links: Mapping[int, str]) -> list[Element]:
    """A line as elements of rich text."""
    return [_element(span, links) for span in line]


def _head(page: Page, picture: ImageSlot | None) -> list[Unit]:
    if page.title:
        subtitle = [words(f" · {isolated(page.subtitle)}")] if page.subtitle else []
        units = units_of([[Run((words(isolated(page.title), bold=True), *subtitle))]])
        units += [Unit(context(line)) for line in page.lead if line]
    else:
        units = units_of([[Run((words(line),))] for line in page.lead if line])
    return [*units, Unit(image(picture))] if picture is not None else units


def _part(part: Part, links: Mapping[int, str]) -> list[Unit]:
    lines: list[list[Run]] = []
    if part.headline:
        aside = [words(f" · {part.aside}")] if part.aside else []
        lines.append([Run((words(isolated(part.headline), bold=True), *aside))])
    for line in part.lines:
        runs = _runs(line, links)
        if part.bullets and runs:
            runs[0] = Run((words(BULLET), *runs[0].elements), runs[0].marks)
        lines.append(runs)
    return units_of(lines, headed=bool(part.headline))


def _runs(line: Line, links: Mapping[int, str]) -> list[Run]:
    """A line in runs, each of which ends with its marks."""
    runs: list[Run] = []
    held: list[Span] = []
    for span in line:
        if span.mark is None and held and held[-1].mark is not None:
            runs.append(_run(held, links))
            held = []
        held.append(span)
    return [*runs, _run(held, links)] if held else runs


def _run(spans: Sequence[Span], links: Mapping[int, str]) -> Run:
    marks = frozenset(span.mark for span in spans if span.mark is not None)
    return Run(tuple(line_elements(tuple(spans), links)), marks)


def _source(line: SourceLine) -> list[Element]:
    marks = [link(one.link, f"[{one.mark}]") for one in line.citations]
    return [*marks, words(f" {line.text}")]


def _element(span: Span, links: Mapping[int, str]) -> Element:
    if span.mark is not None and span.mark in links:
        return link(links[span.mark], span.text)
    return words(
        isolated(span.text),
        bold=span.style in (Style.STRONG, Style.ADDED),
        italic=span.style is Style.EMPHASIS,
        strike=span.style is Style.REMOVED,
    )

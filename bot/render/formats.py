"""Pages as each front end shows them: Block Kit, plain text, and HTML that stands alone. Pure.

    Page ─▶ runs (a statement with its marks) ─▶ Unit (a block and its marks) ─▶ parts of a message

In Slack a statement is cut only where Slack takes it in no block of its own, its marks always stay
with its last words, and each part is followed by the sources of the marks in it. Text is folded to
a width, every citation with its address. In HTML styles stand in the elements, since mail clients
drop style sheets; everything that is shown is escaped, links lead to http(s) only, and nothing is
fetched.
"""

from __future__ import annotations

import base64
import html
import textwrap
from collections.abc import Collection, Mapping, Sequence

from bot.render.blocks import (
    BULLET,
    LARGEST_RUN,
    Block,
    Element,
    ImageSlot,
    Message,
    Run,
    Unit,
    actions,
    container,
    context,
    copy_cable,
    data_table,
    escape,
    image,
    link,
    messages_of,
    paragraphs,
    parts_of,
    say,
    show_paragraphs,
    size,
    units_of,
    with_feedback,
    words,
)
from bot.render.catalogues import framed, gettext, is_right_to_left, reader_language
from bot.render.page import (
    Chart,
    Line,
    Page,
    Part,
    Sourced,
    SourceLine,
    Span,
    Style,
    Table,
    source_lines,
    source_lines_of,
    sourced_of,
)
from bot.render.wording import isolated, printed, safe


def posted_messages(
    page: Page,
    turn_id: str,
    picture: ImageSlot | Block | None = None,
    settings: Element | None = None,
    *,
    newest: bool = False,
) -> list[Message]:
    """A page as it is posted: with its buttons and, where it is rated, the row that asks for it.

    `turn_id` is whose paragraphs and cable are shown, `picture` an uploaded chart or one that Slack
    draws; `settings` is a button that stands in the place of what can be said next. The `newest`
    form has blocks that not every workspace has.
    """
    buttons = [show_paragraphs(turn_id), copy_cable(turn_id)] if page.citations else []
    if page.offers:
        buttons += [settings] if settings else [say(*offer) for offer in page.offers]
    messages = page_messages(page, buttons, picture, newest=newest)
    return with_feedback(messages, turn_id) if page.rated else messages


def page_messages(
    page: Page,
    buttons: Sequence[Element],
    picture: ImageSlot | Block | None = None,
    *,
    newest: bool = False,
) -> list[Message]:
    """A page as one message, or as several where it is long; the buttons stand under the last.

    Each message has the sources of its own marks under it. In the `newest` form a story stands in
    a container, and the table of a page, with the sources in its rows, in the place of its parts.
    """
    links = {citation.mark: citation.link for citation in page.citations}
    sourced = sourced_of(page)
    units = _head(page, picture)
    tables = _tables(page.table, links, sourced) if newest and page.table else []
    for part in () if tables else page.parts:
        units += (newest and _contained(part, links)) or _part(part, links)
    units += tables
    links = {} if tables else links

    def sources(marks: Collection[int]) -> list[Block]:
        lines = source_lines_of([one for one in sourced if one.citation.mark in marks])
        return paragraphs([_source(line) for line in lines])

    closing = [context(framed(line)) for line in page.closing if line]
    if buttons:
        closing.append(actions(buttons))
    return messages_of(parts_of(units, links, sources, closing), escape(page.notice))


def line_elements(line: Line, links: Mapping[int, str]) -> list[Element]:
    """A line as elements of rich text."""
    return [_element(span, links) for span in line]


def _head(page: Page, picture: ImageSlot | Block | None) -> list[Unit]:
    if page.title:
        subtitle = [words(f" · {isolated(page.subtitle)}")] if page.subtitle else []
        title = words(framed(isolated(page.title)), bold=True)
        units = units_of([[Run((title, *subtitle))]])
        units += [Unit(context(framed(line))) for line in page.lead if line]
    else:
        units = units_of([[Run((words(framed(line)),))] for line in page.lead if line])
    if picture is None:
        return units
    return [*units, Unit(image(picture) if isinstance(picture, ImageSlot) else picture)]


def _part(part: Part, links: Mapping[int, str]) -> list[Unit]:
    lines: list[list[Run]] = []
    if part.headline:
        aside = [words(f" · {part.aside}")] if part.aside else []
        lines.append([Run((words(framed(isolated(part.headline)), bold=True), *aside))])
    for line in part.lines:
        runs = _runs(line, links)
        if part.bullets and runs:
            runs[0] = Run((words(BULLET), *runs[0].elements), runs[0].marks)
        lines.append(runs)
    return units_of(lines, headed=bool(part.headline))


def _contained(part: Part, links: Mapping[int, str]) -> list[Unit]:
    """A story in a container; nothing for anything else, and where it does not fit into one."""
    if not part.is_story:
        return []
    units = units_of([_runs(line, links) for line in part.lines])
    title = framed(isolated(part.headline))
    held = container(title, framed(part.aside), [unit.block for unit in units])
    marks = frozenset(mark for unit in units for mark in unit.marks)
    return [Unit(held, marks)] if held else []


def _tables(table: Table, links: Mapping[int, str], sourced: Sequence[Sourced]) -> list[Unit]:
    """A table in as many as messages need for it; nothing where a row is too long for any."""
    head, caption = (*table.head, gettext("Source")), framed(table.caption)
    found: list[Unit] = []
    held: list[list[list[Element]]] = []
    block: Block | None = None
    for row in table.rows:
        marks = {span.mark for cell in row for span in cell}
        lines = source_lines_of([one for one in sourced if one.citation.mark in marks])
        cells = [line_elements(cell, links) for cell in row]
        parted = [[words("\n"), *_source(line)] for line in lines]
        cells.append([one for shown in parted for one in shown][1:])
        wider = data_table(caption, head, [*held, cells])
        if held and (wider is None or size(wider) > LARGEST_RUN):
            found += [Unit(block)] if block else []
            held, wider = [], data_table(caption, head, [cells])
        if wider is None or size(wider) > LARGEST_RUN:
            return []
        held, block = [*held, cells], wider
    return [*found, Unit(block)] if block else found


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
    return [words(framed("")), *marks, words(f" {line.text}")]


def _element(span: Span, links: Mapping[int, str]) -> Element:
    if span.mark is not None and span.mark in links:
        return link(links[span.mark], span.text)
    return words(
        isolated(span.text),
        bold=span.style in (Style.STRONG, Style.ADDED),
        italic=span.style is Style.EMPHASIS,
        strike=span.style is Style.REMOVED,
    )


WIDTH = 88


def page_text(page: Page) -> str:
    """A page as text without control characters; removed and added words are [-bracketed-]."""
    heading = " · ".join(part for part in (page.title, page.subtitle) if part)
    blocks = ["\n".join(_folded(line) for line in (heading, *page.lead) if line)]
    blocks += [_text_part(part) for part in page.parts]
    sources = [_text_source(line) for line in _text_sources(page)]
    blocks += ["\n".join(sources)] if sources else []
    blocks += [_folded(line) for line in page.closing if line]
    return printed("\n\n".join(block for block in blocks if block))


def _text_part(part: Part) -> str:
    heading = " · ".join(text for text in (part.headline, part.aside) if text)
    lines = [_folded(heading)] if heading else []
    for line in part.lines:
        shown = _text_line(line)
        lines.append(_folded(f"• {shown}" if part.bullets else shown))
    return "\n".join(lines)


def _text_line(line: Line) -> str:
    shown = []
    for span in line:
        match span.style:
            case Style.REMOVED:
                shown.append(f"[-{span.text}-]")
            case Style.ADDED:
                shown.append(f"{{+{span.text}+}}")
            case _:
                shown.append(span.text)
    return "".join(shown)


def _text_sources(page: Page) -> list[tuple[str, str]]:
    """Marks with where they stand, and their addresses."""
    found = []
    for line in source_lines(page):
        marks = "".join(f"[{citation.mark}]" for citation in line.citations)
        links = "\n".join(f"    {citation.link}" for citation in line.citations)
        found.append((f"{marks} {line.text}", links))
    return found


def _text_source(source: tuple[str, str]) -> str:
    return f"{_folded(source[0])}\n{source[1]}"


def _folded(text: str) -> str:
    """Text folded to the width; what follows a bullet or a mark is set in under it."""
    indent = "  " if text.startswith("• ") else "    " if text.startswith(("[", "    ")) else ""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


INK, MUTED, RULE, LINK = "#1d1c1d", "#5f6368", "#d9dce0", "#0b5cad"
_FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,'Noto Sans',sans-serif"
_BODY = f"margin:0;padding:24px 16px;background:#ffffff;color:{INK};{_FONT};font-size:16px"
_MAIN = "max-width:680px;margin:0 auto;line-height:1.5"
_H1 = "font-size:20px;line-height:1.3;margin:0 0 4px"
_H2 = "font-size:17px;line-height:1.35;margin:0 0 4px"
_SMALL = f"color:{MUTED};font-size:14px;margin:0 0 4px"
_PART = f"border-top:1px solid {RULE};margin:16px 0 0;padding:14px 0 0"
_SHEET = (
    "@media print{body{padding:0!important;font-size:11pt!important}"
    "section,li{break-inside:avoid}a{color:inherit!important;text-decoration:none}}"
)


def page_html(page: Page, chart: Chart | None = None) -> str:
    """A whole HTML document in the reader's language, with the chart inside it."""
    title = page.title or page.notice
    links = {citation.mark: citation.link for citation in page.citations}
    heading = page.title or (page.lead[0] if page.lead else page.notice)
    lead = page.lead if page.title else page.lead[1:]
    body = [f'<h1 style="{_H1}" dir="auto">{_shown(framed(isolated(heading)))}</h1>']
    body += [_small(line) for line in (isolated(page.subtitle), *lead) if line]
    body += [_picture(chart)] if chart is not None else []
    body += [_html_part(part, links) for part in page.parts]
    body += [_html_sources(page)] if page.citations else []
    body += [_small(line) for line in page.closing if line]
    turned = ' dir="rtl"' if is_right_to_left() else ""
    return (
        f'<!doctype html>\n<html lang="{reader_language()}"{turned}>\n'
        '<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_shown(title)}</title>\n<style>{_SHEET}</style>\n</head>\n"
        f'<body style="{_BODY}">\n<main style="{_MAIN}">\n'
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _small(line: str) -> str:
    return f'<p style="{_SMALL}" dir="auto">{_shown(framed(line))}</p>'


def _picture(chart: Chart) -> str:
    data = base64.b64encode(chart.png).decode("ascii")
    return (
        f'<p style="margin:12px 0 0"><img src="data:image/png;base64,{data}" '
        f'alt="{_shown(chart.alt)}" width="{chart.width // 2}" '
        'style="max-width:100%;height:auto"></p>'
    )


def _html_part(part: Part, links: Mapping[int, str]) -> str:
    lines = [_html_line(line, links) for line in part.lines]
    if part.bullets:
        items = "".join(f'<li dir="auto" style="margin:0 0 4px">{line}</li>' for line in lines)
        shown = f'<ul style="margin:0;padding-inline-start:20px">{items}</ul>'
    else:
        shown = "".join(f'<p style="margin:0 0 6px" dir="auto">{line}</p>' for line in lines)
    heading = ""
    if part.headline:
        heading = f'<h2 style="{_H2}" dir="auto">{_shown(framed(isolated(part.headline)))}</h2>'
    aside = _small(part.aside) if part.aside else ""
    return f'<section style="{_PART}">{heading}{aside}{shown}</section>'


def _html_line(line: Line, links: Mapping[int, str]) -> str:
    return "".join(_span(span, links) for span in line)


def _span(span: Span, links: Mapping[int, str]) -> str:
    if span.mark is not None:
        return _mark(span.mark, links.get(span.mark, ""))
    shown = _shown(span.text)
    tags = {Style.STRONG: "strong", Style.EMPHASIS: "em", Style.REMOVED: "del", Style.ADDED: "ins"}
    tag = tags.get(span.style)
    return f"<{tag}>{shown}</{tag}>" if tag else shown


def _mark(mark: int, address: str) -> str:
    if not address.startswith(("http://", "https://")):
        return f"[{mark}]"
    style = f"color:{LINK};text-decoration:none"
    return (
        f'<a href="{html.escape(safe(address))}" style="{style}" rel="noreferrer" '
        f'aria-label="{gettext("Source")} {mark}">[{mark}]</a>'
    )


def _html_sources(page: Page) -> str:
    items = []
    for line in source_lines(page):
        marks = "".join(_mark(citation.mark, citation.link) for citation in line.citations)
        items.append(f'<p style="{_SMALL}" dir="auto">{framed(marks)} {_shown(line.text)}</p>')
    heading = f'<h2 style="{_H2}">{gettext("Sources")}</h2>'
    return f'<section style="{_PART}">{heading}{"".join(items)}</section>'


def _shown(text: str) -> str:
    return html.escape(safe(text))

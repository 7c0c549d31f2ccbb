"""Pages as HTML that stands alone: in a browser, in print, and in a mail.

Styles stand in the elements, since mail clients drop style sheets; the only sheet is for print.
Everything that is shown is escaped, links lead to http(s) only, and nothing is fetched.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping

from bot.rendering.chart_canvas import Chart
from bot.rendering.pages import Line, Page, Part, Span, Style, source_lines
from bot.rendering.wording import safe

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
    """A whole HTML document in English, with the chart inside it."""
    title = page.title or page.notice
    links = {citation.mark: citation.link for citation in page.citations}
    heading = page.title or (page.lead[0] if page.lead else page.notice)
    lead = page.lead if page.title else page.lead[1:]
    body = [f'<h1 style="{_H1}" dir="auto">{_shown(heading)}</h1>']
    body += [_small(line) for line in (page.subtitle, *lead) if line]
    body += [_picture(chart)] if chart is not None else []
    body += [_part(part, links) for part in page.parts]
    body += [_sources(page)] if page.citations else []
    body += [_small(line) for line in page.closing if line]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_shown(title)}</title>\n<style>{_SHEET}</style>\n</head>\n"
        f'<body style="{_BODY}">\n<main style="{_MAIN}">\n'
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _small(line: str) -> str:
    return f'<p style="{_SMALL}" dir="auto">{_shown(line)}</p>'


def _picture(chart: Chart) -> str:
    data = base64.b64encode(chart.png).decode("ascii")
    return (
        f'<p style="margin:12px 0 0"><img src="data:image/png;base64,{data}" '
        f'alt="{_shown(chart.alt)}" width="{chart.width // 2}" '
        'style="max-width:100%;height:auto"></p>'
    )


def _part(part: Part, links: Mapping[int, str]) -> str:
    lines = [_line(line, links) for line in part.lines]
    if part.bullets:
        items = "".join(f'<li dir="auto" style="margin:0 0 4px">{line}</li>' for line in lines)
        shown = f'<ul style="margin:0;padding-left:20px">{items}</ul>'
    else:
        shown = "".join(f'<p style="margin:0 0 6px" dir="auto">{line}</p>' for line in lines)
    heading = ""
    if part.headline:
        heading = f'<h2 style="{_H2}" dir="auto">{_shown(part.headline)}</h2>'
    aside = _small(part.aside) if part.aside else ""
    return f'<section style="{_PART}">{heading}{aside}{shown}</section>'


def _line(line: Line, links: Mapping[int, str]) -> str:
    return "".join(_span(span, links) for span in line)


def _span(span: Span, links: Mapping[int, str]) -> str:
    if span.mark is not None:
        return _mark(span.mark, links.get(span.mark, ""))
    shown = _shown(span.text)
    tags = {
        Style.STRONG: "strong",
        Style.EMPHASIS: "em",
        Style.REMOVED: "del",
        Style.ADDED: "ins",
    }
    tag = tags.get(span.style)
    return f"<{tag}>{shown}</{tag}>" if tag else shown


def _mark(mark: int, address: str) -> str:
    if not address.startswith(("http://", "https://")):
        return f"[{mark}]"
    style = f"color:{LINK};text-decoration:none"
    return (
        f'<a href="{html.escape(safe(address))}" style="{style}" rel="noreferrer" '
        f'aria-label="Source {mark}">[{mark}]</a>'
    )


def _sources(page: Page) -> str:
    items = []
    for line in source_lines(page):
        marks = "".join(_mark(citation.mark, citation.link) for citation in line.citations)
        items.append(f'<p style="{_SMALL}" dir="auto">{marks} {_shown(line.text)}</p>')
    return f'<section style="{_PART}"><h2 style="{_H2}">Sources</h2>{"".join(items)}</section>'


def _shown(text: str) -> str:
    return html.escape(safe(text))

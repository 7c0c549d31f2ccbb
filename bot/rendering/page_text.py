"""Pages as plain text for the terminal, folded to a width, every citation with its address."""

from __future__ import annotations

import textwrap

from bot.rendering.pages import Line, Page, Part, Style, source_lines
from bot.rendering.wording import printed

WIDTH = 88


def page_text(page: Page) -> str:
    """A page as text without control characters; removed and added words are [-bracketed-]."""
    heading = " · ".join(part for part in (page.title, page.subtitle) if part)
    blocks = ["\n".join(_folded(line) for line in (heading, *page.lead) if line)]
    blocks += [_part(part) for part in page.parts]
    sources = [_source(line) for line in _sources(page)]
    blocks += ["\n".join(sources)] if sources else []
    blocks += [_folded(line) for line in page.closing if line]
    return printed("\n\n".join(block for block in blocks if block))


def _part(part: Part) -> str:
    heading = " · ".join(text for text in (part.headline, part.aside) if text)
    lines = [_folded(heading)] if heading else []
    for line in part.lines:
        shown = _line(line)
        lines.append(_folded(f"• {shown}" if part.bullets else shown))
    return "\n".join(lines)


def _line(line: Line) -> str:
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


def _sources(page: Page) -> list[tuple[str, str]]:
    """Marks with where they stand, and their addresses."""
    found = []
    for line in source_lines(page):
        marks = "".join(f"[{citation.mark}]" for citation in line.citations)
        links = "\n".join(f"    {citation.link}" for citation in line.citations)
        found.append((f"{marks} {line.text}", links))
    return found


def _source(source: tuple[str, str]) -> str:
    return f"{_folded(source[0])}\n{source[1]}"


def _folded(text: str) -> str:
    """Text folded to the width; what follows a bullet or a mark is set in under it."""
    indent = "  " if text.startswith("• ") else "    " if text.startswith(("[", "    ")) else ""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )

"""Tables as texts: a paragraph a row, each cell with the head of its column.

    Municipality | 2026 (tonnes)      ->   Municipality: Ndolo; 2026 (tonnes): 980
    Ndolo        | 980

A row is cited by itself, so it must say what its numbers are. Each reader finds the cells in its
own form (HTML, Markdown, PDF); which row has the heads, where the form does not say so, is told
here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MOST_CELLS = 50_000
LONGEST_CELL = 300
"""Characters; what is longer is text that somebody laid out in a table."""

TellRows = Callable[[Sequence[Sequence[str]], Sequence[str] | None], list[str]]
"""Rows and, where they are marked, their heads into texts."""

_FIGURE = re.compile(r"[^\w]*\d[\d\s.,:/%()+–−-]*[^\w]*\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")


def row_texts(rows: Sequence[Sequence[str]], heads: Sequence[str] | None = None) -> list[str]:
    """A text for each row that says anything; without `heads` the first row is looked at."""
    if heads is None and has_heads(rows):
        heads, rows = rows[0], rows[1:]
    return [text for row in rows if (text := _row_text(row, heads or ()))]


def has_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names what stands below it: words, or years, above figures."""
    if len(rows) < 2:
        return False
    first, rest = rows[0], rows[1:]
    for column, head in enumerate(first):
        below = [row[column] for row in rest if column < len(row) and row[column]]
        figures = sum(_is_figure(cell) for cell in below)
        if head and 2 * figures > len(below) and _is_figure(head) and not _YEAR.match(head):
            return False
    return any(_is_figure(cell) for row in rest for cell in row) and sum(map(bool, first)) > 1


def _is_figure(cell: str) -> bool:
    return len(cell) < 40 and bool(_FIGURE.match(cell))


def _row_text(row: Sequence[str], heads: Sequence[str]) -> str:
    told: list[str] = []
    for column, cell in enumerate(row):
        head = heads[column].rstrip(": ") if column < len(heads) else ""
        if cell and not (told and cell == row[column - 1] and head == _head(heads, column - 1)):
            told.append(f"{head}: {cell}" if head and head != cell else cell)
    return "; ".join(told)


def _head(heads: Sequence[str], column: int) -> str:
    return heads[column].rstrip(": ") if column < len(heads) else ""

"""PDF documents into articles.

A PDF holds places of letters, not paragraphs, so they are told from the layout:

    pages -> letters, each once, turned upright -> lines with place and size, rows of tables
          -> without running heads, feet and page numbers; footnotes behind the text
          -> paragraphs (spacing, indents, sizes, short last lines; across pages and columns)

pdfminer.six was taken over pypdf, because it gives each line its place, size and column order,
from which paragraphs can be told; pypdf gives a page's text as one stream. pdfplumber, which is
built on pdfminer.six, was tried on pages turned, drawn twice and with tables: it drops what is
drawn twice, but reads turned pages backwards, knows no columns or paragraphs, and finds a table
without rules only together with the text around it.

Accepted gaps: right-to-left text comes in the order in which the file draws it; a table of less
than three rows and columns comes as lines; text that is askew, as stamps are, is left out.
"""

from __future__ import annotations

import io
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise, takewhile
from statistics import median
from typing import Any
from unicodedata import normalize

from corpus.articles import ReadArticle
from corpus.errors import Overstepped, ReadError
from corpus.fetch.urls import canonical_url
from corpus.readers.markdown import bare, clean, first_words, has_heads, row_texts
from corpus.text.dates import PLACE_BEFORE, date_mentions, day_comes_first, parse_moment
from corpus.text.sentences import SENTENCE_END
from corpus.text.words import detect, english_words, numbers

MOST_PAGES = 500
LARGEST_INFLATED = 100_000_000
"""Bytes of all packed streams of a document."""

_MARGIN = 0.12  # running heads and page numbers stand in the outer eighth of a page
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:page|p\.|seite|página|стр\.?)?\s*(?:\d{1,4}|[ivxl]{1,6})"
    r"(?:\s*(?:of|/|von|de|из)\s*\d{1,4})?[\W_]*\Z",
    re.IGNORECASE,
)
# A mark of a footnote may follow.
_SENTENCE_END = re.compile(SENTENCE_END + r"\d{0,2}\Z")
_ITEM = re.compile(r"(?:[•▪■●◦‣–—*-]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)]|\([ivx]+\))\s+\S")
_HYPHENS = ("-", "\u2010", "\u00ad")
_NOTE = re.compile(r"\s*[\[(]?(?:\d{1,3}|[*†‡§]{1,3})[\])]?(?:[\s.]|(?=[^\W\d]))")
# Words that take their hyphen with them, and such as another word follows after "pre-", "inter-".
_KEEP_HYPHEN = frozenset(str.split("anti cross ex half non quasi self vice well"))
_BEGIN_WORDS = frozenset(str.split("ten second"))  # tension, secondary
_HANGING = frozenset(str.split("and or und oder et ou y o e to"))
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MEASURED = re.compile(r"(?:\b(?:m|km|cm|mm|ha)|\b10)\Z")
_UNREAD_LETTER = re.compile(r"\(cid:\d+\)")
_NO_TITLE = re.compile(
    r"(?:untitled|microsoft (?:word|powerpoint)|document\d*|slide \d|no title"
    r"|\((?:anonymous|unspecified)\)"
    r"|.*\.(?:docx?|pdf|indd|rtf|odt|qxp?|p65)\Z)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; places in points from the lower left corner, `size` of most letters.

    `opens` and `closes` say that a paragraph begins, or ends, whatever the layout: rows, notes.
    """

    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float
    column_left: float = 0.0
    column_right: float = 0.0
    opens: bool = False
    closes: bool = False

    @property
    def is_full(self) -> bool:
        """Whether the line reaches its column's right edge, so that its break means nothing."""
        return self.right >= self.column_right - 0.12 * (self.column_right - self.column_left)


# Days between what a document tells and the making of its file, and the characters looked at.
_NEAR = 31
_FEWEST_BESIDE = 3
_FEWEST_COUNTED = 5
_RUNNING_TEXT = 60
_TOLD_OF = 20_000


def read_pdf(body: bytes, url: str) -> ReadArticle:
    """The article of a PDF document.

    Raises ReadError, with the reason, for what is no PDF, is encrypted or damaged, and for a
    scan without text.
    """
    pages, metadata = _parsed(body, url)
    lines = _notes_last(list(_without_running_lines(pages)))
    text = "".join(line.text for line in lines)
    if not any(character.isalpha() for character in text):
        raise ReadError(url, "holds no text; a scan needs text recognition first")
    if 10 * len("".join(_UNREAD_LETTER.findall(text))) > len(text):
        raise ReadError(url, "its fonts do not tell which letters they draw")
    language = detect(text[:_TOLD_OF])
    words = Counter(re.findall(r"[\w-]+", " ".join(line.text for line in lines)))
    known = english_words() if language == "en" else frozenset()
    shown, rest = _take_title(lines, words, known)

    def moment(line: _Line) -> datetime | None:
        told = PLACE_BEFORE.sub("", line.text)
        return parse_moment(told, day_first=day_comes_first([told], language), language=language)

    # Below the first running text a date is told of something, or stands in a table.
    head = takewhile(lambda line: len(line.text) < _RUNNING_TEXT and not line.closes, rest[:12])
    dated = next((line for line in head if moment(line)), None)
    rest = [line for line in rest if line is not dated]
    named, author = (
        None if told is None or _NO_TITLE.match(told) or len(told) < shortest else told
        for told, shortest in (
            (_metadata_text(metadata, "Title"), 4),
            (_metadata_text(metadata, "Author"), 1),
        )
    )
    paragraphs = _paragraphs(rest, words, known)
    title = named or shown
    if not paragraphs:
        paragraphs, title = [shown or text], named
    if named and shown and bare(named) != bare(shown):
        # The largest line is not the title the file names: it stays, as text.
        paragraphs.insert(0, shown)
    if title and len(paragraphs) > 1 and bare(paragraphs[0]) == bare(title):
        del paragraphs[0]
    return ReadArticle(
        url=canonical_url(url),
        title=title or first_words(paragraphs[0]),
        paragraphs=tuple(paragraphs),
        author=author,
        published_at=moment(dated) if dated else _created_at(metadata, text),
    )


def _parsed(body: bytes, url: str) -> tuple[list[list[_Line]], dict[str, Any]]:
    """The lines of each page in reading order, and the document's information dictionary."""
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.encodingdb import EncodingDB
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    if b"%PDF-" not in body[:1024]:
        raise ReadError(url, "is not a PDF")
    EncodingDB.win2unicode[0xAD] = "\u00ad"  # pdfminer.six has a space there
    try:
        document = PDFDocument(PDFParser(io.BytesIO(body)))
        if _inflated(document) > LARGEST_INFLATED:
            raise Overstepped(url, f"unpacks to more than {LARGEST_INFLATED // 1_000_000} MB")
        metadata = {key: value for one in document.info for key, value in one.items()}
        resources = PDFResourceManager()
        device = PDFPageAggregator(resources, laparams=None)
        interpreter = PDFPageInterpreter(resources, device)
        pages: list[list[_Line]] = []
        for page in islice(PDFPage.create_pages(document), MOST_PAGES):
            interpreter.process_page(page)
            pages.append(_page_lines(device.get_result(), len(pages)))
    except ReadError:
        raise
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise ReadError(url, "is encrypted; save it without a password first") from error
    except Exception as error:  # pdfminer lets errors of any type out of damaged files
        raise ReadError(url, "is damaged and cannot be read as a PDF") from error
    return pages, metadata


def _inflated(document: Any) -> int:
    """Bytes of the document's packed streams, counted no further than what is allowed."""
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.pdftypes import PDFStream

    total = 0
    for number in {number for xref in document.xrefs for number in xref.get_objids()}:
        try:
            stream = document.getobj(number)
        except PDFException:
            continue
        body = (stream.rawdata or b"") if isinstance(stream, PDFStream) else b""
        for name, _ in stream.get_filters() if body else ():
            if "Fl" not in str(name):
                break  # the others pack a hundredfold at most
            with suppress(zlib.error):  # what is damaged is for the reader of the stream
                body = zlib.decompressobj().decompress(body, LARGEST_INFLATED + 1)
                total += len(body)
        if total > LARGEST_INFLATED:
            break
    return total


def _page_lines(layout: Any, page: int) -> list[_Line]:
    """The lines of a page; text on its side is turned, that of most letters comes first."""
    from pdfminer.layout import LAParams, LTPage

    letters, rules = _upright(layout)
    most = sum(map(len, letters.values()))
    lines: list[_Line] = []
    for turn in sorted(letters, key=lambda turn: -len(letters[turn])):
        if 10 * len(letters[turn]) < most:
            continue  # a stamp or an address along the margin
        boxes = [one.bbox for one in letters[turn]]
        left, bottom = (min(box[edge] for box in boxes) for edge in (0, 1))
        right, top = (max(box[edge] for box in boxes) for edge in (2, 3))
        upright = LTPage(page, (left, bottom, right, top), 0)
        upright.extend(_with_small_initials(letters[turn]))
        upright.analyze(LAParams(boxes_flow=None))
        found = _in_reading_order(_lines(upright, page, *rules.get(turn, ([], []))))
        lines += [line if line.closes else _placed(line, found) for line in found]
    return lines


_Rules = tuple[list[float], list[tuple[float, float, float]]]
"""Heights of level rules; places of upright ones with their lower and upper ends."""


def _upright(layout: Any) -> tuple[dict[int, list[Any]], dict[int, _Rules]]:
    """Letters by quarter turns of their base line, turned back, and the rules of the page.

    A letter that is drawn again in its place, as bold often is, counts once. Rules are looked for
    on pages that stand upright.
    """
    from pdfminer.layout import LTChar, LTCurve, LTLayoutContainer

    letters: dict[int, list[Any]] = defaultdict(list)
    rules: _Rules = ([], [])
    drawn: dict[tuple[str, int, int], list[tuple[float, float]]] = defaultdict(list)
    waiting = list(reversed(list(layout)))
    while waiting:
        one = waiting.pop()
        if isinstance(one, LTLayoutContainer):
            waiting.extend(reversed(list(one)))
        elif isinstance(one, LTCurve):
            if one.width > 20:
                rules[0].extend((one.y0, one.y1))
            if one.height > 8:
                rules[1].extend((x, one.y0, one.y1) for x in {one.x0, one.x1})
        if not isinstance(one, LTChar):
            continue
        a, b = one.matrix[:2]
        angle = math.degrees(math.atan2(b, a)) / 90
        turn = round(angle)
        if abs(angle - turn) > 0.1 or _is_drawn_again(one, drawn):
            continue
        _turn_back(one, turn % 4)
        letters[turn % 4].append(one)
    return letters, {0: rules}


def _with_small_initials(letters: list[Any]) -> list[Any]:
    """Letters; those that open a paragraph, several lines high, stand in their word in its size."""
    usual = median(one.size for one in letters)
    large = [one for one in letters if one.size > 1.8 * usual and one.get_text().isupper()]
    for initial in large[:50]:
        middle, reach = (initial.y0 + initial.y1) / 2, 1.5 * usual
        beside = [
            one
            for one in letters
            if 0 <= one.x0 - initial.x1 + 0.2 * usual < reach
            and abs(one.y0 - middle) < initial.size
        ]
        if beside and all(one.size < initial.size / 1.8 for one in beside):
            first = max(beside, key=lambda one: one.y0)
            initial.set_bbox((first.x0 - 0.6 * first.size, first.y0, first.x0, first.y1))
            initial.size = first.size
            letters.remove(initial)
            letters.insert(letters.index(first), initial)
    return letters


def _is_drawn_again(
    letter: Any, drawn: dict[tuple[str, int, int], list[tuple[float, float]]]
) -> bool:
    """Whether the letter was drawn within less than the width of the narrowest, an l."""
    reach = 0.15 * max(letter.size, 1.0)
    text, x, y = letter.get_text(), letter.x0, letter.y0
    column, row = int(x // reach), int(y // reach)
    for beside in (-1, 0, 1):
        for above in (-1, 0, 1):
            for left, low in drawn.get((text, column + beside, row + above), ()):
                if abs(left - x) < reach and abs(low - y) < reach:
                    return True
    drawn[text, column, row].append((x, y))
    return False


def _turn_back(letter: Any, turn: int) -> None:
    if turn == 0:
        return
    corners = [(letter.x0, letter.y0), (letter.x1, letter.y1)]
    turned = [((y, -x), (-x, -y), (-y, x))[turn - 1] for x, y in corners]
    (left, right), (bottom, top) = (sorted(axis) for axis in zip(*turned, strict=True))
    letter.set_bbox((left, bottom, right, top))
    letter.size, letter.upright = letter.height, True


@dataclass(frozen=True, slots=True)
class _Cell:
    """A piece of a line with nothing but a wide gap on both sides."""

    text: str
    left: float
    right: float
    is_bold: bool = False


_Row = list[tuple[_Line, list[_Cell]]]


def _lines(
    layout: Any, page: int, rules: list[float], upright: list[tuple[float, float, float]]
) -> list[_Line]:
    from pdfminer.layout import LTChar, LTTextContainer, LTTextLine

    found: _Row = []
    for box in layout:
        if not isinstance(box, LTTextContainer):
            continue
        for line in box:
            if not isinstance(line, LTTextLine):
                continue
            sizes = Counter(round(one.size, 1) for one in line if isinstance(one, LTChar))
            size = sizes.most_common(1)[0][0] if sizes else line.height
            middle = (line.y0 + line.y1) / 2
            cells = _pieces(line, size, [x for x, low, high in upright if low < middle < high])
            text = " ".join(cell.text for cell in cells)
            if text:
                made = _Line(text, page, line.x0, line.x1, line.y0, line.y1, size)
                found.append((made, cells))
    return _with_tables(_without_line_numbers(found), rules, upright)


def _without_line_numbers(found: _Row) -> _Row:
    """Lines without what counts them in the margin, as in bills and records of courts."""
    texts = [cell for _, cells in found for cell in cells if not cell.text.isdecimal()]
    edge = min((cell.left for cell in texts), default=0.0)
    beside = {id(cells[0]) for _, cells in found if cells[0].right < edge}
    lines = sorted(found, key=lambda one: -one[0].bottom)
    counts = [int(cells[0].text) for _, cells in lines if id(cells[0]) in beside]
    steps = {after - before for before, after in pairwise(counts)}
    is_prose = bool(texts) and median(len(cell.text.split()) for cell in texts) > 4
    if len(counts) < _FEWEST_COUNTED or len(steps) > 1 or not is_prose:
        return found
    kept = [(line, [cell for cell in cells if id(cell) not in beside]) for line, cells in found]
    return [
        (replace(line, text=" ".join(one.text for one in cells), left=cells[0].left), cells)
        for line, cells in kept
        if cells
    ]


def _pieces(line: Any, size: float, rules: list[float]) -> list[_Cell]:
    """A line's texts between wide gaps and upright rules, with marks of footnotes left out."""
    from pdfminer.layout import LTAnno, LTChar

    texts: list[str] = [""]
    spans: list[list[float]] = [[]]
    light: list[int] = [0]
    drawn = sum(isinstance(one, LTChar) for one in line)
    # In letters set apart only the spaces that are drawn part words.
    is_spaced = drawn > 3 and sum(isinstance(one, LTAnno) for one in line) > 0.8 * drawn
    for one in line:
        letter = one.get_text()
        if is_spaced and isinstance(one, LTAnno):
            continue
        if isinstance(one, LTChar) and not letter.isspace():
            # Only a ligature means its letters and nothing else.
            letter = normalize("NFKC", letter) if "\ufb00" <= letter[:1] <= "\ufb06" else letter
            end = spans[-1][1] if spans[-1] else one.x0
            if one.x0 - end > 1.1 * size or any(end <= x <= one.x0 for x in rules):
                texts.append("")
                spans.append([])
                light.append(0)
            if _is_raised(one, line, size) and texts[-1].strip():
                letter = letter.translate(_RAISED) if _MEASURED.search(texts[-1]) else ""
            spans[-1] = [min([*spans[-1][:1], one.x0]), one.x1]
            light[-1] += "bold" not in one.fontname.lower()
        texts[-1] += letter
    return [
        _Cell(told, span[0], span[1], is_bold=not others)
        for text, span, others in zip(texts, spans, light, strict=True)
        if span and (told := " ".join(clean(text).split()))
    ]


def _is_raised(letter: Any, line: Any, size: float) -> bool:
    is_small = letter.size < 0.8 * size and letter.y0 > line.y0 + 0.15 * size
    return bool(is_small and letter.get_text().isdecimal())


def _with_tables(
    found: _Row, rules: list[float], upright: list[tuple[float, float, float]]
) -> list[_Line]:
    """The lines, those of each table as a line a row, where the first of them stood."""
    beside: dict[int, _Row] = defaultdict(list)
    for line, cells in found:
        beside[round(line.bottom / 3)].append((line, cells))
    rows = [beside[height] for height in sorted(beside, reverse=True)]
    told: dict[int, list[_Line]] = {}
    taken: set[int] = set()
    start = 0
    while start < len(rows):
        end, columns = _table(rows, start, upright)
        if columns:
            members = {id(line) for row in rows[start:end] for line, _ in row}
            place = next(id(line) for line, _ in found if id(line) in members)
            told[place] = _rows(rows[start:end], columns, rules)
            taken |= members
        start = max(end, start + 1)
    lines: list[_Line] = []
    for line, _ in found:
        lines += told.get(id(line), [] if id(line) in taken else [line])
    return lines


def _table(
    rows: list[_Row], start: int, upright: list[tuple[float, float, float]]
) -> tuple[int, list[list[float]]]:
    """Where a table that begins at a row ends, and its columns; no columns where none begins."""
    columns: list[list[float]] = []
    end = last = start
    cells = []
    for end in range(start, len(rows)):
        row = [cell for _, pieces in rows[end] for cell in pieces]
        line = rows[end][0][0]
        fall = rows[end - 1][0][0].bottom - line.bottom if end > start else 0.0
        merged = _columns(columns, row)
        if (end == start and len(row) < 2) or fall > 4 * line.size:
            break
        if len(merged) < max(2, len(columns)) or len(row) > len(merged):
            break
        columns = merged
        cells += row
        if len(row) > 1 or (row[0].left > columns[0][1] and fall < 1.6 * line.size):
            last = end
    lines = last + 1 - start
    height = rows[start][0][0].bottom
    is_ruled = all(
        any(right - 1 <= x <= left + 1 and low - 1 < height < high for x, low, high in upright)
        for (_, right), (left, _) in pairwise(columns)
    )
    if lines < 2 or lines * len(columns) < 6 or (not is_ruled and _is_prose(cells, columns)):
        return start + 1, []
    return last + 1, columns


def _columns(columns: list[list[float]], row: list[_Cell]) -> list[list[float]]:
    """Stretches of a line that cells stand in; cells above each other are in one."""
    merged: list[list[float]] = []
    for left, right in sorted([*map(tuple, columns), *((cell.left, cell.right) for cell in row)]):
        if merged and left < merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], right)
        else:
            merged.append([left, right])
    return merged


def _is_prose(cells: list[_Cell], columns: list[list[float]]) -> bool:
    """Whether columns are those of running text: many words, lines that begin in mid-sentence, or
    filled up to the next column."""
    going_on = sum(cell.text[0].islower() and " " in cell.text for cell in cells)
    filled = []
    for (left, _), (following, _) in pairwise(columns):
        filled += [
            (cell.right - left) / (following - left)
            for cell in cells
            if left <= cell.left + 1 and cell.right < following
        ]
    is_full = bool(filled) and median(filled) > 0.75
    words = median(len(cell.text.split()) for cell in cells)
    return is_full or words > 4 or 2 * going_on > len(cells)


def _rows(rows: list[_Row], columns: list[list[float]], rules: list[float]) -> list[_Line]:
    """The rows of a table with the heads of their columns; cells of several lines are joined."""
    grid: list[list[str]] = []
    lines: list[_Line] = []
    for row in rows:
        line = row[0][0]
        texts = ["" for _ in columns]
        for _, pieces in row:
            for cell in pieces:
                place = max(n for n, (left, _) in enumerate(columns) if left <= cell.left + 1)
                texts[place] = f"{texts[place]} {cell.text}".strip()
        if grid and _goes_on(grid[-1], texts, lines[-1], line, rules):
            grid[-1] = _one_below_the_other(grid[-1], texts)
        else:
            grid.append(texts)
            lines.append(line)
    right = max(line.right for row in rows for line, _ in row)
    bold = [all(cell.is_bold for _, pieces in row for cell in pieces) for row in rows]
    if not grid[0][0] and has_heads(grid[1:]):
        # Heads of two lines; beside them stands the first column's, of one.
        grid[:2], lines[:2] = [_one_below_the_other(*grid[:2])], lines[1:2]
    heads = grid[0] if has_heads(grid) or (bold[0] and not all(bold)) else None
    told = row_texts(grid[1:] if heads else grid, heads or ("",) * len(columns))
    return [
        replace(
            line,
            text=text,
            right=right,
            opens=True,
            closes=True,
            column_left=line.left,
            column_right=right,
        )
        for line, text in zip(lines[1:] if heads else lines, told, strict=True)
    ]


def _one_below_the_other(above: list[str], below: list[str]) -> list[str]:
    return [" ".join(filter(None, pair)) for pair in zip(above, below, strict=True)]


def _goes_on(
    above: list[str], texts: list[str], upper: _Line, line: _Line, rules: list[float]
) -> bool:
    """Whether a line of a table belongs to the row above it.

    It does where no rule parts them in a table with rules between its lines, or where it says
    nothing in the first column; never where both have a figure in one column.
    """
    both = (one for one in zip(above, texts, strict=True) if all(one))
    if any(one.strip("–-").isdecimal() for pair in both for one in pair):
        return False
    near = [rule for rule in rules if line.bottom - 60 < rule < upper.top + 60]
    if len({round(rule) for rule in near}) > 2:
        return not any(line.top - 2 < rule < upper.bottom + 2 for rule in near)
    return not texts[0] and upper.bottom - line.bottom < 3 * line.size


def _in_reading_order(lines: list[_Line]) -> list[_Line]:
    """The lines of a page from its top, those of columns beside each other column by column.

    Columns stand where lines beside each other leave the same upright gap between them; what
    reaches over the gap, as a title does, ends them.
    """
    bands: list[tuple[list[list[_Line]], list[tuple[float, float]]]] = [([], [])]
    for row in _rows_of(lines):
        rows, gaps = bands[-1]
        between = [(a.right, b.left) for a, b in pairwise(row) if b.left - a.right > a.size]
        if left := _clear(gaps, row):
            bands[-1] = ([*rows, row], left)
        elif between and not gaps:
            begun = [row]
            # What stands beside something further down is in its column too.
            while rows and rows[-1][0].bottom - begun[0][0].top < 1.5 * row[0].size:
                if not (left := _clear(between, rows[-1])):
                    break
                between = left
                begun.insert(0, rows.pop())
            bands.append((begun, between))
        elif between or gaps:
            bands.append(([row], between))
        else:
            rows.append(row)
    ordered: list[_Line] = []
    for rows, gaps in bands:
        beside = sum(len(row) > 1 for row in rows)
        if not gaps or beside < _FEWEST_BESIDE:
            ordered += [line for row in rows for line in row]
            continue
        begins, ends = max(gaps, key=lambda gap: gap[1] - gap[0])
        middle = (begins + ends) / 2
        every = [line for row in rows for line in row]
        ordered += _in_reading_order([line for line in every if line.left < middle])
        ordered += _in_reading_order([line for line in every if line.left >= middle])
    return ordered


def _rows_of(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Lines that stand side by side, from the left, row by row from the top."""
    row: list[_Line] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if row and (line.top + line.bottom) / 2 < row[0].bottom:
            yield sorted(row, key=lambda one: one.left)
            row = []
        row.append(line)
    if row:
        yield sorted(row, key=lambda one: one.left)


def _clear(gaps: list[tuple[float, float]], row: list[_Line]) -> list[tuple[float, float]]:
    """What of upright gaps a row leaves clear, as far as it is wide enough to part columns."""
    for line in row:
        gaps = (
            [
                part
                for low, high in gaps
                for part in ((low, min(high, line.left)), (max(low, line.right), high))
                if part[1] - part[0] > line.size
            ]
            if any(line.left < high and low < line.right for low, high in gaps)
            else gaps
        )
    return gaps


def _notes_last(pages: list[list[_Line]]) -> list[_Line]:
    """All lines, the footnotes of all pages after the text, which goes on from page to page."""
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    usual = _usual_size(lines)
    text: list[_Line] = []
    notes: list[_Line] = []
    for page in pages:
        lowest = sorted((one for one in page if not one.closes), key=lambda one: one.bottom)
        small = list(takewhile(lambda one: one.size < 0.93 * usual, lowest))
        while small and not _NOTE.match(small[-1].text):
            small.pop()
        below = set(small) if len(small) < len(page) else set()
        text += [line for line in page if line not in below]
        notes += [
            replace(line, opens=bool(_NOTE.match(line.text))) for line in page if line in below
        ]
    return text + notes


def _placed(line: _Line, page: list[_Line]) -> _Line:
    """The line with the edges of its column: those of the lines above and below it."""
    column = [
        other
        for other in page
        if min(line.right, other.right) - max(line.left, other.left)
        > 0.5 * min(line.right - line.left, other.right - other.left)
        and abs(other.size - line.size) < 1
    ] or [line]
    return replace(
        line,
        column_left=min(other.left for other in column),
        column_right=max(other.right for other in column),
    )


def _without_running_lines(pages: list[list[_Line]]) -> Iterator[list[_Line]]:
    """Pages without page numbers and the lines, of no table, that recur in the margins."""
    margins = [_in_margin(page) for page in pages]
    recurring = Counter(key for margin in margins for key in {_running(one) for one in margin})
    often = max(2, len([page for page in pages if page]) / 3)
    for page, margin in zip(pages, margins, strict=True):
        yield [
            line
            for line in page
            if line not in margin
            or not (_PAGE_NUMBER.match(line.text) or recurring[_running(line)] >= often)
        ]


def _in_margin(page: list[_Line]) -> set[_Line]:
    if not page:
        return set()
    top, bottom = max(one.top for one in page), min(one.bottom for one in page)
    reach = _MARGIN * (top - bottom)
    edges = (one for one in page if one.top > top - reach or one.bottom < bottom + reach)
    return {one for one in edges if not one.closes}


def _running(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())


def _take_title(
    lines: list[_Line], words: Counter[str], known: Set[str]
) -> tuple[str | None, list[_Line]]:
    """The lines in the largest letters of the first page, if larger than the text's."""
    usual = _usual_size(lines)
    first_page = [line for line in lines if line.page == lines[0].page]
    largest = max(line.size for line in first_page)
    if largest < 1.15 * usual:
        return None, lines
    start = next(n for n, line in enumerate(lines) if line.size == largest)
    end = start
    while end < len(lines) and end - start < 6 and abs(lines[end].size - largest) < 0.5:
        end += 1
    return _joined(lines[start:end], words, known), lines[:start] + lines[end:]


def _usual_size(lines: Iterable[_Line]) -> float:
    """The size in which most letters are set."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0]


def _paragraphs(lines: list[_Line], words: Counter[str], known: Set[str]) -> list[str]:
    gaps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.page == b.page]
    falls = [gap for gap in gaps if 0 < gap < 40]
    spacing = median(falls) if falls else 0.0
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and _continues(groups[-1], line, spacing):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_joined(group, words, known) for group in groups]


def _continues(group: list[_Line], line: _Line, spacing: float) -> bool:
    """Whether `line` belongs to the paragraph that `group` has begun."""
    last = group[-1]
    fall = last.bottom - line.bottom
    if last.closes or line.opens:
        return False
    if abs(last.size - line.size) > 0.1 * last.size or _ITEM.match(line.text):
        return False
    ended = bool(_SENTENCE_END.search(last.text))
    if last.page != line.page or fall < 0:
        # The next page or column: only an unfinished sentence goes on there.
        return not ended and (line.text[0].islower() or (last.is_full and len(group) > 1))
    if fall > 1.4 * spacing and fall > 1.6 * line.size:
        return False
    # A line that begins further right than the one before opens a paragraph, unless that one was
    # itself an opening (the rest of a hanging item is indented throughout).
    indent = line.left - last.left
    if indent > 0.8 * line.size and not _ITEM.match(group[0].text):
        return not ended and len(group) == 1 and not last.is_full
    return last.is_full or not ended


def _joined(lines: list[_Line], words: Counter[str], known: Set[str]) -> str:
    """Lines as one text; a word that was divided at a line's end becomes one word again.

    A hyphen that belongs to its word stays: see `_keeps_hyphen`.
    """
    text = lines[0].text
    for line in lines[1:]:
        following = line.text
        if not text.endswith(_HYPHENS) or len(text) < 2 or not text[-2].isalnum():
            text = f"{text} {following}"
            continue
        head = re.split(r"[\W_]", text[-60:-1])[-1]
        tail = re.match(r"\w*", following)
        end = tail.group() if tail else ""
        if text.endswith("\u00ad"):
            text = text[:-1] + following
        elif end in _HANGING and words[head + end] == 0:
            text = f"{text[:-1]}- {following}"
        else:
            text = text[:-1] + "-" * _keeps_hyphen(head, end, words, known) + following
    return text.replace("\u00ad", "")


def _keeps_hyphen(head: str, tail: str, words: Counter[str], known: Set[str]) -> bool:
    """Whether the hyphen at a line's end belongs to the word that it parts.

    `words`, those of the whole document, say so first; then letters of an abbreviation and figures;
    then `known` words of the language: that the joined form is one, or that both parts are; then
    the few beginnings, words for figures among them, that are never part of a longer word. Of
    3,838 hyphens of 400 articles, each as if at a line's end, .064 are lost (without `known` .542);
    of 7,329 words divided there .005 get one (.003).
    """
    with_it, without = words[f"{head}-{tail}"], words[head + tail]
    if with_it or without:
        return with_it > without
    first, second = head.casefold(), tail.casefold()
    is_lower, is_abbreviation = tail[:1].islower(), head.isupper() and len(head) > 1
    if len(head) < 2 or not head.isalpha() or (is_abbreviation if is_lower else not tail.isupper()):
        return True
    if first + second in known:
        return False
    if min(len(first), len(second)) > 1 and all(
        one in known or words[part] for one, part in ((first, head), (second, tail))
    ):
        return True
    if not is_lower:
        return len(head) < 4
    return first in _KEEP_HYPHEN or (bool(numbers(head)) and first not in _BEGIN_WORDS)


def _metadata_text(metadata: dict[str, Any], key: str) -> str | None:
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    try:
        value = resolve1(metadata.get(key))
        text = decode_text(value) if isinstance(value, bytes) else value
    except Exception:  # a damaged dictionary says nothing; the text is still worth reading
        return None
    return " ".join(clean(text).split()) or None if isinstance(text, str) else None


def _created_at(metadata: dict[str, Any], text: str) -> datetime | None:
    """The date of creation, unless the text speaks of no day near it: then the file was made, by a
    scanner or a printer, of what was published at another time."""
    created = _metadata_date(metadata)
    if created is None:
        return None
    days = [one.last for one in date_mentions(text[:_TOLD_OF], None) if one.first == one.last]
    is_near = any(abs((created.date() - day).days) <= _NEAR for day in days)
    return created if is_near else None


def _metadata_date(metadata: dict[str, Any]) -> datetime | None:
    """The date of creation: `D:20190404120000+02'00'`."""
    given = _metadata_text(metadata, "CreationDate") or ""
    match = re.match(
        r"(?:D:)?(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?(?:([+-]\d\d)'?(\d\d)?)?", given
    )
    if not match:
        return None
    year, month, day, hour, minute, second, zone, beside = match.groups(default="00")
    offset = "+00" if zone == "00" else zone
    return parse_moment(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}:{beside}")

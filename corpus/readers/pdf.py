"""PDF documents into articles.

A PDF holds places of letters, not paragraphs, so they are told from the layout:

    pages -> lines with place and size -> without running heads, feet and page numbers
          -> paragraphs (spacing, indents, sizes, short last lines; across pages and columns)

pdfminer.six was taken over pypdf, because it gives each line its place, size and column order,
from which paragraphs can be told; pypdf gives a page's text as one stream.

Accepted gaps: right-to-left text comes in the order in which the file draws it; tables come as
lines; footnotes stand where the page has them.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from corpus.articles import ReadArticle
from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url
from corpus.readers.markdown import clean, first_words
from corpus.text.dates import date_mentions, parse_moment
from corpus.text.sentences import SENTENCE_END

MOST_PAGES = 500

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
_UNREAD_LETTER = re.compile(r"\(cid:\d+\)")
_NO_TITLE = re.compile(
    r"(?:untitled|microsoft (?:word|powerpoint)|document\d*|slide \d|no title"
    r"|.*\.(?:docx?|pdf|indd|rtf|odt|qxp?|p65)\Z)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; places in points from the lower left corner, `size` of most letters."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float
    column_left: float = 0.0
    column_right: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether the line reaches its column's right edge, so that its break means nothing."""
        return self.right >= self.column_right - 0.12 * (self.column_right - self.column_left)


# Days between what a document tells and the making of its file, and the characters looked at.
_NEAR = 31
_TOLD_OF = 20_000


def read_pdf(body: bytes, url: str) -> ReadArticle:
    """The article of a PDF document.

    Raises ReadError, with the reason, for what is no PDF, is encrypted or damaged, and for a
    scan without text.
    """
    pages, metadata = _parsed(body, url)
    lines = [line for page in _without_running_lines(pages) for line in page]
    text = "".join(line.text for line in lines)
    if not any(character.isalpha() for character in text):
        raise ReadError(url, "holds no text; a scan needs text recognition first")
    if 10 * len("".join(_UNREAD_LETTER.findall(text))) > len(text):
        raise ReadError(url, "its fonts do not tell which letters they draw")
    shown, rest = _take_title(lines)
    dated = next((line for line in rest[:12] if parse_moment(line.text)), None)
    rest = [line for line in rest if line is not dated]
    named = _metadata_title(metadata)
    paragraphs = _paragraphs(
        rest, Counter(re.findall(r"[\w-]+", " ".join(one.text for one in lines)))
    )
    title = named or shown
    if not paragraphs:
        paragraphs, title = [shown or text], named
    if named and shown and _bare(named) != _bare(shown):
        # The largest line is not the title the file names: it stays, as text.
        paragraphs.insert(0, shown)
    if title and len(paragraphs) > 1 and _bare(paragraphs[0]) == _bare(title):
        del paragraphs[0]
    return ReadArticle(
        url=canonical_url(url),
        title=title or first_words(paragraphs[0]),
        paragraphs=tuple(paragraphs),
        author=_metadata_text(metadata, "Author"),
        published_at=parse_moment(dated.text) if dated else _created_at(metadata, text),
    )


def _parsed(body: bytes, url: str) -> tuple[list[list[_Line]], dict[str, Any]]:
    """The lines of each page in reading order, and the document's information dictionary."""
    from pdfminer.high_level import extract_pages
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFParser

    if b"%PDF-" not in body[:1024]:
        raise ReadError(url, "is not a PDF")
    try:
        document = PDFDocument(PDFParser(io.BytesIO(body)))
        metadata = {key: value for one in document.info for key, value in one.items()}
        layouts = extract_pages(io.BytesIO(body), maxpages=MOST_PAGES)
        pages = [_lines(layout, number) for number, layout in enumerate(layouts)]
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise ReadError(url, "is encrypted; save it without a password first") from error
    except Exception as error:  # pdfminer lets errors of any type out of damaged files
        raise ReadError(url, "is damaged and cannot be read as a PDF") from error
    return pages, metadata


def _lines(layout: Any, page: int) -> list[_Line]:
    from pdfminer.layout import LTChar, LTTextContainer, LTTextLine

    found: list[_Line] = []
    for box in layout:
        if not isinstance(box, LTTextContainer):
            continue
        for line in box:
            text = " ".join(clean(line.get_text()).split()) if isinstance(line, LTTextLine) else ""
            if text:
                sizes = Counter(round(one.size, 1) for one in line if isinstance(one, LTChar))
                size = sizes.most_common(1)[0][0] if sizes else line.height
                found.append(_Line(text, page, line.x0, line.x1, line.y0, line.y1, size))
    return [_placed(line, found) for line in found]


def _placed(line: _Line, page: list[_Line]) -> _Line:
    """The line with the edges of its column: those of the lines above and below it."""
    column = [
        other
        for other in page
        if min(line.right, other.right) - max(line.left, other.left)
        > 0.5 * min(line.right - line.left, other.right - other.left)
        and abs(other.size - line.size) < 1
    ] or [line]
    return _Line(
        line.text,
        line.page,
        line.left,
        line.right,
        line.bottom,
        line.top,
        line.size,
        min(other.left for other in column),
        max(other.right for other in column),
    )


def _without_running_lines(pages: list[list[_Line]]) -> Iterator[list[_Line]]:
    """Pages without page numbers and the lines that recur in the margins."""
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
    return {one for one in page if one.top > top - reach or one.bottom < bottom + reach}


def _running(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())


def _take_title(lines: list[_Line]) -> tuple[str | None, list[_Line]]:
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
    return _joined(lines[start:end], Counter()), lines[:start] + lines[end:]


def _usual_size(lines: Iterable[_Line]) -> float:
    """The size in which most letters are set."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0]


def _paragraphs(lines: list[_Line], words: Counter[str]) -> list[str]:
    from statistics import median

    gaps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.page == b.page]
    falls = [gap for gap in gaps if 0 < gap < 40]
    spacing = median(falls) if falls else 0.0
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and _continues(groups[-1], line, spacing):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_joined(group, words) for group in groups]


def _continues(group: list[_Line], line: _Line, spacing: float) -> bool:
    """Whether `line` belongs to the paragraph that `group` has begun."""
    last = group[-1]
    fall = last.bottom - line.bottom
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


def _joined(lines: list[_Line], words: Counter[str]) -> str:
    """Lines as one text; a word that was divided at a line's end becomes one word again.

    A hyphen at a line's end stays where `words`, those of the whole document, know the word with
    it and not without it.
    """
    text = lines[0].text
    for line in lines[1:]:
        following = line.text
        if not text.endswith(_HYPHENS) or len(text) < 2 or not text[-2].isalpha():
            text = f"{text} {following}"
            continue
        head = re.split(r"[\W_]", text[:-1])[-1]
        tail = re.match(r"\w*", following)
        end = tail.group() if tail else ""
        keeps = not following[0].islower() or (
            words[f"{head}-{end}"] > 0 and words[head + end] == 0
        )
        text = (text[:-1] + "-" if keeps else text[:-1]) + following
    return text.replace("\u00ad", "")


def _metadata_title(metadata: dict[str, Any]) -> str | None:
    title = _metadata_text(metadata, "Title")
    return None if title is None or _NO_TITLE.match(title) or len(title) < 4 else title


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
    year, month, day, hour, minute, second, zone, zone_minute = match.groups()
    offset = f"{zone}:{zone_minute or '00'}" if zone else "+00:00"
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}"
    return parse_moment(f"{year}-{month}-{day}T{clock}{offset}")


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()

"""Plain text and Markdown into articles; and the rows of tables as texts, of any form.

Where the title is:      front matter `title:`, else a Markdown heading, else a short first line
                         without a full stop, else the first words.
What a paragraph is:     what blank lines part; where there are none, a line. Lines that were
                         wrapped at a column are joined again. A row of a Markdown table is one,
                         told with the heads of its columns.
What heads may say:      `title:`, `date:`, `source:`, `author:`, `url:`, `language:`, either
                         between `---` lines or as `Date: …` lines at the top.

Tables become texts, a paragraph a row, each cell with the head of its column:

    Municipality | 2026 (tonnes)      ->   Municipality: Ndolo; 2026 (tonnes): 980
    Ndolo        | 980

A row is cited by itself, so it must say what its numbers are. Each reader finds the cells in its
own form (HTML, Markdown, PDF); which row has the heads, where the form does not say so, is told
here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby

from corpus.articles import ReadArticle
from corpus.errors import Overstepped, ReadError
from corpus.fetch.urls import canonical_url
from corpus.text.dates import PLACE_BEFORE, day_comes_first, parse_moment
from corpus.text.sentences import SENTENCE_END
from corpus.text.words import detect

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What these labels mean on the web.
_LABELS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}
_UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_MOST_UNWRITTEN = 0.01
_GUESS_FROM_BYTES = 50_000

MOST_LINES = 50_000
LONGEST_LINE = 200_000
_LONGEST_TITLE = 160
_WIDEST_WRAP = 100
_NARROWEST_WRAP = 40
_NOT_A_TITLE_END = (".", "!", "…", ":", ";", ",", "。", "！", "।", "؛", "،")
_SENTENCE_END = re.compile(SENTENCE_END + r"\Z")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•–]|\d{1,3}[.)])\s+(?=\S)")

# What a head may be called, the field it fills first.
_HEADS = (
    *("title headline", "date published published_at", "source publisher"),
    *("author by byline", "url link", "language lang"),
)
_KEYS = {name: group.split()[0] for group in _HEADS for name in group.split()}
_HEAD_LINE = re.compile(r"\s*(\w+)\s*:\s*(?!//)(\S.*)\Z")


def read_plain(
    body: bytes, url: str, *, charset: str | None = None, markdown: bool = False
) -> ReadArticle:
    """The article in a text file; `url` stands for it unless its head names another.

    Raises ReadError where the bytes are not text or hold no paragraph, Overstepped for more lines,
    or longer ones, than are taken.
    """
    text = decode(body, url, charset)
    head, lines = _take_head(text.split("\n"))
    if sum(map(bool, lines)) > MOST_LINES:
        raise Overstepped(url, f"it has more than {MOST_LINES:,} lines")
    if max(map(len, lines), default=0) > LONGEST_LINE:
        raise Overstepped(url, f"a line is longer than {LONGEST_LINE:,} characters")
    if markdown:
        lines = _without_markdown(lines)
    blocks = _blocks(lines)
    taken = head.get("title")
    if taken is None and blocks:
        taken, blocks = _take_title(blocks)
        if blocks and (late := _head_of(blocks[0])):
            head, blocks = {**late, **head}, blocks[1:]
        elif blocks and blocks[1:] and len(blocks[0]) == 1:
            line = PLACE_BEFORE.sub("", blocks[0][0])
            if parse_moment(line):
                head, blocks = {"date": line, **head}, blocks[1:]
    elif taken and blocks and blocks[0] in ([taken], [f"{HEADING}{taken}"]):
        blocks = blocks[1:]
    title = _unmarked(taken) if taken else None
    paragraphs = tuple(_paragraphs(blocks))
    if not paragraphs:
        raise ReadError(url, "holds a title but no text" if title else "holds no text to read")
    return ReadArticle(
        url=_address(head, url),
        title=title or first_words(paragraphs[0]),
        paragraphs=paragraphs,
        source=head.get("source"),
        author=head.get("author"),
        published_at=_moment(head, paragraphs),
        language=head.get("language"),
    )


def _moment(head: dict[str, str], paragraphs: Sequence[str]) -> datetime | None:
    stated = head.get("date", "")
    language = head.get("language") or detect(" ".join(paragraphs)[:_GUESS_FROM_BYTES])
    return parse_moment(stated, day_first=day_comes_first([stated], language), language=language)


def decode(body: bytes, url: str, charset: str | None = None) -> str:
    """Text of unknown encoding, line ends as `\\n`, without characters that are not writing.

    Looks at the byte order mark, the declared `charset`, UTF-8, then guesses. Raises ReadError
    where the bytes are not text.
    """
    text = _decoded(body, charset)
    if text is None or len(_UNWRITTEN.findall(text)) > 1 + _MOST_UNWRITTEN * len(text):
        raise ReadError(url, "is not text")
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


def bare(text: str) -> str:
    """The words of a text alone, to compare titles by."""
    return re.sub(r"\W+", " ", text.casefold()).strip()


def charset_of(content_type: str) -> str | None:
    """The charset that a Content-Type header, or the start of a page, declares."""
    declared = re.search(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", content_type, re.IGNORECASE)
    return declared.group(1) if declared else None


def clean(text: str) -> str:
    """Text without null bytes, control characters, byte order marks and lone surrogates."""
    return _UNWRITTEN.sub("", text)


def first_words(text: str) -> str:
    """What stands for the title of a text that has none: its first twelve words."""
    words = text.split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")


def _decoded(body: bytes, charset: str | None) -> str | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    # UTF-8 comes before what is declared: text that is valid UTF-8 by chance is rarer than a
    # wrong declaration. Escape characters announce the encodings that look like ASCII.
    order: tuple[str | None, ...] = (charset, "utf-8") if b"\x1b" in body else ("utf-8", charset)
    for label in order:
        try:
            if label:
                return body.decode(_LABELS.get(label.lower(), label))
        except (LookupError, ValueError):
            continue
    if b"\x00" in body[:_GUESS_FROM_BYTES]:
        return None
    from charset_normalizer import from_bytes

    guesses = list(from_bytes(body[:_GUESS_FROM_BYTES]))
    if not guesses:
        return None
    best = guesses[0]
    for other in guesses[1:]:
        # A short Western text reads as well in Central European letters: the commoner wins.
        if other.encoding == "cp1252" and other.chaos <= best.chaos:
            best = other if other.coherence >= best.coherence else best
    return body.decode(best.encoding, errors="replace")


def _address(head: dict[str, str], url: str) -> str:
    if "url" not in head:
        return canonical_url(url)
    try:
        return canonical_url(head["url"])
    except ReadError as error:
        raise ReadError(url, f"its url {head['url'][:60]!r} is {error.reason}") from error


HEADING = "\x00"  # marks a Markdown heading between the steps below; `decode` leaves none
ROW = "\x01"  # so a table's row, which is neither a title nor a head


def _take_head(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The head's keys and the lines after it."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if lines[start : start + 1] and lines[start].strip() == "---":
        end = next((n for n in range(start + 1, len(lines)) if lines[n].strip() == "---"), None)
        if end is not None:
            keyed = (_HEAD_LINE.match(line) for line in lines[start + 1 : end])
            return _known(keyed), lines[end + 1 :]
    end = start
    while end < len(lines) and _head_of([lines[end]]):
        end += 1
    # One line of the form `Source: …` may begin a paragraph; two, or one set apart, are a head.
    if end - start > 1 or (end > start and not "".join(lines[end : end + 1]).strip()):
        return _known(_HEAD_LINE.match(line) for line in lines[start:end]), lines[end:]
    return {}, lines


def _head_of(block: list[str]) -> dict[str, str]:
    """The keys of a block in which every line is `Known key: value`, else nothing."""
    matches = [_HEAD_LINE.match(line) for line in block]
    known = _known(matches)
    return known if all(m and m[1].lower() in _KEYS for m in matches) else {}


def _known(matches: Iterable[re.Match[str] | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in matches:
        if match and (key := _KEYS.get(match[1].lower())):
            value = match[2].strip().strip("\"'").strip()
            if value:
                found.setdefault(key, value)
    return found


def plain_text(text: str) -> list[str]:
    """The paragraphs of text whose lines may have been wrapped at a column."""
    return _paragraphs(_blocks(text.split("\n")))


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in _with_tabs_told(lines):
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _take_title(blocks: list[list[str]]) -> tuple[str | None, list[list[str]]]:
    first, *rest = blocks
    line = first[0].strip()
    if line.startswith(HEADING):
        return line, ([first[1:]] if first[1:] else []) + rest
    is_title = len(line) <= _LONGEST_TITLE and not line.endswith(_NOT_A_TITLE_END)
    is_title = is_title and not line.startswith(ROW)
    if not is_title or _LIST_ITEM.match(line) or (len(first) == 1 and not rest):
        return None, blocks
    if len(first) > 1 and _is_wrapped(first):
        return None, blocks
    return line, ([first[1:]] if first[1:] else []) + rest


def _paragraphs(blocks: list[list[str]]) -> list[str]:
    by_blank_lines = len(blocks) > 1
    found: list[str] = []
    for block in blocks:
        is_long = max(map(len, block)) > _WIDEST_WRAP
        # Long lines of whole sentences are paragraphs although blank lines part others.
        are_lines = is_long and all(_SENTENCE_END.search(line) for line in block)
        if _is_wrapped(block) or (by_blank_lines and not are_lines):
            found.extend(_joined(block))
        else:
            found.extend(_tidy(line) for line in block)
    return [paragraph for paragraph in found if paragraph]


def _is_wrapped(block: list[str]) -> bool:
    """Whether lines were broken at a column: even in length, and in mid-sentence."""
    from statistics import median

    if len(block) < 2:
        return False
    inner = block[:-1]
    widest = max(map(len, block))
    broken = sum(not _SENTENCE_END.search(line) for line in inner)
    even = median(map(len, inner)) >= 0.75 * widest
    return _NARROWEST_WRAP <= widest <= _WIDEST_WRAP and even and 2 * broken > len(inner)


def _joined(block: list[str]) -> list[str]:
    """A block's lines as paragraphs; an indented line or a list item begins a new one."""
    parts: list[list[str]] = []
    margin = min(len(line) - len(line.lstrip()) for line in block)
    for line in block:
        indented = len(line) - len(line.lstrip()) >= margin + 2
        starts = indented and not (parts and _LIST_ITEM.match(parts[-1][0]))
        if not parts or starts or _LIST_ITEM.match(line) or HEADING in line:
            parts.append([])
        parts[-1].append(line)
    return [_tidy(" ".join(part)) for part in parts]


def _tidy(text: str) -> str:
    return " ".join(_unmarked(text).split())


def _unmarked(text: str) -> str:
    return text.replace(HEADING, "").replace(ROW, "").strip()


# Bounded, so that hostile lines do not take quadratic time.
_LONGEST_MARKED_LINE = 20_000
_MARKDOWN_INLINE = (
    (re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,1000}\)"), ""),
    (re.compile(r"\[([^\]]{1,500})\]\([^)\s]{0,1000}(?:\s+\"[^\"]{0,500}\")?\)"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]{1,500}?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_]{1,500}?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`]{1,500})`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])"), r"\1"),
)

_PIECE_OF_HTML = re.compile(
    r"^<(table|div|details|[uod]l|p|blockquote|section|center)\b.*?(?:</\1>|\Z)", re.S | re.M | re.I
)
_GRID_LINE, _GRID_HEAD = (
    re.compile(r"\s*\+(?:[-:]+\+)+\s*\Z"),
    re.compile(r"\A\s*\+(?:[=:]+\+)+\s*\Z"),
)


def _with_tabs_told(lines: Iterable[str]) -> Iterator[str]:
    """Lines in which each row of a table whose cells tabs part is told, set apart and marked.

    One of two columns must have heads: so stand labels, too, before what they are of.
    """
    for is_tabbed, run in groupby(lines, lambda line: "\t" in line.strip()):
        block = list(run)
        told: list[str] = []
        for parting in ("\t", "\t+") if is_tabbed and len(block) > 1 else ():
            rows = [[cell.strip() for cell in re.split(parting, line)] for line in block]
            is_table = len(set(map(len, rows))) == 1 and all(row[0] for row in rows[1:])
            is_table = is_table and max(map(len, chain(*rows))) <= LONGEST_CELL
            if not told and is_table and (len(rows[0]) > 2 or has_heads(rows)):
                told = [one for text in row_texts(rows) for one in ("", f"{ROW}{text}", "")]
        yield from told or block


def _without_markdown(lines: list[str]) -> list[str]:
    """Lines as a reader sees them; headings are set apart and marked, rules are dropped."""
    from corpus.readers import html  # which is made of this module

    def told(piece: re.Match[str]) -> str:
        return "\n\n".join(["", *(ROW + one for one in html.html_paragraphs(piece[0])), ""])

    lines = _PIECE_OF_HTML.sub(told, "\n".join(lines)).split("\n")
    seen: list[str] = []
    for line in _with_rows_told(lines):
        line = html.without_tags(line) if len(line) <= _LONGEST_MARKED_LINE else line
        bare = line.strip()
        if bare and seen and seen[-1].strip() and (set(bare) == {"="} or set(bare) == {"-"}):
            seen[-1:] = [HEADING + seen[-1].strip(), ""]
        elif heading := re.match(r"#{1,6}\s+(.*?)\s*#*\Z", bare):
            seen += ["", HEADING + _inline(heading[1]), ""]
        elif re.match(r"([-*_])(\s*\1){2,}\Z", bare) or bare.startswith(("```", "~~~")):
            seen.append("")
        else:
            quoted = re.sub(r"\A\s*(?:>\s?)+", "", line)
            item = _LIST_ITEM.match(quoted)
            if item and item[0].strip() in "-*+•–":
                seen += ["", _inline(quoted[item.end() :])]
            else:
                number = item[0] if item else ""
                seen.append(number + _inline(quoted[len(number) :].strip()))
    return seen


def _with_rows_told(lines: list[str]) -> Iterator[str]:
    """Lines in which each table is one line a row, set apart and marked."""
    # Of tables in grids a line of "=" stands below the heads, lines of "-" between the rows.
    kept = (_GRID_HEAD.sub("|-|", line) for line in lines if not _GRID_LINE.match(line))
    waiting = iter([*kept, ""])
    line = next(waiting)
    for following in waiting:
        # A line of such signs stands between the heads of a table and its rows.
        if "|" in line and set("|-") <= set(following) <= set("|-: \t"):
            rows = [_cells(line)]
            while "|" in (line := next(waiting, "")):
                rows.append(_cells(line))
            for text in row_texts(rows[1:], rows[0]):
                yield from ("", f"{ROW}{text}", "")
        else:
            yield line
            line = following
    yield line


def _cells(line: str) -> list[str]:
    parts = re.split(r"(?<!\\)\|", line.strip())
    parts = parts[1:] if not parts[0].strip() else parts
    return [part.strip() for part in (parts[:-1] if parts and not parts[-1].strip() else parts)]


def _inline(text: str) -> str:
    if len(text) > _LONGEST_MARKED_LINE:
        return text
    for form, plain in _MARKDOWN_INLINE:
        text = form.sub(plain, text)
    return text


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
    """Whether the first row names what stands below it: words, or years, above figures or, in more
    than two columns, dates; or it alone is in capitals."""
    if len(rows) < 2:
        return False
    first, rest = rows[0], rows[1:]
    tells = any(_is_figure(cell) for row in rest for cell in row)
    for column, head in enumerate(first):
        below = [row[column] for row in rest if column < len(row) and row[column]]
        figures = sum(_is_figure(cell) for cell in below)
        if head and 2 * figures > len(below) and _is_figure(head) and not _YEAR.match(head):
            return False
        counted = [len(cell) < 40 and bool(re.search(r"\d", cell)) for cell in (head, *below)]
        tells |= len(first) > 2 < len(counted) and not counted[0] and all(counted[1:])
    capital = [all(map(str.isupper, filter(None, row))) for row in rows]
    return (tells or (capital[0] and not any(capital[1:]))) and sum(map(bool, first)) > 1


def _is_figure(cell: str) -> bool:
    return len(cell) < 40 and bool(_FIGURE.match(cell))


def _row_text(row: Sequence[str], heads: Sequence[str]) -> str:
    named = [*(head.rstrip(": ") for head in heads), *("" for _ in row)]
    cells = list(zip(named, row, strict=False))
    told: list[str] = []
    for column, (head, cell) in enumerate(cells):
        if cell and not (told and cells[column - 1] == (head, cell)):
            told.append(f"{head}: {cell}" if head and head != cell else cell)
    return "; ".join(told)

"""Article lines: JSON Lines files, plain or gzipped, one article a line.

    {"url", "title", "source", "published_at", "author"?, "language"?, "kind"?, "paragraphs": […]}

or `"text"`, with paragraphs parted by line breaks, in place of `"paragraphs"`. Given paragraphs
keep their numbers: an empty one in between stays, as an empty paragraph. A file is read line by
line, so its size does not matter; a line that cannot be read is refused by its number and the
rest is read.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast

from corpus.articles import ReadArticle, SourceKind
from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url
from corpus.readers.markdown import clean, first_words
from corpus.text.dates import parse_moment

LINE_BYTES = 16_000_000
# JSON text shrinks about fourfold, templates thirtyfold; deflate's limit is a thousandfold.
_HIGHEST_RATIO = 200
_RATIO_COUNTS_FROM = 4_000_000

Outcome = ReadArticle | ReadError


def read_lines(stream: IO[bytes], name: str) -> Iterator[Outcome]:
    """Articles of a stream of article lines, and a ReadError for each line that is none.

    `name` is what errors call the stream: `articles.jsonl, line 7`. Gzip is recognised by its
    first bytes. A stream that breaks off ends with a ReadError. The stream must be seekable.
    """
    compressed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    lines = io.BufferedReader(gzip.GzipFile(fileobj=stream)) if compressed else stream
    number = 0
    taken = 0
    try:
        while line := lines.readline(LINE_BYTES + 1):
            number += 1
            taken += len(line)
            if number == 1 and b"\x00" in line[:1000]:
                yield ReadError(name, "is not text")
                return
            place = f"{name}, line {number}"
            if len(line) > LINE_BYTES:
                yield ReadError(place, f"longer than {LINE_BYTES // 1_000_000} MB, skipped")
            elif line != b"\n" and (outcome := read_line(line, place, first=number == 1)):
                yield outcome
            while len(line) > LINE_BYTES and not line.endswith(b"\n"):
                line = lines.readline(LINE_BYTES + 1)
                taken += len(line)
                if compressed and _is_bomb(taken, stream.tell()):
                    break
            if compressed and _is_bomb(taken, stream.tell()):
                yield ReadError(name, "expands beyond reason, so it was not read further")
                return
    except EOFError:
        yield ReadError(name, f"is cut off after line {number}; the lines before it were read")
    except (gzip.BadGzipFile, zlib.error):
        yield ReadError(name, f"is damaged after line {number}; the lines before it were read")


def read_line(line: bytes, place: str, *, first: bool = False) -> Outcome | None:
    """The article of one line, a ReadError that names `place`, or None for a blank line."""
    try:
        text = line.decode("utf-8-sig" if first else "utf-8").strip()
        return _article(json.loads(text), place) if text else None
    except ReadError as error:
        return error
    except UnicodeDecodeError:
        return ReadError(place, "not valid UTF-8")
    except RecursionError:
        return ReadError(place, "nested too deeply")
    except ValueError:
        return ReadError(place, "not valid JSON")


def _article(value: Any, place: str) -> ReadArticle:
    if not isinstance(value, dict):
        raise ReadError(place, "not a JSON object")
    url = _text(value, "url", place)
    if not url:
        raise ReadError(place, "has no url")
    try:
        canonical_url(url)
    except ReadError as error:
        raise ReadError(place, f"url is {error.reason}") from error
    paragraphs = _paragraphs(value, place)
    if not any(paragraph.strip() for paragraph in paragraphs):
        raise ReadError(place, "has no paragraphs")
    given = _text(value, "published_at", place)
    published_at = parse_moment(given) if given else None
    if given and published_at is None:
        raise ReadError(place, f"published_at is not a date: {given[:40]!r}")
    kind = _text(value, "kind", place)
    if kind and kind not in set(SourceKind):
        raise ReadError(place, f"kind is none of {', '.join(SourceKind)}: {kind[:40]!r}")
    return ReadArticle(
        url=url,
        title=_text(value, "title", place) or first_words(next(filter(str.strip, paragraphs))),
        paragraphs=paragraphs,
        source=_text(value, "source", place),
        kind=SourceKind(kind) if kind else None,
        author=_text(value, "author", place),
        published_at=published_at,
        language=_text(value, "language", place),
    )


def _paragraphs(value: dict[str, Any], place: str) -> tuple[str, ...]:
    given = value.get("paragraphs")
    if given is None:
        text = _text(value, "text", place) or ""
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ReadError(place, "paragraphs is not a list of texts")
    return tuple(clean(one) for one in cast("list[str]", given))


def _text(value: dict[str, Any], key: str, place: str) -> str | None:
    """A text field without stray characters; None where it is absent or empty."""
    given = value.get(key)
    if given is None:
        return None
    if not isinstance(given, str):
        raise ReadError(place, f"{key} is not a text")
    return clean(given).strip() or None


def _is_bomb(taken: int, compressed: int) -> bool:
    return taken > _RATIO_COUNTS_FROM and taken > _HIGHEST_RATIO * max(compressed, 1)

"""Files, folders and addresses into articles: the one door for everything that is read.

    path or address -> bytes -> (what is it?) -> page, PDF, plain text, article lines
                     in a process of its own  -> ReadArticle | Refused

Nothing raises for bad input: what cannot be read becomes a `Refused` with one plain reason.

Article lines: JSON Lines files, plain or gzipped, one article a line.

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
import os
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from corpus.articles import ReadArticle, SourceKind
from corpus.errors import ReadError
from corpus.fetch.client import Fetched, Fetcher
from corpus.fetch.urls import canonical_url, file_url, without_credentials
from corpus.readers.html import read_page, read_posts
from corpus.readers.limits import apart
from corpus.readers.markdown import charset_of, clean, first_words, read_plain
from corpus.readers.pdf import read_pdf
from corpus.text.dates import parse_moment

LINE_BYTES = 16_000_000
# JSON text shrinks about fourfold, templates thirtyfold; deflate's limit is a thousandfold.
_HIGHEST_RATIO = 200
_RATIO_COUNTS_FROM = 4_000_000

Line = ReadArticle | ReadError


def read_lines(stream: IO[bytes], name: str) -> Iterator[Line]:
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


def read_line(line: bytes, place: str, *, first: bool = False) -> Line | None:
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


LARGEST_FILE = 50_000_000

# Ends of names, and types, of what is read in each form.
_FORMS = {
    "text": ((".txt", ".text"), ("text/plain",)),
    "markdown": ((".md", ".markdown"), ("text/markdown", "text/x-markdown")),
    "page": ((".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")),
    "pdf": ((".pdf",), ("application/pdf", "application/x-pdf")),
    "lines": (
        (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"),
        tuple(
            f"application/{name}"
            for name in str.split("jsonl jsonlines ndjson x-ndjson x-jsonlines")
        ),
    ),
}
_CONTENT_TYPES = {kind: form for form, (_, kinds) in _FORMS.items() for kind in kinds}
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_KNOWN = ".txt, .md, .html, .pdf, .jsonl and .jsonl.gz"
_START_BYTES = 2048
_PROLOGUE = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<"
_HTML = re.compile(_PROLOGUE + rb"(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_FEED = re.compile(_PROLOGUE + rb"(?:rss|feed|rdf:rdf)\b", re.I | re.S)
# Types that servers give to whatever they do not know: the name says more.
_VAGUE_TYPES = (
    "",
    "text/plain",
    "application/json",
    "application/octet-stream",
    "application/gzip",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not read: a path, an address or a line, and one plain reason.

    `retry` is True where the same item may be readable later without anybody changing it.
    """

    item: str
    reason: str
    retry: bool = False


Outcome = ReadArticle | Refused


def read_path(path: Path) -> Iterator[Outcome]:
    """Every article of a file, or of a folder and the folders in it, in sorted order.

    In a folder, hidden files and files of unknown kinds are passed over; a file named
    explicitly is refused with its reason.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield Refused(str(path), _reason(error))
        return
    if stat.S_ISDIR(mode):
        yield from _read_folder(path)
    else:
        yield from _read_file(path)


def read_address(url: str, fetcher: Fetcher) -> Iterator[Outcome]:
    """Every article at a web address; its content type decides how it is read.

    A user name and password in it are dropped: they are neither sent, nor stored, nor told.
    """
    url = without_credentials(url)
    try:
        fetched = fetcher.fetch(url)
        if _form_of(fetched) == "lines":
            yield from _lines(io.BytesIO(fetched.body), fetched.url)
        else:
            yield from (replace(one, is_own=True) for one in read_document(fetched))
    except ReadError as error:
        yield Refused(url, error.reason, error.retry)


def _read_folder(folder: Path) -> Iterator[Outcome]:
    """Each folder is read once, however many links lead to it: links may form loops."""
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            yield from _read_file(path)
            continue
        try:
            status = path.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            names = sorted((name for name in os.listdir(path) if name[0] != "."), reverse=True)
        except OSError as error:
            yield Refused(str(path), _reason(error))
            continue
        waiting.extend(path / name for name in names if _form(name) or (path / name).is_dir())


def _read_file(path: Path) -> Iterator[Outcome]:
    try:
        status = path.stat()
        form = _form(path.name)
        if not stat.S_ISREG(status.st_mode):
            raise ReadError(str(path), "neither a file nor a folder")
        if form is None:
            raise ReadError(str(path), f"of unknown kind; {_KNOWN} can be read")
        if status.st_size == 0:
            raise ReadError(str(path), "empty, nothing to read")
        with path.open("rb") as stream:
            if form == "lines":
                yield from _lines(stream, str(path))
                return
            if status.st_size > LARGEST_FILE:
                raise ReadError(
                    str(path), f"larger than {LARGEST_FILE // 1_000_000} MB; only .jsonl may be"
                )
            body = stream.read(LARGEST_FILE + 1)
        yield from apart(read_body, body, form, file_url(path))
    except ReadError as error:
        yield Refused(str(path), error.reason)
    except OSError as error:
        yield Refused(str(path), _reason(error))


def read_document(fetched: Fetched) -> list[ReadArticle]:
    """The article of a page, a PDF or a text that was fetched; of a live blog those of its posts.

    Raises ReadError for what is no such document.
    """
    form, url = _form_of(fetched), canonical_url(fetched.final_url)
    if form == "lines":
        raise ReadError(url, "article lines, not one article")
    return apart(read_body, fetched.body, form, url, content_type=fetched.content_type)


def _form_of(fetched: Fetched) -> str:
    """What an answer is. Raises ReadError for what cannot be read."""
    url = canonical_url(fetched.final_url)
    kind = fetched.content_type.partition(";")[0].strip().lower()
    named = _form(url.partition("?")[0]) if kind in _VAGUE_TYPES else None
    form = named or _CONTENT_TYPES.get(kind) or _sniffed(fetched.body)
    if not fetched.body.strip():
        raise ReadError(url, "empty, nothing to read")
    if kind in _FEED_TYPES or _FEED.match(fetched.body[:_START_BYTES]):
        raise ReadError(url, "a feed; add it with `chancery sources add`")
    if form is None:
        raise ReadError(url, f"of a kind that cannot be read: {kind or 'not named'}")
    return form


def _lines(stream: IO[bytes], name: str) -> Iterator[Outcome]:
    outcome = None
    for outcome in read_lines(stream, name):
        if isinstance(outcome, ReadArticle):
            yield outcome
        else:
            yield Refused(outcome.resource, outcome.reason)
    if outcome is None:
        yield Refused(name, "holds no article lines")


def read_body(
    body: bytes, form: str, url: str, *, content_type: str | None = None
) -> list[ReadArticle]:
    """A document by what its bytes are, where they contradict its `form` (page, pdf, text …).

    A page of posts is an article each. Raises ReadError where it holds none.
    """
    if not body.strip():
        raise ReadError(url, "empty, nothing to read")
    is_bare = form == "page" and b"<" not in body and b"\x00" not in body[:_START_BYTES]
    form = _sniffed(body) or ("text" if is_bare else form)
    if form == "pdf":
        return [read_pdf(body, url)]
    if form == "page":
        return read_posts(body, url, content_type=content_type) or [
            read_page(body, url, content_type=content_type)
        ]
    charset = charset_of(content_type or "")
    return [read_plain(body, url, charset=charset, markdown=form == "markdown")]


def _sniffed(body: bytes) -> str | None:
    """What the first bytes say, whatever the name says; None where they say nothing."""
    start = body[:_START_BYTES]
    if start.lstrip().startswith(b"%PDF-"):
        return "pdf"
    return "page" if _HTML.match(start) else None


def _form(name: str) -> str | None:
    lower = name.lower()
    return next((form for form, (ends, _) in _FORMS.items() if lower.endswith(ends)), None)


def _reason(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file or folder"
        case PermissionError():
            return "may not be read: permission denied"
        case OSError(strerror=str(words)):
            return f"cannot be read: {words.lower()}"
        case _:
            return "is not a path"

"""PDF documents written by hand: lines of text at given places.

`pdf([[Text("Title", 72, 760, 20), Text("Words", 72, 700)], …])` is one inner list a page.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LINE = 14.0
WIDTH = 80  # letters that fill a line of 11-point Helvetica between 72 and about 500 points


@dataclass(frozen=True)
class Text:
    """One line: its words, its left edge and base line in points, its size, its quarter turns."""

    words: str
    x: float = 72
    y: float = 700
    size: float = 11
    turns: int = 0
    spacing: float = 0
    bold: bool = False


@dataclass(frozen=True)
class Rule:
    """A thin bar: its lower left corner and its extents, in points."""

    x: float
    y: float
    width: float = 0.5
    height: float = 0.5


def paragraph(lines: list[str], y: float, x: float = 72, size: float = 11) -> list[Text]:
    """Lines below one another, from base line `y` downwards."""
    return [Text(words, x, y - LINE * number, size) for number, words in enumerate(lines)]


def pdf(
    pages: Sequence[Sequence[Text | Rule]],
    info: dict[str, str] | None = None,
    *,
    locked: bool = False,
    packed: bytes | None = None,
    times: int = 1,
) -> bytes:
    """A PDF with these pages and this information dictionary; `locked` asks for a password.

    `packed` is the content of one more page, which is written compressed so many `times`.
    """
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT, _BOLD]
    kids = []
    for page in pages:
        content = b"\n".join(_show(text) for text in page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    if packed is not None:
        for _ in range(times):
            packed = zlib.compress(packed, 9)
        given = b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream"
        objects.append(given % (len(packed), b"/FlateDecode " * times, packed))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R >>"
            % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    entries = b" ".join(
        b"/%s (%s)" % (key.encode(), _escaped(value)) for key, value in (info or {}).items()
    )
    objects.append(b"<< %s >>" % entries)
    trailer = b"/Root 1 0 R /Info %d 0 R" % len(objects)
    if locked:
        digits = b"00" * 32
        trailer += (
            b" /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
            % (digits, digits)
        )
    return _file(objects, trailer)


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding"
_FONT += b" << /BaseEncoding /WinAnsiEncoding /Differences [1 /fi] >> >>"
_BOLD = _FONT.replace(b"Helvetica", b"Helvetica-Bold")
"""Their byte 1 is the ligature of f and i."""


def _show(text: Text | Rule) -> bytes:
    if isinstance(text, Rule):
        return b"%g %g %g %g re f" % (text.x, text.y, text.width, text.height)
    across, up = ((1, 0), (0, 1), (-1, 0), (0, -1))[text.turns % 4]
    return b"BT /F%d %g Tf %g Tc %g %g %g %g %g %g Tm (%s) Tj ET" % (
        1 + text.bold,
        text.size,
        text.spacing,
        across,
        up,
        -up,
        across,
        text.x,
        text.y,
        _escaped(text.words),
    )


def _escaped(words: str) -> bytes:
    encoded = words.encode("cp1252")
    for special in (b"\\", b"(", b")"):
        encoded = encoded.replace(special, b"\\" + special)
    return encoded


def _file(objects: list[bytes], trailer: bytes) -> bytes:
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    end = b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n"
    return body + head + end % (len(objects) + 1, trailer, len(body))

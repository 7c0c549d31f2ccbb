"""Turns of a transcript: "MR PRICE: …", a speaker until the next label.

A text is a transcript where a label carries a title ("SECRETARY BLINKEN") or stands for questions:
a dateline ("KABUL: …") and a heading are none. Whoever has no name (QUESTION, MODERATOR, SENIOR
OFFICIAL ONE) takes the turn and is no speaker; a label without a title must be a known person's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.quotations.speakers import is_whole, misspells_title
from corpus.text import tables
from corpus.text.names import HONORIFICS, ROLE_WORDS, Names
from corpus.text.words import bare_word

_CAPITALS = re.compile(r"\s*([A-Z][A-ZÀ-Þ.’'\- ]{0,58}[A-ZÀ-Þ.]|Q|A):(?=\s|$)")
_TITLED = re.compile(r"\s*((?:[A-Z][\w’'.-]+ ){1,6}[A-Z][\w’'-]+):\s")
_UNNAMED = tables.words("corpus.text", "names", "unnamed")
_TITLES = HONORIFICS | tables.words("corpus.text", "names", "labels of turns")
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]][\s.]*")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one paragraph adds to a speaker's turn: `text[start:end]`; no name, no speaker."""

    paragraph: int
    start: int
    end: int
    name: str | None
    role: str | None


def turns(paragraphs: Sequence[str], names: Names) -> dict[int, Turn]:
    """The turns of a transcript by paragraph (0-based); empty where the text is none."""
    labels = [_label(text) for text in paragraphs]
    if not _is_transcript([label[0] for label in labels if label]):
        return {}
    found: dict[int, Turn] = {}
    name: str | None = None
    role: str | None = None
    begun = False
    for index, (text, label) in enumerate(zip(paragraphs, labels, strict=True)):
        start = 0
        if label:
            begun = True
            name, role = _speaker(label[0], names)
            start = label[1]
        if begun:
            start += len(text[start:]) - len(text[start:].lstrip())
            end = len(text.rstrip())
            said = start < end and not _REMARK.fullmatch(text, start) and "# #" not in text
            found[index] = Turn(index, start, end, name if said else None, role)
    return found


def _label(text: str) -> tuple[str, int] | None:
    """The label of a paragraph and where its words end."""
    if match := _CAPITALS.match(text):
        return match.group(1), match.end()
    match = _TITLED.match(text)
    if match and bare_word(match.group(1).split()[0]) in _TITLES:
        return match.group(1), match.end()
    return None


def _is_transcript(labels: Sequence[str]) -> bool:
    firsts = [bare_word(label.split()[0]) for label in labels if label.isupper()]
    titled = [label for label in labels if bare_word(label.split()[0]) in _TITLES]
    return "question" in firsts or any(label.isupper() and " " in label for label in titled)


def _speaker(label: str, names: Names) -> tuple[str | None, str | None]:
    tokens = label.replace("/", " ").split()
    if bare_word(tokens[-1]) in _UNNAMED or bare_word(tokens[0]) in _UNNAMED:
        return None, None
    cut = 0
    for index, token in enumerate(tokens):
        if bare_word(token) in ROLE_WORDS or (index < len(tokens) - 1 and token == "OF"):
            cut = index + 1
    role, name = tokens[:cut], tokens[cut:]
    # "PRIME MININSTER NETANYAHU": half a title, and a name that begins with the other half.
    half = bool(role) and not is_whole(" ".join(role))
    if half and len(name) > 1 and misspells_title(name[0]):
        role, name = [], name[1:]
    elif half:
        role = []
    if not name:
        return None, None
    shown = " ".join(token.title() for token in role)
    if all(bare_word(token) in HONORIFICS for token in role):
        shown = ""
    written = " ".join(_title_case(token) if token.isupper() else token for token in name)
    if not cut and not names.is_person(written):
        return None, None
    return names.fullest(written), shown or None


def _title_case(token: str) -> str:
    plain = re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), token)
    return re.sub(r"\bMc([a-z])", lambda match: f"Mc{match.group(1).upper()}", plain)

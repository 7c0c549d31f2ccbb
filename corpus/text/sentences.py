"""Sentences of a paragraph, and what stands in quotation marks.

`split_sentences` gives verbatim slices: syntok finds the boundaries, and what it finds is mapped
back to offsets. A boundary inside quotation marks is kept out: a quotation stays whole with the
words that introduce it. `rough_sentences` is for counting and comparing, where the speed matters
and a wrong cut does not. Every other rule on where a sentence ends is made of the patterns here.

`quoted_parts` knows curly, straight, angular and low marks; a curly single mark counts where its
closing one follows punctuation, since alone it cannot be told from an apostrophe. Marks inside a
quotation belong to it. A quotation that opens anew in each paragraph and closes in the last gives
one part a paragraph. One pass over the marks: hostile runs of them cost no more than other text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.text import tables
from corpus.text.calendar import MONTHS, in_language
from corpus.text.words import TITLES

CLOSING = "”»」』"
# A longer quotation is a speech; it is split like any other text, so that one sentence of it
# can be cited.
LONGEST_WHOLE_QUOTATION = 500
_QUOTED = re.compile(r"“[^“”]*”|«[^«»]*»|„[^„“”]*[“”]|「[^「」]*」|『[^『』]*』|\"[^\"]*\"")
_SHORT = [*TITLES, *(name[:3].capitalize() for name in MONTHS if name != "may"), "Sept"]
_SHORT += ["No", "Nos", "vs", "Art", *tables.words("corpus.text", "words", "abbreviations")]
ABBREVIATED = re.compile(rf"(?:\b(?:{'|'.join(sorted(_SHORT))})|\b[A-ZА-Я])\.[\"”’)]*\s*\Z")
"""A text whose last full stop ends no sentence, for all that one can tell."""
NO_TITLE_BEFORE = "".join(rf"(?<!\b{title})" for title in sorted((*TITLES, "Jr", "Sr")))
"""Before a full stop, in a pattern."""
SENTENCE_END = r"[.!?…:;。！？।؟][\"'”’»)\]]*"
"""What a line ends with that ends its sentence, in a pattern."""
BREAK_AFTER_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])\s*\n\s*|(?<=[.!?…][\"”’»)])\s*\n\s*")
"""A line break that parts paragraphs, in text that has no other mark of them."""
_LOOK_BEHIND = 60
# Chinese and Japanese leave no space after a sentence, and syntok knows no Arabic marks.
_ENDS_ELSEWHERE = re.compile(
    r"(?:[。！？｡]|……)[”’」』）》\"]*\s*(?=[^”’」』）》。！？…\s])|[؟۔][»”\")]*\s+(?=\S)"
)
_ORDINAL = re.compile(r"\b\d{1,2}\.\s*\Z")
_ROUGH_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")
_ROUGH_END_BEFORE_CAPITAL = re.compile(
    r"(?<=[.!?…؟۔])[»”\"’)\]]*\s+(?=[“«\"(\[¿¡]?[A-ZÀ-Þ0-9А-Я\u0620-\u064a])|(?<=[。！？])"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A slice of a paragraph: `text == paragraph[start:end]`."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def split_sentences(paragraph: str) -> tuple[Sentence, ...]:
    """The sentences of a paragraph in order; together they cover all but white space."""
    if not paragraph.strip():
        return ()
    quoted = [
        (start, end)
        for start, end in quoted_spans(paragraph)
        if end - start <= LONGEST_WHOLE_QUOTATION
    ]
    merged: list[tuple[int, int]] = []
    for start, end in _boundaries(paragraph):
        if merged and _belongs_together(paragraph, merged[-1], start, quoted):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(Sentence(paragraph[start:end], start, end) for start, end in merged)


def _boundaries(paragraph: str) -> list[tuple[int, int]]:
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    tokens = Tokenizer(replace_not_contraction=False).tokenize(paragraph)
    starts = [sentence[0].offset for sentence in segmenter.split(tokens) if sentence]
    starts = sorted({*starts, *(match.end() for match in _ENDS_ELSEWHERE.finditer(paragraph))})
    # A sentence runs to where the next begins, and the first from the first character on: the
    # tokenizer may drop characters that it does not know, and nothing of a paragraph may be
    # lost.
    starts[:1] = [len(paragraph) - len(paragraph.lstrip())]
    return [
        (begin, begin + len(paragraph[begin:stop].rstrip()))
        for begin, stop in zip(starts, [*starts[1:], len(paragraph)], strict=True)
    ]


def _belongs_together(
    paragraph: str, previous: tuple[int, int], start: int, quoted: list[tuple[int, int]]
) -> bool:
    following = paragraph[start : start + 1]
    if following.islower() or following in CLOSING or following in ",;:)":
        return True
    latest = bisect_left(quoted, (start, 0)) - 1
    if latest >= 0 and start < quoted[latest][1]:
        return True
    before = paragraph[max(previous[0], previous[1] - _LOOK_BEHIND) : previous[1]]
    if _ORDINAL.search(before) and _begins_with_german_month(
        paragraph[start : start + _LOOK_BEHIND]
    ):
        return True
    return before.endswith((";", ":", ",", "–", "—")) or bool(ABBREVIATED.search(before))


def _begins_with_german_month(text: str) -> bool:
    """Whether a text goes on from "am 4." with a month, the one noun that may follow it there."""
    german, word = in_language("de"), re.match(r"[^\W\d_]+", text)
    return german is not None and word is not None and word[0].casefold() in german.months


def rough_sentences(text: str, *, before_capitals: bool = True) -> list[str]:
    """A text cut where sentences end, abbreviations included.

    Without `before_capitals` before small letters too, as the stored sketches of articles were
    cut (`corpus.text.differences`).
    """
    return (_ROUGH_END_BEFORE_CAPITAL if before_capitals else _ROUGH_END).split(text)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Offsets of what stands in closed quotation marks, marks included."""
    return [match.span() for match in _QUOTED.finditer(text)]


MASK = "\ufffc"
_MARK = re.compile('[“”„«»"‘’「」]')
_CLOSED_BY = {"“": '”“"', "„": "“”", "«": "»", '"': '"”', "‘": "’", "「": "」"}
_BEFORE_CLOSING_SINGLE = frozenset(".,!?…")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words between marks, `text[start:end]`, and with their marks, `text[left:right]`.

    `unclosed`: it goes on in the next paragraph. `continues`: it began in the one before.
    A comma that only joins it to its sentence is outside `start` and `end`.
    """

    start: int
    end: int
    left: int
    right: int
    unclosed: bool = False
    continues: bool = False


def quoted_parts(paragraphs: Sequence[str]) -> list[list[Quoted]]:
    """The quoted parts of each paragraph in order; they never overlap."""
    found: list[list[Quoted]] = []
    continues = False
    for index, text in enumerate(paragraphs):
        following = paragraphs[index + 1] if index + 1 < len(paragraphs) else ""
        parts = _parts(text, following.lstrip()[:1])
        if continues and parts and not text[: parts[0].left].strip():
            first = parts[0]
            parts[0] = Quoted(first.start, first.end, first.left, first.right, first.unclosed, True)
        found.append(parts)
        continues = bool(parts) and parts[-1].unclosed
    return found


def masked(text: str, parts: Sequence[Quoted]) -> str:
    """The text at the same offsets with uniform marks and nothing readable between them."""
    pieces: list[str] = []
    position = 0
    for part in parts:
        closing = "" if part.unclosed else "”"
        inside = part.right - part.left - 1 - len(closing)
        pieces += (text[position : part.left], "“", MASK * inside, closing)
        position = part.right
    pieces.append(text[position:])
    return "".join(pieces)


def _parts(text: str, next_opens_with: str) -> list[Quoted]:
    parts: list[Quoted] = []
    opened: tuple[int, str] | None = None
    inner = 0
    last_closing = -1
    for match in _MARK.finditer(text):
        mark, at = match.group(), match.start()
        if opened is None:
            if _can_open(text, at, mark):
                opened, inner, last_closing = (at, mark), 0, -1
        elif mark in _CLOSED_BY[opened[1]] and _can_close(text, at, mark):
            last_closing = at
            if inner:
                inner -= 1
            else:
                _add(parts, text, opened[0], at)
                opened = None
        elif mark == opened[1] and mark != "‘" and _can_open(text, at, mark):
            inner += 1
    if opened is not None:
        left, mark = opened
        if last_closing > left:
            _add(parts, text, left, last_closing)
        elif mark != "‘" and next_opens_with == mark:
            _add(parts, text, left, len(text), unclosed=True)
    return parts


def _add(
    parts: list[Quoted], text: str, left: int, closing: int, *, unclosed: bool = False
) -> None:
    words = text[left + 1 : closing]
    start = left + 1 + len(words) - len(words.lstrip())
    end = left + 1 + len(words.rstrip().rstrip(",").rstrip())
    if start < end:
        parts.append(Quoted(start, end, left, closing + (not unclosed), unclosed))


def _can_open(text: str, at: int, mark: str) -> bool:
    if mark not in _CLOSED_BY:
        return False
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not after or (after.isspace() and mark != "«"):
        return False
    return (
        mark in "„«「"
        or not before
        # of a script that sets no space before a quotation
        or "\u3001" <= before <= "\u9fff"
        or before in "：，。！？"
        or not (before.isalnum() or before in ".,!?%")
    )


def _can_close(text: str, at: int, mark: str) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if mark == "’":
        return before in _BEFORE_CLOSING_SINGLE and not after.isalnum()
    if mark in "”»」":
        return True
    return not before.isspace() and not (after.isalnum() and before not in ".,!?")

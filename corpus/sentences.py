"""Sentences of a paragraph, as verbatim slices of it.

syntok finds the boundaries; what it finds is mapped back to offsets, so that a sentence is
always a piece of the paragraph to the letter. A boundary inside quotation marks is kept out:
a quotation stays whole with the words that introduce it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

CLOSING = "”»"
# A longer quotation is a speech; it is split like any other text, so that one sentence of it
# can be cited.
LONGEST_WHOLE_QUOTATION = 500
_QUOTED = re.compile(r"“[^“”]*”|«[^«»]*»|„[^„“”]*[“”]|\"[^\"]*\"")
_DOUBTFUL_END = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Capt|Sen|Rep|Gov|Prof|St|Amb|Hon|Rev|No|Nos|vs|Art"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.|\b[A-Z]\.)[\"”’)]*$"
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
    if any(begin < start < end for begin, end in quoted):
        return True
    before = paragraph[previous[0] : previous[1]]
    return before.endswith((";", ":", ",", "–", "—")) or bool(_DOUBTFUL_END.search(before))


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Offsets of what stands in closed quotation marks, marks included."""
    return [match.span() for match in _QUOTED.finditer(text)]

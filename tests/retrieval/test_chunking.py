"""Chunking: what fits stays whole; overlapping windows cover what does not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoders.encoder import Offsets
from retrieval.encoders.encoder import overlapping as windows

TEXTS = st.lists(st.text(alphabet="aé大 한.\n", max_size=80), max_size=4)


def by_words(texts: Sequence[str]) -> list[Offsets]:
    return [[match.span() for match in re.finditer(r"\w+", text)] for text in texts]


def test_a_text_that_fits_is_one_window() -> None:
    assert windows(["The envoy left.", ""], 3, by_words) == [["The envoy left."], [""]]


def test_a_short_text_is_not_even_tokenised() -> None:
    def never(texts: Sequence[str]) -> list[Offsets]:
        raise AssertionError(texts)

    assert windows(["short"], 5, never) == [["short"]]


def test_windows_overlap_by_a_quarter_and_keep_what_stands_between_the_words() -> None:
    text = " one two, three four; five six. "
    assert windows([text], 4, by_words) == [[" one two, three four", "four; five six. "]]


def test_each_text_has_its_own_windows_in_the_order_given() -> None:
    found = windows(["a b c d e f", "x", "g h i j k l"], 4, by_words)
    assert found == [["a b c d", "d e f"], ["x"], ["g h i j", "j k l"]]


@given(TEXTS, st.integers(2, 9))
def test_windows_cover_any_text_and_none_is_longer_than_the_window(
    texts: list[str], window: int
) -> None:
    for text, pieces in zip(texts, windows(texts, window, by_words), strict=True):
        covered = 0
        for piece in pieces:
            assert len(by_words([piece])[0]) <= window
            start = text.rfind(piece, 0, covered + len(piece))
            assert start >= 0
            covered = max(covered, start + len(piece))
        assert covered == len(text)

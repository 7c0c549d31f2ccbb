"""How far a text carries a sentence, told from their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.words import stem
from retrieval.grounding.support import Carried, Support, carried_by, support_of

TEXT = (
    "Ghassan Salamé said on Thursday that 47 people had been killed in the fighting around Tripoli."
)


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        (TEXT, Support.SUPPORTED),
        ("Salamé said that 47 people had been killed around Tripoli.", Support.SUPPORTED),
        (
            "Salamé said 47 people were killed when militias shelled a school in Tripoli.",
            Support.PARTLY,
        ),
        ("Wheat imports from Romania doubled after harvests failed in Egypt.", Support.NOT),
    ],
)
def test_the_more_of_a_sentence_stands_there_the_further_it_is_carried(
    sentence: str, support: Support
) -> None:
    assert support_of(sentence, TEXT) is support


def test_shares_are_of_content_words_names_and_numbers() -> None:
    carried = carried_by("It was Salamé who told Haftar that 47 or 50 people died.", TEXT)
    assert carried.words == pytest.approx(3 / 6)
    assert carried.names_missing == pytest.approx(1 / 2)
    assert carried.numbers_missing == pytest.approx(1 / 2)


def test_what_is_excused_need_not_stand_there() -> None:
    sentence = "Haftar said that 50 people had been killed around Tripoli."
    assert support_of(sentence, TEXT, frozenset({"haftar", "50"})) is Support.SUPPORTED
    assert support_of(sentence, TEXT) is not Support.SUPPORTED


@pytest.mark.parametrize(
    ("word", "root"), [("condemned", "condemn"), ("condemns", "condemn"), ("red", "red")]
)
def test_forms_of_a_word_have_one_stem(word: str, root: str) -> None:
    assert stem(word) == root


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_pair_of_texts_has_shares_between_nothing_and_all(sentence: str, text: str) -> None:
    carried: Carried = carried_by(sentence, text)
    for share in (carried.words, carried.names_missing, carried.numbers_missing):
        assert 0.0 <= share <= 1.0
    assert carried.length >= 0.0

"""No text makes any function work for longer than n·log n of its length.

Every function of the packages that takes a text is given texts of one thing repeated, and is
measured in processor time, so that a busy machine makes no difference. What takes next to no time
is passed over; what grows too fast is measured again before it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from corpus.text.differences import are_copies, paragraph_changes, word_changes
from retrieval.questions.understand import understand
from tests.hostile import SEEDS, TextFunction, hostile_text, seconds, text_functions

LENGTH = 8_000
SHORTER = LENGTH // 4
FAST_ENOUGH = 0.3
"""Seconds; most functions take thousandths."""
MOST = 4.0
# Four times the length: 4 where it is linear, 4.8 for n·log n, 16 for the square.
GROWTH = 8.0
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def grows_too_fast(one: TextFunction, seed: str) -> bool:
    for _ in range(2):
        long = seconds(one, hostile_text(seed, LENGTH), MOST)
        if long < FAST_ENOUGH:
            return False
        short = seconds(one, hostile_text(seed, SHORTER), MOST)
        if long < GROWTH * short and long < MOST:
            return False
    return True


FUNCTIONS = list(text_functions())


def test_functions_are_found() -> None:
    names = {one.name for one in FUNCTIONS}
    assert {
        "corpus.text.names.defined_acronyms",
        "corpus.text.words.acronyms",
        "corpus.readers.html.html_paragraphs",
        "retrieval.grounding.check.normalise",
        "retrieval.grounding.contradiction.clauses_of",
        "retrieval.questions.understand.kind_of_question",
    } <= names


@pytest.mark.slow
@pytest.mark.parametrize("one", FUNCTIONS, ids=lambda one: one.name)
def test_a_function_of_one_text(one: TextFunction) -> None:
    seconds(one, "They met in Ghadamis on Thursday.", MOST)  # what is loaded once
    assert [seed for seed in SEEDS if grows_too_fast(one, seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "function",
    [
        lambda text: word_changes(text, f"b {text}"),
        lambda text: paragraph_changes(text.split(), ["b", *text.split()]),
        lambda text: are_copies(text.split(". "), f"b {text}".split(". ")),
        lambda text: understand(text, NOW),
    ],
    ids=["word changes", "paragraph changes", "copies", "a question"],
)
def test_a_function_of_more_than_one(function: Callable[[str], object]) -> None:
    one = TextFunction("", function, takes_several=False)
    seconds(one, "They met in Ghadamis on Thursday.", MOST)
    assert [seed for seed in SEEDS if grows_too_fast(one, seed)] == []

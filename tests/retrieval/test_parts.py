"""Questions of several parts: what is taken apart, what stays whole, and how orders are merged."""

from __future__ import annotations

import pytest

from retrieval.questions.understand import in_turns, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Did the LNA take Gharyan in April, while the Tripoli government declared an alert?",
            ("Did the LNA take Gharyan in April", "the Tripoli government declared an alert?"),
        ),
        (
            "Who met Faki in Tripoli on Monday and which envoy left Benghazi on Tuesday?",
            ("Who met Faki in Tripoli on Monday", "which envoy left Benghazi on Tuesday?"),
        ),
        (
            "How did prices of bread change in Khartoum compared to prices of fuel in Port Sudan?",
            ("How did prices of bread change in Khartoum", "prices of fuel in Port Sudan?"),
        ),
    ],
)
def test_a_question_is_taken_apart_where_its_claims_join(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "What did Guterres say about Haftar's advance?",
        "Who met Haftar and Serraj?",
        "Which towns, roads and airports were taken?",
        "Fighting went on in the south, and the road was closed. Who is in control there now?",
        "",
    ],
)
def test_what_asks_one_thing_stays_whole(text: str) -> None:
    assert parts_of(text) == ()


def test_each_order_gives_its_best_that_is_left_in_turn() -> None:
    assert in_turns([["a", "b", "c"], ["a", "d"], ["e"]], 10) == ["a", "d", "e", "b", "c"]
    assert in_turns([["a", "b"], ["c"]], 2) == ["a", "c"]
    assert in_turns([], 3) == []

"""Which questions are several in one, and which only look so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retrieval.questions.understand import MOST_SUBQUESTIONS as MOST_PARTS
from retrieval.questions.understand import Asked, Narrowing, subquestions, understand

NOW = datetime(2019, 4, 6, tzinfo=UTC)


def parts(text: str) -> list[str]:
    return [part.text for part in subquestions(understand(text, NOW))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Who visited Libya for the African Union, and how many people were killed at Gharyan?",
            ["Who visited Libya for the African Union?", "How many people were killed at Gharyan?"],
        ),
        (
            "When was the alert declared and where did clashes happen?",
            ["When was the alert declared?", "Where did clashes happen?"],
        ),
        (
            "Who visited Tripoli? What did Serraj say?",
            ["Who visited Tripoli?", "What did Serraj say?"],
        ),
        (
            "What did Guterres and Haftar say about the talks?",
            ["What did Guterres say about the talks?", "What did Haftar say about the talks?"],
        ),
        (
            "Compare the positions of Egypt and Turkey on Libya",
            ["What did Egypt say about Libya?", "What did Turkey say about Libya?"],
        ),
        (
            "How do the United States and Russia differ on New START?",
            [
                "What did the United States say about New START?",
                "What did Russia say about New START?",
            ],
        ),
        (
            "US arms for Ukraine: february vs april 2022",
            ["US arms for Ukraine, february 2022", "US arms for Ukraine, april 2022"],
        ),
        (
            "compare Corbyn and May on the customs union",
            [
                "What did Corbyn say about the customs union?",
                "What did May say about the customs union?",
            ],
        ),
        (
            "the march: what the organisers say vs police numbers",
            [
                "What did the organisers say about the march?",
                "What did police say about the march?",
            ],
        ),
        (
            "Egypt vs Turkey on Libya, any difference?",
            ["What did Egypt say about Libya?", "What did Turkey say about Libya?"],
        ),
        (
            "oil cap: how do Egypt and Turkey differ?",
            ["What did Egypt say about oil cap?", "What did Turkey say about oil cap?"],
        ),
        (
            "Libya: what's the difference between what Egypt and Turkey say?",
            ["What did Egypt say about Libya?", "What did Turkey say about Libya?"],
        ),
        (
            "compare how the US and the EU see Venezuela",
            ["What did the US say about Venezuela?", "What did the EU say about Venezuela?"],
        ),
    ],
)
def test_what_is_asked_in_one_breath_is_parted(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Who led the party and was elected in 2004?",
        "Who is the minister who resigned and who later joined the army?",
        "Who visited Tripoli and when did he leave?",
        "What did Guterres say about Libya and Sudan?",
        "Who spoke of peace and security in Trinidad and Tobago?",
        "When Japanese companies introduced compact trucks, what policy ended?",
        "What happened on 4 April 2019?",
        "",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert parts(text) == [understand(text, NOW).text]


def test_a_part_is_narrowed_as_the_whole_is() -> None:
    given = Narrowing(since=datetime(2019, 4, 1, tzinfo=UTC), places=("LY",))
    whole = understand("Who spoke in Tripoli and how many fell at Gharyan?", NOW, given)
    who, how_many = subquestions(whole)
    assert who.narrow == how_many.narrow == whole.narrow
    assert (who.asked, how_many.asked) == (Asked.PERSON, Asked.NUMBER)


def test_a_list_of_questions_is_no_question() -> None:
    text = " ".join(f"Who won in Town{number}?" for number in range(MOST_PARTS + 1))
    assert parts(text) == [text]

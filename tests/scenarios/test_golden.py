"""What people see, to the letter: golden files that `pytest --update-golden` writes anew.

A scripted answerer writes the answers, so that a better choice of sentences changes no file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from retrieval.errors import AnswererError
from tests.fakes.answerers import (
    ChosenAnswerer,
    FailingAnswerer,
    ScriptedAnswerer,
    WrittenSentence,
)
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, UNANSWERABLE, is_answer

pytestmark = pytest.mark.usefixtures("service")

QUESTION = "Who signed the Ormsund fisheries protocol on 4 April 2019?"
SCRIPT = ScriptedAnswerer(
    (
        WrittenSentence(
            "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019.",
            "/ormsund",
            2,
        ),
        WrittenSentence("“Both coasts may fish again,” Solvang said.", "/ormsund", 2),
        WrittenSentence("The protocol allows 120 vessels to fish.", "/ormsund", 3),
        WrittenSentence("The protocol allows 300 vessels to fish.", "/ormsund", 3),
    )
)

Golden = Callable[[str, Any], None]


def asked(slack: LocalSlack, question: str) -> dict[str, Any]:
    written = slack.mention(CHANNEL, DESK, question)
    return slack.wait_for_reply(CHANNEL, written.ts, PATIENCE)


def test_an_answer_in_a_channel(
    slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
) -> None:
    with answerer.replaced_by(SCRIPT):
        reply = asked(slack, QUESTION)
    assert is_answer(reply)
    golden("answer", reply)


def test_a_refusal(slack: LocalSlack, golden: Golden) -> None:
    golden("refusal", asked(slack, UNANSWERABLE))


def test_an_answer_that_a_model_failed_to_write(
    slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
) -> None:
    silent = FailingAnswerer(AnswererError, "The model failing:model did not answer in time.")
    with answerer.replaced_by(silent):
        reply = asked(slack, QUESTION)
    assert is_answer(reply)
    golden("answer_with_notice", reply)


def test_a_long_answer_in_several_messages(
    slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
) -> None:
    signed, fish, vessels = SCRIPT.sentences[:3]
    many = ScriptedAnswerer((signed, fish, vessels) * 45)
    with answerer.replaced_by(many):
        written = slack.mention(CHANNEL, DESK, QUESTION)
        last = slack.wait_for_reply(
            CHANNEL, written.ts, PATIENCE, lambda held: "Show paragraphs" in str(held["blocks"])
        )
    messages = slack.replies(CHANNEL, str(written.ts))
    assert len(messages) > 1
    assert messages[-1]["ts"] == last["ts"]
    assert [is_answer(message) for message in messages] == [True] * len(messages)
    golden("answer_in_parts", messages)

"""When something fails the asker is told, and nobody's words are logged."""

from __future__ import annotations

import logging

import pytest

from retrieval.errors import AnswererError
from tests.fakes import block_kit
from tests.fakes.answerers import ChosenAnswerer, FailingAnswerer
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import (
    CHANNEL,
    DESK,
    PATIENCE,
    QUESTION,
    answers,
    direct_answers,
    is_answer,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

BROKEN = FailingAnswerer(RuntimeError, "cannot answer {question}")
UNAVAILABLE = FailingAnswerer(AnswererError, "The model failing:model did not answer in time.")


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "chancery")


class TestUnexpectedFailure:
    def test_in_a_channel_is_told_to_the_asker_alone_with_a_reference(
        self, slack: LocalSlack, answerer: ChosenAnswerer, caplog: pytest.LogCaptureFixture
    ) -> None:
        with answerer.replaced_by(BROKEN):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            told = slack.wait_for(
                lambda: [e for e in slack.ephemerals if e.get("thread_ts") == asked.ts], PATIENCE
            )[0]
        assert told["shown_to"] == DESK
        reference = told["text"].partition("(reference ")[2].partition(")")[0]
        assert len(reference) == 8
        assert reference in caplog.text
        assert answers(slack, asked) == []

    def test_in_a_direct_message_is_told_there(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(BROKEN):
            asked = slack.direct_message(DESK, QUESTION)
            told = slack.wait_for(lambda: direct_answers(slack, DESK, asked.ts), PATIENCE)[0]
        assert "I could not answer this (reference " in told["text"]

    def test_clears_the_status(self, slack: LocalSlack, answerer: ChosenAnswerer) -> None:
        with answerer.replaced_by(BROKEN):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for(lambda: ended_status(slack, asked.ts), PATIENCE)
        assert slack.status(CHANNEL, str(asked.ts)) == ""

    def test_leaves_neither_question_nor_asker_in_the_logs(
        self, slack: LocalSlack, answerer: ChosenAnswerer, caplog: pytest.LogCaptureFixture
    ) -> None:
        with answerer.replaced_by(BROKEN):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for(
                lambda: [e for e in slack.ephemerals if e.get("thread_ts") == asked.ts], PATIENCE
            )
        assert "RuntimeError" in caplog.text
        for word in ("Guterres", "military", "Libya", DESK):
            assert word not in caplog.text

    def test_does_not_keep_the_next_question_from_being_answered(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(BROKEN):
            failed = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for(lambda: ended_status(slack, failed.ts), PATIENCE)
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))

    def test_of_slack_itself_is_told_as_soon_as_slack_listens(self, slack: LocalSlack) -> None:
        slack.fail_next("chat.postMessage", error="msg_blocks_too_long")
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        told = slack.wait_for(
            lambda: [e for e in slack.ephemerals if e.get("thread_ts") == asked.ts], PATIENCE
        )[0]
        assert "(reference " in told["text"]


class TestModelFailure:
    def test_gives_the_extractive_answer_and_says_so(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(UNAVAILABLE):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        shown = text_of(reply["blocks"])
        assert shown.startswith("The model failing:model did not answer in time.")
        assert "made of the sources' own sentences instead" in shown
        assert " · extractive" in shown
        assert is_answer(reply)
        assert block_kit.problems(reply["blocks"], reply["text"]) == []
        assert "did not answer in time" not in reply["text"]


def test_an_answer_leaves_neither_question_nor_answer_in_the_logs(
    slack: LocalSlack, caplog: pytest.LogCaptureFixture
) -> None:
    asked = slack.mention(CHANNEL, DESK, QUESTION)
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    slack.redeliver(str(asked.event_id))
    settle(slack)
    assert "delivered again" in caplog.text
    for word in ("Guterres", "military", "Libya", "intra-Libyan"):
        assert word not in caplog.text


def ended_status(slack: LocalSlack, ts: str | None) -> bool:
    return [held.status for held in slack.statuses if held.thread_ts == ts][-1:] == [""]

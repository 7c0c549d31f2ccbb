"""*Helpful* and *Not helpful* under what was posted: kept, thanked for, changed, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.db.turns import Feedback
from bot.handlers.feedback import GONE, NOTED, REASON_KEPT, THANKS
from bot.library import open_corpus
from bot.render.blocks import FEEDBACK, NOT_HELPFUL
from bot.settings import Settings
from corpus.store.articles import ArticleStore
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    GUEST,
    PATIENCE,
    QUESTION,
    UNANSWERABLE,
    elements,
    new_modal,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

Message = dict[str, Any]


@pytest.fixture
def feedback(socket_settings: Settings) -> Iterator[Feedback]:
    store: ArticleStore = open_corpus(socket_settings)
    yield Feedback(store.engine)
    store.close()


@pytest.fixture
def answer(slack: LocalSlack) -> Message:
    """An answer in the channel, to the desk."""
    return replied(slack, QUESTION)


def replied(slack: LocalSlack, question: str) -> Message:
    asked = slack.mention(CHANNEL, DESK, question)
    return slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def buttons(message: Message) -> dict[str, Any]:
    (found,) = elements(message["blocks"], "feedback_buttons")
    return found


def turn_of(message: Message) -> str:
    return str(buttons(message)["positive_button"]["value"].partition(":")[2])


def judged(slack: LocalSlack, user: str, message: Message, half: str) -> None:
    slack.click(user, message, FEEDBACK, buttons(message)[f"{half}_button"]["value"])


def told(slack: LocalSlack, user: str, count: int) -> list[Message]:
    """What one person alone was told, once there are so many more messages of the kind."""
    return slack.wait_for(
        lambda: (held := [e for e in slack.ephemerals if e["shown_to"] == user])[count:] and held,
        PATIENCE,
    )[count:]


def known(slack: LocalSlack, user: str) -> int:
    return len([e for e in slack.ephemerals if e["shown_to"] == user])


def modals(slack: LocalSlack) -> set[str]:
    return {name for name, view in slack.views.items() if view["type"] == "modal"}


def reason_modal(slack: LocalSlack, user: str, message: Message) -> Message:
    """The modal behind *Not helpful*."""
    before = set(slack.views)
    judged(slack, user, message, "negative")
    return new_modal(slack, before)


class TestHelpful:
    def test_is_kept_and_quietly_thanked_for_in_the_thread(
        self, slack: LocalSlack, feedback: Feedback, answer: Message
    ) -> None:
        before = known(slack, COLLEAGUE)
        judged(slack, COLLEAGUE, answer, "positive")
        (thanks,) = told(slack, COLLEAGUE, before)
        assert (thanks["text"], thanks["thread_ts"]) == (THANKS, answer["thread_ts"])
        assert feedback.verdict(turn_of(answer), COLLEAGUE) == (True, None)
        assert len(slack.replies(CHANNEL, answer["thread_ts"])) == 1

    def test_can_be_said_of_a_refusal_too(self, slack: LocalSlack, feedback: Feedback) -> None:
        refusal = replied(slack, UNANSWERABLE)
        before = known(slack, DESK)
        judged(slack, DESK, refusal, "positive")
        told(slack, DESK, before)
        assert feedback.verdict(turn_of(refusal), DESK) == (True, None)

    def test_can_be_said_of_a_summary_in_a_direct_message(
        self, slack: LocalSlack, feedback: Feedback
    ) -> None:
        asked = slack.direct_message(DESK, "summary of Libya this week")
        summary = slack.wait_for_reply(str(asked.channel), asked.ts, PATIENCE)
        before = known(slack, DESK)
        judged(slack, DESK, summary, "positive")
        (thanks,) = told(slack, DESK, before)
        assert thanks["channel"] == slack.direct_channel(DESK)
        assert feedback.verdict(turn_of(summary), DESK) == (True, None)


class TestNotHelpful:
    def test_asks_why_and_keeps_the_reason(
        self,
        slack: LocalSlack,
        feedback: Feedback,
        answer: Message,
        golden: Callable[[str, Any], None],
    ) -> None:
        before = known(slack, DESK)
        view = reason_modal(slack, DESK, answer)
        golden("feedback_reason", {**view, "private_metadata": ""})
        sent = {"choice": "source", "words": "the link is <!channel> dead"}
        slack.submit_view(DESK, view["id"], sent)
        assert told(slack, DESK, before)[0]["text"] == REASON_KEPT
        kept = feedback.verdict(turn_of(answer), DESK)
        assert kept == (False, "A source is bad: the link is <!channel> dead")
        slack.wait_for(lambda: view["id"] not in slack.views, PATIENCE)

    def test_without_a_reason_is_kept_as_well(
        self, slack: LocalSlack, feedback: Feedback, answer: Message
    ) -> None:
        before = known(slack, DESK)
        slack.submit_view(DESK, reason_modal(slack, DESK, answer)["id"], {})
        assert told(slack, DESK, before)[0]["text"] == NOTED
        assert feedback.verdict(turn_of(answer), DESK) == (False, None)

    def test_is_kept_when_the_modal_is_closed(
        self, slack: LocalSlack, feedback: Feedback, answer: Message
    ) -> None:
        before = known(slack, DESK)
        slack.close_view(DESK, reason_modal(slack, DESK, answer)["id"])
        assert [one["text"] for one in told(slack, DESK, before)] == [NOTED]
        assert feedback.verdict(turn_of(answer), DESK) == (False, None)

    def test_is_kept_when_slack_opens_no_modal(
        self, slack: LocalSlack, feedback: Feedback, answer: Message
    ) -> None:
        before = known(slack, DESK)
        slack.fail_next("views.open", error="expired_trigger_id")
        judged(slack, DESK, answer, "negative")
        assert told(slack, DESK, before)[0]["text"] == NOTED
        assert feedback.verdict(turn_of(answer), DESK) == (False, None)

    def test_leaves_its_words_out_of_the_logs(
        self, slack: LocalSlack, answer: Message, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="chancery")
        before = known(slack, DESK)
        view = reason_modal(slack, DESK, answer)
        slack.submit_view(DESK, view["id"], {"words": "Zanzibar is misspelt"})
        told(slack, DESK, before)
        assert "Zanzibar" not in caplog.text
        assert DESK not in caplog.text


def test_a_later_click_changes_the_verdict(
    slack: LocalSlack, feedback: Feedback, answer: Message
) -> None:
    before = known(slack, DESK)
    judged(slack, DESK, answer, "positive")
    told(slack, DESK, before)
    slack.close_view(DESK, reason_modal(slack, DESK, answer)["id"])
    told(slack, DESK, before + 1)
    assert feedback.verdict(turn_of(answer), DESK) == (False, None)
    judged(slack, DESK, answer, "positive")
    told(slack, DESK, before + 2)
    assert feedback.verdict(turn_of(answer), DESK) == (True, None)


@pytest.mark.parametrize("half", ["positive", "negative"])
def test_on_an_answer_that_is_gone_says_so(slack: LocalSlack, answer: Message, half: str) -> None:
    found = buttons(answer)
    for one in ("positive", "negative"):
        verdict = found[f"{one}_button"]["value"].partition(":")[0]
        found[f"{one}_button"]["value"] = f"{verdict}:{'0' * 32}"
    before, views = known(slack, DESK), modals(slack)
    judged(slack, DESK, answer, half)
    assert told(slack, DESK, before)[0]["text"] == GONE
    assert modals(slack) == views


def test_whoever_may_not_use_the_bot_may_not_judge_it(
    slack: LocalSlack, feedback: Feedback, answer: Message
) -> None:
    before, counted = known(slack, GUEST), feedback.counts()
    judged(slack, GUEST, answer, "positive")
    (refused,) = told(slack, GUEST, before)
    assert "I answer only people of the workspace" in text_of(refused["blocks"])
    assert feedback.counts() == counted


def test_the_row_says_in_words_what_the_thumbs_mean(answer: Message) -> None:
    row = buttons(answer)
    assert row["negative_button"]["value"].startswith(f"{NOT_HELPFUL}:")
    for half in ("positive", "negative"):
        assert row[f"{half}_button"]["text"]["text"]
        assert "helpful" in row[f"{half}_button"]["accessibility_label"]
    assert answer["blocks"][-1]["type"] == "context_actions"

"""Questions in channels and direct messages, and what is not a question to us."""

from __future__ import annotations

import pytest

from bot.chat.queue import STATUS
from bot.service import Service
from tests.fakes import block_kit
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    GUEST,
    PATIENCE,
    QUESTION,
    UNANSWERABLE,
    answers,
    direct_answers,
    elements,
    is_answer,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

NO_MILITARY_SOLUTION = "https://sample-un-desk.example/2019/04/04/guterres-no-military-solution"


class TestMention:
    def test_is_answered_in_its_thread_with_linked_marks_and_a_line_a_citation(
        self, slack: LocalSlack
    ) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)

        assert reply["thread_ts"] == asked.ts
        marks = [link for link in elements(reply["blocks"], "link") if link["text"][0] == "["]
        cited = [link for link in marks if link["url"].startswith(NO_MILITARY_SOLUTION)]
        assert cited
        assert "#:~:text=" in cited[0]["url"]
        shown = text_of(reply["blocks"])
        assert "There is no military solution" in shown
        assert "Sample UN Desk · official · 4 Apr 2019 · ¶" in shown
        numbers = {link["text"] for link in marks}
        assert numbers == {f"[{number}]" for number in range(1, len(numbers) + 1)}
        assert all(sum(link["text"] == number for link in marks) >= 2 for number in numbers)

    def test_notifies_with_the_first_sentence_of_the_answer(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert reply["text"]
        assert reply["text"].rstrip("…")[:60] in text_of(reply["blocks"])

    def test_fits_slacks_limits_and_mentions_nobody(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert block_kit.problems(reply["blocks"], reply["text"]) == []

    def test_in_a_thread_is_answered_in_that_thread(self, slack: LocalSlack) -> None:
        opened = slack.message(CHANNEL, DESK, "Morning meeting.")
        slack.mention(CHANNEL, COLLEAGUE, QUESTION, thread_ts=opened.ts)
        reply = slack.wait_for_reply(CHANNEL, opened.ts, PATIENCE)
        assert is_answer(reply)

    def test_shows_a_status_before_its_answer_and_clears_it(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        slack.wait_for(lambda: not slack.status(CHANNEL, str(asked.ts)))
        shown, *_, posted = [
            call
            for call in slack.calls()
            if call.arguments.get("thread_ts") == asked.ts
            and call.method in ("assistant.threads.setStatus", "chat.postMessage")
            and call.arguments.get("status") != ""
        ]
        assert shown.arguments["status"] == STATUS
        assert posted.method == "chat.postMessage"
        settle(slack)
        assert [s.status for s in slack.statuses if s.thread_ts == asked.ts] == [STATUS, ""]

    def test_without_a_question_is_told_privately_what_to_ask(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, "")
        told = slack.wait_for(
            lambda: [held for held in slack.ephemerals if held.get("thread_ts") == asked.ts],
            PATIENCE,
        )[0]
        assert told["shown_to"] == DESK
        assert "Ask me about what has been read" in told["text"]
        assert answers(slack, asked) == []


class TestDirectMessage:
    def test_is_answered_in_its_thread(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, QUESTION)
        reply = slack.wait_for_reply(str(asked.channel), asked.ts, PATIENCE)
        assert is_answer(reply)
        assert block_kit.problems(reply["blocks"], reply["text"]) == []

    def test_in_a_thread_is_answered_in_that_thread(self, slack: LocalSlack) -> None:
        opened = slack.direct_message(DESK, UNANSWERABLE)
        slack.wait_for(lambda: direct_answers(slack, DESK, opened.ts), PATIENCE)
        asked = slack.direct_message(DESK, QUESTION, thread_ts=opened.ts)
        reply = slack.wait_for_reply(str(asked.channel), opened.ts, PATIENCE, where=is_answer)
        assert reply["ts"] > str(asked.ts)


class TestRefusal:
    def test_is_honest_offers_the_nearest_and_cites_nothing(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, UNANSWERABLE)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        shown = text_of(reply["blocks"])
        assert "I found nothing that answers “How many tons of wheat" in shown
        assert "Nearest, and not an answer" in shown
        assert not is_answer(reply)
        assert "According to" not in shown
        assert block_kit.problems(reply["blocks"], reply["text"]) == []
        assert "I found nothing that answers" in reply["text"]

    @pytest.mark.parametrize("place", ["channel", "direct message"])
    def test_repeats_a_question_of_any_length_and_no_mention_in_it(
        self, slack: LocalSlack, place: str
    ) -> None:
        long = f"<@{COLLEAGUE}> <!channel> " + "zxqv wprtk & <b> gdfkj? " * 600
        if place == "channel":
            asked = slack.mention(CHANNEL, DESK, long)
            reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        else:
            asked = slack.direct_message(DESK, long)
            reply = slack.wait_for(lambda: direct_answers(slack, DESK, asked.ts), PATIENCE)[0]
        assert "zxqv wprtk" in text_of(reply["blocks"])
        assert block_kit.problems(reply["blocks"], reply["text"]) == []


class TestNotForUs:
    def test_a_channel_message_without_a_mention_is_not_answered(self, slack: LocalSlack) -> None:
        written = slack.message(CHANNEL, DESK, QUESTION)
        settle(slack)
        assert answers(slack, written) == []

    def test_another_bots_message_is_not_answered(self, slack: LocalSlack) -> None:
        direct = slack.direct_channel(DESK)
        written = slack.message(direct, None, QUESTION, bot_id="B0OTHER", subtype="bot_message")
        also = slack.message(direct, DESK, QUESTION, bot_id="B0OTHER")
        settle(slack)
        assert direct_answers(slack, DESK, written.ts) == []
        assert answers(slack, also) == []

    def test_our_own_message_is_not_answered(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, QUESTION)
        slack.wait_for(lambda: direct_answers(slack, DESK, asked.ts), PATIENCE)
        settle(slack)
        own = [held for held in slack.deliveries if held.body.get("bot_id")]
        assert own
        assert len(direct_answers(slack, DESK, asked.ts)) == 1

    def test_an_edit_is_not_answered_again(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, QUESTION)
        slack.wait_for(lambda: direct_answers(slack, DESK, asked.ts), PATIENCE)
        slack.edit_message(str(asked.channel), str(asked.ts), UNANSWERABLE)
        settle(slack)
        assert len(direct_answers(slack, DESK, asked.ts)) == 1

    def test_a_deletion_is_not_answered(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, QUESTION)
        slack.wait_for(lambda: direct_answers(slack, DESK, asked.ts), PATIENCE)
        slack.delete_message(str(asked.channel), str(asked.ts))
        settle(slack)
        assert len(direct_answers(slack, DESK, asked.ts)) == 1

    def test_a_member_of_another_workspace_is_not_answered(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, GUEST, QUESTION)
        settle(slack)
        assert answers(slack, asked) == []


def test_the_service_has_no_port_in_socket_mode(service: Service) -> None:
    assert service.port is None

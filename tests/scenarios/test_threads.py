"""Threads: follow-ups without a mention, what was said before, the thread's topic and sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.library import open_corpus
from bot.settings import Settings
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.fakes import block_kit
from tests.fakes.answerers import ChosenAnswerer
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    QUESTION,
    elements,
    is_answer,
    settle,
    text_of,
)
from tests.scenarios.test_streaming import PacedAnswerer

pytestmark = pytest.mark.usefixtures("service")

FOLLOW_UP = "And what did he say about intra-Libyan dialogue?"

Golden = Callable[[str, Any], None]


@pytest.fixture(scope="module", autouse=True)
def grouped(socket_settings: Settings, embeddings: SentenceEmbeddings) -> None:
    """The sample grouped into stories, so that summaries have something to tell."""
    corpus = open_corpus(socket_settings)
    StoryFollower(corpus, embeddings).catch_up()
    corpus.close()


def answered_thread(slack: LocalSlack, user: str = DESK) -> str:
    """A thread in which somebody was answered; its ts."""
    asked = slack.mention(CHANNEL, user, QUESTION)
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    return str(asked.ts)


def replies(slack: LocalSlack, thread: str, number: int) -> list[dict[str, Any]]:
    """The replies in a thread once there are so many."""
    slack.wait_for(lambda: len(slack.replies(CHANNEL, thread)) >= number, PATIENCE)
    return slack.replies(CHANNEL, thread)


def statuses(slack: LocalSlack, thread: str) -> list[str]:
    return [held.status for held in slack.statuses if held.thread_ts == thread]


class TestFollowUp:
    def test_of_whoever_asked_needs_no_mention(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        slack.message(CHANNEL, DESK, FOLLOW_UP, thread_ts=thread)
        reply = replies(slack, thread, 2)[-1]
        assert is_answer(reply)
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 2

    def test_is_completed_from_the_talk_and_says_so(
        self, slack: LocalSlack, golden: Golden
    ) -> None:
        asked = slack.mention(CHANNEL, DESK, "Who signed the Ormsund fisheries protocol?")
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        slack.message(CHANNEL, DESK, "And how many vessels does it allow?", thread_ts=asked.ts)
        reply = replies(slack, str(asked.ts), 2)[-1]
        assert "120 vessels" in text_of(reply["blocks"])
        assert "Looked for: " in text_of(reply["blocks"])
        golden("follow_up", reply)

    def test_of_somebody_else_is_answered_once_they_take_part(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        slack.message(CHANNEL, COLLEAGUE, FOLLOW_UP, thread_ts=thread)
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 1
        slack.message(CHANNEL, COLLEAGUE, "What did Guterres say about Haftar?", thread_ts=thread)
        assert len(replies(slack, thread, 2)) == 2

    @pytest.mark.parametrize(
        "text",
        [
            "ok",
            "thanks!",
            "lol :joy:",
            ":+1:",
            "interesting",
            "I'll check with Paris",
            "Amal, can you check with the mission?",
            f"<@{COLLEAGUE}> what do you think?",
            "@Ben is that what you heard?",
            "thanks Ben",
            "<!here> meeting in five minutes",
        ],
    )
    @pytest.mark.slow
    def test_chat_and_what_is_said_to_others_gets_nothing_not_even_a_status(
        self, slack: LocalSlack, text: str
    ) -> None:
        thread = answered_thread(slack)
        slack.wait_for(lambda: statuses(slack, thread)[-1:] == [""], PATIENCE)
        before = len(statuses(slack, thread))
        told = len(slack.ephemerals)
        slack.message(CHANNEL, DESK, text, thread_ts=thread)
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 1
        assert len(statuses(slack, thread)) == before
        assert len(slack.ephemerals) == told

    def test_in_a_thread_of_people_alone_there_is_none(self, slack: LocalSlack) -> None:
        opened = slack.message(CHANNEL, DESK, "What is the latest on Libya?")
        slack.message(CHANNEL, DESK, QUESTION, thread_ts=opened.ts)
        settle(slack)
        assert slack.replies(CHANNEL, str(opened.ts)) == []

    def test_that_is_edited_or_of_a_bot_is_not_answered(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        written = slack.message(CHANNEL, DESK, "ok", thread_ts=thread)
        slack.edit_message(CHANNEL, str(written.ts), FOLLOW_UP)
        slack.message(CHANNEL, None, FOLLOW_UP, thread_ts=thread, bot_id="B0OTHER")
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 1

    def test_that_is_delivered_again_is_answered_once(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        written = slack.message(CHANNEL, DESK, FOLLOW_UP, thread_ts=thread)
        slack.redeliver(str(written.event_id))
        replies(slack, thread, 2)
        slack.redeliver(str(written.event_id))
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 2

    def test_that_comes_before_the_answer_is_answered_after_it(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        paced = PacedAnswerer(())
        with answerer.replaced_by(paced):
            asked = slack.mention(CHANNEL, DESK, "Who signed the Ormsund fisheries protocol?")
            slack.wait_for(lambda: statuses(slack, str(asked.ts)), PATIENCE)
            slack.message(CHANNEL, DESK, "And who opened Tornholm harbour?", thread_ts=asked.ts)
            paced.go_on(2)
            found = replies(slack, str(asked.ts), 2)
        assert len(found) == 2
        settle(slack)
        assert len(slack.replies(CHANNEL, str(asked.ts))) == 2

    def test_in_the_thread_of_two_people_is_answered_to_each(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        slack.mention(CHANNEL, COLLEAGUE, "What did Haftar order?", thread_ts=thread)
        replies(slack, thread, 2)
        slack.message(CHANNEL, DESK, FOLLOW_UP, thread_ts=thread)
        slack.message(CHANNEL, COLLEAGUE, "ok, will look at it", thread_ts=thread)
        slack.message(CHANNEL, COLLEAGUE, "And what does the LNA say?", thread_ts=thread)
        assert len(replies(slack, thread, 4)) == 4
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 4

    def test_delivered_the_wrong_way_round_is_answered_once_each(self, slack: LocalSlack) -> None:
        thread = answered_thread(slack)
        # Slack may bring the plain message before the mention, and either long after the other.
        later = slack.prepare_mention(CHANNEL, DESK, "What did Haftar order?")
        slack.message(CHANNEL, DESK, FOLLOW_UP, thread_ts=thread)
        replies(slack, thread, 2)
        slack.deliver(later)
        reply = slack.wait_for_reply(CHANNEL, later.ts, PATIENCE)
        assert "Haftar" in text_of(reply["blocks"])
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 2
        assert len(slack.replies(CHANNEL, str(later.ts))) == 1

    def test_with_a_mention_is_answered_once_though_it_comes_as_two_events(
        self, slack: LocalSlack
    ) -> None:
        thread = answered_thread(slack)
        slack.mention(CHANNEL, DESK, FOLLOW_UP, thread_ts=thread)
        replies(slack, thread, 2)
        settle(slack)
        assert len(slack.replies(CHANNEL, thread)) == 2


class TestLongThread:
    def test_completes_a_question_with_what_people_wrote(self, slack: LocalSlack) -> None:
        opened = slack.message(
            CHANNEL, COLLEAGUE, "Has anyone read on the Ormsund fisheries protocol?"
        )
        for text in ("no", "I will look", "interesting though"):
            slack.message(CHANNEL, DESK, text, thread_ts=opened.ts)
        slack.mention(CHANNEL, DESK, "who signed it?", thread_ts=opened.ts)
        reply = slack.wait_for_reply(CHANNEL, opened.ts, PATIENCE)
        assert "Marit Solvang" in text_of(reply["blocks"])
        assert "Looked for: " in text_of(reply["blocks"])
        assert "Ormsund" in text_of(reply["blocks"]).partition("Looked for: ")[2]

    def test_that_cannot_be_read_still_answers(self, slack: LocalSlack) -> None:
        opened = slack.message(CHANNEL, DESK, "Morning meeting.")
        slack.fail_next("conversations.replies", error="missing_scope")
        slack.mention(CHANNEL, DESK, QUESTION, thread_ts=opened.ts)
        assert is_answer(slack.wait_for_reply(CHANNEL, opened.ts, PATIENCE))


class TestTopicOfAThread:
    def test_is_found_and_summarised(self, slack: LocalSlack, golden: Golden) -> None:
        opened = slack.message(
            CHANNEL, COLLEAGUE, "Did anyone see this? LNA units are moving towards Tripoli."
        )
        for user, text in (
            (DESK, "Yes, Haftar ordered it. What does the UN say?"),
            (COLLEAGUE, "Guterres is in Libya, and Haftar does not seem to care"),
            (DESK, "ok"),
        ):
            slack.message(CHANNEL, user, text, thread_ts=opened.ts)
        # What was written before the bot takes part is looked at before it does.
        settle(slack)
        slack.mention(CHANNEL, DESK, "summarise this thread's topic", thread_ts=opened.ts)
        reply = slack.wait_for_reply(CHANNEL, opened.ts, PATIENCE)
        shown = text_of(reply["blocks"])
        assert shown.startswith("Taken for the topic of this thread: Libya")
        assert is_answer(reply)
        assert block_kit.problems(reply["blocks"], reply["text"]) == []
        golden("thread_summary", reply)

    @pytest.mark.parametrize(
        "words",
        ["summarize this thread", "what is this thread about?", "sum this up"],
    )
    def test_is_missing_where_nobody_wrote_anything(self, slack: LocalSlack, words: str) -> None:
        asked = slack.mention(CHANNEL, DESK, words)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert text_of(reply["blocks"]).startswith("There is nothing in this thread yet")

    def test_is_missing_where_people_name_nothing(self, slack: LocalSlack) -> None:
        opened = slack.message(CHANNEL, COLLEAGUE, "lunch?")
        slack.message(CHANNEL, DESK, "sure", thread_ts=opened.ts)
        slack.mention(CHANNEL, DESK, "sum this up", thread_ts=opened.ts)
        reply = slack.wait_for_reply(CHANNEL, opened.ts, PATIENCE)
        assert text_of(reply["blocks"]).startswith("Nothing that people wrote in this thread names")


class TestSourcesOfAThread:
    def test_are_listed_with_kind_date_paragraph_and_link(
        self, slack: LocalSlack, golden: Golden
    ) -> None:
        thread = answered_thread(slack)
        slack.message(CHANNEL, DESK, "sources?", thread_ts=thread)
        reply = replies(slack, thread, 2)[-1]
        shown = text_of(reply["blocks"])
        assert "The answers in this thread rest on " in shown
        assert "Sample UN Desk · official · 4 Apr 2019 · ¶" in shown
        links = list(elements(reply["blocks"], "link"))
        assert links
        assert all("#:~:text=" in link["url"] for link in links)
        golden("thread_sources", reply)

    def test_elsewhere_are_the_polled_ones(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, "sources?")
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert "polled" in text_of(reply["blocks"])


def test_help_in_a_channel_tells_of_threads(slack: LocalSlack) -> None:
    asked = slack.mention(CHANNEL, DESK, "help")
    reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert "summarise this thread's topic" in text_of(reply["blocks"])

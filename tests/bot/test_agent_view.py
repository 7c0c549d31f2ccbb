"""Prompts that an agent's conversation begins with, and titles made of questions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat.agent import LONGEST_TITLE, conversation_title, suggested_prompts
from bot.records import DAILY_CAP, Subscription, Watch
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.conftest import NOW

GHARYAN = Watch(
    "w1", "U0DESK", "U0DESK", "Gharyan", Criteria(words=("Gharyan",)), None, None,
    "Europe/Paris", DAILY_CAP, False, "U0DESK", NOW,
)  # fmt: skip
DIGEST = Subscription(
    "d1", "U0DESK", "U0DESK", "Libya", "07:30", "Europe/Paris", ("mon",), Interests(), False,
    "U0DESK", NOW,
)  # fmt: skip
HEADLINES = ("Haftar orders a march on Tripoli.", "May asks for a delay")


def messages(
    watches: tuple[Watch, ...] = (),
    digests: tuple[Subscription, ...] = (),
    headlines: tuple[str, ...] = HEADLINES,
) -> list[str]:
    return [one.message for one in suggested_prompts(watches, digests, headlines)]


class TestPrompts:
    def test_are_of_ones_own_watches_digest_and_the_newest_stories(self) -> None:
        assert messages((GHARYAN,), (DIGEST,)) == [
            "What is new on Gharyan this week?",
            "digest now",
            "What is the latest on this: Haftar orders a march on Tripoli?",
            "What is the latest on this: May asks for a delay?",
        ]

    def test_are_four_at_most_and_of_the_newest_watches_first(self) -> None:
        many = tuple(replace(GHARYAN, name=name) for name in ("Sebha", "Ghat", "Derna"))
        assert messages(many, (DIGEST,)) == [
            "What is new on Derna this week?",
            "What is new on Ghat this week?",
            "digest now",
            "What is the latest on this: Haftar orders a march on Tripoli?",
        ]

    def test_leave_out_what_is_paused(self) -> None:
        assert messages((replace(GHARYAN, paused=True),), headlines=()) == ["help", "sources"]

    def test_are_there_before_anything_was_read(self) -> None:
        assert messages(headlines=()) == ["help", "sources"]

    def test_are_none_of_them_twice(self) -> None:
        assert len(messages((GHARYAN, GHARYAN), headlines=())) == 3

    def test_carry_no_markup_of_an_article_or_a_watch(self) -> None:
        hostile = "<!channel> *Treaty* <https://evil.example|here> `signed` <@U0DESK>"
        found = suggested_prompts((replace(GHARYAN, name=hostile),), (), (hostile,))
        for prompt in found[:2]:
            assert "Treaty" in prompt.message
            assert not set("<>*`|") & set(prompt.title + prompt.message)
            assert "U0DESK" not in prompt.message

    def test_are_short_whatever_they_are_about(self) -> None:
        found = suggested_prompts((replace(GHARYAN, name="x" * 500),), (), ("word " * 500,))
        assert all(len(one.title) <= 75 for one in found)
        assert all(len(one.message) <= 200 for one in found)


class TestATitle:
    @pytest.mark.parametrize(
        ("question", "title"),
        [
            ("What did Guterres say about Libya?", "Guterres on Libya"),
            ("what has the EU said on Venezuela", "EU on Venezuela"),
            ("what did Haftar say?", "Haftar"),
            ("What has been said about Brexit?", "What has been said about Brexit"),
            ("Libya this week", "Libya this week"),
            ("what is new on Sudan since Monday", "Sudan since Monday"),
            ("Hi, could you please tell me about the Ormsund protocol?", "Ormsund protocol"),
            ("What happened at The Hague?", "The Hague"),
            ("Who controls Gharyan?", "Who controls Gharyan"),
            ("follow Gharyan", "Follow Gharyan"),
            ("ماذا قال غوتيريش عن ليبيا؟", "ماذا قال غوتيريش عن ليبيا؟"),
            ("<!channel> *Libya* this week <@U0DESK>", "Libya this week"),
            ("", ""),
            ("🙏", ""),
        ],
    )
    def test_is_made_of_the_questions_own_words(self, question: str, title: str) -> None:
        assert conversation_title(question) == title

    def test_is_short(self) -> None:
        assert len(conversation_title("Who " + "controls " * 100)) <= LONGEST_TITLE

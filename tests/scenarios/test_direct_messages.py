"""Direct messages to an agent: prompts that fit the person, titles, conversations kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.chat.agent import MOST_PROMPTS
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.library import open_corpus
from bot.settings import Settings
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Delivery
from tests.scenarios.people import PATIENCE, QUESTION, is_answer, text_of

ANALYST = "U0ANALYST"

pytestmark = pytest.mark.usefixtures("service")

Message = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def grouped(socket_settings: Settings, embeddings: SentenceEmbeddings) -> None:
    """The articles put into stories, so that no summary comes too early."""
    corpus = open_corpus(socket_settings)
    StoryFollower(corpus, embeddings).catch_up()
    corpus.close()


@pytest.fixture(autouse=True)
def analyst(slack: LocalSlack) -> None:
    slack.add_user(ANALYST, "analyst", tz="Africa/Tripoli")


@pytest.fixture
def store(socket_settings: Settings) -> Iterator[ArticleStore]:
    """The bot's own database, left as it was found."""
    opened = open_corpus(socket_settings)
    yield opened
    for one in Subscriptions(opened.engine).of_reader(ANALYST):
        Subscriptions(opened.engine).remove(one.id)
    for watch in Watches(opened.engine).of_reader(ANALYST):
        Watches(opened.engine).remove(watch.id)
    opened.close()


def wrote(slack: LocalSlack, text: str, thread_ts: str | None = None) -> tuple[Delivery, Message]:
    """What the analyst wrote, and the reply to it."""
    asked = slack.direct_message(ANALYST, text, thread_ts=thread_ts)
    thread = thread_ts or asked.ts
    reply = slack.wait_for_reply(
        str(asked.channel), thread, PATIENCE, where=lambda one: one["ts"] > str(asked.ts)
    )
    return asked, reply


def prompts(slack: LocalSlack) -> list[str]:
    """The messages that the prompts of the analyst's conversation stand for."""
    return [one["message"] for one in slack.prompts.get(slack.direct_channel(ANALYST), [])]


def opened(
    slack: LocalSlack, shown: Callable[[list[str]], bool] = lambda messages: True
) -> list[str]:
    """The prompts after the analyst opened the messages tab, once they are as they should be.

    Prompts are also set after whatever else the analyst did, at any time.
    """
    before = len(slack.calls("assistant.threads.setSuggestedPrompts"))
    slack.open_home(ANALYST, tab="messages")
    slack.wait_for_call("assistant.threads.setSuggestedPrompts", PATIENCE, times=before + 1)
    return slack.wait_for(
        lambda: (there := prompts(slack)) and shown(there) and there, PATIENCE, "these prompts"
    )


class TestSuggestedPrompts:
    def test_begin_with_the_newest_stories_for_whoever_has_set_up_nothing(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        shown = opened(
            slack,
            lambda all_: all(one.startswith("What is the latest on this: ") for one in all_),
        )
        assert len(shown) == MOST_PROMPTS

    def test_begin_with_the_persons_own_watches_and_digest(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, "follow Gharyan")
        wrote(slack, "digest at 07:30 on Sudan")
        own = ["What is new on Gharyan this week?", "digest now"]
        assert len(opened(slack, lambda shown: shown[:2] == own)) == MOST_PROMPTS

    def test_change_when_watches_change(self, slack: LocalSlack, store: ArticleStore) -> None:
        asked_for = "What is new on Haftar this week?"
        wrote(slack, "follow Haftar")
        slack.wait_for(lambda: asked_for in prompts(slack), PATIENCE)
        wrote(slack, "unfollow Haftar")
        slack.wait_for(lambda: asked_for not in prompts(slack), PATIENCE)

    def test_each_of_them_is_answered_when_it_is_chosen(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, "follow Haftar")
        wrote(slack, "digest at 07:30 on Libya")
        own = {"What is new on Haftar this week?", "digest now"}
        for message in opened(slack, lambda shown: own <= set(shown)):
            _, reply = wrote(slack, message)
            assert is_answer(reply), message

    def test_are_set_for_the_conversation_and_never_for_a_thread(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        opened(slack)
        for call in slack.calls("assistant.threads.setSuggestedPrompts"):
            assert "thread_ts" not in call.arguments

    def test_that_slack_refuses_cost_nobody_an_answer(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        slack.fail_next("assistant.threads.setSuggestedPrompts", error="access_denied")
        _, reply = wrote(slack, "follow Ghat")
        assert "You now follow Ghat" in text_of(reply["blocks"])


class TestATitle:
    def test_is_made_of_the_first_questions_words(self, slack: LocalSlack) -> None:
        asked, _ = wrote(slack, "What did Guterres say about Libya?")
        place = (str(asked.channel), str(asked.ts))
        assert slack.wait_for(lambda: slack.titles.get(place), PATIENCE) == "Guterres on Libya"

    def test_stays_through_later_questions(self, slack: LocalSlack) -> None:
        asked, _ = wrote(slack, QUESTION)
        place = (str(asked.channel), str(asked.ts))
        title = slack.wait_for(lambda: slack.titles.get(place), PATIENCE)
        before = len(slack.calls("assistant.threads.setTitle"))
        wrote(slack, "Who signed the Ormsund fisheries protocol?", asked.ts)
        wrote(slack, "help")
        slack.wait_for_call("assistant.threads.setTitle", PATIENCE, times=before + 1)
        assert slack.titles[place] == title

    def test_carries_no_mention_and_no_markup(self, slack: LocalSlack) -> None:
        asked, _ = wrote(slack, "&lt;!channel&gt; *Libya* `this` week &lt;@U0DESK&gt;")
        place = (str(asked.channel), str(asked.ts))
        title = slack.wait_for(lambda: slack.titles.get(place), PATIENCE)
        assert title == "Libya this week"

    def test_is_not_given_to_threads_of_channels(self, slack: LocalSlack) -> None:
        assert {channel[0] for channel, _ in slack.titles} <= {"D"}


class TestConversations:
    @pytest.mark.slow
    def test_are_kept_apart(self, slack: LocalSlack, store: ArticleStore) -> None:
        first, _ = wrote(slack, "Who signed the Ormsund fisheries protocol?")
        second, _ = wrote(slack, "Who opened the Tornholm harbour office?")
        wrote(slack, "And when was it?", first.ts)
        turns = Turns(store.engine)
        of_first = [one.question for one in turns.earlier(f"{first.channel}:{first.ts}")]
        of_second = [one.question for one in turns.earlier(f"{second.channel}:{second.ts}")]
        assert len(of_first) == 2
        assert "Tornholm" not in " ".join(of_first)
        assert of_second == ["Who opened the Tornholm harbour office?"]

    def test_are_followed_up_from_their_own_turns(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        first, _ = wrote(slack, "Who signed the Ormsund fisheries protocol?")
        wrote(slack, "Who opened the Tornholm harbour office?")
        _, reply = wrote(slack, "How many vessels does it allow?", first.ts)
        shown = text_of(reply["blocks"])
        assert "120 vessels" in shown
        assert "Tornholm" not in shown

    def test_begin_with_each_message_that_stands_in_no_thread(self, slack: LocalSlack) -> None:
        asked, reply = wrote(slack, QUESTION)
        assert reply["thread_ts"] == asked.ts


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Libya this week", "Libya, 30 March to 5 April 2019"),
        ("what is new on Libya since Monday", "Libya, 1 to 5 April 2019"),
        ("what did Guterres say about Libya", "Guterres"),
        ("follow Ghat", "You now follow Ghat"),
        ("unfollow Ghat", "follow nothing"),
        ("what is new on Gharyan this week?", "Gharyan, 30 March to 5 April 2019"),
        ("tell me when Haftar is mentioned", "You now follow Haftar"),
        ("stop sending me digests", "no digest"),
        ("start over", "begins anew"),
        ("never mind", "welcome"),
        ("digest at 8 on Mali", "You get a digest every day at 08:00 Tripoli time on Mali"),
        ("digest off", "no digest"),
    ],
)
def test_plain_words_are_understood(
    slack: LocalSlack, store: ArticleStore, written: str, shown: str
) -> None:
    _, reply = wrote(slack, written)
    assert shown in text_of(reply["blocks"])


def test_what_stands_around_an_answer_is_in_the_language_of_the_profile(
    slack: LocalSlack,
) -> None:
    reader = "U0LECTRICE"
    slack.add_user(reader, "lectrice", locale="fr-FR")
    asked = slack.direct_message(reader, QUESTION)
    reply = slack.wait_for_reply(str(asked.channel), str(asked.ts), PATIENCE, where=is_answer)
    shown = text_of(reply["blocks"])
    assert "Selon " in shown
    assert "According to" not in shown
    assert "Montrer les paragraphes" in shown


def test_replies_to_requests_are_in_the_language_of_the_profile(slack: LocalSlack) -> None:
    reader = "U0LECTEUR"
    slack.add_user(reader, "lecteur", locale="fr-FR")
    asked = slack.direct_message(reader, "follow Gharyan")
    reply = slack.wait_for_reply(str(asked.channel), str(asked.ts), PATIENCE)
    shown = text_of(reply["blocks"])
    assert "Vous suivez désormais Gharyan." in shown
    # What is written to us stays as we read it.
    assert "« unfollow Gharyan » y met fin." in shown

"""Being forgotten: told alone what is kept, confirmed by one button, gone from every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import schema
from bot.db.audit import Audit
from bot.db.retention import Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.library import open_corpus
from bot.render.blocks import FEEDBACK
from bot.render.people import FORGET_ME, NOTHING
from bot.settings import Settings
from corpus.store.articles import ArticleStore
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Delivery
from tests.scenarios.people import CHANNEL, COLLEAGUE, PATIENCE, QUESTION, elements, text_of

LEAVER = "U0LEAVER"

pytestmark = pytest.mark.usefixtures("service")

Message = dict[str, Any]
Golden = Callable[[str, Any], None]


@pytest.fixture(autouse=True)
def leaver(slack: LocalSlack) -> None:
    slack.add_user(LEAVER, "leaver", tz="Europe/Paris")


@pytest.fixture
def store(socket_settings: Settings) -> Iterator[ArticleStore]:
    """The bot's own database, in which nothing of the leaver stays behind."""
    opened = open_corpus(socket_settings)
    yield opened
    Forgetting(opened.engine).forget(LEAVER)
    for one in Subscriptions(opened.engine).of_reader(CHANNEL):
        Subscriptions(opened.engine).remove(one.id)
    opened.close()


def wrote(slack: LocalSlack, text: str, thread_ts: str | None = None) -> tuple[Delivery, Message]:
    asked = slack.direct_message(LEAVER, text, thread_ts=thread_ts)
    reply = slack.wait_for_reply(
        str(asked.channel),
        thread_ts or asked.ts,
        PATIENCE,
        where=lambda one: one["ts"] > str(asked.ts),
    )
    return asked, reply


def whispered(slack: LocalSlack, user: str, known: int) -> Message:
    """The next message that is shown to a person alone."""
    return slack.wait_for(
        lambda: [one for one in slack.ephemerals if one["shown_to"] == user][known:], PATIENCE
    )[0]


def whispers(slack: LocalSlack, user: str) -> int:
    return len([one for one in slack.ephemerals if one["shown_to"] == user])


def holding(store: ArticleStore, text: str) -> list[str]:
    """Tables and columns of the whole schema in which a text stands."""
    found = []
    with store.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [f"{table.name}.{name}" for name, held in row.items() if text in str(held)]
    return found


def lived(slack: LocalSlack) -> None:
    """A day with Chancery: questions in both places, set-ups, feedback."""
    wrote(slack, QUESTION)
    _, summary = wrote(slack, "Libya this week")
    (row,) = elements(summary["blocks"], "feedback_buttons")
    known = whispers(slack, LEAVER)
    slack.click(LEAVER, summary, FEEDBACK, row["positive_button"]["value"])
    whispered(slack, LEAVER, known)
    wrote(slack, "follow Gharyan")
    wrote(slack, "digest at 07:30 on Libya")
    asked = slack.mention(CHANNEL, LEAVER, QUESTION)
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    asked = slack.mention(CHANNEL, LEAVER, "digest at 8 on Mali")
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def deleted(slack: LocalSlack, question: Message) -> Message:
    """What stands in the place of the question after its button was clicked and confirmed."""
    channel = slack.direct_channel(LEAVER)
    slack.click(LEAVER, question, FORGET_ME)

    def replaced() -> list[Message]:
        held = [one for one in slack.messages(channel) if one["ts"] == question["ts"]]
        return [one for one in held if not list(elements(one["blocks"], "button"))]

    return slack.wait_for(replaced, PATIENCE)[0]


class TestForgetMe:
    def test_says_what_is_kept_and_asks_before_anything_is_deleted(
        self, slack: LocalSlack, store: ArticleStore, golden: Golden
    ) -> None:
        lived(slack)
        before = Forgetting(store.engine).kept(LEAVER)
        _, question = wrote(slack, "forget me")
        golden("forget_question", question)
        (button,) = elements(question["blocks"], "button")
        assert (button["style"], button["text"]["text"]) == ("danger", "Delete all of it")
        assert button["confirm"]["confirm"]["text"] == "Delete all of it"
        kept = Forgetting(store.engine).kept(LEAVER)
        assert (kept.turns, kept.channel_turns, kept.digests, kept.watches, kept.feedback) == (
            before.turns,
            1,
            1,
            1,
            1,
        )

    def test_leaves_the_person_in_no_table(
        self, slack: LocalSlack, store: ArticleStore, golden: Golden
    ) -> None:
        lived(slack)
        _, question = wrote(slack, "please forget what you know about me")
        assert holding(store, LEAVER)
        done = deleted(slack, question)
        golden("forgotten", done)
        assert holding(store, LEAVER) == []
        (entry, *_) = Audit(store.engine).recent()
        assert (entry.by, entry.action, entry.subject) == (
            "a person",
            "person forgotten",
            "a person",
        )

    def test_changes_nothing_for_a_colleague(self, slack: LocalSlack, store: ArticleStore) -> None:
        asked = slack.mention(CHANNEL, COLLEAGUE, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        wrote(slack, QUESTION)
        before = Forgetting(store.engine).kept(COLLEAGUE)
        deleted(slack, wrote(slack, "delete my data")[1])
        assert Forgetting(store.engine).kept(COLLEAGUE) == before

    def test_of_whom_nothing_is_kept_has_nothing_to_delete(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        _, reply = wrote(slack, "what do you know about me?")
        assert text_of(reply["blocks"]) == NOTHING

    def test_in_a_channel_is_between_the_person_and_us(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, QUESTION)
        known = whispers(slack, LEAVER)
        asked = slack.mention(CHANNEL, LEAVER, "forget me")
        question = whispered(slack, LEAVER, known)
        assert "What I keep about you" in text_of(question["blocks"])
        assert question["thread_ts"] == asked.ts
        assert slack.replies(CHANNEL, str(asked.ts)) == []
        slack.click(LEAVER, question, FORGET_ME, channel=CHANNEL)
        slack.wait_for(
            lambda: [e for e in slack.ephemerals if e["text"].startswith("Deleted what I")],
            PATIENCE,
        )
        assert holding(store, LEAVER) == []
        assert slack.replies(CHANNEL, str(asked.ts)) == []

    def test_can_be_asked_for_by_the_command(self, slack: LocalSlack, store: ArticleStore) -> None:
        wrote(slack, QUESTION)
        before = {one["ts"] for one in slack.ephemerals}
        slack.command(LEAVER, CHANNEL, "/chancery", "forget me")
        shown = slack.wait_for(
            lambda: [
                one
                for one in slack.ephemerals
                if one["ts"] not in before and list(elements(one.get("blocks", ()), "button"))
            ],
            PATIENCE,
        )[0]
        slack.click(LEAVER, shown, FORGET_ME, channel=CHANNEL)
        slack.wait_for(lambda: not holding(store, LEAVER), PATIENCE)

    def test_that_fails_deletes_nothing_and_says_so(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, QUESTION)
        before = Forgetting(store.engine).kept(LEAVER)
        slack.fail_next("chat.postMessage", error="msg_too_long")
        _, reply = wrote(slack, "forget me")
        assert "(reference " in text_of(reply["blocks"])
        assert Forgetting(store.engine).kept(LEAVER).turns == before.turns


class TestForgetThisConversation:
    def test_deletes_the_turns_of_its_thread_only(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        first, _ = wrote(slack, QUESTION)
        second, _ = wrote(slack, QUESTION)
        _, reply = wrote(slack, "forget this conversation", first.ts)
        assert text_of(reply["blocks"]).startswith("Forgotten: 1 answer of this conversation.")
        turns = Turns(store.engine)
        assert turns.earlier(f"{first.channel}:{first.ts}") == ()
        assert len(turns.earlier(f"{second.channel}:{second.ts}")) == 1

    def test_at_the_top_of_the_conversation_says_where_to_write_it(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        _, reply = wrote(slack, "forget this conversation")
        assert "in the thread that you mean" in text_of(reply["blocks"])

    def test_in_a_channel_leaves_what_others_asked(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        asked = slack.mention(CHANNEL, COLLEAGUE, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        own = slack.mention(CHANNEL, LEAVER, QUESTION, thread_ts=asked.ts)
        slack.wait_for(lambda: len(slack.replies(CHANNEL, str(asked.ts))) == 2, PATIENCE)
        known = whispers(slack, LEAVER)
        slack.mention(CHANNEL, LEAVER, "forget this thread", thread_ts=asked.ts)
        told = whispered(slack, LEAVER, known)
        assert "1 answer that you asked for here; what others asked stays" in told["text"]
        assert len(Turns(store.engine).earlier(f"{CHANNEL}:{asked.ts}")) == 1
        assert own.ts is not None


@pytest.mark.parametrize("text", ["forget it", "forget that"])
def test_half_said_is_asked_about(slack: LocalSlack, store: ArticleStore, text: str) -> None:
    _, reply = wrote(slack, text)
    assert text_of(reply["blocks"]).startswith("Forget what?")

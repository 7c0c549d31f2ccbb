"""Plain words in Slack: reports that are asked for, digests and watches that are set up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.library import open_corpus
from bot.records import Subscription, Watch
from bot.render.blocks import SHOW_PARAGRAPHS
from bot.render.notes import MUTE_STORY
from bot.settings import Settings
from corpus.articles import ReadArticle
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.report import Interests
from retrieval.stories.follower import StoryFollower
from retrieval.watches.matching import Criteria
from tests.conftest import NOW
from tests.fakes import block_kit
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Delivery
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    GUEST,
    PATIENCE,
    direct_answers,
    elements,
    is_answer,
    new_modal,
    settle,
    text_of,
)

NEWCOMER = "U0NEWCOMER"

pytestmark = pytest.mark.usefixtures("service")


@pytest.fixture
def store(socket_settings: Settings) -> Iterator[ArticleStore]:
    """The bot's own database, to look at what was set up; left as it was found."""
    opened = open_corpus(socket_settings)
    yield opened
    for reader in (DESK, COLLEAGUE, NEWCOMER, CHANNEL):
        for one in Subscriptions(opened.engine).of_reader(reader):
            Subscriptions(opened.engine).remove(one.id)
        for watch in Watches(opened.engine).of_reader(reader):
            Watches(opened.engine).remove(watch.id)
    opened.close()


def digests(store: ArticleStore, reader: str) -> list[Subscription]:
    return Subscriptions(store.engine).of_reader(reader)


def watches(store: ArticleStore, reader: str) -> list[Watch]:
    return Watches(store.engine).of_reader(reader)


def wrote(slack: LocalSlack, user: str, text: str) -> dict[str, Any]:
    """What somebody is answered who writes directly."""
    return answered(slack, user, slack.direct_message(user, text))


def answered(slack: LocalSlack, user: str, asked: Delivery) -> dict[str, Any]:
    slack.wait_for(lambda: direct_answers(slack, user, asked.ts), PATIENCE)
    return direct_answers(slack, user, asked.ts)[0]


def mentioned(slack: LocalSlack, user: str, text: str) -> dict[str, Any]:
    asked = slack.mention(CHANNEL, user, text)
    return slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def clicked(slack: LocalSlack, user: str, message: dict[str, Any], label: str) -> dict[str, Any]:
    """What a click on the button of that label is answered with, directly."""
    (button,) = (b for b in elements(message["blocks"], "button") if b["text"]["text"] == label)
    known = len(direct_answers(slack, user, None))
    slack.click(user, message, button["action_id"])
    slack.wait_for(lambda: len(direct_answers(slack, user, None)) > known, PATIENCE)
    return direct_answers(slack, user, None)[-1]


@pytest.fixture(scope="module", autouse=True)
def grouped(socket_settings: Settings, embeddings: SentenceEmbeddings) -> None:
    """The articles put into stories, so that no summary comes too early."""
    corpus = open_corpus(socket_settings)
    StoryFollower(corpus, embeddings).catch_up()
    corpus.close()


def uploaded(slack: LocalSlack, message: dict[str, Any]) -> list[str]:
    """The pictures inside a message, by what they show in words."""
    return [image["alt_text"] for image in elements(message["blocks"], "image")]


class TestASummary:
    def test_has_its_window_a_picture_stories_and_citations(self, slack: LocalSlack) -> None:
        reply = wrote(slack, DESK, "Libya this week")
        shown = text_of(reply["blocks"])
        assert shown.startswith("Libya, 30 March to 5 April 2019")
        assert "8 articles, 5 origins" in shown
        assert "There is no military solution" in shown
        assert is_answer(reply)
        (chart,) = elements(reply["blocks"], "data_visualization")
        (series,) = chart["chart"]["series"]
        assert {"label": "Thu 4 Apr", "value": 4} in series["data"]
        stories = list(elements(reply["blocks"], "container"))
        assert [one["title"]["text"][:4] for one in stories] == ["1 · ", "2 · ", "3 · "]
        assert all(one["is_collapsible"] for one in stories)

    def test_has_a_picture_where_slack_draws_no_charts(self, slack: LocalSlack) -> None:
        slack.fail_next("chat.postMessage", error="invalid_blocks")
        reply = wrote(slack, DESK, "Libya this week")
        (picture,) = uploaded(slack, reply)
        assert "4 Apr 4" in picture
        assert not list(elements(reply["blocks"], "data_visualization"))
        assert not list(elements(reply["blocks"], "container"))

    def test_shows_the_paragraphs_it_cites(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, "summary of Libya this week")
        answered(slack, DESK, asked)
        settle(slack)
        last = direct_answers(slack, DESK, asked.ts)[-1]
        known = set(slack.views)
        slack.click(DESK, last, SHOW_PARAGRAPHS)
        view = new_modal(slack, known)
        assert "Citation 1 of " in text_of(view["blocks"])
        assert len(list(elements(view["blocks"], "rich_text_quote"))) == 1

    def test_is_followed_and_made_daily_by_its_buttons(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        asked = slack.direct_message(DESK, "Libya this week")
        answered(slack, DESK, asked)
        settle(slack)
        last = direct_answers(slack, DESK, asked.ts)[-1]
        clicked(slack, DESK, last, "Follow Libya")
        assert [one.criteria for one in watches(store, DESK)] == [Criteria(places=("LY",))]
        clicked(slack, DESK, last, "Daily at 07:30")
        (kept,) = digests(store, DESK)
        assert (kept.at, kept.zone, kept.interests.places) == ("07:30", "Europe/Paris", ("LY",))

    def test_in_a_channel_is_given_in_the_thread(self, slack: LocalSlack) -> None:
        reply = mentioned(slack, COLLEAGUE, "what is new on Libya since Monday?")
        assert text_of(reply["blocks"]).startswith("Libya, 1 to 5 April 2019")
        assert is_answer(reply)

    def test_of_nothing_says_so_and_cites_nothing_as_support(self, slack: LocalSlack) -> None:
        reply = wrote(slack, DESK, "summary of Kiribati this week")
        assert "I found nothing on “Kiribati”" in text_of(reply["blocks"])
        assert not is_answer(reply)

    def test_goes_without_its_picture_rather_than_not_at_all(self, slack: LocalSlack) -> None:
        slack.fail_next("chat.postMessage", error="invalid_blocks")
        slack.fail_next("files.getUploadURLExternal", error="missing_scope")
        reply = wrote(slack, DESK, "Libya this week")
        assert is_answer(reply)
        assert uploaded(slack, reply) == []

    def test_that_slack_refuses_with_its_picture_has_it_beside(self, slack: LocalSlack) -> None:
        slack.fail_next("chat.postMessage", error="invalid_blocks", times=2)
        asked = slack.direct_message(DESK, "Libya this week")
        reply = answered(slack, DESK, asked)
        assert is_answer(reply)
        assert uploaded(slack, reply) == []
        shared = slack.direct_channel(DESK)
        slack.wait_for(
            lambda: any(m.get("files") for m in slack.messages(shared) if m["ts"] > asked.ts),
            PATIENCE,
        )

    def test_is_owned_up_to_when_it_fails(self, slack: LocalSlack) -> None:
        settle(slack)
        slack.fail_next("chat.postMessage", error="msg_too_long")
        reply = wrote(slack, DESK, "summary of Kiribati this week")
        assert "(reference " in text_of(reply["blocks"])


def rows_of(message: dict[str, Any]) -> list[str]:
    """What the rows of a message's table say under their head."""
    (table,) = elements(message["blocks"], "data_table")
    return [text_of(row) for row in table["rows"][1:]]


def test_quotations_are_in_order_of_time_in_a_table(slack: LocalSlack) -> None:
    reply = wrote(slack, DESK, "quotes by Guterres on Libya since March")
    shown = text_of(reply["blocks"])
    assert shown.index("There is no military solution") < shown.index("with a heavy heart")
    assert is_answer(reply)
    assert all("Sample " in row and "¶" in row for row in rows_of(reply))
    assert not uploaded(slack, reply)


def test_quotations_have_a_picture_where_slack_has_no_tables(slack: LocalSlack) -> None:
    slack.fail_next("chat.postMessage", error="invalid_blocks")
    reply = wrote(slack, DESK, "quotes by Guterres on Libya since March")
    assert is_answer(reply)
    assert "António Guterres" in uploaded(slack, reply)[0]


class TestAccountsThatDiffer:
    ASKED = "Who controls Gharyan?"

    def test_stand_side_by_side_in_a_table(self, slack: LocalSlack) -> None:
        reply = wrote(slack, DESK, self.ASKED)
        first, second, *_ = rows_of(reply)
        assert first.startswith("Sample ")
        assert first != second
        assert is_answer(reply)

    def test_stand_one_below_the_other_where_slack_has_no_tables(self, slack: LocalSlack) -> None:
        slack.fail_next("chat.postMessage", error="invalid_blocks")
        reply = wrote(slack, DESK, self.ASKED)
        assert text_of(reply["blocks"]).count("According to ") > 1
        assert is_answer(reply)


@pytest.mark.parametrize("asked", ["Guterres say about Libya", "Haftar say about Tripoli"])
def test_what_somebody_said_about_something_is_answered_as_any_question(
    slack: LocalSlack, asked: str
) -> None:
    reply = wrote(slack, DESK, f"What did {asked}?")
    speaker = asked.split()[0]
    assert is_answer(reply)
    assert speaker in text_of(reply["blocks"])


class TestAnAlert:
    """Followed, told and muted: with the watch, the store and the outbox of the running bot."""

    def test_is_muted_by_its_button_and_by_a_word_in_its_thread(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, DESK, "follow Skarholm")
        since = direct_answers(slack, DESK, None)[-1]["ts"]
        ingest(store, [skarholm("ferry")], lambda: NOW)
        alert = slack.wait_for(lambda: alerts(slack, since), PATIENCE)[0]
        assert "Skarholm" in text_of(alert["blocks"])
        (button,) = (b for b in elements(alert["blocks"], "button") if b["action_id"] == MUTE_STORY)
        before = len(slack.ephemerals)
        slack.click(DESK, alert, button["action_id"])
        told = slack.wait_for(
            lambda: [e for e in slack.ephemerals[before:] if e["shown_to"] == DESK], PATIENCE
        )
        assert told[-1]["text"].startswith("You are told no more of this story.")
        assert len(Watches(store.engine).muted(DESK)) == 1
        asked = slack.direct_message(DESK, "mute this story", thread_ts=alert["ts"])
        thread = slack.direct_channel(DESK)
        (reply,) = slack.wait_for(
            lambda: [r for r in slack.replies(thread, alert["ts"]) if r["ts"] > asked.ts], PATIENCE
        )
        assert "You are told no more of this story." in text_of(reply["blocks"])
        again = slack.direct_message(DESK, "unmute", thread_ts=alert["ts"])
        (reply,) = slack.wait_for(
            lambda: [r for r in slack.replies(thread, alert["ts"]) if r["ts"] > again.ts], PATIENCE
        )
        assert "You are told of this story again" in text_of(reply["blocks"])
        assert Watches(store.engine).muted(DESK) == set()


def skarholm(what: str) -> ReadArticle:
    return ReadArticle(
        url=f"https://skarholm.example/{what}",
        title="Skarholm ferry runs again",
        source="Vessels Gazette",
        published_at=NOW,
        paragraphs=("The ferry to Skarholm runs again after nine years, its owner said.",),
    )


def alerts(slack: LocalSlack, since: str) -> list[dict[str, Any]]:
    """What the bot wrote to the desk unasked: messages with the button that mutes."""
    return [
        held
        for held in direct_answers(slack, DESK, since)
        if any(b["action_id"] == MUTE_STORY for b in elements(held["blocks"], "button"))
    ]


def test_a_timeline_is_a_table_by_date(slack: LocalSlack) -> None:
    reply = wrote(slack, DESK, "timeline of Brexit since January")
    rows = rows_of(reply)
    assert rows[0].startswith("15 Jan")
    assert [row for row in rows if row.startswith("29 Mar")]
    assert is_answer(reply)


def test_a_timeline_has_a_picture_where_slack_has_no_tables(slack: LocalSlack) -> None:
    slack.fail_next("chat.postMessage", error="invalid_blocks")
    reply = wrote(slack, DESK, "timeline of Brexit since January")
    shown = text_of(reply["blocks"])
    assert shown.index("15 Jan") < shown.index("29 Mar")
    assert "Brexit" in uploaded(slack, reply)[0]


class TestADigestAtOnce:
    def test_tells_of_the_last_day(self, slack: LocalSlack) -> None:
        reply = wrote(slack, DESK, "digest on Libya")
        assert "Haftar orders his forces to march on Tripoli" in text_of(reply["blocks"])
        assert is_answer(reply)

    def test_is_on_the_subjects_of_ones_own_digest(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        wrote(slack, DESK, "digest at 8 on Venezuela")
        shown = text_of(wrote(slack, DESK, "digest now")["blocks"])
        assert "Haftar" not in shown


class TestADigest:
    def test_is_set_up_in_the_zone_of_the_writers_profile(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        reply = wrote(slack, DESK, "digest at 07:30 on Libya")
        assert text_of(reply["blocks"]).startswith(
            "You get a digest every day at 07:30 Paris time on Libya; the first tomorrow. "
            "“digest off” stops it."
        )
        (kept,) = digests(store, DESK)
        assert (kept.channel, kept.at, kept.zone) == (DESK, "07:30", "Europe/Paris")
        assert kept.interests == Interests(places=("LY",))

    def test_is_set_up_once_when_slack_delivers_twice(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        asked = slack.direct_message(DESK, "digest at 8 on Libya")
        answered(slack, DESK, asked)
        assert asked.event_id is not None
        slack.redeliver(asked.event_id)
        settle(slack)
        assert len(direct_answers(slack, DESK, asked.ts)) == 1
        assert len(digests(store, DESK)) == 1

    def test_is_set_up_by_a_button_in_its_words(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        reply = wrote(slack, DESK, "digest at 8 on Libya")
        shown = clicked(slack, DESK, reply, "My digests")
        assert "Libya: every day at 08:00 Paris time, next tomorrow" in text_of(shown["blocks"])

    def test_clicked_twice_is_answered_twice_and_delivered_twice_once(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        reply = wrote(slack, DESK, "digest at 8 on Libya")
        before = len(direct_answers(slack, DESK, None))
        clicked(slack, DESK, reply, "My digests")
        clicked(slack, DESK, reply, "My digests")
        settle(slack)
        assert len(direct_answers(slack, DESK, None)) == before + 2

    def test_of_a_channel_is_set_up_by_a_mention(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        reply = mentioned(slack, DESK, "digest at 8 on Libya on weekdays")
        assert text_of(reply["blocks"]).startswith(
            "This channel gets a digest on weekdays at 08:00 Paris time on Libya; the first on "
            "Monday 8 April."
        )
        (kept,) = digests(store, CHANNEL)
        assert (kept.channel, kept.created_by) == (CHANNEL, DESK)
        assert digests(store, DESK) == []
        mentioned(slack, COLLEAGUE, "digest off")
        assert digests(store, CHANNEL) == []

    def test_half_said_is_asked_about(self, slack: LocalSlack, store: ArticleStore) -> None:
        shown = text_of(wrote(slack, DESK, "digest at 25:00")["blocks"])
        assert shown.startswith("“at 25:00” is no time of day. For example: “")
        assert digests(store, DESK) == []


class TestAWatch:
    def test_is_followed_listed_and_unfollowed(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        reply = wrote(slack, DESK, "follow Gharyan")
        assert text_of(reply["blocks"]).startswith("You now follow Gharyan.")
        (kept,) = watches(store, DESK)
        assert (kept.name, kept.criteria) == ("Gharyan", Criteria(words=("Gharyan",)))
        assert (kept.channel, kept.zone) == (DESK, "Europe/Paris")
        assert "Gharyan" in text_of(wrote(slack, DESK, "what do I follow?")["blocks"])
        assert "no longer follow" in text_of(wrote(slack, DESK, "unfollow Gharyan")["blocks"])
        assert watches(store, DESK) == []

    def test_of_another_person_is_not_shown(self, slack: LocalSlack, store: ArticleStore) -> None:
        wrote(slack, DESK, "follow Ormsund")
        shown = text_of(wrote(slack, COLLEAGUE, "my watches")["blocks"])
        assert "Ormsund" not in shown
        wrote(slack, COLLEAGUE, "unfollow all")
        assert len(watches(store, DESK)) == 1

    def test_of_a_channel_is_the_channels(self, slack: LocalSlack, store: ArticleStore) -> None:
        mentioned(slack, DESK, "follow Gharyan")
        assert "Gharyan" in text_of(mentioned(slack, COLLEAGUE, "my watches")["blocks"])
        assert [one.channel for one in watches(store, CHANNEL)] == [CHANNEL]
        assert watches(store, DESK) == []

    def test_cannot_be_set_up_by_a_guest_of_another_workspace(
        self, slack: LocalSlack, store: ArticleStore
    ) -> None:
        slack.mention(CHANNEL, GUEST, "follow Gharyan")
        settle(slack)
        assert watches(store, CHANNEL) == []


def test_help_tells_what_can_be_said(slack: LocalSlack) -> None:
    reply = wrote(slack, COLLEAGUE, "help")
    shown = text_of(reply["blocks"])
    assert "“follow Gharyan”" in shown
    assert block_kit.problems(text=reply["text"], blocks=reply["blocks"]) == []


def test_what_is_set_up_is_shown_as_written_and_mentions_nobody(
    slack: LocalSlack, store: ArticleStore
) -> None:
    reply = wrote(slack, DESK, "follow &lt;!channel&gt; *bold* &lt;@U0DESK&gt;")
    assert "<!channel>" in text_of(reply["blocks"])
    assert list(elements(reply["blocks"], "broadcast")) == []
    assert list(elements(reply["blocks"], "user")) == []
    assert "<!channel>" not in reply["text"]


def test_a_time_zone_that_slack_does_not_tell_is_utc(
    slack: LocalSlack, store: ArticleStore
) -> None:
    slack.add_user(NEWCOMER, "newcomer", tz="Asia/Tokyo")
    slack.fail_next("users.info", error="missing_scope", times=3)
    assert "08:00 UTC" in text_of(wrote(slack, NEWCOMER, "digest at 8")["blocks"])
    assert "08:00 Tokyo time" in text_of(
        wrote(slack, NEWCOMER, "digest at 8 my time on Mali")["blocks"]
    )

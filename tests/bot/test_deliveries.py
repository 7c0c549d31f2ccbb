"""Deliveries: every posting stands in Slack once, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db.outbox import (
    ABANDONED_AFTER,
    POSTED,
    SKIPPED,
    WAITING,
    Chart,
    Claimed,
    Composed,
    Outbox,
    Posting,
    Recorded,
    as_json,
    composed_from,
)
from bot.db.subscriptions import ToldArticle, told_to
from bot.db.turns import Turns
from bot.failures import SlackError, SlackRefused
from bot.jobs.delivery import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PATIENCE,
    Delivered,
    Deliveries,
    Kind,
    Later,
    Skip,
    after_failure,
)
from bot.render.answers import plain_message
from bot.render.blocks import ImageSlot, Message, image
from bot.slack.client import SlackGateway, make_client
from corpus.store.articles import ArticleStore, open_store
from tests.bot import outcomes
from tests.conftest import NOW
from tests.fakes.databases import new_database
from tests.fakes.slack import LocalSlack

CHANNEL, DESK = "C0PRESS", "U0DESK"
KEY = "note:1"
A_MOMENT = timedelta(seconds=1)
TAKEN_OVER = ABANDONED_AFTER + A_MOMENT


@dataclass(frozen=True)
class Picture:
    """A chart as composers give it."""

    png: bytes = b"\x89PNG of nothing"
    alt: str = "A chart of articles by place: Libya 4, Sudan 2."


class Desk:
    """A process's deliveries over its own connection, with a clock that the test turns."""

    def __init__(self, store: ArticleStore, slack: LocalSlack) -> None:
        self.now = NOW
        self.store = store
        self.outbox = Outbox(store.engine)
        self.gateway = SlackGateway(make_client(slack.bot_token, slack.api_url))
        self.turns = Turns(store.engine)
        self.composed = 0
        self.paused: list[float] = []
        self.gone: list[str] = []
        self.make: Callable[[Claimed], Composed | Skip | Later] = self.note
        self.deliveries = Deliveries(
            self.outbox,
            self.gateway,
            {"note": Kind(self._compose, gone=lambda _claimed, reason: self.gone.append(reason))},
            lambda: self.now,
            pause=self.paused.append,
        )

    def _compose(self, claimed: Claimed) -> Composed | Skip | Later:
        self.composed += 1
        return self.make(claimed)

    def note(self, claimed: Claimed) -> Composed:
        parts = claimed.posting.payload["parts"]
        return Composed(tuple(plain_message(f"{part}, made {self.composed}") for part in parts))

    def put(
        self,
        key: str = KEY,
        *parts: str,
        kind: str = "note",
        channel: str = CHANNEL,
        follows: str | None = None,
        due_at: datetime = NOW,
        **payload: Any,
    ) -> None:
        payload = {"parts": parts or ("Note",), **payload}
        assert self.outbox.put(Posting(key, kind, channel, channel, follows, payload, due_at))

    def deliver(self, after: timedelta = timedelta(0)) -> Delivered:
        self.now += after
        return self.deliveries.deliver_due(self.now)

    def recorded(self, key: str = KEY) -> Recorded:
        found = self.outbox.find(key)
        assert found is not None
        return found


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "desk")
        local.add_channel(CHANNEL, "press")
        yield local


@pytest.fixture
def desks(tmp_path: Path, slack: LocalSlack) -> Iterator[list[Desk]]:
    """Two processes over one database and one Slack."""
    stores = [open_store(new_database(tmp_path)) for _ in range(2)]
    yield [Desk(store, slack) for store in stores]
    for store in stores:
        store.close()


@pytest.fixture
def desk(desks: list[Desk]) -> Desk:
    return desks[0]


def texts(slack: LocalSlack, channel: str = CHANNEL) -> list[str]:
    return [message["text"] for message in slack.messages(channel)]


class TestDelivering:
    def test_posts_what_is_due_marked_with_its_key_and_records_where(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        assert desk.deliver() == Delivered(posted=1)
        [message] = slack.messages(CHANNEL)
        assert message["metadata"] == {
            "event_type": "chancery_posting",
            "event_payload": {"key": KEY, "part": 1},
        }
        assert desk.recorded().place == (CHANNEL, message["ts"])
        assert desk.deliver(TAKEN_OVER) == Delivered()

    def test_leaves_alone_what_is_not_due(self, desk: Desk, slack: LocalSlack) -> None:
        desk.put(due_at=NOW + A_MOMENT)
        assert desk.deliver() == Delivered()
        assert desk.deliver(A_MOMENT) == Delivered(posted=1)

    def test_several_messages_come_in_order_and_the_first_is_where_it_stands(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put(KEY, "One", "Two", "Three")
        desk.deliver()
        assert texts(slack) == ["One, made 1", "Two, made 1", "Three, made 1"]
        assert desk.recorded().place == (CHANNEL, slack.messages(CHANNEL)[0]["ts"])

    def test_to_a_person_goes_into_the_direct_conversation(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put(channel=DESK)
        desk.deliver()
        direct = slack.direct_channel(DESK)
        assert texts(slack, direct) == ["Note, made 1"]
        place = desk.recorded().place
        assert place is not None
        assert place[0] == direct

    def test_what_follows_another_waits_for_it_and_stands_in_its_thread(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put("note:first", "First", due_at=NOW + timedelta(minutes=5))
        desk.put("note:more", "More", follows="note:first")
        assert desk.deliver() == Delivered(waiting=1)
        assert desk.deliver(timedelta(minutes=5)) == Delivered(posted=1, waiting=1)
        assert desk.deliver(timedelta(minutes=1)) == Delivered(posted=1)
        first, more = slack.messages(CHANNEL)
        assert more["thread_ts"] == first["ts"]

    def test_what_follows_something_never_posted_is_skipped(self, desk: Desk) -> None:
        desk.put("note:more", follows="note:none")
        assert desk.deliver() == Delivered(skipped=1)
        assert desk.recorded("note:more").note == "what it follows was not posted"

    def test_a_composer_may_skip_and_may_put_off(self, desk: Desk, slack: LocalSlack) -> None:
        desk.put()
        desk.make = lambda claimed: Later(NOW + timedelta(hours=1))
        assert desk.deliver() == Delivered(waiting=1)
        desk.make = lambda claimed: Skip("quiet hours")
        assert desk.deliver(timedelta(minutes=59)) == Delivered()
        assert desk.deliver(timedelta(minutes=1)) == Delivered(skipped=1)
        assert (desk.recorded().state, desk.recorded().note) == (SKIPPED, "quiet hours")
        assert texts(slack) == []

    def test_a_kind_that_is_not_known_waits_for_whoever_knows_it(self, desk: Desk) -> None:
        desk.put(kind="telex")
        assert desk.deliver() == Delivered(waiting=1)
        assert desk.recorded().state == WAITING

    def test_the_turn_and_what_was_told_are_recorded_with_it(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        cited = outcomes.answer().citations
        turn = desk.turns.record_posting(
            "digest", "C0PRESS:note:1", CHANNEL, NOW, "Digest", ["Said."], cited
        )
        told = (ToldArticle("a" * 16, 2, "s" * 16),)
        desk.make = lambda claimed: Composed((plain_message("Digest"),), turn, told)
        desk.put(subscription="sub")
        desk.deliver()
        ts = slack.messages(CHANNEL)[0]["ts"]
        assert desk.recorded().turn_id == turn
        # Whoever asks in the thread goes on from what the posting said.
        assert [one.question for one in desk.turns.earlier(f"{CHANNEL}:{ts}")] == ["Digest"]
        assert dict(told_to(desk.store.engine, "sub").versions) == {"a" * 16: 2}
        assert dict(told_to(desk.store.engine, "sub").stories) == {"s" * 16: NOW}


class TestFailure:
    """Nothing is lost, and nothing stands twice."""

    @pytest.mark.parametrize("status", [200, 500, 503])
    def test_a_message_whose_answer_was_lost_is_found_and_not_posted_again(
        self, desk: Desk, slack: LocalSlack, status: int
    ) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", status=status, taken=True)
        assert desk.deliver() == Delivered(waiting=1)
        assert desk.deliver(TAKEN_OVER) == Delivered(posted=1)
        assert texts(slack) == ["Note, made 1"]
        assert desk.recorded().place == (CHANNEL, slack.messages(CHANNEL)[0]["ts"])

    def test_a_message_that_did_not_arrive_is_posted_as_it_was_composed(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", status=500)
        desk.deliver()
        assert desk.deliver(TAKEN_OVER) == Delivered(posted=1)
        assert texts(slack) == ["Note, made 1"]
        assert desk.composed == 1

    def test_of_several_messages_only_those_that_are_missing_are_posted(
        self, desks: list[Desk], slack: LocalSlack
    ) -> None:
        first, second = desks
        first.put(KEY, "One", "Two", "Three")
        slack.fail_next("chat.postMessage", status=500, taken=True)
        first.deliver()
        slack.message(CHANNEL, DESK, "somebody else")
        assert second.deliver(TAKEN_OVER) == Delivered(posted=1)
        assert texts(slack) == ["One, made 1", "somebody else", "Two, made 1", "Three, made 1"]
        assert first.recorded().place == (CHANNEL, slack.messages(CHANNEL)[0]["ts"])

    def test_in_a_thread_it_is_looked_for_in_the_thread(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put("note:first", "First")
        desk.deliver()
        desk.put("note:more", "More", follows="note:first")
        slack.fail_next("chat.postMessage", status=500, taken=True)
        desk.deliver()
        assert desk.deliver(TAKEN_OVER) == Delivered(posted=1)
        assert texts(slack) == ["First, made 1", "More, made 2"]

    def test_it_is_found_behind_many_messages(self, desk: Desk, slack: LocalSlack) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", status=500, taken=True)
        desk.deliver()
        for number in range(230):
            slack.message(CHANNEL, DESK, f"chatter {number}")
        assert desk.deliver(TAKEN_OVER) == Delivered(posted=1)
        assert [text for text in texts(slack) if text.startswith("Note")] == ["Note, made 1"]

    def test_where_nobody_can_look_nothing_is_posted_again(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", status=500, taken=True)
        desk.deliver()
        slack.fail_next("conversations.history", error="missing_scope")
        assert desk.deliver(TAKEN_OVER) == Delivered(waiting=1)
        assert desk.deliver(LONGEST_PAUSE) == Delivered(posted=1)
        assert texts(slack) == ["Note, made 1"]

    def test_a_rate_limit_is_waited_for_as_long_as_slack_asks(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", status=429, retry_after=600)
        assert desk.deliver() == Delivered(waiting=1)
        assert len(slack.calls("chat.postMessage")) == 1
        assert desk.deliver(timedelta(seconds=599)) == Delivered()
        assert desk.deliver(A_MOMENT) == Delivered(posted=1)

    def test_a_refusal_is_tried_again_and_given_up_in_the_end(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        slack.fail_next("chat.postMessage", error="msg_too_long", times=1000)
        tries = 0
        while desk.recorded().state == WAITING:
            tries += desk.deliver(timedelta(minutes=1)).waiting
        assert (desk.recorded().state, desk.recorded().note) == (SKIPPED, "Slack said msg_too_long")
        assert PATIENCE < desk.now - NOW <= PATIENCE + LONGEST_PAUSE + FIRST_PAUSE
        assert tries < 60
        assert desk.composed == 1

    def test_one_that_cannot_be_made_does_not_keep_back_the_others(
        self, desk: Desk, slack: LocalSlack, caplog: pytest.LogCaptureFixture
    ) -> None:
        def make(claimed: Claimed) -> Composed:
            if claimed.posting.key == "note:broken":
                raise ValueError(claimed.posting.payload["parts"][0])
            return desk.note(claimed)

        desk.make = make
        desk.put("note:broken", "what nobody may read", due_at=NOW - A_MOMENT)
        desk.put("note:sound", "Sound")
        assert desk.deliver() == Delivered(posted=1, waiting=1)
        assert texts(slack) == ["Sound, made 2"]
        assert "reference" in caplog.text
        assert "ValueError" in caplog.text
        assert "nobody may read" not in caplog.text

    def test_a_place_that_is_gone_is_told_to_whoever_keeps_it_and_not_tried_again(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.put()
        slack.leave_channel(CHANNEL)
        assert desk.deliver() == Delivered(skipped=1)
        assert desk.gone == ["not_in_channel"]
        assert desk.deliver(timedelta(days=1)) == Delivered()

    def test_a_process_that_lost_its_claim_while_composing_posts_nothing(
        self, desks: list[Desk], slack: LocalSlack
    ) -> None:
        slow, other = desks
        slow.put()

        def slowly(claimed: Claimed) -> Composed:
            other.now = slow.now + TAKEN_OVER
            assert other.deliveries.deliver_due(other.now) == Delivered(posted=1)
            return slow.note(claimed)

        slow.make = slowly
        assert slow.deliver() == Delivered(waiting=1)
        assert texts(slack) == ["Note, made 1"]
        assert slow.recorded().state == POSTED


class TestPictures:
    @staticmethod
    def with_picture(desk: Desk) -> Callable[[Claimed], Composed]:
        picture: Chart = Picture()

        def make(claimed: Claimed) -> Composed:
            file_id = desk.gateway.upload_image(picture.png, "chart.png", picture.alt)
            text = plain_message("Digest")
            shown = Message(text.text, (*text.blocks, image(ImageSlot(file_id, picture.alt))))
            return Composed((shown,), chart=picture)

        return make

    def test_an_uploaded_picture_stands_in_the_message(self, desk: Desk, slack: LocalSlack) -> None:
        desk.make = self.with_picture(desk)
        desk.put()
        desk.deliver()
        [message] = slack.messages(CHANNEL)
        file_id = message["blocks"][1]["slack_file"]["id"]
        assert slack.files[file_id]["content"] == Picture().png
        assert message["blocks"][1]["alt_text"] == Picture().alt
        assert desk.paused == []

    def test_one_that_slack_is_still_working_on_is_waited_for(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.make = self.with_picture(desk)
        desk.put()
        slack.fail_next("chat.postMessage", error="invalid_blocks", times=2)
        desk.deliver()
        [message] = slack.messages(CHANNEL)
        assert [block["type"] for block in message["blocks"]] == ["rich_text", "image"]
        assert len(desk.paused) == 2

    def test_one_that_slack_does_not_take_there_follows_in_the_thread(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        desk.make = self.with_picture(desk)
        desk.put()
        slack.fail_next("chat.postMessage", error="invalid_blocks", times=4)
        assert desk.deliver() == Delivered(posted=1)
        digest, picture = slack.messages(CHANNEL)
        assert [block["type"] for block in digest["blocks"]] == ["rich_text"]
        assert picture["thread_ts"] == digest["ts"]
        assert len(picture["files"]) == 1

    def test_one_that_cannot_be_shown_at_all_loses_nothing_else(
        self, desk: Desk, slack: LocalSlack
    ) -> None:
        lost = image(ImageSlot("F0NEVER", "A chart"))
        digest = Message("Digest", (*plain_message("Digest").blocks, lost))
        desk.make = lambda claimed: Composed((digest,), chart=Picture())
        desk.put()
        slack.fail_next("files.completeUploadExternal", error="posting_to_channel_denied")
        assert desk.deliver() == Delivered(posted=1)
        assert texts(slack) == ["Digest"]


class TestDeciding:
    @staticmethod
    def claimed(claims: int = 1) -> Claimed:
        return Claimed(Posting(KEY, "note", CHANNEL, CHANNEL, None, {}, NOW), claims)

    def test_pauses_double_up_to_the_longest(self) -> None:
        error = SlackError("Slack could not be reached")
        decided = [after_failure(self.claimed(n), error, NOW, PATIENCE) for n in range(1, 9)]
        pauses = [one.due_at - NOW for one in decided if isinstance(one, Later)]
        minutes = [1, 2, 4, 8, 16, 30, 30, 30]
        assert pauses == [timedelta(minutes=length) for length in minutes]

    def test_what_is_too_late_is_given_up(self) -> None:
        now = NOW + PATIENCE + A_MOMENT
        decided = after_failure(self.claimed(), SlackError("down"), now, PATIENCE)
        assert decided == Skip("it could not be posted")

    def test_a_place_that_is_gone_is_given_up_at_once(self) -> None:
        error = SlackRefused("chat.postMessage", "is_archived")
        decided = after_failure(self.claimed(), error, NOW, PATIENCE)
        assert decided == Skip("Slack refused the place (is_archived)")


def test_what_was_composed_is_kept_without_loss() -> None:
    composed = Composed(
        (plain_message("One “quoted”"), plain_message("Two")),
        turn_id="f" * 32,
        told=(ToldArticle("a" * 16, 1, None), ToldArticle("b" * 16, 2, "s" * 16)),
        channel=CHANNEL,
        thread_ts="1.2",
        kept_at=NOW,
    )
    assert composed_from(as_json(composed)) == composed

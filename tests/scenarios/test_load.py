"""Many ask at once: everybody is answered once, in order, and nobody is lost or held up."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chat.queue import STATUS
from bot.db.events import ABANDONED_AFTER, WORTH_ANSWERING, Claims, replica_name
from bot.library import open_corpus
from bot.render.wording import INTERRUPTED
from bot.service import Service
from bot.settings import Settings
from bot.slack.events import Asked, Place
from retrieval.answers.extractive import Answerer, ExtractiveAnswerer
from retrieval.evidence import Evidence
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Call, Delivery
from tests.scenarios.conftest import people
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    QUESTION,
    direct_answers,
    is_answer,
)
from tests.scenarios.test_serving import START_SECONDS, chancery

pytestmark = pytest.mark.slow

OTHER = "C0OTHER"


class HeldAnswerer:
    """Answers extractively once the test lets it."""

    name = "extractive"

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self._asked = threading.Semaphore(0)

    def wait_until_asked(self, times: int) -> None:
        """Until so many more questions have come to it."""
        for _ in range(times):
            assert self._asked.acquire(timeout=PATIENCE)

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        self._asked.release()
        self.may_answer.wait(PATIENCE)
        yield from ExtractiveAnswerer().draft(question, evidence)


@dataclass
class World:
    """A workspace of its own and bots that a test starts and stops; its clock goes by hand."""

    slack: LocalSlack
    home: Path
    embeddings: SentenceEmbeddings
    now: datetime = NOW
    running: ExitStack = field(default_factory=ExitStack)

    def settings(self, home: Path | None = None, **chosen: object) -> Settings:
        given: dict[str, object] = {
            "slack_bot_token": self.slack.bot_token,
            "slack_app_token": self.slack.app_token,
            "slack_api_url": self.slack.api_url,
            **chosen,
        }
        return settings_for(home or self.home, **given)

    def start(self, settings: Settings | None = None, answerer: Answerer | None = None) -> Service:
        service = Service(
            settings or self.settings(),
            clock=lambda: self.now,
            embeddings=self.embeddings,
            answerer=answerer,
        )
        self.running.callback(service.stop)
        service.start()
        return service

    def start_http(
        self, home: Path | None = None, answerer: Answerer | None = None, **chosen: object
    ) -> str:
        """The address of a bot in HTTP mode, to which a test brings what it wants, when."""
        settings = self.settings(
            home,
            slack_mode="http",
            slack_http_port=0,
            slack_signing_secret=self.slack.identity.signing_secret,
            **chosen,
        )
        return f"http://127.0.0.1:{self.start(settings, answerer).port}/slack/events"

    def claims(self, holder: str | None = None) -> Claims:
        corpus = open_corpus(self.settings())
        self.running.callback(corpus.close)
        return Claims(corpus.engine, holder)

    def answered(self, asked: Delivery) -> list[str]:
        """The answers that stand for one question, known by what they answer: their ts."""
        key = f"message:{asked.channel}:{asked.ts}"
        messages = self.slack.messages(str(asked.channel))
        return [held["ts"] for held in messages if _answers(held) == key]

    def wait_until_answered(self, *asked: Delivery, patience: float = PATIENCE) -> None:
        """Until every question has an answer."""
        wanted = {f"message:{one.channel}:{one.ts}" for one in asked}

        # Reading whole channels at every change would keep Slack from going on.
        def done() -> bool:
            return wanted <= {_answers(call.arguments) for call in self.slack.calls() if _ok(call)}

        self.slack.wait_for(done, patience, "an answer to everybody")

    def wait_for_all(self, asked: list[Delivery], patience: float = PATIENCE) -> None:
        """Until every question has an answer, and a moment for a second one to come."""
        self.wait_until_answered(*asked, patience=patience)
        self.wait_until_answered(self.slack.mention(OTHER, COLLEAGUE, QUESTION), patience=patience)


def _ok(call: Call) -> bool:
    return bool((call.response or {}).get("ok"))


def _answers(posted: dict[str, Any]) -> str | None:
    """The key of what a message answers."""
    payload = (posted.get("metadata") or {}).get("event_payload") or {}
    return str(payload["key"]) if "key" in payload else None


@pytest.fixture
def world(copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings) -> Iterator[World]:
    with LocalSlack() as slack:
        people(slack)
        slack.add_channel(OTHER, "other")
        for number in range(30):
            slack.add_user(f"U0{number:03}", f"person{number}")
        world = World(slack, copied_sample(), embeddings)
        before = set(threading.enumerate())
        with world.running:
            yield world
        left = [
            thread.name
            for thread in set(threading.enumerate()) - before
            if thread.name.startswith(("answer", "status", "telling", "intake", "listener"))
        ]
        assert left == []


def crowd(slack: LocalSlack, size: int = 20) -> list[Delivery]:
    return [slack.mention(CHANNEL, f"U0{number:03}", QUESTION) for number in range(size)]


def wait_for_status(slack: LocalSlack, asked: Delivery, shown: str) -> None:
    """Until that shows under a question."""
    slack.wait_for(lambda: slack.status(CHANNEL, str(asked.ts)) == shown, PATIENCE)


class TestEverybodyIsAnsweredOnce:
    def test_while_the_connection_is_refreshed(self, world: World) -> None:
        world.start()
        world.slack.wait_for_connection()
        asked = crowd(world.slack, 10)
        world.slack.disconnect()
        asked += crowd(world.slack, 20)
        world.wait_for_all(asked)
        assert [len(world.answered(one)) for one in asked] == [1] * 30

    def test_while_connections_break_and_acknowledgements_get_lost(self, world: World) -> None:
        world.start()
        world.slack.wait_for_connection()
        world.slack.lose_acknowledgements(8)
        asked = crowd(world.slack, 10)
        world.slack.wait_for(
            lambda: sum(one.acknowledgements_lost for one in world.slack.deliveries) == 8
        )
        world.slack.drop_connections()
        asked += crowd(world.slack, 10)
        world.slack.wait_for_connection(times=2, timeout=PATIENCE)
        world.wait_for_all(asked)
        assert [len(world.answered(one)) for one in asked] == [1] * 20
        assert max(one.attempts for one in world.slack.deliveries) > 1

    def test_by_two_replicas_on_one_database(
        self, world: World, copied_sample: Callable[[], Path]
    ) -> None:
        shared = f"sqlite:///{world.home / 'chancery.db'}"
        for home in (copied_sample(), copied_sample()):
            world.start(world.settings(home, database_url=shared))
        world.slack.wait_for_connection(times=2)
        asked = crowd(world.slack)
        for one in asked:
            world.slack.redeliver(str(one.event_id))
        world.wait_for_all(asked)
        assert [len(world.answered(one)) for one in asked] == [1] * len(asked)

    def test_where_slack_fails_after_it_took_the_message(self, world: World) -> None:
        world.start()
        world.slack.wait_for_connection()
        world.slack.fail_next("chat.postMessage", status=503, times=3, taken=True)
        asked = crowd(world.slack, 3)
        world.slack.wait_for(lambda: all(world.answered(one) for one in asked), PATIENCE)
        for one in asked:
            wait_for_status(world.slack, one, "")
        world.wait_for_all([])
        assert [len(world.answered(one)) for one in asked] == [1] * 3


class TestOrder:
    def test_within_a_thread_is_that_of_the_questions(self, world: World) -> None:
        world.start()
        world.slack.wait_for_connection()
        first = world.slack.mention(CHANNEL, DESK, QUESTION)
        asked = [first] + [
            world.slack.mention(CHANNEL, f"U0{number:03}", QUESTION, thread_ts=first.ts)
            for number in range(6)
        ]
        world.wait_for_all(asked)
        stamps = [world.answered(one)[0] for one in asked]
        assert stamps == sorted(stamps)

    def test_stays_where_slack_delivers_the_later_question_first(self, world: World) -> None:
        held = HeldAnswerer()
        address = world.start_http(answerer=held)
        opened = world.slack.prepare_mention(CHANNEL, DESK, QUESTION)
        world.slack.signed_request(address, opened).post()
        held.wait_until_asked(1)
        earlier, later = (
            world.slack.prepare_mention(CHANNEL, user, QUESTION, thread_ts=opened.ts)
            for user in (DESK, COLLEAGUE)
        )
        for one in (later, earlier):
            world.slack.signed_request(address, one).post()
        held.may_answer.set()
        asked = [opened, earlier, later]
        world.wait_until_answered(*asked)
        stamps = [world.answered(one)[0] for one in asked]
        assert stamps == sorted(stamps)


class TestWhileEverybodyWaits:
    def test_a_status_shows_though_no_worker_is_free(self, world: World) -> None:
        held = HeldAnswerer()
        world.start(answerer=held)
        world.slack.wait_for_connection()
        asked = crowd(world.slack, 6)
        for one in asked:
            wait_for_status(world.slack, one, STATUS)
        held.may_answer.set()
        world.wait_for_all(asked)
        for one in asked:
            wait_for_status(world.slack, one, "")

    def test_who_waits_long_is_told_the_position_and_how_it_moves(self, world: World) -> None:
        held = HeldAnswerer()
        world.start(answerer=held)
        world.slack.wait_for_connection()
        asked = crowd(world.slack, 30)
        held.wait_until_asked(3)
        told = "is busy: 26 questions before yours…"
        world.slack.wait_for(
            lambda: [one for one in world.slack.statuses if one.status == told], PATIENCE
        )
        (call,) = [
            call
            for call in world.slack.calls("assistant.threads.setStatus")
            if call.arguments["status"] == told
        ]
        assert call.arguments["loading_messages"] == [
            "26 questions are before yours…",
            "About 8 seconds to go…",
        ]
        held.may_answer.set()
        world.wait_for_all(asked)
        last = call.arguments["thread_ts"]
        shown = [one.status for one in world.slack.statuses if one.thread_ts == last]
        assert shown[-2:] == [STATUS, ""]

    def test_one_person_with_many_questions_does_not_hold_up_another(self, world: World) -> None:
        held = HeldAnswerer()
        world.start(answerer=held)
        world.slack.wait_for_connection()
        many = [world.slack.mention(CHANNEL, DESK, QUESTION) for _ in range(15)]
        world.slack.wait_for(lambda: all(one.acknowledged for one in many), PATIENCE)
        one = world.slack.mention(OTHER, COLLEAGUE, QUESTION)
        world.slack.wait_for(lambda: world.slack.status(OTHER, str(one.ts)), PATIENCE)
        held.may_answer.set()
        world.wait_for_all([*many, one])
        before = sum(world.answered(asked)[0] < world.answered(one)[0] for asked in many)
        assert before < 8


class TestWhoAsksALot:
    def test_is_told_once_and_answered_later(self, world: World) -> None:
        address = world.start_http(asks_per_minute=2)

        def ask() -> Delivery:
            asked = world.slack.prepare_mention(CHANNEL, DESK, QUESTION)
            world.slack.signed_request(address, asked).post()
            return asked

        asked = [ask(), ask()]
        world.wait_until_answered(*asked)
        world.now += timedelta(seconds=55.6)
        asked += [ask(), ask()]
        world.wait_until_answered(*asked)
        (told,) = world.slack.ephemerals
        assert told["shown_to"] == DESK
        assert told["text"] == (
            "You asked 3 questions within a minute; this one is answered in 4 seconds."
        )
        assert [len(world.answered(one)) for one in asked] == [1] * 4

    def test_does_not_hold_up_anybody_else(self, world: World) -> None:
        address = world.start_http(asks_per_minute=1)
        for user in (DESK, DESK, COLLEAGUE):
            asked = world.slack.prepare_mention(CHANNEL, user, QUESTION)
            world.slack.signed_request(address, asked).post()
        world.wait_until_answered(asked)

    def test_counts_at_every_replica(self, world: World, copied_sample: Callable[[], Path]) -> None:
        shared = f"sqlite:///{world.home / 'chancery.db'}"
        for _ in range(2):
            address = world.start_http(copied_sample(), database_url=shared, asks_per_minute=1)
            asked = world.slack.prepare_mention(CHANNEL, DESK, QUESTION)
            world.slack.signed_request(address, asked).post()
        told = world.slack.wait_for_ephemeral(DESK, PATIENCE)
        assert told["text"].startswith("You asked 2 questions within a minute;")


class TestAfterAnInterruption:
    def written(self, world: World) -> tuple[Delivery, Asked]:
        """A question that was delivered to a process that is dead now."""
        asked = world.slack.prepare_mention(CHANNEL, DESK, QUESTION)
        ts = str(asked.ts)
        return asked, Asked(Place.CHANNEL, CHANNEL, DESK, QUESTION, ts, ts)

    def test_what_this_replica_had_claimed_is_answered_once(self, world: World) -> None:
        delivery, asked = self.written(world)
        claims = world.claims(replica_name(world.home))
        claims.claim(asked.key, world.now, asked)
        service = world.start()
        world.wait_for_all([delivery])
        service.stop()
        assert len(world.answered(delivery)) == 1
        assert claims.unfinished(world.now + timedelta(hours=1), own=True) == []

    def test_what_stands_already_is_not_posted_again(
        self, world: World, copied_sample: Callable[[], Path]
    ) -> None:
        """As if the process had died between its answer and its note of it."""
        delivery, asked = self.written(world)
        claims = world.claims(replica_name(world.home))
        address = world.start_http(copied_sample())
        world.slack.signed_request(address, delivery).post()
        world.wait_until_answered(delivery)
        claims.claim(asked.key, world.now, asked)
        service = world.start()
        world.slack.wait_for_connection()
        world.wait_for_all([delivery])
        service.stop()
        assert len(world.answered(delivery)) == 1
        assert claims.unfinished(world.now + timedelta(hours=1), own=True) == []

    def test_what_another_replica_may_still_work_on_is_left_alone(self, world: World) -> None:
        delivery, asked = self.written(world)
        world.claims("another").claim(asked.key, world.now, asked)
        world.start()
        world.slack.wait_for_connection()
        world.wait_for_all([])
        assert world.answered(delivery) == []

    def test_what_another_replica_abandoned_is_answered(self, world: World) -> None:
        delivery, asked = self.written(world)
        world.claims("another").claim(asked.key, world.now, asked)
        world.now += ABANDONED_AFTER + timedelta(seconds=1)
        world.start()
        world.slack.wait_for_connection()
        world.wait_for_all([delivery])
        assert len(world.answered(delivery)) == 1

    def test_who_asked_long_ago_is_told_so_instead(self, world: World) -> None:
        delivery, asked = self.written(world)
        world.claims("another").claim(asked.key, world.now, asked)
        world.now += WORTH_ANSWERING + timedelta(seconds=1)
        world.start()
        told = world.slack.wait_for_ephemeral(DESK, PATIENCE)
        assert told["text"] == INTERRUPTED
        assert told["thread_ts"] == delivery.ts
        assert world.answered(delivery) == []


class TestSlackIsBusy:
    def test_a_channel_that_it_limits_does_not_hold_up_another(self, world: World) -> None:
        world.start()
        world.slack.wait_for_connection()
        world.slack.fail_next("chat.postMessage", status=429, retry_after=30)
        limited = crowd(world.slack, 12)
        world.slack.wait_for(
            lambda: [c for c in world.slack.calls("chat.postMessage") if c.http_status == 429],
            PATIENCE,
        )
        free = [world.slack.mention(OTHER, COLLEAGUE, QUESTION) for _ in range(5)]
        world.wait_until_answered(*free, patience=25.0)
        waiting = [one for one in limited if not world.answered(one)]
        assert len(waiting) >= 1

    def test_messages_of_a_channel_are_paced_so_that_none_is_refused(self, world: World) -> None:
        world.slack.limit_posts(5.0, burst=5)
        world.start(world.settings(slack_posts_per_minute=300))
        world.slack.wait_for_connection()
        asked = crowd(world.slack, 10)
        world.wait_until_answered(*asked)
        refused = [c for c in world.slack.calls("chat.postMessage") if c.http_status == 429]
        assert refused == []

    def test_a_question_that_waits_for_it_at_the_end_is_left_to_the_next_start(
        self, world: World
    ) -> None:
        first = world.start()
        world.slack.wait_for_connection()
        world.slack.fail_next("chat.postMessage", status=429, retry_after=60)
        (asked,) = crowd(world.slack, 1)
        world.slack.wait_for(
            lambda: [c for c in world.slack.calls("chat.postMessage") if c.http_status == 429],
            PATIENCE,
        )
        first.stop()
        assert world.answered(asked) == []
        world.start()
        world.slack.wait_for_connection(times=2, timeout=PATIENCE)
        world.wait_for_all([asked])
        assert len(world.answered(asked)) == 1


class TestACommand:
    def test_whose_window_has_closed_is_answered_in_a_direct_message(self, world: World) -> None:
        held = HeldAnswerer()
        world.start(answerer=held)
        world.slack.wait_for_connection()
        world.slack.command(DESK, CHANNEL, "/chancery", f"ask {QUESTION}")
        held.wait_until_asked(1)
        world.slack.expire_response_urls()
        held.may_answer.set()
        (answer,) = world.slack.wait_for(lambda: direct_answers(world.slack, DESK, "0"), PATIENCE)
        assert is_answer(answer)


class TestKilled:
    @contextmanager
    def serving(self, world: World, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
        """`chancery serve` as it is deployed."""
        environment = {
            **os.environ,
            "CHANCERY_HOME": str(world.home),
            "SLACK_BOT_TOKEN": world.slack.bot_token,
            "SLACK_APP_TOKEN": world.slack.app_token,
            "SLACK_API_URL": world.slack.api_url,
            "SLACK_POSTS_PER_MINUTE": "0",
        }
        log = (tmp_path / "log.txt").open("ab")
        process = subprocess.Popen(
            [chancery(), "serve"], stdout=log, stderr=log, env=environment, cwd=tmp_path
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            log.close()

    def test_in_the_midst_of_its_answers_it_answers_the_rest_when_it_is_back(
        self, world: World, tmp_path: Path
    ) -> None:
        world.slack.delay("chat.postMessage", 0.5)
        with self.serving(world, tmp_path) as process:
            world.slack.wait_for_connection(timeout=START_SECONDS)
            asked = crowd(world.slack, 12)
            world.slack.wait_for(lambda: all(one.acknowledged for one in asked), PATIENCE)
            world.slack.wait_for(
                lambda: sum(bool(world.answered(one)) for one in asked) >= 2, PATIENCE
            )
            process.kill()
            process.wait()
        unanswered = [one for one in asked if not world.answered(one)]
        assert unanswered
        with self.serving(world, tmp_path):
            world.wait_for_all(asked, START_SECONDS)
        assert [len(world.answered(one)) for one in asked] == [1] * len(asked)

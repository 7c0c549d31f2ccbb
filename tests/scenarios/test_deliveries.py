"""Slack delivers at least once, limits, and fails; each question is answered exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.db.events import ABANDONED_AFTER, Claims
from bot.library import open_corpus
from bot.service import Service
from bot.settings import Settings
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import (
    CHANNEL,
    DESK,
    PATIENCE,
    QUESTION,
    answers,
    is_answer,
    settle,
)


@pytest.mark.usefixtures("service")
class TestOnce:
    def test_a_redelivered_event_is_answered_once(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        slack.redeliver(str(asked.event_id))
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        slack.redeliver(str(asked.event_id))
        settle(slack)
        assert asked.attempts == 3
        assert len(answers(slack, asked)) == 1

    def test_the_two_events_of_one_mention_are_answered_once(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        settle(slack)
        kinds = {held["type"] for held in slack.deliveries if held.ts == asked.ts}
        assert kinds == {"app_mention", "message"}
        assert len(answers(slack, asked)) == 1

    def test_the_two_events_of_a_mention_in_a_direct_message_are_answered_once(
        self, slack: LocalSlack
    ) -> None:
        asked = slack.mention(slack.direct_channel(DESK), DESK, QUESTION)
        settle(slack)
        replies = [
            held
            for held in slack.messages(str(asked.channel))
            if held["user"] == slack.bot_user and held["ts"] > str(asked.ts)
        ]
        assert len(replies) == 1


class TestWhatADeadProcessLeft:
    @pytest.fixture
    def claims(self, http_settings: Settings) -> Iterator[Claims]:
        """Claims as another process of the same bot writes them."""
        corpus = open_corpus(http_settings)
        yield Claims(corpus.engine)
        corpus.close()

    def test_is_taken_over_by_a_later_redelivery(
        self, slack: LocalSlack, claims: Claims, http_address: str
    ) -> None:
        asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
        claims.claim(f"message:{CHANNEL}:{asked.ts}", NOW - ABANDONED_AFTER - timedelta(seconds=1))
        slack.signed_request(http_address, asked).post()
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))

    def test_is_left_alone_while_its_process_may_still_answer(
        self, slack: LocalSlack, claims: Claims, http_address: str
    ) -> None:
        asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
        claims.claim(f"message:{CHANNEL}:{asked.ts}", NOW - timedelta(seconds=5))
        slack.signed_request(http_address, asked).post()
        later = slack.prepare_mention(CHANNEL, DESK, QUESTION)
        slack.signed_request(http_address, later).post()
        slack.wait_for_reply(CHANNEL, later.ts, PATIENCE)
        assert answers(slack, asked) == []


@pytest.mark.usefixtures("service")
class TestSlackFails:
    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_reply_that_is_limited_or_fails_is_posted_later(
        self, slack: LocalSlack, status: int
    ) -> None:
        slack.fail_next("chat.postMessage", status=status)
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))
        assert len(answers(slack, asked)) == 1

    def test_a_status_that_slack_refuses_does_not_keep_the_answer(self, slack: LocalSlack) -> None:
        slack.fail_next("assistant.threads.setStatus", error="not_allowed", times=2)
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))

    def test_after_a_lost_connection_what_was_not_acknowledged_is_answered_once(
        self, slack: LocalSlack
    ) -> None:
        slack.wait_for(
            lambda: all(
                held.acknowledged or held.acknowledgements_lost for held in slack.deliveries
            )
        )
        slack.lose_acknowledgements(1)
        asked = slack.direct_message(DESK, QUESTION)
        slack.wait_for(lambda: asked.acknowledgements_lost)
        slack.disconnect()
        slack.wait_for_acknowledgement(asked, PATIENCE)
        settle(slack)
        replies = [m for m in slack.messages(str(asked.channel)) if m["ts"] > str(asked.ts)]
        assert len(replies) == 1


class TestReplicas:
    @pytest.fixture
    def replicas(
        self,
        slack: LocalSlack,
        copied_sample: Callable[[], Path],
        embeddings: SentenceEmbeddings,
        tmp_path: Path,
    ) -> Iterator[list[Service]]:
        """Two bots, each with indexes of its own, on one database."""
        shared = copied_sample() / "chancery.db"
        with ExitStack() as running:
            services = []
            for _ in range(2):
                settings = settings_for(
                    copied_sample(),
                    database_url=f"sqlite:///{shared}",
                    slack_mode="http",
                    slack_http_port=0,
                    slack_bot_token=slack.bot_token,
                    slack_signing_secret=slack.identity.signing_secret,
                    slack_api_url=slack.api_url,
                )
                service = Service(settings, clock=lambda: NOW, embeddings=embeddings)
                running.callback(service.stop)
                service.start()
                services.append(service)
            yield services

    @pytest.mark.slow
    def test_answer_an_event_once_whichever_of_them_gets_it(
        self, slack: LocalSlack, replicas: list[Service]
    ) -> None:
        addresses = [f"http://127.0.0.1:{replica.port}/slack/events" for replica in replicas]
        asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
        # Slack signs what it delivers again anew.
        requests = [
            replace(request, headers=slack.sign(request.body, timestamp=time.time() - attempt))
            for attempt, request in enumerate(
                slack.signed_request(address, asked) for address in addresses * 3
            )
        ]
        with ThreadPoolExecutor(len(requests)) as posting:
            taken = [answer.status_code for answer in posting.map(lambda r: r.post(), requests)]
        assert taken == [200] * 6
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        for replica in replicas:
            replica.stop()
        assert len(answers(slack, asked)) == 1

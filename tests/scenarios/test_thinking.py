"""What takes long is shown while it is done, and ends at once for whoever presses Stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.chat.router import SAID_STOPPED, STOPPED
from bot.library import make_library_follower, open_corpus, open_library
from bot.service import Service
from corpus.ingest import ingest
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.evidence import Evidence
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question
from tests.conftest import NOW, settings_for
from tests.fakes.answerers import ChosenAnswerer
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Delivery
from tests.scenarios.conftest import PLAIN_ARTICLE, people
from tests.scenarios.people import CHANNEL, COLLEAGUE, DESK, PATIENCE, is_answer, text_of
from tests.scenarios.test_streaming import FIRST, QUESTION, SECOND, SIGNED, PacedAnswerer


@pytest.fixture(scope="module")
def answerer() -> ChosenAnswerer:
    return ChosenAnswerer()


@pytest.fixture(scope="module")
def slack(
    copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings, answerer: ChosenAnswerer
) -> Iterator[LocalSlack]:
    """A workspace whose bot shows early what it does."""
    with LocalSlack() as local:
        people(local)
        settings = settings_for(
            copied_sample(),
            slack_bot_token=local.bot_token,
            slack_app_token=local.app_token,
            slack_api_url=local.api_url,
        )
        corpus = open_corpus(settings)
        ingest(corpus, [PLAIN_ARTICLE], lambda: NOW)
        with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
            library.indexer.catch_up()
            make_library_follower(library).catch_up()
        corpus.close()
        running = Service(
            settings,
            clock=lambda: NOW,
            answerer=answerer,
            embeddings=embeddings,
            thinking_after=0.3,
        )
        running.start()
        local.wait_for_connection()
        yield local
        running.stop()


class Held:
    """Answers extractively once the test lets it."""

    name = "extractive"

    def __init__(self) -> None:
        self.may_answer = threading.Event()

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        assert self.may_answer.wait(PATIENCE)
        yield from ExtractiveAnswerer().draft(question, evidence)


def plan_of(slack: LocalSlack, asked: Delivery) -> dict[str, Any]:
    """The plan in the thread of a question, once it is there."""
    place = (str(asked.channel), str(asked.ts))
    shown = slack.wait_for(
        lambda: [one for one in slack.thread(*place) if one.get("plan")], PATIENCE, "a plan"
    )
    return shown[-1]["plan"]


def texts(slack: LocalSlack, asked: Delivery) -> list[str]:
    found = slack.thread(str(asked.channel), str(asked.ts))[1:]
    return [f"{one['text']} {text_of(one.get('blocks', ()))}" for one in found]


class TestWhatTakesLong:
    def test_shows_a_plan_that_gives_way_to_the_answer(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(Held()) as held:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            plan = plan_of(slack, asked)
            place = (CHANNEL, str(asked.ts))
            assert slack.sessions[place]["status"] == "processing"
            assert slack.sessions[place]["initiator"] == DESK
            assert [one["status"] for one in plan["tasks"].values()] == [
                "in_progress",
                "pending",
                "pending",
            ]
            held.may_answer.set()
            slack.wait_for(lambda: slack.sessions[place]["status"] == "active", PATIENCE)
        (reply,) = slack.replies(*place)
        assert is_answer(reply)
        assert "plan" not in reply

    def test_is_answered_all_the_same_where_slack_takes_no_plan(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        slack.fail_next("chat.startStream", error="unknown_method")
        with answerer.replaced_by(Held()) as held:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for(lambda: (CHANNEL, str(asked.ts)) in slack.sessions, PATIENCE)
            held.may_answer.set()
            assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))


class TestStop:
    def test_leaves_no_answer_where_nothing_was_checked(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(Held()) as held:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            plan_of(slack, asked)
            slack.stop_session(CHANNEL, str(asked.ts), DESK)
            slack.wait_for(lambda: SAID_STOPPED in "".join(texts(slack, asked)), PATIENCE)
            held.may_answer.set()
            slack.wait_for(lambda: not slack.status(CHANNEL, str(asked.ts)), PATIENCE)
        slack.wait_for(lambda: len(texts(slack, asked)) == 1, PATIENCE)
        place = (CHANNEL, str(asked.ts))
        slack.wait_for(lambda: slack.sessions[place]["status"] == "active", PATIENCE)

    def test_keeps_what_was_checked_and_says_so(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(PacedAnswerer((FIRST, SECOND))) as writing:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            writing.go_on()
            slack.wait_for(lambda: SIGNED in "".join(texts(slack, asked)), PATIENCE)
            slack.stop_session(CHANNEL, str(asked.ts), DESK)
            slack.wait_for(lambda: STOPPED in "".join(texts(slack, asked)), PATIENCE)
            writing.go_on(2)
        told = "".join(texts(slack, asked))
        assert "Both coasts" not in told
        assert SAID_STOPPED in told


class TestASession:
    def test_of_a_direct_message_has_the_title_of_its_question(self, slack: LocalSlack) -> None:
        asked = slack.direct_message(DESK, "What did Guterres say about Libya?")
        place = (str(asked.channel), str(asked.ts))
        held = {"status": "active", "title": "Guterres on Libya", "initiator": DESK}
        slack.wait_for(lambda: slack.sessions.get(place) == held, PATIENCE)


class TestWhatIsNewHere:
    def test_means_the_digest_of_the_channel_that_somebody_looks_at(
        self, slack: LocalSlack
    ) -> None:
        slack.add_channel("C0SUDAN", "sudan-desk")
        set_up = slack.mention("C0SUDAN", DESK, "digest at 07:30 on Sudan")
        slack.wait_for_reply("C0SUDAN", set_up.ts, PATIENCE)
        slack.look_at(DESK, "C0SUDAN")
        asked = slack.direct_message(DESK, "What is new here?")
        reply = slack.wait_for_reply(str(asked.channel), asked.ts, PATIENCE)
        told = text_of(reply["blocks"])
        assert told.startswith(("Digest · ", "Nothing new for Sudan", "Read last"))

    def test_means_ones_own_digest_where_no_channel_is_looked_at(self, slack: LocalSlack) -> None:
        set_up = slack.direct_message(COLLEAGUE, "digest at 07:30 on Sudan")
        slack.wait_for_reply(str(set_up.channel), set_up.ts, PATIENCE)
        asked = slack.direct_message(COLLEAGUE, "What is new here?")
        reply = slack.wait_for_reply(str(asked.channel), asked.ts, PATIENCE)
        told = text_of(reply["blocks"])
        assert told.startswith(("Digest · ", "Nothing new for Sudan", "Read last"))

    def test_says_so_where_the_channel_has_none(self, slack: LocalSlack) -> None:
        slack.add_channel("C0EMPTY", "empty")
        asked = slack.mention("C0EMPTY", DESK, "what's new in this channel?")
        reply = slack.wait_for_reply("C0EMPTY", asked.ts, PATIENCE)
        assert "no digest is set up for it" in text_of(reply["blocks"])

"""Who is not answered: told why, privately, on every surface, and nobody else notices."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.service import Service
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import people
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    QUESTION,
    answers,
    is_answer,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

ELSEWHERE = "T0ELSEWHERE"
OUTSIDE = "I answer only people of the workspace that I work for. Its admins can change that."
Golden = Callable[[str, Any], None]


@pytest.fixture
def outsider(slack: LocalSlack, request: pytest.FixtureRequest) -> str:
    """A person of another workspace whom the bot has never met."""
    return newcomer(slack, request, team=ELSEWHERE)


def newcomer(slack: LocalSlack, request: pytest.FixtureRequest, **fields: Any) -> str:
    """Somebody whom no other test knows, since profiles are remembered."""
    user = f"U0{zlib.crc32(request.node.nodeid.encode())}"
    slack.add_user(user, "visitor", **fields)
    return user


def told_privately(slack: LocalSlack, user: str) -> list[dict[str, Any]]:
    return [held for held in slack.ephemerals if held["shown_to"] == user]


class TestOutsider:
    """A person of another workspace, met in a shared channel."""

    def test_who_mentions_us_is_told_once_and_alone(
        self, slack: LocalSlack, outsider: str, golden: Golden
    ) -> None:
        asked = slack.mention(CHANNEL, outsider, QUESTION)
        told = slack.wait_for_ephemeral(outsider, PATIENCE)
        assert told["text"] == OUTSIDE
        again = slack.mention(CHANNEL, outsider, QUESTION)
        settle(slack)
        assert told_privately(slack, outsider) == [told]
        assert answers(slack, asked) == answers(slack, again) == []
        golden("not_answered", told)

    def test_who_goes_on_in_a_thread_is_not_even_told(
        self, slack: LocalSlack, outsider: str
    ) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        before = len(answers(slack, asked))
        slack.message(CHANNEL, outsider, "And what did Haftar say?", asked.thread_ts)
        settle(slack)
        assert len(answers(slack, asked)) == before
        assert told_privately(slack, outsider) == []

    def test_who_writes_directly_is_told_there(self, slack: LocalSlack, outsider: str) -> None:
        slack.direct_message(outsider, QUESTION)
        channel = slack.direct_channel(outsider)
        slack.wait_for_call("chat.postMessage", PATIENCE)
        said = slack.wait_for(lambda: of_bot(slack, channel), PATIENCE)
        slack.direct_message(outsider, QUESTION)
        settle(slack)
        assert [message["text"] for message in of_bot(slack, channel)] == [OUTSIDE]
        assert not is_answer(said[0])

    def test_who_gives_a_command_is_told_each_time(self, slack: LocalSlack, outsider: str) -> None:
        for _ in range(2):
            given = slack.command(outsider, CHANNEL, "/chancery", "ask " + QUESTION)
            slack.wait_for_acknowledgement(given)
        slack.wait_for(lambda: len(told_privately(slack, outsider)) == 2, PATIENCE)
        assert {held["text"] for held in told_privately(slack, outsider)} == {OUTSIDE}

    def test_who_opens_home_sees_why_it_is_empty(
        self, slack: LocalSlack, outsider: str, golden: Golden
    ) -> None:
        slack.open_home(outsider)
        slack.wait_for(lambda: OUTSIDE in text_of(slack.homes.get(outsider)), PATIENCE)
        home = slack.homes[outsider]
        golden("not_answered_home", home)

    def test_who_clicks_a_button_gets_no_paragraphs(self, slack: LocalSlack, outsider: str) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        answer = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer)
        modals = [view for view in slack.views.values() if view["type"] == "modal"]
        slack.click(outsider, answer, "show_paragraphs")
        assert slack.wait_for_ephemeral(outsider, PATIENCE)["text"] == OUTSIDE
        assert [view for view in slack.views.values() if view["type"] == "modal"] == modals

    def test_who_chooses_a_shortcut_sees_why_not(
        self, slack: LocalSlack, outsider: str, golden: Golden
    ) -> None:
        message = slack.message(CHANNEL, DESK, "https://press.example/1")
        held = slack.messages(CHANNEL)[-1]
        assert held["ts"] == message.ts
        chosen = slack.shortcut(outsider, "add_to_corpus", held, CHANNEL)
        slack.wait_for_acknowledgement(chosen)
        view = slack.wait_for(lambda: view_with(slack, OUTSIDE), PATIENCE)
        golden("not_answered_modal", view)

    def test_who_submits_a_modal_sees_why_it_was_for_nothing(
        self, slack: LocalSlack, outsider: str
    ) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        answer = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer)
        slack.click(DESK, answer, "show_paragraphs")
        view = slack.wait_for_view(PATIENCE)
        submitted = slack.submit_view(outsider, view["id"], {})
        said = slack.wait_for_acknowledgement(submitted, PATIENCE)
        assert said is not None
        assert said["response_action"] == "update"
        assert OUTSIDE in text_of(said["view"]["blocks"])

    def test_a_colleague_is_answered_all_the_same(self, slack: LocalSlack, outsider: str) -> None:
        slack.mention(CHANNEL, outsider, QUESTION)
        asked = slack.mention(CHANNEL, COLLEAGUE, QUESTION)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer))


class TestProfile:
    def test_one_that_cannot_be_read_locks_nobody_out(
        self, slack: LocalSlack, request: pytest.FixtureRequest
    ) -> None:
        user = newcomer(slack, request)
        slack.fail_next("users.info", error="fatal_error", times=2)
        asked = slack.mention(CHANNEL, user, QUESTION)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer))
        slack.wait_for(lambda: "users.info" in [call.method for call in slack.calls()])

    def test_without_it_the_payload_still_tells_an_outsider(
        self, slack: LocalSlack, outsider: str
    ) -> None:
        slack.fail_next("users.info", error="fatal_error", times=2)
        asked = slack.mention(CHANNEL, outsider, QUESTION)
        assert slack.wait_for_ephemeral(outsider, PATIENCE)["text"] == OUTSIDE
        assert answers(slack, asked) == []

    def test_one_that_is_slow_delays_no_acknowledgement(
        self, slack: LocalSlack, request: pytest.FixtureRequest
    ) -> None:
        user = newcomer(slack, request)
        slack.delay("users.info", 600)
        try:
            given = slack.command(user, CHANNEL, "/chancery", "help")
            asked = slack.mention(CHANNEL, user, QUESTION)
            slack.wait_for_acknowledgement(asked, PATIENCE)
            assert given.attempts == asked.attempts == 1
        finally:
            slack.delay("users.info", 0.0)
        assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer))

    def test_a_deactivated_account_and_a_bot_get_no_word(
        self, slack: LocalSlack, request: pytest.FixtureRequest
    ) -> None:
        gone = newcomer(slack, request, deleted=True)
        slack.add_user("U0ROBOT", "robot", is_bot=True)
        asked = [slack.mention(CHANNEL, user, QUESTION) for user in (gone, "U0ROBOT")]
        settle(slack)
        assert [answers(slack, one) for one in asked] == [[], []]
        assert told_privately(slack, gone) == told_privately(slack, "U0ROBOT") == []


class TestSettings:
    """A workspace of its own, whose bot is narrowed to one channel, few people and no guests."""

    @pytest.fixture(scope="class")
    def narrow(
        self, copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings
    ) -> Iterator[LocalSlack]:
        with LocalSlack() as local:
            people(local)
            local.add_channel("C0OTHER", "other")
            local.add_user("U0VISITOR", "visitor", is_restricted=True)
            local.add_user("U0SINGLE", "single", is_ultra_restricted=True)
            local.add_user("U0PARTNER", "partner", team="T0PARTNER")
            local.add_user("U0OTHER", "other")
            local.add_user(
                "U0GRID",
                "grid",
                team="T0SISTER",
                enterprise_user={"enterprise_id": "E0ORG", "teams": ["T0SISTER", "T0LOCAL"]},
            )
            settings = settings_for(
                copied_sample(),
                slack_bot_token=local.bot_token,
                slack_app_token=local.app_token,
                slack_api_url=local.api_url,
                slack_teams=("T0PARTNER",),
                slack_channels=(CHANNEL,),
                slack_people=(DESK, "U0VISITOR", "U0SINGLE", "U0PARTNER", "U0GRID"),
                slack_guests=False,
                slack_admins=(COLLEAGUE,),
            )
            running = Service(settings, clock=lambda: NOW, embeddings=embeddings)
            running.start()
            local.wait_for_connection()
            yield local
            running.stop()

    @pytest.mark.parametrize("user", [DESK, COLLEAGUE, "U0PARTNER", "U0GRID"])
    def test_let_in(self, narrow: LocalSlack, user: str) -> None:
        asked = narrow.mention(CHANNEL, user, QUESTION)
        assert is_answer(narrow.wait_for_reply(CHANNEL, asked.ts, PATIENCE, is_answer))

    @pytest.mark.parametrize(
        ("user", "why"),
        [
            ("U0VISITOR", "I do not answer guests of this workspace."),
            ("U0SINGLE", "I do not answer guests of this workspace."),
            ("U0OTHER", "I answer only the people whom I was set up for."),
        ],
    )
    def test_keep_out_and_name_the_admin(self, narrow: LocalSlack, user: str, why: str) -> None:
        narrow.mention(CHANNEL, user, QUESTION)
        told = narrow.wait_for_ephemeral(user, PATIENCE)
        assert told["text"] == f"{why} colleague can change that."

    def test_keep_to_the_channels_and_to_direct_messages(self, narrow: LocalSlack) -> None:
        asked = narrow.mention("C0OTHER", DESK, QUESTION)
        told = narrow.wait_for_ephemeral(DESK, PATIENCE)
        assert told["channel"] == "C0OTHER"
        assert told["text"].startswith(
            "I do not answer in this channel; a direct message reaches me."
        )
        narrow.direct_message(DESK, QUESTION)
        narrow.wait_for(lambda: of_bot(narrow, narrow.direct_channel(DESK)), PATIENCE)
        assert answers(narrow, asked) == []


def of_bot(slack: LocalSlack, channel: str) -> list[dict[str, Any]]:
    return [one for one in slack.messages(channel) if one.get("bot_id") == slack.identity.bot_id]


def view_with(slack: LocalSlack, text: str) -> dict[str, Any]:
    """A modal that says this; empty where there is none."""
    found = [view for view in slack.views.values() if text in text_of(view["blocks"])]
    return next((view for view in found if view["type"] == "modal"), {})

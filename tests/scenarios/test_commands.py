"""`/chancery …`: answered to whoever asked alone, and shared with the channel by a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.db import schema
from bot.handlers.commands import NO_MEMBER, NOT_YOURS, ONCE, SHARED, SHARED_OUTSIDE
from bot.jobs.corrections import turns_citing
from bot.library import open_corpus
from bot.render.blocks import SHARE, SHOW_PARAGRAPHS
from bot.settings import Settings
from corpus.articles import article_id
from tests.fakes import block_kit
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import PLAIN_ARTICLE
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    elements,
    is_answer,
    new_modal,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

ECHO = "You asked:"
ELSEWHERE = "C0ELSEWHERE"
QUESTION = "Who signed the Ormsund fisheries protocol on 4 April 2019?"
SCRIPT = ScriptedAnswerer(
    (
        WrittenSentence(
            "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019.",
            "/ormsund",
            2,
        ),
    )
)

Golden = Callable[[str, Any], None]


def shown(slack: LocalSlack, user: str, after: str) -> list[dict[str, Any]]:
    """What a person alone was shown after a moment, without the echo of the question."""
    return [
        one
        for one in slack.ephemerals
        if one["shown_to"] == user and one["ts"] > after and not one["text"].startswith(ECHO)
    ]


def now(slack: LocalSlack) -> str:
    return max((one["ts"] for one in slack.ephemerals), default="")


def commanded(
    slack: LocalSlack, text: str, user: str = DESK, channel: str = CHANNEL
) -> dict[str, Any]:
    """The first thing that a command is answered."""
    before = now(slack)
    slack.command(user, channel, "/chancery", text)
    slack.wait_for(lambda: shown(slack, user, before), PATIENCE)
    return shown(slack, user, before)[0]


def shared(slack: LocalSlack, answer: dict[str, Any], user: str = DESK) -> dict[str, Any]:
    """What a click on *Share in channel* posts."""
    before = {one["ts"] for one in slack.messages(CHANNEL)}
    slack.click(user, answer, SHARE, channel=CHANNEL)
    slack.wait_for(
        lambda: [one for one in slack.messages(CHANNEL) if one["ts"] not in before], PATIENCE
    )
    (posted,) = [one for one in slack.messages(CHANNEL) if one["ts"] not in before]
    return posted


# What is asked


def test_a_question_is_answered_to_the_asker_alone(slack: LocalSlack) -> None:
    posted = len(slack.messages(CHANNEL))
    answer = commanded(slack, "ask What did Guterres say about a military solution in Libya?")
    assert is_answer(answer)
    assert "no military solution" in text_of(answer["blocks"])
    assert len(slack.messages(CHANNEL)) == posted


def test_what_was_asked_is_shown_with_the_acknowledgement(slack: LocalSlack) -> None:
    before = now(slack)
    delivery = slack.command(DESK, CHANNEL, "/chancery", f"ask {QUESTION}")
    slack.wait_for_acknowledgement(delivery, PATIENCE)
    assert delivery.response is not None
    assert f"“{QUESTION}”" in text_of(delivery.response["blocks"])
    slack.wait_for(lambda: shown(slack, DESK, before), PATIENCE)


def test_plain_words_need_no_sub_command(slack: LocalSlack) -> None:
    assert "Libya" in text_of(commanded(slack, "Libya this week")["blocks"])
    assert is_answer(commanded(slack, "what did Guterres say about a military solution in Libya"))


def test_ask_makes_a_question_of_what_reads_like_a_command(slack: LocalSlack) -> None:
    answer = commanded(slack, "ask follow the money in Libya")
    assert "Following" not in text_of(answer["blocks"])
    assert "You follow nothing" in text_of(commanded(slack, "mine")["blocks"])


def test_a_follow_up_goes_on_from_what_was_asked_before(slack: LocalSlack) -> None:
    commanded(slack, "ask Who signed the Ormsund fisheries protocol?", COLLEAGUE)
    answer = commanded(slack, "ask and how many vessels does it allow?", COLLEAGUE)
    assert "120 vessels" in text_of(answer["blocks"])


@pytest.mark.parametrize("text", ["", "help", "HELP", "hello"])
def test_help_says_what_can_be_said(slack: LocalSlack, text: str) -> None:
    answer = commanded(slack, text)
    assert "/chancery summary Libya this week" in text_of(answer["blocks"])


def test_a_word_that_is_no_command_gets_help_and_no_error(slack: LocalSlack) -> None:
    shown_text = text_of(commanded(slack, "frobnicate")["blocks"])
    assert shown_text.startswith("“frobnicate” is no command that I know.")
    assert "/chancery ask" in shown_text


def test_an_empty_question_is_told_what_to_write(slack: LocalSlack) -> None:
    assert "Ask me about what has been read" in text_of(commanded(slack, "ask")["blocks"])


def test_following_in_a_channel_is_the_persons_alone(slack: LocalSlack) -> None:
    answer = text_of(commanded(slack, "follow Tornholm")["blocks"])
    assert "Tornholm" in answer
    assert "This is yours alone." in answer
    assert "“@Chancery follow Tornholm” in the channel" in answer
    assert "Tornholm" in text_of(commanded(slack, "mine")["blocks"])
    assert "Tornholm" not in text_of(commanded(slack, "mine", COLLEAGUE)["blocks"])
    asked = slack.mention(CHANNEL, DESK, "my watches")
    channels = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert "Tornholm" not in text_of(channels["blocks"])
    commanded(slack, "unfollow Tornholm")
    assert "Tornholm" not in text_of(commanded(slack, "mine")["blocks"])


def test_sources_are_listed_and_added_by_admins_only(slack: LocalSlack) -> None:
    listed = text_of(commanded(slack, "sources", COLLEAGUE)["blocks"])
    assert "sources add" in listed or "sources read" in listed
    before = set(slack.views)
    given = slack.command(
        COLLEAGUE, CHANNEL, "/chancery", "sources add https://vessels.example/feed"
    )
    slack.wait_for_acknowledgement(given, PATIENCE)
    view = new_modal(slack, before)
    assert "Only admins" in text_of(view["blocks"])
    slack.close_view(COLLEAGUE, view["id"])


def test_a_command_that_is_delivered_twice_is_answered_once(slack: LocalSlack) -> None:
    before = now(slack)
    slack.lose_acknowledgements()
    slack.command(DESK, CHANNEL, "/chancery", f"ask {QUESTION}")
    slack.wait_for(lambda: shown(slack, DESK, before), PATIENCE)
    slack.disconnect()
    slack.wait_for_connection(2, PATIENCE)
    settle(slack)
    assert len(shown(slack, DESK, before)) == 1


def test_a_failure_is_told_to_the_asker_alone(slack: LocalSlack, answerer: ChosenAnswerer) -> None:
    class Broken(ScriptedAnswerer):
        def draft(self, question: Any, evidence: Any) -> Any:
            raise RuntimeError("broken")

    with answerer.replaced_by(Broken(())):
        answer = commanded(slack, f"ask {QUESTION}")
    assert "(reference " in answer["text"]


# Sharing


def test_sharing_posts_what_was_shown_with_the_askers_name(slack: LocalSlack) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    posted = shared(slack, answer)
    shown_text = text_of(posted["blocks"])
    assert shown_text.startswith(f"desk asked: “{QUESTION}”")
    assert "signed by Marit Solvang" in shown_text
    assert "thread_ts" not in posted
    assert SHARE not in {one["action_id"] for one in elements(posted["blocks"], "button")}
    slack.wait_for(lambda: SHARED in text_of(answer_now(slack, answer)["blocks"]), PATIENCE)
    left = {one["action_id"] for one in elements(answer_now(slack, answer)["blocks"], "button")}
    assert SHARE not in left
    assert SHOW_PARAGRAPHS in left


def answer_now(slack: LocalSlack, answer: dict[str, Any]) -> dict[str, Any]:
    """A message as it stands after it was replaced."""
    (held,) = [one for one in slack.ephemerals if one["ts"] == answer["ts"]]
    return held


def test_a_shared_answer_shows_its_paragraphs_to_everybody(slack: LocalSlack) -> None:
    posted = shared(slack, commanded(slack, f"ask {QUESTION}"))
    before = set(slack.views)
    slack.click(COLLEAGUE, posted, SHOW_PARAGRAPHS)
    view = new_modal(slack, before)
    assert "signed by Marit Solvang" in text_of(view["blocks"])
    slack.close_view(COLLEAGUE, view["id"])


def test_a_shared_answers_thread_goes_on_without_a_mention(slack: LocalSlack) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    posted = shared(slack, answer)
    slack.wait_for(lambda: SHARED in text_of(answer_now(slack, answer)["blocks"]), PATIENCE)
    slack.message(CHANNEL, DESK, "And how many vessels does it allow?", thread_ts=posted["ts"])

    def replies() -> list[dict[str, Any]]:
        thread = slack.thread(CHANNEL, posted["ts"])
        return [one for one in thread if one.get("bot_id") and one["ts"] != posted["ts"]]

    slack.wait_for(replies, PATIENCE)
    assert "120 vessels" in text_of(replies()[0]["blocks"])


def test_a_shared_answer_is_one_that_corrections_find(
    slack: LocalSlack, socket_settings: Settings
) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    posted = shared(slack, answer)
    slack.wait_for(lambda: SHARED in text_of(answer_now(slack, answer)["blocks"]), PATIENCE)
    corpus = open_corpus(socket_settings)
    with corpus.engine.connect() as connection:
        here = schema.turns.c.posted_as == f"{CHANNEL}:{posted['ts']}"
        (turn,) = turns_citing(connection, [article_id(PLAIN_ARTICLE.url)], here)
    corpus.close()
    assert (turn.channel, turn.thread) == (CHANNEL, posted["ts"])
    assert [place.number for place in turn.places] == [2]


def test_sharing_twice_posts_once(slack: LocalSlack) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    shared(slack, answer)
    before, posted = now(slack), len(slack.messages(CHANNEL))
    slack.click(DESK, answer, SHARE, channel=CHANNEL)
    slack.wait_for(lambda: shown(slack, DESK, before), PATIENCE)
    assert shown(slack, DESK, before)[-1]["text"] == ONCE
    assert len(slack.messages(CHANNEL)) == posted


def test_only_the_asker_can_share(slack: LocalSlack) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    before, posted = now(slack), len(slack.messages(CHANNEL))
    slack.click(COLLEAGUE, answer, SHARE, channel=CHANNEL)
    slack.wait_for(lambda: shown(slack, COLLEAGUE, before), PATIENCE)
    assert NOT_YOURS in shown(slack, COLLEAGUE, before)[-1]["text"]
    assert len(slack.messages(CHANNEL)) == posted


def test_where_the_bot_is_no_member_it_shares_and_says_what_is_missing(slack: LocalSlack) -> None:
    slack.add_channel(ELSEWHERE, "elsewhere", is_member=False)
    answer = commanded(slack, f"ask {QUESTION}", channel=ELSEWHERE)
    slack.click(DESK, answer, SHARE, channel=ELSEWHERE)
    slack.wait_for(lambda: slack.messages(ELSEWHERE), PATIENCE)
    (posted,) = slack.messages(ELSEWHERE)
    assert NO_MEMBER in text_of(posted["blocks"])
    assert is_answer(posted)
    slack.wait_for(lambda: SHARED_OUTSIDE in text_of(answer_now(slack, answer)["blocks"]), PATIENCE)


def test_a_share_that_slack_does_not_take_can_be_tried_again(slack: LocalSlack) -> None:
    answer = commanded(slack, f"ask {QUESTION}")
    before = now(slack)
    slack.fail_next("chat.postMessage", error="restricted_action")
    slack.click(DESK, answer, SHARE, channel=CHANNEL)
    slack.wait_for(lambda: shown(slack, DESK, before), PATIENCE)
    assert "(reference " in shown(slack, DESK, before)[-1]["text"]
    assert is_answer(shared(slack, answer))


def test_nothing_in_a_question_mentions_anybody_when_it_is_shared(slack: LocalSlack) -> None:
    question = f"ask Who signed the Ormsund fisheries protocol <!channel> <@{COLLEAGUE}> *now*?"
    posted = shared(slack, commanded(slack, question))
    assert not list(elements(posted["blocks"], "user"))
    assert not list(elements(posted["blocks"], "broadcast"))
    assert "<!channel>" not in posted["text"]
    assert block_kit.text_problems(posted["text"], allowed_mentions=()) == []


def test_a_summary_can_be_shared_too(slack: LocalSlack) -> None:
    posted = shared(slack, commanded(slack, "summary Ormsund since Monday"))
    assert text_of(posted["blocks"]).startswith("desk asked: “summary Ormsund since Monday”")


# What people see, to the letter


def test_the_golden_messages(slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden) -> None:
    with answerer.replaced_by(SCRIPT):
        answer = commanded(slack, f"ask {QUESTION}")
    golden("command_answer", answer)
    golden("command_shared", shared(slack, answer))
    golden("command_help", commanded(slack, "help"))
    golden("command_unknown", commanded(slack, "frobnicate"))
    golden("command_follow", commanded(slack, "follow Kvarnen"))
    golden("command_mine", commanded(slack, "mine"))
    golden("command_unfollow", commanded(slack, "unfollow Kvarnen"))
    golden("command_summary", commanded(slack, "summary Ormsund this week"))
    golden("command_quotes", commanded(slack, "quotes Solvang"))
    golden("command_timeline", commanded(slack, "timeline Ormsund"))
    golden("command_sources", commanded(slack, "sources"))
    before = now(slack)
    slack.command(DESK, CHANNEL, "/chancery", "digest")
    slack.wait_for(lambda: "Show paragraphs" in str(shown(slack, DESK, before)), PATIENCE)
    golden("command_digest", shown(slack, DESK, before))

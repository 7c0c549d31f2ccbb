"""Answers that a model writes over seconds: sentence by sentence, once, and whole in the end."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.render.blocks import SHOW_PARAGRAPHS
from retrieval.errors import AnswererError
from retrieval.evidence import Evidence
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question
from tests.fakes import block_kit
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import HOSTILE_ARTICLE
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, new_modal, settle, text_of

pytestmark = pytest.mark.usefixtures("service")

QUESTION = "Who signed the Ormsund fisheries protocol on 4 April 2019?"
SIGNED = "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019."
SAID = "“Both coasts may fish again,” Solvang said."
ALLOWS = "The protocol allows 120 vessels to fish."
WRONG = "The protocol allows 300 vessels to fish."
FIRST, SECOND = WrittenSentence(SIGNED, "/ormsund", 2), WrittenSentence(SAID, "/ormsund", 2)
THIRD, FALSE = WrittenSentence(ALLOWS, "/ormsund", 3), WrittenSentence(WRONG, "/ormsund", 3)

Golden = Callable[[str, Any], None]


@dataclass
class PacedAnswerer:
    """Writes a sentence whenever the test lets it; `fails` is raised where the script ends."""

    sentences: tuple[WrittenSentence, ...]
    fails: Exception | None = None
    name: str = "paced:model"
    over_time: bool = True
    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    written: int = 0

    def go_on(self, times: int = 1) -> None:
        """Let it write so many sentences more, or come to its end."""
        self.steps.release(times)

    def draft(self, _question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        for sentence in self.sentences:
            self._wait()
            marks = tuple(
                mark
                for mark, passage in enumerate(evidence.passages, start=1)
                if passage.article.url.endswith(sentence.url_ends)
                and passage.paragraph.number == sentence.paragraph
            )
            yield DraftSentence(sentence.text, marks)
            self.written += 1
        self._wait()
        if self.fails is not None:
            raise self.fails

    def _wait(self) -> None:
        assert self.steps.acquire(timeout=PATIENCE), "the test never let it write on"


def streaming(
    slack: LocalSlack, thread: str | None, contains: str, channel: str = CHANNEL
) -> dict[str, Any]:
    """The message in a thread that holds some words, finished or not."""
    found = slack.wait_for(
        lambda: [
            held
            for held in slack.thread(channel, str(thread))
            if held.get("bot_id") and contains in held["text"]
        ],
        PATIENCE,
        f"a message with {contains!r}",
    )
    return found[0]


def test_sentences_appear_one_by_one_then_citations_and_buttons(
    slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
) -> None:
    paced = PacedAnswerer((FIRST, FALSE, SECOND, THIRD))
    with answerer.replaced_by(paced):
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        paced.go_on()
        shown = streaming(slack, asked.ts, "Solvang")
        assert shown["text"].startswith("According to **Vessels Gazette, 5 April 2019**: The Orm")
        assert slack.replies(CHANNEL, str(asked.ts)) == []
        paced.go_on(2)
        streaming(slack, asked.ts, "Both coasts")
        paced.go_on(2)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert "300 vessels" not in reply["text"]
    assert "1 statement withheld" in text_of(reply["blocks"])
    assert len(slack.replies(CHANNEL, str(asked.ts))) == 1
    golden("answer_streamed", reply)


class TestWhole:
    """What stands there in the end is what an answer says that comes at once."""

    def test_says_what_an_answer_says_that_comes_at_once(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        script = (FIRST, FALSE, SECOND, THIRD)
        with answerer.replaced_by(PacedAnswerer(script)) as paced:
            streamed = answered(slack, paced, len(script))
        with answerer.replaced_by(ScriptedAnswerer(script, "paced:model")):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            whole = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert said(streamed) == text_of(whole["blocks"])

    def test_shows_the_paragraphs_behind_its_button(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(PacedAnswerer((FIRST,))) as paced:
            reply = answered(slack, paced, 1)
        known = set(slack.views)
        slack.click(DESK, reply, SHOW_PARAGRAPHS)
        assert "Marit Solvang" in text_of(new_modal(slack, known)["blocks"])

    def test_appears_at_once_where_it_is_written_at_once(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        before = len(slack.calls("chat.startStream"))
        paced = PacedAnswerer((FIRST, SECOND))
        paced.go_on(3)
        with answerer.replaced_by(paced):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert "Both coasts" in text_of(reply["blocks"])
        assert len(slack.calls("chat.startStream")) == before

    def test_answers_directly_too(self, slack: LocalSlack, answerer: ChosenAnswerer) -> None:
        paced = PacedAnswerer((FIRST, SECOND))
        with answerer.replaced_by(paced):
            asked = slack.direct_message(DESK, QUESTION)
            paced.go_on()
            channel = str(asked.channel)
            streaming(slack, asked.ts, "Solvang", channel)
            paced.go_on(2)
            reply = slack.wait_for_reply(channel, asked.ts, PATIENCE)
        assert "Both coasts" in reply["text"]

    def test_is_not_streamed_to_one_person_alone(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        before, told = len(slack.calls("chat.startStream")), len(slack.ephemerals)
        paced = PacedAnswerer((FIRST, SECOND))
        paced.go_on(3)
        with answerer.replaced_by(paced):
            slack.command(DESK, CHANNEL, "/chancery", f"ask {QUESTION}")
            slack.wait_for(
                lambda: any(
                    "Both coasts" in text_of(one["blocks"]) for one in slack.ephemerals[told:]
                ),
                PATIENCE,
            )
        assert len(slack.calls("chat.startStream")) == before


class TestModelThatDies:
    def test_leaves_what_was_shown_and_says_that_it_broke_off(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        died = AnswererError("The language model paced:model broke off.")
        paced = PacedAnswerer((THIRD,), fails=died)
        with answerer.replaced_by(paced):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            streaming(slack, asked.ts, "120 vessels")
            paced.go_on()
            reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE, lambda one: "blocks" in one)
        shown = text_of(reply["blocks"])
        assert shown.startswith("The language model paced:model broke off.")
        assert "was checked and stays" in shown
        assert "120 vessels" in shown
        assert "Marit Solvang" not in shown
        assert len(slack.replies(CHANNEL, str(asked.ts))) == 1
        assert block_kit.problems(reply["blocks"], reply["text"]) == []

    def test_of_an_error_that_nobody_expected_leaves_nothing_half_said(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        paced = PacedAnswerer((FIRST,), fails=RuntimeError("no such thing"))
        with answerer.replaced_by(paced):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            streaming(slack, asked.ts, "Solvang")
            paced.go_on()
            slack.wait_for(
                lambda: [held for held in slack.ephemerals if held.get("thread_ts") == asked.ts],
                PATIENCE,
            )
        assert [one for one in slack.thread(CHANNEL, str(asked.ts)) if one.get("bot_id")] == []


class TestTroubleWithSlack:
    def test_a_stream_that_expired_is_replaced_by_the_whole_answer(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        paced = PacedAnswerer((FIRST, SECOND, THIRD))
        with answerer.replaced_by(paced):
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            streaming(slack, asked.ts, "Solvang")
            slack.expire_streams()
            paced.go_on(3)
            slack.wait_for(lambda: whole(slack, asked.ts), PATIENCE)
        only_once(slack, asked.ts, SIGNED, SAID, ALLOWS)

    def test_a_stream_that_expires_at_its_end_too(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        slack.fail_next("chat.stopStream", error="message_not_in_streaming_state")
        with answerer.replaced_by(PacedAnswerer((FIRST, SECOND))) as paced:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            streaming(slack, asked.ts, "Solvang")
            slack.expire_streams()
            paced.go_on(2)
            slack.wait_for(lambda: whole(slack, asked.ts), PATIENCE)
        only_once(slack, asked.ts, SIGNED, SAID)

    @pytest.mark.parametrize("taken", [False, True])
    @pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
    @pytest.mark.parametrize("status", [429, 500])
    @pytest.mark.slow
    def test_a_call_that_fails_leaves_the_answer_there_once(
        self, slack: LocalSlack, answerer: ChosenAnswerer, method: str, status: int, taken: bool
    ) -> None:
        # What Slack limits it has not carried out.
        slack.fail_next(method, status=status, retry_after=1, taken=taken and status == 500)
        begun, added = (len(slack.calls(f"chat.{one}Stream")) for one in ("start", "append"))
        with answerer.replaced_by(PacedAnswerer((FIRST, SECOND, THIRD))) as paced:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            slack.wait_for(lambda: len(slack.calls("chat.startStream")) > begun, PATIENCE)
            paced.go_on()
            if method != "chat.startStream":
                slack.wait_for(lambda: len(slack.calls("chat.appendStream")) > added, PATIENCE)
            paced.go_on(2)
            slack.wait_for(lambda: whole(slack, asked.ts), PATIENCE)
        only_once(slack, asked.ts, SIGNED, SAID, ALLOWS)

    def test_where_slack_has_no_streams_the_answer_is_posted_whole(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        slack.fail_next("chat.startStream", error="channel_type_not_supported")
        begun = len(slack.calls("chat.startStream"))
        with answerer.replaced_by(PacedAnswerer((FIRST, SECOND))) as paced:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            slack.wait_for(lambda: len(slack.calls("chat.startStream")) > begun, PATIENCE)
            paced.go_on(2)
            reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        assert "Both coasts" in text_of(reply["blocks"])
        only_once(slack, asked.ts, SIGNED, SAID)

    def test_a_mention_delivered_again_meanwhile_is_answered_once(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(PacedAnswerer((FIRST, SECOND))) as paced:
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            paced.go_on()
            streaming(slack, asked.ts, "Solvang")
            slack.redeliver(str(asked.event_id))
            paced.go_on(2)
            slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        slack.redeliver(str(asked.event_id))
        settle(slack)
        only_once(slack, asked.ts, SIGNED, SAID)


def test_articles_smuggle_nothing_into_a_stream(
    slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
) -> None:
    both = tuple(
        WrittenSentence(text, "/kvarnen", number)
        for number, text in enumerate(HOSTILE_ARTICLE.paragraphs, start=1)
    )
    with answerer.replaced_by(PacedAnswerer(both)) as paced:
        asked = slack.mention(CHANNEL, DESK, "Kvarnen lighthouse treaty")
        paced.go_on()
        streaming(slack, asked.ts, "Kvarnen")
        paced.go_on(2)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert block_kit.problems(reply["blocks"], None) == []
    for smuggled in ("<@", "<!", "<#", "<http", "*bold*", "`code`", "[1](java", "http://evil"):
        assert smuggled not in reply["text"].replace("\\*", "").replace("\\`", "")
    assert "\u202e" not in reply["text"]
    golden("answer_streamed_hostile", reply)


def answered(slack: LocalSlack, paced: PacedAnswerer, sentences: int) -> dict[str, Any]:
    """The finished reply to a question that a paced answerer writes."""
    asked = slack.mention(CHANNEL, DESK, QUESTION)
    paced.go_on()
    streaming(slack, asked.ts, "Solvang")
    paced.go_on(sentences)
    return slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def said(reply: dict[str, Any]) -> str:
    """A streamed reply as it reads: its Markdown undone, then its blocks."""
    text = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\([^)]*\)", r"\1", reply["text"])
    text = re.sub(r"\\([^\w\s])", r"\1", text.replace("**", "")).replace("\u2060", "")
    return html.unescape(text) + text_of(reply["blocks"])


def whole(slack: LocalSlack, thread: str | None) -> bool:
    """Whether an answer with its footing stands in the thread."""
    return any(
        "paced:model" in text_of(r.get("blocks")) for r in slack.replies(CHANNEL, str(thread))
    )


def only_once(slack: LocalSlack, thread: str | None, *sentences: str) -> None:
    """Every sentence stands in the thread's only reply, and once among its statements."""
    (reply,) = [one for one in slack.thread(CHANNEL, str(thread)) if one.get("bot_id")]
    # Of a message with all in its blocks, the text is what notifications show.
    streamed = reply["text"] if "According to" not in text_of(reply["blocks"]) else ""
    shown = said({**reply, "text": streamed})
    statements = shown.partition("[1] Vessels Gazette · ")[0]
    for sentence in sentences:
        assert statements.count(sentence) == 1
    assert block_kit.problems(reply["blocks"], None) == []

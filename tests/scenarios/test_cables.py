"""*Copy as cable*: what was said, as plain text to be pasted into e-mail or a word processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.library import open_corpus
from bot.render.blocks import COPY_CABLE
from bot.render.cable import SEND_FILE
from bot.settings import Settings
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.conftest import NOW
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.scenarios.clicks import asked, opened, turned
from tests.scenarios.conftest import FERRY_ARTICLE
from tests.scenarios.people import (
    COLLEAGUE,
    DESK,
    PATIENCE,
    UNANSWERABLE,
    direct_answers,
    elements,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

QUESTION = "Who signed the Ormsund fisheries protocol?"
WRITTEN = ScriptedAnswerer(
    (
        WrittenSentence(
            "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019.",
            "/ormsund",
            2,
        ),
        WrittenSentence("“Both coasts may fish again,” Solvang said.", "/ormsund", 2),
        WrittenSentence("The protocol allows 120 vessels to fish.", "/ormsund", 3),
        WrittenSentence("The protocol allows 300 vessels to fish.", "/ormsund", 3),
    )
)
RESUMED = ScriptedAnswerer(
    (
        WrittenSentence(
            "The Brevika ferry was resumed by Torvald Lie on 5 April 2019.", "/brevika", 2
        ),
    )
)

Golden = Callable[[str, Any], None]


def cable(view: dict[str, Any]) -> str:
    """What somebody copies who selects it all."""
    return "\n".join(text_of(part) for part in elements(view["blocks"], "rich_text_preformatted"))


class TestAnAnswer:
    def test_is_a_subject_a_summary_its_sources_and_an_empty_comment(
        self, slack: LocalSlack, answerer: ChosenAnswerer, golden: Golden
    ) -> None:
        with answerer.replaced_by(WRITTEN):
            reply = asked(slack, QUESTION)
        view = opened(slack, reply, COPY_CABLE)
        assert cable(view) == (
            "SUBJECT: THE ORMSUND FISHERIES PROTOCOL WAS SIGNED BY MARIT SOLVANG ON 4 APRIL 2019 "
            "(5 APRIL 2019)\n"
            "\n"
            "1. SUMMARY. The Ormsund fisheries protocol was signed by Marit Solvang on "
            "4 April 2019 (a). “Both coasts may fish again,” Solvang said (a). "
            "The protocol allows 120 vessels to fish (b).\n"
            "\n"
            "2. SOURCES, as read by 5 April 2019.\n"
            "(a) Vessels Gazette (independent), 5 April 2019, paragraph 2 of 3: "
            "https://vessels.example/2019/04/05/ormsund\n"
            "(b) Same, paragraph 3\n"
            "Withheld: 1 statement, not supported by the cited paragraphs.\n"
            "\n"
            "3. COMMENT."
        )
        golden("cable", view)

    def test_is_sent_as_a_file_to_whoever_asks_for_one(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(WRITTEN):
            reply = asked(slack, QUESTION)
        view = opened(slack, reply, COPY_CABLE, COLLEAGUE)
        sent = turned(slack, view, SEND_FILE, user=COLLEAGUE)
        assert "in your direct messages" in text_of(sent["blocks"])
        message = slack.messages(slack.direct_channel(COLLEAGUE))[-1]
        (file,) = message["files"]
        assert file["name"] == "cable.txt"
        assert file["title"].startswith("SUBJECT: THE ORMSUND FISHERIES PROTOCOL")
        assert slack.files[file["id"]]["content"].decode().rstrip("\n") == cable(view)

    def test_whose_source_changed_since_says_so(
        self, slack: LocalSlack, answerer: ChosenAnswerer, socket_settings: Settings
    ) -> None:
        with answerer.replaced_by(RESUMED):
            reply = asked(slack, "Who resumed the Brevika ferry?")
        first, second = FERRY_ARTICLE.paragraphs
        rewritten = (first, second.replace("Torvald Lie", "Marit Lie"))
        corpus = open_corpus(socket_settings)
        later = replace(FERRY_ARTICLE, paragraphs=rewritten)
        ingest(corpus, [later], lambda: NOW + timedelta(hours=1))
        text = cable(opened(slack, reply, COPY_CABLE))
        ingest(corpus, [FERRY_ARTICLE], lambda: NOW + timedelta(hours=2))
        corpus.close()
        assert "resumed by Torvald Lie on 5 April 2019 (a)." in text
        assert "    Note: Changed since: version " in text
        assert "[formerly: Torvald] Marit" in text

    def test_that_is_no_longer_kept_says_so(
        self, slack: LocalSlack, answerer: ChosenAnswerer
    ) -> None:
        with answerer.replaced_by(WRITTEN):
            reply = asked(slack, QUESTION)
        for button in elements(reply["blocks"], "button"):
            button["value"] = "0" * 32
        assert "no longer kept" in text_of(opened(slack, reply, COPY_CABLE)["blocks"])


def test_a_refusal_offers_none(slack: LocalSlack) -> None:
    reply = asked(slack, UNANSWERABLE)
    assert COPY_CABLE not in [one["action_id"] for one in elements(reply["blocks"], "button")]


class TestAReport:
    @pytest.fixture(scope="class", autouse=True)
    def grouped(self, socket_settings: Settings, embeddings: SentenceEmbeddings) -> None:
        corpus = open_corpus(socket_settings)
        StoryFollower(corpus, embeddings).catch_up()
        corpus.close()

    @pytest.mark.parametrize(
        ("request_", "subject"),
        [
            ("Libya this week", "SUBJECT: LIBYA, 30 MARCH TO 5 APRIL 2019: "),
            ("digest now", "SUBJECT: "),
            ("quotes Guterres on Libya", "SUBJECT: ANTÓNIO GUTERRES ON LIBYA: "),
            ("timeline Libya", "SUBJECT: LIBYA, "),
        ],
    )
    @pytest.mark.slow
    def test_has_its_numbered_paragraphs_and_every_source(
        self, slack: LocalSlack, request_: str, subject: str, golden: Golden
    ) -> None:
        written = slack.direct_message(DESK, request_)
        slack.wait_for(lambda: direct_answers(slack, DESK, written.ts), PATIENCE)
        settle(slack)
        (last,) = [
            one
            for one in direct_answers(slack, DESK, written.ts)
            if COPY_CABLE in [b.get("action_id") for b in elements(one["blocks"], "button")]
        ]
        view = opened(slack, last, COPY_CABLE)
        paragraphs = cable(view).split("\n\n")
        assert paragraphs[0].startswith(subject)
        numbers = [int(one.partition(".")[0]) for one in paragraphs[1:]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert paragraphs[-1].endswith(". COMMENT.")
        assert "(a) " in paragraphs[-2]
        if request_ == "Libya this week":
            golden("cable_of_a_summary", view)

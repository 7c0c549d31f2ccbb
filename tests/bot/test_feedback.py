"""Feedback: one verdict a person and turn, reasons, counts, and what the modal's values mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.administration import feedback_document, feedback_lines
from bot.db.retention import retain
from bot.db.turns import LONGEST_REASON, Feedback, Turns
from bot.records import FeedbackCounts
from bot.render import people as blocks
from bot.render.blocks import feedback_buttons
from corpus.store.articles import ArticleStore, open_store
from tests.conftest import NOW
from tests.fakes import block_kit
from tests.fakes.databases import new_database

STATS = Path(__file__).parent / "golden" / "stats_feedback.txt"
LATER = NOW + timedelta(days=40)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def feedback(store: ArticleStore) -> Feedback:
    return Feedback(store.engine)


@pytest.fixture
def turn(store: ArticleStore) -> str:
    return asked(store, "Who spoke on Libya?")


def asked(store: ArticleStore, question: str) -> str:
    turns = Turns(store.engine)
    return turns.record_posting("answer", "C0PRESS:1.0", "U0DESK", NOW, question, ["Nobody."], [])


class TestAVerdict:
    def test_is_kept_with_its_turn(self, feedback: Feedback, turn: str) -> None:
        assert feedback.record(turn, "U0DESK", True, None, NOW)
        assert feedback.verdict(turn, "U0DESK") == (True, None)
        assert feedback.verdict(turn, "U0OTHER") is None

    def test_is_changed_by_a_later_one_of_the_same_person(
        self, feedback: Feedback, turn: str
    ) -> None:
        feedback.record(turn, "U0DESK", True, None, NOW)
        feedback.record(turn, "U0DESK", False, "It is wrong", NOW)
        assert feedback.verdict(turn, "U0DESK") == (False, "It is wrong")
        assert feedback.counts() == FeedbackCounts(helpful=0, not_helpful=1)

    def test_of_another_person_stands_beside_it(self, feedback: Feedback, turn: str) -> None:
        feedback.record(turn, "U0DESK", True, None, NOW)
        feedback.record(turn, "U0OTHER", False, None, NOW)
        assert feedback.counts() == FeedbackCounts(helpful=1, not_helpful=1)

    def test_keeps_its_reason_when_it_is_given_again_without_one(
        self, feedback: Feedback, turn: str
    ) -> None:
        feedback.record(turn, "U0DESK", False, "It is wrong", NOW)
        feedback.record(turn, "U0DESK", False, None, LATER)
        assert feedback.verdict(turn, "U0DESK") == (False, "It is wrong")

    def test_turned_helpful_loses_its_reason(self, feedback: Feedback, turn: str) -> None:
        feedback.record(turn, "U0DESK", False, "It is wrong", NOW)
        feedback.record(turn, "U0DESK", True, None, LATER)
        feedback.record(turn, "U0DESK", False, None, LATER)
        assert feedback.verdict(turn, "U0DESK") == (False, None)

    def test_on_a_turn_that_is_gone_is_not_kept(self, feedback: Feedback) -> None:
        assert not feedback.record("0" * 32, "U0DESK", True, None, NOW)
        assert feedback.counts() == FeedbackCounts()

    def test_keeps_a_reason_of_any_length_in_part(self, feedback: Feedback, turn: str) -> None:
        feedback.record(turn, "U0DESK", False, "x" * 10_000, NOW)
        assert feedback.verdict(turn, "U0DESK") == (False, "x" * LONGEST_REASON)


class TestWhatIsTold:
    def test_counts_can_begin_at_a_moment(
        self, feedback: Feedback, store: ArticleStore, turn: str
    ) -> None:
        feedback.record(turn, "U0DESK", True, None, NOW)
        feedback.record(asked(store, "And in Sudan?"), "U0DESK", False, None, LATER)
        assert feedback.counts(LATER) == FeedbackCounts(helpful=0, not_helpful=1)
        assert feedback.counts().all == 2

    def test_reasons_come_newest_first_with_their_questions_and_without_their_givers(
        self, feedback: Feedback, store: ArticleStore, turn: str
    ) -> None:
        other = asked(store, "And in Sudan?")
        feedback.record(turn, "U0DESK", False, "It is wrong", NOW)
        feedback.record(other, "U0OTHER", False, "It is too long", LATER)
        feedback.record(other, "U0DESK", True, None, LATER)
        latest = feedback.latest(5)
        assert [(one.question, one.reason) for one in latest] == [
            ("And in Sudan?", "It is too long"),
            ("Who spoke on Libya?", "It is wrong"),
        ]
        assert "U0" not in repr(latest)
        assert feedback.latest(1) == latest[:1]

    def test_admins_see_hostile_words_as_they_were_written(
        self, feedback: Feedback, turn: str
    ) -> None:
        feedback.record(turn, "U0DESK", False, "<!channel> *wrong* <@U0DESK>", NOW)
        counts = {"in 30 days": feedback.counts(NOW), "in all": feedback.counts()}
        shown = blocks.feedback_summary_blocks(counts, feedback.latest(5))
        assert block_kit.problems(shown) == []
        told = "In 30 days: 0 helpful, 1 not helpful · In all: 0 helpful, 1 not helpful"
        assert told in str(shown)
        assert "<!channel> *wrong* <@U0DESK> — “Who spoke on Libya?” (5 Apr)" in str(shown)


def test_goes_with_its_turn_when_that_has_grown_old(
    feedback: Feedback, store: ArticleStore, turn: str
) -> None:
    feedback.record(turn, "U0DESK", True, None, NOW)
    retain(store, timedelta(days=30), LATER, followed=store.last_change())
    assert feedback.counts() == FeedbackCounts()


class TestStats:
    @pytest.fixture(autouse=True)
    def of_this_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHANCERY_HOME", str(tmp_path))

    def test_show_counts_and_reasons(
        self, feedback: Feedback, store: ArticleStore, turn: str
    ) -> None:
        now = datetime.now(UTC)
        other = asked(store, "Who signed the\x1b[31m protocol?")
        feedback.record(turn, "U0DESK", True, None, NOW)
        feedback.record(other, "U0DESK", False, "It is wrong: of last\x1b[31m year", now)
        told = json.loads(CliRunner().invoke(app, ["stats", "--json"]).stdout)["feedback"]
        assert (told["days"], told["helpful"], told["not_helpful"]) == (30, 0, 1)
        assert told["in_all"] == {"helpful": 1, "not_helpful": 1}
        assert [one["reason"] for one in told["reasons"]] == ["It is wrong: of last\x1b[31m year"]
        shown = CliRunner().invoke(app, ["stats"]).stdout
        assert "Feedback of the last 30 days: 0 helpful, 1 not; in all 1 and 1.\n" in shown
        assert f"  {now:%Y-%m-%d}  It is wrong: of last[31m year — “Who signed the" in shown
        assert "U0DESK" not in shown
        assert "\x1b" not in shown

    def test_read_as_the_golden_file_shows(
        self,
        feedback: Feedback,
        store: ArticleStore,
        turn: str,
        request: pytest.FixtureRequest,
    ) -> None:
        other = asked(store, "Who signed the Ormsund fisheries protocol?")
        feedback.record(turn, "U0DESK", True, None, NOW - timedelta(days=60))
        feedback.record(other, "U0DESK", False, "A source is bad: the link is dead", NOW)
        feedback.record(turn, "U0OTHER", False, "It is not what I asked", NOW - timedelta(days=2))
        shown = "\n".join(feedback_lines(feedback_document(store.engine, NOW))) + "\n"
        if request.config.getoption("--update-golden"):
            STATS.write_text(shown, "utf-8")
        assert shown == STATS.read_text("utf-8")

    def test_say_that_there_is_none_yet(self, store: ArticleStore) -> None:
        assert "Feedback: none yet." in CliRunner().invoke(app, ["stats"]).stdout


class TestTheModal:
    def test_is_one_that_slack_accepts(self) -> None:
        view = blocks.reason_view(blocks.Judged("a" * 32, "C0PRESS", "1554458400.000100"))
        assert block_kit.view_problems(view) == []

    def test_remembers_what_it_is_about(self) -> None:
        judged = blocks.Judged("a" * 32, "C0PRESS", None, "https://hooks.example/1")
        assert blocks.judged_in(blocks.reason_view(judged)) == judged
        assert "hooks" not in repr(judged)

    @pytest.mark.parametrize(
        ("chosen", "written", "reason"),
        [
            (None, None, None),
            ("wrong", None, "It is wrong"),
            (None, "  two \n lines ", "two lines"),
            ("source", "the link is dead", "A source is bad: the link is dead"),
            ("no such reason", None, None),
        ],
    )
    def test_gives_the_reason_in_words(
        self, chosen: str | None, written: str | None, reason: str | None
    ) -> None:
        option: dict[str, Any] | None = {"value": chosen} if chosen else None
        values = {
            "choice": {"choice": {"type": "radio_buttons", "selected_option": option}},
            "words": {"words": {"type": "plain_text_input", "value": written}},
        }
        assert blocks.given_reason({"state": {"values": values}}) == reason


class TestAButton:
    def test_says_its_verdict_and_turn(self) -> None:
        (element,) = feedback_buttons("a" * 32)["elements"]
        positive, negative = (
            element[f"{half}_button"]["value"] for half in ("positive", "negative")
        )
        assert blocks.clicked_verdict(positive) == (True, "a" * 32)
        assert blocks.clicked_verdict(negative) == (False, "a" * 32)

    @pytest.mark.parametrize("value", ["", "helpful", "helpful:", "perhaps:1", "a" * 3_000])
    def test_of_no_verdict_means_nothing(self, value: str) -> None:
        assert blocks.clicked_verdict(value) is None

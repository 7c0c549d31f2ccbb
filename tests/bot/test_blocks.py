"""Whatever an outcome holds, its messages are within Slack's limits, whole, and only text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.render.answers import answer_messages, notification, plain_message
from bot.render.blocks import COPY_CABLE, SHOW_PARAGRAPHS, Message, escape
from bot.render.wording import safe
from retrieval.outcomes import Answer, NoAnswer, Outcome
from tests.bot import outcomes
from tests.bot.shown import bare, told_text
from tests.conftest import examples
from tests.fakes import block_kit
from tests.scenarios.people import elements, text_of

GOLDEN = Path(__file__).parents[1] / "data" / "answers"
TURN = "f" * 32

thorough = settings(
    deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow]
)


class TestAnyOutcome:
    @thorough
    @given(outcomes.answers() | outcomes.no_answers())
    def test_renders_to_messages_that_slack_accepts(self, outcome: Outcome) -> None:
        for message in answer_messages(outcome, TURN):
            assert block_kit.problems(list(message.blocks), message.text) == []
            assert message.text

    @thorough
    @given(outcomes.answers())
    def test_shows_every_statement_whole_and_in_order(self, outcome: Answer) -> None:
        shown = told_text(answer_messages(outcome, TURN))
        position = 0
        for statement in outcome.statements:
            position = shown.find(bare(statement.text), position)
            assert position >= 0

    @thorough
    @given(outcomes.answers())
    def test_shows_every_mark_after_its_statement_and_in_a_line_of_its_own(
        self, outcome: Answer
    ) -> None:
        spans = [span for message in answer_messages(outcome, TURN) for span in spans_of(message)]
        for held in outcome.citations:
            stands = sum(span["text"] == f"[{held.mark}]" for span in spans)
            used = sum(held.mark in statement.citations for statement in outcome.statements)
            assert stands >= used + 1

    @thorough
    @given(outcomes.answers() | outcomes.no_answers())
    def test_links_to_nothing_but_its_sources(self, outcome: Outcome) -> None:
        sources = (
            {held.article.url for held in outcome.citations}
            if isinstance(outcome, Answer)
            else {passage.article.url for passage in outcome.nearest}
        )
        for message in answer_messages(outcome, TURN):
            for link in elements(message.blocks, "link"):
                assert link["url"].startswith(("http://", "https://"))
                assert link["url"].partition("#:~:text=")[0] in sources

    @thorough
    @given(outcomes.answers() | outcomes.no_answers())
    def test_turns_no_text_round(self, outcome: Outcome) -> None:
        for message in answer_messages(outcome, TURN):
            for text in (message.text, text_of(message.blocks)):
                assert text == safe(text)

    @thorough
    @given(outcomes.no_answers())
    def test_a_refusal_has_no_mark(self, outcome: NoAnswer) -> None:
        for message in answer_messages(outcome, TURN):
            for span in spans_of(message):
                assert not (span["type"] == "link" and span["text"].strip("[]").isdigit())


class TestAnswer:
    def test_offers_the_paragraphs_of_its_turn(self) -> None:
        (message,) = answer_messages(outcomes.answer(), TURN)
        buttons = [(one["action_id"], one["value"]) for one in elements(message.blocks, "button")]
        assert buttons == [(SHOW_PARAGRAPHS, TURN), (COPY_CABLE, TURN)]

    def test_a_long_one_is_carried_on_and_its_button_stands_last(self) -> None:
        long = outcomes.answer()
        statement = type(long.statements[0])("A sentence of an answer. " * 900, (1,))
        messages = answer_messages(
            Answer(long.question, (statement,) * 3, long.citations, "extractive"), TURN
        )
        assert len(messages) > 1
        buttons = [len(list(elements(message.blocks, "button"))) for message in messages]
        assert buttons == [0] * (len(messages) - 1) + [2]

    def test_says_how_much_was_withheld(self) -> None:
        outcome = outcomes.withholding(outcomes.answer(), "It rained.", "It snowed.")
        assert "2 statements withheld: not supported by the cited paragraphs" in shown_text(outcome)
        assert "It rained." not in shown_text(outcome)

    def test_begins_with_what_its_accounts_differ_about(self) -> None:
        outcome = replace(outcomes.answer(), differing=("control of Gharyan",))
        assert shown_text(outcome).startswith("Accounts differ: control of Gharyan.")

    def test_names_the_part_of_a_question_that_nothing_answers(self) -> None:
        outcome = replace(outcomes.answer(), unanswered=("How many were killed?",))
        assert "I found nothing that answers “How many were killed?”." in shown_text(outcome)
        (under,) = answer_messages(outcome, TURN, streamed=400)
        assert "How many were killed?" in text_of(under.blocks)

    def test_begins_with_its_notice(self) -> None:
        assert shown_text(outcomes.answer(notice="The model was silent.")).startswith(
            "The model was silent."
        )

    def test_an_address_that_slack_cannot_open_is_no_link(self) -> None:
        of = outcomes.article("file:///srv/cables/note.txt", source=None, title="Note")
        outcome = Answer(
            outcomes.answer().question,
            outcomes.answer().statements[:1],
            (outcomes.citation(1, of),),
            "extractive",
        )
        (message,) = answer_messages(outcome, TURN)
        assert list(elements(message.blocks, "link")) == []
        assert "[1] “Note” · wire" in text_of(message.blocks)


class TestRefusal:
    def test_without_anything_near_has_no_button(self) -> None:
        (message,) = answer_messages(outcomes.no_answer(nearest=False), TURN)
        assert list(elements(message.blocks, "button")) == []
        assert "I found nothing on “How many tons of wheat”." in text_of(message.blocks)

    def test_with_something_near_offers_it(self) -> None:
        (message,) = answer_messages(outcomes.no_answer(), TURN)
        assert [b["value"] for b in elements(message.blocks, "button")] == [TURN]
        assert "Nearest, and not an answer" in text_of(message.blocks)


class TestNotification:
    def test_is_the_first_sentence_and_who_says_so(self) -> None:
        assert notification(outcomes.answer()) == (
            "Guterres said that he was deeply concerned. — News Desk, 4 April 2019"
        )

    @given(outcomes.texts)
    def test_holds_nothing_that_slack_reads_as_markup(self, text: str) -> None:
        assert block_kit.text_problems(escape(text)) == []

    @given(outcomes.words)
    def test_a_plain_message_is_text_too(self, text: str) -> None:
        message = plain_message(text[:3_000])
        assert block_kit.problems(list(message.blocks), message.text) == []


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("answer", outcomes.answer()),
        ("answer_with_notice", outcomes.answer(notice="The model was silent.")),
        ("refusal", outcomes.no_answer()),
        ("refusal_of_nothing", outcomes.no_answer(nearest=False)),
    ],
)
def test_renders_as_the_golden_file_shows(
    name: str, outcome: Outcome, request: pytest.FixtureRequest
) -> None:
    found = [
        {"text": message.text, "blocks": list(message.blocks)}
        for message in answer_messages(outcome, TURN)
    ]
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def shown_text(outcome: Outcome) -> str:
    return "".join(text_of(message.blocks) for message in answer_messages(outcome, TURN))


def spans_of(message: Message) -> Iterator[dict[str, Any]]:
    """Texts and links of rich text, in order."""
    for section in elements(message.blocks, "rich_text_section"):
        yield from section["elements"]

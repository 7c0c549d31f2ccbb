"""Turns: what was asked and answered, and the paragraphs that were cited, by number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.turns import MOST_EARLIER, Cited, Turns
from corpus.store.article_store import open_store
from retrieval.questions import Turn
from tests.bot import outcomes
from tests.conftest import NOW

THREAD = "C0PRESS:1.2"


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[Turns]:
    store = open_store(f"sqlite:///{tmp_path / 'chancery.db'}")
    yield Turns(store.engine)
    store.close()


def test_a_conversation_that_never_was_has_no_earlier_turns(turns: Turns) -> None:
    assert turns.earlier(THREAD) == ()


def test_an_answered_turn_is_remembered_in_its_words(turns: Turns) -> None:
    turns.record(THREAD, "U0DESK", NOW, outcomes.answer("What did Guterres say?"))
    assert turns.earlier(THREAD) == (
        Turn(
            "What did Guterres say?",
            "Guterres said that he was deeply concerned. "
            "“There is no military solution,” he wrote.",
        ),
    )


def test_an_unanswered_turn_is_remembered_without_an_answer(turns: Turns) -> None:
    turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer("How much wheat?"))
    assert turns.earlier(THREAD) == (Turn("How much wheat?", ""),)


def test_earlier_turns_are_the_last_of_this_conversation_oldest_first(turns: Turns) -> None:
    for number in range(MOST_EARLIER + 3):
        asked_at = NOW + timedelta(minutes=number)
        turns.record(THREAD, "U0DESK", asked_at, outcomes.no_answer(f"Question {number}?"))
    turns.record("D0DESK:direct", "U0DESK", NOW, outcomes.no_answer("Elsewhere?"))
    expected = [f"Question {number}?" for number in range(3, MOST_EARLIER + 3)]
    assert [turn.question for turn in turns.earlier(THREAD)] == expected


def test_cited_paragraphs_are_kept_with_version_and_quote(turns: Turns) -> None:
    identity = turns.record(THREAD, "U0DESK", NOW, outcomes.answer())
    turns.posted(identity, "C0PRESS:1.3")
    article = outcomes.article()
    assert turns.cited(identity) == [
        Cited(1, article.id, 1, 2, "Guterres said that he was deeply concerned."),
        Cited(2, article.id, 1, 1, outcomes.PARAGRAPHS[0]),
    ]


def test_a_refusal_keeps_what_was_nearest_without_a_quote(turns: Turns) -> None:
    identity = turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer())
    assert [(cited.number, cited.quote) for cited in turns.cited(identity)] == [(1, ""), (2, "")]


def test_an_unknown_turn_cites_nothing(turns: Turns) -> None:
    assert turns.cited("f" * 32) == []


def test_nasty_text_is_kept_to_the_letter(turns: Turns) -> None:
    question = "Who’s “there”? '); DROP TABLE turns; -- \U0001f54a"
    turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer(question))
    assert turns.earlier(THREAD)[0].question == question

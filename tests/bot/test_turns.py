"""Turns: what was asked and answered, and the paragraphs that were cited, by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.db import schema
from bot.db.turns import MOST_EARLIER, Cited, Turns
from bot.render.page import Content, Section
from corpus.articles import Article, ReadArticle
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.evidence import Evidence
from retrieval.outcomes import Statement
from retrieval.questions.understand import Turn
from tests.bot import outcomes
from tests.conftest import NOW
from tests.fakes.databases import new_database

THREAD = "C0PRESS:1.2"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def turns(store: ArticleStore) -> Turns:
    return Turns(store.engine)


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


def test_how_an_answer_came_about_is_kept_without_a_word_of_it(turns: Turns) -> None:
    asked = "What did Guterres say?"
    answer = outcomes.answer(asked)
    parts = ((answer.question, Evidence(passages=(), confidence=0.62)),)
    identity = turns.record(THREAD, "U0DESK", NOW, replace(answer, parts=parts))
    recorded = turns.recorded(identity)
    assert recorded is not None
    assert recorded.trace is not None
    assert recorded.trace["parts"][0]["confidence"] == 0.62
    assert recorded.trace["answerer"] == answer.answerer
    assert "Guterres" not in json.dumps(recorded.trace)


def test_a_refusal_keeps_what_was_nearest_without_a_quote(turns: Turns) -> None:
    identity = turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer())
    assert [(cited.number, cited.quote) for cited in turns.cited(identity)] == [(1, ""), (2, "")]


def test_an_unknown_turn_cites_nothing(turns: Turns) -> None:
    assert turns.cited("f" * 32) == []


def test_nasty_text_is_kept_to_the_letter(turns: Turns) -> None:
    question = "Who’s “there”? '); DROP TABLE turns; -- \U0001f54a"
    turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer(question))
    assert turns.earlier(THREAD)[0].question == question


class TestRecorded:
    def test_an_answer_has_its_statements_and_citations_as_they_were_cited(
        self, store: ArticleStore, turns: Turns
    ) -> None:
        (stored,) = kept(store, outcomes.URL, *outcomes.PARAGRAPHS)
        outcome = outcomes.withholding(outcomes.answer("What did Guterres say?"), "It rained.")
        identity = turns.record(THREAD, "U0DESK", NOW, outcome)
        kept(store, outcomes.URL, "Rewritten.", at=NOW + timedelta(hours=1))
        turns.posted(identity, "C0PRESS:1.3")
        found = turns.recorded(identity)
        assert found is not None
        assert (found.kind, found.conversation, found.asked_by) == ("answer", THREAD, "U0DESK")
        assert (found.asked_at, found.posted_as) == (NOW, "C0PRESS:1.3")
        assert found.question == "What did Guterres say?"
        assert found.statements == outcome.statements
        assert found.content.withheld == 1
        assert [(one.mark, one.paragraph, one.quote) for one in found.citations] == [
            (1, stored.paragraph(2), "Guterres said that he was deeply concerned."),
            (2, stored.paragraph(1), outcomes.PARAGRAPHS[0]),
        ]
        assert {one.article.version for one in found.citations} == {1}

    def test_a_report_has_its_sections(self, store: ArticleStore, turns: Turns) -> None:
        kept(store, outcomes.URL, *outcomes.PARAGRAPHS)
        story = Section("Talks", ((Statement("They met.", (1,)), Statement(" Then", ())),), True)
        content = Content((story,), "Libya: Talks", "1 story", 2)
        identity = turns.record_posting(
            "summary", THREAD, "U0DESK", NOW, "Libya", ["They met."], [outcomes.citation()], content
        )
        found = turns.recorded(identity)
        assert found is not None
        assert found.content == content
        assert found.statements == (Statement("They met.", (1,)),)

    def test_a_refusal_says_nothing_and_has_what_was_nearest(
        self, store: ArticleStore, turns: Turns
    ) -> None:
        kept(store, outcomes.URL, *outcomes.PARAGRAPHS)
        found = turns.recorded(turns.record(THREAD, "U0DESK", NOW, outcomes.no_answer()))
        assert found is not None
        assert found.statements == ()
        assert [one.quote for one in found.citations] == ["", ""]

    def test_copies_elsewhere_stand_with_each_citation(
        self, store: ArticleStore, turns: Turns
    ) -> None:
        kept(store, outcomes.URL, *outcomes.PARAGRAPHS)
        (copy,) = kept(store, "https://copy.example/a", *outcomes.PARAGRAPHS)
        assert copy.duplicate_of == outcomes.article().id
        cited = turns.recorded(turns.record(THREAD, "U0DESK", NOW, outcomes.answer()))
        of_copy = outcomes.citation(1, copy, 1)
        posted = turns.record_posting("alert", THREAD, "U0", NOW, "x", ["x"], [of_copy])
        of_the_copy = turns.recorded(posted)
        assert cited is not None
        assert of_the_copy is not None
        assert [one.url for one in cited.citations[0].carried_by] == [copy.url]
        assert [one.url for one in of_the_copy.citations[0].carried_by] == [outcomes.URL]

    def test_what_is_kept_no_more_is_left_out(self, store: ArticleStore, turns: Turns) -> None:
        found = turns.recorded(turns.record(THREAD, "U0DESK", NOW, outcomes.answer()))
        assert found is not None
        assert found.citations == ()
        assert turns.recorded("f" * 32) is None

    def test_a_turn_of_before_contents_were_kept_has_its_sentences(
        self, store: ArticleStore, turns: Turns
    ) -> None:
        identity = turns.record(THREAD, "U0DESK", NOW, outcomes.answer())
        with store.engine.begin() as connection:
            connection.execute(update(schema.turns).values(content=None))
        found = turns.recorded(identity)
        assert found is not None
        assert found.statements == outcomes.answer().statements


def kept(store: ArticleStore, url: str, *paragraphs: str, at: datetime = NOW) -> list[Article]:
    """An article as the store has it after it was read."""
    read = ReadArticle(url, "Guterres warns of confrontation", paragraphs, published_at=NOW)
    ingest(store, [read], lambda: at)
    return store.articles([read.id])

"""Outcomes in a terminal: whole, wrapped, and nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.answers import WIDTH, answer_text, search_text
from bot.render.wording import safe
from retrieval.outcomes import Answer, Outcome
from retrieval.passages import Passage
from tests.bot import outcomes
from tests.conftest import examples

thorough = settings(
    deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow]
)


@thorough
@given(outcomes.answers() | outcomes.no_answers())
def test_no_outcome_writes_a_control_character(outcome: Outcome) -> None:
    assert controls(answer_text(outcome, 0.5)) == set()


@thorough
@given(st.lists(outcomes.articles(), min_size=1, max_size=3))
def test_no_search_result_writes_a_control_character(found: list[outcomes.Article]) -> None:
    passages = [Passage(of, of.paragraphs[0], 0.5) for of in found]
    assert controls(search_text(passages)) == set()


@thorough
@given(outcomes.answers())
def test_every_statement_mark_and_link_is_there(outcome: Answer) -> None:
    shown = bare(answer_text(outcome))
    for statement in outcome.statements:
        assert bare(statement.text) in shown
    for citation in outcome.citations:
        assert f"[{citation.mark}]" in shown
        assert bare(citation.link) in shown


def test_an_answer_reads_as_a_letter_would() -> None:
    assert answer_text(outcomes.answer(), 0.25).splitlines() == [
        "According to News Desk, 4 April 2019: Guterres said that he was deeply concerned. [1]",
        "“There is no military solution,” he wrote. [1][2]",
        "",
        "[1] News Desk · wire · 4 Apr 2019 · ¶2 of 3",
        f"    {outcomes.answer().citations[0].link}",
        "[2] News Desk · wire · 4 Apr 2019 · ¶1 of 3",
        f"    {outcomes.answer().citations[1].link}",
        "1 article, 1 origin · extractive · 0.25 s",
    ]


def test_a_refusal_offers_what_was_near() -> None:
    lines = answer_text(outcomes.no_answer()).splitlines()
    assert lines[:2] == [
        "I found nothing that answers “How many tons of wheat”.",
        "Nearest, and not an answer:",
    ]
    assert lines[2].startswith("  - “Haftar ordered")
    assert lines[-1].endswith("¶2)")
    assert max(map(len, lines)) <= WIDTH


def test_a_notice_stands_first() -> None:
    shown = answer_text(outcomes.answer(notice="The model was silent."))
    assert shown.startswith("The model was silent.\n\n")


def test_a_search_result_says_where_it_stands_then_its_text() -> None:
    found = outcomes.article()
    assert search_text([Passage(found, found.paragraphs[0], 0.5)]).splitlines() == [
        "1. News Desk · wire · 4 Apr 2019 · ¶1 · 0.500",
        "   Guterres warns of confrontation",
        "   Haftar ordered his forces to march on Tripoli on Thursday.",
        f"   {found.url}",
    ]


def controls(text: str) -> set[str]:
    """Control characters and marks that turn the direction of writing round."""
    turning = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return {c for c in text if (unicodedata.category(c) == "Cc" and c not in "\n\t")} | (
        set(text) & turning
    )


def bare(text: str) -> str:
    return "".join(safe(text).split())

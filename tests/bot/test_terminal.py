"""The terminal conversation: what Slack is told too, except what is delivered later."""

from __future__ import annotations

import io

import pytest

from bot.chat.terminal import converse
from bot.clock import Clock
from bot.library import Library


@pytest.fixture
def said(sample_library: Library, clock: Clock) -> str:
    """Everything that is printed in one conversation."""
    lines = (
        "help",
        "quotes by Guterres on Libya since March",
        "timeline of Brexit since January",
        "Libya this week",
        "What did Guterres say about Libya?",
        "follow Gharyan",
        "digest at",
        "sources",
        "quit",
    )
    out = io.StringIO()
    converse(sample_library, clock, io.StringIO("\n".join(lines)), out)
    return out.getvalue()


@pytest.mark.slow
def test_reports_are_given_and_what_slack_delivers_is_left_to_slack(said: str) -> None:
    greeting, help_, quotes, timeline, summary, quoted, follow, unclear, sources, goodbye = (
        said.split("\n> ")
    )
    assert "“help” tells what else can be said" in greeting
    assert "What is the latest on " in greeting
    assert "“timeline of Brexit since January”" in help_
    assert "There is no military solution" in quotes
    assert "15 Jan" in timeline
    assert "Libya, 30 March to 5 April 2019" in summary
    assert "António Guterres" in quoted
    assert "extractive" in quoted
    assert "delivered in Slack" in follow
    assert "At what time?" in unclear
    assert "No source is polled" in sources
    assert "Goodbye." in goodbye


def test_a_follow_up_says_what_was_looked_for(sample_library: Library, clock: Clock) -> None:
    out = io.StringIO()
    lines = "Who visited Libya for the African Union?\nWhen did he visit?\nquit"
    converse(sample_library, clock, io.StringIO(lines), out)
    _, first, second, _ = out.getvalue().split("\n> ")
    assert "Looked for:" not in first
    assert "Looked for: When did" in second
    assert "1 and 2 April 2019" in second


def test_what_goes_on_from_nothing_is_asked_back(sample_library: Library, clock: Clock) -> None:
    out = io.StringIO()
    converse(sample_library, clock, io.StringIO("what did he say?\nquit"), out)
    assert "Whom do you mean by “he”?" in out.getvalue()

"""What is asked about the thread in which it is written."""

from __future__ import annotations

import pytest

from bot.commands.grammar import read_request
from bot.commands.intents import AskQuestion, AskSummary, Sources, SourcesHere, SummariseThread
from tests.conftest import NOW


@pytest.mark.parametrize(
    "text",
    """
summarise this thread's topic
summarize this thread
Summarise the discussion, please
can you summarise this conversation?
sum this up
sum it up please
recap this thread
give me a summary of this thread
what is this thread about?
what's this about?
what are we talking about?
catch me up on this thread
tl;dr
""".strip().splitlines(),
)
def test_is_its_topic(text: str) -> None:
    assert read_request(text, NOW) == SummariseThread()


@pytest.mark.parametrize(
    "text",
    """
source?
sources for that?
which sources did you use?
what are the sources of this thread?
list the sources here
where does that come from?
""".strip().splitlines(),
)
def test_is_its_sources(text: str) -> None:
    assert read_request(text, NOW) == SourcesHere()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sources", Sources),
        ("which sources failed?", Sources),
        ("what are the sources of this conflict?", AskQuestion),
        ("what is the source of the Nile?", AskQuestion),
        ("summarise Libya this week", AskSummary),
        ("summary of the discussion in the Security Council", AskSummary),
    ],
)
def test_is_something_else(text: str, kind: type) -> None:
    assert isinstance(read_request(text, NOW), kind)

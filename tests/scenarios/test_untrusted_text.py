"""Articles are written by others: what stands in them stays text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.render.blocks import SHOW_PARAGRAPHS
from tests.fakes import block_kit
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import HOSTILE_ARTICLE
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, elements, new_modal, text_of

pytestmark = pytest.mark.usefixtures("service")

QUESTION = "Kvarnen lighthouse treaty"
TURNED_ROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def reply(slack: LocalSlack, answerer: ChosenAnswerer) -> dict[str, Any]:
    """An answer that repeats both paragraphs of the hostile article to the letter."""
    both = ScriptedAnswerer(
        tuple(
            WrittenSentence(text, "/kvarnen", number)
            for number, text in enumerate(HOSTILE_ARTICLE.paragraphs, start=1)
        )
    )
    with answerer.replaced_by(both):
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        found = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert "Kvarnen lighthouse treaty was signed by <@U0DESK>" in text_of(found["blocks"])
    assert "javascript:alert(1)" in text_of(found["blocks"])
    return found


def test_its_markup_is_shown_as_written_and_mentions_nobody(reply: dict[str, Any]) -> None:
    assert block_kit.problems(reply["blocks"], reply["text"]) == []
    for kind in ("user", "usergroup", "channel", "broadcast", "emoji", "mrkdwn"):
        assert not list(elements(reply["blocks"], kind))
    assert "&lt;@U0DESK&gt;" in reply["text"]


def test_every_link_leads_to_the_article(reply: dict[str, Any]) -> None:
    links = list(elements(reply["blocks"], "link"))
    assert links
    assert all(link["url"].startswith(f"{HOSTILE_ARTICLE.url}#:~:text=") for link in links)
    assert {link["text"] for link in links} == {"[1]", "[2]"}


def test_it_cannot_turn_the_direction_of_the_reply_round(reply: dict[str, Any]) -> None:
    assert TURNED_ROUND.search(text_of(reply["blocks"])) is None
    assert TURNED_ROUND.search(reply["text"]) is None


def test_nor_can_it_in_the_modal(slack: LocalSlack, reply: dict[str, Any]) -> None:
    before = set(slack.views)
    slack.click(DESK, reply, SHOW_PARAGRAPHS)
    view = new_modal(slack, before)
    sent = {name: view[name] for name in ("type", "title", "close", "blocks")}
    assert block_kit.view_problems(sent) == []
    assert TURNED_ROUND.search(text_of(view["blocks"])) is None
    assert all(
        link["url"].startswith(HOSTILE_ARTICLE.url) for link in elements(view["blocks"], "link")
    )

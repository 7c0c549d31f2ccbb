"""*Show paragraphs*: every cited paragraph in its place, as it read when it was cited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.rendering.answer_blocks import SHOW_PARAGRAPHS
from bot.settings import Settings
from bot.wiring import open_corpus
from corpus.ingest import ingest
from tests.conftest import NOW
from tests.fakes import block_kit
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import HARBOUR_ARTICLE, PLAIN_ARTICLE
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    UNANSWERABLE,
    elements,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

SIGNED = "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019."
QUESTION = "Who signed the Ormsund fisheries protocol?"


def answered(slack: LocalSlack, question: str) -> dict[str, Any]:
    asked = slack.mention(CHANNEL, DESK, question)
    return slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def clicked(slack: LocalSlack, user: str, reply: dict[str, Any]) -> dict[str, Any]:
    """The modal that a click below an answer opens, closed again."""
    before = set(slack.views)
    slack.click(user, reply, SHOW_PARAGRAPHS)
    slack.wait_for(lambda: set(slack.views) - before, PATIENCE)
    (view_id,) = set(slack.views) - before
    view = slack.views[view_id]
    slack.close_view(user, view_id)
    return view


def opened(slack: LocalSlack, question: str, user: str = DESK) -> dict[str, Any]:
    return clicked(slack, user, answered(slack, question))


def test_a_cited_paragraph_stands_between_its_neighbours_with_the_quote_in_bold(
    slack: LocalSlack,
) -> None:
    view = opened(slack, QUESTION)
    shown = text_of(view["blocks"])
    places = [shown.index(text[:60]) for text in PLAIN_ARTICLE.paragraphs]
    assert places == sorted(places)
    assert "Vessels Gazette · independent · published 5 April 2019" in shown
    assert "version 1 · ¶2 of 3" in shown
    quoted = [text_of(part) for part in elements(view["blocks"], "rich_text_quote")]
    assert any(PLAIN_ARTICLE.paragraphs[1] == text for text in quoted)
    bold = [e["text"] for e in elements(view["blocks"], "text") if e.get("style", {}).get("bold")]
    assert SIGNED in bold


def test_the_modal_is_one_that_slack_accepts(slack: LocalSlack) -> None:
    view = opened(slack, QUESTION)
    sent = {name: view[name] for name in ("type", "title", "close", "blocks")}
    assert block_kit.view_problems(sent) == []


def test_whoever_reads_the_answer_may_open_it(slack: LocalSlack) -> None:
    assert SIGNED in text_of(opened(slack, QUESTION, COLLEAGUE)["blocks"])


def test_a_refusal_shows_what_was_nearest(slack: LocalSlack) -> None:
    view = opened(slack, UNANSWERABLE)
    assert "¶" in text_of(view["blocks"])
    assert not [e for e in elements(view["blocks"], "text") if e.get("style", {}).get("bold")]


def test_an_article_that_changed_since_is_shown_as_it_was_cited(
    slack: LocalSlack, socket_settings: Settings
) -> None:
    first, second, third = HARBOUR_ARTICLE.paragraphs
    reply = answered(slack, "Who opened the Tornholm harbour office?")
    corpus = open_corpus(socket_settings)
    rewritten = replace(HARBOUR_ARTICLE, paragraphs=(first, "It was nobody at all.", third))
    ingest(corpus, [rewritten], lambda: NOW + timedelta(hours=1))
    corpus.close()
    shown = text_of(clicked(slack, DESK, reply)["blocks"])
    assert second in shown
    assert "version 1" in shown
    assert shown.index(second) < shown.index("This paragraph stands no more in version 2")
    assert "nobody at all" not in shown


def test_an_answer_that_is_no_longer_kept_says_so(slack: LocalSlack) -> None:
    reply = answered(slack, QUESTION)
    for button in elements(reply["blocks"], "button"):
        button["value"] = "0" * 32
    assert "no longer kept" in text_of(clicked(slack, DESK, reply)["blocks"])


def test_a_modal_that_slack_does_not_open_is_owned_up_to(slack: LocalSlack) -> None:
    reply = answered(slack, QUESTION)
    told = len(slack.ephemerals)
    slack.fail_next("views.open", error="expired_trigger_id")
    slack.click(COLLEAGUE, reply, SHOW_PARAGRAPHS)
    slack.wait_for(lambda: len(slack.ephemerals) > told, PATIENCE)
    assert slack.ephemerals[-1]["shown_to"] == COLLEAGUE
    assert "(reference " in slack.ephemerals[-1]["text"]

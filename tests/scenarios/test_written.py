"""A bot whose answers, follow-ups and summaries a language model writes, over real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.library import open_corpus
from bot.service import Service
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.conftest import NOW, settings_for
from tests.fakes.language_models import LocalModelServer
from tests.fakes.slack import LocalSlack
from tests.retrieval.test_written_briefs import CHECK, retold
from tests.scenarios.conftest import people
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, QUESTION, text_of

UNDERSTOOD = "What else did Guterres say about Libya?"
SAID = "Guterres said that there is no military solution"


def reply(prompt: str) -> str:
    """A model that does what each prompt asks for."""
    if "<check id=" in prompt:
        ids = [one for one, _ in CHECK.findall(prompt)]
        return json.dumps(
            {"checks": [{"id": one, "verdict": "supported", "differs": ""} for one in ids]}
        )
    if "<last-message>" in prompt:
        return UNDERSTOOD
    if "to be told:" in prompt:
        return retold(prompt)
    solution = re.search(r'<paragraph mark="\[(\d+)\]">[^<]*no military solution', prompt)
    return f"{SAID} [{solution[1]}]." if solution else "NO ANSWER"


def shown_in(message: dict[str, Any]) -> str:
    return text_of(message["blocks"])


@pytest.fixture(scope="module")
def written(
    copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings
) -> Iterator[tuple[LocalSlack, Service]]:
    with LocalModelServer() as model, LocalSlack() as slack:
        model.say_by(reply)
        people(slack)
        settings = settings_for(
            copied_sample(),
            slack_bot_token=slack.bot_token,
            slack_app_token=slack.app_token,
            slack_api_url=slack.api_url,
            llm_model="openai:local",
            llm_api_key="k",
            llm_base_url=model.openai_url,
            llm_price_in=0.25,
            llm_price_out=2.0,
            metrics_port=0,
        )
        corpus = open_corpus(settings)
        StoryFollower(corpus, embeddings).catch_up()
        corpus.close()
        running = Service(
            settings, clock=lambda: NOW, embeddings=embeddings, thinking_after=PATIENCE
        )
        running.start()
        slack.wait_for_connection()
        yield slack, running
        running.stop()


@pytest.mark.slow
def test_a_follow_up_says_what_the_model_understood(written: tuple[LocalSlack, Service]) -> None:
    slack, _ = written
    asked = slack.mention(CHANNEL, DESK, QUESTION)
    first = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert SAID in shown_in(first)
    slack.mention(CHANNEL, DESK, "and anything else from him?", thread_ts=asked.ts)
    slack.wait_for(
        lambda: any("Looked for" in shown_in(one) for one in slack.replies(CHANNEL, asked.ts)),
        PATIENCE,
    )
    (second,) = [one for one in slack.replies(CHANNEL, asked.ts) if "Looked for" in shown_in(one)]
    assert f"Looked for: {UNDERSTOOD}" in shown_in(second)


def test_a_summary_says_who_wrote_it_and_its_cost_is_counted(
    written: tuple[LocalSlack, Service],
) -> None:
    slack, service = written
    asked = slack.mention(CHANNEL, DESK, "summary of Libya since 1 April 2019")
    shown = shown_in(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))
    assert "It is told that" in shown
    assert "written by openai:local" in shown
    figures = httpx.get(f"http://127.0.0.1:{service.metrics_port}/metrics", timeout=10).text
    counted = dict(re.findall(r"^chancery_model_(\w+) (\S+)$", figures, re.MULTILINE))
    assert float(counted["requests_total"]) > 4
    # The local server states one token a request.
    assert float(counted["tokens_in_total"]) >= float(counted["requests_total"])
    assert float(counted["cost_total"]) > 0

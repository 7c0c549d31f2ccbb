"""How many modules a mention crosses until its answer is posted: a way that one can follow."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bot.service import Service
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import people
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, QUESTION

MOST_MODULES = 56
"""As few as it takes in Socket Mode, which is the default; one is the reader's language, one what
the answer rested on, which is kept with its turn, one what a message asks beside its addresses."""
OURS = ("corpus.", "retrieval.", "bot.")
BESIDE = ("sources", "monitoring", "deliveries", "intake", "profiles")
"""Threads of what goes on unasked, by the beginning of their names."""


class Walk:
    """Notes in which modules a function is called, in every thread that begins after it."""

    def __init__(self) -> None:
        self.on = False
        self.modules: set[str] = set()

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        if threading.current_thread().name.startswith(BESIDE):
            sys.setprofile(None)
        elif self.on and event == "call":
            self.modules.add(str(frame.f_globals.get("__name__", "")))

    @property
    def ours(self) -> list[str]:
        return sorted(one for one in self.modules if one.startswith(OURS))


@pytest.fixture
def walk() -> Iterator[Walk]:
    walk = Walk()
    threading.setprofile(walk.note)
    yield walk
    threading.setprofile(None)


@pytest.mark.timeout(300)
def test_a_mention_crosses_few_modules(
    copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings, walk: Walk
) -> None:
    with LocalSlack() as slack:
        people(slack)
        settings = settings_for(
            copied_sample(),
            slack_bot_token=slack.bot_token,
            slack_app_token=slack.app_token,
            slack_api_url=slack.api_url,
        )
        service = Service(settings, clock=lambda: NOW, embeddings=embeddings)
        service.start()
        try:
            slack.wait_for_connection()
            first = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for_reply(CHANNEL, first.ts, PATIENCE)
            walk.on = True
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
            walk.on = False
        finally:
            service.stop()
    assert len(walk.ours) <= MOST_MODULES, walk.ours

"""A bot that serves is killed while it follows what was read, and when a digest has just arrived.

The killed bots are real processes, over real sockets; each next one has a later clock, so that it
takes over at once what its predecessor left. They are forked from a server that has imported
everything, so that what is interrupted is their work and not the start of Python.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bot.clock import DAYS, utc_now
from bot.db.outbox import ABANDONED_AFTER, POSTED, Outbox
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.library import open_corpus
from bot.records import Subscription
from bot.service import Service
from corpus.articles import ReadArticle, SourceKind
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore
from retrieval.reports.report import Interests
from tests.conftest import settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, text_of

pytestmark = pytest.mark.slow

PRELOADED = [
    "bot.container",
    "bot.service",
    "chromadb.api.rust",
    "chromadb.telemetry.product.posthog",
    "langchain_chroma",
    "onnxruntime",
    "pytest",
    "retrieval.answers.chain",
    "retrieval.reports.digest",
    "sentence_transformers",
    "slack_bolt.adapter.socket_mode",
    "sqlalchemy.dialects.sqlite",
    "tests.conftest",
    "tokenizers",
]
EVENTS = (
    ("Ferry to Skarholm runs again", "The ferry to Skarholm runs again after nine years."),
    ("Ministers sign Ormsund protocol", "Ministers signed the Ormsund fisheries protocol."),
    ("Tornholm opens harbour office", "Tornholm opened a harbour office of its own."),
)


def serve(home: Path, settings: dict[str, str], ahead: timedelta, reports: Connection) -> None:
    """A bot on a home, with a clock that is ahead; it serves until it is killed."""
    service = Service(settings_for(home, **settings), clock=lambda: utc_now() + ahead)
    service.start()
    reports.send("serving")
    while True:
        time.sleep(60)


class Bots:
    """One bot after the other on the same home."""

    def __init__(self, home: Path, slack: LocalSlack, **settings: str) -> None:
        self._home = home
        self._settings = {
            **settings,
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.api_url,
        }
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._started = 0

    def start(self) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        ahead = self._started * (ABANDONED_AFTER + timedelta(seconds=1))
        self._started += 1
        self._process = self._context.Process(
            target=serve, args=(self._home, self._settings, ahead, theirs)
        )
        self._process.start()
        theirs.close()
        assert ours.recv() == "serving"

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "desk")
        local.add_channel(CHANNEL, "press")
        yield local


@pytest.fixture
def home(copied_sample: Callable[[], Path]) -> Path:
    """The sample, and what `owe_a_digest` adds to it."""
    folder = copied_sample()
    owe_a_digest(folder)
    return folder


def owe_a_digest(folder: Path, **settings: str) -> None:
    """Add three articles of just now that nothing has followed, and a digest that is due."""
    now = utc_now()
    store = open_corpus(settings_for(folder, **settings))
    ingest(store, [just_published(number, now) for number in range(len(EVENTS))], lambda: now)
    due, set_up = now - timedelta(minutes=1), now - timedelta(hours=2)
    subscription = Subscription(
        id="press",
        reader=CHANNEL,
        channel=CHANNEL,
        name="press",
        at=f"{due:%H:%M}",
        zone="UTC",
        days=DAYS,
        interests=Interests(),
        paused=False,
        created_by=DESK,
        created_at=set_up,
    )
    Subscriptions(store.engine, lambda: set_up).add(subscription)
    store.close()


@pytest.fixture
def bots(home: Path, slack: LocalSlack) -> Iterator[Bots]:
    running = Bots(home, slack)
    yield running
    running.kill()


def just_published(number: int, now: datetime) -> ReadArticle:
    title, text = EVENTS[number]
    return ReadArticle(
        url=f"https://vessels.example/{number}",
        title=title,
        source="Vessels Gazette",
        kind=SourceKind.INDEPENDENT,
        published_at=now - timedelta(minutes=10),
        language="en",
        paragraphs=(text, f"{title}, the Vessels Gazette said."),
    )


def digests(slack: LocalSlack) -> list[str]:
    """What was posted into the channel itself, as its readers see it."""
    return [text_of(held["blocks"]) for held in slack.messages(CHANNEL) if "thread_ts" not in held]


def recorded(store: ArticleStore, patience: float = PATIENCE) -> str:
    """The turn with which the digest is recorded as posted, once it is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for found in Outbox(store.engine).of_reader(CHANNEL, "digest"):
            if found.state == POSTED and found.turn_id is not None:
                return found.turn_id
        time.sleep(0.05)
    raise AssertionError("the digest was not recorded as posted")


def test_a_bot_that_is_killed_at_its_work_has_told_each_digest_once(
    home: Path, slack: LocalSlack, bots: Bots
) -> None:
    bots.start()
    bots.kill()
    # The message arrives, what Slack answers does not: nothing of it can have been recorded.
    slack.fail_next("chat.postMessage", status=503, taken=True)
    bots.start()
    slack.wait_for(lambda: digests(slack), PATIENCE)
    bots.kill()
    bots.start()
    store = open_corpus(settings_for(home))
    turn = recorded(store)
    (digest,) = digests(slack)
    assert all(title in digest for title, _ in EVENTS)
    assert Turns(store.engine).cited(turn)
    store.close()

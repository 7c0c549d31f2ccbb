"""What an operator sees at /metrics and /health, asked over a real connection."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.db.outbox import Outbox, Posting
from bot.db.turns import Turns
from bot.metrics import LONGEST_ROUND, Metrics, MetricsServer, ServiceState
from bot.service import JsonLines
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.outcomes import NoAnswer, Usage, Withheld
from retrieval.questions.understand import understand
from tests.fakes.articles import NOON, read_article

SECRET = "Who was ordered to leave Ormsund?"


class Running:
    """A process whose state a test sets."""

    def __init__(self, store: ArticleStore) -> None:
        self.store = store
        self.now = NOON
        self.waiting = 0
        self.indexed = 0
        self.followed_at: datetime | None = None
        self.used: Usage | None = None
        self.metrics = Metrics(lambda: self.now)
        state = ServiceState(
            store,
            lambda: self.waiting,
            lambda: self.indexed,
            lambda: self.followed_at,
            lambda: self.now,
            lambda: self.used,
        )
        self.metrics.follow(state)
        self.server = MetricsServer("127.0.0.1", 0, self.metrics, state)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.server.port}{path}", timeout=10)

    def figures(self) -> dict[str, float]:
        """Every sample by its name and labels."""
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(self.get("/metrics").text)
            for sample in family.samples
        }


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    store = open_store(f"sqlite:///{tmp_path / 'chancery.db'}")
    running = Running(store)
    yield running
    running.server.close()
    store.close()


def refused(*withheld: str) -> NoAnswer:
    question = understand(SECRET, NOON)
    kept = tuple(Withheld(text, "its number does not stand there") for text in withheld)
    return NoAnswer(question, "nothing says so", (), "extractive", withheld=kept)


def test_what_a_language_model_is_asked_is_counted(running: Running) -> None:
    assert not any("model" in name for name in running.figures())
    running.used = Usage(3, 4_000, 120, 1_500)
    figures = running.figures()
    assert figures["chancery_model_requests_total"] == 3
    assert figures["chancery_model_tokens_in_total"] == 4_000
    assert figures["chancery_model_tokens_out_total"] == 120
    assert figures["chancery_model_tokens_estimated_total"] == 1_500
    assert "chancery_model_cost_total" not in figures
    running.used = Usage(3, 4_000, 120, 0, cost=0.5)
    assert running.figures()["chancery_model_cost_total"] == 0.5


def test_questions_are_counted_by_outcome_where_they_are_recorded(running: Running) -> None:
    turns = Turns(running.store.engine, running.metrics.answered)
    running.now = NOON + timedelta(seconds=3)
    turns.record("C0:1", "U0", NOON, refused("Nine left.", "Ten left."))
    figures = running.figures()
    assert figures["chancery_questions_total refused"] == 1
    assert figures["chancery_questions_total answered"] == 0
    assert figures["chancery_sentences_withheld_total"] == 2
    assert figures["chancery_question_seconds_sum"] == pytest.approx(3)
    assert SECRET not in running.get("/metrics").text


def test_what_waits_is_read_when_it_is_asked_for(running: Running) -> None:
    ingest(running.store, [read_article("a"), read_article("b")], lambda: NOON)
    running.waiting = 4
    running.indexed = 1
    figures = running.figures()
    assert figures["chancery_questions_waiting"] == 4
    assert figures["chancery_articles"] == 2
    assert figures["chancery_index_behind_articles"] == 1
    running.indexed = 2
    assert running.figures()["chancery_index_behind_articles"] == 0


def test_a_late_posting_is_seen(running: Running) -> None:
    due = NOON - timedelta(minutes=7)
    Outbox(running.store.engine).put(
        Posting("digest:one", "digest", "C0", "C0", None, {}, due_at=due)
    )
    figures = running.figures()
    assert figures["chancery_postings digest waiting"] == 1
    assert figures["chancery_postings_late_seconds"] == 420


@pytest.mark.parametrize(
    ("since", "status"), [(timedelta(seconds=20), 200), (LONGEST_ROUND + timedelta(seconds=1), 503)]
)
def test_health_fails_where_nothing_is_followed_any_more(
    running: Running, since: timedelta, status: int
) -> None:
    running.followed_at = NOON - since
    answer = running.get("/health")
    assert answer.status_code == status
    assert bool(answer.json()["problems"]) is (status == 503)


def test_health_fails_where_the_store_cannot_be_read(running: Running, tmp_path: Path) -> None:
    running.store.close()
    for file in tmp_path.glob("chancery.db*"):
        file.write_bytes(b"\0" * 20_000)
    answer = running.get("/health")
    assert answer.status_code == 503
    assert "could not be read" in answer.json()["problems"][0]


def test_nothing_else_is_served(running: Running) -> None:
    assert running.get("/").status_code == 404
    assert running.get("/metrics/../../etc/passwd").status_code == 404


def test_logs_can_be_one_object_a_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.Logger("chancery.example")
    logger.addHandler(handler)
    logger.warning("feed of %s\nfailed", "Gazette")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("warning", "feed of Gazette\nfailed")

"""What an operator watches: figures for Prometheus at /metrics, and /health for a load balancer.

    Metrics(clock).answered(outcome, asked_at)   counted where a turn is recorded
    Metrics(clock).follow(state)                 what is read from the store when somebody asks

Served on a port of this machine where METRICS_PORT is set. Nothing in it tells what was asked, by
whom, or what an article says; sources stand in it by their health, not by their names.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Histogram, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from bot.clock import Clock
from bot.db.outbox import CLAIMED, WAITING
from bot.db.schema import postings
from corpus.errors import CorpusError
from corpus.feeds.registry import SourceRegister
from corpus.store.articles import ArticleStore
from corpus.store.database import reading
from retrieval.outcomes import Answer, Outcome, Usage

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger("chancery.metrics")

SECONDS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
DELIVERED_WITHIN = timedelta(days=1)
# A round of following ends every few seconds; a first indexing of a large corpus may take minutes.
LONGEST_ROUND = timedelta(minutes=15)


class Metrics:
    """The figures of one process, in a registry of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "chancery_questions", "Questions by outcome.", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "chancery_question_seconds",
            "From the question to its recorded answer, waiting included.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._withheld = Counter(
            "chancery_sentences_withheld",
            "Sentences that did not pass the checks.",
            registry=self.registry,
        )
        for outcome in ("answered", "refused"):
            self._questions.labels(outcome)

    def answered(self, outcome: Outcome, asked_at: datetime) -> None:
        """Count an outcome and how long its asker waited for it."""
        waited = self._clock() - asked_at
        self._questions.labels("answered" if isinstance(outcome, Answer) else "refused").inc()
        self._seconds.observe(max(0.0, waited.total_seconds()))
        self._withheld.inc(len(outcome.withheld))

    def follow(self, state: ServiceState) -> None:
        """Read these figures too, each time somebody asks."""
        self.registry.register(state)


class ServiceState(Collector):
    """Figures that stand in the store, the queue and the indexes, read when they are asked for."""

    def __init__(
        self,
        store: ArticleStore,
        waiting: Callable[[], int],
        indexed: Callable[[], int],
        followed_at: Callable[[], datetime | None],
        clock: Clock,
        used: Callable[[], Usage | None] = lambda: None,
    ) -> None:
        """`indexed` is the number of the last change that every index holds, `followed_at` when
        a round of following last ended; `used` is what the language model was asked, if there is
        one."""
        self._store = store
        self._waiting = waiting
        self._indexed = indexed
        self._followed_at = followed_at
        self._clock = clock
        self._used = used

    def describe(self) -> Iterable[Metric]:
        """Nothing is read at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield _gauge("chancery_questions_waiting", "Questions not answered yet.", self._waiting())
        counts = self._store.counts()
        yield _gauge("chancery_articles", "Articles in the store.", counts.articles)
        yield _gauge("chancery_paragraphs", "Paragraphs in the store.", counts.paragraphs)
        behind, _ = self._store.pending(self._indexed())
        yield _gauge("chancery_index_behind_articles", "Articles not indexed yet.", behind)
        yield self._sources()
        yield from self._postings()
        if (ended := self._followed_at()) is not None:
            age = (self._clock() - ended).total_seconds()
            yield _gauge("chancery_following_age_seconds", "Since a round of following ended.", age)
        if (used := self._used()) is not None:
            yield from _usage(used)

    def problems(self) -> list[str]:
        """Why this process should be looked at, in words; empty where all is well."""
        try:
            self._store.last_change()
        except CorpusError as error:
            return [str(error)]
        ended = self._followed_at()
        if ended is not None and self._clock() - ended > LONGEST_ROUND:
            return [f"nothing was followed since {ended:%H:%M} UTC"]
        return []

    def _sources(self) -> Metric:
        found = GaugeMetricFamily("chancery_sources", "Polled sources.", labels=["health"])
        counted: dict[str, int] = {}
        for source in SourceRegister(self._store).sources():
            health = "paused" if source.paused else source.health.value
            counted[health] = counted.get(health, 0) + 1
        for health, count in sorted(counted.items()):
            found.add_metric([health], count)
        return found

    def _postings(self) -> Iterator[Metric]:
        now = self._clock()
        found = GaugeMetricFamily(
            "chancery_postings", "Postings due within a day.", labels=["kind", "state"]
        )
        for kind, state, count in _postings_since(self._store.engine, now - DELIVERED_WITHIN):
            found.add_metric([kind, state], count)
        yield found
        late = _oldest_due(self._store.engine)
        seconds = max(0.0, (now - late).total_seconds()) if late else 0.0
        yield _gauge("chancery_postings_late_seconds", "How late the oldest posting is.", seconds)


def _usage(used: Usage) -> Iterator[Metric]:
    for name, value in asdict(used).items():
        if value is not None:
            about = f"Of the language model: {name.replace('_', ' ')}."
            yield CounterMetricFamily(f"chancery_model_{name}", about, value)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _postings_since(engine: Engine, since: datetime) -> list[tuple[str, str, int]]:
    columns = postings.c
    query = (
        select(columns.kind, columns.state, func.count())
        .where(columns.due_at >= since)
        .group_by(columns.kind, columns.state)
        .order_by(columns.kind, columns.state)
    )
    with reading(engine) as connection:
        return [(kind, state, count) for kind, state, count in connection.execute(query)]


def _oldest_due(engine: Engine) -> datetime | None:
    columns = postings.c
    due = func.coalesce(columns.wait_until, columns.due_at, type_=columns.due_at.type)
    query = select(due).where(columns.state.in_((WAITING, CLAIMED))).order_by(due).limit(1)
    with reading(engine) as connection:
        found: datetime | None = connection.scalar(query)
    return found


class MetricsServer:
    """Serves /metrics and /health until it is closed."""

    def __init__(self, host: str, port: int, metrics: Metrics, state: ServiceState) -> None:
        """Raises OSError where the port cannot be had."""
        self._figures = make_wsgi_app(metrics.registry)
        self._state = state
        self._server = make_server(host, port, self._serve, _Server, _Quiet)
        self.port = int(self._server.server_port)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environment.get("PATH_INFO")
        if path == "/metrics":
            answer: Iterable[bytes] = self._figures(environment, start)
            return answer
        if path != "/health":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics and /health are here.\n"]
        problems = self._state.problems()
        status = "503 Service Unavailable" if problems else "200 OK"
        start(status, [("Content-Type", "application/json")])
        return [json.dumps({"ok": not problems, "problems": problems}).encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """A line a request would drown the log."""

    timeout = 10

    def log_message(self, format: str, *arguments: object) -> None:
        log.debug(format, *arguments)

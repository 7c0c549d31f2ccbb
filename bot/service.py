"""The running bot: Bolt app, Socket Mode or HTTP, and the monitoring that goes on beside it.

Service(settings)  opens store, indexes and Slack
    .start()       connects, begins to read, follow and deliver, returns
    .stop()        disconnects, finishes what is being answered, closes everything
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

from slack_bolt import App
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import Engine

from bot.chat.queue import QuestionQueue
from bot.clock import Clock, utc_now
from bot.container import make_monitoring, make_surfaces, register_handlers
from bot.db.events import Replays
from bot.failures import SettingsError
from bot.jobs.loop import MonitoringThreads
from bot.library import make_fetcher, open_corpus, open_library
from bot.metrics import Metrics, MetricsServer, ServiceState
from bot.render.catalogues import Listeners
from bot.settings import Settings
from bot.slack.client import SlackGateway, make_client
from bot.slack.destinations import THINKING_AFTER_SECONDS
from bot.slack.http import HttpFront
from bot.slack.pacing import Pace
from retrieval.answers.extractive import Answerer
from retrieval.index.embedding import SentenceEmbeddings

log = logging.getLogger("chancery.service")

# Bolt runs every listener in this pool, and acknowledgements of commands and clicks with them.
# Questions only pass through it into the queue; what else waits there waits for Slack.
LISTENERS = 32
# Socket Mode's own threads, which wait until a command or click is acknowledged.
RECEIVERS = 32
# Extractive answers only compute, and more of them at once than cores share these and all come
# later; a model's wait for its network. See python -m tests.benchmarks --only slack.
COMPUTED_AT_ONCE = 3
WRITTEN_AT_ONCE = 16
# How long computing keeps the interpreter from whoever has just heard from Slack: Python's own five
# milliseconds, at each of a listener's many waits, kept first statuses from coming in a second.
SWITCH_SECONDS = 0.001
# How long a connection may take to close before the process ends without that.
CLOSING_SECONDS = 3.0
# How long the process may go on after it was asked to stop: supervisors kill after ten seconds.
STOPPING_SECONDS = 4.5
# Bolt's own default of ten seconds leaves a broken connection unnoticed for that long.
PING_INTERVAL_SECONDS = 5.0


class Service:
    """One process of the bot."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        answerer: Answerer | None = None,
        embeddings: SentenceEmbeddings | None = None,
        thinking_after: float = THINKING_AFTER_SECONDS,
    ) -> None:
        """Open everything; SettingsError, SlackError or RetrievalError say what is missing."""
        if settings.slack_bot_token is None:
            raise SettingsError("SLACK_BOT_TOKEN is not set.")
        if settings.slack_mode == "http" and settings.slack_signing_secret is None:
            # Without it Bolt would take whatever is signed with an empty secret.
            raise SettingsError("SLACK_SIGNING_SECRET is not set.")
        if settings.slack_mode == "socket" and settings.slack_app_token is None:
            raise SettingsError("SLACK_APP_TOKEN is not set.")
        self._settings = settings
        self._metrics: MetricsServer | None = None
        with ExitStack() as opened:
            corpus = open_corpus(settings)
            opened.callback(corpus.close)
            client = make_client(
                settings.slack_bot_token.get_secret_value(), settings.slack_api_url
            )
            pace = Pace(settings.slack_posts_per_minute)
            queue = QuestionQueue(_places(settings), pace)
            gateway = SlackGateway(client, pace, queue.giving_way)
            opened.callback(gateway.close)
            me = gateway.identity()
            library = opened.enter_context(
                open_library(settings, corpus, "serve", answerer=answerer, embeddings=embeddings)
            )
            # The first question must not wait for it, nor be the one to find it missing.
            library.search.load()
            fetcher = opened.enter_context(make_fetcher(settings))
            metrics = Metrics(clock)
            surfaces = make_surfaces(
                settings,
                library,
                gateway,
                queue,
                fetcher,
                me,
                clock,
                metrics.answered,
                thinking_after,
            )
            self._surfaces = surfaces
            opened.callback(surfaces.intake.stop)
            listeners = Listeners(LISTENERS, thread_name_prefix="listener")
            opened.callback(listeners.shutdown, wait=True)
            logging.getLogger("slack_bolt.App").addFilter(_tells_something)
            secret = settings.slack_signing_secret
            self._app = App(
                client=client,
                signing_secret=secret.get_secret_value() if secret else None,
                token_verification_enabled=False,
                request_verification_enabled=settings.slack_mode == "http",
                listener_executor=listeners,
            )
            register_handlers(self._app, surfaces)
            grace = timedelta(minutes=settings.digest_grace_minutes)
            kept = settings.retention_days
            monitoring = make_monitoring(
                library,
                gateway,
                fetcher,
                clock,
                grace=grace,
                corrected_for=timedelta(days=settings.correction_days),
                kept_for=timedelta(days=kept) if kept is not None else None,
            )
            self._monitoring = MonitoringThreads(monitoring, clock)
            opened.callback(self._monitoring.stop)
            if settings.metrics_port is not None:
                state = ServiceState(
                    corpus,
                    lambda: len(queue.held()),
                    lambda: library.indexer.position,
                    self._monitoring.followed_at,
                    clock,
                    library.usage,
                )
                metrics.follow(state)
                self._metrics = _serve_metrics(settings, metrics, state)
                opened.callback(self._metrics.close)
            self._front = self._make_front(corpus.engine, clock)
            opened.callback(_close_in_time, self._front)
            self._resources = opened.pop_all()

    @property
    def metrics_port(self) -> int | None:
        """The port of /metrics; None where it is not served."""
        return self._metrics.port if self._metrics is not None else None

    @property
    def port(self) -> int | None:
        """The port of http mode, once started; None in Socket Mode."""
        return self._front.port if isinstance(self._front, HttpFront) else None

    def start(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self._surfaces.intake.start(self._surfaces.router.handle)
        self._monitoring.start()
        self._front.connect()
        log.info("connected to Slack (%s mode)", self._settings.slack_mode)

    def stop(self) -> None:
        self._resources.close()

    def _make_front(self, engine: Engine, clock: Clock) -> Any:
        settings = self._settings
        if settings.slack_mode == "http":
            assert settings.slack_signing_secret is not None
            verifier = SignatureVerifier(settings.slack_signing_secret.get_secret_value())
            host, port = settings.slack_http_host, settings.slack_http_port
            return HttpFront(self._app, host, port, verifier, Replays(engine, clock))
        assert settings.slack_app_token is not None
        from slack_bolt.adapter.socket_mode import SocketModeHandler

        app_token = settings.slack_app_token.get_secret_value()
        return SocketModeHandler(
            self._app,
            app_token,
            web_client=make_client(app_token, settings.slack_api_url),
            ping_interval=PING_INTERVAL_SECONDS,
            concurrency=RECEIVERS,
        )


def _tells_something(record: logging.LogRecord) -> bool:
    """Whether a line of Bolt's says more than that SLACK_BOT_TOKEN is set beside our own client."""
    return "`token` will be unused" not in record.getMessage()


def _serve_metrics(settings: Settings, metrics: Metrics, state: ServiceState) -> MetricsServer:
    host, port = settings.metrics_host, settings.metrics_port or 0
    try:
        return MetricsServer(host, port, metrics, state)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise SettingsError(f"METRICS_PORT {port} cannot be used ({reason}).") from error


def _places(settings: Settings) -> int:
    """How many answers are computed at once."""
    return COMPUTED_AT_ONCE if settings.llm_model is None else WRITTEN_AT_ONCE


def _end_in_time() -> None:
    """Let the process end soon, whatever is still being answered.

    A question that was not answered to its end is answered after the next start, and what was
    posted is known by then: a process may be killed at any moment.
    """

    def end() -> None:
        log.warning("what is being answered goes on after the next start")
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(STOPPING_SECONDS, end)
    timer.daemon = True
    timer.start()


def _close_in_time(front: Any) -> None:
    """Close what listens to Slack; a client that hangs is left behind.

    Slack's client waits without end for the thread of a connection that it made anew in the very
    moment in which it was told to close. All its threads end with the process.
    """
    closing = threading.Thread(target=front.close, name="closing", daemon=True)
    closing.start()
    closing.join(CLOSING_SECONDS)
    if closing.is_alive():
        log.warning("the connection to Slack did not close in %d seconds", CLOSING_SECONDS)


class JsonLines(logging.Formatter):
    """Records as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def run_service(settings: Settings) -> None:
    """Serve until the process is asked to stop (SIGINT or SIGTERM)."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # Slack's own loggers write payloads at debug level and take the root's level as theirs, so
    # that the level that is set is ours alone.
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonLines()
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])
    logging.getLogger("chancery").setLevel(level)
    asked_to_stop = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        asked_to_stop.set()

    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, stop)
    service = Service(settings)
    try:
        service.start()
        asked_to_stop.wait()
        log.info("stopping")
        _end_in_time()
    finally:
        service.stop()

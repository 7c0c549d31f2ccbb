"""Slack over HTTP: a small threaded server whose requests are verified before anything reads them.

    request ─▶ its form ─▶ signature and age ─▶ seen before? ─▶ Bolt ─▶ answer
       │          │               │                  │
       408       400, 404…       401                401

What did not come from Slack is never parsed: until its signature is verified a body is bytes.
Nobody can hold a connection for long, nor more of them than there are places for.

Signed requests that were taken before: the same one is not taken twice.

A signature is good for five minutes, in which whoever got hold of a request could send it again.
Slack itself never does: what it delivers anew is signed anew. So each signature is remembered, in
memory and in the database, since a replay may reach another replica, or this one after a restart.
Both forget what is older than a signature can be. Where the database cannot be asked, memory alone
decides: better that than an outage in which every request is refused.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.clock import Clock
from bot.failures import trace_of
from corpus.store.schema import claimed_events as table

log = logging.getLogger("chancery.slack")

KEPT_FOR = timedelta(minutes=11)
"""Five minutes on either side of our clock, and one to spare."""
MOST_REMEMBERED = 100_000
_PREFIX = "request:"


class Replays:
    """Signatures that were seen. Any number of threads may call it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._cleared_at: datetime | None = None

    def first(self, signature: str) -> bool:
        """Whether a valid signature (`v0=` and 64 hexadecimal digits) is seen for the first time.

        Only what was verified may be asked for, or anybody could fill the memory.
        """
        now = self._clock()
        with self._lock:
            if signature in self._seen:
                return False
            self._seen[signature] = now
            self._forget(now)
            clear = self._cleared_at is None or now - self._cleared_at >= KEPT_FOR
            if clear:
                self._cleared_at = now
        return self._first_of_all(_PREFIX + signature.removeprefix("v0="), now, clear)

    def _forget(self, now: datetime) -> None:
        while self._seen:
            oldest = next(iter(self._seen.values()))
            if len(self._seen) <= MOST_REMEMBERED and now - oldest < KEPT_FOR:
                return
            self._seen.popitem(last=False)

    def _first_of_all(self, key: str, now: datetime, clear: bool) -> bool:
        """Whether no process has seen it; with `clear`, forget what is too old to matter."""
        columns = table.c
        try:
            with self._engine.begin() as connection:
                if clear:
                    connection.execute(
                        delete(table).where(
                            columns.event_id.startswith(_PREFIX, autoescape=True),
                            columns.claimed_at < now - KEPT_FOR,
                        )
                    )
                connection.execute(
                    insert(table).values(event_id=key, claimed_at=now, finished_at=now)
                )
        except IntegrityError:
            return False
        except DBAPIError as error:
            log.warning("requests are remembered in memory alone: %s", type(error.orig).__name__)
        return True


PATH = "/slack/events"
# Slack's requests are far smaller; more is refused before it is read.
LARGEST_BODY = 2_000_000
READ_SECONDS = 10.0
"""How long a request may take to arrive, from its first byte to its last."""
MOST_CONNECTIONS = 64
# How much of what was refused is read all the same, so that its sender hears the refusal.
_MOST_DISCARDED = 8 * LARGEST_BODY
_DISCARD_SECONDS = 2.0
_CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
_STAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class HttpFront:
    """Listens for Slack's requests at /slack/events and for health checks at /healthz."""

    def __init__(
        self,
        app: App,
        host: str,
        port: int,
        verifier: SignatureVerifier,
        replays: Replays,
        *,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        handler = _handler(app, verifier, replays, read_seconds)
        self._server = _Server((host, port), handler)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def connect(self) -> None:
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Takes so many connections at once; more wait in the system's queue."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up in the middle is no error of ours, and nothing they sent is logged."""
        log.info("a request over HTTP was broken off")


class _TimedReader(io.RawIOBase):
    """What a connection brings until a moment; TimeoutError after that, however slowly it drips."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request came too slowly")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


def _handler(
    app: App, verifier: SignatureVerifier, replays: Replays, read_seconds: float
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            super().setup()
            self.rfile = io.BufferedReader(_TimedReader(self.connection, read_seconds))

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            # Slack looks now and then whether a command's address has a valid certificate.
            looked_at = asked.path == PATH and "ssl_check=1" in asked.query
            self._answer(200 if looked_at or asked.path == "/healthz" else 404)

        def do_POST(self) -> None:
            status = self._wrong_form()
            if status is not None:
                self._refuse(status)
                return
            try:
                body = self.rfile.read(int(self.headers["content-length"]))
            except TimeoutError:
                self._refuse(408)
                return
            if len(body) < int(self.headers["content-length"]):
                self._refuse(400)
                return
            # What is no text is no text of Slack's: its signature cannot fit.
            text = body.decode("utf-8", errors="replace")
            if not self._is_slacks(text):
                self._refuse(401)
            else:
                self._dispatch(text)

        def _wrong_form(self) -> int | None:
            """The status with which a request is refused whose body is not worth reading."""
            lengths = self.headers.get_all("content-length") or []
            kind = (self.headers.get("content-type") or "").partition(";")[0].strip().lower()
            if self.path != PATH:
                return 404
            if not lengths or self.headers.get("transfer-encoding"):
                return 411
            if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
                return 400
            if len(lengths[0]) > 12 or not 0 < int(lengths[0]) <= LARGEST_BODY:
                return 413
            return None if kind in _CONTENT_TYPES else 415

        def _is_slacks(self, body: str) -> bool:
            """Whether Slack signed it less than five minutes ago, and it never came before."""
            stamp = self.headers.get("x-slack-request-timestamp") or ""
            signature = self.headers.get("x-slack-signature") or ""
            if not (_STAMP.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)):
                return False
            if not verifier.is_valid(body, stamp, signature):
                return False
            if not replays.first(signature):
                log.warning("a request came twice under one signature")
                return False
            return True

        def _dispatch(self, body: str) -> None:
            headers: dict[str, str | Sequence[str]] = dict(self.headers.items())
            try:
                request = BoltRequest(body=body, headers=headers)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
                self._answer(400)
                return
            try:
                response = app.dispatch(request)
            except Exception as error:  # Slack delivers again what was not taken.
                log.error("a request failed: %s", trace_of(error))
                self._answer(500)
                return
            self._answer(response.status, response.first_headers(), response.body)

        def _refuse(self, status: int) -> None:
            """Answer, then read on for a moment: a connection that is closed on somebody who
            still sends loses the answer."""
            self._answer(status)
            with contextlib.suppress(OSError, ValueError):
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                rest = io.BufferedReader(_TimedReader(self.connection, _DISCARD_SECONDS))
                left = _MOST_DISCARDED
                while left > 0 and (read := rest.read1(65_536)):
                    left -= len(read)

        def _answer(
            self, status: int, headers: dict[str, Any] | None = None, body: str = ""
        ) -> None:
            encoded = body.encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, str(value))
            self.send_header("content-length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def send_error(
            self, code: int, message: str | None = None, explain: str | None = None
        ) -> None:
            """What is no HTTP, or no method of ours, gets a status and no page about it."""
            self._refuse(405 if code == 501 else code)

        def version_string(self) -> str:
            return "Chancery"

        def log_message(self, format: str, *arguments: object) -> None:
            """Request lines are not logged."""

    return Handler

"""Slack over HTTP: Bolt's ASGI adapter behind uvicorn, and a gate that reads nothing unsigned.

    request ─▶ its form ─▶ signature and age ─▶ seen before? ─▶ Bolt ─▶ answer
       │          │               │                  │
       408       400, 404…       401                401

What did not come from Slack is never parsed: until its signature is verified a body is bytes.
Nobody can hold a connection for long, and only so many bodies are read at once. A connection
carries one request, as Slack's own do; nothing of a request is logged.

A signature is good for five minutes, in which whoever got hold of a request could send it again:
what was taken before is refused (`bot.db.events.Replays`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import uvicorn
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.asgi import SlackRequestHandler
from slack_bolt.adapter.asgi.http_request import AsgiHttpRequest
from slack_sdk.signature import SignatureVerifier
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.failures import trace_of

log = logging.getLogger("chancery.slack")

PATH = "/slack/events"
# Slack's requests are far smaller; more is refused before it is read.
LARGEST_BODY = 2_000_000
READ_SECONDS = 10.0
"""How long the head of a request may take to arrive, and its body after that."""
MOST_CONNECTIONS = 64
"""Requests that are read and dealt with at once; more wait."""
_MOST_OPEN = 1_000
# How much of what was refused is read all the same, so that its sender hears the refusal.
_MOST_DISCARDED = 8 * LARGEST_BODY
_DISCARD_SECONDS = 2.0
_CLOSING_SECONDS = 5
_CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
_STAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Signatures(Protocol):
    """Remembers which signatures were seen."""

    def first(self, signature: str) -> bool: ...


class HttpFront:
    """Listens for Slack's requests at /slack/events and for health checks at /healthz."""

    def __init__(
        self,
        app: App,
        host: str,
        port: int,
        verifier: SignatureVerifier,
        replays: Signatures,
        *,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Bind the address at once, OSError where it is taken; `connect` begins to answer."""

        class Connection(_Connection):
            head_seconds = read_seconds

        self._pool = ThreadPoolExecutor(MOST_CONNECTIONS, thread_name_prefix="http")
        bolt = _ThreadedHandler(app, self._pool)
        config = uvicorn.Config(
            Gate(bolt, verifier, replays, self._pool, read_seconds),
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            headers=[("connection", "close"), ("server", "Chancery")],
            limit_concurrency=_MOST_OPEN,
            timeout_graceful_shutdown=_CLOSING_SECONDS,
        )
        self._server = uvicorn.Server(config)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self._port = int(self._socket.getsockname()[1])
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._port

    def connect(self) -> None:
        # In a thread uvicorn leaves the process's signals alone.
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="http", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Take nothing more and end what is being answered, within seconds."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._pool.shutdown(wait=False)


class _Connection(H11Protocol):
    """A connection that is closed where no request's head comes in time, and whose sender may
    close their side and still be answered."""

    head_seconds = READ_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._late = self.loop.call_later(self.head_seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Go on where there is something to answer; a body that ends too early is a bad request."""
        if self.cycle is None:
            return False
        if self.cycle.more_body:
            self.conn.receive_data(b"")
            self.handle_events()
        return True

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets a status and no page about it, and none behind another answer."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            if self.cycle.response_started:
                self.transport.close()
                return
        super().send_400_response("")

    def _give_up(self) -> None:
        if self.cycle is None:
            self.transport.close()


class _ThreadedHandler(SlackRequestHandler):
    """Bolt's adapter, but that Bolt waits in a thread for what acknowledges a request: the
    adapter's own dispatch keeps everybody else waiting meanwhile."""

    def __init__(self, app: App, pool: ThreadPoolExecutor) -> None:
        super().__init__(app, PATH)
        self._pool = pool

    async def dispatch(self, request: AsgiHttpRequest) -> BoltResponse:
        body = await request.get_raw_body()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._answer, body, request)

    def _answer(self, body: str, request: AsgiHttpRequest) -> BoltResponse:
        try:
            asked = BoltRequest(
                body=body, query=request.query_string, headers=request.get_headers()
            )
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return BoltResponse(status=400)
        try:
            return self.app.dispatch(asked)
        except Exception as error:  # Slack delivers again what was not taken.
            log.error("a request failed: %s", trace_of(error))
            return BoltResponse(status=500)


class Gate:
    """ASGI middleware: lets through to Bolt what Slack signed, and that only once."""

    def __init__(
        self,
        bolt: _ThreadedHandler,
        verifier: SignatureVerifier,
        replays: Signatures,
        pool: ThreadPoolExecutor,
        read_seconds: float,
    ) -> None:
        self._bolt = bolt
        self._verifier = verifier
        self._replays = replays
        self._pool = pool
        self._read_seconds = read_seconds
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        status = _status_of_head(scope, headers)
        if status is not None:
            await _answer(status, send, receive)
            return
        async with self._places:
            try:
                async with asyncio.timeout(self._read_seconds):
                    body = await _body(receive)
            except TimeoutError:
                await _answer(408, send, receive)
                return
            if body is None:
                return
            loop = asyncio.get_running_loop()
            if not await loop.run_in_executor(self._pool, self._is_slacks, headers, body):
                await _answer(401, send)
                return

            async def verified() -> dict[str, Any]:
                return {"type": "http.request", "body": body, "more_body": False}

            await self._bolt(scope, verified, send)

    def _is_slacks(self, headers: dict[str, bytes], body: bytes) -> bool:
        """Whether Slack signed it less than five minutes ago, and it never came before."""
        stamp = headers.get("x-slack-request-timestamp", b"").decode("latin-1")
        signature = headers.get("x-slack-signature", b"").decode("latin-1")
        if not (_STAMP.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)):
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:  # What is no text is no text of Slack's.
            return False
        if not self._verifier.is_valid(text, stamp, signature):
            return False
        if not self._replays.first(signature):
            log.warning("a request came twice under one signature")
            return False
        return True


def _status_of_head(scope: Scope, headers: dict[str, bytes]) -> int | None:
    """The status of a request whose body is not to be read; None for what Bolt may be given."""
    path, method = scope["path"], scope["method"]
    if method == "GET":
        # Slack looks now and then whether a command's address has a valid certificate.
        looked_at = path == PATH and b"ssl_check=1" in scope["query_string"]
        return 200 if looked_at or path == "/healthz" else 404
    if method != "POST":
        return 405
    if path != PATH:
        return 404
    length = headers.get("content-length")
    if length is None or "transfer-encoding" in headers:
        return 411
    # uvicorn has refused what is no number.
    if len(length) > 12 or not 0 < int(length) <= LARGEST_BODY:
        return 413
    kind = headers.get("content-type", b"").partition(b";")[0].strip().lower()
    return None if kind.decode("latin-1") in _CONTENT_TYPES else 415


async def _body(receive: Receive) -> bytes | None:
    """A request's body, as long as its head said; None where it was broken off."""
    body = bytearray()
    while True:
        part = await receive()
        if part["type"] == "http.disconnect":
            log.info("a request over HTTP was broken off")
            return None
        body += part.get("body", b"")
        if not part.get("more_body", False):
            return bytes(body)


async def _answer(status: int, send: Send, unread: Receive | None = None) -> None:
    """Answer with a status alone; what is `unread` is read on for a moment, since a connection
    that is closed on somebody who still sends loses the answer."""
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if unread is not None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DISCARD_SECONDS):
                left = _MOST_DISCARDED
                while left > 0 and (part := await unread()).get("more_body", False):
                    left -= len(part["body"])
    await send({"type": "http.response.body", "body": b"", "more_body": False})

"""Slack over HTTP: a small threaded server whose requests Bolt verifies and handles."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest

PATH = "/slack/events"
# Slack's requests are far smaller; more is refused before it is read.
LARGEST_BODY = 2_000_000
_READ_SECONDS = 10


class HttpFront:
    """Listens for Slack's requests at /slack/events and for health checks at /healthz."""

    def __init__(self, app: App, host: str, port: int) -> None:
        self._app = app
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        app = self._app

        class Handler(BaseHTTPRequestHandler):
            timeout = _READ_SECONDS

            def do_GET(self) -> None:
                self._answer(200 if self.path == "/healthz" else 404, {}, "")

            def do_POST(self) -> None:
                announced = self.headers.get("content-length") or "0"
                length = int(announced) if announced.isascii() and announced.isdigit() else None
                if self.path != PATH:
                    self._answer(404, {}, "")
                elif length is None:
                    self._answer(400, {}, "")
                elif not 0 < length <= LARGEST_BODY:
                    self._answer(413, {}, "")
                else:
                    body = self.rfile.read(length).decode("utf-8", errors="replace")
                    headers: dict[str, str | Sequence[str]] = dict(self.headers.items())
                    response = app.dispatch(BoltRequest(body=body, headers=headers))
                    self._answer(response.status, response.first_headers(), response.body)

            def _answer(self, status: int, headers: dict[str, Any], body: str) -> None:
                encoded = body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, str(value))
                self.send_header("content-length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            def log_message(self, format: str, *arguments: object) -> None:
                """Request lines are not logged."""

        return Handler

"""A web server on 127.0.0.1 whose pages a test scripts.

    with LocalWeb() as web:
        web.page("/a", "<p>…")
        web.redirect("/old", "/a")
        fetcher.fetch(web.url("/old"))
        web.requests                 # what was asked, with headers

Replies are sent byte for byte as scripted, so they can lie about their length, trickle, or
break off.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request: its path and its headers, names in lower case."""

    path: str
    headers: dict[str, str]


@dataclass
class Reply:
    """What one path answers. `pause` seconds pass between the `chunks` of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    pause: float = 0.0
    length: int | None = None


class LocalWeb:
    """A scriptable web server; `host` is `127.0.0.1:port`, to be put among allowed hosts."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self._replies: dict[str, Callable[[Asked], Reply]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        # Shutting down waits for one poll of the server's loop.
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def page(
        self,
        path: str,
        body: str | bytes,
        *,
        content_type: str = "text/html; charset=utf-8",
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.reply(
            path, Reply(status, {"Content-Type": content_type, **(headers or {})}, [content])
        )

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.reply(path, Reply(status, {"Location": to}))

    def tagged(self, path: str, body: str, etag: str) -> None:
        """A page that answers 304 to whoever holds `etag` already."""

        def answer(asked: Asked) -> Reply:
            if asked.headers.get("if-none-match") == etag:
                return Reply(304, {"ETag": etag})
            return Reply(200, {"ETag": etag, "Content-Type": "text/html"}, [body.encode()])

        self._replies[path] = answer

    def trickle(self, path: str, chunks: list[bytes], pause: float) -> None:
        """A body that comes slowly, `pause` seconds between chunks."""
        self.reply(path, Reply(200, {"Content-Type": "text/plain"}, chunks, pause))

    def gzip_bomb(self, path: str, expanded_bytes: int) -> None:
        """A small gzip body that expands to `expanded_bytes` zeros."""
        packed = gzip.compress(bytes(expanded_bytes))
        headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
        self.reply(path, Reply(200, headers, [packed]))

    def cut_off(self, path: str, body: bytes, promised: int) -> None:
        """A body that ends before the length it promised."""
        self.reply(path, Reply(200, {"Content-Type": "text/plain"}, [body], length=promised))

    def reply(self, path: str, reply: Reply) -> None:
        self._replies[path] = lambda _: reply

    def answer(self, path: str, answer: Callable[[Asked], Reply]) -> None:
        """What `path` answers is decided anew for each request."""
        self._replies[path] = answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()})
                web.requests.append(asked)
                answer = web._replies.get(self.path)
                reply = answer(asked) if answer else Reply(404)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                length = sum(map(len, reply.chunks)) if reply.length is None else reply.length
                if reply.status != 304:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                try:
                    for chunk in reply.chunks:
                        self.wfile.write(chunk)
                        self.wfile.flush()
                        time.sleep(reply.pause)
                except OSError:
                    pass  # the reader hung up, which is what some tests want

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

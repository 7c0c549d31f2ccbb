"""Fetching web addresses: never one that lies inside a network, and politely.

A reader may paste any address, and any page may redirect to any other, so what is asked for is
not trusted: every hop is checked, and `corpus.fetch.network` connects only to addresses it checked.

    fetch -> for each hop: check the address -> connect -> redirect? next hop
          -> read under a limit of bytes (before and after decompression) and of time

Each fetch stands alone: no cookies, connections or credentials pass from one to the next, and
proxies of the environment are not used. Certificates are the packaged ones, or those that
SSL_CERT_FILE or SSL_CERT_DIR name. `CourteousFetcher` makes one request at a time to a host, with
a pause, and none while the host asks for rest.

Accepted gap: the system's resolver is not interrupted, so a silent name server can hold a fetch
for as long as the resolver itself waits.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from corpus.errors import FetchError, Forbidden
from corpus.fetch.urls import host_of
from corpus.text.dates import parse_moment

if TYPE_CHECKING:
    import ssl

    import httpx

    from corpus.fetch.network import Deadline

TIMEOUT_SECONDS = 20.0
LARGEST_BODY = 20_000_000
MOST_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
PAUSE_SECONDS = 1.0
# Servers that ask for rest without saying how long.
REST_SECONDS = 60.0
_RESTING = (429, 503)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered: the body decompressed, `content_type` as the server put it.

    `status` is 200 or another success, or 304 with an empty body where `etag` or
    `last_modified` of the request still hold. `moved_to` is where the address has moved for good,
    None where it has not (RFC 9110, 301 and 308).
    """

    url: str
    final_url: str
    content_type: str
    body: bytes
    status: int
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None


class Fetcher(AbstractContextManager["Fetcher"]):
    """Fetches addresses; a context manager, usable from several threads.

    `allowed_hosts` holds `host` or `host:port` names that may lie inside a network.
    `timeout_seconds` bounds a whole fetch with its redirects, `max_bytes` its body.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_bytes: int = LARGEST_BODY,
        max_redirects: int = MOST_REDIRECTS,
        user_agent: str | None = None,
    ) -> None:
        self._allowed = frozenset(host.lower().rstrip(".") for host in allowed_hosts)
        self._timeout = timeout_seconds
        self.max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._user_agent = user_agent or f"Chancery/{_version()} (reads articles and feeds)"

    def __exit__(self, *raised: object) -> None:
        return None

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        """The document at `url`; with `etag` or `last_modified`, only if it changed (else 304).

        Raises Forbidden for what is never fetched, FetchError for what could not be.
        """
        import httpcore
        import httpx

        from corpus.fetch.network import Deadline, OutsideTransport

        deadline = Deadline(self._timeout)
        transport = OutsideTransport(url, self._tls, deadline, self._allowed)
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        try:
            with httpx.Client(
                transport=transport, timeout=self._timeout, headers=headers, trust_env=False
            ) as client:
                return self._follow(client, url, deadline)
        except FetchError:
            raise
        except (httpcore.TimeoutException, httpx.TimeoutException) as error:
            reason = f"took longer than {self._timeout:g} seconds"
            raise FetchError(url, reason, retry=True) from error
        except (httpcore.ConnectError, httpx.ConnectError) as error:
            raise _unreachable(url, error) from error
        except (httpcore.ProtocolError, httpcore.NetworkError, httpx.TransportError) as error:
            raise FetchError(url, "the connection broke off", retry=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.UnsupportedProtocol) as error:
            raise FetchError(url, "not a valid web address") from error
        except (ValueError, UnicodeError) as error:
            raise FetchError(url, "not a valid web address, or an invalid answer") from error

    def _follow(self, client: httpx.Client, url: str, deadline: Deadline) -> Fetched:
        current = self._checked(url, url)
        moved_to: str | None = None
        for_good = True
        for _ in range(self._max_redirects + 1):
            request = client.build_request("GET", current)
            response = client.send(request, stream=True)
            try:
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or not location:
                    return self._read(response, url, deadline, moved_to)
                following = self._checked(url, str(current.join(location)))
            finally:
                response.close()
            if current.scheme == "https" and following.scheme == "http":
                raise FetchError(url, "redirects from https to http, which anybody could forge")
            for_good = for_good and response.status_code in _PERMANENT
            moved_to = str(following) if for_good else moved_to
            current = following
        raise FetchError(url, f"redirects more than {self._max_redirects} times")

    def _checked(self, url: str, hop: str) -> httpx.URL:
        """The address of a hop; Forbidden, about `url`, where it must not be asked."""
        import httpx

        from corpus.fetch.network import check_host, is_allowed

        try:
            target = httpx.URL(hop)
            port = target.port or (443 if target.scheme == "https" else 80)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise FetchError(url, "not a valid web address") from error
        if target.scheme not in ("http", "https"):
            raise Forbidden(url, "only http and https addresses are fetched")
        if target.userinfo:
            raise Forbidden(url, "it carries a user name or password, so it is not fetched")
        host = target.raw_host.decode("ascii")
        if not host:
            raise FetchError(url, "not a valid web address; it has no host")
        if not is_allowed(self._allowed, host, port):
            check_host(url, host)
        return target

    def _read(
        self, response: httpx.Response, url: str, deadline: Deadline, moved_to: str | None
    ) -> Fetched:
        status = response.status_code
        if status != 304 and not 200 <= status < 300:
            raise _refusal(url, response)
        too_large = FetchError(url, f"larger than {self.max_bytes / 1_000_000:g} MB")
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and len(declared) < 20 and int(declared) > self.max_bytes:
            raise too_large
        body = b""
        if status != 304:
            encoding = response.headers.get("content-encoding", "").strip().lower()
            body = _decompressed(response.iter_raw(), encoding, url, self.max_bytes, deadline)
            if len(body) > self.max_bytes:
                raise too_large
        return Fetched(
            url=url,
            final_url=str(response.url),
            content_type=response.headers.get("content-type", ""),
            body=body,
            status=status,
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            moved_to=moved_to,
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpx

        return httpx.create_ssl_context()


class CourteousFetcher:
    """Fetches for several threads; those that want the same host wait for one another.

    `pause_seconds` lie between two requests to a host. Once a host answered 429 or 503, further
    requests to it fail at once until the time that it asked for is over.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        pause_seconds: float = PAUSE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._fetcher = fetcher
        self._pause = pause_seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._free_at: dict[str, float] = {}
        self._rests_until: dict[str, float] = {}

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        """As `Fetcher.fetch`; FetchError with `retry` where the host asked to be left alone."""
        host = host_of(url)
        with self._guard:
            turn = self._turns[host]
        with turn:
            left = self._rests_until.get(host, 0.0) - self._monotonic()
            if left > 0:
                reason = "its server asked for fewer requests"
                raise FetchError(url, reason, retry=True, retry_after=left)
            wait = self._free_at.get(host, 0.0) - self._monotonic()
            if wait > 0:
                self._sleep(wait)
            try:
                return self._fetcher.fetch(url, etag=etag, last_modified=last_modified)
            except FetchError as error:
                if error.status in _RESTING:
                    rest = REST_SECONDS if error.retry_after is None else error.retry_after
                    self._rests_until[host] = self._monotonic() + rest
                raise
            finally:
                self._free_at[host] = self._monotonic() + self._pause


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, or None where it says nothing readable."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    moment = parse_moment(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _decompressed(
    chunks: Iterable[bytes], encoding: str, url: str, limit: int, deadline: Deadline
) -> bytes:
    """The body, at most one byte more than `limit`; no step expands further than that."""
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchError(url, f"compressed in a way that was not asked for: {encoding[:20]}")
    packed = encoding not in ("", "identity")
    body = bytearray()
    expander = None
    for chunk in chunks:
        deadline.left()
        if not packed:
            body += chunk
        try:
            while packed and chunk:
                expander = expander or _expander(encoding, chunk)
                body += expander.decompress(chunk, limit + 1 - len(body))
                # A gzip body may hold several members, one after the other.
                chunk = expander.unused_data if expander.eof else b""
                if expander.unconsumed_tail or len(body) > limit:
                    return bytes(body[: limit + 1])
                if expander.eof and (encoding == "deflate" or not chunk.startswith(b"\x1f\x8b")):
                    return bytes(body)
                expander = None if expander.eof else expander
        except zlib.error as error:
            raise FetchError(url, "its compressed body is damaged", retry=True) from error
        if len(body) > limit:
            return bytes(body[: limit + 1])
    if expander and not expander.eof:
        raise FetchError(url, "the connection broke off", retry=True)
    return bytes(body)


def _expander(encoding: str, first: bytes) -> zlib._Decompress:
    if encoding != "deflate":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    # Some servers send raw deflate data; a zlib header has 8 in its low four bits.
    return zlib.decompressobj(zlib.MAX_WBITS if first[0] & 0x0F == 8 else -zlib.MAX_WBITS)


def _refusal(url: str, response: httpx.Response) -> FetchError:
    status = response.status_code
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return FetchError(
        url,
        f"the server answered {phrase}",
        retry=status in _PASSING,
        retry_after=parse_retry_after(response.headers.get("retry-after", ""), datetime.now(UTC)),
        status=status,
    )


def _unreachable(url: str, error: Exception) -> FetchError:
    words = str(error).lower()
    if "certificate" in words:
        return FetchError(url, "its certificate is not valid for its name")
    if "ssl" in words or "tls" in words:
        return FetchError(url, "no secure connection could be agreed on")
    return FetchError(url, "its server does not accept connections", retry=True)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chancery")
    except PackageNotFoundError:
        return "0"

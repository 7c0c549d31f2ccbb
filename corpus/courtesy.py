"""Politeness: one request at a time to a host, with a pause, and none while it asks for rest."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

from corpus.errors import FetchError
from corpus.fetch import Fetched, Fetcher
from corpus.urls import host_of

PAUSE_SECONDS = 1.0
# Servers that ask for rest without saying how long.
REST_SECONDS = 60.0
_RESTING = (429, 503)


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

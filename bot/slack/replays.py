"""Signed requests that were taken before: the same one is not taken twice.

A signature is good for five minutes, in which whoever got hold of a request could send it again.
Slack itself never does: what it delivers anew is signed anew. So each signature is remembered, in
memory and in the database, since a replay may reach another replica, or this one after a restart.
Both forget what is older than a signature can be. Where the database cannot be asked, memory alone
decides: better that than an outage in which every request is refused.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.clock import Clock
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

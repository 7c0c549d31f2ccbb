"""Claiming what Slack delivers, so that a message is answered once however often it comes.

    claim ──▶ held ── finish ──▶ finished
               │ ▲ renew
               └─┴─ release, or not renewed for two minutes ──▶ take_over ──▶ held

What was asked is kept with its claim until it is dealt with, so that it outlives its process: a
claim that nobody renews any more is taken over by whoever starts next, or by another replica.

Signatures of requests over HTTP stand in the same table. One is good for five minutes, in which
whoever got hold of a request could send it again; Slack itself never does, for what it delivers
anew is signed anew. So each is remembered, in memory and in the database, since a replay may reach
another replica, or this one after a restart. Both forget what is older than a signature can be.
Where the database cannot be asked, memory alone decides: better that than an outage in which every
request is refused.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.clock import Clock
from bot.db.schema import claimed_events as table
from bot.slack.events import Asked, Place
from corpus.store.database import reading

log = logging.getLogger("chancery.slack")

# Slack redelivers after about one and five minutes, and a claim is renewed every 20 seconds.
ABANDONED_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=2)
WORTH_ANSWERING = timedelta(minutes=10)
"""Nobody waits longer for an answer that did not come."""
SIGNATURES_KEPT_FOR = timedelta(minutes=11)
"""Five minutes on either side of our clock, and one to spare."""
MOST_REMEMBERED = 100_000
_PREFIX = "request:"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A claim that nobody works on; `asked` is None where it cannot be read any more."""

    key: str
    claimed_at: datetime
    asked: Asked | None


class Claims:
    """Claims by key, in the database that all replicas share.

    `holder` names this replica; what it held before it was started anew is its own at once.
    """

    def __init__(self, engine: Engine, holder: str | None = None) -> None:
        self._engine = engine
        self._holder = holder

    def claim(self, key: str, now: datetime, asked: Asked | None = None) -> bool:
        """True for the first who claims `key`; `asked` is what is to be dealt with."""
        person, kept = (asked.user, _written(asked)) if asked else (None, None)
        held = {"event_id": key, "claimed_at": now, "renewed_at": now, "held_by": self._holder}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(**held, person=person, asked=kept))
            return True
        except IntegrityError:
            return False

    def take_over(self, key: str, now: datetime, *, own: bool = False) -> bool:
        """True for the first who asks for a claim that was abandoned; `own` as in `unfinished`."""
        with self._engine.begin() as connection:
            free = update(table).where(table.c.event_id == key, self._free(now, own))
            taken = connection.execute(free.values(renewed_at=now, held_by=self._holder))
            return taken.rowcount == 1

    def renew(self, keys: Iterable[str], now: datetime) -> None:
        """Record that these are still being worked on, or wait for their turn."""
        held = list(keys)
        if not held:
            return
        with self._engine.begin() as connection:
            connection.execute(
                update(table).where(table.c.event_id.in_(held)).values(renewed_at=now)
            )

    def release(self, keys: Iterable[str]) -> None:
        """Leave these to whoever starts next."""
        held = list(keys)
        if not held:
            return
        unfinished = table.c.finished_at.is_(None)
        release = update(table).where(table.c.event_id.in_(held), unfinished)
        with self._engine.begin() as connection:
            connection.execute(release.values(renewed_at=None))

    def discount(self, key: str) -> None:
        """What was claimed is no question: `asked_by` tells of it no more."""
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.event_id == key).values(person=None))

    def finish(self, key: str, now: datetime) -> None:
        """Record that what was claimed has been dealt with; what was asked is erased."""
        with self._engine.begin() as connection:
            claim = update(table).where(table.c.event_id == key)
            connection.execute(claim.values(finished_at=now, asked=None, renewed_at=None))

    def unfinished(self, now: datetime, *, own: bool = False) -> list[Unfinished]:
        """What can be taken over, oldest first; with `own` also what this replica held.

        `own` is right only while this process holds nothing, before it takes anything in.
        """
        with reading(self._engine) as connection:
            columns = table.c
            query = select(columns.event_id, columns.claimed_at, columns.asked)
            query = query.where(self._free(now, own), columns.asked.is_not(None))
            rows = connection.execute(query.order_by(columns.claimed_at, columns.event_id)).all()
        return [Unfinished(row.event_id, row.claimed_at, _read(row.asked)) for row in rows]

    def asked_by(self, person: str, since: datetime) -> list[datetime]:
        """When a person asked anything, oldest first."""
        with reading(self._engine) as connection:
            asked = table.c.claimed_at
            query = select(asked).where(table.c.person == person, asked >= since).order_by(asked)
            return list(connection.scalars(query))

    def forget_old(self, now: datetime) -> None:
        """Drop claims that no redelivery can refer to any more."""
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.claimed_at < now - KEPT_FOR))

    def _free(self, now: datetime, own: bool) -> ColumnElement[bool]:
        free = or_(table.c.renewed_at.is_(None), table.c.renewed_at < now - ABANDONED_AFTER)
        if own and self._holder is not None:
            free = or_(free, table.c.held_by == self._holder)
        return and_(table.c.finished_at.is_(None), free)


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
            clear = self._cleared_at is None or now - self._cleared_at >= SIGNATURES_KEPT_FOR
            if clear:
                self._cleared_at = now
        return self._first_of_all(_PREFIX + signature.removeprefix("v0="), now, clear)

    def _forget(self, now: datetime) -> None:
        while self._seen:
            oldest = next(iter(self._seen.values()))
            if len(self._seen) <= MOST_REMEMBERED and now - oldest < SIGNATURES_KEPT_FOR:
                return
            self._seen.popitem(last=False)

    def _first_of_all(self, key: str, now: datetime, clear: bool) -> bool:
        """Whether no process has seen it; with `clear`, forget what is too old to matter."""
        columns = table.c
        try:
            with self._engine.begin() as connection:
                if clear:
                    old = columns.claimed_at < now - SIGNATURES_KEPT_FOR
                    ours = columns.event_id.startswith(_PREFIX, autoescape=True)
                    connection.execute(delete(table).where(ours, old))
                connection.execute(
                    insert(table).values(event_id=key, claimed_at=now, finished_at=now)
                )
        except IntegrityError:
            return False
        except DBAPIError as error:
            log.warning("requests are remembered in memory alone: %s", type(error.orig).__name__)
        return True


def replica_name(home: Path) -> str:
    """A name that stays the same for the owner of a home folder, and differs from any other's."""
    resolved = home.resolve()
    try:
        place = resolved.stat()
        parts = [platform.node(), str(resolved), str(place.st_dev), str(place.st_ino)]
    except OSError:
        parts = [platform.node(), str(resolved), str(os.getpid())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _written(asked: Asked) -> str:
    return json.dumps(asdict(asked), ensure_ascii=False)


def _read(text: str) -> Asked | None:
    """What was asked, also as an earlier or later version wrote it; None if too much is missing."""
    held = json.loads(text)
    known = {field.name: held[field.name] for field in fields(Asked) if field.name in held}
    needed = {field.name for field in fields(Asked) if field.default is MISSING}
    if not needed <= known.keys() or known["place"] not in [place.value for place in Place]:
        return None
    known["links"] = tuple(known.get("links", ()))
    known["files"] = tuple((str(one), str(name)) for one, name in known.get("files", ()))
    return Asked(**{**known, "place": Place(known["place"])})

"""Subscriptions: who gets a digest of what, where and when, in the database.

A subscription is active from the moment it was added, changed in its time, zone or days, or
resumed: a digest that would have been due before that moment is neither delivered nor missed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, insert, select, update

from bot.clock import Clock, utc_now
from bot.delivery.schedule import Schedule, make_schedule
from corpus.store.database import reading, writing
from corpus.store.schema import subscriptions as table
from corpus.store.schema import told_articles
from retrieval.digests.nouns import Interests


@dataclass(frozen=True, slots=True)
class Subscription:
    """A digest for a reader: a Slack user's id (delivered directly) or a channel's.

    `channel` is where it is posted: a channel's id, or a user's for a direct message. `at` is a
    local time "HH:MM" of `zone`, an IANA name; `days` are of mon … sun.
    """

    id: str
    reader: str
    channel: str
    name: str
    at: str
    zone: str
    days: tuple[str, ...]
    interests: Interests
    paused: bool
    created_by: str
    created_at: datetime
    active_from: datetime | None = None

    @property
    def schedule(self) -> Schedule:
        """When it is due; ValueError, with a plain sentence, where that cannot be read."""
        return make_schedule(self.at, self.zone, self.days)


class Subscriptions:
    """Subscriptions by id and by reader. Safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, subscription: Subscription) -> None:
        """Keep a new one; ValueError where its time, zone or days cannot be used."""
        normal = _normal(subscription)
        values = _values(normal) | {"active_from": normal.active_from or normal.created_at}
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(id=normal.id, **values))

    def replace(self, subscription: Subscription, seen: Subscription | None = None) -> bool:
        """Keep a changed one; ValueError as `add`. One that is unknown stays unknown.

        With `seen` only where it still is what was seen; False, and nothing done, where it is not.
        """
        normal = _normal(subscription)
        before = self.get(normal.id)
        if before is None:
            return False
        moved = _when(before) != _when(normal) or (before.paused and not normal.paused)
        active_from = self._clock() if moved else before.active_from
        unchanged = _values(seen).items() if seen is not None else ()
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(table)
                .where(
                    table.c.id == normal.id, *(table.c[name] == held for name, held in unchanged)
                )
                .values(**_values(normal), active_from=active_from)
            )
            return changed.rowcount == 1

    def remove(self, identity: str) -> bool:
        """Forget a subscription and what was told to it; False where it was not known."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(told_articles).where(told_articles.c.subscription_id == identity)
            )
            return connection.execute(delete(table).where(table.c.id == identity)).rowcount == 1

    def pause(self, identity: str, paused: bool = True) -> bool:
        """Pause a subscription or resume it; False where it was not known."""
        known = self.get(identity)
        if known is None:
            return False
        if known.paused != paused:
            self.replace(replace(known, paused=paused))
        return True

    def get(self, identity: str) -> Subscription | None:
        found = self._select(table.c.id == identity)
        return found[0] if found else None

    def of_reader(self, reader: str) -> list[Subscription]:
        """A reader's subscriptions, oldest first."""
        return self._select(table.c.reader == reader)

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first."""
        return self._select()

    def _select(self, *conditions: ColumnElement[bool]) -> list[Subscription]:
        query = select(table).where(*conditions).order_by(table.c.created_at, table.c.id)
        with reading(self._engine) as connection:
            return [_subscription_of(row) for row in connection.execute(query)]


def _normal(subscription: Subscription) -> Subscription:
    schedule = subscription.schedule
    return replace(
        subscription,
        at=f"{schedule.at:%H:%M}",
        zone=schedule.zone.key,
        days=schedule.days,
    )


def _when(subscription: Subscription) -> tuple[str, str, tuple[str, ...]]:
    return subscription.at, subscription.zone, subscription.days


def _values(subscription: Subscription) -> dict[str, Any]:
    interests = subscription.interests
    return {
        "reader": subscription.reader,
        "channel": subscription.channel,
        "name": subscription.name,
        "at": subscription.at,
        "zone": subscription.zone,
        "days": ",".join(subscription.days),
        "topics": _list(interests.topics),
        "places": _list(interests.places),
        "sources": _list(interests.sources),
        "length": interests.length,
        "paused": subscription.paused,
        "created_by": subscription.created_by,
        "created_at": subscription.created_at,
    }


def _subscription_of(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        reader=row.reader,
        channel=row.channel,
        name=row.name,
        at=row.at,
        zone=row.zone,
        days=tuple(row.days.split(",")),
        interests=Interests(
            tuple(json.loads(row.topics)),
            tuple(json.loads(row.places)),
            tuple(json.loads(row.sources)),
            row.length,
        ),
        paused=row.paused,
        created_by=row.created_by,
        created_at=row.created_at,
        active_from=row.active_from,
    )


def _list(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)

"""Claiming what Slack delivers, so that a message is answered once however often it comes.

A claim that was never finished (its process died) can be taken over after a while: a
redelivery may be the only one that is left.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError

from corpus.store.schema import claimed_events as table

# Slack redelivers after about one and five minutes; no answer takes this long.
ABANDONED_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=2)


class Claims:
    """Claims by key, in the database that all replicas share."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, key: str, now: datetime) -> bool:
        """True for the first who claims `key`, or the first after an abandoned claim."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(event_id=key, claimed_at=now))
            return True
        except IntegrityError:
            with self._engine.begin() as connection:
                taken = connection.execute(
                    update(table)
                    .where(
                        table.c.event_id == key,
                        table.c.finished_at.is_(None),
                        table.c.claimed_at < now - ABANDONED_AFTER,
                    )
                    .values(claimed_at=now)
                )
                return taken.rowcount == 1

    def finish(self, key: str, now: datetime) -> None:
        """Record that what was claimed has been dealt with."""
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.event_id == key).values(finished_at=now))

    def forget_old(self, now: datetime) -> None:
        """Drop claims that no redelivery can refer to any more."""
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.claimed_at < now - KEPT_FOR))

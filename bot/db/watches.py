"""Watches and mutes: who is told at once of what, and of which stories no more, in the database.

A watch belongs to a reader, a Slack user or channel. Quiet hours are wall-clock times of its zone;
what comes in them waits for their end. The daily cap counts a reader's alerts of a local day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, insert, select, update

from bot.clock import parse_time, parse_zone
from bot.db.schema import mutes
from bot.db.schema import watches as table
from bot.records import Watch
from corpus.errors import StoreError
from corpus.store.database import reading, writing
from retrieval.watches.matching import Criteria


class Watches:
    """Watches by id and by reader, and muted stories. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, watch: Watch) -> None:
        """Keep a new one; ValueError, in a sentence, where something of it cannot be used."""
        normal = checked(watch)
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(id=normal.id, **_values(normal)))

    def replace(self, watch: Watch, seen: Watch | None = None) -> bool:
        """Keep a changed one; ValueError as `add`. One that is unknown stays unknown.

        With `seen` only where it still is what was seen; False, and nothing done, where it is not.
        """
        normal = checked(watch)
        unchanged = _values(seen).items() if seen is not None else ()
        with writing(self._engine) as connection:
            same = (table.c[name].is_not_distinct_from(held) for name, held in unchanged)
            changed = connection.execute(
                update(table).where(table.c.id == normal.id, *same).values(**_values(normal))
            )
            return changed.rowcount == 1

    def remove(self, identity: str) -> bool:
        """Forget a watch; False where it was not known."""
        with writing(self._engine) as connection:
            return connection.execute(delete(table).where(table.c.id == identity)).rowcount == 1

    def pause(self, identity: str, paused: bool = True) -> bool:
        """Pause a watch or resume it; False where it was not known."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(table).where(table.c.id == identity).values(paused=paused)
            )
            return changed.rowcount == 1

    def get(self, identity: str) -> Watch | None:
        found = self._select(table.c.id == identity)
        return found[0] if found else None

    def of_reader(self, reader: str) -> list[Watch]:
        """A reader's watches, oldest first."""
        return self._select(table.c.reader == reader)

    def all(self) -> list[Watch]:
        """Every watch, oldest first."""
        return self._select()

    def mute(self, reader: str, story_id: str, now: datetime) -> None:
        """Tell a reader no more of a story; muting it again changes nothing."""
        if story_id in self.muted(reader):
            return
        try:
            with writing(self._engine) as connection:
                connection.execute(
                    insert(mutes).values(reader=reader, story_id=story_id, muted_at=now)
                )
        except StoreError:
            # Two clicks at once: the other one has muted it.
            if story_id not in self.muted(reader):
                raise

    def unmute(self, reader: str, story_id: str) -> bool:
        """Tell a reader of a story again; False where it was not muted."""
        with writing(self._engine) as connection:
            forgotten = connection.execute(
                delete(mutes).where(mutes.c.reader == reader, mutes.c.story_id == story_id)
            )
            return forgotten.rowcount == 1

    def muted(self, reader: str) -> set[str]:
        """Ids of the stories that a reader does not want to hear of."""
        query = select(mutes.c.story_id).where(mutes.c.reader == reader)
        with reading(self._engine) as connection:
            return set(connection.scalars(query))

    def _select(self, *conditions: ColumnElement[bool]) -> list[Watch]:
        query = select(table).where(*conditions).order_by(table.c.created_at, table.c.id)
        with reading(self._engine) as connection:
            return [_watch_of(row) for row in connection.execute(query)]


def checked(watch: Watch) -> Watch:
    """A watch with its times and zone in their usual form; ValueError where it cannot be used."""
    criteria = watch.criteria
    if not (criteria.words or criteria.aliases or criteria.actors or criteria.places):
        raise ValueError("A watch needs at least one word, actor or place.")
    if (watch.quiet_from is None) != (watch.quiet_to is None):
        raise ValueError("Quiet hours need a beginning and an end, such as 22:00 to 07:00.")
    if watch.daily_cap < 1:
        raise ValueError("The daily cap must be at least 1; pause the watch instead.")
    times = [t and f"{parse_time(t):%H:%M}" for t in (watch.quiet_from, watch.quiet_to)]
    quiet_from, quiet_to = times if times[0] != times[1] else (None, None)
    return replace(watch, quiet_from=quiet_from, quiet_to=quiet_to, zone=parse_zone(watch.zone).key)


def criteria_json(criteria: Criteria) -> str:
    """Criteria as they are kept; what is empty is left out."""
    given = {name: list(values) for name, values in asdict(criteria).items() if values}
    return json.dumps(given, ensure_ascii=False)


def criteria_of(text: str) -> Criteria:
    """Criteria from their kept form."""
    given: dict[str, Sequence[str]] = json.loads(text)
    return Criteria(**{name: tuple(values) for name, values in given.items()})


def _values(watch: Watch) -> dict[str, Any]:
    plain = {one.name: getattr(watch, one.name) for one in fields(watch) if one.name != "id"}
    return plain | {"criteria": criteria_json(watch.criteria)}


def _watch_of(row: Row[Any]) -> Watch:
    return Watch(**{**row._mapping, "criteria": criteria_of(row.criteria)})

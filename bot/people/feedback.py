"""Feedback: which turns people found helpful, which not, and why.

A person has one verdict on a turn: a later click changes it. A reason is kept only with the
verdict *not helpful*. It is text of people, which is shown to admins and never logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, select, update

from corpus.store.database import reading, writing
from corpus.store.schema import feedback as table
from corpus.store.schema import turns

LONGEST_REASON = 600


@dataclass(frozen=True, slots=True)
class FeedbackCounts:
    """How many verdicts of each kind there are."""

    helpful: int = 0
    not_helpful: int = 0

    @property
    def all(self) -> int:
        return self.helpful + self.not_helpful


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Why a turn was found not helpful; `question` is what had been asked, or a report's title."""

    turn_id: str
    kind: str
    question: str
    reason: str
    at: datetime


class Feedback:
    """Verdicts on turns, in the store's database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def has_turn(self, turn_id: str) -> bool:
        """Whether a turn is still kept."""
        with reading(self._engine) as connection:
            return connection.scalar(select(turns.c.id).where(turns.c.id == turn_id)) is not None

    def record(
        self, turn_id: str, person: str, helpful: bool, reason: str | None, now: datetime
    ) -> bool:
        """Keep a person's verdict in place of their earlier one; False where the turn is gone.

        Without a `reason` that of the same verdict before stays.
        """
        reason = None if helpful or not reason else reason[:LONGEST_REASON]
        with writing(self._engine) as connection:
            if connection.scalar(select(turns.c.id).where(turns.c.id == turn_id)) is None:
                return False
            known = self._verdict(connection, turn_id, person)
            values = {"helpful": helpful, "reason": reason, "at": now}
            if known is None:
                connection.execute(insert(table).values(turn_id=turn_id, person=person, **values))
                return True
            if known[0] == helpful and reason is None:
                values["reason"] = known[1]
            connection.execute(
                update(table)
                .where(table.c.turn_id == turn_id, table.c.person == person)
                .values(**values)
            )
        return True

    def verdict(self, turn_id: str, person: str) -> tuple[bool, str | None] | None:
        """Whether somebody found a turn helpful, and why not; None where they did not say."""
        with reading(self._engine) as connection:
            return self._verdict(connection, turn_id, person)

    def counts(self, since: datetime | None = None) -> FeedbackCounts:
        """Verdicts, only those given since then where that is named."""
        query = select(table.c.helpful, func.count()).group_by(table.c.helpful)
        if since is not None:
            query = query.where(table.c.at >= since)
        with reading(self._engine) as connection:
            found = {bool(row[0]): int(row[1]) for row in connection.execute(query)}
        return FeedbackCounts(found.get(True, 0), found.get(False, 0))

    def latest(self, n: int = 5) -> list[GivenReason]:
        """The newest reasons, newest first, without who gave them."""
        query = (
            select(turns.c.id, turns.c.kind, turns.c.question, table.c.reason, table.c.at)
            .join(turns, turns.c.id == table.c.turn_id)
            .where(table.c.helpful.is_(False), table.c.reason.is_not(None))
            .order_by(table.c.at.desc(), table.c.turn_id, table.c.person)
            .limit(n)
        )
        with reading(self._engine) as connection:
            return [GivenReason(*row) for row in connection.execute(query)]

    @staticmethod
    def _verdict(
        connection: Connection, turn_id: str, person: str
    ) -> tuple[bool, str | None] | None:
        row = connection.execute(
            select(table.c.helpful, table.c.reason).where(
                table.c.turn_id == turn_id, table.c.person == person
            )
        ).one_or_none()
        return None if row is None else (bool(row.helpful), row.reason)

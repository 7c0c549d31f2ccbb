"""The audit trail: who changed what, and when.

What people and commands change (sources, subscriptions, watches, articles withdrawn, retention) is
recorded; what the program does by itself is not. Nothing is ever taken out of the trail; of
somebody who was forgotten it says “a person”.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select

from bot.db.schema import audit as table
from corpus.store.database import reading, writing

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `by` is "terminal:LOGIN" or a Slack user's id, `action` such as
    "source added", `subject` what was changed, `detail` how."""

    at: datetime
    by: str
    action: str
    subject: str
    detail: str | None


class Audit:
    """The trail in the store's database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, by: str, action: str, subject: str, detail: str | None, now: datetime) -> None:
        """Add one entry. `detail` holds no secret and no text of articles."""
        values = {"at": now, "by": by[:_LONGEST_NAME], "action": action, "subject": subject}
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(**values, detail=detail))

    def recent(self, n: int = 50, since: datetime | None = None) -> list[Entry]:
        """The newest `n` entries, newest first; only those from `since` on, where given."""
        columns = table.c
        query = select(columns.at, columns.by, columns.action, columns.subject, columns.detail)
        if since is not None:
            query = query.where(columns.at >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(columns.id.desc()).limit(n)).all()
        return [Entry(*row) for row in rows]


def terminal_user() -> str:
    """ "terminal:LOGIN", for what is changed from the command line."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):  # A container's user may have no name.
        return "terminal:unknown"

"""What is known of a talk in a thread: whether we took part, who asked, what was cited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from corpus.store.database import reading
from corpus.store.schema import turns

_POSTED_UNASKED = frozenset(("digest", "alert"))


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that we took part in: ids of its turns, oldest first.

    `askers` are whoever asked in it; `opened` tells that a posting of ours began it.
    """

    turns: tuple[str, ...]
    askers: frozenset[str]
    opened: bool


class Talks:
    """Talks by conversation, from the recorded turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, conversation: str) -> Talk | None:
        """The talk; None where we have said nothing."""
        columns = turns.c
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(columns.id, columns.kind, columns.asked_by, columns.posted_as)
                .where(columns.conversation == conversation)
                .order_by(columns.asked_at, columns.id)
            ).all()
        if not rows:
            return None
        # A digest that was asked for is posted in the thread; one that was not begins its own.
        opened = any(row.kind in _POSTED_UNASKED and row.posted_as == conversation for row in rows)
        return Talk(tuple(row.id for row in rows), frozenset(row.asked_by for row in rows), opened)

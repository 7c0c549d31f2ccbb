"""How far a follower of the store's change numbers has come.

    position = ChangePosition(engine, "alerts")
    found = position.value  ->  changes since then  ->  what follows from them  ->  position.move(…)

The number moves from where it was found, or not at all: of two processes that follow the same
changes one loses, and looks again. Where it moves in the transaction that writes what was derived,
nothing is derived twice or left out.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, insert, select, update

from corpus.errors import StoreError
from corpus.store import schema
from corpus.store.database import reading, writing

_COLUMNS = schema.counters.c


class ChangePosition:
    """The number of the last change that a follower has seen, under the follower's name."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    @property
    def value(self) -> int:
        """The number; 0 for a follower that has seen nothing."""
        with reading(self._engine) as connection:
            return self.seen(connection)

    def seen(self, connection: Connection) -> int:
        """The number as a transaction sees it."""
        query = select(_COLUMNS.value).where(_COLUMNS.name == self._name)
        return connection.scalar(query) or 0

    def move(self, connection: Connection, found: int, number: int) -> bool:
        """Move from `found` to `number` in a transaction; False where another has moved it.

        A first move inserts; one that another process makes at once raises StoreError with `retry`
        when the transaction ends.
        """
        moved = connection.execute(
            update(schema.counters)
            .where(_COLUMNS.name == self._name, _COLUMNS.value == found)
            .values(value=number)
        )
        if moved.rowcount == 1:
            return True
        query = select(_COLUMNS.value).where(_COLUMNS.name == self._name)
        if found != 0 or connection.scalar(query) is not None:
            return False
        connection.execute(insert(schema.counters).values(name=self._name, value=number))
        return True

    def advance(self, found: int, number: int) -> bool:
        """Move in a transaction of its own; False where another process came first."""
        try:
            with writing(self._engine) as connection:
                return self.move(connection, found, number)
        except StoreError as error:
            if error.retry:
                return False
            raise

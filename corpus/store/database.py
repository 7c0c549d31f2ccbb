"""The database: connecting, transactions, migrations, and how far its followers have come.

SQLite is opened so that several processes can share it: write-ahead log, a patient busy
timeout, and transactions that take the write lock when they begin, since one that upgrades
from reading to writing half-way can fail without waiting.

A follower of the store's change numbers keeps its place as a `ChangePosition`:

    position = ChangePosition(engine, "alerts")
    found = position.value  ->  changes since then  ->  what follows from them  ->  position.move(…)

The number moves from where it was found, or not at all: of two processes that follow the same
changes one loses, and looks again. Where it moves in the transaction that writes what was derived,
nothing is derived twice or left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from corpus.errors import SchemaError, StoreError
from corpus.store import schema

HEAD = "0007"
COPYING = "copying"
"""Begins the revision of a database into which a store is being copied: nothing opens it."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
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
        same = (_COLUMNS.name == self._name, _COLUMNS.value == found)
        moved = connection.execute(update(schema.counters).where(*same).values(value=number))
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


def connect(url: str | URL) -> Engine:
    """An engine for a database URL; raises StoreError for one that cannot be used."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        name = public_name(parsed)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            parsed, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            name, "its driver is not installed; PostgreSQL needs pip install 'chancery[postgres]'"
        ) from error
    except ArgumentError as error:
        raise StoreError("DATABASE_URL", "is not a database address") from error
    except OSError as error:
        raise StoreError(name, f"its folder cannot be made ({error.strerror})") from error
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def public_name(url: URL) -> str:
    """A database address without its password, which may stand among its options too."""
    return url.set(query={}).render_as_string(hide_password=True)


def first_line(error: DBAPIError) -> str:
    """What the driver says of an error; the lines after the first quote what was written."""
    return (str(error.orig).splitlines() or ["no reason given"])[0]


def migrate(engine: Engine) -> None:
    """Bring the tables to the current schema; StoreError or SchemaError where that fails."""
    name = public_name(engine.url)
    try:
        found = revision(engine)
        if found == HEAD:
            return
        if found is not None and found.startswith(COPYING):
            raise StoreError(
                name, "holds half a copy; run chancery migrate again with the home it comes from"
            )
        if found is not None and found not in known_revisions():
            raise SchemaError(
                name, f"was written by a later version of Chancery (schema {found}); update first"
            )
        _upgrade(engine)
    except DBAPIError as error:
        raise StoreError(name, f"cannot be opened ({first_line(error)})") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; StoreError, with `retry` where another process came first."""
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError as error:
        name = public_name(engine.url)
        conflict = StoreError(name, "another process stored the same article first")
        conflict.retry = True
        raise conflict from error
    except DBAPIError as error:
        reason = f"could not be written ({first_line(error)})"
        raise StoreError(public_name(engine.url), reason) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads, so that it waits for nobody; StoreError where it cannot."""
    try:
        with engine.connect().execution_options(chancery_read_only=True) as connection:
            yield connection
    except DBAPIError as error:
        reason = f"could not be read ({first_line(error)})"
        raise StoreError(public_name(engine.url), reason) from error


def revision(engine: Engine) -> str | None:
    """What the database says of its tables; None where it has none of a store."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def known_revisions() -> set[str]:
    return {path.name.split("_", 1)[0] for path in (_MIGRATIONS / "versions").glob("*.py")}


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two processes that start at once migrate one after the other.
            connection.execute(text("SELECT pg_advisory_xact_lock(731902)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _configure_sqlite(connection: Any, record: object) -> None:
    # The driver's own transaction handling begins late; `_begin_immediate` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    read_only = connection.get_execution_options().get("chancery_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

"""The register of polled sources, and of the entries seen in their feeds, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from corpus.articles import Source, SourceKind, Withdrawal, article_id
from corpus.feeds.parse import Entry
from corpus.feeds.schedule import INTERVAL, Health, PolledSource
from corpus.store import schema
from corpus.store.articles import ArticleStore, batches, draw_numbers, withdraw, write_source
from corpus.store.database import reading, writing


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """What is remembered of an entry; what of it is `wanted` is asked for again at `wanted_at`."""

    key: str
    article_id: str
    url: str | None
    digest: str
    updated_at: datetime | None = None
    first_seen_at: datetime | None = None
    wanted: str | None = None
    wanted_at: datetime | None = None

    @property
    def address(self) -> str | None:
        """The id that the entry's link would give an article."""
        return article_id(self.url) if self.url else None


@dataclass(frozen=True, slots=True)
class Removed:
    """How many entries were forgotten and how many articles withdrawn with a source."""

    entries: int
    articles: int


class SourceRegister:
    """Polled sources by name, in the article store's database. Safe to share between threads."""

    def __init__(self, store: ArticleStore) -> None:
        self._engine = store.engine

    def sources(self, names: Iterable[str] | None = None) -> list[PolledSource]:
        """All polled sources, or those with these names, in alphabetical order."""
        columns = schema.sources.c
        query = _SOURCES.where(columns.feed_url.is_not(None)).order_by(columns.name)
        if names is not None:
            query = query.where(columns.name.in_(list(names)))
        with reading(self._engine) as connection:
            return [_source_of(row) for row in connection.execute(query)]

    def source(self, name: str) -> PolledSource | None:
        """The polled source of that name; case does not count where that is unambiguous."""
        exact = self.sources([name])
        if exact:
            return exact[0]
        alike = [one for one in self.sources() if one.name.casefold() == name.casefold()]
        return alike[0] if len(alike) == 1 else None

    def put(self, source: PolledSource) -> None:
        """Record a source with how it is polled; one of that name is replaced."""
        with writing(self._engine) as connection:
            write_source(connection, source.source)
            connection.execute(
                update(schema.sources)
                .where(schema.sources.c.name == source.name)
                .values(**_polling_values(source))
            )

    def claim(self, name: str, now: datetime, until: datetime) -> bool:
        """Take a due source so that no other process polls it too before `until`."""
        columns = schema.sources.c
        with writing(self._engine) as connection:
            taken = connection.execute(
                update(schema.sources)
                .where(
                    columns.name == name,
                    columns.paused.is_(False),
                    or_(columns.next_poll_at.is_(None), columns.next_poll_at <= now),
                )
                .values(next_poll_at=until)
            )
            return taken.rowcount == 1

    def finish(self, source: PolledSource, seen: Sequence[SeenEntry], now: datetime) -> None:
        """Record how a source stands after a poll, and what was seen in it.

        What somebody set while it was polled (a pause, another interval or kind) is kept, and a
        source that was removed meanwhile stays removed.
        """
        values = _polling_values(source)
        for kept in ("paused", "interval_seconds", "full_text", "feed_url"):
            del values[kept]
        columns = schema.sources.c
        with writing(self._engine) as connection:
            recorded = connection.execute(
                update(schema.sources)
                .where(columns.name == source.name, columns.feed_url == source.feed_url)
                .values(**values)
            )
            if recorded.rowcount == 0:
                return
            for one in seen:
                _write_seen(connection, source.name, one, now)

    def pause(self, name: str, paused: bool) -> None:
        """Pause a source, or let it be polled again at once, also one that was gone."""
        values: dict[str, Any] = {"paused": paused}
        if not paused:
            values |= {"next_poll_at": None, "failures": 0, "health": None}
        with writing(self._engine) as connection:
            connection.execute(
                update(schema.sources).where(schema.sources.c.name == name).values(**values)
            )

    def change(self, name: str, source: Source, *, interval: timedelta, full_text: bool) -> int:
        """Let the source `name` be what `source` says, polled so; how many articles are others.

        With another name or kind its articles change too, so that whatever follows the store
        learns of it. Another interval counts from the last poll. StoreError where another source
        has the name.
        """
        columns, entries, articles = schema.sources.c, schema.feed_entries.c, schema.articles.c
        with writing(self._engine) as connection:
            old = _source_of(connection.execute(_SOURCES.where(columns.name == name)).one())
            due = old.next_poll_at
            if interval != old.interval and old.last_polled_at is not None:
                due = old.last_polled_at + interval
            changed = replace(
                old, source=source, interval=interval, full_text=full_text, next_poll_at=due
            )
            if source.name != name:
                # What refers to a name must find it, so that the new one comes before the old goes.
                connection.execute(
                    insert(schema.sources).values(
                        name=source.name, kind=source.kind.value, failures=0
                    )
                )
                connection.execute(
                    update(schema.feed_entries)
                    .where(entries.source == name)
                    .values(source=source.name)
                )
                connection.execute(delete(schema.sources).where(columns.name == name))
            write_source(connection, source)
            connection.execute(
                update(schema.sources)
                .where(columns.name == source.name)
                .values(**_polling_values(changed))
            )
            if (source.name, source.kind) == (name, old.source.kind):
                return 0
            own = list(connection.scalars(select(articles.id).where(articles.source == name)))
            number = draw_numbers(connection, len(own)) - len(own)
            for offset, identity in enumerate(own, start=1):
                connection.execute(
                    update(schema.articles)
                    .where(articles.id == identity)
                    .values(source=source.name, kind=source.kind.value, change=number + offset)
                )
        return len(own)

    def remove(self, name: str, now: datetime, *, with_articles: bool = False) -> Removed:
        """Forget a source and its entries; with its articles, those are withdrawn too.

        Withdrawn articles are found no more; what was already cited from them stays readable.
        """
        columns, entries = schema.sources.c, schema.feed_entries.c
        with writing(self._engine) as connection:
            withdrawn = 0
            if with_articles:
                # What a source published before it was polled here is its own too.
                own = select(schema.articles.c.id).where(
                    schema.articles.c.source == name, schema.articles.c.withdrawn_at.is_(None)
                )
                ids = list(connection.scalars(own))
                withdrawn = withdraw(connection, ids, now, Withdrawal.REMOVED)
            forgotten = connection.execute(
                delete(schema.feed_entries).where(entries.source == name)
            ).rowcount
            connection.execute(delete(schema.sources).where(columns.name == name))
        return Removed(forgotten, withdrawn)

    def seen(self, name: str, entries: Sequence[Entry]) -> list[SeenEntry]:
        """What is remembered of a source that shares a key, a link or a text with `entries`."""
        columns = schema.feed_entries.c
        found: dict[str, SeenEntry] = {}
        with reading(self._engine) as connection:
            for batch in batches(entries):
                addresses = [one for entry in batch for one in entry.addresses]
                rows = connection.execute(
                    select(schema.feed_entries).where(
                        columns.source == name,
                        or_(
                            columns.key.in_([entry.key for entry in batch]),
                            columns.address.in_(addresses),
                            columns.article_id.in_(addresses),
                            columns.digest.in_([entry.digest for entry in batch]),
                        ),
                    )
                )
                found.update((row.key, _seen_of(row)) for row in rows)
        return list(found.values())

    def wanted(self, name: str, now: datetime, most: int) -> list[SeenEntry]:
        """Entries of a source whose page is to be asked for again by now, the longest due first."""
        columns = schema.feed_entries.c
        query = (
            select(schema.feed_entries)
            .where(columns.source == name, columns.wanted_at <= now, _IS_WANTED)
            .order_by(columns.wanted_at, columns.key)
            .limit(most)
        )
        with reading(self._engine) as connection:
            return [_seen_of(row) for row in connection.execute(query)]

    def entry_counts(self) -> dict[str, int]:
        """How many entries were ever seen in each source, by name."""
        columns = schema.feed_entries.c
        query = select(columns.source, func.count()).group_by(columns.source)
        with reading(self._engine) as connection:
            return dict(connection.execute(query).tuples().all())


_IS_WANTED = and_(
    schema.feed_entries.c.wanted_at.is_not(None),
    schema.feed_entries.c.article_id.in_(
        select(schema.articles.c.id).where(schema.articles.c.withdrawn_at.is_(None))
    ),
)
_SOURCES = select(
    schema.sources,
    select(func.count())
    .where(schema.feed_entries.c.source == schema.sources.c.name, _IS_WANTED)
    .scalar_subquery()
    .label("wanted"),
)


def _seen_of(row: Row[Any]) -> SeenEntry:
    return SeenEntry(*(getattr(row, one.name) for one in fields(SeenEntry)))


def _write_seen(connection: Any, name: str, seen: SeenEntry, now: datetime) -> None:
    columns = schema.feed_entries.c
    values = {
        "article_id": seen.article_id,
        "address": seen.address,
        "url": seen.url,
        "digest": seen.digest,
        "updated_at": seen.updated_at,
        "read_at": now,
        "wanted": seen.wanted,
        "wanted_at": seen.wanted_at,
    }
    existing = connection.execute(
        update(schema.feed_entries)
        .where(columns.source == name, columns.key == seen.key)
        .values(**values)
    )
    if existing.rowcount == 0:
        connection.execute(
            insert(schema.feed_entries).values(
                source=name, key=seen.key, first_seen_at=now, **values
            )
        )


# What a source and its row call the same and keep in one form.
_SAME = tuple(
    one.name
    for one in fields(PolledSource)
    if one.name not in ("source", "interval", "health", "wanted")
)


def _polling_values(source: PolledSource) -> dict[str, Any]:
    seconds, health = int(source.interval.total_seconds()), source.health.value
    same = {name: getattr(source, name) for name in _SAME}
    return same | {"interval_seconds": seconds, "health": health}


def _source_of(row: Row[Any]) -> PolledSource:
    seconds = row.interval_seconds
    return PolledSource(
        source=Source(row.name, row.url, SourceKind(row.kind), row.country, row.language),
        interval=timedelta(seconds=seconds) if seconds else INTERVAL,
        health=Health(row.health) if row.health else Health.UNCHECKED,
        wanted=row.wanted,
        **{name: getattr(row, name) for name in _SAME},
    )

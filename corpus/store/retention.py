"""Letting articles go that have grown old, in two steps, so that every index follows.

    expire   an article is taken out as a change with a number: found no more, like one withdrawn
    purge    once the indexes have followed that change, its text and whatever was made of it go

A crash between the two leaves articles that are found no more and are purged the next time. What
was derived in the database (quotations, sketches, places in stories) goes with the article. The
newest change is never purged, since an index that is ahead of the store takes it for another one.
Entries of feeds stay, so that an old text that still stands in a feed is not read as new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from corpus.articles import Withdrawal
from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading, writing
from corpus.store.writing import withdraw

# A transaction holds up whoever else writes.
_ARTICLES_A_TRANSACTION = 500


def expirable(store: ArticleStore, cutoff: datetime, kept: Collection[str]) -> list[str]:
    """Ids of articles older than `cutoff` that nothing holds here any longer.

    An article is as old as its publication (its first reading, where it is undated). `kept` are
    ids that stay all the same; so does the first of copies while one of them is young enough.
    """
    articles = schema.articles.c
    copy = schema.articles.alias()
    has_young_copy = exists().where(copy.c.duplicate_of == articles.id, ~_is_older(copy.c, cutoff))
    query = select(articles.id).where(
        _is_older(articles, cutoff),
        func.coalesce(articles.withdrawal, "") != Withdrawal.EXPIRED.value,
        ~has_young_copy,
    )
    with reading(store.engine) as connection:
        return [one for one in connection.scalars(query.order_by(articles.id)) if one not in kept]


def expire(store: ArticleStore, ids: Collection[str], now: datetime) -> None:
    """Take these articles out as too old; each is a change that every follower sees."""
    articles = schema.articles.c
    for batch in _transactions(ids):
        with writing(store.engine) as connection:
            withdraw(connection, batch, now, Withdrawal.EXPIRED)
            # What had been taken out before is gone from the indexes already.
            connection.execute(
                update(schema.articles)
                .where(articles.id.in_(batch))
                .values(withdrawal=Withdrawal.EXPIRED.value)
            )


def purge(store: ArticleStore, followed: int) -> int:
    """Remove the expired articles whose change every index holds; how many.

    `followed` is the number of the last change that the slowest index holds.
    """
    articles = schema.articles.c
    last = select(func.max(articles.change)).scalar_subquery()
    query = select(articles.id).where(
        articles.withdrawal == Withdrawal.EXPIRED.value,
        articles.withdrawn_at.is_not(None),
        articles.change <= followed,
        articles.change < last,
    )
    with reading(store.engine) as connection:
        ids = list(connection.scalars(query))
    for batch in _transactions(ids):
        with writing(store.engine) as connection:
            for table in reversed(schema.metadata.sorted_tables):
                for key in table.foreign_keys:
                    if key.column is articles.id:
                        connection.execute(delete(table).where(key.parent.in_(batch)))
            told = schema.told_articles
            connection.execute(delete(told).where(told.c.article_id.in_(batch)))
            connection.execute(delete(schema.articles).where(articles.id.in_(batch)))
    return len(ids)


def expired(store: ArticleStore) -> int:
    """How many articles are taken out and not removed yet."""
    query = (
        select(func.count())
        .select_from(schema.articles)
        .where(schema.articles.c.withdrawal == Withdrawal.EXPIRED.value)
    )
    with reading(store.engine) as connection:
        return connection.scalar(query) or 0


def _is_older(columns: Any, cutoff: datetime) -> ColumnElement[bool]:
    return func.coalesce(columns.published_at, columns.first_read_at) < cutoff


def _transactions(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _ARTICLES_A_TRANSACTION):
        yield ordered[start : start + _ARTICLES_A_TRANSACTION]

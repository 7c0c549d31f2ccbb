"""Carrying decisions out: the rows that a new, changed or amended article becomes.

Called by `corpus.store.article_store` inside one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from corpus.articles import ReadArticle, Source, SourceKind, Withdrawal
from corpus.decide import Amended, Changed, New
from corpus.feeds.sources import kind_of
from corpus.store import schema


def draw_numbers(connection: Connection, count: int) -> int:
    """Draw `count` change numbers and return the last.

    The row stays locked until the transaction ends, so that numbers become visible in order.
    """
    drawn = connection.execute(
        update(schema.counters)
        .where(schema.counters.c.name == "change")
        .values(value=schema.counters.c.value + count)
        .returning(schema.counters.c.value)
    ).scalar_one()
    return int(drawn)


def write_decision(
    connection: Connection,
    decision: New | Changed | Amended,
    number: int,
    read_at: datetime,
) -> None:
    article = decision.article
    if isinstance(decision, Amended):
        given = {
            "source": article.source,
            "author": article.author,
            "published_at": article.published_at,
            "language": article.language,
            "kind": article.kind.value if article.kind else None,
            "url": article.url if article.identity else None,
        }
        told = {key: value for key, value in given.items() if value}
        version = connection.scalar(
            update(schema.articles)
            .where(schema.articles.c.id == article.id)
            .values(change=number, withdrawn_at=None, withdrawal=None, **told)
            .returning(schema.articles.c.version)
        )
        of_version = {key: told[key] for key in ("author", "published_at") if key in told}
        if of_version:
            connection.execute(
                update(schema.versions)
                .where(
                    schema.versions.c.article_id == article.id,
                    schema.versions.c.version == version,
                )
                .values(**of_version)
            )
        return
    values = {
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "kind": (article.kind or _known_kind(connection, article)).value,
        "author": article.author,
        "published_at": article.published_at,
        "language": article.language,
        "digest": article.digest,
        "read_at": read_at,
        "duplicate_of": decision.duplicate_of,
        "change": number,
    }
    if isinstance(decision, New):
        version = 1
        connection.execute(
            insert(schema.articles).values(
                id=article.id, version=version, first_read_at=read_at, **values
            )
        )
    else:
        version = decision.version
        connection.execute(
            update(schema.articles)
            .where(schema.articles.c.id == article.id)
            .values(version=version, withdrawn_at=None, withdrawal=None, **values)
        )
    _write_text(connection, article, version, decision.sketch, read_at)


def withdraw(connection: Connection, ids: Sequence[str], moment: datetime, why: Withdrawal) -> int:
    """Take articles out, each as a change of its own; how many were not out already."""
    columns = schema.articles.c
    # The lock on the counter comes first, so that what is read here stays so.
    number = draw_numbers(connection, 0)
    withdrawn = 0
    for identity in ids:
        done = connection.execute(
            update(schema.articles)
            .where(columns.id == identity, columns.withdrawn_at.is_(None))
            .values(withdrawn_at=moment, withdrawal=why.value, change=number + withdrawn + 1)
        )
        withdrawn += done.rowcount
    draw_numbers(connection, withdrawn)
    return withdrawn


def write_source(connection: Connection, source: Source) -> None:
    """Record a publisher by name; what is known of polling its feed stays."""
    values = {
        "url": source.url,
        "kind": source.kind.value,
        "country": source.country,
        "language": source.language,
    }
    columns = schema.sources.c
    existing = connection.execute(
        update(schema.sources).where(columns.name == source.name).values(**values)
    )
    if existing.rowcount == 0:
        connection.execute(insert(schema.sources).values(name=source.name, **values))


def _write_text(
    connection: Connection,
    article: ReadArticle,
    version: int,
    marks: Sequence[int],
    read_at: datetime,
) -> None:
    connection.execute(
        insert(schema.versions).values(
            article_id=article.id,
            version=version,
            title=article.title,
            author=article.author,
            published_at=article.published_at,
            digest=article.digest,
            read_at=read_at,
        )
    )
    rows = [
        {"article_id": article.id, "version": version, "number": number, "text": text}
        for number, text in enumerate(article.paragraphs, start=1)
    ]
    if rows:
        connection.execute(insert(schema.paragraphs), rows)
    connection.execute(delete(schema.sketches).where(schema.sketches.c.article_id == article.id))
    if marks:
        connection.execute(
            insert(schema.sketches),
            [{"hash": mark, "article_id": article.id} for mark in marks],
        )


def _known_kind(connection: Connection, article: ReadArticle) -> SourceKind:
    """The kind recorded for the article's source, else what its address tells."""
    if article.source is not None:
        recorded = connection.scalar(
            select(schema.sources.c.kind).where(schema.sources.c.name == article.source)
        )
        if recorded is not None:
            return SourceKind(recorded)
    return kind_of(article.source, article.url)

"""Rows of the store back into articles and paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from sqlalchemy import Connection, Row, select, tuple_

from corpus.articles import Article, Later, Paragraph, SourceKind, Withdrawal
from corpus.store import schema

Item = TypeVar("Item")

# SQLite takes at most 32,766 variables in a statement; a tuple of three uses three.
_BATCH = 5_000


def articles_of(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Article]:
    texts = paragraphs_of(connection, [(row.id, row.version) for row in rows])
    return [article_of(row, texts.get(row.id, ())) for row in rows]


def paragraphs_of(
    connection: Connection, keys: Sequence[tuple[str, int]]
) -> Mapping[str, tuple[Paragraph, ...]]:
    columns = schema.paragraphs.c
    found: dict[str, tuple[Paragraph, ...]] = {}
    for batch in batches(keys):
        rows = connection.execute(
            select(columns.article_id, columns.number, columns.text)
            .where(tuple_(columns.article_id, columns.version).in_(batch))
            .order_by(columns.article_id, columns.number)
        )
        for identity, group in groupby(rows, key=lambda row: row.article_id):
            found[identity] = tuple(Paragraph(*row) for row in group)
    return found


def article_of(
    row: Row[tuple[object, ...]], paragraphs: tuple[Paragraph, ...], **older: object
) -> Article:
    fields: dict[str, object] = {
        "version": row.version,
        "title": row.title,
        "author": row.author,
        "published_at": row.published_at,
        "read_at": row.read_at,
    }
    is_older = older.get("version", row.version) != row.version
    return Article(
        id=row.id,
        url=row.url,
        source=row.source,
        kind=SourceKind(row.kind),
        language=row.language,
        first_read_at=row.first_read_at,
        paragraphs=paragraphs,
        duplicate_of=row.duplicate_of,
        withdrawn_at=row.withdrawn_at,
        withdrawal=_withdrawal(row),
        later=Later(row.version, row.read_at) if is_older else None,
        **{**fields, **older},  # type: ignore[arg-type]
    )


def _withdrawal(row: Row[tuple[object, ...]]) -> Withdrawal | None:
    """Why an article was taken out; what an earlier release withdrew had been retracted."""
    if row.withdrawn_at is None:
        return None
    return Withdrawal(row.withdrawal or Withdrawal.RETRACTED)


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]

"""What was known at a moment, where that is not what stands now.

An article was known once it was published, in the version that was current then. Where even the
first version was only read later, as in a back catalogue, the first counts. An article that was
retracted since was known; one whose source was removed here, or that grew old, is not told of
whatever the moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from corpus.articles import Article, Withdrawal
from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading
from corpus.store.rows import article_of, batches, paragraphs_of

MOST_CHANGED = 2_000
"""Articles that are looked at as they were then; of more, those published last before."""


def changed_after(
    store: ArticleStore,
    moment: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Article]:
    """Articles as they were known at a moment, of those that changed or were retracted since.

    Only those that were published by then, and within `since` and `until`, both inclusive.
    Undated articles are left out, as wherever a search is bound in time.
    """
    columns = schema.articles.c
    ends = min(moment, until) if until is not None else moment
    query = (
        select(schema.articles)
        .where(columns.published_at <= ends, _is_other_now(moment))
        .order_by(columns.published_at.desc(), columns.id)
        .limit(MOST_CHANGED)
    )
    if since is not None:
        query = query.where(columns.published_at >= since)
    with reading(store.engine) as connection:
        rows = connection.execute(query).all()
    return _as_they_were(store, rows, moment)


def known_then(store: ArticleStore, articles: Iterable[Article], moment: datetime) -> list[Article]:
    """These articles as they were known at a moment, without those that were not, in order."""
    given = list(articles)
    columns = schema.articles.c
    rows: list[Row[tuple[object, ...]]] = []
    with reading(store.engine) as connection:
        for batch in batches([article.id for article in given]):
            rows += connection.execute(select(schema.articles).where(columns.id.in_(batch)))
    known = {
        article.id: article
        for article in _as_they_were(
            store, [row for row in rows if _was_known(row, moment)], moment
        )
    }
    return [known[article.id] for article in given if article.id in known]


def _is_other_now(moment: datetime) -> ColumnElement[bool]:
    columns = schema.articles.c
    changed = and_(columns.version > 1, columns.read_at > moment, columns.withdrawn_at.is_(None))
    retracted = and_(
        columns.withdrawn_at > moment,
        or_(columns.withdrawal.is_(None), columns.withdrawal == Withdrawal.RETRACTED.value),
    )
    return or_(changed, retracted)


def _was_known(row: Row[tuple[object, ...]], moment: datetime) -> bool:
    if row.withdrawn_at is not None:
        retracted = (row.withdrawal or Withdrawal.RETRACTED) == Withdrawal.RETRACTED
        if not retracted or row.withdrawn_at <= moment:
            return False
    return bool((row.published_at or row.first_read_at) <= moment)


def _as_they_were(
    store: ArticleStore, rows: Iterable[Row[tuple[object, ...]]], moment: datetime
) -> list[Article]:
    current = {str(row.id): row for row in rows}
    columns = schema.versions.c
    found: list[Article] = []
    with reading(store.engine) as connection:
        for ids in batches(list(current)):
            number = (
                select(columns.article_id, func.max(columns.version).label("version"))
                .where(
                    columns.article_id.in_(ids),
                    or_(columns.read_at <= moment, columns.version == 1),
                )
                .group_by(columns.article_id)
                .subquery()
            )
            versions = connection.execute(
                select(schema.versions).join(
                    number,
                    and_(
                        columns.article_id == number.c.article_id,
                        columns.version == number.c.version,
                    ),
                )
            ).all()
            texts = paragraphs_of(connection, [(v.article_id, v.version) for v in versions])
            of_version = {str(v.article_id): v for v in versions}
            found += [
                article_of(
                    current[identity],
                    texts.get(identity, ()),
                    version=version.version,
                    title=version.title,
                    author=version.author,
                    published_at=version.published_at,
                    read_at=version.read_at,
                )
                for identity in ids
                if (version := of_version.get(identity)) is not None
            ]
    return found

"""The store over time: how it grows, what was known at a moment, and letting go of what is old.

Growth. An article counts when it was first read, with the paragraphs that it has now. Articles
that were taken out are left out.

Then. An article was known once it was published, in the version that was current then. Where even
the first version was only read later, as in a back catalogue, the first counts. An article that was
retracted since was known; one whose source was removed here, or that grew old, is not told of
whatever the moment.

Retention, in two steps, so that every index follows:

    expire   an article is taken out as a change with a number: found no more, like one withdrawn
    purge    once the indexes have followed that change, its text and whatever was made of it go

A crash between the two leaves articles that are found no more and are purged the next time. What
was derived in the database (quotations, sketches, places in stories) goes with the article. The
newest change is never purged, since an index that is ahead of the store takes it for another one.
Entries of feeds stay, so that an old text that still stands in a feed is not read as new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Row, and_, delete, exists, func, or_, select, update

from corpus.articles import Article, Withdrawal
from corpus.store import schema
from corpus.store.articles import (
    IDENTITY,
    ArticleStore,
    article_of,
    batches,
    paragraphs_of,
    withdraw,
)
from corpus.store.database import reading, writing

# A transaction holds up whoever else writes.
_ARTICLES_A_TRANSACTION = 500
MOST_CHANGED = 2_000
"""Articles that are looked at as they were then; of more, those published last before."""
Step = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Read:
    """What was first read in [begins, begins of the next), in UTC; weeks begin on Monday."""

    begins: date
    articles: int
    paragraphs: int


@dataclass(frozen=True, slots=True)
class OfSource:
    """What is held from one source (None for articles without one), and what came of late."""

    source: str | None
    articles: int
    paragraphs: int
    of_late: int
    newest: datetime | None


def growth(store: ArticleStore, now: datetime, step: Step = "day", steps: int = 7) -> list[Read]:
    """What was read in each of the last `steps` days, weeks or months, oldest first."""
    begins = list(_begins(now.astimezone(UTC).date(), step, steps))
    articles, texts = schema.articles.c, schema.paragraphs.c
    query = (
        select(articles.first_read_at, func.count(texts.number))
        .select_from(schema.articles)
        .outerjoin(schema.paragraphs, schema.CURRENT_PARAGRAPHS)
        .where(
            articles.first_read_at >= datetime.combine(begins[0], time(), UTC),
            articles.withdrawn_at.is_(None),
        )
        .group_by(articles.id, articles.first_read_at)
    )
    counted = {begin: [0, 0] for begin in begins}
    with reading(store.engine) as connection:
        for first_read_at, paragraphs in connection.execute(query):
            begin = _begin_of(first_read_at.date(), step)
            if begin in counted:
                counted[begin][0] += 1
                counted[begin][1] += paragraphs
    return [Read(begin, *counts) for begin, counts in counted.items()]


def by_source(store: ArticleStore, since: datetime) -> list[OfSource]:
    """What is held from each source, most articles first; `of_late` are those read since then."""
    articles = schema.articles.c
    standing = articles.withdrawn_at.is_(None)
    counts = select(articles.source, func.count()).where(standing).group_by(articles.source)
    held = counts.add_columns(func.max(articles.published_at))
    late = counts.where(articles.first_read_at >= since)
    of_articles = counts.select_from(schema.articles)
    counted = of_articles.join(schema.paragraphs, schema.CURRENT_PARAGRAPHS)
    with reading(store.engine) as connection:
        paragraphs: dict[str | None, int] = dict(connection.execute(counted).tuples().all())
        of_late: dict[str | None, int] = dict(connection.execute(late).tuples().all())
        found = [
            OfSource(name, count, paragraphs.get(name, 0), of_late.get(name, 0), newest)
            for name, count, newest in connection.execute(held)
        ]
    return sorted(found, key=lambda one: (-one.articles, one.source or ""))


def follower_positions(store: ArticleStore) -> dict[str, int]:
    """The last change that each follower in the database has seen, by its name."""
    counters = schema.counters.c
    query = select(counters.name, counters.value).where(
        counters.name.not_in(["change", "story corrections", IDENTITY])
    )
    with reading(store.engine) as connection:
        return dict(connection.execute(query.order_by(counters.name)).tuples().all())


def _begins(today: date, step: Step, steps: int) -> Iterator[date]:
    begin = _begin_of(today, step)
    found = [begin]
    for _ in range(steps - 1):
        begin = _begin_of(begin - timedelta(days=1), step)
        found.append(begin)
    return reversed(found)


def _begin_of(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


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
            out = update(schema.articles).where(articles.id.in_(batch))
            connection.execute(out.values(withdrawal=Withdrawal.EXPIRED.value))


def purge(store: ArticleStore, followed: int, naming: Sequence[Column[str]] = ()) -> int:
    """Remove the expired articles whose change every index holds; how many.

    `followed` is the number of the last change that the slowest index holds. Rows that name an
    article go with it: by a foreign key, or in one of the columns `naming` of tables without one.
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
    referring = [
        key.parent
        for table in reversed(schema.metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column is articles.id
    ]
    for batch in _transactions(ids):
        with writing(store.engine) as connection:
            for column in (*referring, *naming):
                connection.execute(delete(column.table).where(column.in_(batch)))
            connection.execute(delete(schema.articles).where(articles.id.in_(batch)))
    return len(ids)


def expired(store: ArticleStore) -> int:
    """How many articles are taken out and not removed yet."""
    gone = schema.articles.c.withdrawal == Withdrawal.EXPIRED.value
    query = select(func.count()).select_from(schema.articles).where(gone)
    with reading(store.engine) as connection:
        return connection.scalar(query) or 0


def _is_older(columns: Any, cutoff: datetime) -> ColumnElement[bool]:
    return func.coalesce(columns.published_at, columns.first_read_at) < cutoff


def _transactions(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _ARTICLES_A_TRANSACTION):
        yield ordered[start : start + _ARTICLES_A_TRANSACTION]


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
    standing = [row for row in rows if _was_known(row, moment)]
    known = {article.id: article for article in _as_they_were(store, standing, moment)}
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
            same_article = columns.article_id == number.c.article_id
            of_number = and_(same_article, columns.version == number.c.version)
            query = select(schema.versions).join(number, of_number)
            versions = connection.execute(query).all()
            texts = paragraphs_of(connection, [(v.article_id, v.version) for v in versions])
            of_version = {str(v.article_id): v for v in versions}
            found += [
                article_of(current[identity], texts.get(identity, ()), version)
                for identity in ids
                if (version := of_version.get(identity)) is not None
            ]
    return found

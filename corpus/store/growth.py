"""How the store grows: what was read in which day, week or month, and from which source.

An article counts when it was first read, with the paragraphs that it has now. Articles that were
taken out are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import func, select

from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading

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
        .outerjoin(
            schema.paragraphs,
            (texts.article_id == articles.id) & (texts.version == articles.version),
        )
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
    articles, texts = schema.articles.c, schema.paragraphs.c
    standing = articles.withdrawn_at.is_(None)
    held = (
        select(articles.source, func.count().label("articles"), func.max(articles.published_at))
        .where(standing)
        .group_by(articles.source)
    )
    late = (
        select(articles.source, func.count())
        .where(standing, articles.first_read_at >= since)
        .group_by(articles.source)
    )
    counted = (
        select(articles.source, func.count())
        .select_from(schema.articles)
        .join(
            schema.paragraphs,
            (texts.article_id == articles.id) & (texts.version == articles.version),
        )
        .where(standing)
        .group_by(articles.source)
    )
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
        counters.name.not_in(["change", "story corrections"])
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

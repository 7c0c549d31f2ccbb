"""Subscriptions: who gets a digest of what, where and when, and what each was told.

A subscription is active from the moment it was added, changed in its time, zone or days, or
resumed: a digest that would have been due before that moment is neither delivered nor missed.

`told_articles` keeps of each article the version that was sent last and the posting that told it
first. Stories are looked up as they are grouped now, so that a story that was joined or split is
known all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from bot.clock import Clock, utc_now
from bot.db.schema import postings, told_articles
from bot.db.schema import subscriptions as table
from bot.records import Subscription
from corpus.store.database import reading, writing
from corpus.store.schema import articles, story_articles
from retrieval.reports.report import Digest, Interests, Told


class Subscriptions:
    """Subscriptions by id and by reader. Safe to share between threads."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, subscription: Subscription) -> None:
        """Keep a new one; ValueError where its time, zone or days cannot be used."""
        normal = _normal(subscription)
        values = _values(normal) | {"active_from": normal.active_from or normal.created_at}
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(id=normal.id, **values))

    def replace(self, subscription: Subscription, seen: Subscription | None = None) -> bool:
        """Keep a changed one; ValueError as `add`. One that is unknown stays unknown.

        With `seen` only where it still is what was seen; False, and nothing done, where it is not.
        """
        normal = _normal(subscription)
        before = self.get(normal.id)
        if before is None:
            return False
        moved = _when(before) != _when(normal) or (before.paused and not normal.paused)
        active_from = self._clock() if moved else before.active_from
        unchanged = _values(seen).items() if seen is not None else ()
        with writing(self._engine) as connection:
            same = (table.c[name] == held for name, held in unchanged)
            changed = connection.execute(
                update(table)
                .where(table.c.id == normal.id, *same)
                .values(**_values(normal), active_from=active_from)
            )
            return changed.rowcount == 1

    def remove(self, identity: str) -> bool:
        """Forget a subscription and what was told to it; False where it was not known."""
        with writing(self._engine) as connection:
            connection.execute(
                delete(told_articles).where(told_articles.c.subscription_id == identity)
            )
            return connection.execute(delete(table).where(table.c.id == identity)).rowcount == 1

    def pause(self, identity: str, paused: bool = True) -> bool:
        """Pause a subscription or resume it; False where it was not known."""
        known = self.get(identity)
        if known is None:
            return False
        if known.paused != paused:
            self.replace(replace(known, paused=paused))
        return True

    def get(self, identity: str) -> Subscription | None:
        found = self._select(table.c.id == identity)
        return found[0] if found else None

    def of_reader(self, reader: str) -> list[Subscription]:
        """A reader's subscriptions, oldest first."""
        return self._select(table.c.reader == reader)

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first."""
        return self._select()

    def _select(self, *conditions: ColumnElement[bool]) -> list[Subscription]:
        query = select(table).where(*conditions).order_by(table.c.created_at, table.c.id)
        with reading(self._engine) as connection:
            return [_subscription_of(row) for row in connection.execute(query)]


def _normal(subscription: Subscription) -> Subscription:
    schedule = subscription.schedule
    return replace(
        subscription, at=f"{schedule.at:%H:%M}", zone=schedule.zone.key, days=schedule.days
    )


def _when(subscription: Subscription) -> tuple[str, str, tuple[str, ...]]:
    return subscription.at, subscription.zone, subscription.days


_AS_IT_IS = ("reader", "channel", "name", "at", "zone", "paused", "created_by", "created_at")
_LISTS = ("topics", "places", "sources")


def _values(subscription: Subscription) -> dict[str, Any]:
    about = subscription.interests
    lists = {name: json.dumps(getattr(about, name), ensure_ascii=False) for name in _LISTS}
    plain = {name: getattr(subscription, name) for name in _AS_IT_IS}
    return plain | lists | {"days": ",".join(subscription.days), "length": about.length}


def _subscription_of(row: Row[Any]) -> Subscription:
    kept = row._mapping
    lists = {name: tuple(json.loads(kept[name])) for name in _LISTS}
    return Subscription(
        id=row.id,
        days=tuple(row.days.split(",")),
        interests=Interests(**lists, length=row.length),
        active_from=row.active_from,
        **{name: kept[name] for name in _AS_IT_IS},
    )


# A source that comes back after two days brings what is no longer news; an archive that is read
# in brings years.
LATEST_ARRIVAL = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """An article as a digest told it; without a story it was told before under one."""

    article_id: str
    version: int
    story_id: str | None


def articles_told(digest: Digest) -> tuple[ToldArticle, ...]:
    """Every article of the stories that a digest tells, and every correction."""
    found = {
        article.id: ToldArticle(article.id, article.version, brief.story.id)
        for brief in digest.briefs
        for article in brief.story.articles
    }
    for correction in digest.corrections:
        article = correction.article
        found.setdefault(article.id, ToldArticle(article.id, article.version, None))
    return tuple(found.values())


def write_told(
    connection: Connection, subscription_id: str, posting: str, told: Iterable[ToldArticle]
) -> None:
    """Record what a posting told, in a transaction of the caller's."""
    columns = told_articles.c
    for one in told:
        row = {"subscription_id": subscription_id, "article_id": one.article_id}
        known = connection.execute(
            update(told_articles)
            .where(*(columns[name] == held for name, held in row.items()))
            .values(version=one.version)
        )
        if known.rowcount == 0 and one.story_id is not None:
            row |= {"story_id": one.story_id, "posting": posting}
            connection.execute(insert(told_articles).values(**row, version=one.version))


def told_to(engine: Engine, subscription_id: str) -> Told:
    """What a subscription was told so far; a story began when its first article was told."""
    columns, current = told_articles.c, story_articles.c
    story = func.coalesce(current.story_id, columns.story_id)
    query = (
        select(columns.article_id, columns.version, story, postings.c.due_at)
        .select_from(told_articles)
        .outerjoin(story_articles, current.article_id == columns.article_id)
        .outerjoin(postings, postings.c.key == columns.posting)
        .where(columns.subscription_id == subscription_id)
    )
    versions: dict[str, int] = {}
    stories: dict[str, datetime] = {}
    with reading(engine) as connection:
        for article_id, version, story_id, told_at in connection.execute(query):
            versions[article_id] = version
            if told_at is not None:
                stories[story_id] = min(told_at, stories.get(story_id, told_at))
    return Told(versions, stories)


@dataclass(frozen=True, slots=True)
class LateArrivals:
    """From when a digest must tell, so that what was published before its window and read only
    after the digest before is not lost; `passed_over` was read in time, and is not for telling.
    """

    since: datetime
    passed_over: Mapping[str, int]

    def beside(self, told: Told) -> Told:
        """What needs no telling: what was told, and what could have been and was not."""
        return replace(told, versions={**self.passed_over, **told.versions})


def late_arrivals(engine: Engine, since: datetime, known_at: datetime) -> LateArrivals:
    """What was published in the two days before `since` and read from `known_at` on."""
    columns = articles.c
    shortly_before = (columns.published_at >= since - LATEST_ARRIVAL, columns.published_at < since)
    query = select(columns.id, columns.version, columns.published_at, columns.first_read_at)
    query = query.where(*shortly_before, columns.withdrawn_at.is_(None))
    with reading(engine) as connection:
        found = connection.execute(query).all()
    earliest = min(
        (row.published_at for row in found if row.first_read_at >= known_at), default=since
    )
    kept = (row for row in found if row.published_at >= earliest and row.first_read_at < known_at)
    return LateArrivals(earliest, {row.id: row.version for row in kept})

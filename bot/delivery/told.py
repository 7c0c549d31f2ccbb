"""What each subscription was told: articles in the version that was sent, and since when.

`told_articles` keeps of each article the posting that told it first. Stories are looked up as
they are grouped now, so that a story that was joined or split is known all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, insert, select, update

from corpus.store.database import reading
from corpus.store.schema import articles, postings, story_articles
from corpus.store.schema import told_articles as table
from retrieval.digests.nouns import Digest, Told

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
    columns = table.c
    for one in told:
        known = connection.execute(
            update(table)
            .where(columns.subscription_id == subscription_id, columns.article_id == one.article_id)
            .values(version=one.version)
        )
        if known.rowcount == 0 and one.story_id is not None:
            connection.execute(
                insert(table).values(
                    subscription_id=subscription_id,
                    article_id=one.article_id,
                    story_id=one.story_id,
                    version=one.version,
                    posting=posting,
                )
            )


def told_to(engine: Engine, subscription_id: str) -> Told:
    """What a subscription was told so far; a story began when its first article was told."""
    columns, current = table.c, story_articles.c
    story = func.coalesce(current.story_id, columns.story_id)
    query = (
        select(columns.article_id, columns.version, story, postings.c.due_at)
        .select_from(table)
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
    shortly_before = (
        columns.published_at >= since - LATEST_ARRIVAL,
        columns.published_at < since,
        columns.withdrawn_at.is_(None),
    )
    query = select(columns.id, columns.version, columns.published_at, columns.first_read_at)
    with reading(engine) as connection:
        found = connection.execute(query.where(*shortly_before)).all()
    earliest = min(
        (row.published_at for row in found if row.first_read_at >= known_at), default=since
    )
    return LateArrivals(
        earliest,
        {
            row.id: row.version
            for row in found
            if row.published_at >= earliest and row.first_read_at < known_at
        },
    )

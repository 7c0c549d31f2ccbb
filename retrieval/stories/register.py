"""Where stories are kept: which article belongs to which, by whose decision.

`stories` and `story_articles` are written by the follower of the store's changes
(`retrieval.stories.follower`) and by people who join or split stories by hand. What a person
decided is `fixed`, and every such decision moves the counter "story corrections", so that a
follower which grouped without knowing of it writes nothing and reads again. A joined story keeps
its row, with the story that it went into; its id goes on to lead there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from corpus.articles import Article
from corpus.errors import StoreError
from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading, writing
from corpus.store.rows import batches
from retrieval.stories import tables
from retrieval.stories.grouping import new_story_id
from retrieval.stories.nouns import Story, moment_of
from retrieval.stories.tables import CORRECTIONS, COUNTER, Changes, Member, Span, Stand, StoryError

_stories, _members = schema.stories.c, schema.story_articles.c


class StoryRegister:
    """Stories by id, article and time. Safe to share between threads and processes."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._engine = store.engine

    # -- reading -----------------------------------------------------------------------------

    def stories(self, since: datetime | None = None, until: datetime | None = None) -> list[Story]:
        """Stories with an article of [since, until), each with all its articles, newest first."""
        told = select(_members.story_id).distinct()
        if since is not None:
            told = told.where(_members.told_at >= since)
        if until is not None:
            told = told.where(_members.told_at < until)
        found = self._with_articles(told.join(schema.articles).where(tables.is_current()))
        return sorted(found, key=lambda story: (story.ends, story.begins, story.id), reverse=True)

    def story(self, story_id: str) -> Story | None:
        """The story of that id, or the one that it was joined to; None for an unknown id."""
        with reading(self._engine) as connection:
            living = tables.living(connection, story_id)
        found = self._with_articles(select(_stories.id).where(_stories.id == living))
        return found[0] if found else None

    def of_article(self, article_id: str) -> str | None:
        """The id of the story that an article belongs to; None while it has not been placed."""
        with reading(self._engine) as connection:
            return connection.scalar(
                select(_members.story_id).where(_members.article_id == article_id)
            )

    def _with_articles(self, stories: Any) -> list[Story]:
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(_members.article_id, _members.story_id)
                .join(schema.articles)
                .where(_members.story_id.in_(stories), tables.is_current())
            ).all()
        of_story: dict[str, list[Article]] = {}
        story_of = {row.article_id: row.story_id for row in rows}
        for article in self._store.articles(story_of):
            of_story.setdefault(story_of[article.id], []).append(article)
        return [
            Story(story_id, tuple(sorted(articles, key=lambda one: (moment_of(one), one.id))))
            for story_id, articles in of_story.items()
        ]

    # -- correcting --------------------------------------------------------------------------

    def join(self, one: str, other: str) -> str:
        """Make two stories one, for good; the id of the older one stays and is returned.

        StoryError for an unknown id, or where both are one story already.
        """
        with writing(self._engine) as connection:
            tables.count_correction(connection)
            spans = [tables.span(connection, story) for story in (one, other)]
            older, younger = sorted(spans, key=lambda span: (span.begun_at, span.id))
            if older.id == younger.id:
                raise StoryError(f"{one} and {other} are one story already.")
            connection.execute(
                update(schema.story_articles)
                .where(_members.story_id.in_([older.id, younger.id]))
                .values(story_id=older.id, fixed=True)
            )
            tables.lead(connection, younger.id, older.id)
            last = max(older.last_at, younger.last_at)
            tables.put(connection, Span(older.id, older.begun_at, last))
        return older.id

    def split(self, story_id: str, article_ids: Iterable[str]) -> str:
        """Part articles, and copies of the same texts, from a story; the new story's id.

        The rest keeps the id, and neither part draws the other in again. StoryError for an
        unknown story, an article of another one, or where nothing would be left.
        """
        wanted = set(article_ids)
        with writing(self._engine) as connection:
            tables.count_correction(connection)
            story = tables.span(connection, story_id).id
            origin = func.coalesce(schema.articles.c.duplicate_of, schema.articles.c.id)
            rows = connection.execute(
                select(_members.article_id, _members.told_at, origin.label("origin"))
                .join(schema.articles)
                .where(_members.story_id == story)
                .order_by(_members.told_at, _members.article_id)
            ).all()
            foreign = wanted - {row.article_id for row in rows}
            if foreign or not wanted:
                named = ", ".join(sorted(foreign)) or "No article"
                raise StoryError(f"{named}: not in the story {story}.")
            origins = {row.origin for row in rows if row.article_id in wanted}
            parted = [row for row in rows if row.origin in origins]
            rest = [row for row in rows if row.origin not in origins]
            if not rest:
                raise StoryError(f"Nothing would be left of the story {story}.")
            new = new_story_id(parted[0].origin, lambda one: tables.is_known(connection, one))
            for identity, part in ((new, parted), (story, rest)):
                tables.put(connection, Span(identity, part[0].told_at, part[-1].told_at))
            for identity, part in ((new, parted), (story, rest)):
                connection.execute(
                    update(schema.story_articles)
                    .where(_members.article_id.in_([row.article_id for row in part]))
                    .values(story_id=identity, fixed=True)
                )
        return new

    # -- following ---------------------------------------------------------------------------

    def stand(self) -> Stand:
        """How far the stories have come."""
        counters = schema.counters.c
        with reading(self._engine) as connection:
            values = dict(
                connection.execute(
                    select(counters.name, counters.value).where(
                        counters.name.in_([COUNTER, CORRECTIONS])
                    )
                ).all()
            )
        return Stand(values.get(COUNTER, 0), values.get(CORRECTIONS, 0))

    def living(self, since: datetime, until: datetime) -> list[str]:
        """Ids of stories that had begun by `until` and went on until `since` at least."""
        with reading(self._engine) as connection:
            return list(
                connection.scalars(
                    select(_stories.id).where(
                        _stories.joined_to.is_(None),
                        _stories.last_at >= since,
                        _stories.begun_at <= until,
                    )
                )
            )

    def is_living(self, story_id: str) -> bool:
        with reading(self._engine) as connection:
            return tables.living(connection, story_id) == story_id

    def stories_of(self, article_ids: Iterable[str]) -> set[str]:
        """Ids of the stories in which these articles are."""
        with reading(self._engine) as connection:
            return {
                story
                for batch in batches(list(article_ids))
                for story in connection.scalars(
                    select(_members.story_id).where(_members.article_id.in_(batch))
                )
            }

    def members(self, story_ids: Iterable[str]) -> list[Member]:
        """The members of these stories, in order of their moments."""
        with reading(self._engine) as connection:
            return [
                Member(row.article_id, row.story_id, row.told_at, row.fixed, row.vector)
                for batch in batches(sorted(story_ids))
                for row in connection.execute(
                    select(schema.story_articles)
                    .where(_members.story_id.in_(batch))
                    .order_by(_members.told_at, _members.article_id)
                )
            ]

    def write(self, stand: Stand, position: int, changes: Changes) -> bool:
        """Carry out a batch and move to `position`; False where `stand` is no longer true.

        Everything is written or nothing.
        """
        try:
            with writing(self._engine) as connection:
                tables.move(connection, COUNTER, stand.position, position)
                tables.move(connection, CORRECTIONS, stand.corrections, stand.corrections)
                for story, survivor in changes.joined:
                    tables.lead(connection, story, survivor)
                for span in changes.spans:
                    tables.put(connection, span)
                replaced = [*changes.gone, *(member.article_id for member in changes.written)]
                for batch in batches(replaced):
                    connection.execute(
                        delete(schema.story_articles).where(_members.article_id.in_(batch))
                    )
                if changes.written:
                    connection.execute(
                        insert(schema.story_articles), [asdict(one) for one in changes.written]
                    )
        except tables.Overtaken:
            return False
        except StoreError as error:
            if error.retry:
                return False
            raise
        return True

"""Rows of stories: what is read and written of them inside one transaction.

Called by `retrieval.stories.register`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from corpus.store import schema
from corpus.store.following import ChangePosition
from retrieval.errors import RetrievalError

COUNTER = "stories"
CORRECTIONS = "story corrections"

_stories, _members = schema.stories.c, schema.story_articles.c


class StoryError(RetrievalError):
    """A story cannot be corrected as was asked."""


class Overtaken(Exception):
    """Another process has moved on from the same stand."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the stories have followed the store, and how many corrections they hold."""

    position: int
    corrections: int


@dataclass(frozen=True, slots=True)
class Member:
    """An article's place: `told_at` is its moment, `vector` float16 bytes of its text's vector."""

    article_id: str
    story_id: str
    told_at: datetime
    fixed: bool
    vector: bytes | None


@dataclass(frozen=True, slots=True)
class Span:
    """A living story and the moments of its first and its last article."""

    id: str
    begun_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What following a batch of changes came to; `joined` in the order in which it happened."""

    written: Sequence[Member]
    gone: Collection[str]
    spans: Sequence[Span]
    joined: Sequence[tuple[str, str]]


def is_current() -> ColumnElement[bool]:
    """Joins members with their articles, without those withdrawn."""
    return and_(
        schema.articles.c.id == _members.article_id, schema.articles.c.withdrawn_at.is_(None)
    )


def living(connection: Connection, story_id: str) -> str | None:
    """The story that an id leads to."""
    found: str | None = connection.scalar(
        select(func.coalesce(_stories.joined_to, _stories.id)).where(_stories.id == story_id)
    )
    return found


def is_known(connection: Connection, story_id: str) -> bool:
    """Whether an id was ever given to a story."""
    return living(connection, story_id) is not None


def span(connection: Connection, story_id: str) -> Span:
    """The living story that an id leads to; StoryError where it leads nowhere."""
    row = connection.execute(
        select(_stories.id, _stories.begun_at, _stories.last_at).where(
            _stories.id == living(connection, story_id)
        )
    ).first()
    if row is None:
        raise StoryError(f"There is no story {story_id}; chancery stories lists them.")
    return Span(*row)


def lead(connection: Connection, story: str, survivor: str) -> None:
    """Let a story's id, and all that led to it, lead to another."""
    connection.execute(
        update(schema.stories)
        .where(or_(_stories.id == story, _stories.joined_to == story))
        .values(joined_to=survivor)
    )


def put(connection: Connection, span: Span) -> None:
    """Write a living story, new or known."""
    values = {"begun_at": span.begun_at, "last_at": span.last_at, "joined_to": None}
    put = connection.execute(update(schema.stories).where(_stories.id == span.id).values(**values))
    if put.rowcount == 0:
        connection.execute(insert(schema.stories).values(id=span.id, **values))


def count_correction(connection: Connection) -> None:
    """Make it known to followers that a person has changed memberships."""
    counters = schema.counters.c
    counted = connection.execute(
        update(schema.counters).where(counters.name == CORRECTIONS).values(value=counters.value + 1)
    )
    if counted.rowcount == 0:
        connection.execute(insert(schema.counters).values(name=CORRECTIONS, value=1))


def move(connection: Connection, name: str, known: int, value: int) -> None:
    """Move a counter on; Overtaken where it does not stand where it was known to."""
    if not ChangePosition(connection.engine, name).move(connection, known, value):
        raise Overtaken

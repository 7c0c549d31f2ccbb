"""Where stories are kept: which article belongs to which, by whose decision.

    StoryFollower ─ write ─▶ stories, story_articles ◀─ join, split ─ people
                                     └─ stories, story ─▶ Story, as of now or of a moment

What a person decided is `fixed`, and every such decision moves the counter "story corrections", so
that a follower (`retrieval.stories.follower`) which grouped without knowing of it writes nothing
and reads again. A joined story keeps its row, with the story that it went into; its id goes on to
lead there.

`StoriesAsOf` gives stories and quotations as they were known at a moment, for digests and summaries
of then. An article that was retracted since is in no story any more, so that these do not tell of
it; a search does (`retrieval.search.candidates`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from corpus.articles import Article
from corpus.errors import StoreError
from corpus.quotations.extraction import Quotation, quotations
from corpus.store import schema
from corpus.store.articles import ArticleStore, batches
from corpus.store.database import ChangePosition, reading, writing
from corpus.store.history import known_then
from retrieval.errors import RetrievalError
from retrieval.stories.grouping import new_story_id
from retrieval.stories.story import Stories, Story, moment_of

COUNTER = "stories"
CORRECTIONS = "story corrections"

_stories, _members = schema.stories.c, schema.story_articles.c


class StoryError(RetrievalError):
    """A story cannot be corrected as was asked."""


class _Overtaken(Exception):
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
        found = self._with_articles(told.join(schema.articles).where(_is_current()))
        return sorted(found, key=lambda story: (story.ends, story.begins, story.id), reverse=True)

    def story(self, story_id: str) -> Story | None:
        """The story of that id, or the one that it was joined to; None for an unknown id."""
        with reading(self._engine) as connection:
            living = _living(connection, story_id)
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
                .where(_members.story_id.in_(stories), _is_current())
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
            _count_correction(connection)
            spans = [_span(connection, story) for story in (one, other)]
            older, younger = sorted(spans, key=lambda span: (span.begun_at, span.id))
            if older.id == younger.id:
                raise StoryError(f"{one} and {other} are one story already.")
            connection.execute(
                update(schema.story_articles)
                .where(_members.story_id.in_([older.id, younger.id]))
                .values(story_id=older.id, fixed=True)
            )
            _lead(connection, younger.id, older.id)
            last = max(older.last_at, younger.last_at)
            _put(connection, Span(older.id, older.begun_at, last))
        return older.id

    def split(self, story_id: str, article_ids: Iterable[str]) -> str:
        """Part articles, and copies of the same texts, from a story; the new story's id.

        The rest keeps the id, and neither part draws the other in again. StoryError for an
        unknown story, an article of another one, or where nothing would be left.
        """
        wanted = set(article_ids)
        with writing(self._engine) as connection:
            _count_correction(connection)
            story = _span(connection, story_id).id
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
            new = new_story_id(parted[0].origin, lambda one: _living(connection, one) is not None)
            for identity, part in ((new, parted), (story, rest)):
                _put(connection, Span(identity, part[0].told_at, part[-1].told_at))
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
            return _living(connection, story_id) == story_id

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
                _move(connection, COUNTER, stand.position, position)
                _move(connection, CORRECTIONS, stand.corrections, stand.corrections)
                for story, survivor in changes.joined:
                    _lead(connection, story, survivor)
                for span in changes.spans:
                    _put(connection, span)
                replaced = [*changes.gone, *(member.article_id for member in changes.written)]
                for batch in batches(replaced):
                    connection.execute(
                        delete(schema.story_articles).where(_members.article_id.in_(batch))
                    )
                if changes.written:
                    connection.execute(
                        insert(schema.story_articles), [asdict(one) for one in changes.written]
                    )
        except _Overtaken:
            return False
        except StoreError as error:
            if error.retry:
                return False
            raise
        return True


def _is_current() -> ColumnElement[bool]:
    """Joins members with their articles, without those withdrawn."""
    return and_(
        schema.articles.c.id == _members.article_id, schema.articles.c.withdrawn_at.is_(None)
    )


def _living(connection: Connection, story_id: str) -> str | None:
    """The story that an id leads to."""
    found: str | None = connection.scalar(
        select(func.coalesce(_stories.joined_to, _stories.id)).where(_stories.id == story_id)
    )
    return found


def _span(connection: Connection, story_id: str) -> Span:
    """The living story that an id leads to; StoryError where it leads nowhere."""
    row = connection.execute(
        select(_stories.id, _stories.begun_at, _stories.last_at).where(
            _stories.id == _living(connection, story_id)
        )
    ).first()
    if row is None:
        raise StoryError(f"There is no story {story_id}; chancery stories lists them.")
    return Span(*row)


def _lead(connection: Connection, story: str, survivor: str) -> None:
    """Let a story's id, and all that led to it, lead to another."""
    connection.execute(
        update(schema.stories)
        .where(or_(_stories.id == story, _stories.joined_to == story))
        .values(joined_to=survivor)
    )


def _put(connection: Connection, span: Span) -> None:
    """Write a living story, new or known."""
    values = {"begun_at": span.begun_at, "last_at": span.last_at, "joined_to": None}
    put = connection.execute(update(schema.stories).where(_stories.id == span.id).values(**values))
    if put.rowcount == 0:
        connection.execute(insert(schema.stories).values(id=span.id, **values))


def _count_correction(connection: Connection) -> None:
    """Make it known to followers that a person has changed memberships."""
    counters = schema.counters.c
    counted = connection.execute(
        update(schema.counters).where(counters.name == CORRECTIONS).values(value=counters.value + 1)
    )
    if counted.rowcount == 0:
        connection.execute(insert(schema.counters).values(name=CORRECTIONS, value=1))


def _move(connection: Connection, name: str, known: int, value: int) -> None:
    """Move a counter on; _Overtaken where it does not stand where it was known to."""
    if not ChangePosition(connection.engine, name).move(connection, known, value):
        raise _Overtaken


class StoriesAsOf:
    """A register of stories as it looked at a moment: later articles out, older words in."""

    def __init__(self, register: Stories, store: ArticleStore, moment: datetime) -> None:
        self._register = register
        self._store = store
        self._moment = moment

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        """Stories with an article of [since, until), each as far as it was known then."""
        found = []
        for story in self._register.stories(since, until):
            articles = tuple(known_then(self._store, story.articles, self._moment))
            then = replace(story, articles=articles)
            if articles and then.within(since, until) is not None:
                found.append(then)
        return found

    def quoted(self, article_ids: Sequence[str]) -> Mapping[str, tuple[Quotation, ...]]:
        """The quotations of these articles in the words of then; unknown ids left out."""
        articles = known_then(self._store, self._store.articles(article_ids), self._moment)
        return {
            article.id: quotations([one.text for one in article.paragraphs], article.title)
            for article in articles
        }

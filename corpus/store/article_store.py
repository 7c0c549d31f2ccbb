"""The article store: every version of every article, in SQLite or PostgreSQL.

    open_store(url) -> ArticleStore      migrated to the current schema, or SchemaError

Writes go through `ArticleStore.write`, one short transaction for a batch. Every change of an
article draws a number; `changes_since(n)` is what the indexes follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    Engine,
    func,
    select,
    tuple_,
)

from corpus.articles import Article, ReadArticle, Source, SourceKind, Withdrawal
from corpus.decide import Amended, Candidate, Changed, Decision, Known, New
from corpus.store import schema
from corpus.store.database import connect, migrate, reading, writing
from corpus.store.rows import article_of, articles_of, batches, paragraphs_of
from corpus.store.writing import draw_numbers, withdraw, write_decision, write_source


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the store holds: current articles, their paragraphs, copies, versions."""

    articles: int
    paragraphs: int
    duplicates: int
    versions: int
    sources: int


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of an article: its number and the article as it now stands."""

    number: int
    article: Article


def open_store(url: str) -> ArticleStore:
    """Open the store at a database URL, creating or migrating its tables.

    Raises StoreError where the database cannot be reached, SchemaError where a later release
    of Chancery has written it.
    """
    engine = connect(url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return ArticleStore(engine)


class ArticleStore:
    """Articles by id, url, change number and sentence sketch. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        self.engine.dispose()

    # -- writing ---------------------------------------------------------------------------

    def known(self, articles: Sequence[ReadArticle]) -> dict[str, Known]:
        """Stored state by article id, for those of `articles` that the store has."""
        columns = schema.articles.c
        found: dict[str, Known] = {}
        with self._reading() as connection:
            for ids in batches([article.id for article in articles]):
                for row in connection.execute(select(schema.articles).where(columns.id.in_(ids))):
                    found[row.id] = Known(
                        version=row.version,
                        digest=row.digest,
                        title=row.title,
                        source=row.source,
                        kind=SourceKind(row.kind),
                        author=row.author,
                        published_at=row.published_at,
                        language=row.language,
                        duplicate_of=row.duplicate_of,
                        withdrawn=row.withdrawn_at is not None,
                        url=row.url,
                    )
        return found

    def candidates(self, hashes: Iterable[int], most: int = 20) -> list[Candidate]:
        """Articles that share sentences with these hashes, those that share most first."""
        wanted = list(hashes)
        if not wanted:
            return []
        sketches = schema.sketches.c
        with self._reading() as connection:
            ids = connection.scalars(
                select(sketches.article_id)
                .where(sketches.hash.in_(wanted))
                .group_by(sketches.article_id)
                .order_by(func.count().desc(), sketches.article_id)
                .limit(most)
            ).all()
        found = {article.id: article for article in self.articles(ids)}
        return [
            Candidate(
                article.id,
                article.published_at,
                tuple(paragraph.text for paragraph in article.paragraphs),
                article.duplicate_of,
            )
            for article in (found[identity] for identity in ids if identity in found)
            if article.withdrawn_at is None
        ]

    def write(self, decisions: Sequence[Decision], read_at: datetime) -> None:
        """Carry out decisions in one transaction; `Unchanged` writes nothing.

        An article that another process stored since it was looked up raises StoreError with
        `retry` set: nothing of the batch is written, decide again.
        """
        effective = [
            decision for decision in decisions if isinstance(decision, New | Changed | Amended)
        ]
        if not effective:
            return
        with self._writing() as connection:
            last = draw_numbers(connection, len(effective))
            for offset, decision in enumerate(effective):
                number = last - len(effective) + 1 + offset
                write_decision(connection, decision, number, read_at)

    def withdraw(self, article_id: str, moment: datetime) -> bool:
        """Mark an article as taken back by its source; False where it already was taken out."""
        with self._writing() as connection:
            return withdraw(connection, [article_id], moment, Withdrawal.RETRACTED) == 1

    def put_sources(self, sources: Iterable[Source]) -> None:
        """Record sources by name; one that exists is replaced, how it is polled stays."""
        with self._writing() as connection:
            for source in sources:
                write_source(connection, source)

    # -- reading ---------------------------------------------------------------------------

    def articles(self, ids: Iterable[str]) -> list[Article]:
        """Current versions of the articles with these ids; unknown ids are left out."""
        with self._reading() as connection:
            rows = [
                row
                for batch in batches(list(ids))
                for row in connection.execute(
                    select(schema.articles).where(schema.articles.c.id.in_(batch))
                )
            ]
            return articles_of(connection, rows)

    def texts(
        self, places: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], tuple[str, datetime | None]]:
        """Single paragraphs as they stand, by article id and number: text, and when the article
        was published. What is not there, or was withdrawn, is left out."""
        articles, paragraphs = schema.articles.c, schema.paragraphs.c
        joined = schema.articles.join(
            schema.paragraphs,
            (paragraphs.article_id == articles.id) & (paragraphs.version == articles.version),
        )
        with self._reading() as connection:
            return {
                (row.article_id, row.number): (row.text, row.published_at)
                for batch in batches(list(places))
                for row in connection.execute(
                    select(
                        paragraphs.article_id,
                        paragraphs.number,
                        paragraphs.text,
                        articles.published_at,
                    )
                    .select_from(joined)
                    .where(tuple_(paragraphs.article_id, paragraphs.number).in_(batch))
                    .where(articles.withdrawn_at.is_(None))
                )
            }

    def article(self, article_id: str) -> Article | None:
        """The current version of one article, or None."""
        found = self.articles([article_id])
        return found[0] if found else None

    def version(self, article_id: str, version: int) -> Article | None:
        """One version of an article as it read then, or None."""
        versions = schema.versions.c
        with self._reading() as connection:
            current = connection.execute(
                select(schema.articles).where(schema.articles.c.id == article_id)
            ).first()
            row = connection.execute(
                select(schema.versions).where(
                    versions.article_id == article_id, versions.version == version
                )
            ).first()
            if current is None or row is None:
                return None
            texts = paragraphs_of(connection, [(article_id, version)])
        return article_of(
            current,
            texts.get(article_id, ()),
            version=version,
            title=row.title,
            author=row.author,
            published_at=row.published_at,
            read_at=row.read_at,
        )

    def changes_since(self, number: int, limit: int = 500) -> list[Change]:
        """Articles changed after `number`, in the order of their last change."""
        columns = schema.articles.c
        with self._reading() as connection:
            rows = connection.execute(
                select(schema.articles)
                .where(columns.change > number)
                .order_by(columns.change)
                .limit(limit)
            ).all()
            articles = {article.id: article for article in articles_of(connection, rows)}
        return [Change(row.change, articles[row.id]) for row in rows]

    def last_change(self) -> int:
        """Number of the newest change, 0 for an empty store."""
        columns = schema.articles.c
        with self._reading() as connection:
            return connection.scalar(select(func.max(columns.change))) or 0

    def pending(self, number: int) -> tuple[int, int]:
        """How many articles, and how many paragraphs of theirs, changed after `number`."""
        columns, texts = schema.articles.c, schema.paragraphs.c
        with self._reading() as connection:
            articles = connection.scalar(
                select(func.count()).select_from(schema.articles).where(columns.change > number)
            )
            paragraphs = connection.scalar(
                select(func.count())
                .select_from(schema.articles)
                .join(
                    schema.paragraphs,
                    (texts.article_id == columns.id) & (texts.version == columns.version),
                )
                .where(columns.change > number)
            )
        return articles or 0, paragraphs or 0

    def copies(self, ids: Iterable[str]) -> dict[str, list[Article]]:
        """For each id, the articles that are copies of it (without the article itself)."""
        found: dict[str, list[Article]] = {}
        with self._reading() as connection:
            for batch in batches(list(ids)):
                rows = connection.execute(
                    select(schema.articles).where(schema.articles.c.duplicate_of.in_(batch))
                )
                for row in rows:
                    found.setdefault(row.duplicate_of, []).append(article_of(row, ()))
        return found

    def source_names(self) -> list[str]:
        """Names of all sources that have articles, in alphabetical order."""
        column = schema.articles.c.source
        with self._reading() as connection:
            return list(
                connection.scalars(
                    select(column).where(column.is_not(None)).distinct().order_by(column)
                )
            )

    def counts(self) -> Counts:
        columns, texts = schema.articles.c, schema.paragraphs.c
        with self._reading() as connection:
            articles = connection.scalar(select(func.count()).select_from(schema.articles))
            paragraphs = connection.scalar(
                select(func.count())
                .select_from(schema.articles)
                .join(
                    schema.paragraphs,
                    (texts.article_id == columns.id) & (texts.version == columns.version),
                )
            )
            duplicates = connection.scalar(
                select(func.count())
                .select_from(schema.articles)
                .where(columns.duplicate_of.is_not(None))
            )
            versions = connection.scalar(select(func.count()).select_from(schema.versions))
            sources = connection.scalar(select(func.count(columns.source.distinct())))
        return Counts(articles or 0, paragraphs or 0, duplicates or 0, versions or 0, sources or 0)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self.engine) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with reading(self.engine) as connection:
            yield connection

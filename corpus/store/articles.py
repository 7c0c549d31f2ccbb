"""The article store: every version of every article, in SQLite or PostgreSQL.

    open_store(url) -> ArticleStore      migrated to the current schema, or SchemaError

Writes go through `ArticleStore.write`, one short transaction for a batch of decisions. Every change
of an article draws a number; `changes_since(n)` is what the indexes follow. The functions take a
connection, so that others (`corpus.feeds.registry`, `corpus.store.history`) can do in one
transaction what belongs together.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
    URL,
    Column,
    Connection,
    Engine,
    Row,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from corpus.articles import (
    Article,
    Later,
    Paragraph,
    ReadArticle,
    Source,
    SourceKind,
    Withdrawal,
    kind_of,
    publishes_at,
    read_paragraphs,
)
from corpus.decisions import Amended, Candidate, Changed, Decision, Known, New
from corpus.errors import StoreError
from corpus.store import schema
from corpus.store.database import connect, migrate, reading, writing
from corpus.text.differences import likeness

Item = TypeVar("Item")

# SQLite takes at most 32,766 variables in a statement; a tuple of three uses three.
_BATCH = 5_000
REPEATED = 5
"""Articles of one source in which the same paragraph stands for it to be boilerplate. Statements
of one event share paragraphs in two or three of them."""


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


def open_store(url: str | URL) -> ArticleStore:
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


IDENTITY = "identity"
# What the row of an article says in one word with the decisions about it.
_KNOWN = str.split("version digest title source author published_at language duplicate_of url")


class ArticleStore:
    """Articles by id, url, change number and sentence sketch. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        self.engine.dispose()

    # -- writing ---------------------------------------------------------------------------

    def known(self, articles: Sequence[ReadArticle]) -> dict[str, Known]:
        """Stored state by article id, for those of `articles` that the store has."""
        columns, sources = schema.articles.c, schema.sources.c
        joined = schema.articles.outerjoin(schema.sources, sources.name == columns.source)
        query = select(
            schema.articles, sources.url.label("site"), sources.feed_url.label("feed_url")
        ).select_from(joined)
        found: dict[str, Known] = {}
        with reading(self.engine) as connection:
            for ids in batches([article.id for article in articles]):
                for row in connection.execute(query.where(columns.id.in_(ids))):
                    found[row.id] = Known(
                        **{name: getattr(row, name) for name in _KNOWN},
                        kind=SourceKind(row.kind),
                        withdrawn=row.withdrawn_at is not None,
                        is_own=publishes_at(row.url, row.site, row.feed_url),
                    )
        return found

    def paragraphs(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The texts of the current versions of the articles with these ids."""
        return {
            article.id: tuple(one.text for one in article.paragraphs)
            for article in self.articles(ids)
        }

    def candidates(self, hashes: Iterable[int], most: int = 20) -> list[Candidate]:
        """Articles that share sentences with these hashes, those that share most first."""
        wanted = list(hashes)
        if not wanted:
            return []
        sketches = schema.sketches.c
        with reading(self.engine) as connection:
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
                article.title,
                article.source,
                article.url,
            )
            for article in (found[identity] for identity in ids if identity in found)
            if article.withdrawn_at is None
        ]

    def write(self, decisions: Sequence[Decision], read_at: datetime) -> None:
        """Carry out decisions in one transaction; `Unchanged` writes nothing.

        An article that another process stored since it was looked up raises StoreError with
        `retry` set: nothing of the batch is written, decide again.
        """
        effective = [one for one in decisions if isinstance(one, New | Changed | Amended)]
        if not effective:
            return
        with writing(self.engine) as connection:
            last = draw_numbers(connection, len(effective))
            for offset, decision in enumerate(effective):
                number = last - len(effective) + 1 + offset
                write_decision(connection, decision, number, read_at)

    def withdraw(self, article_id: str, moment: datetime) -> bool:
        """Mark an article as taken back by its source; False where it already was taken out."""
        with writing(self.engine) as connection:
            return withdraw(connection, [article_id], moment, Withdrawal.RETRACTED) == 1

    def put_sources(self, sources: Iterable[Source]) -> None:
        """Record sources by name; one that exists is replaced, how it is polled stays."""
        with writing(self.engine) as connection:
            for source in sources:
                write_source(connection, source)

    # -- reading ---------------------------------------------------------------------------

    def articles(self, ids: Iterable[str]) -> list[Article]:
        """Current versions of the articles with these ids; unknown ids are left out."""
        with reading(self.engine) as connection:
            rows: list[Row[Any]] = []
            for batch in batches(list(ids)):
                wanted = select(schema.articles).where(schema.articles.c.id.in_(batch))
                rows += connection.execute(wanted)
            return articles_of(connection, rows)

    def texts(
        self, places: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], tuple[str, datetime | None]]:
        """Single paragraphs as they stand, by article id and number: text, and when the article
        was published. What is not there, or was withdrawn, is left out."""
        articles, paragraphs = schema.articles.c, schema.paragraphs.c
        with reading(self.engine) as connection:
            return {
                (row.article_id, row.number): (row.text, row.published_at)
                for batch in batches(list(places))
                for wanted in [_rows(paragraphs.article_id, paragraphs.number, batch)]
                for row in connection.execute(
                    select(
                        paragraphs.article_id,
                        paragraphs.number,
                        paragraphs.text,
                        articles.published_at,
                    )
                    .select_from(wanted)
                    .join(schema.articles, articles.id == wanted.c.article_id)
                    .join(
                        schema.paragraphs,
                        schema.CURRENT_PARAGRAPHS & (paragraphs.number == wanted.c.number),
                    )
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
        with reading(self.engine) as connection:
            of_article = select(schema.articles).where(schema.articles.c.id == article_id)
            current = connection.execute(of_article).first()
            of_version = select(schema.versions).where(versions.article_id == article_id)
            row = connection.execute(of_version.where(versions.version == version)).first()
            if current is None or row is None:
                return None
            texts = paragraphs_of(connection, [(article_id, version)])
        return article_of(current, texts.get(article_id, ()), row)

    def changes_since(self, number: int, limit: int = 500) -> list[Change]:
        """Articles changed after `number`, in the order of their last change."""
        columns = schema.articles.c
        with reading(self.engine) as connection:
            changed = select(schema.articles).where(columns.change > number)
            rows = connection.execute(changed.order_by(columns.change).limit(limit)).all()
            articles = {article.id: article for article in articles_of(connection, rows)}
        return [Change(row.change, articles[row.id]) for row in rows]

    def last_change(self) -> int:
        """Number of the newest change, 0 for an empty store."""
        columns = schema.articles.c
        with reading(self.engine) as connection:
            return connection.scalar(select(func.max(columns.change))) or 0

    def newest(self) -> datetime | None:
        """When the newest article was published; None where none has a date."""
        columns = schema.articles.c
        with reading(self.engine) as connection:
            found: datetime | None = connection.scalar(
                select(func.max(columns.published_at)).where(columns.withdrawn_at.is_(None))
            )
        return found

    def pending(self, number: int) -> tuple[int, int]:
        """How many articles, and how many paragraphs of theirs, changed after `number`."""
        changed = select(func.count()).where(schema.articles.c.change > number)
        changed = changed.select_from(schema.articles)
        texts = changed.join(schema.paragraphs, schema.CURRENT_PARAGRAPHS)
        with reading(self.engine) as connection:
            return connection.scalar(changed) or 0, connection.scalar(texts) or 0

    @property
    def identity(self) -> str:
        """What tells this store from any other, so that an index knows whose it is."""
        counters = schema.counters.c
        query = select(counters.value).where(counters.name == IDENTITY)
        with reading(self.engine) as connection:
            known = connection.scalar(query)
        if known is not None:
            return f"{known:x}"
        try:
            with writing(self.engine) as connection:
                row = {"name": IDENTITY, "value": secrets.randbits(62)}
                connection.execute(insert(schema.counters).values(row))
        except StoreError as error:
            if not error.retry:
                raise
        return self.identity

    def readable_paragraphs(self, number: int) -> int:
        """How many paragraphs an index holds that has seen all changes until `number`."""
        columns, texts = schema.articles.c, schema.paragraphs.c
        query = (
            select(func.count())
            .select_from(schema.articles)
            .join(schema.paragraphs, schema.CURRENT_PARAGRAPHS)
            .where(
                columns.change <= number,
                columns.withdrawn_at.is_(None),
                func.trim(texts.text) != "",
            )
        )
        with reading(self.engine) as connection:
            return connection.scalar(query) or 0

    def copies(self, ids: Iterable[str]) -> dict[str, list[Article]]:
        """For each id, the articles that are copies of it (without the article itself)."""
        found: dict[str, list[Article]] = {}
        with reading(self.engine) as connection:
            for batch in batches(list(ids)):
                copies = schema.articles.c.duplicate_of.in_(batch)
                for row in connection.execute(select(schema.articles).where(copies)):
                    found.setdefault(row.duplicate_of, []).append(article_of(row, ()))
        return found

    def source_names(self) -> list[str]:
        """Names of all sources that have articles, in alphabetical order."""
        column = schema.articles.c.source
        named = select(column).where(column.is_not(None)).distinct().order_by(column)
        with reading(self.engine) as connection:
            return list(connection.scalars(named))

    def counts(self) -> Counts:
        columns = schema.articles.c
        counted = select(func.count()).select_from(schema.articles)
        texts = counted.join(schema.paragraphs, schema.CURRENT_PARAGRAPHS)
        with reading(self.engine) as connection:
            articles = connection.scalar(counted)
            paragraphs = connection.scalar(texts)
            duplicates = connection.scalar(counted.where(columns.duplicate_of.is_not(None)))
            versions = connection.scalar(select(func.count()).select_from(schema.versions))
            sources = connection.scalar(select(func.count(columns.source.distinct())))
        return Counts(articles or 0, paragraphs or 0, duplicates or 0, versions or 0, sources or 0)


def articles_of(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Article]:
    texts = paragraphs_of(connection, [(row.id, row.version) for row in rows])
    return [article_of(row, texts.get(row.id, ())) for row in rows]


def paragraphs_of(
    connection: Connection, keys: Sequence[tuple[str, int]]
) -> Mapping[str, tuple[Paragraph, ...]]:
    columns = schema.paragraphs.c
    found: dict[str, tuple[Paragraph, ...]] = {}
    for batch in batches(list(dict.fromkeys(keys))):
        wanted = _rows(columns.article_id, columns.version, batch)
        rows = connection.execute(
            select(
                columns.article_id,
                columns.number,
                columns.text,
                columns.speaker,
                columns.role,
                columns.asked,
                columns.words_from,
                schema.boilerplate.c.likeness.is_not(None),
            )
            .select_from(wanted)
            .join(
                schema.paragraphs,
                (columns.article_id == wanted.c.article_id) & (columns.version == wanted.c.version),
            )
            .outerjoin(schema.boilerplate, schema.boilerplate.c.likeness == columns.likeness)
            .order_by(columns.article_id, columns.number)
        )
        for identity, group in groupby(rows, key=lambda row: row.article_id):
            found[identity] = tuple(Paragraph(*row) for row in group)
    return found


def article_of(
    row: Row[Any], paragraphs: tuple[Paragraph, ...], version: Row[Any] | None = None
) -> Article:
    """The article of a row, or as it read in a version of it, whose row is given too."""
    said = row if version is None else version
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
        # What an earlier release withdrew had been retracted.
        withdrawal=Withdrawal(row.withdrawal or Withdrawal.RETRACTED) if row.withdrawn_at else None,
        later=Later(row.version, row.read_at) if said.version != row.version else None,
        version=said.version,
        title=said.title,
        author=said.author,
        published_at=said.published_at,
        read_at=said.read_at,
    )


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _rows(first: Column[Any], second: Column[Any], pairs: Sequence[tuple[Any, Any]]) -> CTE:
    """Values of two columns as a table to join with: of pairs after IN SQLite asks no index but
    compares each with every row. As text, since it takes twice as long to put together otherwise.
    """
    listed = ", ".join(f"(:first{place}, :second{place})" for place in range(len(pairs)))
    given = {f"first{place}": pair[0] for place, pair in enumerate(pairs)}
    given |= {f"second{place}": pair[1] for place, pair in enumerate(pairs)}
    named = f"column1 AS {first.name}, column2 AS {second.name}"
    rows = text(f"SELECT {named} FROM (VALUES {listed}) AS listed").bindparams(**given)
    return rows.columns(first, second).cte("wanted")


def draw_numbers(connection: Connection, count: int) -> int:
    """Draw `count` change numbers and return the last.

    The row stays locked until the transaction ends, so that numbers become visible in order.
    """
    drawn = connection.execute(
        update(schema.counters)
        .where(schema.counters.c.name == "change")
        .values(value=schema.counters.c.value + count)
        .returning(schema.counters.c.value)
    ).scalar_one()
    return int(drawn)


def write_decision(
    connection: Connection, decision: New | Changed | Amended, number: int, read_at: datetime
) -> None:
    article = decision.article
    if isinstance(decision, Amended):
        given = {
            "source": article.source,
            "author": article.author,
            "published_at": article.published_at,
            "language": article.language,
            "kind": article.kind.value if article.kind else None,
            "url": article.url if article.identity else None,
        }
        told = {key: value for key, value in given.items() if value}
        version = connection.scalar(
            update(schema.articles)
            .where(schema.articles.c.id == article.id)
            .values(change=number, withdrawn_at=None, withdrawal=None, **told)
            .returning(schema.articles.c.version)
        )
        of_version = {key: told[key] for key in ("author", "published_at") if key in told}
        if of_version:
            columns = schema.versions.c
            same = (columns.article_id == article.id, columns.version == version)
            connection.execute(update(schema.versions).where(*same).values(**of_version))
        return
    named = ("url", "title", "source", "author", "published_at", "language", "digest")
    values = {name: getattr(article, name) for name in named} | {
        "kind": (article.kind or _known_kind(connection, article)).value,
        "read_at": read_at,
        "duplicate_of": decision.duplicate_of,
        "change": number,
    }
    if isinstance(decision, New):
        version = 1
        values |= {"id": article.id, "first_read_at": read_at}
        connection.execute(insert(schema.articles).values(version=version, **values))
    else:
        version = decision.version
        values |= {"withdrawn_at": None, "withdrawal": None}
        stored = update(schema.articles).where(schema.articles.c.id == article.id)
        connection.execute(stored.values(version=version, **values))
    _write_text(connection, article, version, decision.sketch, read_at)


def withdraw(connection: Connection, ids: Sequence[str], moment: datetime, why: Withdrawal) -> int:
    """Take articles out, each as a change of its own; how many were not out already."""
    columns = schema.articles.c
    # The lock on the counter comes first, so that what is read here stays so.
    number = draw_numbers(connection, 0)
    withdrawn = 0
    for identity in ids:
        done = connection.execute(
            update(schema.articles)
            .where(columns.id == identity, columns.withdrawn_at.is_(None))
            .values(withdrawn_at=moment, withdrawal=why.value, change=number + withdrawn + 1)
        )
        withdrawn += done.rowcount
    draw_numbers(connection, withdrawn)
    return withdrawn


def write_source(connection: Connection, source: Source) -> None:
    """Record a publisher by name; what is known of polling its feed stays."""
    values = asdict(source) | {"kind": source.kind.value}
    columns = schema.sources.c
    existing = connection.execute(
        update(schema.sources).where(columns.name == source.name).values(**values)
    )
    if existing.rowcount == 0:
        connection.execute(insert(schema.sources).values(**values))


def _write_text(
    connection: Connection,
    article: ReadArticle,
    version: int,
    marks: Sequence[int],
    read_at: datetime,
) -> None:
    connection.execute(
        insert(schema.versions).values(
            article_id=article.id,
            version=version,
            title=article.title,
            author=article.author,
            published_at=article.published_at,
            digest=article.digest,
            read_at=read_at,
        )
    )
    rows = paragraph_rows(article, version)
    if rows:
        connection.execute(insert(schema.paragraphs), rows)
    learn_repetition(connection, {row["likeness"] for row in rows if row["likeness"]})
    connection.execute(delete(schema.sketches).where(schema.sketches.c.article_id == article.id))
    if marks:
        connection.execute(
            insert(schema.sketches), [{"hash": mark, "article_id": article.id} for mark in marks]
        )


def paragraph_rows(article: ReadArticle, version: int) -> list[dict[str, Any]]:
    """The rows of a text's paragraphs, with who speaks and what they are recognised by."""
    return [
        {
            "article_id": article.id,
            "version": version,
            "number": paragraph.number,
            "text": paragraph.text,
            "speaker": paragraph.speaker,
            "role": paragraph.role,
            "asked": paragraph.asked,
            "words_from": paragraph.words_from,
            "likeness": likeness(article.source, paragraph.text) if article.source else None,
        }
        for paragraph in read_paragraphs(article)
    ]


def learn_repetition(connection: Connection, hashes: Iterable[int]) -> None:
    """Take for boilerplate which of these paragraphs stand in `REPEATED` articles of their source.

    Copies of a text count once. What is boilerplate stays so.
    """
    texts, known = schema.paragraphs.c, schema.boilerplate.c.likeness
    for batch in batches(sorted(hashes)):
        learned = set(connection.scalars(select(known).where(known.in_(batch))))
        origins = func.coalesce(schema.articles.c.duplicate_of, schema.articles.c.id)
        repeated = connection.scalars(
            select(texts.likeness)
            .join(schema.articles, schema.articles.c.id == texts.article_id)
            .where(texts.likeness.in_([one for one in batch if one not in learned]))
            .group_by(texts.likeness)
            .having(func.count(origins.distinct()) >= REPEATED)
        ).all()
        if repeated:
            connection.execute(insert(schema.boilerplate), [{"likeness": one} for one in repeated])


def _known_kind(connection: Connection, article: ReadArticle) -> SourceKind:
    """The kind recorded for the article's source, else what its address tells."""
    if article.source is not None:
        recorded = connection.scalar(
            select(schema.sources.c.kind).where(schema.sources.c.name == article.source)
        )
        if recorded is not None:
            return SourceKind(recorded)
    return kind_of(article.source, article.url)

"""Who is quoted where: the quotations of every article as it now stands.

    store.changes_since(position) -> quotations(article) -> rows replaced, position moved

Follows the store's change numbers like an index. The position moves in the transaction that
writes the rows, and only from where this follower found it: of two processes that did the same
batch one writes it, and a crash leaves the batch undone, to be done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from corpus.articles import Article
from corpus.errors import StoreError
from corpus.quotations.extraction import Quotation, quotations
from corpus.quotations.speaker_names import NamedSpeaker, Speaker, SpeakerNames
from corpus.store import schema
from corpus.store.articles import ArticleStore, Change, batches
from corpus.store.database import ChangePosition, reading, writing
from corpus.store.history import changed_after
from corpus.text.names import speaker_key

COUNTER = "quotations"
_ARTICLES_A_BATCH = 100
_FIELDS = [one.name for one in fields(Quotation)]


@dataclass(frozen=True, slots=True)
class StoredQuotation:
    """A quotation and the version of the article in which it stands."""

    article_id: str
    version: int
    quotation: Quotation


class QuotationRegister:
    """Quotations by article and by speaker. Safe to share between threads and processes."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._engine = store.engine
        self._position = ChangePosition(store.engine, COUNTER)
        self._directory: tuple[int, SpeakerNames] | None = None

    # -- following the store -----------------------------------------------------------------

    @property
    def position(self) -> int:
        """Number of the last change of the store that this register holds."""
        return self._position.value

    def catch_up(self) -> int:
        """Register what has changed; the number of articles read."""
        read = 0
        while True:
            position = self.position
            changes = self._store.changes_since(position, _ARTICLES_A_BATCH)
            if not changes:
                return read
            if self._register(position, changes):
                read += len(changes)

    def _register(self, position: int, changes: Sequence[Change]) -> bool:
        """Write one batch; False where another process has moved on from `position` first."""
        articles = [change.article for change in changes]
        rows = [
            _row(article, place, quotation)
            for article in articles
            for place, quotation in enumerate(_quotations_of(article))
        ]
        try:
            with writing(self._engine) as connection:
                if not self._position.move(connection, position, changes[-1].number):
                    return False
                replaced = schema.quotations.c.article_id.in_([article.id for article in articles])
                connection.execute(delete(schema.quotations).where(replaced))
                if rows:
                    connection.execute(insert(schema.quotations), rows)
        except StoreError as error:
            if error.retry:
                return False
            raise
        return True

    # -- reading -----------------------------------------------------------------------------

    def of(self, article_ids: Iterable[str]) -> dict[str, tuple[Quotation, ...]]:
        """The quotations of these articles as they now stand, in order; unknown ids left out.

        What is not registered yet is read from the article's text, which takes milliseconds.
        """
        ids = list(dict.fromkeys(article_ids))
        columns, rows = schema.articles.c, schema.quotations.c
        counter = (
            select(schema.counters.c.value)
            .where(schema.counters.c.name == COUNTER)
            .scalar_subquery()
        )
        found: dict[str, list[Quotation]] = {}
        with reading(self._engine) as connection:
            for batch in batches(ids):
                # One statement, so that the counter and the rows are of one moment.
                registered = connection.execute(
                    select(columns.id.label("of_article"), schema.quotations)
                    .select_from(schema.articles)
                    .outerjoin(schema.quotations, schema.CURRENT_QUOTATIONS)
                    .where(columns.id.in_(batch), columns.change <= func.coalesce(counter, 0))
                    .order_by(columns.id, rows.position)
                )
                for row in registered:
                    of_article = found.setdefault(row.of_article, [])
                    if row.article_id is not None:
                        of_article.append(_quotation(row))
        result = {identity: tuple(quoted) for identity, quoted in found.items()}
        missing = [identity for identity in ids if identity not in found]
        for article in self._store.articles(missing):
            result[article.id] = _quotations_of(article)
        return result

    def speakers(self) -> list[Speaker]:
        """Everybody who is quoted, most quoted first."""
        return self._names().speakers()

    def named(self, name: str) -> NamedSpeaker:
        """Who is meant by a name, or part of one, as a person types it."""
        return self._names().named(name)

    def said_by(
        self, speaker: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[StoredQuotation]:
        """What a speaker said in articles published from `since` to `until`, both inclusive.

        In order of publication, undated articles last (they satisfy no bound). Nothing where
        the name fits nobody, or several.
        """
        meant = self.named(speaker).speaker
        return [] if meant is None else self.said_under(meant.keys, since, until)

    def said_under(
        self,
        keys: Sequence[str],
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
    ) -> list[StoredQuotation]:
        """What was said under these speaker keys, in order of publication.

        With `as_of` in the words that the articles had then (`corpus.store.history`); nothing
        published later.
        """
        if as_of is not None:
            until = min(until, as_of) if until is not None else as_of
        columns, rows = schema.articles.c, schema.quotations.c
        wanted = (
            select(schema.quotations, columns.published_at)
            .join(schema.articles, schema.CURRENT_QUOTATIONS)
            .where(rows.speaker_key.in_(keys), columns.withdrawn_at.is_(None))
        )
        if since is not None:
            wanted = wanted.where(columns.published_at >= since)
        if until is not None:
            wanted = wanted.where(columns.published_at <= until)
        with reading(self._engine) as connection:
            found = [
                (row.published_at, StoredQuotation(row.article_id, row.version, _quotation(row)))
                for row in connection.execute(wanted)
            ]
        if as_of is not None:
            then = {one.id: one for one in changed_after(self._store, as_of, since, until)}
            found = [one for one in found if one[1].article_id not in then]
            found += [
                (article.published_at, StoredQuotation(article.id, article.version, quotation))
                for article in then.values()
                for quotation in _quotations_in(article)
                if speaker_key(quotation.speaker) in keys
            ]
        return [one for _, one in sorted(found, key=_in_order)]

    def _names(self) -> SpeakerNames:
        position = self.position
        if self._directory is None or self._directory[0] != position:
            rows = schema.quotations.c
            count = func.count().label("said")
            with reading(self._engine) as connection:
                found = connection.execute(
                    select(rows.speaker, rows.role, count).group_by(rows.speaker, rows.role)
                ).all()
            names = SpeakerNames((row.speaker, row.role, row.said) for row in found)
            self._directory = (position, names)
        return self._directory[1]


def _in_order(one: tuple[datetime | None, StoredQuotation]) -> tuple[bool, float, str, int, int]:
    published, stored = one
    at, said = published.timestamp() if published else 0.0, stored.quotation
    return published is None, at, stored.article_id, said.paragraph, said.start


def _quotations_of(article: Article) -> tuple[Quotation, ...]:
    return () if article.withdrawn_at is not None else _quotations_in(article)


def _quotations_in(article: Article) -> tuple[Quotation, ...]:
    return quotations([paragraph.text for paragraph in article.paragraphs], article.title)


def _row(article: Article, place: int, quotation: Quotation) -> dict[str, Any]:
    where = {"article_id": article.id, "position": place, "version": article.version}
    return {**where, "speaker_key": speaker_key(quotation.speaker), **asdict(quotation)}


def _quotation(row: Row[Any]) -> Quotation:
    return Quotation(**{name: getattr(row, name) for name in _FIELDS})

"""Tables of the article store.

`articles` holds what is current, `versions` and `paragraphs` every version ever read.
`articles.change` is the number of the article's last change; numbers are drawn from
`counters` inside the transaction that writes, so that they become visible in their order
and a follower that has seen number n misses nothing below it.

`paragraphs.likeness` is a digest of the source and of the text without its numbers and dates, and
`boilerplate` holds those that stand in many articles of their source (`corpus.store.articles`).

`sources` holds publishers; those with a `feed_url` are polled. `feed_entries` remembers what was
seen in each feed: which article an entry became and a digest of its text, so that an entry is
read once and again when it was edited. `address` is the article id that its link would give;
`wanted` the page or document behind it that could not be had, asked for again at `wanted_at`.

Whatever is derived from articles follows their change numbers; how far each follower has come
stands in `counters` under its own name and moves in the transaction that writes what it derived.

Tables of whoever builds on the store may stand on the same `metadata`, as those of the bot do, so
that one history of migrations serves for a database.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    and_,
    false,
    true,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes, kept as UTC without an offset, which SQLite and PostgreSQL both order."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("name", String(400), primary_key=True),
    Column("url", Text),
    Column("kind", String(16), nullable=False),
    Column("country", String(2)),
    Column("language", Text),
    Column("feed_url", Text),
    Column("interval_seconds", Integer),
    Column("full_text", Boolean, nullable=False, server_default=true()),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("health", String(16)),
    Column("reason", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("feed_updated_at", UtcDateTime),
    Column("next_poll_at", UtcDateTime),
    Column("last_polled_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("moved_to", Text),
    Column("added_by", Text),
    Column("added_at", UtcDateTime),
)

feed_entries = Table(
    "feed_entries",
    metadata,
    Column("source", String(400), ForeignKey("sources.name"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("article_id", String(16), nullable=False),
    Column("address", String(16)),
    Column("url", Text),
    Column("digest", String(64), nullable=False),
    Column("updated_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("wanted", Text),
    Column("wanted_at", UtcDateTime),
    Index("ix_feed_entries_article_id", "article_id"),
    Index("ix_feed_entries_source_address", "source", "address"),
    Index("ix_feed_entries_source_digest", "source", "digest"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text),
    Column("kind", String(16), nullable=False),
    Column("author", Text),
    Column("published_at", UtcDateTime),
    Column("language", Text),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("first_read_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("duplicate_of", String(16)),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawal", String(16)),
    Column("change", BigInteger, nullable=False),
    Index("ix_articles_change", "change", unique=True),
    Index("ix_articles_published_at", "published_at"),
    Index("ix_articles_duplicate_of", "duplicate_of"),
)

versions = Table(
    "versions",
    metadata,
    Column("article_id", String(16), ForeignKey("articles.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("author", Text),
    Column("published_at", UtcDateTime),
    Column("digest", String(64), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)

paragraphs = Table(
    "paragraphs",
    metadata,
    Column("article_id", String(16), ForeignKey("articles.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("speaker", Text),
    Column("role", Text),
    Column("asked", Boolean, nullable=False, server_default=false()),
    Column("words_from", Integer, nullable=False, server_default="0"),
    Column("likeness", BigInteger),
    Index("ix_paragraphs_likeness", "likeness"),
)

boilerplate = Table(
    "boilerplate", metadata, Column("likeness", BigInteger, primary_key=True, autoincrement=False)
)

sketches = Table(
    "sketches",
    metadata,
    Column("hash", BigInteger, primary_key=True),
    Column("article_id", String(16), ForeignKey("articles.id"), primary_key=True),
    Index("ix_sketches_article_id", "article_id"),
)

quotations = Table(
    "quotations",
    metadata,
    Column("article_id", String(16), ForeignKey("articles.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("speaker_key", Text, nullable=False),
    Column("role", Text),
    Column("verb", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("direct", Boolean, nullable=False),
    Index("ix_quotations_speaker_key", "speaker_key"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("joined_to", String(16)),
    Index("ix_stories_last_at", "last_at"),
)

story_articles = Table(
    "story_articles",
    metadata,
    Column("article_id", String(16), ForeignKey("articles.id"), primary_key=True),
    Column("story_id", String(16), ForeignKey("stories.id"), nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("fixed", Boolean, nullable=False, server_default=false()),
    Column("vector", LargeBinary),
    Index("ix_story_articles_story_id", "story_id"),
    Index("ix_story_articles_told_at", "told_at"),
)

CURRENT_PARAGRAPHS = and_(
    paragraphs.c.article_id == articles.c.id, paragraphs.c.version == articles.c.version
)
CURRENT_QUOTATIONS = and_(
    quotations.c.article_id == articles.c.id, quotations.c.version == articles.c.version
)
"""What joins articles with the paragraphs, and the quotations, of the version that is current."""

"""What polling a source's feed needs, and the entries seen in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from corpus.store import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for column in (
        sa.Column("feed_url", sa.Text(), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=True),
        sa.Column("full_text", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("health", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("feed_updated_at", schema.UtcDateTime(), nullable=True),
        sa.Column("next_poll_at", schema.UtcDateTime(), nullable=True),
        sa.Column("last_polled_at", schema.UtcDateTime(), nullable=True),
        sa.Column("last_success_at", schema.UtcDateTime(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=True),
        sa.Column("added_at", schema.UtcDateTime(), nullable=True),
    ):
        op.add_column("sources", column)
    op.create_table(
        "feed_entries",
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("article_id", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=16), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", schema.UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", schema.UtcDateTime(), nullable=False),
        sa.Column("read_at", schema.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_feed_entries_source")),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_feed_entries")),
    )
    op.create_index("ix_feed_entries_article_id", "feed_entries", ["article_id"])
    op.create_index("ix_feed_entries_source_address", "feed_entries", ["source", "address"])
    op.create_index("ix_feed_entries_source_digest", "feed_entries", ["source", "digest"])

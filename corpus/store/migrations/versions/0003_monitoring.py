"""Monitoring: quotations, stories, subscriptions, watches, postings and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from corpus.store import schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", schema.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("story_id", sa.String(length=16), nullable=False),
        sa.Column("muted_at", schema.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "story_id", name=op.f("pk_mutes")),
    )
    op.create_table(
        "postings",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("follows", sa.String(length=200), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", schema.UtcDateTime(), nullable=False),
        sa.Column("wait_until", schema.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claimed_at", schema.UtcDateTime(), nullable=True),
        sa.Column("claims", sa.Integer(), server_default="0", nullable=False),
        sa.Column("posted_at", schema.UtcDateTime(), nullable=True),
        sa.Column("posted_as", sa.String(length=160), nullable=True),
        sa.Column("turn_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("composed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_reader_kind", "postings", ["reader", "kind"], unique=False)
    op.create_index("ix_postings_state_due_at", "postings", ["state", "due_at"], unique=False)
    op.create_table(
        "stories",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("begun_at", schema.UtcDateTime(), nullable=False),
        sa.Column("last_at", schema.UtcDateTime(), nullable=False),
        sa.Column("joined_to", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index("ix_stories_last_at", "stories", ["last_at"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("days", sa.String(length=32), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", schema.UtcDateTime(), nullable=False),
        sa.Column("active_from", schema.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_reader", "subscriptions", ["reader"], unique=False)
    op.create_table(
        "told_articles",
        sa.Column("subscription_id", sa.String(length=16), nullable=False),
        sa.Column("article_id", sa.String(length=16), nullable=False),
        sa.Column("story_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("posting", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "article_id", name=op.f("pk_told_articles")),
    )
    op.create_index(
        "ix_told_articles_subscription_id_story_id",
        "told_articles",
        ["subscription_id", "story_id"],
        unique=False,
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_to", sa.String(length=5), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", schema.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_reader", "watches", ["reader"], unique=False)
    op.create_table(
        "quotations",
        sa.Column("article_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("speaker_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_quotations_article_id")
        ),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_quotations")),
    )
    op.create_index("ix_quotations_speaker_key", "quotations", ["speaker_key"], unique=False)
    op.create_table(
        "story_articles",
        sa.Column("article_id", sa.String(length=16), nullable=False),
        sa.Column("story_id", sa.String(length=16), nullable=False),
        sa.Column("told_at", schema.UtcDateTime(), nullable=False),
        sa.Column("fixed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_story_articles_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_articles_story_id")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_articles")),
    )
    op.create_index("ix_story_articles_story_id", "story_articles", ["story_id"], unique=False)
    op.create_index("ix_story_articles_told_at", "story_articles", ["told_at"], unique=False)
    op.add_column(
        "turns", sa.Column("kind", sa.String(length=16), server_default="answer", nullable=False)
    )
    op.add_column("turns", sa.Column("marks", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("withdrawal", sa.String(length=16), nullable=True))

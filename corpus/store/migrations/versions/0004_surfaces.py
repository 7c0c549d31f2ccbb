"""Surfaces: feedback, what can be shared, and questions that outlive their process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from corpus.store import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", schema.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "person", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_at", "feedback", ["at"], unique=False)
    op.add_column("turns", sa.Column("understood", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("shown", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("content", sa.Text(), nullable=True))
    op.add_column("claimed_events", sa.Column("person", sa.String(length=64), nullable=True))
    op.add_column("claimed_events", sa.Column("asked", sa.Text(), nullable=True))
    op.add_column("claimed_events", sa.Column("held_by", sa.String(length=32), nullable=True))
    op.add_column("claimed_events", sa.Column("renewed_at", schema.UtcDateTime(), nullable=True))
    op.create_index(
        "ix_claimed_events_person_claimed_at",
        "claimed_events",
        ["person", "claimed_at"],
        unique=False,
    )

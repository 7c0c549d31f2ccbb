"""Pages of feed items that could not be had: which are asked for again, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("feed_entries", sa.Column("wanted", sa.Text(), nullable=True))
    op.add_column("feed_entries", sa.Column("wanted_at", sa.DateTime(), nullable=True))

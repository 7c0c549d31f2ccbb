"""Who speaks in a paragraph, what is asked, what a source repeats; how an answer came about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from corpus.articles import ReadArticle
from corpus.store.articles import learn_repetition, paragraph_rows

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("turns", sa.Column("trace", sa.Text(), nullable=True))
    op.add_column("paragraphs", sa.Column("speaker", sa.Text(), nullable=True))
    op.add_column("paragraphs", sa.Column("role", sa.Text(), nullable=True))
    op.add_column(
        "paragraphs", sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "paragraphs", sa.Column("words_from", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("paragraphs", sa.Column("likeness", sa.BigInteger(), nullable=True))
    op.create_index("ix_paragraphs_likeness", "paragraphs", ["likeness"], unique=False)
    op.create_table(
        "boilerplate",
        sa.Column("likeness", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("likeness", name=op.f("pk_boilerplate")),
    )
    _read_again()
    # Reporters' questions stood there under the names of those who were asked.
    op.execute("DELETE FROM counters WHERE name = 'quotations'")


def _read_again() -> None:
    """Fill the columns for the versions that are there."""
    connection = op.get_bind()
    versions = connection.execute(
        sa.text(
            "SELECT v.article_id, v.version, v.title, a.source FROM versions v"
            " JOIN articles a ON a.id = v.article_id ORDER BY v.article_id, v.version"
        )
    ).all()
    texts = sa.text(
        "SELECT text FROM paragraphs WHERE article_id = :article_id AND version = :version"
        " ORDER BY number"
    )
    filled = sa.text(
        "UPDATE paragraphs SET speaker = :speaker, role = :role, asked = :asked,"
        " words_from = :words_from, likeness = :likeness"
        " WHERE article_id = :article_id AND version = :version AND number = :number"
    )
    hashes: set[int] = set()
    for identity, version, title, source in versions:
        found = connection.scalars(texts, {"article_id": identity, "version": version}).all()
        read = ReadArticle("", title, tuple(found), source, identity=identity)
        if rows := paragraph_rows(read, version):
            connection.execute(filled, rows)
            hashes.update(row["likeness"] for row in rows if row["likeness"])
    learn_repetition(connection, hashes)

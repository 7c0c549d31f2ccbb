"""The bot's own tables, in the store's database and on its `metadata`: one history of migrations.

`turns` holds everything posted with citations (answers, summaries, digests, alerts), so that
*Show paragraphs* and corrections are one thing for all of them. A turn keeps the question as
`understood` where earlier turns completed it, the messages `shown` to one person alone, which that
person may share, and as `content` what it said, section by section with marks, and how much was
withheld: what a cable is made of. `trace` is how an answer came about, in numbers without a word.

`claimed_events` keeps what was `asked` until it is dealt with, so that a question outlives its
process. `postings` is the outbox, what is to be posted unasked: a key names it once and for all,
whoever comes to post it. `told_articles` is what a subscription was told.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from corpus.store.schema import UtcDateTime, metadata

claimed_events = Table(
    "claimed_events",
    metadata,
    Column("event_id", String(128), primary_key=True),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("person", String(64)),
    Column("asked", Text),
    Column("held_by", String(32)),
    Column("renewed_at", UtcDateTime),
    Index("ix_claimed_events_claimed_at", "claimed_at"),
    Index("ix_claimed_events_person_claimed_at", "person", "claimed_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", String(160), nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("posted_as", String(160)),
    Column("kind", String(16), nullable=False, server_default="answer"),
    Column("marks", Text),
    Column("understood", Text),
    Column("shown", Text),
    Column("content", Text),
    Column("trace", Text),
    Index("ix_turns_conversation_asked_at", "conversation", "asked_at"),
)

turn_citations = Table(
    "turn_citations",
    metadata,
    Column("turn_id", String(32), ForeignKey("turns.id"), primary_key=True),
    Column("mark", Integer, primary_key=True),
    Column("article_id", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Index("ix_turn_citations_article_id_number", "article_id", "number"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("reason", Text),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_feedback_at", "at"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("reader", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", String(5), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("days", String(32), nullable=False),
    Column("topics", Text, nullable=False),
    Column("places", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("length", Integer, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("active_from", UtcDateTime, nullable=False),
    Index("ix_subscriptions_reader", "reader"),
)

watches = Table(
    "watches",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("reader", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("criteria", Text, nullable=False),
    Column("quiet_from", String(5)),
    Column("quiet_to", String(5)),
    Column("zone", String(64), nullable=False),
    Column("daily_cap", Integer, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_watches_reader", "reader"),
)

mutes = Table(
    "mutes",
    metadata,
    Column("reader", String(64), primary_key=True),
    Column("story_id", String(16), primary_key=True),
    Column("muted_at", UtcDateTime, nullable=False),
)

postings = Table(
    "postings",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reader", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("follows", String(200)),
    Column("payload", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("wait_until", UtcDateTime),
    Column("state", String(16), nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("claims", Integer, nullable=False, server_default="0"),
    Column("posted_at", UtcDateTime),
    Column("posted_as", String(160)),
    Column("turn_id", String(32)),
    Column("note", Text),
    Column("composed", Text),
    Index("ix_postings_state_due_at", "state", "due_at"),
    Index("ix_postings_reader_kind", "reader", "kind"),
)

told_articles = Table(
    "told_articles",
    metadata,
    Column("subscription_id", String(16), primary_key=True),
    Column("article_id", String(16), primary_key=True),
    Column("story_id", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("posting", String(200), nullable=False),
    Index("ix_told_articles_subscription_id_story_id", "subscription_id", "story_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text),
    Index("ix_audit_at", "at"),
)

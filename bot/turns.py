"""Turns of conversations: what was asked, what was answered, which paragraphs were cited.

Follow-ups, *Show paragraphs* and corrections work from here, never from rendered messages.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select, update

from corpus.schema import turn_citations, turns
from retrieval.answers import Answer, NoAnswer, Outcome
from retrieval.questions import Turn

MOST_EARLIER = 6


@dataclass(frozen=True, slots=True)
class Cited:
    """A paragraph that a turn cites, in the version that was cited, and the words quoted."""

    mark: int
    article_id: str
    version: int
    number: int
    quote: str


class Turns:
    """Recorded turns by id and by conversation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, conversation: str, asked_by: str, asked_at: datetime, outcome: Outcome) -> str:
        """Keep a turn before it is posted; returns its id."""
        identity = uuid.uuid4().hex
        said = (
            [statement.text for statement in outcome.statements]
            if isinstance(outcome, Answer)
            else []
        )
        rows = [
            {
                "turn_id": identity,
                "mark": mark,
                "article_id": article_id,
                "version": version,
                "number": number,
                "quote": quote,
            }
            for mark, article_id, version, number, quote in _cited(outcome)
        ]
        with self._engine.begin() as connection:
            connection.execute(
                insert(turns).values(
                    id=identity,
                    conversation=conversation,
                    asked_by=asked_by,
                    asked_at=asked_at,
                    question=outcome.question.text,
                    answer=json.dumps(said, ensure_ascii=False),
                )
            )
            if rows:
                connection.execute(insert(turn_citations), rows)
        return identity

    def posted(self, identity: str, posted_as: str) -> None:
        """Record where a turn was posted, as "channel:ts"."""
        with self._engine.begin() as connection:
            connection.execute(
                update(turns).where(turns.c.id == identity).values(posted_as=posted_as)
            )

    def earlier(self, conversation: str) -> tuple[Turn, ...]:
        """The last turns of a conversation, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(turns.c.question, turns.c.answer)
                .where(turns.c.conversation == conversation)
                .order_by(turns.c.asked_at.desc(), turns.c.id)
                .limit(MOST_EARLIER)
            ).all()
        return tuple(Turn(row.question, " ".join(json.loads(row.answer))) for row in rows[::-1])

    def cited(self, identity: str) -> list[Cited]:
        """What a turn cites (or offered as nearest), by mark; empty for an unknown turn."""
        columns = turn_citations.c
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(
                    columns.mark,
                    columns.article_id,
                    columns.version,
                    columns.number,
                    columns.quote,
                )
                .where(columns.turn_id == identity)
                .order_by(columns.mark)
            ).all()
        return [Cited(*row) for row in rows]


def _cited(outcome: Outcome) -> list[tuple[int, str, int, int, str]]:
    if isinstance(outcome, NoAnswer):
        return [
            (position, passage.article.id, passage.article.version, passage.paragraph.number, "")
            for position, passage in enumerate(outcome.nearest, start=1)
        ]
    return [
        (
            citation.mark,
            citation.article.id,
            citation.article.version,
            citation.paragraph.number,
            citation.quote,
        )
        for citation in outcome.citations
    ]

"""Turns of conversations: what was asked, what was answered, which paragraphs were cited.

Follow-ups, *Show paragraphs* and corrections work from here, never from rendered messages.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from corpus.store.schema import turn_citations, turns
from retrieval.answers import Answer, Citation, NoAnswer, Outcome
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
        said = (
            [statement.text for statement in outcome.statements]
            if isinstance(outcome, Answer)
            else []
        )
        marks = (
            [list(statement.citations) for statement in outcome.statements]
            if isinstance(outcome, Answer)
            else []
        )
        question = outcome.question.text
        return self._keep(
            "answer", conversation, asked_by, asked_at, question, said, outcome, marks
        )

    def record_posting(
        self,
        kind: str,
        conversation: str,
        asked_by: str,
        at: datetime,
        title: str,
        said: Sequence[str],
        citations: Sequence[Citation],
    ) -> str:
        """Keep a summary, digest or alert before it is posted; returns its turn's id.

        `title` stands where an answer has its question; `said` are its sentences in order.
        """
        return self._keep(kind, conversation, asked_by, at, title, said, citations)

    def _keep(
        self,
        kind: str,
        conversation: str,
        asked_by: str,
        at: datetime,
        question: str,
        said: Sequence[str],
        cited: Outcome | Sequence[Citation],
        marks: Sequence[Sequence[int]] | None = None,
    ) -> str:
        """`marks` are those of each of the sentences `said`, where sentences are counted."""
        identity = uuid.uuid4().hex
        rows = [
            {
                "turn_id": identity,
                "mark": mark,
                "article_id": article_id,
                "version": version,
                "number": number,
                "quote": quote,
            }
            for mark, article_id, version, number, quote in _cited(cited)
        ]
        with self._engine.begin() as connection:
            connection.execute(
                insert(turns).values(
                    id=identity,
                    kind=kind,
                    conversation=conversation,
                    asked_by=asked_by,
                    asked_at=at,
                    question=question,
                    answer=json.dumps(list(said), ensure_ascii=False),
                    marks=None if marks is None else json.dumps(marks),
                )
            )
            if rows:
                connection.execute(insert(turn_citations), rows)
        return identity

    def posted(self, identity: str, posted_as: str) -> None:
        """Record where a turn was posted, as "channel:ts"."""
        with self._engine.begin() as connection:
            write_posted(connection, identity, posted_as)

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


def write_posted(
    connection: Connection, identity: str, posted_as: str, conversation: str | None = None
) -> None:
    """Record where a turn was posted, in a transaction of the caller's.

    `conversation` is the one that it begins, where that was not known before.
    """
    begun = {"conversation": conversation} if conversation else {}
    connection.execute(
        update(turns).where(turns.c.id == identity).values(posted_as=posted_as, **begun)
    )


def _cited(outcome: Outcome | Sequence[Citation]) -> list[tuple[int, str, int, int, str]]:
    if isinstance(outcome, NoAnswer):
        return [
            (position, passage.article.id, passage.article.version, passage.paragraph.number, "")
            for position, passage in enumerate(outcome.nearest, start=1)
        ]
    citations = outcome.citations if isinstance(outcome, Answer) else outcome
    return [
        (
            citation.mark,
            citation.article.id,
            citation.article.version,
            citation.paragraph.number,
            citation.quote,
        )
        for citation in citations
    ]

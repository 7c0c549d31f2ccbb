"""Turns of conversations: what was asked, what was answered, which paragraphs were cited.

Follow-ups, *Show paragraphs* and corrections work from here, never from rendered messages.

Feedback belongs to turns. A person has one verdict on a turn: a later click changes it. A reason is
kept only with the verdict *not helpful*. It is text of people, which is shown to admins and never
logged.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from bot.db.schema import feedback as table
from bot.db.schema import turn_citations, turns
from bot.records import FeedbackCounts, GivenReason
from bot.render.blocks import Message
from bot.render.page import (
    Content,
    content_as_json,
    content_from_json,
    content_of_outcome,
    content_of_statements,
)
from corpus.articles import Article
from corpus.store.articles import ArticleStore
from corpus.store.database import reading, writing
from retrieval.answers.trace import kept, trace
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Statement
from retrieval.questions.understand import Turn

LONGEST_REASON = 600


MOST_EARLIER = 6

Noted = Callable[[Outcome, datetime], None]
"""Is told what came of a question, and when it was asked."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A paragraph that a turn cites, in the version that was cited, and the words quoted."""

    mark: int
    article_id: str
    version: int
    number: int
    quote: str


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn as it was recorded, its citations rebuilt from the versions that were cited.

    `kind` is answer, summary, digest, alert, quotes or timeline. `statements` are those with a
    source, in order; `content` has them in their sections. A refusal has none, and its citations
    (without a quote) are what was nearest. `posted_as` is "channel:ts";
    `trace` is how an answer came about, without a word (`retrieval.answers.trace.kept`).
    """

    id: str
    kind: str
    conversation: str
    asked_by: str
    asked_at: datetime
    question: str
    understood: str | None
    content: Content
    citations: tuple[Citation, ...]
    posted_as: str | None = None
    trace: dict[str, Any] | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.content.statements


class Turns:
    """Recorded turns by id and by conversation."""

    def __init__(self, engine: Engine, noted: Noted | None = None) -> None:
        """`noted` is told of every answer and refusal that is recorded."""
        self._engine = engine
        self._noted = noted

    def record(
        self,
        conversation: str,
        asked_by: str,
        asked_at: datetime,
        outcome: Outcome,
        understood: str | None = None,
    ) -> str:
        """Keep a turn before it is posted; returns its id.

        `understood` is the question as earlier turns completed it, None where it stood alone.
        """
        statements = outcome.statements if isinstance(outcome, Answer) else ()
        if self._noted is not None:
            self._noted(outcome, asked_at)
        return self._keep(
            outcome,
            content_of_outcome(outcome),
            kind="answer",
            conversation=conversation,
            asked_by=asked_by,
            asked_at=asked_at,
            question=outcome.question.text,
            answer=_json([statement.text for statement in statements]),
            marks=_json([statement.citations for statement in statements]),
            understood=understood,
            trace=json.dumps(kept(trace(outcome)), ensure_ascii=False),
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
        content: Content | None = None,
    ) -> str:
        """Keep a summary, digest or alert before it is posted; returns its turn's id.

        `title` stands where an answer has its question; `said` are its sentences in order;
        `content` is what it says section by section, with marks.
        """
        about = {"kind": kind, "conversation": conversation, "asked_by": asked_by, "asked_at": at}
        return self._keep(citations, content, **about, question=title, answer=_json(said))

    def _keep(
        self, outcome: Outcome | Sequence[Citation], content: Content | None, **values: Any
    ) -> str:
        identity = uuid.uuid4().hex
        rows = [{"turn_id": identity, **asdict(cited)} for cited in _cited(outcome)]
        said = None if content is None else content_as_json(content)
        with self._engine.begin() as connection:
            connection.execute(insert(turns).values(id=identity, content=said, **values))
            if rows:
                connection.execute(insert(turn_citations), rows)
        return identity

    def show(self, identity: str, messages: Sequence[Message]) -> None:
        """Keep the messages of a turn that one person alone was shown, for sharing them."""
        held = [{"text": message.text, "blocks": list(message.blocks)} for message in messages]
        with self._engine.begin() as connection:
            connection.execute(
                update(turns).where(turns.c.id == identity).values(shown=_json(held))
            )

    def posted(self, identity: str, posted_as: str) -> None:
        """Record where a turn was posted, as "channel:ts"."""
        with self._engine.begin() as connection:
            write_posted(connection, identity, posted_as)

    def earlier(self, conversation: str) -> tuple[Turn, ...]:
        """The last turns of a conversation, oldest first, questions as they were understood."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(turns.c.question, turns.c.understood, turns.c.answer)
                .where(turns.c.conversation == conversation)
                .order_by(turns.c.asked_at.desc(), turns.c.id)
                .limit(MOST_EARLIER)
            ).all()
        return tuple(
            Turn(row.understood or row.question, " ".join(json.loads(row.answer)))
            for row in rows[::-1]
        )

    def cited(self, identity: str) -> list[Cited]:
        """What a turn cites (or offered as nearest), by mark; empty for an unknown turn."""
        columns = turn_citations.c
        kept = (columns.mark, columns.article_id, columns.version, columns.number, columns.quote)
        query = select(*kept).where(columns.turn_id == identity).order_by(columns.mark)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Cited(*row) for row in rows]

    def kind(self, identity: str) -> str | None:
        """What a turn is: answer, summary, …; None where it is not kept."""
        with reading(self._engine) as connection:
            found: str | None = connection.scalar(
                select(turns.c.kind).where(turns.c.id == identity)
            )
        return found

    def recorded(self, identity: str) -> RecordedTurn | None:
        """A turn with what it said and cited; None where it is no longer kept.

        A citation whose article is no longer kept is left out.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(turns).where(turns.c.id == identity)).first()
        if row is None:
            return None
        return RecordedTurn(
            id=row.id,
            kind=row.kind,
            conversation=row.conversation,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            question=row.question,
            understood=row.understood,
            content=_content(row.content, row.answer, row.marks),
            citations=tuple(self._citations(self.cited(identity))),
            posted_as=row.posted_as,
            trace=json.loads(row.trace) if row.trace else None,
        )

    def _citations(self, cited: Sequence[Cited]) -> Iterator[Citation]:
        store = ArticleStore(self._engine)
        pairs = dict.fromkeys((one.article_id, one.version) for one in cited)
        versions = {pair: store.version(*pair) for pair in pairs}
        copies = carriers(store, [article for article in versions.values() if article])
        for one in cited:
            article = versions[one.article_id, one.version]
            if article is None or not 1 <= one.number <= len(article.paragraphs):
                continue
            paragraph, copied = article.paragraph(one.number), copies.get(article.id, ())
            yield Citation(one.mark, article, paragraph, one.quote, copied)


class Feedback:
    """Verdicts on turns, in the store's database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def has_turn(self, turn_id: str) -> bool:
        """Whether a turn is still kept."""
        with reading(self._engine) as connection:
            return connection.scalar(select(turns.c.id).where(turns.c.id == turn_id)) is not None

    def record(
        self, turn_id: str, person: str, helpful: bool, reason: str | None, now: datetime
    ) -> bool:
        """Keep a person's verdict in place of their earlier one; False where the turn is gone.

        Without a `reason` that of the same verdict before stays.
        """
        reason = None if helpful or not reason else reason[:LONGEST_REASON]
        with writing(self._engine) as connection:
            if connection.scalar(select(turns.c.id).where(turns.c.id == turn_id)) is None:
                return False
            known = self._verdict(connection, turn_id, person)
            values = {"helpful": helpful, "reason": reason, "at": now}
            if known is None:
                connection.execute(insert(table).values(turn_id=turn_id, person=person, **values))
                return True
            if known[0] == helpful and reason is None:
                values["reason"] = known[1]
            theirs = update(table).where(table.c.turn_id == turn_id, table.c.person == person)
            connection.execute(theirs.values(**values))
        return True

    def verdict(self, turn_id: str, person: str) -> tuple[bool, str | None] | None:
        """Whether somebody found a turn helpful, and why not; None where they did not say."""
        with reading(self._engine) as connection:
            return self._verdict(connection, turn_id, person)

    def counts(self, since: datetime | None = None) -> FeedbackCounts:
        """Verdicts, only those given since then where that is named."""
        query = select(table.c.helpful, func.count()).group_by(table.c.helpful)
        if since is not None:
            query = query.where(table.c.at >= since)
        with reading(self._engine) as connection:
            found = {bool(row[0]): int(row[1]) for row in connection.execute(query)}
        return FeedbackCounts(found.get(True, 0), found.get(False, 0))

    def latest(self, n: int = 5) -> list[GivenReason]:
        """The newest reasons, newest first, without who gave them."""
        query = (
            select(turns.c.id, turns.c.kind, turns.c.question, table.c.reason, table.c.at)
            .join(turns, turns.c.id == table.c.turn_id)
            .where(table.c.helpful.is_(False), table.c.reason.is_not(None))
            .order_by(table.c.at.desc(), table.c.turn_id, table.c.person)
            .limit(n)
        )
        with reading(self._engine) as connection:
            return [GivenReason(*row) for row in connection.execute(query)]

    @staticmethod
    def _verdict(
        connection: Connection, turn_id: str, person: str
    ) -> tuple[bool, str | None] | None:
        query = select(table.c.helpful, table.c.reason).where(table.c.turn_id == turn_id)
        row = connection.execute(query.where(table.c.person == person)).one_or_none()
        return None if row is None else (bool(row.helpful), row.reason)


def carriers(store: ArticleStore, articles: Sequence[Article]) -> dict[str, tuple[Article, ...]]:
    """Where else each article stands: its copies, or of a copy the first and the other copies."""
    first = {one.id: one.duplicate_of or one.id for one in articles}
    copies = store.copies(set(first.values()))
    of_copies = {origin for identity, origin in first.items() if origin != identity}
    originals = {one.id: one for one in store.articles(of_copies)}
    found: dict[str, tuple[Article, ...]] = {}
    for identity, origin in first.items():
        family = [*([originals[origin]] if origin in originals else []), *copies.get(origin, ())]
        found[identity] = tuple(
            one for one in family if one.id != identity and one.withdrawn_at is None
        )
    return found


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


def _content(content: str | None, answer: str, marks: str | None) -> Content:
    """What was said; of a turn that was kept before contents were, its sentences."""
    if content is not None:
        return content_from_json(content)
    said = json.loads(answer)
    each = json.loads(marks) if marks else [()] * len(said)
    pairs = zip(said, each, strict=True)
    return content_of_statements([Statement(text, tuple(numbers)) for text, numbers in pairs])


def _cited(outcome: Outcome | Sequence[Citation]) -> list[Cited]:
    if isinstance(outcome, NoAnswer):
        return [
            Cited(position, found.article.id, found.article.version, found.paragraph.number, "")
            for position, found in enumerate(outcome.nearest, start=1)
        ]
    citations = outcome.citations if isinstance(outcome, Answer) else outcome
    return [
        Cited(one.mark, one.article.id, one.article.version, one.paragraph.number, one.quote)
        for one in citations
    ]


def _json(held: Sequence[Any]) -> str:
    return json.dumps(list(held), ensure_ascii=False)

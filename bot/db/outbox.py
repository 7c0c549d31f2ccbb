"""The outbox: what is to be posted unasked, each under a key that names it once and for all.

    waiting ── claim_due ──▶ claimed ── posted ──▶ posted
       ▲                        │ └───── skip ───▶ skipped
       └────── wait_until ──────┘

A claim is a compare-and-set on the number of claims, so that of several processes one gets it. A
claim that was not ended for two minutes can be taken over; whoever still holds it notices when
it renews its claim, which it does right before every message. What was composed (`Composed`) is
kept before anything is posted, so that whoever takes over posts the same and only what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, Update, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.db.schema import postings as table
from bot.db.subscriptions import ToldArticle
from bot.render.blocks import Message
from corpus.errors import StoreError
from corpus.store.database import reading, writing

WAITING, CLAIMED, POSTED, SKIPPED = "waiting", "claimed", "posted", "skipped"
ABANDONED_AFTER = timedelta(minutes=2)
_CANDIDATES = 20

Also = Callable[[Connection], None]
"""Writes something more in the transaction that records a posting."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Something to be posted, not before `due_at`.

    `reader` is a Slack user or channel; `channel` is where it goes, a user's id for a direct
    message. `follows` is the key of a posting in whose thread it belongs. `payload` is what its
    composer needs, as JSON would hold it.
    """

    key: str
    kind: str
    reader: str
    channel: str
    follows: str | None
    payload: Mapping[str, Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A posting that this process may post; `claims` tells this claim from every other.

    `composed` is what an earlier claim was about to post, or posted a part of.
    """

    posting: Posting
    claims: int
    composed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A posting as it stands."""

    posting: Posting
    state: str
    posted_at: datetime | None
    posted_as: str | None
    turn_id: str | None
    note: str | None

    @property
    def place(self) -> tuple[str, str] | None:
        """Channel and ts of its first message, None unless it was posted."""
        if self.posted_as is None:
            return None
        channel, _, ts = self.posted_as.partition(":")
        return channel, ts


class Outbox:
    """Postings by key. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, posting: Posting, *, skipped: str | None = None) -> bool:
        """Put a posting aside until it is due; False, and nothing done, where its key is known.

        With `skipped` it is only recorded, with that note, and never posted.
        """
        values = {
            "key": posting.key,
            "kind": posting.kind,
            "reader": posting.reader,
            "channel": posting.channel,
            "follows": posting.follows,
            "payload": json.dumps(dict(posting.payload), ensure_ascii=False),
            "due_at": posting.due_at,
            "state": WAITING if skipped is None else SKIPPED,
            "note": skipped,
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(table).values(**values))
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    def claim_due(self, now: datetime) -> Claimed | None:
        """Claim one posting that is due, the longest due first; None where there is none."""
        columns = table.c
        due = or_(
            and_(
                columns.state == WAITING,
                columns.due_at <= now,
                or_(columns.wait_until.is_(None), columns.wait_until <= now),
            ),
            and_(columns.state == CLAIMED, columns.claimed_at < now - ABANDONED_AFTER),
        )
        query = select(table).where(due).order_by(columns.due_at, columns.key).limit(_CANDIDATES)
        with reading(self._engine) as connection:
            candidates = connection.execute(query).all()
        for row in candidates:
            if self._take(row, now):
                composed = json.loads(row.composed) if row.composed else None
                return Claimed(_posting_of(row), row.claims + 1, composed)
        return None

    def _take(self, row: Row[Any], now: datetime) -> bool:
        columns = table.c
        same = (columns.key == row.key, columns.state == row.state, columns.claims == row.claims)
        with writing(self._engine) as connection:
            values = {"state": CLAIMED, "claimed_at": now, "claims": row.claims + 1}
            taken = connection.execute(update(table).where(*same).values(**values))
            return taken.rowcount == 1

    def renew(self, claimed: Claimed, now: datetime) -> bool:
        """Hold on to a claim; False where it was taken over, and nothing more may be posted."""
        return self._while_held(claimed, {"claimed_at": now})

    def keep_composed(self, claimed: Claimed, composed: Mapping[str, Any], now: datetime) -> bool:
        """Keep what is about to be posted; False where the claim was taken over."""
        text = json.dumps(dict(composed), ensure_ascii=False)
        return self._while_held(claimed, {"composed": text, "claimed_at": now})

    def _while_held(self, claimed: Claimed, values: Mapping[str, Any]) -> bool:
        columns = table.c
        with writing(self._engine) as connection:
            ours = update(table).where(columns.key == claimed.posting.key)
            ours = ours.where(columns.claims == claimed.claims, columns.state == CLAIMED)
            held = connection.execute(ours.values(**values))
            return held.rowcount == 1

    def posted(
        self,
        key: str,
        posted_as: str,
        turn_id: str | None,
        now: datetime,
        also: Sequence[Also] = (),
    ) -> None:
        """Record that a posting stands in Slack as "channel:ts", and what follows from that."""
        values = {"posted_at": now, "posted_as": posted_as, "turn_id": turn_id, "composed": None}
        with writing(self._engine) as connection:
            recorded = connection.execute(_unposted(key).values(state=POSTED, **values))
            if recorded.rowcount:
                for write in also:
                    write(connection)

    def skip(self, key: str, note: str, now: datetime) -> None:
        """Record that a posting is not made, and why, in a sentence part."""
        with writing(self._engine) as connection:
            values = {"state": SKIPPED, "note": note, "claimed_at": now, "composed": None}
            connection.execute(_unposted(key).values(**values))

    def wait_until(self, key: str, moment: datetime) -> None:
        """Give a posting back, to be claimed when that time has come; it stays due when it was."""
        is_open = table.c.state.in_((WAITING, CLAIMED))
        with writing(self._engine) as connection:
            posting = update(table).where(table.c.key == key, is_open)
            connection.execute(posting.values(state=WAITING, wait_until=moment))

    def retract_skips(self, kind: str, note: str, due_after: datetime) -> int:
        """Forget skips of a kind with that note that were due after a moment; how many."""
        columns = table.c
        skipped = (columns.kind == kind, columns.state == SKIPPED, columns.note == note)
        ahead = (*skipped, columns.due_at > due_after)
        with reading(self._engine) as connection:
            if connection.scalar(select(columns.key).where(*ahead).limit(1)) is None:
                return 0
        with writing(self._engine) as connection:
            return connection.execute(delete(table).where(*ahead)).rowcount

    def find(self, key: str) -> Recorded | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.key == key)).first()
        return None if row is None else _recorded_of(row)

    def of_reader(self, reader: str, kind: str, since: datetime | None = None) -> list[Recorded]:
        """A reader's postings of a kind that were due since then, oldest first."""
        columns = table.c
        query = select(table).where(columns.reader == reader, columns.kind == kind)
        if since is not None:
            query = query.where(columns.due_at >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(columns.due_at, columns.key)).all()
        return [_recorded_of(row) for row in rows]


class Chart(Protocol):
    """A picture and what it shows in words."""

    @property
    def png(self) -> bytes: ...

    @property
    def alt(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages in order and what is recorded once they stand.

    `turn_id` is the turn that keeps what they cite; `told` the articles that a digest tells.
    `channel` and `thread_ts` say where, when it is not where the posting says. `chart` is shown
    apart when Slack does not take it inside a message; it is not kept.
    """

    messages: tuple[Message, ...]
    turn_id: str | None = None
    told: tuple[ToldArticle, ...] = ()
    channel: str = ""
    thread_ts: str | None = None
    chart: Chart | None = field(default=None, repr=False)
    kept_at: datetime | None = None


def as_json(composed: Composed) -> dict[str, Any]:
    """A composition without its chart, as JSON holds it."""
    return {
        "messages": [
            {"text": message.text, "blocks": list(message.blocks)} for message in composed.messages
        ],
        "turn_id": composed.turn_id,
        "told": [[one.article_id, one.version, one.story_id] for one in composed.told],
        "channel": composed.channel,
        "thread_ts": composed.thread_ts,
        "kept_at": composed.kept_at.isoformat() if composed.kept_at else None,
    }


def composed_from(document: Mapping[str, Any]) -> Composed:
    """The composition that `as_json` gave."""
    kept_at = document["kept_at"]
    return Composed(
        messages=tuple(Message(one["text"], tuple(one["blocks"])) for one in document["messages"]),
        turn_id=document["turn_id"],
        told=tuple(ToldArticle(*one) for one in document["told"]),
        channel=document["channel"],
        thread_ts=document["thread_ts"],
        kept_at=datetime.fromisoformat(kept_at) if kept_at else None,
    )


def without_images(message: Message) -> Message:
    """A message without the pictures that stand in it as blocks."""
    return replace(
        message, blocks=tuple(block for block in message.blocks if block["type"] != "image")
    )


def _unposted(key: str) -> Update:
    return update(table).where(table.c.key == key, table.c.state != POSTED)


def _posting_of(row: Row[Any]) -> Posting:
    return Posting(
        row.key, row.kind, row.reader, row.channel, row.follows, json.loads(row.payload), row.due_at
    )


def _recorded_of(row: Row[Any]) -> Recorded:
    return Recorded(
        _posting_of(row), row.state, row.posted_at, row.posted_as, row.turn_id, row.note
    )

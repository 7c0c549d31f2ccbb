"""What is let go: what has grown old, and what is kept about a person who wants to be forgotten.

By age:

    turns and postings older than the cutoff ──▶ removed, with the feedback on those turns
    articles older than it, but for those that a kept turn cites ──▶ expired, then purged

An answer that can still be read can still be checked: articles stay as long as what cites them.

By person, counted and then deleted in one transaction:

    turns of theirs        ─▶ deleted with citations and feedback; in a channel, where others read
                              on from them, only who asked is taken out
    digests, watches, mutes, feedback, postings of theirs ─▶ deleted
    set up for a channel   ─▶ stays, without who made it
    claims of messages     ─▶ the key stays against redelivery, without person and text
    audit trail, sources   ─▶ stay complete; they name “a person”

Whatever text still holds the person's id afterwards (a mention in somebody's question) says
“a person” instead. Articles are not looked at: what they say is public and not about who reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.db import schema
from bot.db.outbox import POSTED, SKIPPED
from bot.records import SOMEBODY, PersonalData
from corpus.store import history
from corpus.store.articles import ArticleStore
from corpus.store.database import reading, writing
from corpus.store.history import expirable, expire, expired
from corpus.store.schema import sources

PERSON_ID = re.compile(r"[UW][A-Z0-9]{2,30}")
_TURNS_A_STATEMENT = 500


class Forgetting:
    """Counts and deletes what is kept about people. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def kept(self, person: str) -> PersonalData:
        """What is kept about somebody."""
        with reading(self._engine) as connection:
            return _counted(connection, person)

    def forget(self, person: str) -> PersonalData:
        """Delete it; returns what there was. ValueError for what is no person's id."""
        if not PERSON_ID.fullmatch(person):
            raise ValueError(f"{person!r} is no id of a person in Slack")
        with writing(self._engine) as connection:
            found = _counted(connection, person)
            _delete(connection, person)
            _part_from(connection, person)
            _take_out_mentions(connection, person)
        return found

    def forget_conversation(self, conversation: str, asked_by: str | None = None) -> int:
        """Delete the turns of a conversation, only somebody's own where a channel shares it."""
        turns = schema.turns.c
        wanted = turns.conversation == conversation
        if asked_by is not None:
            wanted = and_(wanted, turns.asked_by == asked_by)
        with writing(self._engine) as connection:
            return _delete_turns(connection, wanted)


def _counted(connection: Connection, person: str) -> PersonalData:
    def count(table: Table, *wanted: ColumnElement[bool]) -> int:
        return connection.scalar(select(func.count()).select_from(table).where(*wanted)) or 0

    own, made = _of_reader(person), _made_for_others(person)
    turns, audit = schema.turns, schema.audit.c
    return PersonalData(
        turns=count(turns, _private_turns(person)),
        channel_turns=count(turns, _channel_turns(person)),
        digests=count(schema.subscriptions, own(schema.subscriptions)),
        watches=count(schema.watches, own(schema.watches)),
        mutes=count(schema.mutes, own(schema.mutes)),
        feedback=count(schema.feedback, schema.feedback.c.person == person),
        postings=count(schema.postings, own(schema.postings)),
        messages=count(schema.claimed_events, schema.claimed_events.c.person == person),
        setups=sum(count(table, wanted) for table, wanted, _ in made),
        entries=count(
            schema.audit, or_(audit.by == person, audit.subject == person, audit.detail == person)
        ),
    )


def _of_reader(person: str) -> Any:
    return lambda table: or_(
        table.c.reader == person, *((table.c.channel == person,) if "channel" in table.c else ())
    )


def _private_turns(person: str) -> ColumnElement[bool]:
    """Turns that nobody but the person reads: asked or sent directly, or shown to them alone."""
    turns = schema.turns.c
    return and_(turns.asked_by == person, ~_in_a_channel())


def _channel_turns(person: str) -> ColumnElement[bool]:
    return and_(schema.turns.c.asked_by == person, _in_a_channel())


def _in_a_channel() -> ColumnElement[bool]:
    """Whether a turn was posted where others read it, as their ids tell."""
    place = func.coalesce(schema.turns.c.posted_as, "")
    return or_(place.like("C%"), place.like("G%"))


def _made_for_others(person: str) -> list[tuple[Table, ColumnElement[bool], str]]:
    """What channels go on having, and the column that names who made it."""
    digests, watches = schema.subscriptions, schema.watches
    return [
        (digests, and_(digests.c.created_by == person, digests.c.reader != person), "created_by"),
        (watches, and_(watches.c.created_by == person, watches.c.reader != person), "created_by"),
        (sources, sources.c.added_by == person, "added_by"),
    ]


def _delete(connection: Connection, person: str) -> None:
    own = _of_reader(person)
    told, digests = schema.told_articles, schema.subscriptions
    _delete_turns(connection, _private_turns(person))
    of_digests = select(digests.c.id).where(own(digests))
    connection.execute(delete(told).where(told.c.subscription_id.in_(of_digests)))
    for table in (digests, schema.watches, schema.mutes, schema.postings):
        connection.execute(delete(table).where(own(table)))
    connection.execute(delete(schema.feedback).where(schema.feedback.c.person == person))


def _delete_turns(connection: Connection, wanted: ColumnElement[bool]) -> int:
    """Delete turns with what they cite and what was said of them; returns how many."""
    turns, cited, judged = schema.turns, schema.turn_citations, schema.feedback
    ids = list(connection.scalars(select(turns.c.id).where(wanted)))
    for start in range(0, len(ids), _TURNS_A_STATEMENT):
        batch = ids[start : start + _TURNS_A_STATEMENT]
        connection.execute(delete(judged).where(judged.c.turn_id.in_(batch)))
        connection.execute(delete(cited).where(cited.c.turn_id.in_(batch)))
        connection.execute(delete(turns).where(turns.c.id.in_(batch)))
    return len(ids)


def _part_from(connection: Connection, person: str) -> None:
    """Take the person out of what stays."""
    turns, claims, audit = schema.turns, schema.claimed_events, schema.audit
    connection.execute(update(turns).where(turns.c.asked_by == person).values(asked_by=SOMEBODY))
    connection.execute(
        update(claims).where(claims.c.person == person).values(person=None, asked=None)
    )
    connection.execute(update(audit).where(audit.c.by == person).values(by=SOMEBODY))
    for table, wanted, column in _made_for_others(person):
        connection.execute(update(table).where(wanted).values({column: SOMEBODY}))


def _take_out_mentions(connection: Connection, person: str) -> None:
    """Put “a person” where a text still holds the id; a row that is named by it goes."""
    for table in _WRITTEN_BY_PEOPLE:
        for column in table.c:
            if isinstance(column.type, String | Text):
                _take_out_of(connection, table, column, person)


_WRITTEN_BY_PEOPLE = (
    schema.turns,
    schema.feedback,
    schema.subscriptions,
    schema.watches,
    schema.mutes,
    schema.postings,
    schema.told_articles,
    schema.claimed_events,
    schema.audit,
)


def _take_out_of(connection: Connection, table: Table, column: Any, person: str) -> None:
    # An id can be the beginning of a longer one.
    named = re.escape(person)
    standing_alone = re.compile(rf"<@{named}(?:\|[^<>]*)?>|(?<![A-Za-z0-9]){named}(?![A-Za-z0-9])")
    keys = list(table.primary_key.columns)
    found = connection.execute(
        select(*keys, column.label("held")).where(column.contains(person, autoescape=True))
    ).all()
    for row in found:
        parted = standing_alone.sub(SOMEBODY, row.held)
        if parted == row.held:
            continue
        this = and_(*(key == value for key, value in zip(keys, row, strict=False)))
        if column.primary_key:
            connection.execute(delete(table).where(this))
        else:
            connection.execute(update(table).where(this).values({column.name: parted}))


# Keys of postings keep digests from being sent twice; a schedule looks back a month.
_POSTINGS_KEPT = timedelta(days=40)
_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retained:
    """What was let go, or would be: articles taken out now, those kept for what cites them,
    articles removed altogether, those that wait for the indexes, turns and postings removed."""

    expired: int
    cited: int
    purged: int
    waiting: int
    turns: int
    postings: int


def retain(
    store: ArticleStore, age: timedelta, now: datetime, *, followed: int, dry_run: bool = False
) -> Retained:
    """Let go what is older than `age`.

    `followed` is the last change that the slowest index holds. With `dry_run` nothing is changed,
    and `purged` is what would be once the indexes have followed.
    """
    cutoff = now - age
    turns, postings = _old_rows(store, cutoff, now, remove=not dry_run)
    cited = _cited(store, cutoff)
    old = expirable(store, cutoff, ())
    going = [one for one in old if one not in cited]
    kept = len(old) - len(going)
    if dry_run:
        return Retained(len(going), kept, len(going) + expired(store), 0, turns, postings)
    expire(store, going, now)
    purged = purge(store, followed)
    return Retained(len(going), kept, purged, expired(store), turns, postings)


def purge(store: ArticleStore, followed: int) -> int:
    """Remove the expired articles whose change every index holds, and that they were told."""
    return history.purge(store, followed, naming=(schema.told_articles.c.article_id,))


class DailyRetention:
    """Retention while the bot serves: once a day, and the purge as soon as the indexes followed."""

    def __init__(
        self, store: ArticleStore, age: timedelta | None, followed: Callable[[], int]
    ) -> None:
        """Without an age everything is kept. `followed` gives the slowest index's position."""
        self._store = store
        self._age = age
        self._followed = followed
        self._last: datetime | None = None

    def run(self, now: datetime) -> int:
        """Do what is due; the number of articles taken out or removed."""
        if self._age is None:
            return 0
        if self._last is None or not self._last <= now < self._last + _EVERY:
            self._last = now
            done = retain(self._store, self._age, now, followed=self._followed())
            return done.expired + done.purged
        return purge(self._store, self._followed()) if expired(self._store) else 0


def _cited(store: ArticleStore, cutoff: datetime) -> set[str]:
    """Articles that turns since `cutoff` cite."""
    turns, cited = schema.turns.c, schema.turn_citations.c
    query = select(cited.article_id).join(schema.turns, turns.id == cited.turn_id)
    query = query.where(turns.asked_at >= cutoff).distinct()
    with reading(store.engine) as connection:
        return set(connection.scalars(query))


def _old_rows(
    store: ArticleStore, cutoff: datetime, now: datetime, *, remove: bool
) -> tuple[int, int]:
    """How many turns and postings are old; removed if asked for."""
    turns, cited, sent = schema.turns.c, schema.turn_citations.c, schema.postings.c
    judged = schema.feedback.c
    old_turns = turns.asked_at < cutoff
    until = min(cutoff, now - _POSTINGS_KEPT)
    old_postings = (sent.due_at < until, sent.state.in_((POSTED, SKIPPED)))
    of_turns = select(func.count()).select_from(schema.turns).where(old_turns)
    of_postings = select(func.count()).select_from(schema.postings).where(*old_postings)
    with reading(store.engine) as connection:
        counted = (connection.scalar(of_turns), connection.scalar(of_postings))
    if remove and any(counted):
        with writing(store.engine) as connection:
            of_old = select(turns.id).where(old_turns)
            connection.execute(delete(schema.turn_citations).where(cited.turn_id.in_(of_old)))
            connection.execute(delete(schema.feedback).where(judged.turn_id.in_(of_old)))
            connection.execute(delete(schema.turns).where(old_turns))
            connection.execute(delete(schema.postings).where(*old_postings))
    return counted[0] or 0, counted[1] or 0

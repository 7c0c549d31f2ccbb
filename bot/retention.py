"""Retention by age: what was read, said and posted is let go once it is old enough.

    turns and postings older than the cutoff ──▶ removed, with the feedback on those turns
    articles older than it, but for those that a kept turn cites ──▶ expired, then purged

An answer that can still be read can still be checked: articles stay as long as what cites them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from bot.delivery.outbox import POSTED, SKIPPED
from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading, writing
from corpus.store.retention import expirable, expire, expired, purge

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
    query = (
        select(cited.article_id)
        .distinct()
        .join(schema.turns, turns.id == cited.turn_id)
        .where(turns.asked_at >= cutoff)
    )
    with reading(store.engine) as connection:
        return set(connection.scalars(query))


def _old_rows(
    store: ArticleStore, cutoff: datetime, now: datetime, *, remove: bool
) -> tuple[int, int]:
    """How many turns and postings are old; removed if asked for."""
    turns, cited, sent = schema.turns.c, schema.turn_citations.c, schema.postings.c
    judged = schema.feedback.c
    old_turns = turns.asked_at < cutoff
    old_postings = (
        sent.due_at < min(cutoff, now - _POSTINGS_KEPT),
        sent.state.in_((POSTED, SKIPPED)),
    )
    with reading(store.engine) as connection:
        counted = (
            connection.scalar(select(func.count()).select_from(schema.turns).where(old_turns)),
            connection.scalar(
                select(func.count()).select_from(schema.postings).where(*old_postings)
            ),
        )
    if remove and any(counted):
        with writing(store.engine) as connection:
            of_old = select(turns.id).where(old_turns)
            connection.execute(delete(schema.turn_citations).where(cited.turn_id.in_(of_old)))
            connection.execute(delete(schema.feedback).where(judged.turn_id.in_(of_old)))
            connection.execute(delete(schema.turns).where(old_turns))
            connection.execute(delete(schema.postings).where(*old_postings))
    return counted[0] or 0, counted[1] or 0

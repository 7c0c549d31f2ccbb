"""When a source is polled and what its answer means: pure decisions.

    PolledSource + now                      ->  is_due
    answer or error + what became of it     ->  Outcome
    PolledSource + Outcome                  ->  PolledSource as it stands afterwards

The clock is an argument and so is chance (a function that gives numbers from 0 up to 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from corpus.articles import Source
from corpus.errors import FetchError, ReadError
from corpus.fetch.client import Fetched

INTERVAL = timedelta(minutes=15)
SHORTEST_INTERVAL = timedelta(minutes=1)
LONGEST_INTERVAL = timedelta(days=7)
# A source that fails is asked half as often each time, but at least once a day, so that one
# that comes back is noticed; a server may ask for more.
LONGEST_BACKOFF = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
# Shares of a delay. Sources added together drift apart instead of being asked all at once.
SPREAD = 0.1
# A new address that fails this often in a row is given up for the old one.
MOST_FAILURES_AFTER_MOVE = 3
# So long an entry waits for a page that cannot be had for the moment; then its teaser is taken, and
# the page is asked for again each time it has been missing twice as long, for a month.
PATIENCE = timedelta(hours=6)
LONGEST_WANTED = timedelta(days=30)
# A copy of a feed that is older than the last one comes from a cache behind. In 2,343 polls of
# a ministry's feed 68 were, by 57 hours at most; a stamp that lags more was set anew.
LONGEST_LAG = timedelta(days=3)
# Stamps from the future, but for confused time zones, are not believed.
FURTHEST_AHEAD = timedelta(days=1)

Chance = Callable[[], float]


class Health(StrEnum):
    """How a source was found when it was last asked."""

    UNCHECKED = "not yet checked"
    FRESH = "fresh"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    UNDATED = "undated"
    MOVED = "moved"
    FAILING = "failing"
    GONE = "gone"


SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class PolledSource:
    """A source with all that polling it needs; `address` is where its feed is fetched, `wanted`
    how many items have only their teaser, because their pages could not be had yet."""

    source: Source
    feed_url: str
    interval: timedelta = INTERVAL
    full_text: bool = True
    paused: bool = False
    health: Health = Health.UNCHECKED
    reason: str | None = None
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    feed_updated_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    moved_to: str | None = None
    added_by: str | None = None
    added_at: datetime | None = None
    wanted: int = 0

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def address(self) -> str:
        return self.moved_to or self.feed_url

    @property
    def set_aside(self) -> str | None:
        """What of a source that is read was last not taken, when and why."""
        told = [self.reason] if self.reason and self.reason.startswith(SET_ASIDE) else []
        if self.wanted:
            told.append(f"teasers in place of {self.wanted} pages, which are asked for again")
        return "; ".join(told) or None


@dataclass(frozen=True, slots=True)
class Fresh:
    """New or edited entries."""

    health = Health.FRESH


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing new: the server said so, or every entry was seen before."""

    health = Health.UNCHANGED


@dataclass(frozen=True, slots=True)
class Empty:
    """A feed without entries."""

    health = Health.EMPTY


@dataclass(frozen=True, slots=True)
class Undated:
    """New or edited entries, but no date of any entry is stated or to be believed."""

    health = Health.UNDATED


@dataclass(frozen=True, slots=True)
class Moved:
    """The feed lives at another address for good; `found` is what was there."""

    to: str
    found: Fresh | Unchanged | Empty | Undated
    health = Health.MOVED


@dataclass(frozen=True, slots=True)
class Failing:
    """No feed was to be had; `reason` is a plain sentence part."""

    reason: str
    retry_at: datetime
    health = Health.FAILING


@dataclass(frozen=True, slots=True)
class Gone:
    """The server says that the feed has been taken away for good (410)."""

    reason: str
    health = Health.GONE


Outcome = Fresh | Unchanged | Empty | Undated | Moved | Failing | Gone


def parse_interval(text: str) -> timedelta:
    """How often to poll: `15m`, `2h` or `1d`; ValueError, with a plain sentence, for others."""
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    match = re.fullmatch(r"\s*(\d{1,5})\s*([mhd])[a-z]*\s*", text.lower())
    interval = int(match[1]) * units[match[2]] if match else None
    if interval is None or not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
        raise ValueError(f"{text!r} is no interval; write 15m, 2h or 1d, from 1m to 7d.")
    return interval


def is_due(source: PolledSource, now: datetime) -> bool:
    """Whether a source is to be polled now; paused ones and those that are gone never are."""
    if source.paused or source.health is Health.GONE:
        return False
    return source.next_poll_at is None or source.next_poll_at <= now


def asks_anew(source: PolledSource, now: datetime) -> bool:
    """Whether to ask without conditions: once a day, at an hour of the source's own.

    Servers that answer "unchanged" to every conditional request would else never be read again.
    """
    if source.last_polled_at is None:
        return True
    seconds = int.from_bytes(source.name.encode()[-4:], "big") % 86_400
    shift = timedelta(seconds=seconds)
    return (source.last_polled_at - shift).date() != (now - shift).date()


def found(
    source: PolledSource, answer: Fetched, *, entries: int, arrived: int, dated: int
) -> Outcome:
    """What an answer with a feed means, or one that says that nothing changed (304).

    `entries` are those of the feed, `arrived` the new or edited ones among them, `dated` those
    with a credible date.
    """
    outcome: Fresh | Unchanged | Empty | Undated
    if answer.status == 304:
        outcome = Unchanged()
    elif not entries:
        outcome = Empty()
    elif not arrived:
        outcome = Unchanged()
    else:
        outcome = Fresh() if dated else Undated()
    if answer.moved_to is not None and answer.moved_to != source.address:
        return Moved(answer.moved_to, outcome)
    return outcome


def failed(source: PolledSource, error: ReadError, now: datetime, chance: Chance) -> Failing | Gone:
    """What an error means, and when the source is to be asked again."""
    if isinstance(error, FetchError) and error.status == 410:
        return Gone(error.reason)
    asked = error.retry_after if isinstance(error, FetchError) else None
    return Failing(error.reason, now + backoff(source, asked, chance))


def backoff(source: PolledSource, retry_after: float | None, chance: Chance) -> timedelta:
    """How long to leave a source alone that failed once more; `retry_after` in seconds.

    What the server asked for is kept to, and never cut short by chance.
    """
    doubled: timedelta = source.interval * 2 ** min(source.failures, 12)
    delay = max(min(doubled, LONGEST_BACKOFF), source.interval)
    delay *= 1 + SPREAD * (2 * chance() - 1)
    if retry_after is not None:
        wanted = min(timedelta(seconds=retry_after), LONGEST_RETRY_AFTER)
        delay = max(delay, wanted * (1 + SPREAD * chance()))
    return delay


def wanted_next(first_seen: datetime, now: datetime) -> datetime | None:
    """When to ask again for the page of an item that could not be had; None where no more."""
    missing = now - first_seen
    return now + max(missing, PATIENCE) if missing <= LONGEST_WANTED else None


def is_stale(source: PolledSource, updated_at: datetime | None) -> bool:
    """Whether a feed with that stamp is an older copy than the one read last."""
    if updated_at is None or source.feed_updated_at is None:
        return False
    return timedelta(0) < source.feed_updated_at - updated_at <= LONGEST_LAG


def after(
    source: PolledSource,
    outcome: Outcome,
    now: datetime,
    chance: Chance,
    answer: Fetched | None = None,
    updated_at: datetime | None = None,
    unread: str | None = None,
) -> PolledSource:
    """The source as it stands after a poll.

    `answer` is what was fetched, None where its validators are not to be kept because something
    of it is still to be read; `updated_at` the feed's own stamp; `unread` says which items could
    not be read.
    """
    is_as_it_was = isinstance(outcome, Unchanged) and (source.reason or "").startswith(SET_ASIDE)
    reason = unread or (source.reason if is_as_it_was else None)
    asked = replace(source, health=outcome.health, last_polled_at=now, reason=reason)
    match outcome:
        case Gone():
            return replace(asked, reason=outcome.reason, next_poll_at=None)
        case Failing():
            return _after_failure(asked, outcome)
        case Moved():
            asked = replace(asked, moved_to=outcome.to, etag=None, last_modified=None)
    if answer is not None and answer.status != 304:
        asked = replace(asked, etag=answer.etag, last_modified=answer.last_modified)
    if (
        updated_at is not None
        and updated_at <= now + FURTHEST_AHEAD
        and not is_stale(source, updated_at)
    ):
        asked = replace(asked, feed_updated_at=updated_at)
    return replace(
        asked,
        failures=0,
        last_success_at=now,
        next_poll_at=now + source.interval * (1 + SPREAD * chance()),
    )


def _after_failure(asked: PolledSource, outcome: Failing) -> PolledSource:
    failures = asked.failures + 1
    gives_up_move = asked.moved_to is not None and failures >= MOST_FAILURES_AFTER_MOVE
    return replace(
        asked,
        reason=outcome.reason,
        failures=0 if gives_up_move else failures,
        next_poll_at=outcome.retry_at,
        moved_to=None if gives_up_move else asked.moved_to,
        # Validators of one address mean nothing at another.
        etag=None if gives_up_move else asked.etag,
        last_modified=None if gives_up_move else asked.last_modified,
    )

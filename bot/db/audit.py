"""The audit trail: who changed what, and when.

What people and commands change (sources, subscriptions, watches, articles withdrawn, retention) is
recorded; what the program does by itself is not. Nothing is ever taken out of the trail; of
somebody who was forgotten it says “a person”. What
changes of a polled source is told in words here.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select

from bot.db.schema import audit as table
from bot.render.catalogues import gettext
from corpus.feeds.schedule import PolledSource
from corpus.store.database import reading, writing

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: `by` is "terminal:LOGIN" or a Slack user's id, `action` such as
    "source added", `subject` what was changed, `detail` how."""

    at: datetime
    by: str
    action: str
    subject: str
    detail: str | None


class Audit:
    """The trail in the store's database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, by: str, action: str, subject: str, detail: str | None, now: datetime) -> None:
        """Add one entry. `detail` holds no secret and no text of articles."""
        values = {"at": now, "by": by[:_LONGEST_NAME], "action": action, "subject": subject}
        with writing(self._engine) as connection:
            connection.execute(insert(table).values(**values, detail=detail))

    def recent(self, n: int = 50, since: datetime | None = None) -> list[Entry]:
        """The newest `n` entries, newest first; only those from `since` on, where given."""
        columns = table.c
        query = select(columns.at, columns.by, columns.action, columns.subject, columns.detail)
        if since is not None:
            query = query.where(columns.at >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(columns.id.desc()).limit(n)).all()
        return [Entry(*row) for row in rows]


def terminal_user() -> str:
    """ "terminal:LOGIN", for what is changed from the command line."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):  # A container's user may have no name.
        return "terminal:unknown"


def told(source: PolledSource) -> dict[str, str]:
    """What a source is and how it is polled, each in a word."""
    about = source.source
    return {
        "name": about.name,
        "kind": about.kind.value,
        "country": about.country or "none",
        "language": about.language or "none",
        "interval": interval_words(source.interval),
        "full text": "fetched" if source.full_text else "never fetched",
    }


def changed(before: dict[str, str], after: dict[str, str]) -> str:
    """What is other than before: "kind unknown → official"; empty where nothing is."""
    return ", ".join(
        f"{what} {was} → {after[what]}" for what, was in before.items() if was != after[what]
    )


def interval_words(interval: timedelta) -> str:
    """An interval as it is entered: "15m", "2h", "1d"."""
    minutes = int(interval.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def interval_in_words(interval: timedelta) -> str:
    """An interval as one says it after "every": "15 minutes", "hour", "2 days"."""
    written = interval_words(interval)
    count, unit = int(written[:-1]), {"m": "minute", "h": "hour", "d": "day"}[written[-1]]
    return unit if count == 1 else f"{count} {unit}s"


def polled_already(feed_url: str, sources: Iterable[PolledSource]) -> str | None:
    """A sentence where a feed is polled already, whatever it is called."""
    for one in sources:
        if feed_url in (one.feed_url, one.address):
            return gettext("That feed is polled already, as {name}.", name=one.name)
    return None


def name_taken(name: str, sources: Iterable[PolledSource]) -> str | None:
    """The name of another source that is called the same but for case."""
    return next((one.name for one in sources if one.name.casefold() == name.casefold()), None)

"""What changes of a polled source, in words for the audit trail, and what forbids it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.feeds.polling import PolledSource


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
            return f"That feed is polled already, as {one.name}."
    return None


def name_taken(name: str, sources: Iterable[PolledSource]) -> str | None:
    """The name of another source that is called the same but for case."""
    return next((one.name for one in sources if one.name.casefold() == name.casefold()), None)

"""What the desk says of the polled sources: how many are read, and which could not be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.desk.nouns import Choice, Reader, Reply
from bot.rendering.digest_wording import moment_words
from bot.rendering.wording import excerpt
from corpus.feeds.polling import Health, PolledSource

MOST_SOURCES = 30
LONGEST_NAME = 120


def sources_reply(
    sources: Sequence[PolledSource], now: datetime, reader: Reader, *, failed: bool
) -> Reply:
    """Counts, then the sources that failed, then, unless only those are wanted, the rest."""
    if not sources:
        where = (
            "“/chancery sources add ADDRESS” in Slack, “chancery sources add ADDRESS” in a terminal"
        )
        return Reply((f"No source is polled; an admin adds one: {where}.",))
    local = now.astimezone(ZoneInfo(reader.zone))
    troubled = [one for one in sources if one.health in (Health.FAILING, Health.GONE)]
    unchecked = sum(one.health is Health.UNCHECKED for one in sources)
    read = len(sources) - len(troubled) - unchecked
    counts = [f"{read} of {len(sources)} sources read"]
    if unchecked:
        counts.append(f"{unchecked} not yet checked")
    lines = [f"{', '.join(counts)}."]
    if troubled:
        lines += ["Not read, so that silence from them is not news:"]
        lines += [f"• {_line(one, local)}" for one in troubled[:MOST_SOURCES]]
    elif failed:
        lines = [f"No source failed: {lines[0]}"]
    if failed:
        return Reply(tuple(lines), (Choice("All sources", "sources"),))
    rest = [one for one in sources if one not in troubled]
    lines += [f"• {_line(one, local)}" for one in rest[:MOST_SOURCES]]
    left = len(rest) - MOST_SOURCES
    if left > 0:
        lines.append(f"… and {left} more; “chancery sources list” lists all.")
    return Reply(tuple(lines))


def _line(one: PolledSource, now: datetime) -> str:
    parts = [excerpt(one.name, LONGEST_NAME), str(one.source.kind)]
    parts.append("paused" if one.paused else one.health.value)
    if one.last_success_at:
        parts.append(f"last read {moment_words(one.last_success_at, now)}")
    if one.health in (Health.FAILING, Health.GONE) and one.reason:
        parts.append(excerpt(one.reason, LONGEST_NAME))
    return " · ".join(parts)

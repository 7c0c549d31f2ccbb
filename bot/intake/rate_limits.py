"""How soon a question of somebody who asks a lot is answered: later, and never not at all. Pure.

No more than so many questions of one person are begun within any minute. When each may be begun
follows from when all were asked, so that every replica comes to the same from the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
LOOKED_BACK = timedelta(hours=1)
"""Older questions do not count, however many there were."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a question waits, in seconds; `asked` is how many came within the last minute.

    `first` marks the one that begins a row of delayed ones.
    """

    seconds: float
    asked: int
    first: bool


def delay(asked_at: Sequence[datetime], most: int) -> Delay | None:
    """The delay of the last of a person's questions; None where it may be begun at once.

    `most` may be begun within a minute, 0 stands for any number.
    """
    if not asked_at or most <= 0:
        return None
    ordered = sorted(asked_at)
    begun: list[datetime] = []
    for position, at in enumerate(ordered):
        free = begun[position - most] + WINDOW if position >= most else at
        begun.append(max(at, free))
    last = ordered[-1]
    if begun[-1] <= last:
        return None
    return Delay(
        seconds=(begun[-1] - last).total_seconds(),
        asked=sum(at > last - WINDOW for at in ordered),
        first=begun[-2] <= ordered[-2],
    )

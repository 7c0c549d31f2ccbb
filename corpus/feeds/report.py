"""What became of the sources that a poll or a check asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.feeds.polling import Health, Outcome
from corpus.ingest import Receipt


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of one source: `entries` in its feed, `receipt` of what was read of them.

    `teasers` counts entries of which only the teaser could be had, `waiting` those left for the
    next poll.
    """

    name: str
    outcome: Outcome
    entries: int = 0
    receipt: Receipt = field(default_factory=Receipt)
    teasers: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class PollReport:
    """What became of every source asked, in alphabetical order."""

    sources: tuple[SourceReport, ...]

    @property
    def failed(self) -> list[SourceReport]:
        return [one for one in self.sources if one.outcome.health in (Health.FAILING, Health.GONE)]

    @property
    def changed(self) -> int:
        """How many articles are new or have a new version."""
        return sum(one.receipt.new + one.receipt.updated for one in self.sources)

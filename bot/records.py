"""Records of what people set up and of what is kept about them, as every surface knows them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Schedule, instant_of, make_schedule, parse_time, parse_zone
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria


@dataclass(frozen=True, slots=True)
class Subscription:
    """A digest for a reader: a Slack user's id (delivered directly) or a channel's.

    `channel` is where it is posted: a channel's id, or a user's for a direct message. `at` is a
    local time "HH:MM" of `zone`, an IANA name; `days` are of mon … sun.
    """

    id: str
    reader: str
    channel: str
    name: str
    at: str
    zone: str
    days: tuple[str, ...]
    interests: Interests
    paused: bool
    created_by: str
    created_at: datetime
    active_from: datetime | None = None

    @property
    def schedule(self) -> Schedule:
        """When it is due; ValueError, with a plain sentence, where that cannot be read."""
        return make_schedule(self.at, self.zone, self.days)


DAILY_CAP = 20
"""Alerts a day unless a reader says otherwise: about one in each half hour of a working day."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a reader wants to be told of at once.

    `channel` is where alerts are posted: a channel's id, or a user's for a direct message.
    `quiet_from` and `quiet_to` are local times "HH:MM" of `zone`, an IANA name; both or neither.
    """

    id: str
    reader: str
    channel: str
    name: str
    criteria: Criteria
    quiet_from: str | None
    quiet_to: str | None
    zone: str
    daily_cap: int
    paused: bool
    created_by: str
    created_at: datetime

    def out_of_quiet(self, now: datetime) -> datetime:
        """`now`, or in quiet hours the instant at which they end."""
        if self.quiet_from is None or self.quiet_to is None:
            return now
        zone = parse_zone(self.zone)
        return quiet_until(now, parse_time(self.quiet_from), parse_time(self.quiet_to), zone) or now


def quiet_until(now: datetime, begin: time, end: time, zone: ZoneInfo) -> datetime | None:
    """The instant at which the quiet hours that hold `now` end; None outside of them.

    They run from the first instant at which a local day's clock stands at `begin`, to the first
    after it at which one stands at `end`, so that a clock change makes them longer or shorter and
    never opens them twice.
    """
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        first = instant_of(day, begin, zone)
        last = instant_of(day + timedelta(days=1) if end <= begin else day, end, zone)
        if first is not None and last is not None and first <= now < last:
            return last
    return None


@dataclass(frozen=True, slots=True)
class FeedbackCounts:
    """How many verdicts of each kind there are."""

    helpful: int = 0
    not_helpful: int = 0

    @property
    def all(self) -> int:
        return self.helpful + self.not_helpful


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Why a turn was found not helpful; `question` is what had been asked, or a report's title."""

    turn_id: str
    kind: str
    question: str
    reason: str
    at: datetime


SOMEBODY = "a person"
"""Who stands in the place of somebody who was forgotten."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """How much is kept about a person, or was deleted.

    `turns` were asked or sent directly, `channel_turns` asked in channels; `setups` are digests
    and watches of channels, and sources, that the person made; `entries` are of the audit trail.
    """

    turns: int = 0
    channel_turns: int = 0
    digests: int = 0
    watches: int = 0
    mutes: int = 0
    feedback: int = 0
    postings: int = 0
    messages: int = 0
    setups: int = 0
    entries: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything but notes of which messages were dealt with."""
        return any(getattr(self, one.name) for one in fields(self) if one.name != "messages")

"""Records of what people set up and of what is kept about them, as every surface knows them.

    words, form ─▶ SubscriptionDraft, WatchDraft ─▶ Subscription, Watch ─▶ database, form, JSON

A draft is a record as far as somebody has said it; what only the store knows is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
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

    @property
    def draft(self) -> SubscriptionDraft:
        """What a person can say of it."""
        return SubscriptionDraft(
            self.at,
            self.days,
            self.zone,
            replace(self.interests, length=Interests().length),
            self.interests.length,
            channel_of(self.reader),
            self.paused,
        )


@dataclass(frozen=True, slots=True)
class SubscriptionDraft:
    """What was said of a digest; None and empty are what was not said.

    `at` is a local time as "07:30", `days` "mon" to "sun" in the order of the week, `zone` an
    IANA name. `interests` are None where neither topic, place nor source was named ("everything"
    is named); how many stories at most stands in `length`, since either is said without the other.
    `channel` is None for a direct message.
    """

    at: str | None = None
    days: tuple[str, ...] = ()
    zone: str | None = None
    interests: Interests | None = None
    length: int | None = None
    channel: str | None = None
    paused: bool = False


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

    @property
    def draft(self) -> WatchDraft:
        """What a person can say of it."""
        return WatchDraft(
            self.name,
            self.criteria,
            self.zone,
            self.quiet_from,
            self.quiet_to,
            self.daily_cap,
            channel_of(self.reader),
            self.paused,
        )

    def out_of_quiet(self, now: datetime) -> datetime:
        """`now`, or in quiet hours the instant at which they end."""
        if self.quiet_from is None or self.quiet_to is None:
            return now
        zone = parse_zone(self.zone)
        return quiet_until(now, parse_time(self.quiet_from), parse_time(self.quiet_to), zone) or now


@dataclass(frozen=True, slots=True)
class WatchDraft:
    """What was said of a watch; its name is empty and `daily_cap` None where none was given.

    `channel` is None for a direct message.
    """

    name: str = ""
    criteria: Criteria = field(default_factory=Criteria)
    zone: str = ""
    quiet_from: str | None = None
    quiet_to: str | None = None
    daily_cap: int | None = None
    channel: str | None = None
    paused: bool = False


def channel_of(reader: str) -> str | None:
    """A reader that is a channel; None for a person."""
    return None if is_person(reader) else reader


def is_person(reader: str) -> bool:
    """Whether the Slack id is a person's, and not a channel's."""
    return reader[:1] in ("U", "W")


def record_document(record: Subscription | Watch) -> dict[str, Any]:
    """A record as JSON: its fields, what it is about among them; not from when it is active."""
    document: dict[str, Any] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if is_dataclass(value):
            document |= {held.name: _plain(getattr(value, held.name)) for held in fields(value)}
        elif one.name != "active_from":
            document[one.name] = _plain(value)
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


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

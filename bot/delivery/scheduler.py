"""Putting digests into the outbox when their time has come.

A digest's posting is named by its subscription and local day, so that whoever schedules it, and
however often, puts it there once. A day that was missed by more than the grace is put there as
skipped, and the next digest says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.delivery.outbox import Outbox, Posting
from bot.delivery.schedule import GRACE, LOOK_BACK, Slot, due_now, next_slot
from bot.delivery.subscriptions import Subscription, Subscriptions

DIGEST = "digest"
MISSED = "Chancery was not running"
_A_DAY_EITHER_WAY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Looked:
    """When a subscription was last looked at, as it stood, and when it is next worth it."""

    subscription: Subscription
    at: datetime
    next_at: datetime


def digest_key(subscription_id: str, day: date) -> str:
    """The key of a digest's posting."""
    return f"{DIGEST}:{subscription_id}:{day.isoformat()}"


class DigestScheduler:
    """Any number of processes may schedule over one database."""

    def __init__(
        self, subscriptions: Subscriptions, outbox: Outbox, grace: timedelta = GRACE
    ) -> None:
        self._subscriptions = subscriptions
        self._outbox = outbox
        self._grace = grace
        self._looked: dict[str, _Looked] = {}

    def put_due(self, now: datetime) -> int:
        """Put what is due into the outbox, and what was missed on record; how many are due."""
        # What is not yet too late now was called so by a clock that was ahead.
        self._outbox.retract_skips(DIGEST, MISSED, now - self._grace)
        active = [one for one in self._subscriptions.all() if not one.paused]
        put = sum(self._put(one, now) for one in active if not self._looked_already(one, now))
        known = {one.id for one in active}
        self._looked = {key: held for key, held in self._looked.items() if key in known}
        return put

    def _looked_already(self, subscription: Subscription, now: datetime) -> bool:
        held = self._looked.get(subscription.id)
        # A clock that was put back makes what was seen then worth another look.
        return (
            held is not None and held.subscription == subscription and held.at <= now < held.next_at
        )

    def _put(self, subscription: Subscription, now: datetime) -> int:
        schedule = subscription.schedule
        active_from = subscription.active_from or subscription.created_at
        recorded = self._recorded(subscription, now)
        due = due_now(schedule, recorded, active_from, now, self._grace)
        for slot in due.missed:
            self._outbox.put(_posting(subscription, slot), skipped=MISSED)
        put = due.slot is not None and self._outbox.put(_posting(subscription, due.slot))
        next_at = next_slot(schedule, now).due_at
        self._looked[subscription.id] = _Looked(subscription, now, next_at)
        return int(put)

    def _recorded(self, subscription: Subscription, now: datetime) -> set[date]:
        since = now - LOOK_BACK - _A_DAY_EITHER_WAY
        return {
            date.fromisoformat(one.posting.payload["day"])
            for one in self._outbox.of_reader(subscription.reader, DIGEST, since)
            if one.posting.payload["subscription"] == subscription.id
        }


def _posting(subscription: Subscription, slot: Slot) -> Posting:
    return Posting(
        key=digest_key(subscription.id, slot.day),
        kind=DIGEST,
        reader=subscription.reader,
        channel=subscription.channel,
        follows=None,
        payload={"subscription": subscription.id, "day": slot.day.isoformat()},
        due_at=slot.due_at,
    )

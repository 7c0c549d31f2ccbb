"""Digests by subscription: put into the outbox when it is time, composed when delivered.

    subscription ─▶ due? ─▶ posting ─▶ window, what was told ─▶ Digest ─▶ Page ─▶ turn, messages
                      └─▶ missed by more than the grace: skipped, and the next digest says so

A posting is named by its subscription and local day, so that whoever schedules it, and however
often, puts it there once. What a digest told is recorded with its posting: a digest that never
stood in Slack was not told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from bot.clock import (
    GRACE,
    LONGEST_WINDOW,
    LOOK_BACK,
    Clock,
    Slot,
    due_now,
    lateness,
    next_slot,
    window,
)
from bot.commands.reports import digest_sentences
from bot.db.outbox import POSTED, SKIPPED, Chart, Claimed, Composed, Outbox, Posting, Recorded
from bot.db.subscriptions import Subscriptions, articles_told, late_arrivals, told_to
from bot.db.turns import Turns
from bot.failures import SlackError
from bot.jobs.corrections import corrections_since
from bot.jobs.delivery import Kind, Later, Skip
from bot.records import Subscription, is_person
from bot.render.answers import plain_message
from bot.render.blocks import ImageSlot, button
from bot.render.briefings import digest_page
from bot.render.catalogues import framed, gettext, speaking
from bot.render.formats import posted_messages
from bot.render.page import content_of_page
from bot.render.report_wording import (
    NOT_IN_TIME,
    NOT_RUNNING,
    DigestHeading,
    late_note,
    moment_words,
    skipped_note,
    skipped_several_note,
    title_line,
)
from bot.render.wording import isolated
from bot.slack.client import SlackGateway
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.store.articles import ArticleStore
from retrieval.reports.report import Correction, Coverage, Digest, Interests, Told

DIGEST = "digest"
EDIT_DIGEST = "digest:edit"
MISSED = NOT_RUNNING
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


log = logging.getLogger("chancery.digests")

NOTICE = "notice"
_NOTICE_PATIENCE = timedelta(days=7)
_MOST_NOTES = 3
# Between what had been followed when a digest was made and its standing in Slack: a delivery waits
# up to eight minutes for a round of following, which may itself go on for longer. What came in
# between is looked at again; what was told is not told again.
_COMPOSING = timedelta(minutes=30)


class MakesDigests(Protocol):
    """What the digest is asked of: `retrieval.digests.making.DigestMaker`."""

    def digest(
        self,
        interests: Interests,
        since: datetime,
        until: datetime,
        told: Told,
        sources: Sequence[PolledSource],
        corrections: Sequence[Correction],
        zone: tzinfo,
    ) -> Digest: ...


Draw = Callable[[Coverage], Chart | None]
"""Draws a chart of a digest's coverage, or none where it would show nothing."""


@dataclass(frozen=True, slots=True)
class _Before:
    """The last posted digest before one, and those that were skipped since."""

    last: Recorded | None
    skipped: tuple[Recorded, ...]

    @property
    def told_until(self) -> datetime | None:
        return None if self.last is None else self.last.posting.due_at

    @property
    def known_at(self) -> datetime | None:
        """By when at the latest the last digest had seen everything that it was made of."""
        if self.last is None or self.last.posted_at is None:
            return None
        return self.last.posted_at - _COMPOSING


class DigestDelivery:
    """Composes digests, and pauses those that have no place any more."""

    def __init__(
        self,
        store: ArticleStore,
        maker: MakesDigests,
        slack: SlackGateway,
        clock: Clock,
        *,
        grace: timedelta = GRACE,
        draw: Draw | None = None,
        locale_of: Callable[[str], str] = lambda person: "",
    ) -> None:
        """`locale_of` tells the locale of a person's profile."""
        self._store = store
        self._engine = store.engine
        self._subscriptions = Subscriptions(store.engine, clock)
        self._outbox = Outbox(store.engine)
        self._turns = Turns(store.engine)
        self._sources = SourceRegister(store)
        self._maker = maker
        self._slack = slack
        self._clock = clock
        self._grace = grace
        self._draw = draw
        self._locale_of = locale_of

    def kinds(self) -> dict[str, Kind]:
        """The kinds of posting that are delivered here, by name."""
        return {
            DIGEST: Kind(self.compose, self._grace, self.place_gone),
            NOTICE: Kind(compose_notice, _NOTICE_PATIENCE),
        }

    def compose(self, claimed: Claimed) -> Composed | Skip | Later:
        """The digest of a posting; skipped where nobody wants it any more or it is too late."""
        posting = claimed.posting
        subscription = self._subscriptions.get(posting.payload["subscription"])
        if subscription is None:
            return Skip("the subscription was removed")
        if subscription.paused:
            return Skip("the subscription was paused")
        now = self._clock()
        if now - posting.due_at > self._grace:
            return Skip(MISSED)
        before = self._before(subscription, posting.due_at)
        digest = self._digest(subscription, posting, before)
        # A channel's digest speaks as whoever set it up.
        person = subscription.created_by if _is_shared(subscription) else subscription.reader
        with speaking(self._locale_of(person) if is_person(person) else None):
            heading = _heading(subscription, posting.due_at, before, now, claimed.claims)
            return self._composed(digest, heading, posting)

    def _digest(self, subscription: Subscription, posting: Posting, before: _Before) -> Digest:
        schedule = subscription.schedule
        day = date.fromisoformat(posting.payload["day"])
        span = window(schedule, Slot(day, posting.due_at), before.told_until)
        since, told = span.since, told_to(self._engine, subscription.id)
        if before.known_at is not None:
            late = late_arrivals(self._engine, since, before.known_at)
            since, told = late.since, late.beside(told)
        corrected_since = before.known_at or span.since
        return self._maker.digest(
            subscription.interests,
            since,
            span.until,
            told,
            self._sources.sources(),
            corrections_since(self._store, posting.reader, corrected_since, self._clock()),
            schedule.zone,
        )

    def _composed(self, digest: Digest, heading: DigestHeading, posting: Posting) -> Composed:
        page = digest_page(digest, heading)
        turn = self._turns.record_posting(
            DIGEST,
            f"{posting.channel}:{posting.key}",
            posting.reader,
            self._clock(),
            title_line(heading),
            digest_sentences(digest),
            page.citations,
            content_of_page(page),
        )
        chart = self._draw(digest.coverage) if self._draw and digest.briefs else None
        picture = self._upload(chart) if chart is not None else None
        settings = button(gettext("Settings"), EDIT_DIGEST, posting.payload["subscription"])
        return Composed(
            messages=tuple(posted_messages(page, turn, picture, settings)),
            turn_id=turn,
            told=articles_told(digest),
            chart=chart if picture is not None else None,
        )

    def _upload(self, chart: Chart) -> ImageSlot | None:
        """The chart as a message can show it; a digest does without rather than not at all."""
        try:
            file = self._slack.upload_image(chart.png, "coverage.png", chart.alt)
            return ImageSlot(file, chart.alt)
        except SlackError as error:
            log.info("a digest goes without its chart: %s", error)
            return None

    def _before(self, subscription: Subscription, due_at: datetime) -> _Before:
        earlier = [
            one
            for one in self._outbox.of_reader(subscription.reader, DIGEST, due_at - LOOK_BACK)
            if one.posting.payload["subscription"] == subscription.id
            and one.posting.due_at < due_at
        ]
        posted = [one for one in earlier if one.state == POSTED]
        last = posted[-1] if posted else None
        skipped = tuple(
            one
            for one in earlier
            if one.state == SKIPPED and (last is None or one.posting.due_at > last.posting.due_at)
        )
        return _Before(last, skipped)

    def place_gone(self, claimed: Claimed, reason: str) -> None:
        """Pause a subscription whose place is not to be posted in, and say so to its maker."""
        posting = claimed.posting
        subscription = self._subscriptions.get(posting.payload["subscription"])
        if subscription is None or not self._subscriptions.pause(subscription.id):
            return
        log.warning("a subscription was paused: Slack said %s", reason)
        maker = subscription.created_by
        if not is_person(maker) or maker == subscription.channel:
            return
        with speaking(self._locale_of(maker)):
            text = _paused_notice(subscription, reason)
        key, said, now = f"{NOTICE}:{posting.key}", {"text": text}, self._clock()
        self._outbox.put(Posting(key, NOTICE, maker, maker, None, said, now))


def compose_notice(claimed: Claimed) -> Composed | Skip | Later:
    """A line of our own to one person."""
    return Composed((plain_message(str(claimed.posting.payload["text"])),))


def _heading(
    subscription: Subscription, due_at: datetime, before: _Before, now: datetime, claims: int
) -> DigestHeading:
    schedule = subscription.schedule
    at = due_at.astimezone(schedule.zone)
    previous = before.told_until
    if previous is not None and due_at - previous > LONGEST_WINDOW:
        previous = None
    return DigestHeading(
        name=subscription.name,
        shared=_is_shared(subscription),
        at=at,
        zone_name=subscription.zone,
        previous_at=previous.astimezone(schedule.zone) if previous else None,
        next_at=next_slot(schedule, due_at).due_at.astimezone(schedule.zone),
        notes=tuple(_notes(before.skipped, at, lateness(due_at, now), claims)),
    )


def _notes(
    skipped: Sequence[Recorded], at: datetime, late: timedelta | None, claims: int
) -> Iterator[str]:
    """What is to be said of this delivery and of those that did not come."""
    if late is not None:
        # A second claim tells that we were running, and did not get it out.
        yield late_note(late, NOT_RUNNING if claims == 1 else NOT_IN_TIME)
    if len(skipped) > _MOST_NOTES:
        first = moment_words(skipped[0].posting.due_at, at)
        yield skipped_several_note(len(skipped), first, skipped[-1].note or MISSED)
        return
    for one in skipped:
        yield skipped_note(one.posting.due_at, at, one.note or MISSED)


def _is_shared(subscription: Subscription) -> bool:
    return not is_person(subscription.reader)


def _paused_notice(one: Subscription, reason: str) -> str:
    """What the maker of a digest is told whose place takes it no more."""
    said = gettext(
        "I cannot post the digest “{name}” where it belongs (Slack says: {reason}), so I have "
        "paused it. Invite me there again, then resume it."
    )
    if not one.name:
        said = gettext(
            "I cannot post the digest of {name} where it belongs (Slack says: {reason}), so I have "
            "paused it. Invite me there again, then resume it."
        )
    reason = isolated(reason.replace("_", " "))
    return framed(said.format(name=isolated(one.name or one.at), reason=reason))

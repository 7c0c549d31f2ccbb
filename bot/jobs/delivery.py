"""Delivering what waits in the outbox: each posting composed, posted, recorded, exactly once.

    claim ─▶ compose ─▶ keep it ─▶ look what already stands ─▶ post the rest ─▶ record
       │        └─ Skip, Later
       └─ failures: decided by `after_failure`

Composers are told by kind. A composer reads what it needs, records its turn and gives back
messages; it posts nothing:

    def compose_greeting(claimed: Claimed) -> Composed | Skip | Later:
        name = claimed.posting.payload["name"]
        return Composed((plain_message(f"Good morning, {name}."),))

A posting that `follows` another is posted in that one's thread, and waits until it stands.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.db.outbox import (
    POSTED,
    SKIPPED,
    Also,
    Chart,
    Claimed,
    Composed,
    Outbox,
    composed_from,
    without_images,
)
from bot.db.outbox import as_json as composed_as_json
from bot.db.subscriptions import write_told
from bot.db.turns import write_posted
from bot.failures import SlackError, SlackRefused, trace_of
from bot.render.blocks import Message
from bot.slack.client import PostingPart, SlackGateway

log = logging.getLogger("chancery.deliveries")

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
PATIENCE = timedelta(hours=24)
# Our clock and Slack's differ by seconds; a message is looked for from a little earlier.
_CLOCKS_APART = timedelta(hours=1)
# Slack takes a second or two to work on a picture, and refuses messages that show it until then.
_PICTURE_TRIES = 3
_PICTURE_SECONDS = 2.0
_THREAD_WAIT = timedelta(minutes=1)

GONE = frozenset(
    str.split(
        "channel_not_found not_in_channel is_archived user_not_found user_disabled account_inactive"
        " cannot_dm_bot restricted_action users_not_found user_not_visible"
    )
)
"""Slack's words for a place that we may not post in, whenever we try."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Not to be posted; the note says why, as a part of a sentence."""

    note: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not to be posted before that moment."""

    due_at: datetime


class Composer(Protocol):
    """Makes what a posting says; raises nothing that it can decide itself."""

    def __call__(self, claimed: Claimed) -> Composed | Skip | Later: ...


class PlaceGone(Protocol):
    """Is told that the place of a posting is not to be posted in; `reason` is Slack's word."""

    def __call__(self, claimed: Claimed, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How postings of a kind are made; `patience` is how late they may be delivered at all.

    `posted` is told of each that stands; that it fails is no failure of the posting.
    """

    compose: Composer
    patience: timedelta = PATIENCE
    gone: PlaceGone | None = None
    posted: Callable[[Claimed], None] | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the postings that were due."""

    posted: int = 0
    skipped: int = 0
    waiting: int = 0


def after_failure(
    claimed: Claimed, error: Exception, now: datetime, patience: timedelta
) -> Skip | Later:
    """What follows from a failure: another try after a growing pause, or none.

    Pauses double from a minute to half an hour, or last as long as Slack asked for.
    """
    refused = error if isinstance(error, SlackRefused) else None
    if refused is not None and refused.reason in GONE:
        return Skip(f"Slack refused the place ({refused.reason})")
    if now - claimed.posting.due_at > patience:
        return Skip("it could not be posted" if refused is None else f"Slack said {refused.reason}")
    pause = min(FIRST_PAUSE * 2 ** min(claimed.claims - 1, 10), LONGEST_PAUSE)
    if refused is not None and refused.retry_after is not None:
        pause = max(pause, timedelta(seconds=refused.retry_after))
    return Later(now + pause)


class Deliveries:
    """Delivers postings; any number of processes may do so over one database.

    `pause` is given seconds to wait for Slack to work on a picture.
    """

    def __init__(
        self,
        outbox: Outbox,
        slack: SlackGateway,
        kinds: Mapping[str, Kind],
        clock: Clock,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._outbox = outbox
        self._slack = slack
        self._kinds = dict(kinds)
        self._clock = clock
        self._pause = pause

    def deliver_due(self, now: datetime, most: int = 500) -> Delivered:
        """Deliver what is due, the longest due first; a failure does not stop the rest."""
        tally = Delivered()
        for _ in range(most):
            claimed = self._outbox.claim_due(now)
            if claimed is None:
                break
            became = self._deliver(claimed, now)
            tally = replace(tally, **{became: getattr(tally, became) + 1})
        return tally

    def _deliver(self, claimed: Claimed, now: datetime) -> str:
        kind = self._kinds.get(claimed.posting.kind)
        if kind is None:
            # Another release may know it; this one leaves it alone.
            return self._decided(claimed, Later(now + LONGEST_PAUSE), now)
        try:
            return self._attempt(claimed, kind, now)
        except SlackRefused as error:
            log.info("a posting was refused: %s", error)
            if error.reason in GONE and kind.gone is not None:
                kind.gone(claimed, error.reason)
            return self._decided(claimed, after_failure(claimed, error, now, kind.patience), now)
        except SlackError as error:
            # Whether the message stands is not known. The claim is left to be taken over, by us
            # or another, which begins with a look at what stands.
            log.warning("a posting may not have arrived, looking again: %s", error)
            decided = after_failure(claimed, error, now, kind.patience)
            return self._decided(claimed, decided, now) if isinstance(decided, Skip) else "waiting"
        except Exception as error:  # One that cannot be made must not keep back the others.
            reference = uuid.uuid4().hex[:8]
            log.error("a posting failed, reference %s: %s", reference, trace_of(error))
            return self._decided(claimed, after_failure(claimed, error, now, kind.patience), now)

    def _attempt(self, claimed: Claimed, kind: Kind, now: datetime) -> str:
        posting = claimed.posting
        standing: dict[int, str] = {}
        if claimed.composed is not None:
            composed = composed_from(claimed.composed)
            since = (composed.kept_at or posting.due_at) - _CLOCKS_APART
            standing = self._slack.find_posted(
                composed.channel, composed.thread_ts, posting.key, since
            )
            if len(composed.messages) > 1 and composed.thread_ts is None and 1 in standing:
                # What goes on stands in the thread of the first.
                root = standing[1]
                standing |= self._slack.find_posted(composed.channel, root, posting.key, since)
        else:
            made = self._compose(claimed, kind, now)
            if not isinstance(made, Composed):
                return self._decided(claimed, made, now)
            composed = made
            kept = composed_as_json(composed)
            if not self._outbox.keep_composed(claimed, kept, self._clock()):
                return self._lost()
        first = self._post(claimed, composed, standing)
        if first is None:
            return self._lost()
        self._record(claimed, composed, first)
        try:
            if kind.posted is not None:
                kind.posted(claimed)
        except SlackError as error:
            log.info("what follows a posting is left out: %s", error)
        return "posted"

    def _lost(self) -> str:
        log.info("a posting was taken over by another process")
        return "waiting"

    def _compose(self, claimed: Claimed, kind: Kind, now: datetime) -> Composed | Skip | Later:
        """What is to be posted, with the place that it goes to."""
        thread = self._thread(claimed, now)
        if isinstance(thread, Skip | Later):
            return thread
        made = kind.compose(claimed)
        if not isinstance(made, Composed):
            return made
        if not made.messages:
            return Skip("there was nothing to say")
        channel = made.channel or claimed.posting.channel
        if channel[:1] in ("U", "W"):
            channel = self._slack.direct_channel(channel)
        return replace(
            made, channel=channel, thread_ts=made.thread_ts or thread, kept_at=self._clock()
        )

    def _thread(self, claimed: Claimed, now: datetime) -> str | Skip | Later | None:
        """The ts of what a posting follows; None where it follows nothing."""
        if claimed.posting.follows is None:
            return None
        followed = self._outbox.find(claimed.posting.follows)
        if followed is None or followed.state == SKIPPED:
            return Skip("what it follows was not posted")
        if followed.state != POSTED or followed.place is None:
            return Later(now + _THREAD_WAIT)
        return followed.place[1]

    def _post(self, claimed: Claimed, composed: Composed, standing: dict[int, str]) -> str | None:
        """Post what does not stand yet; the first ts, None where the claim was taken over."""
        shown_apart = False
        for number, message in enumerate(composed.messages, start=1):
            if number in standing:
                continue
            part = PostingPart(claimed.posting.key, number)
            thread = composed.thread_ts or standing.get(1)
            if not self._outbox.renew(claimed, self._clock()):
                return None
            try:
                standing[number] = self._post_with_picture(composed, thread, message, part)
            except _PictureRefused:
                if not self._outbox.renew(claimed, self._clock()):
                    return None
                standing[number] = self._slack.post_once(
                    composed.channel, thread, without_images(message), part
                )
                shown_apart = True
        if shown_apart and composed.chart is not None:
            self._share(composed, composed.chart, standing[1])
        return standing[1]

    def _post_with_picture(
        self, composed: Composed, thread: str | None, message: Message, part: PostingPart
    ) -> str:
        tries = _PICTURE_TRIES if without_images(message) != message else 0
        for left in range(tries, -1, -1):
            try:
                return self._slack.post_once(composed.channel, thread, message, part)
            except SlackRefused as error:
                if not tries or not error.of_blocks:
                    raise
                if left:
                    self._pause(_PICTURE_SECONDS)
        raise _PictureRefused

    def _share(self, composed: Composed, chart: Chart, first: str) -> None:
        thread = composed.thread_ts or first
        try:
            self._slack.share_image(composed.channel, thread, chart.png, "chart.png", chart.alt)
        except SlackError as error:
            log.info("a picture is left out: %s", error)

    def _record(self, claimed: Claimed, composed: Composed, first: str) -> None:
        posting = claimed.posting
        posted_as = f"{composed.channel}:{first}"
        thread = composed.thread_ts or first
        also: list[Also] = []
        if (turn := composed.turn_id) is not None:
            also.append(lambda c: write_posted(c, turn, posted_as, f"{composed.channel}:{thread}"))
        if (told := composed.told) and (subscription := posting.payload.get("subscription")):
            also.append(lambda c: write_told(c, subscription, posting.key, told))
        self._outbox.posted(posting.key, posted_as, composed.turn_id, self._clock(), also)

    def _decided(self, claimed: Claimed, decided: Skip | Later, now: datetime) -> str:
        key = claimed.posting.key
        if isinstance(decided, Skip):
            self._outbox.skip(key, decided.note, now)
            return "skipped"
        self._outbox.wait_until(key, max(decided.due_at, now + timedelta(seconds=1)))
        return "waiting"


class _PictureRefused(Exception):
    """Slack took the message for wrong as long as it showed a picture."""

"""The gate that everything from Slack passes before any listener sees it.

    request ─▶ actor_of ─▶ People ─▶ Access ─┬─ may ────▶ listeners
                                             └─ may not ▶ acknowledged, told why, and no further

It stands in front of all listeners, so that no surface can forget it. What no person did passes.
What somebody writes at the top of a channel to nobody of us stops here without a look at who they
are: nothing answers it, and a profile would be asked for each who writes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltResponse

from bot.rendering.refusal_views import refusal_modal
from bot.slack.actors import Actor, Deed, actor_of
from bot.surfaces.together import Surfaces

log = logging.getLogger("chancery.listeners")

PROFILE_SECONDS = 1.5
"""How long a request waits for a profile: Slack wants its acknowledgement within three."""
HURRIED_SECONDS, HURRIED_FOR_SECONDS = 0.2, 30.0


class Patience:
    """How long a profile is waited for: less for a while after one could not be had in time.

    Where Slack is slow, many who write at once would otherwise wait one after the other.
    """

    def __init__(self) -> None:
        self._hurried_until = float("-inf")

    def seconds(self, now: float) -> float:
        """How long to wait; `now` is monotonic seconds."""
        return HURRIED_SECONDS if now < self._hurried_until else PROFILE_SECONDS

    def note(self, now: float, *, known: bool) -> None:
        """Take note of whether a profile was there."""
        if not known and self.seconds(now) == PROFILE_SECONDS:
            self._hurried_until = now + HURRIED_FOR_SECONDS


def register(app: App, surfaces: Surfaces) -> None:
    # What is told runs beside the listeners, since Slack waits for nothing but the answer here.
    beside = app.listener_runner.listener_executor
    patience = Patience()

    def gate(body: dict[str, Any], next: Callable[[], Any]) -> Any:
        actor = actor_of(body, surfaces.me)
        if actor is None:
            return next()
        if actor.deed is Deed.WROTE_AT_TOP:
            return BoltResponse(status=200)
        wait = patience.seconds(time.monotonic())
        person = surfaces.people.person(actor.user, team=actor.team, within=wait)
        # Whom Slack does not know here is external, and was looked up in time.
        patience.note(time.monotonic(), known=person.known or person.external)
        refusal = surfaces.access.refusal(person, actor.channel)
        if refusal is None:
            return next()
        log.info("refused: %s", actor.deed.name.lower())
        if person.active:
            beside.submit(surfaces.refusals.tell, actor, refusal)
        return _acknowledgement(actor, refusal)

    app.use(gate)


def _acknowledgement(actor: Actor, refusal: str) -> BoltResponse:
    """What Slack gets at once: a submitted modal must be answered with what stands there then."""
    if actor.deed is Deed.SUBMITTED:
        update = {"response_action": "update", "view": refusal_modal(refusal)}
        return BoltResponse(status=200, body=update)
    if actor.deed is Deed.ASKED_FOR_OPTIONS:
        return BoltResponse(status=200, body={"options": []})
    return BoltResponse(status=200)

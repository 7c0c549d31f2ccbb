"""The gate that everything from Slack passes before any handler sees it.

    request ─▶ actor_of ─▶ People ─▶ Access ─┬─ may ────▶ handlers
                                             └─ may not ▶ acknowledged, told why, and no further

It stands in front of all handlers, so that no surface can forget it. What no person did passes.
What somebody writes at the top of a channel to nobody of us stops here without a look at who they
are: nothing answers it, and a profile would be asked for each who writes.

A refusal is told to that person alone. What they did on purpose and alone (a command, a click, a
modal, Home) is answered each time; what they wrote is answered once an hour, and what was only
overheard never.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltResponse

from bot.clock import Clock
from bot.db.events import Claims
from bot.failures import SlackError, trace_of
from bot.home.views import sentence_view
from bot.render.answers import plain_message
from bot.render.catalogues import speak
from bot.render.people import refusal_modal
from bot.slack.client import SlackGateway
from bot.slack.events import Actor, Deed, Identity, actor_of
from bot.slack.people import Access, People
from corpus.text.words import well_formed

log = logging.getLogger("chancery.listeners")

_WRITTEN = (Deed.MENTIONED, Deed.WROTE_DIRECTLY)


class Refusals:
    """Tells refusals in the way that each deed allows. Any number of threads may call it."""

    def __init__(self, slack: SlackGateway, claims: Claims, clock: Clock) -> None:
        self._slack = slack
        self._claims = claims
        self._clock = clock

    def tell(self, actor: Actor, refusal: str) -> None:
        """Tell somebody why they are not answered; raises nothing."""
        try:
            if actor.deed not in _WRITTEN or self._first_in_an_hour(actor):
                self._tell(actor, refusal)
        except SlackError as error:
            log.info("a refusal could not be told: %s", error)
        except Exception as error:  # Nobody waits for this thread who could be told.
            log.error("a refusal could not be told: %s", trace_of(error))

    def _tell(self, actor: Actor, refusal: str) -> None:
        slack, channel = self._slack, actor.channel
        match actor.deed:
            case Deed.MENTIONED if channel:
                slack.tell(channel, actor.user, actor.thread_ts, refusal)
            case Deed.WROTE_DIRECTLY if channel:
                slack.post(channel, actor.thread_ts, [plain_message(refusal)])
            case Deed.COMMANDED | Deed.CLICKED_MESSAGE if actor.response_url:
                slack.respond(actor.response_url, plain_message(refusal))
            case Deed.CLICKED_MESSAGE if channel:
                slack.tell(channel, actor.user, actor.thread_ts, refusal)
            case Deed.CLICKED_MODAL if actor.view_id:
                slack.update_view(actor.view_id, refusal_modal(refusal))
            case Deed.CHOSE_SHORTCUT if actor.trigger_id:
                slack.open_view(actor.trigger_id, refusal_modal(refusal))
            case Deed.OPENED_HOME:
                slack.publish_home(actor.user, sentence_view(refusal))

    def _first_in_an_hour(self, actor: Actor) -> bool:
        """Whether nobody was told before this hour: a mention comes twice, and to any replica."""
        now = self._clock()
        key = f"refusal:{actor.user}:{actor.channel}:{now:%Y%m%d%H}"
        first = self._claims.claim(key, now)
        if first:
            self._claims.finish(key, now)
        return first


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


def register(app: App, me: Identity, people: People, access: Access, refusals: Refusals) -> None:
    """Stand in front of every listener; `me` is who the bot is in its workspace.

    What listeners say is in the language of whoever wrote or clicked: they go on in that of the
    thread that let them in.
    """
    # What is told runs beside the listeners, since Slack waits for nothing but the answer here.
    beside = app.listener_runner.listener_executor
    patience = Patience()

    def gate(body: dict[str, Any], next: Callable[[], Any]) -> Any:
        make_well_formed(body)
        speak(None)
        actor = actor_of(body, me)
        if actor is None:
            return next()
        if actor.deed is Deed.WROTE_AT_TOP:
            return BoltResponse(status=200)
        wait = patience.seconds(time.monotonic())
        person = people.person(actor.user, team=actor.team, within=wait)
        # Whom Slack does not know here is external, and was looked up in time.
        patience.note(time.monotonic(), known=person.known or person.external)
        speak(person.locale)
        refusal = access.refusal(person, actor.channel)
        if refusal is None:
            return next()
        log.info("refused: %s", actor.deed.name.lower())
        if person.active:
            beside.submit(refusals.tell, actor, refusal)
        return _acknowledgement(actor, refusal)

    app.use(gate)


def make_well_formed(payload: Any) -> None:
    """Replace the lone surrogates of all texts of a payload, which JSON can carry, in place."""
    held = payload.items() if isinstance(payload, dict) else enumerate(payload)
    for key, value in list(held):
        if isinstance(value, str):
            payload[key] = well_formed(value)
        elif isinstance(value, dict | list):
            make_well_formed(value)


def _acknowledgement(actor: Actor, refusal: str) -> BoltResponse:
    """What Slack gets at once: a submitted modal must be answered with what stands there then."""
    if actor.deed is Deed.SUBMITTED:
        update = {"response_action": "update", "view": refusal_modal(refusal)}
        return BoltResponse(status=200, body=update)
    if actor.deed is Deed.ASKED_FOR_OPTIONS:
        return BoltResponse(status=200, body={"options": []})
    return BoltResponse(status=200)

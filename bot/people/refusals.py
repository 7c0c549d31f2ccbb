"""Telling somebody, and only them, that they are not answered.

What they did on purpose and alone (a command, a click, a modal, Home) is answered each time; what
they wrote is answered once an hour, and what was only overheard never.
"""

from __future__ import annotations

import logging

from bot.clock import Clock
from bot.errors import SlackError, trace_of
from bot.intake.claims import Claims
from bot.rendering.answer_blocks import plain_message
from bot.rendering.home_view import sentence_view
from bot.rendering.refusal_views import refusal_modal
from bot.slack.actors import Actor, Deed
from bot.slack.gateway import SlackGateway

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

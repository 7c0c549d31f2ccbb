"""For whom a message in Slack sets something up, and in whose time zone it is meant."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.desk.nouns import Reader
from bot.errors import SlackError
from bot.requests.zones import is_zone
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked, Place

log = logging.getLogger("chancery.conversation")

DEFAULT_ZONE = "UTC"
_KEPT_FOR = timedelta(hours=1)
"""How long a person's zone is remembered; who travels changes it in Slack."""


class Readers:
    """Tells readers from messages; remembers time zones for a while."""

    def __init__(self, slack: SlackGateway, clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._zones: dict[str, tuple[str, datetime]] = {}

    def reader(self, asked: Asked) -> Reader:
        """A person who writes directly, or the channel for whoever mentions us there."""
        shared = asked.place is Place.CHANNEL
        place = asked.channel if shared else asked.user
        return Reader(place, place, asked.user, self._zone(asked.user), asked.key, shared)

    def _zone(self, user: str) -> str:
        """The zone of a person's profile; UTC where it cannot be read, and asked again then."""
        now = self._clock()
        known = self._zones.get(user)
        if known is not None and timedelta(0) <= now - known[1] < _KEPT_FOR:
            return known[0]
        try:
            zone = self._slack.time_zone(user)
        except SlackError as error:
            log.info("no time zone of a reader: %s", error)
            return DEFAULT_ZONE
        found = str(zone) if is_zone(zone) else DEFAULT_ZONE
        self._zones[user] = (found, now)
        return found

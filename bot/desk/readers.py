"""For whom a message in Slack sets something up, and in whose time zone it is meant."""

from __future__ import annotations

from bot.desk.nouns import Reader
from bot.slack.incoming import Asked, Place
from bot.slack.people import People


class Readers:
    """Tells readers from messages."""

    def __init__(self, people: People) -> None:
        self._people = people

    def reader(self, asked: Asked) -> Reader:
        """A person who writes directly, or the channel for whoever mentions us there."""
        shared = asked.place is Place.CHANNEL
        place = asked.channel if shared else asked.user
        return Reader(place, place, asked.user, self.zone(asked.user), asked.key, shared)

    def zone(self, user: str) -> str:
        """The time zone of a person's profile; UTC where it cannot be read, and asked again."""
        return self._people.person(user).zone

"""Who is answered, and who may change what is polled. Pure: a person and a place, no Slack.

    Person + channel ─▶ refusal ─▶ None, or one sentence that says why not and whom to ask

In this order: bots and deactivated accounts never; people of another workspace only where they or
theirs are let in; guests unless they are kept out; then the list of people, then the list of
channels, which leaves direct messages alone.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.settings import Settings
from bot.slack.people import Person

INACTIVE = "This account is not answered."
_MOST_NAMED = 3
ONLY_ADMINS = "Only admins may change which sources are read."


class Access:
    """What the settings allow; `name_of` tells how people call an admin whose id is set."""

    def __init__(self, settings: Settings, name_of: Callable[[str], str] | None = None) -> None:
        self._teams = frozenset(settings.slack_teams)
        self._channels = frozenset(settings.slack_channels)
        self._people = frozenset(settings.slack_people)
        self._admins = settings.slack_admins
        self._guests = settings.slack_guests
        self._external = settings.slack_external
        self._name_of = name_of or (lambda _id: "")

    def refusal(self, person: Person, channel: str | None) -> str | None:
        """Why somebody is not answered in a channel, as a sentence for them; None if they are.

        `channel` is None where there is none, as on the Home page.
        """
        if not person.active:
            return INACTIVE
        reason = self._reason(person, channel)
        return f"{reason} {self._whom_to_ask(person)}" if reason else None

    def is_admin(self, person: Person) -> bool:
        """Whether somebody may change what is polled, and see how the bot fares.

        Whoever SLACK_ADMINS names; where it names nobody, the workspace's owners and admins.
        """
        if not person.active or self._reason(person, None):
            return False
        return person.id in self._admins if self._admins else person.admin

    def admin_refusal(self, person: Person) -> str:
        """What somebody is told who is no admin and would have to be one."""
        named = self._admin_names()
        return f"{ONLY_ADMINS} Ask {named or 'an admin of this workspace'}."

    def _reason(self, person: Person, channel: str | None) -> str | None:
        if person.external and not self._lets_in(person):
            return "I answer only people of the workspace that I work for."
        if person.guest and not self._guests:
            return "I do not answer guests of this workspace."
        if self._people and person.id not in self._people and person.id not in self._admins:
            return "I answer only the people whom I was set up for."
        if self._channels and channel and not _is_direct(channel) and channel not in self._channels:
            return "I do not answer in this channel; a direct message reaches me."
        return None

    def _lets_in(self, person: Person) -> bool:
        theirs = {person.team, person.enterprise} - {None}
        return self._external or bool(theirs & self._teams)

    def _whom_to_ask(self, person: Person) -> str:
        if named := self._admin_names():
            return f"{named} can change that."
        # What an outsider calls "the admins" are those of another workspace.
        return f"{'Its' if person.external else 'This workspace’s'} admins can change that."

    def _admin_names(self) -> str:
        """How the first admins are called whom the settings name."""
        names = [name for name in map(self._name_of, self._admins[:_MOST_NAMED]) if name]
        return _either(names) if names else ""


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _either(names: list[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last

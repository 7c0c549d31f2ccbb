"""Who people are, and who is answered.

    users.info ─▶ person_of ─▶ Person, kept for an hour
    what a payload says of a person's workspace, where no profile can be read ─▶ Person, not kept
    Person + channel ─▶ Access ─▶ None, or one sentence that says why not and whom to ask

Refused are, in this order: bots and deactivated accounts; people of another workspace, unless they
or theirs are let in; guests, where they are kept out; whoever is not on the list of people; what
stands in a channel that is not on the list of channels, which leaves direct messages alone.

A profile that cannot be read locks nobody out: while Slack is down the workspace that the payload
itself names decides who is external, whoever it names as ours is taken for a full member, and
nobody for an admin. What that lets through is a guest where guests are not answered; what it keeps
out is everything that only admins may do.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.clock import Clock, is_zone
from bot.failures import SlackError, SlackRefused
from bot.render.catalogues import N_, comma, gettext
from bot.render.wording import isolated
from bot.settings import Settings
from bot.slack.events import Identity

log = logging.getLogger("chancery.slack")

DEFAULT_ZONE = "UTC"
KEPT_FOR = timedelta(hours=1)
"""How long a profile is remembered; who travels changes the time zone there."""
MOST_KEPT = 10_000
# A profile takes some 100 ms, and fifty people may write for the first time in one second.
_LOOKING_UP = 32
_STRANGER = ("user_not_found", "user_not_visible")
"""What Slack answers of people whom our workspace does not know."""
_SLACKBOT = "USLACKBOT"
"""Slack's own bot, whose profile does not say that it is one."""
INACTIVE = N_("This account is not answered.")
_MOST_NAMED = 3
ONLY_ADMINS = N_("Only admins may change which sources are read.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack; `zone` is an IANA name, `locale` their language and country ("fr-FR"),
    `team` the id of their own workspace.

    `guest`: a member with access to some channels only. `external`: a member of another workspace,
    met in a shared channel. `admin`: an owner or admin of our workspace. `active` is false for
    whoever was deactivated, and for bots. `known` is false where the profile could not be read.
    """

    id: str
    name: str
    team: str | None = None
    zone: str = DEFAULT_ZONE
    guest: bool = False
    external: bool = False
    admin: bool = False
    active: bool = True
    known: bool = True
    enterprise: str | None = None
    locale: str = ""


class Profiles(Protocol):
    """What reads profiles: the gateway to Slack."""

    def profile(self, user: str) -> Mapping[str, Any]: ...


class People:
    """Tells who somebody is. Any number of threads may call it."""

    def __init__(self, slack: Profiles, clock: Clock, me: Identity | None = None) -> None:
        self._slack = slack
        self._clock = clock
        self._me = me or Identity("", None, None)
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Person, datetime]] = OrderedDict()
        self._asked: dict[str, Future[Person | None]] = {}
        self._pool = ThreadPoolExecutor(_LOOKING_UP, thread_name_prefix="profiles")

    def person(self, user: str, *, team: str | None = None, within: float | None = None) -> Person:
        """Who the user `user` is; never raises SlackError.

        `team` is the workspace that a payload names as theirs, for when there is no profile.
        `within` is how many seconds to wait for one: what Slack says later is kept for next time.
        """
        found = self._remembered(user) or self._found(user, within)
        if found is None or (found.external and not found.known and team):
            # What a payload says of somebody is more than that our workspace does not know them.
            return unknown_person(user, team, self._me)
        return found

    def _found(self, user: str, within: float | None) -> Person | None:
        try:
            return self._asking(user).result(within)
        except TooSlow:
            log.info("a profile came too late")
            return None

    def _remembered(self, user: str) -> Person | None:
        with self._lock:
            held = self._kept.get(user)
        fresh = held is not None and timedelta(0) <= self._clock() - held[1] < KEPT_FOR
        return held[0] if held is not None and fresh else None

    def _asking(self, user: str) -> Future[Person | None]:
        """The one request for a profile that is under way."""
        with self._lock:
            asking = self._asked.get(user)
            if asking is None:
                asking = self._asked[user] = self._pool.submit(self._look_up, user)
            return asking

    def _look_up(self, user: str) -> Person | None:
        try:
            found = self._read(user)
            if found is not None:
                self._keep(found)
            return found
        finally:
            with self._lock:
                self._asked.pop(user, None)

    def _read(self, user: str) -> Person | None:
        try:
            return replace(person_of(self._slack.profile(user), self._me), id=user)
        except SlackRefused as error:
            log.info("no profile of a person: %s", error)
            stranger = error.reason in _STRANGER
            return Person(user, "", external=True, known=False) if stranger else None
        except SlackError as error:
            log.info("no profile of a person: %s", error)
            return None

    def _keep(self, person: Person) -> None:
        with self._lock:
            self._kept[person.id] = (person, self._clock())
            self._kept.move_to_end(person.id)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def person_of(profile: Mapping[str, Any], me: Identity) -> Person:
    """The person whom the `user` of an answer of users.info describes.

    In an organisation of several workspaces (Enterprise Grid) a person belongs to each that
    `enterprise_user.teams` names.
    """
    own = profile.get("profile") or {}
    organisation = profile.get("enterprise_user") or {}
    enterprise = organisation.get("enterprise_id")
    teams = {profile.get("team_id"), *(organisation.get("teams") or ())} - {None}
    external = _elsewhere(teams, enterprise, me)
    named = own.get("display_name") or profile.get("real_name") or profile.get("name") or ""
    zone = profile.get("tz")
    runs_it = any(profile.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner"))
    return Person(
        id=str(profile.get("id") or ""),
        name=" ".join(str(named).split()),
        team=profile.get("team_id"),
        zone=str(zone) if is_zone(zone) else DEFAULT_ZONE,
        guest=bool(profile.get("is_restricted") or profile.get("is_ultra_restricted")),
        external=external,
        # Whoever runs another workspace runs nothing here.
        admin=runs_it and not external,
        active=not (
            profile.get("deleted") or profile.get("is_bot") or profile.get("id") == _SLACKBOT
        ),
        enterprise=enterprise,
        locale=str(profile.get("locale") or ""),
    )


def unknown_person(user: str, team: str | None, me: Identity) -> Person:
    """Somebody of whom no more is known than what a payload says."""
    external = _elsewhere({team} - {None}, team, me)
    return Person(user, "", team, external=external, known=False)


def _elsewhere(teams: set[Any], enterprise: str | None, me: Identity) -> bool:
    """Whether someone of these workspaces is from outside of ours; nothing said means ours."""
    if not teams or me.team is None:
        return False
    if me.enterprise is not None and enterprise == me.enterprise and me.team == me.enterprise:
        return False  # Installed for a whole organisation.
    return me.team not in teams


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
            return gettext(INACTIVE)
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
        ask = gettext("Ask an admin of this workspace.")
        if named:
            ask = gettext("Ask {names}.", names=named)
        return f"{gettext(ONLY_ADMINS)} {ask}"

    def _reason(self, person: Person, channel: str | None) -> str | None:
        if person.external and not self._lets_in(person):
            return gettext("I answer only people of the workspace that I work for.")
        if person.guest and not self._guests:
            return gettext("I do not answer guests of this workspace.")
        if self._people and person.id not in self._people and person.id not in self._admins:
            return gettext("I answer only the people whom I was set up for.")
        if self._channels and channel and not _is_direct(channel) and channel not in self._channels:
            return gettext("I do not answer in this channel; a direct message reaches me.")
        return None

    def _lets_in(self, person: Person) -> bool:
        theirs = {person.team, person.enterprise} - {None}
        return self._external or bool(theirs & self._teams)

    def _whom_to_ask(self, person: Person) -> str:
        if named := self._admin_names():
            return gettext("{names} can change that.", names=named)
        # What an outsider calls "the admins" are those of another workspace.
        if person.external:
            return gettext("Its admins can change that.")
        return gettext("This workspace’s admins can change that.")

    def _admin_names(self) -> str:
        """How the first admins are called whom the settings name."""
        names = [name for name in map(self._name_of, self._admins[:_MOST_NAMED]) if name]
        return _either(names) if names else ""


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _either(names: list[str]) -> str:
    *rest, last = map(isolated, names)
    return f"{f'{comma()} '.join(rest)}{gettext(' or ')}{last}" if rest else last

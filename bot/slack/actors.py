"""Who is behind what Slack sends us, where, and how they can be told something. Pure.

body of a request ─▶ actor_of ─▶ Actor, or None where no person did anything
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.slack.incoming import Identity

Body = Mapping[str, Any]


class Deed(Enum):
    """What somebody did, as far as it matters for how they are answered."""

    MENTIONED = auto()
    WROTE_DIRECTLY = auto()
    WROTE_IN_THREAD = auto()
    WROTE_AT_TOP = auto()
    """In a channel, outside of threads, to nobody of us."""
    COMMANDED = auto()
    CLICKED_MESSAGE = auto()
    CLICKED_MODAL = auto()
    OPENED_HOME = auto()
    """Opened the Home tab, or clicked in it."""
    SUBMITTED = auto()
    CHOSE_SHORTCUT = auto()
    ASKED_FOR_OPTIONS = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person and what they did; `team` is the workspace that the payload names as theirs.

    What there is of `thread_ts`, `response_url`, `trigger_id` and `view_id` says how to answer.
    """

    user: str
    deed: Deed
    team: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    response_url: str | None = None
    trigger_id: str | None = None
    view_id: str | None = None


_INTERACTIONS = {
    "view_submission": Deed.SUBMITTED,
    "shortcut": Deed.CHOSE_SHORTCUT,
    "message_action": Deed.CHOSE_SHORTCUT,
    "block_suggestion": Deed.ASKED_FOR_OPTIONS,
}


def actor_of(body: Body, me: Identity) -> Actor | None:
    """The person behind an event, a command or an interaction; None where there is none.

    A bot is no person; nor is one behind the news that a message was changed or deleted.
    """
    if isinstance(body.get("event"), Mapping):
        return _of_event(body["event"], me)
    if body.get("command"):
        user = _text(body.get("user_id"))
        if user is None:
            return None
        return Actor(
            user=user,
            deed=Deed.COMMANDED,
            team=_text(body.get("team_id")),
            channel=_text(body.get("channel_id")),
            response_url=_text(body.get("response_url")),
            trigger_id=_text(body.get("trigger_id")),
        )
    return _of_interaction(body)


def _of_event(event: Body, me: Identity) -> Actor | None:
    thread = _part(event, "assistant_thread")
    # Some events describe the person where others give the id.
    user = _text(event.get("user")) or _text(_part(event, "user").get("id"))
    user = user or _text(thread.get("user_id"))
    if not user or user == me.user or event.get("bot_id"):
        return None
    channel = _text(event.get("channel")) or _text(thread.get("channel_id"))
    teams = map(_text, (event.get("user_team"), event.get("source_team"), event.get("team")))
    return Actor(
        user=user,
        deed=_event_deed(event, channel or "", me),
        team=next((team for team in teams if team), None),
        channel=channel,
        thread_ts=_text(event.get("thread_ts")),
    )


def _event_deed(event: Body, channel: str, me: Identity) -> Deed:
    kind = event.get("type")
    if kind == "app_home_opened":
        return Deed.OPENED_HOME if event.get("tab", "home") == "home" else Deed.OTHER
    if kind == "app_mention":
        return Deed.MENTIONED
    if kind != "message":
        return Deed.OTHER
    if event.get("channel_type") == "im" or channel.startswith("D"):
        return Deed.WROTE_DIRECTLY
    if f"<@{me.user}" in (_text(event.get("text")) or ""):
        return Deed.MENTIONED
    return Deed.WROTE_IN_THREAD if event.get("thread_ts") else Deed.WROTE_AT_TOP


def _of_interaction(body: Body) -> Actor | None:
    person, container, view = _part(body, "user"), _part(body, "container"), _part(body, "view")
    user, message = _text(person.get("id")), _part(body, "message")
    if not user:
        return None
    return Actor(
        user=user,
        deed=_interaction_deed(body, view),
        team=_text(person.get("team_id")),
        channel=_text(_part(body, "channel").get("id")) or _text(container.get("channel_id")),
        thread_ts=_text(message.get("thread_ts")) or _text(container.get("thread_ts")),
        response_url=_text(body.get("response_url")),
        trigger_id=_text(body.get("trigger_id")),
        view_id=_text(view.get("id")),
    )


def _interaction_deed(body: Body, view: Body) -> Deed:
    kind = body.get("type")
    if kind == "block_actions":
        if view.get("type") == "home":
            return Deed.OPENED_HOME
        return Deed.CLICKED_MODAL if view else Deed.CLICKED_MESSAGE
    return _INTERACTIONS.get(_text(kind) or "", Deed.OTHER)


def _part(body: Body, name: str) -> Body:
    """A part of a payload, empty where it is not there or is something else."""
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None

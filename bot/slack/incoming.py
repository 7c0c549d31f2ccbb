"""What a Slack event means for us: a question to be answered, or nothing. Pure.

event payload + who we are  ->  Asked | Overheard | Ignored(reason)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?P<target>(?:https?|mailto):[^>|]+)(?:\|(?P<label>[^>]*))?>")
_CHANNEL = re.compile(r"<#[CG][A-Z0-9]+(?:\|(?P<name>[^>]*))?>")
_SPECIAL = re.compile(r"<![^>]*>")


class Place(StrEnum):
    CHANNEL = "channel"
    DIRECT = "direct message"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace."""

    user: str
    bot: str | None
    team: str | None
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that somebody put to us.

    `reply_to` is the thread to answer in, `ts` the message itself; `key` is the same for every
    delivery of the message, whichever event brought it. `clicked` is the moment of the click
    where it was a button of that message that stood for the words. With a `response_url` the
    reply is for whoever asked alone. A `question` is one, whatever its text reads like.
    """

    place: Place
    channel: str
    user: str
    text: str
    ts: str
    reply_to: str | None
    clicked: str | None = None
    response_url: str | None = field(default=None, repr=False)
    team: str | None = None
    question: bool = False

    @property
    def key(self) -> str:
        if self.clicked is not None:
            return f"click:{self.channel}:{self.ts}:{self.clicked}"
        return f"message:{self.channel}:{self.ts}"

    @property
    def conversation(self) -> str:
        """Where earlier turns of the same talk are kept: the thread, or the direct message.

        What is said to one person in a channel is a talk of its own.
        """
        if self.response_url is not None:
            return f"{self.channel}:alone:{self.user}"
        return f"{self.channel}:{self.reply_to or 'direct'}"


@dataclass(frozen=True, slots=True)
class Overheard:
    """What somebody wrote in a channel's thread without mentioning us: it may be for us.

    `asked` is what it asks if it is; `calls_others` tells whether it mentions anybody else.
    """

    asked: Asked
    calls_others: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is not for us, and why."""

    reason: str


def meaning_of(event: Mapping[str, Any], me: Identity) -> Asked | Overheard | Ignored:
    """What a `message` or `app_mention` event asks of us.

    A mention comes as both; they have one key, so that either of them may get lost.
    """
    if reason := _not_from_a_person(event, me):
        return Ignored(reason)
    direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    written = str(event.get("text") or "")
    mentioned = {match["id"] for match in _MENTION.finditer(written)}
    for_us = direct or event.get("type") == "app_mention" or me.user in mentioned
    ts = str(event["ts"])
    thread = event.get("thread_ts")
    if not for_us and not (thread and str(thread) != ts):
        return Ignored("a channel message without a mention")
    asked = Asked(
        place=Place.DIRECT if direct else Place.CHANNEL,
        channel=str(event["channel"]),
        user=str(event["user"]),
        text=plain_question(written, me),
        ts=ts,
        # In an agent's direct messages each message that stands in no thread begins one.
        reply_to=str(thread or ts),
        team=event.get("user_team") or event.get("team") or me.team,
    )
    if for_us:
        return asked
    return Overheard(asked, bool(mentioned - {me.user}) or bool(_SPECIAL.search(written)))


def meaning_of_click(
    body: Mapping[str, Any], action: Mapping[str, Any], me: Identity
) -> Asked | Ignored:
    """What a click on a button asks that stands for a sentence: the button's value.

    It is answered where the button stands: in its thread, or in one under it.
    """
    user = body.get("user") or {}
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(message.get("ts") or container.get("message_ts") or "")
    if not (user.get("id") and channel and ts):
        return Ignored("a click outside of a message")
    thread = message.get("thread_ts") or container.get("thread_ts")
    # What was shown to one person alone goes on alone.
    alone = bool(container.get("is_ephemeral")) and bool(body.get("response_url"))
    direct = channel.startswith("D") or alone
    return Asked(
        place=Place.DIRECT if direct else Place.CHANNEL,
        channel=channel,
        user=str(user["id"]),
        text=" ".join(str(action.get("value") or "").split()),
        ts=ts,
        reply_to=str(thread or ts),
        clicked=str(action.get("action_ts") or ""),
        response_url=str(body["response_url"]) if alone else None,
        team=user.get("team_id") or me.team,
    )


def plain_question(text: str, me: Identity) -> str:
    """Message text as its author sees it, without the mention of us."""
    text = _MENTION.sub(lambda match: "" if match["id"] == me.user else match.group(), text)
    text = _LINK.sub(lambda match: match["label"] or match["target"], text)
    text = _CHANNEL.sub(lambda match: f"#{match['name'] or ''}", text)
    text = _SPECIAL.sub("", text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(text.split())


def _not_from_a_person(event: Mapping[str, Any], me: Identity) -> str | None:
    subtype = event.get("subtype")
    if subtype in ("message_changed", "message_deleted"):
        return "an edit or a deletion"
    if event.get("edited"):
        return "an edited message"
    if event.get("bot_id") or subtype == "bot_message":
        return "a bot's message"
    if subtype not in (None, "file_share", "thread_broadcast"):
        return f"a message of subtype {subtype}"
    if not event.get("user"):
        return "a message without an author"
    if event["user"] == me.user:
        return "our own message"
    if event.get("hidden"):
        return "a hidden message"
    return None

"""For whom a message in Slack sets something up, and in whose time zone it is meant.

What the desk says, as Slack messages: lines of rich text, then what can be said next.

What the desk works with: for whom something is set up, and what is said back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.render.blocks import Message, actions, escape, in_messages, paragraphs, say, words
from bot.render.wording import excerpt
from bot.slack.events import Asked, Place
from bot.slack.people import People


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom things are set up: a person, or a channel on behalf of a `person` in it.

    `id` is a Slack user's or channel's id, `channel` where digests and alerts are posted,
    `zone` the IANA name of the person's time zone. `request` names the message that asks; what it
    sets up takes its id from it, so that the same message sets it up once.
    """

    id: str
    channel: str
    person: str
    zone: str
    request: str
    shared: bool = False

    def drawn_id(self, kind: str) -> str:
        """The id of what this request sets up."""
        return hashlib.sha256(f"{kind}\0{self.id}\0{self.request}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be said next: a button's label, and the sentence it stands for."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said back: one paragraph a line, and what can be said next."""

    lines: tuple[str, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Trail(Protocol):
    """Where it is kept who changed what."""

    def record(
        self, by: str, action: str, subject: str, detail: str | None, now: datetime
    ) -> None: ...


def replied(line: str, *choices: Choice) -> Reply:
    """A reply of one line."""
    return Reply((line,), choices)


def unclear(missing: str, example: str) -> Reply:
    """What is missing, and how it could be said."""
    return replied(f"{missing} For example: {example}")


LONGEST_NOTICE = 300


def reply_messages(reply: Reply) -> list[Message]:
    """A reply as one message, or as several where it is long."""
    blocks = paragraphs([[words(line)] for line in reply.lines])
    if reply.choices:
        blocks.append(actions(say(choice.label, choice.sentence) for choice in reply.choices))
    notice = escape(excerpt(reply.lines[0], LONGEST_NOTICE))
    return [Message(notice, tuple(held)) for held in in_messages(blocks)]


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

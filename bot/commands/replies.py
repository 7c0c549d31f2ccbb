"""What services of set-ups have in common: for whom, what is said back, and how one is kept.

    Asked ─▶ Readers ─▶ Reader (a person, or a channel for somebody in it, and their zone)
    Reply (lines, and what can be said next) ─▶ Slack messages

`SetUpService` keeps, pauses and removes digests or watches and notes who did it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from bot.clock import Clock
from bot.records import Subscription, Watch, record_document
from bot.render.blocks import Message, actions, escape, in_messages, paragraphs, say, words
from bot.render.catalogues import ENGLISH, framed, gettext, speaking
from bot.render.wording import excerpt, isolated
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


def replied(line: str, *choices: Choice) -> Reply:
    """A reply of one line."""
    return Reply((line,), choices)


def unclear(missing: str, example: str) -> Reply:
    """What is missing, and how it could be said."""
    shown = isolated(example)
    return replied(f"{missing} {gettext('For example: {example}', example=shown)}")


LONGEST_NOTICE = 300


def reply_messages(reply: Reply) -> list[Message]:
    """A reply as one message, or as several where it is long."""
    blocks = paragraphs([[words(framed(line))] for line in reply.lines])
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

    def locale(self, user: str) -> str:
        """The locale of a person's profile, "fr-FR"; empty where it cannot be read."""
        return self._people.person(user).locale

    def zone(self, user: str) -> str:
        """The time zone of a person's profile; UTC where it cannot be read, and asked again."""
        return self._people.person(user).zone


Record = TypeVar("Record", bound=Subscription | Watch)


class Trail(Protocol):
    """Where it is kept who changed what."""

    def record(
        self, by: str, action: str, subject: str, detail: str | None, now: datetime
    ) -> None: ...


class Store(Protocol[Record]):
    """Where records are kept, by id and by reader."""

    def add(self, one: Record, /) -> None: ...
    def replace(self, one: Record, seen: Record | None = None, /) -> bool: ...
    def remove(self, identity: str, /) -> bool: ...
    def pause(self, identity: str, paused: bool, /) -> bool: ...
    def get(self, identity: str, /) -> Record | None: ...
    def of_reader(self, reader: str, /) -> list[Record]: ...


class SetUpService(Generic[Record]):
    """Keeps what readers set up, of one kind (`noun`), and notes who changed it."""

    noun: str

    def __init__(self, store: Store[Record], trail: Trail, clock: Clock) -> None:
        self._store = store
        self._trail = trail
        self._clock = clock

    def line(self, one: Record) -> str:
        """What it is, in a line."""
        raise NotImplementedError

    def kept(self, one: Record, reader: Reader, *, new: bool) -> Reply:
        """What is said once a form was kept."""
        raise NotImplementedError

    def named(self, name: str, reader: Reader) -> list[Record] | Reply:
        """Those of a name, or all; or what to say where it names none."""
        raise NotImplementedError

    def of_reader(self, reader: Reader) -> list[Record]:
        return self._store.of_reader(reader.id)

    def listed(self, reader: Reader) -> list[str]:
        """One line each."""
        return [f"• {self.line(one)}" for one in self.of_reader(reader)]

    def keep(
        self, one: Record, reader: Reader, seen: Record | None = None, *, only_again: bool = False
    ) -> Reply | None:
        """Keep what a form gives, in the place of the one that it was `seen` as.

        Once however often it is asked; None, and nothing kept, where `seen` is no more what is
        stored, or with `only_again` where it was not kept before. What goes to another reader is
        a new one there, and the old one ends.
        """
        there, moved = self._store.get(one.id), seen is None or seen.id != one.id
        if there is not None and _same_settings(there, one):
            return self.kept(there, reader, new=moved)
        if only_again:
            return None
        if not moved:
            if not self._store.replace(one, seen):
                return None
            self.note(reader, "changed", one)
            return self.kept(one, reader, new=False)
        if there is not None:
            return None
        if seen is not None:
            now = self._store.get(seen.id)
            if now is None or not _same_settings(now, seen):
                return None
        self._store.add(one)
        self.note(reader, "added", one)
        if seen is not None:
            self.drop(seen.id, reader)
        return self.kept(one, reader, new=True)

    def drop(self, identity: str, reader: Reader) -> Record | None:
        """No more of one; gives it, or None where there is none of that id any more."""
        one = self._store.get(identity)
        if one is None or not self._store.remove(identity):
            return None
        self.note(reader, "removed", one)
        return one

    def set_paused(self, identity: str, reader: Reader, *, paused: bool) -> Record | None:
        """Pause one or let it go on; gives it as it was, or None where there is none."""
        one = self._store.get(identity)
        if one is not None and one.paused != paused:
            self._store.pause(identity, paused)
            self.note(reader, "paused" if paused else "resumed", one)
        return one

    def pause(self, name: str, reader: Reader, *, paused: bool) -> list[Record] | Reply:
        """Pause or resume those of a name, or all; gives those that changed."""
        found = self.named(name, reader)
        if isinstance(found, Reply):
            return found
        changed = [one for one in found if one.paused != paused]
        for one in changed:
            self.set_paused(one.id, reader, paused=paused)
        return changed

    def note(self, reader: Reader, done: str, one: Record) -> None:
        """Keep who did what to it."""
        with speaking(ENGLISH):
            detail = self.line(one)
        self._trail.record(reader.person, f"{self.noun} {done}", one.id, detail, self._clock())


def _same_settings(one: Record, other: Record) -> bool:
    """Whether two are alike but for who made them when."""
    made = ("created_by", "created_at")
    held = (record_document(record).items() for record in (one, other))
    settings, others = ({key: value for key, value in of if key not in made} for of in held)
    return settings == others

"""What a submitted form means: what was entered, and what is to be kept for whom. Pure.

    state of a view ─▶ DigestDraft | WatchDraft ─▶ `bot.home.form_problems`
                                               └─▶ Subscription | Watch, for a Reader

What is entered means what the same words mean when they are written to us: a country among the
topics is a place. Fields are named by their block id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.delivery.schedule import DAYS
from bot.delivery.subscriptions import Subscription
from bot.desk.digests import name_of
from bot.desk.nouns import Reader
from bot.desk.watches import LONGEST_NAME
from bot.monitoring.watches import Watch
from bot.requests.subjects import country_code, subject_name
from bot.requests.words import in_words, listed
from retrieval.digests.nouns import Interests
from retrieval.watching.criteria import Criteria

DIGEST_FORM, WATCH_FORM = "digest_form", "watch_form"
ACTION = "form:"
"""The action of a field's element is this and the field's name."""

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""`view.state.values`: by block id, then by action id."""


@dataclass(frozen=True, slots=True)
class DigestDraft:
    """A digest as a form shows it; `channel` is None for a direct message to the person."""

    at: str | None
    zone: str
    days: tuple[str, ...]
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    length: int = Interests().length
    channel: str | None = None
    paused: bool = False

    @property
    def interests(self) -> Interests:
        """A topic that is a country is a place, as in plain words."""
        codes = {topic: country_code(topic) for topic in self.topics}
        places = (*self.places, *(code for code in codes.values() if code))
        topics = tuple(topic for topic, code in codes.items() if not code)
        return Interests(topics, tuple(dict.fromkeys(places)), self.sources, self.length)


@dataclass(frozen=True, slots=True)
class WatchDraft:
    """A watch as a form shows it; `daily_cap` is None where no number was entered."""

    name: str
    zone: str
    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    quiet_from: str | None = None
    quiet_to: str | None = None
    daily_cap: int | None = None
    channel: str | None = None
    paused: bool = False

    @property
    def criteria(self) -> Criteria:
        """Words of which each is a country look for articles that speak of one, as in plain
        words."""
        words, places = self.words, self.places
        codes = [country_code(word) for word in words]
        if words and not places and all(codes):
            words, places = (), tuple(dict.fromkeys(code for code in codes if code))
        return Criteria(words, self.aliases, self.actors, places, self.sources, self.kinds)

    @property
    def called(self) -> str:
        """Its name, or without one what it looks for."""
        if self.name:
            return self.name
        named = (*self.words, *self.actors) or self.aliases or tuple(map(subject_name, self.places))
        return in_words(named)[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form comes from: what it edits as it was shown, and where it was opened.

    `id` is None for something new, `shown` the fingerprint of what was stored then, `opened_in`
    the channel of the button, None for Home; `pages` are how far Home was turned.
    """

    id: str | None = None
    shown: str = ""
    opened_in: str | None = None
    pages: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As the view's private metadata."""
        return json.dumps(asdict(self))


def origin_of(metadata: str) -> Origin:
    """The origin of a view that we opened."""
    held = json.loads(metadata)
    return Origin(held["id"], held["shown"], held["opened_in"], held["pages"])


def fingerprint(stored: Subscription | Watch) -> str:
    """Tells whether what is stored is what somebody was shown."""
    held = {name: value for name, value in asdict(stored).items() if name != "active_from"}
    return hashlib.sha256(json.dumps(held, default=str).encode()).hexdigest()[:16]


# Drafts


def digest_draft(stored: Subscription) -> DigestDraft:
    """A digest as it is stored."""
    own = stored.interests
    return DigestDraft(
        stored.at,
        stored.zone,
        stored.days,
        own.topics,
        own.places,
        own.sources,
        own.length,
        channel_of(stored.reader),
        stored.paused,
    )


def watch_draft(stored: Watch) -> WatchDraft:
    """A watch as it is stored."""
    own = stored.criteria
    return WatchDraft(
        stored.name,
        stored.zone,
        own.words,
        own.aliases,
        own.actors,
        own.places,
        own.sources,
        own.kinds,
        stored.quiet_from,
        stored.quiet_to,
        stored.daily_cap,
        channel_of(stored.reader),
        stored.paused,
    )


def channel_of(reader: str) -> str | None:
    """A reader that is a channel; None for a person."""
    return None if reader[:1] in ("U", "W") else reader


def entered_digest(values: Values) -> DigestDraft:
    """What stands in a digest's form."""
    length = _chosen(values, "length")
    return DigestDraft(
        at=_state(values, "at").get("selected_time"),
        zone=_chosen(values, "zone"),
        days=tuple(day for day in DAYS if day in _all_chosen(values, "days")),
        topics=_items(values, "topics"),
        places=_all_chosen(values, "places"),
        sources=_all_chosen(values, "sources"),
        length=int(length) if length.isdigit() else Interests().length,
        channel=_state(values, "channel").get("selected_conversation"),
        paused=bool(_all_chosen(values, "paused")),
    )


def entered_watch(values: Values) -> WatchDraft:
    """What stands in a watch's form."""
    cap = _written(values, "daily_cap")
    return WatchDraft(
        name=_written(values, "name"),
        zone=_chosen(values, "zone"),
        words=_items(values, "words"),
        aliases=_items(values, "aliases"),
        actors=_items(values, "actors"),
        places=_all_chosen(values, "places"),
        sources=_all_chosen(values, "sources"),
        kinds=_all_chosen(values, "kinds"),
        quiet_from=_state(values, "quiet_from").get("selected_time"),
        quiet_to=_state(values, "quiet_to").get("selected_time"),
        daily_cap=int(cap) if cap.isdigit() else None,
        channel=_state(values, "channel").get("selected_conversation"),
        paused=bool(_all_chosen(values, "paused")),
    )


def _state(values: Values, name: str) -> Mapping[str, Any]:
    return values.get(name, {}).get(f"{ACTION}{name}", {})


def _written(values: Values, name: str) -> str:
    return " ".join(str(_state(values, name).get("value") or "").split())


def _items(values: Values, name: str) -> tuple[str, ...]:
    lines = str(_state(values, name).get("value") or "").replace("\n", ", ")
    return listed(" ".join(lines.split()))


def _chosen(values: Values, name: str) -> str:
    option = _state(values, name).get("selected_option") or {}
    return str(option.get("value") or "")


def _all_chosen(values: Values, name: str) -> tuple[str, ...]:
    options = _state(values, name).get("selected_options") or ()
    return tuple(dict.fromkeys(str(option["value"]) for option in options))


# What is kept


def digest_of(
    draft: DigestDraft, stored: Subscription | None, reader: Reader, now: datetime
) -> Subscription:
    """The digest that a draft without problems asks for.

    With another reader than the stored one's it is another digest: what the one was told is
    news to the other.
    """
    interests = draft.interests
    base = stored
    if base is None or base.reader != reader.id:
        base = Subscription(
            id=reader.drawn_id("digest"),
            reader=reader.id,
            channel=reader.channel,
            name=stored.name if stored else name_of(interests),
            at="",
            zone="",
            days=(),
            interests=stored.interests if stored else interests,
            paused=False,
            created_by=reader.person,
            created_at=now,
        )
    # A name that somebody gave it stays; one that told its subjects tells the new ones.
    given = base.name and base.name != name_of(base.interests)
    return replace(
        base,
        name=base.name if given else name_of(interests),
        at=draft.at or "",
        zone=draft.zone,
        days=draft.days,
        interests=interests,
        paused=draft.paused,
    )


def watch_of(draft: WatchDraft, stored: Watch | None, reader: Reader, now: datetime) -> Watch:
    """The watch that a draft without problems asks for; with another reader it is another one."""
    kept = stored if stored is not None and stored.reader == reader.id else None
    assert draft.daily_cap is not None, "problems are looked for first"
    return Watch(
        id=kept.id if kept else reader.drawn_id("watch"),
        reader=reader.id,
        channel=kept.channel if kept else reader.channel,
        name=draft.called,
        criteria=draft.criteria,
        quiet_from=draft.quiet_from,
        quiet_to=draft.quiet_to,
        zone=draft.zone,
        daily_cap=draft.daily_cap,
        paused=draft.paused,
        created_by=kept.created_by if kept else reader.person,
        created_at=kept.created_at if kept else now,
    )

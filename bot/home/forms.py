"""What is wrong with a filled-in form, one sentence a field. Pure.

draft + what it is checked against ─▶ {field: sentence}, empty where it can be kept

What a submitted form means: what was entered, and what is to be kept for whom. Pure.

    state of a view ─▶ DigestDraft | WatchDraft ─▶ `bot.home.forms`
                                               └─▶ Subscription | Watch, for a Reader

What is entered means what the same words mean when they are written to us: a country among the
topics is a place. Fields are named by their block id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.clock import DAYS, is_zone
from bot.commands.digests import MOST_SUBSCRIPTIONS, name_of
from bot.commands.following_grammar import MOST_LENGTH
from bot.commands.replies import Reader
from bot.commands.watches import LONGEST_NAME, MOST_WATCHES
from bot.commands.words import country_code, in_words, listed, subject_name
from bot.records import Subscription, Watch
from bot.render.blocks import ACTION
from corpus.articles import SourceKind
from corpus.text.places import place_code
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria

DIGEST_FORM, WATCH_FORM = "digest_form", "watch_form"

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


LONGEST_ITEM = 160
MOST_ITEMS = 40
MOST_ALERTS = 200

Problems = dict[str, str]
"""One sentence a field, by the field's name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft is checked against.

    `others` are what its reader has beside it, `stored` what it was; `sources` are the names
    of all that are known; `person` tells "you" from "this channel".
    """

    others: Sequence[Subscription | Watch] = ()
    stored: Subscription | Watch | None = None
    sources: Collection[str] = ()
    person: bool = True

    @property
    def whose(self) -> str:
        return "You have" if self.person else "This channel has"


def digest_problems(draft: DigestDraft, around: Surroundings) -> Problems:
    """What must be put right before a digest can be kept, a sentence a field."""
    problems: Problems = {}
    if not draft.at:
        problems["at"] = "Choose the time at which the digest comes."
    if not draft.days:
        problems["days"] = "Choose at least one day."
    if not 1 <= draft.length <= MOST_LENGTH:
        problems["length"] = f"A digest tells 1 to {MOST_LENGTH} stories."
    stored = around.stored.interests if isinstance(around.stored, Subscription) else Interests()
    problems |= _zone_problem(draft.zone)
    problems |= _list_problem("topics", draft.topics)
    problems |= _place_problem(draft.places, stored.places, "Topics")
    problems |= _source_problem(draft.sources, around.sources, stored.sources)
    wanted = _subjects(draft.interests)
    taken = [one for one in around.others if isinstance(one, Subscription)]
    same = [one for one in taken if _subjects(one.interests) == wanted]
    if same:
        shown = name_of(draft.interests)
        problems["topics"] = (
            f"{around.whose} a digest on {shown} already; edit that one, or name other subjects."
        )
    elif len(taken) >= MOST_SUBSCRIPTIONS:
        problems["topics"] = (
            f"{around.whose} {MOST_SUBSCRIPTIONS} digests already; remove one of them first."
        )
    return problems


def watch_problems(draft: WatchDraft, around: Surroundings) -> Problems:
    """What must be put right before a watch can be kept, a sentence a field."""
    problems: Problems = {}
    criteria = draft.criteria
    if not (criteria.words or criteria.aliases or criteria.actors or criteria.places):
        problems["words"] = "Write what to look for: a word, a name or a country."
    for name in ("words", "aliases", "actors"):
        problems |= _list_problem(name, getattr(draft, name))
    stored = around.stored.criteria if isinstance(around.stored, Watch) else Criteria()
    problems |= _zone_problem(draft.zone)
    problems |= _place_problem(draft.places, stored.places, "Words")
    problems |= _source_problem(draft.sources, around.sources, stored.sources)
    unknown = [kind for kind in draft.kinds if kind not in {one.value for one in SourceKind}]
    if unknown:
        problems["kinds"] = f"There are no sources of the kind “{unknown[0]}”."
    if bool(draft.quiet_from) != bool(draft.quiet_to):
        missing = "quiet_to" if draft.quiet_from else "quiet_from"
        problems[missing] = "Quiet hours need a beginning and an end; choose both or neither."
    if draft.daily_cap is None or not 1 <= draft.daily_cap <= MOST_ALERTS:
        problems["daily_cap"] = f"Write a whole number from 1 to {MOST_ALERTS}."
    problems |= _name_problem(draft, around)
    return problems


def _name_problem(draft: WatchDraft, around: Surroundings) -> Problems:
    taken = [one for one in around.others if isinstance(one, Watch)]
    if len(draft.name) > LONGEST_NAME:
        return {"name": f"A name has at most {LONGEST_NAME} characters."}
    if any(one.name.casefold() == draft.called.casefold() for one in taken):
        return {
            "name": f"{around.whose} a watch called “{draft.called}” already; choose another name."
        }
    if len(taken) >= MOST_WATCHES:
        return {"name": f"{around.whose} {MOST_WATCHES} watches already; remove one of them first."}
    return {}


def _zone_problem(zone: str) -> Problems:
    if is_zone(zone):
        return {}
    shown = f"“{zone}” is no time zone; choose" if zone else "Choose a time zone,"
    return {"zone": f"{shown} one such as Europe/Paris."}


def _list_problem(name: str, items: Sequence[str]) -> Problems:
    if len(items) > MOST_ITEMS:
        return {name: f"That is more than {MOST_ITEMS}; part commas from one another."}
    if any(len(item) > LONGEST_ITEM for item in items):
        return {name: f"Each has at most {LONGEST_ITEM} characters; part them by commas."}
    return {}


def _place_problem(places: Sequence[str], stored: Collection[str], instead: str) -> Problems:
    unknown = [one for one in places if one not in stored and place_code(one) is None]
    if not unknown:
        return {}
    return {"places": f"I know no country called “{unknown[0]}”; write it under {instead} instead."}


def _source_problem(
    names: Sequence[str], known: Collection[str], stored: Collection[str]
) -> Problems:
    there = {name.casefold() for name in (*known, *stored)}
    unknown = [name for name in names if name.casefold() not in there]
    return {"sources": f"No source called “{unknown[0]}” is read."} if unknown else {}


def _subjects(interests: Interests) -> tuple[frozenset[str], ...]:
    named = (interests.topics, interests.places, interests.sources)
    return tuple(frozenset(item.casefold() for item in items) for items in named)

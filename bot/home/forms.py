"""What a submitted form means, what is wrong with it, and what is to be kept for whom. Pure.

    state of a view ─▶ SubscriptionDraft | WatchDraft ─┬─▶ problems: {field: sentence}
                                                       └─▶ Subscription | Watch, for a Reader

What is entered means what the same words mean when they are written to us: a country among the
topics is a place. Fields are named by their block id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.clock import DAYS, is_zone
from bot.commands.digests import MOST_SUBSCRIPTIONS, interests_of, name_of, subjects, subjects_told
from bot.commands.following_grammar import MOST_LENGTH
from bot.commands.intents import country_code, in_words, listed, subject_name
from bot.commands.replies import Reader
from bot.commands.watches import LONGEST_NAME, MOST_WATCHES
from bot.records import Subscription, SubscriptionDraft, Watch, WatchDraft
from bot.render.blocks import ACTION
from bot.render.catalogues import gettext
from bot.render.wording import isolated
from corpus.articles import SourceKind
from corpus.text.places import place_code
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria

DIGEST_FORM, WATCH_FORM = "digest_form", "watch_form"

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""`view.state.values`: by block id, then by action id."""


def criteria_of(draft: WatchDraft) -> Criteria:
    """What a watch looks for. Words of which each is a country look for articles that speak of
    one, as in plain words."""
    given = draft.criteria
    codes = [country_code(word) for word in given.words]
    if codes and not given.places and all(codes):
        return replace(given, words=(), places=tuple(dict.fromkeys(filter(None, codes))))
    return given


def called(draft: WatchDraft) -> str:
    """The name of a watch, or without one what it looks for."""
    given = draft.criteria
    if draft.name:
        return draft.name
    named = (*given.words, *given.actors) or given.aliases or map(subject_name, given.places)
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


# What was entered


_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
"""What Slack's time pickers send; anything else is somebody's own doing."""


def entered_digest(values: Values) -> SubscriptionDraft:
    """What stands in a digest's form."""
    length = chosen(values, "length")
    return SubscriptionDraft(
        at=given(values, "at").get("selected_time"),
        zone=chosen(values, "zone"),
        days=tuple(day for day in DAYS if day in _all_chosen(values, "days")),
        interests=Interests(
            _items(values, "topics"), _all_chosen(values, "places"), _all_chosen(values, "sources")
        ),
        length=int(length) if length.isdigit() else Interests().length,
        channel=given(values, "channel").get("selected_conversation"),
        paused=bool(_all_chosen(values, "paused")),
    )


def entered_watch(values: Values) -> WatchDraft:
    """What stands in a watch's form."""
    cap = written(values, "daily_cap")
    return WatchDraft(
        name=written(values, "name"),
        criteria=Criteria(
            _items(values, "words"),
            _items(values, "aliases"),
            _items(values, "actors"),
            _all_chosen(values, "places"),
            _all_chosen(values, "sources"),
            _all_chosen(values, "kinds"),
        ),
        zone=chosen(values, "zone"),
        quiet_from=given(values, "quiet_from").get("selected_time"),
        quiet_to=given(values, "quiet_to").get("selected_time"),
        daily_cap=int(cap) if cap.isdigit() else None,
        channel=given(values, "channel").get("selected_conversation"),
        paused=bool(_all_chosen(values, "paused")),
    )


def given(values: Values, name: str) -> Mapping[str, Any]:
    """What Slack sent of a field."""
    return values.get(name, {}).get(f"{ACTION}{name}", {})


def written(values: Values, name: str) -> str:
    """What was written into a field, in one line."""
    return " ".join(str(given(values, name).get("value") or "").split())


def _items(values: Values, name: str) -> tuple[str, ...]:
    lines = str(given(values, name).get("value") or "").replace("\n", ", ")
    return listed(" ".join(lines.split()))


def chosen(values: Values, name: str) -> str:
    """The value that was chosen in a field; "" for none."""
    option = given(values, name).get("selected_option") or {}
    return str(option.get("value") or "")


def _all_chosen(values: Values, name: str) -> tuple[str, ...]:
    options = given(values, name).get("selected_options") or ()
    return tuple(dict.fromkeys(str(option["value"]) for option in options))


# What is kept


def digest_of(
    draft: SubscriptionDraft, stored: Subscription | None, reader: Reader, now: datetime
) -> Subscription:
    """The digest that a draft without problems asks for.

    With another reader than the stored one's it is another digest: what the one was told is
    news to the other.
    """
    interests = interests_of(draft)
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
        zone=draft.zone or "",
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
        name=called(draft),
        criteria=criteria_of(draft),
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


def digest_problems(draft: SubscriptionDraft, around: Surroundings) -> Problems:
    """What must be put right before a digest can be kept, a sentence a field."""
    problems: Problems = {}
    if not (draft.at and _TIME.fullmatch(draft.at)):
        problems["at"] = gettext("Choose the time at which the digest comes.")
    if not draft.days:
        problems["days"] = gettext("Choose at least one day.")
    about, wanted = draft.interests or Interests(), interests_of(draft)
    if not 1 <= wanted.length <= MOST_LENGTH:
        problems["length"] = gettext("A digest tells 1 to {count} stories.", count=MOST_LENGTH)
    stored = around.stored.interests if isinstance(around.stored, Subscription) else Interests()
    problems |= _zone_problem(draft.zone or "")
    problems |= _list_problem("topics", about.topics)
    problems |= _place_problem(about.places, stored.places, gettext("Topics"))
    problems |= _source_problem(about.sources, around.sources, stored.sources)
    taken = [one for one in around.others if isinstance(one, Subscription)]
    same = [one for one in taken if subjects(one.interests) == subjects(wanted)]
    if same:
        there = gettext(
            "This channel has a digest on {subjects} already; edit that one, or name other "
            "subjects."
        )
        if around.person:
            there = gettext(
                "You have a digest on {subjects} already; edit that one, or name other subjects."
            )
        problems["topics"] = there.format(subjects=subjects_told(wanted))
    elif len(taken) >= MOST_SUBSCRIPTIONS:
        many = gettext("This channel has {count} digests already; remove one of them first.")
        if around.person:
            many = gettext("You have {count} digests already; remove one of them first.")
        problems["topics"] = many.format(count=MOST_SUBSCRIPTIONS)
    return problems


def watch_problems(draft: WatchDraft, around: Surroundings) -> Problems:
    """What must be put right before a watch can be kept, a sentence a field."""
    problems: Problems = {}
    given, criteria = draft.criteria, criteria_of(draft)
    if not (criteria.words or criteria.aliases or criteria.actors or criteria.places):
        problems["words"] = gettext("Write what to look for: a word, a name or a country.")
    for name in ("words", "aliases", "actors"):
        problems |= _list_problem(name, getattr(given, name))
    stored = around.stored.criteria if isinstance(around.stored, Watch) else Criteria()
    problems |= _zone_problem(draft.zone)
    problems |= _place_problem(given.places, stored.places, gettext("Words"))
    problems |= _source_problem(given.sources, around.sources, stored.sources)
    unknown = [kind for kind in given.kinds if kind not in {one.value for one in SourceKind}]
    if unknown:
        problems["kinds"] = gettext("There are no sources of the kind “{kind}”.", kind=unknown[0])
    if bool(draft.quiet_from) != bool(draft.quiet_to):
        missing = "quiet_to" if draft.quiet_from else "quiet_from"
        both = gettext("Quiet hours need a beginning and an end; choose both or neither.")
        problems[missing] = both
    for name, at in (("quiet_from", draft.quiet_from), ("quiet_to", draft.quiet_to)):
        if at and not _TIME.fullmatch(at):
            problems[name] = gettext("Choose a time of day.")
    if draft.daily_cap is None or not 1 <= draft.daily_cap <= MOST_ALERTS:
        whole = gettext("Write a whole number from 1 to {count}.", count=MOST_ALERTS)
        problems["daily_cap"] = whole
    problems |= _name_problem(draft, around)
    return problems


def _name_problem(draft: WatchDraft, around: Surroundings) -> Problems:
    taken, name = [one for one in around.others if isinstance(one, Watch)], called(draft)
    if len(draft.name) > LONGEST_NAME:
        return {"name": gettext("A name has at most {count} characters.", count=LONGEST_NAME)}
    if any(one.name.casefold() == name.casefold() for one in taken):
        there = gettext("This channel has a watch called “{name}” already; choose another name.")
        if around.person:
            there = gettext("You have a watch called “{name}” already; choose another name.")
        return {"name": there.format(name=isolated(name))}
    if len(taken) >= MOST_WATCHES:
        many = gettext("This channel has {count} watches already; remove one of them first.")
        if around.person:
            many = gettext("You have {count} watches already; remove one of them first.")
        return {"name": many.format(count=MOST_WATCHES)}
    return {}


def _zone_problem(zone: str) -> Problems:
    if is_zone(zone):
        return {}
    if not zone:
        return {"zone": gettext("Choose a time zone, one such as Europe/Paris.")}
    none = gettext("“{zone}” is no time zone; choose one such as Europe/Paris.")
    return {"zone": none.format(zone=zone)}


def _list_problem(name: str, items: Sequence[str]) -> Problems:
    if len(items) > MOST_ITEMS:
        many = gettext("That is more than {count}; part commas from one another.")
        return {name: many.format(count=MOST_ITEMS)}
    if any(len(item) > LONGEST_ITEM for item in items):
        long = gettext("Each has at most {count} characters; part them by commas.")
        return {name: long.format(count=LONGEST_ITEM)}
    return {}


def _place_problem(places: Sequence[str], stored: Collection[str], instead: str) -> Problems:
    unknown = [one for one in places if one not in stored and place_code(one) is None]
    if not unknown:
        return {}
    none = gettext("I know no country called “{name}”; write it under {field} instead.")
    return {"places": none.format(name=isolated(unknown[0]), field=instead)}


def _source_problem(
    names: Sequence[str], known: Collection[str], stored: Collection[str]
) -> Problems:
    there = {name.casefold() for name in (*known, *stored)}
    unknown = [name for name in names if name.casefold() not in there]
    if not unknown:
        return {}
    return {"sources": gettext("No source called “{name}” is read.", name=isolated(unknown[0]))}

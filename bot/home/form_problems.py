"""What is wrong with a filled-in form, one sentence a field. Pure.

draft + what it is checked against ─▶ {field: sentence}, empty where it can be kept
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.delivery.subscriptions import Subscription
from bot.desk.digests import MOST_SUBSCRIPTIONS, name_of
from bot.desk.watches import LONGEST_NAME, MOST_WATCHES
from bot.home.forms import DigestDraft, WatchDraft
from bot.monitoring.watches import Watch
from bot.requests.digests import MOST_LENGTH
from bot.requests.zones import is_zone
from corpus.articles import SourceKind
from corpus.places.finding import place_code
from retrieval.digests.nouns import Interests
from retrieval.watching.criteria import Criteria

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

"""Digests set up, changed, stopped, paused and listed, each told in one line.

What is told is what was understood, and the words that undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import DAYS, next_slot, zone_in_words
from bot.commands.intents import MORNING, country_code, days_in_words, in_words, subject_name
from bot.commands.replies import Choice, Reader, Reply, SetUpService, replied, unclear
from bot.records import Subscription, SubscriptionDraft
from bot.render.wording import quoted_item
from retrieval.reports.report import Interests

MOST_SUBSCRIPTIONS = 20
"""Of one reader; more than a day's reading is no digest any more."""
_EVERYTHING = "everything"


class DigestService(SetUpService[Subscription]):
    """Carries out what a reader wants of regular digests."""

    noun = "digest"

    def set_up(self, draft: SubscriptionDraft, reader: Reader) -> Reply:
        """A new digest; one of the same subjects, or an only one, takes the new time instead."""
        identity = reader.drawn_id("digest")
        if done := self._store.get(identity):
            return self._begun(done, reader)
        mine = self.of_reader(reader)
        interests = interests_of(draft)
        same = mine
        if draft.interests is not None:
            same = [one for one in mine if subjects(one.interests) == subjects(interests)]
        if len(same) == 1:
            return self._altered(same[0], replace(draft, interests=None), reader)
        if len(same) > 1:
            return self._which(mine, draft)
        if len(mine) >= MOST_SUBSCRIPTIONS:
            return replied(
                f"{_whose(reader)} {MOST_SUBSCRIPTIONS} digests already; “my digests” lists them."
            )
        subscription = Subscription(
            id=identity,
            reader=reader.id,
            channel=reader.channel,
            name=name_of(interests),
            at=draft.at or MORNING,
            zone=draft.zone or reader.zone,
            days=draft.days or DAYS,
            interests=interests,
            paused=False,
            created_by=reader.person,
            created_at=self._clock(),
        )
        self._store.add(subscription)
        self.note(reader, "added", subscription)
        return self._begun(subscription, reader)

    def change(self, draft: SubscriptionDraft, reader: Reader) -> Reply:
        """What is said of the digest replaces what it was; the rest stays."""
        mine = self.of_reader(reader)
        if not mine:
            return replied(
                f"There is no digest to change; “{sentence_of_draft(draft)}” starts one."
            )
        wanted = subjects(interests_of(draft))
        named = [one for one in mine if subjects(one.interests) == wanted]
        if draft.interests is not None and len(named) == 1:
            return self._altered(named[0], replace(draft, interests=None), reader)
        if len(mine) > 1:
            return self._which(mine, draft)
        return self._altered(mine[0], draft, reader)

    def kept(self, one: Subscription, reader: Reader, *, new: bool) -> Reply:
        if one.paused:
            return replied(f"Kept, and paused: {self.line(one)}.", *_choices(one))
        return replied(self._said(one, reader, "first" if new else "next"), *_choices(one))

    def stop(self, name: str, reader: Reader) -> Reply:
        """No more of the digest of that name, or of any."""
        found = self.named(name, reader)
        if isinstance(found, Reply):
            return found
        for one in found:
            self._store.remove(one.id)
            self.note(reader, "removed", one)
        back = " and ".join(f"“{sentence_of(one)}”" for one in found)
        again = "brings it back" if len(found) == 1 else "bring them back"
        return replied(
            f"{_gets(reader, 'no more digest')} {_on_names(found)}. {back} {again}.",
        )

    def line(self, one: Subscription) -> str:
        """ "Libya and Sudan: on weekdays at 07:30 Paris time, next on Monday 8 April"."""
        when = f"{days_in_words(one.days)} at {one.at} {zone_in_words(one.zone)}"
        rest = "paused" if one.paused else f"next {self._next(one)}"
        return f"{_shown(one.interests)}: {when}, {rest}"

    def _altered(self, one: Subscription, draft: SubscriptionDraft, reader: Reader) -> Reply:
        interests = interests_of(draft, one.interests)
        changed = replace(
            one,
            name=name_of(interests),
            at=draft.at or one.at,
            zone=draft.zone or one.zone,
            days=draft.days or one.days,
            interests=interests,
            paused=False,
        )
        if changed == one:
            return replied(f"So it is already: {self._said(one, reader, 'next')}", *_choices(one))
        self._store.replace(changed)
        self.note(reader, "changed", changed)
        undo = "pause digest" if one.paused else f"change {sentence_of(one)}"
        effect = "pauses it again" if one.paused else "puts it back"
        said = self._said(changed, reader, "next")
        return replied(f"{said} “{undo}” {effect}.", *_choices(changed))

    def _begun(self, one: Subscription, reader: Reader) -> Reply:
        only = len(self.of_reader(reader)) == 1
        stop = "digest off" if only else f"digest off {quoted_names(one.interests)}"
        said = self._said(one, reader, "first")
        return replied(f"{said} “{stop}” stops it.", *_choices(one))

    def _said(self, one: Subscription, reader: Reader, which: str) -> str:
        when = f"{days_in_words(one.days)} at {one.at} {zone_in_words(one.zone)}"
        gets = _gets(reader, "a digest")
        return f"{gets} {when} on {_shown(one.interests)}; the {which} {self._next(one)}."

    def _next(self, one: Subscription) -> str:
        now = self._clock()
        due = next_slot(one.schedule, max(now, one.active_from or now)).due_at
        return day_ahead(due, now, ZoneInfo(one.zone))

    def _which(self, mine: Sequence[Subscription], draft: SubscriptionDraft) -> Reply:
        shown = "; ".join(f"{_shown(one.interests)} at {one.at}" for one in mine)
        example = replace(draft, interests=None)
        return unclear(
            f"There are {len(mine)} digests ({shown}). Which one?",
            f"“{sentence_of_draft(example)} on {quoted_names(mine[0].interests)}”",
        )

    def named(self, name: str, reader: Reader) -> list[Subscription] | Reply:
        mine = self.of_reader(reader)
        if not mine:
            return replied("There is no digest. “digest at 07:30” starts one.")
        if not name:
            return mine
        wanted = name.casefold().strip("“”\"' ")
        exact = [
            one for one in mine if wanted in (_shown(one.interests).casefold(), one.name.casefold())
        ]
        found = exact or [one for one in mine if wanted in _shown(one.interests).casefold()]
        if len(found) == 1 or (exact and found):
            return found
        shown = "; ".join(_shown(one.interests) for one in mine)
        return unclear(
            f"There is no digest on “{name}”, but on: {shown}.",
            f"“digest off {quoted_names(mine[0].interests)}”",
        )


def day_ahead(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "today at 07:30", "tomorrow", "on Monday 8 April", in the reader's days."""
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    return f"on {day:%A %-d %B}"


def sentence_of(one: Subscription) -> str:
    """What to say for a digest like this: "digest every Monday at 07:30 Paris time on Libya"."""
    usual = one.interests.length == Interests().length
    return sentence_of_draft(replace(one.draft, length=None) if usual else one.draft)


def sentence_of_draft(draft: SubscriptionDraft) -> str:
    """A draft as a person would write it; it is read as the same draft."""
    parts = ["digest"]
    if draft.days:
        parts.append("daily" if len(draft.days) == 7 else days_in_words(draft.days))
    if draft.at or draft.days:
        parts.append(f"at {draft.at or MORNING}")
    if draft.zone:
        parts.append(draft.zone)
    if draft.length:
        parts.append(f"with {draft.length} {'story' if draft.length == 1 else 'stories'}")
    if draft.interests is not None:
        parts.append(f"on {quoted_names(draft.interests)}")
        if draft.interests.sources:
            parts.append(f"from {in_words(map(quoted_item, draft.interests.sources))}")
    return " ".join(parts)


def name_of(interests: Interests) -> str:
    """What a digest of these interests is called: "Libya and Sudan"."""
    return in_words(_named_subjects(interests)) or _EVERYTHING


def quoted_names(interests: Interests) -> str:
    """The subjects as they can be written in a request."""
    return in_words(map(quoted_item, _named_subjects(interests))) or _EVERYTHING


def _named_subjects(interests: Interests) -> list[str]:
    return [*map(subject_name, interests.places), *interests.topics]


def _shown(interests: Interests) -> str:
    shown = name_of(interests)
    if interests.sources:
        shown += f" from {in_words(interests.sources)}"
    if interests.length != Interests().length:
        shown += f", {interests.length} {'story' if interests.length == 1 else 'stories'} at most"
    return shown


def interests_of(draft: SubscriptionDraft, before: Interests | None = None) -> Interests:
    """What a digest is on; what was not said stays as before. A topic that is a country is a
    place."""
    before = before or Interests()
    length = draft.length or before.length
    about = draft.interests
    if about is None:
        return replace(before, length=length)
    codes = {topic: country_code(topic) for topic in about.topics}
    places = (*about.places, *(code for code in codes.values() if code))
    topics = tuple(topic for topic, code in codes.items() if not code)
    return Interests(topics, tuple(dict.fromkeys(places)), about.sources, length)


def subjects(interests: Interests) -> tuple[frozenset[str], ...]:
    """What two digests have in common that are on the same."""
    named = (interests.topics, interests.places, interests.sources)
    return tuple(frozenset(item.casefold() for item in items) for items in named)


def _choices(one: Subscription) -> tuple[Choice, ...]:
    now = f"digest now on {quoted_names(one.interests)}"
    return (Choice("Show one now", now), Choice("My digests", "my digests"))


def _on_names(found: Sequence[Subscription]) -> str:
    return f"on {'; '.join(_shown(one.interests) for one in found)}"


def _whose(reader: Reader) -> str:
    return "This channel has" if reader.shared else "You have"


def _gets(reader: Reader, what: str) -> str:
    return f"This channel gets {what}" if reader.shared else f"You get {what}"

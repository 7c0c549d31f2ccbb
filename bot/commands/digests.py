"""Digests set up, changed, stopped, paused and listed, each told in one line.

What is told is what was understood, and the words that undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import DAYS, next_slot, zone_in_words
from bot.commands.intents import (
    DAY_NAMES,
    MORNING,
    country_code,
    days_in_words,
    in_words,
    subject_name,
)
from bot.commands.replies import Choice, Reader, Reply, SetUpService, replied, unclear
from bot.records import Subscription, SubscriptionDraft
from bot.render.catalogues import (
    ENGLISH,
    N_,
    comma,
    dated,
    gettext,
    ngettext,
    place_in_words,
    reader_language,
)
from bot.render.wording import isolated, listed_words, printed, quoted_item
from retrieval.reports.report import Interests

MOST_SUBSCRIPTIONS = 20
"""Of one reader; more than a day's reading is no digest any more."""
_EVERYTHING = N_("everything")


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
            many = gettext("You have {count} digests already; “{request}” lists them.")
            if reader.shared:
                many = gettext("This channel has {count} digests already; “{request}” lists them.")
            return replied(many.format(count=MOST_SUBSCRIPTIONS, request="my digests"))
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
            none = gettext("There is no digest to change; “{request}” starts one.")
            return replied(none.format(request=sentence_of_draft(draft)))
        wanted = subjects(interests_of(draft))
        named = [one for one in mine if subjects(one.interests) == wanted]
        if draft.interests is not None and len(named) == 1:
            return self._altered(named[0], replace(draft, interests=None), reader)
        if len(mine) > 1:
            return self._which(mine, draft)
        return self._altered(mine[0], draft, reader)

    def kept(self, one: Subscription, reader: Reader, *, new: bool) -> Reply:
        if one.paused:
            kept = gettext("Kept, and paused: {line}.", line=self.line(one))
            return replied(kept, *_choices(one))
        return replied(self._said(one, reader, first=new), *_choices(one))

    def stop(self, name: str, reader: Reader) -> Reply:
        """No more of the digest of that name, or of any."""
        found = self.named(name, reader)
        if isinstance(found, Reply):
            return found
        for one in found:
            self._store.remove(one.id)
            self.note(reader, "removed", one)
        ended = gettext("You get no more digest on {subjects}.")
        if reader.shared:
            ended = gettext("This channel gets no more digest on {subjects}.")
        ended = ended.format(subjects="; ".join(_told(one.interests) for one in found))
        back = brought_back([sentence_of(one) for one in found], MOST_SUBSCRIPTIONS)
        return replied(f"{ended} {back}")

    def line(self, one: Subscription) -> str:
        """ "Libya and Sudan: on weekdays at 07:30 Paris time, next on Monday 8 April"."""
        rest = gettext("paused")
        if not one.paused:
            rest = gettext("next {day}", day=self._next(one))
        return f"{_told(one.interests)}: {_when(one)}{comma()} {rest}"

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
            said = gettext("So it is already: {line}", line=self._said(one, reader))
            return replied(said, *_choices(one))
        self._store.replace(changed)
        self.note(reader, "changed", changed)
        undo = gettext("“{request}” puts it back.", request=f"change {sentence_of(one)}")
        if one.paused:
            undo = gettext("“{request}” pauses it again.", request="pause digest")
        return replied(f"{self._said(changed, reader)} {undo}", *_choices(changed))

    def _begun(self, one: Subscription, reader: Reader) -> Reply:
        only = len(self.of_reader(reader)) == 1
        stop = "digest off" if only else f"digest off {quoted_names(one.interests)}"
        said = self._said(one, reader, first=True)
        stops = gettext("“{request}” stops it.", request=stop)
        return replied(f"{said} {stops}", *_choices(one))

    def _said(self, one: Subscription, reader: Reader, *, first: bool = False) -> str:
        if reader.shared:
            said = gettext("This channel gets a digest {when} on {subjects}; the next {day}.")
            if first:
                said = gettext("This channel gets a digest {when} on {subjects}; the first {day}.")
        else:
            said = gettext("You get a digest {when} on {subjects}; the next {day}.")
            if first:
                said = gettext("You get a digest {when} on {subjects}; the first {day}.")
        return said.format(when=_when(one), subjects=_told(one.interests), day=self._next(one))

    def _next(self, one: Subscription) -> str:
        now = self._clock()
        due = next_slot(one.schedule, max(now, one.active_from or now)).due_at
        return day_ahead(due, now, ZoneInfo(one.zone))

    def _which(self, mine: Sequence[Subscription], draft: SubscriptionDraft) -> Reply:
        timed = gettext("{day} at {time}")
        shown = "; ".join(timed.format(day=_told(one.interests), time=one.at) for one in mine)
        example = replace(draft, interests=None)
        said = gettext("There are {count} digests ({digests}). Which one?")
        return unclear(
            said.format(count=len(mine), digests=shown),
            f"“{sentence_of_draft(example)} on {quoted_names(mine[0].interests)}”",
        )

    def named(self, name: str, reader: Reader) -> list[Subscription] | Reply:
        mine = self.of_reader(reader)
        if not mine:
            none = gettext("There is no digest. “{request}” starts one.")
            return replied(none.format(request="digest at 07:30"))
        if not name:
            return mine
        wanted = name.casefold().strip("“”\"' ")
        exact = [one for one in mine if wanted in _all_names(one)]
        found = exact or [one for one in mine if wanted in _shown(one.interests).casefold()]
        if len(found) == 1 or (exact and found):
            return found
        shown = "; ".join(_told(one.interests) for one in mine)
        none = gettext("There is no digest on “{name}”, but on: {digests}.")
        return unclear(
            none.format(name=isolated(name), digests=shown),
            f"“digest off {quoted_names(mine[0].interests)}”",
        )


def day_ahead(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "today at 07:30", "tomorrow", "on Monday 8 April", in the reader's days."""
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return gettext("today")
    if day == today + timedelta(days=1):
        return gettext("tomorrow")
    return gettext("on {day}", day=dated(day, "%A %-d %B"))


def zone_told(zone: str) -> str:
    """ "Tripoli time", "UTC"."""
    shown = zone_in_words(zone)
    if not shown.endswith(" time"):
        return shown
    return gettext("{place} time", place=shown.removesuffix(" time"))


_SEVERAL_DAYS = (N_("every day"), N_("on weekdays"), N_("at weekends"))


def days_told(days: tuple[str, ...]) -> str:
    """The days of a digest, as its reader's language says them."""
    shown = days_in_words(days)
    if reader_language() == ENGLISH or shown in _SEVERAL_DAYS:
        return gettext(shown)
    # The first Monday there is, and the days after it.
    names = [dated(date(2001, 1, 1 + list(DAY_NAMES).index(day)), "%A") for day in days]
    return gettext("every {days}", days=f"{comma()} ".join(names))


def subjects_told(interests: Interests) -> str:
    """What a digest is on, its countries in the reader's language."""
    names = [place_in_words(one, subject_name(one)) for one in interests.places]
    return listed_words((*names, *interests.topics)) or gettext(_EVERYTHING)


def name_told(one: Subscription) -> str:
    """What a digest is called: the name that somebody gave it, else its subjects."""
    given = one.name and one.name != name_of(one.interests)
    return isolated(one.name) if given else subjects_told(one.interests)


def brought_back(requests: Sequence[str], most: int) -> str:
    """What sets up again what was ended, as far as that is worth listing."""
    shown = listed_words(f"“{one}”" for one in requests[:most])
    if len(requests) > most:
        shown = gettext("{requests} and so on", requests=shown)
    return ngettext(
        "{requests} brings it back.", "{requests} bring them back.", len(requests), requests=shown
    )


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


def _told(interests: Interests) -> str:
    """ "Libya and Sudan from UN News, 3 stories at most" in the reader's language."""
    shown = subjects_told(interests)
    if interests.sources:
        sources = listed_words(interests.sources)
        shown = gettext("{subjects} from {sources}", subjects=shown, sources=sources)
    if interests.length != Interests().length:
        most = ngettext("{count} story at most", "{count} stories at most", interests.length)
        shown += f"{comma()} {most}"
    return shown


def _all_names(one: Subscription) -> set[str]:
    """What it is called, also by somebody who reads its subjects in another language."""
    names = (_shown(one.interests), one.name, printed(_told(one.interests)))
    return {name.casefold() for name in names}


def _when(one: Subscription) -> str:
    """ "on weekdays at 07:30 Paris time"."""
    days, zone = days_told(one.days), zone_told(one.zone)
    return gettext("{days} at {time} {zone}", days=days, time=one.at, zone=zone)


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
    return (Choice(gettext("Show one now"), now), Choice(gettext("My digests"), "my digests"))

"""Watches followed, unfollowed, paused, kept quiet, listed, each told in a line."""

from __future__ import annotations

from dataclasses import replace

from bot.clock import Clock, zone_in_words
from bot.commands.intents import QuietHours, in_words, subject_name
from bot.commands.replies import Choice, Reader, Reply, SetUpService, Trail, replied, unclear
from bot.db.watches import Watches, checked
from bot.records import DAILY_CAP, Watch
from retrieval.watches.matching import Criteria

MOST_WATCHES = 100
"""Of one reader."""
LONGEST_NAME = 160


class WatchService(SetUpService[Watch]):
    """Carries out what a reader wants of watches."""

    noun = "watch"

    def __init__(self, watches: Watches, trail: Trail, clock: Clock) -> None:
        super().__init__(watches, trail, clock)
        self._watches = watches

    def follow(self, name: str, criteria: Criteria, reader: Reader) -> Reply:
        """A new watch; one of the same name takes the new criteria, and goes on if paused."""
        identity = reader.drawn_id("watch")
        name = name[:LONGEST_NAME]
        mine = self.of_reader(reader)
        same = next((one for one in mine if one.name.casefold() == name.casefold()), None)
        if same is not None and same.criteria == criteria and not same.paused:
            if same.id == identity:
                return replied(self._said(same, reader), _LIST)
            follows = f"{_who(reader)} {_verb(reader)} {same.name} already."
            return replied(f"{follows} “unfollow {same.name}” stops it.", _LIST)
        if same is not None:
            changed = replace(same, criteria=criteria, paused=False)
            self._watches.replace(changed)
            self.note(reader, "changed", changed)
            return replied(self._said(changed, reader), _LIST)
        if len(mine) >= MOST_WATCHES:
            return replied(
                f"That would be more than {MOST_WATCHES} watches; “my watches” lists them."
            )
        quiet = next((one for one in mine if one.quiet_from), None)
        watch = Watch(
            id=identity,
            reader=reader.id,
            channel=reader.channel,
            name=name,
            criteria=criteria,
            quiet_from=quiet.quiet_from if quiet else None,
            quiet_to=quiet.quiet_to if quiet else None,
            zone=quiet.zone if quiet else reader.zone,
            daily_cap=DAILY_CAP,
            paused=False,
            created_by=reader.person,
            created_at=self._clock(),
        )
        self._watches.add(watch)
        self.note(reader, "added", watch)
        return replied(self._said(watch, reader), _LIST)

    def keep(
        self, one: Watch, reader: Reader, seen: Watch | None = None, *, only_again: bool = False
    ) -> Reply | None:
        return super().keep(checked(one), reader, seen, only_again=only_again)

    def kept(self, one: Watch, reader: Reader, *, new: bool) -> Reply:
        if one.paused:
            return replied(f"Kept, and paused: {self.line(one).removesuffix('; paused')}.", _LIST)
        return replied(self._said(one, reader), _LIST)

    def unfollow(self, name: str, reader: Reader) -> Reply:
        """No more of the watch of that name, or of any."""
        found = self.named(name, reader)
        if isinstance(found, Reply):
            return found
        for one in found:
            self._watches.remove(one.id)
            self.note(reader, "removed", one)
        names = in_words(one.name for one in found)
        back = " and ".join(f"“follow {one.name}”" for one in found[:3])
        more = " and so on" if len(found) > 3 else ""
        again = "brings it back" if len(found) == 1 else "bring them back"
        return replied(f"{_who(reader)} no longer {_verb(reader)} {names}. {back}{more} {again}.")

    def keep_quiet(self, wanted: QuietHours, reader: Reader) -> Reply:
        """Quiet hours for all of a reader's watches, or none any more."""
        mine = self.of_reader(reader)
        if not mine:
            return unclear(
                "Nothing is followed yet, so that there is nothing to keep quiet.", "follow Gharyan"
            )
        zone = wanted.zone or reader.zone
        for one in mine:
            zoned = zone if wanted.begin else one.zone
            changed = replace(one, quiet_from=wanted.begin, quiet_to=wanted.end, zone=zoned)
            self._watches.replace(changed)
        self._trail.record(
            reader.person,
            "quiet hours set",
            reader.id,
            f"{wanted.begin} to {wanted.end} {zone}" if wanted.begin else "none",
            self._clock(),
        )
        if wanted.begin is None:
            return replied(
                "Alerts come at any hour again. “quiet from 22:00 to 07:00” sets quiet hours."
            )
        return replied(
            f"No alerts from {wanted.begin} to {wanted.end} {zone_in_words(zone)}; what comes in "
            "between waits until then. “quiet off” ends it."
        )

    def mute(self, story_id: str, reader: Reader) -> Reply:
        """No more alerts on a story."""
        self._watches.mute(reader.id, story_id, self._clock())
        self._trail.record(reader.person, "story muted", story_id, reader.id, self._clock())
        return replied(
            f"{'This channel is' if reader.shared else 'You are'} told no more of this story. "
            "Other stories that fit the watch still come; “unmute” in this thread undoes it."
        )

    def unmute(self, story_id: str, reader: Reader) -> Reply:
        """Alerts on a story again."""
        if not self._watches.unmute(reader.id, story_id):
            return replied("This story was not muted.")
        self._trail.record(reader.person, "story unmuted", story_id, reader.id, self._clock())
        who = "This channel is" if reader.shared else "You are"
        return replied(f"{who} told of this story again as it goes on.")

    def quiet_line(self, reader: Reader) -> str:
        """The quiet hours, "" for none."""
        kept = next((one for one in self.of_reader(reader) if one.quiet_from), None)
        if kept is None:
            return ""
        zone = zone_in_words(kept.zone)
        return f"Quiet from {kept.quiet_from} to {kept.quiet_to} {zone} (“quiet off” ends it)."

    def line(self, one: Watch) -> str:
        """ "Haftar in Libya: “Haftar” (also “Hifter”), in articles that speak of Libya; paused"."""
        looked = looked_for(one.criteria)
        plain = looked == f"“{one.name}”"
        return f"{one.name}{'' if plain else f': {looked}'}{'; paused' if one.paused else ''}"

    def _said(self, one: Watch, reader: Reader) -> str:
        cap = "" if one.daily_cap == DAILY_CAP else f", at most {one.daily_cap} a day"
        where = "here" if reader.shared else "to you"
        looked = looked_for(one.criteria)
        meant = "" if looked == f"“{one.name}”" else f" ({looked})"
        follows = f"{_who(reader)} now {_verb(reader)} {one.name}{meant}"
        return (
            f"{follows}. An alert comes {where} as soon as something is read, "
            f"one a story{cap}. “unfollow {one.name}” stops it."
        )

    def named(self, name: str, reader: Reader) -> list[Watch] | Reply:
        mine = self.of_reader(reader)
        if not mine:
            return unclear(f"{_who(reader)} {_verb(reader)} nothing yet.", "follow Gharyan")
        if not name:
            return mine
        wanted = " ".join(name.casefold().split())
        found = [one for one in mine if one.name.casefold() == wanted]
        found = found or [one for one in mine if wanted in _all_names(one)]
        found = found or [one for one in mine if wanted in one.name.casefold()]
        if len(found) == 1:
            return found
        names = in_words(one.name for one in mine)
        if found:
            return unclear(
                f"Several watches fit “{name}”: {in_words(one.name for one in found)}. Which one?",
                f"unfollow {found[0].name}",
            )
        return replied(f"{_who(reader)} {_verb(reader)} nothing called “{name}”, but {names}.")


_LIST = Choice("My watches", "my watches")


def looked_for(criteria: Criteria) -> str:
    """What a watch looks for, in words."""
    parts = []
    if criteria.words or criteria.aliases:
        also = f" (also {_quoted(criteria.aliases)})" if criteria.words and criteria.aliases else ""
        parts.append(f"{_quoted(criteria.words or criteria.aliases)}{also}")
    if criteria.actors:
        parts.append(f"with the name {_quoted(criteria.actors)}")
    if criteria.places:
        places = " or ".join(subject_name(place) for place in criteria.places)
        parts.append(
            f"in articles that speak of {places}" if parts else f"articles that speak of {places}"
        )
    if criteria.kinds:
        parts.append(f"from {in_words(kind for kind in criteria.kinds)} sources only")
    if criteria.sources:
        parts.append(f"from {in_words(criteria.sources)} only")
    return ", ".join(parts)


def _quoted(items: tuple[str, ...]) -> str:
    return " or ".join(f"“{item}”" for item in items)


def _all_names(one: Watch) -> set[str]:
    criteria = one.criteria
    named = (*criteria.words, *criteria.aliases, *criteria.actors)
    return {item.casefold() for item in (*named, *map(subject_name, criteria.places))}


def _who(reader: Reader) -> str:
    return "This channel" if reader.shared else "You"


def _verb(reader: Reader) -> str:
    return "follows" if reader.shared else "follow"

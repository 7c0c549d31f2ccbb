"""Watches followed, unfollowed, paused, kept quiet, listed, each told in a line."""

from __future__ import annotations

from dataclasses import replace

from bot.clock import Clock
from bot.commands.digests import brought_back, zone_told
from bot.commands.intents import QuietHours, subject_name
from bot.commands.replies import Choice, Reader, Reply, SetUpService, Trail, replied, unclear
from bot.db.watches import Watches, checked
from bot.records import DAILY_CAP, Watch
from bot.render.catalogues import comma, gettext, place_in_words
from bot.render.wording import isolated, kind_name, listed_words
from corpus.articles import SourceKind
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
                return replied(self._said(same, reader), _list())
            follows = gettext("You follow {name} already.")
            if reader.shared:
                follows = gettext("This channel follows {name} already.")
            follows = follows.format(name=isolated(same.name))
            return replied(f"{follows} {_stops(same)}", _list())
        if same is not None:
            changed = replace(same, criteria=criteria, paused=False)
            self._watches.replace(changed)
            self.note(reader, "changed", changed)
            return replied(self._said(changed, reader), _list())
        if len(mine) >= MOST_WATCHES:
            many = gettext("That would be more than {count} watches; “{request}” lists them.")
            return replied(many.format(count=MOST_WATCHES, request="my watches"))
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
        return replied(self._said(watch, reader), _list())

    def keep(
        self, one: Watch, reader: Reader, seen: Watch | None = None, *, only_again: bool = False
    ) -> Reply | None:
        return super().keep(checked(one), reader, seen, only_again=only_again)

    def kept(self, one: Watch, reader: Reader, *, new: bool) -> Reply:
        if one.paused:
            line = self.line(replace(one, paused=False))
            return replied(gettext("Kept, and paused: {line}.", line=line), _list())
        return replied(self._said(one, reader), _list())

    def unfollow(self, name: str, reader: Reader) -> Reply:
        """No more of the watch of that name, or of any."""
        found = self.named(name, reader)
        if isinstance(found, Reply):
            return found
        for one in found:
            self._watches.remove(one.id)
            self.note(reader, "removed", one)
        ended = gettext("You no longer follow {names}.")
        if reader.shared:
            ended = gettext("This channel no longer follows {names}.")
        ended = ended.format(names=listed_words(one.name for one in found))
        return replied(f"{ended} {brought_back([f'follow {one.name}' for one in found], 3)}")

    def keep_quiet(self, wanted: QuietHours, reader: Reader) -> Reply:
        """Quiet hours for all of a reader's watches, or none any more."""
        mine = self.of_reader(reader)
        if not mine:
            none = gettext("Nothing is followed yet, so that there is nothing to keep quiet.")
            return unclear(none, "follow Gharyan")
        zone = wanted.zone or reader.zone
        for one in mine:
            zoned = zone if wanted.begin else one.zone
            changed = replace(one, quiet_from=wanted.begin, quiet_to=wanted.end, zone=zoned)
            self._watches.replace(changed)
        hours = f"{wanted.begin} to {wanted.end} {zone}" if wanted.begin else "none"
        self._trail.record(reader.person, "quiet hours set", reader.id, hours, self._clock())
        if wanted.begin is None:
            again = gettext("Alerts come at any hour again. “{request}” sets quiet hours.")
            return replied(again.format(request="quiet from 22:00 to 07:00"))
        quiet = gettext(
            "No alerts from {first} to {last} {zone}; what comes in between waits until then. "
            "“{request}” ends it.",
            first=wanted.begin,
            last=wanted.end,
            zone=zone_told(zone),
            request="quiet off",
        )
        return replied(quiet)

    def mute(self, story_id: str, reader: Reader) -> Reply:
        """No more alerts on a story."""
        self._watches.mute(reader.id, story_id, self._clock())
        self._trail.record(reader.person, "story muted", story_id, reader.id, self._clock())
        muted = gettext("You are told no more of this story.")
        if reader.shared:
            muted = gettext("This channel is told no more of this story.")
        others = gettext(
            "Other stories that fit the watch still come; “{request}” in this thread undoes it.",
            request="unmute",
        )
        return replied(f"{muted} {others}")

    def unmute(self, story_id: str, reader: Reader) -> Reply:
        """Alerts on a story again."""
        if not self._watches.unmute(reader.id, story_id):
            return replied(gettext("This story was not muted."))
        self._trail.record(reader.person, "story unmuted", story_id, reader.id, self._clock())
        if reader.shared:
            return replied(gettext("This channel is told of this story again as it goes on."))
        return replied(gettext("You are told of this story again as it goes on."))

    def quiet_line(self, reader: Reader) -> str:
        """The quiet hours, "" for none."""
        kept = next((one for one in self.of_reader(reader) if one.quiet_from), None)
        if kept is None:
            return ""
        return gettext(
            "Quiet from {first} to {last} {zone} (“{request}” ends it).",
            first=kept.quiet_from,
            last=kept.quiet_to,
            zone=zone_told(kept.zone),
            request="quiet off",
        )

    def line(self, one: Watch) -> str:
        """ "Haftar in Libya: “Haftar” (also “Hifter”), in articles that speak of Libya; paused"."""
        looked = looked_for(one.criteria)
        plain = looked == _quoted((one.name,))
        paused = f"; {gettext('paused')}" if one.paused else ""
        return f"{isolated(one.name)}{'' if plain else f': {looked}'}{paused}"

    def _said(self, one: Watch, reader: Reader) -> str:
        looked = looked_for(one.criteria)
        meant = "" if looked == _quoted((one.name,)) else f" ({looked})"
        capped = one.daily_cap != DAILY_CAP
        if reader.shared:
            follows = gettext("This channel now follows {name}.")
            comes = gettext("An alert comes here as soon as something is read, one a story.")
            if capped:
                comes = gettext(
                    "An alert comes here as soon as something is read, one a story, at most "
                    "{count} a day."
                )
        else:
            follows = gettext("You now follow {name}.")
            comes = gettext("An alert comes to you as soon as something is read, one a story.")
            if capped:
                comes = gettext(
                    "An alert comes to you as soon as something is read, one a story, at most "
                    "{count} a day."
                )
        follows = follows.format(name=f"{isolated(one.name)}{meant}")
        return f"{follows} {comes.format(count=one.daily_cap)} {_stops(one)}"

    def named(self, name: str, reader: Reader) -> list[Watch] | Reply:
        mine = self.of_reader(reader)
        if not mine:
            none = gettext("You follow nothing yet.")
            if reader.shared:
                none = gettext("This channel follows nothing yet.")
            return unclear(none, "follow Gharyan")
        if not name:
            return mine
        wanted = " ".join(name.casefold().split())
        found = [one for one in mine if one.name.casefold() == wanted]
        found = found or [one for one in mine if wanted in _all_names(one)]
        found = found or [one for one in mine if wanted in one.name.casefold()]
        if len(found) == 1:
            return found
        shown = isolated(name)
        if found:
            several = gettext("Several watches fit “{name}”: {names}. Which one?")
            names = listed_words(one.name for one in found)
            example = f"unfollow {found[0].name}"
            return unclear(several.format(name=shown, names=names), example)
        none = gettext("You follow nothing called “{name}”, but {names}.")
        if reader.shared:
            none = gettext("This channel follows nothing called “{name}”, but {names}.")
        return replied(none.format(name=shown, names=listed_words(one.name for one in mine)))


def _list() -> Choice:
    return Choice(gettext("My watches"), "my watches")


def _stops(one: Watch) -> str:
    return gettext("“{request}” stops it.", request=f"unfollow {one.name}")


def looked_for(criteria: Criteria) -> str:
    """What a watch looks for, in words."""
    parts = []
    if criteria.words or criteria.aliases:
        looked = _quoted(criteria.words or criteria.aliases)
        if criteria.words and criteria.aliases:
            also = _quoted(criteria.aliases)
            looked = gettext("{words} (also {aliases})", words=looked, aliases=also)
        parts.append(looked)
    if criteria.actors:
        parts.append(gettext("with the name {names}", names=_quoted(criteria.actors)))
    if criteria.places:
        named = (isolated(place_in_words(one, subject_name(one))) for one in criteria.places)
        places = gettext(" or ").join(named)
        speak = gettext("in articles that speak of {places}")
        alone = gettext("articles that speak of {places}")
        parts.append((speak if parts else alone).format(places=places))
    if criteria.kinds:
        kinds = listed_words(kind_name(SourceKind(kind)) for kind in criteria.kinds)
        parts.append(gettext("from {kinds} sources only", kinds=kinds))
    if criteria.sources:
        parts.append(gettext("from {sources} only", sources=listed_words(criteria.sources)))
    return f"{comma()} ".join(parts)


def _quoted(items: tuple[str, ...]) -> str:
    return gettext(" or ").join(isolated(f"“{item}”") for item in items)


def _all_names(one: Watch) -> set[str]:
    criteria = one.criteria
    named = (*criteria.words, *criteria.aliases, *criteria.actors)
    return {item.casefold() for item in (*named, *map(subject_name, criteria.places))}

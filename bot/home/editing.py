"""Editing digests and watches in forms: opened, checked, kept, confirmed.

    button ─▶ form ─▶ submit ─┬─ something is wrong ──▶ a sentence at its field
                              ├─ changed meanwhile ───▶ the form again, which says so
                              └─ kept by its service ─▶ a word to the person or the channel

A person may edit their own; what is a channel's, whoever set it up or presses its button in that
channel, as anybody may who writes to us there. That a person sees the channel they choose is left
to Slack, which offers only such. While somebody types, fields suggest time zones, countries and
sources: what begins so before what holds it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.clock import WORKING_DAYS, Clock, zone_label, zone_named
from bot.commands.digests import DigestService
from bot.commands.intents import MORNING
from bot.commands.replies import Reader, Reply, reply_messages
from bot.commands.service import named_told
from bot.commands.watches import WatchService
from bot.db.audit import Audit
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.failures import SlackError
from bot.home.forms import (
    DIGEST_FORM,
    Origin,
    Problems,
    Surroundings,
    digest_of,
    digest_problems,
    entered_digest,
    entered_watch,
    fingerprint,
    origin_of,
    watch_of,
    watch_problems,
)
from bot.home.views import digest_form, watch_form
from bot.records import DAILY_CAP, Subscription, SubscriptionDraft, Watch, WatchDraft, is_person
from bot.render.blocks import Element, note_view, words
from bot.render.catalogues import (
    ENGLISH,
    N_,
    framed,
    gettext,
    place_in_words,
    reader_language,
    speaking,
)
from bot.render.wording import isolated
from bot.slack.client import SlackGateway
from bot.slack.people import Access, People
from corpus.feeds.registry import SourceRegister
from corpus.store.articles import ArticleStore
from corpus.text.places import place_code, place_name
from corpus.text.tables import phrases

MOST = 100
"""Options that Slack takes."""
_USUAL_ZONES = phrases("bot", "zones", "usual")
_AREAS = "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()

Suggestion = tuple[str, str]


def zones(typed: str, own: str, now: datetime) -> list[Suggestion]:
    """Time zones with the time that their clocks show; without a word the person's own first."""
    if not typed.strip():
        names = dict.fromkeys([own, *_USUAL_ZONES])
    else:
        # "Bern" and "CET" name zones that are called otherwise.
        meant = zone_named(typed)
        names = dict.fromkeys([meant] if meant else [])
        names |= dict.fromkeys(_fitting(typed, ((one, _spoken(one)) for one in _all_zones())))
    now_there = {one: f"{now.astimezone(ZoneInfo(one)):%H:%M}" for one in list(names)[:MOST]}
    said = gettext("{zone}, {time} now")
    return [(one, said.format(zone=zone_label(one), time=at)) for one, at in now_there.items()]


def places(typed: str) -> list[Suggestion]:
    """Countries and territories, by any name of theirs."""
    named = place_code(typed) if len(typed.strip()) > 1 else None
    codes = dict.fromkeys([named] if named else [])
    language = reader_language()
    codes |= dict.fromkeys(_fitting(typed, _countries(language)))
    if language != ENGLISH:
        codes |= dict.fromkeys(_fitting(typed, _countries(ENGLISH)))
    return [(code, place_in_words(code, place_name(code))) for code in list(codes)[:MOST]]


def sources(typed: str, names: Iterable[str]) -> list[Suggestion]:
    """Sources that have articles or are polled."""
    found = _fitting(typed, ((name, name) for name in sorted(set(names), key=str.casefold)))
    return [(name, name) for name in found[:MOST]]


def _fitting(typed: str, offered: Iterable[Suggestion]) -> list[str]:
    """The values that begin with what was typed, then those with a word that does, then the
    rest that hold it."""
    wanted = " ".join(typed.casefold().split())
    ranked = []
    for value, shown in offered:
        plain = shown.casefold()
        if wanted in plain:
            rank = 0 if plain.startswith(wanted) else 1 if f" {wanted}" in f" {plain}" else 2
            ranked.append((rank, value))
    return [value for _, value in sorted(ranked, key=lambda one: one[0])]


@cache
def _all_zones() -> tuple[str, ...]:
    there = available_timezones()
    return ("UTC", *sorted(one for one in there if one.partition("/")[0] in _AREAS))


def _spoken(zone: str) -> str:
    """ "new york america new york" for "America/New_York": the city first."""
    area, _, city = zone.partition("/")
    return f"{city.rpartition('/')[2]} {area} {city}".replace("_", " ").replace("/", " ")


@cache
def _countries(language: str) -> tuple[Suggestion, ...]:
    from corpus.text.places import english_names

    with speaking(language):
        named = [(code, place_in_words(code, place_name(code))) for code in english_names()]
    return tuple(sorted(named, key=lambda one: one[1].casefold()))


log = logging.getLogger("chancery.home")

# Slack waits three seconds, of which the gate may have spent the half.
_PROFILE_SECONDS = 0.3
_JOINED_SECONDS = 0.9
_ASKING = 4
GONE = {
    "digest": N_("There is no such digest any more; somebody has removed it."),
    "watch": N_("There is no such watch any more; somebody has removed it."),
}
NOT_YOURS = {
    "digest": N_("This digest belongs to somebody else."),
    "watch": N_("This watch belongs to somebody else."),
}
NOT_ALLOWED = N_("I am not set up to post in that channel; choose another one.")
NOT_JOINED = N_("I am not in that channel. Invite me there (/invite), then save again.")

Stored = Subscription | Watch
Draft = SubscriptionDraft | WatchDraft


@dataclass(frozen=True, slots=True)
class Kept:
    """What the desk says of what was kept for `reader`; `before` is what was stored until then."""

    reply: Reply
    reader: Reader
    before: Stored | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Submitted:
    """What Slack is answered to a submission, and what was kept, where anything was."""

    answer: Mapping[str, Any]
    kept: Kept | None = None


class Editing:
    """Opens forms and takes what is entered. Any number of threads may call it."""

    def __init__(
        self, store: ArticleStore, slack: SlackGateway, people: People, access: Access, clock: Clock
    ) -> None:
        self._access = access
        self._beside = ThreadPoolExecutor(_ASKING, thread_name_prefix="joined")
        self._store = store
        self._slack = slack
        self._people = people
        self._clock = clock
        audit = Audit(store.engine)
        self._subscriptions = Subscriptions(store.engine, clock)
        self._watches = Watches(store.engine)
        self._audit = audit
        self._register = SourceRegister(store)
        self._digest_service = DigestService(self._subscriptions, audit, clock)
        self._watch_service = WatchService(self._watches, audit, clock)

    # Opening

    def form(self, what: str, identity: str | None, user: str, origin: Origin) -> dict[str, Any]:
        """The form of a "digest" or "watch", or of a new one; a sentence where there is none."""
        if identity is None:
            return _form(self._new_draft(what, user), origin)
        stored = self._stored(what, identity)
        if stored is None:
            return _note(what, GONE[what])
        if not may_edit(stored, user, origin.opened_in):
            return _note(what, NOT_YOURS[what])
        return _form(stored.draft, _of(origin, stored))

    def _new_draft(self, what: str, user: str) -> Draft:
        zone = self._people.person(user, within=_PROFILE_SECONDS).zone
        if what == "digest":
            return SubscriptionDraft(MORNING, WORKING_DAYS, zone)
        quiet = next((one for one in self._watches.of_reader(user) if one.quiet_from), None)
        if quiet is None:
            return WatchDraft(zone=zone, daily_cap=DAILY_CAP)
        first, last = quiet.quiet_from, quiet.quiet_to
        return WatchDraft(zone=quiet.zone, quiet_from=first, quiet_to=last, daily_cap=DAILY_CAP)

    # Submitting

    def submit(self, view: Mapping[str, Any], user: str) -> Submitted:
        """Check what was entered and keep it, once however often it is delivered."""
        what = "digest" if view["callback_id"] == DIGEST_FORM else "watch"
        origin = origin_of(str(view["private_metadata"]))
        values = view["state"]["values"]
        draft = entered_digest(values) if what == "digest" else entered_watch(values)
        reader = self._reader(draft, user, str(view["id"]))
        stored = self._stored(what, origin.id) if origin.id else None
        if stored is not None and not may_edit(stored, user, origin.opened_in):
            return Submitted({"response_action": "update", "view": _note(what, NOT_YOURS[what])})
        if problems := self._problems(draft, stored, reader, origin):
            return Submitted({"response_action": "errors", "errors": problems})
        reply = self._keep(draft, stored, reader, origin)
        if reply is None:
            return self._overtaken(what, draft, origin)
        return Submitted({}, Kept(reply, reader, stored, origin))

    def confirm(self, kept: Kept) -> None:
        """Tell whom it concerns what was kept; a channel that cannot be told is owned up to."""
        user = kept.reader.person
        for place, reply in self._told(kept.reply, kept.reader, kept.before):
            try:
                self._slack.post(place, None, reply_messages(reply))
            except SlackError as error:
                log.info("a confirmation was not posted: %s", error)
                if place == user:
                    raise
                line = gettext("It is kept, but I could not post in that channel; invite me there.")
                self._slack.post(user, None, reply_messages(Reply((line, reply.lines[0]))))

    def _reader(self, draft: Draft, user: str, view_id: str) -> Reader:
        place = draft.channel or user
        return Reader(place, place, user, draft.zone or "", f"form:{view_id}", bool(draft.channel))

    def _problems(
        self, draft: Draft, stored: Stored | None, reader: Reader, origin: Origin
    ) -> Problems:
        what = "digest" if isinstance(draft, SubscriptionDraft) else "watch"
        # What this very form kept when it was delivered before stands in nobody's way.
        own = {origin.id, reader.drawn_id(what)}
        names = (*self._store.source_names(), *(one.name for one in self._register.sources()))
        person = not reader.shared
        if isinstance(draft, SubscriptionDraft):
            digests = [one for one in self._subscriptions.of_reader(reader.id) if one.id not in own]
            problems = digest_problems(draft, Surroundings(digests, stored, names, person))
        else:
            watches = [one for one in self._watches.of_reader(reader.id) if one.id not in own]
            problems = watch_problems(draft, Surroundings(watches, stored, names, person))
        if draft.channel and (stored is None or stored.reader != draft.channel):
            problems |= self._channel_problem(draft.channel, reader.person)
        return problems

    def _channel_problem(self, channel: str, user: str) -> Problems:
        """What Slack does not say in time is taken as well: the first posting will tell."""
        person = self._people.person(user, within=_PROFILE_SECONDS)
        if self._access.refusal(person, channel):
            return {"channel": gettext(NOT_ALLOWED)}
        asking = self._beside.submit(self._slack.has_joined, channel)
        with suppress(TookTooLong):
            if asking.result(_JOINED_SECONDS) is False:
                return {"channel": gettext(NOT_JOINED)}
        return {}

    def _keep(
        self, draft: Draft, stored: Stored | None, reader: Reader, origin: Origin
    ) -> Reply | None:
        """What the desk says once it is kept; None where somebody else came first."""
        now = self._clock()
        seen = stored is None or fingerprint(stored) == origin.shown
        if isinstance(draft, SubscriptionDraft):
            assert stored is None or isinstance(stored, Subscription)
            digest = digest_of(draft, stored, reader, now)
            if seen or digest == stored:
                gone = origin.id is not None and stored is None
                return self._digest_service.keep(digest, reader, stored, only_again=gone)
            return None
        assert stored is None or isinstance(stored, Watch)
        watch = watch_of(draft, stored, reader, now)
        if seen or watch == stored:
            gone = origin.id is not None and stored is None
            return self._watch_service.keep(watch, reader, stored, only_again=gone)
        return None

    def _overtaken(self, what: str, draft: Draft, origin: Origin) -> Submitted:
        """The form again with what was entered, above it what is stored now and by whom."""
        stored = self._stored(what, origin.id) if origin.id else None
        if stored is None:
            removed = gettext("This watch was removed while you had it open.")
            if what == "digest":
                removed = gettext("This digest was removed while you had it open.")
            notice = [[words(framed(removed), bold=True)]]
            again = gettext("Save sets it up again as it stands below.")
            notice.append([words(framed(again))])
            form = _form(draft, replace(origin, id=None, shown=""), notice)
        else:
            notice = [self._who_changed(stored.id, what)]
            now = gettext("Now it is {line}.", line=self._line(stored))
            entered = gettext("Below stands what you entered; Save puts it in its place.")
            notice += [[words(framed(now))], [words(framed(entered))]]
            form = _form(draft, _of(origin, stored), notice)
        return Submitted({"response_action": "update", "view": form})

    def _who_changed(self, identity: str, what: str) -> list[Element]:
        """ "@press has changed this digest meanwhile."."""
        by = next((one.by for one in self._audit.recent(200) if one.subject == identity), "")
        said = gettext("{somebody} has changed this watch meanwhile.")
        if what == "digest":
            said = gettext("{somebody} has changed this digest meanwhile.")
        if not is_person(by):
            told = said.format(somebody=gettext("Somebody"))
            return [words(framed(told), bold=True)]
        before, _, after = framed(said).partition("{somebody}")
        user: Element = {"type": "user", "user_id": by}
        return [*([words(before, bold=True)] if before else ()), user, words(after, bold=True)]

    def _told(self, reply: Reply, reader: Reader, stored: Stored | None) -> list[tuple[str, Reply]]:
        """Who is told: the person, or the channel whose it is or was."""
        by = self._set_by(reader.person)
        told = [(reader.id, Reply((f"{reply.lines[0]} {by}",)) if reader.shared else reply)]
        if stored is not None and stored.reader not in (reader.id, reader.person):
            line = gettext("This channel no longer gets {what}.", what=named_told(stored))
            told.append((stored.reader, Reply((f"{line} {by}",))))
        return told

    # Without a form

    def set_paused(self, what: str, identity: str, user: str, *, paused: bool) -> None:
        """Pause or resume; a channel is told."""
        stored = self._stored(what, identity)
        if stored is None or not may_edit(stored, user, None):
            return
        reader = _reader_of(stored, user)
        service = self._digest_service if what == "digest" else self._watch_service
        before = service.set_paused(identity, reader, paused=paused)
        if before is not None and before.paused != paused:
            done = gettext("Paused: {names}.") if paused else gettext("On again: {names}.")
            self._tell_channel(stored, user, done)

    def remove(self, what: str, identity: str, user: str) -> None:
        """Remove one; a channel is told."""
        stored = self._stored(what, identity)
        if stored is None or not may_edit(stored, user, None):
            return
        reader = _reader_of(stored, user)
        service = self._digest_service if what == "digest" else self._watch_service
        if service.drop(identity, reader) is not None:
            self._tell_channel(stored, user, gettext("Removed: {names}."))

    def _tell_channel(self, stored: Stored, user: str, done: str) -> None:
        if stored.reader == user:
            return
        line = done.format(names=named_told(stored))
        reply = Reply((f"{line} {self._set_by(user)}",))
        try:
            self._slack.post(stored.channel, None, reply_messages(reply))
        except SlackError as error:
            log.info("a channel was not told: %s", error)

    # Pieces

    def _stored(self, what: str, identity: str) -> Stored | None:
        if what == "digest":
            return self._subscriptions.get(identity)
        return self._watches.get(identity)

    def _line(self, stored: Stored) -> str:
        if isinstance(stored, Subscription):
            return self._digest_service.line(stored)
        return self._watch_service.line(stored)

    def _set_by(self, user: str) -> str:
        name = self._people.person(user, within=_PROFILE_SECONDS).name
        if name:
            return gettext("{name} has set it so.", name=isolated(name))
        return gettext("Somebody has set it so on the Home page.")


def may_edit(stored: Stored, user: str, opened_in: str | None) -> bool:
    """Whether somebody may change what is stored: their own, or a channel's which they set up or
    whose button they pressed there."""
    if stored.reader == user:
        return True
    is_channels = stored.reader[:1] not in ("U", "W")
    return is_channels and (stored.created_by == user or stored.reader == opened_in)


def _form(draft: Draft, origin: Origin, notice: Sequence[Sequence[Element]] = ()) -> dict[str, Any]:
    new = origin.id is None
    if isinstance(draft, SubscriptionDraft):
        return digest_form(draft, origin.text, new=new, notice=notice)
    return watch_form(draft, origin.text, new=new, notice=notice)


def _of(origin: Origin, stored: Stored) -> Origin:
    return replace(origin, id=stored.id, shown=fingerprint(stored))


def _note(what: str, sentence: str) -> dict[str, Any]:
    return note_view(edit_title(what), [[words(framed(gettext(sentence)))]])


def edit_title(what: str) -> str:
    """The title of the form of a digest or watch."""
    return gettext("Edit digest") if what == "digest" else gettext("Edit watch")


def _reader_of(stored: Stored, user: str) -> Reader:
    shared = stored.reader != user
    return Reader(stored.reader, stored.channel, user, stored.zone, "", shared)

"""Adding, changing, pausing, checking and removing polled sources from Slack, for admins.

    address ─▶ looked at ─┬─ in time ──▶ the form of what was found, or what is wrong, at once
                          └─ slow ─────▶ "looking" ─▶ the same, put in its place
    what was entered ─▶ problems at their fields | kept, in the audit trail, Home as it is then

Everything goes through the register that the command line uses. Whoever is no admin gets a
sentence, and the attempt is in the trail: their Home shows no such buttons.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.db.audit import Audit, changed, told
from bot.failures import SlackError, SlackRefused
from bot.home import source_forms as forms
from bot.home.source_forms import (
    SourceDraft,
    SourceOrigin,
    added_source,
    address_problem,
    changed_source,
    check_messages,
    check_view,
    draft_of,
    draft_problems,
    entered_address,
    entered_draft,
    feed_problem,
    origin_of,
)
from bot.render.catalogues import N_, carried, gettext
from bot.render.wording import isolated, kind_name
from bot.slack.client import SlackGateway
from bot.slack.modals import Click, Modals
from bot.slack.people import Access, People, Person
from corpus.errors import ReadError
from corpus.feeds.discovery import FoundFeed, find_feed, source_of_feed
from corpus.feeds.poll import Poller, SourceReport
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.fetch.client import Fetcher
from corpus.store.articles import ArticleStore

log = logging.getLogger("chancery.home")

LOOKING_SECONDS = 1.5
"""How long a submitted address is looked at before Slack, which waits three, is answered."""
_SETTLING_SECONDS = 1.0
"""Slack may show its answer to a submission after what comes from us right behind it."""
_PROFILE_SECONDS = 1.0
_AT_ONCE = 4
_NEWEST = 3
_LONGEST_SUBJECT = 200
_FAILED = N_("That failed; what happened is written to you directly.")
_READ_SOON = N_("It is read within a minute or two; Check now on the Home page reads it at once.")

Body = Mapping[str, Any]
View = dict[str, Any]
Acknowledge = Callable[..., Any]
Refresh = Callable[[str, str], None]
"""Shows a person's Home page, its lists turned as it was."""


class SourceService:
    """What admins do with sources in Slack. Any number of threads may call it."""

    def __init__(
        self,
        store: ArticleStore,
        fetcher: Fetcher,
        slack: SlackGateway,
        modals: Modals,
        people: People,
        access: Access,
        refresh: Refresh,
        clock: Clock,
        *,
        looking_seconds: float = LOOKING_SECONDS,
    ) -> None:
        self._register = SourceRegister(store)
        self._audit = Audit(store.engine)
        self._poller = Poller(store, fetcher, clock)
        self._fetcher = fetcher
        self._slack = slack
        self._modals = modals
        self._people = people
        self._access = access
        self._refresh = refresh
        self._clock = clock
        self._looking_seconds = looking_seconds
        self._beside = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sources")

    # Buttons

    def add(self, click: Click) -> None:
        """Ask for an address; where the click has one, it stands in the form already."""
        metadata = SourceOrigin(pages=click.metadata).text
        address = "" if click.value == "add" else click.value
        self._open(click, "source added", address, lambda: forms.add_form(metadata, address))

    def edit(self, click: Click) -> None:
        """Show the form of a source."""
        self._open(click, "source changed", click.value, lambda: self._edit_view(click))

    def set_paused(self, click: Click, *, paused: bool) -> None:
        """Pause a source, or poll it again, also one that was gone."""
        action = "source paused" if paused else "source resumed"
        self._guarded(click, lambda: self._set_paused(click, action, paused))

    def remove(self, click: Click) -> None:
        """Poll a source no more; its articles stay."""
        self._guarded(click, lambda: self._remove(click))

    def check(self, click: Click) -> None:
        """Poll a source now and say what became of it."""
        self._guarded(click, lambda: self._check(click, [click.value]))

    def check_all(self, click: Click) -> None:
        """The same of every source."""
        self._guarded(click, lambda: self._check(click, None))

    # Submitted forms

    def address_entered(self, body: Body, ack: Acknowledge) -> None:
        """Look at an address; what is found or wrong is shown in the place of the form."""
        self._answered(self._address_entered, body, ack)

    def found_entered(self, body: Body, ack: Acknowledge) -> None:
        """Add the source whose feed was found, as it was corrected."""
        self._answered(self._found_entered, body, ack)

    def change_entered(self, body: Body, ack: Acknowledge) -> None:
        """Change a source as its form was filled in."""
        self._answered(self._change_entered, body, ack)

    def _address_entered(self, body: Body, ack: Acknowledge) -> None:
        view, user = body["view"], str(body["user"]["id"])
        address = entered_address(view["state"]["values"])
        if refusal := self._refusal(user, "source added", address):
            ack(response_action="update", view=forms.note(forms.ADD_TITLE, refusal))
            return
        metadata = str(view.get("private_metadata") or "")
        looking = self._beside.submit(carried(self._look), address, origin_of(metadata))
        try:
            found = looking.result(self._looking_seconds)
        except TookTooLong:
            ack(response_action="update", view=forms.looking_view(address))
            again = forms.add_form(metadata, address)
            self._beside.submit(carried(self._show_later), str(view["id"]), looking, again, user)
            return
        if isinstance(found, str):
            ack(response_action="errors", errors={"address": found})
        else:
            ack(response_action="update", view=found)

    def _found_entered(self, body: Body, ack: Acknowledge) -> None:
        view, user = body["view"], str(body["user"]["id"])
        origin, draft = origin_of(view["private_metadata"]), entered_draft(view["state"]["values"])
        if refusal := self._refusal(user, "source added", draft.name):
            ack(response_action="update", view=forms.note(forms.ADD_TITLE, refusal))
            return
        known = self._register.sources()
        problems = draft_problems(draft, known)
        if there := feed_problem(origin, known):
            problems = {"name": there, **problems}
        if problems:
            ack(response_action="errors", errors=problems)
            return
        source = added_source(draft, origin, user, self._clock())
        self._register.put(source)
        self._record(user, "source added", source.name, f"{source.feed_url}, every {draft.every}")
        name, kind = isolated(source.name), kind_name(source.source.kind)
        done = gettext("Added {name} ({kind}), asked every {time}.")
        done = done.format(name=name, kind=kind, time=forms.often(source.interval))
        view = forms.note(forms.ADD_TITLE, done, gettext(_READ_SOON))
        ack(response_action="update", view=view)
        self._refresh(user, origin.pages)

    def _change_entered(self, body: Body, ack: Acknowledge) -> None:
        view, user = body["view"], str(body["user"]["id"])
        origin, draft = origin_of(view["private_metadata"]), entered_draft(view["state"]["values"])
        if refusal := self._refusal(user, "source changed", origin.name):
            ack(response_action="update", view=forms.note(forms.EDIT_TITLE, refusal))
            return
        known = self._register.sources()
        stored = next((one for one in known if one.name == origin.name), None)
        if stored is None:
            ack(response_action="update", view=_gone(origin.name))
            return
        problems = draft_problems(draft, [one for one in known if one is not stored])
        if problems:
            ack(response_action="errors", errors=problems)
            return
        said = self._change(stored, draft, user)
        ack(response_action="update", view=forms.note(forms.EDIT_TITLE, *said))
        self._refresh(user, origin.pages)

    # What is done

    def _edit_view(self, click: Click) -> View:
        source = self._source(click.value)
        if source is None:
            return _gone(click.value)
        origin = SourceOrigin(name=source.name, pages=click.metadata)
        return forms.edit_form(draft_of(source), origin, source.address)

    def _set_paused(self, click: Click, action: str, paused: bool) -> None:
        if self._refused(click, action):
            return
        source = self._source(click.value)
        if source is None:
            self._slack.open_view(click.trigger_id, _gone(click.value))
        elif source.paused != paused or not paused:
            self._register.pause(source.name, paused)
            self._record(click.user, action, source.name)
        self._refresh(click.user, click.metadata)

    def _remove(self, click: Click) -> None:
        if self._refused(click, "source removed"):
            return
        source = self._source(click.value)
        if source is not None:
            self._register.remove(source.name, self._clock())
            self._record(click.user, "source removed", source.name, "articles kept")
            ended = gettext(
                "{name} is asked no more. Its articles stay.", name=isolated(source.name)
            )
            said = forms.note(forms.EDIT_TITLE, ended)
        else:
            said = _gone(click.value)
        if click.view_id is not None:
            self._slack.update_view(click.view_id, said)
        pages = origin_of(click.metadata).pages if click.view_id else click.metadata
        self._refresh(click.user, pages)

    def _change(self, stored: PolledSource, draft: SourceDraft, user: str) -> list[str]:
        """Change what is stored; what is said of it, a line each."""
        wanted = changed_source(draft, stored)
        articles = self._register.change(
            stored.name, wanted.source, interval=wanted.interval, full_text=wanted.full_text
        )
        what = changed(told(stored), told(wanted))
        if not what:
            return [gettext("{name} stays as it was.", name=isolated(wanted.name))]
        self._record(user, "source changed", stored.name, what)
        name = isolated(wanted.name)
        lines = [gettext("Changed {name}: {what}.", name=name, what=isolated(what))]
        if articles:
            soon = gettext("Its articles ({count}) are found as such in a moment.")
            lines.append(soon.format(count=f"{articles:,}"))
        if wanted.name != stored.name:
            named = gettext("Digests and watches that name {name} still do; change them too.")
            lines.append(named.format(name=isolated(stored.name)))
        return lines

    def _check(self, click: Click, names: list[str] | None) -> None:
        if self._refused(click, "source checked"):
            return
        sources = self._register.sources(names)
        if not sources:
            self._slack.open_view(click.trigger_id, _gone(click.value))
            return
        view_id: str | None = None
        try:
            shown = forms.checking_view([one.name for one in sources])
            view_id = self._slack.open_view(click.trigger_id, shown)
        except SlackError as error:
            log.info("what is checked is told directly: %s", error)
        self._beside.submit(
            carried(self._guarded), click, lambda: self._report(click, sources, view_id)
        )

    def _report(self, click: Click, sources: Sequence[PolledSource], view_id: str | None) -> None:
        """Ask sources, and say what became of them in the modal, or directly where it was closed.

        One that is paused is only reached: nothing of it is read.
        """
        polled = [one.name for one in sources if not one.paused]
        paused = [one.name for one in sources if one.paused]
        reports: list[SourceReport] = []
        if polled:
            reports += self._poller.poll(polled).sources
        if paused:
            reports += self._poller.check(paused).sources
        now = self._clock().astimezone(ZoneInfo(self._person(click.user).zone))
        try:
            if view_id is None:
                raise SlackRefused("views.update", "not_found")
            self._slack.update_view(view_id, check_view(gettext(forms.SOURCES_TITLE), reports, now))
        except SlackRefused:
            direct = self._slack.direct_channel(click.user)
            self._slack.post(direct, None, check_messages(reports, now))
        self._refresh(click.user, click.metadata)

    # Looking at an address

    def _look(self, address: str, opened: SourceOrigin) -> View | str:
        """The form of the feed at an address, or a sentence that says why there is none."""
        if problem := address_problem(address):
            return problem
        try:
            found = find_feed(address, self._fetcher)
        except ReadError as error:
            reason = isolated(error.reason.rstrip("."))
            return gettext("Nothing can be polled there: {reason}.", reason=reason)
        proposed = source_of_feed(found, added_by="", now=self._clock())
        site, entries = proposed.source.url or "", len(found.feed.entries)
        origin = SourceOrigin("", found.url, site, entries, opened.pages)
        if problem := feed_problem(origin, self._register.sources()):
            return problem
        return forms.found_form(draft_of(proposed), origin, _titles(found))

    def _show_later(
        self, view_id: str, looking: Future[View | str], again: View, user: str
    ) -> None:
        def show() -> None:
            found = looking.result()
            time.sleep(_SETTLING_SECONDS)
            if isinstance(found, str):
                found = forms.with_problem(again, found)
            try:
                self._slack.update_view(view_id, found)
            except SlackRefused as refused:
                # Nothing was added yet, and whoever closed the modal knows it.
                log.info("what was found is not shown: %s", refused.reason)

        self._guarded(Click("", user, ""), show)

    # Pieces

    def _open(self, click: Click, action: str, subject: str, make: Callable[[], View]) -> None:
        def made() -> View:
            refusal = self._refusal(click.user, action, subject)
            return forms.note(forms.SOURCES_TITLE, refusal) if refusal else make()

        self._modals.open(click, made, forms.note(forms.SOURCES_TITLE, gettext("One moment …")))

    def _refused(self, click: Click, action: str) -> bool:
        refusal = self._refusal(click.user, action, click.value)
        if refusal:
            self._slack.open_view(click.trigger_id, forms.note(forms.SOURCES_TITLE, refusal))
        return refusal is not None

    def _refusal(self, user: str, action: str, subject: str) -> str | None:
        """What somebody is told who may not do it; the attempt is kept in the trail."""
        person = self._person(user)
        if self._access.is_admin(person):
            return None
        subject = subject[:_LONGEST_SUBJECT] or "sources"
        self._record(user, "refused", subject, f"{action}, by somebody who is no admin")
        return self._access.admin_refusal(person)

    def _person(self, user: str) -> Person:
        return self._people.person(user, within=_PROFILE_SECONDS)

    def _source(self, name: str) -> PolledSource | None:
        return next(iter(self._register.sources([name])), None)

    def _record(self, user: str, action: str, subject: str, detail: str | None = None) -> None:
        self._audit.record(user, action, subject, detail, self._clock())

    def _guarded(self, click: Click, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # Whoever clicked must not be left in silence.
            self._modals.own_up(click, error)

    def _answered(
        self, enter: Callable[[Body, Acknowledge], None], body: Body, ack: Acknowledge
    ) -> None:
        """Enter what was submitted; a failure is said in the modal's place and directly."""
        try:
            enter(body, ack)
        except Exception as error:  # Whoever submitted must not be left in silence.
            ack(response_action="update", view=forms.note(forms.SOURCES_TITLE, gettext(_FAILED)))
            self._modals.own_up(Click("", str(body["user"]["id"]), ""), error)


def _titles(found: FoundFeed) -> list[str]:
    """The titles of the first entries of a feed."""
    titled = (entry.title for entry in found.feed.entries if entry.title)
    return list(islice(titled, _NEWEST))


def _gone(name: str) -> View:
    gone = gettext("No source is called {name} any more.", name=isolated(name))
    return forms.note(forms.SOURCES_TITLE, gone)

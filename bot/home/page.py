"""The Home page of each person: put together from the stores, published, and its buttons.

    opened ─▶ content ─▶ published        something slow ─▶ a first view meanwhile
    button ─▶ done ─▶ content ─▶ published anew
    newest stories ─▶ those that weigh most ─▶ headlines ─▶ newest first

Whoever changes something sees the page as it is then: pages of one person are put together and
published one after the other. Headlines need vectors, which take their time: they are made once
for a state of the stories and kept for everybody.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.clock import Clock
from bot.db.outbox import POSTED, Outbox
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Feedback
from bot.db.watches import Watches
from bot.failures import SlackError, SlackRefused, own_up, trace_of
from bot.home import editing as suggestions
from bot.home.editing import Editing, Submitted, edit_title, may_edit
from bot.home.forms import Origin
from bot.home.views import (
    FAILED,
    Headlined,
    HomePage,
    Pages,
    ReadSoFar,
    home_view,
    pages_of,
    sentence_view,
    sure_view,
    waiting_view,
)
from bot.jobs.alerts import ALERT, FURTHER
from bot.records import Subscription, Watch
from bot.render.answers import plain_message
from bot.render.blocks import note_view, words
from bot.render.catalogues import framed, gettext, ngettext, speaking
from bot.render.people import feedback_summary_blocks
from bot.slack.client import SlackGateway
from bot.slack.events import Asked, Place
from bot.slack.modals import Click, Modals
from bot.slack.pacing import Meanwhile
from bot.slack.people import Access, People
from corpus.feeds.registry import SourceRegister
from corpus.store import schema
from corpus.store.articles import ArticleStore
from corpus.store.database import reading
from retrieval.reports.report import Told
from retrieval.stories.registry import StoryRegister
from retrieval.stories.story import Story

if TYPE_CHECKING:
    from retrieval.similarity import Encode
    from retrieval.stories.registry import Stand

log = logging.getLogger("chancery.slack")


MOST = 5
LATELY = timedelta(days=3)
"""Of the newest story's last article: what is older is not told beside it."""
_LOOKED_AT = 30
# What a feed dates ahead of the clock is not newer than everything else.
_NEWEST_AHEAD = timedelta(hours=1)
_EVER = datetime.min.replace(tzinfo=UTC)


class NewestStories:
    """Tells the newest stories. Any number of threads may call it."""

    def __init__(self, store: ArticleStore, encode: Encode) -> None:
        self._store = store
        self._register = StoryRegister(store)
        self._encode = encode
        self._lock = threading.Lock()
        self._made: tuple[tuple[Stand, date], tuple[Headlined, ...]] | None = None

    def told(self, now: datetime) -> tuple[Headlined, ...]:
        """At most five stories, newest first."""
        with self._lock:
            # What lay ahead of the clock comes of age without a change of the stories.
            made_of = (self._register.stand(), now.astimezone(UTC).date())
            if self._made is None or self._made[0] != made_of:
                self._made = (made_of, tuple(map(self._headlined, self._newest(now))))
            return self._made[1]

    def _newest(self, now: datetime) -> list[Story]:
        """Of the newest stories those of which most is to be said: many origins, grave matters."""
        from retrieval.reports.lines import is_opinion
        from retrieval.reports.ranking import Weighing, importance
        from retrieval.similarity import Sameness

        until = now + _NEWEST_AHEAD
        every = (self._register.story(one) for one in self._candidates(until))
        told = (story.within(_EVER, until) for story in every if story is not None)
        found = [story for story in told if story is not None]
        if not found:
            return []
        last = max(story.ends for story in found)
        weighed = []
        weighing = Weighing(Sameness(self._encode))
        for story in found:
            within = story.within(last - LATELY, until)
            if within is None or all(map(is_opinion, within.articles)):
                continue
            weighed.append((importance(weighing.signs(within, within.articles, Told())), story))
        best = sorted(weighed, key=lambda one: (-one[0], -one[1].ends.timestamp(), one[1].id))
        return sorted((story for _, story in best[:MOST]), key=lambda one: one.ends, reverse=True)

    def _candidates(self, until: datetime) -> list[str]:
        stories = schema.stories.c
        begun = (stories.joined_to.is_(None), stories.begun_at <= until)
        query = select(stories.id).where(*begun).order_by(stories.last_at.desc(), stories.id)
        with reading(self._store.engine) as connection:
            return list(connection.scalars(query.limit(_LOOKED_AT)))

    def _headlined(self, story: Story) -> Headlined:
        from retrieval.reports.report import headline_of
        from retrieval.similarity import Sameness

        headline = headline_of(story.articles, Sameness(self._encode))
        return Headlined(story, headline.text, headline.article.url)


FIRST_VIEW_SECONDS = 0.7
_PROFILE_SECONDS = 0.5
_CONFLICTS = 2
_ALERTS_FOR = timedelta(days=90)
_FEEDBACK_DAYS = 7
_REASONS = 3
# What a feed dates ahead of the clock is not the newest that was read.
_AHEAD = timedelta(hours=1)

T = TypeVar("T", Subscription, Watch)
Ask = Callable[[Asked], None]
"""Takes in what somebody asks, as if they had written it."""


class Home:
    """Publishes Home pages and does what their buttons say. Any number of threads may call it."""

    def __init__(
        self,
        store: ArticleStore,
        newest: NewestStories,
        slack: SlackGateway,
        modals: Modals,
        people: People,
        access: Access,
        ask: Ask,
        clock: Clock,
    ) -> None:
        self._store = store
        self._newest = newest
        self._slack = slack
        self._modals = modals
        self._people = people
        self._access = access
        self._ask = ask
        self._clock = clock
        self._subscriptions = Subscriptions(store.engine, clock)
        self._watches = Watches(store.engine)
        self._outbox = Outbox(store.engine)
        self._sources = SourceRegister(store)
        self._feedback = Feedback(store.engine)
        self._editing = Editing(store, slack, people, access, clock)
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    # Publishing

    def publish(self, user: str, pages: Pages | None = None, *, first: bool = False) -> None:
        """Show somebody their page as it is now; `first` where they have none before their eyes.

        Never raises SlackError: what cannot be shown is said on the page itself, where that can
        be, and logged.
        """
        with self._turns[user]:
            try:
                self._publish(user, pages or Pages(), first=first)
                # Again with a person's own hours and rights, once Slack has told of them.
                waited = not self._people.person(user, within=0.0).known
                if waited and self._people.person(user).known:
                    self._publish(user, pages or Pages(), first=False)
            except Exception as error:  # Nor may the page be left as it was, in silence.
                reference = uuid.uuid4().hex[:8]
                log.error("no Home page, reference %s: %s", reference, trace_of(error))
                try:
                    failed = sentence_view(gettext(FAILED, reference=reference))
                    self._slack.publish_home(user, failed)
                except SlackError as failure:
                    log.error("nor a word of it, reference %s: %s", reference, failure)

    def _publish(self, user: str, pages: Pages, *, first: bool) -> None:
        def meanwhile() -> None:
            if first:
                with speaking(self._locale(user)):
                    self._slack.publish_home(user, waiting_view())

        with Meanwhile(FIRST_VIEW_SECONDS, meanwhile):
            view = self._view(user, pages)
        for conflicts in range(_CONFLICTS + 1):
            try:
                self._slack.publish_home(user, view)
                return
            except SlackRefused as refused:
                if refused.reason != "hash_conflict" or conflicts == _CONFLICTS:
                    raise
                view = self._view(user, pages)

    def _view(self, user: str, pages: Pages) -> dict[str, Any]:
        with speaking(self._people.person(user, within=_PROFILE_SECONDS).locale):
            return home_view(self.page(user, pages))

    def _locale(self, user: str) -> str:
        """Of a person's profile, as far as it is known by now."""
        return self._people.person(user, within=0.0).locale

    def page(self, user: str, pages: Pages) -> HomePage:
        """What a person's page shows now."""
        person = self._people.person(user, within=_PROFILE_SECONDS)
        now = self._clock().astimezone(ZoneInfo(person.zone))
        admin = self._access.is_admin(person)
        watches = self._theirs(self._watches.all(), user)
        return HomePage(
            user=user,
            now=now,
            read=self._read(now),
            digests=tuple(self._theirs(self._subscriptions.all(), user)),
            watches=tuple(watches),
            last_alerts=self._last_alerts(watches, now),
            sources=tuple(self._sources.sources()),
            stories=self._newest.told(now),
            admin=admin,
            feedback=tuple(self._judged(now)) if admin else (),
            pages=pages,
        )

    def _theirs(self, every: list[T], user: str) -> list[T]:
        """A person's own, then what they set up for channels."""
        own = [one for one in every if one.reader == user]
        return own + [one for one in every if one.reader != user and may_edit(one, user, None)]

    def _read(self, now: datetime) -> ReadSoFar:
        articles = schema.articles.c
        kept = articles.withdrawn_at.is_(None)
        with reading(self._store.engine) as connection:
            count, sources = connection.execute(
                select(func.count(), func.count(articles.source.distinct())).where(kept)
            ).one()
            dated = select(articles.published_at).where(kept, articles.published_at <= now + _AHEAD)
            newest = connection.scalar(dated.order_by(articles.published_at.desc()).limit(1))
        return ReadSoFar(count, sources, newest)

    def _last_alerts(self, watches: list[Watch], now: datetime) -> dict[str, datetime]:
        """When each watch was last told of, by its id."""
        found: dict[str, datetime] = {}
        for reader in {one.reader for one in watches}:
            for kind in (ALERT, FURTHER):
                for told in self._outbox.of_reader(reader, kind, now - _ALERTS_FOR):
                    if told.state == POSTED and told.posted_at:
                        for watch in told.posting.payload.get("watches", ()):
                            found[watch] = max(told.posted_at, found.get(watch, told.posted_at))
        return found

    def _judged(self, now: datetime) -> list[dict[str, Any]]:
        lately = self._feedback.counts(now - timedelta(days=_FEEDBACK_DAYS))
        days = ngettext("in {count} day", "in {count} days", _FEEDBACK_DAYS)
        counts = {days: lately, gettext("in all"): self._feedback.counts()}
        return feedback_summary_blocks(counts, self._feedback.latest(_REASONS))

    # Buttons

    def turn(self, user: str, pages: str) -> None:
        """Show other pages of the lists."""
        self.publish(user, pages_of(pages))

    def edit(self, what: str, identity: str | None, click: Click) -> None:
        """Open the form of a digest or watch, or of a new one."""
        pages = json.loads(pages_of(click.metadata).text) if click.channel is None else {}
        origin = Origin(opened_in=click.channel, pages=pages)
        waiting = note_view(edit_title(what), [[words(framed(gettext("One moment …")))]])
        self._modals.open(
            click, lambda: self._editing.form(what, identity, click.user, origin), waiting
        )

    def submit(self, view: Mapping[str, Any], user: str) -> Submitted:
        """Take what was entered in a form; `submitted` goes on once Slack has its answer."""
        try:
            return self._editing.submit(view, user)
        except Exception as error:  # The form stays, with what was entered and what went wrong.
            said: list[str] = []
            own_up(error, said.append)
            field = str(next(iter(view["state"]["values"])))
            return Submitted({"response_action": "errors", "errors": {field: said[0]}})

    def suggest(self, field: str, typed: str, user: str) -> list[suggestions.Suggestion]:
        """What a field of a form offers for what was typed."""
        if field == "zone":
            own = self._people.person(user, within=_PROFILE_SECONDS).zone
            return suggestions.zones(typed, own, self._clock())
        if field == "places":
            return suggestions.places(typed)
        polled = (one.name for one in self._sources.sources())
        return suggestions.sources(typed, (*self._store.source_names(), *polled))

    def submitted(self, submitted: Submitted, user: str) -> None:
        """After something was kept: a word to whom it concerns, and the page as it is now."""
        kept = submitted.kept
        if kept is None:
            return
        try:
            self._editing.confirm(kept)
        except Exception as error:  # What was kept must not go unsaid.
            own_up(error, lambda text: self._tell(user, text))
        self.publish(user, Pages(**kept.origin.pages))

    def choose(self, what: str, click: Click, moment: str) -> None:
        """Do what was chosen in a menu, or ask first; the value is a verb and an id."""
        verb, _, identity = click.value.partition(":")
        chosen = replace(click, value=identity)
        if verb in ("pause", "resume"):
            self.set_paused(what, chosen, paused=verb == "pause")
        elif verb == "send" and what == "watch":
            self.summarise_watch(chosen, moment)
        elif (asked := self._asks_first(what, verb, identity, click.user)) is not None:
            pages = pages_of(click.metadata).text
            with speaking(self._locale(click.user)):
                view = sure_view(what, verb, asked, pages)
            self._modals.open(click, lambda: view, view)
        elif verb == "send":
            self.send_digest(chosen, moment)
        else:
            self.publish(click.user, pages_of(click.metadata))

    def sure(self, view: Mapping[str, Any], user: str) -> None:
        """Do what somebody was asked about first."""
        held = json.loads(view["private_metadata"])
        click = Click("", user, str(held["id"]), metadata=str(held["pages"]))
        if held["verb"] == "remove":
            self.remove(str(held["what"]), click)
        else:
            self.send_digest(click, f"{self._clock().timestamp():.6f}")

    def _asks_first(
        self, what: str, verb: str, identity: str, user: str
    ) -> Subscription | Watch | None:
        """What is to be removed, or posted for others; None where nothing has to be asked."""
        one: Subscription | Watch | None = (
            self._subscriptions.get(identity) if what == "digest" else self._watches.get(identity)
        )
        asks = one is not None and (verb == "remove" or one.reader != user)
        return one if asks and one is not None and may_edit(one, user, None) else None

    def set_paused(self, what: str, click: Click, *, paused: bool) -> None:
        """Pause or resume a digest or watch."""
        self._do(
            click, lambda: self._editing.set_paused(what, click.value, click.user, paused=paused)
        )

    def remove(self, what: str, click: Click) -> None:
        """Remove a digest or watch."""
        self._do(click, lambda: self._editing.remove(what, click.value, click.user))

    def send_digest(self, click: Click, moment: str) -> None:
        """Give a digest at once where it belongs; `moment` tells one click from another."""
        self._do(click, lambda: self._send_digest(click, moment))

    def summarise_watch(self, click: Click, moment: str) -> None:
        """Give whoever clicked a summary of what a watch looks for."""
        self._do(click, lambda: self._summarise_watch(click, moment))

    def summarise_story(self, click: Click, moment: str) -> None:
        """Give whoever clicked a summary of one story, as a direct message."""
        sentence = f"summary of story {click.value}"
        self._guarded(click.user, lambda: self._asked_directly(click.user, sentence, moment))

    def _send_digest(self, click: Click, moment: str) -> None:
        one = self._subscriptions.get(click.value)
        if one is None or not may_edit(one, click.user, None):
            return
        # Named by its id, since a subject can read like a time or a wish of its own.
        sentence = f"digest now on subscription {one.id}"
        if one.reader == click.user:
            self._asked_directly(click.user, sentence, moment)
        else:
            self._ask(_asked(Place.CHANNEL, one.channel, click.user, sentence, moment))

    def _summarise_watch(self, click: Click, moment: str) -> None:
        one = self._watches.get(click.value)
        if one is not None and may_edit(one, click.user, None):
            self._asked_directly(click.user, f"summary of {one.name}", moment)

    def _asked_directly(self, user: str, sentence: str, moment: str) -> None:
        direct = self._slack.direct_channel(user)
        self._ask(_asked(Place.DIRECT, direct, user, sentence, moment))

    def _do(self, click: Click, act: Callable[[], None]) -> None:
        """Do what a button says, and show the page as it is then."""
        self._guarded(click.user, act)
        self.publish(click.user, pages_of(click.metadata))

    def _guarded(self, user: str, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, lambda text: self._tell(user, text))

    def _tell(self, user: str, text: str) -> None:
        self._slack.post(user, None, [plain_message(text)])


def _asked(place: Place, channel: str, user: str, sentence: str, moment: str) -> Asked:
    """What a button of Home stands for, as if it had been written; it stands in no message."""
    return Asked(place, channel, user, sentence, f"home:{user}", None, clicked=moment)


def is_home(event: Mapping[str, Any]) -> bool:
    """Whether it is the Home tab that was opened, and not the conversation."""
    return bool(event.get("tab", "home") == "home")

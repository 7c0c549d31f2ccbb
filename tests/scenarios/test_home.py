"""The Home tab: what it shows each person, its buttons, and the forms behind them.

The bot of these scenarios is one of its own, so that what a page shows is known to the letter.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db.audit import Audit
from bot.db.outbox import Outbox, Posting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Feedback, Turns
from bot.db.watches import Watches
from bot.home.page import Home, NewestStories
from bot.home.views import WAITING, Headlined
from bot.jobs.digests import EDIT_DIGEST
from bot.library import make_library_follower, open_corpus, open_library
from bot.records import DAILY_CAP, Subscription, Watch
from bot.render.blocks import actions, button
from bot.render.notes import EDIT_WATCH
from bot.service import Service
from bot.settings import Settings
from bot.slack.client import SlackGateway, make_client
from bot.slack.events import Asked
from bot.slack.modals import Modals
from bot.slack.people import Access, People
from corpus.articles import Source, SourceKind
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.conftest import NOW, settings_for
from tests.fakes.answerers import ChosenAnswerer
from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import HARBOUR_ARTICLE, HOSTILE_ARTICLE, PLAIN_ARTICLE
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    GUEST,
    PATIENCE,
    elements,
    new_modal,
    text_of,
)

Golden = Callable[[str, Any], None]
PRIVATE, ELSEWHERE, BOSS, MINISTRY = "G0CABINET", "C0ELSEWHERE", "U0BOSS", "Ministry A"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "Amal", tz="Europe/Paris")
        local.add_user(COLLEAGUE, "Ben", tz="Africa/Tripoli")
        local.add_user(BOSS, "Chris", tz="Europe/London", is_admin=True)
        local.add_user(GUEST, "guest", team="T0ELSEWHERE")
        local.add_channel(CHANNEL, "press")
        local.add_channel(PRIVATE, "cabinet", private=True)
        local.add_channel(ELSEWHERE, "elsewhere", is_member=False)
        yield local


@pytest.fixture(scope="module")
def settings(
    copied_sample: Callable[[], Any], embeddings: SentenceEmbeddings, slack: LocalSlack
) -> Settings:
    """A library whose stories are told already."""
    settings = settings_for(
        copied_sample(),
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_api_url=slack.api_url,
    )
    corpus = open_corpus(settings)
    ingest(corpus, [PLAIN_ARTICLE, HARBOUR_ARTICLE, HOSTILE_ARTICLE], lambda: NOW)
    with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
        library.indexer.catch_up()
        make_library_follower(library).catch_up()
    corpus.close()
    return settings


@pytest.fixture(scope="module")
def service(
    settings: Settings, slack: LocalSlack, embeddings: SentenceEmbeddings
) -> Iterator[Service]:
    running = Service(settings, clock=lambda: NOW, answerer=ChosenAnswerer(), embeddings=embeddings)
    running.start()
    slack.wait_for_connection()
    yield running
    running.stop()


@pytest.fixture
def store(settings: Settings, service: Service) -> Iterator[ArticleStore]:
    """What the bot keeps, looked at from beside it."""
    opened = open_corpus(settings)
    yield opened
    opened.close()


@pytest.fixture
def anna(slack: LocalSlack, service: Service) -> str:
    """Somebody in Paris whom the bot has not met."""
    return newcomer(slack, "Anna")


def newcomer(slack: LocalSlack, name: str, tz: str = "Europe/Paris") -> str:
    user = f"U1{name.upper()}{next(_numbers)}"
    slack.add_user(user, name, tz=tz)
    return user


def digest(reader: str, **given: Any) -> Subscription:
    made = Subscription(
        id=f"d{next(_numbers):07d}",
        reader=reader,
        channel=reader,
        name="Libya",
        at="07:30",
        zone="Europe/Paris",
        days=("mon", "tue", "wed", "thu", "fri"),
        interests=Interests(places=("LY",)),
        paused=False,
        created_by=reader,
        created_at=NOW - timedelta(days=9),
    )
    return replace(made, **given)


def watch(reader: str, name: str = "Gharyan", **given: Any) -> Watch:
    made = Watch(
        id=f"w{next(_numbers):07d}",
        reader=reader,
        channel=reader,
        name=name,
        criteria=Criteria(words=(name,)),
        quiet_from=None,
        quiet_to=None,
        zone="Europe/Paris",
        daily_cap=DAILY_CAP,
        paused=False,
        created_by=reader,
        created_at=NOW - timedelta(days=9),
    )
    return replace(made, **given)


def home_of(slack: LocalSlack, user: str) -> dict[str, Any]:
    """What somebody sees who opens the Home tab."""
    return after(slack, user, lambda: slack.open_home(user))


def after(slack: LocalSlack, user: str, act: Callable[[], Any]) -> dict[str, Any]:
    """The Home tab as it is published next for somebody, put together."""
    before = slack.homes.get(user, {}).get("hash")
    act()

    def anew() -> dict[str, Any]:
        home = slack.homes.get(user, {})
        there = home and home["hash"] != before and WAITING not in text_of(home)
        return home if there else {}

    return slack.wait_for(anew, PATIENCE, f"a Home page of {user}")


def pressed(slack: LocalSlack, user: str, action: str, value: str | None = None) -> dict[str, Any]:
    """The Home tab after a button of it was pressed, or something in its menus was chosen."""
    kind, _, verb = action.partition(":")
    if verb in ("pause", "resume", "send", "remove"):
        action, value = f"{kind}:more", f"{verb}:{value}"
    home = slack.homes[user]
    return after(slack, user, lambda: slack.click(user, home, action, value))


def sure(slack: LocalSlack, user: str, kind: str, chosen: str) -> tuple[str, dict[str, Any]]:
    """What is asked first when something is chosen in a menu, and Home once that is confirmed."""
    before = set(slack.views)
    slack.click(user, slack.homes[user], f"{kind}:more", chosen)
    view = new_modal(slack, before, "a question")
    home = after(slack, user, lambda: slack.submit_view(user, view["id"], {}))
    return text_of(view["blocks"]), home


def form(
    slack: LocalSlack, user: str, action: str, value: str | None = None, on: Any = None
) -> dict[str, Any]:
    """The form that a button opens."""
    before = set(slack.views)
    slack.click(user, on or slack.homes[user], action, value)
    return new_modal(slack, before, "a form")


def submitted(slack: LocalSlack, user: str, view: dict[str, Any], **values: Any) -> Any:
    """What Slack was answered when a form was submitted with these values."""
    sent = slack.submit_view(user, view["id"], values)
    return slack.wait_for_acknowledgement(sent, PATIENCE)


def saved(slack: LocalSlack, user: str, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The Home tab after a form was submitted and what it asks for was kept."""

    def submit() -> None:
        answer = submitted(slack, user, view, **values)
        assert not (answer or {}).get("response_action"), answer

    return after(slack, user, submit)


def errors(slack: LocalSlack, user: str, view: dict[str, Any], **values: Any) -> dict[str, str]:
    """What is wrong with a form, by field."""
    answer = submitted(slack, user, view, **values)
    assert answer["response_action"] == "errors", answer
    return dict(answer["errors"])


def direct(slack: LocalSlack, user: str) -> list[str]:
    """What the bot wrote to somebody directly."""
    return [text_of(one["blocks"]) for one in slack.messages(slack.direct_channel(user))]


class TestOpening:
    def test_somebody_new_is_told_what_there_is_and_how_to_begin(
        self, slack: LocalSlack, anna: str, golden: Golden
    ) -> None:
        home = home_of(slack, anna)
        shown = text_of(home)
        assert "96 articles from 16 sources read · newest: today 10:00, Paris time" in shown
        assert "No digest yet" in shown
        assert "Nothing is followed yet" in shown
        assert "No source is polled yet" in shown
        golden("home_empty", home)

    def test_a_person_sees_what_is_theirs_in_their_own_time(
        self, slack: LocalSlack, store: ArticleStore, golden: Golden
    ) -> None:
        set_up_for(COLLEAGUE, store)
        home = home_of(slack, COLLEAGUE)
        shown = text_of(home)
        assert "Next on Monday 8 April at 07:30 Tripoli time" in shown
        assert "Nothing comes until it is resumed." in shown
        assert "last alert yesterday 16:00" in shown
        golden("home_full", home)

    def test_an_admin_sees_sources_and_what_people_think_of_answers(
        self, slack: LocalSlack, store: ArticleStore, golden: Golden
    ) -> None:
        register = SourceRegister(store)
        health_of_sources(store)
        home = home_of(slack, BOSS)
        for one in register.sources():
            register.remove(one.name, NOW)
        shown = text_of(home)
        assert "Add source" in shown
        assert "the link is dead" in shown
        golden("home_admin", home)

    def test_somebody_else_sees_no_buttons_of_admins(self, slack: LocalSlack, anna: str) -> None:
        actions = {button["action_id"] for button in elements(home_of(slack, anna), "button")}
        assert not {name for name in actions if name.startswith("source:")}

    def test_something_stands_there_at_once_where_the_rest_is_slow(
        self,
        slack: LocalSlack,
        settings: Settings,
        store: ArticleStore,
        embeddings: SentenceEmbeddings,
        anna: str,
    ) -> None:
        class SlowStories(NewestStories):
            """Takes until somebody has seen that it takes a moment."""

            def told(self, now: datetime) -> tuple[Headlined, ...]:
                slack.wait_for(lambda: WAITING in text_of(slack.homes.get(anna)), PATIENCE)
                return ()

        gateway = SlackGateway(make_client(slack.bot_token, slack.api_url))
        stories = SlowStories(store, embeddings.encode)
        people, access = People(gateway, lambda: NOW), Access(settings)
        modals, asked = Modals(gateway), list[Asked]()
        home = Home(store, stories, gateway, modals, people, access, asked.append, lambda: NOW)
        home.publish(anna, first=True)
        assert "No stories yet." in text_of(slack.homes[anna])
        gateway.close()

    def test_a_profile_that_comes_late_does_not_hold_the_page_up(
        self, slack: LocalSlack, anna: str
    ) -> None:
        slack.delay("users.info", 600)
        try:
            assert "UTC" in text_of(home_of(slack, anna))
        finally:
            slack.delay("users.info", 0)
        slack.wait_for(lambda: "Paris time" in text_of(slack.homes[anna]), PATIENCE)

    def test_what_stands_there_stays_while_it_is_put_together_anew(
        self, slack: LocalSlack, anna: str
    ) -> None:
        home_of(slack, anna)
        before = len(slack.calls("views.publish"))
        home_of(slack, anna)
        calls = slack.calls("views.publish")[before:]
        assert not any(WAITING in text_of(call.arguments["view"]) for call in calls)

    def test_a_conflict_is_tried_again(self, slack: LocalSlack, anna: str) -> None:
        slack.fail_next("views.publish", error="hash_conflict", times=2)
        assert "Newest stories" in text_of(home_of(slack, anna))

    def test_a_page_that_slack_refuses_is_owned_up_to(self, slack: LocalSlack, anna: str) -> None:
        slack.fail_next("views.publish", error="invalid_arguments")
        shown = text_of(home_of(slack, anna))
        assert "could not be put together (reference " in shown
        assert "Newest stories" in text_of(home_of(slack, anna))

    def test_the_conversation_beside_it_is_not_the_home_tab(
        self, slack: LocalSlack, anna: str
    ) -> None:
        slack.open_home(anna, tab="messages")
        home_of(slack, DESK)
        assert anna not in slack.homes

    def test_members_of_other_workspaces_see_nothing_of_it(self, slack: LocalSlack) -> None:
        shown = text_of(home_of(slack, GUEST))
        assert "I answer only people of the workspace that I work for." in shown
        assert "Newest stories" not in shown

    def test_nothing_read_reads_well(
        self,
        tmp_path: Path,
        embeddings: SentenceEmbeddings,
        golden: Golden,
    ) -> None:
        with LocalSlack() as elsewhere:
            elsewhere.add_user(DESK, "Amal", tz="Europe/Paris")
            settings = settings_for(
                tmp_path / "home",
                slack_bot_token=elsewhere.bot_token,
                slack_app_token=elsewhere.app_token,
                slack_api_url=elsewhere.api_url,
            )
            running = Service(settings, clock=lambda: NOW, embeddings=embeddings)
            running.start()
            try:
                home = home_of(elsewhere, DESK)
            finally:
                running.stop()
        assert "Nothing has been read yet." in text_of(home)
        assert "No stories yet." in text_of(home)
        golden("home_nothing_read", home)


class TestPages:
    def test_thirty_watches_are_turned_through_and_none_is_left_out(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        names = [f"Subject {number:02d}" for number in range(1, 31)]
        for number, name in enumerate(names):
            made = watch(anna, name, created_at=NOW - timedelta(days=1, minutes=-number))
            watches.add(made)
        home = home_of(slack, anna)
        seen = [name for name in names if name in text_of(home)]
        assert seen == names[:8]
        while more := labelled(home, "More: "):
            home = pressed(slack, anna, "home:page:more", more["value"])
            seen += [name for name in names if name in text_of(home)]
        assert seen == names
        back = labelled(home, "Back: 17 to 24 of 30")
        assert back is not None
        assert "Subject 17" in text_of(pressed(slack, anna, "home:page:back", back["value"]))

    def test_the_page_stays_turned_after_something_on_it_was_changed(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        for number in range(10):
            watches.add(
                watch(anna, f"S{number}", created_at=NOW - timedelta(days=1, minutes=-number))
            )
        home = home_of(slack, anna)
        more = labelled(home, "More: 9 to 10 of 10")
        assert more is not None
        home = pressed(slack, anna, "home:page:more", more["value"])
        last = watches.of_reader(anna)[-1]
        home = pressed(slack, anna, "watch:pause", last.id)
        assert "PAUSED" in text_of(home)
        assert "S9" in text_of(home)
        view = form(slack, anna, "watch:edit", last.id)
        assert "S9 again" in text_of(saved(slack, anna, view, name="S9 again"))


def labelled(home: dict[str, Any], label: str) -> dict[str, Any] | None:
    """The button whose label begins so."""
    found = (one for one in elements(home, "button") if one["text"]["text"].startswith(label))
    return next(found, None)


class TestButtons:
    def test_pausing_and_resuming_a_digest(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        one = digest(anna)
        subscriptions.add(one)
        home_of(slack, anna)
        assert "PAUSED" in text_of(pressed(slack, anna, "digest:pause", one.id))
        assert "PAUSED" not in text_of(pressed(slack, anna, "digest:resume", one.id))
        trail = [entry.action for entry in Audit(store.engine).recent() if entry.subject == one.id]
        assert trail == ["digest resumed", "digest paused"]

    def test_removing_asks_first_and_then_is_done(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        one = watch(anna)
        watches.add(one)
        home_of(slack, anna)
        asked, home = sure(slack, anna, "watch", f"remove:{one.id}")
        assert "Gharyan" in asked
        assert "Nothing is followed yet" in text_of(home)
        assert watches.get(one.id) is None

    def test_what_was_removed_elsewhere_is_gone_after_a_click(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        one = watch(anna)
        watches.add(one)
        home_of(slack, anna)
        watches.remove(one.id)
        assert "Nothing is followed yet" in text_of(pressed(slack, anna, "watch:pause", one.id))

    def test_nobody_changes_what_is_somebody_elses(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        mine, theirs = watch(anna), watch(DESK, "Theirs")
        watches.add(mine)
        watches.add(theirs)
        home = forged(home_of(slack, anna), mine.id, theirs.id)
        after(slack, anna, lambda: slack.click(anna, home, "watch:more", f"remove:{theirs.id}"))
        assert watches.get(theirs.id) is not None
        before = set(slack.views)
        slack.click(anna, home, "watch:edit")
        assert "belongs to somebody else" in text_of(new_modal(slack, before)["blocks"])

    def test_sending_a_digest_now_gives_it_directly(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        # A subject that would be read as a time of its own.
        one = digest(anna, interests=Interests(topics=("at noon",)), name="noon")
        subscriptions.add(one)
        home_of(slack, anna)
        pressed(slack, anna, "digest:send", one.id)
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        assert "Nothing new for at noon" in direct(slack, anna)[0]
        assert len(subscriptions.of_reader(anna)) == 1

    def test_sending_a_channels_digest_asks_first_and_posts_it_there(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        one = digest(PRIVATE, created_by=anna, interests=Interests(topics=("Ormsund",)))
        subscriptions.add(one)
        home_of(slack, anna)
        asked, _ = sure(slack, anna, "digest", f"send:{one.id}")
        assert "posted in its channel" in asked
        slack.wait_for(
            lambda: any("Ormsund" in text_of(m["blocks"]) for m in slack.messages(PRIVATE)),
            PATIENCE,
        )
        subscriptions.remove(one.id)

    def test_the_summary_of_a_story_comes_directly_and_tells_that_story_only(
        self, slack: LocalSlack, anna: str
    ) -> None:
        home = home_of(slack, anna)
        (first, *_) = [b for b in elements(home, "button") if b["action_id"] == "story:summary"]
        headline = next(elements(home, "link"))["text"]
        slack.click(anna, home, "story:summary", first["value"])
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        (said,) = direct(slack, anna)
        assert said.startswith(headline)
        assert "1 story · " in said
        assert f"1 · {headline}" in said
        assert "[1]" in said

    def test_the_summary_of_a_watch_comes_directly(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        one = watch(anna, "Ormsund")
        Watches(store.engine).add(one)
        home_of(slack, anna)
        pressed(slack, anna, "watch:send", one.id)
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        assert direct(slack, anna)[0].startswith("Ormsund, ")


def forged(home: dict[str, Any], own: str, other: str) -> dict[str, Any]:
    """A Home tab whose buttons name something of somebody else."""
    return dict(json.loads(json.dumps(home).replace(own, other)))


class TestDigestForm:
    def test_a_new_digest(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        golden("digest_form_new", without_metadata(view))
        home = saved(
            slack,
            anna,
            view,
            at="18:30",
            zone="Africa/Tripoli",
            days=["mon", "thu"],
            topics="Libya, “war and peace”, fisheries",
            places=["SD"],
            length="3",
        )
        (one,) = Subscriptions(store.engine).of_reader(anna)
        assert (one.at, one.zone, one.days) == ("18:30", "Africa/Tripoli", ("mon", "thu"))
        # A topic that is a country is one, as in plain words.
        assert one.interests == Interests(("war and peace", "fisheries"), ("SD", "LY"), (), 3)
        assert "On Mondays and Thursdays at 18:30 Tripoli time" in text_of(home)
        assert "Next on Monday 8 April at 18:30 Tripoli time" in text_of(home)
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        assert direct(slack, anna)[0].startswith(
            "You get a digest on Mondays and Thursdays at 18:30 Tripoli time on Sudan, Libya, "
            "war and peace and fisheries"
        )
        (entry,) = [e for e in Audit(store.engine).recent() if e.subject == one.id]
        assert (entry.by, entry.action) == (anna, "digest added")

    def test_editing_begins_with_what_is_stored(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        interests = Interests(("fisheries", "war and peace"), ("LY",), ("Vessels Gazette",), 7)
        one = digest(anna, interests=interests, paused=True, name="Morning")
        Subscriptions(store.engine, lambda: NOW).add(one)
        home_of(slack, anna)
        view = form(slack, anna, "digest:edit", one.id)
        golden("digest_form", without_metadata(view))
        # As it was shown it stands for what is stored.
        saved(slack, anna, view)
        kept = Subscriptions(store.engine).get(one.id)
        assert kept is not None
        assert replace(kept, active_from=None) == one

    def test_every_kind_of_error_stands_at_its_field(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        Subscriptions(store.engine, lambda: NOW).add(digest(anna))
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        found = errors(
            slack,
            anna,
            view,
            at=None,
            zone="Mars/Base",
            days=[],
            topics="Libya",
            places=["Atlantis"],
            sources=["Nobody's Gazette"],
            channel=ELSEWHERE,
        )
        golden("digest_form_errors", found)
        assert set(found) == {"at", "zone", "days", "places", "sources", "channel"}
        assert errors(slack, anna, view, topics="Libya") == {
            "topics": "You have a digest on Libya already; edit that one, or name other subjects."
        }
        assert len(Subscriptions(store.engine).of_reader(anna)) == 1

    def test_the_same_submission_twice_sets_it_up_once(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        sent = slack.submit_view(anna, view["id"], {"topics": "fisheries"})
        slack.wait_for_acknowledgement(sent, PATIENCE)
        after(slack, anna, lambda: slack._deliver(sent))
        assert len(Subscriptions(store.engine).of_reader(anna)) == 1

    def test_a_digest_for_a_channel_is_told_there(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        home = saved(slack, anna, view, topics="lighthouses", channel=CHANNEL)
        assert any(one["channel_id"] == CHANNEL for one in elements(home, "channel"))
        told = slack.wait_for(
            lambda: [m for m in slack.messages(CHANNEL) if "lighthouses" in text_of(m["blocks"])],
            PATIENCE,
        )
        shown = text_of(told[0]["blocks"])
        assert shown.startswith("This channel gets a digest on weekdays at 07:30 Paris time")
        assert shown.endswith("Anna has set it so.")
        (one,) = [s for s in Subscriptions(store.engine).all() if s.created_by == anna]
        assert (one.reader, one.channel) == (CHANNEL, CHANNEL)

    def test_two_who_edit_a_channels_digest_do_not_lose_each_others_change(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        one = digest(CHANNEL, created_by=anna, interests=Interests(topics=("tides",)), name="tides")
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        subscriptions.add(one)
        home_of(slack, anna)
        hers = form(slack, anna, "digest:edit", one.id)
        message = settings_message(slack, one.id)
        his = form(slack, COLLEAGUE, "digest:edit", on=message)
        saved(slack, COLLEAGUE, his, at="09:00")
        answer = submitted(slack, anna, hers, days=["sat"])
        assert answer["response_action"] == "update"
        shown = text_of(answer["view"])
        assert "has changed this digest meanwhile" in shown
        assert "on weekdays at 09:00 Paris time" in shown
        golden("digest_form_overtaken", without_metadata(answer["view"]))
        kept = subscriptions.get(one.id)
        assert kept is not None
        assert (kept.at, len(kept.days)) == ("09:00", 5)
        # Whoever saves again has seen it.
        again = slack.views[hers["id"]]
        saved(slack, anna, again)
        kept = subscriptions.get(one.id)
        assert kept is not None
        assert (kept.at, kept.days) == ("07:30", ("sat",))

    def test_one_that_was_removed_meanwhile_is_set_up_again_only_when_asked(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        one = digest(anna)
        subscriptions.add(one)
        home_of(slack, anna)
        view = form(slack, anna, "digest:edit", one.id)
        subscriptions.remove(one.id)
        answer = submitted(slack, anna, view)
        assert "removed while you had it open" in text_of(answer["view"])
        assert not subscriptions.of_reader(anna)
        saved(slack, anna, slack.views[view["id"]])
        assert len(subscriptions.of_reader(anna)) == 1

    def test_moving_a_digest_to_a_channel_ends_the_persons_own(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        one = digest(anna, interests=Interests(topics=("quays",)), name="quays")
        subscriptions.add(one)
        home_of(slack, anna)
        view = form(slack, anna, "digest:edit", one.id)
        saved(slack, anna, view, channel=CHANNEL)
        assert not subscriptions.of_reader(anna)
        assert [s.name for s in subscriptions.of_reader(CHANNEL) if s.created_by == anna] == [
            "quays"
        ]

    def test_a_channel_that_loses_its_digest_is_told(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        subscriptions = Subscriptions(store.engine, lambda: NOW)
        one = digest(CHANNEL, created_by=anna, interests=Interests(topics=("piers",)), name="piers")
        subscriptions.add(one)
        home_of(slack, anna)
        view = form(slack, anna, "digest:edit", one.id)
        saved(slack, anna, view, channel=None)
        assert [s.name for s in subscriptions.of_reader(anna)] == ["piers"]
        slack.wait_for(
            lambda: [
                m
                for m in slack.messages(CHANNEL)
                if "no longer gets the digest on piers" in text_of(m["blocks"])
            ],
            PATIENCE,
        )

    def test_a_channel_that_slack_does_not_tell_of_in_time_is_taken(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        slack.delay("conversations.history", 600)
        try:
            saved(slack, anna, view, topics="buoys", channel=ELSEWHERE)
        finally:
            slack.delay("conversations.history", 0)
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        assert "I could not post in that channel" in direct(slack, anna)[0]

    def test_a_failure_leaves_the_form_open_and_says_so(self, slack: LocalSlack, anna: str) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        broken = {**slack._workspace.views[view["id"]], "private_metadata": "{}"}
        slack._workspace.views[view["id"]] = broken
        found = errors(slack, anna, view)
        assert "reference" in found["at"]


def without_metadata(view: dict[str, Any]) -> dict[str, Any]:
    """A form without what it remembers, which names what this run has drawn."""
    return {name: held for name, held in view.items() if name != "private_metadata"}


def settings_message(slack: LocalSlack, identity: str) -> dict[str, Any]:
    """A message in the channel with the *Settings* button of a digest."""
    message = slack._workspace.bot_message(
        channel=CHANNEL,
        text="Your digest",
        blocks=[actions([button("Settings", EDIT_DIGEST, identity)])],
    )
    return slack._workspace.add_message(CHANNEL, message)


class TestWatchForm:
    def test_a_new_watch(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "watch:new")
        golden("watch_form_new", without_metadata(view))
        saved(
            slack,
            anna,
            view,
            words="Haftar",
            aliases="Hifter, Hafter",
            places=["LY"],
            kinds=["official", "wire"],
            quiet_from="22:00",
            quiet_to="07:00",
            daily_cap="5",
        )
        (one,) = Watches(store.engine).of_reader(anna)
        assert one.name == "Haftar"
        assert one.criteria == Criteria(
            ("Haftar",), ("Hifter", "Hafter"), places=("LY",), kinds=("official", "wire")
        )
        assert (one.quiet_from, one.quiet_to, one.zone) == ("22:00", "07:00", "Europe/Paris")
        assert one.daily_cap == 5
        slack.wait_for(lambda: direct(slack, anna), PATIENCE)
        assert "You now follow Haftar" in direct(slack, anna)[0]

    def test_editing_begins_with_what_is_stored(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        criteria = Criteria(
            ("Haftar", "war and peace"),
            ("Hifter",),
            ("António Guterres",),
            ("LY",),
            ("Vessels Gazette",),
            ("official",),
        )
        one = watch(
            anna, "Haftar", criteria=criteria, quiet_from="22:00", quiet_to="07:00", daily_cap=3
        )
        Watches(store.engine).add(one)
        home_of(slack, anna)
        view = form(slack, anna, "watch:edit", one.id)
        golden("watch_form", without_metadata(view))
        saved(slack, anna, view)
        assert Watches(store.engine).get(one.id) == one

    def test_every_kind_of_error_stands_at_its_field(
        self, slack: LocalSlack, store: ArticleStore, anna: str, golden: Golden
    ) -> None:
        Watches(store.engine).add(watch(anna))
        home_of(slack, anna)
        view = form(slack, anna, "watch:new")
        found = errors(
            slack,
            anna,
            view,
            zone="Mars/Base",
            quiet_from="22:00",
            daily_cap="0",
            places=["Atlantis"],
            channel=ELSEWHERE,
        )
        golden("watch_form_errors", found)
        assert set(found) == {"zone", "quiet_to", "daily_cap", "places", "channel"}
        assert errors(slack, anna, view, words="gharyan") == {
            "name": "You have a watch called “gharyan” already; choose another name."
        }
        assert set(errors(slack, anna, view)) == {"words"}

    def test_quiet_hours_of_the_same_time_twice_are_none(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        one = watch(anna, quiet_from="22:00", quiet_to="07:00")
        Watches(store.engine).add(one)
        home_of(slack, anna)
        view = form(slack, anna, "watch:edit", one.id)
        saved(slack, anna, view, quiet_to="22:00")
        kept = Watches(store.engine).get(one.id)
        assert kept is not None
        assert kept.quiet_from is None

    def test_the_button_of_an_alert_opens_its_watch_for_whoever_is_in_the_channel(
        self, slack: LocalSlack, store: ArticleStore, anna: str
    ) -> None:
        watches = Watches(store.engine)
        channels, hers = watch(CHANNEL, "Beacons", created_by=DESK), watch(anna, "Own")
        watches.add(channels)
        watches.add(hers)
        shown = slack._workspace.add_message(
            CHANNEL,
            slack._workspace.bot_message(
                channel=CHANNEL,
                text="Alert",
                blocks=[
                    actions([button("Edit watch", EDIT_WATCH, one.id)]) for one in (channels, hers)
                ],
            ),
        )
        view = form_of(slack, COLLEAGUE, shown, channels.id)
        saved(slack, COLLEAGUE, view, daily_cap="2")
        kept = watches.get(channels.id)
        assert kept is not None
        assert kept.daily_cap == 2
        note = form_of(slack, COLLEAGUE, shown, hers.id)
        assert "belongs to somebody else" in text_of(note)
        watches.remove(channels.id)
        gone = form_of(slack, COLLEAGUE, shown, channels.id)
        assert "no such watch any more" in text_of(gone)


def form_of(slack: LocalSlack, user: str, message: dict[str, Any], identity: str) -> dict[str, Any]:
    return form(slack, user, EDIT_WATCH, identity, on=message)


class TestSuggestions:
    def test_zones_begin_with_the_persons_own_and_tell_their_time(
        self, slack: LocalSlack, anna: str
    ) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        assert suggested(slack, anna, view, "zone", "")[0] == "Paris (Europe/Paris), 12:00 now"
        assert (
            suggested(slack, anna, view, "zone", "bern")[0] == "Zurich (Europe/Zurich), 12:00 now"
        )
        assert suggested(slack, anna, view, "zone", "no such place") == []

    def test_countries_are_found_by_any_name_of_theirs(self, slack: LocalSlack, anna: str) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "digest:new")
        assert suggested(slack, anna, view, "places", "lib")[:2] == ["Liberia", "Libya"]
        assert suggested(slack, anna, view, "places", "Deutschland") == ["Germany"]
        assert len(suggested(slack, anna, view, "places", "")) == 100

    def test_sources_are_those_that_are_read(self, slack: LocalSlack, anna: str) -> None:
        home_of(slack, anna)
        view = form(slack, anna, "watch:new")
        assert suggested(slack, anna, view, "sources", "vessels") == ["Vessels Gazette"]


def suggested(
    slack: LocalSlack, user: str, view: dict[str, Any], field: str, typed: str
) -> list[str]:
    sent = slack.suggest(user, view, f"form:{field}", typed)
    answer = slack.wait_for_acknowledgement(sent, PATIENCE)
    assert answer is not None
    return [option["text"]["text"] for option in answer["options"]]


def set_up_for(user: str, store: ArticleStore) -> None:
    subscriptions, watches = Subscriptions(store.engine, lambda: NOW), Watches(store.engine)
    subscriptions.add(digest(user, zone="Africa/Tripoli"))
    subscriptions.add(
        digest(
            user,
            name="Horn of Africa",
            at="18:00",
            zone="America/New_York",
            days=("mon",),
            interests=Interests(("ports",), ("SO", "ET"), ("Vessels Gazette",), 3),
            paused=True,
        )
    )
    subscriptions.add(digest(CHANNEL, created_by=user, zone="Africa/Tripoli"))
    followed = watch(
        user,
        "Haftar in Libya",
        criteria=Criteria(("Haftar",), ("Hifter",), places=("LY",)),
        quiet_from="22:00",
        quiet_to="07:00",
        zone="Africa/Tripoli",
    )
    watches.add(followed)
    watches.add(watch(user, "<!channel> *Ormsund* <https://evil.example|here>", paused=True))
    outbox = Outbox(store.engine)
    outbox.put(
        Posting(
            key=f"alert:{user}:s1",
            kind="alert",
            reader=user,
            channel=user,
            follows=None,
            payload={"watches": [followed.id], "story": "s1", "article": "a1"},
            due_at=NOW - timedelta(hours=20),
        )
    )
    outbox.posted(f"alert:{user}:s1", "D0:1.0", None, NOW - timedelta(hours=20))


def health_of_sources(store: ArticleStore) -> None:
    register = SourceRegister(store)
    fine = PolledSource(
        Source("Regional Desk", "https://regional.example/", SourceKind.INDEPENDENT),
        "https://regional.example/feed",
        health=Health.FRESH,
        last_polled_at=NOW - timedelta(minutes=9),
        last_success_at=NOW - timedelta(minutes=9),
        next_poll_at=NOW + timedelta(days=1),
    )
    register.put(fine)
    failed = replace(
        fine,
        source=Source(MINISTRY, "https://ministry.example/", SourceKind.OFFICIAL),
        feed_url="https://ministry.example/feed",
        health=Health.FAILING,
        failures=3,
        reason="the server answered 503 (service unavailable)",
        last_success_at=NOW - timedelta(hours=9),
    )
    register.put(failed)
    turns, feedback = Turns(store.engine), Feedback(store.engine)
    turn = turns.record_posting("summary", "C0:1", DESK, NOW, "Libya this week", ["x"], [])
    feedback.record(turn, DESK, False, "A source is bad: the link is dead", NOW)

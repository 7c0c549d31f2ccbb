"""Set-ups: what readers set up, in the database, and what they are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import DAYS
from bot.commands.digests import DigestService, sentence_of
from bot.commands.grammar import read_request
from bot.commands.intents import DigestAt
from bot.commands.replies import Reader, Reply
from bot.commands.reports import Report
from bot.commands.service import RequestService, SetUps
from bot.commands.watches import WatchService
from bot.db.audit import Audit
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.records import Subscription
from corpus.articles import Source
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from corpus.store.articles import ArticleStore, open_store
from retrieval.reports.report import Interests
from tests.conftest import NOW
from tests.fakes.databases import new_database

AMAL, BEN, CHANNEL = "U0AMAL", "U0BEN", "C0DESK"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


def report(*wanted: object) -> Report:
    raise AssertionError("no report is asked for here")


class Conversation:
    """Somebody who sets things up, each message a new one."""

    def __init__(self, store: ArticleStore, person: str = AMAL, channel: str | None = None) -> None:
        self.store = store
        self.person = person
        self.channel = channel
        self.messages = 0
        self.now = NOW
        self.subscriptions = Subscriptions(store.engine, lambda: self.now)
        self.watches = Watches(store.engine)
        trail = Audit(store.engine)
        self.service = RequestService(
            SourceRegister(store),
            lambda: self.now,
            report,
            SetUps(
                DigestService(self.subscriptions, trail, lambda: self.now),
                WatchService(self.watches, trail, lambda: self.now),
            ),
        )

    def reader(self) -> Reader:
        place = self.channel or self.person
        shared = self.channel is not None
        request = f"{place}:{self.messages}"
        return Reader(place, place, self.person, "Africa/Tripoli", request, shared)

    def say(self, text: str, *, again: bool = False, story: str | None = None) -> str:
        if not again:
            self.messages += 1
            self.now += timedelta(minutes=1)
        said = self.service.carry_out(read_request(text, self.now), self.reader(), story)
        assert isinstance(said, Reply)
        return said.text

    @property
    def digests(self) -> list[Subscription]:
        return self.subscriptions.of_reader(self.channel or self.person)


@pytest.fixture
def amal(store: ArticleStore) -> Conversation:
    return Conversation(store)


class TestADigest:
    def test_is_set_up_and_told_in_one_line(self, amal: Conversation) -> None:
        said = amal.say("digest at 07:30 on weekdays on Libya and Sudan, Paris time")
        assert said == (
            "You get a digest on weekdays at 07:30 Paris time on Libya and Sudan; the first on "
            "Monday 8 April. “digest off” stops it."
        )
        (kept,) = amal.digests
        assert (kept.reader, kept.channel, kept.created_by) == (AMAL, AMAL, AMAL)
        assert (kept.at, kept.zone, kept.days) == ("07:30", "Europe/Paris", DAYS[:5])
        assert kept.interests == Interests(places=("LY", "SD"))

    def test_takes_the_readers_own_zone_and_every_day(self, amal: Conversation) -> None:
        said = amal.say("digest at 8")
        assert said.startswith("You get a digest every day at 08:00 Tripoli time on everything;")
        assert "the first tomorrow" in said

    def test_later_today_comes_today(self, amal: Conversation) -> None:
        assert "the first today" in amal.say("digest at 18:00")

    def test_asked_for_twice_by_one_message_is_one(self, amal: Conversation) -> None:
        first = amal.say("digest at 8 on Libya")
        assert amal.say("digest at 8 on Libya", again=True) == first
        assert len(amal.digests) == 1

    def test_on_the_same_subjects_takes_the_new_time(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        said = amal.say("digest at 9 on Libya on weekdays")
        assert "on weekdays at 09:00" in said
        assert "“change digest daily at 08:00 Africa/Tripoli on Libya” puts it back." in said
        (kept,) = amal.digests
        assert (kept.at, kept.days) == ("09:00", DAYS[:5])

    def test_on_other_subjects_is_another(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        assert "“digest off Sudan” stops it." in amal.say("digest at 9 on Sudan")
        assert [one.name for one in amal.digests] == ["Libya", "Sudan"]

    def test_is_changed_and_put_back_in_the_words_told(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya and “war and peace” from UN News")
        before = amal.digests[0]
        said = amal.say("digest at 18:15 on Sudan instead")
        changed = amal.digests[0]
        assert (changed.at, changed.interests.places) == ("18:15", ("SD",))
        undo = said.rpartition(". “")[2].partition("” puts it back")[0]
        amal.say(undo)
        back = amal.digests[0]
        assert (back.at, back.zone, back.days, back.interests) == (
            before.at,
            before.zone,
            before.days,
            before.interests,
        )

    def test_of_several_asks_which_to_change(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        amal.say("digest at 9 on Sudan")
        said = amal.say("digest at 7 instead")
        assert said.startswith("There are 2 digests (Libya at 08:00; Sudan at 09:00). Which one?")
        assert [one.at for one in amal.digests] == ["08:00", "09:00"]
        amal.say("digest at 7 on Sudan instead")
        assert [one.at for one in amal.digests] == ["08:00", "07:00"]

    def test_is_stopped_and_brought_back_in_the_words_told(self, amal: Conversation) -> None:
        amal.say("digest every Monday at 8 on Libya")
        said = amal.say("digest off")
        assert said == (
            "You get no more digest on Libya. “digest every Monday at 08:00 Africa/Tripoli on "
            "Libya” brings it back."
        )
        assert amal.digests == []
        amal.say(said.partition("“")[2].partition("”")[0])
        assert amal.digests[0].days == ("mon",)

    def test_is_stopped_by_name_and_no_other(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        amal.say("digest at 9 on Sudan")
        assert amal.say("digest off Mali").startswith("There is no digest on “Mali”, but on:")
        amal.say("digest off Libya")
        assert [one.name for one in amal.digests] == ["Sudan"]

    def test_that_nobody_has_cannot_be_changed_or_stopped(self, amal: Conversation) -> None:
        said = amal.say("digest at 8 instead")
        assert said == "There is no digest to change; “digest at 08:00” starts one."
        assert amal.say("digest off").startswith("There is no digest.")

    def test_of_another_person_is_neither_shown_nor_stopped(
        self, amal: Conversation, store: ArticleStore
    ) -> None:
        amal.say("digest at 8 on Libya")
        ben = Conversation(store, BEN)
        assert "Libya" not in ben.say("my digests").partition("“")[0]
        ben.say("digest off")
        assert len(amal.digests) == 1

    def test_of_a_channel_is_the_channels(self, store: ArticleStore) -> None:
        desk = Conversation(store, AMAL, CHANNEL)
        assert desk.say("digest at 8 on Libya").startswith("This channel gets a digest every day")
        (kept,) = desk.digests
        assert (kept.reader, kept.channel, kept.created_by) == (CHANNEL, CHANNEL, AMAL)
        assert Conversation(store).digests == []
        Conversation(store, BEN, CHANNEL).say("digest off")
        assert desk.digests == []


_names = st.sampled_from(("sanctions on Iran", "war and peace", "Brexit", "oil, gas", "the Golan"))


@given(
    at=st.times().map(lambda moment: f"{moment:%H:%M}"),
    days=st.sets(st.sampled_from(DAYS), min_size=1).map(
        lambda chosen: tuple(day for day in DAYS if day in chosen)
    ),
    zone=st.sampled_from(("Europe/Paris", "UTC", "America/New_York", "Africa/Addis_Ababa")),
    topics=st.lists(_names, unique=True, max_size=3).map(tuple),
    places=st.lists(st.sampled_from(("LY", "SD", "GB", "CD", "BA")), unique=True).map(tuple),
    sources=st.lists(st.sampled_from(("UN News", "Foreign & Defence")), unique=True).map(tuple),
    length=st.sampled_from((1, 3, 5, 12)),
)
def test_the_words_told_for_a_digest_are_read_as_that_digest(
    at: str,
    days: tuple[str, ...],
    zone: str,
    topics: tuple[str, ...],
    places: tuple[str, ...],
    sources: tuple[str, ...],
    length: int,
) -> None:
    interests = Interests(topics, places, sources, length)
    one = Subscription("1", AMAL, AMAL, "x", at, zone, days, interests, False, AMAL, NOW)
    request = read_request(sentence_of(one), NOW)
    assert isinstance(request, DigestAt), sentence_of(one)
    draft = request.draft
    assert draft.interests is not None
    read = replace(draft.interests, length=draft.length or Interests().length)
    assert (draft.at, draft.days, draft.zone) == (at, days, zone)
    assert read == interests


class TestAWatch:
    def test_is_followed_listed_and_unfollowed(self, amal: Conversation) -> None:
        said = amal.say("follow Gharyan")
        assert said == (
            "You now follow Gharyan. An alert comes to you as soon as something is read, one a "
            "story. “unfollow Gharyan” stops it."
        )
        assert amal.say("my watches") == "You follow 1 subject:\n• Gharyan"
        assert amal.say("unfollow gharyan") == (
            "You no longer follow Gharyan. “follow Gharyan” brings it back."
        )
        assert amal.watches.of_reader(AMAL) == []

    def test_says_what_it_looks_for(self, amal: Conversation) -> None:
        said = amal.say("follow Haftar in Libya, also called Hifter, from official sources")
        assert "“Haftar” (also “Hifter”), in articles that speak of Libya" in said
        assert "from official sources only" in said

    def test_asked_for_again_is_there_already(self, amal: Conversation) -> None:
        first = amal.say("follow Gharyan")
        assert amal.say("follow Gharyan", again=True) == first
        assert amal.say("follow Gharyan").startswith("You follow Gharyan already.")
        assert len(amal.watches.of_reader(AMAL)) == 1

    def test_is_unfollowed_by_another_of_its_names(self, amal: Conversation) -> None:
        amal.say("follow Haftar in Libya, also called Hifter")
        amal.say("follow Gharyan")
        assert "no longer follow Haftar in Libya" in amal.say("unfollow Hifter")

    def test_that_is_not_followed_is_said_to_be_unknown(self, amal: Conversation) -> None:
        assert "nothing yet" in amal.say("unfollow Gharyan")
        amal.say("follow Gharyan")
        said = amal.say("unfollow Benghazi")
        assert said == "You follow nothing called “Benghazi”, but Gharyan."

    def test_all_are_ended_at_once(self, amal: Conversation) -> None:
        amal.say("follow Gharyan")
        amal.say("follow Haftar")
        assert amal.say("unfollow all").startswith("You no longer follow Gharyan and Haftar.")
        assert amal.watches.of_reader(AMAL) == []

    def test_keeps_quiet_at_night_and_so_do_later_ones(self, amal: Conversation) -> None:
        assert "nothing to keep quiet" in amal.say("quiet from 22:00 to 07:00")
        amal.say("follow Gharyan")
        said = amal.say("quiet from 22:00 to 07:00")
        assert said.startswith("No alerts from 22:00 to 07:00 Tripoli time;")
        amal.say("follow Haftar")
        quiet = {(one.quiet_from, one.quiet_to) for one in amal.watches.of_reader(AMAL)}
        assert quiet == {("22:00", "07:00")}
        assert "Quiet from 22:00 to 07:00 Tripoli time" in amal.say("my watches")
        amal.say("quiet off")
        assert {one.quiet_from for one in amal.watches.of_reader(AMAL)} == {None}

    def test_mutes_the_story_of_the_thread(self, amal: Conversation) -> None:
        assert "in the thread of an alert" in amal.say("mute")
        assert amal.say("mute this story", story="s1").startswith("You are told no more of this")
        assert amal.watches.muted(AMAL) == {"s1"}


class TestPausing:
    def test_pauses_all_and_resumes_all(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        amal.say("follow Gharyan")
        assert amal.say("pause") == (
            "Paused: the digest on Libya and the watch Gharyan. “resume” sets it going again."
        )
        assert amal.digests[0].paused
        assert amal.watches.of_reader(AMAL)[0].paused
        assert amal.say("pause").startswith("That is paused already.")
        assert amal.say("resume").startswith("On again: the digest on Libya and the watch Gharyan.")
        assert not amal.digests[0].paused
        assert amal.say("resume") == "Nothing is paused."

    def test_pauses_one_by_its_name(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        amal.say("follow Gharyan")
        assert amal.say("pause Gharyan").startswith("Paused: the watch Gharyan.")
        assert not amal.digests[0].paused
        assert "nothing called “Mali”" in amal.say("pause Mali")

    def test_of_nothing_says_so(self, amal: Conversation) -> None:
        assert amal.say("pause").startswith("Nothing is set up yet.")

    def test_ends_with_a_new_digest(self, amal: Conversation) -> None:
        amal.say("digest at 8 on Libya")
        amal.say("pause")
        assert "paused" in amal.say("my digests")
        amal.say("digest on")
        assert not amal.digests[0].paused


class TestSources:
    def test_none_are_said_to_be_none(self, amal: Conversation) -> None:
        assert amal.say("sources").startswith("No source is polled;")

    def test_that_failed_come_first_with_their_reason(self, amal: Conversation) -> None:
        register = SourceRegister(amal.store)
        register.put(polled("Ministry A", Health.FAILING, reason="answers with status 503"))
        register.put(polled("Agency B", Health.FRESH))
        register.put(polled("Agency C", Health.UNCHECKED))
        said = amal.say("sources").splitlines()
        assert said[0] == "1 of 3 sources read, 1 not yet checked."
        assert said[2].startswith("• Ministry A · ")
        assert "last read yesterday 12:00" in said[2]
        assert said[2].endswith("answers with status 503")
        assert any(line.startswith("• Agency B") for line in said[3:])
        failed = amal.say("which sources failed")
        assert "Ministry A" in failed
        assert "Agency B" not in failed


def polled(name: str, health: Health, reason: str | None = None) -> PolledSource:
    url = f"https://{name.replace(' ', '-').lower()}.example/feed"
    made = PolledSource(Source(name, url), url, added_at=NOW, added_by="tests")
    read = datetime(2019, 4, 4, 10, tzinfo=UTC)
    return replace(made, health=health, reason=reason, last_success_at=read)


def test_help_can_be_followed_line_by_line(amal: Conversation) -> None:
    shown = amal.say("help")
    assert shown.endswith("Digests and watches that you set up here are yours alone.")
    examples = [part.partition("”")[0] for part in shown.split("“")[1:]]
    assert len(examples) > 10
    for example in examples:
        request = read_request(example, NOW)
        assert type(request).__name__ != "Unclear", example


def test_every_change_is_in_the_trail(amal: Conversation, store: ArticleStore) -> None:
    for text in ("digest at 8 on Libya", "follow Gharyan", "pause", "resume", "unfollow all"):
        amal.say(text)
    amal.say("digest off")
    recorded = [(entry.by, entry.action) for entry in reversed(Audit(store.engine).recent(20))]
    assert recorded == [
        (AMAL, action)
        for action in (
            "digest added",
            "watch added",
            "digest paused",
            "watch paused",
            "digest resumed",
            "watch resumed",
            "watch removed",
            "digest removed",
        )
    ]

"""Digests over weeks: one for each reader and local day, whatever happens to clocks and machines.

The clock is the test's; whole days pass in a tick. Every process has indexes of its own and shares
the database and the workspace with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import DAYS, GRACE, WORKING_DAYS
from bot.container import make_monitoring
from bot.db.outbox import ABANDONED_AFTER, POSTED, SKIPPED, Outbox
from bot.db.subscriptions import Subscriptions, told_to
from bot.db.turns import Turns
from bot.jobs.digests import digest_key
from bot.jobs.loop import Monitoring
from bot.library import Library, open_corpus, open_library
from bot.records import Subscription
from bot.render.blocks import Message
from bot.slack.client import PostingPart, SlackGateway, make_client
from corpus.articles import ReadArticle, Source, SourceKind
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.report import Interests
from tests.conftest import settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import text_of

CHANNEL, DESK = "C0PRESS", "U0DESK"
PARIS = ZoneInfo("Europe/Paris")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TAKEN_OVER = ABANDONED_AFTER + timedelta(seconds=1)

# One event a day, none like another.
EVENTS = (
    ("Haftar orders march on Tripoli", "Eastern commander Haftar ordered his troops to march."),
    ("Algeria president Bouteflika resigns", "President Bouteflika of Algeria resigned."),
    ("Brexit vote lost in London", "The British parliament rejected the withdrawal agreement."),
    ("Cyclone Idai hits Mozambique", "Cyclone Idai destroyed most of the port of Beira."),
    ("Venezuela loses power again", "A second blackout left Caracas without electricity."),
    ("Thailand counts its votes", "Election officials in Bangkok published partial results."),
    ("Yemen ceasefire in Hodeidah holds", "Observers said that the Hodeidah truce held."),
    ("Sudan protesters reach barracks", "Protesters camped before army barracks in Khartoum."),
    ("Ukraine elects a comedian", "Comedian Zelensky led the first round of the vote in Kiev."),
    ("Turkey recounts Istanbul ballots", "The electoral board ordered recounts in Istanbul."),
    (
        "Golan recognition angers Damascus",
        "Syria condemned the recognition of the annexed Golan.",
    ),
    ("Kazakhstan renames its capital", "The capital Astana was renamed Nursultan by parliament."),
    ("Italy joins the silk road", "Rome signed a memorandum on ports and railways with Beijing."),
    ("Slovakia elects Caputova", "Lawyer Zuzana Caputova won the Slovak presidency."),
)


class Killed(BaseException):
    """The process ended here."""


class KilledGateway(SlackGateway):
    """The gateway of a process that is killed after its nth message has arrived in Slack."""

    def __init__(self, slack: LocalSlack, after: int) -> None:
        super().__init__(make_client(slack.bot_token, slack.api_url))
        self._left = after

    def post_once(
        self, channel: str, thread_ts: str | None, message: Message, part: PostingPart
    ) -> str:
        posted = super().post_once(channel, thread_ts, message, part)
        self._left -= 1
        if self._left == 0:
            raise Killed
        return posted


@dataclass
class Clock:
    """A clock that the test turns."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Process:
    """A process of the bot: the library and the walk, over the world's database."""

    library: Library
    monitoring: Monitoring
    clock: Clock

    def tick(self, now: datetime | None = None) -> None:
        if now is not None:
            self.clock.now = now
        self.monitoring.tick(self.clock.now)


@dataclass
class World:
    """A workspace, a database and a clock; processes come and go."""

    folder: Path
    slack: LocalSlack
    embeddings: SentenceEmbeddings
    opened: ExitStack
    clock: Clock = field(default_factory=lambda: Clock(paris("2019-03-22 12:00")))
    processes: int = 0

    def start(self, gateway: SlackGateway | None = None) -> Process:
        """Another process; those before go on or are as good as dead, as the test likes."""
        self.processes += 1
        settings = settings_for(
            self.folder / f"process-{self.processes}",
            database_url=f"sqlite:///{self.folder / 'shared.db'}",
        )
        corpus = open_corpus(settings)
        self.opened.callback(corpus.close)
        library = self.opened.enter_context(
            open_library(settings, corpus, "tests", embeddings=self.embeddings)
        )
        gateway = gateway or SlackGateway(make_client(self.slack.bot_token, self.slack.api_url))
        clock = Clock(self.clock.now)
        return Process(library, make_monitoring(library, gateway, None, clock, grace=GRACE), clock)

    def posts(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        return self.slack.messages(channel)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "desk", tz="Europe/Paris")
        local.add_channel(CHANNEL, "press")
        yield local


@pytest.fixture
def world(tmp_path: Path, slack: LocalSlack, embeddings: SentenceEmbeddings) -> Iterator[World]:
    with ExitStack() as opened:
        yield World(tmp_path, slack, embeddings, opened)


@pytest.fixture
def process(world: World) -> Process:
    return world.start()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def subscribe(process: Process, identity: str = "daily", **changes: Any) -> Subscription:
    given: dict[str, Any] = {
        "reader": CHANNEL,
        "channel": CHANNEL,
        "name": "#press",
        "at": "07:30",
        "zone": "Europe/Paris",
        "days": DAYS,
        "interests": Interests(),
        "paused": False,
        "created_by": DESK,
        "created_at": paris("2019-03-22 12:00"),
    }
    subscription = Subscription(id=identity, **{**given, **changes})
    Subscriptions(process.library.corpus.engine, process.clock).add(subscription)
    return subscription


def report(process: Process, number: int, at: datetime, *, read_at: datetime | None = None) -> str:
    """An article on one of the events, published and read; returns its headline."""
    title, first = EVENTS[number]
    article = ReadArticle(
        url=f"https://wire.example/{at:%Y/%m/%d}/{number}",
        title=title,
        source="Example Wire",
        kind=SourceKind.WIRE,
        published_at=at,
        language="en",
        paragraphs=(first, f"{title}, officials told reporters on {at:%A}."),
    )
    ingest(process.library.corpus, [article], lambda: read_at or at)
    return title


def shown(message: dict[str, Any]) -> str:
    return text_of(message["blocks"])


def recorded(process: Process, day: date, identity: str = "daily") -> tuple[str, str | None]:
    found = Outbox(process.library.corpus.engine).find(digest_key(identity, day))
    assert found is not None, f"nothing is recorded of {day}"
    return found.state, found.note


def test_a_digest_speaks_the_language_of_whoever_set_it_up(
    world: World, process: Process, slack: LocalSlack
) -> None:
    slack.add_user("U0LECTRICE", "lectrice", locale="fr-FR", tz="Europe/Paris")
    subscribe(process, created_by="U0LECTRICE")
    process.tick()
    report(process, 0, paris("2019-03-22 15:00"))
    process.tick(paris("2019-03-23 07:31"))
    (posted,) = world.posts()
    told = shown(posted)
    assert told.startswith("Bulletin · samedi 23 mars 2019, 07:30 Paris")
    assert "1 sujet, 1 nouvel article" in told
    assert "NOUVEAU · 1 article" in told
    assert "Montrer les paragraphes" in told


class TestTwoWeeks:
    @pytest.mark.slow
    def test_over_a_change_of_the_clock_bring_one_digest_a_day_and_tell_each_event_once(
        self, world: World, process: Process, slack: LocalSlack
    ) -> None:
        subscribe(process)
        subscribe(process, "night", reader=DESK, channel=DESK, at="02:30", name="")
        titles = []
        arrived: list[tuple[datetime, str]] = []
        moment = paris("2019-03-22 12:30")
        while moment < paris("2019-04-05 12:30"):
            local = moment.astimezone(PARIS)
            if local.hour == 4 and len(titles) < len(EVENTS):
                titles.append(report(process, len(titles), moment))
            # Between these hours nothing is due and nothing comes.
            if local.hour in (2, 3, 4, 7, 8, 19):
                process.tick(moment)
            arrived += [(local, shown(message)) for message in world.posts()[len(arrived) :]]
            moment += HOUR
        # Every day at half past seven by the wall clock, on both sides of the change.
        days = [date(2019, 3, 23) + n * DAY for n in range(14)]
        assert [(local.date(), local.hour, local.minute) for local, _ in arrived] == [
            (day, 7, 30) for day in days
        ]
        for number, (_, text) in enumerate(arrived):
            assert [title for title in titles if title in text] == [titles[number]]
        # The night's digest of 31 March came when the clock had leapt over its time.
        direct = slack.direct_channel(DESK)
        assert len(world.posts(direct)) == 14
        found = Outbox(process.library.corpus.engine).find("digest:night:2019-03-31")
        assert found is not None
        assert found.posting.due_at == datetime(2019, 3, 31, 1, 0, tzinfo=UTC)


class TestCrash:
    @pytest.fixture
    def killed(self, world: World, slack: LocalSlack) -> Process:
        """A process that is killed when Slack has taken its first message."""
        return world.start(KilledGateway(slack, after=1))

    def test_between_posting_and_recording_is_made_good_without_a_second_message(
        self, world: World, killed: Process
    ) -> None:
        subscribe(killed)
        title = report(killed, 0, paris("2019-03-23 04:00"))
        with pytest.raises(Killed):
            killed.tick(paris("2019-03-23 07:30"))
        other = world.start()
        other.tick(paris("2019-03-23 07:31"))
        other.tick(paris("2019-03-23 07:30") + TAKEN_OVER)
        [message] = world.posts()
        assert title in shown(message)
        assert recorded(other, date(2019, 3, 23)) == (POSTED, None)
        engine = other.library.corpus.engine
        found = Outbox(engine).find("digest:daily:2019-03-23")
        assert found is not None
        assert found.place == (CHANNEL, message["ts"])
        assert found.turn_id is not None
        assert Turns(engine).cited(found.turn_id)
        # What stood in it counts as told.
        assert len(told_to(engine, "daily").versions) == 1
        other.tick(paris("2019-03-24 07:30"))
        assert "Nothing new" in shown(world.posts()[1])

    def test_before_anything_was_posted_is_made_good_as_it_was_composed(
        self, world: World, process: Process, slack: LocalSlack
    ) -> None:
        subscribe(process)
        report(process, 0, paris("2019-03-23 04:00"))
        slack.fail_next("chat.postMessage", status=503)
        process.tick(paris("2019-03-23 07:30"))
        late = report(process, 1, paris("2019-03-23 07:00"), read_at=paris("2019-03-23 07:31"))
        assert world.posts() == []
        process.tick(paris("2019-03-23 07:30") + TAKEN_OVER)
        [message] = world.posts()
        assert late not in shown(message)
        # What came between is not lost: the next digest tells it.
        process.tick(paris("2019-03-24 07:30"))
        assert late in shown(world.posts()[1])


class TestTwoProcesses:
    @pytest.mark.slow
    def test_over_one_database_deliver_each_digest_once(
        self, world: World, process: Process
    ) -> None:
        others = [process, world.start()]
        for number in range(6):
            subscribe(process, f"digest-{number}", name=f"Desk {number}")
        with ThreadPoolExecutor(2) as together:
            for number in range(3):
                at = paris("2019-03-23 07:30") + number * DAY
                report(process, number, at - 3 * HOUR)
                list(together.map(lambda one, at=at: one.tick(at), others))
                assert len(world.posts()) == 6 * (number + 1)
        keys = [message["metadata"]["event_payload"]["key"] for message in world.posts()]
        assert len(set(keys)) == 18


class TestDowntime:
    def test_shorter_than_the_grace_makes_the_digest_late_and_it_says_so(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        title = report(process, 0, paris("2019-03-23 04:00"))
        process.tick(paris("2019-03-23 09:50"))
        [message] = world.posts()
        assert title in shown(message)
        assert "late by 2 hours 20 minutes" in shown(message)

    def test_longer_than_the_grace_skips_it_and_the_next_tells_all_and_says_so(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        process.tick(paris("2019-03-23 07:30"))
        titles = [report(process, n, paris(f"2019-03-{24 + n} 04:00")) for n in range(2)]
        process.tick(paris("2019-03-24 10:31"))
        assert len(world.posts()) == 1
        assert recorded(process, date(2019, 3, 24))[0] == SKIPPED
        process.tick(paris("2019-03-25 07:30"))
        text = shown(world.posts()[1])
        assert all(title in text for title in titles)
        assert "The digest of yesterday 07:30 was skipped: Chancery was not running." in text
        process.tick(paris("2019-03-26 07:30"))
        assert "skipped" not in shown(world.posts()[2])

    def test_over_a_weekend_that_nobody_wanted_skips_nothing(
        self, world: World, process: Process
    ) -> None:
        subscribe(process, days=WORKING_DAYS)
        title = report(process, 0, paris("2019-03-23 04:00"))
        process.tick(paris("2019-03-25 07:30"))
        [message] = world.posts()
        assert title in shown(message)
        assert "skipped" not in shown(message)


class TestClock:
    @pytest.mark.slow
    def test_that_is_put_back_an_hour_brings_no_second_digest(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        for text in ("07:30", "07:45", "06:45", "07:15", "07:30", "07:45", "08:45"):
            process.tick(paris(f"2019-03-23 {text}"))
        assert len(world.posts()) == 1

    def test_that_is_days_ahead_for_a_moment_costs_no_day_its_digest(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        process.tick(paris("2019-03-25 16:00"))
        assert world.posts() == []
        for day in (23, 24, 25):
            process.tick(paris(f"2019-03-{day} 07:30"))
        assert len(world.posts()) == 3


class TestSaying:
    def test_a_quiet_day_is_told_in_one_line(self, world: World, process: Process) -> None:
        subscribe(process)
        process.tick(paris("2019-03-23 07:30"))
        [message] = world.posts()
        assert shown(message).startswith("Nothing new for #press since ")
        assert "Next digest Sunday 07:30." in shown(message)
        assert len(message["blocks"]) == 1

    def test_sources_that_failed_are_told_also_on_a_quiet_day(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        failing = PolledSource(
            Source("Ministry A", "https://ministry.example", SourceKind.OFFICIAL),
            "https://ministry.example/feed",
            health=Health.FAILING,
            reason="did not answer",
            last_polled_at=paris("2019-03-23 07:20"),
            last_success_at=paris("2019-03-23 03:10"),
        )
        SourceRegister(process.library.corpus).put(failing)
        process.tick(paris("2019-03-23 07:30"))
        [message] = world.posts()
        assert "Ministry A since 03:10" in shown(message)
        assert "silence from it is not news" in shown(message)

    def test_what_is_read_late_is_told_in_the_next_digest_and_what_was_told_is_not(
        self, world: World, process: Process
    ) -> None:
        subscribe(process)
        told = report(process, 0, paris("2019-03-23 07:15"))
        process.tick(paris("2019-03-23 07:30"))
        late = report(process, 1, paris("2019-03-23 07:10"), read_at=paris("2019-03-23 11:00"))
        process.tick(paris("2019-03-24 07:30"))
        first, second = (shown(message) for message in world.posts())
        assert told in first
        assert late not in first
        assert told not in second
        assert late in second

    def test_its_paragraphs_can_be_shown_and_its_picture_is_described(
        self, world: World, process: Process, slack: LocalSlack
    ) -> None:
        subscribe(process)
        for number in range(3):
            report(process, number, paris("2019-03-23 04:00") + number * HOUR)
        process.tick(paris("2019-03-23 07:30"))
        [message] = world.posts()
        pictures = [block for block in message["blocks"] if block["type"] == "image"]
        assert len(pictures) == 1
        assert "Mozambique" in pictures[0]["alt_text"] or "Libya" in pictures[0]["alt_text"]
        assert slack.files[pictures[0]["slack_file"]["id"]]["content"].startswith(b"\x89PNG")


class TestPlace:
    def test_that_is_gone_pauses_the_digest_and_its_maker_is_told_once(
        self, world: World, process: Process, slack: LocalSlack
    ) -> None:
        subscribe(process)
        slack.leave_channel(CHANNEL)
        for day in (23, 24, 25):
            process.tick(paris(f"2019-03-{day} 07:30"))
        [told] = world.posts(slack.direct_channel(DESK))
        assert "I cannot post the digest “#press”" in shown(told)
        assert "not in channel" in shown(told)
        [kept] = Subscriptions(process.library.corpus.engine).all()
        assert kept.paused
        assert world.posts() == []

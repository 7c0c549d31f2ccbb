"""Corrections end to end: a feed changes, and whoever was answered from it is told, once.

The clock is the test's, the feed a local web's; every process shares the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chat.agent import ForgettingService
from bot.chat.router import Router
from bot.chat.thread import ThreadReader
from bot.clock import DAYS, GRACE
from bot.container import make_monitoring
from bot.db.audit import Audit
from bot.db.retention import Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.jobs.loop import Monitoring
from bot.library import Library, make_fetcher, open_corpus, open_library
from bot.records import Subscription, Watch
from bot.slack.client import SlackGateway, make_client
from bot.slack.events import Asked, Place
from bot.slack.people import People
from corpus.articles import Source, article_id
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.conftest import settings_for
from tests.fakes import block_kit
from tests.fakes.articles import read_article
from tests.fakes.slack import LocalSlack
from tests.fakes.web import LocalWeb
from tests.scenarios.people import CHANNEL, DESK, elements, text_of

START = datetime(2019, 4, 4, 12, 0, tzinfo=UTC)
SIGNED = (
    "Ministers of the two coastal states met in the port of Ormsund on Thursday.",
    "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019.",
    "The protocol allows 120 vessels to fish in the strait.",
)
QUESTION = "Who signed the Ormsund fisheries protocol?"
OTHERS = (
    ("Tornholm harbour office opens", "The Tornholm harbour office has four rooms and a stove."),
    ("Rain in the Alps", "Heavy rain is expected in the Alps at the end of this week."),
    ("Skopje votes", "The parliament in Skopje approved the constitutional changes at night."),
    ("Oil prices rise", "Oil prices rose by two dollars a barrel after the announcement."),
)


@dataclass
class Desk:
    """A feed, a workspace, a database, and the process that runs; `now` is what its clock says."""

    folder: Path
    slack: LocalSlack
    web: LocalWeb
    embeddings: SentenceEmbeddings
    opened: ExitStack
    now: datetime = START
    processes: int = 0
    library: Library = field(init=False)
    monitoring: Monitoring = field(init=False)
    router: Router = field(init=False)

    def start(self) -> None:
        """A process; those before it are as good as dead."""
        self.processes += 1
        settings = settings_for(
            self.folder / f"process-{self.processes}",
            database_url=f"sqlite:///{self.folder / 'shared.db'}",
            fetch_allowed_hosts=self.web.host,
        )
        corpus = open_corpus(settings)
        self.opened.callback(corpus.close)
        self.library = self.opened.enter_context(
            open_library(settings, corpus, "tests", embeddings=self.embeddings)
        )
        fetcher = self.opened.enter_context(make_fetcher(settings))
        gateway = SlackGateway(make_client(self.slack.bot_token, self.slack.api_url))
        engine = corpus.engine
        self.monitoring = make_monitoring(
            self.library, gateway, fetcher, lambda: self.now, grace=GRACE
        )
        me = gateway.identity()
        self.router = Router(
            self.library,
            gateway,
            People(gateway, lambda: self.now, me),
            Turns(engine),
            lambda: self.now,
            ThreadReader(gateway, me),
            ForgettingService(Forgetting(engine), Audit(engine), gateway, lambda: self.now),
        )

    def publish(self, *paragraphs: str, title: str = "Ormsund fisheries protocol signed") -> None:
        """What the feed says of the protocol from now on."""
        entries = [(title, paragraphs), *((title, (text,)) for title, text in OTHERS)]
        items = "".join(map(self._item, entries))
        feed = f'<rss version="2.0"><channel><title>Vessels</title>{items}</channel></rss>'
        self.web.page("/feed.xml", feed, content_type="application/rss+xml")

    def _item(self, entry: tuple[str, Sequence[str]]) -> str:
        title, paragraphs = entry
        path = title.split()[0].casefold()
        text = "".join(f"&lt;p&gt;{one}&lt;/p&gt;" for one in paragraphs)
        return (
            f"<item><title>{title}</title><link>{self.web.url(f'/{path}')}</link>"
            f"<guid>{path}</guid><pubDate>Thu, 04 Apr 2019 11:00:00 GMT</pubDate>"
            f"<description>{text}</description></item>"
        )

    def tick(self, later: timedelta = timedelta(minutes=20)) -> None:
        self.now += later
        self.monitoring.tick(self.now)

    def answered(self) -> str:
        """Ask in the channel and be answered; the thread's ts."""
        asked = self.slack.prepare_mention(CHANNEL, DESK, QUESTION)
        assert asked.ts is not None
        self.router.handle(Asked(Place.CHANNEL, CHANNEL, DESK, QUESTION, asked.ts, asked.ts))
        (answer,) = self.slack.replies(CHANNEL, asked.ts)
        assert "Marit Solvang" in text_of(answer["blocks"])
        return asked.ts

    def asked(self, text: str) -> str:
        """Write something in the channel that is replied to; the thread's ts."""
        asked = self.slack.prepare_mention(CHANNEL, DESK, text)
        assert asked.ts is not None
        self.router.handle(Asked(Place.CHANNEL, CHANNEL, DESK, text, asked.ts, asked.ts))
        return asked.ts

    def notes(self, thread: str) -> list[dict[str, Any]]:
        """What stands in a thread after the answer."""
        return self.slack.replies(CHANNEL, thread)[1:]


@pytest.fixture
def desk(tmp_path: Path, embeddings: SentenceEmbeddings) -> Iterator[Desk]:
    """A feed that has been read."""
    with ExitStack() as opened:
        slack = opened.enter_context(LocalSlack())
        slack.add_user(DESK, "desk", tz="Europe/Paris")
        slack.add_channel(CHANNEL, "press")
        web = opened.enter_context(LocalWeb())
        desk = Desk(tmp_path, slack, web, embeddings, opened)
        desk.start()
        feed = PolledSource(Source("Vessels Gazette"), web.url("/feed.xml"), full_text=False)
        SourceRegister(desk.library.corpus).put(feed)
        desk.publish(*SIGNED)
        desk.tick()
        yield desk


@pytest.mark.slow
def test_a_change_at_the_source_is_told_in_the_thread_once(desk: Desk) -> None:
    thread = desk.answered()
    desk.publish(SIGNED[0], SIGNED[1].replace("Marit Solvang", "Sigrun Aas"), SIGNED[2])

    desk.tick()

    (note,) = desk.notes(thread)
    shown = text_of(note["blocks"])
    assert "Vessels Gazette" in shown
    assert "¶2" in shown
    assert "Sigrun Aas" in shown
    struck = [
        part["text"]
        for part in elements(note["blocks"], "text")
        if part.get("style", {}).get("strike")
    ]
    assert "".join(struck).strip() == "Marit Solvang"
    assert "The answer’s first sentence rests on it." in shown
    assert block_kit.problems(note["blocks"], note["text"]) == []
    answer = desk.slack.replies(CHANNEL, thread)[0]
    assert "A source of this has changed since" in text_of(answer["blocks"][0])
    assert "Marit Solvang" in text_of(answer["blocks"][1:])

    desk.tick()
    desk.start()
    desk.tick()

    assert desk.notes(thread) == [note]


@pytest.mark.slow
def test_a_change_elsewhere_in_the_article_is_not_told(desk: Desk) -> None:
    thread = desk.answered()
    desk.publish("This report has been updated.", *SIGNED[:2], "It allows 140 vessels to fish.")

    desk.tick()

    assert desk.notes(thread) == []


@pytest.mark.slow
def test_a_retracted_article_is_told_and_cited_no_more(desk: Desk) -> None:
    thread = desk.answered()
    desk.library.corpus.withdraw(article_id(desk.web.url("/ormsund")), desk.now)

    desk.tick()

    (note,) = desk.notes(thread)
    assert "withdrawn" in text_of(note["blocks"])
    assert SIGNED[1] in text_of(note["blocks"])
    asked = desk.slack.prepare_mention(CHANNEL, DESK, QUESTION)
    assert asked.ts is not None
    desk.router.handle(Asked(Place.CHANNEL, CHANNEL, DESK, QUESTION, asked.ts, asked.ts))
    (answer,) = desk.slack.replies(CHANNEL, asked.ts)
    assert "Marit Solvang" not in text_of(answer["blocks"])


@pytest.mark.slow
def test_a_correction_calls_what_it_corrects_by_its_name_in_the_readers_zone(desk: Desk) -> None:
    Subscriptions(desk.library.corpus.engine, lambda: desk.now).add(
        Subscription(
            id="paris",
            reader=CHANNEL,
            channel=CHANNEL,
            name="press",
            at="07:30",
            zone="Europe/Paris",
            days=DAYS,
            interests=Interests(),
            paused=False,
            created_by=DESK,
            created_at=desk.now,
        )
    )
    thread = desk.asked("timeline of the Ormsund fisheries protocol")
    desk.publish(SIGNED[0], SIGNED[1].replace("Marit Solvang", "Sigrun Aas"), SIGNED[2])

    desk.tick()

    (note,) = desk.notes(thread)
    shown = text_of(note["blocks"])
    assert "which this timeline cites, was changed on 4 Apr, 14:40 (version 2)" in shown
    assert "UTC" not in shown


@pytest.mark.slow
def test_nothing_found_of_what_is_not_grouped_yet_says_so(desk: Desk) -> None:
    store = desk.library.corpus
    ingest(store, [read_article("kvarnen", "The Kvarnen lamp is lit.")], lambda: desk.now)
    thread = desk.asked("summary of Kvarnen this week")
    told = [text_of(held["blocks"]) for held in desk.slack.replies(CHANNEL, thread)]
    assert "I found nothing on “Kvarnen”" in told[0]
    assert told[1] == (
        "Read last and not yet grouped into stories: 1 article. Ask again in a minute."
    )

    desk.tick()

    thread = desk.asked("summary of Kiribati this week")
    assert len(desk.slack.replies(CHANNEL, thread)) == 1


@pytest.mark.slow
def test_a_digest_is_corrected_in_its_thread_and_in_the_next_one(desk: Desk) -> None:
    Subscriptions(desk.library.corpus.engine, lambda: desk.now).add(
        Subscription(
            id="daily",
            reader=CHANNEL,
            channel=CHANNEL,
            name="#press",
            at="07:30",
            zone="UTC",
            days=DAYS,
            interests=Interests(topics=("Ormsund fisheries protocol",)),
            paused=False,
            created_by=DESK,
            created_at=desk.now,
        )
    )
    desk.tick(datetime(2019, 4, 5, 7, 31, tzinfo=UTC) - desk.now)
    (digest,) = desk.slack.messages(CHANNEL)
    assert "Ormsund" in text_of(digest["blocks"])
    assert "120 vessels" in text_of(digest["blocks"])
    desk.publish(*(text.replace("120 vessels", "90 vessels") for text in SIGNED))
    desk.tick()

    (note,) = desk.notes(digest["ts"])
    assert "90 vessels" in text_of(note["blocks"]).replace("120 90", "90")

    desk.tick(datetime(2019, 4, 6, 7, 31, tzinfo=UTC) - desk.now)
    following = [one for one in desk.slack.messages(CHANNEL) if "thread_ts" not in one][-1]
    assert following["ts"] != digest["ts"]
    assert "Corrected" in text_of(following["blocks"])
    assert "90 vessels" in text_of(following["blocks"]).replace("120 90", "90")


def test_an_alert_whose_article_is_retracted_says_so_in_its_thread(desk: Desk) -> None:
    watch = Watch(
        id="solvang",
        reader=CHANNEL,
        channel=CHANNEL,
        name="Solvang",
        criteria=Criteria(words=("Solvang",)),
        quiet_from=None,
        quiet_to=None,
        zone="UTC",
        daily_cap=20,
        paused=False,
        created_by=DESK,
        created_at=desk.now,
    )
    Watches(desk.library.corpus.engine).add(watch)
    url = "https://gazette.example/solvang"
    paragraphs = ("Marit Solvang resigned from the fisheries council on Thursday.",)
    ingest(
        desk.library.corpus,
        [read_article(url, *paragraphs, published_at=desk.now)],
        lambda: desk.now + timedelta(minutes=1),
    )
    desk.tick(timedelta(minutes=5))
    (alert,) = desk.slack.messages(CHANNEL)
    article = next(
        one
        for change in desk.library.corpus.changes_since(0, 100)
        if "resigned" in (one := change.article).paragraphs[0].text
    )

    desk.library.corpus.withdraw(article.id, desk.now)
    desk.tick()
    desk.tick()

    (note,) = desk.notes(alert["ts"])
    assert "withdrawn" in text_of(note["blocks"])
    assert "this alert cites" in text_of(note["blocks"])

"""Alerts from the article that is read to the message that a person sees, over days and restarts.

Everything is real but Slack, which is local, and the clock, which the test turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db.outbox import Outbox
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.jobs.alerts import AlertDelivery, Alerts
from bot.jobs.delivery import Deliveries
from bot.jobs.loop import Monitoring, Step
from bot.records import Watch
from bot.slack.client import SlackGateway, make_client
from corpus.articles import ReadArticle, article_id
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from retrieval.stories.registry import StoryRegister
from retrieval.watches.matching import Criteria
from tests.fakes.articles import address, read_article
from tests.fakes.indexed import IndexedCorpus
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, COLLEAGUE, DESK, text_of

THURSDAY = datetime(2019, 4, 4, 9, 0, tzinfo=UTC)

ADVANCE = (
    "Eastern forces advanced towards Tripoli on Thursday and clashed with militias in Gharyan.",
    "“There are clashes in Gharyan,” said Ahmed Mismari, spokesman of the Libyan National Army.",
    "The government in Tripoli put its own forces on alert after the clashes.",
    "The town lies eighty kilometres south of the capital of Libya.",
)
SECOND_DAY = (
    "Clashes between eastern forces and militias in Gharyan went on near Tripoli at night.",
    "Mismari, the spokesman of the Libyan National Army, said that its forces held Gharyan.",
    "Forces of the government in Tripoli said that they had retaken a part of the town.",
)
HARBOUR = (
    "A ferry with forty tourists ran aground off Crete, and everybody on board was rescued.",
    "The coast guard of Greece sent two boats and a helicopter to the ferry.",
    "A technician from Gharyan was among those who were rescued.",
)
BAKERS = (
    "Bakers won a prize for the largest loaf of bread in the world at a fair in Canada.",
    "The judges, one of them from Gharyan, weighed the loaf twice before they gave the prize.",
)
WEEK = (
    "Eastern forces advanced towards Tripoli and clashed with militias in Gharyan.",
    "Clashes between eastern forces and militias in Gharyan went on near Tripoli.",
    "Militias in Gharyan said that the clashes with eastern forces had cost nine lives.",
    "Eastern forces sent more men to Gharyan, where clashes with militias went on.",
    "Doctors in Gharyan counted thirty wounded after clashes of eastern forces and militias.",
    "Both eastern forces and militias claimed Gharyan after five days of clashes near Tripoli.",
    "A truce between eastern forces and militias ended the clashes in Gharyan near Tripoli.",
)


class Desk:
    """A process that monitors, with its own connections to the database and to Slack."""

    def __init__(self, folder: Path, slack: LocalSlack, embeddings: SentenceEmbeddings) -> None:
        self.folder, self.slack, self.embeddings = folder, slack, embeddings
        self.now = THURSDAY
        self.open()

    def open(self) -> None:
        self.library = IndexedCorpus(self.folder, self.embeddings)
        store, clock = self.library.store, lambda: self.now
        self.watches = Watches(store.engine)
        self.outbox = Outbox(store.engine)
        self.register = StoryRegister(store)
        self.turns = Turns(store.engine)
        stories = StoryFollower(store, self.embeddings)
        alerts = Alerts(
            store,
            self.outbox,
            self.watches,
            self.register,
            self.library.vectors,
            self.embeddings.encode,
            lambda: min(self.library.vectors.position, self.register.stand().position),
            clock,
        )
        deliveries = Deliveries(
            self.outbox,
            SlackGateway(make_client(self.slack.bot_token, self.slack.api_url)),
            AlertDelivery(store, clock).kinds(),
            clock,
        )
        self.monitoring = Monitoring(
            following=(
                Step("indexing", lambda now: self.library.indexer.catch_up()),
                Step("stories", lambda now: stories.catch_up()),
                Step("alerts", lambda now: alerts.catch_up()),
            ),
            delivering=(Step("deliveries", lambda now: deliveries.deliver_due(now).posted),),
        )

    def restart(self) -> None:
        self.library.close()
        self.open()

    def watch(self, word: str = "Gharyan", reader: str = DESK, **changes: Any) -> Watch:
        """A reader begins to watch a word, in a moment."""
        watch = Watch(
            id=f"{reader}-{word}",
            reader=reader,
            channel=reader,
            name=word,
            criteria=Criteria(words=(word,)),
            quiet_from=None,
            quiet_to=None,
            zone="Europe/Paris",
            daily_cap=20,
            paused=False,
            created_by=reader,
            created_at=self.now,
        )
        watch = replace(watch, **changes)
        self.watches.add(watch)
        return watch

    def read(self, name: str, *paragraphs: str, **given: Any) -> None:
        """An article is read five minutes later, and the walk is made once."""
        self.now += timedelta(minutes=5)
        given.setdefault("published_at", self.now)
        self.library.read(self.article(name, *paragraphs, **given), at=self.now)
        self.tick()

    def article(self, name: str, *paragraphs: str, **given: Any) -> ReadArticle:
        given.setdefault("title", paragraphs[0][:60])
        return read_article(name, *paragraphs, **given)

    def tick(self, after: timedelta = timedelta(0)) -> None:
        self.now += after
        self.monitoring.tick(self.now)

    def seen(self, reader: str = DESK) -> list[dict[str, Any]]:
        """Messages that stand in the reader's conversation, threads included, in order."""
        channel = self.slack.direct_channel(reader) if reader.startswith("U") else reader
        return self.slack.messages(channel)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "desk", tz="Europe/Paris")
        local.add_user(COLLEAGUE, "colleague")
        local.add_channel(CHANNEL, "press")
        yield local


@pytest.fixture
def desk(tmp_path: Path, slack: LocalSlack, embeddings: SentenceEmbeddings) -> Iterator[Desk]:
    desk = Desk(tmp_path, slack, embeddings)
    yield desk
    desk.library.close()


def test_an_article_that_arrives_is_told_in_the_direct_conversation(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE, source="Regional Site")

    [message] = desk.seen()
    shown = text_of(message["blocks"])
    assert "Watch “Gharyan”" in shown
    assert "Regional Site" in shown
    assert "thread_ts" not in message
    assert any(sentence in shown for sentence in ADVANCE[:2])


def test_what_is_told_is_a_turn_whose_paragraph_can_be_shown(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)

    [recorded] = desk.outbox.of_reader(DESK, "alert")
    assert recorded.turn_id is not None
    [cited] = desk.turns.cited(recorded.turn_id)
    assert cited.article_id == article_id(address("advance"))
    assert cited.quote in ADVANCE[cited.number - 1]


def test_a_second_article_of_the_story_comes_in_its_thread_and_a_copy_not_at_all(
    desk: Desk,
) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)
    desk.read("second", *SECOND_DAY)
    desk.read("copy", *SECOND_DAY, source="Another Wire")

    first, second = desk.seen()
    assert second["thread_ts"] == first["ts"]
    assert "Also on this story" in text_of(second["blocks"])


def test_another_story_is_another_alert(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)
    desk.read("harbour", *HARBOUR)

    assert ["thread_ts" in message for message in desk.seen()] == [False, False]


def test_a_changed_article_is_told_once(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)
    desk.read("advance", *ADVANCE[:3], "The town lies ninety kilometres south of the capital.")

    assert len(desk.seen()) == 1


def test_what_was_read_before_the_watch_is_old_news(desk: Desk) -> None:
    desk.read("advance", *ADVANCE)
    desk.now += timedelta(minutes=1)
    desk.watch()
    desk.tick(timedelta(minutes=5))
    assert desk.seen() == []

    desk.read("second", *SECOND_DAY)
    assert len(desk.seen()) == 1


def test_a_back_catalogue_is_not_told(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE, published_at=THURSDAY - timedelta(days=9))

    assert desk.seen() == []


def test_in_quiet_hours_it_waits_for_the_morning(desk: Desk) -> None:
    desk.watch(quiet_from="22:00", quiet_to="07:00")
    desk.now = THURSDAY.replace(hour=20, minute=30)  # half past ten in Paris
    desk.read("advance", *ADVANCE)
    desk.tick(timedelta(hours=5))
    assert desk.seen() == []

    desk.now = datetime(2019, 4, 5, 4, 59, tzinfo=UTC)
    desk.tick()
    assert desk.seen() == []
    desk.tick(timedelta(minutes=1))
    assert len(desk.seen()) == 1


def test_beyond_the_daily_cap_one_line_says_so_and_the_rest_is_in_its_thread(desk: Desk) -> None:
    desk.watch(daily_cap=1)
    desk.read("advance", *ADVANCE)
    desk.read("harbour", *HARBOUR)
    desk.tick(timedelta(minutes=2))
    desk.read("bakers", *BAKERS)

    first, line, *rest = desk.seen()
    assert "thread_ts" not in first
    assert text_of(line["blocks"]).startswith("That was 1 alert today")
    assert [message["thread_ts"] for message in rest] == [line["ts"], line["ts"]]

    desk.now += timedelta(days=1)
    desk.read("second", *SECOND_DAY[:2], title="Clashes go on")
    assert desk.seen()[-1]["thread_ts"] == first["ts"]


def test_a_muted_story_is_told_no_more(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)
    story = desk.register.of_article(article_id(address("advance")))
    assert story is not None
    desk.watches.mute(DESK, story, desk.now)
    desk.read("second", *SECOND_DAY)
    assert len(desk.seen()) == 1

    desk.read("harbour", *HARBOUR)
    assert len(desk.seen()) == 2


def test_each_reader_is_told_of_their_own_watches(desk: Desk) -> None:
    desk.watch()
    desk.watch(reader=COLLEAGUE)
    desk.watch("Mismari", reader=CHANNEL)
    desk.read("advance", *ADVANCE)
    desk.read("harbour", *HARBOUR)

    assert [len(desk.seen(who)) for who in (DESK, COLLEAGUE, CHANNEL)] == [2, 2, 1]


def test_two_watches_on_one_story_are_one_alert_that_names_both(desk: Desk) -> None:
    desk.watch()
    desk.watch("Mismari")
    desk.read("advance", *ADVANCE)

    [message] = desk.seen()
    assert "Watch “Gharyan and Mismari”" in text_of(message["blocks"])


def test_a_restart_in_between_changes_nothing(desk: Desk) -> None:
    desk.watch()
    desk.read("advance", *ADVANCE)
    desk.restart()
    desk.tick()
    assert len(desk.seen()) == 1

    desk.library.read(desk.article("second", *SECOND_DAY, published_at=desk.now), at=desk.now)
    desk.monitoring.follow(desk.now)
    desk.restart()
    desk.tick()
    first, second = desk.seen()
    assert second["thread_ts"] == first["ts"]


def test_a_message_whose_answer_was_lost_is_not_posted_again(desk: Desk, slack: LocalSlack) -> None:
    desk.watch()
    slack.fail_next("chat.postMessage", status=500, taken=True)
    desk.read("advance", *ADVANCE)
    desk.tick(timedelta(minutes=3))
    desk.tick(timedelta(minutes=3))

    assert len(desk.seen()) == 1


@pytest.mark.slow
def test_over_a_week_every_article_is_told_once_and_threads_belong_to_alerts(desk: Desk) -> None:
    desk.watch()
    for day, report in enumerate(WEEK):
        desk.now = THURSDAY + timedelta(days=day)
        if day == 3:
            desk.restart()
        desk.read(f"day{day}", report, ADVANCE[3].replace("eighty", str(80 + day)))

    roots = {message["ts"] for message in desk.seen() if "thread_ts" not in message}
    threads = {message["thread_ts"] for message in desk.seen() if "thread_ts" in message}
    assert len(desk.seen()) == len(WEEK)
    assert threads <= roots

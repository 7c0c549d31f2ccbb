"""Alerts: each reader is told of a story once, of its further articles in the thread, of copies
never; not of old news, not in quiet hours, not without end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.db.outbox import Claimed, Composed, Outbox, Posting
from bot.db.turns import Cited, Turns
from bot.db.watches import Watches
from bot.jobs.alerts import ALERT, COUNTER, FURTHER, AlertDelivery, Alerts
from bot.jobs.delivery import Skip
from corpus.articles import Article, article_id
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.encoders.encoder import Vectors
from retrieval.watches.matching import Criteria
from tests.bot.test_watches import WATCH
from tests.fakes import block_kit
from tests.fakes.articles import NOON, address, read_article
from tests.fakes.databases import new_database
from tests.fakes.embedding import HashedWords
from tests.scenarios.people import text_of

CLASHES = "Clashes began in Gharyan, the spokesman said."
ALWAYS = replace(WATCH, quiet_from=None, quiet_to=None, criteria=Criteria(words=("Gharyan",)))


class Grouped:
    """Stories as they are named: an article belongs to the story of its name's first word."""

    def __init__(self) -> None:
        self.stories: dict[str, str] = {}

    def put(self, name: str, story: str) -> None:
        self.stories[article_id(address(name))] = story

    def of_article(self, article_id: str) -> str | None:
        return self.stories.get(article_id)


class NoVectors:
    """An index that holds nothing: what is met is met in words."""

    languages = 1

    def of_article(self, article: Article) -> tuple[Vectors, list[int]]:
        return np.zeros((0, 0), dtype=np.float32), []


class Desk:
    """A store, watches and the outbox, at a time that only passes when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.url = new_database(folder)
        self.now = NOON
        self.grouped = Grouped()
        self.open()

    def open(self) -> None:
        """Everything anew on the same database, as after a restart."""
        self.store: ArticleStore = open_store(self.url)
        self.outbox = Outbox(self.store.engine)
        self.watches = Watches(self.store.engine)
        self.alerts = self.follower()
        self.delivery = AlertDelivery(self.store, lambda: self.now)

    def follower(self) -> Alerts:
        return Alerts(
            self.store,
            self.outbox,
            self.watches,
            self.grouped,
            NoVectors(),
            HashedWords().encode,
            self.store.last_change,
            lambda: self.now,
        )

    def read(
        self,
        name: str,
        *paragraphs: str,
        story: str = "gharyan",
        source: str = "Example News",
        published_at: datetime | None = None,
    ) -> None:
        """An article is read, a minute after whatever was before; it is of a story."""
        self.now += timedelta(minutes=1)
        self.grouped.put(name, story)
        article = read_article(
            name,
            *(paragraphs or (f"{CLASHES} So wrote {name}.",)),
            title=f"Dispatch {name}",
            source=source,
            published_at=published_at or self.now,
        )
        ingest(self.store, [article], lambda: self.now)

    def put(self) -> list[Posting]:
        """Follow what changed; what was put into the outbox, in order."""
        known = {posting.key for posting in self.waiting()}
        self.alerts.catch_up()
        return [posting for posting in self.waiting() if posting.key not in known]

    def waiting(self) -> list[Posting]:
        readers = {watch.reader for watch in self.watches.all()}
        return [
            recorded.posting
            for reader in sorted(readers)
            for kind in (ALERT, FURTHER)
            for recorded in self.outbox.of_reader(reader, kind)
        ]

    def compose(self, posting: Posting) -> Composed | Skip:
        return self.delivery.compose(Claimed(posting, 1))

    def cited(self, posting: Posting) -> Cited:
        """What the alert of a posting cites, as its turn keeps it."""
        composed = self.compose(posting)
        assert isinstance(composed, Composed)
        assert composed.turn_id is not None
        [cited] = Turns(self.store.engine).cited(composed.turn_id)
        return cited

    def shown(self, posting: Posting) -> str:
        """The blocks of a posting's alert, as text."""
        composed = self.compose(posting)
        assert isinstance(composed, Composed)
        return json.dumps([m.blocks for m in composed.messages], ensure_ascii=False)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.watches.add(ALWAYS)
    yield desk
    desk.store.close()


class TestOnceAStory:
    def test_a_new_article_that_meets_a_watch_is_one_alert_to_its_reader(self, desk: Desk) -> None:
        desk.read("one")

        [posting] = desk.put()

        assert (posting.kind, posting.reader, posting.channel) == (ALERT, "U0DESK", "U0DESK")
        assert posting.key == "alert:U0DESK:gharyan"
        assert posting.payload["sentence"] == CLASHES
        assert posting.due_at == desk.now

    def test_what_meets_no_watch_is_none(self, desk: Desk) -> None:
        desk.read("one", "Talks went on in Rome.")

        assert desk.put() == []

    def test_a_further_article_of_the_story_belongs_in_the_thread(self, desk: Desk) -> None:
        desk.read("one")
        desk.put()
        desk.read("two", "Clashes in Gharyan went on for a second day.")

        [posting] = desk.put()

        assert posting.kind == FURTHER
        assert posting.follows == "alert:U0DESK:gharyan"

    def test_two_articles_read_at_once_are_one_alert_and_one_further(self, desk: Desk) -> None:
        desk.read("one")
        desk.read("two", "Clashes in Gharyan went on for a second day.")

        assert [posting.kind for posting in desk.put()] == [ALERT, FURTHER]

    def test_a_copy_says_nothing_new(self, desk: Desk) -> None:
        text = tuple(f"Clashes began in Gharyan on day {day}, the army said." for day in range(5))
        desk.read("one", *text)
        desk.put()
        desk.read("two", *text, source="Another")

        assert desk.store.article(article_id(address("two"))).duplicate_of  # type: ignore[union-attr]
        assert desk.put() == []

    def test_a_copy_is_told_where_only_its_source_is_watched(self, desk: Desk) -> None:
        desk.watches.replace(
            replace(ALWAYS, criteria=Criteria(words=("Gharyan",), sources=("Another",)))
        )
        text = tuple(f"Clashes began in Gharyan on day {day}, the army said." for day in range(5))
        desk.read("one", *text)
        desk.read("two", *text, source="Another")

        assert [posting.kind for posting in desk.put()] == [ALERT]

    def test_another_story_is_another_alert(self, desk: Desk) -> None:
        desk.read("one")
        desk.read("two", "An envoy came to Gharyan.", story="envoy")

        assert {posting.key for posting in desk.put()} == {
            "alert:U0DESK:gharyan",
            "alert:U0DESK:envoy",
        }

    def test_stories_that_were_joined_stay_one(self, desk: Desk) -> None:
        desk.read("one")
        desk.put()
        desk.grouped.put("one", "joined")
        desk.read("two", "Clashes in Gharyan went on for a second day.", story="joined")

        assert [posting.kind for posting in desk.put()] == [FURTHER]

    def test_a_changed_article_is_not_told_twice(self, desk: Desk) -> None:
        desk.read("one")
        desk.put()
        desk.read("one", "Clashes in Gharyan ended.")

        assert desk.put() == []

    def test_an_article_that_meets_a_watch_only_since_it_changed_is_told(self, desk: Desk) -> None:
        desk.read("one", "Clashes began in Garyan.")
        assert desk.put() == []
        desk.read("one", "Clashes began in Gharyan.")

        assert [posting.kind for posting in desk.put()] == [ALERT]

    def test_a_withdrawn_article_is_not_told(self, desk: Desk) -> None:
        desk.read("one")
        desk.store.withdraw(article_id(address("one")), desk.now)

        assert desk.put() == []


class TestLanguages:
    """An alert speaks as the profile of whoever gets it says, in a channel of who set it up."""

    def alert(self, desk: Desk) -> str:
        locales = {"U0DESK": "fr-FR", "U0LEAD": "ru-RU"}
        speaking = AlertDelivery(desk.store, lambda: desk.now, locales.__getitem__)
        desk.read("one")
        [posting] = desk.put()
        composed = speaking.compose(Claimed(posting, 1))
        assert isinstance(composed, Composed)
        (message,) = composed.messages
        assert block_kit.problems(list(message.blocks), message.text) == []
        return text_of(message.blocks)

    def test_of_a_person(self, desk: Desk) -> None:
        shown = self.alert(desk)
        assert "Veille « Gharyan »" in shown
        assert "¶1 sur 1" in shown

    def test_of_a_channel(self, desk: Desk) -> None:
        desk.watches.remove(ALWAYS.id)
        desk.watches.add(
            replace(ALWAYS, id="channels", reader="C0DESK", channel="C0DESK", created_by="U0LEAD")
        )
        assert "Наблюдение «Gharyan»" in self.alert(desk)


class TestReaders:
    def test_two_watches_of_a_reader_are_one_alert_that_names_both(self, desk: Desk) -> None:
        clashes = replace(ALWAYS, id="w2", name="Clashes", criteria=Criteria(words=("clashes",)))
        desk.watches.add(clashes)
        desk.read("one")

        [posting] = desk.put()

        assert "Watch “Gharyan and Clashes”" in desk.shown(posting)

    def test_two_readers_are_told_each(self, desk: Desk) -> None:
        desk.watches.add(replace(ALWAYS, id="w2", reader="C0PRESS", channel="C0PRESS"))
        desk.read("one")

        assert [posting.reader for posting in desk.put()] == ["C0PRESS", "U0DESK"]

    def test_a_muted_story_is_told_no_more_to_who_muted_it(self, desk: Desk) -> None:
        desk.watches.add(replace(ALWAYS, id="w2", reader="C0PRESS", channel="C0PRESS"))
        desk.read("one")
        desk.put()
        desk.watches.mute("U0DESK", "gharyan", desk.now)
        desk.read("two", "Clashes in Gharyan went on for a second day.")

        assert [posting.reader for posting in desk.put()] == ["C0PRESS"]

    def test_a_mute_outlives_the_joining_of_stories(self, desk: Desk) -> None:
        desk.read("one")
        desk.put()
        desk.watches.mute("U0DESK", "gharyan", desk.now)
        desk.grouped.put("one", "joined")
        desk.read("two", "Clashes in Gharyan went on for a second day.", story="joined")

        assert desk.put() == []


class TestNews:
    def test_a_new_watch_is_not_told_what_was_read_before(self, desk: Desk) -> None:
        desk.read("one", "An envoy came to Sirte.")
        desk.now += timedelta(minutes=1)
        desk.watches.add(
            replace(ALWAYS, id="w2", criteria=Criteria(words=("Sirte",)), created_at=desk.now)
        )

        assert desk.put() == []

    def test_a_back_catalogue_is_no_news(self, desk: Desk) -> None:
        desk.read("old", published_at=NOON - timedelta(days=3))
        desk.read("fresh", "An envoy came to Gharyan.", published_at=NOON - timedelta(days=1))

        assert [p.payload["article"] for p in desk.put()] == [article_id(address("fresh"))]

    def test_a_late_copy_of_old_news_is_none(self, desk: Desk) -> None:
        text = tuple(f"Clashes began in Gharyan on day {day}, the army said." for day in range(5))
        desk.watches.pause("w1")
        desk.read("one", *text)
        desk.put()
        desk.now += timedelta(days=3)
        desk.watches.pause("w1", paused=False)
        desk.read("two", *text, source="Another", published_at=desk.now)

        assert desk.put() == []

    def test_a_paused_watch_is_told_nothing_and_nothing_later(self, desk: Desk) -> None:
        desk.watches.pause("w1")
        desk.read("one")
        desk.put()
        desk.watches.pause("w1", paused=False)

        assert desk.put() == []


class TestQuietHours:
    def test_an_alert_in_quiet_hours_is_due_at_their_end(self, desk: Desk) -> None:
        desk.watches.replace(replace(ALWAYS, quiet_from="13:00", quiet_to="16:00", zone="UTC"))
        desk.now = NOON + timedelta(hours=2)
        desk.read("one")

        [posting] = desk.put()

        assert posting.due_at == NOON + timedelta(hours=4)

    def test_of_two_watches_the_one_that_is_awake_decides(self, desk: Desk) -> None:
        desk.watches.replace(replace(ALWAYS, quiet_from="11:00", quiet_to="16:00", zone="UTC"))
        desk.watches.add(replace(ALWAYS, id="w2", criteria=Criteria(words=("clashes",))))
        desk.read("one")

        assert [posting.due_at for posting in desk.put()] == [desk.now]


class TestDailyCap:
    @pytest.fixture
    def capped(self, desk: Desk) -> Desk:
        desk.watches.replace(replace(ALWAYS, daily_cap=2))
        for number in range(4):
            desk.read(f"n{number}", f"Envoy {number} came to Gharyan.", story=f"s{number}")
        return desk

    def test_beyond_the_cap_one_line_says_so_and_the_rest_is_in_its_thread(
        self, capped: Desk
    ) -> None:
        put = {posting.key: posting for posting in capped.put()}

        cap = put.pop("alert_cap:U0DESK:2019-04-04")
        assert cap.follows is None
        assert {key: posting.follows for key, posting in put.items()} == {
            "alert:U0DESK:s0": None,
            "alert:U0DESK:s1": None,
            "alert:U0DESK:s2": cap.key,
            "alert:U0DESK:s3": cap.key,
        }
        composed = capped.compose(cap)
        assert isinstance(composed, Composed)
        assert composed.messages[0].text == (
            "That was 2 alerts today, as many as you asked for; further ones are in this thread."
        )

    def test_a_further_article_follows_where_its_story_was_told(self, capped: Desk) -> None:
        capped.put()
        capped.read("more", "Envoy 3 left Gharyan again.", story="s3")

        [posting] = capped.put()

        assert posting.follows == "alert_cap:U0DESK:2019-04-04"

    def test_the_next_local_day_begins_anew(self, capped: Desk) -> None:
        capped.put()
        # Midnight in Paris, summer time.
        capped.now = NOON.replace(hour=22)
        capped.read("next", "An army came to Gharyan.", story="s9")

        assert [posting.follows for posting in capped.put()] == [None]


class TestCrashes:
    def test_after_a_restart_nothing_is_put_twice(self, desk: Desk) -> None:
        desk.read("one")
        desk.put()
        desk.store.close()
        desk.open()
        assert desk.put() == []
        desk.read("two", "Clashes in Gharyan went on for a second day.")

        assert [posting.kind for posting in desk.put()] == [FURTHER]

    def test_what_was_put_before_the_counter_moved_is_not_put_again(self, desk: Desk) -> None:
        from sqlalchemy import update

        from corpus.store.schema import counters

        desk.read("one")
        desk.read("two", "Clashes in Gharyan went on for a second day.")
        before = desk.alerts.position
        desk.put()
        with desk.store.engine.begin() as connection:
            connection.execute(
                update(counters).where(counters.c.name == COUNTER).values(value=before)
            )

        assert desk.put() == []

    def test_two_followers_put_each_alert_once(self, desk: Desk) -> None:
        other = desk.follower()
        desk.read("one")

        assert desk.alerts.catch_up() + other.catch_up() == 1

    def test_what_is_not_grouped_yet_waits(self, desk: Desk) -> None:
        behind = desk.store.last_change()
        desk.read("one")
        slow = Alerts(
            desk.store,
            desk.outbox,
            desk.watches,
            desk.grouped,
            NoVectors(),
            HashedWords().encode,
            lambda: behind,
            lambda: desk.now,
        )

        assert slow.catch_up() == 0
        assert len(desk.put()) == 1

    def test_an_alert_that_was_skipped_does_not_silence_the_story(self, desk: Desk) -> None:
        desk.read("one")
        [first] = desk.put()
        desk.outbox.skip(first.key, "its watch was paused", desk.now)
        desk.read("two", "Clashes in Gharyan went on for a second day.")

        assert [posting.kind for posting in desk.put()] == [ALERT]


class TestComposing:
    @pytest.fixture
    def posting(self, desk: Desk) -> Posting:
        desk.read("one", "Talks went on.", f"{CLASHES} More came.")
        [posting] = desk.put()
        return posting

    def test_the_sentence_is_cited_and_kept_as_a_turn(self, desk: Desk, posting: Posting) -> None:
        cited = desk.cited(posting)

        assert (cited.mark, cited.number, cited.quote) == (1, 2, CLASHES)
        assert "Watch “Gharyan”" in desk.shown(posting)
        assert CLASHES in desk.shown(posting)

    def test_copies_are_named_as_carriers(self, desk: Desk, posting: Posting) -> None:
        text = tuple(f"Clashes began in Gharyan on day {day}, the army said." for day in range(5))
        desk.read("one", *text)
        desk.read("two", *text, source="Another")

        assert "also carried by Another" in desk.shown(posting)

    def test_it_quotes_what_the_article_reads_now(self, desk: Desk, posting: Posting) -> None:
        desk.read("one", "New talks.", "Other words.", "Clashes ended in Gharyan, they said.")

        cited = desk.cited(posting)

        assert cited.quote == "Clashes ended in Gharyan, they said."
        assert (cited.number, cited.version) == (3, 2)

    @pytest.mark.parametrize("happening", ["paused", "removed", "muted", "withdrawn"])
    def test_what_nobody_wants_any_more_is_skipped(
        self, desk: Desk, posting: Posting, happening: str
    ) -> None:
        if happening == "paused":
            desk.watches.pause("w1")
        elif happening == "removed":
            desk.watches.remove("w1")
        elif happening == "muted":
            desk.watches.mute("U0DESK", "gharyan", desk.now)
        else:
            desk.store.withdraw(article_id(address("one")), desk.now)

        assert isinstance(desk.compose(posting), Skip)

    def test_watches_whose_place_is_gone_are_paused(self, desk: Desk, posting: Posting) -> None:
        desk.delivery.place_gone(Claimed(posting, 1), "channel_not_found")

        assert [watch.paused for watch in desk.watches.all()] == [True]

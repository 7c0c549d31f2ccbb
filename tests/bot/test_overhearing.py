"""What is overheard in a thread: for us where we and its author take part and it is so worded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.chat.thread import Overhearing, Talks, ThreadReader
from bot.db.turns import Turns, write_posted
from bot.failures import SlackError
from bot.slack.events import Asked, Identity, Ignored, Overheard, Place
from bot.slack.people import People
from corpus.store.articles import ArticleStore, open_store
from tests.conftest import NOW
from tests.fakes.databases import new_database

ME = Identity("U0CHANCERY", "B0CHANCERY", "T0LOCAL")
AMAL, BEN = "U0AMAL", "U0BEN"
ROOT, QUESTION = "100.000000", "What did Guterres say?"


@dataclass
class Slack:
    """Threads and profiles as a test sets them."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    reads: int = 0
    broken: bool = False

    def thread(self, _channel: str, _thread_ts: str) -> list[dict[str, Any]]:
        self.reads += 1
        if self.broken:
            raise SlackError("Slack could not be reached")
        return self.messages

    def profile(self, user: str) -> dict[str, Any]:
        return {"id": user, "profile": {"display_name": user.removeprefix("U0").lower()}}

    def wrote(self, user: str, text: str, ts: str) -> None:
        self.messages.append({"user": user, "text": text, "ts": ts})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def slack() -> Slack:
    return Slack()


def hearing(store: ArticleStore, slack: Slack, held: Sequence[Asked] = ()) -> Overhearing:
    people = People(slack, lambda: NOW, ME)
    return Overhearing(Talks(store.engine), ThreadReader(slack, ME), people, lambda: held)


def overheard(user: str, text: str) -> Overheard:
    return Overheard(Asked(Place.CHANNEL, "C0", user, text, "200.000000", ROOT), False)


def answered(store: ArticleStore, user: str) -> None:
    Turns(store.engine).record_posting("answer", f"C0:{ROOT}", user, NOW, QUESTION, ["…"], ())


def posted(store: ArticleStore, kind: str) -> None:
    """A digest or alert of ours that begins the thread."""
    turn = Turns(store.engine).record_posting(kind, "C0", "C0", NOW, "Libya", ["…"], ())
    with store.engine.begin() as connection:
        write_posted(connection, turn, f"C0:{ROOT}", f"C0:{ROOT}")


def test_in_a_thread_of_people_nothing_is_for_us_and_nothing_is_read(
    store: ArticleStore, slack: Slack
) -> None:
    assert isinstance(hearing(store, slack).asked(overheard(AMAL, QUESTION)), Ignored)
    assert slack.reads == 0


def test_whoever_asked_goes_on_and_no_thread_is_read_for_it(
    store: ArticleStore, slack: Slack
) -> None:
    answered(store, AMAL)
    assert isinstance(hearing(store, slack).asked(overheard(AMAL, "And Serraj?")), Asked)
    assert slack.reads == 0


def test_whoever_wrote_there_takes_part_and_nobody_else(store: ArticleStore, slack: Slack) -> None:
    answered(store, AMAL)
    assert isinstance(hearing(store, slack).asked(overheard(BEN, QUESTION)), Ignored)
    slack.wrote(BEN, "I will ask Rome", "150.000000")
    assert isinstance(hearing(store, slack).asked(overheard(BEN, QUESTION)), Asked)


def test_what_calls_somebody_of_the_thread_by_name_is_theirs(
    store: ArticleStore, slack: Slack
) -> None:
    answered(store, AMAL)
    slack.wrote(AMAL, "noted", "120.000000")
    slack.wrote(BEN, "noted", "150.000000")
    assert isinstance(hearing(store, slack).asked(overheard(BEN, f"Amal, {QUESTION}")), Ignored)


@pytest.mark.parametrize("kind", ["digest", "alert"])
@pytest.mark.parametrize("text", [QUESTION, "mute", "sources?"])
def test_under_a_posting_of_ours_anybody_may_go_on(
    store: ArticleStore, slack: Slack, kind: str, text: str
) -> None:
    posted(store, kind)
    assert isinstance(hearing(store, slack).asked(overheard(BEN, text)), Asked)
    assert isinstance(hearing(store, slack).asked(overheard(BEN, "well spotted, Amal")), Ignored)


def test_a_follow_up_may_come_before_the_answer(store: ArticleStore, slack: Slack) -> None:
    waiting = Asked(Place.CHANNEL, "C0", AMAL, QUESTION, ROOT, ROOT)
    assert isinstance(hearing(store, slack, [waiting]).asked(overheard(AMAL, "And Serraj?")), Asked)
    assert isinstance(hearing(store, slack, [waiting]).asked(overheard(BEN, QUESTION)), Ignored)


def test_where_the_thread_cannot_be_read_we_are_silent(store: ArticleStore, slack: Slack) -> None:
    answered(store, AMAL)
    slack.broken = True
    assert isinstance(hearing(store, slack).asked(overheard(BEN, QUESTION)), Ignored)

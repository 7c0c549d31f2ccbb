"""Watches: kept as they were given, refused with a sentence, quiet when their reader sleeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.clock import parse_time
from bot.db.watches import Watches
from bot.records import DAILY_CAP, Watch, quiet_until
from corpus.store.articles import open_store
from retrieval.watches.matching import Criteria
from tests.fakes.articles import NOON
from tests.fakes.databases import new_database

WATCH = Watch(
    id="w1",
    reader="U0DESK",
    channel="U0DESK",
    name="Gharyan",
    criteria=Criteria(words=("Gharyan", "Garian"), aliases=("غريان",), places=("LY",)),
    quiet_from="22:00",
    quiet_to="07:00",
    zone="Europe/Paris",
    daily_cap=DAILY_CAP,
    paused=False,
    created_by="U0DESK",
    created_at=NOON,
)


@pytest.fixture
def watches(tmp_path: Path) -> Iterator[Watches]:
    store = open_store(new_database(tmp_path))
    yield Watches(store.engine)
    store.close()


@pytest.mark.parametrize("quiet", [("22:00", "07:00"), (None, None)])
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    watches: Watches, quiet: tuple[str | None, str | None]
) -> None:
    seen = replace(WATCH, quiet_from=quiet[0], quiet_to=quiet[1])
    watches.add(seen)

    assert watches.replace(replace(seen, daily_cap=2), seen)
    assert not watches.replace(replace(seen, daily_cap=3), seen)
    assert [one.daily_cap for one in watches.all()] == [2]


def test_a_watch_is_kept_as_it_was_given(watches: Watches) -> None:
    watches.add(WATCH)

    assert watches.get("w1") == WATCH
    assert watches.get("w2") is None


def test_readers_have_their_own_oldest_first(watches: Watches) -> None:
    younger = replace(WATCH, id="w0", name="Sirte", created_at=NOON + timedelta(hours=1))
    other = replace(WATCH, id="w2", reader="C0PRESS")
    for watch in (younger, other, WATCH):
        watches.add(watch)

    assert [watch.id for watch in watches.of_reader("U0DESK")] == ["w1", "w0"]
    assert [watch.id for watch in watches.all()] == ["w1", "w2", "w0"]


def test_replaced_paused_resumed_and_removed(watches: Watches) -> None:
    watches.add(WATCH)

    watches.replace(replace(WATCH, name="Tripoli"))
    assert watches.pause("w1")
    assert watches.get("w1") == replace(WATCH, name="Tripoli", paused=True)
    assert watches.pause("w1", paused=False)
    assert not watches.get("w1").paused  # type: ignore[union-attr]
    assert watches.remove("w1")
    assert not watches.remove("w1")
    assert not watches.pause("w1")
    watches.replace(WATCH)
    assert watches.all() == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (replace(WATCH, criteria=Criteria(sources=("UN News",))), "at least one word"),
        (replace(WATCH, quiet_to=None), "a beginning and an end"),
        (replace(WATCH, quiet_from="25:00"), "no time of day"),
        (replace(WATCH, zone="Europe/Atlantis"), "no time zone"),
        (replace(WATCH, daily_cap=0), "at least 1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    watches: Watches, given: Watch, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        watches.add(given)
    assert watches.all() == []


def test_times_and_zones_are_kept_in_their_usual_form(watches: Watches) -> None:
    watches.add(replace(WATCH, quiet_from="9", quiet_to="9:30", zone="europe/paris"))

    kept = watches.get("w1")
    assert kept is not None
    assert (kept.quiet_from, kept.quiet_to, kept.zone) == ("09:00", "09:30", "Europe/Paris")


def test_quiet_hours_of_no_length_are_none(watches: Watches) -> None:
    watches.add(replace(WATCH, quiet_from="07:00", quiet_to="7"))

    kept = watches.get("w1")
    assert kept is not None
    assert kept.quiet_from is None


def test_a_story_is_muted_for_one_reader(watches: Watches) -> None:
    watches.mute("U0DESK", "s1", NOON)
    watches.mute("U0DESK", "s1", NOON + timedelta(hours=1))

    assert watches.muted("U0DESK") == {"s1"}
    assert watches.muted("C0PRESS") == set()
    assert watches.unmute("U0DESK", "s1")
    assert not watches.unmute("U0DESK", "s1")
    assert watches.muted("U0DESK") == set()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "begin", "end", "zone", "until"),
    [
        ("2019-04-04 21:30", "22:00", "07:00", "Europe/Paris", "2019-04-05 05:00"),
        ("2019-04-05 03:00", "22:00", "07:00", "Europe/Paris", "2019-04-05 05:00"),
        ("2019-04-05 05:00", "22:00", "07:00", "Europe/Paris", None),
        ("2019-04-04 19:59", "22:00", "07:00", "Europe/Paris", None),
        ("2019-04-04 12:00", "13:00", "15:00", "Europe/Paris", "2019-04-04 13:00"),
        # The night in which an hour is left out, and the night that has one twice.
        ("2019-03-30 22:00", "22:00", "07:00", "Europe/Paris", "2019-03-31 05:00"),
        ("2019-10-26 21:00", "22:00", "07:00", "Europe/Paris", "2019-10-27 06:00"),
        # An end that the clock leaps over is where it leaps to, one that comes twice the first.
        ("2019-03-31 00:30", "01:00", "02:30", "Europe/Paris", "2019-03-31 01:00"),
        ("2019-10-27 00:15", "01:00", "02:30", "Europe/Paris", "2019-10-27 00:30"),
        ("2019-10-27 01:15", "01:00", "02:30", "Europe/Paris", None),
    ],
)
def test_quiet_hours_end_by_the_readers_wall_clock(
    now: str, begin: str, end: str, zone: str, until: str | None
) -> None:
    found = quiet_until(utc(now), parse_time(begin), parse_time(end), ZoneInfo(zone))

    assert found == (utc(until) if until else None)


@given(
    minutes=st.integers(0, 365 * 24 * 60),
    begin=st.integers(0, 23),
    end=st.integers(0, 23),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "Africa/Tripoli"]),
)
def test_what_waited_for_the_end_of_quiet_hours_waits_no_more(
    minutes: int, begin: int, end: int, zone: str
) -> None:
    now = NOON + timedelta(minutes=minutes)
    times = parse_time(str(begin)), parse_time(str(end))
    until = quiet_until(now, *times, ZoneInfo(zone))

    if until is not None and begin != end:
        assert now < until <= now + timedelta(hours=26)
        assert quiet_until(until, *times, ZoneInfo(zone)) is None


class TestCommands:
    """`chancery watches`, on a home of its own that holds the sample."""

    @pytest.fixture
    def chancery(self, sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
        monkeypatch.setenv("CHANCERY_HOME", str(sample_home))

        def run(*arguments: str) -> Result:
            return CliRunner().invoke(app, ["watches", *arguments])

        return run

    def test_a_watch_is_added_listed_paused_resumed_and_removed(
        self, chancery: Callable[..., Result]
    ) -> None:
        empty = chancery("list", "--json")
        assert (empty.exit_code, json.loads(empty.stdout)) == (1, {"watches": []})

        given = ("--reader", "U0DESK1", "--alias", "Hifter", "--quiet", "22-7", "--json")
        added = json.loads(chancery("add", "Haftar", *given).stdout)["added"]
        assert (added["words"], added["aliases"]) == (["Haftar"], ["Hifter"])
        assert (added["quiet_from"], added["quiet_to"]) == ("22:00", "07:00")
        assert chancery("add", "haftar", "--reader", "U0DESK1").exit_code == 2

        assert "also “Hifter”" in chancery("list").stdout
        assert chancery("pause", "Haftar").exit_code == 0
        assert json.loads(chancery("list", "--json").stdout)["watches"][0]["paused"]
        assert chancery("resume", added["id"]).exit_code == 0
        assert chancery("remove", "HAFTAR").exit_code == 0
        assert chancery("remove", "Haftar").exit_code == 1

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (("--reader", "bob"), "is no Slack id"),
            (("--reader", "U0DESK1", "--quiet", "22:00"), "no quiet hours"),
            (("--reader", "U0DESK1", "--quiet", "22:00-27:00"), "no time of day"),
            (("--reader", "U0DESK1", "--zone", "Atlantis"), "no time zone"),
            (("--reader", "U0DESK1", "--kind", "rumour"), "no kind of source"),
        ],
    )
    def test_wrong_use_is_told_in_a_sentence(
        self, chancery: Callable[..., Result], given: tuple[str, ...], sentence: str
    ) -> None:
        ended = chancery("add", "Haftar", *given)

        assert ended.exit_code == 2
        assert sentence in ended.stderr
        assert len(ended.stderr.splitlines()) == 1

    def test_trying_a_watch_out_shows_sentences_and_sends_nothing(
        self, chancery: Callable[..., Result]
    ) -> None:
        chancery("add", "Gharyan", "--reader", "U0DESK1")

        ended = chancery("test", "Gharyan", "--days", "36500", "--json")

        matches = json.loads(ended.stdout)["matches"]
        assert matches
        assert all("Gharyan" in one["title"] + one["sentence"] for one in matches)
        assert chancery("test", "Gharyan", "--days", "1").exit_code == 1

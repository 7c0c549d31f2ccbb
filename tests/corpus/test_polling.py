"""When a source is polled, what its answer means, which entries are new: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import Source
from corpus.errors import FetchError, ReadError
from corpus.feeds.parse import Entry
from corpus.feeds.poll import Arrival, arrivals, credible_date
from corpus.feeds.registry import SeenEntry
from corpus.feeds.schedule import (
    INTERVAL,
    LONGEST_BACKOFF,
    Empty,
    Failing,
    Fresh,
    Gone,
    Health,
    Moved,
    Outcome,
    PolledSource,
    Unchanged,
    Undated,
    after,
    backoff,
    failed,
    found,
    is_due,
    is_stale,
    parse_interval,
)
from corpus.fetch.client import Fetched
from tests.fakes.articles import NOON

FEED = "https://ministry.example/feed"
TEXT = (
    "The Minister received the Ambassador in Tripoli on Thursday afternoon and spoke with him.",
    "They agreed that the two hundred families from the south may return before the summer comes.",
    "The road to the airport is to be opened on the first of May, as both sides have told us.",
)
HOUR = timedelta(hours=1)


def half() -> float:
    return 0.5


def source(**values: object) -> PolledSource:
    return replace(PolledSource(Source("Ministry"), FEED), **values)  # type: ignore[arg-type]


def answered(status: int = 200, moved_to: str | None = None) -> Fetched:
    return Fetched(FEED, FEED, "text/xml", b"", status, '"1"', "Thu", moved_to)


def entry(key: str, *paragraphs: str, url: str | None = None, **values: object) -> Entry:
    made = Entry(
        key=key,
        url=url or f"https://ministry.example/{key}",
        title="The Minister received the Ambassador",
        published_at=NOON,
        updated_at=None,
        author=None,
        paragraphs=paragraphs or TEXT,
        is_teaser=False,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def polled(
    *entries: Entry, seen: list[Arrival] | None = None, stale: bool = False
) -> list[Arrival]:
    """What arrives of a feed after an earlier poll's arrivals."""
    remembered: dict[str, SeenEntry] = {}
    texts = {}
    for one in seen or []:
        remembered[one.seen.key] = one.seen
        texts[one.seen.article_id] = one.entry.paragraphs
    return arrivals("Ministry", entries, remembered.values(), texts, is_stale=stale)


# -- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({}, True),
        ({"next_poll_at": NOON}, True),
        ({"next_poll_at": NOON + HOUR}, False),
        ({"paused": True}, False),
        ({"health": Health.GONE}, False),
        ({"health": Health.FAILING, "next_poll_at": NOON - HOUR}, True),
    ],
)
def test_due(values: dict[str, object], due: bool) -> None:
    assert is_due(source(**values), NOON) is due


@pytest.mark.parametrize(
    ("text", "minutes"), [("15m", 15), (" 2 h", 120), ("1d", 1440), ("90min", 90)]
)
def test_intervals(text: str, minutes: int) -> None:
    assert parse_interval(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "15", "0m", "8d", "99999d", "-5m", "soon", "1.5h"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(ValueError, match="write 15m, 2h or 1d"):
        parse_interval(text)


@given(st.integers(0, 500), st.floats(0, 0.999), st.none() | st.floats(0, 1e9))
def test_backoff_grows_keeps_to_what_was_asked_and_ends(
    failures: int, chance: float, retry_after: float | None
) -> None:
    delay = backoff(source(failures=failures), retry_after, lambda: chance)
    assert delay >= INTERVAL * 0.9
    if retry_after is None:
        assert delay <= LONGEST_BACKOFF * 1.1
    else:
        assert delay >= min(timedelta(seconds=retry_after), timedelta(days=7))
        assert delay <= timedelta(days=7.7)
    assert delay <= backoff(source(failures=failures + 1), retry_after, lambda: chance)


# -- what an answer means ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "counts", "outcome"),
    [
        (answered(304), (0, 0, 0), Unchanged()),
        (answered(), (0, 0, 0), Empty()),
        (answered(), (3, 0, 3), Unchanged()),
        (answered(), (3, 1, 3), Fresh()),
        (answered(), (3, 1, 0), Undated()),
        (
            answered(moved_to="https://new.example/"),
            (3, 1, 3),
            Moved("https://new.example/", Fresh()),
        ),
        (answered(moved_to=FEED), (3, 0, 3), Unchanged()),
    ],
)
def test_an_answer(answer: Fetched, counts: tuple[int, int, int], outcome: Outcome) -> None:
    entries, arrived, dated = counts
    assert found(source(), answer, entries=entries, arrived=arrived, dated=dated) == outcome


def test_410_is_gone_and_everything_else_is_tried_again() -> None:
    gone = FetchError(FEED, "the server answered 410 Gone", status=410)
    assert failed(source(), gone, NOON, half) == Gone("the server answered 410 Gone")
    page = ReadError(FEED, "a web page, not a feed")
    assert failed(source(), page, NOON, half) == Failing("a web page, not a feed", NOON + INTERVAL)
    busy = FetchError(FEED, "busy", retry=True, retry_after=7200, status=429)
    assert failed(source(), busy, NOON, lambda: 0.0) == Failing("busy", NOON + 2 * HOUR)


# -- how a source stands afterwards --------------------------------------------------------------


def test_success_resets_failures_and_keeps_validators() -> None:
    state = after(source(failures=4, reason="x"), Fresh(), NOON, half, answered())
    assert (state.failures, state.reason, state.health) == (0, None, Health.FRESH)
    assert (state.etag, state.last_modified) == ('"1"', "Thu")
    assert state.last_success_at == NOON
    assert state.next_poll_at is not None
    assert INTERVAL <= state.next_poll_at - NOON <= INTERVAL * 1.1


def test_validators_are_not_kept_of_a_304_or_of_what_is_still_to_be_read() -> None:
    known = source(etag='"0"')
    assert after(known, Unchanged(), NOON, half, answered(304)).etag == '"0"'
    assert after(known, Fresh(), NOON, half, None).etag == '"0"'


def test_a_failure_keeps_what_was_known() -> None:
    state = after(source(etag='"0"', failures=1), Failing("busy", NOON + HOUR), NOON, half)
    assert (state.failures, state.reason, state.etag) == (2, "busy", '"0"')
    assert state.next_poll_at == NOON + HOUR
    assert state.last_success_at is None


def test_a_moved_feed_is_polled_at_its_new_address_until_that_fails_for_good() -> None:
    state = after(
        source(etag='"0"'), Moved("https://new.example/", Fresh()), NOON, half, answered()
    )
    assert (state.address, state.feed_url, state.etag) == ("https://new.example/", FEED, '"1"')
    for _ in range(3):
        state = after(state, Failing("gone astray", NOON + HOUR), NOON, half)
    assert (state.address, state.etag) == (FEED, None)


def test_an_older_copy_of_a_feed_is_stale() -> None:
    known = source(feed_updated_at=NOON)
    assert is_stale(known, NOON - HOUR)
    assert not is_stale(known, NOON)
    assert not is_stale(known, None)
    assert not is_stale(known, NOON - timedelta(days=30))  # a stamp that was set anew
    assert after(known, Unchanged(), NOON, half, answered(), NOON - HOUR).feed_updated_at == NOON
    ahead = after(known, Unchanged(), NOON, half, answered(), NOON + timedelta(days=400))
    assert ahead.feed_updated_at == NOON


# -- which entries arrive ------------------------------------------------------------------------


def test_entries_arrive_oldest_first_and_once() -> None:
    first = polled(entry("b"), entry("a"))
    assert [one.entry.key for one in first] == ["a", "b"]
    assert all(one.is_new for one in first)
    assert polled(entry("b"), entry("a"), seen=first) == []


def test_an_edit_stays_the_same_article() -> None:
    first = polled(entry("a"))
    edit = polled(entry("a", *TEXT, "Amended."), seen=first)
    assert [one.is_new for one in edit] == [False]
    assert edit[0].seen.article_id == first[0].seen.article_id


def test_a_changed_link_stays_the_same_article() -> None:
    first = polled(entry("a"))
    moved = polled(entry("a", url="https://ministry.example/corrected"), seen=first)
    assert moved[0].seen.article_id == first[0].seen.article_id


def test_an_older_copy_edits_nothing_but_may_bring_what_was_missed() -> None:
    first = polled(entry("a"))
    again = polled(entry("a", "An earlier wording."), entry("b"), seen=first, stale=True)
    assert [one.entry.key for one in again] == ["b"]


def test_the_same_text_at_the_same_link_under_another_guid_is_one_article() -> None:
    first = polled(entry("a", url="https://ministry.example/x"))
    again = polled(entry("b", url="https://ministry.example/x"), seen=first)
    assert again[0].seen.article_id == first[0].seen.article_id
    assert not again[0].to_read


def test_another_text_at_a_link_that_was_used_before_is_another_article() -> None:
    link = "https://ministry.example/national-day"
    first = polled(entry("2021", url=link))
    next_year = polled(
        entry("2022", "On your thirty-second National Day I send my warm wishes to all.", url=link),
        seen=first,
    )
    assert next_year[0].is_new
    assert next_year[0].seen.article_id != first[0].seen.article_id


def test_a_link_that_an_article_moved_away_from_does_not_name_it_any_more() -> None:
    link = "https://ministry.example/call-15"
    first = polled(entry("a", url=link))
    moved = polled(entry("a", url="https://ministry.example/meeting"), seen=first)
    other = polled(entry("b", "Quite another call took place.", url=link), seen=moved)
    assert other[0].seen.article_id != first[0].seen.article_id


def test_a_session_number_in_a_link_makes_no_new_article() -> None:
    first = polled(entry("k1", url="https://ministry.example/a?sid=1"))
    again = polled(entry("k2", url="https://ministry.example/a?sid=2"), seen=first)
    assert again[0].seen.article_id == first[0].seen.article_id
    assert not again[0].to_read


def test_teasers_with_several_items_on_one_page_stay_apart() -> None:
    page = "https://ministry.example/today"
    both = polled(
        entry("1", "One.", url=page, is_teaser=True), entry("2", "Two.", url=page, is_teaser=True)
    )
    assert len({one.seen.article_id for one in both}) == 2
    assert not any(one.has_page for one in both)


def test_entries_without_links_are_articles_of_their_own() -> None:
    both = polled(*(replace(entry(key, "One."), url=None) for key in "12"))
    assert len({one.seen.article_id for one in both}) == 2


@pytest.mark.parametrize(
    ("ahead", "believed"), [(-HOUR, True), (HOUR, True), (timedelta(days=3), False)]
)
def test_a_date_far_in_the_future_is_unknown(ahead: timedelta, believed: bool) -> None:
    dated = entry("a", published_at=NOON + ahead)
    assert credible_date(dated, NOON) == (NOON + ahead if believed else None)


def test_the_first_day_of_1970_is_unknown() -> None:
    zero = NOON.replace(year=1970, month=1, day=1)
    assert credible_date(entry("a", published_at=zero), NOON) is None

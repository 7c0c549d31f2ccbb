"""What time a question is about. It is asked on Wednesday, 10 April 2019, 15:30 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.questions.time import TimeWindow, find_window, parse_moment, wants_latest

ASKED_AT = datetime(2019, 4, 10, 15, 30, tzinfo=UTC)
LAST_MOMENT = timedelta(days=1) - timedelta(microseconds=1)


def first(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def last(day: str) -> datetime:
    return first(day) + LAST_MOMENT


def bounds(window: TimeWindow | None) -> tuple[str, str]:
    """Its days; an open end is "". Fails where a bound is not a day's first or last moment."""
    assert window is not None
    since, until = window.since, window.until
    assert since is None or since == first(f"{since:%Y-%m-%d}")
    assert until is None or until == last(f"{until:%Y-%m-%d}")
    return (f"{since:%Y-%m-%d}" if since else ""), (f"{until:%Y-%m-%d}" if until else "")


MOVING = [
    ("What did Guterres say about Sudan since March?", "since March", "2019-03-01", ""),
    ("What happened in Libya since november", "since november", "2018-11-01", ""),
    ("Libya from March onwards", "from March onwards", "2019-03-01", ""),
    ("Who spoke since Monday?", "since Monday", "2019-04-08", ""),
    ("latest on Libya since yesterday", "since yesterday", "2019-04-09", ""),
    ("What happened last week in Tripoli?", "last week", "2019-04-01", "2019-04-07"),
    ("Libya this week", "this week", "2019-04-08", "2019-04-14"),
    ("What was said yesterday?", "yesterday", "2019-04-09", "2019-04-09"),
    ("What did he say on Wednesday?", "on Wednesday", "2019-04-10", "2019-04-10"),
    ("What did he say on Thursday?", "on Thursday", "2019-04-04", "2019-04-04"),
    ("Clashes in the past three days", "in the past three days", "2019-04-07", ""),
    ("Clashes over the last few weeks", "over the last few weeks", "2019-03-20", ""),
    ("How many vetoes so far this year?", "so far this year", "2019-01-01", ""),
    ("What has he said recently?", "recently", "2019-03-27", ""),
    (
        "Libya this week. What is new about the talks there?",
        "this week",
        "2019-04-08",
        "2019-04-14",
    ),
]
FIXED = [
    ("What did he say on 4 April 2019?", "on 4 April 2019", "2019-04-04", "2019-04-04"),
    ("Libya April 2019", "April 2019", "2019-04-01", "2019-04-30"),
    ("Who led them in May?", "in May", "2018-05-01", "2018-05-31"),
    (
        "Who was chair from July 2003 to December 2007?",
        "from July 2003 to December 2007",
        "2003-07-01",
        "2007-12-31",
    ),
    ("Talks between 3 and 8 April", "between 3 and 8 April", "2019-04-03", "2019-04-08"),
    ("Statements before May 2019", "before May 2019", "", "2019-04-30"),
    ("Statements until 12 April", "until 12 April", "", "2019-04-12"),
    ("after the 3rd of April 2019", "after the 3rd of April 2019", "2019-04-04", ""),
    ("on or after 3 April 2019", "on or after 3 April 2019", "2019-04-03", ""),
    ("Statements since 4 April 2019", "since 4 April 2019", "2019-04-04", ""),
    ("Who won in 2018?", "in 2018", "2018-01-01", "2018-12-31"),
    ("Who won in the year 2018?", "in the year 2018", "2018-01-01", "2018-12-31"),
    ("Who ruled in the 1990s?", "in the 1990s", "1990-01-01", "1999-12-31"),
]
NO_WINDOW = [
    "Who won the 2018 elections?",
    "Who signed the 2015 agreement?",
    "Who began the 4 April offensive?",
    "What did Theresa May say about Article 50?",
    "How may I vote, and who may march?",
    "Who spoke at Friday prayers or on Black Friday?",
    'Who said "nothing since March"?',
    "Which company, recently scrutinized, wrote 'The last week'?",
    "There was a long report yesterday in Politico. Does the envoy know of it?",
    "",
]


@pytest.mark.parametrize(("question", "phrase", "since", "until"), MOVING)
def test_a_window_that_moves_with_the_asking(
    question: str, phrase: str, since: str, until: str
) -> None:
    window = find_window(question, ASKED_AT)
    assert bounds(window) == (since, until)
    assert window is not None
    assert (window.phrase, window.relative) == (phrase, True)


@pytest.mark.parametrize(("question", "phrase", "since", "until"), FIXED)
def test_a_window_that_stays(question: str, phrase: str, since: str, until: str) -> None:
    window = find_window(question, ASKED_AT)
    assert bounds(window) == (since, until)
    assert window is not None
    assert (window.phrase, window.relative) == (phrase, False)


@pytest.mark.parametrize("question", NO_WINDOW)
def test_no_window(question: str) -> None:
    assert find_window(question, ASKED_AT) is None


def test_hours_are_counted_from_the_moment_of_asking() -> None:
    window = find_window("Libya over the last 24 hours", ASKED_AT)
    assert window is not None
    assert (window.since, window.until) == (ASKED_AT - timedelta(hours=24), None)


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("How did it change between May 2018 and 4 April 2019?", ("2018-05-01", "2019-04-04")),
        ("What did he say in May 2018 and what in June 2018?", ("2018-05-01", "2018-06-30")),
        ("Votes after 3 April and before 10 April", ("2019-04-04", "2019-04-09")),
        ("What is said this week about the ceasefire of 4 May 2018?", ("2019-04-08", "2019-04-14")),
    ],
)
def test_several_times_make_one_window(question: str, days: tuple[str, str]) -> None:
    assert bounds(find_window(question, ASKED_AT)) == days


def test_days_begin_and_end_where_the_asker_is() -> None:
    late = datetime(2019, 4, 10, 22, 30, tzinfo=UTC)
    window = find_window("yesterday", late, ZoneInfo("Africa/Nairobi"))
    assert window is not None
    assert window.since == datetime(2019, 4, 9, 21, tzinfo=UTC)
    assert window.until == datetime(2019, 4, 10, 20, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest on Libya?",
        "His most recent remarks",
        "the newest report",
        "Who is currently chair?",
        "Who leads it now?",
        "Any news on Sudan?",
        "What's new in Sudan?",
        "What is new in Sudan?",
        "Guterres's last statement on Sudan",
    ],
)
def test_wants_the_latest(question: str) -> None:
    assert wants_latest(question)


@pytest.mark.parametrize(
    "question",
    ["By Friday at the latest", "last week", "What was known until now?", "He wrote “the latest”"],
)
def test_does_not_want_the_latest(question: str) -> None:
    assert not wants_latest(question)


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("2019-04-04", first("2019-04-04"), last("2019-04-04")),
        ("4 April 2019", first("2019-04-04"), last("2019-04-04")),
        ("april 4", first("2019-04-04"), last("2019-04-04")),
        ("yesterday", first("2019-04-09"), last("2019-04-09")),
        ("last week", first("2019-04-01"), last("2019-04-07")),
        ("monday", first("2019-04-08"), last("2019-04-08")),
        ("march", first("2019-03-01"), last("2019-03-31")),
        ("may", first("2018-05-01"), last("2018-05-31")),
        ("2018", first("2018-01-01"), last("2018-12-31")),
        ("7d", ASKED_AT - timedelta(days=7), ASKED_AT - timedelta(days=7)),
        ("2w", ASKED_AT - timedelta(days=14), ASKED_AT - timedelta(days=14)),
        ("24h", ASKED_AT - timedelta(hours=24), ASKED_AT - timedelta(hours=24)),
        ("3m", ASKED_AT.replace(month=1), ASKED_AT.replace(month=1)),
        ("now", ASKED_AT, ASKED_AT),
        (
            "2019-04-04T10:00",
            datetime(2019, 4, 4, 10, tzinfo=UTC),
            datetime(2019, 4, 4, 10, tzinfo=UTC),
        ),
    ],
)
def test_a_typed_moment(typed: str, start: datetime, end: datetime) -> None:
    assert parse_moment(typed, ASKED_AT) == start
    assert parse_moment(typed, ASKED_AT, end=True) == end


def test_a_typed_clock_time_is_local_unless_it_says_otherwise() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_moment("2019-04-04T10:00", ASKED_AT, berlin).hour == 8
    assert parse_moment("2019-04-04T10:00Z", ASKED_AT, berlin).hour == 10


@pytest.mark.parametrize(
    "typed", ["", "soon", "999999d", "0-0-0", "2019-04-31", "2019-04-04T99:00", "04/05/2019", "3q"]
)
def test_what_is_no_moment_is_refused_with_the_accepted_forms(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time: write 24h, 7d") as caught:
        parse_moment(typed, ASKED_AT)
    assert "\n" not in str(caught.value)


WORDS = (
    "4 9999 2019 April may March Friday last next past recent week weeks hours ago few to - and "
    "between from in since until before after onwards the of year now ? . \" ' “ ”"
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join),
)
ZONES = st.sampled_from(["UTC", "Africa/Nairobi", "America/New_York"]).map(ZoneInfo)


@given(TEXTS, st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), ZONES)  # noqa: DTZ001
def test_a_window_is_a_slice_with_ordered_ends(
    text: str, asked_at: datetime, zone: ZoneInfo
) -> None:
    window = find_window(text, asked_at.replace(tzinfo=UTC), zone)
    wants_latest(text)
    if window is not None:
        assert text[window.start : window.end] == window.phrase
        assert window.since is None or window.until is None or window.since <= window.until


@given(TEXTS)
def test_a_typed_moment_is_read_or_refused(text: str) -> None:
    try:
        moment = parse_moment(text, ASKED_AT)
    except ValueError:
        return
    assert moment.tzinfo is UTC

"""The schedule: every local day of a schedule once, whatever clocks and zones do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import (
    DAYS,
    GRACE,
    LONGEST_WINDOW,
    WORKING_DAYS,
    Schedule,
    Slot,
    days_words,
    due_now,
    instant_of,
    lateness,
    make_schedule,
    next_slot,
    parse_days,
    parse_time,
    parse_zone,
    previous_slot,
    slots_between,
    window,
)

ZONES = [
    "Europe/Paris",
    "Africa/Tripoli",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Gaza",
    "UTC",
]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

times = st.times().map(lambda held: held.replace(second=0, microsecond=0, fold=0))
zones = st.sampled_from(ZONES).map(ZoneInfo)
some_days = st.sets(st.sampled_from(DAYS), min_size=1).map(
    lambda held: tuple(day for day in DAYS if day in held)
)
schedules = st.builds(Schedule, times, zones, some_days)
# From Apia's move over the date line to the end of Brazil's summer times.
moments = st.integers(0, 10 * 365 * 24 * 60).map(lambda n: utc("2010-01-01") + n * MINUTE)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestWriting:
    @pytest.mark.parametrize(
        ("text", "meant"), [("07:30", time(7, 30)), ("7", time(7)), ("9.05", time(9, 5))]
    )
    def test_times(self, text: str, meant: time) -> None:
        assert parse_time(text) == meant

    @pytest.mark.parametrize("text", ["24:00", "7:60", "noon", "", "07:30:15"])
    def test_what_is_no_time_is_named(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no time of day"):
            parse_time(text)

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("mon-fri", WORKING_DAYS),
            ("Monday, thu", ("mon", "thu")),
            ("daily", DAYS),
            ("fri-mon", ("mon", "fri", "sat", "sun")),
            ("sun", ("sun",)),
        ],
    )
    def test_days(self, text: str, meant: tuple[str, ...]) -> None:
        assert parse_days(text) == meant

    @pytest.mark.parametrize("text", ["", "noday", "mon-", "mon-xyz"])
    def test_what_names_no_days_is_named(self, text: str) -> None:
        with pytest.raises(ValueError, match="names no days"):
            parse_days(text)

    @given(some_days)
    def test_days_are_read_back_from_their_words(self, days: tuple[str, ...]) -> None:
        assert parse_days(days_words(days).replace("every day", "daily")) == days

    def test_zones_whatever_the_case_and_none_that_there_is_not(self) -> None:
        assert parse_zone("europe/paris").key == "Europe/Paris"
        assert parse_zone("America/Sao Paulo").key == "America/Sao_Paulo"
        for wrong in ("Mars/Olympus", "../etc/passwd", ""):
            with pytest.raises(ValueError, match="is no time zone"):
                parse_zone(wrong)


class TestInstant:
    def test_of_a_usual_day_is_what_the_clock_shows(self) -> None:
        found = instant_of(date(2019, 4, 5), time(7, 30), ZoneInfo("Europe/Paris"))
        assert found == utc("2019-04-05 05:30")

    def test_of_a_time_that_the_clock_leaps_over_is_the_first_after_the_leap(self) -> None:
        found = instant_of(date(2019, 3, 31), time(2, 30), ZoneInfo("Europe/Paris"))
        assert found == utc("2019-03-31 01:00")

    def test_of_a_time_that_comes_twice_is_the_first(self) -> None:
        found = instant_of(date(2019, 10, 27), time(2, 30), ZoneInfo("Europe/Paris"))
        assert found == utc("2019-10-27 00:30")

    def test_of_midnight_where_summer_begins_at_midnight(self) -> None:
        found = instant_of(date(2018, 11, 4), time(0, 0), ZoneInfo("America/Sao_Paulo"))
        assert found == utc("2018-11-04 03:00")

    def test_of_a_leap_by_half_an_hour(self) -> None:
        found = instant_of(date(2019, 10, 6), time(2, 15), ZoneInfo("Australia/Lord_Howe"))
        assert found == utc("2019-10-05 15:30")

    def test_of_a_day_that_the_zone_left_out_is_none(self) -> None:
        apia = ZoneInfo("Pacific/Apia")
        assert instant_of(date(2011, 12, 30), time(7, 30), apia) is None
        assert instant_of(date(2011, 12, 29), time(7, 30), apia) == utc("2011-12-29 17:30")
        assert instant_of(date(2011, 12, 31), time(7, 30), apia) == utc("2011-12-30 17:30")

    @given(moments, times, zones)
    def test_is_the_first_at_which_the_clock_stands_there_or_later(
        self, moment: datetime, at: time, zone: ZoneInfo
    ) -> None:
        day = moment.astimezone(zone).date()
        found = instant_of(day, at, zone)
        if found is None:
            assert (zone.key, day) == ("Pacific/Apia", date(2011, 12, 30))
            return
        wanted = datetime.combine(day, at)
        assert found.astimezone(zone).replace(tzinfo=None) >= wanted
        earlier = [found - MINUTE * ahead for ahead in (1, 30, 59, 60, 61, 119)]
        assert all(one.astimezone(zone).replace(tzinfo=None) < wanted for one in earlier)


class TestSlots:
    @given(schedules, moments)
    def test_hold_each_local_day_once_in_order(self, schedule: Schedule, moment: datetime) -> None:
        slots = list(slots_between(schedule, moment, moment + 40 * DAY))
        assert [slot.due_at for slot in slots] == sorted({slot.due_at for slot in slots})
        first, last = slots[0].day, slots[-1].day
        expected = [
            day
            for day in (first + DAY * n for n in range((last - first).days + 1))
            if DAYS[day.weekday()] in schedule.days
            and instant_of(day, schedule.at, schedule.zone) is not None
        ]
        assert [slot.day for slot in slots] == expected

    @given(schedules, moments, st.timedeltas(timedelta(0), 40 * DAY))
    def test_do_not_depend_on_where_a_span_is_cut(
        self, schedule: Schedule, moment: datetime, after: timedelta
    ) -> None:
        end = moment + 40 * DAY
        cut = moment + after
        whole = list(slots_between(schedule, moment, end))
        parts = [*slots_between(schedule, moment, cut), *slots_between(schedule, cut, end)]
        assert parts == whole

    @given(schedules, moments)
    def test_next_and_previous_are_neighbours(self, schedule: Schedule, moment: datetime) -> None:
        slot = next_slot(schedule, moment)
        assert slot.due_at > moment
        assert next_slot(schedule, previous_slot(schedule, slot.due_at).due_at) == slot


class Days:
    """What a process that looks at its clock records, local day by local day."""

    def __init__(self, schedule: Schedule, active_from: datetime, grace: timedelta) -> None:
        self.schedule, self.active_from, self.grace = schedule, active_from, grace
        self.delivered: list[Slot] = []
        self.skipped: list[Slot] = []

    def look(self, now: datetime) -> None:
        # As the scheduler does: what is not too late was called so by a clock that was ahead.
        self.skipped = [slot for slot in self.skipped if slot.due_at <= now - self.grace]
        recorded = {slot.day for slot in (*self.delivered, *self.skipped)}
        due = due_now(self.schedule, recorded, self.active_from, now, self.grace)
        self.skipped += due.missed
        if due.slot is not None:
            assert now - due.slot.due_at <= self.grace
            assert due.slot.due_at <= now
            self.delivered.append(due.slot)

    def check_until(self, now: datetime) -> None:
        recorded = sorted((*self.delivered, *self.skipped), key=lambda slot: slot.due_at)
        until_now = [slot for slot in recorded if slot.due_at <= now]
        assert until_now == list(slots_between(self.schedule, self.active_from, now))
        assert len({slot.day for slot in recorded}) == len(recorded)


class TestDue:
    def test_nothing_before_its_time_and_the_slot_at_its_time(self) -> None:
        schedule = make_schedule("07:30", "Europe/Paris", DAYS)
        begun = paris("2019-04-04 12:00")
        assert due_now(schedule, (), begun, paris("2019-04-05 07:29")).slot is None
        due = due_now(schedule, (), begun, paris("2019-04-05 07:30"))
        assert due.slot == Slot(date(2019, 4, 5), utc("2019-04-05 05:30"))
        assert due.missed == ()

    def test_a_subscription_made_after_todays_time_begins_tomorrow(self) -> None:
        schedule = make_schedule("07:30", "Europe/Paris", DAYS)
        begun = paris("2019-04-05 08:00")
        due = due_now(schedule, (), begun, paris("2019-04-05 09:00"))
        assert (due.slot, due.missed) == (None, ())

    def test_what_is_late_by_the_grace_is_delivered_and_later_is_missed(self) -> None:
        schedule = make_schedule("07:30", "Europe/Paris", DAYS)
        begun = paris("2019-04-04 12:00")
        at = paris("2019-04-05 07:30").astimezone(UTC)
        assert due_now(schedule, (), begun, at + GRACE).slot is not None
        late = due_now(schedule, (), begun, at + GRACE + MINUTE)
        assert late.slot is None
        assert [slot.day for slot in late.missed] == [date(2019, 4, 5)]

    def test_of_several_missed_days_the_newest_is_delivered_if_it_is_in_time(self) -> None:
        schedule = make_schedule("07:30", "Europe/Paris", DAYS)
        due = due_now(schedule, (), paris("2019-04-01 12:00"), paris("2019-04-05 08:00"))
        assert due.slot is not None
        assert due.slot.day == date(2019, 4, 5)
        assert [slot.day.day for slot in due.missed] == [2, 3, 4]

    def test_a_clock_that_is_years_ahead_cannot_spoil_more_than_a_month(self) -> None:
        schedule = make_schedule("07:30", "UTC", DAYS)
        due = due_now(schedule, (), utc("2019-04-01 12:00"), utc("2029-04-01 12:00"))
        assert len(due.missed) <= 31

    @given(
        schedules,
        moments,
        st.lists(st.timedeltas(timedelta(hours=-3), timedelta(days=4)), max_size=60),
        st.timedeltas(timedelta(0), timedelta(hours=6)),
    )
    def test_every_day_is_delivered_or_skipped_once_through_downtime_and_clock_steps(
        self, schedule: Schedule, begun: datetime, steps: list[timedelta], grace: timedelta
    ) -> None:
        days = Days(schedule, begun, grace)
        now = latest = begun
        for step in steps:
            now = max(begun, now + step)
            latest = max(latest, now)
            days.look(now)
        now = max(now, latest) + 2 * DAY
        days.look(now)
        days.check_until(now)

    @given(schedules, moments)
    def test_a_process_that_looks_every_ten_minutes_delivers_every_day(
        self, schedule: Schedule, begun: datetime
    ) -> None:
        days = Days(schedule, begun, GRACE)
        for minutes in range(0, 3 * 24 * 60, 10):
            days.look(begun + minutes * MINUTE)
        assert days.skipped == []
        days.check_until(begun + timedelta(minutes=3 * 24 * 60 - 10))


class TestWindow:
    mon_fri = make_schedule("07:30", "Europe/Paris", WORKING_DAYS)
    monday = Slot(date(2019, 4, 8), utc("2019-04-08 05:30"))

    def test_goes_on_where_the_last_ended(self) -> None:
        found = window(self.mon_fri, self.monday, utc("2019-04-04 05:30"))
        assert (found.since, found.until) == (utc("2019-04-04 05:30"), self.monday.due_at)

    def test_of_a_first_monday_covers_the_weekend(self) -> None:
        assert window(self.mon_fri, self.monday, None).since == utc("2019-04-05 05:30")

    def test_of_a_first_daily_digest_is_a_day_also_when_the_clock_changes(self) -> None:
        daily = make_schedule("07:30", "Europe/Paris", DAYS)
        slot = Slot(date(2019, 3, 31), utc("2019-03-31 05:30"))
        assert window(daily, slot, None).since == utc("2019-03-30 06:30")

    def test_is_never_longer_than_a_week_and_its_clock_change(self) -> None:
        found = window(self.mon_fri, self.monday, utc("2019-01-04 05:30"))
        assert found.until - found.since == LONGEST_WINDOW

    def test_that_would_end_before_it_begins_is_a_usual_one(self) -> None:
        found = window(self.mon_fri, self.monday, self.monday.due_at + DAY)
        assert found.since == utc("2019-04-05 05:30")

    @given(schedules, moments)
    def test_windows_meet_without_gap_or_overlap(self, schedule: Schedule, begun: datetime) -> None:
        told_until = None
        for slot in slots_between(schedule, begun, begun + 30 * DAY):
            found = window(schedule, slot, told_until)
            assert found.since < found.until == slot.due_at
            assert told_until is None or found.since == told_until
            told_until = found.until


def test_lateness_is_told_from_five_minutes_on() -> None:
    due = utc("2019-04-05 05:30")
    assert lateness(due, due + 5 * MINUTE) is None
    assert lateness(due, due + 6 * MINUTE) == 6 * MINUTE

"""The words of digests: days as a reader counts them, counts, what could not be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.page import Line
from bot.render.report_wording import (
    announced_line,
    clock_words,
    closing_lines,
    counts_line,
    day_words,
    duration_words,
    late_note,
    left_out_line,
    moment_words,
    origins_words,
    outage_line,
    period_words,
    quiet_line,
    skipped_note,
    span_line,
    span_words,
    spoken_line,
    status_words,
    title_line,
    unquoted,
    zone_words,
)
from retrieval.outcomes import Statement, Withheld
from retrieval.reports.report import Announcement, Brief, Coverage, FailedSource, Spoken
from retrieval.stories.story import Status
from tests.fakes import briefings

TRIPOLI = ZoneInfo("Africa/Tripoli")
FRIDAY = date(2019, 4, 5)
NOW = datetime(2019, 4, 5, 7, 30, tzinfo=TRIPOLI)


def shown(line: Line) -> str:
    return "".join(span.text for span in line)


class TestWhen:
    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (FRIDAY, "today"),
            (date(2019, 4, 4), "yesterday"),
            (date(2019, 4, 3), "on Wednesday 3 April"),
            (date(2019, 3, 28), "on 28 March"),
            (date(2018, 4, 3), "on 3 April 2018"),
        ],
    )
    def test_a_day_is_named_from_the_readers_day(self, day: date, words: str) -> None:
        assert day_words(day, FRIDAY) == words

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (datetime(2019, 4, 5, 1, 10, tzinfo=UTC), "03:10"),
            (datetime(2019, 4, 4, 16, 0, tzinfo=UTC), "yesterday 18:00"),
            (datetime(2019, 4, 4, 22, 30, tzinfo=UTC), "00:30"),
            (datetime(2019, 4, 1, 5, 30, tzinfo=UTC), "Monday 07:30"),
            (datetime(2019, 3, 28, 5, 30, tzinfo=UTC), "28 March"),
            (datetime(2018, 3, 28, 5, 30, tzinfo=UTC), "28 March 2018"),
        ],
    )
    def test_a_moment_is_told_on_the_readers_clock(self, moment: datetime, words: str) -> None:
        assert moment_words(moment, NOW) == words

    def test_what_lies_a_week_ahead_has_its_date(self) -> None:
        assert clock_words(NOW + timedelta(days=1), NOW) == "Saturday 07:30"
        assert clock_words(NOW + timedelta(days=7), NOW) == "12 April, 07:30"

    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2019, 4, 14), date(2019, 4, 14), "14 Apr"),
            (date(2019, 4, 14), date(2019, 4, 16), "14 to 16 Apr"),
            (date(2019, 4, 30), date(2019, 5, 2), "30 Apr to 2 May"),
        ],
    )
    def test_spans_of_days_name_the_month_once(self, first: date, last: date, words: str) -> None:
        assert span_words(first, last) == words

    @pytest.mark.parametrize(
        ("since", "until", "words"),
        [
            ((2019, 4, 1), (2019, 4, 8), "1 to 7 April 2019"),
            ((2019, 3, 28), (2019, 4, 4), "28 March to 3 April 2019"),
            ((2018, 12, 28), (2019, 1, 4), "28 December 2018 to 3 January 2019"),
            ((2019, 4, 4), (2019, 4, 5), "4 April 2019"),
        ],
    )
    def test_a_period_ends_before_its_end(
        self, since: tuple[int, int, int], until: tuple[int, int, int], words: str
    ) -> None:
        begins, ends = datetime(*since, tzinfo=UTC), datetime(*until, tzinfo=UTC)
        assert period_words(begins, ends) == words

    def test_a_whole_day_has_no_times(self) -> None:
        begins = datetime(2019, 4, 4, tzinfo=TRIPOLI)
        whole = span_line(begins, begins + timedelta(days=1), TRIPOLI)
        assert whole == "Thursday 4 April 2019 (Tripoli)"
        later = span_line(NOW, NOW + timedelta(days=1), TRIPOLI)
        assert later == "5 April 2019, 07:30 to 6 April 2019, 07:30 (Tripoli)"

    @pytest.mark.parametrize(
        ("zone", "words"),
        [("Africa/Tripoli", "Tripoli"), ("America/New_York", "New York"), ("UTC", "UTC")],
    )
    def test_a_zone_is_its_city(self, zone: str, words: str) -> None:
        assert zone_words(zone) == words

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (0, "less than a minute"),
            (1, "1 minute"),
            (40, "40 minutes"),
            (125, "2 hours 5 minutes"),
            (1621, "1 day 3 hours"),
        ],
    )
    def test_durations_have_two_parts_at_most(self, minutes: int, words: str) -> None:
        assert duration_words(timedelta(minutes=minutes)) == words


class TestHeading:
    def test_names_the_readers_day_and_place(self) -> None:
        assert title_line(briefings.heading(shared=False)) == (
            "Your digest · Friday 5 April 2019, 07:30 Tripoli"
        )

    def test_of_a_channel_is_nobodys_own(self) -> None:
        assert title_line(briefings.heading()) == "Digest · Friday 5 April 2019, 07:30 Tripoli"

    @pytest.mark.parametrize(
        ("previous", "since"),
        [
            (NOW - timedelta(days=1), "since Thursday’s digest"),
            (NOW - timedelta(hours=3), "since the digest of 04:30"),
            (NOW - timedelta(days=8), "since the digest of 28 March"),
            (None, "since yesterday 07:30"),
        ],
    )
    def test_counts_from_the_digest_before(self, previous: datetime | None, since: str) -> None:
        heading = briefings.heading(previous_at=previous)
        assert counts_line(briefings.digest(), heading) == (
            f"3 stories, 11 new articles {since} · 12 of 12 sources read"
        )

    def test_without_polled_sources_says_nothing_of_them(self) -> None:
        digest = replace(briefings.digest(), coverage=Coverage(sources=0, articles=1))
        assert counts_line(digest, briefings.heading()).endswith("Thursday’s digest")

    def test_a_quiet_day_says_since_when_for_whom_and_when_the_next_comes(self) -> None:
        assert quiet_line(briefings.quiet_digest(), briefings.heading()) == (
            "Nothing new for #libya-desk since Thursday 07:30 (12 of 12 sources read). "
            "Next digest Saturday 07:30."
        )
        unnamed = briefings.heading(name="", next_at=None)
        assert quiet_line(briefings.quiet_digest(), unnamed) == (
            "Nothing new since Thursday 07:30 (12 of 12 sources read)."
        )


class TestCoverage:
    def test_an_outage_is_no_news(self) -> None:
        coverage = briefings.with_outage(briefings.digest()).coverage
        assert outage_line(coverage, NOW) == (
            "2 of 12 sources could not be read (Ministry A since 03:10, Agency B since "
            "yesterday 18:00): silence from them is not news."
        )

    def test_without_an_outage_nothing_is_said(self) -> None:
        assert outage_line(Coverage(sources=12), NOW) == ""

    def test_many_failed_sources_are_counted(self) -> None:
        failed = tuple(FailedSource(f"Feed {n}", "timed out", None) for n in range(9))
        line = outage_line(Coverage(sources=12, failed=failed), NOW)
        assert "Feed 5 never, and 3 more)" in line
        assert "Feed 6" not in line

    @pytest.mark.parametrize(
        ("count", "line"),
        [
            (0, ""),
            (1, "1 more story fits and is not told here"),
            (2, "2 more stories fit and are not told here"),
        ],
    )
    def test_what_is_left_out_is_counted(self, count: int, line: str) -> None:
        assert left_out_line(count) == line


class TestDelivery:
    def test_what_the_checks_withheld_is_counted(self) -> None:
        told = briefings.digest()
        assert closing_lines(told)[0].endswith("nothing withheld")
        one = replace(told, withheld=(Withheld("Five were killed.", "another number"),))
        assert "1 statement withheld" in closing_lines(one)[0]

    def test_a_late_digest_says_how_late(self) -> None:
        assert late_note(timedelta(minutes=40)) == (
            "This digest is late by 40 minutes: Chancery was not running."
        )

    def test_a_skipped_one_is_owned_up_to(self) -> None:
        assert skipped_note(NOW - timedelta(days=1), NOW) == (
            "The digest of yesterday 07:30 was skipped: Chancery was not running."
        )


class TestStory:
    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (Status.NEW, "NEW"),
            (Status.DEVELOPING, "DEVELOPING, day 3"),
            (Status.CORRECTED, "CORRECTED"),
        ],
    )
    def test_has_a_status(self, status: Status, words: str) -> None:
        story = briefings.story("haftar-orders-march-on-tripoli")
        assert status_words(Brief(story, status, 3, "Headline", ())) == words

    def test_counts_its_origins(self) -> None:
        hanoi = briefings.story("hanoi-ends-without-agreement", "no-deal-in-hanoi")
        first, copy = hanoi.articles
        copied = replace(hanoi, articles=(first, replace(copy, duplicate_of=first.id)))
        assert origins_words(copied) == "2 articles, 1 origin"
        assert origins_words(replace(hanoi, articles=(first,))) == "1 article"

    def test_direct_speech_stands_in_quotation_marks(self) -> None:
        said = Spoken("António Guterres", "UN Secretary-General", "wrote", "No.", True, 3)
        assert shown(spoken_line(said)) == "“No.” — António Guterres, UN Secretary-General [3]"

    def test_reported_speech_does_not(self) -> None:
        said = Spoken("Ahmed al-Mismari", None, "told", "clashes in Gharyan", False, 4)
        assert shown(spoken_line(said)) == "Ahmed al-Mismari, as reported: clashes in Gharyan [4]"

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ("“No,”", "No"),
            ("No,", "No"),
            ("«Non.»", "Non."),
            ("“No” and “never”", "“No” and “never”"),
            ("No.", "No."),
        ],
    )
    def test_quotation_marks_are_not_doubled(self, said: str, words: str) -> None:
        assert unquoted(said) == words

    @given(st.text(max_size=30))
    def test_quoted_words_are_never_changed_within(self, said: str) -> None:
        assert unquoted(said) in said

    def test_what_is_announced_begins_with_its_days(self) -> None:
        statement = Statement("The conference is to be held in Ghadames.", (7,))
        told = Announcement(date(2019, 4, 14), date(2019, 4, 16), statement)
        assert shown(announced_line(told)) == (
            "14 to 16 Apr: The conference is to be held in Ghadames. [7]"
        )

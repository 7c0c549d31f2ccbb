"""Which dates a text mentions, and which days they mean.

The text is published on Tuesday, 9 April 2019, unless a table says otherwise.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.calendar import Precision, moved
from corpus.text.dates import date_mentions, mentions_a_date, parse_moment

PUBLISHED = date(2019, 4, 9)


def days(text: str, published: date | None = PUBLISHED) -> dict[str, str]:
    """Each mention with its days, as `2019-04-04` or `2019-04-04..2019-04-07`."""
    return {
        mention.text: str(mention.first)
        if mention.first == mention.last
        else f"{mention.first}..{mention.last}"
        for mention in date_mentions(text, published)
    }


WRITTEN = [
    ("signed on 4 April 2019.", {"4 April 2019": "2019-04-04"}),
    ("signed on April 4, 2019, in Tunis", {"April 4, 2019": "2019-04-04"}),
    ("the attack of September 11 , 2001 ,", {"September 11 , 2001": "2001-09-11"}),
    ("on Thursday, 4 April, it", {"Thursday, 4 April": "2019-04-04"}),
    ("on April 4th", {"April 4th": "2019-04-04"}),
    ("on Sept. 11", {"Sept. 11": "2019-09-11"}),
    ("the 3rd of April 2019", {"3rd of April 2019": "2019-04-03"}),
    ("published 2019-04-04T10:00:00", {"2019-04-04": "2019-04-04"}),
    ("on 4-Apr-2019", {"4-Apr-2019": "2019-04-04"}),
    ("on 4\u00a0April\u00a02019", {"4\u00a0April\u00a02019": "2019-04-04"}),
    ("a 10 May vote", {"10 May": "2019-05-10"}),
    ("in the 2019/20 season", {"2019/20": "2019-01-01..2020-12-31"}),
    ("the year 2019/2020", {"2019/2020": "2019-01-01..2020-12-31"}),
    ("talks on the eve of 1 May ended", {"1 May": "2019-04-30"}),
    ("à la veille du 1er mai 2019", {"1er mai 2019": "2019-04-30"}),
    ("on the eve of the April summit", {"April": "2019-04-01..2019-04-30"}),
    ("4-7 April 2019", {"4-7 April 2019": "2019-04-04..2019-04-07"}),
    ("14 to 16 April", {"14 to 16 April": "2019-04-14..2019-04-16"}),
    ("between 3 and 5 April", {"3 and 5 April": "2019-04-03..2019-04-05"}),
    ("July 11-12, 2022", {"July 11-12, 2022": "2022-07-11..2022-07-12"}),
    ("from 28 March to 4 April", {"28 March to 4 April": "2019-03-28..2019-04-04"}),
    (
        "from 30 December to 2 January 2019",
        {"30 December to 2 January 2019": "2018-12-30..2019-01-02"},
    ),
    ("in April 2019", {"April 2019": "2019-04-01..2019-04-30"}),
    ("since August of 2021", {"August of 2021": "2021-08-01..2021-08-31"}),
    ("In April the envoy", {"April": "2019-04-01..2019-04-30"}),
    ("in December", {"December": "2018-12-01..2018-12-31"}),
    ("in May", {"May": "2019-05-01..2019-05-31"}),
    ("In March 30 villages fell", {"March": "2019-03-01..2019-03-31"}),
    ("early April", {"early April": "2019-04-01..2019-04-10"}),
    ("in mid-April", {"mid-April": "2019-04-11..2019-04-20"}),
    ("by the end of April 2019", {"end of April 2019": "2019-04-21..2019-04-30"}),
    ("April last year", {"April last year": "2018-04-01..2018-04-30"}),
    ("last December", {"last December": "2018-12-01..2018-12-31"}),
    ("in 2018, it", {"2018": "2018-01-01..2018-12-31"}),
    ("in late 2018", {"late 2018": "2018-09-01..2018-12-31"}),
    ("the second half of 2018", {"second half of 2018": "2018-07-01..2018-12-31"}),
    ("the 2015 agreement", {"2015": "2015-01-01..2015-12-31"}),
    ("(2011)", {"2011": "2011-01-01..2011-12-31"}),
    ("2003–2007", {"2003–2007": "2003-01-01..2007-12-31"}),
    ("the 2018–19 season", {"2018–19": "2018-01-01..2019-12-31"}),
    ("between 2003 and 2007", {"2003 and 2007": "2003-01-01..2007-12-31"}),
    (
        "from July 2003 to December 2007",
        {"July 2003 to December 2007": "2003-07-01..2007-12-31"},
    ),
    ("from 1998 to Apr 2013", {"1998 to Apr 2013": "1998-01-01..2013-04-30"}),
    ("in the 1990s", {"1990s": "1990-01-01..1999-12-31"}),
    ("the late 1920s", {"late 1920s": "1927-01-01..1929-12-31"}),
    (
        "the first half of the 10th century",
        {"first half of the 10th century": "0901-01-01..0950-12-31"},
    ),
    ("nineteenth-century maps", {"nineteenth-century": "1801-01-01..1900-12-31"}),
]
RELATIVE = [
    ("on Tuesday", {"Tuesday": "2019-04-09"}),
    ("on Wednesday", {"Wednesday": "2019-04-03"}),
    ("Wednesday evening", {"Wednesday": "2019-04-03"}),
    ("last Tuesday", {"last Tuesday": "2019-04-02"}),
    ("next Monday", {"next Monday": "2019-04-15"}),
    ("The council will meet on Monday.", {"Monday": "2019-04-15"}),
    ("On Monday the council will meet.", {"Monday": "2019-04-15"}),
    ("He said the talks would resume on Monday.", {"Monday": "2019-04-15"}),
    ("The talks would have resumed on Monday.", {"Monday": "2019-04-08"}),
    ("He said on Monday the council will meet.", {"Monday": "2019-04-08"}),
    ("yesterday", {"yesterday": "2019-04-08"}),
    ("the day before yesterday", {"the day before yesterday": "2019-04-07"}),
    ("today and tomorrow", {"today": "2019-04-09", "tomorrow": "2019-04-10"}),
    ("last night", {"last night": "2019-04-08"}),
    ("last week", {"last week": "2019-04-01..2019-04-07"}),
    ("this month", {"this month": "2019-04-01..2019-04-30"}),
    ("last year's vote", {"last year": "2018-01-01..2018-12-31"}),
    ("over the weekend", {"over the weekend": "2019-04-06..2019-04-07"}),
    ("three days ago", {"three days ago": "2019-04-06"}),
    ("two nights ago", {"two nights ago": "2019-04-07"}),
    ("three weekends ago", {"three weekends ago": "2019-03-23..2019-03-24"}),
    ("two months ago", {"two months ago": "2019-02-01..2019-02-28"}),
    ("the past two weeks", {"past two weeks": "2019-03-26..2019-04-09"}),
]
NO_DATES = [
    "it may happen; they may march",
    "They march on. March to Tripoli!",
    "Theresa May met April Smith",
    "Of the 15, 10 may vote",
    "Sun and Sat and Dec are short",
    "Article 50 and Resolution 2259, by 230 votes",
    "Resolution 1973",
    "2,000 men, 1500 troops, of 1500 soldiers, to 2000 civilians",
    "for $2019 or 2019%",
    "a Black Friday sale, every Friday, Friday prayers, the Sunday Times",
    "USA Today and Russia Today",
    "31 April 2019, 2019-13-45",
    "in the 5th century BC",
    "the next day; the past months; the last week of talks",
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_a_calendar_date(text: str, expected: dict[str, str]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(("text", "expected"), RELATIVE)
def test_a_date_that_counts_from_the_publication(text: str, expected: dict[str, str]) -> None:
    assert days(text) == expected
    assert all(mention.relative for mention in date_mentions(text, PUBLISHED))
    assert days(text, None) == {}


# Published on a Tuesday, 9 April 2019.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on the first Monday of next month", (date(2019, 5, 6), date(2019, 5, 6))),
        ("on the last Sunday of last month", (date(2019, 3, 31), date(2019, 3, 31))),
        ("on the third Thursday in March 2018", (date(2018, 3, 15), date(2018, 3, 15))),
        ("on Friday week", (date(2019, 4, 19), date(2019, 4, 19))),
        ("on Monday fortnight", (date(2019, 4, 29), date(2019, 4, 29))),
        ("after last year's 4 July parade", (date(2018, 7, 4), date(2018, 7, 4))),
        ("at next year's May summit", (date(2020, 5, 1), date(2020, 5, 31))),
        ("The panel was set up in September.", (date(2018, 9, 1), date(2018, 9, 30))),
        ("It has met since September.", (date(2018, 9, 1), date(2018, 9, 30))),
        ("In September the panel broke up.", (date(2018, 9, 1), date(2018, 9, 30))),
        ("The panel will meet in September.", (date(2019, 9, 1), date(2019, 9, 30))),
        ("The panel is to meet in January.", (date(2020, 1, 1), date(2020, 1, 31))),
        ("They agreed to meet in September.", (date(2019, 9, 1), date(2019, 9, 30))),
        ("They agreed on a vote on 3 May.", (date(2019, 5, 3), date(2019, 5, 3))),
        ("on Thursday of last week", (date(2019, 4, 4), date(2019, 4, 4))),
        ("on Monday next week", (date(2019, 4, 15), date(2019, 4, 15))),
        ("The truce holds until Friday.", (date(2019, 4, 12), date(2019, 4, 12))),
        ("By Friday forty people had left.", (date(2019, 4, 5), date(2019, 4, 5))),
        ("By Friday forty people will leave.", (date(2019, 4, 12), date(2019, 4, 12))),
        ("The fighting lasted until Friday.", (date(2019, 4, 5), date(2019, 4, 5))),
        ("She said in September that it would open.", (date(2018, 9, 1), date(2018, 9, 30))),
        ("The envoy may meet him on Monday.", (date(2019, 4, 15), date(2019, 4, 15))),
        ("on the second Tuesday of January", (date(2019, 1, 8), date(2019, 1, 8))),
        ("It will meet on the second Tuesday of January.", (date(2020, 1, 14), date(2020, 1, 14))),
        ("on the third of next month", (date(2019, 5, 3), date(2019, 5, 3))),
        ("on the twenty-first of May 2018", (date(2018, 5, 21), date(2018, 5, 21))),
        ("on the last day of 2018", (date(2018, 12, 31), date(2018, 12, 31))),
        ("in the first week of May", (date(2019, 5, 1), date(2019, 5, 7))),
        ("in the first half of next year", (date(2020, 1, 1), date(2020, 6, 30))),
        ("late last month", (date(2019, 3, 22), date(2019, 3, 31))),
        ("a third of next month's budget", (date(2019, 5, 1), date(2019, 5, 31))),
        ("the first of next month's meetings", (date(2019, 5, 1), date(2019, 5, 31))),
        ("on the thirty-first of February", None),
        ("the fifth Friday of last month", (date(2019, 3, 29), date(2019, 3, 29))),
        ("the fifth Friday of this month", None),
        ("in the first three days of next month", None),
        ("a week from tomorrow", None),
        ("on the second Tuesday of every month", None),
        ("the Friday before last", None),
        ("on the following Monday", None),
        ("a week on Friday", None),
        ("the first Monday after Easter", None),
        ("between 1400 and 1600 hours", None),
        ("from 1900 to 2000 GMT", None),
        ("at 1830 local time", None),
        ("between 1400 and 1600 people", None),
    ],
)
def test_days_that_count_resolve_or_stay_unresolved(
    text: str, found: tuple[date, date] | None
) -> None:
    mentions = date_mentions(text, date(2019, 4, 9))
    assert [(one.first, one.last) for one in mentions] == ([found] if found else [])


@pytest.mark.parametrize("text", NO_DATES)
def test_what_only_looks_like_a_date(text: str) -> None:
    assert days(text) == {}


def test_several_dates_stand_in_order() -> None:
    text = "In 2003, 2005 and 2007 they met; on 4 April 2019 they parted."
    assert list(days(text)) == ["2003", "2005", "2007", "4 April 2019"]


@pytest.mark.parametrize(
    ("text", "published", "first"),
    [
        ("28 December", date(2020, 1, 3), date(2019, 12, 28)),
        ("3 January", date(2019, 12, 28), date(2020, 1, 3)),
        ("29 February", date(2019, 4, 9), date(2020, 2, 29)),
        ("last April", date(2019, 4, 9), date(2018, 4, 1)),
        ("next April", date(2019, 4, 9), date(2020, 4, 1)),
    ],
)
def test_a_missing_year_is_the_nearest(text: str, published: date, first: date) -> None:
    (mention,) = date_mentions(text, published)
    assert mention.first == first


def test_a_missing_year_can_be_held_to_the_past() -> None:
    (mention,) = date_mentions("in May", PUBLISHED, past=True)
    assert mention.first == date(2018, 5, 1)


def test_without_a_publication_date_a_year_is_needed() -> None:
    assert list(days("on 4 April, in May 2019 and on 6 June 2019", None)) == [
        "May 2019",
        "6 June 2019",
    ]


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("on 4 April", Precision.DAY),
        ("in April", Precision.MONTH),
        ("in 2018", Precision.YEAR),
        ("4-7 April", Precision.RANGE),
        ("last week", Precision.RANGE),
        ("last month", Precision.MONTH),
    ],
)
def test_precision(text: str, precision: Precision) -> None:
    (mention,) = date_mentions(text, PUBLISHED)
    assert mention.precision is precision


@pytest.mark.parametrize("text", [*(text for text, _ in WRITTEN), *(text for text, _ in RELATIVE)])
def test_what_resolves_is_a_mention(text: str) -> None:
    assert mentions_a_date(text)


@pytest.mark.parametrize(
    "text", ["two weeks later", "the following day", "in recent months", "a few days ago"]
)
def test_what_cannot_be_resolved_is_a_mention_too(text: str) -> None:
    assert mentions_a_date(text)
    assert days(text) == {}


@pytest.mark.parametrize("text", ["They may march.", "Article 50", "", "He spoke for hours."])
def test_no_mention(text: str) -> None:
    assert not mentions_a_date(text)


def test_a_month_back_from_the_31st_is_its_last_day() -> None:
    assert moved(date(2019, 3, 31), -1, "month") == date(2019, 2, 28)
    assert moved(date(2020, 2, 29), -1, "year") == date(2019, 2, 28)


FORMS = [
    "{d} {B} {y}",
    "{B} {d}, {y}",
    "the {d}th of {B} {y}",
    "{y:04}-{m:02}-{d:02}",
    "{d} {b} {y}",
]
WORDS = (
    "4 30 31 99 2019 1500 April may March Friday last next past week ago three to - – and between "
    "from in since the of early century 10th year 9999 days , ( today ſunday wee\N{KELVIN SIGN}"
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join),
)


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMS))
def test_a_formatted_date_is_found_again(day: date, form: str) -> None:
    written = form.format(d=day.day, m=day.month, y=day.year, B=f"{day:%B}", b=f"{day:%b}")
    (mention,) = date_mentions(f"They signed it on {written}.", None)
    assert (mention.first, mention.last, mention.precision) == (day, day, Precision.DAY)


def test_a_date_that_reads_the_same_in_two_languages_is_one() -> None:
    (mention,) = date_mentions("on 12 September", date(2000, 2, 1))
    assert mention.first == mention.last == date(1999, 9, 12)


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(-180, 180))
def test_a_day_without_its_year_is_within_half_a_year(published: date, shift: int) -> None:
    day = published + timedelta(days=shift)
    if (day.month, day.day) != (2, 29):
        (mention,) = date_mentions(f"on {day.day} {day:%B}", published)
        assert mention.first == day


@given(TEXTS, st.none() | st.dates())
def test_mentions_are_slices_in_order(text: str, published: date | None) -> None:
    position = 0
    for mention in date_mentions(text, published):
        assert text[mention.start : mention.end] == mention.text
        assert position <= mention.start < mention.end
        assert mention.first <= mention.last
        position = mention.end
    mentions_a_date(text)


def test_a_longer_text_takes_longer_in_proportion() -> None:
    sentence = (
        "The Secretary-General said on Thursday, 4 April 2019, that talks would go on in Ghadames "
        "from 14 to 16 April, five years after the 2014 vote and since last week's fighting."
    )

    def least(text: str) -> float:
        """Seconds of this thread's own work at best, whatever else the machine does."""
        taken = []
        for _ in range(7):
            began = time.thread_time()
            date_mentions(text, PUBLISHED)
            taken.append(time.thread_time() - began)
        return min(taken)

    # Ten times the text in ten times the time; a pattern that goes back over it takes a hundred.
    assert least(" ".join([sentence] * 100)) < 40 * least(" ".join([sentence] * 10))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("El enviado llegó a la ciudad el 4 de abril de 2019.", "2019-04-04", "2019-04-04"),
        ("Der Gesandte traf am 4. April 2019 in der Stadt ein.", "2019-04-04", "2019-04-04"),
        ("Посланник прибыл в город 4 апреля 2019 года.", "2019-04-04", "2019-04-04"),
        ("وصل المبعوث إلى المدينة في 4 أبريل/نيسان 2019.", "2019-04-04", "2019-04-04"),
        ("特使于2019年4月4日抵达。", "2019-04-04", "2019-04-04"),
        ("L’envoyé est arrivé hier dans la ville.", "2019-04-17", "2019-04-17"),
        ("Que s'est-il passé la semaine dernière ?", "2019-04-08", "2019-04-14"),
        ("ماذا حدث هناك الأسبوع الماضي؟", "2019-04-08", "2019-04-14"),
        ("Посланник прибыл 3 дня назад.", "2019-04-15", "2019-04-15"),
        ("El enviado llegó el martes.", "2019-04-16", "2019-04-16"),
        ("El enviado viajará el martes a la capital.", "2019-04-23", "2019-04-23"),
        ("Der Gesandte reist kommenden Dienstag in die Stadt.", "2019-04-23", "2019-04-23"),
        ("Der Gesandte traf am Dienstag in der Stadt ein.", "2019-04-16", "2019-04-16"),
        ("Le ministre se rendra mardi prochain dans la ville.", "2019-04-23", "2019-04-23"),
        ("يجتمع المجلس يوم الثلاثاء المقبل في المدينة.", "2019-04-23", "2019-04-23"),
        ("La réunion du 1er au 5 mars 2027 est annulée.", "2027-03-01", "2027-03-05"),
        ("Das Treffen findet vom 3. bis 5. März 2027 statt.", "2027-03-03", "2027-03-05"),
        ("این توافق در ۱۵ فروردین ۱۳۹۸ امضا شد و وزیر آن را پذیرفت.", "2019-04-04", "2019-04-04"),
        ("این توافق در 15 فروردین‌ماه 1398 امضا شد و وزیر رفت.", "2019-04-04", "2019-04-04"),
        ("نشست بعدی در ۲۰ دی برگزار می‌شود و وزیر می‌آید.", "2019-01-10", "2019-01-10"),
        ("در اسفند ۱۳۹۹ سیل آمد و هزاران نفر آواره شدند.", "2021-02-19", "2021-03-20"),
    ],
)
def test_dates_of_other_languages(text: str, first: str, last: str) -> None:
    (found,) = date_mentions(text, date(2019, 4, 18))
    assert (str(found.first), str(found.last)) == (first, last)
    assert found.text == text[found.start : found.end]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("۱۵ فروردین ۱۳۹۸", "2019-04-04 00:00:00+00:00"),
        ("پنجشنبه، 15 فروردین 1398 - 14:30", "2019-04-04 14:30:00+00:00"),
        ("سه‌شنبه ۳ دی ۱۳۹۸", "2019-12-24 00:00:00+00:00"),
        ("۳۰ اسفند ۱۳۹۹", "2021-03-20 00:00:00+00:00"),
        ("۳۰ اسفند ۱۳۹۸", "None"),  # of no leap year
        ("۱۵ فروردین ۲۰۱۹", "None"),
        ("۱۵ فروردین", "None"),
    ],
)
def test_moments_of_the_iranian_calendar(text: str, moment: str) -> None:
    assert str(parse_moment(text, language="fa")) == moment


def test_its_years_are_none_of_ours() -> None:
    text = "این توافق (1398) امضا شد و هر دو طرف از آن استقبال کردند."
    assert days(text) == {}

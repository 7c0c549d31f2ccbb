"""What is announced for a day to come."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from corpus.articles import Article
from corpus.samples import sample_articles
from retrieval.reports.announcements import (
    Announced,
    Outdated,
    announced_by,
    announcements,
    given_up_in,
)
from retrieval.reports.lines import Line, lines_of, passages_of
from retrieval.similarity import Sameness
from retrieval.stories.story import Story
from tests.fakes.articles import stored_article
from tests.fakes.embedding import HashedWords

THURSDAY = datetime(2019, 4, 4, 12, tzinfo=UTC)
FRIDAY = date(2019, 4, 5)


def lines(*articles: Article) -> list[Line]:
    return lines_of(passages_of(Story("story", articles)))


def announced(text: str, day: date = FRIDAY, at: datetime = THURSDAY) -> Announced | None:
    found = lines(stored_article("one", text, published_at=at))
    return announced_by(found[0], day) if found else None


def found_in(*articles: Article, day: date = FRIDAY) -> list[Announced]:
    return announcements(lines(*articles), day, Sameness(HashedWords(dimension=256).encode))


@pytest.mark.parametrize(
    ("sentence", "first", "last"),
    [
        ("The Security Council of the UN is to meet on Libya on Friday.", "04-05", "04-05"),
        (
            "Salamé said that the Libyan conference would be held from 14 to 16 April.",
            "04-14",
            "04-16",
        ),
        ("Donald Tusk called a European Council in Brussels for 10 April.", "04-10", "04-10"),
        ("On 23 April African leaders will meet in Cairo to discuss Sudan.", "04-23", "04-23"),
        (
            "Brexit is now due on 12 April 2019 unless another extension is agreed.",
            "04-12",
            "04-12",
        ),
    ],
)
def test_a_date_ahead_with_a_word_that_announces_it_is_an_announcement(
    sentence: str, first: str, last: str
) -> None:
    found = announced(sentence)
    assert found is not None
    assert (f"{found.first:%m-%d}", f"{found.last:%m-%d}") == (first, last)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Security Council of the UN met on Libya on Wednesday 3 April.",
        "Brexit will take place on 22 May if the House of Commons approves the agreement.",
        "Salamé announced that the Libyan conference would not open on 14 April as planned.",
        "The Libyan conference had been due in Ghadames from 14 to 16 April.",
        "He will meet the leaders of both sides in Tripoli on Friday 5 April.",
        "The Libyan conference is to be held in the middle of the year.",
        "Sarraj and Faki discussed the conference in mid-April and one planned for July.",
        "The European Council will consider the request on Wednesday 10 April.",
    ],
)
def test_the_past_the_conditional_the_cancelled_and_the_vague_are_none(sentence: str) -> None:
    assert announced(sentence) is None


def test_a_day_that_the_reader_is_past_is_not_announced() -> None:
    sentence = "The Security Council of the UN is to meet on Libya on Friday 5 April."
    assert announced(sentence, day=date(2019, 4, 5)) is not None
    assert announced(sentence, day=date(2019, 4, 6)) is None


def test_an_undated_article_announces_nothing() -> None:
    (line,) = lines(
        stored_article("one", "Leaders will meet in Cairo on 23 April.", published_at=None)
    )
    assert announced_by(line, FRIDAY) is None


def test_one_event_is_announced_once_and_the_nearest_comes_first() -> None:
    found = found_in(
        stored_article(
            "a",
            "The United Nations plans to hold the Libyan National Conference at Ghadames "
            "from 14 to 16 April.",
            published_at=THURSDAY,
        ),
        stored_article(
            "b",
            "The Libyan National Conference at Ghadames will be held from 14 to 16 April, "
            "the United Nations said.",
            published_at=THURSDAY,
        ),
        stored_article("c", "Donald Tusk called a European Council in Brussels for 10 April."),
    )
    assert [one.first.day for one in found] == [10, 14]


def test_what_a_later_article_gives_up_is_announced_no_more() -> None:
    plan = stored_article(
        "plan",
        "Ghassan Salamé said that the Libyan National Conference would be held at Ghadames from "
        "14 to 16 April.",
        published_at=datetime(2019, 3, 20, tzinfo=UTC),
    )
    off = stored_article(
        "off",
        "Ghassan Salamé announced that the Libyan National Conference would not open on 14 April.",
        published_at=datetime(2019, 4, 9, tzinfo=UTC),
    )
    assert found_in(plan, day=date(2019, 4, 10))
    assert not found_in(plan, off, day=date(2019, 4, 10))


def test_a_title_that_puts_the_matter_off_counts_too() -> None:
    due = stored_article("due", "Brexit is now due on 12 April 2019.", published_at=THURSDAY)
    put_off = stored_article(
        "off",
        "Leaders agreed on a new date in Brussels in the early hours of Thursday.",
        title="Brexit put off to 31 October 2019 at the latest",
        published_at=datetime(2019, 4, 11, tzinfo=UTC),
    )
    assert found_in(due, day=date(2019, 4, 12)) == found_in(due)
    assert not found_in(due, put_off, day=date(2019, 4, 12))


SATURDAY = date(2019, 4, 6)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Security Council meets behind closed doors on Friday 5 April 2019 to discuss Libya.",
        "The European Council will consider the request in Brussels on Friday.",
        "Talks on the ceasefire would be held in Geneva on Friday 5 April, the envoy said.",
        "On Friday the ministers of the G7 will meet in Dinard.",
        "The Secretary will travel to Ottawa on April 4-5 to meet the Prime Minister.",
        "Later today the President is to address both houses of parliament in Tunis.",
    ],
)
def test_a_plan_is_told_no_more_when_its_day_has_passed(sentence: str) -> None:
    article = stored_article("one", sentence, published_at=THURSDAY)
    assert Outdated(SATURDAY)(sentence, article)
    assert not Outdated(date(2019, 4, 4))(sentence, article)


@pytest.mark.parametrize(
    "sentence",
    [
        "Marit Solvang resigned in Oslo on Thursday 4 April 2019.",
        "Ships will need a permit of the coast guard from Friday.",
        "Algeria’s interim president set the presidential election for Friday 5 April.",
        "The United States will provide 50 million dollars, the Secretary announced today.",
        "The Council meets on Friday and will vote on 10 April.",
        "The Secretary will visit Tunis and Tripoli from 4 to 8 April.",
        "A military council will rule for two years.",
    ],
)
def test_what_was_done_goes_on_or_is_still_ahead_is_told(sentence: str) -> None:
    assert not Outdated(SATURDAY)(sentence, stored_article("one", sentence, published_at=THURSDAY))


def test_an_undated_article_plans_nothing_for_a_day_that_has_passed() -> None:
    sentence = "The leaders will meet in Cairo on 3 April 2019."
    assert Outdated(SATURDAY)(sentence, stored_article("one", sentence, published_at=None))
    later = "The leaders will meet in Cairo on 23 April 2019."
    assert not Outdated(SATURDAY)(later, stored_article("one", later, published_at=None))


PLANNED = "The Libyan National Conference will be held at Ghadames from 14 to 16 April."


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("Note", "The Libyan National Conference would not open on 14 April, the envoy said."),
        ("Note", "The Libyan National Conference at Ghadames has been postponed."),
        ("Note", "The United Nations postponed the Libyan National Conference indefinitely."),
        ("Note", "The National Conference in Libya was called off because of the fighting."),
        ("Note", "The conference at Ghadames in Libya had been due on 14 April."),
        ("Libyan National Conference at Ghadames postponed", "Nobody would travel there now."),
        ("UN puts off Libyan National Conference", "Nobody would travel there now."),
    ],
)
def test_a_plan_that_a_later_text_gives_up_is_told_no_more(title: str, lead: str) -> None:
    plan = stored_article("plan", PLANNED, published_at=THURSDAY)
    later = datetime(2019, 4, 9, tzinfo=UTC)
    off = stored_article("off", lead, title=title, published_at=later)
    earlier = stored_article(
        "off", lead, title=title, published_at=datetime(2019, 4, 3, tzinfo=UTC)
    )
    assert Outdated(date(2019, 4, 10), given_up_in([plan, off]))(PLANNED, plan)
    assert not Outdated(date(2019, 4, 10), given_up_in([plan, earlier]))(PLANNED, plan)


@pytest.mark.parametrize(
    "lead",
    [
        "The Libyan National Conference could be postponed, the envoy said.",
        "The envoy refused to postpone the Libyan National Conference.",
        "The envoy asked the United Nations not to cancel the Libyan National Conference.",
        "The National Conference of Sudan has been postponed.",
        "Nigeria’s presidential election was postponed by a week.",
        "The talks on Libya that were planned for 2 May have been postponed.",
        "The Libyan airport suspended flights on 14 April.",
    ],
)
def test_what_is_only_feared_or_is_another_matter_gives_nothing_up(lead: str) -> None:
    plan = stored_article("plan", PLANNED, published_at=THURSDAY)
    off = stored_article("off", lead, published_at=datetime(2019, 4, 9, tzinfo=UTC))
    assert not Outdated(date(2019, 4, 10), given_up_in([off]))(PLANNED, plan)


def test_the_new_date_of_what_was_put_off_stands() -> None:
    off = stored_article(
        "off",
        "The Libyan National Conference of 14 April has been postponed to 20 May.",
        published_at=datetime(2019, 4, 9, tzinfo=UTC),
    )
    again = "The Libyan National Conference will open in Tunis on 20 May."
    article = stored_article("again", again, published_at=datetime(2019, 4, 9, 8, tzinfo=UTC))
    assert not Outdated(date(2019, 4, 10), given_up_in([off]))(again, article)


def test_the_conference_of_the_sample_is_no_more_as_planned_once_it_is_postponed() -> None:
    read = {one.title: one for one in sample_articles()}
    articles = {
        title: stored_article(
            title[:9], *one.paragraphs, title=title, published_at=one.published_at
        )
        for title, one in read.items()
        if one.published_at
    }
    airport = articles["Both sides claim control of Tripoli’s closed international airport"]
    postponed = articles["Libyan National Conference at Ghadames postponed because of fighting"]
    still = airport.paragraph(4).text
    assert still.endswith("as planned unless compelling circumstances prevented it.")
    given_up = given_up_in(articles.values())
    assert Outdated(date(2019, 4, 10), given_up)(still, airport)
    before = [one for one in given_up if one.article != postponed.id]
    assert not Outdated(date(2019, 4, 10), before)(still, airport)


def test_an_article_about_a_plan_that_has_passed_is_known_by_title_and_lead() -> None:
    to_meet = stored_article(
        "meets",
        "The United Nations Security Council meets behind closed doors on Friday 5 April 2019.",
        title="Note: Security Council to meet on Libya on Friday at British request",
        published_at=datetime(2019, 4, 5, 8, tzinfo=UTC),
    )
    assert Outdated(SATURDAY).title(to_meet)
    assert not Outdated(FRIDAY).title(to_meet)
    asks = stored_article(
        "asks",
        "Theresa May asked for more time on Thursday.",
        title="May asks EU leaders to meet on Friday",
        published_at=THURSDAY,
    )
    assert not Outdated(SATURDAY).title(asks)

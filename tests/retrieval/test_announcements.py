"""What is announced for a day to come."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from corpus.articles import Article
from retrieval.reports.announcements import Announced, announced_by, announcements
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

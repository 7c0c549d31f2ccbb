"""What a summary is asked of, and what it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.report_grammar import scoped
from bot.library import Library
from corpus.quotations.store import QuotationRegister
from retrieval.passages import Filter
from retrieval.reports.summary import SummaryMaker, understand_summary
from tests.retrieval.test_digest_making import Stories

ASKED = datetime(2019, 4, 7, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "topic", "since", "until"),
    [
        ("Libya this week", "Libya", "2019-04-01", "2019-04-07"),
        ("Libya over the past week", "Libya", "2019-04-01", "2019-04-07"),
        ("what is new on Sudan since Monday", "Sudan", "2019-04-01", "2019-04-07"),
        ("Brexit", "Brexit", "2019-03-31", "2019-04-07"),
        ("Summary of Libya, please", "Libya", "2019-03-31", "2019-04-07"),
        (
            "give me a short summary of the talks on Yemen last month",
            "talks on Yemen",
            "2019-03-01",
            "2019-03-31",
        ),
        ("What happened in Algeria in March 2019?", "Algeria", "2019-03-01", "2019-03-31"),
        ("what's new?", "", "2019-03-31", "2019-04-07"),
        ("Iran nuclear deal", "Iran nuclear deal", "2019-03-31", "2019-04-07"),
    ],
)
def test_topic_and_span_are_read_out_of_the_words(
    words: str, topic: str, since: str, until: str
) -> None:
    asked = understand_summary(words, ASKED)
    assert asked.topic == topic
    assert (f"{asked.since:%Y-%m-%d}", f"{asked.until:%Y-%m-%d}") == (since, until)
    assert asked.until <= ASKED


def test_this_week_is_the_last_seven_days_on_a_monday_too() -> None:
    monday = datetime(2019, 4, 8, 9, 0, tzinfo=UTC)
    asked = understand_summary("what is new on Libya this week", monday)
    assert (asked.topic, asked.since, asked.until) == (
        "Libya",
        datetime(2019, 4, 2, tzinfo=UTC),
        monday,
    )
    assert asked.since == scoped("Libya this week", monday, lambda: UTC).since


@pytest.fixture(scope="module")
def maker(sample_library: Library) -> SummaryMaker:
    store = sample_library.corpus
    stories = Stories([change.article for change in store.changes_since(0, 1000)])
    return SummaryMaker(
        stories,
        sample_library.search,
        sample_library.embeddings.encode,
        QuotationRegister(store).of,
        store.version,
        store.newest,
    )


def test_a_week_is_told_story_by_story_with_the_biggest_first(maker: SummaryMaker) -> None:
    asked = understand_summary("Libya this week", ASKED)
    summary = maker.summary(asked.topic, asked.since, asked.until)
    assert summary.briefs
    sizes = [(brief.story.origins, len(brief.story.articles)) for brief in summary.briefs]
    assert sizes == sorted(sizes, reverse=True)
    assert len(summary.coverage.by_day) == 7
    assert sum(count for _, count in summary.coverage.by_day) == summary.coverage.articles
    told = [s.text for brief in summary.briefs for s in brief.happened]
    text = " ".join([*(brief.headline for brief in summary.briefs), *told])
    assert "counter-offensive" in text
    assert "march on Tripoli" in text
    assert "Brexit" not in text
    assert any(brief.disputed for brief in summary.briefs)
    assert any("Ghadames" in one.statement.text for b in summary.briefs for one in b.announced)


@pytest.mark.slow
def test_what_nothing_is_about_gives_the_nearest_paragraphs(maker: SummaryMaker) -> None:
    summary = maker.summary("military observers in Peru", ASKED - timedelta(days=7), ASKED)
    assert summary.briefs == ()
    assert summary.citations == ()
    assert len(summary.nearest) <= 3


def test_places_and_sources_narrow(maker: SummaryMaker) -> None:
    since = ASKED - timedelta(days=7)
    by_place = maker.summary("", since, ASKED, Filter(places=("Algeria",)))
    assert [brief.headline for brief in by_place.briefs] == [
        "Bouteflika resigns as president of Algeria after 20 years"
    ]
    by_source = maker.summary("Libya", since, ASKED, Filter(sources=("sample un desk",)))
    sources = {article.source for brief in by_source.briefs for article in brief.story.articles}
    assert sources == {"Sample UN Desk"}


def test_a_topic_by_its_meaning_finds_its_story(maker: SummaryMaker) -> None:
    since = datetime(2019, 6, 10, tzinfo=UTC)
    summary = maker.summary("attacks on oil tankers", since, since + timedelta(days=6))
    assert summary.briefs
    assert all("tanker" in str(brief.story).casefold() for brief in summary.briefs)


@pytest.mark.slow
def test_of_places_that_are_listed_each_is_told(maker: SummaryMaker) -> None:
    since = datetime(2019, 4, 5, tzinfo=UTC)
    told = {
        topic: {
            article.id
            for brief in maker.summary(topic, since, since + timedelta(days=7), most=20).briefs
            for article in brief.story.articles
        }
        for topic in ("Libya", "Sudan", "Libya and Sudan")
    }
    assert told["Libya"]
    assert told["Sudan"] - told["Libya"]
    assert told["Libya"] | told["Sudan"] <= told["Libya and Sudan"]


@pytest.mark.slow
def test_where_nothing_is_in_the_span_the_newest_before_it_is_told(maker: SummaryMaker) -> None:
    since, until = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 29, tzinfo=UTC)
    of_libya = maker.summary("Libya", since, until).newest
    assert of_libya is not None
    assert of_libya.date() == datetime(2019, 6, 27, tzinfo=UTC).date()
    assert maker.summary("Uruguay", since, until).newest is None
    everything = maker.summary("", since, until).newest
    assert everything is not None
    assert everything > of_libya

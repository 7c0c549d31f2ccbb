"""The bundled sample is sound: it is what a first run reads and what examples cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from corpus.articles import ReadArticle, SourceKind
from corpus.fetch.urls import host_of
from corpus.ingest import ingest
from corpus.samples import sample_articles, sample_sources
from corpus.store.articles import open_store
from corpus.text.calendar import Precision
from corpus.text.dates import date_mentions
from corpus.text.words import paragraph_language
from tests.fakes.databases import new_database

DISPATCHES = list(sample_articles())
DESKS = {source.name: source for source in sample_sources()}
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_WEEKDAY_BEFORE = re.compile(rf"\b({'|'.join(_WEEKDAYS)}),?(?: the)? ?\Z")


def identity(article: ReadArticle) -> str:
    return article.url.rpartition("/")[2]


def test_there_is_enough_to_ask_about() -> None:
    assert len(DISPATCHES) >= 60
    assert sum(len(article.paragraphs) for article in DISPATCHES) >= 120


def test_dispatches_are_dated_and_sorted() -> None:
    dates = [article.published_at for article in DISPATCHES if article.published_at]
    assert len(dates) == len(DISPATCHES)
    assert dates == sorted(dates)


def test_every_address_is_one_article_on_a_reserved_host() -> None:
    assert len({article.id for article in DISPATCHES}) == len(DISPATCHES)
    for article in DISPATCHES:
        assert host_of(article.url).endswith(".example")


def test_desks_are_named_as_samples() -> None:
    assert {article.source for article in DISPATCHES} == set(DESKS)
    assert all(name.startswith("Sample ") for name in DESKS)
    hosts = {host_of(desk.url): name for name, desk in DESKS.items() if desk.url}
    for article in DISPATCHES:
        assert hosts[host_of(article.url)] == article.source


def test_every_kind_of_source_speaks() -> None:
    assert {desk.kind for desk in DESKS.values()} == set(SourceKind)


def test_a_dozen_dispatches_are_in_other_languages() -> None:
    foreign = [article.language for article in DISPATCHES if article.language != "en"]
    assert len(foreign) >= 12
    assert set(foreign) == {"ar", "es", "fr", "ru"}


@pytest.mark.parametrize("article", DISPATCHES, ids=identity)
def test_a_dispatch_has_a_title_and_whole_paragraphs(article: ReadArticle) -> None:
    assert article.title.strip() == article.title
    assert article.title
    assert article.language == DESKS[article.source or ""].language
    for paragraph in article.paragraphs:
        assert paragraph == paragraph.strip()
        assert len(paragraph) > 40
        assert paragraph_language(paragraph, article.language) == article.language
        assert paragraph.count("“") == paragraph.count("”")


@pytest.mark.parametrize("article", DISPATCHES, ids=identity)
def test_weekdays_agree_with_the_dates_beside_them(article: ReadArticle) -> None:
    for day, weekday, words in _weekdays_of_dates(article):
        assert _WEEKDAYS[day.weekday()] == weekday, words


def test_weekdays_do_stand_beside_dates() -> None:
    assert sum(1 for article in DISPATCHES for _ in _weekdays_of_dates(article)) >= 20


def _weekdays_of_dates(article: ReadArticle) -> Iterator[tuple[date, str, str]]:
    assert article.published_at is not None
    for text in (article.title, *article.paragraphs):
        for mention in date_mentions(text, article.published_at.date()):
            if mention.precision is not Precision.DAY or mention.relative:
                continue
            before = _WEEKDAY_BEFORE.search(text[: mention.start])
            inside = re.match("|".join(_WEEKDAYS), mention.text)
            if before or inside:
                weekday = before.group(1) if before else mention.text[: inside.end()]  # type: ignore[union-attr]
                yield mention.first, weekday, f"{weekday} {mention.text}"


def test_the_sample_can_be_stored_and_has_copies(tmp_path: Path) -> None:
    store = open_store(new_database(tmp_path))
    store.put_sources(sample_sources())
    receipt = ingest(store, DISPATCHES, lambda: datetime(2019, 6, 1, tzinfo=UTC))
    assert receipt.new == len(DISPATCHES)
    assert not receipt.failed
    stored = store.articles(article.id for article in DISPATCHES)
    assert {article.kind for article in stored} == {desk.kind for desk in DESKS.values()}
    assert receipt.duplicates >= 1
    store.close()

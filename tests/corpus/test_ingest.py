"""Reading into the store: what becomes of each document, counted in the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.articles import ReadArticle
from corpus.ingest import BATCH_ARTICLES, ingest
from corpus.readers.folders import Refused
from corpus.store.articles import ArticleStore, open_store
from tests.corpus.test_duplicates import IOWA, NAMIBIA, NEBRASKA, TUNISIA, WIRE
from tests.fakes.articles import NOON, days, read_article
from tests.fakes.databases import new_database


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


def original(store: ArticleStore, article: ReadArticle) -> str | None:
    found = store.article(article.id)
    assert found is not None
    return found.duplicate_of


def test_the_receipt_tells_what_became_of_everything(store: ArticleStore) -> None:
    first = read_article("first", *WIRE)
    copy = read_article("copy", *WIRE, source="Another Paper")
    refused = Refused("notes.docx", "not a kind of file that is read")
    receipt = ingest(store, [first, refused, copy], lambda: NOON)
    assert (receipt.new, receipt.updated, receipt.unchanged) == (2, 0, 0)
    assert (receipt.duplicates, receipt.paragraphs, receipt.read) == (1, 8, 2)
    assert receipt.failed == [refused]

    changed = read_article("first", *WIRE[:2])
    dated = read_article("copy", *WIRE, source="Another Paper", author="A. Writer")
    receipt = ingest(store, [changed, dated, dated], lambda: NOON + days(1))
    assert (receipt.new, receipt.updated, receipt.unchanged) == (0, 2, 1)
    assert (receipt.duplicates, receipt.paragraphs) == (0, 2)


def test_reading_everything_again_changes_nothing(store: ArticleStore) -> None:
    articles = [read_article(f"{number}", f"Report number {number}.") for number in range(150)]
    ingest(store, articles, lambda: NOON)
    change = store.last_change()
    receipt = ingest(store, articles, lambda: NOON + days(1))
    assert (receipt.unchanged, receipt.read) == (150, 150)
    assert store.last_change() == change


def test_a_copy_in_the_same_batch_is_linked_to_the_first(store: ArticleStore) -> None:
    first, copy = read_article("first", *WIRE), read_article("copy", *WIRE[:3], source="Another")
    ingest(store, [first, copy], lambda: NOON)
    assert (original(store, first), original(store, copy)) == (None, first.id)


def test_a_copy_in_a_later_batch_is_linked_to_the_first(store: ArticleStore) -> None:
    first, second = read_article("first", *WIRE), read_article("second", *WIRE, source="Another")
    third = read_article("third", *WIRE[:3], source="A Third")
    for article in (first, second, third):
        ingest(store, [article], lambda: NOON)
    assert original(store, second) == original(store, third) == first.id


def test_a_text_that_changes_into_a_copy_and_back(store: ArticleStore) -> None:
    first, own = read_article("first", *WIRE), read_article("own", "Something else was told.")
    ingest(store, [first, own], lambda: NOON)
    ingest(store, [read_article("own", *WIRE)], lambda: NOON + days(1))
    assert original(store, own) == first.id
    ingest(store, [own], lambda: NOON + days(2))
    assert original(store, own) is None


def test_a_text_that_changed_in_the_same_batch_is_compared_as_it_now_stands(
    store: ArticleStore,
) -> None:
    ingest(store, [read_article("first", *WIRE)], lambda: NOON)
    cut = read_article("first", WIRE[0], "The rest of the report was taken back by its agency.")
    other = read_article("other", *WIRE, source="Another Paper")
    ingest(store, [cut, other], lambda: NOON + days(1))
    assert original(store, other) is None


def test_template_texts_are_kept_apart(store: ArticleStore) -> None:
    texts = {"iowa": IOWA, "nebraska": NEBRASKA, "tunisia": TUNISIA, "namibia": NAMIBIA}
    articles = [read_article(name, *text) for name, text in texts.items()]
    receipt = ingest(store, articles, lambda: NOON)
    assert (receipt.new, receipt.duplicates) == (4, 0)


def test_the_same_greeting_a_year_later_is_another_article(store: ArticleStore) -> None:
    first = read_article("2019", *TUNISIA)
    later = read_article("2020", *TUNISIA, published_at=NOON + days(365))
    ingest(store, [first, later], lambda: NOON)
    assert original(store, later) is None


@pytest.mark.parametrize(("ahead", "is_dated"), [(0.9, True), (30, False)])
def test_a_date_of_a_page_that_lies_ahead_is_none(
    store: ArticleStore, ahead: float, is_dated: bool
) -> None:
    read = read_article("a", *TUNISIA, published_at=NOON + days(ahead))
    ingest(store, [replace(read, is_own=True)], lambda: NOON)
    (change,) = store.changes_since(0)
    assert (change.article.published_at is not None) is is_dated


def test_the_same_article_twice_in_one_reading_is_stored_and_then_compared(
    store: ArticleStore,
) -> None:
    first, second = read_article("a", "One."), read_article("a", "One, corrected.")
    receipt = ingest(store, [first, first, second], lambda: NOON)
    assert (receipt.new, receipt.unchanged, receipt.updated) == (1, 1, 1)
    assert store.counts().versions == 2


def test_a_language_is_told_where_the_document_has_none(store: ArticleStore) -> None:
    english, short = (
        read_article("english", *WIRE, language=None),
        read_article("short", "Non.", language=None),
    )
    ingest(store, [english, short], lambda: NOON)
    assert {article.language for article in store.articles([english.id])} == {"en"}
    assert {article.language for article in store.articles([short.id])} == {None}


def test_progress_counts_every_document(store: ArticleStore) -> None:
    seen: list[int] = []
    documents = [
        Refused("x", "no article")
        if number % 10 == 0
        else read_article(f"{number}", f"No {number}.")
        for number in range(BATCH_ARTICLES * 2 + 5)
    ]
    ingest(store, documents, lambda: NOON, seen.append)
    assert seen == [BATCH_ARTICLES, BATCH_ARTICLES * 2, len(documents)]


def test_what_was_stored_before_a_reader_fails_stays_stored(store: ArticleStore) -> None:
    def breaking() -> Iterator[ReadArticle]:
        for number in range(BATCH_ARTICLES + 1):
            yield read_article(f"{number}", f"Report number {number}.")
        raise OSError("the disk was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        ingest(store, breaking(), lambda: NOON)
    assert store.counts().articles == BATCH_ARTICLES
    ingest(store, [read_article("0", "Report number 0.")], lambda: NOON)
    assert store.counts().articles == BATCH_ARTICLES


def test_documents_are_read_only_as_far_as_they_are_stored(store: ArticleStore) -> None:
    taken = 0

    def endless() -> Iterator[ReadArticle]:
        nonlocal taken
        while True:
            taken += 1
            yield read_article(f"{taken}", f"Report number {taken}.")

    class Enough(Exception):
        pass

    def stop(done: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        ingest(store, endless(), lambda: NOON, stop)
    assert store.counts().articles == BATCH_ARTICLES
    assert taken <= BATCH_ARTICLES + 1

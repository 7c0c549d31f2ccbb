"""Retention: old articles go in two steps, so that no index is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from corpus.articles import Withdrawal, article_id
from corpus.ingest import ingest
from corpus.quotations.store import QuotationRegister
from corpus.store import schema
from corpus.store.history import expirable, expire, expired, purge
from tests.fakes.articles import NOON, address, days, read_article
from tests.fakes.indexed import IndexedCorpus

CUTOFF = NOON + days(10)


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[IndexedCorpus]:
    """Two old articles, an undated one that was read of late, and a young one."""
    with IndexedCorpus(tmp_path) as corpus:
        corpus.read(
            read_article("old", "“We agree,” the minister Amal Haddad said in Tripoli."),
            read_article("older", "The envoy left Khartoum.", published_at=NOON - days(400)),
        )
        corpus.read(
            read_article("undated", "Nobody knows when this was written.", published_at=None),
            read_article("young", "The talks go on in Geneva.", published_at=NOON + days(20)),
            at=NOON + days(20),
        )
        yield corpus


def names(corpus: IndexedCorpus, ids: list[str]) -> set[str]:
    found = {
        article_id(address(n)): n for n in ("old", "older", "undated", "young", "first", "copy")
    }
    return {found[one] for one in ids}


def test_an_article_is_as_old_as_its_publication_or_its_first_reading(
    indexed: IndexedCorpus,
) -> None:
    assert names(indexed, expirable(indexed.store, CUTOFF, ())) == {"old", "older"}
    assert names(indexed, expirable(indexed.store, NOON - days(1), ())) == {"older"}


def test_what_is_to_be_kept_is_kept(indexed: IndexedCorpus) -> None:
    kept = {article_id(address("old"))}

    assert names(indexed, expirable(indexed.store, CUTOFF, kept)) == {"older"}


def test_the_first_of_copies_stays_as_long_as_a_copy_is_young(indexed: IndexedCorpus) -> None:
    texts = tuple(f"Sentence {n} of the statement that the ministry gave out." for n in range(9))
    indexed.read(read_article("first", *texts, published_at=NOON + days(9.5)))
    copy = read_article("copy", *texts, source="Other News", published_at=NOON + days(10.5))
    indexed.read(copy, at=NOON + days(10.5))
    stored = indexed.store.article(copy.id)
    assert stored is not None
    assert stored.duplicate_of == article_id(address("first"))

    assert names(indexed, expirable(indexed.store, CUTOFF, ())) == {"old", "older"}
    assert "old" in names(indexed, expirable(indexed.store, NOON + days(11), ()))


def test_expired_articles_are_found_no_more_and_then_gone(indexed: IndexedCorpus) -> None:
    QuotationRegister(indexed.store).catch_up()
    ids = expirable(indexed.store, CUTOFF, ())
    followed = indexed.indexer.position

    expire(indexed.store, ids, NOON + days(30))

    assert purge(indexed.store, followed) == 0, "the indexes have not followed yet"
    indexed.indexer.catch_up()
    assert {key[0] for key in indexed.lexical_keys()} == {
        article_id(address("undated")),
        article_id(address("young")),
    }
    indexed.read(read_article("after", "Something new."), at=NOON + days(31))
    assert purge(indexed.store, indexed.indexer.position) == 2
    assert expired(indexed.store) == 0
    with indexed.store.engine.connect() as connection:
        for table in (schema.versions, schema.paragraphs, schema.sketches, schema.quotations):
            left = set(connection.scalars(select(table.c.article_id)))
            assert not left & set(ids), table.name


def test_indexes_go_on_after_a_purge(indexed: IndexedCorpus) -> None:
    expire(indexed.store, expirable(indexed.store, CUTOFF, ()), NOON + days(30))
    indexed.indexer.catch_up()
    purge(indexed.store, indexed.indexer.position)

    embedded = indexed.read(read_article("after", "Something new came."), at=NOON + days(31))

    assert embedded == 1, "nothing but the new paragraph was embedded again"
    assert indexed.stored_keys() == set(indexed.lexical_keys())


def test_the_newest_change_is_kept_until_another_comes(indexed: IndexedCorpus) -> None:
    ids = expirable(indexed.store, NOON - days(1), ())
    expire(indexed.store, ids, NOON + days(30))
    indexed.indexer.catch_up()

    assert purge(indexed.store, indexed.indexer.position) == 0
    assert indexed.store.last_change() == indexed.indexer.position
    indexed.read(read_article("after", "Something new."), at=NOON + days(31))
    assert purge(indexed.store, indexed.indexer.position) == 1


def test_what_was_retracted_before_goes_too(indexed: IndexedCorpus) -> None:
    indexed.store.withdraw(article_id(address("old")), NOON + days(1))
    indexed.read(read_article("after", "Something new.", published_at=NOON + days(20)))

    expire(indexed.store, expirable(indexed.store, CUTOFF, ()), NOON + days(30))

    article = indexed.store.article(article_id(address("old")))
    assert article is not None
    assert article.withdrawal is Withdrawal.EXPIRED


def test_an_expired_article_that_is_read_again_is_there_again(indexed: IndexedCorpus) -> None:
    old = read_article("old", "“We agree,” the minister Amal Haddad said in Tripoli.")
    expire(indexed.store, [old.id], NOON + days(30))

    ingest(indexed.store, [old], lambda: NOON + timedelta(days=31))

    article = indexed.store.article(old.id)
    assert article is not None
    assert article.withdrawal is None
    indexed.indexer.catch_up()
    assert purge(indexed.store, indexed.indexer.position) == 0

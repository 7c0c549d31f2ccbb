"""The indexes follow the article store: they catch up, and doing so again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.ingest import ingest
from retrieval.encoders.encoder import Vectors
from retrieval.index.indexer import BATCH_PARAGRAPHS
from tests.fakes.articles import NOON, days, read_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus


def assert_in_step(indexed: IndexedCorpus) -> None:
    """Both indexes hold each paragraph of the store once, and know the last change."""
    keys = indexed.stored_keys()
    records = indexed.vector_records()
    assert {tuple(record.split(":")[:2]) for record in records} == {
        (article, str(number)) for article, number in keys
    }
    assert indexed.lexical_keys() == sorted(keys)
    assert indexed.lexical.size == len(keys)
    last = indexed.store.last_change()
    assert (indexed.vectors.position, indexed.lexical.position) == (last, last)
    assert indexed.indexer.pending() == (0, 0)


def test_what_is_stored_is_indexed(indexed: IndexedCorpus) -> None:
    count = indexed.read(read_article("a", "One.", "Two."), read_article("b", "Three."))
    assert count == 3
    assert_in_step(indexed)


def test_an_empty_store_is_caught_up_with(indexed: IndexedCorpus) -> None:
    assert indexed.indexer.catch_up() == 0
    assert_in_step(indexed)


def test_catching_up_again_does_nothing(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "One.", "Two."))
    assert indexed.indexer.catch_up() == 0
    assert_in_step(indexed)


def test_only_what_changed_is_embedded(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "One.", "Two."), read_article("b", "Three."))
    assert indexed.read(read_article("b", "Three, corrected.")) == 1
    assert_in_step(indexed)


def test_what_waits_is_counted(indexed: IndexedCorpus) -> None:
    ingest(indexed.store, [read_article("a", "One.", "Two.")], lambda: NOON)
    assert indexed.indexer.pending() == (1, 2)
    indexed.indexer.catch_up()
    assert indexed.indexer.pending() == (0, 0)


def test_an_article_that_shrinks_leaves_no_paragraph_behind(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "One.", "Two.", "A third one about Ghadames."))
    indexed.read(read_article("a", "One."))
    assert_in_step(indexed)
    assert [passage.key[1] for passage in indexed.search.search("Ghadames", 5)] == [1]


def test_an_article_that_grows(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "One."))
    indexed.read(read_article("a", "Zero.", "One.", "Two."))
    assert_in_step(indexed)


def test_several_versions_between_two_rounds_are_one_step(indexed: IndexedCorpus) -> None:
    for text in ("One.", "Two.", "Three."):
        ingest(indexed.store, [read_article("a", text, text * 2)], lambda: NOON)
    assert indexed.indexer.catch_up() == 2
    assert_in_step(indexed)


def test_two_articles_of_the_same_text_are_both_found(indexed: IndexedCorpus) -> None:
    text = "The envoy met the delegations in the capital and left without an agreement."
    first = read_article("first", text)
    copy = read_article("copy", text, source="Another Paper")
    assert indexed.read(first, copy) == 2
    assert_in_step(indexed)
    found = {passage.article.id for passage in indexed.search.search(text, 5)}
    assert found == {first.id, copy.id}


def test_a_paragraph_that_stands_twice_in_an_article_is_two_paragraphs(
    indexed: IndexedCorpus,
) -> None:
    indexed.read(read_article("a", "The text repeats.", "The text repeats."))
    assert_in_step(indexed)


def test_a_withdrawn_article_is_found_no_more_until_it_returns(indexed: IndexedCorpus) -> None:
    article = read_article("a", "The envoy resigned.")
    indexed.read(article, read_article("b", "The envoy stayed."))
    indexed.store.withdraw(article.id, NOON + days(1))
    assert [passage.article.id for passage in indexed.search.search("resigned", 5)] != [article.id]
    indexed.indexer.catch_up()
    assert_in_step(indexed)
    indexed.read(article)
    assert_in_step(indexed)
    assert len(indexed.stored_keys()) == 2


def test_a_date_that_becomes_known_reaches_the_filters(indexed: IndexedCorpus) -> None:
    from retrieval.passages import Filter

    indexed.read(read_article("a", "The envoy resigned.", published_at=None))
    since = Filter(since=NOON - days(1))
    assert indexed.search.search("envoy", 5, since) == []
    indexed.read(read_article("a", "The envoy resigned."))
    assert len(indexed.search.search("envoy", 5, since)) == 1
    assert_in_step(indexed)


def test_empty_paragraphs_keep_their_numbers_and_are_not_embedded(indexed: IndexedCorpus) -> None:
    assert indexed.read(read_article("a", "One.", "", "Three.")) == 2
    assert_in_step(indexed)


def test_a_long_paragraph_has_all_its_windows(indexed: IndexedCorpus) -> None:
    long = " ".join(f"word{number}" for number in range(300))
    indexed.read(read_article("a", "Short.", long))
    windows = len(indexed.embeddings.windows([long])[0])
    assert windows > 1
    assert len(indexed.vector_records()) == 1 + windows
    assert_in_step(indexed)
    indexed.read(read_article("a", "Short.", "No longer long."))
    assert len(indexed.vector_records()) == 2


def test_progress_adds_up_over_several_batches(tmp_path: Path) -> None:
    articles = [
        read_article(f"{number}", *(f"Line {line} of report {number}." for line in range(50)))
        for number in range(BATCH_PARAGRAPHS // 50 + 5)
    ]
    steps: list[int] = []
    with IndexedCorpus(tmp_path, HashedWords(dimension=8)) as indexed:
        ingest(indexed.store, articles, lambda: NOON)
        count = indexed.indexer.catch_up(steps.append)
        assert count == sum(steps) == len(articles) * 50
        assert len(steps) == 2
        assert_in_step(indexed)


class Breaking(HashedWords):
    """Embeddings that fail while `broken` is set."""

    broken = False

    def encode_paragraphs(self, texts: Sequence[str], space: int) -> list[Vectors]:
        if self.broken:
            raise MemoryError("no memory left")
        return super().encode_paragraphs(texts, space)


def test_a_failure_leaves_the_rest_to_the_next_round(tmp_path: Path) -> None:
    model = Breaking()
    with IndexedCorpus(tmp_path, model) as indexed:
        indexed.read(read_article("a", "One."))
        model.broken = True
        with pytest.raises(MemoryError):
            indexed.read(read_article("b", "Two."))
        assert indexed.indexer.pending() == (1, 1)
        model.broken = False
        assert indexed.indexer.catch_up() == 1
        assert_in_step(indexed)


def test_one_index_that_was_lost_is_built_again(tmp_path: Path) -> None:
    with IndexedCorpus(tmp_path) as indexed:
        indexed.read(read_article("a", "One.", "Two."), read_article("b", "Three."))
        indexed.lexical.clear()
        assert indexed.indexer.catch_up() == 0
        assert_in_step(indexed)
        indexed.vectors.clear()
        assert indexed.indexer.catch_up() == 3
        assert_in_step(indexed)

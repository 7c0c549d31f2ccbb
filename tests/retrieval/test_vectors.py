"""The vector index: replacing, filtering, windows of long paragraphs, and whose model it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.articles import Article
from retrieval.errors import IndexUnavailable, ModelMismatch, OtherStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.vectors import (
    COLLECTION,
    Entry,
    VectorIndex,
    embedded_client,
    server_client,
    store_of,
)
from retrieval.passages import Filter
from tests.fakes.articles import NOON, days, stored_article
from tests.fakes.embedding import HashedWords

MODEL = HashedWords(window=20)
FIRST = stored_article(
    "first", "Haftar ordered his forces to advance.", "The conference was planned in Ghadames."
)
SECOND = stored_article(
    "second",
    "Protesters in Khartoum demanded change.",
    source="Horn Review",
    published_at=NOON + days(7),
)
UNDATED = stored_article("undated", "Notes on Libya.", source=None, published_at=None)


@pytest.fixture
def index(tmp_path: Path) -> VectorIndex:
    opened = VectorIndex(embedded_client(tmp_path), MODEL)
    articles = [FIRST, SECOND, UNDATED]
    opened.apply(articles, entries(*articles), 3)
    return opened


def entries(*articles: Article, model: SentenceEmbeddings = MODEL) -> list[Entry]:
    made: list[Entry] = []
    for article in articles:
        for paragraph in article.paragraphs:
            (pieces,) = model.windows([paragraph.text])
            made += [
                Entry(article, paragraph, number, len(pieces), vector)
                for number, vector in enumerate(model.encode(pieces))
            ]
    return made


def found(index: VectorIndex, text: str, narrow: Filter | None = None) -> list[tuple[str, int]]:
    return [key for key, _ in index.search(MODEL.encode([text])[0], 10, narrow)]


# -- searching ---------------------------------------------------------------------------------


def test_the_nearest_is_first_with_its_cosine(index: VectorIndex) -> None:
    vector = MODEL.encode(["Haftar ordered his forces to advance."])[0]
    (key, cosine), *others = index.search(vector, 10)
    assert key == (FIRST.id, 1)
    assert cosine == pytest.approx(1, abs=1e-5)
    for other, measured in others:
        assert measured == pytest.approx(index.cosines(vector, [other])[other], abs=1e-5)


def test_the_collection_measures_cosine(index: VectorIndex, tmp_path: Path) -> None:
    (collection,) = embedded_client(tmp_path).list_collections()
    configured = collection.configuration["hnsw"]
    assert configured is not None
    assert configured["space"] == "cosine"


def test_no_more_than_asked_for(index: VectorIndex) -> None:
    vector = MODEL.encode(["Libya"])[0]
    assert len(index.search(vector, 2)) == 2
    assert index.search(vector, 0) == []
    assert len(index.search(vector, 1000)) == 4


def test_cosines_of_given_paragraphs(index: VectorIndex) -> None:
    vector = MODEL.encode(["Notes on Khartoum"])[0]
    keys = [(FIRST.id, 2), (SECOND.id, 1), ("0" * 16, 1)]
    cosines = index.cosines(vector, keys)
    assert cosines.keys() == {(FIRST.id, 2), (SECOND.id, 1)}
    expected = float(MODEL.encode([SECOND.paragraphs[0].text])[0] @ vector)
    assert cosines[(SECOND.id, 1)] == pytest.approx(expected, abs=1e-5)
    assert index.cosines(vector, []) == {}


@pytest.mark.parametrize(
    ("narrow", "passing"),
    [
        (Filter(since=NOON), {FIRST.id, SECOND.id}),
        (Filter(until=NOON), {FIRST.id}),
        (Filter(since=NOON + days(1), until=NOON + days(7)), {SECOND.id}),
        (Filter(since=NOON + days(8)), set()),
        (Filter(sources=("Example News",)), {FIRST.id}),
        (Filter(sources=("EXAMPLE news", "Horn Review")), {FIRST.id, SECOND.id}),
        (Filter(since=NOON, sources=("Horn Review",)), {SECOND.id}),
        (Filter(), {FIRST.id, SECOND.id, UNDATED.id}),
    ],
)
def test_what_a_filter_lets_pass(index: VectorIndex, narrow: Filter, passing: set[str]) -> None:
    assert {article for article, _ in found(index, "Libya", narrow)} == passing


# -- long paragraphs ---------------------------------------------------------------------------


def test_a_long_paragraph_is_found_by_its_end(index: VectorIndex) -> None:
    opening = " ".join(f"opening{number}" for number in range(60))
    ending = "Finally the delegates signed the Skhirat accord in December."
    long = stored_article("long", "Short.", f"{opening}. {ending}")
    made = entries(long)
    assert len(made) > 3
    index.apply([long], made, 4)
    assert found(index, ending)[0] == (long.id, 2)
    assert found(index, ending).count((long.id, 2)) == 1
    vector = MODEL.encode([ending])[0]
    best = max(float(entry.vector @ vector) for entry in made if entry.paragraph.number == 2)
    assert index.cosines(vector, [(long.id, 2)])[(long.id, 2)] == pytest.approx(best, abs=1e-5)


# -- following the store -----------------------------------------------------------------------


def test_the_position_survives_reopening(index: VectorIndex, tmp_path: Path) -> None:
    assert (index.position, index.size) == (3, 4)
    index.apply([], [], 9)
    again = VectorIndex(embedded_client(tmp_path), MODEL)
    assert (again.position, again.size) == (9, 4)


def test_applying_the_same_again_changes_nothing(index: VectorIndex) -> None:
    index.apply([FIRST], entries(FIRST), 3)
    assert index.size == 4


def test_a_new_version_replaces_every_paragraph(index: VectorIndex) -> None:
    changed = stored_article("first", "The advance was halted.", version=2)
    index.apply([changed], entries(changed), 4)
    assert index.size == 3
    assert (FIRST.id, 2) not in found(index, "conference Ghadames")
    assert found(index, "The advance was halted.")[0] == (FIRST.id, 1)


def test_a_shorter_paragraph_leaves_no_window_behind(index: VectorIndex) -> None:
    long = stored_article("first", " ".join(f"word{number}" for number in range(100)), version=2)
    index.apply([long], entries(long), 4)
    assert index.size > 4
    short = stored_article("first", "word1 word2", version=3)
    index.apply([short], entries(short), 5)
    assert index.size == 3


def test_a_withdrawn_article_is_gone(index: VectorIndex) -> None:
    withdrawn = stored_article("second", SECOND.paragraphs[0].text, withdrawn_at=NOON)
    index.apply([withdrawn], [], 4)
    assert SECOND.id not in {article for article, _ in found(index, "Khartoum")}


def test_clearing_forgets_everything(index: VectorIndex) -> None:
    index.clear()
    assert (index.position, index.size, found(index, "Libya")) == (0, 0, [])
    index.apply([FIRST], entries(FIRST), 1)
    assert index.size == 2


# -- whose model -------------------------------------------------------------------------------


def test_another_model_is_refused_in_one_sentence(index: VectorIndex, tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch) as raised:
        VectorIndex(embedded_client(tmp_path), HashedWords("another-model"))
    assert "'hashed-words'" in str(raised.value)
    assert "'another-model'" in str(raised.value)
    assert "chancery reindex" in str(raised.value)
    assert index.size == 4


def test_another_model_starts_beside_and_takes_the_place_when_it_is_complete(
    index: VectorIndex, tmp_path: Path
) -> None:
    client, other = embedded_client(tmp_path), HashedWords("another-model", dimension=8)
    anew = VectorIndex(client, other, beside=True)
    assert (anew.position, anew.size) == (0, 0)
    anew.apply([FIRST], entries(FIRST, model=other), 1)
    assert VectorIndex(client, MODEL).size == 4
    anew.complete()
    assert (VectorIndex(client, other).position, VectorIndex(client, other).size) == (1, 2)
    with pytest.raises(ModelMismatch):
        VectorIndex(client, MODEL)


def test_what_was_begun_beside_is_gone_on_with(index: VectorIndex, tmp_path: Path) -> None:
    client, other = embedded_client(tmp_path), HashedWords("another-model", dimension=8)
    VectorIndex(client, other, beside=True).apply([FIRST], entries(FIRST, model=other), 1)
    again = VectorIndex(client, other, beside=True)
    assert (again.position, again.size) == (1, 2)
    third = VectorIndex(client, HashedWords("a-third", dimension=8), beside=True)
    assert (third.position, third.size) == (0, 0)


def test_an_index_that_measures_otherwise_is_refused(tmp_path: Path) -> None:
    client = embedded_client(tmp_path)
    client.create_collection(COLLECTION, metadata={"model": "hashed-words", "position": 0})
    with pytest.raises(IndexUnavailable, match="instead of cosine"):
        VectorIndex(client, MODEL)


# -- whose store -------------------------------------------------------------------------------


def test_the_index_of_another_store_is_refused(tmp_path: Path) -> None:
    client = embedded_client(tmp_path)
    VectorIndex(client, MODEL, "one").apply([FIRST], entries(FIRST), 1)
    assert store_of(client) == "one"
    with pytest.raises(OtherStore, match="another article store"):
        VectorIndex(client, MODEL, "two")
    assert VectorIndex(client, MODEL, "one").size == 2


def test_an_index_from_before_stores_were_told_apart_is_taken_on(tmp_path: Path) -> None:
    client = embedded_client(tmp_path)
    VectorIndex(client, MODEL).apply([FIRST], entries(FIRST), 1)
    own = VectorIndex(client, MODEL, "one")
    own.apply([], [], 2)
    assert store_of(client) == "one"


def test_what_was_begun_beside_for_another_store_is_thrown_away(tmp_path: Path) -> None:
    client = embedded_client(tmp_path)
    VectorIndex(client, MODEL, "one", beside=True).apply([FIRST], entries(FIRST), 1)
    assert VectorIndex(client, MODEL, "two", beside=True).position == 0


def test_an_index_that_another_process_built_anew_is_found_again(tmp_path: Path) -> None:
    client = embedded_client(tmp_path)
    serving = VectorIndex(client, MODEL, "one")
    serving.apply([FIRST], entries(FIRST), 1)
    anew = VectorIndex(client, MODEL, "one", beside=True)
    anew.apply([FIRST], entries(FIRST), 1)
    anew.complete()
    assert found(serving, "Libya")
    assert serving.of_article(FIRST)[1]


# -- what cannot be opened ---------------------------------------------------------------------


def test_a_folder_that_holds_no_index(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("not a folder")
    with pytest.raises(IndexUnavailable, match="cannot be opened"):
        embedded_client(tmp_path)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://example.org", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(IndexUnavailable, match="CHROMA_URL is not"):
        server_client(url)


def test_a_server_that_is_not_there_is_named_without_its_token() -> None:
    with pytest.raises(IndexUnavailable, match=r"127\.0\.0\.1 cannot be reached") as raised:
        server_client("http://127.0.0.1:9", token="s3cret")
    assert "s3cret" not in str(raised.value)


def test_the_vectors_that_are_stored_are_those_that_were_given(
    index: VectorIndex, tmp_path: Path
) -> None:
    given = entries(FIRST)[0]
    (row,) = (
        embedded_client(tmp_path)
        .get_collection(COLLECTION)
        .get(ids=[f"{FIRST.id}:1:0"], include=["embeddings"])["embeddings"]
    )
    assert np.allclose(row, given.vector, atol=1e-6)

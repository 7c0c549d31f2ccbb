"""Two models side by side: which texts each reads, what a question finds, what is loaded when."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.ingest import ingest
from retrieval.encoders.encoder import common_of, without_common
from retrieval.errors import ModelMismatch
from retrieval.index.indexer import Indexer, beside, finish_taking_over, take_over
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex, embedded_client
from tests.fakes.articles import NOON, read_article, stored_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus

ENGLISH = read_article("en", "The envoy met the parties in Tripoli.")
ARABIC = read_article("ar", "التقى المبعوث الأطراف في طرابلس Tripoli.", language="ar")
FRENCH = read_article("fr", "L'envoyé a rencontré les parties à Tripoli.", language="fr")


@pytest.fixture
def words() -> HashedWords:
    return HashedWords(others="hashed-others")


def found(indexed: IndexedCorpus, text: str) -> set[str]:
    vectors = indexed.embeddings.encode_questions([text])
    return {key[0] for key in indexed.vectors.nearest(vectors, 5)[0]}


def test_each_paragraph_is_read_by_the_model_of_its_language(
    tmp_path: Path, words: HashedWords
) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        assert indexed.read(ENGLISH, ARABIC, FRENCH) == 3
        assert words.english.encoded == [*ENGLISH.paragraphs]
        assert words.others is not None
        assert words.others.encoded == [*ARABIC.paragraphs, *FRENCH.paragraphs]
        assert len(found(indexed, "Tripoli")) == 3
        assert indexed.vectors.position == indexed.store.last_change()


def test_the_second_model_is_not_asked_before_something_needs_it(
    tmp_path: Path, words: HashedWords
) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH)
        found(indexed, "Où est l'envoyé de Tripoli aujourd'hui?")
        words.encode(["Une phrase assez longue pour que sa langue soit reconnue sans doute."])
        assert words.others is not None
        assert words.others.encoded == []
        indexed.read(FRENCH)
        assert len(found(indexed, "Tripoli")) == 2


def test_a_question_has_its_cosine_in_each_space(tmp_path: Path, words: HashedWords) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH, ARABIC)
        vectors = words.encode_questions([ENGLISH.paragraphs[0], "طرابلس"])
        keys = sorted(indexed.stored_keys())
        cosines = indexed.vectors.cosines_to(vectors, keys)
        article = {one.url: one.id for one in indexed.store.articles(key[0] for key in keys)}
        assert cosines[article[ENGLISH.url], 1][0] == pytest.approx(1, abs=1e-5)
        # The English model knows nothing of a question in another script.
        assert cosines[article[ENGLISH.url], 1][1] == 0
        assert cosines[article[ARABIC.url], 1][1] > 0.2


def test_a_name_is_found_in_another_script(tmp_path: Path, words: HashedWords) -> None:
    poison = read_article("poison", "Das Gift war in einer Flasche im Keller.", language="de")
    envoy = read_article("envoy", "وصل المبعوث غوتيريش إلى مقر البعثة.", language="ar")
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH, poison, envoy)
        found = indexed.search.search("where did Guterres go after this?", 2)
        assert found[0].article.url == envoy.url
        lexical = indexed.lexical
        assert lexical.spoken("who gave the gift to the envoy?") == "en"
        assert lexical.spoken("Haftar Guterres") is None
        key = found[0].key
        assert lexical.in_other_languages([key], "en") == {key}
        assert lexical.in_other_languages([key], "ar") == set()


def test_vectors_that_are_read_back_stand_in_their_space(
    tmp_path: Path, words: HashedWords
) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH, ARABIC)
        for given, place in ((ENGLISH, slice(32)), (ARABIC, slice(32, 64))):
            (article,) = (
                one
                for one in indexed.store.articles(key[0] for key in indexed.stored_keys())
                if one.url == given.url
            )
            rows, numbers = indexed.vectors.of_article(article)
            assert (rows.shape, numbers) == ((1, 64), [1])
            assert np.linalg.norm(rows[0, place]) == pytest.approx(1, abs=1e-5)
            assert np.linalg.norm(rows[0]) == pytest.approx(1, abs=1e-5)
            assert np.allclose(
                indexed.vectors.of_paragraphs([(article.id, 1)])[article.id, 1], rows
            )


def test_a_second_model_reads_what_is_there_and_only_that(tmp_path: Path) -> None:
    with IndexedCorpus(tmp_path, HashedWords()) as indexed:
        indexed.read(ENGLISH, ARABIC)
    words = HashedWords(others="hashed-others")
    with IndexedCorpus(tmp_path, words) as indexed:
        assert indexed.indexer.catch_up() == 1
        assert words.english.encoded == []
        assert words.others is not None
        assert words.others.encoded == [*ARABIC.paragraphs]
        assert indexed.vectors.position == indexed.store.last_change()


def test_without_the_second_model_what_it_made_is_refused(
    tmp_path: Path, words: HashedWords
) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH, ARABIC)
    with pytest.raises(ModelMismatch, match=r"MULTILINGUAL_MODEL names none.*chancery reindex"):
        VectorIndex(embedded_client(tmp_path), HashedWords())


def test_one_model_takes_the_place_of_two(tmp_path: Path, words: HashedWords) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        indexed.read(ENGLISH, ARABIC)
        alone = HashedWords()
        anew = VectorIndex(indexed.client, alone, beside=True)
        Indexer(indexed.store, anew, indexed.lexical, alone).catch_up()
        anew.complete()
        assert VectorIndex(indexed.client, HashedWords()).size == 2
        assert [one.name for one in indexed.client.list_collections()] == ["paragraphs"]


# -- the lexical index, built anew ------------------------------------------------------------


def filled(folder: Path, *names: str) -> None:
    index = LexicalIndex(folder)
    index.apply([stored_article(name, f"The {name} spoke.") for name in names], len(names))
    index.close()


def position(folder: Path) -> int:
    index = LexicalIndex(folder)
    try:
        return index.position
    finally:
        index.close()


def test_a_lexical_index_takes_the_others_place(tmp_path: Path) -> None:
    filled(tmp_path, "envoy")
    filled(beside(tmp_path), "envoy", "minister")
    take_over(tmp_path)
    assert position(tmp_path) == 2
    assert not beside(tmp_path).exists()


def test_what_is_not_complete_waits_beside(tmp_path: Path) -> None:
    filled(tmp_path, "envoy")
    filled(beside(tmp_path), "envoy", "minister")
    finish_taking_over(tmp_path)
    assert position(tmp_path) == 1
    assert position(beside(tmp_path)) == 2


def test_a_process_that_ends_between_two_steps_loses_nothing(tmp_path: Path) -> None:
    filled(tmp_path, "envoy")
    filled(beside(tmp_path), "envoy", "minister")
    (current,) = tmp_path.glob("lexical-*")
    # The first step of `take_over`, and no more.
    shutil.move(current, beside(tmp_path) / "replaced")
    finish_taking_over(tmp_path)
    assert position(tmp_path) == 2
    assert not beside(tmp_path).exists()


# -- cosines ----------------------------------------------------------------------------------


def test_what_languages_have_in_common_is_taken_out() -> None:
    dice = np.random.default_rng(7)
    meanings = dice.normal(size=(40, 64)).astype(np.float32)
    everywhere = 8 * dice.normal(size=64).astype(np.float32)
    own = 4 * dice.normal(size=(3, 64)).astype(np.float32)
    languages = [meanings + everywhere + one for one in own]
    plain = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in languages]
    before = float(np.mean(np.triu(plain[0] @ plain[0].T, 1)[np.triu_indices(40, 1)]))
    apart = [without_common(rows, common_of(plain)) for rows in plain]
    after = float(np.mean((apart[0] @ apart[0].T)[np.triu_indices(40, 1)]))
    assert before > 0.8
    assert abs(after) < 0.1
    assert np.mean(np.sum(apart[0] * apart[1], axis=1)) > 0.9


def test_catching_up_twice_reads_each_language_once(tmp_path: Path, words: HashedWords) -> None:
    with IndexedCorpus(tmp_path, words) as indexed:
        ingest(indexed.store, [ENGLISH, ARABIC], lambda: NOON)
        assert indexed.indexer.pending() == (2, 2)
        assert indexed.indexer.catch_up() == 2
        assert indexed.indexer.catch_up() == 0

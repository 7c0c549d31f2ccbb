"""Reading the first passages with the question: what it may change, and a hub model made here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.cross_encoder import HubScorer, RememberingReader, Titled, make_reader
from retrieval.encoders.encoder import Vectors
from retrieval.errors import RerankerModelError
from retrieval.questions.understand import Question, understand
from retrieval.search.retriever import RERANKED
from tests.fakes.articles import NOON, read_article
from tests.fakes.indexed import IndexedCorpus

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the envoy left convoy talks rain libya on .".split()


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one small layer with random weights, saved as sentence-transformers do."""
    return make_model(tmp_path_factory.mktemp("model"), labels=1)


def make_model(folder: Path, labels: int) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, num_labels=labels,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(vocabulary), model_max_length=64).save_pretrained(folder)
    return folder


class Likes:
    """A reader that likes texts with a word, and notes what it was given."""

    name = "likes"

    def __init__(self, word: str, *, languages: Sequence[str | None] = ("en", None)) -> None:
        self._word = word
        self._languages = languages
        self.read: list[str] = []

    def load(self) -> None:
        return None

    def reads(self, text: str, language: str | None) -> bool:
        return language in self._languages

    def score(self, question: str, texts: Sequence[str], *, seconds: float = 1) -> Vectors:
        self.read += texts
        return np.array([9.0 if self._word in text else -9.0 for text in texts], dtype=np.float32)

    def score_sentences(
        self, question: str, texts: Sequence[Titled], *, seconds: float = 1
    ) -> list[Vectors]:
        raise AssertionError("a search asks for no sentences")


REPORTS = [read_article(f"r{n}", f"The envoy left {'talks ' * n} number{n}.") for n in range(20)]


def asked(text: str = "the envoy left talks") -> Question:
    return understand(text, NOON)


def test_what_the_reader_likes_comes_first_and_scores_still_fall(indexed: IndexedCorpus) -> None:
    indexed.read(*REPORTS[:6])
    liked = indexed.search.find(asked(), 6)[3]
    reader = Likes(liked.text.split()[-1])
    found = indexed.searching(reader).find(asked(), 6)
    assert found[0].key == liked.key
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert {one.key for one in found} == {one.key for one in indexed.search.find(asked(), 6)}


def test_only_the_first_are_read_with_their_titles_and_none_is_lost(
    indexed: IndexedCorpus,
) -> None:
    indexed.read(*REPORTS)
    reader = Likes("nothing")
    found = indexed.searching(reader).find(asked(), 20)
    first = indexed.search.find(asked(), 20)
    assert [one.key for one in found] == [one.key for one in first]
    assert reader.read == [f"{one.article.title}\n{one.text}" for one in first[:RERANKED]]


def test_a_topic_is_not_read(indexed: IndexedCorpus) -> None:
    indexed.read(*REPORTS[:3])
    reader = Likes("talks")
    indexed.searching(reader).search("the envoy left talks")
    assert reader.read == []


def test_what_is_in_another_language_is_not_read_and_not_lost(indexed: IndexedCorpus) -> None:
    indexed.read(*REPORTS[:3], read_article("fr", "The envoy left, en français.", language="fr"))
    reader = Likes("nothing")
    found = indexed.searching(reader).find(asked(), 4)
    assert len(found) == 4
    assert not any("français" in text for text in reader.read)


class Unhurried:
    """A clock on which every look takes ten seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


def test_what_there_was_no_time_for_keeps_its_place(
    tiny_model: Path, indexed: IndexedCorpus
) -> None:
    indexed.read(*REPORTS)
    slow = RememberingReader(HubScorer(str(tiny_model)), every_language=True, clock=Unhurried())
    found = indexed.searching(slow).find(asked(), 20)
    assert {one.key for one in found} == {one.key for one in indexed.search.find(asked(), 20)}


def test_a_hub_reader_scores_as_its_library_does(tiny_model: Path) -> None:
    from sentence_transformers import CrossEncoder

    texts = [f"the envoy left {'talks ' * n}" for n in range(6)]
    reader = make_reader(str(tiny_model))
    assert reader is not None
    expected = CrossEncoder(str(tiny_model), device="cpu").predict(
        [("the envoy", text) for text in texts]
    )
    assert np.allclose(reader.score("the envoy", texts), expected, atol=1e-5)
    assert reader.reads("大使", "zh")


@pytest.mark.parametrize("name", ["no/such-model", ""])
def test_a_model_that_cannot_be_loaded_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(RerankerModelError, match="RERANKER_MODEL"):
        HubScorer(name or str(tmp_path)).load()


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(RerankerModelError, match="gives 3 scores"):
        HubScorer(str(make_model(tmp_path, labels=3))).load()

"""The optional cross-encoder: a real one, tiny and made here, and how time bounds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.errors import RerankerModelError
from retrieval.passages import Passage
from retrieval.search.reranking import PORTION, CrossEncoderReranker
from retrieval.search.retriever import RERANKED
from tests.fakes.articles import read_article, stored_article
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


def passages(count: int) -> list[Passage]:
    articles = [stored_article(f"a{n}", f"The envoy left {'talks ' * n}.") for n in range(count)]
    return [Passage(one, one.paragraph(1), 1 - n / 100) for n, one in enumerate(articles)]


def test_the_model_decides_the_order_and_scores_still_fall(tiny_model: Path) -> None:
    from sentence_transformers import CrossEncoder

    found = passages(6)
    reordered = CrossEncoderReranker(str(tiny_model)).reordered("the envoy", found)
    pairs = [("the envoy", f"{one.article.title}\n{one.text}") for one in found]
    scores = CrossEncoder(str(tiny_model), device="cpu").predict(pairs)
    best = sorted(range(6), key=lambda place: -scores[place])
    assert [one.key for one in reordered] == [found[place].key for place in best]
    assert [one.score for one in reordered] == [one.score for one in found]


def test_only_the_first_are_read_and_none_is_lost(tiny_model: Path) -> None:
    found = passages(RERANKED + 4)
    reordered = CrossEncoderReranker(str(tiny_model)).reordered("libya", found)
    assert {one.key for one in reordered} == {one.key for one in found}
    assert [one.key for one in reordered[RERANKED:]] == [one.key for one in found[RERANKED:]]


def test_when_time_is_up_the_rest_stays_as_it_was(tiny_model: Path) -> None:
    found = passages(RERANKED)
    ticks = iter(range(0, 1_000, 10))
    slow: Callable[[], float] = lambda: float(next(ticks))  # noqa: E731
    reordered = CrossEncoderReranker(str(tiny_model), seconds=5, clock=slow).reordered(
        "rain", found
    )
    assert {one.key for one in reordered[:PORTION]} == {one.key for one in found[:PORTION]}
    assert [one.key for one in reordered[PORTION:]] == [one.key for one in found[PORTION:]]


def test_nothing_found_is_nothing_to_reorder(tiny_model: Path) -> None:
    assert CrossEncoderReranker(str(tiny_model)).reordered("rain", []) == []


def test_a_search_with_a_reranker_gives_its_order(tiny_model: Path, indexed: IndexedCorpus) -> None:
    indexed.read(*(read_article(f"r{n}", f"The envoy left {'talks ' * n}.") for n in range(5)))
    plain = indexed.search.search("the envoy left talks", 5)
    reranker = CrossEncoderReranker(str(tiny_model))
    with_reranker = indexed.searching(reranker).search("the envoy left talks", 5)
    expected = reranker.reordered("the envoy left talks", plain)
    assert [one.key for one in with_reranker] == [one.key for one in expected]


@pytest.mark.parametrize("name", ["no/such-model", ""])
def test_a_model_that_cannot_be_loaded_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(RerankerModelError, match="RERANKER_MODEL"):
        CrossEncoderReranker(name or str(tmp_path)).load()


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(RerankerModelError, match="gives 3 scores"):
        CrossEncoderReranker(str(make_model(tmp_path, labels=3))).load()

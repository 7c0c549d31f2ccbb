"""Models that sentence-transformers loads, here a tiny one, and the prompts of families."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders.encoder import BGE, E5, Prompts, documented_prompts
from retrieval.encoders.hub import HubEncoder
from retrieval.errors import EmbeddingModelError

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] the envoy left talks rain libya on . : query passage".split()
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of one small layer, in a folder named like an e5 model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(11)
    plain = tmp_path_factory.mktemp("plain")
    (plain / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=40, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(str(plain / "vocab.txt"), model_max_length=40).save_pretrained(plain)
    transformer = Transformer(str(plain), max_seq_length=40)
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    folder = tmp_path_factory.mktemp("hub") / "e5-small-tiny"
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(folder))
    return folder


def loaded(folder: Path) -> HubEncoder:
    return HubEncoder(str(folder))


def test_documented_prompts_are_put_before_texts(tiny: Path) -> None:
    encoder = loaded(tiny)
    model = encoder._model()
    texts = ["the envoy left", "rain on libya"]
    queries = model.encode([f"query: {text}" for text in texts], normalize_embeddings=True)
    passages = model.encode([f"passage: {text}" for text in texts], normalize_embeddings=True)
    assert np.allclose(encoder.encode_query(texts), queries, atol=1e-5)
    assert np.allclose(encoder.encode_document(texts), passages, atol=1e-5)
    assert not np.allclose(queries, passages, atol=1e-3)


def test_a_models_own_prompts_come_first(tiny: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny), prompts={"query": "talks ", "document": ""})
    folder = tmp_path / "e5-small-own"
    model.save(str(folder))
    (found,) = loaded(folder).encode_query(["the envoy"])
    (expected,) = model.encode(["talks the envoy"], normalize_embeddings=True)
    assert np.allclose(found, expected, atol=1e-5)


def test_dimension_window_and_similarity_are_the_models(tiny: Path) -> None:
    encoder = loaded(tiny)
    assert encoder.dimension == 16
    assert encoder.similarity == "cosine"
    # Of 40 tokens two are control tokens, two the prompt's, and some are kept spare.
    assert 28 <= encoder.window <= 36


def test_windows_cover_a_long_text(tiny: Path) -> None:
    encoder = loaded(tiny)
    text = "the envoy left talks on libya . " * 20
    (pieces,) = encoder.windows([text])
    assert len(pieces) > 4
    assert pieces[0] == text[: len(pieces[0])]
    assert text.endswith(pieces[-1])
    assert all(len(piece.split()) <= encoder.window for piece in pieces)


def test_vectors_come_in_the_order_of_the_texts(tiny: Path) -> None:
    encoder = loaded(tiny)
    texts = ["rain", "the envoy left talks on libya .", "rain"] * 30
    vectors = encoder.encode_document(texts)
    assert np.allclose(vectors[0], vectors[2], atol=1e-5)
    assert np.allclose(vectors[1], encoder.encode_document([texts[1]])[0], atol=1e-5)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode_query([]).shape == (0, 16)


def test_a_model_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(EmbeddingModelError, match="'/nowhere/a-model' could not be loaded"):
        HubEncoder("/nowhere/a-model").load()


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("intfloat/multilingual-e5-small", E5),
        ("/models/e5-large-v2/", E5),
        ("intfloat/multilingual-e5-large-instruct", Prompts()),
        ("intfloat/e5-mistral-7b-instruct", Prompts()),
        ("BAAI/bge-small-en-v1.5", BGE),
        ("BAAI/bge-m3", Prompts()),
        ("thenlper/gte-base", Prompts()),
        ("nomic-ai/nomic-embed-text-v1.5", Prompts("search_query: ", "search_document: ")),
        ("Snowflake/snowflake-arctic-embed-m", BGE),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", Prompts("query: ")),
        ("sentence-transformers/all-MiniLM-L6-v2", Prompts()),
        ("someone/see5-small", Prompts()),
    ],
)
def test_prompts_are_known_by_family(name: str, prompts: Prompts) -> None:
    assert documented_prompts(name) == prompts

"""The packaged model: unit vectors, and nothing of a long paragraph is cut off."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.encoders.encoder import OVERLAP, OnnxEncoder
from retrieval.errors import EmbeddingModelError
from retrieval.index.embedding import SentenceEmbeddings, make_embeddings
from tests.conftest import examples

LONG = " ".join(
    f"On day {number} the envoy met delegation {number * 7} in the capital." for number in range(90)
)
KOREAN = (
    "리비아 내전의 평화적 해결을 위한 회담이 트리폴리에서 열렸다고 외교부 대변인이 밝혔다. " * 5
)


def encoder_of(embeddings: SentenceEmbeddings, text: str) -> OnnxEncoder:
    """The model in whose space a text stands."""
    encoder = embeddings.encoders[embeddings.space_of(text, None)]
    assert isinstance(encoder, OnnxEncoder)
    return encoder


def tokens(embeddings: SentenceEmbeddings, text: str, whole: str = "") -> int:
    """How many tokens the model of a text, or of the whole that it is a piece of, reads."""
    (numbers,) = encoder_of(embeddings, whole or text)._ready()[1].encode([text])
    return len(numbers)


def test_vectors_have_unit_length_and_the_stated_dimension(embeddings: SentenceEmbeddings) -> None:
    vectors = embeddings.encode(["The envoy left Tripoli.", "", LONG])
    assert vectors.shape == (3, embeddings.dimension) == (3, 768)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_has_no_vectors(embeddings: SentenceEmbeddings) -> None:
    assert embeddings.encode([]).shape == (0, embeddings.dimension)
    assert embeddings.windows([]) == []


def test_a_vector_does_not_depend_on_its_neighbours(embeddings: SentenceEmbeddings) -> None:
    text = "Haftar ordered his forces to advance."
    alone = embeddings.encode([text])[0]
    among = embeddings.encode(["Short.", text, LONG])[1]
    assert np.allclose(alone, among, atol=1e-5)


def test_what_means_the_same_is_near(embeddings: SentenceEmbeddings) -> None:
    question, answer, other = embeddings.encode(
        ["Who attacked Tripoli?", "Haftar's forces advanced on the capital.", "Rain in Bern."]
    )
    assert question @ answer > question @ other


def test_langchain_gets_the_same_vectors(embeddings: SentenceEmbeddings) -> None:
    text = "The envoy left Tripoli."
    vector = embeddings.encode([text])[0]
    assert np.allclose(embeddings.embed_documents([text])[0], vector, atol=1e-6)
    # A question is looked for in the other languages' space too, where its paragraph has nothing.
    assert np.dot(embeddings.embed_query(text), vector) == pytest.approx(1, abs=1e-5)


def test_a_short_paragraph_is_one_window(embeddings: SentenceEmbeddings) -> None:
    assert embeddings.windows(["The envoy left.", ""]) == [["The envoy left."], [""]]


@pytest.mark.parametrize("text", [LONG, KOREAN, "x" * 3000, "大" * 700, f"  {LONG}  "])
def test_windows_of_a_long_paragraph_cover_it(embeddings: SentenceEmbeddings, text: str) -> None:
    (pieces,) = embeddings.windows([text])
    _assert_cover(text, pieces)
    most = encoder_of(embeddings, text).window + 2
    assert all(tokens(embeddings, piece, text) <= most for piece in pieces)


def test_a_text_with_more_tokens_than_characters_is_not_cut_off(
    embeddings: SentenceEmbeddings,
) -> None:
    english = embeddings.encoders[0]
    assert isinstance(english, OnnxEncoder)
    assert len(KOREAN) <= english.window < len(english._ready()[1].encode([KOREAN])[0])
    (pieces,) = english.windows([KOREAN])
    assert len(pieces) > 1


def test_windows_overlap(embeddings: SentenceEmbeddings) -> None:
    (pieces,) = embeddings.windows([LONG])
    total = tokens(embeddings, LONG)
    step = int(embeddings.window * (1 - OVERLAP))
    assert len(pieces) == 1 + math.ceil((total - embeddings.window) / step)
    assert pieces[0][-40:] in pieces[1]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.text(alphabet="aé大 한.\n-🕊", max_size=400), max_size=4))
def test_windows_of_any_text_cover_it(embeddings: SentenceEmbeddings, texts: list[str]) -> None:
    for text, pieces in zip(texts, embeddings.windows(texts), strict=True):
        _assert_cover(text, pieces)


def _assert_cover(text: str, pieces: list[str]) -> None:
    """Pieces are slices; each begins no later than where the ones before it end."""
    covered = 0
    for piece in pieces:
        start = text.rfind(piece, 0, covered + len(piece))
        assert start >= 0
        covered = max(covered, start + len(piece))
    assert covered == len(text)


def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    missing = make_embeddings("/nowhere/a-model", None, tmp_path)
    with pytest.raises(EmbeddingModelError, match="'/nowhere/a-model' could not be loaded"):
        missing.load()

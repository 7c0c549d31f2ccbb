"""BERT as an ONNX graph, made straight from its weights.

    token ids, mask ─▶ words + places ─▶ layers of attention and two dense steps ─▶ hidden states

Exporting the same through torch needs torch, minutes and half a gigabyte; this takes a second. The
operators are those of the standard; the runtime fuses what belongs together. Token types are all 0
here, as for single texts, and added to the places beforehand.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.onnx_format import ELEMENT_TYPES, GraphWriter
from retrieval.encoders.weights import WeightsError

Floats = NDArray[np.float32]

INPUT_IDS, ATTENTION_MASK, HIDDEN = "input_ids", "attention_mask", "last_hidden_state"
# Added to the attention of padding; its softmax is 0 then, and a row that is all padding stays
# finite.
_MASKED = -1e9
# Weights of one scale in a table of four-bit words.
BLOCK = 32


@dataclass(frozen=True, slots=True)
class BertShape:
    """Sizes of a BERT, named as transformers' configuration names them in full."""

    layers: int
    heads: int
    hidden: int
    intermediate: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class FourBitTable:
    """Rows of weights at four bits, in blocks of 32 that share a scale (GGML's Q4_0).

    `scales`: float16, shape (rows, blocks). `nibbles`: uint8, shape (rows, blocks, 16); byte j of a
    block holds weight j in its low half and weight j + 16 in its high half, each plus 8.
    """

    scales: NDArray[np.float16]
    nibbles: NDArray[np.uint8]

    def floats(self) -> Floats:
        """The weights themselves, shape (rows, 32 · blocks)."""
        halves = np.concatenate([self.nibbles & 15, self.nibbles >> 4], axis=-1)
        weights = (halves.astype(np.float32) - 8) * self.scales[..., None].astype(np.float32)
        return weights.reshape(len(weights), -1)


class BertWeights(Protocol):
    """Where weights come from; tensors by the names that transformers' `BertModel` gives them."""

    @property
    def shape(self) -> BertShape: ...

    def tensor(self, name: str) -> Floats:
        """A tensor that is not the words' table, as stored (a dense weight is (out, in))."""

    def words(self) -> Floats | FourBitTable:
        """The words' vectors, shape (vocabulary, hidden)."""


class TransformersBert:
    """`BertWeights` over transformers' own files: its configuration and `model.safetensors`."""

    def __init__(self, config: Path, weights: Path) -> None:
        """WeightsError where they are not those of a BERT with absolute positions and GELU."""
        from safetensors import SafetensorError, safe_open

        try:
            told = json.loads(config.read_text("utf-8"))
            self.shape = _told_shape(told)
            self._file: Any = safe_open(str(weights), framework="numpy")
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise WeightsError(
                f"{weights} with {config.name} is not a BERT that can be read ({error})."
            ) from error

    def tensor(self, name: str) -> Floats:
        found: Floats = self._file.get_tensor(name).astype(np.float32, copy=False)
        return found

    def words(self) -> Floats:
        return self.tensor("embeddings.word_embeddings.weight")


def _told_shape(told: dict[str, Any]) -> BertShape:
    """The sizes that a configuration tells; ValueError for another kind of network."""
    kind = told["model_type"], told["hidden_act"], told.get("position_embedding_type", "absolute")
    if kind != ("bert", "gelu", "absolute"):
        raise ValueError(f"it tells of a network {kind}")
    return BertShape(
        layers=told["num_hidden_layers"],
        heads=told["num_attention_heads"],
        hidden=told["hidden_size"],
        intermediate=told["intermediate_size"],
        vocabulary=told["vocab_size"],
        positions=told["max_position_embeddings"],
        epsilon=told["layer_norm_eps"],
    )


def write_bert(weights: BertWeights, folder: Path) -> None:
    """Write the model to an existing folder (see `onnx_format`).

    Inputs `input_ids` and `attention_mask`, int64 (texts, tokens); output `last_hidden_state`,
    float32 (texts, tokens, hidden).
    """
    with GraphWriter(folder) as graph:
        _Bert(graph, weights).write()


class _Bert:
    """The parts of the graph, each a method that takes and returns names of tensors."""

    def __init__(self, graph: GraphWriter, weights: BertWeights) -> None:
        self._graph = graph
        self._weights = weights
        self._shape = shape = weights.shape
        self._width = shape.hidden // shape.heads
        integers = {
            "apart": [0, 0, shape.heads, self._width],
            "together": [0, 0, shape.hidden],
            "zero": [0],
            "one": [1],
            "two": [2],
            "head_axes": [1, 2],
        }
        for name, values in integers.items():
            graph.constant(name, np.array(values, dtype=np.int64))
        floats = {"unit": 1.0, "half": 0.5, "root": math.sqrt(2), "masked": _MASKED}
        for name, value in floats.items():
            graph.constant(name, np.array(value, dtype=np.float32))

    def write(self) -> None:
        mask = self._mask()
        hidden = self._normalised(self._embedded(), "embeddings.LayerNorm")
        for number in range(self._shape.layers):
            layer = f"encoder.layer.{number}"
            attended = self._attended(hidden, mask, f"{layer}.attention.self")
            attended = self._dense(attended, f"{layer}.attention.output.dense")
            hidden = self._normalised(
                self._graph.node("Add", attended, hidden), f"{layer}.attention.output.LayerNorm"
            )
            wide = self._gelu(self._dense(hidden, f"{layer}.intermediate.dense"))
            narrow = self._dense(wide, f"{layer}.output.dense")
            hidden = self._normalised(
                self._graph.node("Add", narrow, hidden), f"{layer}.output.LayerNorm"
            )
        self._graph.node("Identity", hidden, output=HIDDEN)
        sizes = ("texts", "tokens")
        self._graph.finish(
            {INPUT_IDS: sizes, ATTENTION_MASK: sizes}, {HIDDEN: (*sizes, self._shape.hidden)}
        )

    def _embedded(self) -> str:
        node, constant = self._graph.node, self._graph.constant
        types = self._weights.tensor("embeddings.token_type_embeddings.weight")
        places = self._weights.tensor("embeddings.position_embeddings.weight") + types[0]
        constant("places", places)
        tokens = node("Slice", node("Shape", INPUT_IDS), "one", "two")
        return node("Add", self._words(), node("Slice", "places", "zero", tokens))

    def _words(self) -> str:
        node, constant = self._graph.node, self._graph.constant
        table = self._weights.words()
        if not isinstance(table, FourBitTable):
            return node("Gather", constant("words", table), INPUT_IDS)
        # Unpacked after the rows were looked up, so that the table stays as small as it is.
        constant("four", np.array(4, dtype=np.uint8))
        constant("eight", np.array(8, dtype=np.float32))
        constant("last_axis", np.array([-1], dtype=np.int64))
        packed = node("Gather", constant("words", table.nibbles), INPUT_IDS)
        high = node("BitShift", packed, "four", direction=b"RIGHT")
        low = node("BitShift", packed, "four", direction=b"LEFT")
        low = node("BitShift", low, "four", direction=b"RIGHT")
        halves = node("Concat", low, high, axis=-1)
        whole = node("Sub", node("Cast", halves, to=ELEMENT_TYPES["float32"]), "eight")
        scales = node("Gather", constant("word_scales", table.scales), INPUT_IDS)
        scales = node("Cast", scales, to=ELEMENT_TYPES["float32"])
        scaled = node("Mul", whole, node("Unsqueeze", scales, "last_axis"))
        return node("Reshape", scaled, "together")

    def _mask(self) -> str:
        """Zero for tokens, a large negative number for padding; shape (texts, 1, 1, tokens)."""
        node = self._graph.node
        present = node("Cast", ATTENTION_MASK, to=ELEMENT_TYPES["float32"])
        absent = node("Mul", node("Sub", "unit", present), "masked")
        return node("Unsqueeze", absent, "head_axes")

    def _attended(self, hidden: str, mask: str, name: str) -> str:
        node = self._graph.node
        query = self._heads(self._dense(hidden, f"{name}.query", self._width**-0.5), (0, 2, 1, 3))
        key = self._heads(self._dense(hidden, f"{name}.key"), (0, 2, 3, 1))
        value = self._heads(self._dense(hidden, f"{name}.value"), (0, 2, 1, 3))
        weights = node("Softmax", node("Add", node("MatMul", query, key), mask), axis=-1)
        mixed = node("Transpose", node("MatMul", weights, value), perm=(0, 2, 1, 3))
        return node("Reshape", mixed, "together")

    def _heads(self, hidden: str, order: tuple[int, ...]) -> str:
        node = self._graph.node
        return node("Transpose", node("Reshape", hidden, "apart"), perm=order)

    def _dense(self, hidden: str, name: str, scale: float = 1.0) -> str:
        """A dense step; `scale` of what it gives is worked into its weights."""
        node, constant = self._graph.node, self._graph.constant
        factor = np.float32(scale)
        weight = constant(f"{name}.weight", self._weights.tensor(f"{name}.weight").T * factor)
        bias = constant(f"{name}.bias", self._weights.tensor(f"{name}.bias") * factor)
        return node("Add", node("MatMul", hidden, weight), bias)

    def _normalised(self, hidden: str, name: str) -> str:
        node, constant = self._graph.node, self._graph.constant
        weight, bias = (
            constant(f"{name}.{part}", self._weights.tensor(f"{name}.{part}"))
            for part in ("weight", "bias")
        )
        return node(
            "LayerNormalization", hidden, weight, bias, axis=-1, epsilon=self._shape.epsilon
        )

    def _gelu(self, hidden: str) -> str:
        """x · (1 + erf(x / √2)) / 2, in the form that the runtime recognises and fuses."""
        node = self._graph.node
        error = node("Add", node("Erf", node("Div", hidden, "root")), "unit")
        return node("Mul", node("Mul", hidden, error), "half")

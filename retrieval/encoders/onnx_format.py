"""Writing an ONNX model without the `onnx` package.

Field numbers are those of onnx.proto at IR version 8. Larger tensors lie in a second file beside
the model, at page boundaries, so that the runtime maps them into memory instead of parsing and
copying them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.protobuf import data, integer, real

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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

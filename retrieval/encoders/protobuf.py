"""Protobuf's wire format, as far as writing needs it: (field number, wire type, value) in a row.

Two model files are written here, ONNX's and sentencepiece's; each needs a handful of messages,
which is less code than the packages that generate them.
"""

from __future__ import annotations

import struct


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


def _varint(value: int) -> bytes:
    """Groups of seven bits, the lowest first; a negative number as 64-bit two's complement."""
    value &= (1 << 64) - 1
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)

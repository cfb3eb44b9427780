"""Bytes and nesting of binary FBX 7.4: named records with values, and records within records. No meaning of any.

A file is a magic, a version, records, a null record and a footer. A record is: where it ends, how many values it
has and how many bytes they take (three uint32 up to version 7400), its name, its values, then the records
within it, which end with a null record. Layout: the ufbx and Blender sources, and files of Maya and MotionBuilder.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

VERSION = 7400

# A reader of Autodesk's checks these three against each other, and nobody knows the whole rule: every
# free writer uses this one set, which is known to fit.
CREATION_TIME = "1970-01-01 10:00:00:000"
FILE_ID = bytes.fromhex("28b32aebb624ccc2bfc8b02aa92bfcf1")
_FOOTER_ID = bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e")

_MAGIC = b"Kaydara FBX Binary  \x00\x1a\x00"
_CLOSING_MAGIC = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
_HEAD = struct.Struct("<IIIB")
_NULL_RECORD = bytes(_HEAD.size)
_MOST_BYTES = 0xFFFFFFFF

# Fixed, for equal scenes give equal bytes. Higher levels were measured: 6 takes four times as long for an eighth less.
_ZLIB_LEVEL = 1
_LEAST_BYTES_TO_PACK = 128

Value = bool | int | float | str | bytes | np.generic | np.ndarray

#  NumPy's name   code in a file, and how a scalar is packed
_SCALARS = {
    "bool": ("C", "<?"),
    "int16": ("Y", "<h"),
    "int32": ("I", "<i"),
    "int64": ("L", "<q"),
    "float32": ("F", "<f"),
    "float64": ("D", "<d"),
}
_ARRAYS = {"bool": "b", "int32": "i", "int64": "l", "float32": "f", "float64": "d"}


@dataclass(frozen=True, eq=False)
class Record:
    """One record.

    Attributes:
        name: At most 255 bytes of ASCII.
        values: bool, int (32 bits), float (64 bits), str, bytes, NumPy scalars where another width is meant,
            and NumPy arrays of one dimension.
        children: Records within. None where there is no place for any; () is a place that is empty, and its null
            record is written, which AnimationStack and AnimationLayer need.
    """

    name: str
    values: tuple[Value, ...] = ()
    children: tuple[Record, ...] | None = None


def document(records: Sequence[Record], progress: Callable[[float], None] | None = None) -> bytearray:
    """A whole file.

    Args:
        records: At the top level.
        progress: Called with 0 to 1, by the bytes of the arrays; may raise.

    Raises:
        OverflowError: if it were larger than 4 GiB, which this version cannot address.
    """
    out = bytearray(_MAGIC + struct.pack("<I", VERSION))
    encoder = _Encoder(out, sum(_array_bytes(record) for record in records), progress)
    for record in records:
        encoder.record(record)
    out += _NULL_RECORD
    _add_footer(out)
    return out


def _add_footer(out: bytearray) -> None:
    out += _FOOTER_ID + bytes(4)
    out += bytes(16 - len(out) % 16)  # a whole 16 where it is aligned already
    out += struct.pack("<I", VERSION) + bytes(120) + _CLOSING_MAGIC


def _array_bytes(record: Record) -> int:
    own = sum(value.nbytes for value in record.values if isinstance(value, np.ndarray))
    return own + sum(_array_bytes(child) for child in record.children or ())


class _Encoder:
    def __init__(self, out: bytearray, n_bytes: int, progress: Callable[[float], None] | None) -> None:
        self._out, self._n_bytes, self._done_bytes, self._progress = out, n_bytes, 0, progress
        self._packed: dict[int, bytes] = {}  # all curves of a take share the array of their times

    def record(self, record: Record) -> None:
        out, begin = self._out, len(self._out)
        name = record.name.encode("ascii")
        out += _NULL_RECORD + name
        values_begin = len(out)
        for value in record.values:
            out += self._value(value)
        values_end = len(out)
        for child in record.children or ():
            self.record(child)
        if record.children is not None:
            out += _NULL_RECORD
        if len(out) > _MOST_BYTES:
            raise OverflowError("a file of this version holds at most 4 GiB")
        _HEAD.pack_into(out, begin, len(out), len(record.values), values_end - values_begin, len(name))

    def _value(self, value: Value) -> bytes:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, str):
            text = value.encode()
            return b"S" + struct.pack("<I", len(text)) + text
        if isinstance(value, bytes):
            return b"R" + struct.pack("<I", len(value)) + value
        if type(value) is int:
            return b"I" + struct.pack("<i", value)
        code, layout = _SCALARS[np.asarray(value).dtype.name]
        return code.encode() + struct.pack(layout, value)

    def _array(self, array: np.ndarray) -> bytes:
        self._done_bytes += array.nbytes
        if self._progress:
            self._progress(self._done_bytes / self._n_bytes)
        if id(array) not in self._packed:
            self._packed[id(array)] = _packed(array)
        return self._packed[id(array)]


def _packed(array: np.ndarray) -> bytes:
    if array.ndim != 1:
        raise ValueError(f"an array in a record has one dimension, not {array.ndim}")
    code = _ARRAYS[array.dtype.name].encode()
    raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    is_packed = len(raw) >= _LEAST_BYTES_TO_PACK
    content = zlib.compress(raw, _ZLIB_LEVEL) if is_packed else raw
    return code + struct.pack("<III", len(array), is_packed, len(content)) + content

"""A small parser of binary FBX of our own, which proves what a file is made of: offsets, sentinels, footer."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import numpy as np

MAGIC = b"Kaydara FBX Binary  \x00\x1a\x00"
HEAD = 13
SCALARS = {"C": "<?", "Y": "<h", "I": "<i", "F": "<f", "D": "<d", "L": "<q"}
ARRAYS = {"b": "?", "i": "<i4", "l": "<i8", "f": "<f4", "d": "<f8"}


@dataclass
class Parsed:
    name: str
    values: list
    children: list[Parsed] = field(default_factory=list)
    has_sentinel: bool = False

    def __getitem__(self, name: str) -> Parsed:
        return next(child for child in self.children if child.name == name)

    def all(self, name: str) -> list[Parsed]:
        return [child for child in self.children if child.name == name]

    def properties(self) -> dict[str, list]:
        """Name -> values of the properties below."""
        return {row.values[0]: row.values[4:] for row in self["Properties70"].children}


def parse(data: bytes) -> Parsed:
    """The whole file as one record without a name; AssertionError where it is not as it must be."""
    assert data.startswith(MAGIC)
    assert struct.unpack_from("<I", data, len(MAGIC)) == (7400,)
    whole = Parsed("", [])
    at = len(MAGIC) + 4
    while data[at : at + HEAD] != bytes(HEAD):
        record, at = _record(data, at)
        whole.children.append(record)
    _check_footer(data, at + HEAD)
    return whole


def _record(data: bytes, begin: int) -> tuple[Parsed, int]:
    end, n_values, n_bytes, n_letters = struct.unpack_from("<IIIB", data, begin)
    assert begin < end <= len(data)
    at = begin + HEAD + n_letters
    record = Parsed(data[begin + HEAD : at].decode("ascii"), [])
    values_end = at + n_bytes
    for _ in range(n_values):
        value, at = _value(data, at)
        record.values.append(value)
    assert at == values_end, "the length of the values is not what the head says"
    while at < end:
        if data[at : at + HEAD] == bytes(HEAD):
            record.has_sentinel = True
            at += HEAD
            break
        child, at = _record(data, at)
        record.children.append(child)
    assert at == end, f"{record.name} ends at {at}, not at {end} as its head says"
    assert record.has_sentinel or not record.children, "children without a null record behind them"
    return record, at


def _value(data: bytes, at: int) -> tuple[object, int]:
    code, at = chr(data[at]), at + 1
    if code in SCALARS:
        return struct.unpack_from(SCALARS[code], data, at)[0], at + struct.calcsize(SCALARS[code])
    if code in "SR":
        (size,) = struct.unpack_from("<I", data, at)
        raw = data[at + 4 : at + 4 + size]
        return (raw.decode() if code == "S" else raw), at + 4 + size
    count, is_packed, size = struct.unpack_from("<III", data, at)
    raw = data[at + 12 : at + 12 + size]
    array = np.frombuffer(zlib.decompress(raw) if is_packed else raw, ARRAYS[code])
    assert len(array) == count
    return array, at + 12 + size


def _check_footer(data: bytes, at: int) -> None:
    rest = data[at:]
    assert rest[:20] == bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e") + bytes(4)
    padding = 16 - (at + 20) % 16
    assert rest[20 : 20 + padding] == bytes(padding)
    tail = rest[20 + padding :]
    assert tail[:4] == struct.pack("<I", 7400)
    assert tail[4:124] == bytes(120)
    assert tail[124:] == bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")

"""What is too large for JSON: arrays as .npy files and songs as they are, each named by the hash of its bytes."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from editor.document.errors import Unfit

DTYPES: dict[str, np.dtype[Any]] = {code: np.dtype(code) for code in ("<f8", "<f4", "<i8")}
NAME = re.compile(r"arrays/[0-9a-f]{64}\.npy|songs/[0-9a-f]{64}(\.[a-z0-9]{1,8})?")

JSON_NAME, COPY_NAME = "project.json", "project.copy.json"
MAX_BYTES = 8 << 30  # of a project, and so of anything in it
MAX_JSON_BYTES = 64 << 20

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(rb"\{'descr': '([<a-z0-9]{3})', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n")
_ALIGNED_BYTES = 64


@dataclass(frozen=True, eq=False)
class Stored:
    """One entry of a project.

    Attributes:
        name: Such as "arrays/<sha256>.npy"; what has the same name has the same bytes.
        sha256: Of all bytes, hexadecimal.
        size: How many bytes.
        chunks: The bytes, in pieces that need not be copied.
    """

    name: str
    sha256: str
    size: int
    chunks: tuple[bytes | memoryview, ...]


def stored_array(array: np.ndarray) -> Stored:
    """An array as the bytes that `numpy.save` would write. What is not of DTYPES is stored as 64-bit floats."""
    dtype = array.dtype.newbyteorder("<")
    code = dtype.str if dtype.str in DTYPES else "<f8"
    plain = np.ascontiguousarray(array, dtype=DTYPES[code]).reshape(array.shape)
    text = f"{{'descr': '{code}', 'fortran_order': False, 'shape': {plain.shape!r}, }}"
    before = len(_MAGIC) + 2
    n_header = -(before + len(text) + 1) % _ALIGNED_BYTES + len(text) + 1
    header = _MAGIC + n_header.to_bytes(2, "little") + text.ljust(n_header - 1).encode("ascii") + b"\n"
    chunks = (header, plain.reshape(-1).view(np.uint8).data)
    sha256 = _sha256(chunks)
    return Stored(f"arrays/{sha256}.npy", sha256, len(header) + plain.nbytes, chunks)


def stored_song(file_name: str, data: bytes) -> Stored:
    """A song's file as it is; the ending of its name is kept where it is a plain one."""
    sha256 = _sha256((data,))
    suffix = PurePath(file_name).suffix.lower()
    name = f"songs/{sha256}{suffix}"
    return Stored(name if NAME.fullmatch(name) else f"songs/{sha256}", sha256, len(data), (data,))


def array_in(data: bytes) -> np.ndarray:
    """The array in the bytes of an .npy file, read-only and without a copy.

    Raises:
        Unfit: The bytes are no array of DTYPES, or more or fewer than its shape says.
    """
    start = len(_MAGIC) + 2
    end = start + int.from_bytes(data[len(_MAGIC) : start], "little")
    header = _HEADER.fullmatch(data[start:end])
    if not data.startswith(_MAGIC) or header is None or header[1].decode("ascii") not in DTYPES:
        raise Unfit("is not an array of numbers")
    dtype = DTYPES[header[1].decode("ascii")]
    sizes = [size for size in header[2].decode("ascii").replace(" ", "").split(",") if size]
    if len(sizes) > 3 or any(len(size) > 12 for size in sizes):
        raise Unfit("is an array of an impossible shape")
    shape = tuple(int(size) for size in sizes)
    if math.prod(shape) * dtype.itemsize != len(data) - end:
        raise Unfit("holds more or fewer numbers than it says")
    return np.frombuffer(data, dtype=dtype, offset=end).reshape(shape)


def checked_reader(listed: Any, fetch: Callable[[str, int], bytes]) -> Callable[[str], bytes]:
    """A function from an entry's name to its bytes, which are what the list of entries says, or else Unfit.

    Args:
        listed: The list of entries as it was read: {name: {"sha256": ..., "size": ...}}.
        fetch: Gives the bytes of a name that is in the list, of this size; raises Unfit where there are none.
    """
    rows = listed if isinstance(listed, dict) else {}

    def read(name: str) -> bytes:
        row = rows.get(name)
        if NAME.fullmatch(name) is None or not isinstance(row, dict):
            raise Unfit("is missing")
        size = row.get("size")
        if not isinstance(size, int) or not 0 <= size <= MAX_BYTES:
            raise Unfit("is damaged")
        data = fetch(name, size)
        if len(data) != size or row.get("sha256") != _sha256((data,)):
            raise Unfit("is damaged")
        return data

    return read


def listing(entries: dict[str, Stored]) -> dict[str, dict[str, Any]]:
    """The list of entries that `checked_reader` checks against."""
    return {name: {"sha256": stored.sha256, "size": stored.size} for name, stored in entries.items()}


def _sha256(chunks: tuple[bytes | memoryview, ...]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()

"""Arrays by name out of .npz archives and out of pickles: numbers and text only, bounded by the size of the file."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.array_pickle import read_array_pickle

MAX_MEMBER_BYTES = 1 << 29
MAX_ARCHIVE_BYTES = 1 << 30
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, TypeError, KeyError,
    IndexError, OverflowError, SyntaxError, RecursionError, MemoryError, UnicodeError, struct.error,
)  # fmt: skip


def read_named(path: Path) -> dict[str, Any]:
    """Everything in an .npz or .pkl file by its name.

    Arrays of numbers come as they are, of one text each as text; of other things, what cannot be read without
    trusting the file (Python objects) is left out.

    Raises:
        MotionFileError: where the file is neither, or damaged.
    """
    if path.suffix.lower() == ".npz":
        return _read_npz(path)
    found = read_array_pickle(path)
    if not isinstance(found, dict):
        raise MotionFileError(path, "the pickle holds no named arrays; save a table of them.")
    return found


def numbers(path: Path, named: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A named array as finite floats of a shape, in which -1 is any length.

    Raises:
        MotionFileError: where it is missing, or something else.
    """
    array = np.asarray(named.get(name))
    if array.dtype.kind not in "fiub" or array.ndim != len(shape):
        raise MotionFileError(path, f"{name} is no array of numbers with {len(shape)} axes.")
    if any(wanted not in (-1, n) for wanted, n in zip(shape, array.shape, strict=True)):
        raise MotionFileError(path, f"{name} is {list(array.shape)} large where {list(shape)} was expected.")
    return array.astype(float)


def number(path: Path, named: Mapping[str, Any], *names: str) -> float | None:
    """The first of some names that is there, as a finite number; None where none is."""
    for name in names:
        if name in named:
            array = np.asarray(named[name])
            if array.dtype.kind not in "fiub" or array.size != 1 or not np.isfinite(array).all():
                raise MotionFileError(path, f"{name} is no number.")
            return float(array.reshape(-1)[0])
    return None


def _read_npz(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if sum(m.file_size for m in members) > MAX_ARCHIVE_BYTES:
                raise MotionFileError(path, "it unpacks to more than a gigabyte; save the motion alone.")
            out = {}
            for member in members:
                array = _array_in(archive, member)
                if array is not None:
                    out[member.filename.removesuffix(".npy")] = array
            return out
    except OSError as error:
        raise MotionFileError(path, f"the file cannot be read: {error.strerror or error}.") from error
    except _DAMAGE as error:
        raise MotionFileError(path, "this is no archive of arrays, or it is damaged; save it again.") from error


def _array_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    """The array of one member; None where it holds Python objects or is no array."""
    if not member.filename.endswith(".npy") or member.file_size > MAX_MEMBER_BYTES:
        return None
    with archive.open(member) as stream:
        data = stream.read(member.file_size)
    head = io.BytesIO(data)
    version = np.lib.format.read_magic(head)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
    shape, is_fortran, dtype = read(head)
    if dtype.hasobject or dtype.kind not in "fiubUS":
        return None
    body = data[head.tell() :]
    if math.prod(shape) * dtype.itemsize != len(body) or any(n < 0 for n in shape):
        raise ValueError("the array is not as large as it says")
    if dtype.itemsize == 0:
        return "" if dtype.kind in "US" else None
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")
    if dtype.kind in "US" and array.ndim == 0:
        return str(array.astype("U")[()])
    return array

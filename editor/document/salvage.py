"""What can be read of a damaged project file: its zip is not trusted, its entries are found by their names."""

from __future__ import annotations

import hashlib
import json
import mmap
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editor.document.document import Document
from editor.document.errors import ProjectFileError, Unfit
from editor.document.migrations import migrated
from editor.document.project_read import decode, from_bytes
from editor.document.stored import COPY_NAME, JSON_NAME, MAX_BYTES, MAX_JSON_BYTES, checked_reader

# How the names of entries begin; a song's ending may run on into its bytes.
_NAMES = re.compile(rb"project\.json|project\.copy\.json|arrays/[0-9a-f]{64}|songs/[0-9a-f]{64}")
_HEADER = struct.Struct("<4s5H3I2H")  # of a zip's entry, before its name
_SIGNATURE = b"PK\x03\x04"
_ZIP64_BYTES = 20  # what stands behind the name of a very large entry
_MOST_PLACES = 64

_Places = dict[str, list[int]]


@dataclass(frozen=True)
class Salvage:
    """What came out of a damaged project.

    Attributes:
        document: All that could be read.
        lost: One sentence for each thing that could not; empty where all could.
    """

    document: Document
    lost: tuple[str, ...]


def salvage(path: Path) -> Salvage:
    """Everything in a damaged project file that can still be read.

    Raises:
        ProjectFileError: Nothing can be read, or a newer version wrote the file.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if len(data) > MAX_BYTES:
                raise Unfit(f"is larger than a project can be ({MAX_BYTES >> 30} GiB)")
            return _salvaged(data)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is empty"
        raise ProjectFileError(path, f"could not be read ({why}); open an earlier copy") from error
    except Unfit as unfit:
        raise ProjectFileError(path, str(unfit)) from unfit


def _salvaged(data: mmap.mmap) -> Salvage:
    places: _Places = {}
    for found in _NAMES.finditer(data):
        places.setdefault(found[0].decode("ascii"), []).append(found.start())
    lost: list[str] = []
    description = migrated(_description(data, places, lost))

    def fetch(name: str, size: int) -> bytes:
        return _entry(data, places, name, size)

    document = decode(description.get("document"), checked_reader(description.get("entries"), fetch), lost)
    return Salvage(document, tuple(lost))


def _entry(data: mmap.mmap, places: _Places, name: str, size: int) -> bytes:
    """The bytes that stand behind an entry's name, wherever in the file, and have the hash that is in the name."""
    key = name.split(".")[0]
    for place in _likely_first(data, places.get(key, [])):
        for gap in (0, _ZIP64_BYTES):
            start = place + len(name) + gap
            piece = data[start : start + size]
            if len(piece) == size and hashlib.sha256(piece).hexdigest() == key[-64:]:
                return piece
    raise Unfit("is damaged")


def _description(data: mmap.mmap, places: _Places, lost: list[str]) -> dict[str, Any]:
    """The project's JSON: the first copy that is whole, else the first that can be understood at all."""
    doubtful = None
    for name in (JSON_NAME, COPY_NAME):
        for place in _likely_first(data, places.get(name, [])):
            text, is_whole = _text_at(data, place, len(name))
            try:
                found = from_bytes(text)
            except Unfit:
                continue
            if is_whole:
                return found
            doubtful = doubtful or found
    if doubtful is None:
        raise Unfit("is no project, or so damaged that nothing in it can be restored; open an earlier copy")
    lost.append("The description of the piece is damaged, so names and numbers may be wrong; look through them.")
    return doubtful


def _text_at(data: mmap.mmap, place: int, n_name: int) -> tuple[bytes, bool]:
    """The JSON behind a name, and whether it is as it was written."""
    start, before = place + n_name, place - _HEADER.size
    if before >= 0 and data[before : before + 4] == _SIGNATURE:
        fields = _HEADER.unpack(data[before:place])
        crc, size = fields[6], fields[8]
        text = data[start : start + min(size, MAX_JSON_BYTES)]
        if zlib.crc32(text) == crc:
            return text, True
    rest = data[start : start + MAX_JSON_BYTES].decode("ascii", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(rest)
    except (ValueError, RecursionError):
        return b"", False
    return rest[:end].encode("utf-8"), False


def _likely_first(data: mmap.mmap, places: list[int]) -> list[int]:
    """The places of a name, those behind an entry's header before those in lists."""

    def is_unlikely(place: int) -> bool:
        before = place - _HEADER.size
        return before < 0 or data[before : before + 4] != _SIGNATURE

    return sorted(places, key=is_unlikely)[:_MOST_PLACES]

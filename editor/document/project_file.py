"""Project files: a zip, not compressed, of `project.json` and what it names."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from editor.document.document import Document
from editor.document.errors import FromNewerVersion, ProjectFileError, Unfit
from editor.document.migrations import MIGRATIONS, SCHEMA_VERSION, migrated
from editor.document.project_json import Encoded, encode, to_bytes
from editor.document.project_read import decode, from_bytes
from editor.document.salvage import Salvage, salvage
from editor.document.stored import COPY_NAME, JSON_NAME, MAX_BYTES, MAX_JSON_BYTES, Stored, checked_reader, listing
from engine.formats.whole_file import replacing

__all__ = [
    "MIGRATIONS",
    "SCHEMA_VERSION",
    "SUFFIX",
    "ProjectFileError",
    "Salvage",
    "load_project",
    "salvage",
    "save_project",
]

SUFFIX = ".kino"
MAX_ENTRIES = 100_000

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # equal documents give equal files
_PIECE_BYTES = 4 << 20  # between two reports of progress
_BROKEN = (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, OverflowError, LookupError, struct.error)
_RESCUE = "what can be read of it can be restored"

Progress = Callable[[float], None]


def save_project(path: Path, document: Document, progress: Progress | None = None) -> None:
    """Write a project file; the old one stays whole until the new one is on the disk.

    The file is a zip of `project.json`, of `arrays/<sha256>.npy` for every array of motions and analyses, each
    once, of `songs/<sha256>.<ending>` where the song is embedded, and at its end of the JSON again, so that no
    single damage takes all. Equal documents give equal bytes.

    Args:
        path: Ends in SUFFIX by custom.
        progress: Called with 0..1; what it raises (`Cancelled`) stops the work, and the old file stays.

    Raises:
        ProjectFileError: The file cannot be written, or the document is not one that could be opened again.
    """
    path = Path(path)
    try:
        encoded = encode(document)
    except Unfit as unfit:
        raise ProjectFileError(path, f"was not saved: {unfit}; undo the last step and save again") from unfit
    try:
        with replacing(path) as file:
            _write(file, encoded, progress or (lambda fraction: None))
        _sync_folder(path.resolve().parent)
    except OSError as error:
        why = error.strerror or str(error)
        raise ProjectFileError(path, f"could not be saved ({why}); make room or save it elsewhere") from error


def load_project(path: Path, progress: Progress | None = None) -> Document:
    """Read a project file. Nothing in it is run, and nothing outside of it is touched.

    Raises:
        ProjectFileError: It cannot be read, is damaged, or was written by a newer version. See `salvage`.
    """
    path = Path(path)
    progress = progress or (lambda fraction: None)
    with _opened(path) as archive:
        try:
            whole = from_bytes(_entry(archive, JSON_NAME, MAX_JSON_BYTES))
            data = migrated(whole)
            total = max(sum(info.file_size for info in archive.infolist()), 1)
            done = 0

            def fetch(name: str, size: int) -> bytes:
                nonlocal done
                done += size
                progress(min(done / total, 1.0))
                return _entry(archive, name, size)

            document = decode(data.get("document"), checked_reader(data.get("entries"), fetch))
        except FromNewerVersion as newer:
            raise ProjectFileError(path, str(newer)) from newer
        except Unfit as unfit:
            raise ProjectFileError(path, f"{unfit}; {_RESCUE}") from unfit
    progress(1.0)
    return document


def described(encoded: Encoded) -> dict[str, Any]:
    """The whole of project.json for an encoded document."""
    return {
        "format": "kinetograph project",
        "schema": SCHEMA_VERSION,
        "program": _program_version(),
        "entries": listing(encoded.entries),
        "document": encoded.json,
    }


def _write(file: BinaryIO, encoded: Encoded, progress: Progress) -> None:
    description = to_bytes(described(encoded))
    if len(description) > MAX_JSON_BYTES:
        raise OSError(None, "it has more clips, takes and drawn points than a project file can hold")
    total = sum(stored.size for stored in encoded.entries.values()) + 2 * len(description)
    done = 0

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, size, chunks in _all_entries(description, encoded.entries):
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.file_size = size
            with archive.open(info, "w") as entry:
                for piece in _pieces(chunks):
                    entry.write(piece)
                    done += len(piece)
                    progress(done / total)


def _all_entries(
    description: bytes, entries: dict[str, Stored]
) -> Iterator[tuple[str, int, tuple[bytes | memoryview, ...]]]:
    yield JSON_NAME, len(description), (description,)
    for stored in sorted(entries.values(), key=lambda s: s.name.startswith("songs/")):  # a song is the easier replaced
        yield stored.name, stored.size, stored.chunks
    yield COPY_NAME, len(description), (description,)


def _pieces(chunks: tuple[bytes | memoryview, ...]) -> Iterator[memoryview]:
    for chunk in chunks:
        view = memoryview(chunk)
        for start in range(0, len(view), _PIECE_BYTES):
            yield view[start : start + _PIECE_BYTES]


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at a path, its list of entries checked."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            size = os.fstat(file.fileno()).st_size
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ProjectFileError(path, f"could not be opened ({why}); look whether it is still there") from error
        if size > MAX_BYTES:
            raise ProjectFileError(path, f"is larger than a project can be ({MAX_BYTES >> 30} GiB)")
        try:
            archive = stack.enter_context(zipfile.ZipFile(file))
            _check(archive, size)
        except _BROKEN as error:
            raise ProjectFileError(path, f"is no project file, or a damaged one; {_RESCUE}") from error
        yield archive


def _check(archive: zipfile.ZipFile, size: int) -> None:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES or len(archive.namelist()) != len(set(archive.namelist())):
        raise ValueError("too many entries, or two of one name")
    if any(i.compress_type != zipfile.ZIP_STORED or i.compress_size != i.file_size for i in infos):
        raise ValueError("compressed entries")
    if sum(i.file_size for i in infos) > size:
        raise ValueError("entries that lie over each other")


def _entry(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    try:
        info = archive.getinfo(name)
        if info.file_size > most_bytes:
            raise Unfit("is damaged")
        return archive.read(info)
    except KeyError as error:
        raise Unfit("is missing") from error
    except _BROKEN as error:
        raise Unfit("is damaged") from error


def _program_version() -> str:
    try:
        return importlib.metadata.version("kinetograph")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _sync_folder(folder: Path) -> None:
    """Make sure that the new name is on the disk too, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

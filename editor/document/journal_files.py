"""The files of an autosave journal: where its folder lies, its lock, and its states."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self
from uuid import uuid4

from editor.document.document import Document
from editor.document.errors import Unfit
from editor.document.migrations import SCHEMA_VERSION, migrated
from editor.document.project_json import Encoded, to_bytes
from editor.document.project_read import decode, from_bytes
from editor.document.stored import MAX_JSON_BYTES, checked_reader, listing
from engine.formats.whole_file import replacing

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FOLDER_SUFFIX = ".kino-journal"
_LOCK_NAME = "lock"
_STATE_GLOB = "state-*.json"


def journal_folder(project: Path | None, state_folder: Path) -> Path:
    """Where the journal of a piece belongs: beside its project, or in the user's state folder.

    Args:
        project: The project file; None while the piece has never been saved.
        state_folder: The program's own folder for such things; also used where beside the project is no writing.
    """
    if project is None:
        return state_folder / f"untitled-{uuid4().hex[:12]}{FOLDER_SUFFIX}"
    project = project.resolve()
    if os.access(project.parent, os.W_OK):
        return beside(project)
    known = hashlib.sha256(os.fsencode(project)).hexdigest()[:12]
    return state_folder / f"{project.stem}-{known}{FOLDER_SUFFIX}"


def beside(project: Path) -> Path:
    """The folder of a project's journal when it lies beside the project."""
    return project.with_name(project.stem + FOLDER_SUFFIX)


class FolderLock:
    """Holds a folder for one program; the system lets go of it when that program ends, however it ends."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file

    @classmethod
    def take(cls, folder: Path) -> Self | None:
        """The lock of an existing folder; None while another has it.

        Raises:
            OSError: The folder cannot be written to.
        """
        path = folder / _LOCK_NAME
        file = path.open("ab")
        try:
            if _lock(file) and path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return cls(path, file)
        except OSError:
            file.close()
            raise
        file.close()
        return None

    def release(self) -> None:
        """Let the folder go."""
        self._file.close()

    def remove_folder(self) -> None:
        """Remove the folder and all that is in it, the lock last, and let it go."""
        folder = self._path.parent
        for entry in folder.iterdir() if folder.is_dir() else ():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry != self._path:
                entry.unlink(missing_ok=True)
        if sys.platform == "win32":
            self._file.close()  # an open file cannot be removed there
        with contextlib.suppress(OSError):
            self._path.unlink()
            folder.rmdir()
        self._file.close()


@dataclass(frozen=True)
class Note:
    """What a state says beside its document.

    Attributes:
        edits: How many lie between the saved project and this state; 0 where nothing is unsaved.
        label: Of the last one, such as "split clip".
        since_s, when_s: When the first and the last of them were made, seconds since 1970.
        project: The project file; empty for a piece that was never saved.
        title: Of the piece.
    """

    edits: int
    label: str
    since_s: float
    when_s: float
    project: str
    title: str


@dataclass(frozen=True)
class State:
    """One state as it was read.

    Attributes:
        number: Later ones have higher ones.
        note: What it says beside its document.
        entries: The names and checks of the files that its document needs.
        data: The document's JSON.
    """

    number: int
    note: Note
    entries: dict[str, Any]
    data: Any

    def document(self, folder: Path, lost: list[str] | None = None) -> Document:
        """Its document; with `lost` what can be read of it, as `project_read.decode` has it.

        Raises:
            Unfit: A file that it needs is missing or damaged.
        """

        def fetch(name: str, size: int) -> bytes:
            try:
                path = folder / name
                if path.stat().st_size != size:
                    raise Unfit("is damaged")
                return path.read_bytes()
            except OSError as error:
                raise Unfit("is missing") from error

        return decode(self.data, checked_reader(self.entries, fetch), lost)


def state_numbers(folder: Path) -> list[int]:
    """The numbers of a folder's states, the newest first."""
    names = (path.stem.removeprefix("state-") for path in folder.glob(_STATE_GLOB))
    return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)


def state_path(folder: Path, number: int) -> Path:
    """The file of a state."""
    return folder / f"state-{number:06d}.json"


def write_state(folder: Path, number: int, note: Note, encoded: Encoded) -> None:
    """Write a state, whose entries must be there already: a line with its hash, and a line of JSON.

    Raises:
        OSError: The folder cannot be written to.
    """
    whole = {"schema": SCHEMA_VERSION, "note": note.__dict__, "entries": listing(encoded.entries)}
    text = to_bytes(whole | {"document": encoded.json})
    with replacing(state_path(folder, number)) as file:
        file.write(hashlib.sha256(text).hexdigest().encode("ascii") + b"\n" + text)


def read_states(folder: Path) -> Iterator[State]:
    """The states of a folder that are whole, the newest first; damaged ones are passed over."""
    for number in state_numbers(folder):
        with contextlib.suppress(Unfit, OSError):
            yield _read_state(folder, number)


def _read_state(folder: Path, number: int) -> State:
    path = state_path(folder, number)
    if path.stat().st_size > MAX_JSON_BYTES:
        raise Unfit("is too large")
    digest, _, text = path.read_bytes().partition(b"\n")
    if hashlib.sha256(text).hexdigest().encode("ascii") != digest:
        raise Unfit("is damaged")
    whole = migrated(from_bytes(text))
    try:
        said = whole["note"]
        note = Note(
            int(said["edits"]), str(said["label"]), float(said["since_s"]), float(said["when_s"]),
            str(said["project"]), str(said["title"]),
        )  # fmt: skip
        return State(number, note, dict(whole["entries"]), whole["document"])
    except (LookupError, TypeError, ValueError) as error:
        raise Unfit("is damaged") from error


def _lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True

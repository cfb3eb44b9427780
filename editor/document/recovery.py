"""What a journal can bring back after the program ended without saving."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from editor.document.document import Document
from editor.document.errors import ProjectFileError, Unfit
from editor.document.journal_files import FOLDER_SUFFIX, FolderLock, State, beside, read_states
from editor.document.project_file import load_project
from editor.document.stored import JSON_NAME

_REMNANT = re.compile(r"\.[0-9a-f]{12}\.tmp")  # see engine.formats.whole_file
_REMNANT_AGE_S = 3600.0  # a younger one may belong to a program that is saving now


@dataclass(frozen=True)
class Recovery:
    """Edits that no project file holds.

    Attributes:
        folder: Of the journal.
        project: The project file they belong to; None for a piece that was never saved.
        title: Of the piece.
        since, when: When the first and the last of them were made, local time.
        edits: How many, undos and redos included.
        label: What the last one was; may be empty.
    """

    folder: Path
    project: Path | None
    title: str
    since: datetime
    when: datetime
    edits: int
    label: str

    @property
    def summary(self) -> str:
        """What would be restored: "12 edits to 'Untitled' since 14:02, the last: split clip"."""
        edits = "1 edit" if self.edits == 1 else f"{self.edits} edits"
        is_today = self.since.date() == datetime.now().date()
        since = self.since.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")
        last = f", the last: {self.label}" if self.label else ""
        return f"{edits} to '{self.title}' since {since}{last}"

    def document(self) -> Document:
        """The piece after the last edit that can be read whole; where none can, what can be read of the last.

        Raises:
            ProjectFileError: Nothing can be read.
        """
        states = list(read_states(self.folder))
        tries = [(state, is_strict) for is_strict in (True, False) for state in states]
        for state, is_strict in tries:
            with contextlib.suppress(Unfit):
                return state.document(self.folder, None if is_strict else [])
        raise ProjectFileError(self.folder, "holds nothing that can be restored; open the last saved project")

    def discard(self) -> None:
        """Remove the journal: what it would restore is gone. One that a running program holds stays."""
        _remove(self.folder)


def recoverable(state_folder: Path, recent_projects: Sequence[Path] = ()) -> tuple[Recovery, ...]:
    """All edits that were left unsaved, the latest first. Journals of running programs are left alone.

    Args:
        state_folder: Where journals of pieces lie that were never saved.
        recent_projects: Project files beside which journals may lie.
    """
    found: dict[Path, Recovery] = {}
    for folder, project in _folders(state_folder, recent_projects):
        if folder not in found:
            recovery = _recovery(folder, project)
            if recovery is not None:
                found[folder] = recovery
    return tuple(sorted(found.values(), key=lambda r: r.when, reverse=True))


def _folders(state_folder: Path, projects: Sequence[Path]) -> Iterator[tuple[Path, Path | None]]:
    for project in projects:
        _clear_remnants(project.resolve().parent)
        folder = beside(project.resolve())
        if folder.is_dir():
            yield folder, project
    with contextlib.suppress(OSError):
        for folder in sorted(state_folder.resolve().glob(f"*{FOLDER_SUFFIX}")):
            if folder.is_dir():
                yield folder, None


def _clear_remnants(folder: Path) -> None:
    """Remove what saves left half written when the program was ended in their midst."""
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.tmp"):
            if _REMNANT.fullmatch(path.name) and path.stat().st_mtime < time.time() - _REMNANT_AGE_S:
                with path.open("rb") as file:
                    is_ours = file.read(64)[30:].startswith(JSON_NAME.encode("ascii"))
                if is_ours:
                    path.unlink()


def _recovery(folder: Path, project: Path | None) -> Recovery | None:
    try:
        lock = FolderLock.take(folder)
    except OSError:
        lock = None
    if lock is None:
        return None
    try:
        state = next(read_states(folder), None)
        if state is None or not state.note.edits:
            if state is not None or not any(folder.glob("state-*")):
                lock.remove_folder()
            return None
        if state.note.project:
            said = Path(state.note.project)
            if project is None:
                project = said
            elif project.name != said.name:
                project = None  # it lies beside another project than its own: let the user say where it is saved
        if project is not None and _is_in(project, state, folder):
            lock.remove_folder()
            return None
        return _described(folder, project, state)
    finally:
        lock.release()


def _is_in(project: Path, state: State, folder: Path) -> bool:
    """Whether a project that was saved after a state holds it already: the program ended between the two."""
    try:
        if project.stat().st_mtime < state.note.when_s:
            return False
        return load_project(project) == state.document(folder)
    except (OSError, ProjectFileError, Unfit):
        return False


def _described(folder: Path, project: Path | None, state: State) -> Recovery:
    note = state.note
    title = project.stem if project is not None and note.title == Document.title else note.title
    return Recovery(folder, project, title, _local(note.since_s), _local(note.when_s), note.edits, note.label)


def _local(time_s: float) -> datetime:
    with contextlib.suppress(OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(time_s)
    return datetime.fromtimestamp(0)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        lock = FolderLock.take(folder)
        if lock is not None:
            lock.remove_folder()
            lock.release()

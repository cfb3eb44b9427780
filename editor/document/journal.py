"""The autosave journal: every edit is on the disk a moment later, whatever then happens to the program."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from editor.document.document import Document
from editor.document.errors import Unfit
from editor.document.journal_files import FolderLock, Note, beside, read_states, state_numbers, state_path, write_state
from editor.document.project_json import encode
from editor.document.stored import Stored
from engine.formats.whole_file import replacing

KEPT_STATES = 10
INTERVAL_S = 0.25  # at most so often is anything written
RETRY_S = 2.0  # after a write that failed
_ENTRY_FOLDERS = ("arrays", "songs")


@dataclass(frozen=True)
class _Entry:
    """What the writer is to write next; whether the states before it are not needed once it is written."""

    document: Document
    note: Note
    replaces_earlier: bool = False


class Journal:
    """Writes an open piece into a folder, in a thread of its own, and takes the folder away when all is saved.

    Every array and song is written once, under the hash of its bytes; a state is a small file that names them. The
    last KEPT_STATES states stay, and what they need. What a crash left in the folder stays too until the piece is
    saved or a record replaces it.

    Attributes:
        folder: Where it writes now; it moves beside the project when the piece is saved under another name.
        project: The project file; None while there is none.
    """

    def __init__(self, folder: Path, project: Path | None = None, saved: Document | None = None) -> None:
        """
        Args:
            folder: Of this piece alone, see `journal_files.journal_folder`; made where it is missing.
            project: The project file; None while there is none.
            saved: The document as that file has it; None while there is none.
        """
        self.folder, self.project = folder, project
        self._changed = threading.Condition()
        self._next: _Entry | None = None
        self._is_writing = self._is_retrying = self._is_closing = self._is_discarded = False
        self._wanted_now = 0  # how many wait in `flush`
        self._latest = saved
        self._saved = _reference(saved)
        self._numbers: weakref.WeakKeyDictionary[Document, int] = weakref.WeakKeyDictionary()
        self._n_records = self._edits = 0
        self._since_s = 0.0
        self._trouble = ""
        self._last_saved_at: datetime | None = None
        self._lock: FolderLock | None = None
        self._states: dict[int, frozenset[str]] = {}
        self._own: list[int] = []
        self._has_remains = False  # of a crash, which nobody has decided upon
        self._home: Path | None = None  # where the folder is to be, where that is elsewhere
        self._present: set[str] = set()
        self._take_folder()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    @property
    def last_saved_at(self) -> datetime | None:
        """When the last edit was written; None before the first."""
        return self._last_saved_at

    @property
    def trouble(self) -> str:
        """Why edits are not written at present, in a sentence; empty while all is well."""
        if not self._thread.is_alive() and not self._is_closing:
            return "Autosave has stopped; save the piece and start the program anew."
        return self._trouble

    @property
    def has_unsaved_edits(self) -> bool:
        """Whether the piece differs from its project."""
        return self._edits > 0

    def record(self, document: Document, label: str = "", replaces_earlier: bool = False) -> None:
        """Write `document` soon; returns at once.

        Args:
            document: The piece as it stands after an edit, an undo or a redo.
            label: What was done, such as "split clip".
            replaces_earlier: Whether this is what a crash left here, restored: its states go once it is written.
        """
        with self._changed:
            if document is self._latest or self._is_closing:
                return
            now_s = time.time()
            self._n_records += 1
            self._numbers[document] = self._n_records
            self._latest = document
            self._since_s = self._since_s if self._edits else now_s
            is_clean = self._saved is not None and self._saved() is document
            self._edits = 0 if is_clean else self._edits + 1
            replaces_earlier |= self._next is not None and self._next.replaces_earlier
            self._next = _Entry(document, self._note(document, label, now_s), replaces_earlier)
            self._changed.notify_all()

    def saved(self, document: Document, project: Path) -> None:
        """Note that `document` has been saved as `project`: older states need not be kept any more."""
        with self._changed:
            self.project, self._saved = project, weakref.ref(document)
            if self._latest is None or document is self._latest:
                self._latest, self._edits = document, 0
            else:
                self._edits = max(self._n_records - self._numbers.get(document, 0), 1)
                self._since_s = time.time()
            self._home = beside(project.resolve()) if os.access(project.resolve().parent, os.W_OK) else None
            if self._states or self._next or self._is_writing or self._home not in (None, self.folder):
                now_s = time.time()
                label = self._next.note.label if self._next else ""
                self._next = _Entry(self._latest, self._note(self._latest, label, now_s), True)
                self._changed.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was recorded is on the disk; False where it is not within the time, or cannot be."""
        with self._changed:
            self._wanted_now += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: self._is_idle or self._is_retrying, timeout_s)
                return self._is_idle
            finally:
                self._wanted_now -= 1

    def close(self, discard: bool = False, timeout_s: float = 5.0) -> None:
        """End. The folder goes where nothing is unsaved, or with `discard`; else it stays to be recovered from."""
        if not discard:
            self.flush(timeout_s)
        with self._changed:
            self._is_closing = True
            self._is_discarded = discard
            if discard:
                self._next = None
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._lock is None:
            return
        if discard or not self._edits:
            with contextlib.suppress(OSError):
                self._forget(self._own) if self._has_remains else self._lock.remove_folder()
        self._lock.release()
        self._lock = None

    @property
    def _is_idle(self) -> bool:
        return self._next is None and not self._is_writing

    def _note(self, document: Document, label: str, when_s: float) -> Note:
        project = str(self.project.resolve()) if self.project is not None else ""
        return Note(self._edits, label, self._since_s, when_s, project, document.title)

    def _work(self) -> None:
        not_before_s = 0.0
        while True:
            with self._changed:
                while self._must_wait(not_before_s):
                    left_s = not_before_s - time.monotonic() if self._next is not None else None
                    self._changed.wait(left_s)
                entry, self._next = self._next, None
                self._is_writing = entry is not None
            if entry is None:
                return
            has_failed = self._try_to_write(entry)
            with self._changed:
                self._is_writing, self._is_retrying = False, has_failed
                if has_failed and not self._is_closing:
                    self._next = self._next or entry
                    if entry.replaces_earlier:
                        self._next = replace(self._next, replaces_earlier=True)
                not_before_s = time.monotonic() + (RETRY_S if has_failed else INTERVAL_S)
                self._changed.notify_all()

    def _must_wait(self, not_before_s: float) -> bool:
        if self._is_closing:
            return False
        if self._next is None:
            return True
        is_hurried = self._wanted_now > 0 and not self._is_retrying
        return not is_hurried and time.monotonic() < not_before_s

    def _try_to_write(self, entry: _Entry) -> bool:
        """Write, and say so in `trouble` where that fails; whether it failed in a way that may pass."""
        home, self._home = self._home, None
        left = self._move(home)
        try:
            if self._lock is None:
                self._take_folder()
            if self._lock is None:
                return True
            self._write(entry)
            if left is not None:
                left.remove_folder()
        except OSError as error:
            why = error.strerror or str(error)
            self._trouble = (
                f"Autosave cannot write to {self.folder.parent.name} ({why}); make room there or save elsewhere."
            )
            self._present.clear()
            return True
        except Unfit as unfit:
            self._trouble = f"Autosave left out the last edit: {unfit}; undo it."
            return False
        finally:
            if left is not None:
                left.release()
        self._trouble = ""
        return False

    def _take_folder(self) -> None:
        """Make the folder ours; `trouble` says where that is impossible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock.take(self.folder)
        except OSError as error:
            why = error.strerror or str(error)
            self._trouble = f"Autosave cannot write to {self.folder.parent.name} ({why}); save the piece elsewhere."
            return
        if self._lock is None:
            self._trouble = "This piece is open in another window of the program; save it under another name."
            return
        self._trouble = ""
        for remnant in self.folder.glob(".*.tmp"):  # of a write that was cut off
            remnant.unlink(missing_ok=True)
        self._look_into_folder()

    def _look_into_folder(self) -> None:
        states = list(read_states(self.folder))
        self._states = {state.number: frozenset(state.entries) for state in states}
        self._has_remains = bool(states) and states[0].note.edits > 0
        self._own, self._present = [], set()

    def _move(self, home: Path | None) -> FolderLock | None:
        """Go on in another folder, where that is to be had; the lock of the one that was left."""
        if home is None or home == self.folder:
            return None
        with contextlib.suppress(OSError):
            home.mkdir(exist_ok=True)
            lock = FolderLock.take(home)
            if lock is not None:
                left, self._lock, self.folder = self._lock, lock, home
                self._look_into_folder()
                return left
        return None

    def _write(self, entry: _Entry) -> None:
        encoded = encode(entry.document)
        fresh = [stored for name, stored in encoded.entries.items() if name not in self._present]
        for stored in fresh:
            if self._is_discarded:
                return
            self._write_entry(stored)
        for name in _ENTRY_FOLDERS if fresh else ():
            _sync(self.folder / name)
        earlier = state_numbers(self.folder)
        number = max(earlier, default=0) + 1
        write_state(self.folder, number, entry.note, encoded)
        _sync(self.folder)
        self._states[number] = frozenset(encoded.entries)
        self._own.append(number)
        self._last_saved_at = datetime.now().astimezone()
        if entry.replaces_earlier:
            self._has_remains = False
        self._forget(earlier if entry.replaces_earlier else self._own[:-KEPT_STATES])

    def _write_entry(self, stored: Stored) -> None:
        path = self.folder / stored.name
        if not path.is_file() or path.stat().st_size != stored.size:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                for chunk in stored.chunks:
                    file.write(chunk)
        self._present.add(stored.name)

    def _forget(self, numbers: list[int]) -> None:
        """Remove states, and the entries that no state that stays needs."""
        for number in numbers:
            state_path(self.folder, number).unlink(missing_ok=True)
            self._states.pop(number, None)
        self._own = [n for n in self._own if n in self._states]
        if len(state_numbers(self.folder)) > len(self._states):
            return  # one of them cannot be read, perhaps a newer version's: what it needs is not known
        needed = frozenset().union(*self._states.values())
        for folder in _ENTRY_FOLDERS:
            for path in (self.folder / folder).glob("*"):
                name = f"{folder}/{path.name}"
                if name not in needed:
                    path.unlink(missing_ok=True)
                    self._present.discard(name)


def _reference(document: Document | None) -> weakref.ref[Document] | None:
    return weakref.ref(document) if document is not None else None


def _sync(folder: Path) -> None:
    """Make sure that new names in a folder are on the disk too, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

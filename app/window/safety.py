"""Nothing is lost: every edit goes to the journal, and what a crash left is offered at the next start."""

from __future__ import annotations

from datetime import datetime

from app.recent import RecentFiles
from app.settings import Preferences, PreferenceStore, state_folder
from app.window.piece import Piece, assembled
from editor.document.document import Document
from editor.document.errors import ProjectFileError
from editor.document.journal import Journal
from editor.document.journal_files import journal_folder
from editor.document.recovery import Recovery, recoverable
from editor.session import Session

_PATIENCE_S = 60.0  # for writing a large piece to a slow disk


class Safety:
    """Writes the journal of the piece that is open."""

    def __init__(self, session: Session, piece: Piece, preferences: PreferenceStore, recent: RecentFiles) -> None:
        self._session, self._piece, self._preferences, self._recent = session, piece, preferences, recent
        self._journal: Journal | None = None
        self._has_begun = False
        session.changed.connect(self._on_changed)
        piece.leaving.connect(lambda: self.close(discards=True))  # the user has decided about it
        piece.opened.connect(self._begin)
        piece.saved.connect(self._on_saved)
        preferences.changed.connect(self._follow_preference)

    @property
    def saved_at(self) -> datetime | None:
        """When edits were put away last; None where nothing had to be."""
        return self._journal.last_saved_at if self._journal is not None else None

    @property
    def trouble(self) -> str:
        """Why edits cannot be put away, in a sentence; empty when they can."""
        return self._journal.trouble if self._journal is not None else ""

    def left_by_a_crash(self) -> tuple[Recovery, ...]:
        """What could be restored."""
        return recoverable(state_folder(), [entry.path for entry in self._recent.entries()])

    def restore(self, recovery: Recovery) -> bool:
        """Open what a crash left. It stays in a journal until it is saved; False where it cannot be read."""
        read = self._piece.read_meanwhile
        try:
            document = read(f"Restoring {recovery.title}", lambda _: assembled(recovery.document()))
        except (ProjectFileError, OSError) as error:
            self._session.said.emit(str(error), "error")
            return False
        self._piece.restore(document, recovery.project)
        journal = self._journal
        if journal is not None:
            journal.record(document, "recovered piece", replaces_earlier=True)
            if journal.folder != recovery.folder and read("Keeping it safe", lambda _: journal.flush(_PATIENCE_S)):
                recovery.discard()
        return True

    def close(self, discards: bool = False) -> None:
        """End the journal. What is nowhere else stays to be recovered, unless it is not wanted."""
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.close(discard=discards)

    def _begin(self) -> None:
        self._has_begun = True
        if self._preferences.values.is_autosave_on:
            piece = self._piece
            self._journal = Journal(journal_folder(piece.path, state_folder()), piece.path, piece.saved_document)

    def _follow_preference(self, old: Preferences, new: Preferences) -> None:
        """Autosave was switched on or off: what is open is kept from now on, or what was kept goes."""
        if old.is_autosave_on == new.is_autosave_on:
            return
        self.close(discards=True)
        if self._has_begun:
            self._begin()
            if self._journal is not None:
                self._journal.record(self._session.document, "switched autosave on")

    def _on_saved(self) -> None:
        if self._journal is not None and self._piece.path is not None:
            self._journal.saved(self._piece.saved_document, self._piece.path)

    def _on_changed(self, _old: Document, new: Document, label: str) -> None:
        if self._journal is not None:
            self._journal.record(new, label)

"""Nothing is lost: every edit goes to the journal, and what a crash left is offered at the next start."""

from __future__ import annotations

from pathlib import Path

from app.recent import RecentFiles
from app.settings import PreferenceStore, state_folder
from app.window.piece import Piece
from editor.document.document import Document
from editor.document.journal import Journal, journal_folder
from editor.document.recovery import Recovery, recoverable
from editor.session import Session


class Safety:
    """Writes the journal of the open piece."""

    def __init__(self, session: Session, piece: Piece, preferences: PreferenceStore, recent: RecentFiles) -> None:
        self._session, self._piece, self._preferences, self._recent = session, piece, preferences, recent
        self._journal: Journal | None = None
        session.changed.connect(self._on_changed)
        piece.opened.connect(self._begin_anew)
        piece.saved.connect(self._saved)

    @property
    def saved_at_s(self) -> float | None:
        """When edits were put away last, seconds since the epoch; None where nothing had to be."""
        return self._journal.last_saved_at if self._journal is not None else None

    @property
    def trouble(self) -> str:
        """Why edits cannot be put away, in a sentence; empty when they can."""
        return self._journal.trouble if self._journal is not None else ""

    def left_by_a_crash(self) -> tuple[Recovery, ...]:
        """What could be restored."""
        return recoverable(state_folder(), [entry.path for entry in self._recent.entries()])

    def close(self, keeps: bool = False) -> None:
        """End the journal; it is removed unless it `keeps` edits that are nowhere else."""
        if self._journal is not None:
            self._journal.close(keep=keeps)
            self._journal = None

    def _begin_anew(self) -> None:
        self.close()

    def _saved(self) -> None:
        self.close()

    def _on_changed(self, old: Document, new: Document, label: str) -> None:
        if not self._preferences.values.is_autosave_on or self._piece.is_saved:
            return
        if self._journal is None:
            self._journal = Journal(journal_folder(self._piece.path, state_folder()), project=self._piece.path)
        self._journal.record(new, label)


def folder_of(path: Path | None) -> Path:
    """Where the journal of a piece lies."""
    return journal_folder(path, state_folder())

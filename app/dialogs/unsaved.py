"""Leaving with unsaved work: the one question that is asked."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.dialogs.parts import Dialog, words

SAVE, DISCARD, CANCEL = "save", "discard", "cancel"


class UnsavedDialog(Dialog):
    """Save, do not save, or stay.

    Attributes:
        answer: SAVE, DISCARD or CANCEL.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent, "Unsaved changes")
        self.answer = CANCEL
        self.column.addWidget(words(f"Save the changes to \u201c{title}\u201d?", "title"))
        self.column.addWidget(words("What is not saved is lost when you leave the piece.", "muted"))
        self.column.addStretch(1)
        self.add_button(
            "Don\u2019t save", lambda: self._end(DISCARD), "Don\u2019t save (D)\nLeave; the file stays as it was",
            is_left=True,
        ).setShortcut("D")  # fmt: skip
        self.add_button("Cancel", self.reject, "Cancel (Esc)\nStay with the piece")
        save = self.add_button(
            "Save", lambda: self._end(SAVE), "Save (Return)\nWrite the piece, then leave", kind="primary"
        )
        save.setFocus()
        self.resize_scaled(440, 160)

    def _end(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def ask_unsaved(parent: QWidget | None, title: str) -> str:
    """What is to become of unsaved changes: "save", "discard" or "cancel"."""
    dialog = UnsavedDialog(parent, title)
    dialog.exec()
    return dialog.answer

"""A damaged project: what could be read of it, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.dialogs.parts import Dialog, words


class SalvageDialog(Dialog):
    """What was lost, and whether the rest is to be opened."""

    def __init__(self, parent: QWidget | None, name: str, lost: Sequence[str]) -> None:
        super().__init__(parent, "Damaged project")
        self.column.addWidget(words(f"\u201c{name}\u201d is damaged, but most of it can be opened", "title"))
        if lost:
            self.column.addWidget(words("This could not be read:", "muted"))
            self.list = QPlainTextEdit("\n".join(f"\u2022 {sentence}" for sentence in lost))
            self.list.setReadOnly(True)
            self.list.setTabChangesFocus(True)
            self.list.setAccessibleName("What is lost")
            self.column.addWidget(self.list, 1)
        else:
            self.column.addWidget(words("Nothing seems to be missing.", "muted"))
        self.column.addWidget(words("The damaged file stays as it is; save the piece under a new name.", "muted"))
        self.add_button("Leave it", self.reject, "Leave it (Esc)\nOpen nothing")
        self.add_button(
            "Open what could be read", self.accept, "Open what could be read (Return)\nAs a new, unsaved piece",
            kind="primary",
        ).setFocus()  # fmt: skip
        self.resize_scaled(520, 300 if lost else 180)


def ask_salvage(parent: QWidget | None, name: str, lost: Sequence[str]) -> bool:
    """Whether what could be read of a damaged project is to be opened."""
    return bool(SalvageDialog(parent, name, lost).exec())

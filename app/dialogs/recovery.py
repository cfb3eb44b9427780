"""After a crash: what the journal can bring back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.dialogs.parts import Dialog, words
from app.look.fonts import current_scale
from editor.document.recovery import Recovery


class RecoveryDialog(Dialog):
    """The pieces with unsaved edits, the latest first: restore one, discard, or decide later.

    Attributes:
        restored: The one to open; None where the answer was "Later".
    """

    def __init__(self, parent: QWidget | None, recoveries: Sequence[Recovery]) -> None:
        super().__init__(parent, "Restore unsaved work")
        self.restored: Recovery | None = None
        self._recoveries = list(recoveries)
        self._is_sure = False
        self.column.addWidget(words("Kinetograph ended before this was saved", "title"))
        self.column.addWidget(
            words("Restoring opens the piece with all its edits; its file stays as it is until you save.", "muted")
        )
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved pieces")
        self.list.setWordWrap(True)
        for recovery in self._recoveries:
            self.list.addItem(_item(recovery))
        self.list.currentRowChanged.connect(self._hesitate)
        self.list.itemActivated.connect(lambda _: self.restore())
        self.column.addWidget(self.list, 1)
        self.discard_button = self.add_button(
            "Discard", self.discard, "Discard\nGive up these edits for good; asks once more", is_left=True
        )
        self.add_button("Later", self.reject, "Later (Esc)\nKeep everything; it is offered again at the next start")
        self.add_button("Restore", self.restore, "Restore (Return)\nOpen the piece with these edits", kind="primary")
        self.list.setCurrentRow(0)
        self.list.setFocus()
        self.resize_scaled(560, 320)

    def restore(self) -> None:
        """Take the selected piece."""
        row = self.list.currentRow()
        if row >= 0:
            self.restored = self._recoveries[row]
            self.accept()

    def discard(self) -> None:
        """Give up the selected piece's edits; only the second press does it."""
        row = self.list.currentRow()
        if row < 0:
            return
        if not self._is_sure:
            self._is_sure = True
            self.discard_button.setText("Discard for good")
            return
        self._recoveries.pop(row).discard()
        self.list.takeItem(row)
        self._hesitate()
        if not self._recoveries:
            self.reject()

    def _hesitate(self, _row: int = -1) -> None:
        self._is_sure = False
        self.discard_button.setText("Discard")


def ask_recovery(parent: QWidget | None, recoveries: Sequence[Recovery], restore: Callable[[Recovery], object]) -> bool:
    """Offer what a crash left; `restore` is called with the one that is wanted. Whether one was."""
    if not recoveries:
        return False
    dialog = RecoveryDialog(parent, recoveries)
    dialog.exec()
    if dialog.restored is None:
        return False
    restore(dialog.restored)
    return True


def _item(recovery: Recovery) -> QListWidgetItem:
    where = str(recovery.project) if recovery.project is not None else "never saved"
    when = recovery.when.strftime("%A %d %B, %H:%M")
    made = QListWidgetItem(f"{recovery.title}   \u00b7   {when}\n{recovery.summary}")
    made.setToolTip(f"{recovery.summary}\n{where}")
    made.setData(Qt.ItemDataRole.AccessibleTextRole, f"{recovery.title}, {when}, {recovery.summary}")
    made.setSizeHint(QSize(0, round(48 * current_scale())))
    return made

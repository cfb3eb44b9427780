"""File > Last receipt: what is proven of an export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTreeWidget, QTreeWidgetItem, QWidget

from app.dialogs.parts import Dialog, space, words
from app.exports import Exported
from app.look.fonts import current_scale
from app.look.icons import icon, pixmap
from editor.theme import Theme
from engine.formats.receipt import as_text

_MARK_PX = 40


class ReceiptDialog(Dialog):
    """A mark that says whether it passed, a line for each file, and the whole receipt to read.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        exported: What was made.
    """

    def __init__(self, parent: QWidget | None, theme: Theme, exported: Exported) -> None:
        super().__init__(parent, "Receipt")
        self._exported = exported
        self.column.addLayout(_verdict(theme, exported))
        self.files = QTreeWidget()
        self.files.setAccessibleName("Files")
        self.files.setRootIsDecorated(False)
        self.files.setColumnCount(2)
        self.files.setHeaderHidden(True)
        self.files.setUniformRowHeights(True)
        for receipt in exported.receipts:
            item = QTreeWidgetItem([receipt.file, receipt.summary])
            item.setIcon(0, icon("circle-check" if receipt.is_passed else "triangle-alert", theme))
            item.setToolTip(1, receipt.summary)
            self.files.addTopLevelItem(item)
        self.files.resizeColumnToContents(0)
        self.column.addWidget(self.files, 1)
        self.text = QPlainTextEdit(_whole_text(exported))
        self.text.setAccessibleName("The whole receipt")
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.column.addWidget(self.text, 2)
        self.add_button("Copy", self.copy, "Copy\nThe whole receipt, to the clipboard", kind="quiet", is_left=True)
        self.add_button("Show the folder", self.show_folder, "Show the folder\nWhere the files lie")
        close = self.add_button("Close", self.accept, "Close (Esc)\nBack to the piece", kind="primary")
        close.setFocus()
        self.resize_scaled(760, 560)

    def copy(self) -> None:
        """Put the whole receipt on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def show_folder(self) -> None:
        """Open the folder in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._exported.paths[0].parent)))


def _verdict(theme: Theme, exported: Exported) -> QHBoxLayout:
    is_passed = all(receipt.is_passed for receipt in exported.receipts)
    mark, side = QLabel(), round(_MARK_PX * current_scale())
    mark.setFixedSize(side, side)
    colour = theme.accent if is_passed else theme.error
    mark.setPixmap(pixmap("circle-check" if is_passed else "triangle-alert", theme, side, colour=colour))
    mark.setAccessibleName("Passed" if is_passed else "Failed")
    title = words("Passed: the files hold what is on the stage." if is_passed else "Failed.", "title")
    title.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    row = QHBoxLayout()
    row.setSpacing(space(2))
    row.addWidget(mark)
    row.addWidget(title, 1)
    return row


def _whole_text(exported: Exported) -> str:
    """As it was written, with what goes along beside motion; else of the motion alone."""
    path: Path | None = exported.receipt_path
    if path is not None and path.is_file():
        return path.read_text("utf-8")
    return as_text(exported.receipts)

"""Which tracker finds the beats: our own, or Beat This! with weights that the user fetched. Nothing is fetched here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.dialogs.parts import space
from engine.music import beat_network

OWN = "Kinetograph\u2019s own tracker"


def offer() -> str:
    """What the weights are, how large, from where and under which licence."""
    sizes = " or ".join(f"{name}.ckpt, {size_mb:.0f} MB" for name, (_, size_mb) in beat_network.OFFERED.items())
    install = "" if beat_network.is_installed() else f" It is not installed yet: {beat_network.INSTALL}"
    return (
        f"{beat_network.NAME} is a neural network that hears the beats of hard music better. Its weights ({sizes}; "
        f"licence {beat_network.LICENCE}; from {beat_network.HOME}) are no part of this program, and it fetches "
        f"nothing: copy the address, fetch them in your browser, and choose the file here.{install}"
    )


class TrackerChoice(QWidget):
    """The file of the weights, a button to choose it, one to go back to our own, and one that copies the address.

    Args:
        weights: The checkpoint that is chosen; empty for our own tracker.

    Signals:
        chosen(path): Another one; empty for our own.
    """

    chosen = Signal(str)

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.offer = offer()
        self.file = QLineEdit(weights)
        self.file.setReadOnly(True)
        self.file.setPlaceholderText(OWN)
        self.file.setAccessibleName("Beats by")
        self.choose = self._button("Beat This!\u2026", "Choose the weights that you fetched", self._ask)
        self.own = self._button("Own", "Back to Kinetograph\u2019s own tracker", lambda: self._take(""))
        self.copy = self._button("Copy address", self._address(), self._copy_address)
        row = QHBoxLayout()
        row.setSpacing(space(1))
        for widget in (self.choose, self.own, self.copy):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addWidget(self.file)
        column.addLayout(row)
        self.setFocusProxy(self.choose)
        self.own.setEnabled(bool(weights))

    def _button(self, text: str, says: str, pressed: object) -> QPushButton:
        made = QPushButton(text)
        made.setAutoDefault(False)
        made.setToolTip(f"{text}\n{says}")
        made.clicked.connect(pressed)
        return made

    def _address(self) -> str:
        return next(address for address, _ in beat_network.OFFERED.values())

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._address())

    def _ask(self) -> None:
        start = self.file.text() or str(Path.home())
        path, _ = QFileDialog.getOpenFileName(self, "Choose the weights of Beat This!", start, "Weights (*.ckpt)")
        if path:
            self._take(path)

    def _take(self, path: str) -> None:
        self.file.setText(path)
        self.own.setEnabled(bool(path))
        self.chosen.emit(path)

"""Over the stage: what is shown in place of the dance, to be kept or returned from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from editor.panels import drawing
from editor.panels.buttons import PRIMARY, QUIET, Button
from editor.panels.controls import ElidedLabel
from editor.panels.drawing import Painted
from editor.theme import SPACE, Theme


class OfferBar(Painted, QWidget):
    """A small plate in the stage's upper left corner; the stage keeps its size below it.

    Signals:
        compare_wanted(): Between what is offered and the dance as it was.
        keep_wanted(): It becomes the dance.
        return_wanted(): Back to the dance as it was.
    """

    compare_wanted = Signal()
    keep_wanted = Signal()
    return_wanted = Signal()

    def __init__(self, stage: QWidget, theme: Theme) -> None:
        super().__init__(stage)
        self.theme = theme
        self.setAccessibleName("Shown in place")
        self.name = ElidedLabel("", theme, is_bold=True)
        self.compare = Button("A/B", theme, key="A", is_small=True, name="Compare",
                              why="Between what is offered and the dance as it was, in place.")  # fmt: skip
        self.back = Button("Return", theme, key="Esc", kind=QUIET, is_small=True,
                           why="Back to the dance as it was.")  # fmt: skip
        self.keep = Button("Keep", theme, key="Enter", kind=PRIMARY, is_small=True,
                           why="It becomes the dance; what was there stays on the shelf.")  # fmt: skip
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[1], SPACE[0], SPACE[0], SPACE[0])
        row.setSpacing(SPACE[0])
        row.addWidget(self.name)
        row.addSpacing(SPACE[1])
        for button, signal in (
            (self.compare, self.compare_wanted), (self.back, self.return_wanted), (self.keep, self.keep_wanted),
        ):  # fmt: skip
            button.clicked.connect(signal)
            row.addWidget(button)
        stage.installEventFilter(self)
        self.hide()

    def offer(self, name: str, is_shown: bool, compares: bool = True) -> None:
        """Offer something by its name; `is_shown` is false while the dance as it was is looked at. No name hides it.

        What is seen beside the dance as it was needs no comparing.
        """
        self.compare.setVisible(compares)
        self.setVisible(bool(name))
        self.name.set_text(name if is_shown else "As it was")
        self.keep.setEnabled(is_shown)
        self.keep.set_reason("" if is_shown else "Compare first: press A to see what is offered.")
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter: QPainter = drawing.begin(self)
        drawing.box(painter, QRectF(self.rect()), QColor(self.theme.panel), QColor(self.theme.line))

    def _place(self) -> None:
        stage = self.parentWidget()
        assert stage is not None
        wanted = self.sizeHint()
        self.setGeometry(SPACE[1], SPACE[1], min(wanted.width(), stage.width() - 2 * SPACE[1]), wanted.height())

"""How far something is, how long it will still take, and the button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from editor.panels import drawing
from editor.panels.buttons import Button
from editor.panels.controls import ElidedLabel
from editor.panels.drawing import Painted
from editor.theme import SPACE, Theme

BAR_PX = 4


def eta_words(eta_s: float | None) -> str:
    """How long it will still take; empty where nobody knows."""
    if eta_s is None:
        return ""
    if eta_s < 1.0:
        return "under 1 s left"
    return f"{eta_s:.0f} s left" if eta_s < 90.0 else f"{eta_s / 60.0:.0f} min left"


class ProgressRow(Painted, QWidget):
    """Words over a thin bar, and Cancel beside them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.words = ElidedLabel("", theme, drawing.SMALL)
        self.bar = Bar(theme)
        self.cancel = Button("Cancel", theme, glyph="cancel", key="Esc", why="Takes that are ready stay.")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.words)
        texts.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        row.addLayout(texts, 1)
        row.addWidget(self.cancel)

    def show_progress(self, fraction: float | None, eta_s: float | None, text: str) -> None:
        """Show a fraction of 1; None is the end."""
        self.bar.set_fraction(0.0 if fraction is None else fraction)
        percent = "" if fraction is None else f"{100 * fraction:.0f} %"
        parts = (text or "Making takes", eta_words(eta_s) or percent)
        self.words.set_text(" \u00b7 ".join(part for part in parts if part))


class Bar(Painted, QWidget):
    """A thin bar."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.fraction = theme, 0.0
        self.setAccessibleName("Progress")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_fraction(self, fraction: float) -> None:
        """How far, 0 to 1."""
        self.fraction = min(max(fraction, 0.0), 1.0)
        self.setAccessibleDescription(f"{100 * self.fraction:.0f} %")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(60, round(BAR_PX * drawing.unit(self)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, frame = drawing.begin(self), QRectF(self.rect())
        round_ends = frame.height() / 2
        drawing.box(painter, frame, QColor(self.theme.line), None, round_ends)
        done = QRectF(0, 0, frame.width() * self.fraction, frame.height())
        drawing.box(painter, done, QColor(self.theme.accent), None, round_ends)

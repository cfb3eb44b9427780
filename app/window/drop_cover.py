"""Laid over the window while a file is dragged over it: says what would become of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.look.fonts import current_scale, font
from app.window.files import MOTION_ENDINGS
from app.window.piece import ENDING, SOUND_ENDINGS
from editor.theme import RADIUS, SPACE, Theme

_COVER = 0.82


def promise(paths: Sequence[Path]) -> str:
    """What becomes of files that are dropped; empty where the first is nothing that can be opened."""
    ending = paths[0].suffix.lower() if paths else ""
    if ending == ENDING:
        return "Open the piece"
    if ending in SOUND_ENDINGS:
        return "Dance to the song"
    return "Import the motion" if ending in MOTION_ENDINGS else ""


class DropCover(QWidget):
    """Covers the window; takes no mouse, for the drag goes on to the window."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Files dragged over the window")
        self._window, self._theme = window, theme
        self.words, self._name = "", ""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme

    def offer(self, paths: Sequence[Path]) -> None:
        """Show what would become of the first of these files."""
        self.words = promise(paths) or "Nothing that can be opened"
        self._name = paths[0].name if paths else ""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, scale = QPainter(self), self._theme, current_scale()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.window)
        ground.setAlphaF(_COVER)
        painter.fillRect(self.rect(), ground)
        inset = 2.0 * SPACE[3]
        painter.setPen(QPen(QColor(theme.accent), 2.0, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 2 * RADIUS, 2 * RADIUS)
        middle = self.rect().center().y()
        for words, kind, colour, dy in (
            (self.words, "large", theme.text, -18), (self._name, "normal", theme.muted, 12),
        ):  # fmt: skip
            painter.setFont(font(kind, scale, is_bold=kind == "large"))
            painter.setPen(QColor(colour))
            room = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, self.width() - 8 * SPACE[3])
            box = QRectF(0, middle + dy * scale - 20 * scale, self.width(), 40 * scale)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, room)

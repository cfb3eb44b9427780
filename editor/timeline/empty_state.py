"""What the timeline shows before there is a song: one sentence and two buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from editor.panels.buttons import PLAIN, PRIMARY, Button
from editor.theme import FONT_PX, SPACE, Theme
from editor.timeline.ink import Ink

_INVITATION = "Drop a song here, or open the demo piece."


class EmptyState(QWidget):
    """A field to drop a song on.

    Signals:
        open_song_wanted(), open_demo_wanted(): A button was pressed.
    """

    open_song_wanted = Signal()
    open_demo_wanted = Signal()

    def __init__(self, theme: Theme, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self.ink = ink
        self.sentence = QLabel(_INVITATION)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setWordWrap(True)
        self.song_button = Button("Open song", theme, kind=PRIMARY, why="Choose a sound file to dance to")
        self.demo_button = Button("Open demo", theme, kind=PLAIN, why="A finished piece to try everything on")
        self.song_button.clicked.connect(self.open_song_wanted)
        self.demo_button.clicked.connect(self.open_demo_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addStretch()
        row.addWidget(self.song_button)
        row.addWidget(self.demo_button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * SPACE[3], SPACE[3], 3 * SPACE[3], SPACE[3])
        column.setSpacing(SPACE[3])
        column.addStretch()
        column.addWidget(self.sentence)
        column.addLayout(row)
        column.addStretch()
        self.setAccessibleName("No song yet")
        self.set_ink(theme, ink)

    def show_work(self, text: str) -> None:
        """Say what is being done with a song that was dropped; nothing invites another one."""
        self.sentence.setText(text or _INVITATION)
        for button in (self.song_button, self.demo_button):
            button.setVisible(not text)

    def set_ink(self, theme: Theme, ink: Ink) -> None:
        """Paint with other colours or measures."""
        self.ink = ink
        self.song_button.theme = self.demo_button.theme = theme
        size_px = round(FONT_PX[2] * ink.scale)
        self.sentence.setStyleSheet(f"color: {theme.text}; background: transparent; font-size: {size_px}px;")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink = QPainter(self), self.ink
        painter.fillRect(self.rect(), ink.colour("window"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = ink.pen(ink.mix("line", "muted", 0.5), 1.4, (4.0, 4.0))
        painter.setPen(pen)
        painter.setBrush(ink.colour("panel"))
        margin = ink.px(SPACE[3])
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(margin, margin, -margin, -margin), 8, 8)
        painter.end()

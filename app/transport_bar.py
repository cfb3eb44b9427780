"""What lies under the dancer in the demo window: the song to seek in, the play button, time and counts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.counting import Count, clock
from engine.music.analysis import MusicAnalysis

COLOURS = {
    "window": "#1b1c1f", "panel": "#232428", "raised": "#2c2e33", "line": "#3a3d44",
    "text": "#e6e7ea", "muted": "#9a9da6", "accent": "#4aa3ff", "warning": "#f0e442",
}  # fmt: skip


class TransportBar(QWidget):
    """Progress while the dance is made; then seek bar, play button, time, counts and tempo.

    Signals:
        play_pressed(): The play button was pressed.
    """

    play_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.seek_bar = SeekBar()
        self.progress = QProgressBar(textVisible=False, maximum=1000)
        self.play = QPushButton("Play", enabled=False, toolTip="Play or stop (Space)")
        self.play.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.play.setFixedWidth(76)
        self.play.clicked.connect(self.play_pressed)
        self.time = QLabel("Making a dance for the demo song\u2026")
        self.counts = CountRow()
        self.place = QLabel("")
        self.hint = QLabel("Space plays \u00b7 drag turns \u00b7 Shift+drag moves \u00b7 wheel zooms \u00b7 F frames")
        self.hint.setObjectName("muted")
        self.trouble = QLabel("")
        self.trouble.setObjectName("warning")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        row = QHBoxLayout()
        row.setSpacing(12)
        for widget in (self.play, self.time):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.counts)
        row.addStretch(1)
        row.addWidget(self.place)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(8)
        for part in (self.progress, self.seek_bar, row, self.trouble, self.hint):
            if isinstance(part, QHBoxLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        self.seek_bar.hide()
        self.counts.hide()

    def show_progress(self, fraction: float) -> None:
        self.progress.setValue(round(1000 * fraction))
        self.time.setText(f"Making a dance for the demo song\u2026 {100 * fraction:.0f} %")

    def show_song(self, analysis: MusicAnalysis, trouble: str) -> None:
        self.progress.hide()
        self.seek_bar.show_song(analysis)
        self.seek_bar.show()
        self.counts.show()
        self.play.setEnabled(True)
        self.show_trouble(trouble)

    def show_trouble(self, sentence: str) -> None:
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))

    def show_time(self, now_s: float, duration_s: float, count: Count | None, is_playing: bool) -> None:
        self.play.setText("Stop" if is_playing else "Play")
        self.time.setText(f"{clock(now_s)} / {clock(duration_s)}")
        self.seek_bar.show_time(now_s)
        self.counts.show_count(count)
        self.place.setText(f"{count.bar_name} \u00b7 {count.tempo_bpm:.0f} bpm" if count else "")


class CountRow(QWidget):
    """The counts of eight in a row, the one that sounds lit."""

    _STEP = 26

    def __init__(self) -> None:
        super().__init__()
        self._count: Count | None = None
        self._n_counts = 8
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._STEP * self._n_counts, 28)

    def show_count(self, count: Count | None) -> None:
        if count == self._count:
            return
        self._count = count
        if count and count.n_counts != self._n_counts:
            self._n_counts = count.n_counts
            self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(1, self._n_counts + 1):
            cell = QRectF((number - 1) * self._STEP, 0, self._STEP, self.height())
            is_lit = self._count is not None and self._count.number == number
            if is_lit:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(COLOURS["accent"]))
                painter.drawEllipse(cell.center(), 12.0, 12.0)
            painter.setPen(QColor("#0c121a" if is_lit else COLOURS["muted"]))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(number))


class SeekBar(QWidget):
    """The song's sections and beats, and where it stands. Press or drag to go elsewhere.

    Signals:
        moved_to(float): The user asked for a moment, seconds.
    """

    moved_to = Signal(float)
    _SECTION_HEIGHT = 20

    def __init__(self) -> None:
        super().__init__()
        self._analysis: MusicAnalysis | None = None
        self._now_s = 0.0
        self.setFixedHeight(48)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_song(self, analysis: MusicAnalysis) -> None:
        self._analysis = analysis
        self.update()

    def show_time(self, now_s: float) -> None:
        self._now_s = now_s
        self.update()

    def x_at(self, time_s: float) -> float:
        """Where a moment lies, pixels from the left."""
        duration_s = self._analysis.duration_s if self._analysis else 1.0
        return time_s / max(duration_s, 1e-6) * self.width()

    def time_at(self, x: float) -> float:
        """The moment at a place, within the song."""
        duration_s = self._analysis.duration_s if self._analysis else 0.0
        return min(max(x / max(self.width(), 1), 0.0), 1.0) * duration_s

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.moved_to.emit(self.time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.setToolTip(clock(self.time_at(event.position().x())))
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved_to.emit(self.time_at(event.position().x()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strip = QRectF(0, self._SECTION_HEIGHT + 2, self.width(), self.height() - self._SECTION_HEIGHT - 2)
        painter.fillRect(strip, QColor(COLOURS["raised"]))
        if self._analysis is None:
            return
        self._paint_sections(painter, self._analysis)
        self._paint_loudness(painter, self._analysis, strip)
        self._paint_beats(painter, self._analysis, strip)
        x = self.x_at(self._now_s)
        painter.setPen(QPen(QColor(COLOURS["text"]), 2.0))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _paint_sections(self, painter: QPainter, analysis: MusicAnalysis) -> None:
        painter.setFont(_smaller(self.font()))
        for i, section in enumerate(analysis.sections):
            left, right = self.x_at(section.start_s), self.x_at(section.end_s)
            box = QRectF(left, 0, max(right - left - 1, 1), self._SECTION_HEIGHT)
            painter.fillRect(box, QColor(COLOURS["line"] if i % 2 else COLOURS["raised"]))
            words = f"{section.label}  {section.role}"
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width() - 12))
            painter.setPen(QColor(COLOURS["text"]))
            painter.drawText(box.adjusted(6, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_loudness(self, painter: QPainter, analysis: MusicAnalysis, strip: QRectF) -> None:
        times_s = np.linspace(0.0, analysis.duration_s, max(self.width() // 3, 2))
        heights = analysis.curve_at("loudness", times_s) * (strip.height() - 4)
        painter.setPen(QPen(QColor(74, 163, 255, 120), 2.0))
        for time, height in zip(times_s, heights, strict=True):
            x = self.x_at(float(time))
            painter.drawLine(QPointF(x, strip.bottom()), QPointF(x, strip.bottom() - float(height)))

    def _paint_beats(self, painter: QPainter, analysis: MusicAnalysis, strip: QRectF) -> None:
        # Beats that would lie closer than three pixels say nothing; downbeats stay.
        shows_all = analysis.n_beats * 3 < self.width()
        for time, place in zip(analysis.beat_times_s, analysis.beat_in_bar, strict=True):
            if place and not shows_all:
                continue
            x = self.x_at(float(time))
            painter.setPen(QPen(QColor(COLOURS["text" if place == 0 else "muted"]), 1.0))
            painter.drawLine(QPointF(x, strip.top()), QPointF(x, strip.top() + (9 if place == 0 else 4)))


def _smaller(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(11)
    return small

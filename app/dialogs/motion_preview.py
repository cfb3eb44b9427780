"""A motion that dances in a dialog: the small figure of the takes' shelf, played round and round, and a slider."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.dialogs.parts import space
from app.look.fonts import current_scale
from app.look.icons import icon
from editor.panels.figure import Figure
from editor.theme import Theme
from engine.motion.motion import Motion

_EVERY_MS = 33
_LEAST = QSize(240, 250)


class MotionPreview(QWidget):
    """Shows a motion; it plays unless `is_still`, the button stops it, and the slider goes to any moment."""

    def __init__(self, theme: Theme, is_still: bool = False) -> None:
        super().__init__()
        self.picture = _Picture(theme)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Moment of the preview")
        self.slider.setToolTip("Moment\nDrag to any moment of the motion")
        self.button = QPushButton()
        self.button.setProperty("kind", "quiet")
        self.button.setAutoDefault(False)
        self._time = QLabel("")
        self._time.setProperty("kind", "small")
        self._theme, self._is_playing = theme, not is_still
        self._timer, self._clock, self._from_s = QTimer(self), QElapsedTimer(), 0.0
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._step)
        self.button.clicked.connect(lambda: self.play(not self._is_playing))
        self.slider.valueChanged.connect(lambda frame: self._show(frame))
        self.slider.sliderPressed.connect(lambda: self.play(False))
        row = QHBoxLayout()
        row.setSpacing(space(1))
        for widget, stretch in ((self.button, 0), (self.slider, 1), (self._time, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addWidget(self.picture, 1)
        column.addLayout(row)
        self.show_motion(None)

    def show_motion(self, motion: Motion | None) -> None:
        """Show another motion from its start, or nothing."""
        self.picture.figure = None if motion is None else Figure(motion)
        self.slider.setRange(0, 0 if motion is None else motion.n_frames - 1)
        self.slider.setEnabled(motion is not None)
        self.button.setEnabled(motion is not None)
        self.slider.setValue(0)
        self._show(0)
        self.play(self._is_playing)

    def play(self, is_playing: bool) -> None:
        """Let it dance, or hold it."""
        self._is_playing = is_playing
        self.button.setIcon(icon("pause" if is_playing else "play", self._theme))
        self.button.setAccessibleName("Pause the preview" if is_playing else "Play the preview")
        self.button.setToolTip(f"{'Pause' if is_playing else 'Play'}\nThe preview goes round and round")
        self._from_s = self._at_s()
        self._clock.restart()
        if is_playing and self.picture.figure is not None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: object) -> None:
        self.play(self._is_playing)

    def hideEvent(self, event: object) -> None:
        self._timer.stop()

    def _at_s(self) -> float:
        figure = self.picture.figure
        return 0.0 if figure is None else self.slider.value() / figure.motion.frame_rate_hz

    def _step(self) -> None:
        figure = self.picture.figure
        if figure is not None:
            at_s = (self._from_s + self._clock.elapsed() / 1000.0) % max(figure.duration_s, 1e-3)
            self.slider.setValue(min(int(at_s * figure.motion.frame_rate_hz), self.slider.maximum()))

    def _show(self, frame: int) -> None:
        figure = self.picture.figure
        self.picture.at_s = 0.0 if figure is None else frame / figure.motion.frame_rate_hz
        self._time.setText("" if figure is None else f"{self.picture.at_s:.1f} s")
        self.picture.update()


class _Picture(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.figure: Figure | None = None
        self.at_s = 0.0
        self._theme = theme
        self.setMinimumSize(_LEAST * current_scale())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview of the motion")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.window)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), space(1), space(1))
        if self.figure is not None:
            inside = QRectF(self.rect()).adjusted(space(1), space(1), -space(1), -space(1))
            self.figure.paint(painter, inside, self.at_s, self._theme, ground)
        painter.end()

"""Between the stage and the timeline: play and step, time and count, loop, click, count-in, speed, volume."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QColor, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from app.counting import Counting, clock
from app.look.fonts import current_scale, font
from app.look.icons import icon
from app.window.volume import Volume
from app.window.volume_slider import VolumeSlider
from editor.session import Session
from editor.theme import CONTROL_HEIGHT, SPACE, Theme

_LEFT = ("go_start", "bar_back", "play_pause", "bar_forward", "go_end")
_RIGHT = ("loop", "click", "count_in")
_LEFT_OUT_FIRST = (("go_start", "go_end"), ("bar_back", "bar_forward"))  # keys do the same
_BUTTON_WIDTH = 30  # so that counts and volume find room in a window of 1280
_SPEEDS = ("speed_25", "speed_50", "speed_75", "speed_100")
_ICONS = {
    "go_start": "skip-back", "bar_back": "step-back", "bar_forward": "step-forward", "go_end": "skip-forward",
    "loop": "repeat", "click": "metronome", "count_in": "timer",
}  # fmt: skip


class TransportBar(QFrame):
    """Buttons that trigger the window's actions, and what is heard now.

    Args:
        session: Tells the time.
        actions: The window's, by command name.
        theme: Its colours.
        volume: How loud it is heard.
        level_db: Gives the level of what is heard.
        speed: Gives the practice speed.
    """

    def __init__(
        self,
        session: Session,
        actions: dict[str, QAction],
        theme: Theme,
        volume: Volume,
        level_db: Callable[[], float],
        speed: Callable[[], float],
    ) -> None:
        super().__init__()
        self.setObjectName("transport")
        self._session, self._theme, self._speed, self._volume = session, theme, speed, volume
        self._counting: Counting | None = None
        self._counted: object = None
        self._is_playing = False
        self._count_in = 0
        self.time = QLabel("0:00.00")
        self.place = QLabel("")
        self.count = CountDots(theme)
        self.buttons = {name: self._button(actions[name]) for name in (*_LEFT, *_RIGHT)}
        self.volume = VolumeSlider(theme, volume, level_db)
        self.mute_button = self._button(actions["mute"])
        self.mute_button.installEventFilter(self)
        self.speed_button = self._speed_button(actions)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[2], 0, SPACE[2], 0)
        row.setSpacing(SPACE[0])
        for part in (self.time, self.place):
            row.addWidget(part)
        row.addStretch(1)
        for name in _LEFT:
            row.addWidget(self.buttons[name])
        row.addStretch(1)
        row.addWidget(self.count)
        row.addSpacing(SPACE[1])
        for name in _RIGHT:
            row.addWidget(self.buttons[name])
        row.addWidget(self.speed_button)
        row.addWidget(self.mute_button)
        row.addWidget(self.volume)
        self.set_theme(theme)
        session.playhead_moved.connect(self.refresh)
        session.view_changed.connect(self.refresh)
        volume.changed.connect(self._show_volume_icon)

    def set_theme(self, theme: Theme) -> None:
        """Dress in another theme."""
        self._theme = theme
        scale = current_scale()
        self.time.setFont(font("large", scale, is_bold=True))
        self.time.setFixedWidth(self.time.fontMetrics().horizontalAdvance("00:00.00") + SPACE[1])
        self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance("bar 000 \u00b7 000 bpm"))
        self.setFixedHeight(round((CONTROL_HEIGHT + 2 * SPACE[0]) * scale))
        for name, button in (*self.buttons.items(), ("mute", self.mute_button)):
            size = round((20 if name == "play_pause" else 16) * scale)
            button.setIconSize(QSize(size, size))
            button.setFixedSize(round(_BUTTON_WIDTH * scale), round(CONTROL_HEIGHT * scale))
        self.count.set_theme(theme)
        self.volume.set_theme(theme)
        self._show_play_icon()
        self._show_volume_icon()
        self.setMinimumWidth(0)
        self._fit()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel over the button is the slider's, which a narrow bar leaves out."""
        if watched is self.mute_button and isinstance(event, QWheelEvent):
            self.volume.wheelEvent(event)
            return True
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """Time and the buttons that stay: the rest gives way."""
        spare = sum(self.buttons[name].width() + SPACE[0] for pair in _LEFT_OUT_FIRST for name in pair)
        return QSize(self._needed() - spare, self.height())

    def _needed(self) -> int:
        buttons = sum(b.width() + SPACE[0] for b in (*self.buttons.values(), self.mute_button))
        return 2 * SPACE[2] + self.time.width() + buttons + self.speed_button.sizeHint().width() + SPACE[0] + SPACE[3]

    def _fit(self) -> None:
        """Leave out what the width does not hold: the bar first, the counts, the ways to the ends, then the volume."""
        room = self.width() - self._needed()
        for pair, kept_px in zip(_LEFT_OUT_FIRST, (self.volume.width() + SPACE[1], 0), strict=True):
            is_too_much = room < kept_px
            for name in pair:
                self.buttons[name].setVisible(not is_too_much)
            room += sum(self.buttons[name].width() + SPACE[0] for name in pair) if is_too_much else 0
        for part in (self.volume, self.count, self.place):
            needed = max(part.minimumWidth(), part.minimumSizeHint().width()) + SPACE[1]
            fits = room >= needed
            part.setVisible(fits and (part is not self.count or self._counting is not None))
            room -= needed if fits else 0

    def set_counting(self, counting: Counting | None) -> None:
        """The song's counts; None without beats."""
        self._counting = counting
        self._fit()
        self.refresh()

    def set_count_in(self, number: int) -> None:
        """The count that is counted before the music; 0 for none."""
        self._count_in = number
        self.refresh()

    def set_playing(self, is_playing: bool) -> None:
        """Whether it plays."""
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            self._show_play_icon()
        self.volume.refresh(is_playing)

    def refresh(self) -> None:
        """Show the session's moment."""
        time_s = self._session.playhead_s
        self.time.setText(clock(time_s))
        count = self._counting.at_frame(time_s) if self._counting else None
        self.place.setText(f"{count.bar_name} \u00b7 {count.tempo_bpm:.0f} bpm" if count else "")
        self.count.show_count(self._count_in or (count.number if count else 0), count.n_counts if count else 8)
        self.speed_button.setText(f"{self._speed():.2g}\u00d7")

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())
        button.setAutoRaise(True)
        return button

    def _speed_button(self, actions: dict[str, QAction]) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Practice speed: slower with the pitch kept")
        button.setAccessibleName("Practice speed")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        group = QActionGroup(menu)
        for name in _SPEEDS:
            group.addAction(actions[name])
            menu.addAction(actions[name])
        button.setMenu(menu)
        return button

    def _show_volume_icon(self) -> None:
        action = self.mute_button.defaultAction()
        action.setChecked(self._volume.is_muted)
        action.setIcon(icon("volume-x" if self._volume.is_muted else "volume-2", self._theme))

    def _show_play_icon(self) -> None:
        button = self.buttons["play_pause"]
        action = button.defaultAction()
        action.setIcon(icon("pause" if self._is_playing else "play", self._theme))
        for name, picture in _ICONS.items():
            self.buttons[name].defaultAction().setIcon(icon(picture, self._theme))


class CountDots(QWidget):
    """The counts of eight as figures, the present one lit: a metronome for the eye."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._number, self._n_counts = theme, 0, 8
        self.setAccessibleName("Count of eight")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Dress in another theme."""
        self._theme = theme
        self._cell = round(20 * current_scale())
        self.setFixedWidth(self._cell * self._n_counts)
        self.update()

    def show_count(self, number: int, n_counts: int) -> None:
        """The count that sounds, 0 for none, of how many."""
        if n_counts != self._n_counts:
            self._n_counts = n_counts
            self.setFixedWidth(self._cell * n_counts)
        if number != self._number:
            self._number = number
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, scale = self._cell, current_scale()
        for number in range(1, self._n_counts + 1):
            cell = QRectF((number - 1) * side, 0, side, self.height())
            disc = QRectF(cell.center().x() - 0.45 * side, cell.center().y() - 0.45 * side, 0.9 * side, 0.9 * side)
            is_now = number == self._number
            if is_now:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self._theme.accent))
                painter.drawEllipse(disc)
            painter.setFont(font("small", scale, is_bold=is_now or number in (1, 5)))
            painter.setPen(QColor(self._theme.on_accent if is_now else self._theme.muted))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(number))

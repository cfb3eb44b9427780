"""The line at the window's foot: what the mouse is over, what runs, and how engine, sound and picture are doing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from app.look.fonts import current_scale
from app.look.icons import SIZE_PX, icon, pixmap
from app.look.labels import ElidedLabel
from editor.panels.progress import Bar
from editor.theme import SPACE, Theme

_LOOK_EVERY_MS = 120
_LEAST_HINT_PX = 160
# Name -> icon, accessible name, tooltip. In the order shown; where it is narrow the last ones go first.
_FIELDS = {
    "engine": ("cpu", "Engine", "Engine\nWhat computes the dance, and how much memory it holds"),
    "audio": ("volume-2", "Sound", "Sound\nThe output that plays, and how often it ran dry"),
    "autosave": ("history", "Autosave", "Autosave\nWhen your edits were last written to the journal"),
    "fps": ("gauge", "Pictures per second", "Pictures per second\nHow often the stage is drawn while it moves"),
}


class StatusBar(QWidget):
    """Shows what it is told; knows nothing by itself but what the mouse is over, once it `watch`es a window."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Status bar")
        self._theme = theme
        self._hint = ElidedLabel()
        self._hint.setProperty("kind", "muted")
        self._hint.setAccessibleName("Hint")
        self._job = _Job(theme)
        self._fields = {name: _Field(*row) for name, row in _FIELDS.items()}
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[2], SPACE[0], SPACE[2], SPACE[0])
        row.setSpacing(SPACE[3])
        row.addWidget(self._hint, 1)
        row.addWidget(self._job)
        for field in self._fields.values():
            row.addWidget(field)
        self._watched: QWidget | None = None
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self.set_theme(theme)

    @property
    def hint(self) -> str:
        """The hint that is shown."""
        return self._hint.text()

    @property
    def job_text(self) -> str:
        """What is said of the running job; empty without one."""
        return self._job.text if self._job.isVisibleTo(self) else ""

    @property
    def cancel_button(self) -> QToolButton:
        """Cancels the running job."""
        return self._job.cancel

    def text_of(self, field: str) -> str:
        """What a field says: "engine", "audio", "autosave" or "fps"."""
        return self._fields[field].text

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in a theme's colours and at the window's scale."""
        self._theme = theme
        for field in self._fields.values():
            field.set_theme(theme)
        self._job.set_theme(theme)
        self._fit()

    def show_hint(self, text: str) -> None:
        """Say what the mouse is over."""
        self._hint.setText(" \u00b7 ".join(line.strip() for line in text.splitlines() if line.strip()))

    def watch(self, window: QWidget) -> None:
        """From now on show the tooltip of whatever the mouse is over in that window, before it pops up."""
        self._watched = window
        self._timer.start()

    def show_engine(self, text: str) -> None:
        """Say what computes, such as "CPU · 310 MB"."""
        self._show("engine", text)

    def show_audio(self, device: str, n_dropouts: int = 0, trouble: str = "") -> None:
        """Say what plays.

        Args:
            device: The output's name; empty for none.
            n_dropouts: How often it ran dry.
            trouble: A sentence where there is no sound.
        """
        lost = f" \u00b7 {n_dropouts} drop-out{'' if n_dropouts == 1 else 's'}" if n_dropouts else ""
        self._fields["audio"].show_state("volume-x" if trouble or not device else "volume-2", bool(n_dropouts))
        self._show("audio", f"{_short(device)}{lost}" if device else "no sound", trouble)

    def show_fps(self, per_second: float | None) -> None:
        """Say how many pictures a second the stage gets; None where nothing moves."""
        self._show("fps", "" if per_second is None else f"{per_second:.0f} fps")

    def show_autosave(self, saved_at: datetime | None, trouble: str = "") -> None:
        """Say when edits were last written.

        Args:
            saved_at: Local time; None where nothing had to be written yet.
            trouble: A sentence where they could not be.
        """
        self._fields["autosave"].show_state("triangle-alert" if trouble else "history", bool(trouble))
        when = "" if saved_at is None else f"autosaved {saved_at:%H:%M:%S}"
        self._show("autosave", "not autosaved" if trouble else when, trouble)

    def show_job(
        self, name: str, fraction: float | None, eta_s: float | None = None, cancel: Callable[[], None] | None = None
    ) -> None:
        """Show work that runs.

        Args:
            name: Such as "generating".
            fraction: Done, 0 to 1; None where that is not known.
            eta_s: Seconds left, where known.
            cancel: Ends it; None where it cannot be ended.
        """
        self._job.show_work(name, fraction, eta_s, cancel)
        self._fit()

    def end_job(self) -> None:
        """Nothing runs any more."""
        self._job.hide()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_HINT_PX, self._tall(super().minimumSizeHint()))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), self._tall(hint))

    def _tall(self, hint: QSize) -> int:
        """As tall as with a job: if the bar grew when one begins, all of the window would be laid out and painted."""
        margins = self.layout().contentsMargins()
        return max(hint.height(), self._job.sizeHint().height() + margins.top() + margins.bottom())

    def _show(self, name: str, text: str, trouble: str = "") -> None:
        self._fields[name].show_text(text, trouble)
        self._fit()

    def _fit(self) -> None:
        """Hide the fields that have nothing to say, and the last ones where there is no room for all."""
        left = self.width() - round(_LEAST_HINT_PX * current_scale()) - 2 * SPACE[2]
        if self._job.isVisibleTo(self):
            left -= self._job.sizeHint().width() + SPACE[3]
        for field in self._fields.values():
            left -= field.sizeHint().width() + SPACE[3]
            field.setVisible(bool(field.text) and left >= 0)
            if not field.text:
                left += field.sizeHint().width() + SPACE[3]

    def _look(self) -> None:
        """What the mouse is over, asked for: a filter on every event of the program would cost more."""
        window = self._watched
        if window is None or not window.isActiveWindow():
            return
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            action = popup.activeAction()
            self.show_hint((action.statusTip() or action.toolTip()) if action is not None else "")
            return
        self.show_hint(hint_at(window, QCursor.pos()))


def hint_at(window: QWidget, place: QPoint) -> str:
    """The status tip or tooltip of the widget of `window` at a place on the screen, or of what it stands in."""
    widget = QApplication.widgetAt(place)
    while widget is not None:
        if tip := widget.statusTip() or widget.toolTip():
            return tip
        if widget is window:
            break
        widget = widget.parentWidget()
    return ""


class _Field(QWidget):
    """An icon and a few words."""

    def __init__(self, icon_name: str, name: str, tooltip: str) -> None:
        super().__init__()
        self._icon_name, self._tooltip, self._is_bad = icon_name, tooltip, False
        self._theme: Theme | None = None
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self._picture, self._words = QLabel(), QLabel()
        self._words.setProperty("kind", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[0])
        row.addWidget(self._picture)
        row.addWidget(self._words)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def show_text(self, text: str, trouble: str) -> None:
        self._words.setText(text)
        self.setAccessibleDescription(trouble or text)
        self.setToolTip(f"{self._tooltip}\n{trouble}" if trouble else self._tooltip)

    def show_state(self, icon_name: str, is_bad: bool) -> None:
        if (icon_name, is_bad) != (self._icon_name, self._is_bad):
            self._icon_name, self._is_bad = icon_name, is_bad
            if self._theme is not None:
                self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        colour = theme.warning if self._is_bad else theme.muted
        size = round(SIZE_PX * 0.875 * current_scale())
        self._picture.setPixmap(pixmap(self._icon_name, theme, size, self.devicePixelRatioF(), colour))


class _Job(QWidget):
    """Work that runs: its name, how far, how long still, and a button that ends it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._cancel_work: Callable[[], None] | None = None
        # A QProgressBar repaints at once at every value, and with it the window's whole picture.
        self._words, self._bar, self.cancel = QLabel(), Bar(theme), QToolButton()
        self.cancel.setAccessibleName("Cancel")
        self.cancel.setToolTip("Cancel\nStop this work; nothing that is there is lost")
        self.cancel.clicked.connect(self._end)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        for part in (self._words, self._bar, self.cancel):
            row.addWidget(part, alignment=Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text()

    def show_work(
        self, name: str, fraction: float | None, eta_s: float | None, cancel: Callable[[], None] | None
    ) -> None:
        percent = "" if fraction is None else f" {100 * min(max(fraction, 0.0), 1.0):.0f} %"
        left = "" if eta_s is None or eta_s < 1.0 else f" \u00b7 {_duration(eta_s)} left"
        self._words.setText(f"{name}{percent}{left}")
        self._bar.setVisible(fraction is not None)
        self._bar.set_fraction(fraction or 0.0)
        self._cancel_work = cancel
        self.cancel.setVisible(cancel is not None)
        self.show()

    def set_theme(self, theme: Theme) -> None:
        scale = current_scale()
        self._bar.set_theme(theme)
        self._bar.setFixedWidth(round(96 * scale))
        self.cancel.setIcon(icon("x", theme))
        self.cancel.setIconSize(QSize(round(12 * scale), round(12 * scale)))
        self.cancel.setFixedSize(round(20 * scale), round(20 * scale))

    def _end(self) -> None:
        if self._cancel_work is not None:
            self._cancel_work()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _short(device: str, most: int = 28) -> str:
    return device if len(device) <= most else f"{device[: most // 2 - 1]}\u2026{device[-most // 2 :]}"

"""How loud it is to be and how loud it is, in one place: a handle over the meter, both on one scale of decibels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QToolTip

from app.look.contrast import mixed
from app.look.fonts import current_scale
from app.window.volume import Volume
from editor.playback.volume import VOLUMES_DB, volume_text
from editor.theme import CONTROL_HEIGHT, Theme

_WIDTH, _BAR, _HANDLE = 68, 6.0, 12.0
_FALLS_DB = 1.2  # a look, so that the eye can follow
_LOUD_DB = -3.0
_NOTCH_DB = 1.0
_STEPS_DB = {
    Qt.Key.Key_Right: 1.0, Qt.Key.Key_Up: 1.0, Qt.Key.Key_Left: -1.0, Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_PageUp: 6.0, Qt.Key.Key_PageDown: -6.0, Qt.Key.Key_Home: -999.0, Qt.Key.Key_End: 999.0,
}  # fmt: skip


class VolumeSlider(QAbstractSlider):
    """The volume under the hand: press or drag, the wheel, arrow keys; a double click is as recorded.

    Args:
        theme: Its colours.
        volume: What it shows and sets.
        level_db: Gives the level of what is heard, after the volume.
    """

    def __init__(self, theme: Theme, volume: Volume, level_db: Callable[[], float]) -> None:
        super().__init__()
        self._theme, self._volume, self._level_db, self._shown_db = theme, volume, level_db, VOLUMES_DB[0]
        self._is_held = False
        self.setRange(round(VOLUMES_DB[0]), round(VOLUMES_DB[1]))
        self.setAccessibleName("Volume")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_theme(theme)
        volume.changed.connect(self._follow)
        self._follow()

    @property
    def level_db(self) -> float:
        """The level that is shown."""
        return self._shown_db

    def set_theme(self, theme: Theme) -> None:
        """Dress in another theme."""
        self._theme = theme
        self.setFixedSize(round(_WIDTH * current_scale()), round(CONTROL_HEIGHT * current_scale()))
        self.update()

    def refresh(self, is_playing: bool) -> None:
        """Read the level; it falls off slowly."""
        heard_db = max(VOLUMES_DB[0], self._level_db()) if is_playing else VOLUMES_DB[0]
        shown_db = max(heard_db, self._shown_db - _FALLS_DB)
        if abs(shown_db - self._shown_db) > 0.1:
            self._shown_db = shown_db
            self.update()

    def _follow(self) -> None:
        volume_db = self._volume.volume_db
        said = f"{volume_text(volume_db)}, muted" if self._volume.is_muted else volume_text(volume_db)
        self.setValue(round(volume_db))  # what assistive technology reads
        self.setAccessibleDescription(said)
        self.setToolTip(f"Volume: {said}\nDrag, or turn the wheel; a double click: as recorded. The bar: what is heard")
        self.update()

    # What the hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_held = True
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self._drag(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._is_held:
            self._is_held = False
            QToolTip.hideText()
            self._volume.set(self._volume.volume_db)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._volume.set(VOLUMES_DB[1])

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        self._volume.set(self._volume.volume_db + notches * _NOTCH_DB)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step_db = _STEPS_DB.get(Qt.Key(event.key()))
        if step_db is None:
            event.ignore()
        else:
            self._volume.set(self._volume.volume_db + step_db)

    def event(self, event: QEvent) -> bool:
        # Keys that mean something here must not set off the window's shortcuts (the arrows step frames there).
        is_ours = isinstance(event, QKeyEvent) and event.key() in _STEPS_DB and not event.modifiers()
        if is_ours and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def _drag(self, event: QMouseEvent) -> None:
        way = self._way()
        share = min(max((event.position().x() - way.left()) / way.width(), 0.0), 1.0)
        self._volume.show(VOLUMES_DB[0] + share * (VOLUMES_DB[1] - VOLUMES_DB[0]))
        QToolTip.showText(event.globalPosition().toPoint(), volume_text(self._volume.volume_db), self)

    # What is seen

    def _way(self) -> QRectF:
        """Where the handle's middle goes, and the level with it."""
        reach = 0.5 * _HANDLE * current_scale()
        return QRectF(reach, 0.5 * self.height(), self.width() - 2.0 * reach, 0.0)

    def _x_of(self, level_db: float) -> float:
        way = self._way()
        return way.left() + (level_db - VOLUMES_DB[0]) / (VOLUMES_DB[1] - VOLUMES_DB[0]) * way.width()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter, scale = self._theme, QPainter(self), current_scale()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.0, 0.5 * (self.height() - _BAR * scale), self.width(), _BAR * scale)
        self._fill(painter, bar, bar.right(), mixed(theme.panel, theme.line, 0.8))
        if not self._volume.is_muted:
            self._fill(painter, bar, self._x_of(self._volume.volume_db), mixed(theme.panel, theme.text, 0.32))
        if self._shown_db > VOLUMES_DB[0] + 0.5:
            colour = theme.warning if self._shown_db > _LOUD_DB else theme.note
            self._fill(painter, bar, self._x_of(self._shown_db), colour)
        is_hot = self.isEnabled() and (self.underMouse() or self._is_held)
        side = (_HANDLE - (0.0 if is_hot else 2.0)) * scale
        at = QPointF(self._x_of(self._volume.volume_db), bar.center().y())
        painter.setPen(QPen(QColor(theme.panel), 1.5 * scale))
        painter.setBrush(QColor(theme.muted if self._volume.is_muted else theme.text))
        painter.drawEllipse(at, 0.5 * side, 0.5 * side)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4.0, 4.0)

    def _fill(self, painter: QPainter, bar: QRectF, until_x: float, colour: QColor | str) -> None:
        part = QRectF(bar.left(), bar.top(), until_x - bar.left(), bar.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(part, 0.5 * bar.height(), 0.5 * bar.height())

"""Buttons, alone and in rows of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.panels.glyphs import draw_glyph
from editor.theme import CONTROL_HEIGHT, RADIUS, ROW_HEIGHT, Theme

PLAIN, PRIMARY, QUIET = "plain", "primary", "quiet"
_PRESSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(Painted, QAbstractButton):
    """A button with an icon, words and the key that does the same; any of the three may be missing."""

    def __init__(
        self, text: str, theme: Theme, *, glyph: str = "", key: str = "", kind: str = PLAIN, name: str = "",
        why: str = "", checkable: bool = False, is_small: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.theme, self.glyph, self.key, self.kind, self.is_small = theme, glyph, key, kind, is_small
        self._why, self._name = why, name or text
        self._cap = key.replace("Shift+", "\u21e7")
        self.setText(text)
        self.setCheckable(checkable)
        self.setAccessibleName(self._name)
        self.setToolTip(drawing.tip(self._name, key, why))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        across = QSizePolicy.Policy.Preferred if text else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    def set_reason(self, reason: str) -> None:
        """Say in the tooltip why the button cannot be used now; empty for what it does."""
        self.setToolTip(reason or drawing.tip(self._name, self.key, self._why))
        self.setAccessibleDescription(reason)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        high = ROW_HEIGHT if self.is_small else CONTROL_HEIGHT
        wide = drawing.text_width(self.text(), self._font()) + (20 * scale if self.text() else 0)
        if self.glyph:
            wide += (22 if self.text() else high) * scale
        if self.key:
            wide += drawing.text_width(self._cap, drawing.font_of(self, drawing.SMALL)) + 18 * scale
        return QSize(round(wide), round(high * scale))

    def minimumSizeHint(self) -> QSize:
        scale = drawing.unit(self)
        high = round((ROW_HEIGHT if self.is_small else CONTROL_HEIGHT) * scale)
        if not self.text():
            return QSize(high, high)
        least = 40 * scale
        if self.kind == PRIMARY:
            least = drawing.text_width(self.text(), self._font()) + (38 if self.glyph else 16) * scale
        return QSize(min(self.sizeHint().width(), round(least)), high)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Space and Enter press what has the keyboard, and do not play or keep a take.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _PRESSING and not event.modifiers():
                event.accept()
            return True
        return super().event(event)

    def _font(self) -> QFont:
        return drawing.font_of(self, drawing.NORMAL, self.kind == PRIMARY)

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, line and ink as things stand."""
        theme, is_hot = self.theme, self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            quiet = drawing.mixed(theme.panel, theme.muted, 0.62)
            return (
                (None if self.kind == QUIET else drawing.mixed(theme.panel, theme.raised, 0.6)),
                (None if self.kind == QUIET else drawing.mixed(theme.panel, theme.line, 0.7)),
                quiet,
            )
        if self.isChecked():
            return drawing.mixed(theme.raised, theme.accent, 0.3), QColor(theme.accent), QColor(theme.text)
        if self.kind == PRIMARY:
            fill = drawing.mixed(theme.accent, theme.on_accent, 0.18 if self.isDown() else 0.0)
            return (
                (drawing.mixed(theme.accent, theme.text, 0.12) if is_hot and not self.isDown() else fill),
                None,
                (QColor(theme.on_accent)),
            )
        if self.kind == QUIET:
            ink = theme.text if is_hot or self.text() else theme.muted
            return QColor(theme.raised) if is_hot else None, None, QColor(ink)
        fill = drawing.mixed(theme.raised, theme.line, 0.6 if self.isDown() else 0.0)
        line = drawing.mixed(theme.line, theme.text, 0.4) if is_hot else QColor(theme.line)
        return fill, line, QColor(theme.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, frame, scale = drawing.begin(self), QRectF(self.rect()), drawing.unit(self)
        fill, line, ink = self._colours()
        if fill is not None or line is not None:
            drawing.box(painter, frame, fill, line)
        self._paint_inside(painter, frame, ink, scale)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, self.theme)

    def _paint_inside(self, painter: QPainter, frame: QRectF, ink: QColor, scale: float) -> None:
        icon = 14 * scale
        if self.glyph and not self.text():
            draw_glyph(painter, self.glyph, _middle(frame, icon), ink)
            return
        font = self._font()
        small = drawing.font_of(self, drawing.SMALL)
        key_width = drawing.text_width(self._cap, small) + 16 * scale if self.key else 0.0
        icon_width = icon + 6 * scale if self.glyph else 0.0
        words_width = drawing.text_width(self.text(), font)
        room = frame.width() - 16 * scale
        if icon_width + words_width + key_width > room:
            key_width = 0.0  # the words come first; the key is in the tooltip too
        words_width = min(words_width, room - icon_width - key_width)
        left = frame.center().x() - (icon_width + words_width + key_width) / 2
        if self.glyph:
            draw_glyph(painter, self.glyph, _middle(QRectF(left, 0, icon, frame.height()), icon), ink)
        painter.setFont(font)
        painter.setPen(ink)
        place = QRectF(left + icon_width, 0, words_width + 1, frame.height())
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, int(words_width + 1))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        if key_width:
            faint = QColor(ink)
            faint.setAlphaF(0.8)
            drawing.key_cap(painter, left + icon_width + words_width + key_width, frame.center().y(), self._cap, small,
                            faint)  # fmt: skip


def _middle(frame: QRectF, side: float) -> QRectF:
    return QRectF(frame.center().x() - side / 2, frame.center().y() - side / 2, side, side)


class SegmentedButton(Painted, QWidget):
    """A row of which one is chosen.

    Signals:
        chosen(str): The key of the one that the user chose.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], theme: Theme, name: str) -> None:
        """Choices as (key, words, why)."""
        super().__init__()
        self.theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons: dict[str, _SegmentPart] = {}
        for i, (key, words, why) in enumerate(choices):
            part = _SegmentPart(words, theme, (i == 0, i == len(choices) - 1))
            part.setAccessibleName(f"{name}: {words}")
            part.setToolTip(drawing.tip(f"{name}: {words}", "", why))
            part.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(part)
            self._buttons[key] = part
            row.addWidget(part, 1)

    @property
    def choice(self) -> str:
        """The key of the one that is chosen; empty for none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_choice(self, key: str) -> None:
        """Choose, from outside; nothing is emitted."""
        self._group.setExclusive(False)
        for other, button in self._buttons.items():
            button.setChecked(other == key)
        self._group.setExclusive(True)

    def button(self, key: str) -> QAbstractButton:
        """One of the row."""
        return self._buttons[key]


class _SegmentPart(Painted, QAbstractButton):
    def __init__(self, words: str, theme: Theme, is_end: tuple[bool, bool]) -> None:
        super().__init__()
        self.theme, self._is_end = theme, is_end
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        wide = drawing.text_width(self.text(), drawing.font_of(self)) + 16 * scale
        return QSize(round(wide), round(ROW_HEIGHT * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(36 * drawing.unit(self)), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        is_first, is_last = self._is_end
        # The outer ends are round; the inner borders are shared, so the box reaches out of sight there.
        whole = frame.adjusted(0 if is_first else -RADIUS * 2, 0, 0 if is_last else RADIUS * 2, 0)
        painter.setClipRect(frame)
        fill = QColor(theme.raised)
        if self.isChecked():
            fill = drawing.mixed(theme.raised, theme.accent, 0.34)
        elif self.underMouse() and self.isEnabled():
            fill = drawing.mixed(theme.raised, theme.line, 0.7)
        drawing.box(painter, whole, fill, QColor(theme.line))
        if not is_first:
            painter.setPen(QColor(theme.line))
            painter.drawLine(frame.topLeft(), frame.bottomLeft())
        if self.isChecked():
            painter.fillRect(QRectF(frame.left() + 3, frame.bottom() - 2, frame.width() - 6, 2), QColor(theme.accent))
        painter.setFont(drawing.font_of(self, drawing.NORMAL, self.isChecked()))
        painter.setPen(QColor(theme.text if self.isChecked() or self.underMouse() else theme.muted))
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, int(frame.width() - 8 * drawing.unit(self))
        )
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, words)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)

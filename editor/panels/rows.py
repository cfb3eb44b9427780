"""Rows of lists: chosen by a click, named in place, removed by a key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.buttons import Button
from editor.panels.controls import NameEdit
from editor.panels.drawing import Painted
from editor.panels.glyphs import draw_glyph
from editor.theme import ROW_HEIGHT, Theme

GAP = 2


class Row(Painted, QAbstractButton):
    """An icon, a name, a few muted words, and small buttons at the right end.

    Signals:
        chosen(): A click, Space or Enter.
        renamed(str): A new name was typed (F2, or a double click on the name).
        remove_wanted(): Delete.
    """

    chosen = Signal()
    renamed = Signal(str)
    remove_wanted = Signal()

    def __init__(
        self, name: str, theme: Theme, *, glyph: str = "", hue: str = "muted", note: str = "", what: str = "",
        buttons: Sequence[Button] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self.theme, self.glyph, self.hue, self.note, self.what = theme, glyph, hue, note, what
        self.buttons = list(buttons)
        self.is_current, self.is_dimmed = False, False
        for button in self.buttons:
            button.setParent(self)
        self.setText(name)
        self.setAccessibleName(f"{what} {name}".strip())
        self.setAccessibleDescription(note)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.chosen)

    @property
    def height_px(self) -> float:
        """How high the row is, pixels of the theme's table."""
        return ROW_HEIGHT + 2

    @property
    def quiet_ink(self) -> str:
        """The colour of words that step back; on the chosen row's ground they would be lost."""
        return self.theme.text if self.is_current else self.theme.muted

    def set_current(self, is_current: bool) -> None:
        """Mark the row that commands act on."""
        self.is_current = is_current
        self.update()

    def rename(self) -> None:
        """Type a new name over the old one."""
        edit = NameEdit(self.text(), self.theme, self, self.name_rect().toAlignedRect(), f"Name of {self.text()}")
        edit.done.connect(lambda text: self.renamed.emit(text) if text and text != self.text() else None)

    def menu(self) -> QMenu:
        """What a right click offers."""
        out = QMenu(self)
        for words, slot in (("Rename\tF2", self.rename), ("Remove\tDel", self.remove_wanted.emit)):
            action = QAction(words, out)
            action.triggered.connect(slot)
            out.addAction(action)
        return out

    def name_rect(self) -> QRectF:
        """Where the name stands."""
        scale = drawing.unit(self)
        left = (28 if self.glyph else 8) * scale
        return QRectF(left, 1, self._right() - left, self.height() - 2)

    def sizeHint(self) -> QSize:
        return QSize(round(180 * drawing.unit(self)), round(self.height_px * drawing.unit(self)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(100 * drawing.unit(self)), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        edge = self.width() - GAP
        for button in reversed(self.buttons):
            size = button.sizeHint()
            edge -= size.width()
            button.setGeometry(QRect(QPoint(edge, self._button_top(size.height())), size))
        super().resizeEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.name_rect().contains(event.position()):
            self.rename()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_F2:
            self.rename()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(key == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _OWN_KEYS and not event.modifiers():
                event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale = drawing.unit(self)
        if self.is_current:
            drawing.box(painter, frame, drawing.mixed(theme.panel, theme.accent, 0.22), None)
            drawing.box(painter, QRectF(0, 3, 3, frame.height() - 6), QColor(theme.accent), None, 1.5)
        elif self.underMouse():
            drawing.box(painter, frame, QColor(theme.raised), None)
        if self.glyph:
            icon = QRectF(9 * scale, 0, 13 * scale, self.name_rect().height() + 2)
            draw_glyph(painter, self.glyph, icon, QColor(getattr(theme, self.hue)), 1.6)
        room = self.name_rect()
        small = drawing.font_of(self, drawing.SMALL)
        if self.note:
            wide = drawing.text_width(self.note, small) + 6 * scale
            painter.setFont(small)
            painter.setPen(QColor(self.quiet_ink))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.note)
            room = room.adjusted(0, 0, -wide, 0)
        painter.setFont(drawing.font_of(self, drawing.NORMAL, self.is_current))
        painter.setPen(QColor(self.quiet_ink if self.is_dimmed else theme.text))
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, max(int(room.width()), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)

    def _right(self) -> float:
        edge = self.width() - 8 * drawing.unit(self)
        return edge - sum(button.sizeHint().width() for button in self.buttons)

    def _button_top(self, high: int) -> int:
        return (self.height() - high) // 2


_OWN_KEYS = (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter,
             Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down)  # fmt: skip


def empty(column: QWidget) -> None:
    """Take all rows out of a list's widget."""
    layout = column.layout()
    assert layout is not None
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()

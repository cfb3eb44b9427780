"""Severities as shapes: a triangle, a diamond, a circle; full where they count, hollow where it is intended."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.theme import ROW_HEIGHT, Theme
from editor.timeline.ink import shape_of

WORDS = {"error": "Errors", "warning": "Warnings", "note": "Notes"}


def draw_severity(painter: QPainter, severity: str, rect: QRectF, theme: Theme, is_hollow: bool = False) -> None:
    """The shape of a severity in the middle of `rect`, as large as fits."""
    side = min(rect.width(), rect.height())
    hue = QColor(getattr(theme, severity))
    painter.setPen(QPen(hue, max(0.11 * side, 1.2)) if is_hollow else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if is_hollow else hue)
    painter.drawPath(shape_of(severity, rect.center().x(), rect.center().y(), (0.40 if is_hollow else 0.46) * side))


class Shape(Painted, QWidget):
    """A severity's shape before a title."""

    def __init__(self, theme: Theme, side: int = 14) -> None:
        super().__init__()
        self.theme, self._side = theme, side
        self.severity, self.is_hollow = "note", False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_severity(self, severity: str, is_hollow: bool) -> None:
        """Be another one."""
        self.severity, self.is_hollow = severity, is_hollow
        self.setAccessibleName("intended" if is_hollow else severity)
        self.setToolTip("Intended" if is_hollow else severity.capitalize())
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._side * drawing.unit(self))
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_severity(drawing.begin(self), self.severity, QRectF(self.rect()), self.theme, self.is_hollow)


class SeverityToggle(Painted, QAbstractButton):
    """How many there are of a severity; switched off, they are not shown."""

    def __init__(self, severity: str, theme: Theme, is_hollow: bool = False) -> None:
        super().__init__()
        self.theme, self.severity, self.is_hollow = theme, severity, is_hollow
        self._count = 0
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.toggled.connect(lambda _: self._explain())
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Show how many there are."""
        self._count = count
        self.setText(str(count))
        self._explain()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        wide = drawing.text_width(self.text(), drawing.font_of(self, drawing.NORMAL, True))
        return QSize(round(wide + 30 * scale), round(ROW_HEIGHT * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale, is_on = drawing.unit(self), self.isChecked()
        fill = drawing.mixed(theme.panel, theme.raised, 1.0 if is_on else 0.0)
        line = drawing.mixed(theme.line, theme.text, 0.4) if self.underMouse() else QColor(theme.line)
        drawing.box(painter, frame, fill, line)
        painter.setOpacity(1.0 if is_on else 0.45)
        side = 12 * scale
        shape = QRectF(8 * scale, 0.5 * (frame.height() - side), side, side)
        draw_severity(painter, self.severity, shape, theme, self.is_hollow)
        painter.setFont(drawing.font_of(self, drawing.NORMAL, is_on))
        painter.setPen(QColor(theme.text))
        room = frame.adjusted(24 * scale, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setOpacity(1.0)
        if not is_on:
            y = frame.center().y()
            painter.setPen(QPen(QColor(theme.muted), 1.2 * scale))
            painter.drawLine(round(5 * scale), round(y), round(22 * scale), round(y))
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)

    def _explain(self) -> None:
        what = "Intended" if self.is_hollow else WORDS[self.severity]
        state = "shown" if self.isChecked() else "hidden"
        self.setAccessibleName(f"{what}: {self._count}, {state}")
        does = "Hide" if self.isChecked() else "Show"
        self.setToolTip(drawing.tip(f"{what}: {self._count}", "Space", f"{does} them, here and in the timeline."))

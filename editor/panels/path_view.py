"""A path over the floor, small, as seen from above."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.theme import Theme

_LEAST_SPAN_M = 1.0


class PathView(Painted, QWidget):
    """The drawn path: where it begins (a ring), where it ends (a disc), how long it is. The audience is below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._points: tuple[tuple[float, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def length_m(self) -> float:
        """How long the path is."""
        return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(self._points))

    def set_path(self, points: tuple[tuple[float, float], ...]) -> None:
        """Show points (x, z) in metres."""
        self._points = points
        self.setAccessibleName(f"Drawn path, {self.length_m:.1f} m")
        self.setToolTip(f"The drawn path, {self.length_m:.1f} m, from above.\nThe audience is below.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(120 * drawing.unit(self)), round(72 * drawing.unit(self)))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale = drawing.unit(self)
        drawing.box(painter, frame, QColor(theme.raised), QColor(theme.line))
        if not self._points:
            return
        line = QPolygonF(self._on_screen(frame.adjusted(12 * scale, 12 * scale, -60 * scale, -12 * scale)))
        painter.setPen(QPen(QColor(theme.accent), 2.0 * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                            Qt.PenJoinStyle.RoundJoin))  # fmt: skip
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        painter.setBrush(QColor(theme.raised))
        painter.drawEllipse(line.at(0), 3.5 * scale, 3.5 * scale)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(line.at(line.size() - 1), 2.5 * scale, 2.5 * scale)
        painter.setPen(QColor(theme.muted))
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        words = frame.adjusted(0, 0, -8 * scale, -6 * scale)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, f"{self.length_m:.1f} m")

    def _on_screen(self, room: QRectF) -> list[QPointF]:
        xs, zs = [p[0] for p in self._points], [p[1] for p in self._points]
        wide, deep = max(max(xs) - min(xs), _LEAST_SPAN_M), max(max(zs) - min(zs), _LEAST_SPAN_M)
        scale = min(room.width() / wide, room.height() / deep)
        middle = QPointF((min(xs) + max(xs)) / 2, (min(zs) + max(zs)) / 2)
        return [room.center() + (QPointF(x, z) - middle) * scale for x, z in self._points]

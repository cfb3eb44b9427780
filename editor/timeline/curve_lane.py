"""The lane of emotion: what the music says as thin lines, what she drew as thick ones, one of them to be edited."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainterPath

from editor.document.document import Curve, Value
from editor.timeline.curve_drawing import points_of, value_of
from editor.timeline.ink import PATTERNS, Ink
from editor.timeline.lane import Drawing, Lane
from editor.timeline.model import MUSIC_CURVES, TimelineModel
from engine.music.analysis import EMOTIONS

POINT_PX = 4.0
REACH_PX = 8.0
_EDGE_PX = 8.0
_COLUMN_PX = 3.0


class CurveLane(Lane):
    """Values over the piece from 0 at the bottom to 1 at the top."""

    name = "Emotion"
    hint = "Click adds a point, drag draws or moves, double-click or Del removes; Alt does not snap"

    def __init__(self, model: TimelineModel) -> None:
        super().__init__(model)
        self._height = 0.0

    def height(self, ink: Ink) -> int:
        self._height = float(ink.px(84))
        return int(self._height)

    def y_of(self, level: float) -> float:
        """Where a value is shown."""
        return _EDGE_PX + (1.0 - level) * (self._height - 2 * _EDGE_PX)

    def level_at(self, y: float) -> float:
        """The value that is shown at a height, 0 to 1."""
        return min(max(1.0 - (y - _EDGE_PX) / max(self._height - 2 * _EDGE_PX, 1.0), 0.0), 1.0)

    def point_at(self, x: float, y: float) -> int:
        """Index of the edited curve's point at a place; -1 where there is none."""
        best, index = REACH_PX, -1
        for i, (time_s, level) in enumerate(self._points()):
            distance = float(np.hypot(self.model.view.x_of(time_s) - x, self.y_of(level) - y))
            if distance < best:
                best, index = distance, i
        return index

    def _points(self) -> tuple[tuple[float, float], ...]:
        return points_of(value_of(self.model.document.settings, self.model.drawn))

    def paint(self, drawing: Drawing) -> None:
        drawing.grid(0.0, drawing.height, 0.6)
        middle = drawing.ink.crisp(self.y_of(0.5))
        drawing.box(0, drawing.width, middle, drawing.ink.hair, drawing.ink.colour("line", 0.6))
        painter = drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setBrush(QColor(0, 0, 0, 0))
        if self.model.curves is not None:
            self._music(drawing)
        self._hers(drawing)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        drawing.bottom_line()

    def _music(self, drawing: Drawing) -> None:
        from editor.timeline.curve_paths import path_of

        assert self.model.curves is not None
        view, ink = drawing.view, drawing.ink
        edges_s = view.column_edges_s(max(round(drawing.width / _COLUMN_PX), 1))
        edges_s = edges_s[(edges_s >= 0.0) & (edges_s <= self.model.duration_s)]
        if len(edges_s) < 2:
            return
        xs = view.xs_of(0.5 * (edges_s[1:] + edges_s[:-1]))
        for name in MUSIC_CURVES:
            ys = _EDGE_PX + (1.0 - self.model.curves.means(name, edges_s)) * (drawing.height - 2 * _EDGE_PX)
            is_drawn = name == self.model.drawn
            colour = ink.colour(colour_of(name, self.model), 1.0 if is_drawn else 0.62)
            drawing.painter.strokePath(path_of(xs, ys), ink.pen(colour, 1.1, PATTERNS[name]))

    def _hers(self, drawing: Drawing) -> None:
        settings = self.model.document.settings
        names = [name for name in (*EMOTIONS, *(n for n, _ in settings.style)) if name != self.model.drawn]
        for name in (*names, self.model.drawn):
            value = value_of(settings, name)
            if isinstance(value, Curve) or name == self.model.drawn:
                self._value(drawing, name, value)

    def _value(self, drawing: Drawing, name: str, value: Value) -> None:
        ink, painter = drawing.ink, drawing.painter
        is_drawn = name == self.model.drawn
        colour = ink.colour(colour_of(name, self.model), 1.0 if is_drawn else 0.55)
        path = self._path(drawing, value)
        if is_drawn and isinstance(value, Curve):
            under = QPainterPath(path)
            under.lineTo(drawing.width, drawing.height)
            under.lineTo(0, drawing.height)
            painter.fillPath(under, ink.colour(colour_of(name, self.model), 0.10))
        width = 2.6 if isinstance(value, Curve) else 1.6
        painter.strokePath(path, ink.pen(colour, width, PATTERNS.get(name, ())))
        if is_drawn:
            self._handles(drawing, colour)

    def _path(self, drawing: Drawing, value: Value) -> QPainterPath:
        path = QPainterPath()
        if not isinstance(value, Curve):
            path.moveTo(0, self.y_of(value))
            path.lineTo(drawing.width, self.y_of(value))
            return path
        view = drawing.view
        ends = value.at(np.array([view.start_s, view.end_s]))
        inside = [(t, v) for t, v in points_of(value) if view.start_s < t < view.end_s]
        path.moveTo(0, self.y_of(float(ends[0])))
        for time_s, level in inside:
            path.lineTo(view.x_of(time_s), self.y_of(level))
        path.lineTo(drawing.width, self.y_of(float(ends[1])))
        return path

    def _handles(self, drawing: Drawing, colour: QColor) -> None:
        ink, painter = drawing.ink, drawing.painter
        radius = ink.scale * POINT_PX
        for i, (time_s, level) in enumerate(self._points()):
            x = drawing.view.x_of(time_s)
            if not -radius <= x <= drawing.width + radius:
                continue
            is_held = i == self.model.point
            painter.setPen(ink.pen(ink.colour("panel") if not is_held else ink.colour("text"), 1.5))
            painter.setBrush(colour if not is_held else ink.colour("accent"))
            size = radius + (1.0 if is_held else 0.0)
            painter.drawEllipse(QPointF(x, self.y_of(level)), size, size)


def colour_of(name: str, model: TimelineModel) -> str:
    """The theme's name for the colour of a drawn value."""
    if name in EMOTIONS:
        return name
    if name == "arousal":
        return "trunk"
    return ("left", "right", "note", "future", "accent")[model.style_index(name) % 5]


def legend(drawing_box: QRectF, name: str, ink: Ink, painter: object, model: TimelineModel, is_drawn: bool) -> None:
    """A sample of a value's line in its pattern."""
    path = QPainterPath(QPointF(drawing_box.left(), drawing_box.center().y()))
    path.lineTo(drawing_box.right(), drawing_box.center().y())
    pen = ink.pen(ink.colour(colour_of(name, model)), 2.4 if is_drawn else 1.4, PATTERNS.get(name, ()))
    painter.strokePath(path, pen)  # type: ignore[attr-defined]

"""The lane of emotion: what the music says as thin lines, what she drew as thick ones, one of them to be edited."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from editor.document.document import Curve, Value, value_at
from editor.timeline.curve_drawing import points_of, value_of
from editor.timeline.curve_picture import coverage_of, dashes
from editor.timeline.ink import PATTERNS, Ink
from editor.timeline.lane import Drawing, Lane, premultiplied
from editor.timeline.model import TimelineModel
from editor.timeline.stamps import edges_of
from engine.music.analysis import EMOTIONS

POINT_PX = 4.0
REACH_PX = 8.0
_EDGE_PX = 8.0


class CurveLane(Lane):
    """Values over the piece from 0 at the bottom to 1 at the top."""

    name = "Emotion"
    hint = "Click adds a point, drag draws or moves, double-click or Del removes; Alt does not snap"

    def __init__(self, model: TimelineModel) -> None:
        super().__init__(model)
        self._height = 0.0
        self._sheet = np.zeros((0, 0), dtype=np.uint32)  # empty between any two lines: clean memory is dear

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
        if self.model.curves is not None:
            self._music(drawing)
        self._hers(drawing)
        drawing.bottom_line()

    def _music(self, drawing: Drawing) -> None:
        assert self.model.curves is not None
        edges_s = drawing.column_edges_s
        inside = (edges_s[1:] > 0.0) & (edges_s[:-1] < self.model.duration_s)
        for name, means in self.model.curves.means(edges_s).items():
            levels = np.concatenate([means[:1], 0.5 * (means[1:] + means[:-1]), means[-1:]])
            alpha = 0.95 if name == self.model.drawn else 0.6
            self._line(drawing, name, levels, 1.15, alpha * inside)

    def _hers(self, drawing: Drawing) -> None:
        settings = self.model.document.settings
        names = [name for name in (*EMOTIONS, *(n for n, _ in settings.style)) if name != self.model.drawn]
        for name in (*names, self.model.drawn):
            value = value_of(settings, name)
            if isinstance(value, Curve) or name == self.model.drawn:
                self._value(drawing, name, value)

    def _value(self, drawing: Drawing, name: str, value: Value) -> None:
        is_drawn, is_curve = name == self.model.drawn, isinstance(value, Curve)
        levels = value_at(value, drawing.column_edges_s)
        if is_drawn and is_curve:
            self._shade(drawing, levels)
        self._line(drawing, name, levels, 2.6 if is_curve else 1.8, np.full(len(levels) - 1, 1.0 if is_drawn else 0.6))
        if is_drawn:
            self._handles(drawing, drawing.ink.colour(colour_of(name, self.model)))

    def _line(self, drawing: Drawing, name: str, levels: np.ndarray, width: float, alphas: np.ndarray) -> None:
        """A line through values at the device columns' edges, in the pattern of its name."""
        ink = drawing.ink
        rows = round(drawing.height * ink.dpr)
        scale = ink.dpr * ink.scale
        ys = (_EDGE_PX + (1.0 - levels) * (drawing.height - 2 * _EDGE_PX)) * ink.dpr
        places, columns, covered = coverage_of(ys, rows, width * scale)
        pattern = tuple(length * scale * max(0.6 * width, 1.0) for length in PATTERNS.get(name, ()))
        first = round(drawing.column_edges_s[0] * drawing.view.px_per_s * ink.dpr)
        covered = covered * (alphas * dashes(first, len(alphas), pattern))[columns]
        if self._sheet.shape != (rows, len(alphas)):
            self._sheet = np.zeros((rows, len(alphas)), dtype=np.uint32)
        sheet, pixels = self._sheet.reshape(-1), places * np.int64(len(alphas)) + columns
        sheet[pixels] = premultiplied(ink.colour(colour_of(name, self.model)), covered)
        drawing.columns(self._sheet, 0.0, rows / ink.dpr)
        sheet[pixels] = 0

    def _shade(self, drawing: Drawing, levels: np.ndarray) -> None:
        """A veil under her curve."""
        ink = drawing.ink
        rows = round(drawing.height * ink.dpr)
        ys = (_EDGE_PX + (1.0 - levels[:-1]) * (drawing.height - 2 * _EDGE_PX)) * ink.dpr
        first = np.clip(np.floor(ys) + 1.0, 0, rows).astype(np.int16)
        veil = premultiplied(ink.colour(colour_of(self.model.drawn, self.model)), np.array(0.10))
        under = np.arange(rows, dtype=np.int16)[:, np.newaxis] >= first
        drawing.columns(np.multiply(under, veil, dtype=np.uint32), 0.0, rows / ink.dpr)

    def _handles(self, drawing: Drawing, colour: QColor) -> None:
        radius = drawing.ink.scale * POINT_PX
        for i, (time_s, level) in enumerate(self._points()):
            x, y = drawing.view.x_of(time_s), self.y_of(level)
            if drawing.sees(x - 2 * radius, x + 2 * radius):
                is_held = i == self.model.point
                size = radius + (1.0 if is_held else 0.0)
                box = QRectF(x - size, y - size, 2.0 * size, 2.0 * size)
                look = ("handle", colour.rgba(), is_held)
                drawing.stamp(look, edges_of(box, 1.0), partial(self._handle, colour=colour, box=box, is_held=is_held))

    @staticmethod
    def _handle(drawing: Drawing, colour: QColor, box: QRectF, is_held: bool) -> None:
        ink, painter = drawing.ink, drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(ink.pen(ink.colour("text" if is_held else "panel"), 1.5))
        painter.setBrush(ink.colour("accent") if is_held else colour)
        painter.drawEllipse(box)


def colour_of(name: str, model: TimelineModel) -> str:
    """The theme's name for the colour of a drawn value."""
    if name in EMOTIONS:
        return name
    if name == "arousal":
        return "trunk"
    return ("left", "right", "note", "future", "accent")[model.style_index(name) % 5]

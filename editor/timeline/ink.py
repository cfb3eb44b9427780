"""Colours, fonts, glyphs and device pixels for everything that the timeline paints."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from editor.theme import FONT_PX, Theme
from editor.timeline.stamps import Stamps

# Each emotion keeps its pattern everywhere: dash and gap lengths in pen widths; none is a solid line.
PATTERNS: dict[str, tuple[float, ...]] = {
    "joy": (),
    "sorrow": (6.0, 3.0),
    "tension": (7.0, 2.5, 1.5, 2.5),
    "serenity": (1.5, 2.5),
    "arousal": (12.0, 3.0, 3.0, 3.0),
}
_HALF = 0.5 + 1e-6  # beyond what floats lose
# Styles and sections take their tint from these names of the theme, in turn.
TINTS = ("left", "right", "note", "future", "error", "warning", "trunk")


class Ink:
    """One theme at one size of type and one pixel density.

    Attributes:
        theme: Where the colours come from.
        scale: Of all measures, 1 where normal type is 12 pixels.
        dpr: Device pixels per pixel.
        hair: The thinnest crisp line: whole device pixels, about one pixel.
        small, normal, bold, small_bold: Fonts with figures of equal width.
        stamps: Small pictures in these colours and measures.
    """

    def __init__(self, theme: Theme, font: QFont, dpr: float) -> None:
        self.theme, self.dpr = theme, dpr
        self.scale = max(_pixel_size(font) / FONT_PX[1], 0.5)
        self.normal = _figures(font, FONT_PX[1] * self.scale)
        self.small = _figures(font, FONT_PX[0] * self.scale)
        self.bold = QFont(self.normal)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.small_bold = QFont(self.small)
        self.small_bold.setWeight(QFont.Weight.DemiBold)
        self._metrics = {id(f): QFontMetricsF(f) for f in (self.normal, self.small, self.bold, self.small_bold)}
        self.hair = max(int(dpr + 0.25), 1) / dpr
        self.stamps = Stamps(dpr)
        self._baselines: dict[tuple[int, float, float], float] = {}
        self._widths: dict[tuple[int, str], float] = {}
        self._colours: dict[tuple[str, float], QColor] = {}
        self._pens: dict[tuple[int, float, tuple[float, ...]], QPen] = {}
        self._hatches: dict[tuple[str, float], QBrush] = {}

    def px(self, pixels: float) -> int:
        """A measure at this size of type, whole pixels."""
        return round(pixels * self.scale)

    def crisp(self, x: float) -> float:
        """The nearest edge between device pixels; halves always go one way, so that a pan moves all things alike."""
        return math.floor(x * self.dpr + _HALF) / self.dpr

    def crisp_all(self, xs: np.ndarray) -> np.ndarray:
        """The same for many places."""
        return np.floor(xs * self.dpr + _HALF) / self.dpr

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """A colour of the theme by its name."""
        key = (name, alpha)
        if key not in self._colours:
            colour = QColor(getattr(self.theme, name))
            colour.setAlphaF(alpha)
            self._colours[key] = colour
        return self._colours[key]

    def mix(self, under: str, over: str, share: float) -> QColor:
        """A colour with a share of another one over it, opaque."""
        key = (f"{under}+{over}", share)
        if key not in self._colours:
            self._colours[key] = blended(self.colour(under), self.colour(over), share)
        return self._colours[key]

    def tint(self, index: int) -> str:
        """The name of one of the theme's colours for the how-many-th of several like things."""
        return TINTS[index % len(TINTS)]

    def width_of(self, text: str, font: QFont) -> float:
        """How wide a text is."""
        key = (id(font), text)
        if key not in self._widths:
            self._widths[key] = self._metrics[id(font)].horizontalAdvance(text)
        return self._widths[key]

    def elided(self, text: str, font: QFont, width: float) -> str:
        """The text, shortened in its middle to fit; at its end where hardly anything would be left of both halves."""
        if self.width_of(text, font) <= width:
            return text
        mode = Qt.TextElideMode.ElideMiddle if width >= self.px(64) else Qt.TextElideMode.ElideRight
        return self._metrics[id(font)].elidedText(text, mode, width)

    def baseline(self, font: QFont, top: float, height: float) -> float:
        """Where text stands so that its figures are in the middle of a row, on a device pixel."""
        key = (id(font), top, height)
        if key not in self._baselines:
            self._baselines[key] = self.crisp(top + 0.5 * (height + self._metrics[id(font)].capHeight()))
        return self._baselines[key]

    def pen(self, colour: QColor, width: float, pattern: tuple[float, ...] = ()) -> QPen:
        """A pen with round joins, dashed where there is a pattern."""
        key = (colour.rgba(), width, pattern)
        if key not in self._pens:
            pen = QPen(colour, width)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if pattern:
                pen.setDashPattern(list(pattern))
            self._pens[key] = pen
        return self._pens[key]

    def hatch(self, name: str, alpha: float) -> QBrush:
        """Slanted lines, as fine at every pixel density."""
        key = (name, alpha)
        if key not in self._hatches:
            brush = QBrush(self.colour(name, alpha), Qt.BrushStyle.BDiagPattern)
            brush.setTransform(QTransform.fromScale(1.0 / self.dpr, 1.0 / self.dpr) if self.dpr < 1.5 else QTransform())
            self._hatches[key] = brush
        return self._hatches[key]


def blended(under: QColor, over: QColor, share: float) -> QColor:
    """A colour with a share of another one over it, opaque."""
    parts = ((f(under), f(over)) for f in (QColor.red, QColor.green, QColor.blue))
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def _pixel_size(font: QFont) -> float:
    return float(font.pixelSize()) if font.pixelSize() > 0 else font.pointSizeF() * 96.0 / 72.0


def _figures(font: QFont, pixels: float) -> QFont:
    made = QFont(font)
    made.setPixelSize(max(round(pixels), 6))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def glyph(name: str, box: QRectF) -> QPainterPath:
    """A sign as lines to be stroked: one of _GLYPHS, each made on a field of 16 by 16."""
    path = QPainterPath()
    _GLYPHS[name](path)
    fit = min(box.width(), box.height()) / 16.0
    at = QTransform.fromTranslate(box.center().x() - 8 * fit, box.center().y() - 8 * fit)
    return at.scale(fit, fit).map(path)


def _loop(path: QPainterPath) -> None:
    path.arcMoveTo(QRectF(3, 3, 10, 10), 40)
    path.arcTo(QRectF(3, 3, 10, 10), 40, 290)
    path.moveTo(13.6, 1.8)
    path.lineTo(12.4, 5.4)
    path.lineTo(8.8, 4.6)


def _mirror(path: QPainterPath) -> None:
    path.moveTo(8, 2)
    path.lineTo(8, 14)
    for side in (-1, 1):
        path.moveTo(8 + side * 2.2, 4.5)
        path.lineTo(8 + side * 6, 11.5)
        path.lineTo(8 + side * 2.2, 11.5)
        path.closeSubpath()


def _lock_with(path: QPainterPath, shift: float) -> None:
    path.addRoundedRect(QRectF(3.5, 7.5, 9, 6.5), 1.2, 1.2)
    path.moveTo(5.5 + shift, 7.5)
    path.lineTo(5.5 + shift, 5.0)
    path.arcTo(QRectF(5.5 + shift, 2.2, 5.0, 5.4), 180, -180)
    if not shift:
        path.lineTo(10.5, 7.5)


def _lock(path: QPainterPath) -> None:
    _lock_with(path, 0.0)


def _unlock(path: QPainterPath) -> None:
    _lock_with(path, 4.0)


def _eye(path: QPainterPath) -> None:
    path.moveTo(1.5, 8)
    path.quadTo(8, 0.8, 14.5, 8)
    path.quadTo(8, 15.2, 1.5, 8)
    path.addEllipse(QPointF(8, 8), 2.2, 2.2)


def _eye_shut(path: QPainterPath) -> None:
    _eye(path)
    path.moveTo(3, 13.5)
    path.lineTo(13, 2.5)


def _mute(path: QPainterPath) -> None:
    path.moveTo(2.5, 6)
    path.lineTo(5, 6)
    path.lineTo(8.5, 3)
    path.lineTo(8.5, 13)
    path.lineTo(5, 10)
    path.lineTo(2.5, 10)
    path.closeSubpath()
    path.moveTo(10.8, 6.2)
    path.lineTo(14.2, 9.8)
    path.moveTo(14.2, 6.2)
    path.lineTo(10.8, 9.8)


def _unmute(path: QPainterPath) -> None:
    path.moveTo(2.5, 6)
    path.lineTo(5, 6)
    path.lineTo(8.5, 3)
    path.lineTo(8.5, 13)
    path.lineTo(5, 10)
    path.lineTo(2.5, 10)
    path.closeSubpath()
    path.arcMoveTo(QRectF(7.0, 4.5, 6, 7), -55)
    path.arcTo(QRectF(7.0, 4.5, 6, 7), -55, 110)


_GLYPHS = {
    "loop": _loop,
    "mirror": _mirror,
    "lock": _lock,
    "unlock": _unlock,
    "eye": _eye,
    "eye shut": _eye_shut,
    "mute": _mute,
    "unmute": _unmute,
}


def stroke(painter: QPainter, path: QPainterPath, colour: QColor, width: float = 1.3) -> None:
    """Draw a glyph's lines."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)


def shape_of(severity: str, x: float, y: float, radius: float) -> QPainterPath:
    """A triangle for an error, a diamond for a warning, a circle for a note, round a place."""
    path = QPainterPath()
    if severity == "note":
        path.addEllipse(QPointF(x, y), 0.85 * radius, 0.85 * radius)
        return path
    corners = {
        "error": ((0.0, -1.0), (1.0, 0.8), (-1.0, 0.8)),
        "warning": ((0.0, -1.1), (1.1, 0.0), (0.0, 1.1), (-1.1, 0.0)),
    }[severity]
    path.moveTo(x + corners[0][0] * radius, y + corners[0][1] * radius)
    for dx, dy in corners[1:]:
        path.lineTo(x + dx * radius, y + dy * radius)
    path.closeSubpath()
    return path

"""What every lane shares: its measures, its cached picture, and the strokes that lanes paint with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPixmap

from editor.timeline.geometry import TimeView
from editor.timeline.ink import Ink
from editor.timeline.model import TimelineModel


@dataclass
class Drawing:
    """A lane's picture while it is made: a painter whose origin is the lane's left upper corner."""

    painter: QPainter
    ink: Ink
    model: TimelineModel
    height: float

    @property
    def view(self) -> TimeView:
        """The stretch shown."""
        return self.model.view

    @property
    def width(self) -> float:
        """Of the picture."""
        return self.model.view.width_px

    @property
    def column_edges_s(self) -> np.ndarray:
        """The times at the edges of the device's columns."""
        return self.view.column_edges_s(max(round(self.width * self.ink.dpr), 1))

    def fill(self, colour: QColor) -> None:
        """The whole lane in one colour."""
        self.painter.fillRect(QRectF(0, 0, self.width + 1, self.height), colour)

    def box(self, x0: float, x1: float, top: float, height: float, colour: QColor) -> None:
        """A filled box with crisp edges."""
        left = self.ink.crisp(x0)
        self.painter.fillRect(QRectF(left, top, max(self.ink.crisp(x1) - left, self.ink.hair), height), colour)

    def vertical(self, x: float, top: float, height: float, colour: QColor) -> None:
        """A crisp hair line."""
        self.painter.fillRect(QRectF(self.ink.crisp(x), top, self.ink.hair, height), colour)

    def text(self, x: float, text: str, font: QFont, colour: QColor, top: float = 0.0, height: float = 0.0) -> None:
        """A line of text in the middle of a row, by default of the lane."""
        self.painter.setFont(font)
        self.painter.setPen(colour)
        baseline = self.ink.baseline(font, top, height or self.height)
        self.painter.drawText(QPointF(self.ink.crisp(x), baseline), text)

    def bottom_line(self) -> None:
        """The line between this lane and the next."""
        hair = self.ink.hair
        self.painter.fillRect(QRectF(0, self.height - hair, self.width + 1, hair), self.ink.colour("line"))

    def grid(self, top: float, height: float, strength: float = 1.0) -> None:
        """Beats, bars and counts of eight as lines."""
        kinds = (("beat", 0.30), ("beat", 0.75), ("downbeat", 0.55))
        colours = [self.ink.colour(name, min(alpha * strength, 1.0)) for name, alpha in kinds]
        for line in self.model.grid_lines():
            self.vertical(line.x, top, height, colours[line.rank])

    def columns(self, pixels: np.ndarray, top: float, height: float) -> None:
        """A picture of device columns, uint32 [rows, n] as 0xaarrggbb with colours multiplied by alpha."""
        pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
        rows, n = pixels.shape
        image = QImage(pixels.data, n, rows, 4 * n, QImage.Format.Format_ARGB32_Premultiplied)
        self.painter.drawImage(QRectF(0.0, top, n / self.ink.dpr, height), image)


class Lane:
    """A row of the timeline.

    Attributes:
        name: Shown in its head, and told to screen readers.
        track_id: Of the dancer; empty for the music's lanes.
        is_pinned: Whether it stays when the lanes are scrolled.
        top: Its place below the canvas's upper edge when nothing is scrolled, kept by the canvas.
    """

    name = ""
    hint = ""
    track_id = ""
    is_pinned = False

    def __init__(self, model: TimelineModel) -> None:
        self.model = model
        self.top = 0
        self._picture: QPixmap | None = None

    def height(self, ink: Ink) -> int:
        """In pixels; 0 while there is nothing to show."""
        raise NotImplementedError

    def paint(self, drawing: Drawing) -> None:
        """Paint everything that only changes with the view and the piece."""
        raise NotImplementedError

    def forget(self) -> None:
        """The picture is to be made anew when it is needed next."""
        self._picture = None

    def picture(self, ink: Ink) -> QPixmap:
        """The lane as it stands."""
        if self._picture is None:
            height, width = self.height(ink), self.model.view.width_px
            picture = QPixmap(max(round(width * ink.dpr), 1), max(round(height * ink.dpr), 1))
            picture.setDevicePixelRatio(ink.dpr)
            painter = QPainter(picture)
            drawing = Drawing(painter, ink, self.model, float(height))
            drawing.fill(ink.colour("panel"))
            self.paint(drawing)
            painter.end()
            self._picture = picture
        return self._picture


def premultiplied(colour: QColor, alpha: np.ndarray) -> np.ndarray:
    """Pixels of a colour at alphas of 0 to 1, uint32 like `alpha`."""
    a = np.clip(alpha * colour.alphaF(), 0.0, 1.0)
    red, green, blue = (np.round(a * part).astype(np.uint32) for part in (colour.red(), colour.green(), colour.blue()))
    return (np.round(a * 255.0).astype(np.uint32) << 24) | (red << 16) | (green << 8) | blue

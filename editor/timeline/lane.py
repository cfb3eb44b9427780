"""What every lane shares: its measures, its kept picture, and the strokes that lanes paint with."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPixmap, QTransform

from editor.timeline.geometry import TimeView
from editor.timeline.ink import Ink
from editor.timeline.model import TimelineModel
from editor.timeline.stamps import Edges, Rows

# What begins so far beside the stretch that is painted may reach into it: the longest label of a ruler or marker.
_REACH_PX = 420.0
_EDGE_COLUMNS = 12


@dataclass
class Drawing:
    """A lane's picture while it, or a stretch of it, is made: a painter whose origin is the lane's left upper corner.

    Attributes:
        first, last: The device columns to be painted, [first, last).
    """

    painter: QPainter
    ink: Ink
    model: TimelineModel
    view: TimeView
    height: float
    first: int
    last: int

    @property
    def width(self) -> float:
        """Of the whole picture."""
        return self.view.width_px

    @property
    def start_s(self) -> float:
        """Where to begin to look for things to paint."""
        return self.view.time_at(self.first / self.ink.dpr - _REACH_PX)

    @property
    def end_s(self) -> float:
        """Where to end to look for things to paint."""
        return self.view.time_at(self.last / self.ink.dpr + 2.0)

    @property
    def shown_s(self) -> tuple[float, float]:
        """From when to when the stretch to be painted is."""
        return self.view.time_at(self.first / self.ink.dpr - 2.0), self.end_s

    def sees(self, x0: float, x1: float) -> bool:
        """Whether something between two places is to be painted."""
        return x1 >= self.first / self.ink.dpr - 2.0 and x0 <= self.last / self.ink.dpr + 2.0

    def sees_each(self, x0s: np.ndarray, x1s: np.ndarray) -> np.ndarray:
        """The same for many."""
        return (x1s >= self.first / self.ink.dpr - 2.0) & (x0s <= self.last / self.ink.dpr + 2.0)

    @property
    def column_edges_s(self) -> np.ndarray:
        """The times at the edges of the device columns to be painted, [last - first + 1]."""
        dpr = self.ink.dpr
        whole = self.model.kept(("columns", self.view, dpr), lambda: self.view.column_edges_s(dpr))
        return whole[self.first : self.last + 1]

    def fill(self, colour: QColor) -> None:
        """The whole lane in one colour."""
        self.painter.fillRect(QRectF(0, 0, self.width + 2, self.height + 2), colour)

    def box(self, x0: float, x1: float, top: float, height: float, colour: QColor) -> None:
        """A filled box with crisp edges."""
        left = self.ink.crisp(x0)
        self.painter.fillRect(QRectF(left, top, max(self.ink.crisp(x1) - left, self.ink.hair), height), colour)

    def boxes(self, x0s: np.ndarray, x1s: np.ndarray, top: float, height: float, colour: QColor) -> None:
        """Many in one row; where they lie over one another they are no stronger."""
        n, dpr = self.last - self.first, self.ink.dpr
        lefts, rights = (np.round(self.ink.crisp_all(xs) * dpr).astype(np.int64) - self.first for xs in (x0s, x1s))
        rights = np.maximum(rights, lefts + max(round(self.ink.hair * dpr), 1))
        begun, ended = (np.bincount(np.clip(edges, 0, n), minlength=n + 1) for edges in (lefts, rights))
        covered = np.cumsum(begun - ended)[:n] > 0
        self.columns((covered * premultiplied(colour, np.array(1.0)))[np.newaxis], top, height)

    def vertical(self, x: float, top: float, height: float, colour: QColor) -> None:
        """A crisp hair line."""
        self.painter.fillRect(QRectF(self.ink.crisp(x), top, self.ink.hair, height), colour)

    def verticals(self, xs: np.ndarray, top: float, colour: QColor) -> None:
        """Crisp hair lines from `top` to the lane's lower edge."""
        row = np.zeros((1, self.last - self.first), dtype=np.uint32)
        self._set_columns(row, xs, int(premultiplied(colour, np.array(1.0))))
        self.columns(row, top, self.height - top)

    def text(self, x: float, text: str, font: QFont, colour: QColor, top: float = 0.0, height: float = 0.0) -> None:
        """A line of text in the middle of a row, by default of the lane."""
        self.painter.setFont(font)
        self.painter.setPen(colour)
        baseline = self.ink.baseline(font, top, height or self.height)
        self.painter.drawText(QPointF(self.ink.crisp(x), baseline), text)

    def texts(self, xs: np.ndarray, texts: Iterable[str], font: QFont, colour: QColor) -> None:
        """Many in the middle of the lane, at one go."""
        painter, baseline = self.painter, self.ink.baseline(font, 0.0, self.height)
        painter.setFont(font)
        painter.setPen(colour)
        for x, text in zip(self.ink.crisp_all(xs).tolist(), texts, strict=True):
            painter.drawText(QPointF(x, baseline), text)

    def stamp(self, key: Hashable, edges: Edges, paint: Callable[[Drawing], float | None]) -> float:
        """What `paint` paints inside edges, from a picture of an equal look where there is one; what it returned then.

        Args:
            key: The look: nothing but the place may hang on anything else.
        """
        return self.ink.stamps.set_down(self.painter, key, edges, lambda on: paint(replace(self, painter=on)) or 0.0)

    def stamp_each(self, key: Hashable, lefts: np.ndarray, rows: Rows, paint: Callable[[Drawing, float], None]) -> None:
        """The same wherever a left edge is; `paint` is told its left edge."""

        def painted(painter: QPainter, left: float) -> float:
            paint(replace(self, painter=painter), left)
            return 0.0

        self.ink.stamps.set_down_each(self.painter, key, lefts, rows, painted)

    def bottom_line(self) -> None:
        """The line between this lane and the next."""
        hair = self.ink.hair
        self.painter.fillRect(QRectF(0, self.height - hair, self.width + 1, hair), self.ink.colour("line"))

    def grid(self, top: float, height: float, strength: float = 1.0) -> None:
        """Beats, bars and counts of eight as lines."""
        row = self.model.kept(("grid", self.view, self.first, self.last, self.ink), self._grid_row)
        self.painter.setOpacity(min(strength, 1.0))
        self.columns(row, top, height)
        self.painter.setOpacity(1.0)

    def _grid_row(self) -> np.ndarray:
        """One row of pixels for all lanes."""
        row = np.zeros((1, self.last - self.first), dtype=np.uint32)
        xs, ranks = self.model.grid_lines(self.view)
        for rank, (name, alpha) in enumerate((("beat", 0.30), ("beat", 0.75), ("downbeat", 0.55))):
            self._set_columns(row, xs[ranks == rank], int(premultiplied(self.ink.colour(name), np.array(alpha))))
        return row

    def _set_columns(self, row: np.ndarray, xs: np.ndarray, pixel: int) -> None:
        columns = np.floor(xs * self.ink.dpr + (0.5 + 1e-6)).astype(np.int64) - self.first
        for _ in range(max(round(self.ink.hair * self.ink.dpr), 1)):
            row[0, columns[(columns >= 0) & (columns < row.shape[1])]] = pixel
            columns = columns + 1

    def columns(self, pixels: np.ndarray, top: float, height: float) -> None:
        """A picture of the device columns to be painted.

        Args:
            pixels: 0xaarrggbb with colours multiplied by alpha, uint32 [rows, last - first].
        """
        pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
        rows, n = pixels.shape
        image = QImage(pixels.data, n, rows, 4 * n, QImage.Format.Format_ARGB32_Premultiplied)
        box = QRectF(self.first / self.ink.dpr, top, n / self.ink.dpr, height)
        if rows > 1:
            self.painter.drawImage(box, image)
            return
        # One row over and over: the same pixels as the row stretched, in a quarter of the time.
        brush, scale = QBrush(image), 1.0 / self.ink.dpr
        brush.setTransform(QTransform.fromTranslate(box.left(), 0.0).scale(scale, scale))
        self.painter.fillRect(box, brush)


class Lane(ABC):
    """A row of the timeline.

    Attributes:
        name: Shown in its head, and told to screen readers.
        hint: What can be done in it.
        track_id: Of the dancer; empty for the music's lanes.
        is_pinned: Whether it stays when the lanes are scrolled.
        top, px: Its place below the canvas's upper edge when nothing is scrolled, and its height; kept by the canvas.
    """

    name = ""
    hint = ""
    track_id = ""
    is_pinned = False

    def __init__(self, model: TimelineModel) -> None:
        self.model = model
        self.top = self.px = 0
        self._picture: tuple[QPixmap, TimeView, Ink] | None = None
        self._moving: tuple[QPixmap, TimeView, Ink] | None = None

    @abstractmethod
    def height(self, ink: Ink) -> int:
        """In pixels; 0 while there is nothing to show."""

    @abstractmethod
    def paint(self, drawing: Drawing) -> None:
        """Paint everything that only changes with the view and the piece."""

    def spans_s(self) -> Iterable[tuple[float, float]]:
        """Of the things whose look depends on where the picture's edges cut them: from when to when they are."""
        return ()

    def forget(self) -> None:
        """The picture is to be made anew when it is needed next."""
        self._picture = self._moving = None

    def move(self) -> None:
        """The view has changed, and nothing else: what stays in sight may be kept."""
        if self._picture is not None:
            self._moving = self._picture
        self._picture = None

    def picture(self, ink: Ink) -> QPixmap:
        """The lane as it stands; what was given before may be painted over then."""
        if self._picture is None:
            # One row more: between two lanes on fractions of device pixels there must be no gap.
            columns, rows = self._columns(ink), math.ceil(self.height(ink) * ink.dpr) + 1
            stretches = [(0, columns)]
            if self._moving is not None and self._moving[2] is ink and self._moving[0].size() == QSize(columns, rows):
                picture = self._moving[0]  # fresh memory costs more than what is painted on it
                if (shift := self._shift(self._moving[1], ink)) is not None:
                    picture.scroll(-shift, 0, picture.rect())
                    stretches = self._uncovered(self._moving[1], shift, ink)
            else:
                picture = QPixmap(columns, rows)
                picture.setDevicePixelRatio(ink.dpr)
            painter = QPainter(picture)
            for first, last in stretches:
                self._paint_stretch(painter, ink, first, last)
            painter.end()
            self._picture, self._moving = (picture, self.model.view, ink), None
        return self._picture[0]

    def _columns(self, ink: Ink) -> int:
        return self.model.view.n_columns(ink.dpr)

    def _paint_stretch(self, painter: QPainter, ink: Ink, first: int, last: int) -> None:
        height = float(self.height(ink))
        painter.setClipRect(QRectF(first / ink.dpr, 0.0, (last - first) / ink.dpr, height + 2.0))
        drawing = Drawing(painter, ink, self.model, self.model.view, height, first, last)
        drawing.fill(ink.colour("panel"))
        self.paint(drawing)

    def _shift(self, before: TimeView, ink: Ink) -> int | None:
        """By how many device pixels the view was panned to the right; None where nothing can be kept."""
        view = self.model.view
        shift = (view.start_s - before.start_s) * view.px_per_s * ink.dpr
        is_pan = before.px_per_s == view.px_per_s and before.width_px == view.width_px
        if not is_pan or abs(shift - round(shift)) > 0.02 or abs(shift) > self._columns(ink) // 2:
            return None
        return round(shift)

    def _uncovered(self, before: TimeView, shift: int, ink: Ink) -> list[tuple[int, int]]:
        """The columns that are still to be painted when the last picture was moved."""
        view, n = self.model.view, self._columns(ink)
        shown = (n - shift, n) if shift > 0 else (0, -shift)
        edges_s = (before.start_s, before.end_s, view.start_s, view.end_s)
        low_s, high_s = min(edges_s), max(edges_s)
        cut = [
            self._cut((start_s, end_s), view, ink, n)
            for start_s, end_s in self.spans_s()
            if end_s > low_s and start_s < high_s and any(start_s < edge_s < end_s for edge_s in edges_s)
        ]
        return merged([stretch for stretch in (shown, *cut) if stretch[1] > stretch[0]])

    @staticmethod
    def _cut(span_s: tuple[float, float], view: TimeView, ink: Ink, n: int) -> tuple[int, int]:
        first, last = (round(view.x_of(time_s) * ink.dpr) for time_s in span_s)
        return max(first - _EDGE_COLUMNS, 0), min(last + _EDGE_COLUMNS, n)


def merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same columns as stretches that do not meet."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def premultiplied(colour: QColor, alpha: np.ndarray) -> np.ndarray:
    """Pixels of a colour at alphas of 0 to 1, uint32 like `alpha`."""
    levels = np.round(np.clip(alpha * colour.alphaF(), 0.0, 1.0) * 255.0).astype(np.intp)
    return _shades(colour.rgb())[levels]


_SHADES: dict[int, np.ndarray] = {}


def _shades(rgb: int) -> np.ndarray:
    """A colour at each of 256 alphas."""
    if rgb not in _SHADES:
        alpha = np.arange(256)
        parts = [np.round(alpha * ((rgb >> shift) & 255) / 255.0).astype(np.uint32) << shift for shift in (16, 8, 0)]
        _SHADES[rgb] = (alpha.astype(np.uint32) << 24) | parts[0] | parts[1] | parts[2]
    return _SHADES[rgb]

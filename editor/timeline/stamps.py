"""Small pictures that are made once for a look and set down wherever it is to be seen again."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from functools import partial
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

Edges = tuple[float, float, float, float]  # left, top, right, bottom
Rows = tuple[float, float, float]  # top, bottom, width
_KEPT_PIXELS = 4_000_000  # 16 MB


class PaintAt(Protocol):
    """Paints a look with its left edge at a place."""

    def __call__(self, painter: QPainter, /, left: float) -> float: ...


class Stamps:
    """The pictures of one pixel density, by their looks; all are dropped when they grow too many."""

    def __init__(self, dpr: float) -> None:
        self._dpr = dpr
        self._kept: dict[Hashable, tuple[QPixmap, float]] = {}
        self._n_pixels = 0

    def set_down(self, painter: QPainter, key: Hashable, edges: Edges, paint: Callable[[QPainter], float]) -> float:
        """Paint what `paint` paints within these edges; what it returned when it painted it.

        Where things lie on fractions of device pixels, there is a picture for each quarter.

        Args:
            key: The look. Whatever is painted, and what is returned, hangs on the key alone but for the place.
        """
        left_px, top_px, picture, result = self._picture(key, edges, paint)
        painter.drawPixmap(QPointF(left_px, top_px), picture)
        return result

    def set_down_each(self, painter: QPainter, key: Hashable, lefts: np.ndarray, rows: Rows, paint: PaintAt) -> None:
        """The same wherever a left edge is; once where several fall on one place. `paint` is told its left edge."""
        top, bottom, width = rows
        quarters = np.unique(np.floor(4.0 * lefts * self._dpr + 0.5).astype(np.int64))
        for across in range(4):
            own = quarters[quarters % 4 == across]
            if len(own):
                left = float(own[0]) / (4.0 * self._dpr)
                edges = (left, top, left + width, bottom)
                _, top_px, picture, _ = self._picture(key, edges, partial(paint, left=left))
                for left_px in (own // 4 / self._dpr).tolist():
                    painter.drawPixmap(QPointF(left_px, top_px), picture)

    def _picture(
        self, key: Hashable, edges: Edges, paint: Callable[[QPainter], float]
    ) -> tuple[float, float, QPixmap, float]:
        """Where its left upper corner comes to lie, the picture, and what was returned when it was painted."""
        dpr = self._dpr
        # Whole device pixels, and quarters of one beyond them.
        left, across = divmod(math.floor(4.0 * edges[0] * dpr + 0.5), 4)
        top, down = divmod(math.floor(4.0 * edges[1] * dpr + 0.5), 4)
        key = (key, across, down)
        if key not in self._kept:
            right, bottom = (math.ceil(edge * dpr - 1e-3) for edge in edges[2:])
            self._keep(key, (left, top, right - left, bottom - top), paint)
        return left / dpr, top / dpr, *self._kept[key]

    def _keep(self, key: Hashable, place: tuple[int, int, int, int], paint: Callable[[QPainter], float]) -> None:
        left, top, width, height = place
        picture = QPixmap(width, height)
        picture.setDevicePixelRatio(self._dpr)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-left / self._dpr, -top / self._dpr)
        result = paint(painter)
        painter.end()
        if self._n_pixels + width * height > _KEPT_PIXELS:
            self._kept.clear()
            self._n_pixels = 0
        self._n_pixels += width * height
        self._kept[key] = (picture, result)


def edges_of(box: QRectF, room_px: float) -> Edges:
    """Round a box, with some room for what is soft."""
    return box.left() - room_px, box.top() - room_px, box.right() + room_px, box.bottom() + room_px

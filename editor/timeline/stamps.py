"""Small pictures that are made once for a look and set down wherever it is to be seen again."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

Edges = tuple[float, float, float, float]  # left, top, right, bottom

_KEPT_PIXELS = 4_000_000  # 16 MB


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
        dpr = self._dpr
        # Whole device pixels, and quarters of one beyond them.
        left, across = divmod(math.floor(4.0 * edges[0] * dpr + 0.5), 4)
        top, down = divmod(math.floor(4.0 * edges[1] * dpr + 0.5), 4)
        key = (key, across, down)
        if key not in self._kept:
            right, bottom = (math.ceil(edge * dpr - 1e-3) for edge in edges[2:])
            self._keep(key, (left, top, right - left, bottom - top), paint)
        picture, result = self._kept[key]
        painter.drawPixmap(QPointF(left / dpr, top / dpr), picture)
        return result

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

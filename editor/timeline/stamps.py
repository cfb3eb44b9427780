"""Small pictures that are made once for a look and set down wherever it is to be seen again."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

_KEPT_PIXELS = 4_000_000  # 16 MB


class Stamps:
    """The pictures of one pixel density, by their looks; all are dropped when they grow too many."""

    def __init__(self, dpr: float) -> None:
        self._dpr = dpr
        self._kept: dict[Hashable, tuple[QPixmap, float]] = {}
        self._n_pixels = 0

    def set_down(
        self, painter: QPainter, key: Hashable, box: QRectF, paint: Callable[[QPainter], float]
    ) -> float:
        """Paint what `paint` paints within a box; what it returned when it painted it.

        Args:
            key: The look. Whatever is painted, and what is returned, hangs on the key alone but for the place.
            box: Its edges must be equally far from device pixels for all boxes of one key.
        """
        dpr = self._dpr
        left, top = math.floor(box.left() * dpr + 1e-3), math.floor(box.top() * dpr + 1e-3)
        if key not in self._kept:
            right, bottom = math.ceil(box.right() * dpr - 1e-3), math.ceil(box.bottom() * dpr - 1e-3)
            self._kept[key] = self._made((left, top, right - left, bottom - top), paint)
        picture, result = self._kept[key]
        painter.drawPixmap(QPointF(left / dpr, top / dpr), picture)
        return result

    def _made(self, place: tuple[int, int, int, int], paint: Callable[[QPainter], float]) -> tuple[QPixmap, float]:
        left, top, width, height = place
        self._n_pixels += width * height
        if self._n_pixels > _KEPT_PIXELS:
            self._kept.clear()
            self._n_pixels = width * height
        picture = QPixmap(width, height)
        picture.setDevicePixelRatio(self._dpr)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-left / self._dpr, -top / self._dpr)
        result = paint(painter)
        painter.end()
        return picture, result

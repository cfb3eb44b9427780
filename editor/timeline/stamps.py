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

    def set_down(self, painter: QPainter, key: Hashable, box: QRectF, paint: Callable[[QPainter], float]) -> float:
        """Paint what `paint` paints within a box; what it returned when it painted it.

        Where things lie on fractions of device pixels, there is a picture for each quarter.

        Args:
            key: The look. Whatever is painted, and what is returned, hangs on the key alone but for the place.
        """
        dpr = self._dpr
        (left, across), (top, down) = _parted(box.left() * dpr), _parted(box.top() * dpr)
        key = (key, across, down)
        if key not in self._kept:
            right, bottom = math.ceil(box.right() * dpr - 1e-3), math.ceil(box.bottom() * dpr - 1e-3)
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


def _parted(place: float) -> tuple[int, int]:
    """A whole device pixel, and quarters of one beyond it."""
    quarters = math.floor(4.0 * place + 0.5)
    return quarters // 4, quarters % 4

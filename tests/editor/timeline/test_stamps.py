"""Small pictures set down again and again."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from editor.timeline import stamps
from editor.timeline.stamps import Stamps

ROW = 3.0


def _canvas(dpr):
    canvas = QPixmap(round(120 * dpr), round(40 * dpr))
    canvas.setDevicePixelRatio(dpr)
    canvas.fill(QColor("#223344"))
    return canvas


def _pixels(canvas):
    image = canvas.toImage()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : 4 * image.width()].astype(int)


def _shape(painter, left):
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor("#88cc44"))
    painter.drawRoundedRect(QRectF(left, ROW, 20.0, 16.0), 4.0, 4.0)
    painter.drawLine(QPointF(left + 2.0, ROW + 1.0), QPointF(left + 17.0, ROW + 14.0))
    return left + 20.0


@pytest.mark.parametrize("dpr", [1.0, 1.25, 1.5, 2.0])
def test_what_is_set_down_looks_as_if_it_had_been_painted_there(qapp, dpr):
    kept, painted, places = Stamps(dpr), [], [4, 37, 80]
    stamped, direct = _canvas(dpr), _canvas(dpr)
    on, beside = QPainter(stamped), QPainter(direct)
    for place in places:
        left = place / dpr

        def paint(painter, left=left):
            painted.append(left)
            return _shape(painter, left)

        kept.set_down(on, "shape", (left - 1.0, ROW - 1.0, left + 21.0, ROW + 17.0), paint)
        beside.save()
        _shape(beside, left)
        beside.restore()
    on.end(), beside.end()

    assert len(painted) == 1
    assert np.abs(_pixels(stamped) - _pixels(direct)).max() <= 2


@pytest.mark.parametrize("dpr", [1.0, 1.25, 2.0])
def test_many_at_once_lie_where_they_lie_one_by_one_and_are_painted_for_each_quarter_at_most(qapp, dpr):
    lefts, painted = np.array([5.0, 37.3, 37.301, 60.6, 85.9]), []
    together, apart = _canvas(dpr), _canvas(dpr)
    on, beside = QPainter(together), QPainter(apart)

    def paint(painter, left):
        painted.append(left)
        return _shape(painter, left + 1.0)

    Stamps(dpr).set_down_each(on, "shape", lefts, (ROW - 1.0, ROW + 17.0, 22.0), paint)
    kept = Stamps(dpr)
    for left in lefts.tolist():
        edges = (left, ROW - 1.0, left + 22.0, ROW + 17.0)
        kept.set_down(beside, "shape", edges, lambda painter, left=left: _shape(painter, left + 1.0))
    on.end(), beside.end()

    assert 1 <= len(painted) <= 4
    difference = np.abs(_pixels(together) - _pixels(apart))
    assert (difference > 70).sum() == 0  # painted within an eighth of a device pixel of one another


def test_what_was_returned_when_it_was_painted_is_returned_again(qapp):
    kept, canvas = Stamps(1.0), _canvas(1.0)
    painter = QPainter(canvas)
    results = [kept.set_down(painter, key, (0, 0, 4, 4), lambda _, k=key: 2.0 * k) for key in (1, 2, 1)]
    painter.end()

    assert results == [2.0, 4.0, 2.0]


def test_when_too_many_are_kept_all_are_dropped_and_made_anew(qapp, monkeypatch):
    monkeypatch.setattr(stamps, "_KEPT_PIXELS", 250)
    kept, canvas, painted = Stamps(1.0), _canvas(1.0), []
    painter = QPainter(canvas)
    for key in (1, 2, 1, 3, 1):
        kept.set_down(painter, key, (0, 0, 10, 10), lambda _, k=key: float(painted.append(k) is None))
    painter.end()

    assert painted == [1, 2, 3, 1]

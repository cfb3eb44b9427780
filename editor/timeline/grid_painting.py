"""How pins, locked spans and the grips of beats look."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from editor.document.grid import is_locked_at
from editor.timeline.lane import Drawing

_ROOM_PX = 14.0  # between two grips


def paint_pins(drawing: Drawing, is_tall: bool) -> None:
    """Locked spans hatched; while beats are corrected pins, and a handle at each beat."""
    ink, view, pins = drawing.ink, drawing.view, drawing.model.document.pins
    for start_s, end_s in pins.locked_s:
        x0, x1 = view.x_of(start_s) - 3.0, view.x_of(end_s) + 3.0
        if drawing.sees(x0, x1):
            left, right = max(x0, -12.0), min(x1, drawing.width + 12.0)
            drawing.painter.fillRect(QRectF(left, 0, right - left, drawing.height), ink.hatch("text", 0.28))
    if not drawing.model.session.view.edits_grid:
        return
    for anchor_s in pins.anchors_s:
        x = view.x_of(anchor_s)
        if drawing.sees(x - 8.0, x + 8.0):
            drawing.vertical(x, 0.0, drawing.height, ink.colour("accent"))
            if not is_tall:
                _pin(drawing, x)


def _pin(drawing: Drawing, x: float) -> None:
    """A drawing pin: a head, and a point on the beat."""
    ink, painter = drawing.ink, drawing.painter
    r, middle = ink.px(4), ink.crisp(x) + 0.5 * ink.hair
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(ink.pen(ink.colour("panel"), 1.0))
    painter.setBrush(ink.colour("accent"))
    bottom = drawing.height - ink.px(2)
    points = ((middle - 0.5 * r, 1.6 * r), (middle + 0.5 * r, 1.6 * r), (middle, bottom))
    painter.drawPolygon(QPolygonF([QPointF(*point) for point in points]))
    painter.drawEllipse(QPointF(middle, 1.3 * r), r, r)
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)


def paint_handles(drawing: Drawing) -> None:
    """A grip on each beat that can be dragged, where there is room."""
    model, ink = drawing.model, drawing.ink
    grid = model.grid
    if not model.session.view.edits_grid or grid is None or grid.median_beat_s * drawing.view.px_per_s < _ROOM_PX:
        return
    shown = grid.between(drawing.start_s, drawing.end_s)
    times_s = grid.times_s[shown]
    free = ~is_locked_at(model.document.pins, times_s)
    size = float(ink.px(6))
    for x in drawing.view.xs_of(times_s[free]).tolist():
        drawing.box(x - 0.5 * size + 1.0, x + 0.5 * size, 0.0, 0.5 * size, ink.mix("accent", "text", 0.3))

"""What moves over the lanes without their being painted anew: selection, cursor line, playhead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from editor.timeline.ink import Ink
from editor.timeline.model import TimelineModel

PLAYHEAD_REACH_PX = 8  # how far its head reaches to both sides


def paint_selection(painter: QPainter, ink: Ink, model: TimelineModel, boxes: list[tuple[str, QRectF]]) -> None:
    """The selected span, over its dancer's lane and, fainter, over the counts.

    Args:
        boxes: Track ids and whole rows; an empty id for the row of counts.
    """
    selection = model.session.selection
    if selection is None:
        return
    rate_hz = model.frame_rate_hz
    x0, x1 = (ink.crisp(model.view.x_of(f / rate_hz)) for f in (selection.start_frame, selection.end_frame))
    for track_id, row in boxes:
        if track_id not in ("", selection.track_id):
            continue
        box = QRectF(x0, row.top(), max(x1 - x0, ink.hair), row.height())
        painter.fillRect(box, ink.colour("accent", 0.22))
        if track_id:
            for x in (x0, x1 - ink.hair):
                painter.fillRect(QRectF(x, row.top(), ink.hair, row.height()), ink.colour("accent", 0.9))


def paint_cursor(painter: QPainter, ink: Ink, x: float, top: float, height: float) -> None:
    """A faint line under the cursor."""
    painter.fillRect(QRectF(ink.crisp(x), top, ink.hair, height), ink.colour("text", 0.28))


def paint_playhead(painter: QPainter, ink: Ink, x: float, head_top: float, height: float) -> None:
    """The playhead: a line through all lanes under a head in the rulers."""
    left, colour = ink.crisp(x), ink.colour("accent")
    painter.fillRect(QRectF(left - ink.hair, head_top, 3 * ink.hair, height), ink.colour("window", 0.35))
    painter.fillRect(QRectF(left, head_top, ink.hair, height), colour)
    middle, half, size = left + 0.5 * ink.hair, 5.0, 9.0
    shape = ((-half, 0.0), (half, 0.0), (half, 0.5 * size), (0.0, size), (-half, 0.5 * size))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(ink.pen(ink.colour("window", 0.6), 1.0))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(middle + dx, head_top + dy) for dx, dy in shape]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

"""The panels' icons: strokes on a grid of 16, so that they are sharp at any size and take any colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

Stroke = tuple[str, tuple[float, ...]]
GRID = 16.0

# "line": x, y pairs joined; "closed": the same, closed; "oval": left, top, width, height; "dot": middle and radius,
# filled; "round": a box's left, top, width, height and radius; "arc": an oval's box, first angle and span, degrees.
GLYPHS: dict[str, tuple[Stroke, ...]] = {
    "again": (("arc", (2.5, 2.5, 11, 11, 60, 285)), ("line", (10.2, 1.6, 10.6, 3.6, 8.6, 4.6))),
    "four": tuple(("round", (x, y, 4.6, 4.6, 1.0)) for x in (2.2, 9.2) for y in (2.2, 9.2)),
    "cancel": (("line", (4, 4, 12, 12)), ("line", (12, 4, 4, 12))),
    "die": (
        ("round", (2.5, 2.5, 11, 11, 2.2)),
        *(("dot", (x, y, 1.05)) for x, y in ((5.6, 5.6), (10.4, 5.6), (8, 8), (5.6, 10.4), (10.4, 10.4))),
    ),
    "lock": (("round", (3.2, 7, 9.6, 6.6, 1.4)), ("arc", (5, 2.2, 6, 7.4, 0, 180)), ("line", (5, 6, 5, 7)),
             ("line", (11, 6, 11, 7))),
    "copy": (("round", (5.5, 5.5, 8, 8, 1.4)), ("line", (10.5, 3, 10.5, 2.5, 2.5, 2.5, 2.5, 10.5, 3, 10.5))),
    "paste": (("round", (3, 3.5, 10, 10.2, 1.4)), ("round", (5.8, 1.8, 4.4, 3.2, 1)), ("line", (5.6, 8, 10.4, 8)),
              ("line", (5.6, 10.6, 8.8, 10.6))),
    "add": (("line", (8, 3, 8, 13)), ("line", (3, 8, 13, 8))),
    "remove": (("line", (2.8, 4.4, 13.2, 4.4)), ("line", (4.2, 4.4, 4.9, 13.6, 11.1, 13.6, 11.8, 4.4)),
               ("line", (6.2, 4.2, 6.2, 2.4, 9.8, 2.4, 9.8, 4.2)), ("line", (6.7, 7, 6.9, 11)),
               ("line", (9.3, 7, 9.1, 11))),
    "rename": (("closed", (3, 13, 3.4, 10.2, 10.6, 3, 13, 5.4, 5.8, 12.6)), ("line", (9, 4.6, 11.4, 7))),
    "shown": (("arc", (1.2, 3.2, 13.6, 13.6, 32, 116)), ("arc", (1.2, -0.8, 13.6, 13.6, 212, 116)),
              ("dot", (8, 8, 2.1))),
    "reference": (("arc", (3.2, 2, 9.6, 9.6, 0, 180)), ("line", (3.2, 6.8, 3.2, 13.6, 5.6, 11.6, 8, 13.6, 10.4, 11.6,
                  12.8, 13.6, 12.8, 6.8)), ("dot", (6.2, 6.8, 0.9)), ("dot", (9.8, 6.8, 0.9))),
    "hidden": (("arc", (1.2, 3.2, 13.6, 13.6, 32, 116)), ("arc", (1.2, -0.8, 13.6, 13.6, 212, 116)),
               ("line", (3, 13.2, 13, 2.8))),
    "exported": (("line", (2.6, 9.4, 2.6, 13.4, 13.4, 13.4, 13.4, 9.4)), ("line", (8, 10, 8, 2.4)),
                 ("line", (5, 5.2, 8, 2.2, 11, 5.2))),
    "muted": (("line", (2.6, 9.4, 2.6, 13.4, 13.4, 13.4, 13.4, 9.4)), ("line", (5.2, 3.2, 10.8, 8.8)),
              ("line", (10.8, 3.2, 5.2, 8.8))),
    "chevron": (("line", (6, 3.8, 10.2, 8, 6, 12.2)),),
    "flat": (("line", (2, 8, 14, 8)), ("dot", (8, 8, 1.9))),
    "path": (("line", (2.6, 12.6, 5.4, 9.2)), ("arc", (4.6, 3.6, 6.4, 6.4, 190, -190)), ("dot", (11, 7.4, 1.6)),
             ("dot", (2.6, 12.8, 1.4))),
    "back": (("line", (9.8, 3.8, 5.6, 8, 9.8, 12.2)), ("line", (3, 3.8, 3, 12.2))),
    "forward": (("line", (6.2, 3.8, 10.4, 8, 6.2, 12.2)), ("line", (13, 3.8, 13, 12.2))),
    "camera": (("round", (1.8, 4.2, 8.6, 7.6, 1.4)), ("closed", (10.4, 7, 14.2, 4.8, 14.2, 11.2, 10.4, 9))),
    "marker": (("closed", (4, 2.6, 12, 2.6, 12, 9.4, 8, 13.4, 4, 9.4)),),
    "tick": (("line", (3, 8.6, 6.4, 12, 13, 4.4)),),
    "warning": (("closed", (8, 2, 14.6, 13.4, 1.4, 13.4)), ("line", (8, 6.4, 8, 9.4)), ("dot", (8, 11.4, 0.8))),
}  # fmt: skip


def draw_glyph(painter: QPainter, name: str, rect: QRectF, hue: QColor, width: float = 1.4) -> None:
    """Draw an icon into the largest square in the middle of `rect`; `width` is its line's on the grid of 16."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / GRID, side / GRID)
    pen = QPen(hue, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for kind, numbers in GLYPHS[name]:
        painter.setPen(Qt.PenStyle.NoPen if kind == "dot" else pen)
        painter.setBrush(hue if kind == "dot" else Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(kind, numbers))
    painter.restore()


def _path(kind: str, numbers: tuple[float, ...]) -> QPainterPath:
    path = QPainterPath()
    if kind in ("line", "closed"):
        path.moveTo(numbers[0], numbers[1])
        for x, y in zip(numbers[2::2], numbers[3::2], strict=True):
            path.lineTo(x, y)
        if kind == "closed":
            path.closeSubpath()
    elif kind == "dot":
        path.addEllipse(QPointF(numbers[0], numbers[1]), numbers[2], numbers[2])
    elif kind == "round":
        path.addRoundedRect(QRectF(*numbers[:4]), numbers[4], numbers[4])
    else:
        path.arcMoveTo(QRectF(*numbers[:4]), numbers[4])
        path.arcTo(QRectF(*numbers[:4]), numbers[4], numbers[5])
    return path

"""How a clip looks: name, take, style tint, what is locked, looped, mirrored, and how it blends in."""

from __future__ import annotations

import math
from functools import partial
from itertools import compress

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF

from editor.timeline.clip_looks import ClipLook, ClipLooks
from editor.timeline.ink import blended, glyph, shape_of, stroke
from editor.timeline.lane import Drawing
from editor.timeline.stamps import edges_of

_STALE = "stale"
_STAMPED_PX = 200.0  # wider clips are few, and seldom of one width


def paint_clips(drawing: Drawing, looks: ClipLooks, top: float, height: float, selected_id: str) -> None:
    """A dancer's clips in their row, each from its left edge to the next."""
    ink, rate_hz = drawing.ink, drawing.model.frame_rate_hz
    first, last = (time_s * rate_hz for time_s in drawing.shown_s)
    shown = (looks.starts <= last) & (looks.ends >= first)
    places = (drawing.view.xs_of(frames[shown] / rate_hz) for frames in (looks.starts, looks.ends))
    lefts, rights = (ink.crisp_all(xs) for xs in places)
    for look, left, right in zip(compress(looks.clips, shown), lefts.tolist(), rights.tolist(), strict=True):
        _paint_clip(drawing, look, (left, right), (top, height), look.clip_id == selected_id)


def _paint_clip(
    drawing: Drawing, look: ClipLook, edges: tuple[float, float], row: tuple[float, float], is_selected: bool
) -> None:
    ink, (left, right), (top, height) = drawing.ink, edges, row
    blend_px = drawing.view.px_per_s * look.blend_s
    blend_px = round(4.0 * blend_px * ink.dpr) / (4.0 * ink.dpr)  # clips of one width look one way
    # The fill ends before the lane's edges far outside: long paths are slow and gain nothing.
    begin = max(left, -12.0)
    end = begin + max(min(right, drawing.width + 12.0) - begin - ink.hair, 2.0)

    def shapes(on: Drawing) -> float:
        return _shapes(on, look, left, QRectF(begin, top, end - begin, height), blend_px) - left

    if left >= 0.0 and right <= drawing.width and right - left < _STAMPED_PX:
        key = (look.shape, round((right - left) * ink.dpr), blend_px, row)
        write_px = left + drawing.stamp(key, (begin - 1.0, top - 1.0, end + 1.0, top + height + 1.0), shapes)
    else:
        write_px = left + shapes(drawing)
    if min(end, drawing.width) - write_px >= ink.width_of("Mm…", ink.bold):
        _title(drawing, look, QRectF(begin, top, end - begin, height), write_px)
    if is_selected:
        _frame(drawing, look, QRectF(begin, top, end - begin, height))


def _frame(drawing: Drawing, look: ClipLook, box: QRectF) -> None:
    """Round a selected one."""
    ink, painter, radius = drawing.ink, drawing.painter, _radius(drawing, box)
    painter.setOpacity(0.5 if look.is_dimmed else 1.0)
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setBrush(ink.colour("accent", 0.0))
    painter.setPen(ink.pen(ink.colour("accent"), 1.5))
    painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    painter.setOpacity(1.0)


def _radius(drawing: Drawing, box: QRectF) -> float:
    return min(float(drawing.ink.px(4)), 0.5 * box.width())


def _shapes(drawing: Drawing, look: ClipLook, left: float, box: QRectF, blend_px: float) -> float:
    """Everything but the title and the frame of a selected one; where the title may begin."""
    ink, painter = drawing.ink, drawing.painter
    tint = ink.tint(look.tint) if look.tint is not None else "trunk"
    _body(drawing, box, _radius(drawing, box), tint, look.is_dimmed)
    if look.is_dimmed:
        painter.setOpacity(0.5)
    if look.blend_s > 0.0 and blend_px >= 2.0:
        _blend(drawing, left, min(left + blend_px, box.right()), box)
    if look.is_stale:
        painter.setPen(ink.pen(ink.colour("clip_text", 0.9), 1.4, (4.0, 3.0)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))
    painter.setBrushOrigin(QPointF(left, 0.0))  # hatches move with the clip
    if look.is_locked:
        painter.fillRect(box.adjusted(1, ink.px(3), -1, -1), ink.hatch("clip_text", 0.17))
    if look.has_locked_parts:
        painter.fillRect(
            QRectF(box.left() + 2, box.bottom() - ink.px(5), box.width() - 4, ink.px(4)), ink.hatch("clip_text", 0.6)
        )
    painter.setBrushOrigin(QPointF(0.0, 0.0))
    x = _signs(drawing, look, box) if box.width() >= ink.px(20) else math.inf
    painter.setOpacity(1.0)
    return x


def _body(drawing: Drawing, box: QRectF, radius: float, tint: str, is_dimmed: bool) -> None:
    """Rounded, with a band of the style's tint on top; a narrow one has corners."""
    ink, painter, band = drawing.ink, drawing.painter, drawing.ink.px(3)
    top, body = ink.mix("clip", tint, 0.85), ink.mix("clip", tint, 0.12)
    if is_dimmed:  # opaque all the same: its parts lie over one another
        top, body = (blended(ink.colour("panel"), colour, 0.45) for colour in (top, body))
    if box.width() < 6 * radius:
        painter.fillRect(box, body)
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), band), top)
        return
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for colour, part in ((top, QRectF(box.left(), box.top(), box.width(), 3 * radius)), (body, box)):
        painter.setBrush(colour)
        inner = part if colour is top else box.adjusted(0, box.height() - 3 * radius, 0, 0)
        painter.drawRoundedRect(inner, radius, radius)
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(box.left(), box.top() + band, box.width(), box.height() - band - 2 * radius), body)


def _blend(drawing: Drawing, left: float, right: float, box: QRectF) -> None:
    """A diagonal over the frames in which the clip blends in."""
    ink, painter = drawing.ink, drawing.painter
    corner, end = QPointF(left, box.bottom()), QPointF(right, box.top())
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour("panel", 0.38))
    painter.drawPolygon(QPolygonF([corner, QPointF(left, box.top()), end]))
    painter.setPen(ink.pen(ink.colour("clip_text", 0.75), 1.2))
    painter.drawLine(corner, end)
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)


def _room(drawing: Drawing, box: QRectF) -> tuple[float, float]:
    """From where to where there may be signs and words."""
    pad = float(drawing.ink.px(6))
    return max(box.left(), 0.0) + pad, min(box.right(), drawing.width) - pad


def _row(drawing: Drawing, box: QRectF) -> tuple[float, float]:
    """Top and height of what is written."""
    band = drawing.ink.px(3)
    return box.top() + band, box.height() - band


def _signs(drawing: Drawing, look: ClipLook, box: QRectF) -> float:
    """What is locked, looped, mirrored or stale, as far as there is room; where they end."""
    ink = drawing.ink
    (x, end), (top, height) = _room(drawing, box), _row(drawing, box)
    for sign in look.signs:
        if x + ink.px(14) <= end:
            square = QRectF(x, top + 0.5 * (height - ink.px(13)), ink.px(13), ink.px(13))
            drawing.stamp(("sign", sign), edges_of(square, 1.0), partial(_sign, sign=sign, square=square))
            x += ink.px(17)
    return _stale_sign(drawing, x, end, top + 0.5 * height) if look.is_stale else x


def _sign(drawing: Drawing, sign: str, square: QRectF) -> None:
    drawing.painter.setRenderHint(drawing.painter.RenderHint.Antialiasing)
    stroke(drawing.painter, glyph(sign, square), drawing.ink.colour("clip_text"), 1.5)


def _title(drawing: Drawing, look: ClipLook, box: QRectF, x: float) -> None:
    """The name behind the signs, then what else there is room for."""
    ink, end = drawing.ink, _room(drawing, box)[1]
    if end - x < ink.width_of("Mm…", ink.bold):
        return
    top, height = _row(drawing, box)
    drawing.painter.setOpacity(0.5 if look.is_dimmed else 1.0)
    title = ink.elided(look.title, ink.bold, end - x)
    drawing.text(x, title, ink.bold, ink.colour("clip_text"), top, height)
    x += ink.width_of(title, ink.bold) + ink.px(9)
    for words in look.details:
        width = ink.width_of(words, ink.small)
        if x + width > end:
            break
        drawing.text(x, words, ink.small, ink.mix("clip_text", "clip", 0.22), top, height)
        x += width + ink.px(9)
    drawing.painter.setOpacity(1.0)


def _stale_sign(drawing: Drawing, x: float, end: float, middle: float) -> float:
    """A warning's shape, and the word where there is room; how far they reach."""
    ink, painter, radius = drawing.ink, drawing.painter, 0.5 * float(drawing.ink.px(12))
    if x + 2.0 * radius > end:
        return x
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(ink.pen(ink.colour("clip_text"), 1.0))
    painter.setBrush(ink.colour("warning"))
    painter.drawPath(shape_of("warning", x + radius, middle, radius))
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    x += 2.0 * radius + ink.px(4)
    width = ink.width_of(_STALE, ink.bold)
    if x + width <= end:
        drawing.text(x, _STALE, ink.bold, ink.colour("clip_text"), middle - ink.px(8), ink.px(16))
        x += width + ink.px(7)
    return x

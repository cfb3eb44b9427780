"""How a clip looks: name, take, style tint, what is locked, looped, mirrored, and how it blends in."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF

from editor.document.document import Clip, Curve, Document, Settings, Value, value_at
from editor.timeline.ink import blended, glyph, shape_of, stroke
from editor.timeline.lane import Drawing

_PARTS = {
    "hips": "hips",
    "spine": "spine",
    "left_arm": "L arm",
    "right_arm": "R arm",
    "left_leg": "L leg",
    "right_leg": "R leg",
}
_STALE = "stale"
_PAIRS = {("left_arm", "right_arm"): "arms", ("left_leg", "right_leg"): "legs"}


def title_of(clip: Clip) -> str:
    """What a clip is called."""
    return clip.name or clip.take.name


def style_of(clip: Clip, document: Document) -> str:
    """The heaviest style that the clip's take was made with; empty where none is known."""
    recipe = clip.take.recipe
    settings: Settings = recipe.settings if recipe is not None else clip.settings or document.settings
    at_s = clip.start_frame / document.frame_rate_hz
    weights = {name: _now(value, at_s) for name, value in settings.style}
    return max(weights, key=lambda name: weights[name], default="") if any(weights.values()) else ""


def _now(value: Value, time_s: float) -> float:
    return float(value_at(value, np.array(time_s))) if isinstance(value, Curve) else value


def locked_parts_of(clip: Clip) -> str:
    """The locked parts of the body in few words; empty for none."""
    if clip.settings is None or not clip.settings.locked_parts:
        return ""
    parts = set(clip.settings.locked_parts)
    words = []
    for pair, word in _PAIRS.items():
        if parts >= set(pair):
            words.append(word)
            parts -= set(pair)
    return ", ".join([*words, *(_PARTS.get(part, part) for part in _PARTS if part in parts)])


def paint_clip(drawing: Drawing, clip: Clip, top: float, height: float, is_selected: bool, is_dimmed: bool) -> None:
    """A clip in its row."""
    ink, painter, view = drawing.ink, drawing.painter, drawing.view
    rate_hz = drawing.model.frame_rate_hz
    left = ink.crisp(view.x_of(clip.start_frame / rate_hz))
    right = ink.crisp(view.x_of(clip.end_frame / rate_hz))
    # The fill ends before the lane's edges far outside: long paths are slow and gain nothing.
    box = QRectF(
        max(left, -12.0), top, max(min(right, drawing.width + 12.0) - max(left, -12.0) - ink.hair, 2.0), height
    )
    style = style_of(clip, drawing.model.document)
    tint = ink.tint(drawing.model.style_index(style)) if style else "trunk"
    radius = min(float(ink.px(4)), 0.5 * box.width())
    _body(drawing, box, radius, tint, is_dimmed)
    if is_dimmed:
        painter.setOpacity(0.5)
    _blend(drawing, clip, left, box)
    if clip.is_stale:
        painter.setPen(ink.pen(ink.colour("clip_text", 0.9), 1.4, (4.0, 3.0)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))
    if clip.is_locked:
        painter.fillRect(box.adjusted(1, ink.px(3), -1, -1), ink.hatch("clip_text", 0.17))
    if locked_parts_of(clip):
        painter.fillRect(
            QRectF(box.left() + 2, box.bottom() - ink.px(5), box.width() - 4, ink.px(4)), ink.hatch("clip_text", 0.6)
        )
    if box.width() >= ink.px(20):
        _writing(drawing, clip, box, style)
    if is_selected:
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        inset = box.adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setBrush(ink.colour("accent", 0.0))
        painter.setPen(ink.pen(ink.colour("accent"), 1.5))
        painter.drawRoundedRect(inset, radius, radius)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
    painter.setOpacity(1.0)


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


def _blend(drawing: Drawing, clip: Clip, left: float, box: QRectF) -> None:
    """A diagonal over the frames in which the clip blends in."""
    width = drawing.view.px_per_s * clip.blend_frames / drawing.model.frame_rate_hz
    if clip.blend_frames < 1 or width < 2.0:
        return
    ink, painter = drawing.ink, drawing.painter
    corner, end = QPointF(left, box.bottom()), QPointF(min(left + width, box.right()), box.top())
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour("panel", 0.38))
    painter.drawPolygon(QPolygonF([corner, QPointF(left, box.top()), end]))
    painter.setPen(ink.pen(ink.colour("clip_text", 0.75), 1.2))
    painter.drawLine(corner, end)
    painter.setRenderHint(painter.RenderHint.Antialiasing, False)


def _writing(drawing: Drawing, clip: Clip, box: QRectF, style: str) -> None:
    """Signs first, then the name, then what else there is room for."""
    ink, pad = drawing.ink, float(drawing.ink.px(6))
    x, end = max(box.left(), 0.0) + pad, min(box.right(), drawing.width) - pad
    text, quiet = ink.colour("clip_text"), ink.mix("clip_text", "clip", 0.22)
    top, height = box.top() + ink.px(3), box.height() - ink.px(3)
    for sign, is_shown in (("lock", clip.is_locked), ("loop", clip.is_looped), ("mirror", clip.is_mirrored)):
        if is_shown and x + ink.px(14) <= end:
            square = QRectF(x, top + 0.5 * (height - ink.px(13)), ink.px(13), ink.px(13))
            drawing.painter.setRenderHint(drawing.painter.RenderHint.Antialiasing)
            stroke(drawing.painter, glyph(sign, square), text, 1.5)
            drawing.painter.setRenderHint(drawing.painter.RenderHint.Antialiasing, False)
            x += ink.px(17)
    if clip.is_stale:
        x = _stale_sign(drawing, x, end, top + 0.5 * height)
    if end - x < ink.width_of("Mm…", ink.bold):
        return
    title = ink.elided(title_of(clip), ink.bold, end - x)
    drawing.text(x, title, ink.bold, text, top, height)
    x += ink.width_of(title, ink.bold) + ink.px(9)
    for words in _details(clip, style):
        width = ink.width_of(words, ink.small)
        if x + width > end:
            break
        drawing.text(x, words, ink.small, quiet, top, height)
        x += width + ink.px(9)


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


def _details(clip: Clip, style: str) -> list[str]:
    details = []
    if len(clip.takes) > 1:
        details.append(f"take {clip.active + 1}/{len(clip.takes)}")
    if style:
        details.append(style.replace("_", " "))
    if abs(clip.speed - 1.0) > 1e-3:
        details.append(f"{100 * clip.speed:.0f} %")
    if locked := locked_parts_of(clip):
        details.append(f"{locked} locked")
    return details

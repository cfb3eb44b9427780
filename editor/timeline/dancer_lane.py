"""A dancer's lane: clips, under them when the feet stand and where movements meet, and what the rules found."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt

from editor.document.document import Clip, Document, Track
from editor.timeline.clip_looks import ClipLooks, looks_of
from editor.timeline.clip_painting import paint_clips
from editor.timeline.footwork import Footwork
from editor.timeline.ink import Ink, shape_of
from editor.timeline.lane import Drawing, Lane, premultiplied
from editor.timeline.model import SEVERITIES, Mark, TimelineModel

EDGE_PX = 6.0
_LEAST_GRAB_PX = 18.0  # of a narrower clip only the middle can be taken hold of
#        height, gap below; pixels at 12 pixels of type
_CLIPS, _FOOT, _COMB, _FINDINGS = (34, 3), (4, 1), (6, 1), (12, 3)
_TOP = 3


class DancerLane(Lane):
    """One dancer."""

    hint = "Drag to select time, click a clip to select it; drag a selected clip to move it, its edges to trim"

    def __init__(self, model: TimelineModel, track_id: str) -> None:
        super().__init__(model)
        self.track_id = track_id
        self._grouped: tuple[tuple[Mark, ...], object, list[tuple[Mark, bool, np.ndarray, np.ndarray]]] | None = None
        self._found: tuple[Document, tuple[str, ...], ClipLooks] | None = None

    @property
    def track(self) -> Track:
        """The dancer's track as it is shown."""
        return self.model.document.track(self.track_id)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The dancer's findings."""
        return self.model.marks.get(self.track_id, ())

    @property
    def is_judged(self) -> bool:
        """Whether there is a dance that rules are held against; its row stays when nothing is found."""
        return bool(self.track.clips) and not self.track.is_reference

    @property
    def selected_clip_id(self) -> str:
        """The clip that the selection is exactly; empty for none."""
        selection = self.model.session.selection
        if selection is None or selection.track_id != self.track_id:
            return ""
        span = (selection.start_frame, selection.end_frame)
        return next((clip.id for clip in self.track.clips if (clip.start_frame, clip.end_frame) == span), "")

    def spans_s(self) -> Iterable[tuple[float, float]]:
        rate_hz = self.model.frame_rate_hz
        return [(clip.start_frame / rate_hz, clip.end_frame / rate_hz) for clip in self.track.clips]

    def height(self, ink: Ink) -> int:
        rows = [_CLIPS, _FOOT, _FOOT, _COMB] + ([_FINDINGS] if self.is_judged else [])
        return ink.px(_TOP) + sum(ink.px(height) + ink.px(gap) for height, gap in rows)

    def clip_at(self, x: float, y: float, ink: Ink) -> tuple[Clip, str] | None:
        """The clip at a place in the lane, and whether that is its "body", "start" or "end"."""
        if not ink.px(_TOP) <= y <= ink.px(_TOP) + ink.px(_CLIPS[0]):
            return None
        view, rate_hz = self.model.view, self.model.frame_rate_hz
        for clip in self.track.clips:
            left, right = view.x_of(clip.start_frame / rate_hz), view.x_of(clip.end_frame / rate_hz)
            if left <= x < right:
                if right - left >= _LEAST_GRAB_PX and x < left + EDGE_PX:
                    return clip, "start"
                return clip, "end" if right - left >= _LEAST_GRAB_PX and x >= right - EDGE_PX else "body"
        return None

    def mark_at(self, x: float, y: float, ink: Ink) -> Mark | None:
        """What was found in the movement whose shape is at a place in the lane; the gravest, where several are."""
        if not self.marks or y < self._findings_top(ink) - ink.px(3):
            return None
        reach = ink.px(8)
        near = [mark for mark in self.marks if abs(self._mark_x(mark) - x) <= reach]
        return min(near, key=lambda m: (*_grave(m), abs(self._mark_x(m) - x)), default=None)

    def paint(self, drawing: Drawing) -> None:
        ink = drawing.ink
        drawing.grid(0.0, drawing.height, 0.7)
        top = float(ink.px(_TOP))
        paint_clips(drawing, self._looks(), top, float(ink.px(_CLIPS[0])), self.selected_clip_id)
        footwork = self.model.footwork.get(self.track_id)
        if footwork is not None:
            self._feet(drawing, footwork, top + ink.px(_CLIPS[0]) + ink.px(_CLIPS[1]))
        self._findings(drawing)
        drawing.bottom_line()

    def _looks(self) -> ClipLooks:
        """How the clips look in this version of the piece, with these styles known."""
        document, styles = self.model.document, self.model.styles
        if self._found is None or self._found[0] is not document or self._found[1] != styles:
            self._found = document, styles, looks_of(self.track, document, self.model.style_index)
        return self._found[2]

    def _feet(self, drawing: Drawing, footwork: Footwork, top: float) -> None:
        ink, edges_s = drawing.ink, drawing.column_edges_s
        step = ink.px(_FOOT[0]) + ink.px(_FOOT[1])
        for row, (side, share) in enumerate(zip(("left", "right"), footwork.standing_shares(edges_s), strict=True)):
            pixels = premultiplied(ink.colour(side), 0.9 * share)
            drawing.columns(pixels[np.newaxis], top + row * step, float(ink.px(_FOOT[0])))
        self._comb(drawing, footwork, top + 2 * step + 1, edges_s)

    def _comb(self, drawing: Drawing, footwork: Footwork, top: float, edges_s: np.ndarray) -> None:
        """A tooth at each movement's start; paler where teeth stand closer than the eye can part them."""
        ink = drawing.ink
        height = float(ink.px(_COMB[0]))
        columns = footwork.meeting_columns(edges_s)
        width = max(round(ink.hair * ink.dpr), 1)
        teeth = columns > 0
        for shift in range(1, width):
            teeth[shift:] |= columns[:-shift] > 0
        last_s = (footwork.stands.shape[1] - 1) / footwork.frame_rate_hz
        spacing_px = last_s / (len(footwork.meets) + 1) * drawing.view.px_per_s
        alpha = teeth * min(max(spacing_px / 7.0, 0.3), 0.85)
        inside = (edges_s[1:] > 0.0) & (edges_s[:-1] < last_s)
        base = premultiplied(ink.colour("muted"), 0.5 * inside)
        drawing.columns(base[np.newaxis], top, ink.hair)
        drawing.columns(premultiplied(ink.colour("muted"), alpha)[np.newaxis], top, height)

    def _findings_top(self, ink: Ink) -> float:
        rows = (_CLIPS, _FOOT, _FOOT, _COMB)
        return float(ink.px(_TOP) + sum(ink.px(height) + ink.px(gap) for height, gap in rows))

    def _mark_x(self, mark: Mark) -> float:
        """The middle of its movement."""
        return self.model.view.x_of(0.5 * (mark.start_frame + mark.end_frame) / self.model.frame_rate_hz)

    def _findings(self, drawing: Drawing) -> None:
        """A shape in the middle of each movement in which something was found, the gravest and the selected on top."""
        ink, view, rate_hz = drawing.ink, drawing.view, self.model.frame_rate_hz
        strength = 0.4 if self.track_id in self.model.aged else 1.0
        top, height = self._findings_top(ink), float(ink.px(_FINDINGS[0]))
        comb_top = top - ink.px(_COMB[0]) - ink.px(_COMB[1]) + 1
        for mark, is_chosen, starts, ends in self._alike():
            x0, x1 = view.xs_of(starts / rate_hz), view.xs_of(ends / rate_hz)
            seen = drawing.sees_each(x0 - 20.0, x1 + 20.0)
            hue = ink.colour(mark.severity, (0.25 if mark.is_hollow else 0.6) * strength)
            x0, x1 = x0[seen], x1[seen]
            drawing.boxes(x0 + 1.0, np.maximum(x1, x0 + 2.0), comb_top, float(ink.px(3)), hue)
            xs = 0.5 * (x0 + x1)
            for x in xs.tolist() if is_chosen else ():
                self._chosen(drawing, QRectF(x - 0.72 * height, top - 1.0, 1.44 * height, height + 2.0))
            half = 0.6 * height + 1.0
            look = ("finding", mark.severity, mark.is_hollow, strength, height)
            shape = partial(self._shape, mark=mark, row=(top, height), half=half, strength=strength)
            drawing.stamp_each(look, xs - half, (top - 1.0, top + height + 1.0, 2.0 * half), shape)

    def _alike(self) -> list[tuple[Mark, bool, np.ndarray, np.ndarray]]:
        """Marks of one look together, in the order of painting: one of them, whether it is the selected, all spans."""
        marks, chosen = self.marks, self.model.chosen_key
        if self._grouped is None or self._grouped[0] is not marks or self._grouped[1] != chosen:
            groups: dict[tuple[bool, int, int], list[Mark]] = {}
            for mark in marks:
                is_chosen = chosen is not None and chosen in mark.keys
                hollow, severity = _grave(mark)
                groups.setdefault((is_chosen, -hollow, -severity), []).append(mark)
            alike = [
                (own[0], look[0], np.array([m.start_frame for m in own]), np.array([m.end_frame for m in own]))
                for look, own in sorted(groups.items())
            ]
            self._grouped = marks, chosen, alike
        return self._grouped[2]

    @staticmethod
    def _chosen(drawing: Drawing, box: QRectF) -> None:
        ink, painter = drawing.ink, drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.colour("accent", 0.35))
        painter.drawRoundedRect(box, 3.0, 3.0)
        painter.setPen(ink.pen(ink.colour("accent"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3.0, 3.0)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)

    @staticmethod
    def _shape(
        drawing: Drawing, left: float, mark: Mark, row: tuple[float, float], half: float, strength: float
    ) -> None:
        ink, painter = drawing.ink, drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        if mark.is_hollow:
            painter.setPen(ink.pen(ink.colour(mark.severity, strength), 1.5))
            painter.setBrush(ink.colour("window"))
        else:
            painter.setPen(ink.pen(ink.colour("window"), 1.0))
            painter.setBrush(ink.colour(mark.severity, strength))
        (top, height), radius = row, (0.40 if mark.is_hollow else 0.46) * row[1]
        painter.drawPath(shape_of(mark.severity, left + half, top + 0.5 * height, radius))


def _grave(mark: Mark) -> tuple[int, int]:
    """How far down a mark stands: what is intended below what counts, then by severity."""
    return int(mark.is_hollow), SEVERITIES.index(mark.severity)

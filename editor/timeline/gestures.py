"""What a hand does on the canvas between press and release; each gesture previews, and leaves one step at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from editor.document.document import Clip, Curve, Document, Marker
from editor.document.marker_edits import move_marker
from editor.document.setting_edits import set_settings
from editor.timeline import clip_drags, curve_drawing
from editor.timeline.clip_drags import Edit
from editor.timeline.curve_lane import CurveLane
from editor.timeline.dancer_lane import DancerLane
from engine.timebase import frame_at, time_of

if TYPE_CHECKING:
    from editor.timeline.canvas import Canvas

DRAG_PX = 4.0
_NO_ROOM = "No room there: turn Ripple on, so that what follows moves along, or cut the clip and paste it over another."
EDGE_PX = 6.0  # how near to an edge of the loop it is taken hold of


class Gesture:
    """Between press and release of a button.

    Attributes:
        is_dragging: Whether the hand has moved far enough to mean it.
        bypasses: Whether Alt was held at the press: a click does not snap.
    """

    follows_hand = True  # whether the picture moves on while the hand is beyond its edge

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        self.canvas, self.model = canvas, canvas.model
        self.session = canvas.model.session
        self.pressed = (x, y)
        self.pressed_s = self.model.view.time_at(x)
        self.is_dragging = self.bypasses = False

    def hand(self, x: float, y: float, bypasses: bool) -> None:
        """The hand is here now; `bypasses` while Alt is held."""
        if not self.is_dragging:
            self.is_dragging = max(abs(x - self.pressed[0]), abs(y - self.pressed[1])) >= DRAG_PX
        if self.is_dragging:
            self.drag(x, y, bypasses)

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        """The hand has moved while dragging."""

    def release(self) -> None:
        """The hand lets go."""
        if self.is_dragging:
            self.drop()
        else:
            self.click()

    def drop(self) -> None:
        """The hand lets go after a drag."""

    def click(self) -> None:
        """The hand lets go without having moved."""

    def cancel(self) -> None:
        """Esc: nothing has happened."""


class Pan(Gesture):
    """The middle button moves the picture both ways."""

    follows_hand = False

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        super().__init__(canvas, x, y)
        self._last = (x, y)

    def hand(self, x: float, y: float, bypasses: bool) -> None:
        self.canvas.pan_wanted.emit(self._last[0] - x, self._last[1] - y)
        self._last = (x, y)


class Scrub(Gesture):
    """A drag in a ruler moves the playhead, with sound."""

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        super().__init__(canvas, x, y)
        self._time_s = self._clamped(x)
        self.session.scrub_wanted.emit(self._time_s, True)

    def hand(self, x: float, y: float, bypasses: bool) -> None:
        self._time_s = self._clamped(x)
        self.session.scrub_wanted.emit(self._time_s, True)

    def release(self) -> None:
        self.session.scrub_wanted.emit(self._time_s, False)

    def cancel(self) -> None:
        self.release()

    def _clamped(self, x: float) -> float:
        return min(max(self.model.view.time_at(x), 0.0), self.session.document.duration_s)


class LoopDrag(Gesture):
    """A drag in the loop strip sets the loop; from one of its edges it moves that edge."""

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        super().__init__(canvas, x, y)
        self._before = (self.session.loop_s, self.session.is_looping)
        self._anchor_s: float | None = None
        for i, edge_s in enumerate(self.session.loop_s or ()):
            if abs(self.model.view.x_of(edge_s) - x) <= EDGE_PX:
                self._anchor_s = (self.session.loop_s or ())[1 - i]

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        if self._anchor_s is None:
            self._anchor_s = self.canvas.landed_s(self.pressed_s, bypasses)
        end_s = self.canvas.landed_s(self.model.view.time_at(x), bypasses)
        if end_s != self._anchor_s:
            self.session.set_loop((self._anchor_s, end_s), True)

    def cancel(self) -> None:
        self.session.set_loop(*self._before)


class SpanDrag(Gesture):
    """A drag on a dancer's lane selects time; a click selects the clip, or nothing."""

    def __init__(self, canvas: Canvas, x: float, y: float, lane: DancerLane, extends: bool, clip: Clip | None) -> None:
        super().__init__(canvas, x, y)
        self._lane, self._extends, self._clip = lane, extends, clip
        self._before = self.session.selection
        self._anchor: int | None = None

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        if self._anchor is None:
            self._anchor = self._first_anchor(bypasses)
        frame = self.canvas.landed_frame(self.model.view.time_at(x), bypasses)
        self.session.select(self._lane.track_id, self._anchor, frame)

    def _first_anchor(self, bypasses: bool) -> int:
        selection, pressed = self._before, frame_at(self.pressed_s, self.model.frame_rate_hz)
        if self._extends and selection is not None and selection.track_id == self._lane.track_id:
            is_left = abs(pressed - selection.start_frame) < abs(pressed - selection.end_frame)
            return selection.end_frame if is_left else selection.start_frame
        return self.canvas.landed_frame(self.pressed_s, bypasses)

    def click(self) -> None:
        before, clip = self._before, self._clip
        if self._extends and before is not None and before.track_id == self._lane.track_id:
            frame = self.canvas.landed_frame(self.pressed_s, False)
            edges = [before.start_frame, before.end_frame, frame]
            if clip is not None:
                edges[2:] = [clip.start_frame, clip.end_frame]
            if clip is None and before.start_frame < frame < before.end_frame:
                self.session.select(self._lane.track_id, self._first_anchor(False), frame)
            else:
                self.session.select(self._lane.track_id, min(edges), max(edges))
        elif clip is not None:
            self.session.select(self._lane.track_id, clip.start_frame, clip.end_frame)
        else:
            self.session.select_nothing()
            self.session.activate(self._lane.track_id)

    def cancel(self) -> None:
        before = self._before
        if before is None:
            self.session.select_nothing()
        else:
            self.session.select(before.track_id, before.start_frame, before.end_frame)


class Editing(Gesture):
    """A gesture that shows an edit while it goes on, and commits it when the hand lets go."""

    label = ""

    def __init__(self, canvas: Canvas, x: float, y: float) -> None:
        super().__init__(canvas, x, y)
        self._edit: Edit | None = None

    def show(self, edit: Edit) -> None:
        """Preview an edit; one that is refused leaves the last preview."""
        if self.canvas.preview(edit):
            self._edit = edit

    def commit(self) -> Document:
        """Make the last preview a step; what the piece was before comes back."""
        before = self.session.document
        self.canvas.end_preview()
        if self._edit is not None:
            self.session.edit(self.label, self._edit)
        return before

    def drop(self) -> None:
        self.commit()

    def cancel(self) -> None:
        self.canvas.end_preview()


class ClipDrag(Editing):
    """A selected clip's body moves it, an edge trims it, an edge with Ctrl stretches its time."""

    def __init__(self, canvas: Canvas, x: float, y: float, clip: Clip, zone: str, stretches: bool) -> None:
        super().__init__(canvas, x, y)
        self._clip, self._zone, self._stretches = clip, zone, stretches
        self.label = "move clip" if zone == "body" else "change clip's speed" if stretches else "trim clip"
        self._wanted: tuple[int, str] | None = None
        self._is_blocked = False

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        shift_s = self.model.view.time_at(x) - self.pressed_s
        rate_hz, clip = self.model.frame_rate_hz, self._clip
        edges = {"body": (clip.start_frame, clip.end_frame), "start": (clip.start_frame,), "end": (clip.end_frame,)}
        wanted_s = [time_of(frame, rate_hz) + shift_s for frame in edges[self._zone]]
        shift_s += self.canvas.snapping_shift_s(wanted_s, bypasses, frozenset({clip.id}))
        frame = frame_at(time_of(edges[self._zone][0], rate_hz) + shift_s, rate_hz)
        track_id = self.canvas.track_id_at(y) or self.session.document.clip(clip.id)[0].id
        if (frame, track_id) != self._wanted:
            self._wanted = (frame, track_id)
            self.show(self._edit_for(frame, track_id))
            self._is_blocked = self._zone == "body" and clip_drags.is_blocked(
                self.session.document, clip.id, frame, track_id, self.session.view.is_ripple
            )
            if self._zone == "body":
                is_open = not self._is_blocked
                self.canvas.setCursor(Qt.CursorShape.ClosedHandCursor if is_open else Qt.CursorShape.ForbiddenCursor)

    def _edit_for(self, frame: int, track_id: str) -> Edit:
        document, ripples = self.session.document, self.session.view.is_ripple
        if self._zone == "body":
            return clip_drags.move(document, self._clip.id, frame, track_id, ripples)
        if self._stretches:
            return clip_drags.stretch(document, self._clip.id, self._zone, frame)
        return clip_drags.trim(document, self._clip.id, self._zone, frame, ripples)

    def drop(self) -> None:
        if self._is_blocked:
            self.canvas.end_preview()
            self.session.said.emit(_NO_ROOM, "note")
        else:
            self.commit()
        self._select()

    def click(self) -> None:
        self._select()

    def _select(self) -> None:
        """The clip stays selected where it is now."""
        track, clip = self.session.document.clip(self._clip.id)
        self.session.select(track.id, clip.start_frame, clip.end_frame)


class MarkerDrag(Editing):
    """A marker's flag moves it."""

    label = "move marker"

    def __init__(self, canvas: Canvas, x: float, y: float, marker: Marker) -> None:
        super().__init__(canvas, x, y)
        self._marker = marker

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        marker = self._marker
        wanted_s = marker.time_s + self.model.view.time_at(x) - self.pressed_s
        wanted_s += self.canvas.snapping_shift_s([wanted_s], bypasses, frozenset({marker.id}))
        time_s = min(max(wanted_s, 0.0), self.session.document.duration_s)
        self.show(lambda d: move_marker(d, marker.id, time_s))

    def click(self) -> None:
        self.session.seek(self._marker.time_s)


class CurveGesture(Editing):
    """Shared by those that change the drawn curve."""

    def __init__(self, canvas: Canvas, x: float, y: float, lane: CurveLane) -> None:
        super().__init__(canvas, x, y)
        self._lane = lane
        self._value = curve_drawing.value_of(self.session.document.settings, self.model.drawn)
        self.label = f"draw {self.model.drawn.replace('_', ' ')}"

    def place(self, x: float, y: float, bypasses: bool) -> tuple[float, float]:
        """Seconds, kept within the piece, and value at a place of the canvas."""
        time_s = self.canvas.landed_s(self.model.view.time_at(x), bypasses)
        level = self._lane.level_at(y - self.canvas.y_of(self._lane))
        return min(max(time_s, 0.0), self.model.duration_s), level

    def show_value(self, value: float | Curve) -> None:
        """Preview the piece with another value."""
        settings = curve_drawing.with_value(self.session.document.settings, self.model.drawn, value)
        self.show(lambda d: set_settings(d, settings))

    def cancel(self) -> None:
        self.model.point = -1
        super().cancel()


class PointDrag(CurveGesture):
    """A point of the curve goes with the hand, between its neighbours."""

    def __init__(self, canvas: Canvas, x: float, y: float, lane: CurveLane, index: int) -> None:
        super().__init__(canvas, x, y, lane)
        self.model.point = index
        canvas.forget(lane)

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        if isinstance(self._value, Curve):
            self.show_value(curve_drawing.with_point_moved(self._value, self.model.point, *self.place(x, y, bypasses)))


class Stroke(CurveGesture):
    """A click adds a point; a drag draws freehand, each beat as exact as the hand."""

    def __init__(self, canvas: Canvas, x: float, y: float, lane: CurveLane) -> None:
        super().__init__(canvas, x, y, lane)
        self.model.point = -1
        self._stroke = [self.place(x, y, True)]

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        self._stroke.append(self.place(x, y, True))
        self.show_value(curve_drawing.with_stroke(self._value, self._stroke, self.session.document.duration_s))

    def click(self) -> None:
        time_s, level = self.place(*self.pressed, self.bypasses)
        curve, self.model.point = curve_drawing.with_point(self._value, time_s, level, self.session.document.duration_s)
        self.show_value(curve)
        self.commit()


def without_point(document: Document, name: str, index: int) -> Document:
    """The edit that takes a point of a drawn value away."""
    value = curve_drawing.value_of(document.settings, name)
    if not isinstance(value, Curve) or not 0 <= index < len(value.times_s):
        return document
    changed = curve_drawing.with_value(document.settings, name, curve_drawing.without_point(value, index))
    return set_settings(document, changed)

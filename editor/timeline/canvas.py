"""The right side of the timeline: all lanes over one time axis, their pictures kept, and the hand's way over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from editor.document.edits import EditRefused
from editor.timeline import gestures, grid_mode
from editor.timeline.clip_drags import Edit
from editor.timeline.clip_looks import title_of
from editor.timeline.curve_lane import CurveLane
from editor.timeline.dancer_lane import DancerLane
from editor.timeline.ink import Ink
from editor.timeline.lane import Lane
from editor.timeline.model import TimelineModel
from editor.timeline.music_lanes import MarkerLane, SectionLane, WaveLane
from editor.timeline.overlays import PLAYHEAD_REACH_PX, paint_cursor, paint_playhead, paint_selection
from editor.timeline.rulers import CountRuler, LoopStrip, Ruler
from editor.timeline.snapping import REACH_PX, SnapPoints, snap_points
from engine.timebase import frame_at

_ALT, _CONTROL, _SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_ZOOM_PER_NOTCH = 1.25
GRID_HINT = "Drag a beat; Shift takes all behind it along, Alt lets go of what is heard; click to pin"
HEARD_HINT = "Draw how the music feels; the emotion of the dance is drawn when beats are not being corrected"
STALE_WORDS = "Stale: the beats moved too far for it to follow. Make it anew with Ctrl+R."
_BEYOND_MS = 25
_PLACES = (
    (LoopStrip, "loop"), (Ruler, "ruler"), (WaveLane, "ruler"), (SectionLane, "sections"), (CurveLane, "curve"),
    (MarkerLane, "markers"),
)  # fmt: skip


class Canvas(QWidget):
    """Paints lanes from their kept pictures, and turns mouse and wheel into gestures.

    Attributes:
        is_playing: Tells whether the piece plays; assigned by whoever knows.

    Signals:
        pan_wanted(dx, dy): Pixels, positive to the right and down the piece.
        zoom_wanted(factor, x): Round a place.
        zoom_to_wanted(start_s, end_s): A double click on a clip or section.
        hovered(time_s | None): The time under the cursor; None when it leaves.
        marker_rename_wanted(marker_id), marker_wanted(time_s): Double clicks in the marker lane.
        menu_wanted(QPoint): A right click on a clip or the selection, global.
        marker_menu_wanted(marker_id, QPoint), place_menu_wanted(place, QPoint): One elsewhere; the places are "loop",
            "ruler", "sections", "curve", "markers" and "lane".
        mark_picked(mark): A click on what was found in a movement.
    """

    pan_wanted = Signal(float, float)
    zoom_wanted = Signal(float, float)
    zoom_to_wanted = Signal(float, float)
    hovered = Signal(object)
    marker_rename_wanted = Signal(str)
    marker_wanted = Signal(float)
    menu_wanted = Signal(QPoint)
    marker_menu_wanted = Signal(str, QPoint)
    place_menu_wanted = Signal(str, QPoint)
    mark_picked = Signal(object)

    def __init__(self, model: TimelineModel, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self.model, self.ink = model, ink
        self.lanes: list[Lane] = []
        self.scroll_y = 0
        self.wheel_zooms = False
        self._gesture: gestures.Gesture | None = None
        self._last_gesture: gestures.Gesture | None = None
        self.is_playing: Callable[[], bool] = lambda: False
        self._hand = (0.0, 0.0, False)
        self._playhead_x = 0.0
        self._pinned_px = 0
        self._points: tuple[object, SnapPoints] | None = None
        self._beyond = QTimer(self, interval=_BEYOND_MS)
        self._beyond.timeout.connect(self._move_beyond)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Rulers, song, emotion, markers and the dancers' clips over time")

    @property
    def is_busy(self) -> bool:
        """Whether a hand holds something."""
        return self._gesture is not None

    # Layout -------------------------------------------------------------------------------------------

    @property
    def pinned_px(self) -> int:
        """Height of the lanes that stay when the others are scrolled."""
        return self._pinned_px

    @property
    def content_px(self) -> int:
        """Height of all lanes."""
        return self.lanes[-1].top + self.lanes[-1].px if self.lanes else 0

    def set_lanes(self, lanes: Iterable[Lane]) -> None:
        """Show these lanes, pinned ones first."""
        self.lanes = list(lanes)
        self.lay_out()

    def lay_out(self) -> None:
        """Place the lanes under one another; call it when a lane's height may have changed."""
        top = 0
        for lane in self.lanes:
            lane.top, lane.px = top, lane.height(self.ink)
            top += lane.px
        self._pinned_px = sum(lane.px for lane in self.lanes if lane.is_pinned)
        self.update()

    def y_of(self, lane: Lane) -> int:
        """Where a lane's upper edge is on the canvas."""
        return lane.top if lane.is_pinned else lane.top - self.scroll_y

    def lane_at(self, y: float) -> Lane | None:
        """The lane at a height; None below the last."""
        pinned = self.pinned_px
        for lane in self.lanes:
            top = self.y_of(lane)
            if (lane.is_pinned or y >= pinned) and top <= y < top + lane.px:
                return lane
        return None

    def track_id_at(self, y: float) -> str:
        """The dancer whose lane is at a height; empty for none."""
        lane = self.lane_at(y)
        return lane.track_id if lane is not None else ""

    def set_ink(self, ink: Ink) -> None:
        """Paint with other colours or measures."""
        self.ink = ink
        self.forget_all()
        self.lay_out()

    def forget(self, lane: Lane) -> None:
        """Paint a lane anew."""
        lane.forget()
        self.update(QRect(0, self.y_of(lane), self.width(), lane.px + 1))

    def show_view(self) -> None:
        """The stretch shown has changed: paint all lanes, with what can be kept of them."""
        self._renew(Lane.move)

    def forget_all(self) -> None:
        """Paint all lanes anew."""
        self._renew(Lane.forget)

    def _renew(self, how: Callable[[Lane], None]) -> None:
        for lane in self.lanes:
            how(lane)
        self._playhead_x = self.model.view.x_of(self.model.session.playhead_s)
        self.update()

    # Snapping and previews ----------------------------------------------------------------------------

    def landed_s(self, time_s: float, bypasses: bool) -> float:
        """Where a dragged time lands."""
        return time_s + self.snapping_shift_s([time_s], bypasses)

    def landed_frame(self, time_s: float, bypasses: bool) -> int:
        """The frame where a dragged time lands."""
        return frame_at(self.landed_s(time_s, bypasses), self.model.frame_rate_hz)

    def snapping_shift_s(
        self, edges_s: Sequence[float], bypasses: bool, leaving_out: frozenset[str] = frozenset()
    ) -> float:
        """By how much a thing with these edges moves on to what is near; 0 where snapping is off or bypassed."""
        session, view = self.model.session, self.model.view
        if bypasses or not session.view.is_snapping:
            return 0.0
        key = (session.document, session.playhead_s, view.px_per_s, leaving_out)
        if self._points is None or self._points[0] != key:
            grid, playhead_s = self.model.grid, session.playhead_s
            self._points = (key, snap_points(session.document, grid, view.px_per_s, playhead_s, leaving_out))
        return self._points[1].shift_for(edges_s, view.seconds(REACH_PX))

    def preview(self, edit: Edit) -> bool:
        """Show the piece as an edit would leave it; False where the edit is refused."""
        try:
            document = edit(self.model.session.document)
        except EditRefused:
            return False
        before, self.model.preview = self.model.document, document
        self._forget_differing(before, document)
        return True

    def end_preview(self) -> None:
        """Show the piece as it is."""
        before, self.model.preview = self.model.document, None
        self._forget_differing(before, self.model.document)

    def _forget_differing(self, old: object, new: object) -> None:
        if old.music is not new.music:  # type: ignore[attr-defined]
            self.model.read_music()
            self.forget_all()
            return
        for lane in self.lanes:
            if isinstance(lane, DancerLane):
                old_track, new_track = (_track_in(d, lane.track_id) for d in (old, new))
                if old_track is not new_track:
                    self.forget(lane)
            elif isinstance(lane, CurveLane):
                if old.settings is not new.settings:  # type: ignore[attr-defined]
                    self.forget(lane)
            elif isinstance(lane, MarkerLane) and old.markers is not new.markers:  # type: ignore[attr-defined]
                self.forget(lane)

    # Painting -----------------------------------------------------------------------------------------

    def move_playhead(self) -> None:
        """Show the playhead where it is now; paints two narrow strips."""
        x = self.model.view.x_of(self.model.session.playhead_s)
        if self.ink.crisp(x) == self.ink.crisp(self._playhead_x):
            return
        self._update_strip(self._playhead_x)
        self._playhead_x = x
        self._update_strip(x)

    def _update_strip(self, x: float, reach: int = PLAYHEAD_REACH_PX) -> None:
        if -reach <= x <= self.width() + reach:
            self.update(QRect(int(x) - reach, 0, 2 * reach + 1, self.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # One rectangle: going through the parts of a region crashes PySide 6.11 now and then.
        self._paint_lanes(painter, event.rect())
        self._paint_overlays(painter, event.rect())
        painter.end()

    def _paint_lanes(self, painter: QPainter, rect: QRect) -> None:
        """Copies from the lanes' pictures, from and to whole device pixels."""
        dpr, pinned = self.ink.dpr, round(self.pinned_px * self.ink.dpr)
        left, right = floor(rect.left() * dpr), ceil((rect.right() + 1) * dpr)
        first, last = floor(rect.top() * dpr), ceil((rect.bottom() + 1) * dpr)
        bottom = pinned
        for lane in self.lanes:
            top = self.y_of(lane)
            above, below = round(top * dpr), round((top + lane.px) * dpr)
            low, high = max(above, first, 0 if lane.is_pinned else pinned), min(below, last)
            bottom = max(bottom, below)
            if high > low:
                target = QRectF(left / dpr, low / dpr, (right - left) / dpr, (high - low) / dpr)
                painter.drawPixmap(target, lane.picture(self.ink), QRectF(left, low - above, right - left, high - low))
        if bottom < last:
            low = max(bottom, first)
            box = QRectF(left / dpr, low / dpr, (right - left) / dpr, (last - low) / dpr)
            painter.fillRect(box, self.ink.colour("window"))

    def _paint_overlays(self, painter: QPainter, rect: QRect) -> None:
        pinned = self.pinned_px
        rows = []
        for lane in self.lanes:
            if isinstance(lane, CountRuler) or (lane.track_id and self.y_of(lane) + lane.px > pinned):
                top = max(self.y_of(lane), 0 if lane.is_pinned else pinned)
                row = QRectF(0, top, self.width(), self.y_of(lane) + lane.px - top - self.ink.hair)
                rows.append((lane.track_id, row))
        paint_selection(painter, self.ink, self.model, rows)
        loop_px = self.lanes[0].px if self.lanes else 0
        if self.model.hover_s is not None:
            x = self.model.view.x_of(self.model.hover_s)
            if rect.left() - 1 <= x <= rect.right() + 1:
                paint_cursor(painter, self.ink, x, loop_px, self.height())
        if rect.left() - PLAYHEAD_REACH_PX <= self._playhead_x <= rect.right() + PLAYHEAD_REACH_PX:
            paint_playhead(painter, self.ink, self._playhead_x, loop_px, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        for lane in self.lanes:
            lane.forget()

    # The hand -----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            return
        x, y, bypasses = event.position().x(), event.position().y(), bool(event.modifiers() & _ALT)
        if event.button() == Qt.MouseButton.MiddleButton:
            self._gesture = gestures.Pan(self, x, y)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._gesture = None if self._picks(x, y) else self._gesture_at(x, y, event.modifiers())
        if self._gesture is not None:
            self._gesture.bypasses = bypasses
            self._hand = (x, y, bypasses)
            self._beyond.start()

    def _gesture_at(self, x: float, y: float, keys: Qt.KeyboardModifier) -> gestures.Gesture | None:
        lane = self.lane_at(y)
        if isinstance(lane, LoopStrip):
            return gestures.LoopDrag(self, x, y)
        if isinstance(lane, Ruler | WaveLane) and (beat_s := grid_mode.beat_at(self.model, x)) is not None:
            return grid_mode.BeatDrag(self, x, y, beat_s, bool(keys & _SHIFT))
        if isinstance(lane, SectionLane) and (index := grid_mode.section_at(self.model, x)) > 0:
            return grid_mode.SectionDrag(self, x, y, index)
        if isinstance(lane, Ruler):
            return gestures.Scrub(self, x, y)
        if isinstance(lane, CurveLane) and grid_mode.draws_heard(self.model):
            return grid_mode.HeardStroke(self, x, y, lane)
        if isinstance(lane, CurveLane):
            index = lane.point_at(x, y - self.y_of(lane))
            return gestures.Stroke(self, x, y, lane) if index < 0 else gestures.PointDrag(self, x, y, lane, index)
        if isinstance(lane, MarkerLane):
            marker = lane.marker_at(x, self.ink)
            return None if marker is None else gestures.MarkerDrag(self, x, y, marker)
        if isinstance(lane, DancerLane):
            return self._gesture_on(lane, x, y, keys)
        return None

    def _picks(self, x: float, y: float) -> bool:
        """Whether a finding's shape is at a place; it is picked then."""
        lane = self.lane_at(y)
        mark = lane.mark_at(x, y - self.y_of(lane), self.ink) if isinstance(lane, DancerLane) else None
        if mark is not None:
            self.mark_picked.emit(mark)
        return mark is not None

    def _gesture_on(self, lane: DancerLane, x: float, y: float, keys: Qt.KeyboardModifier) -> gestures.Gesture:
        hit = lane.clip_at(x, y - self.y_of(lane), self.ink)
        if hit is not None and not hit[0].is_locked and not keys & _SHIFT:
            clip, zone = hit
            selection = self.model.session.selection
            span = (lane.track_id, clip.start_frame, clip.end_frame)
            is_selected = selection is not None and span == (
                selection.track_id, selection.start_frame, selection.end_frame,
            )  # fmt: skip
            if zone != "body" or is_selected:
                return gestures.ClipDrag(self, x, y, clip, zone, bool(keys & _CONTROL))
        return gestures.SpanDrag(self, x, y, lane, bool(keys & _SHIFT), hit[0] if hit is not None else None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        self._hover(x)
        if self._gesture is not None:
            self._hand = (x, y, bool(event.modifiers() & _ALT))
            self._gesture.hand(*self._hand)
        else:
            self._show_cursor(x, y)

    def _move_beyond(self) -> None:
        """While the hand holds something beyond the edge, the picture moves under it."""
        x = self._hand[0]
        over = x if x < 0 else max(x - self.width(), 0.0)
        if self._gesture is None or not self._gesture.follows_hand or not over:
            return
        self.pan_wanted.emit(0.35 * over, 0.0)
        self._gesture.hand(*self._hand)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is None or event.buttons() != Qt.MouseButton.NoButton:
            return
        gesture, self._gesture = self._gesture, None
        self._last_gesture = gesture
        self._beyond.stop()
        gesture.release()
        self._show_cursor(event.position().x(), event.position().y())

    def cancel(self) -> bool:
        """End what the hand does without a trace; False where it does nothing."""
        if self._gesture is None:
            return False
        gesture, self._gesture = self._gesture, None
        self._beyond.stop()
        gesture.cancel()
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        if event.button() != Qt.MouseButton.LeftButton or self._picks(x, y):
            return
        lane, session, rate_hz = self.lane_at(y), self.model.session, self.model.frame_rate_hz
        if isinstance(lane, LoopStrip):
            session.set_loop(session.loop_s, not session.is_looping)
        elif isinstance(lane, CurveLane) and not grid_mode.draws_heard(self.model):
            if isinstance(self._last_gesture, gestures.PointDrag):  # else the first click has just added one
                self.remove_point(lane.point_at(x, y - self.y_of(lane)))
        elif isinstance(lane, MarkerLane):
            marker = lane.marker_at(x, self.ink)
            if marker is None:
                self.marker_wanted.emit(self.landed_s(self.model.view.time_at(x), bool(event.modifiers() & _ALT)))
            else:
                self.marker_rename_wanted.emit(marker.id)
        elif isinstance(lane, DancerLane):
            hit = lane.clip_at(x, y - self.y_of(lane), self.ink)
            if hit is not None:
                self.zoom_to_wanted.emit(hit[0].start_frame / rate_hz, hit[0].end_frame / rate_hz)
        elif isinstance(lane, SectionLane):
            music = session.document.music
            for section in music.sections if music is not None else ():
                if section.start_s <= self.model.view.time_at(x) < section.end_s:
                    self.zoom_to_wanted.emit(section.start_s, section.end_s)

    def remove_point(self, index: int) -> bool:
        """Take a point of the drawn curve away as one step; False where there is none."""
        self.model.point = -1
        name = self.model.drawn
        if index < 0:
            return False
        words = name.replace("_", " ")
        return self.model.session.edit(f"remove point of {words}", lambda d: gestures.without_point(d, name, index))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A right click first selects the clip under it, unless the selection is there already; where there is none,
        and in the rulers, the playhead goes there, for what the menu does is done at the playhead; one that plays on
        stays with the music. The keyboard's menu key points nowhere: its menu is of what is selected."""
        if self._gesture is not None:
            return
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(event.globalPos())
            return
        x, y, session = float(event.pos().x()), float(event.pos().y()), self.model.session
        lane = self.lane_at(y)
        if isinstance(lane, DancerLane):
            frame = frame_at(self.model.view.time_at(x), self.model.frame_rate_hz)
            hit, selection = lane.clip_at(x, y - self.y_of(lane), self.ink), session.selection
            is_inside = (
                selection is not None
                and selection.track_id == lane.track_id
                and selection.start_frame <= frame < selection.end_frame
            )
            if hit is not None and not is_inside:
                session.select(lane.track_id, hit[0].start_frame, hit[0].end_frame)
            if hit is None and not is_inside:
                session.activate(lane.track_id)
                self._open_place("lane", x, event)
            else:
                self.menu_wanted.emit(event.globalPos())
        elif isinstance(lane, MarkerLane) and (marker := lane.marker_at(x, self.ink)) is not None:
            self.marker_menu_wanted.emit(marker.id, event.globalPos())
        elif (place := next((name for kind, name in _PLACES if isinstance(lane, kind)), "")) != "":
            self._open_place(place, x, event)

    def _open_place(self, place: str, x: float, event: QContextMenuEvent) -> None:
        session = self.model.session
        if place != "loop" and not self.is_playing():
            session.seek(min(max(self.landed_s(self.model.view.time_at(x), False), 0.0), session.document.duration_s))
        self.place_menu_wanted.emit(place, event.globalPos())

    # Wheel, keys, hovering ----------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle, keys = event.angleDelta(), event.modifiers()
        notches, sideways = angle.y() / 120.0, angle.x() / 120.0
        if not notches and sideways and keys & _ALT:  # Qt turns the wheel on its side while Alt is held
            notches, sideways = sideways, 0.0
        step = float(self.ink.px(64))
        if bool(keys & _CONTROL) != self.wheel_zooms and not keys & _SHIFT:
            if notches:
                self.zoom_wanted.emit(_ZOOM_PER_NOTCH**notches, event.position().x())
        elif keys & _SHIFT:
            self.pan_wanted.emit(-(notches or sideways) * 1.5 * step, 0.0)
        else:
            self.pan_wanted.emit(-sideways * 1.5 * step, -notches * step)
        self._hover(event.position().x())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_wanted.emit(max(1.0 + event.value(), 0.1), event.position().x())
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words_at(float(event.pos().x()), float(event.pos().y())), self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            takes_escape = event.key() == Qt.Key.Key_Escape and self.is_busy
            takes_delete = event.key() == Qt.Key.Key_Delete and self.model.point >= 0
            if takes_escape or takes_delete:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        if event.key() == Qt.Key.Key_Delete and self.remove_point(self.model.point):
            return
        super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, x: float | None) -> None:
        old = self.model.hover_s
        if old is not None:
            self._update_strip(self.model.view.x_of(old), 2)
        self.model.hover_s = None if x is None else self.model.view.time_at(x)
        if x is not None:
            self._update_strip(x, 2)
        self.hovered.emit(self.model.hover_s)

    def _show_cursor(self, x: float, y: float) -> None:
        lane, shape = self.lane_at(y), Qt.CursorShape.ArrowCursor
        edges_s = self.model.session.loop_s or ()
        if isinstance(lane, DancerLane):
            hit = lane.clip_at(x, y - self.y_of(lane), self.ink)
            if hit is not None and hit[1] != "body" and not hit[0].is_locked:
                shape = Qt.CursorShape.SizeHorCursor
            elif lane.mark_at(x, y - self.y_of(lane), self.ink) is not None:
                shape = Qt.CursorShape.PointingHandCursor
        elif isinstance(lane, CurveLane):
            is_on_point = lane.point_at(x, y - self.y_of(lane)) >= 0
            shape = Qt.CursorShape.SizeAllCursor if is_on_point else Qt.CursorShape.CrossCursor
        elif isinstance(lane, LoopStrip) and any(abs(self.model.view.x_of(s) - x) <= gestures.EDGE_PX for s in edges_s):
            shape = Qt.CursorShape.SizeHorCursor
        elif isinstance(lane, MarkerLane) and lane.marker_at(x, self.ink) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif isinstance(lane, Ruler | WaveLane | SectionLane) and grid_mode.is_held_at(self.model, lane, x):
            shape = Qt.CursorShape.SizeHorCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def _words_at(self, x: float, y: float) -> str:
        lane = self.lane_at(y)
        if not isinstance(lane, DancerLane):
            if isinstance(lane, Ruler | WaveLane) and self.model.session.view.edits_grid:
                return GRID_HINT
            if isinstance(lane, CurveLane) and grid_mode.draws_heard(self.model):
                return HEARD_HINT
            return lane.hint if lane is not None else ""
        mark = lane.mark_at(x, y - self.y_of(lane), self.ink)
        if mark is not None:
            return mark.text
        hit = lane.clip_at(x, y - self.y_of(lane), self.ink)
        if hit is None:
            return lane.hint
        beside = f", one of {len(hit[0].takes)} takes" if len(hit[0].takes) > 1 else ""
        locked = ", locked" if hit[0].is_locked else ""
        stale = f"\n{STALE_WORDS}" if hit[0].is_stale else ""
        return f"{title_of(hit[0])}{beside}{locked}{stale}\n{lane.hint}"


def _track_in(document: object, track_id: str) -> object | None:
    return next((t for t in document.tracks if t.id == track_id), None)  # type: ignore[attr-defined]

"""What the mouse does in the viewport: turning, moving and nearing, picking, and drawing a way on the floor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QNativeGestureEvent, QWheelEvent

from viewer3d.floor_path import tidy_path
from viewer3d.picking import Hit

if TYPE_CHECKING:
    from viewer3d.viewport import Viewport

_RAD_PER_HEIGHT = math.radians(200.0)  # turned by dragging over the whole height
_ZOOM_PER_STEP = 0.88
_WHEEL_STEP = 120.0  # eighths of a degree, one notch of a wheel
_CLICK_PX = 4.0  # a press that moves less is a click
_NO_ALT, _ALT = False, True

# Button, Alt, Shift -> what dragging does: Maya's way and Blender's, which do not collide.
_DRAGS = {
    (Qt.MouseButton.LeftButton, _ALT, False): "orbit",
    (Qt.MouseButton.LeftButton, _ALT, True): "pan",
    (Qt.MouseButton.MiddleButton, _ALT, False): "pan",
    (Qt.MouseButton.MiddleButton, _ALT, True): "pan",
    (Qt.MouseButton.RightButton, _ALT, False): "zoom",
    (Qt.MouseButton.RightButton, _ALT, True): "zoom",
    (Qt.MouseButton.MiddleButton, _NO_ALT, False): "orbit",
    (Qt.MouseButton.MiddleButton, _NO_ALT, True): "pan",
}


class ViewportInput:
    """The mouse in one viewport. Methods return whether the event was meant for it."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._drag: tuple[str, QPointF] | None = None
        self._pressed: QPointF | None = None  # where a plain left press began, while it may still be a click
        self._stroke: list[tuple[float, float]] | None = None
        self.is_drawing = False

    @property
    def stroke_m(self) -> list[tuple[float, float]]:
        """The way that is being drawn, (x, z) in metres."""
        return self._stroke or []

    def begin_drawing(self) -> None:
        """Let the next left drag draw on the floor."""
        self.is_drawing, self._stroke = True, None
        self._viewport.setCursor(Qt.CursorShape.CrossCursor)

    def end_drawing(self) -> None:
        """Draw no more; what was begun is dropped."""
        self.is_drawing, self._stroke = False, None
        self._viewport.unsetCursor()
        self._viewport.restage()

    def press(self, event: QMouseEvent) -> bool:
        """A button went down."""
        at = event.position()
        action = self._action_for(event)
        is_left = event.button() == Qt.MouseButton.LeftButton
        if self.is_drawing and is_left and action is None:
            point = self._viewport.floor_at(at)
            self._stroke = [point] if point else []
            return True
        if is_left and self._viewport.face_at(at) is not None:
            # Dragging the cube turns it; a click is told from it at the release.
            self._pressed, self._drag = at, ("orbit", at)
            return True
        if action:
            self._drag = (action, at)
            return True
        if is_left:
            self._pressed = at
        return is_left

    def move(self, event: QMouseEvent) -> bool:
        """The mouse moved, with or without a button."""
        at = event.position()
        if self._stroke is not None:
            point = self._viewport.floor_at(at)
            if point is not None:
                self._stroke.append(point)
                self._viewport.restage()
            return True
        if self._drag is None:
            if not event.buttons():
                self._viewport.hover(at)
            return bool(event.buttons())
        action, before = self._drag
        if self._pressed is not None and _apart(at, self._pressed) > _CLICK_PX:
            self._pressed = None
        moved = (at - before) / max(self._viewport.height(), 1)
        self._drag = (action, at)
        self._moved(action, moved)
        return True

    def release(self, event: QMouseEvent) -> bool:
        """A button went up."""
        at, pressed = event.position(), self._pressed
        self._drag = self._pressed = None
        if self._stroke is not None:
            path = tidy_path(self._stroke)
            self.end_drawing()
            if path:
                self._viewport.path_drawn.emit(path)
            return True
        if pressed is None or _apart(at, pressed) > _CLICK_PX or event.button() != Qt.MouseButton.LeftButton:
            return False
        face = self._viewport.face_at(at)
        if face is not None:
            self._viewport.view(face)
        else:
            has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._clicked(self._viewport.pick_at(at), has_ctrl=has_ctrl)
        return True

    def double_click(self, event: QMouseEvent) -> None:
        """On a dancer: nearer; on a cube's face: its view; elsewhere: what was done to the camera is taken back."""
        if self._viewport.face_at(event.position()) is not None or event.button() != Qt.MouseButton.LeftButton:
            return
        hit = self._viewport.pick_at(event.position())
        if hit is not None:
            self._viewport.figure_framed.emit(hit.figure_id)
            self._viewport.frame_figures([hit.figure_id])
        else:
            self._viewport.reset_view()

    def wheel(self, event: QWheelEvent) -> None:
        """A wheel brings nearer; two fingers on a touch pad turn, with Shift they move."""
        pixels = event.pixelDelta()
        is_pad = event.device().type() == QInputDevice.DeviceType.TouchPad and not pixels.isNull()
        if not is_pad or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom(_ZOOM_PER_STEP ** (event.angleDelta().y() / _WHEEL_STEP))
            return
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._moved("pan" if has_shift else "orbit", QPointF(pixels) / max(self._viewport.height(), 1))

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Two fingers drawn apart bring nearer."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._viewport.zoom(1.0 / max(1.0 + event.value(), 0.1))
        return True

    def _moved(self, action: str, moved: QPointF) -> None:
        across = -moved.x() if self._viewport.is_mirrored else moved.x()
        if action == "orbit":
            self._viewport.orbit(-across * _RAD_PER_HEIGHT, moved.y() * _RAD_PER_HEIGHT)
        elif action == "pan":
            self._viewport.pan(-across, moved.y())
        else:
            self._viewport.zoom(math.exp(2.0 * (moved.y() - moved.x())))

    def _clicked(self, hit: Hit | None, *, has_ctrl: bool) -> None:
        viewport = self._viewport
        viewport.figure_picked.emit(hit.figure_id if hit else "")
        if hit is None:
            return
        if has_ctrl:
            viewport.part_picked.emit(hit.figure_id, hit.part_name)
        else:
            viewport.joint_picked.emit(hit.figure_id, hit.joint_name, hit.part_name)

    def _action_for(self, event: QMouseEvent) -> str | None:
        """orbit, pan or zoom for a pressed button; None for picking and the window's own use."""
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return _DRAGS.get((event.button(), has_alt, has_shift))


def _apart(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())

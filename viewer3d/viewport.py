"""The figures in a Qt window: the widget that shows stage views."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from viewer3d.body import HULL, body_for
from viewer3d.camera import Camera, framed
from viewer3d.camera_rig import CameraRig
from viewer3d.errors import GraphicsError
from viewer3d.picking import Hit, floor_point, pick
from viewer3d.pictures import Picture
from viewer3d.stage_view import FigureView, HudLines, Picked, StageView, placed
from viewer3d.view_cube import view_at
from viewer3d.viewport_format import surface_format
from viewer3d.viewport_input import ViewportInput
from viewer3d.viewport_overlay import Overlay, cube_place, labels_of

if TYPE_CHECKING:
    from viewer3d.painter import Painter
    from viewer3d.scene import Scene

_FRAME_MARGIN = 0.12
_LEAST_CUBE_HEIGHT_PX = 200
_RATE_OVER_S = 1.0
_IDLE_S = 0.5  # pictures further apart than this are no film
_HIPS = 0
_EMPTY = (0.106, 0.110, 0.122, 1.0)  # before there is a picture
_COLOUR_BUFFER = 0x4000


class Viewport(QOpenGLWidget):
    """Shows stage views from a camera that the mouse turns, moves and brings nearer.

    A camera that is given (a shot's, or one that follows the dance) says where the picture is taken from; what
    the user did with the mouse comes on top and stays while it moves. Without one the camera is the user's own.

    Dragging: Alt + left or middle button orbits, Alt or Shift + middle pans, Alt + right or the wheel
    brings nearer. A plain left click picks; with Ctrl it picks the whole part. A double click on a
    dancer comes near, elsewhere it takes back what was done to the camera.

    Signals:
        ready(): What draws has been loaded; from now on there are pictures.
        failed(str): OpenGL could not be had; one sentence.
        figure_picked(str): The figure that was clicked; empty for none.
        figure_framed(str): The figure that was clicked twice, before the camera comes near.
        joint_picked(str, str, str): Figure, joint and part that were clicked.
        part_picked(str, str): Figure and part that were clicked with Ctrl.
        hovered(str, str, str): Figure, joint and part under the mouse; empty for none.
        path_drawn(list): A way drawn on the floor, (x, z) in metres.
        path_cancelled(): Drawing was broken off.
        camera_changed(): The user moved the camera.
        menu_wanted(QPoint): A right click, global; the figure under it was picked.
        painted(float): Seconds from the event that was handed to `show_view` until its picture was on the screen.
    """

    ready = Signal()
    failed = Signal(str)
    figure_picked = Signal(str)
    figure_framed = Signal(str)
    joint_picked = Signal(str, str, str)
    part_picked = Signal(str, str)
    hovered = Signal(str, str, str)
    path_drawn = Signal(list)
    path_cancelled = Signal()
    camera_changed = Signal()
    menu_wanted = Signal(QPoint)
    painted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format(0))  # figures are smoothed in a layer of their own
        self.setMinimumSize(160, 120)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Stage")
        self.reduces_motion = False
        self.has_cube = True
        self.last_paint_ms = 0.0
        self._rig = CameraRig()
        self._input = ViewportInput(self)
        self._overlay = Overlay()
        self._view: StageView | None = None
        self._scene: Scene | None = None
        self._hud = HudLines()
        self._hovered: Picked | None = None
        self._hovered_face: str | None = None
        self._is_at_cube = False
        self._followed: str | None = None
        self._follows_all = False
        self._painter: Painter | None = None
        self._has_failed = False
        self._event_s: float | None = None
        self._swaps_s: list[float] = []
        self.frameSwapped.connect(self._swapped)
        self._again = QTimer(self, interval=0, singleShot=True)  # goes with the window, as a call of its own would not
        self._again.timeout.connect(self.update)
        self._first = QTimer(self, interval=0, singleShot=True)
        self._first.timeout.connect(self._prepare)

    # What is shown

    def show_scene(self, scene: Scene, camera: Camera) -> None:
        """Show a ready scene from a camera, with what the user did on top."""
        self._scene, self._view = scene, None
        self._rig.give(camera)
        self.update()

    def show_view(self, view: StageView, camera: Camera | None = None, event_s: float | None = None) -> None:
        """Show a view.

        Args:
            view: What is on the stage.
            camera: Where a shot is seen from at this moment; None for the user's own camera.
            event_s: time.perf_counter() of the event that asks for it; `painted` tells how long it took.
        """
        self._view = view
        if camera is not None:
            self._rig.given = camera
        if event_s is not None and self._event_s is None:
            self._event_s = event_s
        self._follow_now()
        self._scene = None
        self.update()

    def set_hud(self, hud: HudLines) -> None:
        """The words over the picture."""
        if hud != self._hud:
            self._hud = hud
            self.update()

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are exchanged in the picture."""
        return self._view is not None and self._view.is_mirrored

    @property
    def frames_per_s(self) -> float:
        """Pictures a second while they come one after the other; 0 when nothing moves."""
        self._swaps_s = [s for s in self._swaps_s if s > time.perf_counter() - _RATE_OVER_S]
        if len(self._swaps_s) < 2:
            return 0.0
        return (len(self._swaps_s) - 1) / (self._swaps_s[-1] - self._swaps_s[0])

    # The camera

    def camera(self) -> Camera:
        """The camera that the picture is taken from, where a transition ends."""
        return self._rig.camera(math.inf)

    def set_camera(self, camera: Camera, *, is_smooth: bool = False) -> None:
        """Make the camera the user's own, and put it somewhere."""
        self._rig.set(camera, self._smooth_from(is_smooth))
        self._changed_camera()

    def view(self, name: str) -> None:
        """See from a side of camera.VIEWS, such as "front", "side" or "top"; "camera": as the shot does."""
        if name == "camera":
            self._rig.to_given(self._smooth_from(True))
        else:
            self._rig.set(self._rig.looked_from(name), self._smooth_from(True))
        self._changed_camera()

    def frame_figures(self, ids: Sequence[str] = (), margin: float = _FRAME_MARGIN) -> None:
        """Bring these figures, or all, into the picture, seen from where they are seen now.

        Args:
            margin: Part of the picture left free on each side.
        """
        figures = [f for f in self._figures() if not ids or f.id in ids]
        if not figures:
            return
        bodies = [body_for(figure.skeleton) for figure in figures]
        ends = [
            body.capsules(placed(figure), figure.pose.rotations).reshape(-1, 3)
            for body, figure in zip(bodies, figures, strict=True)
        ]
        radii = [HULL * body.radii_m.reshape(-1) for body in bodies]
        aspect = self.width() / max(self.height(), 1)
        camera = framed(np.concatenate(ends), np.concatenate(radii), aspect, self.camera(), margin)
        self.set_camera(camera, is_smooth=True)

    def follow(self, figure_id: str | None, *, everybody: bool = False) -> None:
        """Let the user's camera go with a dancer over the stage, or with the middle of all; None ends it."""
        self._followed, self._follows_all = figure_id, everybody
        self._follow_now()
        self.update()

    @property
    def followed(self) -> str | None:
        """The dancer that the camera goes with, alone or among all."""
        return self._followed

    def reset_view(self) -> None:
        """Take back what the user did to the camera."""
        self._rig.reset()
        self._changed_camera()

    def orbit(self, yaw_rad: float, pitch_rad: float) -> None:
        """Turn about the target."""
        self._rig.orbit(yaw_rad, pitch_rad)
        self._changed_camera()

    def pan(self, right: float, up: float) -> None:
        """Move sideways and up, in parts of the picture's height."""
        self._rig.pan(right, up)
        self._changed_camera()

    def zoom(self, factor: float) -> None:
        """`factor` times as far away, from a tenth to ten times the distance underneath."""
        self._rig.zoom(factor)
        self._changed_camera()

    # Pointing

    def begin_path_drawing(self) -> None:
        """Let the next left drag draw a way on the floor; Esc breaks it off."""
        self._input.begin_drawing()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def cancel_path_drawing(self) -> None:
        """Break drawing off."""
        if self._input.is_drawing:
            self._input.end_drawing()
            self.path_cancelled.emit()

    def pick_at(self, at: QPointF) -> Hit | None:
        """What is under a point of the window."""
        return pick(self._figures(), *self._seen_now().ray(self._across(at), at.y(), self.width(), self.height()))

    def floor_at(self, at: QPointF) -> tuple[float, float] | None:
        """The floor under a point of the window, (x, z) in metres; None where there is none."""
        return floor_point(self._seen_now(), self._across(at), at.y(), self.width(), self.height())

    def face_at(self, at: QPointF) -> str | None:
        """The view of the cube's face under a point of the window."""
        place: QRectF = cube_place(self.size())
        if not self._shows_cube or not place.contains(at):
            return None
        x, y = (at - place.center()).toTuple()
        half = 0.5 * place.width()
        return view_at(self._seen_now(), x / half, -y / half, is_mirrored=self.is_mirrored)

    @property
    def _shows_cube(self) -> bool:
        """On a low stage the count needs its place."""
        return self.has_cube and self.height() >= _LEAST_CUBE_HEIGHT_PX

    def hover(self, at: QPointF | None) -> None:
        """The mouse is over a point of the window, or has left it."""
        is_at_cube = at is not None and self._shows_cube and cube_place(self.size()).contains(at)
        if is_at_cube != self._is_at_cube:
            self._is_at_cube = is_at_cube
            self.update()
        face = self.face_at(at) if at is not None else None
        hit = self.pick_at(at) if at is not None and face is None and self._view is not None else None
        hovered = Picked(hit.figure_id, hit.joint_name, hit.part_name) if hit else None
        if (hovered, face) != (self._hovered, self._hovered_face):
            self._hovered, self._hovered_face = hovered, face
            self.hovered.emit(*(hovered.figure_id, hovered.joint_name, hovered.part_name) if hovered else ("", "", ""))
            self.restage()

    def restage(self) -> None:
        """Draw anew, with what the mouse does."""
        if self._view is not None:
            self._scene = None
        self.update()

    def grab_picture(self, width: int, height: int) -> np.ndarray:
        """What is shown, without words over it, at any size: uint8 [height, width, 3]."""
        return self.grab_view(self._view or StageView(), self._seen_now(), width, height, self._scene)

    def grab_view(
        self, view: StageView, camera: Camera, width: int, height: int, scene: Scene | None = None
    ) -> np.ndarray:
        """A picture of any view from any camera, drawn beside what is shown: uint8 [height, width, 3]."""
        from viewer3d.staging import staged

        self._prepare()
        if self._painter is None:
            raise GraphicsError("There is no picture yet: the window has not been shown.")
        self.makeCurrent()
        try:
            return self._painter.picture(scene or staged(view), camera, width, height)
        finally:
            self.doneCurrent()

    # What Qt calls

    def initializeGL(self) -> None:
        self.context().aboutToBeDestroyed.connect(self._release)

    def paintGL(self) -> None:
        began_s = time.perf_counter()
        scene = self._scene_now() if self._painter is not None else None
        if self._painter is None or scene is None:
            functions = self.context().functions()
            functions.glClearColor(*_EMPTY)
            functions.glClear(_COLOUR_BUFFER)
            return
        ratio = self.devicePixelRatioF()
        size = (round(self.width() * ratio), round(self.height() * ratio))
        is_catching_up = self._catch_up(began_s)
        seen = self._rig.camera(began_s)
        self._painter.draw(scene, seen, size, self.defaultFramebufferObject(), ratio)
        self._painter.lay(self._words(seen, ratio), size)
        self.last_paint_ms = 1e3 * (time.perf_counter() - began_s)
        if self._rig.is_moving(began_s) or is_catching_up:
            self._again.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._take(event, self._input.press(event), super().mousePressEvent)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._take(event, self._input.move(event), super().mouseMoveEvent)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._take(event, self._input.release(event), super().mouseReleaseEvent)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._input.double_click(event)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._input.is_drawing:
            self.cancel_path_drawing()
        elif not event.modifiers() & Qt.KeyboardModifier.AltModifier:  # with Alt the right button brings nearer
            is_pointed = event.reason() == QContextMenuEvent.Reason.Mouse  # the keyboard's menu key points at nobody
            hit = self.pick_at(QPointF(event.pos())) if is_pointed else None
            if hit is not None:
                self.figure_picked.emit(hit.figure_id)
            self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._input.wheel(event)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hover(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._input.is_drawing:
            self.cancel_path_drawing()
            event.accept()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc is a shortcut elsewhere in the window; while a way is drawn it belongs here.
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and self._input.is_drawing and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and self._input.gesture(event):
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.FontChange):
            self.update()
        super().changeEvent(event)

    # Helpers

    def _prepare(self) -> None:
        """Load what draws, once the window is on the screen: that takes as long as all the rest of the window."""
        context = self.context()
        if self._painter is not None or context is None or not context.isValid():
            return
        from viewer3d.painter import Painter

        self.makeCurrent()
        try:
            self._painter = Painter()
            self.ready.emit()
        except GraphicsError as error:
            self._has_failed = True
            self.failed.emit(str(error))
        finally:
            self.doneCurrent()
        self.update()

    def _take(self, event: QMouseEvent, is_ours: bool, otherwise: Callable[[QMouseEvent], None]) -> None:
        if is_ours:
            event.accept()
        else:
            otherwise(event)

    def _figures(self) -> tuple[FigureView, ...]:
        return self._view.figures if self._view is not None else ()

    def _across(self, at: QPointF) -> float:
        return self.width() - at.x() if self.is_mirrored else at.x()

    def _seen_now(self) -> Camera:
        return self._rig.camera(time.perf_counter())

    def _smooth_from(self, is_smooth: bool) -> float | None:
        return time.perf_counter() if is_smooth and not self.reduces_motion and self.isVisible() else None

    def _changed_camera(self) -> None:
        self.camera_changed.emit()
        self.update()

    def _catch_up(self, now_s: float) -> bool:
        """Let the camera settle on a dancer who has stopped; it stays while a way is drawn under the mouse."""
        if self._input.is_drawing:
            self._rig.hold(now_s)
            return False
        return self._rig.catch_up(now_s)

    def _follow_now(self) -> None:
        if self._input.is_drawing:
            self._rig.hold(time.perf_counter())
            return
        if self._followed is None:
            self._rig.follow(None, time.perf_counter())
            return
        places = [placed(f)[_HIPS] for f in self._figures() if self._follows_all or f.id == self._followed]
        if places:
            self._rig.follow(np.mean(places, axis=0), time.perf_counter())

    def _scene_now(self) -> Scene | None:
        if self._scene is None and self._view is not None:
            from viewer3d.staging import staged

            pointed = self._hovered
            if pointed is not None and pointed.part_name:
                pointed = replace(pointed, joint_name="")  # the whole part is lit up
            self._scene = staged(self._view, pointed, self._input.stroke_m)
        return self._scene

    def _words(self, seen: Camera, ratio: float) -> list[Picture]:
        view = self._view or StageView()
        cube = seen if self._shows_cube and self._view is not None else None
        return self._overlay.pictures(
            self._hud, labels_of(view, seen, self._hovered, self.size()), cube, self.size(), ratio, self.font(),
            view.colours, view.is_mirrored, self._hovered_face, self._is_at_cube,
        )  # fmt: skip

    def _swapped(self) -> None:
        if self._painter is None and not self._has_failed:
            self._first.start()
        now_s = time.perf_counter()
        if self._swaps_s and now_s - self._swaps_s[-1] > _IDLE_S:
            self._swaps_s.clear()
        self._swaps_s = [s for s in self._swaps_s if s > now_s - _RATE_OVER_S] + [now_s]
        if self._event_s is not None:
            event_s, self._event_s = self._event_s, None
            self.painted.emit(now_s - event_s)

    def _release(self) -> None:
        """Give the buffers back while their context still lives."""
        self._first.stop()
        if self._painter is not None:
            self.makeCurrent()
            self._painter.close()
            self._painter = None
            self.doneCurrent()

"""The figures in a Qt window: the one file here that knows Qt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, QThread, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QOffscreenSurface, QOpenGLContext, QSurfaceFormat, QWheelEvent
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from viewer3d.camera import Camera
from viewer3d.gl import GL, GraphicsError
from viewer3d.renderer import SAMPLES, Renderer
from viewer3d.scene import Scene

_RAD_PER_HEIGHT = math.radians(200.0)  # turned by dragging over the whole height
_ZOOM_PER_STEP = 0.88
_WHEEL_STEP = 120.0  # eighths of a degree, one notch of a wheel
_MOST_PITCH_DOWN_RAD = math.radians(-4.0)  # the floor is not looked at from below


class Viewport(QOpenGLWidget):
    """Shows scenes from a camera that the mouse turns, moves and brings nearer.

    The camera that is given (fixed, or following a dancer) says where the picture is taken from; what the
    user did with the mouse comes on top and stays while the given camera moves.

    Dragging: Alt + left or middle button orbits, Alt or Shift + middle pans, Alt + right or the wheel
    brings nearer. A plain left drag orbits too where `left_orbits`. A double click takes it all back.

    Signals:
        failed(str): OpenGL could not be had; one sentence.
    """

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, left_orbits: bool = False) -> None:
        super().__init__(parent)
        self.setFormat(surface_format(0))  # figures are smoothed in a layer of their own
        self.setMinimumSize(160, 120)
        self._left_orbits = left_orbits
        self._scene: Scene | None = None
        self._given: Camera | None = None
        self._renderer: Renderer | None = None
        self._drag: tuple[str, QPointF] | None = None
        self.reset_view()

    def show_scene(self, scene: Scene, camera: Camera) -> None:
        """Show a scene from a camera, with what the user did on top."""
        self._scene, self._given = scene, camera
        self.update()

    def camera(self) -> Camera | None:
        """The camera the picture is taken from; None before the first scene."""
        if self._given is None:
            return None
        turned = self._given.orbited(self._yaw_rad, self._pitch_rad)
        return replace(turned, target_m=turned.target_m + self._pan_m).dollied(self._zoom)

    def reset_view(self) -> None:
        """Back to the camera that was given."""
        self._yaw_rad = self._pitch_rad = 0.0
        self._zoom = 1.0
        self._pan_m = np.zeros(3)
        self.update()

    def orbit(self, yaw_rad: float, pitch_rad: float) -> None:
        """Turn about the target."""
        if self._given is None:
            return
        given = self._given.pitch_rad
        pitch = min(max(given + self._pitch_rad + pitch_rad, _MOST_PITCH_DOWN_RAD), math.radians(88.0))
        self._yaw_rad, self._pitch_rad = self._yaw_rad + yaw_rad, pitch - given
        self.update()

    def pan(self, right: float, up: float) -> None:
        """Move sideways and up, in parts of the picture's height."""
        seen = self.camera()
        if seen is not None:
            self._pan_m = self._pan_m + seen.panned(right, up).target_m - seen.target_m
            self.update()

    def zoom(self, factor: float) -> None:
        """`factor` times as far away, from a tenth to ten times the given distance."""
        self._zoom = min(max(self._zoom * factor, 0.1), 10.0)
        self.update()

    # What Qt calls

    def initializeGL(self) -> None:
        context = self.context()
        context.aboutToBeDestroyed.connect(self._release)
        try:
            is_software = b"llvmpipe" in (GL.glGetString(GL.GL_RENDERER) or b"")
            self._renderer = Renderer(0 if is_software else SAMPLES)
        except GraphicsError as error:
            self.failed.emit(str(error))

    def paintGL(self) -> None:
        seen = self.camera()
        if self._renderer is None or self._scene is None or seen is None:
            GL.glClearColor(0.106, 0.110, 0.122, 1.0)
            GL.glClear(GL.GL_COLOR_BUFFER_BIT)
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        self._renderer.draw(self._scene, seen, width, height, self.defaultFramebufferObject())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        action = self._action_for(event)
        if action:
            self._drag = (action, event.position())
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            super().mouseMoveEvent(event)
            return
        action, before = self._drag
        moved = (event.position() - before) / max(self.height(), 1)
        self._drag = (action, event.position())
        if action == "orbit":
            self.orbit(-moved.x() * _RAD_PER_HEIGHT, moved.y() * _RAD_PER_HEIGHT)
        elif action == "pan":
            self.pan(-moved.x(), moved.y())
        else:
            self.zoom(math.exp(2.0 * (moved.y() - moved.x())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_view()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_ZOOM_PER_STEP ** (event.angleDelta().y() / _WHEEL_STEP))
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.update()
        super().changeEvent(event)

    def _action_for(self, event: QMouseEvent) -> str | None:
        """orbit, pan or zoom for a pressed button, as Maya and Blender have them; None for the window's own use."""
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.MiddleButton:
            return "pan" if has_alt or has_shift else "orbit"
        if event.button() == Qt.MouseButton.LeftButton and (has_alt or self._left_orbits):
            return "pan" if has_shift else "orbit"
        if event.button() == Qt.MouseButton.RightButton and has_alt:
            return "zoom"
        return None

    def _release(self) -> None:
        """Give the buffers back while their context still lives."""
        if self._renderer is not None:
            self.makeCurrent()
            self._renderer.close()
            self._renderer = None
            self.doneCurrent()


def has_windows_here() -> bool:
    """Whether a Qt application that can open windows lives in this thread."""
    application = QGuiApplication.instance()
    return (
        isinstance(application, QGuiApplication)
        and application.thread() == QThread.currentThread()
        and application.platformName() not in ("offscreen", "minimal")
    )


def surface_format(samples: int) -> QSurfaceFormat:
    """OpenGL 3.3 core with `samples` samples a pixel."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setSamples(samples)
    return wanted


class QtOffscreenContext:
    """An OpenGL context on a surface that is never shown, for systems without EGL."""

    def __init__(self) -> None:
        # Qt gives contexts only to an application; the reference keeps the one made here alive.
        self._application = QGuiApplication.instance() or QGuiApplication([])
        self._context = QOpenGLContext()
        self._context.setFormat(surface_format(0))
        self._surface = QOffscreenSurface()
        self._surface.setFormat(surface_format(0))
        self._surface.create()
        if not self._context.create() or not self._context.makeCurrent(self._surface):
            raise GraphicsError("The graphics driver gives no OpenGL 3.3; update it.")

    def make_current(self) -> None:
        """Let the following OpenGL calls of this thread go to this context."""
        if not self._context.makeCurrent(self._surface):
            raise GraphicsError("The graphics context is in use elsewhere or was closed.")

    def close(self) -> None:
        """Give the context back. May be called twice."""
        self._context.doneCurrent()
        self._surface.destroy()

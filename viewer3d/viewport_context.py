"""OpenGL contexts by Qt: whether there are windows here, and Qt's stand-in for EGL."""

from __future__ import annotations

from PySide6.QtCore import QThread
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

from viewer3d.errors import GraphicsError
from viewer3d.viewport_format import surface_format


def has_windows_here() -> bool:
    """Whether a Qt application that can open windows lives in this thread."""
    application = QGuiApplication.instance()
    return (
        isinstance(application, QGuiApplication)
        and application.thread() == QThread.currentThread()
        and application.platformName() not in ("offscreen", "minimal")
    )


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

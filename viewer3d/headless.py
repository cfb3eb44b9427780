"""An OpenGL 3.3 core context without a window: EGL by ctypes, so that no screen and no Qt are needed."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from types import TracebackType
from typing import Any, Protocol

from viewer3d.errors import GraphicsError

_DEVICE, _SURFACELESS = 0x313F, 0x31DD  # EGL_PLATFORM_DEVICE_EXT, EGL_PLATFORM_SURFACELESS_MESA
_OPENGL_API = 0x30A2
_CONFIG = (0x3033, 0x0001, 0x3040, 0x0008, 0x3038)  # SURFACE_TYPE pbuffer, RENDERABLE_TYPE OpenGL, NONE
# CONTEXT_MAJOR 3, MINOR 3, PROFILE_MASK core, NONE
_CONTEXT = (0x3098, 3, 0x30FB, 3, 0x30FD, 0x0001, 0x3038)
_MAX_DEVICES = 16
_HAS_EGL = sys.platform.startswith("linux")


class Context(Protocol):
    """An OpenGL context that can be made current in this thread and given back."""

    def make_current(self) -> None:
        """Let the following OpenGL calls of this thread go to this context."""

    def close(self) -> None:
        """Give the context back. May be called twice."""


def offscreen_context() -> Context:
    """A new context that draws into framebuffer objects only; GraphicsError if there is none to be had.

    EGL on Linux; elsewhere, and in the thread of a Qt application with windows (two kinds of context
    cannot take turns in one thread), Qt's offscreen surface, which shows no window.
    """
    if _HAS_EGL and "PySide6.QtGui" not in sys.modules:
        return EglContext()
    from viewer3d import viewport_context  # Qt is loaded only where it is there anyway, or EGL is not to be had.

    return (
        viewport_context.QtOffscreenContext()
        if not _HAS_EGL or viewport_context.has_windows_here()
        else EglContext()
    )


class EglContext:
    """A surfaceless EGL context: the first graphics device that gives OpenGL 3.3, else Mesa's software."""

    def __init__(self) -> None:
        self._egl = _load()
        self._display, self._context = self._open()

    def make_current(self) -> None:
        """Let the following OpenGL calls of this thread go to this context."""
        if not self._context or not self._egl.eglMakeCurrent(self._display, None, None, self._context):
            raise GraphicsError("The graphics context is in use elsewhere or was closed.")

    def close(self) -> None:
        """Give the context back. May be called twice."""
        if self._context:
            self._egl.eglMakeCurrent(self._display, None, None, None)
            self._egl.eglDestroyContext(self._display, self._context)
            self._context = None

    def __enter__(self) -> EglContext:
        self.make_current()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self) -> tuple[Any, Any]:
        for display in self._displays():
            if display and self._egl.eglInitialize(display, None, None):
                context = self._create(display)
                if context:
                    return display, context
        raise GraphicsError(
            "No graphics driver gives OpenGL 3.3 without a window; install Mesa's (Debian: libegl1 libgl1-mesa-dri)."
        )

    def _displays(self) -> list[Any]:
        """EGL displays to try, in this order: each graphics device, surfaceless Mesa, the default."""
        egl = self._egl
        found: list[Any] = []
        query = egl.eglGetProcAddress(b"eglQueryDevicesEXT")
        if query:
            devices, count = (ctypes.c_void_p * _MAX_DEVICES)(), ctypes.c_int(0)
            signature = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
            signature(query)(_MAX_DEVICES, devices, ctypes.byref(count))
            found += [egl.eglGetPlatformDisplay(_DEVICE, devices[i], None) for i in range(count.value)]
        found.append(egl.eglGetPlatformDisplay(_SURFACELESS, None, None))
        found.append(egl.eglGetDisplay(None))
        return found

    def _create(self, display: Any) -> Any:
        egl = self._egl
        config, count = ctypes.c_void_p(), ctypes.c_int(0)
        egl.eglBindAPI(_OPENGL_API)
        egl.eglChooseConfig(display, _ints(_CONFIG), ctypes.byref(config), 1, ctypes.byref(count))
        if not count.value:
            return None
        context = egl.eglCreateContext(display, config, None, _ints(_CONTEXT))
        if context and not egl.eglMakeCurrent(display, None, None, context):
            egl.eglDestroyContext(display, context)
            return None
        return context


def _ints(values: tuple[int, ...]) -> Any:
    return (ctypes.c_int * len(values))(*values)


def _load() -> Any:
    """libEGL with the signatures of what is used here."""
    try:
        egl = ctypes.CDLL(ctypes.util.find_library("EGL") or "libEGL.so.1")
    except OSError as error:
        raise GraphicsError("The library libEGL is missing; install it (Debian: libegl1 libgl1-mesa-dri).") from error
    p, i = ctypes.c_void_p, ctypes.c_int
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "eglGetProcAddress": (p, [ctypes.c_char_p]),
        "eglGetPlatformDisplay": (p, [i, p, p]),
        "eglGetDisplay": (p, [p]),
        "eglInitialize": (i, [p, p, p]),
        "eglBindAPI": (i, [i]),
        "eglChooseConfig": (i, [p, p, p, i, p]),
        "eglCreateContext": (p, [p, p, p, p]),
        "eglDestroyContext": (i, [p, p]),
        "eglMakeCurrent": (i, [p, p, p, p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(egl, name)
        function.restype, function.argtypes = result, arguments
    return egl

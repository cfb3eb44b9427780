"""The one door to PyOpenGL: settles its platform and switches before it is first imported.

PyOpenGL picks GLX or EGL when it is imported. Either works with a context of the other kind, because
both hand out the same entry points; what fails is loading GLX where there is no X library. So: EGL
where Linux has no screen, PyOpenGL's own choice everywhere else.
"""

from __future__ import annotations

import os
import sys

if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")

import OpenGL

# Pointers are offsets into buffers here, so there is nothing to keep alive, and no context to ask for.
OpenGL.STORE_POINTERS = False
OpenGL.ERROR_ON_COPY = True
# glGetError after every call costs more than the calls; `check` asks once per picture.
OpenGL.ERROR_CHECKING = False

from OpenGL import GL  # noqa: E402 - after the switches above

# The wrapped function asks the platform for the current context, which only knows contexts of its own kind.
from OpenGL.raw.GL.VERSION.GL_2_0 import glVertexAttribPointer as vertex_attribute_pointer  # noqa: E402

from viewer3d.errors import GraphicsError  # noqa: E402

__all__ = ["GL", "check", "vertex_attribute_pointer"]


def check(doing: str) -> None:
    """Raise GraphicsError if OpenGL has met an error since the last check, saying what we were doing."""
    code = GL.glGetError()
    if code != GL.GL_NO_ERROR:
        raise GraphicsError(f"OpenGL reported error 0x{int(code):04X} while {doing}.")

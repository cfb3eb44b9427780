"""The surface that every OpenGL context of the program is asked for. Loads no OpenGL: a start needs it first."""

from __future__ import annotations

from PySide6.QtGui import QSurfaceFormat


def surface_format(samples: int) -> QSurfaceFormat:
    """OpenGL 3.3 core with `samples` samples a pixel."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setSamples(samples)
    return wanted

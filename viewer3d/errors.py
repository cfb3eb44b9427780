"""What can go wrong with a picture."""

from __future__ import annotations

from engine.errors import EngineError


class GraphicsError(EngineError):
    """OpenGL is missing, too old, or refused something. `str(error)` is one sentence for a person."""

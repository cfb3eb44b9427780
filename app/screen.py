"""Whether a window can be opened here."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path


def has_screen() -> bool:
    """Whether a window can be opened here."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    if not sys.platform.startswith("linux") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    # Qt ends the whole program when nobody answers there, such as in a container that inherited the variable.
    return Path(f"/tmp/.X11-unix/X{local[1]}").exists() if local else bool(display)

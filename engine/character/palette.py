"""The colours of a body: which side is which must be seen at a glance."""

from __future__ import annotations

# Okabe-Ito blue and orange. They are equally light, so the right side is darkened: left and right
# differ in grey pictures too.
LEFT, RIGHT, TRUNK = "#56b4e9", "#d08200", "#c9ccd3"
LEFT_DEEP, RIGHT_DEEP, TRUNK_DEEP = "#3d9bd6", "#ac6400", "#a9adb6"
DARK = "#33363c"
OTHER_SIDE = {LEFT: RIGHT, LEFT_DEEP: RIGHT_DEEP}


def linear_colour(colour: str) -> tuple[float, float, float]:
    """Linear light, 0 to 1, of a screen colour "#rrggbb" (sRGB)."""
    channels = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b

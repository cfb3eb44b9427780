"""The bundled font, Inter, in three sizes, with figures that stand under one another."""

from __future__ import annotations

import functools

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from app.resources import resource_path
from editor.theme import FONT_FAMILY, FONT_PX

SCALE_RANGE = (0.8, 2.0)
SIZES = dict(zip(("small", "normal", "large"), FONT_PX, strict=True))


@functools.cache
def load_fonts() -> tuple[str, ...]:
    """Make the bundled font known to Qt, once; the families that it brought."""
    families = []
    for path in sorted(resource_path("fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))


def font(size: str = "normal", scale: float = 1.0, *, is_bold: bool = False) -> QFont:
    """Inter with tabular figures.

    Args:
        size: "small", "normal" or "large".
        scale: Of the whole window.
        is_bold: Semibold, for titles.
    """
    made = QFont(FONT_FAMILY)
    made.setPixelSize(max(round(SIZES[size] * scale), 1))
    made.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    made.setFeature(QFont.Tag.fromString("tnum"), 1)
    return made


def current_scale() -> float:
    """The window's scale, read back from the application's font."""
    size_px = QApplication.font().pixelSize()
    return size_px / SIZES["normal"] if size_px > 0 else 1.0

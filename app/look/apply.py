"""Putting a theme on the whole application."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyleFactory

from app.look.fonts import SCALE_RANGE, font, load_fonts
from app.look.palette import palette_of
from app.look.qss import style_sheet
from editor.theme import Theme


def apply_theme(application: QApplication, theme: Theme, ui_scale: float = 1.0) -> None:
    """Dress every widget, those that will come too. May be called again at any time.

    Args:
        application: The running one.
        theme: Its colours.
        ui_scale: Size of text and controls, 0.8 to 2.
    """
    scale = min(max(ui_scale, SCALE_RANGE[0]), SCALE_RANGE[1])
    load_fonts()
    if application.style().name() != "fusion":
        application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(palette_of(theme))
    application.setFont(font("normal", scale))
    application.setStyleSheet(style_sheet(theme, scale))

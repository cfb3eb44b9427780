"""Words must be legible on whatever the panels put behind them, in every theme."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from editor.panels import drawing
from editor.panels.slider import FILL
from editor.panels.style_mix import HUES
from editor.theme import THEMES

TEXT, GRAPHICS = 4.5, 3.0


def luminance(colour: QColor) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3])
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("hue", sorted({*HUES, "joy", "sorrow", "tension", "serenity"}))
def test_words_are_legible_on_a_full_slider(theme, hue):
    for share in FILL:
        behind = drawing.mixed(theme.raised, getattr(theme, hue), share)
        assert contrast(QColor(theme.text), behind) >= TEXT


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_words_are_legible_on_a_chosen_row_on_a_bare_slider_and_on_the_accent(theme):
    chosen = drawing.mixed(theme.panel, theme.accent, 0.22)

    assert contrast(QColor(theme.text), chosen) >= TEXT
    assert contrast(QColor(theme.muted), QColor(theme.raised)) >= TEXT
    assert contrast(QColor(theme.on_accent), QColor(theme.accent)) >= TEXT


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("hue", ["left", "right", "trunk"])
def test_limbs_stand_out_from_the_tile(theme, hue):
    ground = drawing.mixed(theme.window, theme.raised, 0.85)

    assert contrast(QColor(getattr(theme, hue)), ground) >= GRAPHICS

"""The splash screen is there at once and as large as the window's scale asks."""

from __future__ import annotations

import pytest

from app.look.splash import splash
from editor.theme import THEMES


@pytest.mark.parametrize("theme", THEMES.values(), ids=str)
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_the_name_fits_the_splash_screen_in_every_theme_and_size(qtbot, theme, scale):
    screen = splash(theme, scale)
    qtbot.addWidget(screen)

    picture = screen.pixmap().toImage()
    right_edge = [picture.pixelColor(picture.width() - 8, y).name() for y in range(4, picture.height() - 4)]

    assert screen.width() == round(420 * scale)
    assert set(right_edge) == {theme.panel}
    assert len({picture.pixelColor(x, picture.height() // 2).name() for x in range(picture.width())}) > 8

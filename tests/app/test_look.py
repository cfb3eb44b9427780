"""The look: contrast in every theme, the bundled font and icons, one style sheet at every scale."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QFontMetrics, QIcon, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QSpinBox, QTreeWidget

from app.look import apply_theme, icon, pixmap
from app.look.contrast import contrast, mixed
from app.look.fonts import current_scale, font, load_fonts
from app.look.icons import SEVERITIES, disabled_colour, severity_pixmap
from app.look.qss import edge_colour, style_sheet
from app.resources import resource_path
from app.window.commands import COMMANDS
from editor.theme import CONTROL_HEIGHT, DARK, LIGHT, THEMES

SURFACES = ("window", "panel", "raised")
GRAPHICS = (
    "accent", "left", "right", "trunk", "error", "warning", "note", "past", "future", "downbeat", "joy", "sorrow",
    "tension", "serenity",
)  # fmt: skip
ON_LANES = ("wave", "beat")  # drawn on the timeline only

themes = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)


@pytest.fixture
def dressed(qapp):
    """The application, bare again afterwards."""
    style, palette, usual = qapp.style().name(), qapp.palette(), qapp.font()
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(usual)


def test_contrast_is_what_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#4aa3ff", "#4aa3ff") == 1.0


def test_mixing_goes_from_one_colour_to_the_other():
    assert [mixed("#000000", "#ff8000", share) for share in (0.0, 0.5, 1.0)] == ["#000000", "#804000", "#ff8000"]


@themes
def test_text_can_be_read_on_every_surface(theme):
    for surface in SURFACES:
        assert contrast(theme.text, getattr(theme, surface)) >= 4.5
        assert contrast(theme.muted, getattr(theme, surface)) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.clip_text, theme.clip) >= 4.5
    for back in (theme.panel, theme.raised):
        assert contrast(theme.text, mixed(back, theme.accent, 0.22)) >= 4.5, "selected"
    assert contrast(theme.text, mixed(theme.raised, theme.text, 0.08)) >= 4.5, "hovered"


@themes
def test_graphics_stand_out_from_what_they_are_drawn_on(theme):
    for name in GRAPHICS:
        for surface in (*SURFACES, "stage"):
            assert contrast(getattr(theme, name), getattr(theme, surface)) >= 3.0, (name, surface)
    for name in ON_LANES:
        for surface in ("window", "panel"):
            assert contrast(getattr(theme, name), getattr(theme, surface)) >= 3.0, (name, surface)
    for surface in ("window", "panel"):
        assert contrast(edge_colour(theme), getattr(theme, surface)) >= 3.0


def test_the_bundled_font_is_the_one_that_is_shown(dressed):
    apply_theme(dressed, DARK)

    assert "Inter" in load_fonts()
    assert QFontInfo(QApplication.font()).family() == "Inter"


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_figures_stand_under_one_another(dressed, size):
    load_fonts()
    metrics = QFontMetrics(font(size, 2.0))

    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "given"), [(0.1, 0.8), (1.0, 1.0), (1.25, 1.25), (9.0, 2.0)])
def test_the_scale_is_kept_within_its_bounds(dressed, wanted, given):
    apply_theme(dressed, LIGHT, wanted)

    assert current_scale() == pytest.approx(given, abs=0.05)


@themes
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_the_style_sheet_names_nothing_that_is_not_there(dressed, theme, scale):
    sheet = style_sheet(theme, scale)

    assert "%(" not in sheet
    assert sheet.count("{") == sheet.count("}")
    assert set(re.findall(r"#[0-9a-f]{6}", sheet)) >= {theme.window, theme.text, theme.accent}


def test_controls_are_as_high_as_the_theme_says(dressed, qtbot):
    apply_theme(dressed, DARK)
    for kind in (QPushButton, QLineEdit, QComboBox, QSpinBox):
        widget = kind()
        qtbot.addWidget(widget)
        widget.ensurePolished()
        assert widget.sizeHint().height() == CONTROL_HEIGHT, kind


def test_rows_of_a_tree_are_of_one_height(dressed, qtbot):
    apply_theme(dressed, DARK)
    tree = QTreeWidget()
    qtbot.addWidget(tree)
    tree.show()

    assert tree.uniformRowHeights()


@themes
def test_every_command_has_its_icon(dressed, theme):
    for command in COMMANDS:
        if command.icon:
            assert not icon(command.icon, theme).isNull()


def test_there_is_no_icon_of_an_unknown_name(dressed):
    with pytest.raises(KeyError, match="tutu"):
        icon("tutu", DARK)


def test_icons_are_of_one_family_and_its_licence_is_there():
    for path in resource_path("icons").glob("*.svg"):
        svg = path.read_text("utf-8")
        assert 'viewBox="0 0 24 24"' in svg
        assert 'stroke="currentColor"' in svg
    assert "ISC" in (resource_path("icons") / "LICENSE").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in (resource_path("fonts") / "LICENSE").read_text("utf-8")


def ink(image: QImage) -> str:
    """The colour of an icon's most opaque pixel."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)
    red, green, blue, _ = pixels[np.argmax(pixels[:, 3])]
    return f"#{red:02x}{green:02x}{blue:02x}"


@themes
@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_an_icon_has_the_theme_s_colours_in_every_state(dressed, theme, ratio):
    made = icon("lock", theme)
    states = {
        theme.text: (QIcon.Mode.Normal, QIcon.State.Off),
        theme.accent: (QIcon.Mode.Normal, QIcon.State.On),
        disabled_colour(theme): (QIcon.Mode.Disabled, QIcon.State.Off),
    }

    for colour, (mode, state) in states.items():
        drawn = made.pixmap(QSize(24, 24), ratio, mode, state)
        assert drawn.width() == round(24 * ratio)
        assert contrast(ink(drawn.toImage()), colour) == pytest.approx(1.0, abs=0.06)


def test_severities_differ_in_shape_and_not_only_in_colour(dressed):
    masks = [
        severity_pixmap(name, DARK, 32).toImage().convertToFormat(QImage.Format.Format_Alpha8) for name in SEVERITIES
    ]

    assert len({bytes(mask.constBits()) for mask in masks}) == len(SEVERITIES)


def test_a_picture_of_an_icon_is_crisp_on_a_fine_screen(dressed):
    made = pixmap("play", DARK, 16, 2.0)

    assert (made.width(), made.devicePixelRatio()) == (32, 2.0)

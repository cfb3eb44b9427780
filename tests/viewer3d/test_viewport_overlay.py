"""The words over the stage: they stay in the picture, and none lies on another or on the cube."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from viewer3d.camera import Camera
from viewer3d.stage_view import HudLines, stage_colours
from viewer3d.viewport_overlay import Label, Overlay, cube_place

SIZE = QSize(640, 360)
COLOURS = stage_colours("#26272b", True, "#9a9da6", "#4aa3ff", "#e69f00", "#56b4e9", "#ffffff", "#00aa88", "#ff5544")


@pytest.fixture
def overlay(qapp) -> Overlay:
    return Overlay()


def boxes(overlay: Overlay, *labels: Label) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of each label."""
    camera = Camera(np.zeros(3), 4.0)
    made = overlay.pictures(HudLines(), labels, camera, SIZE, 1.0, QApplication.font(), COLOURS, False, None)
    return [(p.x, p.y, p.x + p.pixels.shape[1], p.y + p.pixels.shape[0]) for p in made[: len(labels)]]


@pytest.mark.parametrize("y", [4.0, 200.0])
def test_labels_of_dancers_who_stand_close_lie_clear_of_one_another(overlay, y):
    found = boxes(overlay, *(Label(name, 300.0 + 4 * i, y + 3 * i, i == 2) for i, name in enumerate("ABCD")))

    for one, other in combinations(found, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(left >= 0 and top >= 0 and bottom <= 360 for left, top, _, bottom in found)


def test_a_label_keeps_off_the_edge_and_off_the_cube(overlay):
    (at_edge,) = boxes(overlay, Label("Anastasia", 2.0, 2.0))
    (at_cube,) = boxes(overlay, Label("Ben", cube_place(SIZE).center().x(), 60.0))

    assert at_edge[0] > 0
    assert at_edge[1] > 0
    assert at_cube[2] <= cube_place(SIZE).left()


def cube_in(overlay: Overlay, is_at_cube: bool, size: QSize = SIZE) -> np.ndarray:
    camera = Camera(np.zeros(3), 4.0)
    font = QApplication.font()
    (made,) = overlay.pictures(HudLines(), [], camera, size, 1.0, font, COLOURS, False, None, is_at_cube)
    return made.pixels


def test_the_cube_is_seen_through_while_the_mouse_is_elsewhere(overlay):
    near, away = cube_in(overlay, True)[..., 3].mean(), cube_in(overlay, False)[..., 3].mean()

    assert 0.3 * near < away < 0.5 * near


def test_the_cube_is_smaller_on_a_small_stage(overlay):
    sides = [cube_in(overlay, True, QSize(2 * height, height)).shape[0] for height in (220, 360, 900)]

    assert sides == [56, 72, 92]

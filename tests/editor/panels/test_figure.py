from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from editor.panels.figure import Figure, capsule_outlines
from editor.theme import THEMES
from engine.motion.house import JOINT
from tests.dances import improvised, shifted, standing


def painted(motion, time_s=0.0, theme=THEMES["dark"], ratio=1.0):
    picture = QImage(round(120 * ratio), round(160 * ratio), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.window))
    painter = QPainter(picture)
    Figure(motion).paint(painter, QRectF(0, 0, 120, 160), time_s, theme, QColor(theme.window))
    painter.end()
    return np.array(picture.constBits()).reshape(picture.height(), picture.width(), 4)[..., 2::-1].astype(int)


def middle_of(picture, hue, tolerance=60):
    far = np.abs(picture - [QColor(hue).red(), QColor(hue).green(), QColor(hue).blue()]).sum(axis=-1)
    return np.argwhere(far < tolerance).mean(axis=0)


def test_a_capsule_holds_both_its_circles():
    ends, radii = np.array([[[0.0, 0.0], [10.0, 0.0]]]), np.array([[3.0, 1.0]])

    outline = capsule_outlines(ends, radii)[0]

    reach = np.minimum(np.hypot(*outline.T), np.hypot(*(outline - [10.0, 0.0]).T) + 2.0)
    np.testing.assert_allclose(reach, 3.0, atol=1e-9)
    assert outline[:, 0].min() == pytest.approx(-3.0, abs=0.2)
    assert outline[:, 0].max() == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_dancers_left_is_on_our_right_in_its_own_colour(theme):
    picture = painted(standing(), theme=theme)

    assert middle_of(picture, theme.left)[1] > middle_of(picture, theme.right)[1]


def test_it_stays_in_the_middle_wherever_the_dance_goes():
    away = np.array([40.0, 0.0, -25.0])

    np.testing.assert_array_equal(painted(standing()), painted(shifted(standing(), away)))


def test_it_stands_in_the_picture_with_head_and_feet():
    picture = painted(standing())
    rows = np.flatnonzero(np.abs(picture - picture[0, 0]).sum(axis=-1).max(axis=1) > 60)

    assert 10 < rows.min() < 60
    assert 140 < rows.max() < 159


def test_a_pose_between_frames_lies_between_them():
    figure = Figure(improvised(40))
    middle = 0.5 * (figure.points_at(10 / 30) + figure.points_at(11 / 30))

    np.testing.assert_allclose(figure.points_at(10.5 / 30), middle, atol=1e-9)


def test_the_steps_between_blocks_of_frames_do_not_show():
    figure = Figure(improvised(300))
    points = np.array([figure.points_at(i / 30)[JOINT["Hips"]] for i in range(120, 140)])

    assert np.abs(np.diff(points, axis=0)).max() < 0.2


def test_it_is_as_large_on_a_screen_of_finer_pixels():
    small, large = painted(standing()), painted(standing(), ratio=2.0)

    np.testing.assert_allclose(small, large[::2, ::2], atol=255)
    assert abs(int(small.mean()) - int(large.mean())) <= 2


def test_a_motion_without_frames_is_refused():
    with pytest.raises(ValueError, match="without frames"):
        Figure(standing(0))

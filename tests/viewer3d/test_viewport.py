"""The viewport on a screen, such as Xvfb's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.motion.house import HOUSE
from tests.golden_pictures import assert_like_golden
from tests.poses import lunge, rest
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.headless import offscreen_context
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of
from viewer3d.viewport import Viewport
from viewer3d.viewport_context import QtOffscreenContext

ROOT = Path(__file__).resolve().parent.parent.parent
SCENE = scene_of([(body_for(HOUSE), lunge(), None)])
CAMERA = Camera(np.array([0.0, 0.9, 0.0]), 5.0, *DIRECTIONS["three-quarter"])

pytestmark = [
    pytest.mark.gl,
    pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") == "offscreen", reason="no screen to open a window on"),
]


@pytest.fixture
def viewport(qtbot):
    made = Viewport()
    qtbot.addWidget(made)
    made.resize(320, 180)
    with qtbot.waitSignal(made.ready):
        made.show()
    return made


def pixels_of(viewport: Viewport) -> np.ndarray:
    image = viewport.grabFramebuffer()
    return np.array(
        [[image.pixelColor(x, y).getRgb()[:3] for x in range(image.width())] for y in range(image.height())]
    )


def test_the_window_shows_what_the_offscreen_renderer_draws(viewport):
    viewport.show_scene(SCENE, CAMERA)
    with OffscreenRenderer(320, 180, samples=0) as renderer:
        expected = renderer.picture(SCENE, CAMERA).astype(int)

    apart = np.abs(pixels_of(viewport) - expected)

    assert apart.mean() < 1.0
    assert (apart.max(axis=-1) > 40).mean() < 0.01


def test_before_the_first_scene_it_is_plainly_dark(viewport):
    assert pixels_of(viewport).max() < 40
    viewport.orbit(1.0, 1.0)
    viewport.pan(1.0, 1.0)
    viewport.reset_view()


def test_what_the_user_turned_stays_while_the_camera_follows(viewport):
    viewport.show_scene(SCENE, CAMERA)
    viewport.orbit(0.5, 0.2)
    viewport.zoom(0.5)
    moved = Camera(CAMERA.target_m + 1.0, 6.0, CAMERA.yaw_rad, CAMERA.pitch_rad)
    viewport.show_scene(SCENE, moved)

    seen = viewport.camera()

    assert seen.yaw_rad == pytest.approx(CAMERA.yaw_rad + 0.5)
    assert seen.pitch_rad == pytest.approx(CAMERA.pitch_rad + 0.2)
    assert seen.distance_m == pytest.approx(3.0)
    np.testing.assert_allclose(seen.target_m, moved.target_m)


def test_the_eye_stays_above_the_floor_and_short_of_the_top(viewport):
    viewport.show_scene(SCENE, CAMERA)

    viewport.orbit(0.0, -9.0)
    assert viewport.camera().pitch_rad == pytest.approx(np.radians(-4.0))
    viewport.orbit(0.0, 9.0)
    assert viewport.camera().pitch_rad == pytest.approx(np.radians(88.0))


def test_resizing_keeps_drawing_from_the_first_picture_on(viewport, qtbot):
    viewport.show_scene(SCENE, CAMERA)
    viewport.resize(200, 260)
    qtbot.waitUntil(lambda: viewport.width() == 200)

    picture = pixels_of(viewport)

    assert picture.shape[:2] == (260, 200)
    assert (picture[..., 2] > picture[..., 0] + 60).sum() > 200


@pytest.mark.usefixtures("qapp")
def test_qt_can_stand_in_where_there_is_no_egl(monkeypatch):
    monkeypatch.setattr("viewer3d.headless._HAS_EGL", False)
    context = offscreen_context()
    assert isinstance(context, QtOffscreenContext)
    context.close()

    with OffscreenRenderer(320, 180) as by_qt:
        assert_like_golden("lunge-three-quarter", by_qt.picture(SCENE, CAMERA))


def test_pictures_are_drawn_offscreen_between_two_pictures_of_a_window(viewport):
    viewport.show_scene(SCENE, CAMERA)
    before = pixels_of(viewport)

    with OffscreenRenderer(320, 180) as renderer:
        assert_like_golden("lunge-three-quarter", renderer.picture(SCENE, CAMERA))
        np.testing.assert_allclose(pixels_of(viewport), before, atol=1)
        assert_like_golden("lunge-three-quarter", renderer.picture(SCENE, CAMERA))

    np.testing.assert_allclose(pixels_of(viewport), before, atol=1)


def test_pictures_are_drawn_in_another_thread_beside_a_window(viewport):
    viewport.show_scene(SCENE, CAMERA)
    drawn = []

    def draw() -> None:
        with OffscreenRenderer(320, 180) as renderer:
            drawn.append(renderer.picture(SCENE, CAMERA))

    worker = threading.Thread(target=draw)
    worker.start()
    before = pixels_of(viewport)
    worker.join(20.0)

    assert_like_golden("lunge-three-quarter", drawn[0])
    np.testing.assert_allclose(pixels_of(viewport), before, atol=1)


def test_many_viewports_may_come_and_go(qtbot):
    for pose in (rest(), lunge(), rest()):
        viewport = Viewport()
        viewport.resize(64, 48)
        viewport.show_scene(scene_of([(body_for(HOUSE), pose, None)]), CAMERA)
        with qtbot.waitSignal(viewport.ready):
            viewport.show()
        assert pixels_of(viewport).max() > 120
        viewport.close()
        viewport.deleteLater()


_SCALED = """
import numpy as np
from PySide6.QtWidgets import QApplication
from tests.viewer3d.test_viewport import CAMERA, SCENE, pixels_of
from viewer3d.viewport import Viewport
application = QApplication([])
viewport = Viewport()
viewport.resize(200, 140)
viewport.show_scene(SCENE, CAMERA)
ready = []
viewport.ready.connect(lambda: ready.append(True))
viewport.show()
while not ready:
    application.processEvents()
picture = pixels_of(viewport)
trunk = (picture.min(axis=-1) > 110) & (np.ptp(picture, axis=-1) < 30)
rows, columns = np.nonzero(trunk)
print(*picture.shape[:2], columns.mean() / picture.shape[1], rows.mean() / picture.shape[0])
"""


@pytest.mark.parametrize("factor", ["1", "1.5", "2"])
def test_a_dense_screen_gets_all_its_pixels(factor):
    ran = subprocess.run(
        [sys.executable, "-c", _SCALED], cwd=ROOT, env={**os.environ, "QT_SCALE_FACTOR": factor},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    height, width, across, down = map(float, ran.stdout.split())
    assert (width, height) == (200 * float(factor), 140 * float(factor))
    assert across == pytest.approx(0.5, abs=0.05)
    assert 0.3 < down < 0.6

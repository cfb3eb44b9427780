from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Pose
from engine.motion.skeleton import Skeleton
from tests.golden_pictures import assert_like_golden
from tests.poses import lunge, rest
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.errors import GraphicsError
from viewer3d.gl_objects import Program
from viewer3d.headless import offscreen_context
from viewer3d.renderer import OffscreenRenderer, figure_box
from viewer3d.scene import Scene, scene_of

pytestmark = pytest.mark.gl

WIDTH, HEIGHT = 320, 180
BODY = body_for(HOUSE)
FRONT = Camera(np.array([0.0, 0.9, 0.0]), 5.0, *DIRECTIONS["front"])
ANGLED = Camera(np.array([0.0, 0.9, 0.0]), 5.0, *DIRECTIONS["three-quarter"])
STAR = Skeleton(
    ("root", "LeftArm", "RightArm", "Spine", "LeftLeg", "RightLeg"), np.array([-1, 0, 0, 0, 0, 0]),
    np.array([[0, 1, 0], [0.6, 0.1, 0], [-0.6, 0.1, 0], [0, 0.6, 0], [0.3, -0.9, 0], [-0.3, -0.9, 0]], dtype=float),
)  # fmt: skip


@pytest.fixture(scope="module")
def renderer():
    with OffscreenRenderer(WIDTH, HEIGHT) as made:
        yield made


def is_blue(picture: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(picture.astype(int), -1, 0)
    return b > r + 60


def is_orange(picture: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(picture.astype(int), -1, 0)
    return r > b + 60


def middle_column(mask: np.ndarray) -> float:
    return float(np.nonzero(mask)[1].mean())


SCENES = {
    "rest-front": (scene_of([(BODY, rest(), None)]), FRONT),
    "lunge-three-quarter": (scene_of([(BODY, lunge(), None)]), ANGLED),
    "leap-side": (scene_of([(BODY, lunge(1.5), None)]), Camera(np.array([0.0, 1.0, 0.0]), 6.5, *DIRECTIONS["side"])),
    "two-dancers": (
        scene_of([(BODY, lunge(), np.array([-0.8, 0, 0])), (BODY, rest(), np.array([0.9, 0, -0.6]))]),
        Camera(np.array([0.0, 0.9, 0.0]), 7.5, -0.5, 0.3),
    ),
    "another-skeleton": (scene_of([(body_for(STAR), Pose(*rest_transforms(STAR)), None)]), ANGLED),
    "empty-stage": (Scene(), ANGLED),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_picture_is_as_it_was(renderer, name):
    assert_like_golden(name, renderer.picture(*SCENES[name]))


def test_left_is_the_blue_side_from_the_front_and_from_behind(renderer):
    scene = SCENES["rest-front"][0]

    front = renderer.picture(scene, FRONT)
    behind = renderer.picture(scene, FRONT.orbited(math.pi, 0.0))

    assert middle_column(is_blue(front)) > WIDTH / 2 + 10
    assert middle_column(is_orange(front)) < WIDTH / 2 - 10
    assert middle_column(is_blue(behind)) < WIDTH / 2 - 10
    assert middle_column(is_orange(behind)) > WIDTH / 2 + 10


def test_left_and_right_show_about_as_much(renderer):
    picture = renderer.picture(*SCENES["rest-front"])

    blue, orange = int(is_blue(picture).sum()), int(is_orange(picture).sum())

    assert blue > 500
    assert 0.8 < blue / orange < 1.25


def test_the_figure_fills_the_pixels_where_its_joints_are(renderer):
    scene, camera = SCENES["lunge-three-quarter"]
    empty, picture = renderer.picture(Scene(), camera).astype(int), renderer.picture(scene, camera).astype(int)

    for name in ("LeftHand", "RightHand", "Spine1", "RightLeg"):
        x, y, _ = camera.project(lunge().positions_m[HOUSE.index(name)], WIDTH, HEIGHT)
        assert np.abs(picture[int(y), int(x)] - empty[int(y), int(x)]).max() > 30, name


def test_a_foot_under_the_floor_is_hidden_by_it(renderer):
    below = scene_of([(BODY, rest(), np.array([0.0, -2.5, 0.0]))])

    np.testing.assert_array_equal(is_blue(renderer.picture(below, ANGLED)).sum(), 0)


def test_from_below_the_floor_the_figure_is_whole(renderer):
    camera = Camera(np.array([0.0, 0.5, 0.0]), 5.0, 0.0, -0.4)

    assert is_blue(renderer.picture(SCENES["rest-front"][0], camera)).sum() > 500


def test_the_shadow_falls_away_from_the_lamp(renderer):
    empty = renderer.picture(Scene(), FRONT).astype(int).sum(axis=-1)
    scene, camera = SCENES["rest-front"]
    darker = empty - renderer.picture(scene, camera).astype(int).sum(axis=-1) > 30

    feet_row = int(camera.project(np.array([0.0, 0.0, 0.0]), WIDTH, HEIGHT)[1])
    floor = darker[feet_row - 14 : feet_row + 4]

    assert np.nonzero(floor)[1].mean() > WIDTH / 2 + 15


def test_edges_are_smoother_with_samples():
    scene, camera = SCENES["rest-front"]
    with OffscreenRenderer(WIDTH, HEIGHT, samples=0) as plain, OffscreenRenderer(WIDTH, HEIGHT, samples=4) as smooth:
        hard, soft = (r.picture(scene, camera).astype(float).sum(axis=-1) for r in (plain, smooth))

    def steps(picture: np.ndarray) -> float:
        return float((np.abs(np.diff(picture, axis=0)) > 180).sum())

    assert steps(soft) < 0.9 * steps(hard)


def test_the_same_scene_gives_the_same_picture(renderer):
    np.testing.assert_array_equal(renderer.picture(*SCENES["two-dancers"]), renderer.picture(*SCENES["two-dancers"]))


def test_pictures_of_two_renderers_do_not_mix(renderer):
    before = renderer.picture(*SCENES["lunge-three-quarter"])
    with OffscreenRenderer(64, 48) as other:
        assert other.picture(*SCENES["empty-stage"]).shape == (48, 64, 3)

    np.testing.assert_array_equal(renderer.picture(*SCENES["lunge-three-quarter"]), before)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (501, 7)])
def test_odd_sizes_are_drawn(size):
    with OffscreenRenderer(*size) as small:
        assert small.picture(*SCENES["rest-front"]).shape == (size[1], size[0], 3)


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(ValueError, match="at least one pixel"):
        OffscreenRenderer(0, 10)


def test_a_closed_renderer_draws_no_more():
    made = OffscreenRenderer(32, 32)
    made.close()
    made.close()

    with pytest.raises(GraphicsError, match="closed"):
        made.picture(*SCENES["rest-front"])


def test_a_wrong_shader_is_named():
    context = offscreen_context()
    context.make_current()
    try:
        with pytest.raises(GraphicsError, match="refused a shader"):
            Program("#version 330 core\nvoid main() { nonsense }", "#version 330 core\nvoid main() {}")
    finally:
        context.close()


def test_the_box_around_the_figures_holds_every_pixel_of_them(renderer):
    for scene, camera in list(SCENES.values())[:4]:
        left, bottom, right, top = figure_box(scene, camera, WIDTH, HEIGHT)
        mask = is_blue(renderer.picture(scene, camera)) | is_orange(renderer.picture(scene, camera))
        rows, columns = np.nonzero(mask)
        assert left <= columns.min() < columns.max() < right
        assert HEIGHT - top <= rows.min() < rows.max() < HEIGHT - bottom


def test_figures_out_of_sight_have_no_box():
    away = Camera(np.array([40.0, 0.9, 0.0]), 5.0)

    assert figure_box(SCENES["rest-front"][0], away, WIDTH, HEIGHT) is None
    assert figure_box(Scene(), FRONT, WIDTH, HEIGHT) is None


def test_an_eye_inside_a_figure_sees_the_whole_box():
    assert figure_box(SCENES["rest-front"][0], Camera(np.array([0.0, 1.0, 0.0]), 0.01), 64, 48) == (0, 0, 64, 48)


_DRAW = """
import sys
import numpy as np
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Pose
from viewer3d.body import body_for
from viewer3d.camera import Camera
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of
with OffscreenRenderer(64, 48) as renderer:
    scene = scene_of([(body_for(HOUSE), Pose(*rest_transforms(HOUSE)), None)])
    picture = renderer.picture(scene, Camera(np.array([0.0, 0.9, 0.0]), 5.0))
assert np.ptp(picture) > 100
assert not [name for name in sys.modules if name.startswith("PySide6")]
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere Qt's offscreen surface stands in")
@pytest.mark.parametrize("screen", [None, ":4711"])
def test_no_screen_is_needed_and_no_qt(screen):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "PYOPENGL_PLATFORM")}
    if screen:
        environment["DISPLAY"] = screen  # one that does not exist
    root = Path(__file__).resolve().parent.parent.parent

    ran = subprocess.run(
        [sys.executable, "-c", _DRAW], cwd=root, env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr

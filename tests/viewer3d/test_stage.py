"""Stage views as pictures: ghosts, trails, marks, mirror, themes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.motion.house import BODY_PARTS, HOUSE, JOINT
from tests.golden_pictures import assert_like_golden
from tests.poses import lunge, rest, swinging
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.renderer import OffscreenRenderer, Renderer, read_pixels
from viewer3d.scene import Scene
from viewer3d.stage_marks import stage_marks
from viewer3d.stage_view import (
    FigureView,
    GhostView,
    Picked,
    StageView,
    TrailView,
    poses_at,
    stage_colours,
)
from viewer3d.staging import staged

pytestmark = pytest.mark.gl

WIDTH, HEIGHT = 320, 180
ANGLED = Camera(np.array([0.0, 0.9, 0.0]), 6.5, *DIRECTIONS["three-quarter"])
ABOVE = Camera(np.array([0.0, 0.0, 2.2]), 14.0, 0.0, math.radians(50.0))
LEFT_M, RIGHT_M = np.array([-1.0, 0.0, 0.0]), np.array([1.0, 0.0, -0.4])
ANA = FigureView("ana", lunge(), offset_m=LEFT_M, is_selected=True)
BEN = FigureView("ben", rest(), offset_m=RIGHT_M)
BARE = StageView(has_marks=False)
LIGHT = stage_colours("#d9dbe0", False, "#5b606b", "#0b63c4", "#0072b2", "#a3477c")


def trail(name: str) -> TrailView:
    motion = swinging(30)
    points = motion.positions_m()[:, JOINT[name]] + np.linspace(0.6, 0.0, 30)[:, np.newaxis] * [1.0, 0.0, 0.0]
    return TrailView(points, np.linalg.norm(np.gradient(points, axis=0), axis=1) * 30.0, name)


TRAILS = tuple(trail(name) for name in ("LeftHand", "RightHand", "LeftFoot", "Hips"))
GHOSTS = (
    GhostView(lunge(), "past", offset_m=np.array([-1.6, 0.0, 0.0])), GhostView(lunge(), "future"),
    GhostView(lunge(), "preview", offset_m=np.array([1.6, 0.0, 0.0])),
)  # fmt: skip
WAY = np.array([[0.1 * i - 1.5, 0.9 + 0.3 * math.sin(0.3 * i)] for i in range(30)])
PICTURES = {
    "stage-ghosts": (replace(BARE, ghosts=GHOSTS), ANGLED),
    "stage-trails": (replace(BARE, figures=(FigureView("a", swinging(30).pose_at(1.0)),), trails=TRAILS), ANGLED),
    "stage-marks": (StageView(), ABOVE),
    "stage-marks-mirrored": (StageView(is_mirrored=True), ABOVE),
    "stage-two-dancers": (StageView((ANA, BEN), path_m=WAY), ANGLED),
    "stage-mirrored": (StageView((ANA, BEN), path_m=WAY, is_mirrored=True), ANGLED),
    "stage-picked": (StageView((ANA, BEN), picked=Picked("ben", "", "left_arm")), ANGLED),
    "stage-light": (StageView((ANA, BEN), GHOSTS[:2], TRAILS, colours=LIGHT), ANGLED),
}


@pytest.fixture(scope="module")
def renderer():
    with OffscreenRenderer(WIDTH, HEIGHT) as made:
        yield made


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_as_it_was(renderer, name):
    view, camera = PICTURES[name]

    assert_like_golden(name, renderer.picture(staged(view), camera))


def seen(renderer: OffscreenRenderer, view: StageView, camera: Camera = ANGLED) -> np.ndarray:
    return renderer.picture(staged(view), camera).astype(int)


def test_past_and_future_differ_in_grey_too(renderer):
    past, future = (seen(renderer, replace(BARE, ghosts=(GhostView(lunge(), kind),))) for kind in ("past", "future"))
    greys = [picture.mean(axis=-1) for picture in (past, future)]

    assert (np.abs(greys[0] - greys[1]) > 12).sum() > 300


def test_a_ghost_lets_the_dancer_behind_it_be_seen_and_casts_no_shadow(renderer):
    view = replace(BARE, figures=(FigureView("a", rest()),))
    alone = seen(renderer, view)
    covered = seen(renderer, replace(view, ghosts=(GhostView(rest(), offset_m=np.array([0.2, 0.0, 0.6])),)))
    apart = np.abs(alone - covered).max(axis=-1)

    assert (apart > 10).sum() > 500
    is_orange = alone[..., 0] > alone[..., 2] + 60
    assert (covered[..., 0] > covered[..., 2] + 20)[is_orange].mean() > 0.6


def test_a_ghost_of_no_alpha_is_not_there(renderer):
    np.testing.assert_array_equal(
        seen(renderer, BARE), seen(renderer, replace(BARE, ghosts=(GhostView(lunge(), alpha=0.0),)))
    )


def test_the_mirror_exchanges_left_and_right(renderer):
    front = Camera(np.array([0.0, 0.9, 0.0]), 5.0, *DIRECTIONS["front"])
    view = replace(BARE, figures=(FigureView("a", rest(), offset_m=np.array([0.5, 0.0, 0.0])),))

    def middle_of_blue(picture: np.ndarray) -> float:
        return float(np.nonzero(picture[..., 2] > picture[..., 0] + 60)[1].mean())

    plain, mirrored = seen(renderer, view, front), seen(renderer, replace(view, is_mirrored=True), front)

    assert middle_of_blue(plain) == pytest.approx(WIDTH - middle_of_blue(mirrored), abs=2.0)


def test_words_on_a_mirrored_floor_stay_readable(renderer):
    def letters(is_mirrored: bool) -> np.ndarray:
        view = StageView(is_mirrored=is_mirrored)
        return (seen(renderer, view, ABOVE) - seen(renderer, replace(view, has_marks=False), ABOVE)).mean(axis=-1)

    x, y, _ = ABOVE.project(np.array([0.0, 0.0, 4.92]), WIDTH, HEIGHT)
    word = (slice(int(y) - 6, int(y) + 7), slice(int(x) - 26, int(x) + 27))
    plain, mirrored = letters(False)[word], letters(True)[word]

    assert plain.max() > 30
    assert np.abs(plain - mirrored).mean() < 0.5 * np.abs(plain - mirrored[:, ::-1]).mean()


def test_grey_parts_are_tinted_and_limbs_are_not():
    scene = staged(StageView((ANA, BEN)))

    assert scene.figures[0].tint == (1.0, 1.0, 1.0)
    assert scene.figures[1].tint != scene.figures[0].tint


def test_what_is_picked_glows_more_than_what_the_mouse_is_over():
    view = StageView((ANA, BEN), picked=Picked("ana", "LeftHand", "left_arm"))

    ana, ben = staged(view, hovered=Picked("ben", "", "right_leg")).figures

    assert np.flatnonzero(ana.glow).tolist() == [HOUSE.index("LeftHand")]
    assert np.flatnonzero(ben.glow).tolist() == list(BODY_PARTS["right_leg"])
    assert ana.glow.max() > ben.glow.max()


def test_the_right_trail_is_dashed_and_both_end_where_the_joint_is():
    left, right = (staged(replace(BARE, trails=(trail(f"{side}Hand"),))).trails for side in ("Left", "Right"))

    assert len(left.vertices) == len(right.vertices)
    assert len(right.triangles) < 0.8 * len(left.triangles)
    np.testing.assert_allclose(left.vertices[-1, :3], trail("LeftHand").points_m[-1], atol=1e-6)


def test_the_stage_frame_is_made_once_for_a_colour():
    assert stage_marks("#9a9da6") is stage_marks("#9a9da6")
    assert staged(StageView()).frame is staged(StageView()).frame


def test_poses_of_many_dancers_are_those_of_each():
    motions = [swinging(60), swinging(30), swinging(1)]
    times_s = [0.513, 99.0, -1.0]

    for pose, motion, time_s in zip(poses_at(motions, times_s), motions, times_s, strict=True):
        alone = motion.pose_at(time_s)
        np.testing.assert_allclose(pose.positions_m, alone.positions_m, atol=1e-12)
        np.testing.assert_allclose(np.abs(np.sum(pose.rotations * alone.rotations, axis=-1)), 1.0, atol=1e-12)
    assert poses_at([], []) == []


def test_a_kept_stage_gives_the_picture_that_is_drawn_anew(renderer):
    scenes = [staged(StageView((replace(ANA, offset_m=np.array([x, 0.0, 0.3])), BEN))) for x in (-1.0, -0.5, 0.0)]
    expected = [renderer.picture(scene, ANGLED).astype(int) for scene in scenes]
    keeping = Renderer(keeps_stage=True)

    for scene, wanted in zip([*scenes, Scene(frame=scenes[0].frame)], [*expected, None], strict=True):
        keeping.draw(scene, ANGLED, WIDTH, HEIGHT, renderer._picture)
        drawn = read_pixels(renderer._picture, WIDTH, HEIGHT).astype(int)
        wanted = seen(renderer, StageView()) if wanted is None else wanted
        assert np.abs(drawn - wanted).max() <= 2
    keeping.close()


def test_far_figures_are_drawn_with_fewer_triangles_and_look_alike():
    far = replace(ANGLED, distance_m=16.0)
    with OffscreenRenderer(1280, 720) as large, OffscreenRenderer(320, 180) as small:
        fine = large.picture(staged(StageView((ANA, BEN))), far).astype(float)
        coarse = small.picture(staged(StageView((ANA, BEN))), far).astype(float)

    averaged = fine.reshape(180, 4, 320, 4, 3).mean(axis=(1, 3))
    assert np.abs(averaged - coarse).mean() < 2.0

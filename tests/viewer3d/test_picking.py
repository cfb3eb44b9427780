"""What lies under the mouse, found without a screen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.house import BODY_PARTS, HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Pose
from engine.motion.skeleton import Skeleton
from tests.poses import lunge, rest
from viewer3d.camera import Camera
from viewer3d.picking import floor_point, part_of, part_words, pick
from viewer3d.stage_view import FigureView

WIDTH, HEIGHT = 640.0, 360.0
CAMERA = Camera(np.array([0.0, 0.9, 0.0]), 5.0, 0.3, 0.15)
ANA = FigureView("ana", lunge(), offset_m=np.array([-0.8, 0.0, 0.0]))
BEN = FigureView("ben", rest(), offset_m=np.array([0.9, 0.0, -0.6]))


def hit_at(figures, point_m):
    x, y, _ = CAMERA.project(np.asarray(point_m), WIDTH, HEIGHT)
    return pick(figures, *CAMERA.ray(x, y, WIDTH, HEIGHT))


@pytest.mark.parametrize(
    ("joint", "part"),
    [("LeftHand", "left_arm"), ("RightForeArm", "right_arm"), ("LeftLeg", "left_leg"), ("RightFoot", "right_leg"),
     ("Head", "spine"), ("Hips", "hips")],
)  # fmt: skip
def test_a_click_on_a_joint_picks_it_and_its_part(joint, part):
    at = ANA.pose.positions_m[HOUSE.index(joint)] + ANA.offset_m
    if joint == "Head":
        at = at + np.array([0.0, 0.08, 0.0])

    hit = hit_at([ANA, BEN], at)

    assert (hit.figure_id, hit.joint_name, hit.part_name) == ("ana", joint, part)


def test_the_nearer_dancer_is_picked():
    behind = FigureView("behind", rest(), offset_m=np.array([0.0, 0.0, -2.0]))
    before = FigureView("before", rest(), offset_m=np.array([0.0, 0.0, 0.5]))
    at = Camera(np.array([0.0, 1.2, 0.0]), 6.0).ray(0.5 * WIDTH, 0.5 * HEIGHT, WIDTH, HEIGHT)

    assert pick([behind, before], *at).figure_id == "before"
    assert pick([before, behind], *at).figure_id == "before"


def test_beside_everybody_there_is_nothing():
    assert pick([ANA, BEN], *CAMERA.ray(5.0, 5.0, WIDTH, HEIGHT)) is None
    assert pick([], *CAMERA.ray(320.0, 180.0, WIDTH, HEIGHT)) is None


def test_what_is_behind_the_eye_is_not_picked():
    eye, direction = CAMERA.ray(320.0, 180.0, WIDTH, HEIGHT)

    assert pick([FigureView("a", rest())], eye, -direction) is None


def test_the_distance_is_that_of_the_skin():
    camera = Camera(np.array([0.0, 1.2, 0.0]), 6.0)

    hit = pick([FigureView("a", rest())], *camera.ray(0.5 * WIDTH, 0.5 * HEIGHT, WIDTH, HEIGHT))

    assert hit.distance_m == pytest.approx(6.0 - 0.13, abs=0.05)


def test_another_skeleton_is_picked_by_its_joints():
    arm = Skeleton(("a", "b"), np.array([-1, 0]), np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    figure = FigureView("arm", Pose(*rest_transforms(arm)), skeleton=arm)

    hit = hit_at([figure], [0.3, 1.0, 0.0])

    assert (hit.joint_name, hit.part_name) == ("a", "")


def test_every_joint_has_a_part_and_every_part_a_name_for_people():
    assert {part_of(name) for name in HOUSE.names} == set(BODY_PARTS)
    assert part_words("left_arm") == "left arm"
    assert part_words("tail") == "tail"


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_the_floor_under_a_pixel_is_where_that_floor_is_seen(x_m, z_m):
    x, y, _ = CAMERA.project(np.array([x_m, 0.0, z_m]), WIDTH, HEIGHT)

    assert floor_point(CAMERA, x, y, WIDTH, HEIGHT) == pytest.approx((x_m, z_m), abs=1e-9)


def test_there_is_no_floor_in_the_sky_nor_beyond_sight():
    assert floor_point(CAMERA, 320.0, -400.0, WIDTH, HEIGHT) is None
    assert floor_point(Camera(np.array([0.0, 0.9, 0.0]), 5.0), 320.0, 181.0, WIDTH, HEIGHT) is None
    assert floor_point(Camera(np.array([0.0, -2.0, 0.0]), 5.0), 320.0, 300.0, WIDTH, HEIGHT) is None

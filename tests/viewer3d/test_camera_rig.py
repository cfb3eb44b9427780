from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from viewer3d.camera import VIEWS, Camera, between
from viewer3d.camera_rig import TRANSITION_S, CameraRig
from viewer3d.view_cube import faces, view_at

SHOT = Camera(np.array([1.0, 0.9, 0.0]), 5.0, 0.4, 0.1)


@pytest.mark.parametrize("name", VIEWS)
def test_a_preset_turns_the_camera_and_leaves_what_it_looks_at(name):
    rig = CameraRig()
    rig.set(SHOT)

    seen = rig.looked_from(name)

    assert (seen.yaw_rad, seen.pitch_rad) == VIEWS[name]
    np.testing.assert_array_equal(seen.target_m, SHOT.target_m)
    assert seen.distance_m == SHOT.distance_m


def test_from_the_left_the_dancers_left_side_is_nearer():
    rig = CameraRig()

    assert rig.looked_from("left").eye_m()[0] > 1.0
    assert rig.looked_from("right").eye_m()[0] < -1.0
    assert rig.looked_from("back").eye_m()[2] < -1.0
    assert rig.looked_from("top").eye_m()[1] > 5.0


def test_a_transition_begins_here_and_ends_there():
    rig = CameraRig()
    rig.set(SHOT)
    there = replace(SHOT, yaw_rad=1.0, distance_m=9.0)
    rig.set(there, now_s=10.0)

    assert rig.camera(10.0).yaw_rad == pytest.approx(SHOT.yaw_rad)
    assert SHOT.yaw_rad < rig.camera(10.0 + 0.5 * TRANSITION_S).yaw_rad < 1.0
    assert rig.is_moving(10.0 + 0.5 * TRANSITION_S)
    assert rig.camera(10.0 + TRANSITION_S).distance_m == pytest.approx(9.0)
    assert not rig.is_moving(10.0 + 1.01 * TRANSITION_S)


def test_halfway_between_two_cameras_is_the_shorter_way_round():
    half = between(replace(SHOT, yaw_rad=3.0), replace(SHOT, yaw_rad=-3.0), 0.5)

    assert abs(math.remainder(half.yaw_rad - math.pi, math.tau)) < 1e-9


def test_the_free_camera_goes_with_the_dancer_and_stays_where_following_ends():
    rig = CameraRig()
    rig.set(SHOT)
    rig.follow(np.array([0.0, 0.9, 0.0]), 0.0)
    rig.follow(np.array([0.5, 1.3, 0.2]), 100.0)

    np.testing.assert_allclose(rig.camera(math.inf).target_m, SHOT.target_m + np.array([0.5, 0.0, 0.2]), atol=1e-9)
    rig.follow(None, 101.0)
    np.testing.assert_allclose(rig.camera(math.inf).target_m, SHOT.target_m + np.array([0.5, 0.0, 0.2]), atol=1e-9)


def test_following_lags_a_little_and_jumps_with_the_playhead():
    rig = CameraRig()
    rig.set(SHOT)
    rig.follow(np.zeros(3), 0.0)
    rig.follow(np.array([0.3, 0.0, 0.0]), 0.02)
    assert 0.0 < rig.camera(math.inf).target_m[0] - SHOT.target_m[0] < 0.1

    rig.follow(np.array([4.0, 0.0, 0.0]), 0.04)
    assert rig.camera(math.inf).target_m[0] - SHOT.target_m[0] == pytest.approx(4.0)


def test_a_free_camera_that_is_set_while_following_is_where_it_was_put():
    rig = CameraRig()
    rig.follow(np.zeros(3), 0.0)
    rig.follow(np.array([3.0, 0.0, 0.0]), 1.0)
    rig.set(SHOT)

    np.testing.assert_allclose(rig.camera(math.inf).target_m, SHOT.target_m)


def test_back_to_the_shot_what_the_user_did_is_gone():
    rig = CameraRig()
    rig.give(SHOT)
    rig.orbit(0.5, 0.1)
    rig.set(rig.looked_from("front"))
    rig.to_given()

    assert rig.camera(math.inf).yaw_rad == pytest.approx(SHOT.yaw_rad)
    CameraRig().to_given()  # without a shot there is nothing to go back to


def test_the_cube_shows_the_side_that_is_looked_at():
    for name in VIEWS:
        rig = CameraRig()
        camera = rig.looked_from(name)
        nearest = faces(camera)[-1].view
        assert VIEWS[nearest] == VIEWS[name]
        assert VIEWS[view_at(camera, 0.0, 0.0)] == VIEWS[name]


def test_beside_the_cube_there_is_no_face_and_below_it_none_to_be_seen():
    assert view_at(SHOT, 0.99, 0.99) is None
    assert {face.view for face in faces(SHOT)} <= {"front", "back", "left", "right", "top"}


def test_a_mirrored_cube_has_its_sides_exchanged_and_its_words_readable():
    camera = Camera(np.zeros(3), 5.0, math.radians(40.0), 0.3)
    plain, mirrored = ({f.view: f for f in faces(camera, is_mirrored=m)} for m in (False, True))

    assert plain["left"].corners[:, 0].mean() > 0.0 > mirrored["left"].corners[:, 0].mean()
    for face in (*plain.values(), *mirrored.values()):
        assert face.corners[1, 0] > face.corners[0, 0]  # a word runs from left to right


def test_the_camera_settles_on_a_dancer_who_has_stopped():
    rig = CameraRig()
    rig.follow(np.zeros(3), 0.0)
    rig.follow(np.array([0.3, 0.0, 0.0]), 0.02)
    start_m = rig.camera(math.inf).target_m

    times_s = np.arange(0.04, 4.0, 0.02)
    moved = [rig.catch_up(float(t)) for t in times_s]

    assert moved[0]
    assert not moved[-1]
    assert np.isclose(rig.camera(math.inf).target_m[0] - start_m[0], 0.3, atol=0.03)


def test_a_camera_that_is_held_does_not_make_up_for_it_at_once():
    rig = CameraRig()
    rig.follow(np.zeros(3), 0.0)
    rig.follow(np.array([0.3, 0.0, 0.0]), 0.02)
    held_m = rig.camera(math.inf).target_m

    rig.hold(5.0)
    rig.catch_up(5.02)

    assert np.linalg.norm(rig.camera(math.inf).target_m - held_m) < 0.03

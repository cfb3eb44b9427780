from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer3d.camera import DIRECTIONS, Camera, distances_to_hold, framed

WIDTH, HEIGHT = 640, 360
FRONT = Camera(np.array([0.0, 1.0, 0.0]), 4.0)

angles = st.floats(-3.0, 3.0)
pitches = st.floats(-1.4, 1.4)
places = st.tuples(*[st.floats(-2.0, 2.0)] * 3).map(np.array)
cameras = st.builds(Camera, places, st.floats(2.0, 10.0), angles, pitches, st.floats(0.2, 1.2))


def test_a_camera_of_yaw_0_looks_at_the_face_of_a_dancer_facing_z():
    np.testing.assert_allclose(FRONT.eye_m(), [0.0, 1.0, 4.0])


def test_the_dancers_left_is_at_the_right_of_the_picture_from_the_front():
    x, _, _ = FRONT.project(np.array([0.5, 1.0, 0.0]), WIDTH, HEIGHT)

    assert x > WIDTH / 2


def test_a_point_above_the_target_stands_where_trigonometry_puts_it():
    x, y, depth = FRONT.project(np.array([0.0, 1.5, 0.0]), WIDTH, HEIGHT)

    expected = HEIGHT / 2 * (1.0 - 0.5 / 4.0 / math.tan(FRONT.field_of_view_rad / 2))
    np.testing.assert_allclose([x, y, depth], [WIDTH / 2, expected, 4.0])


def test_the_edge_of_the_field_of_view_is_the_edge_of_the_picture():
    half = 4.0 * math.tan(FRONT.field_of_view_rad / 2)

    corners = FRONT.project(np.array([[0.0, 1.0 + half, 0.0], [half * 16 / 9, 1.0, 0.0]]), WIDTH, HEIGHT)

    np.testing.assert_allclose(corners[:, :2], [[WIDTH / 2, 0.0], [WIDTH, HEIGHT / 2]], atol=1e-9)


@given(cameras)
def test_axes_are_a_rotation(camera):
    axes = camera.axes()

    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)


@given(cameras, places)
def test_matrices_and_pixels_agree(camera, point):
    matrix = camera.projection_matrix(WIDTH / HEIGHT) @ camera.view_matrix()
    x, y, depth = camera.project(point, WIDTH, HEIGHT)

    clip = matrix @ [*point, 1.0]

    if depth > 0.05:
        np.testing.assert_allclose(clip[3], depth, rtol=1e-9)
        np.testing.assert_allclose((clip[0] / clip[3] + 1) * WIDTH / 2, x, rtol=1e-6, atol=1e-4)
        np.testing.assert_allclose((1 - clip[1] / clip[3]) * HEIGHT / 2, y, rtol=1e-6, atol=1e-4)


@given(cameras, angles, pitches)
def test_orbiting_keeps_target_and_distance(camera, yaw, pitch):
    turned = camera.orbited(yaw, pitch)

    np.testing.assert_allclose(turned.target_m, camera.target_m)
    assert np.linalg.norm(turned.eye_m() - camera.target_m) == pytest.approx(camera.distance_m)


def test_orbiting_stops_short_of_straight_down():
    assert FRONT.orbited(0.0, 5.0).pitch_rad == pytest.approx(math.radians(89))


@given(cameras, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_panning_keeps_the_point_under_the_mouse(camera, right, up):
    before = camera.project(camera.target_m, WIDTH, HEIGHT)

    after = camera.panned(-right, -up).project(camera.target_m, WIDTH, HEIGHT)

    np.testing.assert_allclose(after[:2] - before[:2], [right * HEIGHT, -up * HEIGHT], atol=1e-6)


def test_dollying_stays_within_sensible_distances():
    assert FRONT.dollied(0.5).distance_m == 2.0
    assert FRONT.dollied(1e-6).distance_m == 0.4
    assert FRONT.dollied(1e6).distance_m == 120.0


def test_a_framed_sphere_touches_upper_and_lower_edge():
    camera = framed(np.array([[1.0, 2.0, 3.0]]), 0.5, 16 / 9, FRONT, 0.0)

    np.testing.assert_allclose(camera.target_m, [1.0, 2.0, 3.0], atol=1e-12)
    assert camera.distance_m == pytest.approx(0.5 / math.sin(FRONT.field_of_view_rad / 2))


def test_a_wide_row_is_framed_by_its_width():
    points = np.array([[-3.0, 1.0, 0.0], [3.0, 1.0, 0.0]])

    pixels = framed(points, 0.0, 16 / 9, FRONT, 0.1).project(points, WIDTH, HEIGHT)

    np.testing.assert_allclose(pixels[:, 0], [0.1 * WIDTH, 0.9 * WIDTH], atol=1e-6)


clouds = st.lists(places, min_size=1, max_size=12).map(np.array)


@given(clouds, angles, pitches, st.floats(0.4, 3.0), st.floats(0.0, 0.3))
def test_framing_holds_every_point_and_no_more_room_than_needed(points, yaw, pitch, aspect, margin):
    view = Camera(np.zeros(3), 1.0, yaw, pitch)

    camera = framed(points, 0.1, aspect, view, margin)

    held = distances_to_hold(points - camera.target_m, 0.1, aspect, view, margin)
    assert held == pytest.approx(camera.distance_m, rel=1e-6)
    height, width = 1.0, aspect
    pixels = camera.project(points, width, height)
    assert np.all(pixels[:, :2] >= margin * np.array([width, height]) - 1e-9)
    assert np.all(pixels[:, :2] <= (1 - margin) * np.array([width, height]) + 1e-9)


def test_every_direction_has_a_level_enough_horizon():
    assert all(0 < pitch < math.radians(20) for _, pitch in DIRECTIONS.values())

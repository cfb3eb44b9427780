"""Angles of joints: what they turn to, that they never jump, and what is drawn between their keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.between import PARTS
from engine.formats.fbx.between import refined, swings
from engine.formats.fbx.curves import euler_deg
from engine.motion import quaternion, rotations

orders = st.sampled_from(["ZYX", "YZX"])
ways = st.tuples(st.integers(0, 2**32 - 1), st.floats(0.01, 2.5), st.integers(2, 60))


def turning(seed: int, step_rad: float, n: int) -> np.ndarray:
    """A joint that wanders about, [n, 4], with signs that jump."""
    rng = np.random.default_rng(seed)
    steps = quaternion.from_rotation_vector(rng.normal(size=(n, 3)) * step_rad / 2)
    q = [quaternion.normalize(rng.normal(size=4))]
    for step in steps[1:]:
        q.append(quaternion.multiply(step, q[-1]))
    return np.array(q) * rng.choice([-1.0, 1.0], size=(n, 1))


def turned(degrees: np.ndarray, order: str = "ZYX") -> np.ndarray:
    return rotations.quaternion_from_euler(np.radians(degrees[..., ["XYZ".index(axis) for axis in order]]), order)


@given(ways, orders)
def test_angles_are_the_rotations_that_they_came_from(way, order):
    q = turning(*way)

    apart = quaternion.angle_between(turned(euler_deg(q, order), order), q)

    assert np.degrees(apart.max()) < 1e-5


@given(ways, orders)
def test_every_key_takes_the_nearest_of_all_spellings(way, order):
    degrees = euler_deg(turning(*way), order)

    before, after = degrees[:-1], degrees[1:]
    middle = "XYZ".index(order[1])
    other = after + 180.0
    other[:, middle] = 180.0 - after[:, middle]
    for spelling in (after, other):
        nearest = spelling - 360.0 * np.round((spelling - before) / 360.0)
        assert np.all(np.abs(after - before).sum(-1) <= np.abs(nearest - before).sum(-1) + 1e-6)


def test_facing_backwards_is_a_turn_about_y_alone():
    half_turn = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians([180.0, 170.0]))

    np.testing.assert_allclose(euler_deg(half_turn), [[0, 180, 0], [0, 170, 0]], atol=1e-9)


@given(ways)
def test_no_gap_between_keys_swings_off_the_shortest_turn(way):
    q = turning(*way)

    parts, degrees = refined(q)

    frames = np.arange(0, len(q) - 1, 1 / 16)
    first = frames.astype(int)
    wanted = quaternion.slerp(q[first], q[first + 1], frames - first)
    drawn = np.stack([np.interp(frames, parts / PARTS, degrees[:, axis]) for axis in range(3)], axis=-1)
    assert np.degrees(quaternion.angle_between(turned(drawn), wanted).max()) < 1.5
    assert set(range(0, PARTS * len(q), PARTS)) <= set(parts.tolist())


@pytest.mark.parametrize("aside_deg", [0.0, 0.01, 0.5, 3.0])
def test_a_way_past_the_pole_is_followed_to_a_degree(aside_deg):
    over = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(np.arange(60.0, 121.0, 12.0)))
    q = quaternion.multiply(quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.radians(aside_deg)), over)
    q = quaternion.multiply(q, quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.radians(aside_deg)))

    _, degrees = refined(q)

    keys = turned(degrees)
    assert not swings(degrees, keys).any()


def test_a_turn_of_more_than_a_right_angle_in_a_frame_is_even_where_quaternions_are_drawn_in_straight_lines():
    q = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(np.arange(0.0, 1200.0, 120.0)))

    parts, degrees = refined(q)

    keys = quaternion.unroll(turned(degrees))
    frames = np.arange(0, len(q) - 1, 1 / 16)
    drawn = np.stack([np.interp(frames, parts / PARTS, keys[:, i]) for i in range(4)], axis=-1)
    wanted = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(120.0 * frames))
    assert np.degrees(quaternion.angle_between(quaternion.normalize(drawn), wanted).max()) < 1.0


def test_slow_joints_have_keys_on_frames_alone():
    q = quaternion.from_rotation_vector(0.03 * np.sin(np.arange(50)[:, np.newaxis] * [0.1, 0.2, 0.3]))

    parts, _ = refined(q)

    assert np.array_equal(parts, PARTS * np.arange(50))

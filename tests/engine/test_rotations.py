import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from engine.motion import quaternion
from engine.motion import rotations as spelling
from tests.strategies import angles_rad, rotations

ORDERS = ["".join(letters) for letters in itertools.permutations("XYZ")]
orders = st.sampled_from(ORDERS)
RIGHT_ANGLE = np.pi / 2


def difference_rad(a, b):
    return float(np.max(quaternion.angle_between(np.asarray(a, dtype=float), np.asarray(b, dtype=float))))


@given(rotations)
def test_matrices_are_those_of_scipy_and_come_back(q):
    m = spelling.matrix_from_quaternion(q)

    np.testing.assert_allclose(m, Rotation.from_quat(np.roll(q, -1)).as_matrix(), atol=1e-12)
    assert difference_rad(spelling.quaternion_from_matrix(m), q) < 1e-7


@pytest.mark.parametrize("axis", np.eye(3))
def test_half_turns_survive_the_matrix(axis):
    q = quaternion.from_axis_angle(axis, np.pi)

    assert difference_rad(spelling.quaternion_from_matrix(spelling.matrix_from_quaternion(q)), q) < 1e-12


@given(rotations)
def test_six_numbers_hold_a_rotation(q):
    assert difference_rad(spelling.quaternion_from_six_d(spelling.six_d_from_quaternion(q)), q) < 1e-7


@given(rotations, st.floats(0.01, 100.0), st.floats(0.01, 100.0), st.floats(-5.0, 5.0))
def test_six_numbers_may_be_long_and_askew(q, scale_a, scale_b, lean):
    six = spelling.six_d_from_quaternion(q)
    askew = np.concatenate([scale_a * six[:3], scale_b * six[3:] + lean * six[:3]])

    assert difference_rad(spelling.quaternion_from_six_d(askew), q) < 1e-6


@given(arrays(float, (3, 6), elements=st.floats(-1e6, 1e6)))
@example(np.zeros((3, 6)))
@example(np.tile([0.0, 1.0, 0.0], (3, 2)))
@example(np.tile([1.0, 2.0, 3.0, -2.0, -4.0, -6.0], (3, 1)))
@example(np.tile([1e-300, 0.0, 0.0, 0.0, 1e-300, 0.0], (3, 1)))
def test_any_six_numbers_give_a_rotation(six):
    q = spelling.quaternion_from_six_d(six)

    np.testing.assert_allclose(np.linalg.norm(q, axis=-1), 1.0, atol=1e-9)


@given(st.tuples(angles_rad, angles_rad, angles_rad), orders)
def test_euler_angles_turn_as_scipy_says(angles, order):
    q = spelling.quaternion_from_euler(np.array(angles), order)

    expected = np.roll(Rotation.from_euler(order, angles).as_quat(), 1)
    assert difference_rad(q, expected) < 1e-7


@pytest.mark.parametrize("order", ["", "X", "ZY", "XX", "XYX", "ZXYZ"])
def test_any_number_of_angles_makes_a_rotation(order):
    angles = np.linspace(0.3, 1.7, len(order))

    q = spelling.quaternion_from_euler(np.tile(angles, (2, 1)), order)

    expected = np.eye(3)
    for letter, angle in zip(order, angles, strict=True):
        expected = expected @ Rotation.from_euler(letter, angle).as_matrix()
    np.testing.assert_allclose(spelling.matrix_from_quaternion(q[1]), expected, atol=1e-12)


@given(rotations, orders, st.sampled_from([np.float32, np.float64]), st.sampled_from([1.0, -1.0]))
def test_euler_angles_give_the_rotation_back_in_every_order(q, order, dtype, sign):
    angles = spelling.euler_from_quaternion((sign * q).astype(dtype), order)

    limits = np.array([np.pi, RIGHT_ANGLE, np.pi]) + 1e-12
    assert np.all(np.abs(angles) <= limits)
    assert difference_rad(spelling.quaternion_from_euler(angles, order), q) < 3e-7


@given(angles_rad, angles_rad, orders, st.sampled_from([-1.0, 1.0]), st.sampled_from([0.0, 1e-12, 1e-8, 1e-6, 1e-4]))
def test_nothing_is_lost_at_gimbal_lock(first, third, order, side, away_rad):
    q = spelling.quaternion_from_euler(np.array([first, side * (RIGHT_ANGLE - away_rad), third]), order)

    for dtype in (np.float32, np.float64):
        angles = spelling.euler_from_quaternion(q.astype(dtype), order)
        assert difference_rad(spelling.quaternion_from_euler(angles, order), q) < 5e-7


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_the_third_angle_is_zero_at_gimbal_lock(order, side):
    q = spelling.quaternion_from_euler(np.array([0.4, side * RIGHT_ANGLE, 0.3]), order)

    assert spelling.euler_from_quaternion(q, order)[2] == 0.0


@pytest.mark.parametrize("order", ["XY", "XYX", "xyz", "XYZX"])
def test_an_order_that_is_no_permutation_is_refused(order):
    with pytest.raises(ValueError, match="once each"):
        spelling.euler_from_quaternion(quaternion.IDENTITY, order)


def nearest_spelling_frame_by_frame(q, order):
    """The law of `unrolled_euler` word for word: each frame takes what is nearest to the frame before."""
    angles = spelling.euler_from_quaternion(q, order)
    for t in range(1, len(angles)):
        same, other = angles[t], angles[t] * [1.0, -1.0, 1.0] + np.pi
        same = same + 2 * np.pi * np.round((angles[t - 1] - same) / (2 * np.pi))
        other = other + 2 * np.pi * np.round((angles[t - 1] - other) / (2 * np.pi))
        nearer = np.abs(other - angles[t - 1]).sum(-1) < np.abs(same - angles[t - 1]).sum(-1)
        angles[t] = np.where(nearer[..., np.newaxis], other, same)
    return angles


@given(st.integers(0, 2**32 - 1), orders, st.sampled_from([0.02, 0.3, 3.0]))
def test_unrolled_angles_follow_their_law_frame_by_frame(seed, order, pace):
    # Steps from a seed: drawn ones like to tie, and a tie may go either way.
    steps = np.random.default_rng(seed).normal(size=(40, 3, 3)) * pace
    q = np.empty((40, 3, 4))
    q[0] = quaternion.from_rotation_vector(steps[0])
    for t in range(1, 40):
        q[t] = quaternion.multiply(q[t - 1], quaternion.from_rotation_vector(steps[t]))

    angles = spelling.unrolled_euler(q, order)

    np.testing.assert_allclose(angles, nearest_spelling_frame_by_frame(q, order), atol=1e-9)


@given(arrays(float, (12, 4), elements=st.floats(-1.0, 1.0)), orders)
def test_unrolled_angles_are_the_same_rotations(q, order):
    q = quaternion.normalize(q)

    angles = spelling.unrolled_euler(q, order)

    assert difference_rad(spelling.quaternion_from_euler(angles, order), q) < 1e-6


@pytest.mark.parametrize("order", ORDERS)
def test_three_whole_turns_unroll_to_a_straight_line(order):
    middle = "XYZ".index(order[1])
    turn = np.linspace(0.0, 6.0 * np.pi, 200)

    angles = spelling.unrolled_euler(quaternion.from_axis_angle(np.eye(3)[middle], turn), order)

    np.testing.assert_allclose(angles[:, 1], turn, atol=1e-6)


@pytest.mark.parametrize("n_frames", [0, 1])
def test_unrolling_needs_no_second_frame(n_frames):
    assert spelling.unrolled_euler(np.tile(quaternion.IDENTITY, (n_frames, 2, 1)), "ZXY").shape == (n_frames, 2, 3)

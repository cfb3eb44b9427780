import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from engine.motion import quaternion
from tests.strategies import directions, rotations, vectors

X, Y, Z = np.eye(3)


def same_rotation(a, b, atol_rad=1e-7):
    return bool(np.all(quaternion.angle_between(a, b) <= atol_rad))


def scipy_rotation(q):
    return Rotation.from_quat(np.roll(q, -1))


def test_a_quarter_turn_about_y_takes_z_to_x():
    q = quaternion.from_axis_angle(Y, np.pi / 2)

    np.testing.assert_allclose(quaternion.rotate(q, Z), X, atol=1e-15)


@given(rotations, rotations, vectors)
def test_a_product_turns_by_its_second_factor_first(a, b, v):
    turned = quaternion.rotate(quaternion.multiply(a, b), v)

    np.testing.assert_allclose(turned, quaternion.rotate(a, quaternion.rotate(b, v)), atol=1e-12)


@given(rotations, rotations, vectors)
def test_products_and_turned_vectors_are_those_of_scipy(a, b, v):
    product = np.roll((scipy_rotation(a) * scipy_rotation(b)).as_quat(), 1)

    assert same_rotation(quaternion.multiply(a, b), product)
    np.testing.assert_allclose(quaternion.rotate(a, v), scipy_rotation(a).apply(v), atol=1e-12)


@given(rotations, vectors)
def test_the_conjugate_turns_back(q, v):
    back = quaternion.rotate(quaternion.conjugate(q), quaternion.rotate(q, v))

    np.testing.assert_allclose(back, v, atol=1e-12)


@given(rotations, vectors)
def test_turning_keeps_lengths(q, v):
    np.testing.assert_allclose(np.linalg.norm(quaternion.rotate(q, v)), np.linalg.norm(v), atol=1e-12)


def test_normalizing_zero_gives_the_identity():
    q = quaternion.normalize(np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0]]))

    np.testing.assert_array_equal(q, [[1, 0, 0, 0], [0, 0, 0.6, 0.8]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalizing_keeps_the_precision_it_is_given(dtype):
    assert quaternion.normalize(np.ones((2, 4), dtype)).dtype == dtype


@given(vectors)
def test_a_rotation_vector_comes_back_on_the_shorter_way(v):
    back = quaternion.to_rotation_vector(quaternion.from_rotation_vector(v))

    assert np.linalg.norm(back) <= np.pi + 1e-9
    assert same_rotation(quaternion.from_rotation_vector(back), quaternion.from_rotation_vector(v))


@given(directions, st.floats(0.0, 3.1))
def test_a_rotation_vector_shorter_than_half_a_turn_comes_back_itself(axis, angle_rad):
    v = axis * angle_rad

    np.testing.assert_allclose(quaternion.to_rotation_vector(quaternion.from_rotation_vector(v)), v, atol=1e-9)


@given(directions, st.floats(1e-12, 1e-4))
def test_rotation_vectors_keep_tiny_turns_to_the_last_digits(axis, angle_rad):
    v = axis * angle_rad

    back = quaternion.to_rotation_vector(quaternion.from_rotation_vector(v))

    np.testing.assert_allclose(back, v, rtol=1e-9, atol=1e-9 * angle_rad)


@given(rotations, directions, st.floats(1e-7, 3.14))
def test_the_angle_between_two_rotations_keeps_its_digits(q, axis, angle_rad):
    turned = quaternion.multiply(q, quaternion.from_axis_angle(axis, angle_rad))

    np.testing.assert_allclose(quaternion.angle_between(q, turned), angle_rad, rtol=1e-6)
    np.testing.assert_allclose(quaternion.angle_between(-q, turned), angle_rad, rtol=1e-6)


@given(directions, directions)
def test_between_takes_one_direction_to_the_other(a, b):
    np.testing.assert_allclose(quaternion.rotate(quaternion.between(3.0 * a, 0.2 * b), a), b, atol=1e-6)


@given(directions, directions)
def test_between_takes_the_shortest_way(a, b):
    angle_rad = quaternion.angle_between(quaternion.IDENTITY, quaternion.between(a, b))

    np.testing.assert_allclose(angle_rad, np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b), atol=1e-6)


@given(directions)
def test_between_opposite_directions_is_a_half_turn(a):
    q = quaternion.between(a, -a)

    np.testing.assert_allclose(quaternion.rotate(q, a), -a, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(q), 1.0, atol=1e-12)


@pytest.mark.parametrize("a", [X, -X, Y, -Y, Z, -Z])
def test_between_opposite_axes_is_a_half_turn(a):
    np.testing.assert_allclose(quaternion.rotate(quaternion.between(a, -a), a), -a, atol=1e-15)


@given(directions, directions, st.floats(-9.0, -2.0))
def test_between_is_exact_near_opposite_directions(a, aside, exponent):
    b = -a + 10.0**exponent * aside
    b /= np.linalg.norm(b)

    np.testing.assert_allclose(quaternion.rotate(quaternion.between(a, b), a), b, atol=2e-7)


@given(rotations, rotations)
def test_slerp_begins_and_ends_at_its_rotations(a, b):
    assert same_rotation(quaternion.slerp(a, b, 0.0), a)
    assert same_rotation(quaternion.slerp(a, b, 1.0), b)


@given(rotations, rotations, st.floats(0.0, 1.0))
def test_slerp_turns_evenly_on_the_shorter_way(a, b, fraction):
    angle_rad = quaternion.angle_between(a, b)

    gone_rad = quaternion.angle_between(a, quaternion.slerp(a, b, fraction))

    np.testing.assert_allclose(gone_rad, fraction * angle_rad, atol=1e-7)


@given(st.lists(rotations, min_size=1, max_size=12), st.integers(0, 2**12 - 1))
def test_unrolling_changes_signs_only_and_leaves_neighbours_in_one_hemisphere(frames, flips):
    signs = np.array([-1.0 if flips >> i & 1 else 1.0 for i in range(len(frames))])
    q = np.stack(frames) * signs[:, np.newaxis]

    smooth = quaternion.unroll(q)

    np.testing.assert_array_equal(np.abs(smooth), np.abs(q))
    np.testing.assert_array_equal(smooth[0], q[0])
    assert np.all(np.sum(smooth[1:] * smooth[:-1], axis=-1) >= -1e-15)


def test_unrolling_works_along_any_axis():
    q = quaternion.from_axis_angle(Y, np.linspace(0.0, 4 * np.pi, 50))
    broken = q * np.where(np.arange(50) % 3 == 0, 1.0, -1.0)[:, np.newaxis]

    np.testing.assert_array_equal(quaternion.unroll(broken[np.newaxis], axis=1)[0], q)


def test_angular_velocity_of_a_steady_turn_is_its_rate_about_its_axis():
    q = quaternion.from_axis_angle(Z, 2.0 * np.arange(10) / 30.0)

    np.testing.assert_allclose(quaternion.angular_velocity(q, 30.0), np.tile(2.0 * Z, (9, 1)), atol=1e-12)

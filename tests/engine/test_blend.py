from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import blend, quaternion
from engine.motion.motion import concatenate
from engine.motion.resample import resampled
from tests.dances import improvised, shifted, standing, walk

seeds = st.integers(0, 40)


def other_dance(n, seed):
    """Another improvisation a little off, so that a seam onto it would show."""
    return shifted(improvised(n, seed + 1000), np.array([0.1, 0.02, -0.05]))


def seam_jumps(motion, frame):
    """How far root (m) and joints (rad) of a frame are from where the frame before was heading."""
    p, q = motion.root_positions_m, motion.local_rotations
    turn = quaternion.multiply(q[frame - 1], quaternion.conjugate(q[frame - 2]))
    heading = quaternion.multiply(turn, q[frame - 1])
    return (
        np.linalg.norm(2 * p[frame - 1] - p[frame - 2] - p[frame]),
        quaternion.angle_between(heading, q[frame]).max(),
    )


def velocity_jump(motion, frame):
    """Change of the root's and the joints' step across `frame`, m and rad."""
    p, q = motion.root_positions_m, motion.local_rotations
    turns = quaternion.to_rotation_vector(quaternion.multiply(q[1:], quaternion.conjugate(q[:-1])))
    steps = np.diff(p, axis=0)
    turn = np.linalg.norm(turns[frame] - turns[frame - 1], axis=-1).max()
    return np.linalg.norm(steps[frame] - steps[frame - 1]), turn


@given(seeds, st.integers(2, 38), st.floats(0.1, 0.6))
def test_a_seam_goes_on_where_and_how_fast_the_frames_before_went(seed, seam, blend_s):
    rough = concatenate([improvised(seam, seed), other_dance(60 - seam, seed)])

    smooth = blend.inertialise(rough, seam, blend_s)

    place, angle = seam_jumps(smooth, seam)
    assert place < 1e-9
    assert angle < 1e-7


def test_the_velocity_goes_on_too_and_more_exactly_the_finer_the_frames():
    jumps = []
    for rate_hz in (30.0, 240.0):
        n = round(rate_hz)
        rough = concatenate([resampled(improvised(30, 3), rate_hz), resampled(other_dance(30, 3), rate_hz)])
        jumps.append(velocity_jump(blend.inertialise(rough, n, 0.3), n)[1] * rate_hz)

    assert jumps[0] < 3.0  # rad/s
    assert jumps[1] < 0.3 * jumps[0]


@given(seeds, st.integers(1, 40), st.floats(0.05, 0.5))
def test_before_the_seam_and_after_the_blend_every_bit_stays(seed, seam, blend_s):
    rough = concatenate([improvised(seam, seed), other_dance(60 - seam, seed)])
    end = seam + max(round(blend_s * 30.0), 1)

    smooth = blend.inertialise(rough, seam, blend_s)

    for part in (slice(0, seam), slice(end, None)):
        np.testing.assert_array_equal(smooth.local_rotations[part], rough.local_rotations[part])
        np.testing.assert_array_equal(smooth.root_positions_m[part], rough.root_positions_m[part])


@given(seeds, st.integers(2, 50))
def test_a_motion_without_a_jump_is_hardly_changed(seed, seam):
    still = standing(60)

    np.testing.assert_allclose(blend.inertialise(still, seam, 0.3).positions_m(), still.positions_m(), atol=1e-12)


@pytest.mark.parametrize("seam", [0, 60, 99])
def test_a_seam_with_nothing_on_one_side_is_none(seam):
    motion = improvised(60)

    assert blend.inertialise(motion, seam, 0.3) is motion


@given(seeds, st.integers(1, 30), st.integers(1, 25), st.floats(0.1, 1.0))
def test_sealing_a_segment_changes_nothing_outside_it(seed, start, length, blend_s):
    whole = improvised(60, seed)
    rough = concatenate([whole.slice(0, start), other_dance(length, seed), whole.slice(start + length, 60)])

    smooth = blend.seal(rough, start, start + length, blend_s)

    for part in (slice(0, start), slice(start + length, None)):
        np.testing.assert_array_equal(smooth.local_rotations[part], rough.local_rotations[part])
        np.testing.assert_array_equal(smooth.root_positions_m[part], rough.root_positions_m[part])


@given(seeds, st.integers(3, 30), st.integers(4, 25))
def test_both_ends_of_a_sealed_segment_are_smooth(seed, start, length):
    whole, end = improvised(60, seed), start + length
    rough = concatenate([whole.slice(0, start), other_dance(length, seed), whole.slice(end, 60)])

    smooth = blend.seal(rough, start, end, 0.3)
    root, local = smooth.root_positions_m[::-1].copy(), smooth.local_rotations[::-1].copy()
    backwards = replace(smooth, root_positions_m=root, local_rotations=local)

    for motion, seam in ((smooth, start), (backwards, 60 - end)):
        place, angle = seam_jumps(motion, seam)
        assert place < 1e-6
        assert angle < 1e-5


def test_a_segment_of_one_frame_lies_between_its_neighbours():
    rough = concatenate([standing(20), shifted(standing(1), np.array([0.3, 0.0, 0.0])), standing(20)])

    smooth = blend.seal(rough, 20, 21, 0.3)

    np.testing.assert_allclose(smooth.root_positions_m, np.tile(standing(1).root_positions_m, (41, 1)), atol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 4, 8])
def test_a_short_segment_with_nothing_behind_it_is_not_hurried_to_its_own_pose(length):
    before, segment = standing(20), shifted(standing(length), np.array([1.0, 0.0, 0.0]))
    rough = concatenate([before, segment])

    smooth = blend.seal(rough, 20, 20 + length, 0.3)
    mirror = blend.seal(concatenate([segment, before]), 0, length, 0.3)

    # A metre in nine frames along a quintic: a fifth of a metre in one at most.
    assert np.abs(np.diff(smooth.root_positions_m, axis=0)).max() < 0.21
    assert np.abs(np.diff(mirror.root_positions_m, axis=0)).max() < 0.21


def test_joining_keeps_the_first_motion_and_the_place_of_the_second():
    before, after = improvised(40, 1), other_dance(40, 1)

    joined = blend.join(before, after, 0.3)

    assert joined.n_frames == 80
    np.testing.assert_array_equal(joined.local_rotations[:40], before.local_rotations)
    np.testing.assert_array_equal(joined.root_positions_m[60:], after.root_positions_m[20:])


def test_a_moved_second_motion_walks_on_from_where_the_first_ended():
    before, _ = walk(2.0)
    after = blend.moved(walk(2.0)[0], 0, np.array([5.0, 0.0, 5.0]), 2.0)

    joined = blend.join(before, after, 0.3, move=True)

    steps = np.diff(joined.root_positions_m, axis=0)
    np.testing.assert_allclose(steps[:, 2], 0.8 / 30.0, atol=1e-3)
    np.testing.assert_allclose(steps[:, 0], 0.0, atol=1e-3)


@given(st.floats(-3.1, 3.1), st.floats(-1.2, 1.2))
def test_the_yaw_is_the_turn_about_the_vertical_whatever_the_lean(yaw, lean):
    up, across = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    rotation = quaternion.multiply(quaternion.from_axis_angle(up, yaw), quaternion.from_axis_angle(across, lean))

    assert blend.yaw_rad(rotation) == pytest.approx(yaw, abs=1e-9)


@given(seeds, st.floats(-3.0, 3.0), st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.integers(2, 50))
def test_the_last_frame_lands_and_the_first_stays(seed, yaw, x, z, n):
    motion, landing = improvised(n, seed), np.array([x, 1.0, z])

    landed = blend.spread_error(motion, landing, yaw)

    np.testing.assert_allclose(landed.root_positions_m[-1], landing, atol=1e-9)
    difference = float(blend.yaw_rad(landed.local_rotations[-1, 0])) - yaw
    assert abs((difference + np.pi) % (2 * np.pi) - np.pi) < 1e-6
    np.testing.assert_allclose(landed.positions_m()[0], motion.positions_m()[0], atol=1e-12)


def test_a_motion_that_lands_where_it_should_is_not_changed():
    motion = improvised(30)

    yaw = float(blend.yaw_rad(motion.local_rotations[-1, 0]))
    landed = blend.spread_error(motion, motion.root_positions_m[-1], yaw)

    np.testing.assert_allclose(landed.positions_m(), motion.positions_m(), atol=1e-9)


def test_a_walk_that_must_turn_walks_along_a_curve_facing_ahead():
    motion, _ = walk(4.0)
    quarter = np.pi / 2

    landed = blend.spread_error(motion, np.array([2.0, 0.86, 2.0]), quarter)
    steps = np.diff(landed.root_positions_m, axis=0)
    course = np.arctan2(steps[:, 0], steps[:, 2])

    assert np.abs(course - blend.yaw_rad(landed.local_rotations[:-1, 0])).max() < np.radians(25)
    assert np.abs(np.diff(steps, axis=0)).max() * 900 < 2.0

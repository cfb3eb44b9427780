from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import timebase
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.resample import resampled, time_warped
from tests.dances import improvised, standing
from tests.strategies import motions

RATES_HZ = [23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 60.0, 90.0, 120.0]


def turning(rate_hz, duration_s=2.0, turns_hz=0.4):
    """The body swinging about y along a sine, and going ahead along another."""
    times = np.arange(timebase.n_frames_for(duration_s, rate_hz)) / rate_hz
    local = np.tile(quaternion.IDENTITY, (len(times), HOUSE.n_joints, 1))
    local[:, 0] = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), 1.2 * np.sin(2 * np.pi * turns_hz * times))
    root = HOUSE.offsets_m[0] + np.sin(2 * np.pi * turns_hz * times)[:, np.newaxis] * [0.0, 0.0, 1.0]
    return Motion(HOUSE, rate_hz, root, local)


@given(motions(), st.sampled_from(RATES_HZ))
def test_the_length_is_the_whole_frames_of_the_duration(motion, rate_hz):
    again = resampled(motion, rate_hz)

    assert again.frame_rate_hz == rate_hz
    assert again.n_frames == timebase.n_frames_for(motion.duration_s, rate_hz)
    np.testing.assert_allclose(np.linalg.norm(again.local_rotations, axis=-1), 1.0, atol=1e-9)


@given(st.integers(0, 20), st.sampled_from([(30.0, 60.0), (30.0, 120.0), (24.0, 48.0), (60.0, 30.0), (120.0, 30.0)]))
def test_shared_frames_are_the_same_bits(seed, rates_hz):
    motion = improvised(25, seed, rates_hz[0])
    motion = replace(motion, frame_rate_hz=rates_hz[0])
    up = max(1, round(rates_hz[1] / rates_hz[0]))
    down = max(1, round(rates_hz[0] / rates_hz[1]))

    again = resampled(motion, rates_hz[1])

    np.testing.assert_array_equal(again.local_rotations[::up], motion.local_rotations[::down])
    np.testing.assert_array_equal(again.root_positions_m[::up], motion.root_positions_m[::down])


@given(st.integers(0, 20))
def test_up_and_down_again_gives_back_every_bit(seed):
    motion = improvised(20, seed)

    np.testing.assert_array_equal(resampled(resampled(motion, 120.0), 30.0).local_rotations, motion.local_rotations)


@pytest.mark.parametrize("rate_hz", [23.976, 60.0, 120.0])
def test_a_smooth_motion_is_sampled_where_it_really_was(rate_hz):
    again, truth = resampled(turning(30.0), rate_hz), turning(rate_hz)
    inside = slice(4, -8)

    np.testing.assert_allclose(again.root_positions_m[inside], truth.root_positions_m[inside], atol=2e-4)
    assert quaternion.angle_between(again.local_rotations[inside, 0], truth.local_rotations[inside, 0]).max() < 3e-4


def test_up_sampled_motion_has_no_corners():
    up = resampled(turning(30.0), 240.0)
    velocity = quaternion.angular_velocity(up.local_rotations[:, 0], 240.0)[16:-24]

    step = np.abs(np.diff(velocity, axis=0)).max()

    assert step < 1.3 * 1.2 * (2 * np.pi * 0.4) ** 2 / 240.0  # as large as the sine's own acceleration asks for


def test_a_pose_that_is_held_is_held_in_between_too():
    again = resampled(standing(10), 96.0)

    np.testing.assert_allclose(again.positions_m(), np.tile(standing(1).positions_m(), (32, 1, 1)), atol=1e-12)


def test_the_double_cover_makes_no_difference():
    motion = improvised(10)
    flipped = motion.local_rotations.copy()
    flipped[::2] *= -1.0

    again = resampled(replace(motion, local_rotations=flipped), 72.0)

    assert quaternion.angle_between(again.local_rotations, resampled(motion, 72.0).local_rotations).max() < 1e-7


def test_warped_time_shows_the_source_at_those_times():
    motion = improvised(40)
    times_s = np.array([0.0, 1 / 30, 0.5, 0.5, 1.0, 7.0])

    warped = time_warped(motion, times_s, 24.0)

    assert warped.frame_rate_hz == 24.0
    np.testing.assert_array_equal(warped.local_rotations, motion.local_rotations[[0, 1, 15, 15, 30, 39]])


def test_time_never_runs_backwards():
    with pytest.raises(ValueError, match="backwards"):
        time_warped(standing(), np.array([0.0, 0.5, 0.4]), 30.0)


def test_nothing_can_be_shown_of_a_motion_without_frames():
    assert resampled(standing(0), 60.0).n_frames == 0
    with pytest.raises(ValueError, match="no pose"):
        time_warped(standing(0), np.array([0.0]), 30.0)


def test_the_number_type_stays():
    motion = improvised(10)
    single = replace(motion, local_rotations=motion.local_rotations.astype(np.float32))

    assert resampled(single, 72.0).local_rotations.dtype == np.float32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import motion as motion_module
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from tests.strategies import motions


def turning_house(n_frames=31, rate_hz=30.0):
    """The house skeleton turning a quarter about y and walking one metre along x in a second."""
    share = np.arange(n_frames) / rate_hz
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    local[:, 0] = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), share * np.pi / 2)
    return Motion(HOUSE, rate_hz, HOUSE.offsets_m[0] + share[:, np.newaxis] * [1.0, 0.0, 0.0], local)


def test_a_motion_lasts_to_the_end_of_its_last_frame():
    motion = turning_house(n_frames=45)

    assert motion.n_frames == 45
    assert motion.duration_s == pytest.approx(1.5)


def test_the_pose_between_two_frames_lies_between_them():
    pose = turning_house().pose_at(0.5 / 30)

    assert pose.positions_m[0, 0] == pytest.approx(0.5 / 30)
    np.testing.assert_allclose(
        quaternion.to_rotation_vector(pose.rotations[0]), [0.0, 0.25 * np.pi / 30, 0.0], atol=1e-12
    )


@given(motions(), st.integers(0, 5))
def test_the_pose_at_a_frames_time_is_that_frame(motion, frame):
    frame = min(frame, motion.n_frames - 1)

    pose = motion.pose_at(frame / motion.frame_rate_hz)

    np.testing.assert_allclose(pose.positions_m, motion.positions_m()[frame], atol=1e-6)


@pytest.mark.parametrize(("time_s", "frame"), [(-3.0, 0), (0.0, 0), (1.0, 30), (99.0, 30)])
def test_the_first_and_the_last_pose_are_held(time_s, frame):
    motion = turning_house()

    np.testing.assert_allclose(motion.pose_at(time_s).positions_m, motion.positions_m()[frame], atol=1e-12)


def test_a_motion_without_frames_has_no_pose():
    with pytest.raises(ValueError, match="without frames"):
        turning_house().slice(3, 3).pose_at(0.0)


def test_slices_joined_again_are_the_motion():
    motion = turning_house()

    whole = motion_module.concatenate([motion.slice(0, 7), motion.slice(7, 7), motion.slice(7, 31)])

    np.testing.assert_array_equal(whole.local_rotations, motion.local_rotations)
    np.testing.assert_array_equal(whole.root_positions_m, motion.root_positions_m)


def test_motions_of_different_rates_are_not_joined():
    with pytest.raises(ValueError, match="one frame rate"):
        motion_module.concatenate([turning_house(), turning_house(rate_hz=60.0)])


def test_a_motion_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="read-only"):
        turning_house().local_rotations[0, 0, 0] = 0.0


@pytest.mark.parametrize(
    ("positions", "rotations", "rate_hz"),
    [((5, 2), (5, 24, 4), 30.0), ((5, 3), (4, 24, 4), 30.0), ((5, 3), (5, 23, 4), 30.0), ((5, 3), (5, 24, 4), 0.0),
     ((5, 3), (5, 24, 4), float("nan"))],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(positions, rotations, rate_hz):
    with pytest.raises(ValueError, match=r"expected|positive"):
        Motion(HOUSE, rate_hz, np.zeros(positions), np.zeros(rotations))

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation import features
from engine.generation.features import MASK_PARTS, N_FEATURES, from_features, part_columns, to_features
from engine.motion import quaternion
from engine.motion.blend import moved, yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.house import BODY_PARTS, HOUSE
from engine.motion.kinematics import local_from_global
from engine.motion.resample import resampled
from tests.dances import improvised, shifted, standing, walk

FINGERS = [j for j, name in enumerate(HOUSE.names) if name.endswith("FingerBase")]
BODY = [j for j in range(HOUSE.n_joints) if j not in FINGERS]

dances = st.builds(
    improvised, n_frames=st.integers(1, 200), seed=st.integers(0, 2**32 - 1), size=st.floats(0.0, 1.0)
)


def rows_of(motion):
    return to_features(motion, detect_contacts(motion))


def back(motion):
    """The motion through rows, from where and as it began."""
    return from_features(rows_of(motion), motion.root_positions_m[0], float(yaw_rad(motion.local_rotations[0, 0])))


@settings(max_examples=40)
@given(dances)
def test_rows_give_every_joint_back_within_a_tenth_of_a_millimetre(motion):
    again = back(motion)

    np.testing.assert_allclose(again.positions_m()[:, BODY], motion.positions_m()[:, BODY], atol=1e-4)


def test_a_walk_of_a_minute_does_not_drift():
    motion, _ = walk(60.0)

    np.testing.assert_allclose(back(motion).positions_m()[:, BODY], motion.positions_m()[:, BODY], atol=1e-4)


@settings(max_examples=20)
@given(dances, st.floats(-3.0, 3.0), st.tuples(*[st.floats(-5.0, 5.0)] * 2))
def test_rows_know_neither_place_nor_heading(motion, turn_rad, place):
    elsewhere = moved(motion, 0, np.array([place[0], 0.0, place[1]]), turn_rad)

    np.testing.assert_allclose(rows_of(elsewhere), rows_of(motion), atol=2e-4)


def test_fingers_follow_the_wrist():
    again = back(improvised(30))
    local = again.local_rotations[:, FINGERS]

    np.testing.assert_allclose(np.abs(local[..., 0]), 1.0, atol=1e-9)


def test_a_dancer_who_turns_on_the_spot_has_a_turning_rate_and_no_speed():
    turn_a_frame = np.pi / 2 / 30.0
    motion = standing(31)
    turns = features.about_y(np.arange(31) * turn_a_frame)
    local = np.array(motion.local_rotations)
    local[:, 0] = turns
    rows = rows_of(replace(motion, local_rotations=local))

    np.testing.assert_allclose(rows[:, features.YAW_RATE], np.pi / 2, atol=1e-4)
    np.testing.assert_allclose(rows[:, features.VELOCITY], 0.0, atol=1e-6)
    np.testing.assert_allclose(np.ptp(rows[:, : features.N_ROTATIONS], axis=0), 0.0, atol=1e-6)


def test_speed_is_told_from_the_dancers_own_view():
    motion = shifted(standing(31), np.linspace(0.0, 1.0, 31)[:, np.newaxis] * [1.0, 0.0, 0.0])  # 1 m/s to world +x
    local = np.array(motion.local_rotations)
    local[:, 0] = features.about_y(np.pi / 2)

    ahead = rows_of(replace(motion, local_rotations=local))

    np.testing.assert_allclose(ahead[:, features.VELOCITY], np.tile([0.0, 1.0], (31, 1)), atol=1e-5)


def test_every_column_belongs_to_exactly_one_part():
    columns = np.concatenate([part_columns(part) for part in MASK_PARTS])

    assert sorted(columns.tolist()) == list(range(N_FEATURES))


@pytest.mark.parametrize("part", BODY_PARTS)
def test_the_columns_of_a_part_are_those_that_its_joints_move(part):
    motion = standing(4)
    # A turn of one joint in the world, of it alone: what hangs on it keeps its own rotation in the rows.
    _, rotations = motion.global_transforms()
    rotations = np.array(rotations)
    learned = [j for j in BODY_PARTS[part] if j in features.LEARNED_JOINTS]
    rotations[:, learned] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(0.5))
    local = local_from_global(HOUSE, rotations)
    still = np.zeros((4, 4), dtype=bool)

    changed = np.abs(to_features(replace(motion, local_rotations=local), still) - to_features(motion, still)) > 1e-6

    assert set(np.flatnonzero(changed.any(axis=0))) <= set(part_columns(part).tolist())
    assert changed.any()


def test_only_house_motions_at_the_house_rate_have_rows():
    with pytest.raises(ValueError, match="30 frames per second"):
        rows_of(resampled(standing(10), 60.0))

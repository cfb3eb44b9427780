from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generation.gaze import looking_ahead, nod_rad
from engine.motion import quaternion
from engine.motion.house import JOINT
from tests.tiny import dancing

HEAD, CHEST = JOINT["Head"], JOINT["Spine2"]
SIDEWAYS = np.array([1.0, 0.0, 0.0])


def nodding(n_frames, down_deg, joint=HEAD):
    """A dance whose head, or another joint, is turned down by angles [n_frames] or one angle."""
    motion = dancing(n_frames, 1)
    local = np.array(motion.local_rotations)
    local[:, [JOINT["Neck"], HEAD]] = quaternion.IDENTITY
    local[:, joint] = quaternion.from_axis_angle(SIDEWAYS, np.radians(np.broadcast_to(down_deg, n_frames)))
    return replace(motion, local_rotations=local)


def test_a_nod_is_how_far_the_face_lies_below_where_the_chest_faces():
    np.testing.assert_allclose(np.degrees(nod_rad(nodding(40, 25.0))), 25.0, atol=1e-6)
    np.testing.assert_allclose(np.degrees(nod_rad(nodding(40, -10.0, JOINT["Neck"]))), -10.0, atol=1e-6)
    np.testing.assert_allclose(nod_rad(nodding(40, 70.0, CHEST)), 0.0, atol=1e-6)


def test_a_head_that_hangs_from_first_to_last_is_turned_up():
    made = looking_ahead(nodding(240, 33.0))

    assert np.degrees(nod_rad(made)).max() < 7.0


@pytest.mark.parametrize("down_deg", [5.0, 0.0, -30.0])
def test_a_head_that_looks_ahead_or_up_is_left_as_it_is(down_deg):
    motion = nodding(120, down_deg)

    assert looking_ahead(motion) is motion


def test_a_quick_look_down_stays():
    look = np.where(np.abs(np.arange(240) - 120) < 8, 45.0, 0.0)

    made = np.degrees(nod_rad(looking_ahead(nodding(240, look))))

    assert made[120] > 40.0


def test_between_dancers_that_look_down_the_head_does_not_bob():
    around, short = nodding(60, 40.0), nodding(30, 40.0)

    made = looking_ahead(short, before=around, after=around)

    assert np.degrees(np.abs(nod_rad(made) - nod_rad(short))).max() < 4.0


@given(st.floats(-60.0, 60.0), st.integers(1, 90))
def test_nothing_but_the_head_is_turned(down_deg, n_frames):
    motion = nodding(n_frames, down_deg)

    made = looking_ahead(motion)

    others = [j for j in range(len(motion.skeleton.names)) if j != HEAD]
    np.testing.assert_array_equal(made.local_rotations[:, others], motion.local_rotations[:, others])
    np.testing.assert_array_equal(made.root_positions_m, motion.root_positions_m)


@pytest.mark.parametrize("joint", [HEAD, CHEST])
def test_a_head_that_is_kept_hangs_on(joint):
    motion = nodding(60, 40.0)

    assert looking_ahead(motion, (joint,)) is motion

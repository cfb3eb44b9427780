import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import house
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.dances import improvised, standing


@given(st.integers(0, 100))
def test_mirroring_twice_gives_back_every_bit(seed):
    motion = improvised(12, seed)

    twice = mirrored(mirrored(motion))

    np.testing.assert_array_equal(twice.root_positions_m, motion.root_positions_m)
    np.testing.assert_array_equal(twice.local_rotations, motion.local_rotations)


@given(st.integers(0, 100))
def test_every_joint_is_where_the_mirror_shows_its_counterpart(seed):
    motion = improvised(12, seed)

    np.testing.assert_allclose(
        mirrored(motion).positions_m(), motion.positions_m()[:, house.MIRROR] * [-1.0, 1.0, 1.0], atol=1e-12
    )


def test_standing_straight_is_its_own_mirror_image():
    np.testing.assert_allclose(mirrored(standing(3)).positions_m(), standing(3).positions_m(), atol=1e-12)


def test_another_skeleton_has_no_mirror_image():
    stick = Skeleton(("root",), np.array([-1]), np.zeros((1, 3)))

    with pytest.raises(ValueError, match="house skeleton"):
        mirrored(Motion(stick, 30.0, np.zeros((2, 3)), np.tile([1.0, 0, 0, 0], (2, 1, 1))))

import itertools

import numpy as np
from hypothesis import given

from engine.motion import kinematics, quaternion
from engine.motion.house import HOUSE, LOWER_BODY
from engine.motion.kinematics import forward_kinematics
from engine.motion.skeleton import Skeleton
from tests.dances import improvised
from tests.strategies import motions, rotations, vectors

ARM = Skeleton(
    names=("shoulder", "elbow", "wrist"),
    parents=np.array([-1, 0, 1]),
    offsets_m=np.array([[0, 0, 0], [0.30, 0, 0], [0.25, 0, 0]]),
)
QUARTER_TURN_ABOUT_Z = np.array([np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)])
IDENTITY = quaternion.IDENTITY


def test_bending_the_elbow_moves_only_the_wrist():
    positions, _ = forward_kinematics(ARM, np.zeros(3), np.stack([IDENTITY, QUARTER_TURN_ABOUT_Z, IDENTITY]))

    np.testing.assert_allclose(positions, [[0, 0, 0], [0.30, 0, 0], [0.30, 0.25, 0]], atol=1e-12)


def test_a_planar_arm_reaches_where_trigonometry_says():
    shoulder, elbow = 0.4, 1.1
    local = quaternion.from_axis_angle(np.array([0, 0, 1.0]), np.array([shoulder, elbow, 0.0]))

    positions, rotations_ = forward_kinematics(ARM, np.array([1.0, 2.0, 3.0]), local)

    wrist = [0.30 * np.cos(0.4) + 0.25 * np.cos(1.5), 0.30 * np.sin(0.4) + 0.25 * np.sin(1.5), 0.0]
    np.testing.assert_allclose(positions[2], np.add([1.0, 2.0, 3.0], wrist), atol=1e-12)
    np.testing.assert_allclose(quaternion.to_rotation_vector(rotations_[2]), [0, 0, 1.5], atol=1e-12)


def test_leading_axes_are_kept():
    positions, rotations_ = forward_kinematics(ARM, np.zeros((2, 7, 3)), np.tile(IDENTITY, (2, 7, 3, 1)))

    assert positions.shape == (2, 7, 3, 3)
    assert rotations_.shape == (2, 7, 3, 4)


def joint_by_joint(motion):
    """The same kinematics with one matrix product a joint and frame, in the plainest way."""
    w, x, y, z = np.moveaxis(motion.local_rotations, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    local = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
    turned, placed = np.empty_like(local), np.empty((*local.shape[:2], 3))
    for t in range(motion.n_frames):
        for j, parent in enumerate(motion.skeleton.parents):
            if parent < 0:
                turned[t, j], placed[t, j] = local[t, j], motion.root_positions_m[t]
            else:
                turned[t, j] = turned[t, parent] @ local[t, j]
                placed[t, j] = placed[t, parent] + turned[t, parent] @ motion.skeleton.offsets_m[j]
    return placed


@given(motions())
def test_positions_are_those_of_plain_matrix_products(motion):
    np.testing.assert_allclose(motion.positions_m(), joint_by_joint(motion), atol=1e-9)


@given(motions())
def test_bones_keep_their_lengths(motion):
    positions, parents = motion.positions_m(), motion.skeleton.parents
    bones = np.linalg.norm(positions[:, 1:] - positions[:, parents[1:]], axis=-1)

    lengths = np.linalg.norm(motion.skeleton.offsets_m[1:], axis=-1)
    np.testing.assert_allclose(bones, np.broadcast_to(lengths, bones.shape), atol=1e-9)


@given(motions(), rotations, vectors)
def test_turning_and_moving_the_root_turns_and_moves_the_whole_body(motion, turn, move_m):
    local = motion.local_rotations.copy()
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    root_m = quaternion.rotate(turn, motion.root_positions_m) + move_m

    positions, _ = forward_kinematics(motion.skeleton, root_m, local)

    np.testing.assert_allclose(positions, quaternion.rotate(turn, motion.positions_m()) + move_m, atol=1e-9)


@given(motions())
def test_local_rotations_come_back_from_global_ones(motion):
    _, turned = motion.global_transforms()

    local = kinematics.local_from_global(motion.skeleton, turned)

    assert np.max(quaternion.angle_between(local, motion.local_rotations)) < 1e-6


def test_the_lower_body_alone_moves_as_it_does_on_the_whole():
    motion = improvised(30, size=0.3)

    positions, turned = motion.branch(LOWER_BODY).global_transforms()

    whole_positions, whole_turned = motion.global_transforms()
    np.testing.assert_array_equal(positions, whole_positions[:, LOWER_BODY])
    np.testing.assert_array_equal(turned, whole_turned[:, LOWER_BODY])


def test_a_single_pose_is_that_of_its_frame():
    motion = improvised(5, size=0.3)

    position, turned = forward_kinematics(HOUSE, motion.root_positions_m[3], motion.local_rotations[3])

    np.testing.assert_array_equal(position, motion.positions_m()[3])
    np.testing.assert_array_equal(turned, motion.global_transforms()[1][3])


def test_each_level_holds_the_children_of_the_levels_before():
    levels = kinematics.levels(HOUSE)

    assert sorted(joint for joints, _ in levels for joint in joints) == list(range(HOUSE.n_joints))
    assert levels[0][1] is None
    for (above, _), (joints, parents) in itertools.pairwise(levels):
        np.testing.assert_array_equal(HOUSE.parents[joints], parents)
        assert set(parents) <= set(above)


def test_a_chain_of_a_thousand_joints_is_straight():
    n = 1000
    chain = Skeleton(tuple(map(str, range(n))), np.arange(n) - 1, np.tile([0.0, 0.01, 0.0], (n, 1)))

    positions, _ = forward_kinematics(chain, np.zeros(3), np.tile(IDENTITY, (n, 1)))

    np.testing.assert_allclose(positions[-1], [0.0, 0.01 * (n - 1), 0.0], atol=1e-9)

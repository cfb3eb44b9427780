import numpy as np
import pytest

from engine.motion import house, kinematics, quaternion
from engine.motion.house import HOUSE
from engine.motion.skeleton import Skeleton

PARENTS, OFFSETS_M = np.array([-1, 0, 0]), np.zeros((3, 3))


def tips_of_the_rest_pose_m():
    positions, rotations = kinematics.rest_transforms(HOUSE)
    return positions + quaternion.rotate(rotations, HOUSE.tips_m)


def test_the_house_skeleton_has_24_joints_with_toes_and_hands():
    assert HOUSE.n_joints == 24
    assert {"LeftToeBase", "RightToeBase", "LeftHand", "RightHand"} <= set(HOUSE.names)


def test_the_house_skeleton_is_1_70_m_tall_and_stands_on_the_floor():
    positions, _ = kinematics.rest_transforms(HOUSE)
    feet = list(house.CONTACT_JOINTS)

    assert tips_of_the_rest_pose_m()[:, 1].max() == pytest.approx(house.HEIGHT_M, abs=1e-9)
    np.testing.assert_allclose(positions[feet, 1], house.CONTACT_REST_HEIGHTS_M, atol=1e-9)
    assert positions[:, 1].min() > 0.0


def test_the_house_skeleton_stands_in_a_t_pose_with_its_left_at_plus_x():
    positions, rotations = kinematics.rest_transforms(HOUSE)
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        arm = [house.JOINT[side + bone] for bone in ("Arm", "ForeArm", "Hand", "FingerBase")]

        assert np.ptp(positions[arm, 1]) == pytest.approx(0.0, abs=1e-12)
        assert np.ptp(positions[arm, 2]) == pytest.approx(0.0, abs=1e-12)
        assert np.all(np.diff(sign * positions[arm, 0]) > 0.0)
    np.testing.assert_array_equal(rotations, np.tile(quaternion.IDENTITY, (24, 1)))


def test_the_house_skeleton_faces_plus_z():
    for side in ("Left", "Right"):
        toe = HOUSE.offsets_m[house.JOINT[side + "ToeBase"]] + HOUSE.tips_m[house.JOINT[side + "ToeBase"]]

        assert toe[2] > abs(toe[0])
        assert toe[2] > abs(toe[1])


def test_the_house_skeleton_is_symmetric():
    positions, _ = kinematics.rest_transforms(HOUSE)
    flip = np.array([-1.0, 1.0, 1.0])

    np.testing.assert_allclose(positions[house.MIRROR], positions * flip, atol=1e-12)
    np.testing.assert_allclose(HOUSE.tips_m[house.MIRROR], HOUSE.tips_m * flip, atol=1e-12)
    np.testing.assert_array_equal(house.MIRROR[house.MIRROR], np.arange(24))


def test_the_body_parts_share_no_joint_and_leave_none_out():
    joints = [joint for part in house.BODY_PARTS.values() for joint in part]

    assert sorted(joints) == list(range(24))


def test_every_childless_house_joint_has_a_tip_and_no_other_has():
    childless = [not HOUSE.children(joint) for joint in range(24)]

    np.testing.assert_array_equal(np.linalg.norm(HOUSE.tips_m, axis=1) > 0.0, childless)


def test_a_scaled_skeleton_is_as_much_larger():
    twice = HOUSE.scaled(2.0)

    np.testing.assert_array_equal(twice.offsets_m, 2.0 * HOUSE.offsets_m)
    np.testing.assert_array_equal(twice.tips_m, 2.0 * HOUSE.tips_m)
    np.testing.assert_array_equal(twice.parents, HOUSE.parents)


def test_a_skeleton_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="read-only"):
        HOUSE.offsets_m[0, 0] = 1.0


@pytest.mark.parametrize(
    ("names", "parents", "offsets_m", "more"),
    [
        (("a", "a", "b"), PARENTS, OFFSETS_M, {}),
        (("a", "b"), PARENTS, OFFSETS_M, {}),
        (("a", "b", "c"), PARENTS, np.zeros((3, 2)), {}),
        (("a", "b", "c"), np.array([0, 0, 0]), OFFSETS_M, {}),
        (("a", "b", "c"), np.array([-1, 2, 0]), OFFSETS_M, {}),
        (("a", "b", "c"), np.array([-1, -1, 0]), OFFSETS_M, {}),
        (("a", "b", "c"), PARENTS, OFFSETS_M, {"tips_m": np.zeros((2, 3))}),
        (("a", "b", "c"), PARENTS, OFFSETS_M, {"rest_rotations": np.zeros((3, 3))}),
    ],
)
def test_what_is_no_tree_is_refused(names, parents, offsets_m, more):
    with pytest.raises(ValueError, match=r"must|expected"):
        Skeleton(names, parents.copy(), offsets_m.copy(), **more)

from __future__ import annotations

import numpy as np
import pytest

from engine.character.palette import LEFT, LEFT_DEEP, RIGHT, RIGHT_DEEP, TRUNK, linear_colour
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics, rest_transforms
from engine.motion.motion import Pose
from engine.motion.skeleton import Skeleton
from tests.dances import standing, walk
from viewer3d.body import body_for, side_colour

REST = Pose(*rest_transforms(HOUSE))
NOWHERE = np.zeros(3)


def skinned(body, pose, offset_m=NOWHERE) -> np.ndarray:
    """Vertices as the shader places them, [V, 3]: dual quaternions blended."""
    moved = body.dual_quaternions(pose, offset_m).astype(float)[body.mesh.joints]
    sign = np.where(np.sum(moved[:, :, 0] * moved[:, :1, 0], axis=-1) < 0, -1.0, 1.0)
    blend = np.sum((sign * body.mesh.weights)[..., None, None] * moved, axis=1)
    blend /= np.linalg.norm(blend[:, :1], axis=2, keepdims=True)
    turn, dual = np.roll(blend[:, 0], 1, axis=1), np.roll(blend[:, 1], 1, axis=1)
    shift = 2.0 * quaternion.multiply(dual, quaternion.conjugate(turn))[:, 1:]
    return quaternion.rotate(turn, body.mesh.positions_m) + shift


def with_turn(joint: str, axis: tuple[float, float, float], angle_rad: float) -> Pose:
    local = HOUSE.rest_rotations.copy()
    local[JOINT[joint]] = quaternion.from_axis_angle(np.array(axis), angle_rad)
    return Pose(*forward_kinematics(HOUSE, HOUSE.offsets_m[0], local))


def test_the_dancer_is_as_tall_as_the_skeleton_and_stands_on_the_floor():
    y = body_for(HOUSE).mesh.positions_m[:, 1]

    assert y.max() == pytest.approx(1.70, abs=0.005)
    assert y.min() == pytest.approx(0.0, abs=0.005)


def test_the_dancer_is_symmetrical():
    mesh = body_for(HOUSE).mesh
    flipped = mesh.positions_m * [-1, 1, 1]

    apart = [np.min(np.linalg.norm(mesh.positions_m - point, axis=1)) for point in flipped[::37]]

    assert max(apart) < 1e-6


def test_left_limbs_are_blue_and_right_limbs_orange():
    mesh = body_for(HOUSE).mesh
    hands = np.abs(mesh.positions_m[:, 0]) > 0.3

    for side, colours in ((1, (LEFT, LEFT_DEEP)), (-1, (RIGHT, RIGHT_DEEP))):
        seen = {tuple(c) for c in mesh.colours[hands & (side * mesh.positions_m[:, 0] > 0)].tolist()}
        assert seen == {linear_colour(colour) for colour in colours}


def test_left_and_right_differ_in_grey_pictures_too():
    def luminance(colour):
        return float(np.dot(linear_colour(colour), (0.2126, 0.7152, 0.0722)))

    assert luminance(LEFT) > 1.25 * luminance(RIGHT)


def test_the_surface_is_seen_from_outside():
    mesh = body_for(HOUSE).mesh
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    along = np.sum(faces * mesh.normals[mesh.triangles[:, 0]], axis=1)

    assert np.mean(along >= 0) > 0.97  # the poles of the tubes have the axis for normal
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-9)


def test_in_the_rest_pose_the_skin_is_the_mesh():
    body = body_for(HOUSE)

    np.testing.assert_allclose(skinned(body, REST), body.mesh.positions_m, atol=1e-6)


def test_an_offset_moves_the_whole_skin():
    body = body_for(HOUSE)
    offset = np.array([1.0, 0.2, -3.0])

    np.testing.assert_allclose(skinned(body, REST, offset), body.mesh.positions_m + offset, atol=1e-5)


def test_bending_an_elbow_moves_the_forearm_and_nothing_else():
    body = body_for(HOUSE)
    moved = skinned(body, with_turn("LeftForeArm", (0.0, 1.0, 0.0), -np.pi / 2)) - body.mesh.positions_m

    x = body.mesh.positions_m[:, 0]
    assert np.abs(moved[x < 0.29]).max() < 1e-5
    hand = body.mesh.positions_m[x > 0.80]
    expected = np.stack([0.45 + 0 * hand[:, 0], hand[:, 1], hand[:, 0] - 0.45], axis=1)
    expected[:, 0] -= hand[:, 2]
    np.testing.assert_allclose(moved[x > 0.80] + hand, expected, atol=1e-5)


def test_a_bent_elbow_stays_as_thick_as_it_was():
    body = body_for(HOUSE)
    bent = skinned(body, with_turn("LeftForeArm", (0.0, 1.0, 0.0), -np.pi / 2))
    elbow = np.array([0.45, 1.41, 0.0])
    ring = np.abs(body.mesh.positions_m[:, 0] - 0.45) < 1e-6

    thickness = np.linalg.norm(bent[ring] - elbow, axis=1)

    np.testing.assert_allclose(thickness, np.linalg.norm(body.mesh.positions_m[ring] - elbow, axis=1), atol=1e-5)


def test_capsules_hold_the_skin():
    motion, _ = walk(2.0)
    body = body_for(HOUSE)
    centres, radii = body.extent(motion, NOWHERE)

    for frame in (0, 13, 40):
        skin = skinned(body, motion.pose_at(frame / motion.frame_rate_hz))
        low, high = centres[frame] - radii[:, None], centres[frame] + radii[:, None]
        assert np.all(skin.min(axis=0) >= low.min(axis=0) - 0.01)
        assert np.all(skin.max(axis=0) <= high.max(axis=0) + 0.01)


def test_a_larger_dancer_is_the_same_dancer_larger():
    body, large = body_for(HOUSE), body_for(HOUSE.scaled(1.2))

    np.testing.assert_allclose(large.mesh.positions_m, 1.2 * body.mesh.positions_m, atol=1e-9)
    np.testing.assert_allclose(large.radii_m, 1.2 * body.radii_m)


def test_a_file_whose_root_rests_elsewhere_still_gives_the_dancer():
    offsets = HOUSE.offsets_m.copy()
    offsets[0] = 0.0
    read = Skeleton(HOUSE.names, HOUSE.parents.copy(), offsets, HOUSE.tips_m.copy())

    np.testing.assert_allclose(skinned(body_for(read), REST), body_for(HOUSE).mesh.positions_m, atol=1e-6)


def test_another_skeleton_has_a_capsule_for_each_bone():
    quarter = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.pi / 2)
    arm = Skeleton(
        ("root", "LeftElbow", "LeftHand"), np.array([-1, 0, 1]),
        np.array([[0.0, 1.0, 0.0], [0.3, 0.0, 0.0], [0.25, 0.0, 0.0]]),
        np.array([[0.0] * 3, [0.0] * 3, [0.1, 0.0, 0.0]]),
        np.stack([quarter, quaternion.IDENTITY, quaternion.IDENTITY]),
    )  # fmt: skip
    body = body_for(arm)
    pose = Pose(*forward_kinematics(arm, np.array([0.0, 1.0, 0.0]), np.tile(quaternion.IDENTITY, (3, 1))))

    ends = body.capsules(pose.positions_m, pose.rotations)

    expected = [[[0, 1, 0], [0.3, 1, 0]], [[0.3, 1, 0], [0.55, 1, 0]], [[0.55, 1, 0], [0.65, 1, 0]]]
    np.testing.assert_allclose(ends, expected, atol=1e-9)
    skin = skinned(body, pose)
    assert np.ptp(skin[:, 0]) > 0.65 > np.ptp(skin[:, 1])


def test_a_skeleton_without_bones_is_still_something_to_see():
    point = Skeleton(("root",), np.array([-1]), np.zeros((1, 3)))

    assert len(body_for(point).mesh.triangles) > 0


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("LeftArm", LEFT), ("mixamorig:RightHandThumb1", RIGHT), ("lfemur", LEFT), ("rtoes", RIGHT),
        ("lShldr", LEFT), ("LHipJoint", LEFT), ("upperarm_r", RIGHT), ("thigh.L", LEFT), ("R_Knee", RIGHT),
        ("root", TRUNK), ("ROOT", TRUNK), ("LowerBack", TRUNK), ("lowerback", TRUNK), ("Ribs", TRUNK), ("", TRUNK),
    ],
)  # fmt: skip
def test_names_tell_the_side(name, colour):
    assert side_colour(name) == colour


def test_a_body_is_made_once():
    assert body_for(standing(2).skeleton) is body_for(HOUSE)

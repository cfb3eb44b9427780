"""Retargeting: one movement, whatever body makes it, is one motion of the house skeleton."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.errors import RetargetError
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.retarget import guess_rig, leg_scale, observed_joints, to_house
from engine.motion.rig import RigMap, read_rigs
from engine.motion.skeleton import Skeleton
from tests.dances import standing
from tests.rigged import bent_dance, body, danced_by, pose

RIGS = {rig.name: rig for rig in read_rigs(resource_path("rigs"))}
STANCES = {"T": pose(), "A": pose(arms_down_deg=45.0, legs_apart_deg=6.0)}


def directions_deg(motion, other, rig):
    """Largest angle between bones of two house motions whose ends the rig knows."""
    known = [i for i, name in enumerate(HOUSE.names) if name in rig.joints]
    bones = [j for j in known[1:] if HOUSE.parents[j] in known]
    a, b = motion.positions_m(), other.positions_m()
    ways = [p[:, bones] - p[:, HOUSE.parents[bones]] for p in (a, b)]
    u, v = (w / np.linalg.norm(w, axis=-1, keepdims=True) for w in ways)
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(u, v), axis=-1), np.sum(u * v, axis=-1))).max()


@pytest.mark.parametrize("stance", STANCES)
@pytest.mark.parametrize("name", RIGS)
def test_one_movement_is_one_house_motion_whatever_the_rig_and_its_rest_pose(name, stance):
    rig, dance = RIGS[name], bent_dance()
    rest = STANCES[stance]
    if rig.feet == "leg":
        rest = pose(arms_down_deg=45.0 if stance == "A" else 0.0, legs_apart_deg=20.0, feet_with_legs=True)
    skeleton = body(rig, rest, size=1.12)

    found = to_house(danced_by(skeleton, rig, rest, dance, size=1.12), rig)

    assert directions_deg(found, dance, rig) < 0.1
    np.testing.assert_allclose(found.root_positions_m, dance.root_positions_m, atol=1e-6)


@pytest.mark.parametrize("name", RIGS)
def test_every_rig_is_guessed_by_its_names(name):
    skeleton = body(RIGS[name], pose())

    assert guess_rig(skeleton, tuple(RIGS.values())).name == name


def test_the_house_skeleton_comes_back_as_it_was():
    dance = bent_dance()

    found = to_house(dance, guess_rig(HOUSE, tuple(RIGS.values())))

    np.testing.assert_allclose(found.positions_m(), dance.positions_m(), atol=1e-9)
    assert quaternion.angle_between(found.local_rotations, dance.local_rotations).max() < 1e-6


def test_a_body_modelled_lying_down_is_stood_up():
    rig, dance = RIGS["humanik"], bent_dance()
    skeleton = body(rig, pose())
    tip = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.pi / 2)  # y up becomes z up
    lying = Skeleton(
        skeleton.names,
        skeleton.parents.copy(),
        np.concatenate([quaternion.rotate(tip, skeleton.offsets_m[:1]), skeleton.offsets_m[1:]]),
        rest_rotations=np.concatenate(
            [quaternion.multiply(tip, skeleton.rest_rotations[:1]), skeleton.rest_rotations[1:]]
        ),
    )
    moved = danced_by(skeleton, rig, pose(), dance)
    local = np.array(moved.local_rotations)
    local[:, 0] = quaternion.multiply(tip, local[:, 0])
    moved = replace(
        moved,
        skeleton=lying,
        root_positions_m=quaternion.rotate(tip, moved.root_positions_m),
        local_rotations=local,
    )

    np.testing.assert_allclose(to_house(moved, rig).positions_m(), dance.positions_m(), atol=1e-6)


def test_a_body_that_faces_another_way_at_rest_dances_the_same_way():
    rig, dance = RIGS["humanik"], bent_dance()
    about = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.pi / 2)
    rest = quaternion.multiply(about, pose())
    skeleton = body(rig, rest)

    found = to_house(danced_by(skeleton, rig, rest, dance), rig)

    np.testing.assert_allclose(found.positions_m(), dance.positions_m(), atol=1e-6)


def test_the_balls_of_the_feet_go_where_the_source_puts_them_whatever_its_proportions():
    rig, dance = RIGS["humanik"], bent_dance()
    skeleton = body(rig, pose())
    offsets = skeleton.offsets_m.copy()
    for side in ("Left", "Right"):
        offsets[skeleton.index(side + "Leg")] *= 1.25
        offsets[skeleton.index(side + "Foot")] *= 0.95
        offsets[skeleton.index(side + "ToeBase")] *= 0.9
    other = Skeleton(skeleton.names, skeleton.parents.copy(), offsets, rest_rotations=skeleton.rest_rotations.copy())
    moved = danced_by(other, rig, pose(), dance)

    toes = to_house(moved, rig).positions_m()[:, JOINT["LeftToeBase"]]

    source = leg_scale(other, rig) * moved.positions_m()[:, other.index("LeftToeBase")]
    assert np.ptp(toes - source, axis=0).max() < 0.001


def test_heights_follow_the_legs_and_a_shared_floor_keeps_its_scale():
    rig, dance = RIGS["cmu_asf"], bent_dance()
    rest = pose(legs_apart_deg=20.0, feet_with_legs=True)
    skeleton = body(rig, rest, size=2.0)
    moved = danced_by(skeleton, rig, rest, dance, size=2.0)

    found = to_house(moved, rig, ground_scale=1.0)

    assert leg_scale(skeleton, rig) == pytest.approx(0.5)
    np.testing.assert_allclose(found.root_positions_m[:, 1], dance.root_positions_m[:, 1], atol=1e-6)
    np.testing.assert_allclose(np.ptp(found.root_positions_m[:, 0]), 2 * np.ptp(dance.root_positions_m[:, 0]), rtol=0.1)


def test_a_robot_without_head_and_spine_bends_evenly_and_says_what_it_lacks():
    rig = RIGS["unitree_g1"]
    skeleton = body(rig, pose())
    local = np.tile(skeleton.rest_rotations, (1, 1, 1))
    chest = skeleton.index("torso_link")
    axes = to_house(replace(standing(1), skeleton=skeleton, local_rotations=local.copy()), rig)
    local[:, chest] = quaternion.multiply(
        # a bow of 60 degrees about the world's x, whatever the torso's own axes
        _about_x_in(skeleton, chest, np.radians(60)), local[:, chest]
    )
    bowed = to_house(replace(standing(1), skeleton=skeleton, local_rotations=local), rig)

    bends = quaternion.angle_between(axes.local_rotations[0], bowed.local_rotations[0])

    np.testing.assert_allclose(np.degrees(bends[[JOINT["Spine"], JOINT["Spine1"], JOINT["Spine2"]]]), 20.0, atol=1e-6)
    assert np.degrees(bends[JOINT["Head"]]) == pytest.approx(0.0, abs=1e-6)
    unseen = {name for name, seen in zip(HOUSE.names, observed_joints(skeleton, rig), strict=True) if not seen}
    assert {"Spine", "Spine1", "Neck", "Head", "LeftShoulder", "RightToeBase", "LeftFingerBase"} <= unseen
    assert "LeftHand" not in unseen


def _about_x_in(skeleton, joint, angle_rad):
    """A turn about the world's x, as seen by the joint's parent at rest."""
    turn = quaternion.IDENTITY
    at = int(skeleton.parents[joint])
    while at >= 0:
        turn = quaternion.multiply(skeleton.rest_rotations[at], turn)
        at = int(skeleton.parents[at])
    world = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), angle_rad)
    return quaternion.multiply(quaternion.multiply(quaternion.conjugate(turn), world), turn)


def test_a_skeleton_without_arms_is_refused_in_a_sentence():
    stick = Skeleton(("a", "b", "c"), np.array([-1, 0, 1]), np.zeros((3, 3)))

    with pytest.raises(RetargetError, match="no two legs and two arms"):
        guess_rig(stick)
    with pytest.raises(RetargetError, match="LeftUpLeg"):
        RIGS["humanik"].bind(stick)


def test_a_rig_map_says_what_is_wrong_in_it():
    with pytest.raises(ValueError, match="lacks Hips"):
        RigMap.from_dict({"joints": {"Head": "head"}})
    with pytest.raises(ValueError, match="no joint 'Tail'"):
        RigMap.from_dict({"joints": {"Tail": "tail"}})

"""Unknown skeletons: understood by the words in their names, or by their shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.formats import bvh
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.retarget import guess_rig
from engine.motion.rig import CORE, RigMap, read_rigs
from engine.motion.rig_guess import guess_by_name, guess_by_shape, side_and_word
from engine.motion.skeleton import Skeleton

RIGS = read_rigs(resource_path("rigs"))


def renamed(names):
    return replace(
        HOUSE,
        names=tuple(names),
        parents=HOUSE.parents.copy(),
        offsets_m=HOUSE.offsets_m.copy(),
        tips_m=HOUSE.tips_m.copy(),
        rest_rotations=HOUSE.rest_rotations.copy(),
    )


NAMELESS = renamed(f"bone {i}" for i in range(HOUSE.n_joints))


@pytest.mark.parametrize(
    ("name", "side", "word"),
    [
        ("LeftUpLeg", "Left", "upleg"),
        ("mixamorig:RightForeArm", "Right", "forearm"),
        ("lShldr", "Left", "shldr"),
        ("thigh_r", "Right", "thigh"),
        ("Bip01 L UpperArm", "Left", "upperarm"),
        ("lfemur", "Left", "femur"),
        ("rightknee", "Right", "knee"),
        ("upperleg01.L", "Left", "upperleg01"),
        ("Spine1", "", "spine1"),
        ("root", "", "root"),
    ],
)
def test_side_and_bone_are_read_from_a_name(name, side, word):
    assert side_and_word(name) == (side, word)


def test_words_in_another_order_are_understood():
    swapped = renamed(
        ("Right_" + n[5:] if n.startswith("Right") else "Left_" + n[4:] if n.startswith("Left") else n.upper())
        for n in HOUSE.names
    )

    found = guess_by_name(swapped)

    assert found is not None
    assert found.joints["LeftForeArm"] == ("Left_ForeArm",)
    assert set(CORE) <= set(found.joints)


def test_a_shoulder_is_the_upper_arm_where_there_is_no_other():
    names = {"LeftArm": "l_shoulder", "LeftForeArm": "l_elbow", "LeftHand": "l_wrist", "LeftShoulder": "l_collar"}

    found = guess_by_name(renamed(names.get(n, n) for n in HOUSE.names))

    assert found is not None
    assert found.joints["LeftArm"] == ("l_shoulder",)
    assert found.joints["LeftShoulder"] == ("l_collar",)


def test_a_body_without_names_is_understood_by_its_shape():
    found = guess_by_shape(NAMELESS)

    assert {j: HOUSE.names[int(n[0].split()[1])] for j, n in found.joints.items()} == {j: j for j in HOUSE.names}


def test_left_is_left_of_where_the_toes_point():
    about = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.pi)
    rest = NAMELESS.rest_rotations.copy()
    rest[0] = about
    turned = Skeleton(NAMELESS.names, NAMELESS.parents.copy(), NAMELESS.offsets_m.copy(), rest_rotations=rest)

    assert guess_by_shape(turned).joints["LeftHand"] == guess_by_shape(NAMELESS).joints["LeftHand"]


def test_a_body_modelled_with_z_up_is_understood_by_its_shape():
    tip = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.pi / 2)
    rest = NAMELESS.rest_rotations.copy()
    rest[0] = tip
    lying = Skeleton(NAMELESS.names, NAMELESS.parents.copy(), NAMELESS.offsets_m.copy(), rest_rotations=rest)

    assert guess_by_shape(lying).joints == guess_by_shape(NAMELESS).joints


def test_namespaces_case_and_blanks_do_not_matter():
    found = guess_rig(renamed(f"Dancer:{name.lower()} " for name in HOUSE.names), RIGS)

    assert found.name == "humanik"


def test_every_rig_map_knows_the_limbs():
    assert len(RIGS) >= 9
    for rig in RIGS:
        assert set(CORE) <= set(rig.joints), rig.name
        assert isinstance(rig, RigMap)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "rig"),
    [
        ("conformance/bvh/fairmotion/01_01.bvh", "cmu_bvh"),
        ("conformance/bvh/pybvh/cmu_12_01_walk.bvh", "cmu_bvh"),
        ("conformance/bvh/pybvh/bvh_example.bvh", "humanik"),
        ("conformance/bvh/makehuman_cc0/walk1.bvh", "guessed by names"),
        ("conformance/bvh/makehuman_cc0/tpose.bvh", "guessed by names"),
        ("mocap/cmu_bvh_daz/94_13.bvh", "daz"),
        ("mocap/g1_moves/movin_pair/test1.bvh", "humanik"),
    ],
)
def test_real_files_are_understood(shared_data, file, rig):
    skeleton = bvh.read(shared_data / file).skeleton

    assert guess_rig(skeleton, RIGS).name == rig

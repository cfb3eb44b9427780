"""House motions on target rigs: names, tops and rest poses change, and no joint moves for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resources import resource_path
from engine.errors import RigError
from engine.formats import fbx
from engine.formats.target_rigs import read_target_rig, read_target_rigs, save_target_rig
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from engine.motion.on_rig import headings_rad, on_rig, path_above, rig_skeleton, skin_on_rig
from engine.motion.retarget import guess_rig, to_house
from engine.motion.rig import CORE, read_rigs
from engine.motion.skeleton import Skeleton
from engine.motion.target_rig import RootNode, TargetRig
from tests.dances import improvised, standing
from tests.rigged import bent_dance

TARGETS, TROUBLES = read_target_rigs(resource_path("rigs/targets"))
MAPS = read_rigs(resource_path("rigs"))
PLAIN = TARGETS["plain"]
X, Y, Z = np.eye(3)


def built_otherwise(seed: int) -> Skeleton:
    """The house's joints with bones of other lengths, and some a little askew."""
    random = np.random.default_rng(seed)
    offsets = HOUSE.offsets_m * random.uniform(0.8, 1.25, size=(HOUSE.n_joints, 1))
    offsets[1:] += random.normal(size=(HOUSE.n_joints - 1, 3)) * 0.01
    return Skeleton(HOUSE.names, HOUSE.parents.copy(), offsets, HOUSE.tips_m.copy())


def shared(motion: Motion, rig: TargetRig) -> list[int]:
    return [motion.skeleton.index(rig.name_of(joint)) for joint in HOUSE.names if joint in rig.joints]


def turned_about(axis: np.ndarray, angles_rad: np.ndarray) -> Motion:
    """The body in one piece, its hips turned about an axis."""
    still = standing(len(angles_rad))
    local = still.local_rotations.copy()
    local[:, 0] = quaternion.from_axis_angle(axis, angles_rad)
    return replace(still, local_rotations=local)


def test_every_bundled_rig_is_sound():
    assert TROUBLES == ()
    assert {"plain", "humanik", "mixamo", "mixamo_prefix", "ue5"} <= set(TARGETS)
    assert all(rig.says.endswith(".") for rig in TARGETS.values())


@pytest.mark.parametrize("name", TARGETS)
@given(seed=st.integers(0, 1000), size=st.floats(0.0, 3.0), is_house=st.booleans())
def test_every_shared_joint_stays_where_it_is_and_turns_as_it_does(name, seed, size, is_house):
    rig, dance = TARGETS[name], improvised(7, seed, size=size)
    dance = dance if is_house else replace(dance, skeleton=built_otherwise(seed))

    put = on_rig(dance, rig)

    known = shared(put, rig)
    (places, turned), (wanted, house_turned) = put.global_transforms(), dance.global_transforms()
    np.testing.assert_allclose(places[:, known], wanted, atol=1e-9, rtol=0)
    moved = quaternion.multiply(turned[1:, known], quaternion.conjugate(turned[:-1, known]))
    house_moved = quaternion.multiply(house_turned[1:], quaternion.conjugate(house_turned[:-1]))
    assert quaternion.angle_between(moved, house_moved).max() < 1e-7


@pytest.mark.parametrize("name", TARGETS)
def test_what_went_to_a_rig_comes_back(name):
    dance = bent_dance(40)
    put = on_rig(dance, TARGETS[name])

    back = to_house(put, guess_rig(put.skeleton, MAPS))

    np.testing.assert_allclose(back.positions_m(), dance.positions_m(), atol=1e-9)
    assert quaternion.angle_between(back.local_rotations, dance.local_rotations).max() < 1e-6


def test_the_plain_rig_is_the_house_skeleton():
    dance = improvised(10)

    put = on_rig(dance, PLAIN)

    assert put.skeleton.names == HOUSE.names
    np.testing.assert_array_equal(put.skeleton.offsets_m, HOUSE.offsets_m)
    np.testing.assert_array_equal(put.skeleton.tips_m, HOUSE.tips_m)
    np.testing.assert_array_equal(put.local_rotations, dance.local_rotations)


def test_the_mannequin_of_unreal_has_its_hierarchy():
    skeleton = rig_skeleton(HOUSE, TARGETS["ue5"])
    above = {n: skeleton.names[skeleton.parents[i]] for i, n in enumerate(skeleton.names) if i}

    assert skeleton.names[0] == "pelvis"
    for chain in (
        ("pelvis", "spine_01", "spine_02", "spine_03", "spine_04", "spine_05", "neck_01", "neck_02", "head"),
        ("spine_05", "clavicle_l", "upperarm_l", "lowerarm_l", "hand_l", "middle_metacarpal_l", "middle_01_l"),
        ("pelvis", "thigh_r", "calf_r", "foot_r", "ball_r"),
    ):
        assert all(above[below] == joint for joint, below in pairwise(chain))
    assert TARGETS["ue5"].root == RootNode("root", is_joint=True, moves=True)


@pytest.mark.shared_data
def test_humanik_has_the_names_and_the_hierarchy_of_mayas_own_character(shared_data):
    maya = fbx.read(shared_data / "conformance" / "fbx_ufbx" / "maya_character_7500_binary.fbx")[0].skeleton
    above = {n: maya.names[maya.parents[i]] for i, n in enumerate(maya.names) if i}
    ours = rig_skeleton(HOUSE, TARGETS["humanik"])

    assert maya.names[0] == "Character1_" + ours.names[0]
    for joint, name in enumerate(ours.names[1:], start=1):
        assert above["Character1_" + name] == "Character1_" + ours.names[ours.parents[joint]]


def test_joints_in_between_share_the_twist_and_leave_the_bend():
    local = standing(1).local_rotations.copy()
    bend = quaternion.from_axis_angle(X, 0.5)
    local[:, JOINT["Head"]] = quaternion.multiply(
        quaternion.from_axis_angle(HOUSE.offsets_m[JOINT["Head"]] / np.hypot(0.085, 0.015), 0.8), bend
    )
    put = on_rig(replace(standing(1), local_rotations=local), TARGETS["ue5"])

    shared_out = quaternion.to_rotation_vector(put.local_rotations[0, put.skeleton.index("neck_02")])

    np.testing.assert_allclose(np.linalg.norm(shared_out), 0.4, atol=0.05)  # half, but for the twist in the bend
    np.testing.assert_allclose(np.cross(shared_out, HOUSE.offsets_m[JOINT["Head"]]), 0.0, atol=1e-12)


def test_arms_and_legs_rest_at_their_angles_and_the_soles_on_the_floor():
    places, turned = rest_transforms(skeleton := rig_skeleton(HOUSE, TARGETS["ue5"]))
    at = {name: places[i] for i, name in enumerate(skeleton.names)}

    for side, sign in (("l", 1.0), ("r", -1.0)):
        arm = at[f"middle_01_{side}"] - at[f"upperarm_{side}"]
        leg = at[f"foot_{side}"] - at[f"thigh_{side}"]
        assert np.degrees(np.arctan2(-arm[1], sign * arm[0])) == pytest.approx(45.0)
        assert np.degrees(np.arctan2(sign * leg[0], -leg[1])) == pytest.approx(6.0)
        assert at[f"ball_{side}"][1] == pytest.approx(0.020)
        np.testing.assert_allclose(at[f"ball_{side}"] - at[f"foot_{side}"], [0.0, -0.060, 0.130], atol=1e-12)
    np.testing.assert_array_equal(turned, np.tile(quaternion.IDENTITY, (skeleton.n_joints, 1)))


def test_a_t_pose_in_an_a_pose_rig_raises_the_arms_by_the_angle():
    put = on_rig(standing(2), TARGETS["ue5"])

    raised = put.local_rotations[:, put.skeleton.index("upperarm_l")]

    np.testing.assert_allclose(quaternion.to_rotation_vector(raised), np.tile(Z * np.pi / 4, (2, 1)), atol=1e-12)


def test_only_house_motions_go_on_a_rig():
    other = Skeleton(("a", "b"), np.array([-1, 0]), np.zeros((2, 3)))

    with pytest.raises(ValueError, match="retarget"):
        on_rig(Motion(other, 30.0, np.zeros((1, 3)), np.tile(quaternion.IDENTITY, (1, 2, 1))), PLAIN)


# --- what stands above the hips --------------------------------------------------------------


def test_a_reference_stands_at_the_origin_and_a_top_has_nothing_above():
    positions, turned = path_above(improvised(5), TARGETS["humanik"])

    np.testing.assert_array_equal(positions, [[0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(turned, [quaternion.IDENTITY])
    assert path_above(improvised(5), TARGETS["mixamo"]) is None
    assert len(path_above(improvised(5), TARGETS["ue5"].root_moving(False))[0]) == 1


def test_a_root_on_the_floor_goes_under_the_hips_and_heads_where_they_do():
    dance = turned_about(Y, np.linspace(0.3, 7.0 * np.pi, 200))
    dance = replace(dance, root_positions_m=np.linspace([1.0, 0.9, -2.0], [-3.0, 1.4, 5.0], 200))

    positions, turned = path_above(dance, TARGETS["ue5"])

    np.testing.assert_array_equal(positions, dance.root_positions_m * [1.0, 0.0, 1.0])
    assert quaternion.angle_between(turned, dance.local_rotations[:, 0]).max() < 1e-9
    assert (np.sum(turned[1:] * turned[:-1], axis=-1) > 0.9).all()


@pytest.mark.parametrize("axis", [X, Z, (X + Z) / np.sqrt(2.0), (X + 0.3 * Y) / np.hypot(1.0, 0.3)])
def test_a_cartwheel_does_not_spin_the_root(axis):
    dance = turned_about(axis, np.linspace(0.0, 2.0 * np.pi, 60))

    headings = headings_rad(dance)

    assert np.abs(np.diff(headings)).max() < np.radians(20.0)


def test_hips_that_are_never_upright_have_no_heading():
    np.testing.assert_array_equal(headings_rad(turned_about(X, np.full(4, np.pi / 2))), np.zeros(4))


# --- skins -----------------------------------------------------------------------------------


def a_skin(seed: int = 0, n: int = 200) -> tuple[np.ndarray, ...]:
    """Points about the joints of the house body, the first half on one joint each, the others on two."""
    random = np.random.default_rng(seed)
    places, _ = rest_transforms(HOUSE)
    joints = np.zeros((n, 4), dtype=int)
    joints[:, 0] = random.integers(1, HOUSE.n_joints, n)
    joints[n // 2 :, 1] = HOUSE.parents[joints[n // 2 :, 0]]
    weights = np.zeros((n, 4))
    weights[:, 0] = np.where(np.arange(n) < n // 2, 1.0, random.uniform(0.1, 0.9, n))
    weights[n // 2 :, 1] = 1.0 - weights[n // 2 :, 0]
    positions = places[joints[:, 0]] + random.normal(size=(n, 3)) * 0.05
    normals = random.normal(size=(n, 3))
    return positions, normals / np.linalg.norm(normals, axis=1, keepdims=True), joints, weights


def skinned_m(motion: Motion, positions_m: np.ndarray, joints: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The vertices in each frame by linear blending, [T, V, 3]."""
    rest, rest_turned = rest_transforms(motion.skeleton)
    places, turned = motion.global_transforms()
    out = np.zeros((motion.n_frames, *positions_m.shape))
    for k in range(4):
        joint = joints[:, k]
        inside = quaternion.rotate(quaternion.conjugate(rest_turned[joint]), positions_m - rest[joint])
        out += weights[:, k, np.newaxis] * (places[:, joint] + quaternion.rotate(turned[:, joint], inside))
    return out


@pytest.mark.parametrize("name", TARGETS)
def test_a_skin_moves_on_the_rig_as_it_does_on_the_house_skeleton(name):
    rig, dance = TARGETS[name], improvised(6, 1, size=0.4)
    positions, normals, joints, weights = a_skin()

    at, turned, rig_joints, rig_weights = skin_on_rig(positions, normals, joints, weights, HOUSE, rig)

    found = skinned_m(on_rig(dance, rig), at, rig_joints, rig_weights)
    wanted = skinned_m(dance, positions, joints, weights)
    # Joints in between twist what lies along them, and a bend that was baked in is no bend of the blend.
    whole = [name in CORE and "Hand" not in name for name in HOUSE.names]
    exact = slice(None) if rig.is_t_pose else [i for i in range(len(joints) // 2) if whole[joints[i, 0]]]
    np.testing.assert_allclose(found[:, exact], wanted[:, exact], atol=1e-9)
    np.testing.assert_allclose(rig_weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0)


def test_what_lies_along_a_cut_bone_is_shared_by_its_parts():
    low, _ = rest_transforms(HOUSE)
    start, end = low[JOINT["Neck"]], low[JOINT["Head"]]
    along = np.array([0.0, 0.2, 0.5, 0.8, 1.0])[:, np.newaxis]
    joints, weights = np.zeros((5, 4), dtype=int), np.zeros((5, 4))
    joints[:, 0], weights[:, 0] = JOINT["Neck"], 1.0
    rig = TARGETS["ue5"]

    _, _, found, shares = skin_on_rig(
        (1 - along) * start + along * end, np.tile(Y, (5, 1)), joints, weights, HOUSE, rig
    )

    upper = rig_skeleton(HOUSE, rig).index("neck_02")
    np.testing.assert_allclose(np.where(found == upper, shares, 0.0).sum(axis=1), [0.0, 0.0, 0.5, 1.0, 1.0], atol=1e-12)


# --- rigs of one's own -----------------------------------------------------------------------


def test_a_rig_of_ones_own_is_made_by_renaming_and_kept(tmp_path):
    own = TARGETS["ue5"].renamed("studio", "Studio's rig", {"pelvis": "hip_jnt", "root": "world", "spine_02": ""})
    save_target_rig(tmp_path / "studio.toml", own)

    found, troubles = read_target_rigs(tmp_path)

    assert found == {"studio": own}
    assert troubles == ()
    assert own.root.name == "world"
    assert "Spine1" not in own.between
    once = (tmp_path / "studio.toml").read_bytes()
    save_target_rig(tmp_path / "studio.toml", read_target_rig(tmp_path / "studio.toml"))
    assert (tmp_path / "studio.toml").read_bytes() == once


@pytest.mark.parametrize("name", TARGETS)
def test_every_rig_survives_being_kept(tmp_path, name):
    save_target_rig(tmp_path / "rig.toml", TARGETS[name])

    assert read_target_rig(tmp_path / "rig.toml") == TARGETS[name]


def test_toes_and_knuckles_may_be_left_out():
    own = PLAIN.renamed("short", "Short", {name: "" for name in HOUSE.names if "Toe" in name or "Finger" in name})
    dance = improvised(5)

    put = on_rig(dance, own)

    assert put.skeleton.n_joints == 20
    kept = [JOINT[joint] for joint in own.joints]
    np.testing.assert_allclose(put.positions_m()[:, shared(put, own)], dance.positions_m()[:, kept], atol=1e-9)
    foot = put.skeleton.tips_m[put.skeleton.index("LeftFoot")]
    np.testing.assert_allclose(foot, HOUSE.offsets_m[JOINT["LeftToeBase"]])  # the bone still ends where it did


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"LeftArm": "left arm"}, "'left arm' is no name"),
        ({"LeftArm": "ns:arm"}, "'ns:arm' is no name"),
        ({"LeftArm": "Ärm"}, "'Ärm' is no name"),
        ({"LeftArm": "RightArm"}, "Two joints are called 'RightArm'"),
        ({"LeftArm": ""}, "lacks LeftArm"),
        ({"Spine1": ""}, "lacks Spine1, which Spine2 hangs on"),
        ({"Nose": "nose"}, "no joint 'Nose'"),
    ],
)
def test_names_that_do_not_go_are_refused_in_a_sentence(names, says):
    with pytest.raises(ValueError, match=says):
        PLAIN.renamed("own", "Own", names)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("joints = 3\n", "joints must be a table"),
        ("name = 'a'\n", "lacks Hips"),
        ("nmae = 'a'\n", "'nmae' means nothing"),
        ("name = 'a'\n[rest]\narms_down_deg = 'low'\n", "number of degrees"),
        ("name = 'a'\n[rest]\nlegs_apart_deg = true\n", "number of degrees"),
        ("name = 'a'\n[root]\nmove = true\n", "'move' means nothing"),
        ("name = \n", "broken.toml"),
        ("\xff", "broken.toml"),
    ],
)
def test_a_broken_rig_is_told_of_and_the_others_are_there(tmp_path, text, says):
    (tmp_path / "broken.toml").write_bytes(text.encode("latin-1"))
    save_target_rig(tmp_path / "good.toml", PLAIN)

    found, troubles = read_target_rigs(tmp_path)

    assert list(found) == ["plain"]
    assert "broken.toml" in str(troubles[0])
    assert says in str(troubles[0])


def test_two_rigs_of_one_name_are_told_apart(tmp_path):
    for file in ("a.toml", "b.toml"):
        save_target_rig(tmp_path / file, PLAIN)

    found, (trouble,) = read_target_rigs(tmp_path)

    assert list(found) == ["plain"]
    assert str(trouble).startswith("b.toml")


def test_angles_beyond_a_body_are_refused():
    with pytest.raises(ValueError, match="degrees"):
        replace(PLAIN, arms_down_deg=100.0)


def test_a_rig_that_is_no_text_or_not_there_is_refused(tmp_path):
    with pytest.raises(RigError, match=r"none\.toml: cannot be read"):
        read_target_rig(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * 100_000)
    with pytest.raises(RigError, match="too large"):
        read_target_rig(tmp_path / "huge.toml")
    with pytest.raises(RigError, match="cannot be written"):
        save_target_rig(tmp_path / "nowhere" / "rig.toml", PLAIN)

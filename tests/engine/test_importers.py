"""Foreign motion files, put on the house skeleton: made here with known angles, and files that others made."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.resources import resource_path
from engine.errors import EngineError, MotionFileError, RetargetError
from engine.formats import bvh, importers
from engine.formats.import_fit import find_rig, rest_frames, to_house
from engine.formats.importers import IMPORTERS, AllOptions, ImportOptions
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from engine.motion.rig import read_rigs
from tests.dances import shifted, skating, walk
from tests.engine.import_samples import COCO, N, aist_motion, amass, bent_elbow_poses, danced, keypoints, walk_trans

RIGS = read_rigs(resource_path("rigs"))
AS_IT_IS = ImportOptions(clean=False, skip_rest=False)


def elbow_rad(motion: Motion, side: str = "Left") -> np.ndarray:
    """How far an elbow is bent, [T]."""
    positions = motion.positions_m()
    arm, elbow, hand = (positions[:, JOINT[side + bone]] for bone in ("Arm", "ForeArm", "Hand"))
    one, other = elbow - arm, hand - elbow
    cosine = np.sum(one * other, axis=-1) / (np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1))
    return np.arccos(np.clip(cosine, -1.0, 1.0))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_an_aist_motion_bends_the_elbow_as_its_numbers_say(tmp_path, protocol):
    imported = importers.read(aist_motion(tmp_path / "gBR_sBM_cAll_d04_mBR0_ch01.pkl", protocol=protocol))

    motion, report = to_house(imported, RIGS, AS_IT_IS)

    assert imported.motions[0].frame_rate_hz == 60.0
    assert report.rig_how == "known"
    wanted = np.linspace(0.0, 0.5 * np.pi, N)
    np.testing.assert_allclose(elbow_rad(motion), wanted, atol=np.radians(8.0))  # its rest pose bends 4 degrees
    assert elbow_rad(motion, "Right").max() < np.radians(8.0)
    hand = motion.positions_m()[-1, JOINT["LeftHand"]] - motion.positions_m()[-1, JOINT["LeftForeArm"]]
    assert hand[2] > 0.9 * np.linalg.norm(hand)  # the forearm points ahead


def test_the_way_of_an_aist_motion_is_its_scaled_one(tmp_path):
    motion, report = to_house(importers.read(aist_motion(tmp_path / "a.pkl")), RIGS,
                              ImportOptions(clean=False, keep_distances=True, skip_rest=False))  # fmt: skip

    way = motion.root_positions_m[-1] - motion.root_positions_m[0]
    np.testing.assert_allclose(way, walk_trans()[-1] - walk_trans()[0], atol=1e-3)
    assert 1.6 < report.height_m < 1.85


@pytest.mark.parametrize(("n_joints", "family"), [(24, "SMPL"), (52, "SMPL-H"), (55, "SMPL-X")])
@pytest.mark.parametrize("rate_name", ["mocap_framerate", "mocap_frame_rate"])
def test_amass_archives_are_stood_up_and_keep_their_rate(tmp_path, n_joints, family, rate_name):
    imported = importers.read(amass(tmp_path / "walk_poses.npz", n_joints, **{rate_name: np.array(120.0)}))

    motion, report = to_house(imported, RIGS, AS_IT_IS)

    assert (imported.reader, imported.up_axis, motion.frame_rate_hz) == (family, "z", 120.0)
    heads = motion.positions_m()[:, JOINT["Head"]] - motion.positions_m()[:, JOINT["LeftFoot"]]
    assert np.all(heads[:, 1] > 1.2)
    assert motion.root_positions_m[-1, 2] > motion.root_positions_m[0, 2] + 0.4  # ahead is +z
    assert report.rate_from == "as the file says"


def test_the_root_and_the_body_may_lie_in_arrays_of_their_own(tmp_path):
    poses = bent_elbow_poses(22)
    np.savez(tmp_path / "a.npz", root_orient=poses[:, :3], pose_body=poses[:, 3:], trans=walk_trans())

    motion, report = to_house(importers.read(tmp_path / "a.npz"), RIGS, AS_IT_IS)

    assert abs(elbow_rad(motion)[-1] - 0.5 * np.pi) < np.radians(8.0)
    assert any("30 frames a second were assumed" in warning for warning in report.warnings)


def points_of(motion: Motion) -> np.ndarray:
    """The COCO points of a house dance, metres, [T, 17, 3]."""
    positions, rotations = motion.global_transforms()
    head = JOINT["Head"]
    face = {"Nose": (0.0, 0.03, 0.10), "LeftEye": (0.03, 0.06, 0.08), "RightEye": (-0.03, 0.06, 0.08),
            "LeftEar": (0.08, 0.05, 0.0), "RightEar": (-0.08, 0.05, 0.0)}  # fmt: skip
    columns = [
        positions[:, head] + quaternion.rotate(rotations[:, head], np.array(face[name])) if name in face
        else positions[:, JOINT[name]] for name in COCO
    ]  # fmt: skip
    return np.stack(columns, axis=1)


def test_points_of_a_dance_give_the_dance_back(tmp_path):
    truth = danced(120)
    imported = importers.read(keypoints(tmp_path / "a.pkl", points_of(truth)))

    motion, report = to_house(imported, RIGS, AS_IT_IS)

    fitted = imported.motions[0]
    ours, theirs = fitted.positions_m(), truth.positions_m()
    for name, within_m in {"LeftHand": 0.01, "RightFoot": 0.001, "RightLeg": 0.001, "LeftForeArm": 0.06}.items():
        far = np.linalg.norm(ours[:, fitted.skeleton.index(name)] - theirs[:, JOINT[name]], axis=-1)
        assert far.max() < within_m, name
    off = quaternion.angle_between(motion.global_transforms()[1], truth.global_transforms()[1])
    allowed = {"LeftUpLeg": 0.5, "RightLeg": 0.5, "Hips": 5.0, "LeftArm": 6.0, "RightForeArm": 6.0}
    for name, within_deg in allowed.items():
        assert np.degrees(off[:, JOINT[name]].mean()) < within_deg, name
    assert report.worst_mm < 5.0
    assert "twist" in " ".join(report.warnings)


def test_missing_points_are_drawn_between_their_neighbours(tmp_path):
    points = points_of(danced(60))
    holed = points.copy()
    holed[10:13, 9] = np.nan
    whole, _ = to_house(importers.read(keypoints(tmp_path / "a.pkl", points)), RIGS, AS_IT_IS)
    motion, report = to_house(importers.read(keypoints(tmp_path / "b.pkl", holed)), RIGS, AS_IT_IS)

    assert "3 points were missing" in " ".join(report.warnings)
    assert np.linalg.norm(motion.positions_m() - whole.positions_m(), axis=-1).max() < 0.1


def test_a_house_dance_comes_back_through_bvh(tmp_path):
    truth = danced(90)
    bvh.write(tmp_path / "dance.bvh", truth)

    motion, report = to_house(importers.read(tmp_path / "dance.bvh"), RIGS, AS_IT_IS)

    assert np.linalg.norm(motion.positions_m() - truth.positions_m(), axis=-1).max() < 0.001
    assert report.worst_mm < 1.0
    assert report.invented == ()
    assert len(report.joint_map) == HOUSE.n_joints


def test_a_t_pose_before_the_dance_is_left_out(tmp_path):
    truth = danced(60)
    root = np.concatenate([np.tile(HOUSE.offsets_m[:1], (2, 1)), truth.root_positions_m])
    local = np.concatenate([np.tile(HOUSE.rest_rotations, (2, 1, 1)), truth.local_rotations])
    bvh.write(tmp_path / "a.bvh", Motion(HOUSE, 30.0, root, local))

    motion, report = to_house(importers.read(tmp_path / "a.bvh"), RIGS)
    kept, _ = to_house(importers.read(tmp_path / "a.bvh"), RIGS, ImportOptions(skip_rest=False))

    assert report.n_skipped in (2, 4)  # a leap out of a pose that is held may be a blend's end
    assert motion.n_frames == 62 - report.n_skipped
    assert kept.n_frames == 62


def test_a_dance_that_moves_out_of_a_t_pose_keeps_all_its_frames():
    local = np.tile(HOUSE.rest_rotations, (90, 1, 1))
    turn = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.linspace(0.0, -1.3, 90))
    local[:, JOINT["LeftArm"]] = turn
    motion = Motion(HOUSE, 30.0, np.tile(HOUSE.offsets_m[:1], (90, 1)), local)

    assert rest_frames(motion, find_rig(HOUSE, RIGS)[0]) == 0


def test_a_wrong_unit_is_seen_by_the_height_and_told(tmp_path):
    bvh.write(tmp_path / "a.bvh", danced(40))
    imported = importers.read(tmp_path / "a.bvh", AllOptions(unit="mm"))

    chosen, told = to_house(imported, RIGS, AllOptions(unit="mm"))
    guessed, guess = to_house(imported, RIGS)

    assert told.height_m < 0.5
    assert told.unit_from == "as chosen."
    assert 1.5 < guess.height_m < 1.9
    assert "choose the unit" in " ".join(guess.warnings)
    np.testing.assert_allclose(chosen.root_positions_m, guessed.root_positions_m, atol=1e-9)


def test_feet_that_slide_are_put_on_the_floor(tmp_path):
    slid = skating(walk()[0])
    bvh.write(tmp_path / "a.bvh", shifted(slid, np.array([0.0, 0.07, 0.0])))

    _, report = to_house(importers.read(tmp_path / "a.bvh"), RIGS)

    assert abs(report.floor_before_m - 0.07) < 0.01
    assert abs(report.floor_after_m) < 0.005
    assert report.slide_after_m_s < 0.5 * report.slide_before_m_s


def test_the_report_says_everything_in_sentences(tmp_path):
    _, report = to_house(importers.read(aist_motion(tmp_path / "a.pkl")), RIGS)

    words = [word for word, _ in report.lines()]
    assert words[:7] == ["File", "Rate", "Length", "Unit", "Body", "Rig", "Joints"]
    assert {"Floor", "Feet", "Fit"} <= set(words)
    assert all(sentence.endswith(".") for _, sentence in report.lines())


def test_every_importer_says_what_it_is_and_its_options_have_defaults():
    for name, importer in IMPORTERS.items():
        assert name == importer.name
        assert importer.says
        assert issubclass(importer.options, ImportOptions)
        assert importer.options() == importer.options()
        assert all(e.startswith(".") and e == e.lower() for e in importer.extensions)


@pytest.mark.parametrize("name", ["dance.txt", "dance", "dance.bvh.gz"])
def test_an_unknown_ending_is_a_sentence_that_names_the_known_ones(tmp_path, name):
    with pytest.raises(MotionFileError, match=r"\.bvh"):
        importers.read(tmp_path / name)


def test_an_archive_of_something_else_says_what_it_holds(tmp_path):
    np.savez(tmp_path / "a.npz", weights=np.zeros(3))

    with pytest.raises(MotionFileError, match="weights"):
        importers.read(tmp_path / "a.npz")


def test_python_objects_in_an_archive_are_left_alone(tmp_path):
    np.savez(tmp_path / "a.npz", poses=np.array([{"a": 1}], dtype=object))

    with pytest.raises(MotionFileError, match="nothing"):
        importers.read(tmp_path / "a.npz")


def test_a_skeleton_without_legs_is_a_sentence(tmp_path):
    (tmp_path / "a.bvh").write_text(
        "HIERARCHY\nROOT tail\n{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
        "End Site\n{\nOFFSET 0 1 0\n}\n}\nMOTION\nFrames: 2\nFrame Time: 0.04\n0 0 0\n0 0 0\n"
    )

    with pytest.raises(RetargetError):
        to_house(importers.read(tmp_path / "a.bvh"), RIGS)


def _sound(folder: Path) -> list[tuple[str, bytes]]:
    aist = aist_motion(folder / "a.pkl", bent_elbow_poses(n_frames=6)).read_bytes()
    points = keypoints(folder / "k.pkl", points_of(danced(6))).read_bytes()
    archive = amass(folder / "a.npz", 24).read_bytes()
    bvh.write(folder / "a.bvh", danced(4))
    return [(".pkl", aist), (".pkl", points), (".npz", archive), (".bvh", (folder / "a.bvh").read_bytes())]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return _sound(tmp_path_factory.mktemp("sound"))


@given(data=st.data())
@settings(max_examples=120)
def test_damaged_bytes_never_raise_anything_but_an_engine_error(sound, tmp_path_factory, data):
    ending, good = data.draw(st.sampled_from(sound))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    path.write_bytes(bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))]))

    with contextlib.suppress(EngineError):
        motion, _ = to_house(importers.read(path), RIGS)
        assert np.isfinite(motion.positions_m()).all()


@pytest.mark.shared_data
def test_one_motion_in_three_formats_agrees(shared_data):
    options = ImportOptions(clean=False)
    paths = [
        shared_data / "conformance" / "bvh" / "fairmotion" / "01_01.amc",
        shared_data / "mocap" / "cmu_bvh" / "01_01.bvh",
        shared_data / "mocap" / "cmu_fbx" / "01_01_cmu.fbx",
    ]
    first, *others = (to_house(importers.read(path), RIGS, options)[0] for path in paths)

    by_bvh, by_fbx = (_apart_m(first, other) for other in others)
    assert by_bvh.max() < 1e-5
    assert by_fbx.mean() < 5e-4  # curves whose keys were thinned out
    assert by_fbx.max() < 0.01


@pytest.mark.shared_data
def test_a_person_and_the_robot_that_copied_her_stand_alike(shared_data):
    pair = shared_data / "mocap" / "g1_moves" / "movin_pair"
    options = ImportOptions(clean=False)
    person, robot = (to_house(importers.read(pair / name), RIGS, options)[0] for name in ("test1.bvh", "test1.pkl"))

    # The robot's world is turned: what is ahead in the one file is at the side in the other.
    quarter = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), 0.5 * np.pi)
    turned = np.array(robot.local_rotations)
    turned[:, 0] = quaternion.multiply(quarter, turned[:, 0])
    robot = replace(robot, local_rotations=turned, root_positions_m=quaternion.rotate(quarter, robot.root_positions_m))
    assert np.median(_apart_m(person, robot)) < 0.05


@pytest.mark.shared_data
def test_soma_motions_fit_to_a_few_millimetres(shared_data):
    for path in sorted((shared_data / "mocap" / "soma").glob("*.npz"))[:4]:
        motion, report = to_house(importers.read(path), RIGS, ImportOptions(clean=False))
        assert report.mean_mm < 15.0, path.name
        assert report.rig_how == "known"
        assert motion.frame_rate_hz == 50.0


@pytest.mark.shared_data
def test_every_bvh_dialect_gives_a_motion_or_one_sentence(shared_data):
    done, said = 0, []
    for path in sorted((shared_data / "conformance" / "bvh").rglob("*.bvh")):
        try:
            motion, _ = to_house(importers.read(path), RIGS)
        except EngineError as error:
            said.append(str(error))
        else:
            done += 1
            assert np.isfinite(motion.positions_m()).all()
    assert done >= 13
    assert all(".bvh" in sentence for sentence in said)


@pytest.mark.shared_data
def test_captures_are_cut_where_their_t_pose_ends(shared_data):
    """The truth is the data's own list: 1 frame in the BVH files of CMU, 6 in those that blend out of it."""
    for name, most in (("cmu_bvh/49_01.bvh", 1), ("cmu_bvh/08_02.bvh", 1), ("cmu_bvh_daz/94_04.bvh", 7)):
        motion = importers.read(shared_data / "mocap" / name).motions[0]
        assert most - 1 <= rest_frames(motion, find_rig(motion.skeleton, RIGS)[0]) <= most, name


def _apart_m(one: Motion, other: Motion) -> np.ndarray:
    """Distances of the limbs' joints as seen from the hips, at the best shift by a frame or two, [T, J]."""
    n = min(one.n_frames, other.n_frames) - 3
    names = ("ForeArm", "Hand", "Leg", "Foot")
    joints = [JOINT[side + name] for side in ("Left", "Right") for name in names]
    seen = [(m.positions_m() - m.root_positions_m[:, None])[:, joints] for m in (one, other)]
    shifts = [(i, j) for i in range(3) for j in range(3) if 0 in (i, j)]
    apart = [np.linalg.norm(seen[0][i : i + n] - seen[1][j : j + n], axis=-1) for i, j in shifts]
    return min(apart, key=lambda far: float(far.mean()))

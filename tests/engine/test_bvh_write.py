import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import MotionFileError
from engine.formats import bvh, bvh_write
from engine.motion import quaternion, rotations
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.engine.bvh_samples import read_plainly
from tests.strategies import motions


def house_motion(n_frames=40, rate_hz=30.0):
    """The house skeleton with every joint swinging and the root turning several times round."""
    t = np.arange(n_frames)[:, np.newaxis, np.newaxis]
    swing = 0.7 * np.sin(0.2 * t + np.arange(24)[:, np.newaxis] + np.arange(3))
    local = quaternion.from_rotation_vector(swing)
    spin = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), 0.6 * t[:, 0, 0])
    local[:, 0] = quaternion.multiply(spin, local[:, 0])
    root_m = HOUSE.offsets_m[0] + 0.01 * t[:, 0] * [1.0, 0.0, -0.5]
    return Motion(HOUSE, rate_hz, root_m, local)


def written(tmp_path, motion, **options):
    path = tmp_path / "out.bvh"
    bvh.write(path, motion, **options)
    return path


def by_name(motion, values):
    return dict(zip(motion.skeleton.names, np.moveaxis(values, 1, 0), strict=True))


# The dialect


def test_a_small_file_is_written_to_the_letter(tmp_path):
    local = np.tile(quaternion.IDENTITY, (2, 3, 1))
    local[1, 1] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.radians(30.0))
    skeleton = Skeleton(
        ("Hips", "Left Leg", "Head"),
        np.array([-1, 0, 0]),
        np.array([[0, 0.9, 0], [0.1, -0.05, 0], [0, 0.6, 0]]),
        np.array([[0, 0, 0], [0, -0.4, 0], [0, 0, 0]]),
    )

    path = written(tmp_path, Motion(skeleton, 24.0, np.array([[0.0, 0.9, 0.0], [0.001, 0.9, -1.0]]), local))

    assert path.read_bytes().decode("ascii") == (
        "HIERARCHY\n"
        "ROOT Hips\n"
        "{\n"
        "  OFFSET 0.000000 0.000000 0.000000\n"
        "  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
        "  JOINT Left_Leg\n"
        "  {\n"
        "    OFFSET 10.000000 -5.000000 0.000000\n"
        "    CHANNELS 3 Zrotation Xrotation Yrotation\n"
        "    End Site\n"
        "    {\n"
        "      OFFSET 0.000000 -40.000000 0.000000\n"
        "    }\n"
        "  }\n"
        "  JOINT Head\n"
        "  {\n"
        "    OFFSET 0.000000 60.000000 0.000000\n"
        "    CHANNELS 3 Zrotation Xrotation Yrotation\n"
        "    End Site\n"
        "    {\n"
        "      OFFSET 0.000000 18.000000 0.000000\n"
        "    }\n"
        "  }\n"
        "}\n"
        "MOTION\n"
        "Frames: 2\n"
        "Frame Time: 0.04166667\n"
        + " ".join(["0.000000", "90.000000", *["0.000000"] * 10]) + "\n"
        + " ".join(["0.100000", "90.000000", "-100.000000", *["0.000000"] * 4, "30.000000", *["0.000000"] * 4]) + "\n"
    )  # fmt: skip


def test_a_plain_reader_finds_the_joints_where_the_motion_has_them(tmp_path):
    motion = house_motion()

    places = read_plainly(written(tmp_path, motion).read_text(), list(range(motion.n_frames)))

    for name, expected in by_name(motion, motion.positions_m()).items():
        np.testing.assert_allclose(places[name] / 100.0, expected, atol=1e-6)


def test_bvhio_finds_the_joints_where_the_motion_has_them(tmp_path):
    bvhio = pytest.importorskip("bvhio", exc_type=ImportError)
    motion = house_motion(n_frames=5)

    root = bvhio.readAsHierarchy(str(written(tmp_path, motion)))

    for frame in range(5):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            expected = motion.positions_m()[frame, motion.skeleton.index(joint.Name)]
            np.testing.assert_allclose(np.array(joint.PositionWorld) / 100.0, expected, atol=1e-4)


def test_the_angles_of_a_spinning_dancer_never_jump(tmp_path):
    path = written(tmp_path, house_motion(n_frames=100))

    lines = path.read_text().splitlines()
    rows = np.array([line.split() for line in lines[lines.index("MOTION") + 3 :]], dtype=float)
    steps = np.abs(np.diff(rows[:, 3:6], axis=0))
    assert steps.max() < 90.0
    assert np.abs(rows[-1, 3:6] - rows[0, 3:6]).max() > 3000.0


@pytest.mark.parametrize("rate_hz", [24.0, 25.0, 30.0, 60.0, 120.0, 24000 / 1001, 30000 / 1001, 60000 / 1001])
def test_film_and_game_rates_survive_the_frame_time(tmp_path, rate_hz):
    path = written(tmp_path, house_motion(n_frames=2, rate_hz=rate_hz))

    assert bvh.read(path).frame_rate_hz == rate_hz


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Hips", "Left Arm", "mixamorig:Head"), ["Hips", "Left_Arm", "mixamorig:Head"]),
        (("a b", "a_b", "a  b"), ["a_b_2", "a_b", "a_b_3"]),
        (("Tête", "頭", "{x}"), ["Tete", "joint_1", "_x_"]),
        (("a b", "a\tb", "a_b_2"), ["a_b", "a_b_3", "a_b_2"]),
    ],
)
def test_names_become_ascii_without_spaces_each_once(names, expected):
    assert bvh_write.file_names(names) == expected


@given(st.lists(st.text(max_size=6), min_size=1, max_size=12, unique=True))
def test_any_names_become_ascii_words_each_once(names):
    out = bvh_write.file_names(tuple(names))

    assert len(set(out)) == len(names)
    assert all(re.fullmatch(r"[!-~]+", name) and not set(name) & set("{}") for name in out)


# There and back


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)
@given(motion=motions())
def test_what_is_written_is_read(tmp_path, motion):
    path = written(tmp_path, motion)

    report = bvh.read_report(path, unit_to_m=0.01, up_axis="y")

    back = report.motion
    assert report.warnings == ()
    assert back.frame_rate_hz == pytest.approx(motion.frame_rate_hz, rel=1e-6)
    assert sorted(back.skeleton.names) == sorted(bvh_write.file_names(motion.skeleton.names))
    there, here = by_name(motion, motion.positions_m()), by_name(back, back.positions_m())
    turned, read = by_name(motion, motion.local_rotations), by_name(back, back.local_rotations)
    for name in motion.skeleton.names:
        file_name = name.replace(" ", "_")
        np.testing.assert_allclose(here[file_name], there[name], atol=1e-4)
        assert np.degrees(quaternion.angle_between(read[file_name], turned[name])).max() < 0.01


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(motion=motions(rest_rotations=True))
def test_a_skeleton_with_rest_rotations_keeps_its_positions_and_its_rest_pose(tmp_path, motion):
    back = bvh.read_report(written(tmp_path, motion), unit_to_m=0.01, up_axis="y").motion

    there, here = by_name(motion, motion.positions_m()), by_name(back, back.positions_m())
    rest_there, rest_here = rest_transforms(motion.skeleton)[0], rest_transforms(back.skeleton)[0]
    for i, name in enumerate(motion.skeleton.names):
        file_name = name.replace(" ", "_")
        np.testing.assert_allclose(here[file_name], there[name], atol=1e-4)
        np.testing.assert_allclose(rest_here[back.skeleton.index(file_name)], rest_there[i], atol=1e-4)


def test_a_house_motion_comes_back_whole(tmp_path):
    motion = house_motion()

    report = bvh.read_report(written(tmp_path, motion))

    assert report.warnings == ()
    assert report.motion.skeleton.names == HOUSE.names
    np.testing.assert_allclose(report.motion.skeleton.offsets_m[1:], HOUSE.offsets_m[1:], atol=1e-9)
    np.testing.assert_allclose(report.motion.skeleton.tips_m, HOUSE.tips_m, atol=1e-9)
    np.testing.assert_allclose(report.motion.positions_m(), motion.positions_m(), atol=1e-6)


@pytest.mark.parametrize("order", ["ZXY"])
def test_frames_at_gimbal_lock_come_back(tmp_path, order):
    rng = np.random.default_rng(0)
    angles = rng.uniform(-np.pi, np.pi, (200, 24, 3))
    angles[..., 1] = rng.choice([-1.0, 1.0], (200, 24)) * (np.pi / 2 - rng.choice([0.0, 1e-9, 1e-5], (200, 24)))
    local = rotations.quaternion_from_euler(angles, order)

    for dtype in (np.float32, np.float64):
        motion = Motion(HOUSE, 30.0, np.zeros((200, 3)), local.astype(dtype))
        back = bvh.read(written(tmp_path, motion))
        assert np.degrees(quaternion.angle_between(back.local_rotations, local)).max() < 0.001


# Corners


def test_a_first_frame_in_t_pose_stands_where_the_skeleton_stands(tmp_path):
    motion = house_motion(n_frames=3)

    back = bvh.read(written(tmp_path, motion, first_frame_t_pose=True))

    assert back.n_frames == 4
    np.testing.assert_allclose(back.positions_m()[0], rest_transforms(HOUSE)[0], atol=1e-9)
    np.testing.assert_allclose(back.positions_m()[1:], motion.positions_m(), atol=1e-6)


def test_a_t_pose_of_a_skeleton_that_does_not_say_where_it_stands_is_put_on_the_floor(tmp_path):
    offsets_m = HOUSE.offsets_m.copy()
    offsets_m[0] = 0.0
    motion = house_motion(n_frames=1)
    unplaced = replace(motion, skeleton=Skeleton(HOUSE.names, HOUSE.parents, offsets_m, HOUSE.tips_m))

    back = bvh.read(written(tmp_path, unplaced, first_frame_t_pose=True))

    assert back.positions_m()[0, :, 1].min() == pytest.approx(0.0, abs=1e-9)


def test_a_motion_without_frames_is_a_skeleton_file(tmp_path):
    back = bvh.read(written(tmp_path, house_motion().slice(0, 0)))

    assert back.n_frames == 0
    assert back.skeleton.names == HOUSE.names


def test_no_end_site_is_zero(tmp_path):
    skeleton = Skeleton(("a", "b"), np.array([-1, 0]), np.zeros((2, 3)))
    motion = Motion(skeleton, 30.0, np.zeros((1, 3)), np.tile(quaternion.IDENTITY, (1, 2, 1)))

    back = bvh.read(written(tmp_path, motion), unit_to_m=0.01)

    assert np.linalg.norm(back.skeleton.tips_m[1]) >= 0.02


def test_a_skeleton_nested_five_thousand_deep_is_written(tmp_path):
    n = 5_000
    chain = Skeleton(tuple(f"j{i}" for i in range(n)), np.arange(n) - 1, np.tile([0.0, 0.001, 0.0], (n, 1)))
    motion = Motion(chain, 30.0, np.zeros((1, 3)), np.tile(quaternion.IDENTITY, (1, n, 1)))

    path = written(tmp_path, motion)

    assert bvh.read(path, unit_to_m=0.01).skeleton.names == chain.names
    assert path.stat().st_size < 600 * n


def test_writing_changes_nothing_in_the_motion(tmp_path):
    motion = house_motion()
    before = motion.local_rotations.copy()

    written(tmp_path, motion)

    np.testing.assert_array_equal(motion.local_rotations, before)


# Failing


@pytest.mark.parametrize(("frame", "value"), [(0, np.nan), (7, np.inf)])
def test_a_value_that_is_no_number_is_refused_and_the_old_file_stays(tmp_path, frame, value):
    motion = house_motion(n_frames=10)
    root_m = motion.root_positions_m.copy()
    root_m[frame, 1] = value
    path = tmp_path / "out.bvh"
    path.write_text("old")

    with pytest.raises(MotionFileError, match=rf"^out\.bvh: frame {frame} of the motion"):
        bvh.write(path, replace(motion, root_positions_m=root_m))

    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.bvh"]


def test_a_write_that_breaks_off_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "out.bvh"
    path.write_text("old")
    real = bvh_write._rows

    def full_disk(numbers):
        full_disk.calls += 1
        if full_disk.calls > 1:
            raise OSError(28, "No space left on device")
        return real(numbers)

    full_disk.calls = 0
    monkeypatch.setattr(bvh_write, "_rows", full_disk)

    with pytest.raises(MotionFileError, match=r"^out\.bvh: cannot be written \(No space left on device\)\.$"):
        bvh.write(path, house_motion(n_frames=1000))

    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.bvh"]


def test_a_folder_that_is_not_there_is_named_in_a_sentence(tmp_path):
    with pytest.raises(MotionFileError, match=r"^out\.bvh: cannot be written \(No such file or directory\)\.$"):
        bvh.write(tmp_path / "gone" / "out.bvh", house_motion())


def test_an_older_file_is_replaced(tmp_path):
    path = written(tmp_path, house_motion(n_frames=100))

    bvh.write(path, house_motion(n_frames=2))

    assert bvh.read(path).n_frames == 2

import itertools

import numpy as np
import pytest

from engine.errors import MotionFileError
from engine.formats import bvh, bvh_guess
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from tests.engine.bvh_samples import HEAD, ROWS, SAMPLE, read_plainly, turn, words_to_exponents

AS_IT_IS = {"unit_to_m": 1.0, "up_axis": "y"}


@pytest.fixture
def read(tmp_path):
    def report(text, **options):
        path = tmp_path / "dance.bvh"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bvh.read_report(path, **options)

    return report


def refusal(read, text, **options):
    with pytest.raises(MotionFileError) as caught:
        read(text, **options)
    return str(caught.value)


def with_file(head=HEAD, n_frames="Frames: 3", frame_time="Frame Time: 0.0333333", rows=ROWS):
    return "\n".join([head.rstrip("\n"), "MOTION", n_frames, frame_time, rows])


# What is read


def test_positions_are_those_of_a_plain_reader(read):
    motion = read(SAMPLE, **AS_IT_IS).motion

    expected = read_plainly(SAMPLE, [0, 1, 2])
    assert motion.skeleton.names == tuple(expected) == ("Hips", "Chest", "Head", "Leg")
    np.testing.assert_allclose(motion.positions_m(), np.stack(list(expected.values()), axis=1), atol=1e-12)


def test_the_skeleton_has_the_offsets_and_tips_of_the_file_in_metres(read):
    skeleton = read(SAMPLE, unit_to_m=0.01).motion.skeleton

    np.testing.assert_allclose(skeleton.offsets_m[1], [0.0, 0.205, -0.0125])
    np.testing.assert_allclose(skeleton.tips_m, [[0, 0, 0], [0, 0, 0], [0, 0.12, 0.03], [0, -0.44, 0]])
    np.testing.assert_array_equal(skeleton.parents, [-1, 0, 1, 0])


def test_read_gives_the_motion_of_the_report(tmp_path):
    path = tmp_path / "dance.bvh"
    path.write_text(SAMPLE)

    motion = bvh.read(path, unit_to_m=0.0254)

    expected = bvh.read_report(path, unit_to_m=0.0254).motion
    np.testing.assert_array_equal(motion.local_rotations, expected.local_rotations)
    np.testing.assert_array_equal(motion.root_positions_m, expected.root_positions_m)


@pytest.mark.parametrize("order", ["".join(letters) for letters in itertools.permutations("XYZ")])
def test_rotations_apply_from_left_to_right_in_every_order(read, order):
    channels = " ".join(f"{axis}rotation" for axis in order)
    head = f"HIERARCHY\nROOT a\n{{\nOFFSET 0 0 0\nCHANNELS 3 {channels}\n}}\n"

    q = read(with_file(head, "Frames: 1", rows="10 20 30"), unit_to_m=1.0).motion.local_rotations[0, 0]

    expected = turn(order[0], 10) @ turn(order[1], 20) @ turn(order[2], 30)
    np.testing.assert_allclose(quaternion.rotate(q, np.eye(3)).T, expected, atol=1e-12)


def test_every_joint_may_have_its_own_order_and_number_of_channels(read):
    head = HEAD.replace("CHANNELS 3 Zrotation Xrotation Yrotation\n    End", "CHANNELS 1 Xrotation\n    End")
    head = head.replace("CHANNELS 3 Zrotation Xrotation Yrotation\n      End", "CHANNELS 0\n      End")
    head = head.replace("CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS 2 Yrotation Zrotation")
    text = with_file(head, "Frames: 1", rows="1.5 95.25 -3.0 10.0 20.0 -30.0 5.0 0.5 70.0\n")

    motion = read(text, **AS_IT_IS).motion

    expected = read_plainly(text, [0])
    np.testing.assert_allclose(motion.positions_m(), np.stack(list(expected.values()), axis=1), atol=1e-12)
    np.testing.assert_allclose(motion.local_rotations[0, 2], quaternion.IDENTITY)


def test_a_root_may_turn_before_it_moves(read):
    moved = HEAD.replace(
        "Xposition Yposition Zposition Zrotation Xrotation Yrotation",
        "Zrotation Xrotation Yrotation Xposition Yposition Zposition",
    )
    rows = [row.split() for row in ROWS.splitlines()]
    swapped = "\n".join(" ".join(row[3:6] + row[0:3] + row[6:]) for row in rows)

    motion = read(with_file(moved, rows=swapped), **AS_IT_IS).motion

    np.testing.assert_array_equal(motion.positions_m(), read(SAMPLE, **AS_IT_IS).motion.positions_m())


# The same file in other words

SAME_FILE = {
    "CRLF": SAMPLE.replace("\n", "\r\n"),
    "CR": SAMPLE.replace("\n", "\r"),
    "CRLF and LF mixed": HEAD.replace("\n", "\r\n") + SAMPLE.removeprefix(HEAD),
    "tabs": SAMPLE.replace("  ", "\t").replace(" ", "\t"),
    "trailing spaces": SAMPLE.replace("\n", " \t \n"),
    "blank lines": SAMPLE.replace("\n", "\n\n"),
    "blank lines at the end": SAMPLE + "\n \n\t\n\n",
    "no line feed at the end": SAMPLE.rstrip("\n"),
    "spaces before the header": "\n  " + SAMPLE,
    "exponents": words_to_exponents(SAMPLE),
    "plus signs": SAMPLE.replace(" 95.", " +95."),
    "lower case": SAMPLE.replace("HIERARCHY", "hierarchy").replace("ROOT", "root").replace("JOINT", "joint")
    .replace("OFFSET", "offset").replace("CHANNELS", "channels").replace("End Site", "end site")
    .replace("MOTION", "motion").replace("Frames", "frames").replace("Frame Time", "frame time")
    .replace("rotation", "ROTATION").replace("position", "Position"),
    "upper case": SAMPLE.replace("End Site", "END SITE").replace("Frame Time", "FRAME TIME").replace("Fra", "FRA"),
    "named end sites": SAMPLE.replace("End Site", "End Site Nub"),
    "braces on the line of the name": SAMPLE.replace("\n  {", " {").replace("Hips\n{", "Hips{"),
    "one line": " ".join(HEAD.split()) + " " + SAMPLE.removeprefix(HEAD),
    "byte order mark": "\ufeff" + SAMPLE,
    "UTF-16": ("\ufeff" + SAMPLE).encode("utf-16-le"),
    "frame time first": with_file(n_frames="Frame Time: 0.0333333", frame_time="Frames: 3"),
    "no colons": with_file(n_frames="Frames 3", frame_time="Frame Time 0.0333333"),
    "spaced colons": with_file(n_frames="Frames :  3", frame_time="FrameTime :\t.0333333"),
    "frames broken over lines": with_file(rows=ROWS.replace(" 5.0 ", "\n5.0 ", 1).replace(" 6.0 1.5", "\n6.0\n1.5")),
    "all frames on one line": with_file(rows=ROWS.replace("\n", " ")),
    "end of file mark": SAMPLE + "\x1a",
}  # fmt: skip


@pytest.mark.parametrize("dialect", SAME_FILE)
def test_a_dialect_says_the_same(read, dialect):
    there, here = read(SAMPLE, unit_to_m=0.01), read(SAME_FILE[dialect], unit_to_m=0.01)

    assert here.warnings == ()
    assert here.motion.skeleton.names == there.motion.skeleton.names
    assert here.motion.frame_rate_hz == 30.0
    np.testing.assert_allclose(here.motion.skeleton.offsets_m, there.motion.skeleton.offsets_m)
    np.testing.assert_allclose(here.motion.skeleton.tips_m, there.motion.skeleton.tips_m)
    np.testing.assert_allclose(here.motion.positions_m(), there.motion.positions_m(), atol=1e-9)


# Names


def test_names_may_hold_spaces_colons_and_any_letters(read):
    head = HEAD.replace("Chest", "mixamorig:Spine 1").replace("Head", "Köpfchen  ")
    head = head.replace("JOINT Leg", "JOINT\tMOTION")

    names = read(with_file(head), unit_to_m=0.01).motion.skeleton.names

    assert names == ("Hips", "mixamorig:Spine 1", "Köpfchen", "MOTION")


def test_names_that_are_not_utf_8_are_read_as_latin_1(read):
    report = read(with_file(HEAD.replace("Head", "Tête")).encode("latin-1"), unit_to_m=0.01)

    assert report.motion.skeleton.names[2] == "Tête"
    assert "Latin-1" in report.warnings[0]


def test_names_that_are_missing_or_taken_are_made_unique(read):
    head = HEAD.replace("JOINT Chest", "JOINT Leg").replace("JOINT Head", "JOINT").replace("Hips", "Leg_2")

    report = read(with_file(head), unit_to_m=0.01)

    assert report.motion.skeleton.names == ("Leg_2", "Leg", "joint_2", "Leg_3")
    assert "2 joints had no name or one that was taken" in report.warnings[0]


# Frames and their rate


@pytest.mark.parametrize(
    ("said", "warning"),
    [
        ("Frames: 100", "Frames: said 100, the file holds 3."),
        ("Frames: 2", "Frames: said 2, the file holds 3."),
        ("Frames: 1000000000000", "Frames: said 1000000000000, the file holds 3."),
        ("Frames: -7", "Frames: said -7, the file holds 3."),
        ("", "The file does not say how many frames it has; it holds 3."),
        ("Frames:", "The file does not say how many frames it has; it holds 3."),
    ],
)
def test_the_frames_are_counted_not_believed(read, said, warning):
    report = read(with_file(n_frames=said), unit_to_m=0.01)

    assert report.motion.n_frames == 3
    assert report.warnings == (warning,)


@pytest.mark.parametrize("frame_time", ["", "Frame Time:", "Frame Time: 0", "Frame Time: -0.5", "Frame Time: 1e-300"])
def test_thirty_frames_a_second_are_assumed_with_a_warning(read, frame_time):
    report = read(with_file(frame_time=frame_time), unit_to_m=0.01)

    assert report.motion.frame_rate_hz == 30.0
    assert "30 frames a second were assumed" in report.warnings[0]


@pytest.mark.parametrize(
    ("frame_time", "rate_hz"),
    [(".0083333", 120.0), ("0.00833333", 120.0), ("0.041667", 24.0), ("0.0417084", 24000 / 1001), ("0.0417", 24.0),
     ("0.0333667", 30000 / 1001), ("0.0333", 30.0), ("0.016666666666666666", 60.0), ("3.33333e-2", 30.0),
     ("0.01", 100.0), ("0.03", 1 / 0.03), ("0.01241", 1 / 0.01241), ("1.0", 1.0), ("0.00390625", 256.0)],
)  # fmt: skip
def test_the_rate_is_the_one_whose_digits_were_written(frame_time, rate_hz):
    assert bvh_guess.frame_rate_hz(frame_time) == (pytest.approx(rate_hz, rel=1e-12), None)


def test_a_file_may_hold_no_frames(read):
    report = read(with_file(n_frames="Frames: 0", rows=""), unit_to_m=0.01)

    assert report.motion.n_frames == 0
    assert report.motion.skeleton.n_joints == 4
    assert report.warnings == ()


def test_a_file_may_end_with_its_skeleton(read):
    report = read(HEAD, unit_to_m=0.01)

    assert report.motion.n_frames == 0
    assert "no MOTION section" in report.warnings[0]


def test_a_last_frame_that_is_cut_off_is_left_out(read):
    report = read(SAMPLE.rstrip("\n").rsplit(" ", 4)[0], unit_to_m=0.01)

    assert report.motion.n_frames == 2
    assert "cut off after 11 of 15 numbers" in report.warnings[0]


@pytest.mark.parametrize("rubbish", ["end of file", "HIERARCHY\nROOT again", "\ufffd\ufffd 12 3"])
def test_rubbish_after_the_last_frame_is_left_out(read, rubbish):
    report = read(SAMPLE + rubbish, unit_to_m=0.01)

    assert report.motion.n_frames == 3
    assert report.warnings == ("What follows the last frame, from line 36 on, was left out.",)


# Joints


def test_a_joint_without_an_end_site_has_no_tip(read):
    head = HEAD.replace("    End Site\n    {\n      OFFSET 0.0 -44.0 0.0\n    }\n", "")

    report = read(with_file(head), unit_to_m=0.01)

    assert report.warnings == ()
    np.testing.assert_array_equal(report.motion.skeleton.tips_m[3], np.zeros(3))


def test_an_end_site_beside_a_child_is_no_tip(read):
    head = HEAD.replace("  JOINT Leg", "  End Site\n  {\n    OFFSET 1.0 2.0 3.0\n  }\n  JOINT Leg")

    np.testing.assert_array_equal(read(with_file(head), **AS_IT_IS).motion.skeleton.tips_m[0], np.zeros(3))


def test_the_columns_of_an_end_site_with_channels_are_passed_over(read):
    head = HEAD.replace("OFFSET 0.0 12.0 3.0", "OFFSET 0.0 12.0 3.0\n        CHANNELS 1 Xrotation")
    rows = "\n".join(" ".join([*row.split()[:12], "77.0", *row.split()[12:]]) for row in ROWS.splitlines())

    report = read(with_file(head, rows=rows), **AS_IT_IS)

    np.testing.assert_array_equal(report.motion.positions_m(), read(SAMPLE, **AS_IT_IS).motion.positions_m())
    assert "End Site" in report.warnings[0]


def test_a_joint_without_an_offset_is_put_where_its_parent_is(read):
    report = read(with_file(HEAD.replace("    OFFSET 9.0 -4.0 0.0\n", "")), **AS_IT_IS)

    np.testing.assert_array_equal(report.motion.skeleton.offsets_m[3], np.zeros(3))
    assert "no OFFSET" in report.warnings[0]


def test_only_the_first_of_several_roots_is_read(read):
    second = "ROOT Other\n{\nOFFSET 1 2 3\nCHANNELS 3 Xrotation Yrotation Zrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n"
    rows = "\n".join(f"{row} 7.0 8.0 9.0" for row in ROWS.splitlines())

    report = read(with_file(HEAD + second, rows=rows), **AS_IT_IS)

    np.testing.assert_array_equal(report.motion.positions_m(), read(SAMPLE, **AS_IT_IS).motion.positions_m())
    assert "2 roots; 'Hips' was read" in report.warnings[0]


def test_the_roots_offset_is_where_the_rest_pose_stands_and_is_not_added(read):
    report = read(with_file(HEAD.replace("OFFSET 0.0 0.0 0.0", "OFFSET 5.0 90.0 1.0", 1)), **AS_IT_IS)

    np.testing.assert_array_equal(report.motion.root_positions_m[0], [1.5, 95.25, -3.0])
    np.testing.assert_array_equal(report.motion.skeleton.offsets_m[0], [5.0, 90.0, 1.0])


def test_the_roots_offset_stands_in_for_axes_without_a_channel(read):
    head = HEAD.replace("OFFSET 0.0 0.0 0.0", "OFFSET 5.0 90.0 1.0", 1)
    head = head.replace("6 Xposition Yposition Zposition", "4 Yposition")
    rows = "\n".join(" ".join(row.split()[1:2] + row.split()[3:]) for row in ROWS.splitlines())

    motion = read(with_file(head, rows=rows), **AS_IT_IS).motion

    np.testing.assert_array_equal(motion.root_positions_m[:, 1], [95.25, 95.5, 95.75])
    np.testing.assert_array_equal(motion.root_positions_m[:, [0, 2]], np.tile([5.0, 1.0], (3, 1)))


def with_six_channels(chest_places):
    """The sample with position channels on Chest, which has the offset (0, 20.5, -1.25)."""
    at = HEAD.index("CHANNELS 3")
    head = HEAD[:at] + HEAD[at:].replace("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition", 1)
    rows = [row.split() for row in ROWS.splitlines()]
    places = ("{} {} {}".format(*place) for place in chest_places)
    return with_file(head, rows="\n".join(" ".join([*r[:6], p, *r[6:]]) for r, p in zip(rows, places, strict=True)))


def test_still_position_channels_take_the_place_of_the_offset(read):
    text = with_six_channels([(0.0, 21.5, -1.0)] * 3)

    report = read(text, **AS_IT_IS)

    expected = read_plainly(text, [0, 1, 2])
    np.testing.assert_allclose(report.motion.positions_m(), np.stack(list(expected.values()), axis=1), atol=1e-12)
    assert report.joint_travel_m == {"Chest": 0.0}
    assert report.warnings == ()


def test_position_channels_near_zero_are_added_to_the_offset(read):
    text = with_six_channels([(0.0, 0.25, 0.0)] * 3)

    report = read(text, **AS_IT_IS)

    expected = read_plainly(text, [0, 1, 2], adds_offsets=True)
    np.testing.assert_allclose(report.motion.positions_m(), np.stack(list(expected.values()), axis=1), atol=1e-12)
    assert report.warnings == ()


def test_a_joint_that_moves_in_its_parent_keeps_its_mean_place_with_a_warning(read):
    report = read(with_six_channels([(0.0, 20.0, 0.0), (0.0, 21.5, 0.0), (0.0, 23.0, 0.0)]), unit_to_m=0.01)

    np.testing.assert_allclose(report.motion.skeleton.offsets_m[1], [0.0, 0.215, 0.0])
    assert report.joint_travel_m == {"Chest": pytest.approx(0.015)}
    assert "1 joints move within their parents, 'Chest' farthest with 15 mm" in report.warnings[0]


def test_a_root_that_only_carries_the_hips_is_made_one_with_them(read):
    carrier = (
        "HIERARCHY\nROOT Reference\n{\nOFFSET 0 0 0\n"
        "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
    )
    head = HEAD.replace("HIERARCHY\nROOT", carrier + "JOINT") + "}\n"
    rows = "\n".join(f"100.0 0.0 5.0 0.0 0.0 90.0 {row}" for row in ROWS.splitlines())
    text = with_file(head, rows=rows)

    report = read(text, **AS_IT_IS)

    expected = read_plainly(text, [0, 1, 2])
    del expected["Reference"]
    assert report.motion.skeleton.names == tuple(expected)
    np.testing.assert_allclose(report.motion.positions_m(), np.stack(list(expected.values()), axis=1), atol=1e-12)
    assert "'Reference' only carries 'Hips'" in report.warnings[0]


def test_scale_channels_are_passed_over_with_a_warning(read):
    head = HEAD.replace("CHANNELS 3 Zrotation", "CHANNELS 4 Xscale Zrotation", 1)
    rows = "\n".join(" ".join([*row.split()[:6], "1.0", *row.split()[6:]]) for row in ROWS.splitlines())

    report = read(with_file(head, rows=rows), **AS_IT_IS)

    np.testing.assert_array_equal(report.motion.positions_m(), read(SAMPLE, **AS_IT_IS).motion.positions_m())
    assert "scale channels" in report.warnings[0]


# Units and axes


def house_text(units_per_m, up="y"):
    """A file of the house skeleton standing still for two frames."""
    turned = HOUSE.offsets_m if up == "y" else HOUSE.offsets_m[:, [0, 2, 1]] * [1.0, -1.0, 1.0]
    tips = HOUSE.tips_m if up == "y" else HOUSE.tips_m[:, [0, 2, 1]] * [1.0, -1.0, 1.0]

    def joint(j):
        offset, tip = turned[j] * units_per_m, tips[j] * units_per_m
        kind, n = ("JOINT", "3") if j else ("ROOT", "6 Xposition Yposition Zposition")
        end = "End Site\n{{\nOFFSET {} {} {}\n}}\n".format(*tip) if tip.any() else ""
        below = "".join(joint(child) for child in HOUSE.children(j))
        return (
            f"{kind} {HOUSE.names[j]}\n{{\nOFFSET {offset[0]} {offset[1]} {offset[2]}\n"
            f"CHANNELS {n} Zrotation Xrotation Yrotation\n{below}{end}}}\n"
        )

    row = " ".join(str(x) for x in [*(turned[0] * units_per_m), *np.zeros(72)])
    return f"HIERARCHY\n{joint(0)}MOTION\nFrames: 2\nFrame Time: 0.0333333\n{row}\n{row}\n"


@pytest.mark.parametrize("unit_to_m", [1.0, 0.1, 0.0254 / 0.45, 0.0254, 0.01, 0.001])
@pytest.mark.parametrize("size", [0.85, 1.0, 1.15])
def test_the_unit_is_known_by_the_size_of_the_body(read, unit_to_m, size):
    report = read(house_text(size / unit_to_m))

    assert report.unit_to_m == unit_to_m
    height_m = float(report.unit_reason.split(": ")[1].split(" m in ")[0])
    assert height_m == pytest.approx(1.7 * size, abs=0.01)
    assert report.warnings == ()
    np.testing.assert_allclose(report.motion.skeleton.offsets_m, HOUSE.offsets_m * size, atol=1e-9)


def test_a_given_unit_is_taken(read):
    report = read(house_text(100.0), unit_to_m=0.02)

    assert (report.unit_to_m, report.unit_reason) == (0.02, "it was given.")
    np.testing.assert_allclose(report.motion.skeleton.offsets_m, 2 * HOUSE.offsets_m)


def test_centimetres_are_assumed_where_there_is_no_body_to_measure(read):
    report = read(SAMPLE)

    assert report.unit_to_m == 0.01
    assert "not certain" in report.warnings[0]


@pytest.mark.parametrize("up", ["y", "z"])
def test_a_body_that_stands_along_z_is_stood_up(read, up):
    report = read(house_text(100.0, up))

    expected = rest_positions_m(HOUSE)
    assert report.up_axis == up
    assert len(report.warnings) == (up == "z")
    np.testing.assert_allclose(report.motion.positions_m()[0], expected, atol=1e-9)
    np.testing.assert_allclose(rest_positions_m(report.motion.skeleton), expected, atol=1e-9)


def rest_positions_m(skeleton):
    return rest_transforms(skeleton)[0]


def test_a_root_that_turns_a_standing_body_up_to_z_is_seen(read):
    # Rest pose along y, but the root turns it by a quarter about x and hips are at z = 94.
    row = " ".join(str(x) for x in [0.0, 0.0, 94.0, 0.0, 90.0, 0.0, *np.zeros(69)])
    text = house_text(100.0).split("MOTION")[0] + f"MOTION\nFrames: 1\nFrame Time: 0.0333333\n{row}\n"

    report = read(text)

    expected = rest_positions_m(HOUSE)
    assert report.up_axis == "z"
    np.testing.assert_allclose(report.motion.positions_m()[0], expected, atol=1e-9)
    np.testing.assert_allclose(rest_positions_m(report.motion.skeleton), expected, atol=1e-9)


def test_somebody_lying_down_is_not_stood_up(read):
    row = " ".join(str(x) for x in [30.0, 12.0, 150.0, 0.0, 90.0, 0.0, *np.zeros(69)])
    text = house_text(100.0).split("MOTION")[0] + f"MOTION\nFrames: 1\nFrame Time: 0.0333333\n{row}\n"

    assert read(text).up_axis == "y"


# What is refused, with the line and a sentence

BAD_ROW = ROWS.replace("11.0", "{}")
REFUSED = [
    ("", "line 1: this is not a BVH file"),
    ("\x00\x01\x02", "line 1: this is not a BVH file"),
    ("HIERARCHY", "line 1: the skeleton has no joints"),
    ("HIERARCHY\nMOTION", "line 2: the skeleton has no joints"),
    (HEAD.replace("  OFFSET 0.0 0.0 0.0", "  ORIGIN 0.0 0.0 0.0"), "line 4: 'ORIGIN' is no word of a BVH skeleton"),
    (HEAD.replace("20.5", "high"), "line 8: 'high' stands where an offset's number should be"),
    (HEAD.replace("20.5", "20,5"), "line 8: '20,5' stands where an offset's number should be. Decimals need a point"),
    (HEAD.replace("20.5", "nan"), "line 8: 'nan' stands where an offset's number should be"),
    (HEAD.replace("20.5", "1e300"), "line 8: '1e300' is too large"),
    (HEAD.replace("OFFSET 0.0 20.5 -1.25", "OFFSET 0.0 20.5"), "line 9: 'CHANNELS' stands where an offset's number"),
    (HEAD.replace("CHANNELS 6", "CHANNELS six"), "line 5: 'six' stands where the number of channels"),
    (HEAD.replace("CHANNELS 6", "CHANNELS 7"), "line 6: 7 channels are announced, but the channel after 6 is 'JOINT'"),
    (HEAD.replace("CHANNELS 6", "CHANNELS 5"), "line 5: 'Yrotation' is no word of a BVH skeleton"),
    (HEAD.replace("CHANNELS 6", "CHANNELS -1"), "line 5: a joint cannot have -1 channels"),
    (HEAD.replace("CHANNELS 6", "CHANNELS 99999999999"), "line 5: a joint cannot have 99999999999 channels"),
    (HEAD.replace("Yposition", "Xposition"), "line 5: Xposition occurs twice in one joint"),
    (HEAD.replace("Yposition", "Wposition"), "line 5: 6 channels are announced, but the channel after 1 is 'Wpo"),
    (HEAD.replace("ROOT Hips\n{", "ROOT Hips\n"), "line 2: an opening brace is missing"),
    (HEAD.replace("JOINT Leg", "ROOT Leg"), "line 20: a ROOT stands inside another joint"),
    (HEAD.replace("    End Site\n    {", "    End Site\n    {\n JOINT a {}"), "line 26: an End Site cannot hold"),
    (HEAD + "}\n", "line 30: '}' stands outside of every joint"),
    (HEAD + "JOINT late\n{\n}\n", "line 30: this JOINT stands outside of every joint"),
    (HEAD.rstrip("}\n") + "MOTION\n", "before the braces of"),
    (HEAD[: HEAD.index("End Site")], "the file ends before the braces of 3 joints are closed, 'Head' the innermost"),
    (with_file(n_frames="Frames: many"), "line 31: 'many' stands where a number should be"),
    (with_file(frame_time="Frame Time: 0,0333"), "line 32: '0,0333' stands where a number should be. Decimals need"),
    (with_file(frame_time="Frame Time: nan"), "line 32: 'nan' stands where a number should be"),
    (with_file(frame_time="Frame Rate: 30"), "line 32: 'Frame' is not a finite number"),
    (with_file(rows=BAD_ROW.format("x")), "line 34: 'x' is not a finite number"),
    (with_file(rows=BAD_ROW.format("NaN")), "line 34: 'NaN' is not a finite number"),
    (with_file(rows=BAD_ROW.format("-inf")), "line 34: '-inf' is not a finite number"),
    (with_file(rows=BAD_ROW.format("1e999")), "line 34: '1e999' is not a finite number"),
    (with_file(rows=BAD_ROW.format("11,5")), "line 34: '11,5' is not a finite number. Decimals need a point"),
    (with_file(rows=BAD_ROW.format("1e30")), "line 34: 1e+30 is too large for a position or an angle"),
    (with_file(rows=BAD_ROW.format("11.0 7.0")), "line 34: this line has 16 numbers, but the joints have 15 channels"),
    (with_file(rows=BAD_ROW.format("")), "line 34: this line has 14 numbers, but the joints have 15 channels"),
    (with_file(n_frames="Frames: 1", rows="1 2 3"), "line 33: the only frame has 3 of 15 numbers"),
    (with_file(n_frames="Frames: 1", rows="1 " * 16), "line 33: this line has 16 numbers"),
    ("HIERARCHY\nROOT a\n{\n}\nMOTION\nFrames: 1\nFrame Time: 1\n1 2 3", "line 8: there are frames, but no joint has"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[sentence[:50] for _, sentence in REFUSED])
def test_what_cannot_be_understood_is_refused_with_its_line(read, text, sentence):
    message = refusal(read, text)

    assert message.startswith("dance.bvh, line ")
    assert sentence in message
    assert message.endswith(".")


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(MotionFileError, match=r"^gone\.bvh: cannot be read \(No such file"):
        bvh.read(tmp_path / "gone.bvh")


def test_a_unit_must_be_positive(read):
    with pytest.raises(ValueError, match="unit_to_m"):
        read(SAMPLE, unit_to_m=0.0)


# What a hostile file cannot do


def test_a_skeleton_nested_ten_thousand_deep_is_read(read):
    n = 10_000
    joints = "".join(f"JOINT j{i}\n{{\nOFFSET 0 0.1 0\n" for i in range(n))
    text = f"HIERARCHY\nROOT r\n{{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\n{joints}{'}' * (n + 1)}\nMOTION\nFrames: 0\n"

    assert read(text, **AS_IT_IS).motion.skeleton.n_joints == n + 1


def test_too_many_joints_are_refused(read):
    text = "HIERARCHY\nROOT r\n{\n" + "JOINT a{}\n" * 20_000 + "}\n"

    assert "more than 20000 joints" in refusal(read, text)


def test_many_joints_without_channels_cannot_fill_the_memory(read):
    # 5,000 joints and 200,000 frames of one number: 32 GB of rotations out of a file of 0.5 MB.
    joints = "JOINT a{}\n" * 5_000
    text = f"HIERARCHY\nROOT r\n{{\nCHANNELS 1 Xrotation\n{joints}}}\nMOTION\n" + "1\n" * 200_000

    assert "almost no channels" in refusal(read, text)


def test_ten_thousand_joints_of_one_name_are_told_apart(read):
    text = "HIERARCHY\nROOT a\n{\nCHANNELS 1 Xrotation\n" + "JOINT a{}\n" * 10_000 + "}\nMOTION\nFrames: 0\n"

    names = read(text, **AS_IT_IS).motion.skeleton.names

    assert len(set(names)) == 10_001
    assert names[-1] == "a_10001"

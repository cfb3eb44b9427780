"""Receipts: what a second reader finds is held against the scene, and what differs is found however small it is."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import MotionFileError
from engine.formats import bvh_second, bvh_write
from engine.formats.comparison import between_keys_deg, compared, expected, matched
from engine.formats.exporters import FORMATS, MotionOptions, alone, write_proven
from engine.formats.receipt import Origin, ReceiptFailed, as_json, as_text
from engine.formats.scene import RATES, FilmScene, ReadCurves
from engine.motion import quaternion
from tests.film_scenes import dance, film_scene, spinning

AXES = np.eye(3)


def proven(kind, scene: FilmScene, path, options=None, origin=None):
    return write_proven(kind, path, scene, options or kind.options(), lambda _: None, origin)


@pytest.mark.parametrize("kind", FORMATS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("rate", ["23.976", "60"])
def test_what_every_format_holds_is_the_scene(tmp_path, kind, rate):
    scene = film_scene(rate, performers=1 if kind.holds_one else 2, start_frame=1001)

    receipt = proven(kind, scene, tmp_path / f"a{kind.extension}")

    assert receipt.is_passed
    assert receipt.difference.position_mm < 0.01
    assert (receipt.n_frames, receipt.rate) == (scene.n_frames, rate)


def test_spins_through_gimbal_lock_pass_with_their_figure_said(tmp_path):
    motion = spinning(RATES["24"])
    scene = replace(film_scene(), takes=(replace(film_scene().takes[0], motions=(motion,)),))

    receipt = proven(FORMATS["BVH"], scene, tmp_path / "a.bvh")

    assert receipt.difference.rotation_deg < 0.01
    assert receipt.difference.between_deg > 1.0
    assert "no curves of three angles come nearer" in as_text((receipt,))


def wrong_rate(lines: list[str]) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("Frame Time:"))
    lines[at] = "Frame Time: 0.0417"


def lost_frame(lines: list[str]) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("Frames:"))
    lines[at] = f"Frames: {int(lines[at].split()[1]) - 1}"
    del lines[-1]


def moved_joint(lines: list[str]) -> None:
    at = next(i for i, line in enumerate(lines) if "JOINT" in line) + 2
    words = lines[at].split()
    lines[at] = f"OFFSET {float(words[1]) + 0.02:.6f} {words[2]} {words[3]}"


def flipped(lines: list[str]) -> None:
    numbers = lines[-2].split()
    numbers[3] = f"{float(numbers[3]) + 360.0:.6f}"
    lines[-2] = " ".join(numbers)


def swapped_channels(lines: list[str]) -> None:
    at = next(i for i, line in enumerate(lines) if "CHANNELS 3" in line)
    lines[at] = lines[at].replace("Zrotation Xrotation", "Xrotation Zrotation")


@pytest.mark.parametrize(
    ("spoil", "check"),
    [(wrong_rate, "rate"), (lost_frame, "length"), (moved_joint, "rest pose"), (flipped, "between frames"),
     (swapped_channels, "positions")],
)  # fmt: skip
def test_a_spoiled_file_fails_its_receipt_by_name(tmp_path, spoil, check):
    """The file is right until something is done to it between writing and reading back."""

    def write_spoiled(path, scene, options, progress):
        bvh_write.write(path, scene.takes[0].motions[0])
        lines = path.read_text().splitlines()
        spoil(lines)
        path.write_text("\n".join(lines) + "\n")

    with pytest.raises(ReceiptFailed) as failed:
        proven(replace(FORMATS["BVH"], write=write_spoiled), film_scene(), tmp_path / "a.bvh")

    assert check in [met.name for met in failed.value.receipt.checks if not met.is_met]
    assert "a.bvh was not written" in str(failed.value)
    assert "[FAIL] a.bvh" in as_text((failed.value.receipt,))


def test_values_that_are_no_numbers_do_not_pass():
    scene = film_scene()
    wanted = expected(scene)
    holed = wanted.performers[0].positions_m.copy()
    holed[3, 5] = np.nan

    apart = compared(replace(wanted, performers=(replace(wanted.performers[0], positions_m=holed),)), wanted)

    assert not apart.position_mm <= 0.1


def test_a_missing_joint_is_named():
    wanted = expected(film_scene())
    one = wanted.performers[0]
    short = replace(one, joints=("Other", *one.joints[1:]))

    assert compared(replace(wanted, performers=(short,)), wanted).trouble == (f"{one.name} lacks Hips.",)


def test_names_match_behind_a_prefix():
    assert matched(["mixamorig:Hips", "mixamorig:Spine"], ["Spine", "Hips"]) == [1, 0]
    assert matched(["Ana:Hips"], ["Hips", "Spine"]) is None


def test_quaternions_of_opposite_signs_go_the_long_way_round():
    turning = quaternion.from_axis_angle(AXES[1], np.linspace(0.0, 1.0, 5))[:, np.newaxis]
    turning[3:] *= -1.0

    assert between_keys_deg(ReadCurves("quaternion", turning)) == (180.0, 0, 2)


def test_euler_angles_about_one_axis_are_drawn_exactly():
    angles = np.zeros((9, 1, 3))
    angles[:, 0, 0] = np.linspace(0.0, 700.0, 9)

    assert between_keys_deg(ReadCurves("ZXY", angles))[0] < 1e-9


def test_a_receipt_says_where_the_dance_comes_from(tmp_path):
    recipe = {"dancer": "Ana", "take": "Take 3", "seed": 7, "style": {"salsa": 1.0}}
    origin = Origin("Night bus", (recipe,), {"name": "kinetograph", "data": ["CMU, 22 min"]}, "Kinetograph 1", "2026")

    receipt = proven(FORMATS["BVH"], film_scene(), tmp_path / "a.bvh", origin=origin)

    text, data = as_text((receipt,)), json.loads(as_json((receipt,)))
    assert "Take: dancer Ana, take Take 3, seed 7, style salsa=1" in text
    assert "CMU, 22 min" in text
    assert data["files"][0]["origin"]["recipes"] == [recipe]
    assert data["files"][0]["sha256"] in text
    assert data["files"][0]["options"]["rate"] == MotionOptions().rate


def test_each_dancer_can_stand_alone():
    duet = film_scene(performers=2)

    first, second = alone(duet)

    assert (first.performers, second.performers) == (duet.performers[:1], duet.performers[1:])
    assert second.takes[0].motions == duet.takes[0].motions[1:]


def test_the_second_reader_agrees_with_the_motion_itself(tmp_path):
    motion = dance(RATES["30"], 25)
    bvh_write.write(tmp_path / "a.bvh", motion)

    read = bvh_second.read_back(tmp_path / "a.bvh")

    positions, turned = motion.global_transforms()
    order = [read.performers[0].joints.index(name) for name in motion.skeleton.names]
    np.testing.assert_allclose(read.performers[0].positions_m[:, order], positions, atol=1e-7)
    assert np.degrees(quaternion.angle_between(read.performers[0].rotations[:, order], turned)).max() < 1e-4


NO_CHANNELS = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n}\nMOTION\nFrames: 1\nFrame Time: 0\n1 2 3\n"


@pytest.mark.parametrize("text", ["", "HIERARCHY\nMOTION\n", NO_CHANNELS])
def test_what_is_no_file_of_ours_is_refused_by_the_second_reader(tmp_path, text):
    (tmp_path / "a.bvh").write_text(text)

    with pytest.raises(MotionFileError):
        bvh_second.read_back(tmp_path / "a.bvh")


@pytest.mark.parametrize("kind", [k for k in FORMATS.values() if k.holds_takes], ids=lambda kind: kind.name)
def test_every_take_of_a_file_is_compared(tmp_path, kind):
    receipt = proven(kind, film_scene("24", performers=2, takes=3), tmp_path / f"a{kind.extension}")

    takes = next(check for check in receipt.checks if check.name == "takes")
    assert takes.says == "3 takes, each compared on every frame and joint; 3 were wanted."
    assert receipt.difference.take in receipt.takes


@pytest.mark.parametrize("kind", [k for k in FORMATS.values() if k.holds_takes], ids=lambda kind: kind.name)
def test_what_is_wrong_in_the_last_take_alone_is_found_and_named(tmp_path, kind):
    scene = film_scene("24", takes=3)

    def write_other(path, asked, options, progress):
        *before, last = asked.takes
        motion = last.motions[0]
        moved = replace(motion, root_positions_m=motion.root_positions_m + 0.001 * AXES[2])
        kind.write(path, replace(asked, takes=(*before, replace(last, motions=(moved,)))), options, progress)

    with pytest.raises(ReceiptFailed) as failed:
        proven(replace(kind, write=write_other), scene, tmp_path / f"a{kind.extension}")

    assert failed.value.receipt.difference.position_mm == pytest.approx(1.0, abs=0.01)
    assert "take tk03" in str(failed.value)


@pytest.mark.parametrize("kind", [k for k in FORMATS.values() if k.holds_takes], ids=lambda kind: kind.name)
def test_a_lost_take_is_found(tmp_path, kind):
    def write_two(path, asked, options, progress):
        kind.write(path, replace(asked, takes=asked.takes[:2]), options, progress)

    with pytest.raises(ReceiptFailed) as failed:
        proven(replace(kind, write=write_two), film_scene("24", takes=3), tmp_path / f"a{kind.extension}")

    assert "The one has 2 takes, the other 3 takes." in as_text((failed.value.receipt,))


@pytest.mark.parametrize("kind", [k for k in FORMATS.values() if k.holds_takes], ids=lambda kind: kind.name)
def test_one_take_alone_is_written_where_that_is_wanted(tmp_path, kind):
    options = kind.options(has_all_takes=False)

    receipt = proven(kind, film_scene("24", takes=3), tmp_path / f"a{kind.extension}", options)

    assert receipt.takes == ("tk01",)
    assert "takes" not in [check.name for check in receipt.checks]

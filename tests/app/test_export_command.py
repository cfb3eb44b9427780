"""`kinetograph export` and `kinetograph verify`: files that are proven, and exit codes that scripts can trust."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.__main__ import main
from editor.document.document import Clip, Document, Take, Track
from editor.document.project_file import save_project
from engine.formats import bvh
from engine.motion import quaternion
from tests.poses import swinging


@pytest.fixture
def motion_file(tmp_path):
    bvh.write(tmp_path / "in.bvh", swinging(60))
    return tmp_path / "in.bvh"


@pytest.fixture
def piece_file(tmp_path):
    tracks = tuple(
        Track(name, name, (Clip(f"c{name}", 0, 60, (Take(f"t{name}", "Take 1", swinging(60)),)),))
        for name in ("Ana", "Ben")
    )
    save_project(tmp_path / "duet.kino", Document("Duet", tracks=tracks))
    return tmp_path / "duet.kino"


def test_a_motion_file_goes_on_a_rig_at_the_shots_rate(motion_file, tmp_path, capsys):
    out = tmp_path / "out.glb"

    code = main(["export", str(motion_file), "-o", str(out), "--rig", "ue5", "--fps", "25", "--start", "993", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["is_passed"]
    assert (told["files"][0]["n_frames"], told["files"][0]["first_frame"]) == (50, 993)
    assert told == json.loads((tmp_path / "out.glb.receipt.json").read_text("utf-8"))
    assert "[PASS] out.glb" in (tmp_path / "out.glb.receipt.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "out.xyz"], "nothing is written with this ending"),
        (["-o", "out.bvh", "--mesh"], "--mesh means nothing for this format"),
        (["-o", "gone/out.bvh"], "is not there"),
    ],
)
def test_what_cannot_be_written_is_said(motion_file, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)

    assert main(["export", str(motion_file), *arguments]) == 1

    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.bvh"]


@pytest.mark.parametrize(
    ("flag", "value"), [("--fps", "26"), ("--rig", "robot"), ("--start", "-1"), ("--handles", "x")]
)
def test_a_choice_that_is_none_is_a_mistake_in_the_call(motion_file, tmp_path, flag, value):
    with pytest.raises(SystemExit) as ended:
        main(["export", str(motion_file), "-o", str(tmp_path / "out.bvh"), flag, value])

    assert ended.value.code == 2


def test_one_dance_in_two_formats_is_equal(motion_file, tmp_path):
    for name in ("a.bvh", "b.glb"):
        main(["export", str(motion_file), "-o", str(tmp_path / name), "--rig", "humanik"])

    assert main(["verify", str(tmp_path / "a.bvh"), str(tmp_path / "b.glb")]) == 0


def test_another_rate_differs(motion_file, tmp_path, capsys):
    for rate in ("24", "23.976"):
        main(["export", str(motion_file), "-o", str(tmp_path / f"{rate}.bvh"), "--fps", rate])

    assert main(["verify", str(tmp_path / "24.bvh"), str(tmp_path / "23.976.bvh")]) == 3
    assert "frames a second" in capsys.readouterr().out


def test_a_joint_that_is_a_little_off_differs(tmp_path, capsys):
    motion = swinging(30)
    local = motion.local_rotations.copy()
    local[12, 8] = quaternion.multiply(local[12, 8], quaternion.from_axis_angle(np.eye(3)[1], np.radians(0.1)))
    bvh.write(tmp_path / "a.bvh", motion)
    bvh.write(tmp_path / "b.bvh", replace(motion, local_rotations=local))

    assert main(["verify", str(tmp_path / "a.bvh"), str(tmp_path / "b.bvh")]) == 3
    assert "frame 12" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "a.bvh"), str(tmp_path / "b.bvh"), "--mm", "2", "--deg", "1"]) == 0


def test_a_file_is_held_against_its_receipt(motion_file, tmp_path, capsys):
    out, receipt = tmp_path / "out.bvh", tmp_path / "out.bvh.receipt.json"
    main(["export", str(motion_file), "-o", str(out)])
    assert main(["verify", str(out), str(receipt)]) == 0

    out.write_bytes(out.read_bytes() + b"\n")

    assert main(["verify", str(out), str(receipt)]) == 3
    assert "was changed" in capsys.readouterr().out


def test_a_receipt_of_another_file_is_refused(motion_file, tmp_path, capsys):
    main(["export", str(motion_file), "-o", str(tmp_path / "out.bvh")])

    assert main(["verify", str(motion_file), str(tmp_path / "out.bvh.receipt.json")]) == 1
    assert "says nothing of in.bvh" in capsys.readouterr().err


def test_what_is_no_receipt_is_refused(motion_file, tmp_path, capsys):
    (tmp_path / "some.json").write_text('{"files": 3}')

    assert main(["verify", str(motion_file), str(tmp_path / "some.json")]) == 1
    assert "is no receipt" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".bvh", ".glb"])
def test_a_file_is_held_against_the_piece_with_the_options_of_its_receipt(piece_file, tmp_path, ending):
    out = tmp_path / f"out{ending}"
    main(["export", str(piece_file), "-o", str(out), "--rig", "mixamo", "--fps", "60", "--handles", "8"])
    written = sorted(path for path in tmp_path.iterdir() if path.suffix == ending)

    assert len(written) == (2 if ending == ".bvh" else 1)
    for path in written:
        assert main(["verify", str(path), str(piece_file)]) == 0
        assert main(["verify", str(path), str(piece_file), "--handles", "0"]) == 3


def test_a_file_that_is_not_there_is_said(motion_file, tmp_path, capsys):
    assert main(["verify", str(tmp_path / "gone.bvh"), str(motion_file)]) == 1
    assert "There is no file" in capsys.readouterr().err

"""`kinetograph import`: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.__main__ import main
from editor.document.project_file import load_project
from engine.formats import bvh
from engine.formats.import_fit import ImportReport
from tests.engine.import_samples import aist_motion, danced


@pytest.fixture
def walk(tmp_path):
    bvh.write(tmp_path / "walk.bvh", danced(60))
    return tmp_path / "walk.bvh"


def test_the_report_is_printed_and_the_motion_written_at_its_own_rate(tmp_path, capsys):
    out = tmp_path / "house.bvh"

    assert main(["import", str(aist_motion(tmp_path / "dance.pkl")), "-o", str(out)]) == 0

    told = capsys.readouterr().out
    assert "60 frames a second" in told
    assert "SMPL" in told
    motion = bvh.read(out)
    assert (motion.frame_rate_hz, motion.n_frames) == (60.0, 60)


def test_several_files_become_the_dancers_of_one_piece(tmp_path, walk):
    out = tmp_path / "piece.kino"

    assert main(["import", str(walk), str(aist_motion(tmp_path / "dance.pkl")), "-o", str(out)]) == 0

    document = load_project(out)
    assert [track.name for track in document.tracks] == ["walk", "dance"]
    assert [track.clips[0].n_frames for track in document.tracks] == [60, 30]


def test_reports_are_json_for_scripts(walk, capsys):
    assert main(["import", str(walk), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report.keys() == ImportReport.__dataclass_fields__.keys()
    assert report["rate_hz"] == 30.0


def test_what_is_said_on_the_command_line_counts(walk, capsys):
    assert main(["import", str(walk), "--json", "--rate", "60", "--raw", "--rig", "humanik", "--unit", "cm"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["rate_hz"], report["is_clean"], report["rig_how"]) == (60.0, False, "chosen")
    assert report["unit"] == "centimetres"


def test_a_map_of_ones_own_is_read_from_a_file(walk, tmp_path, capsys):
    bones = ("UpLeg", "Leg", "Foot", "Arm", "ForeArm", "Hand")
    sides = [f'{side}{bone} = "{side}{bone}"' for side in ("Left", "Right") for bone in bones]
    (tmp_path / "mine.toml").write_text('name = "mine"\ntitle = "Mine"\n[joints]\nHips = "Hips"\n' + "\n".join(sides))

    assert main(["import", str(walk), "--json", "--rig", str(tmp_path / "mine.toml")]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["rig"] == "Mine"
    assert "Head" in report["invented"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["gone.bvh"], "gone.bvh"), (["poem.txt"], "no importer"), (["{walk}", "-o", "x.fbx"], ".kino"),
     (["{walk}", "{walk}", "-o", "x.bvh"], "one motion"), (["{walk}", "--rig", "nobody"], "humanik"),
     (["{walk}", "--take", "2"], "1 motions")],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(walk, arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert main(["import", *(argument.format(walk=walk) for argument in arguments)]) == 1

    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "x.bvh").exists()


def test_the_same_file_gives_the_same_bytes(walk, tmp_path):
    for name in ("a.bvh", "b.bvh"):
        assert main(["import", str(walk), "-o", str(tmp_path / name)]) == 0

    assert (tmp_path / "a.bvh").read_bytes() == (tmp_path / "b.bvh").read_bytes()
    assert np.isfinite(bvh.read(tmp_path / "a.bvh").root_positions_m).all()


def test_the_formats_are_listed(capsys):
    assert main(["import", "--formats"]) == 0

    told = capsys.readouterr().out
    for word in ("BVH", "FBX", "glTF", "AMASS", "AIST++", "Acclaim", "SOMA", "Unitree"):
        assert word in told

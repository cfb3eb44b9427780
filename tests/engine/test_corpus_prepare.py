"""A small corpus folder from manifest to prepared clips: splits, couples, faults, files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.__main__ import main
from app.resources import resource_path
from engine.errors import Cancelled, ModelError, MotionFileError
from engine.formats import bvh
from engine.generation.training.corpus import prepare, report
from engine.generation.training.corpus.catalogue import Corpus, read_manifest
from engine.motion import quaternion
from engine.motion.contacts import floor_height_m
from engine.motion.house import CONTACT_JOINTS, HOUSE, JOINT
from engine.motion.rig import read_rigs
from tests.dances import shifted, skating, walk

RIGS = read_rigs(resource_path("rigs"))
HEAD = "path,style,use,true_fps,skip_first,unit_to_m,skeleton,frames,description,licence\n"
TABLE = """
[styles]
"slow walk" = "everyday"
"waltz" = "ballet"
[left_out]
"set/twice" = "the same take as lead_01"
[validation]
ballet = ["set/lead_02"]
[[couples]]
a = "set/lead"
b = "set/follow"
[weights]
everyday = 0.5
"""


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "corpus")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = fill(tmp_path_factory.mktemp("data") / "corpus")
    return prepare.prepare(folder, Corpus.read(folder / "corpus.toml"), RIGS)


def fill(folder):
    """A dance for two (the follower is a head smaller), a walk, and rows that cannot be used."""
    motion, _ = walk(duration_s=4.0, rate_hz=60.0)
    motion = shifted(skating(motion, 0.05), np.array([0.0, 0.07, 0.0]))
    (folder / "set").mkdir(parents=True)
    for name in ("lead_01", "lead_02", "follow_01", "stroll", "twice"):
        bvh.write(folder / "set" / f"{name}.bvh", motion)
    (folder / "set" / "broken.bvh").write_text("HIERARCHY\nROOT x\n")
    rows = [
        "set/lead_01.bvh,waltz,dance,60,0,0.01,cmu_bvh_31,,,free",
        "set/lead_02.bvh,waltz,dance,60,0,0.01,cmu_bvh_31,,,free",
        "set/follow_01.bvh,waltz,dance,60,0,0.009,cmu_bvh_31,,,free",
        "set/stroll.bvh,slow walk,prior,30,10,0.01,cmu_bvh_31,,,free",
        "set/twice.bvh,waltz,dance,60,0,0.01,cmu_bvh_31,,,free",
        "set/broken.bvh,waltz,dance,60,0,0.01,cmu_bvh_31,,,free",
        "set/gone.bvh,waltz,dance,60,0,0.01,cmu_bvh_31,,,free",
        "set/odd.xyz,waltz,dance,60,0,0.01,octopus,,,free",
        "set/stroll.bvh,polka,dance,60,0,0.01,cmu_bvh_31,,,free",
    ]
    (folder / "manifest.csv").write_text(HEAD + "\n".join(rows) + "\n")
    (folder / "corpus.toml").write_text(TABLE)
    return folder


def clip(prepared, name):
    return next(c for c in prepared.clips if c.source.name == name)


def test_rate_split_style_and_weight_come_from_the_tables(prepared):
    entries = {c.source.name: prepare.index_entry(c) for c in prepared.clips}

    assert entries["set_lead_02"]["split"] == "validation"
    assert entries["set_lead_01"]["split"] == "train"
    assert entries["set_stroll"]["weight"] == 0.5
    assert entries["set_stroll"]["style"] == "everyday"
    assert entries["set_stroll"]["source_style"] == "slow walk"
    assert entries["set_lead_01"]["n_frames"] == 120  # 4 s at the true 60 fps
    assert entries["set_stroll"]["n_frames"] == 240 - 10  # the same frames, said to be 30 fps, less the skipped


def test_a_clip_comes_out_on_the_house_skeleton_at_30_hz_on_the_floor_with_feet_that_stand(prepared):
    found = clip(prepared, "set_lead_01")
    feet = found.motion.positions_m()[:, CONTACT_JOINTS]

    assert found.motion.skeleton is HOUSE
    assert found.motion.frame_rate_hz == 30.0
    assert floor_height_m(found.motion) == pytest.approx(0.0, abs=0.005)
    assert found.changes["floor_shift_m"] == pytest.approx(-0.07, abs=0.01)
    held = found.contacts[1:] & found.contacts[:-1]
    speeds = np.linalg.norm(np.diff(feet, axis=0), axis=-1) * 30.0
    assert held.mean() > 0.3
    assert np.median(speeds[held]) < 0.01
    assert found.changes["slide_after_m_s"] < found.changes["slide_before_m_s"]
    assert found.valid.all()


def test_dancers_of_a_couple_keep_one_floor(prepared):
    paths = [clip(prepared, name).raw.root_positions_m for name in ("set_lead_01", "set_follow_01")]
    alone = clip(prepared, "set_lead_02").raw.root_positions_m

    # The follower's file is 0.9 times as large, steps and all; on one scale its path stays so.
    assert np.ptp(paths[1][:, 2]) / np.ptp(paths[0][:, 2]) == pytest.approx(0.9, abs=0.01)
    assert np.ptp(paths[1][:, 1]) == pytest.approx(np.ptp(paths[0][:, 1]), rel=0.05)
    assert np.ptp(alone[:, 2]) < np.ptp(paths[0][:, 2])


def test_what_cannot_be_used_is_listed_with_a_sentence_and_the_rest_goes_on(prepared):
    reasons = dict(prepared.left_out)

    assert reasons["set/twice.bvh"] == "the same take as lead_01"
    assert "broken.bvh" in reasons["set/broken.bvh"]
    assert "the file is missing" in reasons["set/gone.bvh"]
    assert "'octopus' is not read" in reasons["set/odd.xyz"]
    assert "no style 'polka'" in reasons["set/stroll.bvh"]
    assert len(prepared.clips) == 4


def test_the_written_folder_holds_what_training_reads(prepared, tmp_path):
    out = tmp_path / "out"
    prepare.write(prepared, out, extras=lambda folder: report.write(prepared, folder, all_sheets=True))

    index = json.loads((out / "index.json").read_text())
    assert index["frame_rate_hz"] == 30.0
    entry = index["clips"][0]
    assert {"name", "source", "skeleton", "style", "use", "split", "n_frames", "licence", "minutes"} <= entry.keys()
    arrays = np.load(out / "clips" / f"{entry['name']}.npz")
    n = entry["n_frames"]
    assert {k: (v.dtype.name, v.shape) for k, v in arrays.items()} == {
        "root_positions_m": ("float32", (n, 3)),
        "local_rotations": ("float32", (n, 24, 4)),
        "contacts": ("bool", (n, 4)),
        "observed": ("bool", (24,)),
        "valid": ("bool", (n,)),
    }
    np.testing.assert_allclose(np.linalg.norm(arrays["local_rotations"], axis=-1), 1.0, atol=1e-5)
    assert "set_lead_01" in (out / "report.md").read_text()
    assert json.loads((out / "report.json").read_text())["minutes"]["ballet"]["validation"] > 0
    assert len(list((out / "pictures").glob("worst_*.png"))) == 4
    assert (out / "pictures" / "sheet_00.png").stat().st_size > 1000
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_writing_again_replaces_and_a_strangers_folder_is_left_alone(prepared, tmp_path):
    out = tmp_path / "out"
    prepare.write(prepared, out)
    (out / "clips" / "old.npz").write_bytes(b"")

    prepare.write(prepared, out)

    assert not (out / "clips" / "old.npz").exists()
    other = tmp_path / "holiday"
    other.mkdir()
    (other / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ModelError, match="holiday holds other files"):
        prepare.write(prepared, other)
    assert (other / "photo.jpg").exists()


def test_a_failure_while_writing_leaves_the_old_folder_whole(prepared, tmp_path):
    out = tmp_path / "out"
    prepare.write(prepared, out)

    def full_disk(folder):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        prepare.write(prepared, out, extras=full_disk)

    assert json.loads((out / "index.json").read_text())["clips"]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_preparing_can_be_cancelled(folder):
    def cancel(fraction):
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        prepare.prepare(folder, Corpus.read(folder / "corpus.toml"), RIGS, cancel)


def test_a_folder_without_manifest_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "corpus.toml").write_text(TABLE)
    with pytest.raises(MotionFileError, match=r"manifest\.csv"):
        prepare.prepare(tmp_path, Corpus.read(tmp_path / "corpus.toml"), RIGS)
    (tmp_path / "manifest.csv").write_text("path,style\nset/a.bvh,waltz\n")
    with pytest.raises(MotionFileError, match=r"manifest\.csv, line 2"):
        prepare.prepare(tmp_path, Corpus.read(tmp_path / "corpus.toml"), RIGS)


def test_the_command_prepares_a_folder_and_says_what_came_of_it(folder, tmp_path, capsys):
    code = main(
        ["data", "prepare", str(folder), "-o", str(tmp_path / "out"), "--corpus", str(folder / "corpus.toml")]
    )

    printed = capsys.readouterr().out
    assert code == 0
    assert "4 clips; 5 left out" in printed
    assert (tmp_path / "out" / "index.json").is_file()


def test_the_command_refuses_a_missing_folder_in_one_line(tmp_path, capsys):
    code = main(["data", "prepare", str(tmp_path / "none"), "-o", str(tmp_path / "out")])

    assert code == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_spikes_of_the_capture_are_mended_before_they_reach_the_feet(folder):
    dance, _ = walk(duration_s=4.0, rate_hz=60.0)
    spiked = dance.root_positions_m.copy()
    spiked[100:103] += [0.0, 0.8, 0.4]
    local = dance.local_rotations.copy()
    local[50:60, JOINT["LeftUpLeg"]] = quaternion.multiply(
        local[50:60, JOINT["LeftUpLeg"]], quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.pi)
    )
    bvh.write(folder / "set" / "stroll.bvh", type(dance)(HOUSE, 60.0, spiked, local))

    found = clip(prepare.prepare(folder, Corpus.read(folder / "corpus.toml"), RIGS), "set_stroll")

    assert found.changes["spike_frames"] >= 3
    assert found.changes["flip_frames"] >= 10
    assert np.linalg.norm(np.diff(found.motion.positions_m(), axis=0), axis=-1).max() * 30.0 < 6.0


@pytest.mark.shared_data
def test_every_clip_of_the_corpus_is_either_planned_or_left_out_for_a_reason(shared_data):
    corpus = Corpus.read(resource_path("training/corpus.toml"))
    sources = read_manifest(shared_data / "mocap", corpus)
    keys = {source.key for source in sources}

    assert {key for held in corpus.validation.values() for key in held} <= keys
    assert set(corpus.left_out) <= keys
    for source in sources:
        partner = corpus.partner_of(source.key)
        if partner in keys:
            other = next(s for s in sources if s.key == partner)
            assert source.split == other.split, f"{source.key} and {partner} lie on two sides of the split"
    for style, held in corpus.validation.items():
        assert {s.style for s in sources if s.key in held} == {style}

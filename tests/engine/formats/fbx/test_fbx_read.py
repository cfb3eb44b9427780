"""Files of others, and files that are broken: read in a process apart, or refused in one sentence."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import MotionFileError
from engine.formats import fbx
from engine.formats.fbx import clock
from engine.formats.fbx.samples import sampled
from engine.formats.scene import RATES
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from tests.film_scenes import crooked, film_scene, with_root

# The hours take long; a reader that is given fewer files of each producer still meets them all.
EVERY = int(os.environ.get("KINETOGRAPH_FBX_EVERY", "12"))


def in_order(motion, names):
    return [motion.skeleton.index(name) for name in names]


def test_a_motion_comes_back_on_the_skeleton_that_it_was_on(tmp_path):
    scene = film_scene("25", skeleton=crooked(), takes=2, start_frame=1001)
    fbx.write(tmp_path / "dance.fbx", scene)

    takes = fbx.read_takes(tmp_path / "dance.fbx")

    assert [(take.name, take.body) for take in takes] == [("tk01", "Hips"), ("tk02", "Hips")]
    assert {take.start_frame for take in takes} == {1001}
    for take, written in zip(takes, scene.takes, strict=True):
        motion, wanted = take.motion, written.motions[0]
        order = in_order(motion, HOUSE.names)
        assert motion.frame_rate_hz == 25.0
        np.testing.assert_allclose(motion.positions_m()[:, order], wanted.positions_m(), atol=1e-6)
        apart = quaternion.angle_between(motion.local_rotations[:, order], wanted.local_rotations)
        assert np.degrees(apart.max()) < 1e-3
        np.testing.assert_allclose(
            rest_transforms(motion.skeleton)[0][order], rest_transforms(wanted.skeleton)[0], atol=1e-9
        )


def test_several_dancers_are_several_motions_of_each_take(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene(performers=3, takes=2))

    takes = fbx.read_takes(tmp_path / "dance.fbx")

    assert [(take.name, take.body) for take in takes] == [
        (name, body) for name in ("tk01", "tk02") for body in ("Ana_Hips", "Bo_Hips", "Cy_Hips")
    ]
    assert len(fbx.read(tmp_path / "dance.fbx")) == 6


@pytest.mark.parametrize("is_joint", [True, False])
def test_what_stands_above_travelling_hips_is_in_their_motion(tmp_path, is_joint):
    scene = with_root(film_scene())
    above = replace(scene.performers[0].above, is_joint=is_joint)
    fbx.write(tmp_path / "dance.fbx", replace(scene, performers=(replace(scene.performers[0], above=above),)))

    (motion,) = fbx.read(tmp_path / "dance.fbx")

    assert motion.skeleton.names[0] == "Hips"
    places = motion.positions_m()[:, in_order(motion, HOUSE.names)]
    np.testing.assert_allclose(places, scene.takes[0].motions[0].positions_m(), atol=1e-5)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(MotionFileError, match=r"^gone.fbx: cannot be read"):
        fbx.read(tmp_path / "gone.fbx")


@pytest.mark.parametrize(
    "content", [b"", b"Kaydara FBX Binary  \x00\x1a\x00", b"; FBX 7.5.0 project file\n{{{", b"\0" * 999]
)
@pytest.mark.parametrize("read", [fbx.read, fbx.read_back])
def test_what_is_no_file_of_motion_is_refused_in_a_sentence(tmp_path, content, read):
    (tmp_path / "bad.fbx").write_bytes(content)

    with pytest.raises(MotionFileError) as refused:
        read(tmp_path / "bad.fbx")

    assert str(refused.value).startswith("bad.fbx: ")
    assert str(refused.value).endswith(".")


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "cut.fbx"
    fbx.write(path, film_scene())
    path.write_bytes(path.read_bytes()[:-20_000])

    with pytest.raises(MotionFileError, match="is damaged or no FBX file"):
        fbx.read(path)


def test_a_reader_that_takes_too_long_is_ended(tmp_path):
    path = tmp_path / "dance.fbx"
    fbx.write(path, film_scene())

    with pytest.raises(MotionFileError, match="could not be read within"):
        sampled(path, "motion", patience_s=0.01)


def test_a_reader_that_dies_is_a_sentence(tmp_path, monkeypatch):
    path = tmp_path / "dance.fbx"
    fbx.write(path, film_scene())
    monkeypatch.setattr("engine.formats.fbx.samples.MOST_MEMORY_BYTES", 20_000_000)  # less than Python itself takes

    with pytest.raises(MotionFileError, match=r"^dance\.fbx: "):
        fbx.read(path)


def test_a_take_of_hours_is_refused_before_it_is_sampled(tmp_path):
    scene = film_scene("24", start_frame=0)
    motion = scene.takes[0].motions[0]
    path = tmp_path / "long.fbx"
    fbx.write(path, scene)
    last = clock.at_frame(motion.n_frames - 1, RATES["24"]).to_bytes(8, "little")
    far = clock.at_frame(10_000_000, RATES["24"]).to_bytes(8, "little")
    path.write_bytes(path.read_bytes().replace(last, far))

    with pytest.raises(MotionFileError, match="has a take of 10000001 frames"):
        fbx.read(path)


@pytest.mark.parametrize("rate", ["29.97", "59.94"])
def test_timecode_drops_numbers_and_never_frames(rate):
    """SMPTE ST 12-1: after 00:00:59:29 comes 00:01:00:02, and after ten minutes the clock is right again."""
    hz = RATES[rate].timecode_hz
    ten_minutes = 600 * hz - 9 * hz // 15

    codes = clock.timecode(0, ten_minutes + 1, RATES[rate])

    assert codes[60 * hz - 1].tolist() == [0, 0, 59, hz - 1]
    assert codes[60 * hz].tolist() == [0, 1, 0, hz // 15]
    assert codes[ten_minutes].tolist() == [0, 10, 0, 0]
    assert len(np.unique(codes, axis=0)) == len(codes)


@pytest.mark.slow
def test_damage_anywhere_in_a_file_is_survived(tmp_path):
    path, rng = tmp_path / "hurt.fbx", random.Random(3)
    fbx.write(path, film_scene(performers=2, takes=2, camera=True))
    whole = path.read_bytes()

    for _ in range(24):
        hurt = bytearray(whole)
        for _ in range(rng.choice([1, 8, 64])):
            hurt[rng.randrange(27, len(hurt))] = rng.randrange(256)
        path.write_bytes(hurt)
        survives(path)


@pytest.mark.slow
@pytest.mark.shared_data
def test_every_file_of_the_conformance_set_is_read_or_refused_in_a_sentence(shared_data):
    """KINETOGRAPH_FBX_EVERY=1 takes all 682 files, which is four minutes."""
    paths = sorted((shared_data / "conformance" / "fbx_ufbx").glob("*.fbx"))
    if not paths:
        pytest.skip("no FBX files among the motion data")

    is_read = [survives(path) for path in paths[::EVERY]]

    assert 0.2 < np.mean(is_read) < 0.5  # the others have no bones, and nothing that moves


@pytest.mark.shared_data
def test_files_of_motion_capture_are_of_human_size(shared_data):
    paths = sorted((shared_data / "mocap" / "cmu_fbx").glob("85_*.fbx"))
    if not paths:
        pytest.skip("no FBX files among the motion data")

    for path in paths[:2]:
        (motion,) = fbx.read(path)
        assert motion.n_frames > 500
        assert motion.frame_rate_hz == 30.0
        assert 1.4 < np.ptp(motion.positions_m()[0, :, 1]) < 1.8


def survives(path: Path) -> bool:
    """Whether a file is read; the numbers are finite then, and else there is a sentence."""
    try:
        takes = fbx.read_takes(path)
    except MotionFileError:
        return False
    for take in takes:
        for array in (take.motion.root_positions_m, take.motion.local_rotations, take.motion.skeleton.offsets_m):
            assert np.isfinite(array).all()
    return True

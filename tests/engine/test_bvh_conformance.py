"""BVH files of other programs, where the shared data is at hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.formats import bvh
from tests.engine.bvh_samples import read_plainly

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[Path]:
    """Every file of the conformance set, the DAZ-friendly files and one file of each CMU subject."""
    folders = [*(shared_data / "conformance" / "bvh").iterdir(), shared_data / "mocap" / "cmu_bvh_daz"]
    out = [file for folder in folders for file in sorted(folder.glob("*.bvh"))]
    out += sorted((shared_data / "mocap" / "cmu_bvh").glob("**/*_01.bvh"))
    out += sorted((shared_data / "mocap" / "g1_moves").glob("**/*.bvh"))
    assert len(out) > 20
    return out


@pytest.mark.slow
def test_every_file_has_its_joints_where_a_plain_reader_has_them(files):
    for file in files:
        motion = bvh.read_report(file, unit_to_m=1.0, up_axis="y").motion
        frames = sorted({0, motion.n_frames // 2, motion.n_frames - 1})

        # The files of MakeHuman give positions in addition to the offsets.
        places = read_plainly(file.read_text(), frames, adds_offsets="makehuman" in file.parent.name)

        assert motion.skeleton.names == tuple(places), file.name
        size = np.abs(motion.skeleton.offsets_m).max()
        expected = np.stack(list(places.values()), axis=1)
        np.testing.assert_allclose(motion.positions_m()[frames], expected, atol=1e-6 * size, err_msg=file.name)


def test_every_file_has_as_many_frames_as_it_says_at_its_rate(files):
    for file in files:
        report = bvh.read_report(file)
        text = file.read_text()

        assert report.motion.n_frames == int(re.search(r"Frames:\s*(\d+)", text).group(1)), file.name
        frame_time_s = float(re.search(r"Frame Time:\s*(\S+)", text).group(1))
        assert report.motion.frame_rate_hz == pytest.approx(1.0 / frame_time_s, rel=1e-4), file.name


@pytest.mark.slow
def test_every_body_is_as_tall_as_a_person_and_stands_up(files):
    for file in files:
        report = bvh.read_report(file)
        if report.motion.skeleton.n_joints < 12:
            continue
        positions_m = report.motion.positions_m()
        heights_m = np.ptp(positions_m[:, :, 1], axis=1)

        assert 1.1 < np.percentile(heights_m, 90) < 2.2, file.name
        assert np.median(heights_m) > 0.6 * np.median(np.ptp(positions_m[:, :, 2], axis=1)), file.name


def test_cmu_and_daz_files_have_their_published_rates_and_units(shared_data):
    cmu = bvh.read_report(next((shared_data / "mocap" / "cmu_bvh").glob("**/49_01.bvh")))
    daz = bvh.read_report(shared_data / "mocap" / "cmu_bvh_daz" / "94_04.bvh")

    assert (cmu.motion.frame_rate_hz, daz.motion.frame_rate_hz) == (120.0, 120.0)
    assert cmu.unit_to_m == pytest.approx(0.0254 / 0.45)
    assert cmu.warnings == daz.warnings == ()


@pytest.mark.slow
def test_a_file_written_again_has_the_same_joints_in_the_same_places(files, tmp_path):
    for file in files:
        motion = bvh.read(file)
        motion = motion.slice(0, min(motion.n_frames, 50))

        bvh.write(tmp_path / "again.bvh", motion)

        again = bvh.read_report(tmp_path / "again.bvh", unit_to_m=0.01, up_axis="y").motion
        assert again.skeleton.n_joints == motion.skeleton.n_joints
        np.testing.assert_allclose(again.positions_m(), motion.positions_m(), atol=1e-4, err_msg=file.name)

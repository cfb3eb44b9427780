"""The table of exporters: what is written, under which names, and that nothing is left of what was cancelled."""

from __future__ import annotations

import threading
from dataclasses import fields, replace

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.exports import (
    EXPORTERS,
    Dancer,
    ExportRefused,
    Performance,
    PictureOptions,
    SequenceOptions,
    VideoOptions,
    export,
    file_stem,
    motion_writer,
    paths_for,
    performance_of,
)
from editor.document.document import Clip, Document, Song, Take, Track
from engine.errors import Cancelled
from engine.formats import bvh
from engine.formats.exporters import FORMATS, RIGS, MotionOptions
from engine.formats.options import options_as_json, options_from
from engine.formats.receipt import ReceiptFailed
from engine.formats.scene import SceneTake
from engine.motion import quaternion
from tests.app.demos import short_demo
from tests.poses import swinging

SMALL = "64x48"


@pytest.fixture
def performance(tmp_path):
    """Four seconds of one dancer, with a song in the project."""
    (tmp_path / "source").mkdir()
    demo = short_demo(tmp_path / "source")
    song = Song("song.wav", "0" * 64, 4.0, data=demo.song.read_bytes())
    return Performance("Demo", (Dancer("Ana", demo.motion),), song, demo.analysis, 4.0, 1.0, (1.0, 2.0))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "out"
    made.mkdir()
    return made


def cancelled_after(n_calls: int):
    """A progress that cancels when it has been told so often."""
    calls = iter(range(n_calls))

    def progress(_: float) -> None:
        if next(calls, None) is None:
            raise Cancelled("enough")

    return progress


def nothing(_: float) -> None:
    pass


def small_options(name: str, **wanted):
    """Options of a row, with as small pictures as can be had; what it has no field for is left out."""
    kind = EXPORTERS[name].options
    known = {f.name for f in fields(kind)}
    return kind(**{key: value for key, value in {"size": SMALL, **wanted}.items() if key in known})


def test_one_dancer_is_one_file_with_every_frame(performance, folder):
    made = export("BVH", performance, folder / "dance.bvh", MotionOptions(rate="30"), nothing)

    assert made.paths == (folder / "dance.bvh",)
    assert bvh.read(made.paths[0]).n_frames == 120


def test_the_selection_alone_is_written_when_asked(performance, folder):
    made = export("BVH", performance, folder / "dance.bvh", MotionOptions(span="selection"), nothing)

    assert bvh.read(made.paths[0]).n_frames == 24


def test_without_a_selection_the_whole_piece_is_written(performance, folder):
    whole = replace(performance, span_s=None)

    made = export("BVH", whole, folder / "dance.bvh", MotionOptions(span="selection"), nothing)

    assert bvh.read(made.paths[0]).n_frames == 96


def test_dancers_of_one_name_get_files_of_their_own(performance, folder):
    twins = replace(performance, dancers=performance.dancers * 2)

    made = export("BVH", twins, folder / "dance.bvh", MotionOptions(has_receipt=False), nothing)

    assert [path.name for path in made.paths] == ["dance-Ana.bvh", "dance-Ana 2.bvh"]
    assert made.paths == paths_for("BVH", twins, folder / "dance.bvh")
    assert sorted(path.name for path in folder.iterdir()) == ["dance-Ana 2.bvh", "dance-Ana.bvh"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rig", RIGS)
def test_every_motion_format_holds_what_is_on_the_stage(performance, folder, name, rig):
    twins = replace(performance, dancers=performance.dancers * 2)
    options = small_options(name, rig=rig, rate="23.976", handles=8, start_frame=1001, has_t_pose=True, has_mesh=True)

    made = export(name, twins, folder / f"dance{EXPORTERS[name].extension}", options, nothing)

    assert all(receipt.is_passed and receipt.n_frames == 1 + 8 + 96 + 8 for receipt in made.receipts)
    assert {path.name for path in folder.iterdir()} == {
        *(path.name for path in made.paths),
        *(f"dance{EXPORTERS[name].extension}.receipt.{kind}" for kind in ("txt", "json")),
    }


def test_a_file_that_does_not_hold_the_dance_is_not_put_in_its_place(performance, folder, monkeypatch):
    """The writer is made to bend a wrist by a tenth of a degree."""
    row = FORMATS["BVH"]

    def bent(path, scene, options, progress):
        motion = scene.takes[0].motions[0]
        local = motion.local_rotations.copy()
        local[40, 9] = quaternion.multiply(local[40, 9], quaternion.from_axis_angle(np.eye(3)[0], np.radians(0.1)))
        wrong = SceneTake("", (replace(motion, local_rotations=local),))
        row.write(path, replace(scene, takes=(wrong,)), options, progress)

    monkeypatch.setitem(EXPORTERS, "BVH", replace(EXPORTERS["BVH"], write=motion_writer(replace(row, write=bent))))

    with pytest.raises(ReceiptFailed, match=r"was not written.*a joint's turn is 0\.1000"):
        export("BVH", performance, folder / "dance.bvh", MotionOptions(), nothing)

    assert list(folder.iterdir()) == []


@pytest.mark.gl
def test_a_video_has_the_song_under_it(performance, folder):
    short = replace(performance, span_s=(1.0, 1.5))
    options = VideoOptions(span="selection", size=SMALL, rate="24")

    (path,) = export("Video", short, folder / "film.mp4", options, nothing).paths

    with av.open(path) as film:
        assert len(film.streams.audio) == 1
        assert sum(1 for _ in film.decode(video=0)) == 12


@pytest.mark.gl
def test_a_picture_shows_the_moment_also_from_another_thread(performance, folder):
    paths: list = []

    def draw() -> None:
        paths.extend(export("Picture", performance, folder / "a.png", PictureOptions(size=SMALL), nothing).paths)

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()

    assert np.ptp(np.asarray(Image.open(paths[0]))) > 40


@pytest.mark.gl
def test_a_sequence_is_numbered_from_where_she_says(performance, folder):
    short = replace(performance, span_s=(0.0, 3 / 24))

    made = export("Picture sequence", short, folder / "a.png", SequenceOptions(size=SMALL, start_frame=7), nothing)

    assert [path.name for path in made.paths] == ["a_0007.png", "a_0008.png", "a_0009.png"]


@pytest.mark.gl
@pytest.mark.parametrize("name", EXPORTERS)
@given(at=st.integers(0, 40))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_cancelled_at_any_point_leaves_nothing_new_or_broken(performance, tmp_path_factory, name, at):
    twins = replace(performance, dancers=performance.dancers * 2, span_s=(0.0, 0.5))
    folder = tmp_path_factory.mktemp("out")
    path = folder / f"old{EXPORTERS[name].extension}"
    path.write_text("kept")

    try:
        export(name, twins, path, small_options(name, span="selection"), cancelled_after(at))
    except Cancelled:
        assert [p.name for p in folder.iterdir()] == [path.name]
        assert path.read_text() == "kept"


def test_a_lost_song_is_said_before_anything_is_drawn(performance, folder, tmp_path):
    lost = replace(performance, song=Song("gone.wav", "0" * 64, 4.0, link=str(tmp_path / "gone.wav")))

    with pytest.raises(ExportRefused, match=r"gone\.wav is not where it was"):
        export("Video", lost, folder / "film.mp4", VideoOptions(size=SMALL), nothing)


def test_without_dancers_there_is_nothing_to_export(folder):
    with pytest.raises(ExportRefused, match="no dance"):
        export("BVH", Performance("Empty", ()), folder / "a.bvh", MotionOptions(), nothing)


def test_a_folder_that_is_gone_is_said(performance, folder):
    with pytest.raises(ExportRefused, match="not there"):
        export("BVH", performance, folder / "gone" / "a.bvh", MotionOptions(), nothing)


def test_muted_dancers_stay_at_home():
    clip = Clip("c", 0, 30, (Take("t", "Take 1", swinging(30)),))
    tracks = (Track("a", "Ana", (clip,)), Track("b", "Ben", (replace(clip, id="d"),), is_muted=True))

    staged = performance_of(Document(tracks=tracks))

    assert [dancer.name for dancer in staged.dancers] == ["Ana"]


@pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=lambda e: e.name)
def test_options_come_back_from_the_preferences(exporter):
    assert options_from(exporter.options, options_as_json(exporter.options())) == exporter.options()


def test_kept_options_that_make_no_sense_are_left_out():
    kept = {"size": "1x1", "rate": "31", "has_sound": "yes", "view": 3, "gone": 1}

    assert options_from(VideoOptions, kept) == VideoOptions()


def test_names_of_files_are_taken_by_every_system():
    assert file_stem('a/b: "c"?') == "a b c"
    assert file_stem("..") == "dance"

"""The table of exporters: what is written, under which names, and that nothing is left of what was cancelled."""

from __future__ import annotations

import threading
from dataclasses import fields, replace

import av
import numpy as np
import pytest
from PIL import Image

from app.exports import (
    EXPORTERS,
    BvhOptions,
    Dancer,
    ExportRefused,
    Performance,
    PictureOptions,
    SequenceOptions,
    VideoOptions,
    bvh_paths,
    export,
    file_stem,
    performance_of,
)
from editor.document.document import Clip, Document, Song, Take, Track
from engine.errors import Cancelled
from engine.formats import bvh
from engine.formats.options import options_as_json, options_from
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


def cancelled_at(fraction: float):
    def progress(done: float) -> None:
        if done >= fraction:
            raise Cancelled("enough")

    return progress


def nothing(_: float) -> None:
    pass


def test_one_dancer_is_one_file_with_every_frame(performance, folder):
    written = export("BVH", performance, folder / "dance.bvh", BvhOptions(), nothing)

    assert written == (folder / "dance.bvh",)
    assert bvh.read(written[0]).n_frames == 120


def test_the_selection_alone_is_written_when_asked(performance, folder):
    (path,) = export("BVH", performance, folder / "dance.bvh", BvhOptions(span="selection"), nothing)

    assert bvh.read(path).n_frames == 30


def test_without_a_selection_the_whole_piece_is_written(performance, folder):
    whole = replace(performance, span_s=None)

    (path,) = export("BVH", whole, folder / "dance.bvh", BvhOptions(span="selection"), nothing)

    assert bvh.read(path).n_frames == 120


def test_dancers_of_one_name_get_files_of_their_own(performance, folder):
    twins = replace(performance, dancers=performance.dancers * 2)

    written = export("BVH", twins, folder / "dance.bvh", BvhOptions(), nothing)

    assert [path.name for path in written] == ["dance-Ana.bvh", "dance-Ana 2.bvh"]
    assert written == bvh_paths(twins, folder / "dance.bvh")
    assert sorted(path.name for path in folder.iterdir()) == ["dance-Ana 2.bvh", "dance-Ana.bvh"]


@pytest.mark.gl
def test_a_video_has_the_song_under_it(performance, folder):
    short = replace(performance, span_s=(1.0, 1.5))
    options = VideoOptions(span="selection", size=SMALL, rate_hz=24.0)

    (path,) = export("Video", short, folder / "film.mp4", options, nothing)

    with av.open(path) as film:
        assert len(film.streams.audio) == 1
        assert sum(1 for _ in film.decode(video=0)) == 12


@pytest.mark.gl
def test_a_picture_shows_the_moment_also_from_another_thread(performance, folder):
    paths: list = []

    def draw() -> None:
        paths.extend(export("Picture", performance, folder / "a.png", PictureOptions(size=SMALL), nothing))

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()

    assert np.ptp(np.asarray(Image.open(paths[0]))) > 40


@pytest.mark.gl
def test_a_sequence_is_numbered_from_where_she_says(performance, folder):
    short = replace(performance, span_s=(0.0, 3 / 24))

    written = export("Picture sequence", short, folder / "a.png", SequenceOptions(size=SMALL, first_number=7), nothing)

    assert [path.name for path in written] == ["a_0007.png", "a_0008.png", "a_0009.png"]


@pytest.mark.gl
@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("at", [0.0, 0.5])
def test_a_cancelled_export_leaves_nothing_new_and_nothing_broken(performance, folder, name, at):
    twins = replace(performance, dancers=performance.dancers * 2, span_s=(0.0, 0.2))
    path = folder / f"old{EXPORTERS[name].extension}"
    path.write_text("kept")
    kind = EXPORTERS[name].options
    small = {"size": SMALL} if "size" in {f.name for f in fields(kind)} else {}

    with pytest.raises(Cancelled):
        export(name, twins, path, kind(span="selection", **small) if name != "Picture" else kind(**small),
               cancelled_at(at))  # fmt: skip

    assert [p.name for p in folder.iterdir()] == [path.name]
    assert path.read_text() == "kept"


def test_a_lost_song_is_said_before_anything_is_drawn(performance, folder, tmp_path):
    lost = replace(performance, song=Song("gone.wav", "0" * 64, 4.0, link=str(tmp_path / "gone.wav")))

    with pytest.raises(ExportRefused, match=r"gone\.wav is not where it was"):
        export("Video", lost, folder / "film.mp4", VideoOptions(size=SMALL), nothing)


def test_without_dancers_there_is_nothing_to_export(folder):
    with pytest.raises(ExportRefused, match="no dance"):
        export("BVH", Performance("Empty", ()), folder / "a.bvh", BvhOptions(), nothing)


def test_a_folder_that_is_gone_is_said(performance, folder):
    with pytest.raises(ExportRefused, match="not there"):
        export("BVH", performance, folder / "gone" / "a.bvh", BvhOptions(), nothing)


def test_muted_dancers_stay_at_home():
    clip = Clip("c", 0, 30, (Take("t", "Take 1", swinging(30)),))
    tracks = (Track("a", "Ana", (clip,)), Track("b", "Ben", (replace(clip, id="d"),), is_muted=True))

    staged = performance_of(Document(tracks=tracks))

    assert [dancer.name for dancer in staged.dancers] == ["Ana"]


@pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=lambda e: e.name)
def test_options_come_back_from_the_preferences(exporter):
    assert options_from(exporter.options, options_as_json(exporter.options())) == exporter.options()


def test_kept_options_that_make_no_sense_are_left_out():
    kept = {"size": "1x1", "rate_hz": 30.0, "has_sound": "yes", "view": 3, "gone": 1}

    assert options_from(VideoOptions, kept) == VideoOptions()


def test_names_of_files_are_taken_by_every_system():
    assert file_stem('a/b: "c"?') == "a b c"
    assert file_stem("..") == "dance"

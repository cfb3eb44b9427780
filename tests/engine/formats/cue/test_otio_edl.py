"""The shot on a timeline and in an EDL, read by OpenTimelineIO and its adapter for CMX3600."""

from __future__ import annotations

from dataclasses import replace

import opentimelineio as otio
import pytest

from engine.formats.cue import CueError, Cut, TimecodeError, edl, frame_of
from engine.formats.cue import otio as timelines
from engine.formats.scene import RATES
from tests.engine.formats.cue.shots import CUT, shot

SLOW = [name for name, rate in RATES.items() if rate.timecode_hz <= 30]


@pytest.mark.parametrize("rate", RATES)
def test_opentimelineio_finds_the_shot_without_its_handles(tmp_path, rate):
    path, scene = tmp_path / "a.otio", shot(rate)
    timelines.write(path, scene, CUT)

    found = otio.adapters.read_from_file(str(path))

    (dance,), (song,) = found.tracks
    first = dance.source_range.start_time
    assert (dance.name, dance.media_reference.target_url) == ("SHOW_010_0040", "media/shot.mov")
    assert (first.value, dance.source_range.duration.value) == (1013, 276)
    assert dance.available_range().start_time.value == 1001
    assert dance.available_range().duration.value == 300
    assert first.rate == float(RATES[rate].exact_hz)
    assert song.source_range.start_time.to_seconds() == pytest.approx(12.3 + 12 / RATES[rate].hz)
    assert found.video_tracks()[0].name == "V1"
    assert found.audio_tracks()[0].name == "A1"


def test_the_dance_carries_every_marker_with_its_exact_time(tmp_path):
    path, scene = tmp_path / "a.otio", shot()
    timelines.write(path, scene, CUT)

    dance = otio.adapters.read_from_file(str(path)).tracks[0][0]

    drop = next(marker for marker in dance.markers if marker.name.startswith("Dröp"))
    assert len(dance.markers) == len(scene.markers)
    assert drop.marked_range.start_time.value == 1001 + round(4.2 * 24)
    assert drop.metadata["kinetograph"]["time_s"] == 4.2
    assert (drop.color, drop.comment) == ("RED", "everybody down")


@pytest.mark.parametrize("rate", SLOW)
def test_the_adapter_reads_our_edl_as_we_meant_it(tmp_path, rate):
    path, scene = tmp_path / "a.edl", shot(rate)
    edl.write(path, scene, CUT)

    found = otio.adapters.read_from_file(str(path), rate=RATES[rate].hz)

    (dance,), (song,) = found.tracks
    assert (found.name, dance.name, song.name) == ("SHOW_010_0040", "SHOW_010_0040", "Hungarian Dance")
    assert dance.metadata["cmx_3600"]["reel"] == "SHOW0100"
    assert (dance.source_range.start_time.value, dance.source_range.duration.value) == (1013, 276)
    assert song.source_range.start_time.value == round(12.3 * RATES[rate].hz) + 12
    assert [track.kind for track in found.tracks] == ["Video", "Audio"]


@pytest.mark.parametrize("rate", ["24", "25", "30"])
def test_the_adapter_finds_the_markers_that_are_cut_in(tmp_path, rate):
    path, scene = tmp_path / "a.edl", shot(rate)
    edl.write(path, scene, CUT)

    dance = otio.adapters.read_from_file(str(path), rate=RATES[rate].hz).tracks[0][0]

    at = {marker.name: marker.marked_range.start_time.value for marker in dance.markers}
    begin = 3600 * RATES[rate].timecode_hz
    assert at == {
        "Drop, all everybody down": begin + round(4.2 * RATES[rate].hz) - 12,
        "B development": begin + round(5.0 * RATES[rate].hz) - 12,
    }
    assert {marker.color for marker in dance.markers} == {"RED", "GREEN"}


@pytest.mark.parametrize("rate", ["29.97", "59.94"])
def test_at_rates_that_drop_the_list_says_so_and_begins_on_the_hour(tmp_path, rate):
    path, scene = tmp_path / "a.edl", shot(rate)
    edl.write(path, scene, CUT, with_beats=True)

    lines = path.read_text("ascii").splitlines()

    begin = frame_of("01:00:00;00", RATES[rate])
    located = [frame_of(line.split()[2], RATES[rate]) for line in lines if line.startswith("* LOC:")]
    assert lines[1] == "FCM: DROP FRAME"
    assert " 01:00:00;00 " in lines[3]
    assert all(begin <= frame < begin + 276 for frame in located)
    assert len(located) > 10


def test_a_list_is_ascii_and_a_reel_has_eight_letters(tmp_path):
    path = tmp_path / "a.edl"
    edl.write(path, shot(), replace(CUT, shot="Füße & Händé 12", song=""))

    assert path.read_bytes().startswith(b"TITLE: Fusse & Hande 12\n")
    assert path.read_bytes().isascii()
    assert edl.reel_name("Füße & Händé 12") == "FUSSEHAN"
    assert edl.reel_name("舞") == "DANCE"


def test_without_song_and_media_there_is_one_event(tmp_path):
    edl.write(tmp_path / "a.edl", shot(), Cut("S"))
    timelines.write(tmp_path / "a.otio", shot(), Cut("S"))

    assert "002" not in (tmp_path / "a.edl").read_text()
    timeline = otio.adapters.read_from_file(str(tmp_path / "a.otio"))
    assert [track.name for track in timeline.tracks] == ["V1"]


@pytest.mark.parametrize("write", [edl.write, timelines.write])
def test_the_same_shot_gives_the_same_bytes(tmp_path, write):
    for name in ("a", "b"):
        write(tmp_path / name, shot(), CUT)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("write", [edl.write, timelines.write])
def test_handles_that_leave_nothing_are_refused(tmp_path, write):
    with pytest.raises(CueError, match="leaves nothing between handles of 150"):
        write(tmp_path / "a", shot(), replace(CUT, handle_frames=150))


@pytest.mark.parametrize("write", [edl.write, timelines.write])
def test_a_start_that_is_no_timecode_is_refused(tmp_path, write):
    with pytest.raises(TimecodeError, match="no timecode"):
        write(tmp_path / "a", shot(), replace(CUT, record_start="one o'clock"))


def test_an_edl_ends_at_60_frames_a_second(tmp_path):
    with pytest.raises(CueError, match="cannot count 120 frames a second"):
        edl.write(tmp_path / "a.edl", shot("120"), CUT)

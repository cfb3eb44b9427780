"""Deliver shot: a folder that is whole or not there, names that never come twice, files that agree with one another."""

from __future__ import annotations

import json
import wave
from dataclasses import replace

import av
import numpy as np
import opentimelineio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.commands.verify import against_receipt
from app.deliver import DeliverOptions, DeliverOrder, bundle_name, deliver, files_of, version_for
from app.exports import Dancer, ExportRefused, Performance
from app.shot_names import TEMPLATE, BadTemplate, name_from, next_version
from editor.document.document import Song
from engine.errors import Cancelled
from engine.formats import bvh_write
from engine.formats.cue import markers_csv
from tests.app.demos import short_demo
from tests.poses import swinging

BARE = DeliverOptions(show="NIGHT", has_video=False, has_fbx=False, has_cue_sheet=False)
VALUES = {"show": "NIGHT", "seq": "010", "shot": "0040", "take": "02"}


@pytest.fixture
def performance(tmp_path):
    """Four seconds of a duet, with a song in the project."""
    (tmp_path / "source").mkdir()
    demo = short_demo(tmp_path / "source")
    song = Song("song.wav", "0" * 64, 4.0, data=demo.song.read_bytes())
    dancers = (Dancer("Ana", demo.motion), Dancer("Ben", swinging(120)))
    return Performance("Demo", dancers, song, demo.analysis, 4.0, 1.0, (1.0, 2.0))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shots"
    made.mkdir()
    return made


def nothing(_: float) -> None:
    pass


def delivered(performance, folder, options=BARE):
    return deliver(DeliverOrder(performance, folder, options, "2026-01-02T03:04"), nothing)


@pytest.mark.slow
@pytest.mark.gl
def test_everything_that_film_wants_lies_in_one_folder(performance, folder):
    options = DeliverOptions(show="NIGHT", shot="0040", take=2, span="selection", has_glb=True, rig="ue5")
    made = delivered(performance, folder, options)

    assert made.folder == folder / "NIGHT_010_0040_dance_tk02_v001"
    assert {path.name for path in made.folder.iterdir()} == {
        *files_of(options, performance, 1), "NIGHT_010_0040_dance_tk02_v001.receipt.json"
    }  # fmt: skip
    assert (made.folder / "NIGHT_010_0040_dance_Ana_tk02_v001.bvh").is_file()
    assert all(receipt.is_passed and receipt.n_frames == 24 + 16 for receipt in made.receipts)
    assert [path.name for path in folder.iterdir()] == [made.folder.name]


@pytest.mark.gl
def test_film_sound_motion_and_lists_are_equally_long_and_numbered_alike(performance, folder):
    options = replace(BARE, span="selection", rate="23.976", has_video=True, has_t_pose=True)
    made = delivered(performance, folder, options)
    stem = str(made.folder / made.folder.name)

    with av.open(f"{stem}.mp4") as film:
        pictures = sum(1 for _ in film.decode(video=0))
    with wave.open(f"{stem}.wav") as sound:
        n_samples = sound.getnframes()
    sidecar = json.loads((made.folder / f"{made.folder.name}.json").read_text("utf-8"))
    clip = next(iter(opentimelineio.adapters.read_from_file(f"{stem}.otio").find_clips()))

    assert pictures == 24 + 16
    assert n_samples == round(40 * 1001 / 24000 * 48_000)
    assert all(receipt.first_frame == 1000 and receipt.n_frames == 1 + 40 for receipt in made.receipts)
    assert (sidecar["frames"]["first"], sidecar["frames"]["last"]) == (1001, 1040)
    assert clip.source_range.duration.value == 24
    head_s = 8 * 1001 / 24000
    beats = [m.time_s for m in markers_csv.read(made.folder / f"{made.folder.name}.csv") if m.kind in ("beat", "bar")]
    assert min(abs(time_s - head_s) for time_s in beats) < 1e-5, "the beat at 1 s is the dance's first frame"


def test_the_sound_is_the_songs_own_stretch(performance, folder):
    made = delivered(performance, folder, replace(BARE, span="selection", handles=0))

    with wave.open(str(made.folder / f"{made.folder.name}.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (48_000, 2, 3)
        raw = np.frombuffer(sound.readframes(sound.getnframes()), np.uint8).reshape(-1, 2, 3)
    left = raw[:, 0, 2].astype(np.int8)  # the highest bytes
    assert len(left) == 48_000
    clicks = np.flatnonzero(np.abs(left.astype(int)) > 30)
    assert np.max((clicks + 100) % 12_000) < 700, "a click every quarter of a second from the first sample on"


def test_a_version_is_never_written_over(performance, folder):
    first, second = delivered(performance, folder), delivered(performance, folder)

    assert (first.version, second.version) == (1, 2)
    assert first.folder.is_dir()
    assert second.folder.is_dir()
    assert version_for(folder, BARE) == 3


@pytest.mark.parametrize(
    "taken",
    ["NIGHT_010_0010_dance_tk01_v007", ".NIGHT_010_0010_dance_tk01_v007.part", "night_010_0010_dance_tk01_v007.zip"],
)
def test_a_version_that_is_there_in_any_form_is_taken(performance, folder, taken):
    (folder / taken).mkdir()

    assert delivered(performance, folder).version == 8


@given(versions=st.lists(st.integers(1, 5000), max_size=6), template=st.sampled_from((TEMPLATE, "{shot}-v{version}")))
def test_the_next_version_is_above_all_others(versions, template):
    names = [name_from(template, VALUES, version) for version in versions]

    assert next_version(names, template, VALUES) == max(versions, default=0) + 1


def test_other_shots_do_not_count():
    names = [name_from(TEMPLATE, VALUES | {"shot": "0050"}, 9), "v12", "notes.txt"]

    assert next_version(names, TEMPLATE, VALUES) == 1


@pytest.mark.parametrize(
    ("template", "words"),
    [("{shot}", "{version}"), ("v{version}", "{shot}"), ("{shot}{version}{x}", "{x}"), ("{shot}{version", "brace"),
     ("{shot.__class__}{version}", "shot.__class__"), ("{shot!r}{version}", "as {shot}")],
)  # fmt: skip
def test_a_template_that_cannot_be_filled_is_refused_in_a_sentence(template, words):
    with pytest.raises(BadTemplate, match=words.replace("{", r"\{")):
        name_from(template, VALUES, 1)


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_are_taken_by_every_system_whatever_is_typed(show, dancer):
    name = name_from(TEMPLATE, VALUES | {"show": show}, 3, dancer)

    assert all(letter.isascii() and (letter.isalnum() or letter in "_-.") for letter in name)
    assert name.endswith("v003")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=False)
@given(at=st.integers(0, 60))
def test_a_delivery_cancelled_at_any_point_leaves_nothing(performance, tmp_path_factory, at):
    folder = tmp_path_factory.mktemp("shots")
    calls = iter(range(at))

    def progress(_: float) -> None:
        if next(calls, None) is None:
            raise Cancelled("enough")

    try:
        made = deliver(DeliverOrder(performance, folder, replace(BARE, span="selection", has_glb=True)), progress)
    except Cancelled:
        assert list(folder.iterdir()) == []
    else:
        assert list(folder.iterdir()) == [made.folder]


def test_a_delivery_that_fails_leaves_nothing(performance, folder, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(bvh_write, "write", broken)

    with pytest.raises(OSError, match="gone"):
        delivered(performance, folder)

    assert list(folder.iterdir()) == []


def test_equal_deliveries_hold_equal_bytes(performance, tmp_path):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(delivered(performance, tmp_path / name, replace(BARE, has_fbx=True)))

    for one, other in zip(*(sorted(m.folder.iterdir()) for m in made), strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_every_file_can_be_held_against_the_receipt(performance, folder):
    made = delivered(performance, folder)
    receipt = made.folder / f"{made.folder.name}.receipt.json"

    assert all(against_receipt(path, receipt).is_equal for path in made.folder.glob("*.bvh"))


def test_a_piece_without_a_song_is_delivered_without_sound(performance, folder):
    made = delivered(replace(performance, song=None, music=None), folder)

    assert not {".wav", ".mid"} & {path.suffix for path in made.folder.iterdir()}
    assert {".csv", ".otio", ".edl"} <= {path.suffix for path in made.folder.iterdir()}


def test_dancers_of_one_name_get_files_of_their_own(performance, folder):
    twins = replace(performance, dancers=performance.dancers[:1] * 2)

    made = delivered(twins, folder)

    assert len(list(made.folder.glob("*.bvh"))) == 2


def test_a_piece_without_dancers_is_refused(performance, folder):
    with pytest.raises(ExportRefused, match="no dance"):
        delivered(replace(performance, dancers=()), folder)


def test_nothing_chosen_is_said(performance, folder):
    none = replace(BARE, has_bvh=False, has_usd=False, has_song=False, has_lists=False)

    with pytest.raises(ExportRefused, match="Nothing is chosen"):
        delivered(performance, folder, none)
    assert bundle_name(none, 1) == "NIGHT_010_0010_dance_tk01_v001"

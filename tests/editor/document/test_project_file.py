"""A piece that was saved is the piece that opens, bit for bit; a save that fails leaves the old file."""

from __future__ import annotations

import dataclasses
import io
import typing
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from editor.document import project_json
from editor.document.document import Clip, Document, Song, Take, Track
from editor.document.migrations import MIGRATIONS, SCHEMA_VERSION
from editor.document.project_file import ProjectFileError, load_project, salvage, save_project
from engine.errors import Cancelled
from engine.motion.house import HOUSE
from tests.documents import dancer, documents, motion
from tests.projects import SONG, SONG_HASH, a_piece, numbers, reopened, rewritten, takes_of
from tests.strategies import motions


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Document]:
    """The piece and its file, which tests leave as it is."""
    path = tmp_path_factory.mktemp("saved") / "night.kino"
    save_project(path, a_piece())
    return path, load_project(path)


# --- what is saved is what opens ------------------------------------------------------------


@settings(max_examples=60)
@given(documents())
def test_saved_and_reopened_is_equal_bit_for_bit_and_saved_again_the_same_file(tmp_path_factory, document):
    folder = tmp_path_factory.getbasetemp()
    again = reopened(document, folder)
    first = (folder / "piece.kino").read_bytes()

    assert again == document
    assert [numbers(t.motion) for t in takes_of(again)] == [numbers(t.motion) for t in takes_of(document)]
    save_project(folder / "piece.kino", again)
    assert (folder / "piece.kino").read_bytes() == first


@settings(max_examples=50)
@given(motions(rest_rotations=True))
def test_a_motion_on_any_skeleton_comes_back(tmp_path_factory, made):
    document = Document(tracks=(Track("a", "Ann", (Clip("c", 0, 5, (Take("t", "Take 1", made),)),)),))

    again = takes_of(reopened(document, tmp_path_factory.getbasetemp()))[0].motion

    assert numbers(again) == numbers(made)
    assert again.frame_rate_hz == made.frame_rate_hz
    for name in ("names", "parents", "offsets_m", "tips_m", "rest_rotations"):
        assert np.array_equal(getattr(again.skeleton, name), getattr(made.skeleton, name))


def test_minus_zero_and_the_smallest_numbers_survive(tmp_path):
    odd = motion(2)
    root = odd.root_positions_m.copy()
    root[0] = [-0.0, 5e-324, 0.1 + 0.2]
    made = replace(odd, root_positions_m=root)
    document = Document(tracks=(Track("a", "Ann", (Clip("c", 0, 2, (Take("t", "", made),)),)),))

    assert numbers(takes_of(reopened(document, tmp_path))[0].motion) == numbers(made)


def test_the_house_skeleton_is_the_one_of_the_program(saved):
    assert {t.motion.skeleton for t in takes_of(saved[1])} == {HOUSE}


def test_a_take_that_two_clips_share_is_one_after_opening(tmp_path):
    track = dancer(20)
    clip = track.clips[0]
    halves = (replace(clip, n_frames=8), replace(clip, id="late", start_frame=8, n_frames=12, offset_frame=8.0))

    one, other = takes_of(reopened(Document(tracks=(replace(track, clips=halves),)), tmp_path))

    assert one is other


def test_a_motion_that_is_used_twice_is_stored_once(tmp_path):
    track = dancer(20)
    other = replace(track.clips[0].takes[0], id="other", motion=motion(20))
    clip = replace(track.clips[0], takes=(*track.clips[0].takes, other))
    save_project(tmp_path / "a.kino", Document(tracks=(replace(track, clips=(clip,)),)))

    with zipfile.ZipFile(tmp_path / "a.kino") as archive:
        assert len([name for name in archive.namelist() if name.startswith("arrays/")]) == 2


def test_numpy_reads_what_is_inside(saved):
    with zipfile.ZipFile(saved[0]) as archive:
        assert archive.testzip() is None
        arrays = [np.load(io.BytesIO(archive.read(n))) for n in archive.namelist() if n.endswith(".npy")]

    found = {a.tobytes() for a in arrays}
    assert all({*numbers(take.motion)} <= found for take in takes_of(saved[1]))


def test_text_that_is_no_unicode_survives(tmp_path):
    odd = Document(title="Tanz \udcff 舞", song=Song("a\udce4.mp3", SONG_HASH, 3.0, link="/m/a\udce4.mp3"))

    assert reopened(odd, tmp_path) == odd


def test_every_field_of_a_document_has_a_form_in_the_file():
    seen: set[Any] = set()

    def leaves(kind: Any) -> None:
        if kind in seen:
            return
        seen.add(kind)
        inner = [h for h in typing.get_type_hints(kind).values()] if dataclasses.is_dataclass(kind) else []
        for one in (*inner, *typing.get_args(kind)):
            leaves(one)

    leaves(Document)
    plain = {k for k in seen if isinstance(k, type) and not dataclasses.is_dataclass(k) and not typing.get_args(k)}
    assert plain - {type(None)} == {str, int, float, bool, bytes, np.ndarray}


def test_saving_again_does_not_hash_the_same_motions_again(tmp_path):
    document = a_piece()
    first = project_json.encode(document)
    second = project_json.encode(replace(document, notes="other"))

    assert all(second.entries[name] is stored for name, stored in first.entries.items())


# --- saving ---------------------------------------------------------------------------------


def test_progress_rises_to_one(tmp_path):
    said: list[float] = []
    save_project(tmp_path / "a.kino", a_piece(), said.append)
    assert said == sorted(said)
    assert said[-1] == 1.0


def test_a_cancelled_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.kino"
    save_project(path, Document("old"))

    def cancel(_fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        save_project(path, a_piece(), cancel)

    assert load_project(path) == Document("old")
    assert [p.name for p in tmp_path.iterdir()] == ["a.kino"]


def test_a_folder_that_is_gone_gives_a_sentence(tmp_path):
    with pytest.raises(ProjectFileError, match=r"^a\.kino: could not be saved .*save it elsewhere$"):
        save_project(tmp_path / "gone" / "a.kino", Document())


def test_a_piece_that_would_not_open_again_is_not_saved(tmp_path):
    path = tmp_path / "a.kino"
    save_project(path, Document("old"))
    broken = motion(4).root_positions_m.copy()
    broken[2, 1] = np.nan
    take = Take("t", "Take 7", replace(motion(4), root_positions_m=broken))

    with pytest.raises(ProjectFileError, match=r"'Take 7' of the clip at 1\.0 s of the dancer 'Ann'.*not finite"):
        save_project(path, Document(tracks=(Track("a", "Ann", (Clip("c", 30, 4, (take,)),)),)))

    assert load_project(path) == Document("old")


# --- versions -------------------------------------------------------------------------------


def test_an_embedded_song_comes_back_byte_for_byte(saved):
    assert saved[1].song.data == SONG


def test_a_file_of_a_newer_version_says_so(saved, tmp_path):
    path = rewritten(saved[0], tmp_path / "a.kino", lambda d: d | {"schema": SCHEMA_VERSION + 1})
    for read in (load_project, salvage):
        with pytest.raises(ProjectFileError, match=r"^a\.kino: was saved by a newer version .*update the program"):
            read(path)


def test_an_older_file_is_migrated_step_by_step(saved, tmp_path, monkeypatch):
    monkeypatch.setitem(MIGRATIONS, -1, lambda d: d | {"piece": d["work"]})
    monkeypatch.setitem(MIGRATIONS, 0, lambda d: d | {"document": d["piece"]})
    old = rewritten(saved[0], tmp_path / "a.kino", lambda d: {"work": d.pop("document"), **d, "schema": -1})

    assert load_project(old) == saved[1]


@pytest.mark.parametrize(
    ("schema", "problem"), [(0, "damaged"), (-5, "cannot read any more"), ("1", "does not say"), (None, "does not say")]
)
def test_an_older_file_that_cannot_be_migrated_gives_a_sentence(saved, tmp_path, monkeypatch, schema, problem):
    monkeypatch.setitem(MIGRATIONS, 0, lambda d: d["nothing"])
    path = rewritten(saved[0], tmp_path / "a.kino", lambda d: d | {"schema": schema})
    with pytest.raises(ProjectFileError, match=problem):
        load_project(path)

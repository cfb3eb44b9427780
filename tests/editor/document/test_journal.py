"""Every edit is in the journal a moment later, each motion once, and nothing stays when all is saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document import journal as journal_module
from editor.document.document import Document, same_frames
from editor.document.journal import KEPT_STATES, Journal
from editor.document.journal_files import journal_folder
from editor.document.project_file import ProjectFileError, load_project, save_project
from editor.document.recovery import recoverable
from tests.dances import improvised
from tests.documents import dancer, histories, motion
from tests.editing_robot import killed, killed_while_writing
from tests.projects import a_piece


@contextmanager
def journalling(folder: Path, saved: Document | None = None, project: Path | None = None) -> Iterator[Journal]:
    """A journal that is closed in the end, its folder left as it would be after a crash."""
    journal = Journal(folder, project, saved)
    try:
        yield journal
    finally:
        journal.flush()
        journal.close()


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file may grow beyond a few bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def unsaved(state_folder: Path) -> Path:
    return journal_folder(None, state_folder)


def states(folder: Path) -> list[Path]:
    return sorted(folder.glob("state-*.json"))


def arrays(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "arrays").iterdir()}


def restored(state_folder: Path) -> Document:
    return recoverable(state_folder)[0].document()


@settings(max_examples=15)
@given(st.data())
def test_what_was_recorded_last_comes_back(tmp_path_factory, data):
    state_folder = tmp_path_factory.mktemp("state")
    recorded = data.draw(histories())
    with journalling(unsaved(state_folder)) as journal:
        for document in recorded:
            journal.record(document, "edit")

    assert restored(state_folder) == recorded[-1]


def test_every_flush_finds_the_last_edit_on_the_disk(tmp_path):
    piece = a_piece()
    with journalling(unsaved(tmp_path)) as journal:
        for i in range(5):
            journal.record(replace(piece, notes=str(i)))
            assert journal.flush()
            assert len(states(journal.folder)) == i + 1
        assert journal.last_saved_at is not None
        assert journal.trouble == ""


def test_a_motion_is_written_once(tmp_path):
    piece = a_piece()
    with journalling(unsaved(tmp_path)) as journal:
        journal.record(piece)
        journal.flush()
        first = arrays(journal.folder)
        journal.record(replace(piece, notes="slower"))
        journal.flush()

        assert arrays(journal.folder) == first


def test_the_last_states_stay_and_only_what_they_need(tmp_path):
    with journalling(unsaved(tmp_path)) as journal:
        for i in range(KEPT_STATES + 3):
            journal.record(Document(tracks=(dancer(5 + i),)))
            journal.flush()

        assert len(states(journal.folder)) == KEPT_STATES
        assert len(arrays(journal.folder)) == 2 * KEPT_STATES


def test_a_save_leaves_nothing_to_recover_and_the_next_edit_does(tmp_path):
    project, piece = tmp_path / "night.kino", a_piece()
    with journalling(journal_folder(project, tmp_path), None, project) as journal:
        for i in range(3):
            journal.record(replace(piece, notes=str(i)), "note")
            journal.flush()
        journal.record(piece, "note")
        journal.saved(piece, project)
        journal.flush()
        assert not journal.has_unsaved_edits
        assert len(states(journal.folder)) == 1
        journal.record(replace(piece, title="Day"), "rename piece")

    found = recoverable(tmp_path, [project])
    assert [(r.edits, r.label) for r in found] == [(1, "rename piece")]


def test_edits_that_came_while_the_piece_was_being_saved_are_still_unsaved(tmp_path):
    project, piece = tmp_path / "night.kino", a_piece()
    later = replace(piece, notes="later")
    with journalling(journal_folder(project, tmp_path), None, project) as journal:
        journal.record(piece, "first")
        journal.record(later, "second")
        journal.saved(piece, project)
        assert journal.has_unsaved_edits

    assert [r.edits for r in recoverable(tmp_path, [project])] == [1]
    assert recoverable(tmp_path, [project])[0].document() == later


def test_undo_back_to_what_is_saved_leaves_nothing_to_recover(tmp_path):
    project, piece = tmp_path / "night.kino", a_piece()
    with journalling(journal_folder(project, tmp_path), piece, project) as journal:
        journal.record(replace(piece, notes="other"), "note")
        journal.flush()
        journal.record(piece, "note")
        assert not journal.has_unsaved_edits
        folder = journal.folder

    assert not folder.exists()


def test_the_folder_goes_when_nothing_is_unsaved_or_all_is_discarded(tmp_path):
    piece = a_piece()
    untouched = Journal(unsaved(tmp_path))
    untouched.close()
    discarded = Journal(unsaved(tmp_path))
    discarded.record(piece)
    discarded.close(discard=True)
    assert list(tmp_path.iterdir()) == []

    kept = Journal(unsaved(tmp_path))
    kept.record(piece)
    kept.close()
    assert restored(tmp_path) == piece


def test_the_journal_moves_beside_the_project_when_the_piece_gets_one(tmp_path):
    state, project, piece = tmp_path / "state", tmp_path / "night.kino", a_piece()
    with journalling(unsaved(state)) as journal:
        journal.record(piece, "first")
        journal.flush()
        save_project(project, piece)
        journal.saved(piece, project)
        journal.flush()
        assert list(state.iterdir()) == []
        journal.record(replace(piece, notes="more"), "second")

    (found,) = recoverable(state, [project])
    assert (found.project, found.folder, found.edits) == (project, tmp_path / "night.kino-journal", 1)
    assert found.document().notes == "more"


def test_a_piece_that_is_open_twice_is_journalled_again_once_it_has_another_name(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_S", 0.02)
    project, piece = tmp_path / "night.kino", a_piece()
    other = Journal(journal_folder(project, tmp_path), project)
    with journalling(journal_folder(project, tmp_path), None, project) as journal:
        journal.record(piece)
        assert not journal.flush()
        journal.saved(piece, tmp_path / "copy.kino")
        while not journal.flush(0.1):
            pass
        assert journal.trouble == ""
        journal.record(replace(piece, notes="more"))
    other.close()

    assert [r.project for r in recoverable(tmp_path, [project, tmp_path / "copy.kino"])] == [tmp_path / "copy.kino"]


def test_what_a_crash_left_outlives_a_piece_that_is_opened_and_closed_without_deciding(tmp_path):
    folder, piece = unsaved(tmp_path), a_piece()
    with journalling(folder) as journal:
        journal.record(piece, "before the crash")
    for discards in (False, True):
        journal = Journal(folder, None, piece)
        if discards:
            journal.record(Document("other"))
        journal.close(discard=discards)
        assert [r.label for r in recoverable(tmp_path)] == ["before the crash"]

    restored_here = Journal(folder)
    restored_here.record(piece, "restored", replaces_earlier=True)
    restored_here.flush()
    assert len(states(folder)) == 1
    restored_here.close(discard=True)
    assert not folder.exists()


def test_the_journal_of_a_project_lies_beside_it(tmp_path):
    assert journal_folder(tmp_path / "my.night.kino", tmp_path / "state") == tmp_path / "my.night.kino-journal"


def test_a_piece_that_is_open_twice_is_journalled_once_and_the_second_goes_on_when_the_first_ends(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(journal_module, "RETRY_S", 0.02)
    folder, piece = unsaved(tmp_path), a_piece()
    first = Journal(folder)
    with journalling(folder) as second:
        second.record(piece)
        assert not second.flush()
        assert "open in another window" in second.trouble
        first.close()
        while not second.flush(0.1):
            pass
        assert second.trouble == ""

    assert restored(tmp_path) == piece


def test_a_disk_that_is_full_is_said_and_the_edit_is_written_later(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_S", 0.02)
    piece = a_piece()
    with journalling(unsaved(tmp_path)) as journal:
        with a_full_disk():
            journal.record(piece)
            assert not journal.flush()
            assert journal.trouble.startswith(f"Autosave cannot write to {tmp_path.name} (")
            journal.record(replace(piece, notes="more"))
        while not journal.flush(0.1):
            pass
        assert journal.trouble == ""

    assert restored(tmp_path).notes == "more"


def test_a_project_on_a_full_disk_is_not_saved_and_stays_as_it_was(tmp_path):
    save_project(tmp_path / "night.kino", Document("old"))
    with a_full_disk(), pytest.raises(ProjectFileError, match=r"could not be saved .*make room"):
        save_project(tmp_path / "night.kino", a_piece())

    assert load_project(tmp_path / "night.kino") == Document("old")
    assert [p.name for p in tmp_path.iterdir()] == ["night.kino"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    journal = Journal(unsaved(tmp_path / "file"))
    assert journal.trouble.startswith("Autosave cannot write to file (")
    journal.close()


def test_a_folder_that_somebody_removed_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_S", 0.02)
    piece = a_piece()
    with journalling(unsaved(tmp_path)) as journal:
        journal.record(piece)
        journal.flush()
        shutil.rmtree(journal.folder)
        journal.record(replace(piece, notes="after"))
        while not journal.flush(0.1):
            pass

    assert restored(tmp_path).notes == "after"


def test_a_document_that_makes_no_sense_is_said_and_the_next_one_is_written(tmp_path):
    rotations = motion(3).local_rotations.copy()
    rotations[1, 4] = np.nan
    good = Document(tracks=(dancer(3),))
    clip = good.tracks[0].clips[0]
    bad_take = replace(clip.take, motion=replace(clip.take.motion, local_rotations=rotations))
    bad = Document(tracks=(replace(good.tracks[0], clips=(replace(clip, takes=(bad_take,)),)),))
    with journalling(unsaved(tmp_path)) as journal:
        journal.record(bad)
        journal.flush()
        assert "'Take 1'" in journal.trouble
        journal.record(good)
        journal.flush()
        assert journal.trouble == ""

    assert restored(tmp_path) == good


def test_what_a_crash_left_stays_until_the_piece_is_saved(tmp_path):
    folder, project, piece = unsaved(tmp_path), tmp_path / "night.kino", a_piece()
    with journalling(folder) as journal:
        journal.record(piece)
    with journalling(folder) as journal:
        for i in range(KEPT_STATES + 2):
            journal.record(replace(piece, notes=str(i)))
            journal.flush()
        assert states(folder)[0].name == "state-000001.json"
        last = replace(piece, notes="saved")
        journal.record(last)
        journal.saved(last, project)
        journal.flush()
        assert len(states(journal.folder)) == 1


def test_a_kill_in_the_middle_of_writing_leaves_a_state_that_can_be_read(tmp_path):
    folder = unsaved(tmp_path)
    killed_while_writing(folder, 2000)

    document = restored(tmp_path)

    assert document.tracks[0].id == f"dancer {document.notes}"
    assert document.tracks[0].clips[0].take.motion.n_frames == 2000
    assert same_frames(document.tracks[0].clips[0].take.motion, improvised(2000, seed=int(document.notes)))
    with journalling(folder) as journal:
        journal.record(document)
        journal.flush()
        assert not list(folder.rglob(".*.tmp"))


@pytest.mark.slow
def test_a_robot_that_is_killed_leaves_a_project_and_one_of_its_edits(tmp_path):
    for seed in range(3):
        outcome = killed(tmp_path / str(seed), seed, 0.3 + 0.3 * seed, is_untitled=seed == 0)
        assert outcome.opens
        assert outcome.is_exact
        assert outcome.edits > 0

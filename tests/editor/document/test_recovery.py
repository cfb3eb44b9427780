"""After a crash the program finds what was not saved, says what it is, and brings it back, damaged or not."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from editor.document.document import Document
from editor.document.journal import Journal
from editor.document.journal_files import journal_folder
from editor.document.project_file import ProjectFileError, save_project
from editor.document.recovery import Recovery, recoverable
from tests.documents import dancer
from tests.projects import a_piece


def left_behind(folder: Path, *documents: Document, project: Path | None = None, labels: str = "edit") -> Path:
    """The journal of a program that crashed after these edits, one state each."""
    journal = Journal(folder, project)
    for document in documents:
        journal.record(document, labels)
        assert journal.flush()
    journal.close()
    return folder


def versions(n: int) -> list[Document]:
    """A piece after 1 to n edits, each with a motion of its own."""
    return [Document("Night", tracks=(dancer(4 + i),), notes=str(i)) for i in range(n)]


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def newest(folder: Path, kind: str) -> Path:
    return max((folder / kind).parent.glob(Path(kind).name), key=lambda p: p.stat().st_mtime_ns)


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert recoverable(tmp_path / "none", [tmp_path / "gone.kino"]) == ()


def test_unsaved_pieces_and_those_beside_their_projects_are_found_the_latest_first(tmp_path):
    state, project = tmp_path / "state", tmp_path / "night.kino"
    save_project(project, Document())
    left_behind(journal_folder(None, state), Document("First"))
    left_behind(journal_folder(project, state), Document("Second"), project=project)

    found = recoverable(state, [project, project])

    assert [(r.title, r.project) for r in found] == [("Second", project), ("First", None)]


def test_the_journal_of_a_project_that_was_moved_belongs_to_it_where_it_is_now(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    piece = a_piece()
    folder = left_behind(tmp_path / "old" / "a.kino-journal", piece, project=tmp_path / "old" / "a.kino")
    folder.rename(tmp_path / "new" / "a.kino-journal")

    (found,) = recoverable(tmp_path / "state", [tmp_path / "new" / "a.kino"])

    assert found.project == tmp_path / "new" / "a.kino"
    assert found.document() == piece


def test_a_journal_beside_another_project_than_its_own_is_not_taken_for_that_project(tmp_path):
    left_behind(tmp_path / "a.kino-journal", a_piece(), project=tmp_path / "b.kino")
    assert [r.project for r in recoverable(tmp_path / "state", [tmp_path / "a.kino"])] == [None]


def test_the_summary_says_how_much_of_what_since_when(tmp_path):
    now = datetime.now().replace(hour=14, minute=2)
    one = Recovery(tmp_path, None, "Untitled", now, now, 12, "split clip")
    assert one.summary == "12 edits to 'Untitled' since 14:02, the last: split clip"
    assert replace(one, edits=1, label="").summary == "1 edit to 'Untitled' since 14:02"
    earlier = replace(one, since=now - timedelta(days=400))
    assert f"since {earlier.since:%Y-%m-%d} 14:02" in earlier.summary


def test_a_project_without_a_title_is_called_by_its_file(tmp_path):
    project = tmp_path / "night.kino"
    left_behind(journal_folder(project, tmp_path), Document(notes="x"), project=project)
    assert recoverable(tmp_path, [project])[0].title == "night"


def test_edits_are_counted_and_the_last_is_named(tmp_path):
    left_behind(journal_folder(None, tmp_path), *versions(3), labels="split clip")
    (found,) = recoverable(tmp_path)
    assert (found.edits, found.label, found.title) == (3, "split clip", "Night")
    assert found.since <= found.when


def test_the_journal_of_a_running_program_is_left_alone(tmp_path):
    folder = journal_folder(None, tmp_path)
    journal = Journal(folder)
    journal.record(a_piece())
    journal.flush()
    assert recoverable(tmp_path) == ()
    Recovery(folder, None, "", datetime.now(), datetime.now(), 1, "").discard()
    journal.close()
    assert len(recoverable(tmp_path)) == 1


def test_a_journal_that_was_discarded_is_gone(tmp_path):
    left_behind(journal_folder(None, tmp_path), a_piece())
    recoverable(tmp_path)[0].discard()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_without_edits_is_cleared_away(tmp_path):
    (tmp_path / "untitled-1.kino-journal").mkdir()
    assert recoverable(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_same", [True, False])
def test_edits_that_the_project_holds_already_are_not_offered(tmp_path, is_same):
    """The program may end between the save and the journal's hearing of it."""
    project, state, piece = tmp_path / "night.kino", tmp_path / "state", a_piece()
    folder = left_behind(journal_folder(project, state), piece, project=project)
    save_project(project, piece if is_same else Document("other"))
    os.utime(project, (2e9, 2e9))

    assert len(recoverable(state, [project])) == (0 if is_same else 1)
    assert folder.exists() is not is_same


def test_what_a_save_left_half_written_goes_after_a_while(tmp_path):
    project = tmp_path / "night.kino"
    save_project(project, a_piece())
    remnants = [tmp_path / f".{name}.tmp" for name in ("0123456789ab", "0123456789ac", "0123456789ad", "notes")]
    for path in remnants:
        path.write_bytes(project.read_bytes()[:500])
    remnants[1].write_bytes(b"somebody else's")
    for path in (*remnants[:2], remnants[3]):
        os.utime(path, (1e9, 1e9))

    recoverable(tmp_path / "state", [project])

    assert [path.exists() for path in remnants] == [False, True, True, True]


def test_a_damaged_last_state_gives_the_one_before(tmp_path):
    made = versions(3)
    folder = left_behind(journal_folder(None, tmp_path), *made)
    spoil(newest(folder, "state-*.json"))
    assert recoverable(tmp_path)[0].document() == made[1]


def test_a_damaged_motion_gives_the_last_state_that_needs_it_not(tmp_path):
    made = versions(3)
    folder = left_behind(journal_folder(None, tmp_path), *made)
    spoil(newest(folder, "arrays/*.npy"))
    assert recoverable(tmp_path)[0].document() == made[1]


def test_where_no_state_is_whole_what_can_be_read_of_the_last_comes_back(tmp_path):
    piece = a_piece()
    folder = left_behind(journal_folder(None, tmp_path), piece)
    (newest(folder, "songs/*")).unlink()
    assert recoverable(tmp_path)[0].document() == replace(piece, song=replace(piece.song, data=None))


def test_a_journal_that_became_unreadable_gives_a_sentence(tmp_path):
    folder = left_behind(journal_folder(None, tmp_path), a_piece())
    (found,) = recoverable(tmp_path)
    for path in folder.glob("state-*.json"):
        path.write_bytes(b"")
    with pytest.raises(ProjectFileError, match="nothing that can be restored"):
        found.document()
    assert recoverable(tmp_path) == ()
    assert folder.exists()


@pytest.mark.parametrize("seed", range(25))
def test_a_damaged_journal_gives_a_document_or_a_sentence(tmp_path, seed):
    rng = random.Random(seed)
    made = versions(2)
    folder = left_behind(journal_folder(None, tmp_path), *made)
    for _ in range(rng.randrange(1, 4)):
        path = rng.choice(sorted(p for p in folder.rglob("*") if p.is_file()))
        data = bytearray(path.read_bytes())
        if rng.random() < 0.4:
            path.unlink()
        elif data:
            data[rng.randrange(len(data)) :] = rng.randbytes(rng.randrange(50))
            path.write_bytes(bytes(data))
    (folder / "state-000077.json").mkdir()
    (folder / "state-x.json").write_text("{")

    for found in recoverable(tmp_path):
        try:
            document = found.document()
        except ProjectFileError:
            continue
        assert document.notes in ("0", "1")

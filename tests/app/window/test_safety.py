"""What is edited is in the journal, and what a crash left comes back."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.recent import RecentFiles
from app.settings import HOME_VARIABLE, PreferenceStore, state_folder
from app.window.safety import Safety
from editor.document.journal_files import FOLDER_SUFFIX
from editor.document.project_file import load_project, save_project
from editor.document.setting_edits import set_title
from editor.jobs.worker import Worker
from tests.app.window.studio import Studio, studio
from tests.projects import a_piece


@dataclass
class Keeping:
    """A piece with its journal."""

    desk: Studio
    preferences: PreferenceStore
    safety: Safety

    @property
    def journals(self) -> list[Path]:
        return sorted(state_folder().glob(f"*{FOLDER_SUFFIX}"))

    def edit(self, title: str) -> None:
        self.desk.edit("title", lambda d: set_title(d, title))

    def put_away(self) -> None:
        assert self.safety._journal.flush()

    def crash(self, left: Path) -> None:
        """The program ends at once: what was on the disk by then is copied, and put there after the end."""
        self.put_away()
        [journal] = self.journals
        shutil.copytree(journal, left / journal.name)
        self.safety.close(discards=True)
        for folder in left.iterdir():
            shutil.copytree(folder, state_folder() / folder.name)


@pytest.fixture
def keeping(tmp_path, monkeypatch) -> Iterator[Callable[[], Keeping]]:
    """Makes a piece with its journal; each is another start of the program."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    posted: queue.Queue[Callable[[], None]] = queue.Queue()
    open_studios, made = [], []

    def make() -> Keeping:
        studios = studio(Worker(posted.put, "test"), posted, tmp_path / "songs")  # no job: no process is started
        desk = studios.__enter__()
        open_studios.append(studios)
        preferences = PreferenceStore()
        made.append(Keeping(desk, preferences, Safety(desk.session, desk.piece, preferences, RecentFiles(preferences))))
        return made[-1]

    yield make
    for keeping in made:
        keeping.safety.close(discards=True)
    for studios in open_studios:
        studios.__exit__(None, None, None)


def test_every_edit_is_put_away(keeping):
    one = keeping()
    one.desk.piece.new()
    assert one.safety.saved_at is None

    one.edit("Morning")
    one.put_away()

    assert one.safety.saved_at is not None
    assert one.safety.trouble == ""
    assert len(one.journals) == 1


def test_what_a_crash_left_comes_back_as_unsaved_work_and_is_still_safe(keeping, tmp_path):
    first = keeping()
    first.desk.piece.new()
    first.edit("Morning")
    first.edit("Evening")
    before = first.desk.document
    first.crash(tmp_path / "left")

    second = keeping()
    [recovery] = second.safety.left_by_a_crash()
    assert second.safety.restore(recovery)

    assert second.desk.document == before
    assert not second.desk.piece.is_saved
    assert not recovery.folder.exists()
    second.put_away()
    [journal] = second.journals
    second.crash(tmp_path / "left again")
    third = keeping()
    assert [r.document() for r in third.safety.left_by_a_crash()] == [before]
    assert journal != recovery.folder


def test_recovered_work_that_is_saved_is_not_offered_again(keeping, tmp_path):
    first = keeping()
    first.desk.piece.new()
    first.edit("Morning")
    first.crash(tmp_path / "left")
    second = keeping()
    second.safety.restore(second.safety.left_by_a_crash()[0])

    second.desk.piece.save(tmp_path / "morning.kino")
    second.desk.piece.finish_saving()
    second.safety.close()

    assert load_project(tmp_path / "morning.kino").title == "Morning"
    assert keeping().safety.left_by_a_crash() == ()


def test_damaged_remains_are_refused_in_a_sentence(keeping, tmp_path):
    first = keeping()
    first.desk.piece.new()
    first.edit("Morning")
    first.crash(tmp_path / "left")
    second = keeping()
    [recovery] = second.safety.left_by_a_crash()
    for state in recovery.folder.glob("state-*"):
        state.write_bytes(b"gone")

    assert not second.safety.restore(recovery)

    assert second.desk.said[0][1] == "error"
    assert "restored" in second.desk.said[0][0]


def test_leaving_a_piece_discards_its_journal(keeping):
    one = keeping()
    one.desk.piece.new()
    one.edit("Morning")
    one.put_away()
    [before] = one.journals

    one.desk.piece.new()

    assert not before.exists()
    one.edit("Evening")
    one.put_away()
    assert len(one.journals) == 1


def test_a_piece_of_a_file_has_its_journal_beside_it(keeping, tmp_path):
    save_project(tmp_path / "night.kino", a_piece())
    one = keeping()
    one.desk.piece.open(tmp_path / "night.kino")
    one.edit("Evening")
    one.put_away()

    beside = tmp_path / f"night{FOLDER_SUFFIX}"
    assert beside.is_dir()
    one.desk.piece.save(tmp_path / "night.kino")
    one.desk.piece.finish_saving()
    one.put_away()
    one.safety.close()
    assert not beside.exists()


def test_ending_without_an_answer_keeps_what_is_unsaved(keeping):
    one = keeping()
    one.desk.piece.new()
    one.edit("Morning")

    one.safety.close()

    [recovery] = keeping().safety.left_by_a_crash()
    assert recovery.document().title == "Morning"
    assert "title" in recovery.summary


def test_ending_with_discard_leaves_nothing(keeping):
    one = keeping()
    one.desk.piece.new()
    one.edit("Morning")

    one.safety.close(discards=True)

    assert one.journals == []
    assert keeping().safety.left_by_a_crash() == ()


def test_autosave_can_be_switched_off_and_on_while_a_piece_is_open(keeping):
    one = keeping()
    one.desk.piece.new()
    one.edit("Morning")
    one.put_away()

    one.preferences.change(is_autosave_on=False)
    one.edit("Noon")
    assert one.journals == []
    assert one.safety.saved_at is None

    one.preferences.change(is_autosave_on=True)
    one.put_away()
    one.safety.close()
    [recovery] = keeping().safety.left_by_a_crash()
    assert recovery.document().title == "Noon"


def test_with_autosave_off_nothing_is_written_and_remains_stay_until_they_are_decided_upon(keeping, tmp_path):
    first = keeping()
    first.desk.piece.new()
    first.edit("Morning")
    first.crash(tmp_path / "left")
    second = keeping()
    second.preferences.change(is_autosave_on=False)
    [recovery] = second.safety.left_by_a_crash()

    assert second.safety.restore(recovery)
    second.edit("Noon")

    assert second.journals == [recovery.folder]


def test_an_untouched_piece_leaves_nothing_behind(keeping):
    one = keeping()
    one.desk.piece.new()
    one.safety.close()

    assert one.journals == []


def test_undoing_back_to_the_file_leaves_nothing_to_recover(keeping, tmp_path):
    save_project(tmp_path / "night.kino", a_piece())
    one = keeping()
    one.desk.piece.open(tmp_path / "night.kino")
    one.edit("Evening")
    one.put_away()
    one.desk.session.history.undo()
    one.put_away()
    one.safety.close()

    assert not (tmp_path / f"night{FOLDER_SUFFIX}").exists()

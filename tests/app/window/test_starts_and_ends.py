"""How the program begins and ends: with a file, a song, what a crash left; and nothing stays behind."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path

import pytest

from app.screen import has_screen
from app.settings import state_folder
from app.window.main_window import EditorWindow
from editor.document.journal import Journal
from editor.document.journal_files import FOLDER_SUFFIX
from editor.document.project_file import load_project, save_project
from editor.document.setting_edits import set_title
from tests.app.window.studio import write_song
from tests.app.window.windows import answer, editor_window, wait_for
from tests.projects import a_piece
from tests.songs import RATE_HZ, click_track

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]


def journals() -> list[Path]:
    return list(state_folder().glob(f"*{FOLDER_SUFFIX}"))


def edit(window: EditorWindow, title: str = "Changed") -> None:
    assert window.desk.session.edit("title", lambda d: set_title(d, title))


# Beginning


def test_a_song_to_begin_with_makes_a_piece_of_its_own_that_is_safe(qtbot, tmp_path):
    song = write_song(tmp_path / "beats.wav", click_track(120.0, 3.0).audio.samples, RATE_HZ)
    with editor_window(tmp_path / "home") as window:
        window.begin(song, opens_demo=False)
        session = window.desk.session
        wait_for(lambda: session.document.song is not None)

        assert [track.name for track in session.document.tracks] == ["Ana"]
        wait_for(lambda: bool(journals()))
        wait_for(lambda: bool(session.document.tracks[0].clips))  # the model is loaded, and has made a dance
        assert session.document.tracks[0].end_frame == 90


def test_a_file_that_cannot_be_opened_leads_to_the_demo_piece_and_a_sentence(qtbot, tmp_path):
    with editor_window(tmp_path / "home") as window:
        window.begin(tmp_path / "gone.kino", opens_demo=False)

        assert len(window.desk.session.document.tracks) == 2
        assert window.messages.message.sentence.startswith("gone.kino")


@pytest.mark.parametrize("button", ["Restore", "Later"])
def test_what_a_crash_left_is_offered(qtbot, tmp_path, button):
    left = tmp_path / "left"
    journal = Journal(left / f"untitled-1{FOLDER_SUFFIX}")
    journal.record(a_piece(), "split clip")
    assert journal.flush()
    shutil.copytree(journal.folder, tmp_path / "home" / "state" / journal.folder.name)
    journal.close(discard=True)

    with editor_window(tmp_path / "home") as window:
        answer(button)
        window.begin(None, opens_demo=False)

        is_restored = button == "Restore"
        assert (window.desk.session.document.title == "Night") == is_restored
        assert window.desk.piece.is_saved == (not is_restored)
        window.end()
        assert len(journals()) == 1


# Takes belong to their piece


def test_opening_another_piece_ends_the_takes_that_are_being_made(qtbot, tmp_path):
    with editor_window(tmp_path / "home") as window:
        window.begin(None, opens_demo=True)
        desk = window.desk
        wait_for(lambda: desk.engine.is_ready)
        window.actions_.by_name["four_takes"].trigger()
        assert desk.audition.is_running

        desk.piece.new()

        assert not desk.audition.is_running
        assert not window.strip.isVisible()
        assert window.status.job_text == ""
        wait_for(lambda: desk.worker.n_waiting == 0)
        assert desk.session.history.undo_labels == ()


# Ending


@pytest.mark.parametrize(("button", "closes"), [("Cancel", False), ("Don\u2019t save", True), ("Save", True)])
def test_closing_with_unsaved_work_asks(qtbot, tmp_path, button, closes):
    path, children = tmp_path / "piece.kino", multiprocessing.active_children()
    save_project(path, a_piece())
    with editor_window(tmp_path / "home") as window:
        window.begin(path, opens_demo=False)
        edit(window)
        answer(button)
        window.close()

        assert window.isVisible() == (not closes)
        assert load_project(path).title == ("Changed" if button == "Save" else "Night")
        window.end()
        left = [*tmp_path.glob(f"*{FOLDER_SUFFIX}"), *journals()]
        assert bool(left) == (not closes)
    assert multiprocessing.active_children() == children


def test_the_layout_is_there_again_at_the_next_start(qtbot, tmp_path):
    with editor_window(tmp_path) as window:
        window.begin(None, opens_demo=True)
        window.docks["Takes"].hide()
        window.actions_.by_name["hide_ui"].trigger()
        window.close()
    with editor_window(tmp_path) as window:
        is_seen = {name: dock.isVisible() for name, dock in window.docks.items()}
        assert is_seen == {"Piece": True, "Takes": False, "Generate": True, "Findings": True}
        assert window.timeline.isVisible()


def test_closing_while_the_piece_is_being_saved_waits_for_it_and_asks_nothing(qtbot, tmp_path):
    path = tmp_path / "piece.kino"
    with editor_window(tmp_path / "home") as window:
        window.begin(None, opens_demo=True)
        edit(window)
        window.desk.piece.save(path)
        assert window.desk.piece.is_saving

        assert window.close()

        assert load_project(path).title == "Changed"
        window.end()
        assert [*tmp_path.glob(f"*{FOLDER_SUFFIX}"), *journals()] == []

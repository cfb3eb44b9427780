"""The editor's window as a whole: real widgets, real drawing, real keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.screen import has_screen
from app.settings import state_folder
from app.window.main_window import EditorWindow
from editor.document.journal_files import FOLDER_SUFFIX
from editor.document.project_file import save_project
from editor.document.setting_edits import set_title
from editor.theme import THEMES
from tests.app.window.windows import answer, editor_window, press, wait_for
from tests.projects import a_piece

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]
Key, Ctrl, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
# Open a dialog, or leave the piece: they have tests of their own.
ASKING = {
    "new", "open", "open_demo", "open_song", "import_motion", "import_grid", "export_grid", "save", "save_as",
    "export", "export_again", "deliver",
    "receipt", "screenshot", "preferences", "blend_clip", "grid_tempo", "meter_here", "section_rename", "about", "quit",
    "demo_mode",
}  # fmt: skip


@pytest.fixture(scope="module")
def shared(qapp, tmp_path_factory) -> Iterator[EditorWindow]:
    with editor_window(tmp_path_factory.mktemp("home")) as window:
        window.begin(None, opens_demo=True)
        wait_for(lambda: window.desk.piece.audio is not None)
        yield window


@pytest.fixture
def window(shared, qtbot) -> EditorWindow:
    """The shared window on the demo piece, with nothing going on."""
    shared.desk.transport.pause()
    shared.desk.piece.open_demo()
    shared.messages.clear()
    shared.activateWindow()
    shared.viewport.setFocus()
    wait_for(lambda: shared.isActiveWindow() and shared.desk.piece.audio is not None)
    return shared


def journals(window: EditorWindow) -> list[Path]:
    return list(state_folder().glob(f"*{FOLDER_SUFFIX}"))


def edit(window: EditorWindow, title: str = "Changed") -> None:
    assert window.desk.session.edit("title", lambda d: set_title(d, title))


def write_beats(path: Path) -> Path:
    """Four seconds of clicks, two a second."""
    sound = np.zeros(4 * 22050, np.float32)
    for at in range(0, len(sound), 11025):
        sound[at : at + 400] = 0.8 * np.hanning(400)
    soundfile.write(path, sound, 22050)
    return path


# Beginning


def test_the_window_opens_with_the_demo_piece(window):
    assert len(window.desk.session.document.tracks) == 2
    assert window.windowTitle().endswith("Kinetograph")
    assert window.desk.piece.is_saved
    assert window.timeline.isVisible()
    assert not window.messages.isVisible()


def test_a_low_window_shows_the_active_dancer_s_lane(window):
    window.resize(960, 540)
    wait_for(lambda: window.height() == 540)
    window.desk.piece.open_demo()
    canvas = window.timeline.canvas
    lane = next(lane for lane in canvas.lanes if lane.track_id == window.desk.session.active_track_id)

    assert canvas.y_of(lane) >= canvas.pinned_px
    assert canvas.y_of(lane) + lane.px <= canvas.height()
    window.resize(1280, 800)


def test_every_action_has_a_tooltip_with_its_key(window):
    for name, action in window.actions_.by_name.items():
        assert "\n" in action.toolTip(), name
    assert "Space" in window.actions_.by_name["play_pause"].toolTip()


# Playing


def test_space_plays_and_stops(window):
    press(window, Key.Key_Space)
    wait_for(lambda: window.desk.session.playhead_s > 0.1)
    press(window, Key.Key_Space)

    assert not window.desk.transport.is_playing


def test_opening_another_piece_stops_the_one_that_plays(window):
    press(window, Key.Key_Space)
    wait_for(lambda: window.desk.session.playhead_s > 0.05)

    window.desk.piece.open_demo()

    assert not window.desk.transport.is_playing
    assert window.desk.session.playhead_s == 0.0


def test_arrows_step_by_frames(window):
    for _ in range(3):
        press(window, Key.Key_Right)
    press(window, Key.Key_Left)

    assert window.desk.session.playhead_frame == 2


# Editing


def test_undo_and_redo_say_what_they_would_do(window):
    undo, redo = (window.actions_.by_name[name] for name in ("undo", "redo"))
    assert not undo.isEnabled()
    edit(window)
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo title", True, False)

    press(window, Key.Key_Z, Ctrl)

    assert (redo.text(), redo.isEnabled(), undo.isEnabled()) == ("Redo title", True, False)
    assert window.desk.piece.is_saved


def test_the_title_shows_what_is_unsaved(window):
    before = window.windowTitle()
    edit(window)

    assert "\u2022" in window.windowTitle()
    window.desk.session.history.undo()
    assert window.windowTitle() == before


@pytest.mark.slow
@pytest.mark.parametrize("is_empty", [False, True])
def test_every_command_can_be_given(window, is_empty):
    if is_empty:
        window.desk.piece.new()
    for name, action in window.actions_.by_name.items():
        if name not in ASKING:
            action.trigger()
            QApplication.processEvents()
    window.desk.audition.cancel()
    window.showNormal()
    window.hide_panels(False)
    window.keys_overlay.close_overlay()
    window.hints.skip.click()
    wait_for(lambda: not window.isFullScreen())


def test_what_is_on_is_said_by_the_piece_and_not_by_the_press(window):
    window.desk.piece.new()
    lock = window.actions_.by_name["lock_clip"]

    lock.trigger()

    assert not lock.isChecked()
    assert "clip" in window.messages.message.sentence
    click = window.actions_.by_name["click"]
    click.trigger()
    assert click.isChecked()
    assert window.desk.transport.is_click_on
    click.trigger()
    assert not click.isChecked()


def test_esc_closes_the_nearest_thing_first(window):
    session = window.desk.session
    session.select(session.document.tracks[0].id, 0, 60)
    window.messages.say("Something was noted.")
    press(window, Key.Key_F1)
    assert window.keys_overlay.isVisible()

    press(window, Key.Key_Escape)
    assert (window.keys_overlay.isVisible(), window.messages.isVisible()) == (False, True)
    press(window, Key.Key_Escape)
    assert (window.messages.isVisible(), session.selection is None) == (False, False)
    press(window, Key.Key_Escape)
    assert session.selection is None
    assert not window.wiring.escape()


# The look


@pytest.mark.parametrize("changes", [{"theme": name} for name in THEMES] + [{"ui_scale": 1.5}, {"ui_scale": 1.0}])
def test_theme_and_scale_dress_the_whole_window(window, changes):
    window.preferences.change(**changes)
    window.repaint()

    assert window.theme is THEMES[window.preferences.values.theme]
    for part in (window.timeline, window.viewport, window.strip):
        part.repaint()
    window.preferences.change(theme="dark")


def test_keys_follow_the_preferences(window):
    window.preferences.change(key_preset="Maya-like")
    assert window.actions_.by_name["play_pause"].shortcuts()[0].toString() == "Alt+V"

    window.preferences.change(key_preset="Editor")
    assert window.actions_.by_name["play_pause"].shortcuts()[0].toString() == "Space"


def test_a_file_in_the_recent_list_does_not_dress_the_window_anew(window, tmp_path):
    icon = window.actions_.by_name["split"].icon().cacheKey()

    window.wiring.recent.add(tmp_path / "piece.kino")

    assert window.actions_.by_name["split"].icon().cacheKey() == icon


# The whole screen


def shown(window: EditorWindow) -> list[bool]:
    parts = (window.menuBar(), window.timeline, window.transport_bar, window.statusBar(), *window.docks.values())
    return [part.isVisible() for part in parts]


def test_the_stage_alone_and_back_leaves_the_panels_as_they_were(window):
    window.docks["Takes"].hide()
    before = shown(window)
    hide = window.actions_.by_name["hide_ui"]

    hide.trigger()
    assert (any(shown(window)), hide.isChecked()) == (False, True)
    hide.trigger()

    assert (shown(window), hide.isChecked()) == (before, False)
    window.actions_.by_name["reset_layout"].trigger()
    assert all(shown(window))


def test_resetting_the_layout_brings_hidden_panels_back(window):
    window.actions_.by_name["hide_ui"].trigger()

    window.actions_.by_name["reset_layout"].trigger()

    assert all(shown(window))
    assert not window.actions_.by_name["hide_ui"].isChecked()


def test_full_screen_and_back_keeps_the_size(window):
    size, full = window.size(), window.actions_.by_name["full_screen"]

    full.trigger()
    assert (window.isFullScreen(), full.isChecked()) == (True, True)
    full.trigger()

    assert (window.isFullScreen(), full.isChecked()) == (False, False)
    wait_for(lambda: window.size() == size)


def test_demo_mode_plays_on_the_whole_screen_and_esc_ends_it(window):
    before = shown(window)

    press(window, Key.Key_F11)
    wait_for(lambda: window.desk.session.playhead_s > 0.1)
    assert window.isFullScreen()
    assert not any(shown(window))
    wait_for(lambda: window.wiring.showing.camera_path is not None)  # the camera takes everybody in
    press(window, Key.Key_Escape)

    assert not window.isFullScreen()
    assert not window.desk.transport.is_playing
    assert not window.desk.stage.is_large
    assert window.wiring.showing.camera_path is None
    assert shown(window) == before


def test_demo_mode_that_finds_nothing_to_play_gives_the_window_back(window, tmp_path):
    window.preferences.change(recent=())
    save_project(tmp_path / "gone.kino", a_piece())
    assert window.wiring.files.open_path(tmp_path / "gone.kino")
    window.preferences.change(recent=())
    (tmp_path / "gone.kino").unlink()

    window.actions_.by_name["demo_mode"].trigger()

    assert all(shown(window))
    assert not window.isFullScreen()
    assert window.messages.message.severity == "error"


# Files


def test_a_file_that_is_dropped_is_opened(window, tmp_path):
    path = tmp_path / "night.kino"
    save_project(path, a_piece())
    data, nothing = QMimeData(), Qt.KeyboardModifier.NoModifier
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, actions, button = QPointF(400, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton

    enter = QDragEnterEvent(place.toPoint(), actions, data, button, nothing)
    QApplication.sendEvent(window, enter)
    assert (window.drop_cover.isVisible(), window.drop_cover.words) == (True, "Open the piece")
    QApplication.sendEvent(window, QDropEvent(place, actions, data, button, nothing))

    assert enter.isAccepted()
    assert not window.drop_cover.isVisible()
    wait_for(lambda: window.desk.piece.path == path)
    assert window.windowTitle().startswith("night")


def test_of_several_files_that_are_dropped_the_first_is_taken_and_that_is_said(window, tmp_path):
    paths = [tmp_path / "poem.txt", tmp_path / "prose.txt"]
    for path in paths:
        path.write_text("Roses are red", "utf-8")

    window.wiring.files.take_dropped(paths)

    assert window.messages.message.sentence == "One file at a time: only poem.txt was taken."


def test_a_song_dropped_on_the_untouched_demo_piece_gets_a_dance_of_its_own(window, tmp_path):
    wait_for(lambda: window.desk.engine.is_ready)
    session = window.desk.session

    window.wiring.files.open_path(write_beats(tmp_path / "mine.wav"))
    wait_for(lambda: session.document.title == "mine" and bool(session.document.tracks[0].clips))

    assert [track.name for track in session.document.tracks] == ["Ana"]
    assert session.document.markers == ()
    assert session.document.n_frames == 120


def test_a_song_dropped_on_a_piece_of_hers_leaves_its_dance_and_says_so(window, tmp_path):
    edit(window)
    session = window.desk.session
    clips = [track.clips for track in session.document.tracks]

    window.wiring.files.open_path(write_beats(tmp_path / "mine.wav"))
    wait_for(lambda: session.document.song.name == "mine.wav")

    assert [track.clips for track in session.document.tracks] == clips
    assert "the dance stays as it was" in window.messages.message.sentence
    session.history.undo()
    assert session.document.song.name == "song.ogg"


def test_takes_are_made_where_they_can_be_seen(window):
    wait_for(lambda: window.desk.engine.is_ready)
    session = window.desk.session
    session.select(session.document.tracks[0].id, 300, 420)

    press(window, Key.Key_R, Shift)
    assert session.playhead_frame == 300
    wait_for(lambda: not window.desk.audition.is_running)
    session.seek_frame(350)
    press(window, Key.Key_R)

    assert session.playhead_frame == 350
    wait_for(lambda: not window.desk.audition.is_running)


def test_esc_after_a_slider_was_let_go_on_selected_bars_leaves_no_cut_and_no_step(window):
    wait_for(lambda: window.desk.engine.is_ready)
    session, slider = window.desk.session, window.generate.sliders["intensity"]
    before = session.document
    session.select(before.tracks[0].id, 300, 420)
    places = [QPoint(round(share * slider.width()), slider.height() // 2) for share in (0.4, 0.5, 0.6)]

    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(slider, place)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])
    wait_for(lambda: window.desk.audition.auditioned is not None)
    assert session.document is not before
    press(window, Key.Key_Escape)

    assert session.document is before
    assert session.history.undo_labels == ()
    assert window.desk.piece.is_saved


def test_what_is_no_piece_song_or_motion_is_refused_in_a_sentence(window, tmp_path):
    (tmp_path / "poem.txt").write_text("Roses are red", "utf-8")

    assert not window.wiring.files.open_path(tmp_path / "poem.txt")

    assert window.messages.message.sentence.startswith("poem.txt is nothing that can be opened")
    assert len(window.desk.session.document.tracks) == 2


def test_a_damaged_piece_leaves_the_open_one_and_its_journal(window, tmp_path):
    (tmp_path / "broken.kino").write_bytes(b"PK no more")
    edit(window)
    wait_for(lambda: bool(journals(window)))
    answer("Don\u2019t save")

    assert not window.wiring.files.open_path(tmp_path / "broken.kino")

    assert window.desk.session.document.title == "Changed"
    assert journals(window)
    assert window.messages.message.sentence.endswith("nothing in it can be restored; open an earlier copy")


@pytest.mark.parametrize("command", ["new", "open_demo"])
def test_an_error_of_the_piece_before_is_gone_when_another_one_is_begun(window, command):
    window.desk.session.said.emit("The song could not be read.", "error")
    window.messages.say("The program has met a mistake.", "error")

    window.actions_.by_name[command].trigger()

    assert (window.messages.n_messages, window.messages.message.sentence) == (1, "The program has met a mistake.")


def test_what_could_not_be_opened_at_the_start_is_said_over_the_demo_piece(qapp, tmp_path):
    with editor_window(tmp_path / "home") as window:
        window.begin(tmp_path / "lost.kino", opens_demo=False)

        assert window.desk.session.document.tracks
        assert "lost.kino" in window.messages.message.sentence


def test_leaving_unsaved_work_asks_and_cancel_stays(window):
    edit(window)
    answer("Cancel")
    window.actions_.by_name["new"].trigger()
    assert window.desk.session.document.title == "Changed"

    answer("Don\u2019t save")
    window.actions_.by_name["new"].trigger()
    assert window.desk.session.document.title == "Untitled"


def test_a_save_that_fails_keeps_the_window_on_the_piece(window, tmp_path):
    path = tmp_path / "piece.kino"
    window.desk.piece.save(path)
    wait_for(lambda: window.desk.piece.path == path)
    edit(window)
    path.unlink()
    path.mkdir()  # in the way
    answer("Save")

    assert not window.wiring.files.may_leave()

    assert window.messages.message.severity == "error"
    assert window.desk.session.document.title == "Changed"
    window.desk.piece.open_demo()


@pytest.mark.parametrize(("command", "ending"), [("save_as", ".kino"), ("screenshot", ".png")])
def test_a_name_without_an_ending_gets_one_and_keeps_its_dots(window, tmp_path, command, ending):
    def type_name() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(tmp_path / "no. 1"))
        dialog.accept()

    QTimer.singleShot(0, type_name)
    window.actions_.by_name[command].trigger()

    wait_for((tmp_path / f"no. 1{ending}").is_file)
    window.desk.piece.finish_saving()


def test_a_dialog_that_is_cancelled_writes_nothing(window, tmp_path):
    window.preferences.change(default_folder=str(tmp_path))
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().reject())

    assert not window.wiring.files.save_as()

    assert list(tmp_path.glob("*.kino")) == []
    window.preferences.change(default_folder="")

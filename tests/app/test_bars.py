"""Status bar, message bar, keys overlay and hints: real widgets in a real window."""

from __future__ import annotations

from datetime import datetime
from string import Formatter

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QCursor, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget

from app import message_bar
from app.hints import HINTS, Hint, HintStrip, filled
from app.keymap import KeyMap
from app.keys_overlay import KeysOverlay, Row, key_groups, page
from app.message_bar import MessageBar
from app.settings import PreferenceStore
from app.status_bar import StatusBar, hint_at
from app.window.commands import BY_NAME, COMMANDS
from editor.theme import DARK, LIGHT


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.setCentralWidget(QWidget())
    QVBoxLayout(made.centralWidget())
    made.show()
    qtbot.waitExposed(made)
    return made


def put(window: QMainWindow, widget: QWidget) -> QWidget:
    window.centralWidget().layout().addWidget(widget)
    return widget


# Status bar


@pytest.fixture
def status(window):
    return put(window, StatusBar(DARK))


def test_the_status_bar_says_how_things_are(status):
    status.show_engine("CPU \u00b7 312 MB")
    status.show_audio("Speakers", 2)
    status.show_fps(59.6)
    status.show_autosave(datetime(2026, 5, 1, 14, 2, 3))

    shown = [status.text_of(field) for field in ("engine", "audio", "fps", "autosave")]
    assert shown == ["CPU \u00b7 312 MB", "Speakers \u00b7 2 drop-outs", "60 fps", "autosaved 14:02:03"]


def test_without_sound_or_autosave_the_bar_says_so(status):
    status.show_audio("", trouble="No sound device was found: the dance plays without sound.")
    status.show_autosave(None, "The disk is full.")
    status.show_fps(None)

    assert [status.text_of(f) for f in ("audio", "autosave", "fps")] == ["no sound", "not autosaved", ""]


def test_a_job_shows_how_far_it_is_and_can_be_cancelled(status, qtbot):
    cancelled = []
    status.show_job("generating", 0.62, 12.0, lambda: cancelled.append(True))

    assert status.job_text == "generating 62 % \u00b7 12 s left"
    qtbot.mouseClick(status.cancel_button, Qt.MouseButton.LeftButton)
    assert cancelled == [True]
    status.end_job()
    assert status.job_text == ""


def test_work_of_unknown_length_that_cannot_be_ended_has_no_button(status):
    status.show_job("reading the song", None)

    assert status.job_text == "reading the song"
    assert not status.cancel_button.isVisible()


def test_where_it_is_narrow_the_least_important_fields_go(window, status, qtbot):
    status.show_engine("CPU \u00b7 312 MB")
    status.show_audio("Built-in Audio Analog Stereo", 2)
    status.show_autosave(datetime.now())
    status.show_fps(60.0)
    wide = [field.isVisible() for field in status._fields.values()]
    window.resize(420, 700)
    qtbot.waitUntil(lambda: status.width() < 420)

    assert wide == [True] * 4
    narrow = [field.isVisible() for field in status._fields.values()]
    assert narrow == sorted(narrow, reverse=True)
    assert not narrow[-1]


def test_the_hint_is_the_tooltip_of_what_the_mouse_is_over(window, status, qtbot):
    button = put(window, QPushButton("Split"))
    button.setToolTip("Split  (S)\nTwo clips where there was one")
    qtbot.waitUntil(lambda: button.height() > 0 and button.mapToGlobal(QPoint(0, 0)) != QPoint(0, 0))
    middle = button.mapToGlobal(button.rect().center())

    qtbot.waitUntil(lambda: hint_at(window, middle) == button.toolTip())
    status.show_hint(hint_at(window, middle))
    assert status.hint == "Split  (S) \u00b7 Two clips where there was one"
    assert hint_at(window, window.mapToGlobal(QPoint(500, 2))) == ""


def test_a_watched_window_is_looked_at(window, status, qtbot):
    button = put(window, QPushButton("Split"))
    button.setToolTip("Split")
    status.watch(window)
    window.activateWindow()
    QCursor.setPos(button.mapToGlobal(button.rect().center()))

    if window.isActiveWindow():  # a screen without a window manager gives no window the focus
        qtbot.waitUntil(lambda: status.hint == "Split")


# Messages


@pytest.fixture
def messages(window):
    return put(window, MessageBar(DARK))


def test_a_warning_is_past_once_something_else_was_done_and_an_error_is_not(messages):
    messages.say("It does not fit there.", "warning")
    messages.say("It broke.", "error")
    messages.drop_warnings()

    assert (messages.n_messages, messages.message.sentence) == (1, "It broke.")


def test_what_was_said_of_a_piece_goes_with_it_and_the_rest_stays(messages):
    messages.say("The disk is full.", "error", is_of_piece=True)
    messages.say("There is no engine.", "error")

    messages.drop_piece()

    assert (messages.n_messages, messages.message.sentence) == (1, "There is no engine.")


def test_a_message_is_shown_without_stopping_anything(messages):
    messages.say("The disk is full.", "error", "OSError 28")

    assert messages.isVisible()
    assert messages.message.sentence == "The disk is full."


def test_the_gravest_message_stands_in_front_and_the_others_wait(messages, qtbot):
    messages.say("One", "warning")
    messages.say("Two", "error")
    messages.say("Three", "warning")

    seen = []
    while messages.message is not None:
        seen.append(messages.message.sentence)
        qtbot.keyClick(messages, Qt.Key.Key_Escape)

    assert seen == ["Two", "Three", "One"]
    assert not messages.isVisible()


def test_the_same_message_is_not_said_twice(messages):
    messages.say("One", "warning")
    messages.say("One", "warning")

    assert messages.n_messages == 1


def test_details_can_be_copied(messages):
    messages.say("The disk is full.", "error", "OSError 28")
    messages.copy_details()

    assert QGuiApplication.clipboard().text() == "The disk is full.\n\nOSError 28"


def test_a_message_about_a_file_opens_its_folder(messages, tmp_path, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    messages.say("Nothing to do with a file.", "warning")
    assert not messages.show_folder.isVisible()
    messages.clear()

    messages.say("Exported: dance.fbx.", folder=str(tmp_path))
    messages.show_folder.click()

    assert opened == [str(tmp_path)]


def test_a_note_goes_by_itself_and_an_error_stays(messages, qtbot, monkeypatch):
    monkeypatch.setattr(message_bar, "NOTE_STAYS_MS", 10)
    messages._timer.setInterval(10)
    QCursor.setPos(0, 0)
    messages.say("Saved.")
    qtbot.waitUntil(lambda: messages.message is None)
    messages.say("The disk is full.", "error")

    assert not messages._timer.isActive()


def test_closing_nothing_leaves_escape_to_others(messages):
    assert messages.close_message() is False


def test_messages_do_not_pile_up_without_end(messages):
    for number in range(100):
        messages.say(f"Sentence {number}", "warning")

    assert messages.n_messages == 20
    assert messages.message.sentence == "Sentence 99"


def test_a_severity_that_does_not_exist_is_a_mistake(messages):
    with pytest.raises(ValueError, match="fatal"):
        messages.say("Oh", "fatal")


# Keys


@pytest.fixture
def overlay(window):
    return KeysOverlay(window, DARK)


GROUPS = key_groups(COMMANDS, KeyMap())


def test_every_key_stands_on_the_page_under_its_menu():
    rows = page(GROUPS)

    assert Row("Split at the playhead", ("S", "Ctrl+K")) in rows
    assert Row("From the front", ("Alt+1", "Pad 1")) in rows
    assert rows[0] == Row("File", is_heading=True)


def test_the_page_is_searched_by_word_and_by_key():
    assert [row.text for row in page(GROUPS, "whole piece")] == ["View", "Whole piece"]
    assert [row.text for row in page(GROUPS, "f11") if not row.is_heading] == ["Full screen", "Demo mode"]
    assert page(GROUPS, "tutu") == []


def test_typing_searches_and_any_other_key_closes(overlay, qtbot):
    overlay.show_keys(GROUPS)
    assert overlay.isVisible()
    qtbot.keyClicks(overlay.search, "ghost")
    assert [row.text for row in overlay.rows] == ["View", "Ghosts on counts"]
    qtbot.keyClick(overlay.search, Qt.Key.Key_Shift)
    qtbot.keyClick(overlay.search, Qt.Key.Key_Backspace)
    assert overlay.isVisible()

    with qtbot.waitSignal(overlay.closed):
        qtbot.keyClick(overlay.search, Qt.Key.Key_Escape)
    assert not overlay.isVisible()


@pytest.mark.parametrize("key", ["F1", "Return", "Tab", "Left", "Delete"])
def test_keys_that_type_nothing_close(overlay, qtbot, key):
    overlay.show_keys(GROUPS)

    qtbot.keyClick(overlay.search, getattr(Qt.Key, f"Key_{key}"))

    assert not overlay.isVisible()


def test_the_window_s_own_keys_rest_while_it_is_open(window, overlay, qtbot):
    called = []
    action = QAction("Split", window)
    action.setShortcuts([QKeySequence("S"), QKeySequence("Ctrl+K")])
    action.triggered.connect(lambda: called.append(True))
    window.addAction(action)
    window.activateWindow()
    overlay.show_keys(GROUPS)

    qtbot.keyClick(overlay.search, Qt.Key.Key_S)
    qtbot.keyClick(overlay.search, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)

    assert called == []


def test_the_focus_goes_back_to_where_it_was(window, overlay, qtbot):
    field = put(window, QLineEdit())
    window.activateWindow()
    field.setFocus()
    had_focus = field.hasFocus()
    overlay.show_keys(GROUPS)
    overlay.show_keys(GROUPS)

    assert not overlay.isVisible()
    assert field.hasFocus() == had_focus


@pytest.mark.parametrize("width", [500, 900, 1300, 2500])
def test_columns_hold_every_line_once_and_end_with_no_heading(window, overlay, width):
    window.resize(width, 700)
    overlay.show_keys(GROUPS)

    columns = overlay._sheet._columns(width)

    assert [row for column in columns for row in column if row.text] == overlay.rows
    assert all(column[0].text and not column[-1].is_heading for column in columns)


# Hints


@pytest.fixture
def hints(window, tmp_path):
    made = HintStrip(window, PreferenceStore(tmp_path), KeyMap(), DARK)
    put(window, made)
    return made


def test_hints_are_shown_at_the_first_start_only(window, hints, tmp_path, qtbot):
    assert hints.start_if_new()
    with qtbot.waitSignal(hints.finished):
        for _ in HINTS:
            hints.next.click()
    again = HintStrip(window, PreferenceStore(tmp_path), KeyMap(), DARK)
    put(window, again)

    assert not again.start_if_new()
    again.start()
    assert again.text, "the Help menu shows them again"


def test_skipping_is_one_key_and_is_remembered(hints, tmp_path, qtbot):
    hints.start()
    qtbot.keyClick(hints, Qt.Key.Key_Escape)

    assert hints.text == ""
    assert PreferenceStore(tmp_path).values.is_first_start_done


def test_a_hint_points_at_its_part_and_the_mouse_goes_through(window, hints, qtbot):
    stage = put(window, QPushButton("stage"))
    clicked = []
    stage.clicked.connect(lambda: clicked.append(True))
    hints.set_parts({"stage": stage})
    qtbot.waitUntil(stage.isVisible)
    hints.start()

    assert hints._ring.isVisible()
    assert hints._ring.size() == stage.size()
    assert not hints._ring.mask().contains(hints._ring.rect().center())
    qtbot.mouseClick(stage, Qt.MouseButton.LeftButton)
    assert clicked == [True]
    stage.hide()
    assert not hints._ring.isVisible()


def test_hints_name_keys_as_they_are_now():
    keymap = KeyMap("Editor", {"regenerate": ["F9"], "four_takes": []})

    text = filled("{regenerate} once, {four_takes} in four ways", keymap)

    assert text == "F9 once, \u201cfour takes\u201d in four ways"


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: hint.part or "window")
def test_hints_speak_of_commands_that_exist(hint: Hint):
    text = filled(hint.text, KeyMap())

    assert "{" not in text
    assert len(text) < 160
    assert {name for _, name, _, _ in Formatter().parse(hint.text) if name} <= set(BY_NAME)


def test_bars_take_another_theme(status, messages, overlay, hints):
    messages.say("One", "error")
    for part in (status, messages, overlay, hints):
        part.set_theme(LIGHT)

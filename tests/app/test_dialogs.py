"""The dialogs, by keyboard: what they ask, what they change, and that nothing is cut off at any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QFileDialog, QLabel, QLineEdit, QWidget

from app.dialogs.about import AboutDialog, card_html
from app.dialogs.deliver import DeliverDialog
from app.dialogs.export import ExportDialog
from app.dialogs.keys_editor import KeysEditor
from app.dialogs.option_form import OptionForm
from app.dialogs.preferences import PreferencesDialog
from app.dialogs.recovery import RecoveryDialog, ask_recovery
from app.dialogs.salvage import SalvageDialog
from app.dialogs.unsaved import UnsavedDialog
from app.exports import EXPORTERS, Dancer, Performance, SequenceOptions, VideoOptions
from app.keymap import KeyMap
from app.look import apply_theme
from app.settings import PreferenceStore
from app.window.commands import COMMANDS
from editor.document.recovery import Recovery
from editor.theme import DARK, THEMES
from tests.poses import swinging

TWO = Performance("Night bus", (Dancer("Ana", swinging(6)), Dancer("Ben", swinging(6))), duration_s=0.2)


@pytest.fixture
def store(tmp_path):
    return PreferenceStore(tmp_path / "home")


@pytest.fixture
def dressed(qapp):
    """The application, bare again afterwards."""
    style, palette, usual = qapp.style().name(), qapp.palette(), qapp.font()
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(usual)


@pytest.fixture
def preferences(store, qtbot):
    made = PreferencesDialog(None, store, COMMANDS, ["Speakers", "Headphones"], lambda _: 0.085)
    qtbot.addWidget(made)
    made.show()
    return made


def recovery_in(folder, title: str) -> Recovery:
    (folder / title).mkdir(parents=True)
    then = datetime.now() - timedelta(minutes=5)
    return Recovery(folder / title, None, title, then, then, 3, "split clip")


def choose(combo: QComboBox, text: str) -> None:
    combo.setCurrentText(text)
    combo.activated.emit(combo.currentIndex())


# Leaving


@pytest.mark.parametrize(("key", "answer"), [("Return", "save"), ("D", "discard"), ("Escape", "cancel")])
def test_leaving_is_answered_by_one_key(qtbot, key, answer):
    dialog = UnsavedDialog(None, "Night bus")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()

    if key == "D":
        next(b for b in dialog.findChildren(QAbstractButton) if b.text().startswith("Don")).click()
    else:
        qtbot.keyClick(dialog, getattr(Qt.Key, f"Key_{key}"))

    assert dialog.answer == answer
    assert not dialog.isVisible()


# After a crash


def test_the_latest_unsaved_piece_is_restored_by_return(qtbot, tmp_path):
    first, second = recovery_in(tmp_path, "first"), recovery_in(tmp_path, "second")
    dialog = RecoveryDialog(None, [first, second])
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog, Qt.Key.Key_Return)

    assert dialog.restored is first


def test_later_keeps_everything(qtbot, tmp_path):
    dialog = RecoveryDialog(None, [recovery_in(tmp_path, "first")])
    qtbot.addWidget(dialog)

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    assert dialog.restored is None
    assert (tmp_path / "first").is_dir()


def test_discarding_asks_once_more(qtbot, tmp_path):
    dialog = RecoveryDialog(None, [recovery_in(tmp_path, "first"), recovery_in(tmp_path, "second")])
    qtbot.addWidget(dialog)

    dialog.discard_button.click()
    assert dialog.discard_button.text() == "Discard for good"
    dialog.list.setCurrentRow(1)
    assert dialog.discard_button.text() == "Discard", "another piece, another question"
    dialog.discard_button.click()
    dialog.discard_button.click()

    assert dialog.list.count() == 1
    assert (tmp_path / "first").is_dir()


def test_without_a_crash_nothing_is_asked():
    assert ask_recovery(None, (), lambda _: pytest.fail("nothing was chosen")) is False


def test_what_a_damaged_project_lost_is_listed(qtbot):
    dialog = SalvageDialog(None, "a.kino", ["Take 3 could not be read."])
    qtbot.addWidget(dialog)

    assert "Take 3 could not be read." in dialog.list.toPlainText()


# Preferences


def test_preferences_apply_at_once(preferences, store):
    choose(preferences.theme, "Light")
    choose(preferences.scale, "125 %")
    choose(preferences.engine_device, "Processor (CPU)")
    preferences.wheel.click()
    preferences.reduce_motion.click()
    preferences.autosave.click()

    values = store.values
    assert (values.theme, values.ui_scale, values.engine_device) == ("light", 1.25, "cpu")
    assert (values.wheel_zooms, values.reduce_motion, values.is_autosave_on) == (True, True, False)


def test_the_preferences_fit_on_a_small_screen(preferences):
    assert preferences.height() <= 560


def test_latency_is_kept_for_each_output(preferences, store):
    choose(preferences.audio_device, "Headphones")
    preferences.tap_button.click()
    choose(preferences.audio_device, "Speakers")

    assert preferences.latency.value() == 0.0
    assert store.values.latency_s == {"Headphones": 0.085}
    choose(preferences.audio_device, "Headphones")
    assert preferences.latency.value() == 85.0


def test_the_tracker_is_a_file_that_the_user_fetched(preferences, store, monkeypatch):
    tracker = preferences.tracker
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/music/small0.ckpt", ""))

    tracker.choose.click()
    assert store.values.beat_weights == "/music/small0.ckpt"
    tracker.own.click()
    assert store.values.beat_weights == ""
    tracker.copy.click()
    assert QApplication.clipboard().text().endswith("/small0.ckpt")
    for words in ("Beat This!", "8 MB", "78 MB", "MIT", "github.com/CPJKU/beat_this", "fetches nothing"):
        assert words in tracker.offer


def test_an_output_that_is_gone_stays_chosen(qtbot, store):
    store.change(audio_device="Old box")
    dialog = PreferencesDialog(None, store, COMMANDS, ["Speakers"])
    qtbot.addWidget(dialog)

    assert dialog.audio_device.currentData() == "Old box"
    assert "not there" in dialog.audio_device.currentText()
    assert not dialog.tap_button.isVisibleTo(dialog)


def test_keys_of_the_dialog_are_kept(preferences, store):
    preferences.keys.select("split")
    preferences.keys.give("F6")

    assert store.values.key_overrides == {"split": ("S", "Ctrl+K", "Ctrl+B", "F6")}


def test_a_closed_dialog_no_longer_listens(preferences, store):
    preferences.reject()

    store.change(ui_scale=1.5)  # would resize what is gone


# Keys


@pytest.fixture
def keys(qtbot):
    made = KeysEditor(COMMANDS, KeyMap())
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_pressed_key_is_given_to_the_command(keys, qtbot):
    keys.select("ghosts")
    keys.record.click()
    qtbot.keyClick(keys.record, Qt.Key.Key_F6, Qt.KeyboardModifier.ControlModifier)

    assert keys.keymap.keys("ghosts") == ("G", "Ctrl+F6")
    assert keys.tree.currentItem().text(1) == "G,  Ctrl+F6"
    assert keys.tree.currentItem().text(2) == "changed"


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_keys_that_dialogs_use_can_be_given_too(keys, qtbot, key):
    keys.select("ghosts")
    keys.record.click()
    qtbot.keyClick(keys.record, key, Qt.KeyboardModifier.AltModifier)

    assert len(keys.keymap.keys("ghosts")) == 2


def test_escape_ends_the_waiting_and_gives_nothing(keys, qtbot):
    keys.select("ghosts")
    keys.record.click()
    qtbot.keyClick(keys.record, Qt.Key.Key_Shift)
    assert keys.record.is_recording
    qtbot.keyClick(keys.record, Qt.Key.Key_Escape)

    assert not keys.record.is_recording
    assert keys.keymap.keys("ghosts") == ("G",)


def test_a_taken_key_is_told_and_can_be_taken_over(keys):
    keys.select("ghosts")
    keys.give("R")

    assert keys.note.text() == "R already does \u201cRegenerate\u201d."
    assert keys.keymap.keys("ghosts") == ("G",)
    keys.take.click()
    assert keys.keymap.keys("ghosts") == ("G", "R")
    assert keys.keymap.keys("regenerate") == ()


def test_commands_are_found_by_name_and_by_key(keys):
    keys.search.setText("ctrl+shift+e")

    found = [item.text(0) for item in keys._items() if not item.isHidden()]
    assert found == ["Export again"]


def test_a_preset_shows_its_keys_and_resetting_goes_back_to_it(keys):
    choose(keys.presets, "Blender-like")
    keys.select("split")
    assert keys.tree.currentItem().text(1) == "K"
    keys.remove.click()
    assert keys.tree.currentItem().text(1) == ""
    keys.reset.click()

    assert keys.tree.currentItem().text(1) == "K"


# Export


def test_an_order_is_made_of_what_the_dialog_shows(qtbot, store, tmp_path):
    store.change(default_folder=str(tmp_path))
    orders = []
    dialog = ExportDialog(None, DARK, store, TWO, orders.append)
    qtbot.addWidget(dialog)
    dialog.choose("Video")
    form = dialog.forms["Video"]
    form.controls["size"].setCurrentText("1280 \u00d7 720")
    form.controls["has_counts"].click()
    dialog.show()

    qtbot.keyClick(dialog, Qt.Key.Key_Return)

    (order,) = orders
    assert (order.exporter, order.path) == ("Video", tmp_path / "Night bus.mp4")
    assert order.options == VideoOptions(size="1280x720", has_counts=False)


def test_the_export_before_is_remembered(qtbot, store, tmp_path):
    store.change(default_folder=str(tmp_path))
    first = ExportDialog(None, DARK, store, TWO, lambda _: None)
    qtbot.addWidget(first)
    first.choose("Picture sequence")
    choose(first.forms["Picture sequence"].controls["start_frame"], "1001, as film shots do")
    first.export()
    again = ExportDialog(None, DARK, PreferenceStore(store.path.parent), TWO, lambda _: None)
    qtbot.addWidget(again)

    assert again.exporter == "Picture sequence"
    assert again.order.options == SequenceOptions(span="piece", start_frame=1001)


@pytest.mark.parametrize(
    ("span_s", "words", "can"),
    [(None, "The selection: nothing is selected", False), ((2.0, 6.5), "The selection, 4.5 s", True)],
)
def test_the_selection_is_offered_only_where_there_is_one(qtbot, store, span_s, words, can):
    dialog = ExportDialog(None, DARK, store, replace(TWO, span_s=span_s), lambda _: None)
    qtbot.addWidget(dialog)
    choice = dialog.forms["Video"].controls["span"]
    index = choice.findData("selection")

    assert choice.itemText(index) == words
    assert choice.model().item(index).isEnabled() == can


def test_files_that_would_be_replaced_are_named(qtbot, store, tmp_path):
    store.change(default_folder=str(tmp_path))
    (tmp_path / "Night bus-Ben.bvh").write_text("")
    dialog = ExportDialog(None, DARK, store, TWO, lambda _: None)
    qtbot.addWidget(dialog)
    dialog.choose("BVH")

    assert dialog.note.text() == "Night bus-Ben.bvh will be replaced."
    dialog.place.setText(str(tmp_path / "other"))
    assert dialog.note.text() == "Files: other-Ana.bvh, other-Ben.bvh"


@pytest.mark.parametrize("place", ["", "gone/a.bvh", "/"])
def test_a_place_that_is_none_is_told_before_anything_is_written(qtbot, store, tmp_path, place):
    store.change(default_folder=str(tmp_path))
    dialog = ExportDialog(None, DARK, store, TWO, lambda _: pytest.fail("nothing can be written there"))
    qtbot.addWidget(dialog)

    dialog.place.setText(f"{tmp_path}/{place.strip('/')}" if place else "")
    dialog.export()

    assert not dialog.export_button.isEnabled()
    assert dialog.note.text()


@pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=lambda e: e.name)
def test_a_form_gives_back_the_options_it_was_given(qtbot, exporter):
    form = OptionForm(exporter.options())
    qtbot.addWidget(form)

    assert form.options == exporter.options()


# About


def test_about_names_version_model_and_licences(qtbot):
    dialog = AboutDialog(None, DARK)
    qtbot.addWidget(dialog)

    text = "\n".join(part.toPlainText() for part in dialog.tabs.findChildren(QWidget) if hasattr(part, "toPlainText"))
    for words in ("salsa", "CMU", "Lucide", "SIL Open Font License", "PySide6"):
        assert words in text


def test_a_foreign_card_puts_no_html_into_the_dialog():
    card = {"name": "<img src=x>", "styles": {"<b>": 1.0}, "limits": ["a & b"]}

    page = card_html({"card": card}, DARK)

    assert "<img" not in page
    assert "a &amp; b" in page


# All of them


def all_dialogs(store, tmp_path) -> list[QDialog]:
    dialogs: list[QDialog] = [
        UnsavedDialog(None, "Night bus"),
        SalvageDialog(None, "a.kino", ["Take 3 could not be read."]),
        RecoveryDialog(None, [recovery_in(tmp_path, "first")]),
        AboutDialog(None, DARK),
        ExportDialog(None, DARK, store, TWO, lambda _: None),
        DeliverDialog(None, DARK, store, TWO, lambda _: None),
    ]
    for row in range(5):
        made = PreferencesDialog(None, store, COMMANDS, ["Speakers"], lambda _: None)
        made.sections.names.setCurrentRow(row)
        dialogs.append(made)
    return dialogs


@pytest.mark.parametrize(("theme", "scale"), [("dark", 0.8), ("light", 1.0), ("high contrast", 2.0)])
def test_nothing_in_a_dialog_is_cut_off(dressed, qtbot, store, tmp_path, theme, scale):
    apply_theme(dressed, THEMES[theme], scale)
    for dialog in all_dialogs(store, tmp_path):
        qtbot.addWidget(dialog)
        dialog.show()
        QApplication.processEvents()
        for widget in dialog.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, QAbstractButton | QComboBox | QLineEdit):
                wanted = widget.minimumSizeHint()
                assert widget.height() >= wanted.height() - 2, (dialog.windowTitle(), widget.accessibleName())
                assert widget.width() >= wanted.width() - 2, (dialog.windowTitle(), widget.accessibleName())
                inside = dialog.rect().contains(widget.mapTo(dialog, widget.rect().bottomRight()))
                assert inside, (dialog.windowTitle(), widget.accessibleName())
            if widget.isVisible() and isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
                assert widget.height() >= widget.heightForWidth(widget.width()) - 1, widget.text()
        dialog.close()


def test_every_control_has_a_name_and_a_tooltip(qtbot, store, tmp_path):
    for dialog in all_dialogs(store, tmp_path):
        qtbot.addWidget(dialog)
        for widget in dialog.findChildren(QWidget):
            if isinstance(widget, QAbstractButton | QComboBox) and not widget.objectName().startswith("qt_"):
                named = widget.accessibleName() or getattr(widget, "text", str)()
                if widget.parent() is None or "QTabBar" in type(widget.parent()).__name__:
                    continue
                assert named, (dialog.windowTitle(), widget)
                assert widget.toolTip(), (dialog.windowTitle(), named)

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from editor.document.camera_edits import add_camera
from editor.document.document import Document, ShotCamera
from editor.document.marker_edits import add_marker
from editor.panels.drawing import Painted
from editor.panels.piece_panel import PiecePanel
from editor.session import Session
from editor.theme import DARK, THEMES
from tests.editor.panels.pieces import heard, session


@pytest.fixture
def panel(qtbot):
    out = PiecePanel(session(), DARK)
    qtbot.addWidget(out)
    out.resize(260, 1000)
    out.show()
    return out


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def row(panel, name):
    return next(r for r in panel.dancers.rows if r.text() == name)


def test_dancers_are_added_chosen_hidden_left_out_and_removed(qtbot, panel):
    one = panel.session
    with qtbot.waitSignal(panel.add_dancer_wanted):
        click(qtbot, panel.dancers.add)

    click(qtbot, row(panel, "Ben"))
    assert one.active_track_id == "ben"

    click(qtbot, row(panel, "Ben").seen)
    click(qtbot, row(panel, "Ben").exported)
    ben = one.document.track("ben")
    assert (ben.is_hidden, ben.is_muted) == (True, True)
    assert row(panel, "Ben").accessibleDescription() == "hidden, left out of export"

    qtbot.keyClick(row(panel, "Ben"), Qt.Key.Key_Delete)
    assert [t.id for t in one.document.tracks][:1] == ["ana"]
    assert len(one.document.tracks) == 1


def test_a_dancer_is_renamed_in_place(qtbot, panel):
    qtbot.mouseDClick(row(panel, "Ana"), Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    editor = QApplication.focusWidget() or row(panel, "Ana").children()[-1]
    editor.setText("Anastasia")
    qtbot.keyClick(editor, Qt.Key.Key_Return)

    assert panel.session.document.track("ana").name == "Anastasia"
    assert panel.session.history.undo_labels == ("rename dancer",)


def test_a_dancer_gets_a_body_and_a_height_in_one_step_each(qtbot, panel):
    dancers = panel.dancers
    assert (dancers.body.choice, dancers.height_m.amount) == ("neutral", pytest.approx(1.70))

    click(qtbot, dancers.body.button("man"))
    qtbot.keyClick(dancers.height_m, Qt.Key.Key_PageUp)

    ana = panel.session.document.track("ana")
    assert (ana.body, ana.height_m) == ("man", pytest.approx(1.80))
    assert panel.session.history.undo_labels[:2] == ("height of Ana", "body of Ana")
    panel.session.history.undo()
    panel.session.history.undo()
    assert (dancers.body.choice, dancers.height_m.amount) == ("neutral", pytest.approx(1.70))


def test_a_dancer_is_placed_and_turned(qtbot, panel):
    qtbot.keyClick(panel.dancers.place["x_m"], Qt.Key.Key_PageUp)
    qtbot.keyClick(panel.dancers.place["yaw_rad"], Qt.Key.Key_PageUp)

    ana = panel.session.document.track("ana")
    assert ana.place.x_m == pytest.approx(0.5)
    assert ana.place.yaw_rad == pytest.approx(math.radians(10), abs=1e-3)


def test_the_song_is_told_in_facts(panel):
    facts = {name: fact.value.text for name, fact in panel.facts.items()}

    assert facts == {
        "Length": "0:32.0", "Tempo": "120.0 bpm, steady", "Meter": "4 beats a bar", "Beats": "64 in 16 bars, clear",
        "Heard by": "Kinetograph's own tracker",
    }  # fmt: skip
    assert panel.embedding.choice == "linked"


def test_embedding_is_asked_for_and_shown_once_it_is_done(qtbot, panel):
    with qtbot.waitSignal(panel.embed_wanted, check_params_cb=lambda wants: wants is True):
        click(qtbot, panel.embedding.button("embedded"))
    assert panel.embedding.choice == "linked"

    panel.session.edit("embed", lambda d: replace(d, song=replace(d.song, data=b"sound")))
    assert panel.embedding.choice == "embedded"


def beats(panel):
    return {button.accessibleName(): button for button in panel.grid_buttons}


def test_the_beat_grid_is_corrected_step_by_step_and_reset(qtbot, panel):
    one = panel.session
    assert not panel.reset_beats.isEnabled()

    click(qtbot, beats(panel)["Half tempo"])
    assert one.document.music.tempo_bpm == pytest.approx(60.0)
    click(qtbot, beats(panel)["Double tempo"])
    assert one.document.music.tempo_bpm == pytest.approx(120.0)
    click(qtbot, beats(panel)["All beats 10 ms later"])
    assert one.document.music.beat_times_s[4] == pytest.approx(2.010)
    click(qtbot, beats(panel)["Shift the 1 by a beat"])
    assert one.document.music.downbeat_times_s[0] == pytest.approx(0.510)

    click(qtbot, panel.reset_beats)
    assert one.document.corrected is None


def test_the_one_is_set_at_the_playhead(qtbot, panel):
    panel.session.move_playhead(1.04)

    click(qtbot, beats(panel)["The 1 is at the playhead"])

    assert 1.0 in panel.session.document.music.downbeat_times_s
    assert panel.facts["Tempo"].value.text == "120.0 bpm, steady"


def test_a_marker_is_set_found_named_and_removed(qtbot, panel):
    one, seeks = panel.session, heard(panel.session.seek_wanted)
    one.edit("marker", lambda d: add_marker(d, 12.5, "Turn"))

    click(qtbot, panel.marker_rows[0])
    assert seeks == [(12.5,)]

    panel.marker_rows[0].renamed.emit("Big turn")
    assert one.document.markers[0].text == "Big turn"

    one.move_playhead(3.0)
    click(qtbot, panel.add_marker)
    assert [m.time_s for m in one.document.markers] == [3.0, 12.5]

    qtbot.keyClick(panel.marker_rows[1], Qt.Key.Key_Delete)
    assert [m.time_s for m in one.document.markers] == [3.0]


def test_cameras_are_stored_and_recalled(qtbot, panel):
    with qtbot.waitSignal(panel.store_camera_wanted):
        click(qtbot, panel.store_camera)
    camera = ShotCamera("front", "Front", (0.0, 1.0, 0.0), 0.0, 0.0, 4.0, 0.7, 2.0, 6.0)
    panel.session.edit("camera", lambda d: add_camera(d, camera))

    with qtbot.waitSignal(panel.recall_camera_wanted, check_params_cb=lambda i: i == "front"):
        click(qtbot, panel.camera_rows[0])
    assert panel.camera_rows[0].note == "0:02.0\N{EN DASH}0:06.0"

    panel.camera_rows[0].renamed.emit("From the front")
    assert panel.session.document.cameras[0].name == "From the front"


def test_an_empty_piece_says_what_to_do_and_shuts_what_cannot_be_used(qtbot):
    panel = PiecePanel(Session(Document()), DARK)
    qtbot.addWidget(panel)
    panel.show()

    assert panel.no_song.isVisible()
    assert not panel.song_name.isVisible()
    assert not any(button.isEnabled() for button in panel.grid_buttons)
    assert panel.grid_buttons[0].toolTip() == "No beats are known yet."


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_a_theme_reaches_every_part(panel, theme):
    panel.set_theme(theme)

    painted = [part for part in panel.findChildren(QWidget) if isinstance(part, Painted)]
    assert len(painted) > 20
    assert all(part.theme is theme for part in painted)

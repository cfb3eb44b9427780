from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication

from editor.document.document import Settings
from editor.document.take_edits import keep_take
from editor.panels.take_strip import TakeStrip
from editor.panels.takes_shelf import TakesShelf
from editor.theme import DARK, HIGH_CONTRAST
from tests.dances import improvised
from tests.editor.panels.pieces import heard, select_bars, session, take

NAMES = ["Take 2", "Take 3", "Take 4", "Take 5"]


@pytest.fixture
def strip(qtbot):
    out = TakeStrip(session(), DARK)
    qtbot.addWidget(out)
    out.resize(560, 190)
    out.show()
    motions = [improvised(60, seed=i) for i in range(4)]
    out.set_takes([*motions[:3], None], NAMES, start_frame=240)
    return out


def test_takes_dance_in_step_round_and_round_inside_the_segment(strip):
    strip.set_time(8.5)
    assert [tile.time_s for tile in strip.tiles[:3]] == [pytest.approx(0.5)] * 3

    strip.set_time(11.0)
    assert strip.tiles[0].time_s == pytest.approx(1.0)

    strip.set_time(7.5)
    assert strip.tiles[0].time_s == pytest.approx(1.5)


def test_where_it_stands_at_their_common_first_pose_they_show_how_they_differ(strip):
    strip.is_still = True
    strip.set_time(8.0)
    assert [tile.time_s for tile in strip.tiles[:3]] == [pytest.approx(1.0)] * 3

    strip.set_time(8.5)
    assert strip.tiles[0].time_s == pytest.approx(0.5)

    strip.is_still = False
    strip.set_time(8.0)
    assert strip.tiles[0].time_s == pytest.approx(0.0)


def test_they_follow_the_playhead(strip):
    strip.session.move_playhead(9.25)

    assert strip.tiles[1].time_s == pytest.approx(1.25)


def test_a_click_auditions_and_a_double_click_keeps(qtbot, strip):
    tile = strip.tiles[1]

    with qtbot.waitSignal(strip.audition_wanted, check_params_cb=lambda i: i == 1):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(strip.keep_wanted, check_params_cb=lambda i: i == 1):
        qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)


def test_the_keyboard_does_the_same(qtbot, strip):
    tile = strip.tiles[2]

    for key, signal in (
        (Qt.Key.Key_Space, strip.audition_wanted),
        (Qt.Key.Key_Return, strip.keep_wanted),
        (Qt.Key.Key_Escape, strip.return_wanted),
    ):
        with qtbot.waitSignal(signal):
            qtbot.keyClick(tile, key)


def test_hovering_solos_a_take_until_the_mouse_leaves(strip):
    seen = []
    strip.soloed.connect(seen.append)

    at = QPointF(20, 60)
    for tile in (strip.tiles[0], strip.tiles[3]):
        QApplication.sendEvent(tile, QEnterEvent(at, at, QPointF(tile.mapToGlobal(at))))
        QApplication.sendEvent(tile, QEvent(QEvent.Type.Leave))

    assert seen == [0, None, None]  # the fourth is not there yet


def test_a_take_that_is_not_there_yet_cannot_be_chosen(qtbot, strip):
    strip.set_progress(3, 0.6)

    with qtbot.assertNotEmitted(strip.audition_wanted), qtbot.assertNotEmitted(strip.keep_wanted):
        qtbot.mouseDClick(strip.tiles[3], Qt.MouseButton.LeftButton)
        qtbot.keyClick(strip.tiles[3], Qt.Key.Key_Return)

    assert strip.tiles[3].accessibleDescription() == "making\u2026 60 %"
    strip.set_failed(3, "The segment is locked: unlock it.")
    assert strip.tiles[3].toolTip() == "The segment is locked: unlock it."


def test_marks_are_told_in_words_too(qtbot, strip):
    assert not strip.keep.isEnabled()

    strip.set_auditioned(1)
    strip.set_kept(2)

    assert [tile.accessibleDescription() for tile in strip.tiles[:3]] == ["ready", "shown in place", "kept"]
    with qtbot.waitSignal(strip.keep_wanted, check_params_cb=lambda i: i == 1):
        qtbot.mouseClick(strip.keep, Qt.MouseButton.LeftButton)


def test_tiles_stand_two_by_two_in_a_narrow_dock(qtbot, strip):
    strip.resize(270, 320)
    qtbot.waitUntil(lambda: strip.tiles[2].x() == strip.tiles[0].x())

    assert strip.tiles[1].y() == strip.tiles[0].y() < strip.tiles[2].y()
    assert all(tile.geometry().right() <= strip.width() for tile in strip.tiles)


def test_nothing_moves_without_the_playhead(strip):
    strip.set_time(9.0)
    QApplication.processEvents()
    before = strip.grab().toImage()
    QApplication.processEvents()

    assert strip.grab().toImage() == before


@pytest.fixture
def shelf(qtbot):
    one = session()
    takes = [take(n, 240, Settings(seed=n, joy=n / 10)) for n in (2, 3)]
    imported = replace(take(4, 240), recipe=None, kind="imported")
    one.edit("keep take", lambda d: keep_take(d, "ana", 240, 480, takes[0], (takes[1], imported)))
    select_bars(one, 5, 8)
    out = TakesShelf(one, HIGH_CONTRAST)
    qtbot.addWidget(out)
    out.resize(260, 400)
    out.show()
    return out


def names(shelf):
    return [row.text() for row in shelf.rows]


def test_the_shelf_holds_all_takes_of_the_clip_and_marks_the_one_that_is_danced(shelf):
    clip = shelf.session.selected_clip

    assert names(shelf) == [t.name for t in clip.takes]
    assert len(names(shelf)) == 4
    assert [row.is_current for row in shelf.rows] == [i == clip.active for i in range(4)]


def test_a_click_dances_another_take_as_one_undoable_step(qtbot, shelf):
    active = shelf.session.selected_clip.active
    other = names(shelf).index("Take 3")

    qtbot.mouseClick(shelf.rows[other], Qt.MouseButton.LeftButton)
    assert shelf.session.selected_clip.active == other
    assert shelf.rows[other].is_current

    shelf.session.history.undo()
    assert shelf.session.selected_clip.active == active


def test_takes_are_renamed_in_place_and_removed(qtbot, shelf):
    index = names(shelf).index("Take 3")
    qtbot.keyClick(shelf.rows[index], Qt.Key.Key_F2)
    editor = QApplication.focusWidget() or shelf.rows[index].children()[-1]
    editor.setText("The slow one")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert names(shelf)[index] == "The slow one"

    said = heard(shelf.session.said)
    qtbot.keyClick(shelf.rows[index], Qt.Key.Key_Delete)
    assert said == []
    assert "The slow one" not in names(shelf)

    shelf.session.history.undo()
    assert "The slow one" in names(shelf)


def test_the_badge_says_whether_a_take_can_be_made_again_here(shelf):
    shelf.set_engine("ab12cd34", "1.0", "cpu")
    badges = dict(zip(names(shelf), (row.accessibleDescription().split(",")[0] for row in shelf.rows), strict=True))
    assert badges["Take 3"] == "replayable here"
    assert badges["Take 4"] == "imported"

    shelf.set_engine("ab12cd34", "1.0", "cuda:0")
    assert shelf.rows[names(shelf).index("Take 3")].accessibleDescription().startswith("stored result")


def test_two_takes_are_marked_to_compare(qtbot, shelf):
    qtbot.mouseClick(shelf.rows[0].mark_buttons["A"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(shelf.compare_marked) as signal:
        qtbot.mouseClick(shelf.rows[2].mark_buttons["B"], Qt.MouseButton.LeftButton)
    assert signal.args == [shelf.session.selected_clip.id, 0, 2]

    qtbot.mouseClick(shelf.rows[0].mark_buttons["B"], Qt.MouseButton.LeftButton)
    assert shelf.marked == (None, 0)


def test_without_a_clip_the_shelf_says_what_to_do(shelf):
    shelf.session.activate("ben")
    shelf.session.select_nothing()

    assert shelf.rows == []
    assert shelf.hint.text() == "Select a clip to see its takes here."

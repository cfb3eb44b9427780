"""What a right click offers: in the rulers, lanes and heads of the timeline, and on the stage."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.screen import has_screen
from app.window.commands import BY_NAME
from app.window.context_menus import PLACES
from app.window.main_window import EditorWindow
from editor.document.marker_edits import add_marker

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]
LANES = {
    "LoopStrip": "loop", "TimeRuler": "ruler", "BarRuler": "ruler", "WaveLane": "ruler", "SectionLane": "sections",
    "CurveLane": "curve", "MarkerLane": "markers",
}  # fmt: skip


def right_click(
    widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    reason: QContextMenuEvent.Reason = QContextMenuEvent.Reason.Mouse,
) -> list[str]:  # fmt: skip
    """What the menu under the mouse offers; the menu is closed again."""
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at), keys))
    menu = QApplication.activePopupWidget()
    if menu is None:
        return []
    assert isinstance(menu, QMenu)
    texts = [action.text().split("\t")[0] for action in menu.actions() if not action.isSeparator()]
    menu.close()
    return texts


def place_on(window: EditorWindow, kind: str, time_s: float, share: float = 0.5) -> QPoint:
    """A place in the first lane of a kind."""
    canvas = window.timeline.canvas
    lane = next(lane for lane in canvas.lanes if type(lane).__name__ == kind)
    return QPoint(round(window.timeline.view.x_of(time_s)), round(canvas.y_of(lane) + share * lane.height(canvas.ink)))


def test_places_offer_commands_that_are_there():
    assert {name for names in PLACES.values() for name in names if name} <= set(BY_NAME)


@pytest.mark.parametrize(("kind", "place"), LANES.items())
def test_a_right_click_in_a_lane_offers_what_can_be_done_at_that_moment(window, kind, place):
    texts = right_click(window.timeline.canvas, place_on(window, kind, 30.0))

    assert texts == [BY_NAME[name].text for name in PLACES[place] if name]
    if place != "loop":
        assert window.desk.session.playhead_s == pytest.approx(30.0, abs=0.3)  # where it snaps to


def test_a_right_click_while_it_plays_does_not_jump(window):
    window.desk.session.seek(1.0)
    window.desk.transport.play()

    assert right_click(window.timeline.canvas, place_on(window, "BarRuler", 40.0))
    assert window.desk.transport.is_playing
    assert window.desk.transport.position_s() < 20.0

    window.desk.transport.pause()


def test_a_right_click_on_a_marker_is_about_that_marker(window):
    window.desk.session.edit("marker", lambda d: add_marker(d, 25.0, "Lift"))

    assert "Remove" in right_click(window.timeline.canvas, place_on(window, "MarkerLane", 25.05))


def test_a_right_click_on_a_clip_selects_it_and_offers_copying(window):
    texts = right_click(window.timeline.canvas, place_on(window, "DancerLane", 5.0, 0.2))

    assert {"Split at playhead", "Cut", "Copy", "Paste at playhead", "Remove"} <= set(texts)
    assert window.desk.session.selected_clip is not None


@pytest.mark.parametrize("index", [0, 1])
def test_a_right_click_on_a_dancer_s_head_is_about_that_dancer(window, index):
    head = [head for head in window.timeline.heads.heads if type(head).__name__ == "DancerHead"][index]

    assert "Remove the dancer" in right_click(head, QPoint(20, 20))
    assert window.desk.session.active_track_id == head.track_id


def test_the_menu_key_is_about_what_is_selected_and_moves_nothing(window):
    session = window.desk.session
    ben = session.document.tracks[1]
    session.select(ben.id, 30, 60)
    session.seek(7.0)
    chosen, keyboard, nothing = session.selection, QContextMenuEvent.Reason.Keyboard, Qt.KeyboardModifier.NoModifier

    for widget in (window.timeline.canvas, window.viewport):
        assert right_click(widget, widget.rect().center(), nothing, keyboard)
    assert right_click(window.timeline.canvas, place_on(window, "BarRuler", 30.0), nothing, keyboard)

    assert (session.selection, session.active_track_id) == (chosen, ben.id)
    assert session.playhead_s == pytest.approx(7.0)


def test_a_right_click_on_the_stage_offers_views_but_with_alt_it_is_the_camera_s(window):
    middle = window.viewport.rect().center()

    assert "From the front" in right_click(window.viewport, middle)
    assert right_click(window.viewport, middle, Qt.KeyboardModifier.AltModifier) == []


def test_a_panel_that_was_closed_is_opened_by_the_view_menu(window):
    panels = next(a.menu() for a in window.menus["View"].actions() if a.text() == "Panels")
    takes = next(action for action in panels.actions() if action.text() == "Takes")
    window.docks["Takes"].close()
    assert not takes.isChecked()

    takes.trigger()

    assert window.docks["Takes"].isVisible()


def test_no_menu_is_higher_than_a_small_screen(window):
    assert max(menu.sizeHint().height() for menu in window.menus.values()) < 520

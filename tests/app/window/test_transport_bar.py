"""The bar between stage and timeline: its buttons are the window's actions, and it shows what is heard."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from app.counting import Counting
from app.window.actions import Actions
from app.window.transport_bar import TransportBar
from editor.session import Session
from editor.theme import DARK, LIGHT
from tests.app.window.studio import a_dance


class Heard:
    """The level and the speed that the bar asks for."""

    level_db, speed = -12.0, 1.0


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def session() -> Session:
    return Session(a_dance())


@pytest.fixture
def window(qtbot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def actions(window) -> Actions:
    made = Actions(window, lambda hint: None)
    made.set_theme(DARK)
    return made


@pytest.fixture
def bar(window, actions, session, heard, qtbot) -> TransportBar:
    made = TransportBar(session, actions.by_name, DARK, lambda: heard.level_db, lambda: heard.speed)
    made.set_counting(Counting(session.document.music))
    window.setCentralWidget(made)
    window.resize(1100, 60)
    with qtbot.waitExposed(window):
        window.show()
    return made


def test_time_place_and_count_follow_the_playhead(bar, session):
    session.move_playhead(2.6)

    assert bar.time.text() == "0:02.60"
    assert bar.place.text() == "bar 2 \u00b7 120 bpm"
    assert bar.count._number == 6


def test_without_beats_there_is_only_the_time(bar, session):
    bar.set_counting(None)
    session.move_playhead(2.6)

    assert (bar.time.text(), bar.place.text()) == ("0:02.60", "")
    assert not bar.count.isVisible()


def test_every_button_gives_the_window_s_command(bar, actions, qtbot):
    given: list[str] = []
    for name in bar.buttons:
        actions.by_name[name].triggered.connect(lambda _=False, name=name: given.append(name))

    for button in bar.buttons.values():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert given == list(bar.buttons)


def test_every_button_has_a_name_and_a_tooltip(bar):
    for button in (*bar.buttons.values(), bar.speed_button):
        assert button.accessibleName()
        assert button.toolTip()


def test_the_play_button_shows_what_it_would_do(bar):
    def icon() -> int:
        return bar.buttons["play_pause"].icon().pixmap(16, 16).toImage().pixelColor(5, 8).alpha()

    shown = bar.buttons["play_pause"].icon().pixmap(32, 32).toImage()
    bar.set_playing(True)
    playing = bar.buttons["play_pause"].icon().pixmap(32, 32).toImage()
    bar.set_playing(False)

    assert playing != shown
    assert bar.buttons["play_pause"].icon().pixmap(32, 32).toImage() == shown
    assert icon() >= 0


def test_the_practice_speed_is_read_off(bar, session, heard):
    heard.speed = 0.5
    session.view_changed.emit()

    assert bar.speed_button.text() == "0.5\u00d7"
    assert len(bar.speed_button.menu().actions()) == 4


def test_the_level_rises_at_once_falls_slowly_and_is_nothing_while_it_stands(bar, heard):
    bar.set_playing(True)
    assert bar.meter._shown_db == -12.0

    heard.level_db = -40.0
    bar.set_playing(True)
    assert -14.0 < bar.meter._shown_db < -12.0
    for _ in range(100):
        bar.set_playing(False)
    assert bar.meter._shown_db == pytest.approx(-48.0, abs=0.2)


def test_another_theme_paints_it_anew(bar):
    before = bar.grab().toImage()

    bar.set_theme(LIGHT)

    assert bar.grab().toImage() != before


def test_counts_of_three_have_six_figures(bar):
    bar.count.show_count(2, 6)
    narrow = bar.count.width()
    bar.count.show_count(2, 8)

    assert narrow == 6 * bar.count.width() // 8


def test_a_narrow_bar_leaves_out_the_ways_to_the_ends_and_keeps_the_other_buttons(bar, window, qtbot):
    assert bar.meter.isVisible()
    window.resize(bar.minimumSizeHint().width(), 60)
    qtbot.waitUntil(lambda: bar.width() == bar.minimumSizeHint().width())

    shown = [button for button in bar.buttons.values() if button.isVisible()]
    assert shown == [bar.buttons[name] for name in ("play_pause", "loop", "click", "count_in")]
    parts = [bar.time, *shown, bar.speed_button]
    assert all(part.isVisible() for part in parts)

    def do_they_lie_side_by_side() -> bool:
        edges = [-1, *(x for p in parts for x in (p.geometry().left(), p.geometry().right())), bar.width()]
        return all(one < other for one, other in pairwise(edges))

    qtbot.waitUntil(do_they_lie_side_by_side)
    assert not bar.meter.isVisible()
    window.resize(1100, 60)
    qtbot.waitUntil(bar.meter.isVisible)

"""The bar between stage and timeline: its buttons are the window's actions, and it shows what is heard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from app.counting import Counting
from app.settings import PreferenceStore
from app.window.actions import Actions
from app.window.transport_bar import TransportBar
from app.window.volume import STEP_DB, Volume
from editor.playback.transport import Transport
from editor.playback.volume import VOLUMES_DB
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
def store(tmp_path) -> PreferenceStore:
    return PreferenceStore(tmp_path)


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(lambda *_: None)
    yield made
    made.close()


@pytest.fixture
def volume(transport, store) -> Volume:
    return Volume(transport, store)


@pytest.fixture
def bar(window, actions, session, volume, heard, qtbot) -> TransportBar:
    made = TransportBar(session, actions.by_name, DARK, volume, lambda: heard.level_db, lambda: heard.speed)
    actions.connect(volume.commands)
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
    for button in (*bar.buttons.values(), bar.speed_button, bar.mute_button, bar.volume):
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
    assert bar.volume.level_db == -12.0

    heard.level_db = -40.0
    bar.set_playing(True)
    assert -14.0 < bar.volume.level_db < -12.0
    for _ in range(100):
        bar.set_playing(False)
    assert bar.volume.level_db == pytest.approx(-48.0, abs=0.2)


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
    assert bar.volume.isVisible()
    window.resize(bar.minimumSizeHint().width(), 60)
    qtbot.waitUntil(lambda: bar.width() == bar.minimumSizeHint().width())

    shown = [button for button in bar.buttons.values() if button.isVisible()]
    assert shown == [bar.buttons[name] for name in ("play_pause", "loop", "click", "count_in")]
    parts = [bar.time, *shown, bar.speed_button, bar.mute_button]
    assert all(part.isVisible() for part in parts)

    def do_they_lie_side_by_side() -> bool:
        edges = [-1, *(x for p in parts for x in (p.geometry().left(), p.geometry().right())), bar.width()]
        return all(one < other for one, other in pairwise(edges))

    qtbot.waitUntil(do_they_lie_side_by_side)
    assert not bar.volume.isVisible()
    window.resize(1100, 60)
    qtbot.waitUntil(bar.volume.isVisible)


def drag(widget, *shares: float) -> None:
    """Press at the first share of the width, move over the others, and let go at the last."""
    places = [QPoint(round(share * (widget.width() - 1)), widget.height() // 2) for share in shares]
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(widget, place)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def test_dragging_the_handle_is_heard_at_once_and_kept_when_the_hand_lets_go(bar, transport, store):
    middle = QPoint(bar.volume.width() // 2, 5)
    QTest.mousePress(bar.volume, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert transport.volume_db == pytest.approx(0.5 * sum(VOLUMES_DB), abs=1.0)
    assert store.values.volume_db == VOLUMES_DB[1]

    drag(bar.volume, 0.5, 0.8, 0.0)

    assert transport.volume_db == VOLUMES_DB[0] == store.values.volume_db
    assert PreferenceStore(store.path.parent).values.volume_db == VOLUMES_DB[0]


def test_a_click_mutes_another_one_brings_the_same_volume_back(bar, volume, transport, store):
    volume.set(-12.0)
    loud = bar.mute_button.icon().pixmap(32, 32).toImage()

    bar.mute_button.click()
    assert (transport.is_muted, transport.volume_db) == (True, -12.0)
    assert store.values.is_muted
    assert bar.mute_button.isChecked()
    assert bar.mute_button.icon().pixmap(32, 32).toImage() != loud

    bar.mute_button.click()
    assert (transport.is_muted, transport.volume_db) == (False, -12.0)


def test_a_hand_on_the_slider_ends_muting(bar, volume, transport):
    volume.toggle_mute()

    drag(bar.volume, 0.9, 0.7)

    assert not transport.is_muted
    assert not bar.mute_button.isChecked()


def test_keys_and_the_wheel_step_by_decibels_within_the_bounds(bar, actions, transport):
    actions.by_name["volume_up"].trigger()
    assert transport.volume_db == VOLUMES_DB[1]
    for _ in range(2):
        actions.by_name["volume_down"].trigger()
    assert transport.volume_db == VOLUMES_DB[1] - 2 * STEP_DB

    at = QPointF(bar.volume.rect().center())
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    turn = QWheelEvent(at, at, QPoint(), QPoint(0, -240), none, Qt.KeyboardModifier.NoModifier, phase, False)
    QApplication.sendEvent(bar.volume, turn)
    assert transport.volume_db == VOLUMES_DB[1] - 2 * STEP_DB - 2.0
    QTest.keyClick(bar.volume, Qt.Key.Key_Up)
    assert transport.volume_db == VOLUMES_DB[1] - 2 * STEP_DB - 1.0
    QTest.keyClick(bar.volume, Qt.Key.Key_Home)
    assert transport.volume_db == VOLUMES_DB[0]

    QTest.mouseDClick(bar.volume, Qt.MouseButton.LeftButton)
    assert transport.volume_db == VOLUMES_DB[1]


def test_the_volume_of_the_last_time_is_there_at_the_start(transport, store):
    store.change(volume_db=-9.0, is_muted=True)

    Volume(transport, store)

    assert (transport.volume_db, transport.is_muted) == (-9.0, True)

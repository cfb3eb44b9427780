"""The demo window with real widgets, driven by keys and mouse. Needs a screen, such as Xvfb's."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from app.demo_window import DemoWindow
from app.transport_bar import SeekBar
from engine.errors import AudioFileError
from tests.app.demos import BEAT_S, DURATION_S, short_demo

pytestmark = [
    pytest.mark.gl,
    pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") == "offscreen", reason="no screen to open a window on"),
]


@pytest.fixture
def window(qtbot, tmp_path):
    """A window that plays the short demo."""
    demo = short_demo(tmp_path)
    made = DemoWindow(lambda progress: demo)
    qtbot.addWidget(made)
    made.resize(800, 520)
    with qtbot.waitSignal(made.ready, timeout=20_000):
        made.show()
    qtbot.waitExposed(made)
    return made


def picture_of(window: DemoWindow) -> np.ndarray:
    """What the viewport shows, int [H, W, 3]."""
    image = window.viewport.grabFramebuffer().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_the_dance_plays_once_it_is_made(window, qtbot):
    assert window.player.is_playing
    before = window.player.position_s()

    qtbot.waitUntil(lambda: window.player.position_s() > before + 0.2, timeout=5_000)
    assert window.bar.play.text() == "Stop"
    assert "Short demo" in window.windowTitle()


def test_the_viewport_shows_the_dancer_in_both_colours(window, qtbot):
    window.player.pause()
    window.show_now()

    picture = picture_of(window)

    red, blue = picture[..., 0], picture[..., 2]
    assert (blue > red + 60).sum() > 1000
    assert (red > blue + 60).sum() > 1000


def test_the_picture_follows_the_time(window):
    window.player.pause()
    window.seek(0.0)
    at_rest = picture_of(window)
    window.seek(0.125)

    assert np.abs(picture_of(window) - at_rest).mean() > 0.5


def test_space_stops_and_goes_on(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.player.is_playing
    stands_s = window.player.position_s()
    assert window.bar.play.text() == "Play"

    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.player.is_playing
    assert window.player.position_s() >= stands_s


def test_the_play_button_does_the_same(window, qtbot):
    qtbot.mouseClick(window.bar.play, Qt.MouseButton.LeftButton)

    assert not window.player.is_playing


def test_pressing_the_seek_bar_goes_there(window, qtbot):
    window.player.pause()
    bar = window.bar.seek_bar

    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, 30))

    assert window.player.position_s() == pytest.approx(DURATION_S / 2, abs=0.02)
    assert window.bar.time.text() == "0:02.00 / 0:04.00"


def test_keys_step_and_return(window, qtbot):
    window.player.pause()
    window.seek(1.0)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.player.position_s() == pytest.approx(2.0)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert window.player.position_s() == pytest.approx(0.0)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert window.player.position_s() == 0.0


@pytest.mark.parametrize(("beat", "number"), [(0, 1), (5, 6), (8, 1)])
def test_the_count_of_the_moment_is_lit(window, beat, number):
    window.player.pause()
    window.seek(beat * BEAT_S + 0.01)
    counts = window.bar.counts
    image = counts.grab().toImage()

    cell_width = counts.width() // 8
    lit = [image.pixelColor(i * cell_width + 4, image.height() // 2).blue() for i in range(8)]
    assert int(np.argmax(lit)) + 1 == number
    assert window.bar.place.text().startswith(f"bar {beat // 4 + 1}")


def test_at_the_end_it_stands_and_space_begins_anew(window, qtbot):
    window.seek(DURATION_S - 0.05)
    qtbot.waitUntil(lambda: window.bar.play.text() == "Play", timeout=5_000)

    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.player.is_playing
    assert window.player.position_s() < 1.0


def test_dragging_turns_the_camera_and_f_takes_it_back(window, qtbot):
    window.player.pause()
    window.show_now()
    view = window.viewport
    before = view.camera()

    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    qtbot.mouseMove(view, QPoint(360, 170))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(360, 170))

    after = view.camera()
    assert after.yaw_rad < before.yaw_rad  # the eye goes left: the dancer turns with the hand
    assert after.pitch_rad > before.pitch_rad
    np.testing.assert_allclose(after.target_m, before.target_m)
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert view.camera().yaw_rad == before.yaw_rad


def test_shift_dragging_moves_the_picture_with_the_hand(window, qtbot):
    window.player.pause()
    window.show_now()
    view = window.viewport
    point = view.camera().target_m
    shift = Qt.KeyboardModifier.ShiftModifier

    qtbot.mousePress(view, Qt.MouseButton.LeftButton, shift, QPoint(300, 150))
    qtbot.mouseMove(view, QPoint(340, 130))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, shift, QPoint(340, 130))

    x, y, _ = view.camera().project(point, view.width(), view.height())
    assert (x - view.width() / 2, y - view.height() / 2) == pytest.approx((40, -20), abs=0.5)


def test_the_wheel_brings_nearer_and_a_double_click_takes_it_back(window, qtbot):
    window.player.pause()
    window.show_now()
    view = window.viewport
    before = view.camera().distance_m
    wheel = QWheelEvent(
        QPointF(100, 100), view.mapToGlobal(QPointF(100, 100)), QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip

    QApplication.sendEvent(view, wheel)
    assert view.camera().distance_m == pytest.approx(before * 0.88**2)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert view.camera().distance_m == pytest.approx(before)


@pytest.mark.parametrize("size", [(760, 480), (1280, 800), (1920, 1040)])
def test_no_words_are_cut_off(window, qtbot, size):
    window.resize(*size)
    qtbot.waitUntil(lambda: window.size().width() == size[0], timeout=2_000)
    window.bar.show_trouble("No sound device was found: the dance plays without sound.")
    QApplication.processEvents()

    for label in window.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), label.text()
        assert window.rect().contains(label.geometry().translated(label.parentWidget().mapTo(window, QPoint(0, 0))))


def test_progress_is_shown_while_the_dance_is_made(qtbot, tmp_path):
    go_on = threading.Event()
    demo = short_demo(tmp_path)

    def make(progress):
        progress(0.4)
        go_on.wait(10.0)
        return demo

    made = DemoWindow(make)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "40 %" in made.bar.time.text(), timeout=5_000)
    assert made.bar.progress.isVisible()
    assert not made.bar.play.isEnabled()
    qtbot.keyClick(made, Qt.Key.Key_Space)  # too early to do anything

    with qtbot.waitSignal(made.ready, timeout=10_000):
        go_on.set()
    assert not made.bar.progress.isVisible()


def test_a_dance_that_cannot_be_made_is_said_in_the_window(qtbot, tmp_path):
    def make(progress):
        raise AudioFileError(tmp_path / "song.ogg", "is empty; copy it again")

    made = DemoWindow(make)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.failed, timeout=5_000) as failed:
        made.show()

    assert failed.args == ["song.ogg: is empty; copy it again"]
    assert made.bar.trouble.text() == "song.ogg: is empty; copy it again"


def test_closing_while_the_dance_is_made_stops_the_work(qtbot, tmp_path):
    begun, steps = threading.Event(), []

    def make(progress):
        begun.set()
        for step in range(10_000):
            steps.append(step)
            progress(step / 10_000)
            threading.Event().wait(0.01)
        raise AssertionError("never stopped")

    made = DemoWindow(make)
    qtbot.addWidget(made)
    made.show()
    assert begun.wait(5.0)
    made.close()
    n_steps = len(steps)

    assert not made.isVisible()
    threading.Event().wait(0.05)
    assert len(steps) == n_steps < 9_000


def test_the_seek_bar_knows_places_and_times(qtbot, tmp_path):
    bar = SeekBar()
    qtbot.addWidget(bar)
    bar.resize(400, 48)
    bar.show_song(short_demo(tmp_path).analysis)

    assert bar.x_at(1.0) == pytest.approx(100.0)
    assert bar.time_at(100.0) == pytest.approx(1.0)
    assert (bar.time_at(-50.0), bar.time_at(900.0)) == (0.0, DURATION_S)

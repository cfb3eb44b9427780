"""Beats mended in the window, by keys and mouse: what is counted, what is danced, and one step each."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.window.commands import BY_NAME
from app.window.gridding import Gridding
from editor.document.assemble import dance
from editor.document.following import stale_clips
from editor.document.grid_warps import warp_from_here
from editor.playback.tap_along import TapAlong
from editor.session import Session
from editor.theme import DARK
from editor.timeline.curve_lane import CurveLane
from editor.timeline.rulers import BarRuler
from editor.timeline.timeline import Timeline
from tests.app.window.studio import a_dance
from tests.same_motion import same_bits


class Hands:
    """A session, its commands, and answers to what they ask."""

    def __init__(self) -> None:
        self.session = Session(a_dance())
        self.heard_s = 0.0
        self.made_anew: list[tuple[int, int]] = []
        self.taps = TapAlong(lambda: self.heard_s)
        self.gridding = Gridding(
            self.session, self.taps, self.remember, lambda *_: 123.0, lambda *_: 1, lambda *_: "Chorus"
        )

    def remember(self) -> None:
        chosen = self.session.selection
        assert chosen is not None
        self.made_anew.append((chosen.start_frame, chosen.end_frame))

    def do(self, name: str, at_s: float = 0.0) -> None:
        self.session.move_playhead(at_s)
        self.gridding.commands[name]()

    @property
    def beats_s(self) -> np.ndarray:
        return self.session.document.music.beat_times_s


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_every_command_has_a_row(hands):
    assert set(hands.gridding.commands) <= set(BY_NAME)


def test_each_correction_is_one_step_and_undo_brings_everything_back(hands):
    before = hands.session.document
    for name in ("grid_half", "grid_double", "grid_later", "grid_one_later", "grid_eights", "meter_3", "grid_tempo"):
        hands.do(name, 2.1)
        assert len(hands.session.history.undo_labels) == 1, name
        hands.session.history.undo()
        assert hands.session.document is before


def test_the_one_goes_to_the_playhead(hands):
    hands.do("tap", 1.5)

    beat = int(np.argmin(np.abs(hands.beats_s - 1.5)))
    assert hands.session.document.music.count_of_eight(beat) == 1


def test_taps_take_the_place_of_beats_and_the_pad_is_empty_again(hands):
    for time_s in (2.03, 2.53, 3.03, 3.53, 4.03, 4.53):
        hands.heard_s = time_s
        hands.do("tap_along")
    assert hands.taps.bpm == pytest.approx(120.0, abs=0.5)

    hands.do("tap_use")

    assert np.abs(hands.beats_s - 3.03).min() < 0.01
    assert hands.taps.n_taps == 0


def test_taps_after_a_pause_begin_anew(hands):
    for time_s in (1.0, 1.5, 6.0):
        hands.heard_s = time_s
        hands.taps.tap()

    assert hands.taps.n_taps == 1


def test_beats_of_a_bar_are_locked_and_freed_again(hands):
    hands.do("lock_beats", 2.1)
    assert hands.session.document.pins.locked_s == ((2.0, 3.5),)

    hands.do("lock_beats", 2.1)
    assert hands.session.document.pins.locked_s == ()


def test_what_is_stale_is_selected_and_made_anew(hands):
    hands.do("pin_beat", 3.5)
    hands.session.edit("warp", lambda d: warp_from_here(d, 4.0, 4.25))
    assert list(stale_clips(hands.session.document))

    hands.do("renew_stale")

    start, end = hands.made_anew[0]
    assert end > start


def test_parts_are_renamed_split_moved_and_merged(hands):
    hands.do("section_rename", 1.0)
    hands.do("section_split", 4.0)
    hands.do("section_here", 4.5)
    sections = hands.session.document.music.sections
    assert [(s.label, s.start_s, s.end_s) for s in sections] == [("Chorus", 0.0, 4.5), ("Chorus2", 4.5, 8.0)]

    hands.do("section_merge", 1.0)
    assert len(hands.session.document.music.sections) == 1


@pytest.mark.parametrize("ending", [".csv", ".json", ".mid"])
def test_beats_go_to_a_file_and_come_back(hands, tmp_path, ending):
    was = hands.beats_s
    assert hands.gridding.export_grid(tmp_path / f"beats{ending}")
    hands.do("grid_later")

    assert hands.gridding.import_grid(tmp_path / f"beats{ending}")

    assert np.abs(hands.beats_s - was).max() < 1e-5


def test_a_file_that_holds_no_beats_says_so_and_changes_nothing(hands, tmp_path):
    said: list[str] = []
    hands.session.said.connect(lambda sentence, *_: said.append(sentence))
    (tmp_path / "notes.csv").write_text("dear diary\n")

    assert not hands.gridding.import_grid(tmp_path / "notes.csv")
    assert "notes.csv" in said[0]


@pytest.fixture
def timeline(qtbot, hands) -> Timeline:
    shown = Timeline(hands.session, DARK, run_later=lambda work, done: None)
    qtbot.addWidget(shown)
    shown.resize(1200, 400)
    shown.show()
    hands.session.view.edits_grid = True
    return shown


def _on_bars(timeline: Timeline, time_s: float) -> QPoint:
    lane = next(lane for lane in timeline.canvas.lanes if isinstance(lane, BarRuler))
    return QPoint(round(timeline.view.x_of(time_s)), timeline.canvas.y_of(lane) + 8)


def _drag(timeline: Timeline, from_s: float, to_s: float, keys=Qt.KeyboardModifier.AltModifier) -> None:
    canvas, left = timeline.canvas, Qt.MouseButton.LeftButton
    start, end = _on_bars(timeline, from_s), _on_bars(timeline, to_s)
    QTest.mousePress(canvas, left, keys, start)
    for share in (0.3, 0.7, 1.0):
        at = start + QPoint(round(share * (end.x() - start.x())), 0)
        _move(canvas, at, keys)
    QTest.mouseRelease(canvas, left, keys, end)


def _move(canvas, at: QPoint, keys) -> None:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), canvas.mapToGlobal(QPointF(at)), left, left, keys)
    QApplication.sendEvent(canvas, event)


def test_a_click_pins_a_beat_and_a_drag_moves_the_next_ones_as_one_step(timeline, hands):
    before = hands.session.document
    QTest.mouseClick(
        timeline.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, _on_bars(timeline, 2.0)
    )
    assert hands.session.document.pins.anchors_s == (2.0,)

    _drag(timeline, 6.0, 6.2)

    moved = hands.beats_s[12]
    assert moved == pytest.approx(6.2, abs=0.02)
    assert np.all(np.diff(hands.beats_s[4:13]) > 0.5)
    assert hands.beats_s[:5].tolist() == before.music.beat_times_s[:5].tolist()
    assert hands.session.history.undo_labels == ("move beat", "pin beat")
    assert hands.session.document.tracks[1].clips[0].warp is not None
    hands.session.history.undo()
    assert same_bits(dance(hands.session.document, "bo"), dance(before, "bo"))


def test_esc_lets_go_of_a_beat_without_a_trace(timeline, hands):
    before = hands.session.document
    canvas, keys = timeline.canvas, Qt.KeyboardModifier.AltModifier
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, keys, _on_bars(timeline, 4.0))
    _move(canvas, _on_bars(timeline, 4.4), keys)
    assert timeline.model.grid.times_s[8] != 4.0

    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, _on_bars(timeline, 4.4))

    assert hands.session.document is before
    assert timeline.model.grid.times_s[8] == 4.0


def test_outside_of_the_mode_a_drag_in_the_ruler_scrubs(timeline, hands):
    hands.session.view.edits_grid = False
    _drag(timeline, 4.0, 4.4)

    assert hands.session.history.undo_labels == ()


def test_a_stroke_over_the_music_s_emotion_overrides_what_was_heard(timeline, hands):
    lane = next(lane for lane in timeline.canvas.lanes if isinstance(lane, CurveLane))
    timeline.draw_value("sorrow")
    top, keys = timeline.canvas.y_of(lane), Qt.KeyboardModifier.NoModifier
    start, end = (QPoint(round(timeline.view.x_of(t)), top + 8) for t in (2.0, 6.0))
    before = hands.session.document

    QTest.mousePress(timeline.canvas, Qt.MouseButton.LeftButton, keys, start)
    _move(timeline.canvas, start + QPoint(60, 0), keys)
    _move(timeline.canvas, end, keys)
    QTest.mouseRelease(timeline.canvas, Qt.MouseButton.LeftButton, keys, end)

    music = hands.session.document.music
    at_s = np.arange(len(music.sorrow)) / music.curve_rate_hz
    inside = (at_s > 2.2) & (at_s < 5.8)
    assert np.all(music.sorrow[inside] > 0.8)
    assert np.allclose((music.joy + music.sorrow + music.tension + music.serenity)[inside], 1.0)
    assert np.array_equal(music.sorrow[at_s > 6.2], before.music.sorrow[at_s > 6.2])
    assert hands.session.history.undo_labels == ("how the music feels: sorrow",)
    assert hands.session.document.settings == before.settings


def test_in_the_window_keys_and_buttons_mend_the_beats(qapp, tmp_path):
    from tests.app.window.windows import editor_window

    with editor_window(tmp_path) as window:
        session = window.desk.session
        session.history.replace(a_dance())
        QTest.keyClick(window, Qt.Key.Key_W)
        assert window.grid_bar.isVisible()
        assert session.view.edits_grid

        window.grid_bar.buttons["grid_half"].click()
        assert session.document.music.tempo_bpm == pytest.approx(60.0)
        QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert session.document.music.tempo_bpm == pytest.approx(120.0)

        starts = [clip.start_frame for clip in session.document.tracks[0].clips]
        session.move_playhead(1.5)
        QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
        assert [c.start_frame for c in session.document.tracks[0].clips][1:] == [s - 15 for s in starts[1:]]

        QTest.keyClick(window, Qt.Key.Key_W)
        assert not window.grid_bar.isVisible()

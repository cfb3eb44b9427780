"""The timeline under a hand: what each gesture does to piece, selection, loop and picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget

from editor.document.clip_edits import set_clip_locked
from editor.document.document import Curve, Document, Settings
from editor.session import Session
from editor.theme import DARK, THEMES
from editor.timeline.curve_lane import CurveLane
from editor.timeline.dancer_lane import DancerLane
from editor.timeline.heads import CurveHead, DancerHead, ReadingHead
from editor.timeline.menu import clip_menu
from editor.timeline.model import Mark
from editor.timeline.music_lanes import MarkerLane, WaveLane
from editor.timeline.rulers import BarRuler, LoopStrip, TimeRuler
from editor.timeline.timeline import Timeline
from tests.documents import dancer
from tests.editor.timeline.pieces import DURATION_S, piece, standing, tone

LEFT, ALT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Hand:
    """Moves the mouse over a timeline, in seconds and lanes."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline, self.canvas = timeline, timeline.canvas

    def lane(self, kind: type, track_id: str = ""):
        return next(x for x in self.canvas.lanes if isinstance(x, kind) and x.track_id == track_id)

    def at(self, kind: type, time_s: float, track_id: str = "", height: float = 0.3) -> QPoint:
        lane = self.lane(kind, track_id)
        y = self.canvas.y_of(lane) + height * lane.px
        return QPoint(round(self.timeline.view.x_of(time_s)), round(y))

    def click(self, where: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.canvas, LEFT, keys, where)

    def double_click(self, where: QPoint) -> None:
        QTest.mouseClick(self.canvas, LEFT, NONE, where)
        QTest.mouseDClick(self.canvas, LEFT, NONE, where)
        QTest.mouseRelease(self.canvas, LEFT, NONE, where)

    def press(self, where: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.canvas, LEFT, keys, where)

    def move(self, where: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        self.canvas.mouseMoveEvent(_moved(where, keys))

    def release(self, where: QPoint) -> None:
        QTest.mouseRelease(self.canvas, LEFT, NONE, where)

    def drag(self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(start, keys)
        self.move((start + end) / 2, keys)
        self.move(end, keys)
        self.release(end)

    def wheel(self, time_s: float, notches: int, keys: Qt.KeyboardModifier = NONE) -> None:
        where = QPointF(self.timeline.view.x_of(time_s), 200.0)
        self.canvas.wheelEvent(
            QWheelEvent(where, where, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, keys,
                        Qt.ScrollPhase.NoScrollPhase, False)
        )  # fmt: skip


def _moved(where: QPoint, keys: Qt.KeyboardModifier) -> QMouseEvent:
    at = QPointF(where)
    return QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, LEFT, keys)


def shown(qtbot, document: Document, size: tuple[int, int] = (1200, 520)) -> tuple[Session, Timeline, Hand]:
    session = Session(document)
    timeline = Timeline(session, DARK, run_later=lambda work, done: done(work()))
    qtbot.addWidget(timeline)
    timeline.resize(*size)
    timeline.show()
    qtbot.waitExposed(timeline)
    timeline.zoom_fit(remembers=False)
    return session, timeline, Hand(timeline)


@pytest.fixture
def opened(qtbot) -> tuple[Session, Timeline, Hand]:
    return shown(qtbot, piece())


def test_a_click_selects_the_clip_exactly(opened):
    session, _, hand = opened

    hand.click(hand.at(DancerLane, 6.0, "ana"))

    assert (session.selection.track_id, session.selection.start_frame, session.selection.end_frame) == ("ana", 150, 240)
    assert session.selected_clip.id == "second"


def test_a_clip_that_has_no_room_stays_and_it_is_said_what_to_do(qtbot):
    session, timeline, hand = shown(qtbot, Document(tracks=(dancer(60, 60, 60),)))
    said: list[str] = []
    session.said.connect(lambda sentence, _: said.append(sentence))
    before = session.document
    session.select("ann", 60, 120)

    hand.drag(hand.at(DancerLane, 3.0, "ann"), hand.at(DancerLane, 4.2, "ann"))

    assert session.document is before
    assert said[0].startswith("No room there: turn Ripple on")
    assert timeline.canvas.cursor().shape() != Qt.CursorShape.ForbiddenCursor


def test_a_click_beside_the_clips_selects_nothing_and_makes_the_dancer_active(opened):
    session, _, hand = opened
    session.select("ana", 0, 120)

    hand.click(hand.at(DancerLane, 14.0, "ben"))

    assert session.selection is None
    assert session.active_track_id == "ben"


def test_a_drag_selects_time_on_beats_and_with_alt_wherever_the_hand_is(opened):
    session, _, hand = opened

    hand.drag(hand.at(DancerLane, 3.03, "ben"), hand.at(DancerLane, 5.97, "ben"))
    assert (session.selection.start_frame, session.selection.end_frame) == (90, 180)

    hand.drag(hand.at(DancerLane, 3.1, "ben"), hand.at(DancerLane, 6.1, "ben"), ALT)
    assert session.selection.start_frame == pytest.approx(93, abs=1)
    assert session.selection.end_frame == pytest.approx(183, abs=1)


def test_shift_extends_the_selection(opened):
    session, _, hand = opened
    session.select("ben", 60, 120)

    hand.click(hand.at(DancerLane, 14.0, "ben"), SHIFT)

    assert (session.selection.start_frame, session.selection.end_frame) == (60, 420)


def test_a_selected_clip_is_moved_as_one_step_and_the_playhead_stays(opened):
    session, _, hand = opened
    session.move_playhead(1.0)
    hand.click(hand.at(DancerLane, 6.0, "ana"))

    hand.drag(hand.at(DancerLane, 6.0, "ana"), hand.at(DancerLane, 8.02, "ana"))

    assert session.document.clip("second")[1].start_frame == 210
    assert session.history.undo_labels == ("move clip",)
    assert (session.selection.start_frame, session.selection.end_frame) == (210, 300)
    assert session.playhead_s == 1.0
    session.history.undo()
    assert session.document.clip("second")[1].start_frame == 150


def test_while_a_clip_is_dragged_only_the_picture_changes_and_escape_brings_it_back(opened):
    session, timeline, hand = opened
    before = session.document
    hand.click(hand.at(DancerLane, 6.0, "ana"))

    hand.press(hand.at(DancerLane, 6.0, "ana"))
    hand.move(hand.at(DancerLane, 9.0, "ana"))
    assert timeline.model.document.clip("second")[1].start_frame == 240
    assert session.document is before
    QTest.keyClick(hand.canvas, Qt.Key.Key_Escape)
    hand.release(hand.at(DancerLane, 9.0, "ana"))

    assert timeline.model.document is before
    assert session.history.undo_labels == ()


def test_a_clip_can_be_dragged_to_another_dancer(opened):
    session, _, hand = opened
    hand.click(hand.at(DancerLane, 6.0, "ana"))

    hand.drag(hand.at(DancerLane, 6.0, "ana"), hand.at(DancerLane, 12.0, "ben"))

    track, clip = session.document.clip("second")
    assert (track.id, clip.start_frame, session.selection.track_id) == ("ben", 330, "ben")


def test_an_edge_trims_and_with_control_stretches(opened):
    session, timeline, hand = opened
    inside_s = 3.0 / timeline.view.px_per_s

    hand.drag(hand.at(DancerLane, 8.0 - inside_s, "ana"), hand.at(DancerLane, 7.0 - inside_s, "ana"))
    assert session.document.clip("second")[1].n_frames == 60
    hand.drag(hand.at(DancerLane, 7.0 - inside_s, "ana"), hand.at(DancerLane, 9.0 - inside_s, "ana"), CONTROL)

    clip = session.document.clip("second")[1]
    assert (clip.n_frames, clip.speed) == (120, 0.5)
    assert session.history.undo_labels == ("change clip's speed", "trim clip")


def test_a_locked_clip_is_not_dragged(qtbot):
    session, _, hand = shown(qtbot, set_clip_locked(piece(), "second", True))
    hand.click(hand.at(DancerLane, 6.0, "ana"))

    hand.drag(hand.at(DancerLane, 6.0, "ana"), hand.at(DancerLane, 9.0, "ana"))

    assert session.history.undo_labels == ()


def test_a_ruler_scrubs_until_the_hand_lets_go(opened):
    session, _, hand = opened
    heard: list[tuple[float, bool]] = []
    session.scrub_wanted.connect(lambda time_s, is_held: heard.append((round(time_s, 1), is_held)))

    hand.drag(hand.at(TimeRuler, 2.0), hand.at(TimeRuler, 6.0))

    assert heard == [(2.0, True), (4.0, True), (6.0, True), (6.0, False)]


def test_the_strip_sets_the_loop_on_beats_and_a_double_click_switches_it(opened):
    session, _, hand = opened

    hand.drag(hand.at(LoopStrip, 4.03), hand.at(LoopStrip, 1.98))
    assert (session.loop_s, session.is_looping) == ((2.0, 4.0), True)
    hand.double_click(hand.at(LoopStrip, 3.0))

    assert (session.loop_s, session.is_looping) == ((2.0, 4.0), False)


def test_control_and_wheel_zoom_round_the_cursor_and_zoom_back_returns(opened):
    _, timeline, hand = opened
    before, x = timeline.view, timeline.view.x_of(6.0)

    hand.wheel(6.0, 3, CONTROL)
    assert timeline.view.px_per_s == pytest.approx(before.px_per_s * 1.25**3)
    assert timeline.view.x_of(6.0) == pytest.approx(x, abs=0.6)
    timeline.zoom_back()

    assert timeline.view == before


def test_wheel_zooms_is_a_preference(opened):
    _, timeline, hand = opened
    before = timeline.view

    hand.wheel(6.0, 2)
    assert timeline.view == before
    timeline.wheel_zooms = True
    hand.wheel(6.0, 2)

    assert timeline.view.px_per_s > before.px_per_s


def test_shift_and_wheel_pan_in_time(opened):
    _, timeline, hand = opened
    timeline.zoom_by(4.0)
    before = timeline.view

    hand.wheel(timeline.view.start_s + 1.0, -1, SHIFT)

    assert timeline.view.start_s > before.start_s
    assert timeline.view.px_per_s == before.px_per_s


def test_a_double_click_on_a_clip_zooms_to_it(opened):
    _, timeline, hand = opened

    hand.double_click(hand.at(DancerLane, 6.0, "ana"))

    assert timeline.view.start_s == pytest.approx(5.0, abs=0.3)
    assert timeline.view.end_s == pytest.approx(8.0, abs=0.3)


def test_a_click_adds_a_point_on_the_beat_and_it_can_be_dragged_and_removed(opened):
    session, timeline, hand = opened

    hand.click(hand.at(CurveLane, 4.02, height=0.5))
    joy = session.document.settings.joy
    assert isinstance(joy, Curve)
    assert joy.times_s == (0.0, 4.0, DURATION_S)
    assert joy.values[1] == pytest.approx(0.5, abs=0.02)

    where = hand.at(CurveLane, 4.0, height=0.5)
    hand.drag(where, hand.at(CurveLane, 5.99, height=0.2))
    assert session.document.settings.joy.times_s == (0.0, 6.0, DURATION_S)
    assert session.document.settings.joy.values[1] > 0.75

    QTest.keyClick(timeline.canvas, Qt.Key.Key_Delete)
    assert session.document.settings.joy == 0.0
    assert session.history.undo_labels == ("remove point of joy", "draw joy", "draw joy")


def test_a_freehand_line_is_one_step(opened):
    session, timeline, hand = opened
    timeline.draw_value("tension")

    hand.press(hand.at(CurveLane, 2.0, height=0.8))
    for time_s in np.arange(2.0, 6.0, 0.1):
        hand.move(hand.at(CurveLane, float(time_s), height=0.5 + 0.3 * float(np.cos(time_s))))
    hand.release(hand.at(CurveLane, 6.0, height=0.5))

    tension = session.document.settings.tension
    assert isinstance(tension, Curve)
    assert 4 < len(tension.times_s) < 25
    assert session.history.undo_labels == ("draw tension",)


def test_a_double_click_removes_a_point(qtbot):
    document = replace(piece(), settings=Settings(joy=Curve((0.0, 8.0, 16.0), (0.2, 0.5, 0.2))))
    session, _, hand = shown(qtbot, document)

    hand.double_click(hand.at(CurveLane, 8.0, height=0.5))

    assert session.document.settings.joy == 0.2


def test_a_style_can_be_drawn(opened):
    session, timeline, hand = opened
    timeline.set_styles(["salsa", "ballet"])
    head = next(head for head in timeline.heads.heads if isinstance(head, CurveHead))
    names = [action.text() for action in head.menu().actions()]

    timeline.draw_value("salsa")
    hand.click(hand.at(CurveLane, 4.0, height=0.5))

    assert "Salsa" in names
    assert head.picker.text() == "Salsa"
    assert session.document.settings.style[0][0] == "salsa"


def test_markers_are_added_dragged_and_named_in_place(opened):
    session, timeline, hand = opened

    hand.drag(hand.at(MarkerLane, 5.0), hand.at(MarkerLane, 7.02))
    assert session.document.markers[0].time_s == pytest.approx(7.0)
    session.move_playhead(2.345)
    timeline.add_marker()
    assert [marker.time_s for marker in session.document.markers] == [2.345, pytest.approx(7.0)]
    hand.double_click(hand.at(MarkerLane, 7.02))
    QTest.keyClick(timeline._editor, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(timeline._editor, "Lift")
    QTest.keyClick(timeline._editor, Qt.Key.Key_Return)

    assert session.document.markers[1].text == "Lift"
    assert session.history.undo_labels[0] == "rename marker"


def test_the_menu_runs_commands_of_the_window_and_sets_blends_itself(opened):
    session, timeline, _ = opened
    session.select("ana", 150, 240)
    wanted: list[str] = []
    timeline.command_wanted.connect(wanted.append)

    menu = clip_menu(
        session, timeline.command_wanted.emit, lambda command: {"split": "S"}.get(command, ""),
        lambda command: command != "paste_clip", timeline,
    )  # fmt: skip
    named = {action.objectName(): action for action in menu.actions() if action.objectName()}
    named["mirror_clip"].trigger()
    named["remove_clip"].trigger()
    blends = next(action.menu() for action in menu.actions() if action.menu())
    blends.actions()[2].trigger()

    assert named["split"].text() == "Split at playhead\tS"
    assert (named["split"].isEnabled(), named["paste_clip"].isEnabled()) == (True, False)
    assert wanted == ["mirror_clip", "remove_clip"]
    assert session.document.clip("second")[1].blend_frames == 6
    assert session.document.clip("second")[1].id == "second"


def test_heads_switch_a_dancer_off_and_on(opened):
    session, timeline, _ = opened
    head = next(head for head in timeline.heads.heads if isinstance(head, DancerHead) and head.track_id == "ana")

    head.hide_button.click()
    head.mute_button.click()
    head.lock_button.click()

    ana = session.document.track("ana")
    assert (ana.is_hidden, ana.is_muted) == (True, True)
    assert all(clip.is_locked for clip in ana.clips)
    session.history.undo()
    assert not head.lock_button.isChecked()


def test_heads_read_the_place_under_the_cursor_else_the_playhead(opened):
    session, timeline, hand = opened
    head = next(h for h in timeline.heads.heads if isinstance(h, ReadingHead) and isinstance(h.lane, BarRuler))
    session.move_playhead(4.6)
    assert head.reading == "3.2"

    hand.move(hand.at(DancerLane, 9.1, "ana"))

    assert head.reading == "5.3"


def test_only_what_changed_is_painted_anew(opened):
    session, _, hand = opened
    QApplication.processEvents()
    hand.canvas.repaint()  # on a busy machine the window may not have been shown yet
    pictures = {lane: lane._picture for lane in hand.canvas.lanes}

    session.edit("lock", lambda d: set_clip_locked(d, "third", True))

    anew = [lane for lane in hand.canvas.lanes if lane._picture is not pictures[lane]]
    assert [lane.track_id for lane in anew] == ["ben"]


def test_moving_the_playhead_paints_no_lane(opened):
    session, _, hand = opened
    QApplication.processEvents()
    pictures = {lane: lane._picture for lane in hand.canvas.lanes}

    session.move_playhead(3.0)
    QApplication.processEvents()

    assert all(lane._picture is pictures[lane] for lane in hand.canvas.lanes)


def test_a_panned_picture_is_the_one_that_would_be_painted_anew(opened):
    session, timeline, hand = opened
    session.edit("draw", lambda d: replace(d, settings=Settings(joy=Curve((0.0, 7.0, 16.0), (0.1, 0.9, 0.2)))))
    timeline.set_audio(tone())
    timeline.set_motions({"ana": standing(300), "ben": standing(300)})
    timeline.zoom_by(3.0)
    QApplication.processEvents()

    for dx in (40.0, -13.0, 160.0):
        timeline.pan(dx, 0.0)
        for lane in hand.canvas.lanes:
            kept = _pixels(lane.picture(timeline._ink))
            lane.forget()
            anew = _pixels(lane.picture(timeline._ink))
            differing = np.argwhere(np.abs(kept.astype(int) - anew) > 6)
            assert len(differing) == 0, (lane.name, dx, differing[:3])


def _pixels(pixmap) -> np.ndarray:
    image = pixmap.toImage()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : 4 * image.width()].copy()


def test_the_wave_appears_when_it_is_ready_and_goes_with_the_song(opened):
    _, timeline, hand = opened
    without = _pixels(hand.lane(WaveLane).picture(timeline._ink))

    timeline.set_audio(tone())
    with_wave = _pixels(hand.lane(WaveLane).picture(timeline._ink))
    timeline.set_audio(None)

    assert (with_wave != without).any()
    assert (_pixels(hand.lane(WaveLane).picture(timeline._ink)) == without).all()


def test_work_runs_in_a_thread_and_its_result_is_shown(qtbot):
    timeline = Timeline(Session(piece()), DARK)
    qtbot.addWidget(timeline)

    timeline.set_audio(tone())
    timeline.set_motions({"ana": standing(240)})

    qtbot.waitUntil(lambda: timeline.model.wave is not None and "ana" in timeline.model.footwork)
    assert timeline.model.footwork["ana"].stands[:, -1].tolist() == [240, 240]


def test_findings_lie_under_their_movements_and_say_what_they_are(opened):
    _, timeline, hand = opened
    lane = hand.lane(DancerLane, "ana")

    timeline.set_findings([Mark("ana", 30, 60, "error", "Error: The knee bends backwards.")])

    x, y = timeline.view.x_of(1.5), hand.canvas.y_of(lane) + lane.px - 8
    assert hand.canvas._words_at(x, y) == "Error: The knee bends backwards."


def test_a_click_on_a_finding_picks_it_and_the_next_click_the_next_of_its_movement(opened, qtbot):
    session, timeline, hand = opened
    lane = hand.lane(DancerLane, "ana")
    timeline.set_findings([Mark("ana", 30, 60, "error", "", keys=("knee", "foot"))])
    place = QPoint(round(timeline.view.x_of(1.5)), hand.canvas.y_of(lane) + lane.px - 8)
    picked = []
    timeline.finding_picked.connect(picked.append)

    for key in ("knee", "foot", "knee"):
        QTest.mouseClick(hand.canvas, LEFT, NONE, place)
        assert picked[-1] == key
        timeline.set_findings([Mark("ana", 30, 60, "error", "", keys=("knee", "foot"))], chosen_key=key)

    assert session.selection is None


def test_of_findings_on_one_place_the_gravest_is_met(opened):
    _, timeline, hand = opened
    lane = hand.lane(DancerLane, "ana")
    marks = [Mark("ana", 44, 46, "note", "A note."), Mark("ana", 44, 46, "error", "Meant so.", is_hollow=True),
             Mark("ana", 44, 46, "warning", "A warning.")]  # fmt: skip

    timeline.set_findings(marks)

    assert lane.mark_at(timeline.view.x_of(1.5), lane.px - 8, hand.canvas.ink).text == "A warning."


def test_an_empty_timeline_offers_a_song_and_the_demo(qtbot):
    session, timeline, _ = shown(qtbot, Document())
    assert timeline._empty.isVisible()

    with qtbot.waitSignal(timeline.open_song_wanted):
        timeline._empty.song_button.click()
    with qtbot.waitSignal(timeline.open_demo_wanted):
        timeline._empty.demo_button.click()
    session.history.replace(piece())

    assert not timeline._empty.isVisible()
    assert timeline.view.end_s >= DURATION_S
    assert [lane.track_id for lane in timeline.canvas.lanes if lane.track_id] == ["ana", "ben"]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_theme_and_the_narrowest_width_are_painted(qtbot, theme):
    _, timeline, _ = shown(qtbot, piece(), (480, 180))

    timeline.set_theme(theme)
    picture = timeline.grab().toImage()

    assert picture.pixelColor(2, 2).name() == theme.panel
    assert timeline._down.isVisible()


class Window(QWidget):
    """Notes the keys that what is in it leaves to it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keys.append(event.key())


def test_keys_that_mean_nothing_to_the_timeline_are_left_to_the_window(qtbot):
    window = Window()
    qtbot.addWidget(window)
    timeline = Timeline(Session(piece()), DARK, run_later=lambda work, done: done(work()))
    QVBoxLayout(window).addWidget(timeline)
    keys = [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Delete]

    for key in keys:
        QTest.keyClick(timeline.canvas, key)

    assert window.keys == keys


def test_everything_that_can_be_pressed_has_a_name_and_says_why(opened):
    _, timeline, _ = opened

    for button in timeline.findChildren(QAbstractButton):
        assert button.accessibleName()
        assert button.toolTip()
    for head in timeline.heads.heads:
        assert head.accessibleName().endswith(" lane")


def test_a_closed_timeline_hears_nothing_more(qtbot):
    session = Session(piece())
    timeline = Timeline(session, DARK, run_later=lambda work, done: done(work()))

    timeline.deleteLater()
    QApplication.sendPostedEvents(timeline, QEvent.Type.DeferredDelete.value)

    session.move_playhead(2.0)
    session.select("ana", 0, 60)

"""Findings in the window: under the hands, by keys, on the stage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.screen import has_screen
from app.window.main_window import EditorWindow
from editor.document.document import Clip, Document, Take, Track
from editor.timeline.dancer_lane import DancerLane
from tests.app.window.windows import editor_window, press, wait_for
from tests.benchmarks.bench_structure import demo_dances
from tests.engine.structure.planted import KINDS

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="a window needs a screen")]
Key, SHIFT, ALT = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def broken_piece() -> Document:
    motion = KINDS["knee bent forwards"][1](demo_dances()[0].slice(300, 560), np.random.default_rng(1)).motion
    clip = Clip("clip", 0, motion.n_frames, (Take("take", "Take 1", motion),))
    return Document(tracks=(Track("ana", "Ana", (clip,)),))


@pytest.fixture
def window(qtbot, tmp_path):
    with editor_window(tmp_path / "home") as made:
        made.desk.piece.restore(broken_piece(), None)
        made.wiring.finding_work.begin()
        findings = made.desk.findings
        wait_for(lambda: bool(findings.entries) and findings.are_fresh)
        yield made


def select_knee(window: EditorWindow) -> None:
    findings = window.desk.findings
    for _ in findings.shown:
        press(window, Key.Key_F8)
        if findings.selected.finding.rule == "knee_range":
            return
    raise AssertionError("no bent knee was found")


def test_a_finding_is_found_shown_mended_and_brought_back_by_keys_alone(window):
    findings, session = window.desk.findings, window.desk.session
    select_knee(window)
    card = window.wiring.finding_work.panel.card
    wait_for(card.isVisible)
    view = window.desk.stage.view_at(findings.selected.finding.peak_frame / 30.0)
    assert {measure.role for measure in view.measures} == {"measured", "allowed", "excess"}
    assert view.marked.joint_names == findings.selected.finding.joints
    document = session.document

    press(window, Key.Key_F9)
    wait_for(lambda: findings.offer is not None)
    frame = (findings.offer.start_frame + findings.offer.end_frame) / 2
    assert [ghost.kind for ghost in window.desk.stage.view_at(frame / 30.0).ghosts] == ["repaired"]
    assert window.offer.isVisible()
    press(window, Key.Key_Escape)
    assert findings.offer is None
    assert session.document is document
    press(window, Key.Key_F9)
    wait_for(lambda: findings.offer is not None)
    press(window, Key.Key_Return)

    assert session.history.undo_labels[0].startswith("mend")
    wait_for(lambda: findings.are_fresh)
    assert "knee_range" not in {entry.finding.rule for entry in findings.entries}
    press(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.document is document


def test_intended_takes_a_note_by_keys_and_is_shown_hollow(window):
    findings = window.desk.findings
    select_knee(window)

    press(window, Key.Key_F9, SHIFT)
    note = window.wiring.finding_work.panel.card.note
    wait_for(note.hasFocus)
    QTest.keyClicks(note, "a broken doll")
    press(window, Key.Key_Return)

    assert findings.selected.waiver.note == "a broken doll"
    mark = next(m for m in window.timeline.model.marks["ana"] if findings.selected in m.keys)
    assert mark.is_hollow or any(e.is_open for e in mark.keys)
    assert window.wiring.finding_work.panel.toggles["waived"].isVisible()
    press(window, Key.Key_F9, SHIFT)
    assert findings.selected.waiver is None


def test_a_limit_typed_under_why_is_the_piece_s(window):
    findings = window.desk.findings
    select_knee(window)
    press(window, Key.Key_F9, ALT)
    rule = window.wiring.finding_work.panel.card.rule
    wait_for(rule.isVisible)
    field = rule.fields["low_deg"]

    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "-90")
    press(window, Key.Key_Return)

    assert window.desk.session.document.rules.changes[0].limits == (("low_deg", -90.0),)
    wait_for(lambda: findings.are_fresh)
    window.desk.session.history.undo()
    wait_for(lambda: findings.are_fresh)


def test_a_click_in_the_lane_selects_and_the_list_goes_along(window):
    findings, timeline = window.desk.findings, window.timeline
    lane = next(one for one in timeline.canvas.lanes if isinstance(one, DancerLane))
    mark = timeline.model.marks["ana"][0]
    x = timeline.view.x_of(0.5 * (mark.start_frame + mark.end_frame) / 30.0)
    timeline._down.setValue(timeline._down.maximum())

    QTest.mouseClick(timeline.canvas, Qt.MouseButton.LeftButton, pos=QPoint(
        round(x), timeline.canvas.y_of(lane) + lane.px - 8
    ))  # fmt: skip

    assert findings.selected in mark.keys
    assert window.wiring.finding_work.panel.list.selected == findings.selected


def test_the_list_is_walked_by_arrows_and_the_switches_hide(window):
    findings, panel = window.desk.findings, window.wiring.finding_work.panel
    press(window, Key.Key_F8, ALT)
    wait_for(panel.list.hasFocus)

    for _ in range(panel.list.n_rows):
        press(window, Key.Key_Down)
    last = findings.selected
    press(window, Key.Key_Up)

    assert last is not None
    assert QApplication.focusWidget() is panel.list
    for toggle in panel.toggles.values():
        toggle.setChecked(False)
    assert findings.shown == ()
    assert findings.selected is None
    assert panel.empty.isVisible()
    for toggle in panel.toggles.values():
        toggle.setChecked(True)
    assert findings.shown == findings.entries


def test_a_dance_without_a_fault_has_a_quiet_tick(window):
    findings, panel = window.desk.findings, window.wiring.finding_work.panel
    still = demo_dances()[0].slice(600, 601)
    track = Track("ana", "Ana", (Clip("one", 0, 1, (Take("one", "One", still),)),))

    window.desk.session.edit("still", lambda d: replace(d, tracks=(track,)))
    wait_for(lambda: findings.are_fresh)

    assert findings.entries == ()
    assert panel.empty.isVisible()
    assert panel.empty.words == "Nothing found"
    assert panel.empty.has_tick


def test_a_hidden_dancer_is_judged_too(window):
    findings, session = window.desk.findings, window.desk.session
    before = len(findings.entries)

    session.edit("hide", lambda d: replace(d, tracks=(replace(d.tracks[0], is_hidden=True),)))
    wait_for(lambda: findings.are_fresh)

    assert len(findings.entries) == before > 0

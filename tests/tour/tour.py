"""`run.py tour`: the program used as a choreographer would, by real keys and mouse, with pictures of every stop.

It opens the demo piece, plays and scrubs, makes bars 5 to 8 anew with the legs kept, keeps the third take, takes it
back and brings it again, makes a fault, has it mended, takes that back and says that it is intended, saves, and opens
the file. Each stop is a picture; what was measured on the way is returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.window.main_window import EditorWindow
from editor.document.assemble import dance
from editor.document.document import Document, same_frames
from editor.document.project_file import load_project
from engine.motion.house import BODY_PARTS
from engine.motion.motion import Motion
from engine.timebase import frame_at
from tests.patience import PATIENCE_S

_LOOK_EVERY_MS = 2
FIRST_BAR, LAST_BAR = 5, 8
Key = Qt.Key
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@dataclass
class Found:
    """What the tour measured; see `facts`."""

    facts: dict[str, float | int | bool | str] = field(default_factory=dict)
    pictures: list[Path] = field(default_factory=list)


class Tour:
    """Takes a window through the whole of it.

    Args:
        window: Shown, and not begun.
        folder: For the piece that is saved, and the pictures.
        takes_pictures: Whether pictures are wanted.
        prefix: Of the pictures' names.
    """

    def __init__(self, window: EditorWindow, folder: Path, takes_pictures: bool = True, prefix: str = "") -> None:
        self.window, self.folder, self.found = window, folder, Found()
        self._takes_pictures, self._prefix = takes_pictures, prefix
        self.desk = window.desk

    def run(self) -> Found:
        """All stops in order."""
        for stop in (
            self.open_demo, self.play, self.scrub, self.select_bars, self.keep_legs, self.four_takes, self.keep_third,
            self.undo_and_redo, self.mend, self.intend, self.save_and_reopen, self.look_around, self.keys_page,
        ):  # fmt: skip
            stop()
        return self.found

    # The stops

    def open_demo(self) -> None:
        """The demo piece can be seen, heard and made anew."""
        self.window.activateWindow()
        self.wait_for(self.window.isActiveWindow, "an active window")
        self.window.begin(None, opens_demo=True)
        self.wait_for(lambda: bool(self.desk.session.document.tracks), "the demo piece")
        self.wait_for(lambda: self.desk.piece.audio is not None, "its sound")
        self.wait_for(lambda: self.desk.engine.is_ready, "the engine")
        self.wait_s(0.6)
        self.picture("first-start")
        if self.window.hints.isVisible():
            self.window.hints.skip.click()

    def play(self) -> None:
        """Space plays, and the playhead goes on; Space stops."""
        before_s = self.desk.session.playhead_s
        self.key(Key.Key_Space)
        self.wait_for(lambda: self.desk.session.playhead_s > before_s + 1.0, "a second of playing")
        self.picture("playing")
        self.key(Key.Key_Space)
        self.wait_for(lambda: not self.desk.transport.is_playing, "the end of playing")

    def scrub(self) -> None:
        """A drag in the ruler takes playhead and picture along."""
        canvas, view = self.canvas, self.window.timeline.view
        y = self.lane_y("TimeRuler")
        stops = [QPoint(round(view.x_of(t)), y) for t in np.linspace(6.0, 20.0, 8)]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, _NONE, stops[0])
        for place in stops[1:]:
            QTest.mouseMove(canvas, place)
            self.wait_s(0.02)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, _NONE, stops[-1])
        self.wait_for(lambda: abs(self.desk.session.playhead_s - 20.0) < 0.5, "the scrubbed playhead")

    def select_bars(self) -> None:
        """A drag over Ana's lane selects bars 5 to 8, on the beat."""
        music, rate_hz = self.desk.session.document.music, self.desk.session.document.frame_rate_hz
        bars_s = music.downbeat_times_s
        start_s, end_s = float(bars_s[FIRST_BAR - 1]), float(bars_s[LAST_BAR])
        view, lane_y = self.window.timeline.view, self.lane_y("DancerLane", from_bottom=True)
        first, last = (QPoint(round(view.x_of(t)), lane_y) for t in (start_s, end_s))
        self.drag(self.canvas, first, last)
        chosen = self.desk.session.selection
        wanted = (frame_at(start_s, rate_hz), frame_at(end_s, rate_hz))
        got = chosen and (chosen.start_frame, chosen.end_frame)
        self.check("selected bars 5 to 8 by dragging", got == wanted, f"{got} instead of {wanted}")
        self.desk.session.seek(start_s + 1.2)
        self.window.timeline.zoom_selection()
        self.wait_s(0.2)
        self.picture("bars-selected")

    def keep_legs(self) -> None:
        """Shift+Q keeps the legs; the generate panel shows it."""
        self.key(Key.Key_Q, _SHIFT)
        self.wait_for(lambda: "left_leg" in self.desk.session.settings.locked_parts, "legs that are kept")

    def four_takes(self) -> None:
        """Shift+R: the first of four takes is seen in place as soon as it is there."""
        # The first after a start has to fetch what the others find ready.
        for _ in range(2):
            began_s = time.perf_counter()
            self.key(Key.Key_R, _SHIFT)
            self.wait_for(lambda: self.desk.audition.auditioned == 0, "the first take")
            first_s = time.perf_counter() - began_s
            self.wait_for(lambda: not self.desk.audition.is_running, "four takes")
            fourth_s = time.perf_counter() - began_s
            self.found.facts |= {"first_take_ms": round(1000 * first_s), "fourth_take_ms": round(1000 * fourth_s)}
        self.key(Key.Key_3)
        self.wait_for(lambda: self.desk.audition.auditioned == 2, "the third take in place")
        self.wait_s(0.2)
        self.picture("four-takes")

    def keep_third(self) -> None:
        """Enter keeps it: one step; the rest of the dance is what it was, bit for bit."""
        session, chosen = self.desk.session, self.desk.session.selection
        assert chosen is not None
        self._before = before = session.document
        self.key(Key.Key_Return)
        self.wait_for(lambda: session.document is not before, "the kept take")
        self._kept = session.document
        span = (chosen.start_frame, chosen.end_frame)
        self.measure(before, session.document, chosen.track_id, span)
        self.wait_s(0.2)
        self.picture("take-kept")

    def undo_and_redo(self) -> None:
        """Ctrl+Z gives back the very same piece, Ctrl+Shift+Z the kept take."""
        session = self.desk.session
        self.key(Key.Key_Z, _CTRL)
        self.check("undo gives back the same piece", session.document is self._before)
        self.key(Key.Key_Z, _CTRL | _SHIFT)
        self.check("redo gives back the take", session.document is self._kept)

    def mend(self) -> None:
        """A clip dragged open leaves a statue: F8 goes there, F9 shows a repair, Enter keeps it, Ctrl+Z undoes that."""
        findings, session = self.desk.findings, self.desk.session
        chosen, music = session.selection, session.document.music
        assert chosen is not None
        self.wait_for(lambda: findings.are_fresh, "a look at the kept take")
        rate_hz, view = session.document.frame_rate_hz, self.window.timeline.view
        start_s = chosen.start_frame / rate_hz
        two_beats_s = float(music.beat_times_s[np.searchsorted(music.beat_times_s, start_s + 0.1) + 1])
        lane = next(lane for lane in self.window.timeline.canvas.lanes if type(lane).__name__ == "DancerLane")
        y = self.window.timeline.canvas.y_of(lane) + 20
        began_s = time.perf_counter()
        self.drag(self.canvas, QPoint(round(view.x_of(start_s)) + 3, y), QPoint(round(view.x_of(two_beats_s)) + 3, y))
        self.wait_for(lambda: findings.are_fresh, "a look at the gap")
        self.found.facts["dragged_and_checked_ms"] = round(1000 * (time.perf_counter() - began_s))
        self._go_to_statue()
        self.wait_s(0.4)
        self.picture("finding")
        broken, before = session.document, dance(session.document, session.active_track_id)
        began_s = time.perf_counter()
        self.key(Key.Key_F9)
        self.wait_for(lambda: findings.offer is not None, "a repair")
        self.found.facts["repair_ms"] = round(1000 * (time.perf_counter() - began_s))
        offer = findings.offer
        assert offer is not None
        self.check("a repair changes nothing before it is kept", session.document is broken)
        self.wait_s(0.4)
        self.picture("repair-as-ghost")
        self.key(Key.Key_Return)
        self.wait_for(lambda: findings.are_fresh, "a look at the mended bars")
        after = dance(session.document, session.active_track_id)
        outside = ((0, offer.start_frame), (offer.end_frame, before.n_frames))
        kept = all(same_frames(before.slice(*s), after.slice(*s)) for s in outside)
        self.check("outside the repair bit for bit", kept)
        self.check("the finding is mended", offer.entry.finding not in [e.finding for e in findings.entries])
        self.key(Key.Key_Z, _CTRL)
        self.check("undo gives back what was broken", session.document is broken)
        self.wait_for(lambda: findings.are_fresh, "a look at it again")

    def intend(self) -> None:
        """Shift+F9, a note and Enter: it is meant so; the steps since the kept take are taken back then."""
        findings, session = self.desk.findings, self.desk.session
        self._go_to_statue()
        self.key(Key.Key_F9, _SHIFT)
        panel = self.window.wiring.finding_work.panel
        assert panel is not None
        self.wait_for(panel.card.note.hasFocus, "a place for the note")
        QTest.keyClicks(panel.card.note, "a cut, as in film")
        self.key(Key.Key_Return)
        chosen = findings.selected
        self.check("the finding is intended", chosen is not None and chosen.waiver is not None)
        self.wait_s(0.3)
        self.picture("intended")
        self.canvas.setFocus()
        while session.document is not self._kept:
            self.key(Key.Key_Z, _CTRL)
        self.key(Key.Key_Escape)

    def _go_to_statue(self) -> None:
        """Go from finding to finding until one is the gap."""
        findings = self.desk.findings
        for _ in findings.shown:
            self.key(Key.Key_F8)
            if findings.selected is not None and findings.selected.finding.rule == "frozen":
                return
        raise AssertionError("the gap was not found")

    def save_and_reopen(self) -> None:
        """What is saved and opened again is equal."""
        path = self.folder / "tour.kino"
        self.desk.piece.save(path)
        self.wait_for(lambda: self.desk.piece.is_saved and path.exists(), "the saved piece")
        self.check("the file holds the piece", load_project(path) == self._kept)
        self.window.wiring.files.open_path(path)
        self.check("opening gives the piece back", self.desk.session.document == self._kept)
        self.wait_for(lambda: self.desk.piece.audio is not None, "the sound")

    def look_around(self) -> None:
        """Ghosts, trails, the whole piece, a clip with its takes."""
        session = self.desk.session
        track = session.document.tracks[0]
        clip = max(track.clips, key=lambda c: len(c.takes))
        session.select(track.id, clip.start_frame, clip.end_frame)
        session.seek_frame(clip.start_frame + 60)
        self.key(Key.Key_G)
        self.key(Key.Key_G, _SHIFT)
        self.window.timeline.zoom_fit()
        self.wait_s(0.4)
        self.picture("ghosts-and-trails")
        self.key(Key.Key_G)
        self.key(Key.Key_G, _SHIFT)

    def keys_page(self) -> None:
        """F1 shows all keys."""
        self.key(Key.Key_F1)
        self.wait_for(lambda: self.window.keys_overlay.isVisible(), "the keys")
        self.wait_s(0.1)
        self.picture("keys")
        self.key(Key.Key_Escape)
        self.wait_for(lambda: not self.window.keys_overlay.isVisible(), "the window again")

    # What is measured

    def measure(self, before: Document, after: Document, track_id: str, span: tuple[int, int]) -> None:
        """Whether all but the segment stayed, how far kept joints moved, and the steps at both seams."""
        old, new = (dance(d, track_id) for d in (before, after))
        start, end = span
        outside = ((0, start), (end, old.n_frames))
        others = [t.id for t in before.tracks if t.id != track_id]
        self.check("outside the segment bit for bit", all(same_frames(old.slice(*s), new.slice(*s)) for s in outside))
        self.check("other dancers bit for bit", all(same_frames(dance(before, t), dance(after, t)) for t in others))
        parts = self.desk.session.selected_clip.take.recipe.settings.locked_parts
        joints = [joint for part in sorted(parts) for joint in BODY_PARTS[part]]
        moved = np.abs(new.slice(*span).positions_m()[:, joints] - old.slice(*span).positions_m()[:, joints])
        free = np.abs(new.slice(*span).positions_m() - old.slice(*span).positions_m())
        self.check("the take is another dance", bool(free.max() > 0.05))
        steps = [seam_step(new, frame) for frame in span if 2 <= frame < new.n_frames - 2]
        self.found.facts |= {
            "kept_joints_moved_mm": round(1000 * float(moved.max()), 4),
            "seam_position_step_mm": round(1000 * max(step for step, _ in steps), 2),
            "seam_velocity_step_share": round(max(share for _, share in steps), 3),
        }

    def check(self, what: str, is_so: bool, seen: str = "") -> None:
        """A fact that must hold."""
        self.found.facts[what] = bool(is_so)
        assert is_so, f"not so: {what}; {seen}"

    # Hands and eyes

    @property
    def canvas(self) -> QWidget:
        """Where the timeline's lanes are."""
        return self.window.timeline.canvas

    def lane_y(self, kind: str, from_bottom: bool = False) -> int:
        """A place in the middle of the first lane of a kind, or near its lower edge where no clip is."""
        canvas = self.canvas
        lane = next(lane for lane in canvas.lanes if type(lane).__name__ == kind)
        height = lane.height(canvas.ink)
        return round(canvas.y_of(lane) + (0.7 if from_bottom else 0.5) * height)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
        """Press a key as the user would, wherever the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press, move in steps, let go."""
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, _NONE, start)
        for share in np.linspace(0.0, 1.0, 8)[1:]:
            place = QPointF(start) + share * QPointF(end - start)
            QTest.mouseMove(widget, place.toPoint())
            self.wait_s(0.01)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, _NONE, end)

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Let the window live until something is so."""
        loop, looking, giving_up = QEventLoop(), QTimer(interval=_LOOK_EVERY_MS), QTimer(singleShot=True)
        looking.timeout.connect(lambda: loop.quit() if is_so() else None)
        giving_up.timeout.connect(loop.quit)
        looking.start()
        giving_up.start(round(1000 * PATIENCE_S))
        if not is_so():
            loop.exec()
        looking.stop()
        if not is_so():
            raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")

    def wait_s(self, seconds: float) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def picture(self, name: str) -> None:
        """What the window shows, as the screen has it."""
        if not self._takes_pictures:
            return
        path = self.folder / f"{self._prefix}{name}.png"
        self.window.repaint()
        QApplication.processEvents()
        screen = self.window.screen() or QGuiApplication.primaryScreen()
        screen.grabWindow(0, *self.window.frameGeometry().getRect()).save(str(path))
        self.found.pictures.append(path)


def seam_step(motion: Motion, frame: int) -> tuple[float, float]:
    """How much more the joints move from the frame before a seam than around it, metres, and by what share of their
    speed there the speed changes.

    The first is the greatest over the joints of |x(f) - x(f-1)| - the mean step beside the seam; the second the
    change of all joints' mean velocity against the mean speed of the second around.
    """
    around = motion.slice(max(0, frame - 15), min(motion.n_frames, frame + 15)).positions_m()
    at = min(frame, 15)
    steps = np.diff(around, axis=0)
    speeds = np.linalg.norm(steps, axis=-1)
    usual = 0.5 * (speeds[at - 2] + speeds[at])
    jump_m = float(np.max(speeds[at - 1] - usual))
    change = np.linalg.norm(steps[at - 1] - 0.5 * (steps[at - 2] + steps[at]), axis=-1).mean()
    return max(jump_m, 0.0), float(change / max(speeds.mean(), 1e-9))

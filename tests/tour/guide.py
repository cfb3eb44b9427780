"""`run.py tour --docs`: the pictures of docs/guide.md and README.md, taken while the guide's steps are done."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.dialogs.export import ExportDialog
from app.dialogs.parts import Dialog
from editor.document.assemble import assemble_local
from editor.document.document import Take
from editor.document.following import stale_clips
from editor.document.grid_edits import set_tempo
from editor.document.take_edits import keep_take
from engine.timebase import frame_at
from tests.engine.structure.planted import KINDS
from tests.tour.tour import Found, Tour

N_COLOURS = 256
_LATER_MS = 700
Key = Qt.Key
_NONE, _ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class GuideTour(Tour):
    """Does what the guide tells; each `shot` is a picture in it."""

    def run(self) -> Found:
        """All pictures in the order of the guide."""
        for stop in (
            self.open_demo, self.select_bars, self.keep_legs, self.four_takes, self.shoot_takes, self.keep_third,
            self.shoot_shelf, self.shoot_ghosts, self.shoot_timeline, self.shoot_beats, self.shoot_stale,
            self.shoot_path, self.shoot_generate, self.shoot_findings, self.shoot_dialogs, self.shoot_keys,
            self.shoot_light,
        ):  # fmt: skip
            stop()
        return self.found

    # The stops

    def shoot_takes(self) -> None:
        """Four takes beneath the stage."""
        self.desk.session.seek(self.desk.session.playhead_s + 4.4)
        self.key(Key.Key_0, _ALT)
        self.shot("editor")
        self.shot("takes", self.window.strip)

    def shoot_shelf(self) -> None:
        """The kept take and those beside it."""
        self.give_height(self.window.docks["Takes"], 330)
        self.shot("shelf", self.window.docks["Takes"])

    def shoot_ghosts(self) -> None:
        """Where a dancer comes from and goes to."""
        session = self.desk.session
        session.select_nothing()
        session.seek(62.0)
        for modifiers in (_NONE, _SHIFT):
            self.key(Key.Key_G, modifiers)
        self.key(Key.Key_F)
        self.shot("ghosts", self.window.viewport)
        for modifiers in (_NONE, _SHIFT):
            self.key(Key.Key_G, modifiers)

    def shoot_timeline(self) -> None:
        """All lanes, with a hand-drawn line."""
        window, height = self.window, self.window.height()
        self.key(Key.Key_Home, _SHIFT)
        window.splitter.setSizes([height - 450, 450])
        window.timeline.draw_value("tension")
        view, y = window.timeline.view, self.lane_y("CurveLane")
        line = [(50, 30), (54, 20), (58, -10), (62, -25), (66, -5), (70, 25), (74, 32)]
        places = [QPoint(round(view.x_of(time_s)), y + dy) for time_s, dy in line]
        self.stroke(self.canvas, places)
        self.check("tension is drawn", window.desk.session.history.undo_labels[0] == "draw tension")
        self.wait_s(0.5)
        self.shot("timeline", window.timeline)
        self.key(Key.Key_Z, _CTRL)
        window.timeline.draw_value("joy")
        window.splitter.setSizes([54 * height // 100, 46 * height // 100])

    def shoot_beats(self) -> None:
        """Beats that are corrected: two pinned, one between them moved, two bars locked."""
        session = self.desk.session
        beats_s = session.document.music.beat_times_s
        undone = session.document
        self.key(Key.Key_W)
        self.wait_for(self.window.grid_bar.isVisible, "the bar of the beats")
        rate_hz = session.document.frame_rate_hz
        session.select(session.document.tracks[0].id, *(frame_at(float(beats_s[i]), rate_hz) for i in (28, 54)))
        self.window.timeline.zoom_selection()
        session.select_nothing()
        for beat in (32, 40):
            session.seek(float(beats_s[beat]))
            self.key(Key.Key_P, _ALT)
        session.seek(float(beats_s[44]))
        self.key(Key.Key_Q, _ALT)
        self.wait_s(0.3)
        y, view = self.lane_y("BarRuler"), self.window.timeline.view
        start = QPoint(round(view.x_of(float(beats_s[36]))), y)
        self.key(Key.Key_N)  # where it would land on the onset that it came from
        self.drag(self.canvas, start, QPoint(round(view.x_of(float(beats_s[36]) + 0.16)), y))
        self.key(Key.Key_N)
        moved_s = float(session.document.music.beat_times_s[36]) - float(beats_s[36])
        self.check("a beat was dragged, those at the pins stayed", abs(moved_s - 0.16) < 0.02, f"{moved_s:.3f} s")
        self.shot_of_timeline("beats")
        while session.document is not undone:
            self.key(Key.Key_Z, _CTRL)

    def shoot_stale(self) -> None:
        """A tempo that the dance cannot follow: the clip is stale, and Ctrl+R makes it anew."""
        session = self.desk.session
        undone = session.document
        bpm = 1.3 * session.document.music.tempo_bpm
        session.edit("exact tempo", lambda d: set_tempo(d, bpm, session.playhead_s))
        stale = [clip.id for _, clip in stale_clips(session.document)]
        self.check("clips are stale at another tempo", bool(stale))
        self.window.timeline.zoom_fit()
        self.shot_of_timeline("stale")
        before = session.document
        self.key(Key.Key_R, _CTRL)
        self.wait_for(lambda: session.document is not before, "a take for the stale clip")
        left = [clip.id for _, clip in stale_clips(session.document)]
        self.check("Ctrl+R made one of them anew", len(left) == len(stale) - 1, f"{stale} and then {left}")
        while session.document is not undone:
            self.key(Key.Key_Z, _CTRL)
        self.key(Key.Key_W)

    def shoot_path(self) -> None:
        """A way drawn on the floor, seen from above."""
        session, stage = self.desk.session, self.window.viewport
        self.select_bars()
        self.key(Key.Key_Q, _SHIFT)
        start_frame = session.selection.start_frame
        session.seek_frame(start_frame)
        self.key(Key.Key_F)
        self.key(Key.Key_7, _ALT)
        self.wait_s(0.5)
        for _ in range(2):
            stage.zoom(1.2)
        self.key(Key.Key_P)
        angles = np.linspace(0.0, 1.25 * np.pi, 14)
        way_m = 0.9 * np.stack([np.cos(angles) - 1.0, np.sin(angles)], axis=-1)
        self.stroke(stage, [self.pixel_of(*point) for point in self.hips_m() + way_m])
        self.wait_for(lambda: bool(session.settings.path_m), "a drawn path")
        before = session.document
        self.key(Key.Key_R)
        self.wait_for(lambda: session.document is not before, "a take along it")
        ways_m = np.array(session.settings.path_m)
        aways_m = []
        for frame in (start_frame + 60, start_frame + 110, start_frame + 160):
            session.seek_frame(frame)
            aways_m.append(np.linalg.norm(ways_m - self.hips_m(), axis=1).min())
        self.check("the take goes along the drawn path", max(aways_m) < 0.4, f"{aways_m} m away")
        session.seek_frame(start_frame + 110)
        self.key(Key.Key_G)
        self.shot("path", stage)
        self.key(Key.Key_G)
        self.key(Key.Key_0, _ALT)

    def shoot_generate(self) -> None:
        """The panel at the right in full height."""
        self.window.resize(self.window.width(), 1080)
        self.shot("generate", self.window.docks["Generate"])
        self.window.resize(self.window.width(), 900)

    def shoot_findings(self) -> None:
        """What the rules find, one of them with its card, measured on the figure, and its repair as a ghost."""
        findings, session = self.desk.findings, self.desk.session
        self._bend_an_elbow()
        session.select_nothing()
        self.window.timeline.zoom_fit()
        self.wait_for(lambda: findings.are_fresh, "a look at the dance")
        session.seek(0.0)
        self.give_height(self.window.docks["Findings"], 460)
        for _ in findings.shown:
            self.key(Key.Key_F8)
            chosen = findings.selected
            if chosen is not None and chosen.finding.repair == "clamp" and 12.0 < chosen.finding.excess < 90.0:
                break
        self.key(Key.Key_F)
        self.wait_s(0.5)
        self.window.viewport.zoom(0.75)
        self.key(Key.Key_F9)
        self.wait_for(lambda: findings.offer is not None or findings.is_beyond_repair, "a repair")
        self.shot("findings")
        self.key(Key.Key_Escape)
        self.window.resize(self.window.width(), 1080)
        self.give_height(self.window.docks["Findings"], 560)
        self.key(Key.Key_F9, _ALT)
        self.shot("finding", self.window.docks["Findings"])
        self.key(Key.Key_F9, _ALT)
        self.window.resize(self.window.width(), 900)
        self.key(Key.Key_Escape)
        self.key(Key.Key_0, _ALT)
        self.key(Key.Key_Z, _CTRL)

    def _bend_an_elbow(self) -> None:
        """There is nothing to find in the demo: an elbow of the active dancer is bent the wrong way."""
        session = self.desk.session
        track_id = session.active_track_id
        assert track_id is not None
        whole = assemble_local(session.document.track(track_id), session.document.n_frames)
        planted = KINDS["elbow bent back"][1](whole, np.random.default_rng(5))
        start, end = planted.start_frame - 15, planted.end_frame + 15
        take = Take("bent", "Bent", planted.motion.slice(start, end))
        session.edit("bend an elbow", lambda document: keep_take(document, track_id, start, end, take))

    def shoot_dialogs(self) -> None:
        """Dialogs over the window."""
        self.shot_of_dialog("export", lambda: self.key(Key.Key_E, _CTRL))

    def shoot_keys(self) -> None:
        """F1."""
        self.key(Key.Key_F1)
        self.wait_for(self.window.keys_overlay.isVisible, "the keys")
        self.shot("keys")
        self.key(Key.Key_Escape)

    def shoot_light(self) -> None:
        """The light theme."""
        self.desk.session.select_nothing()
        self.window.preferences.change(theme="light")
        self.window.timeline.zoom_fit()
        self.desk.session.seek(60.5)
        self.key(Key.Key_0, _ALT)
        self.shot("light")

    # Hands and eyes

    def stroke(self, widget: QWidget, places: list[QPoint]) -> None:
        """Draw through places with the left button."""
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, _NONE, places[0])
        for before, after in pairwise(places):
            for share in (0.25, 0.5, 0.75, 1.0):
                QTest.mouseMove(widget, before + (after - before) * share)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, _NONE, places[-1])

    def hips_m(self) -> np.ndarray:
        """Where the first dancer stands now, (x, z) in metres."""
        figures = self.desk.stage.view_at(self.desk.session.playhead_s).figures
        hips_m: np.ndarray = figures[0].pose.positions_m[0][[0, 2]]
        return hips_m

    def pixel_of(self, x_m: float, z_m: float) -> QPoint:
        """The pixel of the stage nearest to a point of the floor."""
        stage = self.window.viewport
        grid = [QPoint(x, y) for x in range(0, stage.width(), 6) for y in range(0, stage.height(), 6)]
        seen = [(point, stage.floor_at(QPointF(point))) for point in grid]
        return min(((p, at) for p, at in seen if at), key=lambda s: np.hypot(s[1][0] - x_m, s[1][1] - z_m))[0]

    def give_height(self, dock: QWidget, height: int) -> None:
        """Drag the border over a dock, as it were."""
        self.window.resizeDocks([dock], [height], Qt.Orientation.Vertical)

    def shot(self, name: str, part: QWidget | None = None) -> None:
        """A picture of the window or of a part of it, small enough for a repository."""
        self.wait_s(0.5)
        part = part or self.window
        self.keep(name, QRect(part.mapToGlobal(QPoint(0, 0)), part.size()))

    def shot_of_timeline(self, name: str) -> None:
        """A picture of the timeline with the bar of the beats over it."""
        self.wait_s(0.5)
        bar, timeline = self.window.grid_bar, self.window.timeline
        first, last = bar.mapToGlobal(QPoint(0, 0)), timeline.mapToGlobal(timeline.rect().bottomRight())
        self.keep(name, QRect(first, last))

    def keep(self, name: str, place: QRect) -> None:
        """Write what the screen shows there, in few colours."""
        path = self.folder / f"{name}.png"
        screen = self.window.screen() or QGuiApplication.primaryScreen()
        screen.grabWindow(0, *place.getRect()).save(str(path))
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        palette = picture.quantize(N_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3)
        picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
        self.found.pictures.append(path)

    def shot_of_dialog(self, name: str, opens: Callable[[], None]) -> None:
        """A picture of the dialog that a key opens, which then is closed by Esc."""

        def take() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, Dialog), f"{name}: {dialog}"
            if isinstance(dialog, ExportDialog):
                dialog.sections.names.setCurrentRow(1)
                dialog.place.setText("Demo duet.mp4")
            self.wait_s(0.3)
            self.keep(name, QRect(dialog.mapToGlobal(QPoint(0, 0)), dialog.size()))
            dialog.reject()

        QTimer.singleShot(_LATER_MS, take)
        opens()
        self.window.activateWindow()
        self.wait_for(self.window.isActiveWindow, "the window again")


"""Full screen, the stage alone, and the demo mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.recent import RecentFiles
from app.window.demo_mode import DemoMode
from app.window.desk import Desk
from app.window.files import Files
from app.window.input_watch import InputWatch
from app.window.showing import Showing
from viewer3d.follow import CameraPath, follow

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

_AT_END_S = 0.05
_AIR = 0.10  # of the picture, free on each side of the dancers


class WholeScreen:
    """What makes the window larger than its panels."""

    def __init__(
        self, window: EditorWindow, desk: Desk, files: Files, recent: RecentFiles, showing: Showing
    ) -> None:
        self._window, self._desk, self._files, self._recent, self._showing = window, desk, files, recent, showing
        self._was_full_screen = self._were_panels_hidden = False
        self.demo_mode = DemoMode(self._open, self._play, self._is_over, lambda: self.set_demo_mode(False))
        self._watch = InputWatch(lambda _: self.demo_mode.noticed())
        self.commands: dict[str, Callable[[], object]] = {
            "hide_ui": lambda: window.hide_panels(not window.are_panels_hidden),
            "full_screen": lambda: self._fill(not window.isFullScreen()),
            "demo_mode": lambda: self.set_demo_mode(not self._is_demo_on),
        }
        self._is_demo_on = False

    def set_demo_mode(self, is_on: bool) -> None:
        """F11: the stage alone in full screen with big counts, and pieces in a loop; or back."""
        window, desk = self._window, self._desk
        if is_on == self._is_demo_on or (is_on and not self._files.may_leave()):
            return
        self._is_demo_on = desk.stage.is_large = is_on
        window.viewport.has_cube = not is_on  # an audience turns nothing
        if is_on:
            self._was_full_screen, self._were_panels_hidden = window.isFullScreen(), window.are_panels_hidden
            window.hide_panels(True)
            self._fill(True)
            QApplication.instance().installEventFilter(self._watch)  # only now: it is called for every event there is
            recent = [entry.path for entry in self._recent.entries() if entry.is_there]
            self.demo_mode.start([desk.piece.path, *(p for p in recent if p != desk.piece.path)])
        else:
            self.stop()
            desk.transport.pause()
            self._leave_camera()
            window.hide_panels(self._were_panels_hidden)
            self._fill(self._was_full_screen)

    def stop(self) -> None:
        """End the demo; the window stays as it is."""
        QApplication.instance().removeEventFilter(self._watch)
        self.demo_mode.stop()

    def _fill(self, is_on: bool) -> None:
        """Full screen, or as the window was before."""
        state, full = self._window.windowState(), Qt.WindowState.WindowFullScreen
        self._window.setWindowState(state | full if is_on else state & ~full)

    def _open(self, path: Path | None) -> bool:
        piece = self._desk.piece
        self._leave_camera()
        is_open = piece.open_demo() if path is None else piece.open(path)
        if is_open and self._is_demo_on:
            self._take_everybody_in()
        return is_open and self._desk.session.document.duration_s > 0.0

    def _take_everybody_in(self) -> None:
        """Let the camera go with all dancers, so that nobody leaves the picture; found in the background."""
        viewport, document = self._window.viewport, self._desk.session.document
        motions = [motion for _, motion in self._desk.stage.seen()]
        if not motions:
            return
        screen = self._window.screen().size()
        aspect, seen = screen.width() / max(screen.height(), 1), viewport.camera()

        def take(path: CameraPath) -> None:
            if self._is_demo_on and self._desk.session.document is document:
                self._showing.camera_path = path
                self._showing.show()
                viewport.view("camera")

        offsets_m = [np.zeros(3)] * len(motions)  # the motions are where they stand
        self._desk.background.run_later(lambda: follow(motions, offsets_m, aspect, seen, _AIR), take)

    def _leave_camera(self) -> None:
        """The camera is the user's again, where it is now."""
        if self._showing.camera_path is not None:
            self._showing.camera_path = None
            self._window.viewport.set_camera(self._window.viewport.camera())

    def _play(self) -> None:
        self._desk.session.seek(0.0)
        self._desk.transport.play()

    def _is_over(self) -> bool:
        transport = self._desk.transport
        return not transport.is_playing and transport.position_s() >= transport.duration_s - _AT_END_S

"""Full screen, the stage alone, and the demo mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.recent import RecentFiles
from app.window.demo_mode import DemoMode
from app.window.desk import Desk
from app.window.files import Files
from app.window.input_watch import InputWatch

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

_AT_END_S = 0.05


class WholeScreen:
    """What makes the window larger than its panels."""

    def __init__(self, window: EditorWindow, desk: Desk, files: Files, recent: RecentFiles) -> None:
        self._window, self._desk, self._files, self._recent = window, desk, files, recent
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
        is_open = piece.open_demo() if path is None else piece.open(path)
        return is_open and self._desk.session.document.duration_s > 0.0

    def _play(self) -> None:
        self._desk.session.seek(0.0)
        self._desk.transport.play()

    def _is_over(self) -> bool:
        transport = self._desk.transport
        return not transport.is_playing and transport.position_s() >= transport.duration_s - _AT_END_S

"""Demo mode: the stage alone, big counts, pieces in a loop, and back to the first when somebody was there and left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

IDLE_S = 60.0
_LOOK_EVERY_MS = 250


class DemoMode:
    """Plays pieces one after the other; any number of them, again and again.

    Args:
        open_piece: Opens the piece of a file, or the demo piece for None; False where there is nothing to see.
        play: Starts it from its beginning.
        is_over: Whether it has come to its end.
        ended: Called when none of the pieces can be opened.
        idle_s: How long nobody touches anything before somebody who did counts as gone.
    """

    def __init__(
        self,
        open_piece: Callable[[Path | None], bool],
        play: Callable[[], None],
        is_over: Callable[[], bool],
        ended: Callable[[], None],
        idle_s: float = IDLE_S,
    ) -> None:
        self.is_on = False
        self._open_piece, self._play, self._is_over, self._ended = open_piece, play, is_over, ended
        self._playlist: list[Path | None] = [None]
        self._at = 0
        self._is_opening = False
        self._looking = QTimer(interval=_LOOK_EVERY_MS)
        self._looking.timeout.connect(self._look)
        self._idle = QTimer(interval=round(1000 * idle_s), singleShot=True)
        self._idle.timeout.connect(lambda: self._show(0))

    def start(self, playlist: list[Path | None]) -> None:
        """Begin with the first piece."""
        self._playlist = playlist or [None]
        self.is_on = True
        self._looking.start()
        self._show(0)

    def stop(self) -> None:
        """End the demo; what is shown stays."""
        self.is_on = False
        self._looking.stop()
        self._idle.stop()

    def noticed(self) -> None:
        """Somebody touched a key or the mouse: a minute after the last time the first piece is shown again."""
        if self.is_on:
            self._idle.start()

    def _look(self) -> None:
        if self._is_over():
            self._show((self._at + 1) % len(self._playlist))

    def _show(self, at: int) -> None:
        """Play a piece, or the next that can be opened."""
        if self._is_opening:  # a large piece takes a while, and timers go on
            return
        self._is_opening = True
        try:
            is_open = any(self._opens((at + step) % len(self._playlist)) for step in range(len(self._playlist)))
        finally:
            self._is_opening = False
        if not self.is_on:
            return
        if is_open:
            self._play()
        else:
            self.stop()
            self._ended()

    def _opens(self, at: int) -> bool:
        self._at = at
        return self._open_piece(self._playlist[at])

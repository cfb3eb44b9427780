"""Demo mode: the stage alone, big counts, pieces in a loop, and back to the first when nobody is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

IDLE_S = 60.0


class DemoMode:
    """Plays pieces one after the other; any number of them, again and again.

    Args:
        open_piece: Opens the piece of a file, or the demo piece for None; False where that failed.
        play: Starts it from its beginning.
        is_over: Whether it has come to its end.
    """

    def __init__(
        self, open_piece: Callable[[Path | None], bool], play: Callable[[], None], is_over: Callable[[], bool]
    ) -> None:
        self.is_on = False
        self._open_piece, self._play, self._is_over = open_piece, play, is_over
        self._playlist: list[Path | None] = [None]
        self._at = 0
        self._looking = QTimer(interval=250)
        self._looking.timeout.connect(self._look)
        self._idle = QTimer(interval=round(1000 * IDLE_S), singleShot=True)
        self._idle.timeout.connect(self._back_to_the_first)

    def start(self, playlist: list[Path | None]) -> None:
        """Begin with the first piece."""
        self._playlist = playlist or [None]
        self.is_on = True
        self._show(0)
        self._looking.start()
        self._idle.start()

    def stop(self) -> None:
        """End the demo; what is shown stays."""
        self.is_on = False
        self._looking.stop()
        self._idle.stop()

    def noticed(self) -> None:
        """Somebody touched a key or the mouse."""
        if self.is_on:
            self._idle.start()

    def _look(self) -> None:
        if self._is_over():
            self._show((self._at + 1) % len(self._playlist))

    def _back_to_the_first(self) -> None:
        # Alone with one piece there is nothing to go back to but its beginning, where it will be again anyway.
        if self._at != 0:
            self._show(0)
        self._idle.start()

    def _show(self, at: int) -> None:
        for step in range(len(self._playlist)):
            self._at = (at + step) % len(self._playlist)
            if self._open_piece(self._playlist[self._at]):
                self._play()
                return
        self.stop()

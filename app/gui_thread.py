"""Handing calls from other threads to the window's."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class GuiThread(QObject):
    """Made in the window's thread; `post` may be called from any, and the call is made in the window's."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Make `call` in the window's thread, soon; calls keep their order."""
        self._posted.emit(call)

    def _call(self, call: Callable[[], None]) -> None:
        call()

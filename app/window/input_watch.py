"""Noticing that somebody is there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject

_TYPES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel)


class InputWatch(QObject):
    """Tells of every key and mouse event in the program, without taking any; for an event filter."""

    def __init__(self, watch: Callable[[QEvent], None]) -> None:
        super().__init__()
        self._watch = watch

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _TYPES:
            self._watch(event)
        return False

"""Where a marker's name is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLineEdit


class NameField(QLineEdit):
    """A line of text in which every key is typing: Return and Esc end it, and call no command of the window."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

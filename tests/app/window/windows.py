"""Editor windows for tests: in a home of their own, on the demo piece, closed without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QDeadlineTimer, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.look import apply_theme
from app.settings import HOME_VARIABLE, PreferenceStore
from app.window.main_window import EditorWindow
from editor.theme import DARK
from tests.patience import PATIENCE_S

_LOOK_EVERY_MS = 5


@contextmanager
def editor_window(home: Path, **preferences: object) -> Iterator[EditorWindow]:
    """A window that is shown and has the focus, with nothing opened yet."""
    application = QApplication.instance()
    sheet, font, palette = application.styleSheet(), application.font(), application.palette()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home))
        store = PreferenceStore()
        store.change(is_first_start_done=True, **preferences)
        apply_theme(application, DARK, 1.0)
        window = EditorWindow(store)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        wait_for(window.isActiveWindow)
        yield window
        window.end()
        window.deleteLater()
        QTest.qWait(0)
    application.setStyleSheet(sheet)
    application.setFont(font)
    application.setPalette(palette)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    deadline = QDeadlineTimer(round(1000 * PATIENCE_S))
    while not is_so():
        assert not deadline.hasExpired(), "waited in vain"
        QTest.qWait(_LOOK_EVERY_MS)


def press(window: EditorWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the focus is."""
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)


def answer(text: str) -> None:
    """Press the button of that text in the next dialog that opens."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        buttons = [] if dialog is None else [b for b in dialog.findChildren(QPushButton) if b.text() == text]
        if buttons:
            buttons[0].click()
        else:
            QTimer.singleShot(_LOOK_EVERY_MS, look)

    QTimer.singleShot(0, look)

"""From the command line to the open window."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.window.main_window import EditorWindow

_COLLECT_AT_LATEST_MS = 5000


def run_editor(first: Path | None = None, *, opens_demo: bool = False) -> int:
    """Open the editor; returns the exit code when its window is closed.

    Args:
        first: A piece, a song or a motion file to begin with.
        opens_demo: Begin with the demo piece whatever else there is.
    """
    application, window = open_window()

    from PySide6.QtCore import QTimer

    from app.crash import CrashReports

    reports = CrashReports(window.messages.say, window.desk.gui.post)
    reports.install()
    application.focusWindowChanged.connect(lambda _: reports.guard())
    QTimer.singleShot(0, lambda: window.begin(first, opens_demo=opens_demo))
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python sees a signal only when it runs; this lets it look twice a second.
    awake = QTimer(interval=500)
    awake.timeout.connect(lambda: None)
    awake.start()
    code = application.exec()
    window.end()
    return int(code)


def open_window(splashed: Callable[[], None] = lambda: None) -> tuple[QApplication, EditorWindow]:
    """The application and its window, shown and empty; a splash screen is seen while most of the program is loaded.

    Args:
        splashed: Called when that is on the screen.
    """
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtGui import QSurfaceFormat
    from PySide6.QtWidgets import QApplication

    from app import __version__
    from app.look import apply_theme, icon
    from app.look.splash import splash
    from app.settings import PreferenceStore
    from editor.theme import THEMES
    from viewer3d.viewport_format import surface_format

    gc.disable()  # all that is made until the window is seen stays: looking through it again and again is in vain
    QSurfaceFormat.setDefaultFormat(surface_format(0))
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Kinetograph")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("kinetograph")
    preferences = PreferenceStore()
    theme = THEMES[preferences.values.theme]
    apply_theme(application, theme, preferences.values.ui_scale)
    application.setWindowIcon(icon("clapperboard", theme, 64, theme.accent))
    screen = splash(theme, preferences.values.ui_scale)
    screen.show()
    screen.repaint()
    application.processEvents()
    splashed()

    from app.window.main_window import EditorWindow

    window = EditorWindow(preferences)
    window.viewport.frameSwapped.connect(screen.deleteLater, Qt.ConnectionType.SingleShotConnection)
    window.viewport.frameSwapped.connect(_collect_again, Qt.ConnectionType.SingleShotConnection)
    QTimer.singleShot(_COLLECT_AT_LATEST_MS, _collect_again)  # where no picture comes
    window.show()
    return application, window


def _collect_again() -> None:
    gc.freeze()
    gc.enable()

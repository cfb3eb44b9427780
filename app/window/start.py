"""From the command line to the open window."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

_BEGAN_S = time.perf_counter()


def run_editor(first: Path | None = None, *, opens_demo: bool = False) -> int:
    """Open the editor; returns the exit code when its window is closed.

    Args:
        first: A piece, a song or a motion file to begin with.
        opens_demo: Begin with the demo piece whatever else there is.
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QSurfaceFormat
    from PySide6.QtWidgets import QApplication

    from app import __version__
    from app.crash import CrashReports
    from app.look import apply_theme, icon
    from app.settings import PreferenceStore
    from app.window.main_window import EditorWindow
    from editor.theme import THEMES
    from viewer3d.viewport import surface_format

    QSurfaceFormat.setDefaultFormat(surface_format(0))
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Kinetograph")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("kinetograph")
    preferences = PreferenceStore()
    theme = THEMES[preferences.values.theme]
    apply_theme(application, theme, preferences.values.ui_scale)
    application.setWindowIcon(icon("clapperboard", theme, 64, theme.accent))
    window = EditorWindow(preferences)
    reports = CrashReports(window.messages.say, window.desk.gui.post)
    reports.install()
    application.focusWindowChanged.connect(lambda _: reports.guard())
    window.show()
    QTimer.singleShot(0, lambda: window.begin(first, opens_demo=opens_demo))
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python sees a signal only when it runs; this lets it look twice a second.
    awake = QTimer(interval=500)
    awake.timeout.connect(lambda: None)
    awake.start()
    code = application.exec()
    window.end()
    return int(code)

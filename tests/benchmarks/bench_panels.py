"""The panels: painting the small figures of the take strip, and showing another selection."""

from __future__ import annotations

import os

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from editor.panels.figure import Figure
from editor.panels.generate_panel import GeneratePanel
from editor.theme import DARK
from tests.benchmarks.timing import best_s
from tests.dances import improvised
from tests.editor.panels.pieces import select_bars, session

N_PAINTS = 100
STYLES = [(f"style {i}", 1.0) for i in range(11)]


def run() -> None:
    """Print how long each takes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    figure = Figure(improvised(240))
    for ratio in (1.0, 2.0):
        picture = QImage(round(130 * ratio), round(150 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def paint(painter: QPainter = painter) -> None:
            for i in range(N_PAINTS):
                figure.paint(painter, QRectF(0, 0, 130, 150), i / 40, DARK, QColor(DARK.window))

        print(f"one small figure, {ratio:g} device pixels a pixel   {1e3 * best_s(paint) / N_PAINTS:6.2f} ms")
        painter.end()
    panel = GeneratePanel(session(), DARK)
    panel.set_styles(STYLES)
    panel.resize(290, 900)
    panel.show()
    bars = iter(range(1, 10**6))

    def select() -> None:
        first = next(bars) % 12 + 1
        select_bars(panel.session, first, first + 2)
        panel.grab()
        app.processEvents()

    print(f"another selection, shown and painted        {1e3 * best_s(select):6.2f} ms")
    panel.close()

"""What is seen while the rest of the program is loaded: its name, in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QLabel

from app.look.fonts import font
from app.look.icons import pixmap
from editor.theme import Theme

_SIZE = (420, 180)
_ICON_PX = 56


def splash(theme: Theme, ui_scale: float) -> QLabel:
    """A splash screen in the middle of the screen, not shown yet; close it when the window has its first picture.

    No QSplashScreen: that one waits up to a second for a window manager when it is shown.
    """
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio()
    width, height = (round(side * ui_scale) for side in _SIZE)
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.panel))
    painter = QPainter(picture)
    side = round(_ICON_PX * ui_scale)
    left, top = 40 * ui_scale, (height - side) / 2
    painter.drawPixmap(QRectF(left, top, side, side).toRect(), pixmap("clapperboard", theme, side, ratio, theme.accent))
    painter.setPen(QColor(theme.text))
    name = font("large", 1.8 * ui_scale, is_bold=True)
    painter.setFont(name)
    words = QRectF(left + side + 24 * ui_scale, 0, width, height)
    painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Kinetograph")
    painter.setPen(QColor(theme.line))
    painter.drawRect(QRectF(0, 0, width - 1, height - 1))
    painter.end()
    label = QLabel()
    label.setWindowFlags(Qt.WindowType.SplashScreen | Qt.WindowType.FramelessWindowHint)
    label.setPixmap(picture)
    label.setFixedSize(width, height)
    label.move(screen.availableGeometry().center() - label.rect().center())
    return label

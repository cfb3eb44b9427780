"""What all panels paint with: the theme's colours, sizes that follow the font, focus rings, hatching, keys."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from editor.theme import FONT_PX, RADIUS, Theme

SMALL, NORMAL, LARGE = range(3)


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A theme's colour, more or less opaque."""
    out = QColor(name)
    out.setAlphaF(alpha)
    return out


def mixed(one: str, other: str, share: float) -> QColor:
    """`one` with a share of `other` in it, 0 to 1."""
    a, b = QColor(one), QColor(other)
    parts = ((a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF()))
    return QColor.fromRgbF(*(x + (y - x) * share for x, y in parts))


def unit(widget: QWidget) -> float:
    """How many pixels a pixel of the theme's table is at the widget's font size."""
    font = widget.font()
    return _unit(font.family(), font.pixelSize(), font.pointSizeF())


def font_of(widget: QWidget, size: int = NORMAL, is_bold: bool = False) -> QFont:
    """The widget's font in one of the three sizes, with figures of equal width."""
    font = widget.font()
    key = (font.family(), font.pixelSize(), font.pointSizeF(), size, is_bold)
    found = _FONTS.get(key)
    if found is None:
        found = QFont(font)
        found.setPixelSize(max(round(FONT_PX[size] * unit(widget)), 1))
        found.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        found.setFeature(QFont.Tag("tnum"), 1)
        _FONTS[key] = found
    return QFont(found)  # which shares all with it, until somebody changes one of them


# Widgets ask for their fonts with every word that they paint, and the system takes long to find one.
_FONTS: dict[tuple[str, int, float, int, bool], QFont] = {}


@cache
def _unit(family: str, pixel_size: int, point_size: float) -> float:
    font = QFont(family)
    if pixel_size > 0:
        font.setPixelSize(pixel_size)
    else:
        font.setPointSizeF(point_size)
    return max(QFontInfo(font).pixelSize(), 1) / FONT_PX[NORMAL]


def text_width(text: str, font: QFont) -> float:
    """How wide a line of text is, pixels."""
    return QFontMetricsF(font).horizontalAdvance(text)


class Painted:
    """A widget, or a panel of such, that paints itself from a theme. Comes before the Qt class."""

    theme: Theme

    def set_theme(self, theme: Theme) -> None:
        """Paint this widget and all in it in another theme."""
        self.theme = theme
        self.on_theme()
        if isinstance(self, QWidget):
            spread_theme(self, theme)
            self.update()

    def on_theme(self) -> None:
        """Take from the theme what is not painted afresh each time."""


def spread_theme(parent: QObject, theme: Theme) -> None:
    """Give all painted widgets in `parent` a theme."""
    for child in parent.children():
        if isinstance(child, Painted):
            child.set_theme(theme)
        else:
            spread_theme(child, theme)


def fill_with(widget: QWidget, background: str, text: str) -> None:
    """Give a plain widget a theme's colours through its palette."""
    palette = widget.palette()
    for role in (palette.ColorRole.Window, palette.ColorRole.Base, palette.ColorRole.Button):
        palette.setColor(role, QColor(background))
    for role in (palette.ColorRole.WindowText, palette.ColorRole.Text, palette.ColorRole.ButtonText):
        palette.setColor(role, QColor(text))
    widget.setPalette(palette)


def begin(widget: QWidget) -> QPainter:
    """A painter on a widget, smooth."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def box(painter: QPainter, rect: QRectF, fill: QColor | None, line: QColor | None, radius: float = RADIUS) -> None:
    """A rounded box whose one-pixel line lies inside `rect`."""
    painter.setPen(QPen(line, 1.0) if line is not None else Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5) if line is not None else rect, radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, theme: Theme, radius: float = RADIUS) -> None:
    """The ring around what has the keyboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2.0))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def hatched(hue: QColor, size: float, ratio: float) -> QBrush:
    """Diagonal stripes `size` pixels apart for a screen of `ratio` device pixels each."""
    side = max(round(size * ratio), 3)
    tile = QPixmap(side, side)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(hue, max(1.3 * ratio, 1.0)))
    for shift in (-side, 0, side):
        painter.drawLine(shift, side, shift + side, 0)
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return QBrush(tile)


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    """A rounded box to clip by."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def key_cap(painter: QPainter, right: float, middle: float, key: str, font: QFont, hue: QColor) -> float:
    """A key's name in a small frame that ends at `right`; returns where it begins."""
    width = text_width(key, font) + 8
    height = QFontMetricsF(font).height() + 1
    frame = QRectF(right - width, middle - height / 2, width, height)
    line = QColor(hue)
    line.setAlphaF(0.55 * hue.alphaF())
    box(painter, frame, None, line, 3)
    painter.setFont(font)
    painter.setPen(hue)
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, key)
    return frame.left()


def tip(action: str, key: str = "", why: str = "") -> str:
    """A tooltip: action, key, one line of why."""
    first = f"{action} ({key})" if key else action
    return f"{first}\n{why}" if why else first

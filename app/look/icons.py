"""Icons: the bundled Lucide drawings in a theme's colours, crisp at every size and pixel ratio."""

from __future__ import annotations

import functools

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.look.contrast import mixed
from app.look.pictures import picture_file, recoloured
from editor.theme import Theme

SIZE_PX = 16

# A severity's shape and the theme's colour for it: never colour alone.
SEVERITIES = {"error": ("triangle-alert", "error"), "warning": ("diamond", "warning"), "note": ("circle", "note")}


def icon(name: str, theme: Theme, size: int = SIZE_PX, colour: str = "") -> QIcon:
    """An icon, muted while disabled, in the accent while checked.

    Args:
        name: Of a file in resources/icons, such as "play".
        theme: Gives the colours.
        size: The size that Qt is told of, in pixels.
        colour: Instead of the theme's text colour, #rrggbb; for both states.

    Raises:
        KeyError: There is no icon of that name.
    """
    on, off = QIcon.State.On, QIcon.State.Off
    dim = disabled_colour(theme)
    made = QIcon()
    for shade, mode, state in (
        (colour or theme.text, QIcon.Mode.Normal, off),
        (colour or theme.accent, QIcon.Mode.Normal, on),
        (dim, QIcon.Mode.Disabled, off),
        (dim, QIcon.Mode.Disabled, on),
    ):
        made.addFile(str(picture_file(name, shade)), QSize(size, size), mode, state)
    return made


def pixmap(name: str, theme: Theme, size: int, ratio: float = 1.0, colour: str = "") -> QPixmap:
    """An icon as a picture of `size` by `size`, for a label."""
    return QPixmap.fromImage(_drawn(name, colour or theme.text, size, ratio))


def severity_pixmap(severity: str, theme: Theme, size: int, ratio: float = 1.0) -> QPixmap:
    """The shape of a severity in its colour: triangle, diamond or circle."""
    name, colour = SEVERITIES[severity]
    return pixmap(name, theme, size, ratio, getattr(theme, colour))


def disabled_colour(theme: Theme) -> str:
    """Of text and icons that cannot be used now."""
    return mixed(theme.panel, theme.muted, 0.6)


@functools.lru_cache(maxsize=256)
def _drawn(name: str, colour: str, size: int, ratio: float) -> QImage:
    side = max(round(size * ratio), 1)
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(recoloured(name, colour).encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture

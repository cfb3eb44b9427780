"""The words over the viewport's picture and the view cube, painted by Qt at the screen's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPolygonF, QTransform

from engine.motion.house import JOINT
from viewer3d.camera import Camera
from viewer3d.picking import part_words
from viewer3d.pictures import Picture
from viewer3d.stage_view import HudLines, Picked, StageColours, StageView, placed
from viewer3d.view_cube import faces

CUBE_SIZE = (56, 92)  # of the square it turns in, in the window's pixels: in a small window and in a large one
_CUBE_SHARE = 0.2  # of the window's shorter side
_CUBE_AWAY = 0.4  # how much of it is seen while the mouse is elsewhere: a dancer may stand behind it
MARGIN = 12
_FAINT = 120  # of 255: the plate under what lies over the dancers all the time
_AIR_PX = 6  # between a label and the window's edge
_KEPT = 48  # painted words and cubes, before those that are not in use are forgotten
_HEAD = JOINT["Head"]
_OVER_HEAD, _OVER_PART = 0.36, 0.10  # metres
_APART_PX = (56.0, 22.0)  # labels nearer than this lie on one another
_BEYOND_PX = np.array([22.0, 14.0])  # half a label's size, and a gap
_LARGE_COUNT = 0.30  # of the height, for a room to read
_NOTICE_OF_HEIGHT = 0.42  # seen from the other side of a studio


@dataclass(frozen=True)
class Label:
    """Words at a point of the picture, in the window's pixels; centred above it."""

    words: str
    x: float
    y: float
    is_strong: bool = False


@dataclass(frozen=True)
class _Line:
    words: str
    size_px: float
    is_bold: bool = False
    is_muted: bool = False


class Overlay:
    """Paints words and cube into pictures, and keeps those that did not change."""

    def __init__(self) -> None:
        self._kept: dict[object, np.ndarray] = {}
        self._used: set[object] = set()

    def pictures(
        self, hud: HudLines, labels: Sequence[Label], cube: Camera | None, size: QSize, ratio: float, font: QFont,
        colours: StageColours, is_mirrored: bool, hovered_face: str | None, is_at_cube: bool = True,
    ) -> list[Picture]:  # fmt: skip
        """All pictures for a window of `size`, whose pixels are `ratio` device pixels; away from the cube it fades."""
        self._used.clear()
        paint = _Paint(font, ratio, colours)
        out: list[Picture] = []
        for label in sorted(labels, key=lambda label: not label.is_strong):
            out.append(_above(self._label(label, paint, size, cube is not None), out))
        if cube is not None:
            out.append(self._cube(cube, paint, size, is_mirrored, hovered_face, is_at_cube))
        out += self._hud(hud, paint, size)
        if len(self._kept) > _KEPT:
            self._kept = {key: self._kept[key] for key in self._used}
        return out

    def _block(
        self, lines: Sequence[_Line], align: Qt.AlignmentFlag, paint: _Paint, has_plate: bool = False
    ) -> np.ndarray:
        key = (tuple(lines), align, has_plate, paint.key())
        self._used.add(key)
        if key not in self._kept:
            self._kept[key] = paint.block(lines, align, has_plate)
        return self._kept[key]

    def _hud(self, hud: HudLines, paint: _Paint, size: QSize) -> list[Picture]:
        base = paint.font_px
        right, bottom = round(size.width() * paint.ratio), round(size.height() * paint.ratio)
        margin = round(MARGIN * paint.ratio)
        count_px = max(_LARGE_COUNT * size.height(), 4.0 * base) if hud.is_large else 3.0 * base
        detail_px = max(0.045 * size.height(), 1.4 * base) if hud.is_large else 1.1 * base
        out = []
        lower = [_Line(hud.count, count_px, is_bold=True)] if hud.count else []
        lower += [_Line(hud.detail, detail_px, is_muted=not hud.is_large)] if hud.detail else []
        if lower:
            block = self._block(lower, Qt.AlignmentFlag.AlignRight, paint, has_plate=not hud.is_large)
            out.append(Picture(right - margin - block.shape[1], bottom - margin - block.shape[0], block))
        if hud.title:
            plate = self._plate(hud.title, True, paint, detail_px * 1.15)
            out.append(Picture(margin, margin, plate))
        if hud.notice:
            notice_px = max(_NOTICE_OF_HEIGHT * size.height(), 4.0 * base)
            block = self._block([_Line(hud.notice, notice_px, is_bold=True)], Qt.AlignmentFlag.AlignHCenter, paint)
            out.append(Picture((right - block.shape[1]) // 2, (bottom - block.shape[0]) // 2, block))
        return out

    def _label(self, label: Label, paint: _Paint, size: QSize, has_cube: bool) -> Picture:
        """Inside the window with a little air, and beside the cube."""
        pixels = self._plate(label.words, label.is_strong, paint, paint.font_px)
        h, w = pixels.shape[:2]
        x, y = round(label.x * paint.ratio - 0.5 * w), round(label.y * paint.ratio - h)
        air = round(_AIR_PX * paint.ratio)
        most_x = round(size.width() * paint.ratio) - w - air
        most_y = round(size.height() * paint.ratio) - h - air
        x, y = min(max(x, air), max(most_x, 0)), min(max(y, air), max(most_y, 0))
        cube = cube_place(size)
        if has_cube and x + w > cube.left() * paint.ratio and y < cube.bottom() * paint.ratio:
            x = max(round(cube.left() * paint.ratio) - w, 0)
        return Picture(x, y, pixels)

    def _plate(self, words: str, is_strong: bool, paint: _Paint, size_px: float) -> np.ndarray:
        key = ("plate", words, is_strong, size_px, paint.key())
        self._used.add(key)
        if key not in self._kept:
            self._kept[key] = paint.tag(words, is_strong, size_px)
        return self._kept[key]

    def _cube(
        self, camera: Camera, paint: _Paint, size: QSize, is_mirrored: bool, hovered_face: str | None, is_at_it: bool
    ) -> Picture:
        place = cube_place(size)
        turned = (round(camera.yaw_rad, 3), round(camera.pitch_rad, 3), is_mirrored)
        shown = (hovered_face, is_at_it, place.width())
        key = ("cube", turned, shown, paint.key())
        self._used.add(key)
        if key not in self._kept:
            opacity = 1.0 if is_at_it else _CUBE_AWAY
            self._kept[key] = paint.cube(camera, is_mirrored, hovered_face, place.width(), opacity)
        return Picture(round(place.x() * paint.ratio), round(place.y() * paint.ratio), self._kept[key])


def _above(label: Picture, others: Sequence[Picture]) -> Picture:
    """A label moved up until it lies on no other one; down, where there is no room above."""
    h, w = label.pixels.shape[:2]
    beside = [o for o in others if o.x < label.x + w and label.x < o.x + o.pixels.shape[1]]
    for is_up in (True, False):
        y = label.y
        for _ in beside:
            on = [o for o in beside if o.y < y + h and y < o.y + o.pixels.shape[0]]
            if on:
                y = min(o.y for o in on) - h if is_up else max(o.y + o.pixels.shape[0] for o in on)
        if y >= 0:
            return replace(label, y=y)
    return label


def labels_of(view: StageView, camera: Camera, pointed: Picked | None, size: QSize) -> list[Label]:
    """Names and counts over heads, and the name of the part under the mouse."""
    said = [(f.name, f.is_selected, placed(f), _HEAD, _OVER_HEAD) for f in view.figures if f.name]
    said += [(g.label, False, placed(g), _HEAD, _OVER_HEAD) for g in view.ghosts if g.label]
    figure = next((f for f in view.figures if pointed and f.id == pointed.figure_id), None)
    if figure is not None and pointed is not None:
        joint = figure.skeleton.index(pointed.joint_name)
        said.append((part_words(pointed.part_name) or pointed.joint_name, False, placed(figure), joint, _OVER_PART))
    places = [
        (words, is_strong, positions[min(joint, len(positions) - 1)] + np.array([0.0, over_m, 0.0]))
        for words, is_strong, positions, joint, over_m in said
    ]
    labels: list[Label] = []
    for words, is_strong, at in places:
        x, y, depth = (float(v) for v in camera.project(at, size.width(), size.height()))
        if depth > 0.0 and 0.0 <= x <= size.width() and y <= size.height():  # nobody's who is beside the picture
            labels.append(Label(words, size.width() - x if view.is_mirrored else x, y, is_strong))
    return labels + _measure_labels(view, camera, size)


def _measure_labels(view: StageView, camera: Camera, size: QSize) -> list[Label]:
    """What is measured, beyond the ends of its lines, where it hides least of them."""
    labels: list[Label] = []
    for measure in view.measures:
        if not measure.label:
            continue
        seen = camera.project(np.asarray(measure.points_m, dtype=float)[-2:], size.width(), size.height())
        if float(seen[:, 2].min()) <= 0.0:
            continue
        if view.is_mirrored:
            seen[:, 0] = size.width() - seen[:, 0]
        way = seen[-1, :2] - seen[0, :2]
        length = float(np.hypot(*way))
        way = way / length if length > 1.0 else np.array([0.0, -1.0])
        x, y = (float(v) for v in seen[-1, :2] + way * _BEYOND_PX)
        y += 0.5 * _APART_PX[1]  # a label stands above its place, and this is its middle
        near = [other for other in labels if abs(other.x - x) < _APART_PX[0] and abs(other.y - y) < _APART_PX[1]]
        if near:  # two values of one joint are read one over the other
            y = max(other.y for other in near) + _APART_PX[1]
        labels.append(Label(measure.label, x, y, measure.role != "allowed"))
    return labels


def cube_place(size: QSize) -> QRectF:
    """Where the view cube is in a window of a size."""
    least, most = CUBE_SIZE
    side = min(max(round(_CUBE_SHARE * min(size.width(), size.height())), least), most)
    return QRectF(size.width() - MARGIN - side, MARGIN, side, side)


class _Paint:
    """Paints one thing at a time into an image of its own."""

    def __init__(self, font: QFont, ratio: float, colours: StageColours) -> None:
        self._font, self.ratio, self._colours = font, ratio, colours
        self.font_px = float(font.pixelSize()) if font.pixelSize() > 0 else font.pointSizeF() * 96.0 / 72.0
        self._text = QColor("#e6e7ea" if colours.is_dark else "#1d1f24")
        self._muted = QColor("#b4b7c0" if colours.is_dark else "#4a4f5a")
        self._plate = QColor(20, 21, 24, 205) if colours.is_dark else QColor(255, 255, 255, 225)
        self._halo = QColor(0, 0, 0, 150) if colours.is_dark else QColor(255, 255, 255, 170)

    def key(self) -> object:
        """What the picture depends on beside its content."""
        return (self._font.key(), self.ratio, self._colours)

    def block(self, lines: Sequence[_Line], align: Qt.AlignmentFlag, has_plate: bool = False) -> np.ndarray:
        """Lines one under the other; on a plate they are read before a body too."""
        fonts = [self._sized(line.size_px, is_bold=line.is_bold) for line in lines]
        metrics = [QFontMetricsF(font) for font in fonts]
        widths = [m.horizontalAdvance(line.words) for m, line in zip(metrics, lines, strict=True)]
        # Figures have no descenders: the lines of large ones may stand closer.
        sizes = [line.size_px for line in lines]
        heights = [m.capHeight() + 0.45 * m.descent() + 0.25 * px for m, px in zip(metrics, sizes, strict=True)]
        pad = 8.0 if has_plate else 3.0
        image, painter = self._begin(max(widths) + 2 * pad, sum(heights) + 2 * pad)
        if has_plate:
            painter.setPen(Qt.PenStyle.NoPen)
            plate = QColor(self._plate)
            plate.setAlpha(_FAINT)
            painter.setBrush(plate)
            painter.drawRoundedRect(QRectF(0.0, 0.0, max(widths) + 2 * pad, sum(heights) + 2 * pad), 4.0, 4.0)
        y = pad
        for line, font, m, w, h in zip(lines, fonts, metrics, widths, heights, strict=True):
            spare = max(widths) - w
            share = {Qt.AlignmentFlag.AlignRight: 1.0, Qt.AlignmentFlag.AlignHCenter: 0.5}.get(align, 0.0)
            at = QPointF(pad + share * spare, y + m.capHeight())
            painter.setFont(font)
            painter.setPen(self._halo)
            for dx, dy in ((0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0)):
                painter.drawText(at + QPointF(dx, dy), line.words)
            painter.setPen(self._muted if line.is_muted else self._text)
            painter.drawText(at, line.words)
            y += h
        return _pixels(image, painter)

    def tag(self, words: str, is_strong: bool, size_px: float) -> np.ndarray:
        """Words on a small plate."""
        font = self._sized(size_px, is_bold=is_strong)
        metrics = QFontMetricsF(font)
        w, h = metrics.horizontalAdvance(words) + 12.0, metrics.height() + 4.0
        image, painter = self._begin(w, h + 4.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._plate)
        painter.drawRoundedRect(QRectF(0.0, 0.0, w, h), 4.0, 4.0)
        painter.setFont(font)
        painter.setPen(self._text)
        painter.drawText(QRectF(0.0, 0.0, w, h), Qt.AlignmentFlag.AlignCenter, words)
        return _pixels(image, painter)

    def cube(
        self, camera: Camera, is_mirrored: bool, hovered_face: str | None, side: float, opacity: float
    ) -> np.ndarray:
        """The view cube as seen from a camera, in a square of `side`, 0 to 1 of it seen."""
        image, painter = self._begin(side, side)
        painter.setOpacity(opacity)
        painter.translate(0.5 * side, 0.5 * side)
        painter.scale(0.5 * side, -0.5 * side)
        accent = QColor(self._colours.accent)
        low, high = (62, 104) if self._colours.is_dark else (190, 246)
        for face in faces(camera, is_mirrored=is_mirrored):
            grey = round(low + (high - low) * face.facing)
            fill = accent if face.view == hovered_face else QColor(grey, grey + 2, min(grey + 7, 255))
            corners = QPolygonF([QPointF(float(x), float(y)) for x, y in face.corners])
            pen = painter.pen()
            pen.setColor(QColor(18, 19, 22, 220) if self._colours.is_dark else QColor(120, 124, 132))
            pen.setWidthF(2.2 / side)
            painter.setPen(pen)
            painter.setBrush(QColor(fill.red(), fill.green(), fill.blue(), 235))
            painter.drawPolygon(corners)
            self._word_on(painter, face.word, corners, face.facing)
        return _pixels(image, painter)

    def _word_on(self, painter: QPainter, word: str, corners: QPolygonF, facing: float) -> None:
        unit = 100.0
        square = QPolygonF([QPointF(0, 0), QPointF(unit, 0), QPointF(unit, unit), QPointF(0, unit)])
        onto = QTransform()
        if facing < 0.2 or not QTransform.quadToQuad(square, corners, onto):
            return
        painter.save()
        painter.setTransform(onto, True)
        painter.setFont(self._sized(24.0, is_bold=True))
        text = QColor(self._text)
        text.setAlphaF(min(1.0, 1.6 * facing))
        painter.setPen(text)
        painter.drawText(QRectF(0.0, 0.0, unit, unit), Qt.AlignmentFlag.AlignCenter, word)
        painter.restore()

    def _sized(self, size_px: float, *, is_bold: bool) -> QFont:
        font = QFont(self._font)
        font.setPixelSize(max(round(size_px), 6))
        font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _begin(self, width: float, height: float) -> tuple[QImage, QPainter]:
        image = QImage(
            max(int(np.ceil(width * self.ratio)), 1), max(int(np.ceil(height * self.ratio)), 1),
            QImage.Format.Format_RGBA8888_Premultiplied,
        )  # fmt: skip
        image.setDevicePixelRatio(self.ratio)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        return image, painter


def _pixels(image: QImage, painter: QPainter) -> np.ndarray:
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()

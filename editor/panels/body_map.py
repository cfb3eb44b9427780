"""A figure seen from the front whose parts are kept or danced anew by a click."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.panels.glyphs import draw_glyph
from editor.theme import Theme
from engine.generation.request import locked_closure
from engine.motion.house import BODY_PARTS

# The figure on a grid of 100 by 190, its middle at x = 50. Capsules: from, to, radius at both ends. The dancer faces
# us, so her left is on our right; the right side is the left one mirrored.
_W, _H = 100.0, 190.0
_Capsule = tuple[tuple[float, float], tuple[float, float], float, float]
_ARM: tuple[_Capsule, ...] = (((67.5, 46.5), (75.5, 72), 6.4, 4.9), ((75.5, 72), (82, 98), 5.1, 3.4),
                              ((82.4, 100), (85, 110), 3.7, 3.0))  # fmt: skip
_LEG: tuple[_Capsule, ...] = (((58.6, 101), (60.2, 138), 8.4, 5.9), ((60.2, 138), (61.6, 171), 5.9, 3.7),
                              ((61.6, 175), (65.5, 180.5), 3.8, 3.9))  # fmt: skip
_HEAD = (50.0, 17.0, 9.0, 11.4)  # middle and radii
_NECK: _Capsule = ((50, 27), (50, 37), 4.3, 5.4)
_CHEST = ((50, 35.5), (57, 37), (67, 39), (67.5, 44), (64.5, 55), (61.5, 67), (60.5, 78), (58, 81), (50, 82),
          (42, 81), (39.5, 78), (38.5, 67), (35.5, 55), (32.5, 44), (33, 39), (43, 37))  # fmt: skip
_HIPS = ((50, 84.2), (59, 83.2), (62, 86), (65.5, 94), (67, 101), (60, 103), (54, 106), (50, 110), (46, 106),
         (40, 103), (33, 101), (34.5, 94), (38, 86), (41, 83.2))  # fmt: skip

HUES = {"hips": "trunk", "spine": "trunk", "left_arm": "left", "left_leg": "left", "right_arm": "right",
        "right_leg": "right"}  # fmt: skip
WORDS = {"hips": "Hips", "spine": "Torso and head", "left_arm": "Left arm", "right_arm": "Right arm",
         "left_leg": "Left leg", "right_leg": "Right leg"}  # fmt: skip
_PADLOCKS = {"hips": (50, 92.5), "spine": (50, 55), "left_arm": (77.5, 79), "right_arm": (22.5, 79),
             "left_leg": (60, 134), "right_leg": (40, 134)}  # fmt: skip
PRESETS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("Keep legs", frozenset({"hips", "left_leg", "right_leg"}), "Steps stay as they are, arms and torso are new"),
    ("Keep arms", frozenset({"left_arm", "right_arm"}), "Arms stay as they are, steps are new"),
    ("All but arms", frozenset(BODY_PARTS) - {"left_arm", "right_arm"}, "Only the arms are new"),
    ("None", frozenset(), "Everything is danced anew"),
)


class BodyMap(Painted, QWidget):
    """Which parts of the body a new take keeps.

    Signals:
        changed(frozenset): The parts that the user wants kept.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._kept: frozenset[str] = frozenset()
        self._hovered = ""
        self._shapes = _shapes()
        self._toggles = {part: _Toggle(part, self) for part in BODY_PARTS}
        for part, toggle in self._toggles.items():
            toggle.clicked.connect(partial(self._toggle, part))
        self.setMouseTracking(True)
        self.setAccessibleName("Body map")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._describe()

    @property
    def kept(self) -> frozenset[str]:
        """The parts that are locked."""
        return self._kept

    def set_kept(self, parts: frozenset[str]) -> None:
        """Show which parts are locked; nothing is emitted."""
        self._kept = frozenset(parts)
        self._describe()
        self.update()

    def toggle_of(self, part: str) -> QAbstractButton:
        """The toggle that the keyboard and assistive technology reach a part by."""
        return self._toggles[part]

    def part_at(self, point: QPointF) -> str:
        """The part under a point of the widget; empty beside the figure."""
        inverse, _ = self._placement().inverted()
        on_grid = inverse.map(point)
        return next((part for part, shape in self._shapes.items() if _near(shape, on_grid)), "")

    def place_of(self, part: str) -> QPointF:
        """A point of the widget that lies on a part."""
        return self._placement().map(QPointF(*_PADLOCKS[part]))

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        return QSize(round(104 * scale), round(_H * scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if part != self._hovered:
            self._hovered = part
            self.setToolTip(self._toggles[part].toolTip() if part else "")
            self.setCursor(Qt.CursorShape.PointingHandCursor if part else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = ""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if part and event.button() == Qt.MouseButton.LeftButton:
            self._toggle(part)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = drawing.begin(self)
        along = locked_closure(self._kept) - self._kept
        place = self._placement()
        for part, shape in self._shapes.items():
            self._paint_part(painter, part, place.map(shape), part in along)
        self._paint_sides(painter, place)
        for part in self._kept:
            side = 14 * drawing.unit(self)
            middle = self.place_of(part)
            disc = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
            drawing.box(painter, disc, QColor(self.theme.window), QColor(self.theme.text), side / 2)
            draw_glyph(painter, "lock", disc.adjusted(3, 3, -3, -3), QColor(self.theme.text), 1.8)

    def _paint_part(self, painter: QPainter, part: str, shape: QPainterPath, is_along: bool) -> None:
        theme, hue = self.theme, getattr(self.theme, HUES[part])
        is_kept, scale = part in self._kept, drawing.unit(self)
        share = 0.85 if not (is_kept or is_along) else 0.32
        fill = drawing.mixed(theme.panel, hue, share)
        if part == self._hovered:
            fill = drawing.mixed(fill.name(), theme.text, 0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPath(shape)
        if is_kept or is_along:
            stripes = drawing.mixed(theme.panel, hue, 1.0 if is_kept else 0.55)
            painter.setBrush(drawing.hatched(stripes, 5 * scale, self.devicePixelRatioF()))
            painter.drawPath(shape)
            line = QPen(drawing.mixed(theme.panel, hue, 1.0), 1.3 * scale)
            if is_along:
                line.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(line)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shape)
        if self._toggles[part].hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2.4 * scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shape)

    def _paint_sides(self, painter: QPainter, place: QTransform) -> None:
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(self.theme.muted))
        for letter, x in (("R", 6.0), ("L", 94.0)):
            at = place.map(QPointF(x, 122))
            painter.drawText(QRectF(at.x() - 8, at.y() - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, letter)

    def _placement(self) -> QTransform:
        scale = min(self.width() / _W, self.height() / _H)
        left, top = (self.width() - _W * scale) / 2, (self.height() - _H * scale) / 2
        return QTransform().translate(left, top).scale(scale, scale)

    def _toggle(self, part: str, _checked: bool = False) -> None:
        self.set_kept(self._kept ^ {part})
        self.changed.emit(self._kept)

    def _describe(self) -> None:
        along = locked_closure(self._kept) - self._kept
        for part, toggle in self._toggles.items():
            toggle.setChecked(part in self._kept)
            state = "kept" if part in self._kept else "kept along" if part in along else "danced anew"
            why = "A kept arm needs what carries it to stay." if part in along else "A new take leaves kept parts be."
            toggle.setAccessibleDescription(state)
            toggle.setToolTip(drawing.tip(f"{WORDS[part]}: {state}", "click or Space", why))


class _Toggle(QAbstractButton):
    """A part for the keyboard and assistive technology; the map itself paints, and takes the mouse."""

    def __init__(self, part: str, parent: BodyMap) -> None:
        super().__init__(parent)
        self._map = parent
        self.setCheckable(True)
        self.setText(WORDS[part])
        self.setAccessibleName(f"Keep {WORDS[part].lower()}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(0, 0, 1, 1)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._map.update()
        if event.type() == QEvent.Type.ShortcutOverride and _is_space(event):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing: the map paints."""


def _is_space(event: QEvent) -> bool:
    key: Callable[[], int] | None = getattr(event, "key", None)
    return key is not None and key() == Qt.Key.Key_Space


def capsule(start: tuple[float, float], end: tuple[float, float], first: float, last: float) -> QPainterPath:
    """A tapered capsule between two points."""
    one, other = QPointF(*start), QPointF(*end)
    along = other - one
    length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1e-6)
    across = QPointF(-along.y() / length, along.x() / length)
    path = QPainterPath()
    path.addEllipse(one, first, first)
    side = QPainterPath(one + across * first)
    for corner in (other + across * last, other - across * last, one - across * first):
        side.lineTo(corner)
    side.closeSubpath()
    tip = QPainterPath()
    tip.addEllipse(other, last, last)
    return path.united(side).united(tip)


def _smooth(corners: tuple[tuple[float, float], ...]) -> QPainterPath:
    """A closed outline with round corners: through the middles of its sides."""
    points = [QPointF(*corner) for corner in corners]
    middles = [(a + b) / 2 for a, b in zip(points, points[1:] + points[:1], strict=True)]
    path = QPainterPath(middles[-1])
    for corner, middle in zip(points, middles, strict=True):
        path.quadTo(corner, middle)
    path.closeSubpath()
    return path


def _united(capsules: tuple[_Capsule, ...]) -> QPainterPath:
    out = QPainterPath()
    for one in capsules:
        out = out.united(capsule(*one))
    return out


def _shapes() -> dict[str, QPainterPath]:
    """The parts' outlines on the grid, those in front first."""
    over = QTransform(-1, 0, 0, 1, _W, 0)
    head = QPainterPath()
    head.addEllipse(QPointF(*_HEAD[:2]), *_HEAD[2:])
    spine = _smooth(_CHEST).united(capsule(*_NECK)).united(head)
    arm, leg, hips = _united(_ARM), _united(_LEG), _smooth(_HIPS)
    out = {"left_arm": arm, "right_arm": over.map(arm), "hips": hips, "spine": spine}
    leg = leg.subtracted(_grown(hips))
    out |= {"left_leg": leg, "right_leg": over.map(leg)}
    arm = arm.subtracted(_grown(spine))
    return out | {"left_arm": arm, "right_arm": over.map(arm)}


def _grown(shape: QPainterPath, by: float = 1.2) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(2 * by)
    return shape.united(stroker.createStroke(shape))


def _near(shape: QPainterPath, point: QPointF, reach: float = 2.5) -> bool:
    """Whether a point lies on a shape or so near that it is meant."""
    return shape.contains(point) or shape.intersects(QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach))

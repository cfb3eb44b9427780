"""A small dancing figure: tapered capsules in three-quarter view, painted with QPainter, quickly."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QRadialGradient
from shiboken6 import VoidPtr

from editor.panels import drawing
from editor.theme import Theme
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion

# Seen from 30 degrees to the dancer's left and a little above.
_YAW_RAD, _PITCH_RAD = 0.52, 0.16
_HEIGHT_M, _BELOW_M = 2.08, 0.14  # what fits in: arms stretched up, and some floor before the feet
_WIDTH_M = 1.36
_STEADY_S = 1.6  # the figure is kept in the middle of where it goes over this time
_BLOCK = 128  # frames that are worked out together, when the first of them is shown
_ARC = 7  # points of each rounded end
_KEPT_SHADOWS = 24

# Points beside the joints: name -> joint that carries it, and where in that joint's frame, metres.
_EXTRA: dict[str, tuple[str, tuple[float, float, float]]] = {
    "chin": ("Head", (0.0, 0.045, 0.012)), "crown": ("Head", (0.0, 0.088, 0.006)),
    "face": ("Head", (0.0, 0.068, 0.074)),
    "left_fingers": ("LeftFingerBase", (0.065, 0.0, 0.0)), "right_fingers": ("RightFingerBase", (-0.065, 0.0, 0.0)),
    "left_toes": ("LeftToeBase", (0.0, 0.0, 0.05)), "right_toes": ("RightToeBase", (0.0, 0.0, 0.05)),
}  # fmt: skip
_POINTS = {**JOINT, **{name: len(JOINT) + i for i, name in enumerate(_EXTRA)}}
_SIDE = (
    ("{S}Arm", "{S}ForeArm", 0.054, 0.041), ("{S}ForeArm", "{S}Hand", 0.041, 0.028),
    ("{S}Hand", "{s}_fingers", 0.034, 0.022), ("{S}UpLeg", "{S}Leg", 0.088, 0.058),
    ("{S}Leg", "{S}Foot", 0.057, 0.038), ("{S}Foot", "{s}_toes", 0.044, 0.030),
)  # fmt: skip
# From, to, radii in metres, colour's name in the theme.
_CAPSULES: tuple[tuple[str, str, float, float, str], ...] = (
    ("LeftUpLeg", "RightUpLeg", 0.088, 0.088, "trunk"), ("Hips", "Spine1", 0.112, 0.104, "trunk"),
    ("Spine1", "Spine2", 0.106, 0.122, "trunk"), ("LeftArm", "RightArm", 0.062, 0.062, "trunk"),
    ("Neck", "Head", 0.050, 0.046, "trunk"), ("chin", "crown", 0.076, 0.086, "trunk"),
    *((a.format(S=S, s=s), b.format(S=S, s=s), r, q, s)
      for S, s in (("Left", "left"), ("Right", "right")) for a, b, r, q in _SIDE),
)  # fmt: skip
_ENDS = np.array([(_POINTS[a], _POINTS[b]) for a, b, *_ in _CAPSULES])
_RADII_M = np.array([(one, other) for _, _, one, other, _ in _CAPSULES])
_HEAD = next(i for i, row in enumerate(_CAPSULES) if row[0] == "chin")
# A thin gap in the ground's colour sets limbs and head off from what is behind them; the trunk is one piece.
_HALOED = frozenset(i for i, row in enumerate(_CAPSULES) if row[4] != "trunk" or i == _HEAD)
_HALO_M = 0.012


def _view() -> np.ndarray:
    """Rows: to the right of the screen, up it, and towards the eye; [3, 3]."""
    sin_y, cos_y, sin_p, cos_p = math.sin(_YAW_RAD), math.cos(_YAW_RAD), math.sin(_PITCH_RAD), math.cos(_PITCH_RAD)
    eye = np.array([sin_y * cos_p, sin_p, cos_y * cos_p])
    right = np.array([cos_y, 0.0, -sin_y])
    return np.stack([right, np.cross(eye, right), eye])


_VIEW = _view()


class Figure:
    """A motion, ready to be painted at any of its moments.

    Frames are worked out in blocks when they are first shown, so that a long dance costs nothing at the start.
    """

    def __init__(self, motion: Motion) -> None:
        if motion.n_frames == 0:
            raise ValueError("a motion without frames has no figure")
        self.motion = motion
        self._centres_m = _steadied(motion)
        self._blocks: dict[int, np.ndarray] = {}

    @property
    def duration_s(self) -> float:
        """How long it dances."""
        return self.motion.duration_s

    def points_at(self, time_s: float) -> np.ndarray:
        """All points as the eye sees them: metres right, up and towards it, floor at its middle, [P, 3]."""
        exact = min(max(time_s * self.motion.frame_rate_hz, 0.0), self.motion.n_frames - 1.0)
        first = int(exact)
        second, share = min(first + 1, self.motion.n_frames - 1), exact - first
        return (1.0 - share) * self._frame(first) + share * self._frame(second)

    def paint(self, painter: QPainter, rect: QRectF, time_s: float, theme: Theme, ground: QColor) -> None:
        """Paint the pose at a time into `rect`, on a ground of that colour."""
        scale = min(rect.height() / (_HEIGHT_M + _BELOW_M), rect.width() / _WIDTH_M)
        floor_y = rect.bottom() - _BELOW_M * scale
        points = self.points_at(time_s)
        xs, ys = rect.center().x() + points[:, 0] * scale, floor_y - points[:, 1] * scale
        _paint_floor(painter, rect, floor_y, theme)
        _paint_shadow(painter, points, rect.center().x(), floor_y, scale, theme)
        ends = np.stack([xs, ys], axis=-1)[_ENDS]
        depths = points[_ENDS, 2].mean(axis=1)
        nearness = depths.tolist()
        limbs = _outlines(ends, scale)
        ground_name, hues = ground.name(), {"left": theme.left, "right": theme.right, "trunk": theme.trunk}
        painter.setPen(Qt.PenStyle.NoPen)
        for i in np.argsort(depths).tolist():
            if i in _HALOED:
                painter.setBrush(ground)
                painter.drawPolygon(limbs[len(_CAPSULES) + i])
            painter.setBrush(_shaded(hues[_CAPSULES[i][4]], ground_name, round(10 * (nearness[i] + 0.5))))
            painter.drawPolygon(limbs[i])
            if i == _HEAD:
                _paint_face(painter, points, xs, ys, scale, theme)

    def _frame(self, frame: int) -> np.ndarray:
        block, place = divmod(frame, _BLOCK)
        if block not in self._blocks:
            self._blocks[block] = self._work_out(block * _BLOCK)
        return self._blocks[block][place]

    def _work_out(self, start: int) -> np.ndarray:
        part = self.motion.slice(start, start + _BLOCK)
        positions, rotations = part.global_transforms()
        extra = [
            positions[:, JOINT[joint]] + quaternion.rotate(rotations[:, JOINT[joint]], np.array(offset))
            for joint, offset in _EXTRA.values()
        ]
        points = np.concatenate([positions, np.stack(extra, axis=1)], axis=1)
        return (points - self._centres_m[start : start + _BLOCK, np.newaxis]) @ _VIEW.T


def capsule_outlines(ends: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Outlines of tapered capsules on the screen.

    Args:
        ends: Both ends of each, [N, 2, 2].
        radii: At both ends, [N, 2].

    Returns:
        The corners in order, [N, 2 * _ARC, 2].
    """
    along = ends[:, 1] - ends[:, 0]
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    heading = np.arctan2(along[:, 1], along[:, 0])
    # Where the straight sides touch the rounded ends; one end swallows the other when they are too near.
    reach = np.arccos(np.clip((radii[:, 0] - radii[:, 1]) / length, -1.0, 1.0))
    steps = np.linspace(0.0, 1.0, _ARC)
    near = (heading + reach)[:, np.newaxis] + steps * (2.0 * np.pi - 2.0 * reach)[:, np.newaxis]
    far = (heading - reach)[:, np.newaxis] + steps * (2.0 * reach)[:, np.newaxis]
    angles = np.stack([near, far], axis=1)
    round_ends = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * radii[:, :, np.newaxis, np.newaxis]
    return (ends[:, :, np.newaxis] + round_ends).reshape(len(ends), 2 * _ARC, 2)


def _steadied(motion: Motion) -> np.ndarray:
    """Where the middle of the picture stands on the floor: the hips' path without its quick parts, [T, 3]."""
    path = motion.root_positions_m * [1.0, 0.0, 1.0]
    reach = min(int(_STEADY_S * motion.frame_rate_hz / 2), motion.n_frames - 1)
    if reach < 1:
        return path
    padded = np.concatenate([np.repeat(path[:1], reach, axis=0), path, np.repeat(path[-1:], reach, axis=0)])
    sums = np.cumsum(np.concatenate([np.zeros((1, 3)), padded]), axis=0)
    window = 2 * reach + 1
    return (sums[window:] - sums[:-window]) / window


def _outlines(ends: np.ndarray, scale: float) -> list[QPolygonF]:
    """The capsules' polygons, then those of their halos. The polygons are the same ones every time."""
    polygons, corners = _polygons()
    radii = _RADII_M * scale
    outlines = capsule_outlines(np.concatenate([ends, ends]), np.concatenate([radii, radii + _HALO_M * scale]))
    for view, outline in zip(corners, outlines, strict=True):
        view[:] = outline
    return polygons


@lru_cache(maxsize=1)
def _polygons() -> tuple[list[QPolygonF], list[np.ndarray]]:
    """Polygons, and their memory as arrays: filling them point by point would take longer than painting them."""
    polygons = [QPolygonF() for _ in range(2 * len(_CAPSULES))]
    arrays = []
    for polygon in polygons:
        polygon.resize(2 * _ARC)
        # Two doubles a point; shiboken's own types know neither this call nor that the answer is a buffer.
        memory: Any = VoidPtr(polygon.data(), 2 * _ARC * 2 * 8, True)  # type: ignore[call-arg, arg-type]
        arrays.append(np.frombuffer(memory, np.float64).reshape(-1, 2))
    return polygons, arrays


@lru_cache(maxsize=512)
def _shaded(hue: str, ground: str, tenths: int) -> QColor:
    """A limb's colour, duller the further away it is."""
    return drawing.mixed(hue, ground, min(max(0.30 - 0.05 * tenths, 0.0), 0.45))


def _paint_floor(painter: QPainter, rect: QRectF, floor_y: float, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.line), 1.0))
    y = round(floor_y) + 0.5
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


def _paint_shadow(
    painter: QPainter, points: np.ndarray, middle_x: float, floor_y: float, scale: float, theme: Theme
) -> None:
    feet = points[[_POINTS["LeftFoot"], _POINTS["RightFoot"], _POINTS["Hips"]]]
    x = middle_x + float(feet[:, 0].mean()) * scale
    spread = float(np.ptp(feet[:2, 0]))
    # Height that comes from standing nearer or farther is taken out again: on the floor, up the screen is away.
    depth = float(feet[:, 2].mean())
    y = floor_y + depth * math.tan(_PITCH_RAD) * scale
    wide = (0.62 + 0.6 * spread) * scale
    shadow = _shadow(theme.is_dark)
    painter.drawImage(QRectF(x - wide / 2, y - 0.1 * scale, wide, 0.2 * scale), shadow, QRectF(shadow.rect()))


@lru_cache(maxsize=_KEPT_SHADOWS)
def _shadow(is_dark: bool) -> QImage:
    side = 64
    out = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    out.fill(Qt.GlobalColor.transparent)
    glow = QRadialGradient(side / 2, side / 2, side / 2)
    glow.setColorAt(0.0, QColor(0, 0, 0, 150 if is_dark else 80))
    glow.setColorAt(0.5, QColor(0, 0, 0, 70 if is_dark else 36))
    glow.setColorAt(1.0, QColor(0, 0, 0, 0))
    painter = QPainter(out)
    painter.fillRect(0, 0, side, side, glow)
    painter.end()
    return out


def _paint_face(
    painter: QPainter, points: np.ndarray, xs: np.ndarray, ys: np.ndarray, scale: float, theme: Theme
) -> None:
    """A visor, where the face is turned to us: it tells where the dancer looks."""
    face, crown = _POINTS["face"], _POINTS["crown"]
    towards = float(points[face, 2] - points[crown, 2]) / 0.07
    if towards <= 0.05:
        return
    wide, high = (0.030 + 0.028 * towards) * scale, 0.020 * scale
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(drawing.colour("#1b1c1f", 0.85))
    painter.drawRoundedRect(QRectF(xs[face] - wide, ys[face] - high, 2 * wide, 2 * high), high, high)

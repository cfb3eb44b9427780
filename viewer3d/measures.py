"""What is measured on figures as lines, areas and spots in the air, and where its words stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.character.palette import linear_colour
from viewer3d import ribbons
from viewer3d.scene import Ribbons
from viewer3d.stage_view import MeasureView, StageColours

# Half a line's width in pixels, and how much of an area's colour is laid over the picture.
_HALF_PX = {"measured": 1.5, "allowed": 1.2, "excess": 2.4}
_AREA_ALPHA = {"measured": 0.15, "allowed": 0.20, "excess": 0.42}
_CASING_PX, _CASING_ALPHA = 1.4, 0.75  # around every line, in the background's colour
_DASH_M, _GAP_M = 0.035, 0.022
_FINE_M = 0.008
_SPOT_M = 0.022
_N_SPOT = 14


def measured(views: Sequence[MeasureView], colours: StageColours) -> Ribbons | None:
    """Areas below, then lines with a casing, then spots; None where there is nothing."""
    areas = [_area(view, colours) for view in views if view.is_area and len(view.points_m) > 2]
    casings, lines, spots = [], [], []
    for view in views:
        if len(view.points_m) == 1:
            spots.append(_spot(view, colours))
        elif not view.is_area and len(view.points_m) > 1:
            casing, line = _line(view, colours)
            casings.append(casing)
            lines.append(line)
    made = [*areas, *casings, *lines, *spots]
    return ribbons.joined(made) if made else None


def _paint(role: str, colours: StageColours, alpha: float = 1.0) -> np.ndarray:
    return np.array([*linear_colour(getattr(colours, role)), alpha])


def _line(view: MeasureView, colours: StageColours) -> tuple[Ribbons, Ribbons]:
    points = np.asarray(view.points_m, dtype=float)
    shown = None
    if view.role == "allowed":
        points = _fine(points)
        way = np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))
        shown = way % (_DASH_M + _GAP_M) < _DASH_M
    half = _HALF_PX[view.role]
    casing = np.array([*linear_colour(colours.background), _CASING_ALPHA])
    return (
        ribbons.ribbon(points, half + _CASING_PX, casing, shown),
        ribbons.ribbon(points, half, _paint(view.role, colours), shown),
    )


def _fine(points: np.ndarray) -> np.ndarray:
    """The same line in pieces short enough to be dashed."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(lengths)])
    if way[-1] <= 0.0:
        return points
    at = np.linspace(0.0, way[-1], int(min(max(way[-1] / _FINE_M, 2), 1200)) + 1)
    return np.stack([np.interp(at, way, points[:, k]) for k in range(3)], axis=-1)


def _area(view: MeasureView, colours: StageColours) -> Ribbons:
    """A fan from the first point: right for a convex outline, and for an arc that begins at its pivot."""
    n = len(view.points_m)
    vertices = _still(np.asarray(view.points_m, dtype=float), _paint(view.role, colours, _AREA_ALPHA[view.role]))
    first = np.arange(1, n - 1)
    triangles = np.stack([np.zeros(n - 2, dtype=int), first, first + 1], axis=-1)
    return Ribbons(vertices, triangles.astype(np.uint32))


def _spot(view: MeasureView, colours: StageColours) -> Ribbons:
    """A small ball of one colour: three discs that cross."""
    middle = np.asarray(view.points_m, dtype=float)[0]
    angle = 2.0 * np.pi * np.arange(_N_SPOT) / _N_SPOT
    c, s, o = np.cos(angle), np.sin(angle), np.zeros(_N_SPOT)
    discs, triangles = [], []
    for i, around in enumerate((np.stack([c, s, o], -1), np.stack([c, o, s], -1), np.stack([o, c, s], -1))):
        discs.append(np.vstack([middle, middle + _SPOT_M * around]))
        rim = np.arange(_N_SPOT)
        triangles.append(i * (_N_SPOT + 1) + np.stack([0 * rim, 1 + rim, 1 + (rim + 1) % _N_SPOT], axis=-1))
    vertices = _still(np.concatenate(discs), _paint(view.role, colours))
    return Ribbons(vertices, np.concatenate(triangles).astype(np.uint32))


def _still(points: np.ndarray, paint: np.ndarray) -> np.ndarray:
    """Vertices that stay where they are, as a line's would not: in its middle, float32 [N, 12]."""
    out = np.zeros((len(points), 12), dtype=np.float32)
    out[:, :3] = points
    out[:, 4] = 1.0
    out[:, 7] = 1.0
    out[:, 8:] = paint
    return out

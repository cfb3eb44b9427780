"""A way over the floor as a hand draws it: smoothed, and thinned to the points that matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_STEP_M = 0.05
_SMOOTHING_M = 0.12  # a hand's tremor is shorter, a dancer's turn longer
_TOLERANCE_M = 0.015
_LEAST_M = 0.10  # shorter strokes are slips


def tidy_path(points_m: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A drawn polyline (x, z) in metres, smoothed and thinned; its ends stay. Empty for a slip of the hand."""
    drawn = np.array(points_m, dtype=float).reshape(-1, 2)
    if len(drawn) < 2:
        return []
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(drawn, axis=0), axis=1))])
    if way[-1] < _LEAST_M:
        return []
    even = np.linspace(0.0, way[-1], max(round(way[-1] / _STEP_M), 2) + 1)
    smooth = _smoothed(np.stack([np.interp(even, way, drawn[:, k]) for k in range(2)], axis=1))
    return [(float(x), float(z)) for x, z in smooth[_kept(smooth)]]


def _smoothed(points: np.ndarray) -> np.ndarray:
    """Points [N, 2] through a Gaussian; both ends are continued by their mirror image, and so stay."""
    reach = min(round(2.5 * _SMOOTHING_M / _STEP_M), len(points) - 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _STEP_M / _SMOOTHING_M) ** 2)
    before, after = 2 * points[0] - points[reach:0:-1], 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    return np.stack([np.convolve(column, weights / weights.sum(), mode="valid") for column in longer.T], axis=1)


def _kept(points: np.ndarray) -> list[int]:
    """Numbers of the points that a polyline needs to stay within the tolerance (Douglas & Peucker 1973)."""
    kept, open_spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        along = points[last] - points[first]
        length = float(np.linalg.norm(along))
        inner = points[first + 1 : last] - points[first]
        if not len(inner):
            continue
        if length < 1e-9:
            apart = np.linalg.norm(inner, axis=1)
        else:
            apart = np.abs(inner[:, 0] * along[1] - inner[:, 1] * along[0]) / length
        farthest = int(np.argmax(apart))
        if apart[farthest] > _TOLERANCE_M:
            middle = first + 1 + farthest
            kept.add(middle)
            open_spans += [(first, middle), (middle, last)]
    return sorted(kept)

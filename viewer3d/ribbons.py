"""Lines on the floor and in the air as triangles: ways, rings, trails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viewer3d.scene import Ribbons

_QUAD = np.array([[0, 1, 2], [2, 1, 3]])


def ribbon(points_m: np.ndarray, half_width: float, colours: np.ndarray, shown: np.ndarray | None = None) -> Ribbons:
    """A line along points.

    Args:
        points_m: [N, 3], at least two.
        half_width: Metres on the floor, pixels in the air.
        colours: Linear, alpha last, [N, 4] or [4].
        shown: Which of the N - 1 stretches are drawn, bool [N - 1]; None for all.
    """
    n = len(points_m)
    along = np.gradient(np.asarray(points_m, dtype=float), axis=0)
    one = np.empty((n, 2, 12), dtype=np.float32)
    one[:, :, :3] = points_m[:, np.newaxis]
    one[:, :, 3:6] = _unit(along)[:, np.newaxis]
    one[:, :, 6] = (-1.0, 1.0)
    one[:, :, 7] = half_width
    one[:, :, 8:] = np.broadcast_to(colours, (n, 4))[:, np.newaxis]
    first = 2 * (np.arange(n - 1) if shown is None else np.flatnonzero(shown))[:, np.newaxis]
    triangles = (first[:, np.newaxis] + _QUAD).reshape(-1, 3)
    return Ribbons(one.reshape(-1, 12), triangles.astype(np.uint32))


def strokes(starts_m: np.ndarray, ends_m: np.ndarray, half_width_m: float, colour: np.ndarray) -> Ribbons:
    """Straight lines, [N, 3] each, on the floor."""
    n = len(starts_m)
    ends = np.stack([starts_m, ends_m], axis=1)
    vertices = np.empty((n, 2, 2, 12), dtype=np.float32)
    vertices[..., :3] = ends[:, :, np.newaxis]
    vertices[..., 3:6] = _unit(ends[:, 1] - ends[:, 0])[:, np.newaxis, np.newaxis]
    vertices[..., 6] = (-1.0, 1.0)
    vertices[..., 7] = half_width_m
    vertices[..., 8:] = colour
    first = 4 * np.arange(n)[:, np.newaxis]
    triangles = (first[:, np.newaxis] + _QUAD).reshape(-1, 3)
    return Ribbons(vertices.reshape(-1, 12), triangles.astype(np.uint32))


def ring(
    middle_m: np.ndarray, radius_m: float, half_width_m: float, colour: np.ndarray, *, n_points: int = 48
) -> Ribbons:
    """A circle on the floor."""
    angle = np.linspace(0.0, 2.0 * np.pi, n_points + 1)
    zeros = np.zeros_like(angle)
    around = np.stack([np.cos(angle), zeros, np.sin(angle)], axis=1)
    return ribbon(middle_m * np.array([1.0, 0.0, 1.0]) + radius_m * around, half_width_m, colour)


def floor_way(points_m: np.ndarray, half_width_m: float, colour: np.ndarray) -> Ribbons | None:
    """A way over the floor, (x, z) [N, 2], with a ring where it begins and an arrow's head where it ends."""
    if len(points_m) < 2:
        return None
    way = np.stack([points_m[:, 0], np.zeros(len(points_m)), points_m[:, 1]], axis=1)
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    if float(lengths.sum()) < 0.05:
        return None
    back = way[-1] - way[int(np.searchsorted(np.cumsum(lengths), lengths.sum() - 0.15))]
    back = -back / max(float(np.linalg.norm(back)), 1e-9)
    side = np.array([back[2], 0.0, -back[0]])
    tips = way[-1] + 0.20 * np.stack([back + 0.7 * side, back - 0.7 * side])
    head = strokes(np.repeat(way[-1:], 2, axis=0), tips, half_width_m, colour)
    return joined([ribbon(way, half_width_m, colour), head, ring(way[0], 0.09, half_width_m, colour, n_points=24)])


def words(boxes_m: np.ndarray, sheet_boxes: np.ndarray, colour: np.ndarray) -> Ribbons:
    """Words lying on the floor to be read from +z.

    Args:
        boxes_m: Left, far, right, near edge of each: x, z, x, z, [N, 4].
        sheet_boxes: Left, upper, right, lower edge in the sheet of letters, 0 to 1, [N, 4].
        colour: Linear, alpha last, [4].
    """
    n = len(boxes_m)
    vertices = np.zeros((n, 4, 12), dtype=np.float32)
    vertices[:, :, 0] = boxes_m[:, [0, 2, 0, 2]]
    vertices[:, :, 2] = boxes_m[:, [1, 1, 3, 3]]
    vertices[:, :, 3] = sheet_boxes[:, [0, 2, 0, 2]]
    vertices[:, :, 4] = sheet_boxes[:, [1, 1, 3, 3]]
    vertices[:, :, 8:] = colour
    first = 4 * np.arange(n)[:, np.newaxis]
    triangles = (first[:, np.newaxis] + _QUAD).reshape(-1, 3)
    return Ribbons(vertices.reshape(-1, 12), triangles.astype(np.uint32))


def joined(parts: Sequence[Ribbons]) -> Ribbons:
    """All as one."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    return Ribbons(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.triangles + np.uint32(s) for part, s in zip(parts, starts, strict=False)]),
    )


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)

"""A body as a surface that a skeleton carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class SkinnedMesh:
    """A body that a skeleton carries. Takes over its arrays and makes them read-only.

    Attributes:
        positions_m: Of each vertex while the skeleton stands in its rest pose, metres, [V, 3].
        normals: Unit, [V, 3].
        triangles: Vertices of each, counter-clockwise seen from outside, int [F, 3].
        colours: Of each vertex, linear light 0 to 1, [V, 3].
        joints: The joints that carry each vertex, int [V, 4]; unused places are 0.
        weights: How much each does, [V, 4]; rows add up to 1, unused places are 0.
    """

    positions_m: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    colours: np.ndarray
    joints: np.ndarray
    weights: np.ndarray

    def __post_init__(self) -> None:
        v = len(self.positions_m)
        shapes = (self.positions_m.shape, self.normals.shape, self.colours.shape)
        if shapes != ((v, 3),) * 3 or self.joints.shape != (v, 4) or self.weights.shape != (v, 4):
            raise ValueError("positions, normals and colours must be [V, 3]; joints and weights [V, 4]")
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3:
            raise ValueError("triangles must be [F, 3]")
        for array in (
            self.positions_m, self.normals, self.triangles, self.colours, self.joints, self.weights,
        ):  # fmt: skip
            array.flags.writeable = False


def painted(
    places_m: np.ndarray, normals: np.ndarray, joints: np.ndarray, weights: np.ndarray,
    faces: Sequence[tuple[tuple[int, ...], tuple[float, float, float]]],
) -> SkinnedMesh:  # fmt: skip
    """A skin of faces with one linear colour each: vertices between two colours are doubled, so that edges are sharp.

    Args:
        places_m, normals, joints, weights: Of V vertices, as a SkinnedMesh has them.
        faces: Vertices of each face, counter-clockwise from outside, and its colour.
    """
    numbers: dict[tuple[int, tuple[float, float, float]], int] = {}
    triangles = []
    for corners, colour in faces:
        own = [numbers.setdefault((corner, colour), len(numbers)) for corner in corners]
        triangles += [(own[0], b, c) for b, c in pairwise(own[1:])]
    vertex = np.array([corner for corner, _ in numbers])
    return SkinnedMesh(
        places_m[vertex], normals[vertex], np.array(triangles), np.array([colour for _, colour in numbers]),
        joints[vertex], weights[vertex],
    )  # fmt: skip

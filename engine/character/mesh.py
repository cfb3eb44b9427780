"""A body as a surface that a skeleton carries."""

from __future__ import annotations

from dataclasses import dataclass

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

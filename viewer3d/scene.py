"""What is in the picture at one moment: posed figures as arrays, ready for the renderer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.motion.motion import Pose
from viewer3d.body import HULL, Body

# Towards the key lamp for a camera of yaw 0: high, in front, from the left of the picture.
_KEY = np.array([-0.46, 0.74, 0.49]) / np.linalg.norm([-0.46, 0.74, 0.49])


_NOWHERE = np.zeros(3)


@dataclass(frozen=True, eq=False)
class Figure:
    """A posed body of J joints and N capsules.

    Attributes:
        body: Whose skin is drawn.
        joints: How each joint has moved since the rest pose, dual quaternions, float32 [J, 2, 4].
        occluders: The capsules in the world, end and radius twice, float32 [N, 2, 4].
    """

    body: Body
    joints: np.ndarray
    occluders: np.ndarray


@dataclass(frozen=True, eq=False)
class Scene:
    """The figures in a picture."""

    figures: tuple[Figure, ...] = ()

    def spheres(self) -> tuple[np.ndarray, np.ndarray]:
        """Spheres that hold every figure: centres in metres [N, 3] and radii [N]."""
        if not self.figures:
            return np.zeros((0, 3)), np.zeros(0)
        ends = np.concatenate([figure.occluders.reshape(-1, 4) for figure in self.figures]).astype(float)
        return ends[:, :3], HULL * ends[:, 3]

    def bounds_m(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest corner of a box around all figures, metres, [3] and [3]; zeros when empty."""
        centres, radii = self.spheres()
        if not len(centres):
            return np.zeros(3), np.zeros(3)
        return np.min(centres - radii[:, np.newaxis], axis=0), np.max(centres + radii[:, np.newaxis], axis=0)


def scene_of(figures: Sequence[tuple[Body, Pose, np.ndarray | None]]) -> Scene:
    """The scene of figures: a body, its pose, and where its origin stands on the stage ([3], or None)."""
    posed = []
    for body, pose, offset in figures:
        at = _NOWHERE if offset is None else offset
        ends = body.capsules(pose.positions_m + at, pose.rotations)
        occluders = np.concatenate([ends, body.radii_m[..., np.newaxis]], axis=-1).astype(np.float32)
        posed.append(Figure(body, body.dual_quaternions(pose, at), occluders))
    return Scene(tuple(posed))


def key_direction(yaw_rad: float) -> np.ndarray:
    """Unit vector towards the key lamp, [3]. It goes round with the camera: every view is lit from its left."""
    s, c = math.sin(yaw_rad), math.cos(yaw_rad)
    return np.array([c * _KEY[0] + s * _KEY[2], _KEY[1], c * _KEY[2] - s * _KEY[0]])


def shadow_matrix(scene: Scene, key: np.ndarray) -> tuple[np.ndarray, float]:
    """World to shadow map ([0, 1] in x, y and depth, [4, 4]) around all figures, and map widths per metre.

    `key` is the unit vector towards the lamp.
    """
    low, high = scene.bounds_m()
    middle, radius = 0.5 * (low + high), max(0.5 * float(np.linalg.norm(high - low)), 0.1)
    side = np.cross((0.0, 1.0, 0.0), key)
    side /= np.linalg.norm(side)
    rows = np.stack([side, np.cross(key, side), -key])
    matrix = np.eye(4)
    matrix[:3, :3] = rows * (0.5 / radius)
    matrix[:3, 3] = 0.5 - matrix[:3, :3] @ middle
    return matrix, 0.5 / radius


def floor_patch(scene: Scene, key: np.ndarray) -> tuple[float, float, float, float]:
    """The part of the floor that figures darken with a lamp towards `key`, (x, z, width, depth) in metres."""
    low, high = scene.bounds_m()
    # The key throws each point's shadow along the floor by its height; and the sky is hidden all round.
    throw = -key[[0, 2]] / key[1] * max(high[1], 0.0)
    least = np.minimum(low[[0, 2]], low[[0, 2]] + throw) - 0.6
    most = np.maximum(high[[0, 2]], high[[0, 2]] + throw) + 0.6
    return float(least[0]), float(least[1]), float(most[0] - least[0]), float(most[1] - least[1])

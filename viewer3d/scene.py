"""What is in the picture at one moment: posed figures as arrays, ready for the renderer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.motion.motion import Pose
from viewer3d.body import N_INSTANCE_FLOATS, Body

# Towards the key lamp for a camera of yaw 0: high, in front, from the left of the picture.
_KEY = np.array([-0.46, 0.74, 0.49]) / np.linalg.norm([-0.46, 0.74, 0.49])


@dataclass(frozen=True, eq=False)
class Scene:
    """F figures as capsules.

    Attributes:
        instances: All capsules, float32 [N, 20], columns as in Body.instances.
        figure_starts: Where each figure's capsules begin in it, and N: int [F + 1].
        occluders: Capsules that shade, end a and radius, end b and radius, float32 [M, 2, 4].
        occluder_starts: Where each figure's occluders begin, and M: int [F + 1].
    """

    instances: np.ndarray
    figure_starts: np.ndarray
    occluders: np.ndarray
    occluder_starts: np.ndarray

    @property
    def n_figures(self) -> int:
        """How many figures there are."""
        return len(self.figure_starts) - 1

    def reaches_m(self) -> np.ndarray:
        """Radius about each capsule's start, then about each one's end, that holds its cross-section, [2 N]."""
        stretch = np.maximum(np.maximum(self.instances[:, 11], self.instances[:, 15]), 1.0)
        return np.concatenate([self.instances[:, 3] * stretch, self.instances[:, 7] * stretch]).astype(float)

    def bounds_m(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest corner of a box around all figures, metres, [3] and [3]; zeros when empty."""
        if not len(self.instances):
            return np.zeros(3), np.zeros(3)
        centres = np.concatenate([self.instances[:, 0:3], self.instances[:, 4:7]])
        reach = self.reaches_m()[:, np.newaxis]
        return np.min(centres - reach, axis=0).astype(float), np.max(centres + reach, axis=0).astype(float)


def scene_of(figures: Sequence[tuple[Body, Pose, np.ndarray | None]]) -> Scene:
    """The scene of figures: a body, its pose, and where its origin stands on the stage ([3], or None)."""
    blocks = [body.instances(pose, offset) for body, pose, offset in figures]
    shades = [
        _occluders(block[body.occluders]) for (body, _, _), block in zip(figures, blocks, strict=True)
    ]
    return Scene(
        instances=np.concatenate(blocks) if blocks else np.zeros((0, N_INSTANCE_FLOATS), dtype=np.float32),
        figure_starts=np.cumsum([0, *(len(block) for block in blocks)]),
        occluders=np.concatenate(shades) if shades else np.zeros((0, 2, 4), dtype=np.float32),
        occluder_starts=np.cumsum([0, *(len(shade) for shade in shades)]),
    )


def _occluders(instances: np.ndarray) -> np.ndarray:
    """Round capsules for shading: an elliptical one counts with the mean of its width and depth."""
    out = instances[:, :8].reshape(-1, 2, 4).copy()
    out[:, :, 3] *= 0.5 * (instances[:, 11] + instances[:, 15])[:, np.newaxis]
    return out


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

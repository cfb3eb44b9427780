"""What is in the picture at one moment: posed figures as arrays, ready for the renderer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.motion.motion import Pose
from viewer3d.body import HULL, Body
from viewer3d.stage_view import DARK_STAGE, StageColours

# Towards the key lamp for a camera of yaw 0: high, in front, from the left of the picture.
_KEY = np.array([-0.46, 0.74, 0.49]) / np.linalg.norm([-0.46, 0.74, 0.49])

_NOWHERE = np.zeros(3)
PATTERNS = {"past": 1, "future": 2, "preview": 3, "repaired": 4}


@dataclass(frozen=True, eq=False)
class Figure:
    """A posed body of J joints and N capsules.

    Attributes:
        body: Whose skin is drawn.
        joints: How each joint has moved since the rest pose, dual quaternions, float32 [J, 2, 4].
        occluders: The capsules in the world, end and radius twice, float32 [N, 2, 4].
        tint: Linear colour that the grey parts of the body are multiplied by.
        glow: How much each joint's skin is lit up as selected, float32 [J], 0 to 1; None for not at all.
        pattern: 0 for a body, a number in PATTERNS for a ghost.
        alpha: Of a ghost, 0 to 1.
    """

    body: Body
    joints: np.ndarray
    occluders: np.ndarray
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    glow: np.ndarray | None = None
    pattern: int = 0
    alpha: float = 1.0


@dataclass(frozen=True, eq=False)
class Ribbons:
    """Lines and words to be drawn, V vertices in triangles.

    Attributes:
        vertices: float32 [V, 12]: place (3), direction along the line (3), across (-1 to 1), half width, colour (4,
            linear, alpha last). Lines in the air have their half width in pixels, those on the floor in metres.
            `across` of a word's corner is not used; its place in the sheet of letters stands in the direction.
        triangles: Vertex numbers, uint32 [F, 3].
    """

    vertices: np.ndarray
    triangles: np.ndarray


@dataclass(frozen=True, eq=False)
class Scene:
    """What is in a picture.

    Attributes:
        figures: Bodies.
        ghosts: Figures with a pattern.
        trails: Lines in the air.
        frame: The stage's lines and words, which stay: the same object each time.
        marks: Other lines on the floor.
        colours: The stage's.
        is_mirrored: Whether the picture's left and right are exchanged.
        measures: Lines and areas over the figures, which nothing hides.
    """

    figures: tuple[Figure, ...] = ()
    ghosts: tuple[Figure, ...] = ()
    trails: Ribbons | None = None
    frame: tuple[Ribbons, Ribbons] | None = None
    marks: Ribbons | None = None
    colours: StageColours = DARK_STAGE
    is_mirrored: bool = False
    measures: Ribbons | None = None

    def spheres(self) -> tuple[np.ndarray, np.ndarray]:
        """Spheres that hold every figure and ghost: centres in metres [N, 3] and radii [N]."""
        return _spheres(self.figures + self.ghosts)

    @cached_property
    def bounds_m(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest corner of a box around all figures, metres, [3] and [3]; zeros when empty."""
        centres, radii = _spheres(self.figures)
        if not len(centres):
            return np.zeros(3), np.zeros(3)
        return np.min(centres - radii[:, np.newaxis], axis=0), np.max(centres + radii[:, np.newaxis], axis=0)


def _spheres(figures: tuple[Figure, ...]) -> tuple[np.ndarray, np.ndarray]:
    if not figures:
        return np.zeros((0, 3)), np.zeros(0)
    ends = np.concatenate([figure.occluders.reshape(-1, 4) for figure in figures]).astype(float)
    return ends[:, :3], HULL * ends[:, 3]


def scene_of(figures: Sequence[tuple[Body, Pose, np.ndarray | None]]) -> Scene:
    """The scene of figures: a body, its pose, and where its origin stands on the stage ([3], or None)."""
    return Scene(tuple(posed(figures)))


def posed(figures: Sequence[tuple[Body, Pose, np.ndarray | None]]) -> list[Figure]:
    """Figures from bodies, poses and offsets; all figures of a body are computed at once."""
    made: list[Figure | None] = [None] * len(figures)
    groups: dict[Body, list[int]] = {}
    for i, (body, _, _) in enumerate(figures):
        groups.setdefault(body, []).append(i)
    for body, members in groups.items():
        offsets = np.stack([_at(figures[i][2]) for i in members])
        positions = np.stack([figures[i][1].positions_m for i in members]) + offsets[:, np.newaxis]
        rotations = np.stack([figures[i][1].rotations for i in members])
        joints = body.dual_quaternions(Pose(positions, rotations))
        radii = np.broadcast_to(body.radii_m[..., np.newaxis], (len(members), *body.radii_m.shape, 1))
        ends = np.concatenate([body.capsules(positions, rotations), radii], axis=-1).astype(np.float32)
        for k, i in enumerate(members):
            made[i] = Figure(body, joints[k], ends[k])
    return [figure for figure in made if figure is not None]


def _at(offset_m: np.ndarray | None) -> np.ndarray:
    return _NOWHERE if offset_m is None else offset_m


def key_direction(yaw_rad: float) -> np.ndarray:
    """Unit vector towards the key lamp, [3]. It goes round with the camera: every view is lit from its left."""
    s, c = math.sin(yaw_rad), math.cos(yaw_rad)
    return np.array([c * _KEY[0] + s * _KEY[2], _KEY[1], c * _KEY[2] - s * _KEY[0]])


def shadow_matrix(scene: Scene, key: np.ndarray) -> tuple[np.ndarray, float]:
    """World to shadow map ([0, 1] in x, y and depth, [4, 4]) around all figures, and map widths per metre.

    `key` is the unit vector towards the lamp.
    """
    low, high = scene.bounds_m
    middle, radius = 0.5 * (low + high), max(0.5 * float(np.linalg.norm(high - low)), 0.1)
    # The cross products of up and key, and of key and side, written out: np.cross takes a tenth of a millisecond.
    level = math.hypot(key[0], key[2])
    side = np.array([key[2], 0.0, -key[0]]) / level
    rows = np.stack([side, [-key[1] * key[0] / level, level, -key[1] * key[2] / level], -key])
    matrix = np.eye(4)
    matrix[:3, :3] = rows * (0.5 / radius)
    matrix[:3, 3] = 0.5 - matrix[:3, :3] @ middle
    return matrix, 0.5 / radius


def floor_patch(scene: Scene, key: np.ndarray) -> tuple[float, float, float, float]:
    """The part of the floor that figures darken with a lamp towards `key`, (x, z, width, depth) in metres."""
    low, high = scene.bounds_m
    # The key throws each point's shadow along the floor by its height; and the sky is hidden all round.
    throw = -key[[0, 2]] / key[1] * max(high[1], 0.0)
    least = np.minimum(low[[0, 2]], low[[0, 2]] + throw) - 0.6
    most = np.maximum(high[[0, 2]], high[[0, 2]] + throw) + 0.6
    return float(least[0]), float(least[1]), float(most[0] - least[0]), float(most[1] - least[1])

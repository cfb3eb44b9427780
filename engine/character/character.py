"""The mannequin: a body of a kind and height, its bones, its skin and the capsules that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.character.house_body import CAPSULES, TUBES, Capsule
from engine.character.loft import Mesh, Tube, joined, loft, thinned
from engine.character.mesh import SkinnedMesh
from engine.character.palette import linear_colour
from engine.character.proportions import Scales, scales_of, skeleton_of
from engine.motion import house
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

KINDS = ("neutral", "woman", "man")
_KEPT = 32


@dataclass(frozen=True, eq=False)
class Character:
    """A body.

    Attributes:
        kind: "neutral", "woman" or "man".
        height_m: From the soles to the crown.
        skeleton: The house joints with this body's lengths, T-pose, standing on y = 0; the house skeleton itself
            for the neutral body of 1.70 m.
        mesh: The skin in that pose.
        capsules: Round cones that stand for the body: (joint, start, end, two radii), metres, in that pose.
    """

    kind: str
    height_m: float
    skeleton: Skeleton
    mesh: SkinnedMesh
    capsules: tuple[Capsule, ...]


def character(kind: str = "neutral", height_m: float = house.HEIGHT_M) -> Character:
    """The body of a kind and height; asked again, the same object.

    Raises:
        NoSuchBody: There is no such kind, or the height is not within 1.40 to 2.10 m.
    """
    return _made(kind, round(float(height_m), 3))


@lru_cache(maxsize=_KEPT)
def _made(kind: str, height_m: float) -> Character:
    scales = scales_of(kind, height_m)
    skeleton = skeleton_of(scales)
    return Character(kind, height_m, skeleton, _on(skeleton, scales, _house_mesh()), _capsules_on(skeleton, scales))


def _house_mesh() -> Mesh:
    palette = {colour: linear_colour(colour) for tube in TUBES for colour in _colours_in(tube)}
    return joined([loft(thinned(tube, 1.0), house.JOINT, palette, 1) for tube in TUBES])


def _colours_in(tube: Tube) -> list[str]:
    return [colour for _, colour in tube.colours] + [colour for colour, _, _ in tube.patches]


def _on(skeleton: Skeleton, scales: Scales, mesh: Mesh) -> SkinnedMesh:
    weights = np.zeros((len(mesh.joints), 4))
    weights[:, 0], weights[:, 1] = 1.0 - mesh.shares, mesh.shares
    joints = np.zeros((len(mesh.joints), 4), dtype=int)
    joints[:, :2] = np.where(weights[:, :2] > 0.0, mesh.joints, 0)
    positions = _moved(skeleton, scales, mesh.positions_m, joints, weights)
    return SkinnedMesh(positions, mesh.normals, mesh.triangles.copy(), mesh.colours, joints, weights)


def _moved(
    skeleton: Skeleton, scales: Scales, points_m: np.ndarray, joints: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Points of the house body carried to where another body's joints are, [V, 3]."""
    if skeleton is house.HOUSE:
        return points_m.copy()
    ours, theirs = rest_transforms(house.HOUSE)[0], rest_transforms(skeleton)[0]
    out = np.zeros_like(points_m)
    for k in range(joints.shape[1]):
        carrier = joints[:, k]
        out += weights[:, k : k + 1] * (theirs[carrier] + scales.girth * (points_m - ours[carrier]))
    return out


def _capsules_on(skeleton: Skeleton, scales: Scales) -> tuple[Capsule, ...]:
    out: list[Capsule] = []
    for name, start, end, one, other in CAPSULES:
        ends = np.array([start, end])
        carriers = np.full((2, 1), house.JOINT[name])
        a, b = _moved(skeleton, scales, ends, carriers, np.ones((2, 1)))
        out.append((name, (a[0], a[1], a[2]), (b[0], b[1], b[2]), one * scales.girth, other * scales.girth))
    return tuple(out)

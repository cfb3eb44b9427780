"""The mannequin: a body of a kind and height, its bones, its skin and the capsules that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.character.cage import Cage, cage, smoothing
from engine.character.capsules import CAPSULES, Capsule
from engine.character.mesh import SkinnedMesh, painted
from engine.character.palette import linear_colour
from engine.character.proportions import LEAST_HEIGHT_M, MOST_HEIGHT_M, PROPORTIONS, Scales, scales_of, skeleton_of
from engine.character.subdivision import Refined
from engine.motion import house
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

KINDS = tuple(PROPORTIONS)
_KEPT = 32
_MOST_CARRIERS = 4
_ALIKE_M = 0.0006  # what files round lengths to
_ROUND = 0.75
_LEAST_WEIGHT = 0.004  # what carries less of a point does not count


@dataclass(frozen=True, eq=False)
class Character:
    """A body.

    Attributes:
        kind: A name in KINDS.
        height_m: From the soles to the crown.
        skeleton: The house joints with this body's lengths, T-pose, standing on y = 0; the house skeleton itself
            for the neutral body of 1.70 m.
        mesh: The skin in that pose, less than 6,000 triangles.
        coarse_mesh: The same with a quarter of them, for small figures.
        capsules: Round cones that stand for the body: (joint, start, end, two radii), metres, in that pose.
    """

    kind: str
    height_m: float
    skeleton: Skeleton
    mesh: SkinnedMesh
    coarse_mesh: SkinnedMesh
    capsules: tuple[Capsule, ...]


def character(kind: str = "neutral", height_m: float = house.HEIGHT_M) -> Character:
    """The body of a kind and height, to the millimetre; asked again, the same object while it is kept.

    Raises:
        NoSuchBody: There is no such kind, or the height is not within 1.40 to 2.10 m.
    """
    return _made(kind, round(float(height_m), 3))


@lru_cache(maxsize=_KEPT)
def character_on(skeleton: Skeleton) -> Character | None:
    """The body whose lengths a skeleton has, wherever its root rests; None where no body has them."""
    if skeleton is house.HOUSE:
        return character()
    if skeleton.names != house.HOUSE.names or not np.array_equal(skeleton.parents, house.HOUSE.parents):
        return None
    trunk = [house.JOINT[name] for name in ("Spine", "Spine1", "Spine2", "Neck", "Head")]
    leg = list(house.LEGS[0][:3])
    up_m = skeleton.offsets_m[trunk, 1].sum() + skeleton.tips_m[trunk[-1], 1] - skeleton.offsets_m[leg, 1].sum()
    foot = skeleton.offsets_m[house.LEGS[0][3], 2] / house.HOUSE.offsets_m[house.LEGS[0][3], 2]
    height_m = float(up_m + foot * house.CONTACT_REST_HEIGHTS_M[0])
    if not LEAST_HEIGHT_M - _ALIKE_M < height_m < MOST_HEIGHT_M + _ALIKE_M:
        return None
    height_m = min(max(height_m, LEAST_HEIGHT_M), MOST_HEIGHT_M)
    for kind in KINDS:
        lengths = skeleton_of(scales_of(kind, height_m))
        if np.allclose(lengths.offsets_m[1:], skeleton.offsets_m[1:], atol=_ALIKE_M):
            return character(kind, height_m)
    return None


@lru_cache(maxsize=_KEPT)
def _made(kind: str, height_m: float) -> Character:
    scales = scales_of(kind, height_m)
    skeleton = skeleton_of(scales)
    made = cage(kind)
    fine, coarse = _surfaces(made, _moved(made.points_m, made.weights, skeleton, scales))
    return Character(kind, height_m, skeleton, fine, coarse, _capsules_on(skeleton, scales))


def _surfaces(made: Cage, points_m: np.ndarray) -> tuple[SkinnedMesh, SkinnedMesh]:
    """The smooth skin through the points [N, 3] of a cage, and the coarse one that joins these alone."""
    smooth = smoothing()
    places = smooth.weights @ smooth.fitted(points_m)
    _blunt(places, made, smooth)
    joints, weights = _carriers(smooth.weights @ made.weights)
    normals = _normals(places, smooth.quads)
    colours = [linear_colour(colour) for colour in made.colours]
    fine = [(tuple(quad), colours[face]) for quad, face in zip(smooth.quads.tolist(), smooth.parents, strict=True)]
    n = len(points_m)
    coarse = list(zip(made.faces, colours, strict=True))
    return (
        painted(places, normals, joints, weights, fine),
        painted(places[:n], normals[:n], joints[:n], weights[:n], coarse),
    )


def _blunt(places: np.ndarray, made: Cage, smooth: Refined) -> None:
    """Pull the ends of fingers and toes in to where a ball would have them: between so few points they are spikes."""
    for tip in made.tips:
        around = np.unique(smooth.quads[smooth.parents == tip])
        around = around[around != smooth.middles[tip]]
        centre = places[around].mean(axis=0)
        radius = np.linalg.norm(places[around] - centre, axis=1).mean()
        out = places[smooth.middles[tip]] - centre
        places[smooth.middles[tip]] = centre + out * min(1.0, _ROUND * radius / np.linalg.norm(out))


def _carriers(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The four joints that carry most of each point, int [V, 4], and their weights, [V, 4]."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :_MOST_CARRIERS]
    kept = np.take_along_axis(weights, joints, axis=1)
    kept[kept < _LEAST_WEIGHT] = 0.0
    return np.where(kept > 0.0, joints, 0), kept / kept.sum(axis=1, keepdims=True)


def _normals(places: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Unit normals of a smooth surface's vertices: those of the faces around, the larger ones counting more."""
    a, b, c, d = (places[quads[:, k]] for k in range(4))
    of_face = np.cross(c - a, d - b)
    out = np.zeros_like(places)
    for k in range(4):
        np.add.at(out, quads[:, k], of_face)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def _moved(points_m: np.ndarray, weights: np.ndarray, skeleton: Skeleton, scales: Scales) -> np.ndarray:
    """Points of a house body, carried by joints as `weights` [N, J] say, on another body's bones, [N, 3]."""
    if skeleton is house.HOUSE:
        return points_m
    ours, theirs = rest_transforms(house.HOUSE)[0], rest_transforms(skeleton)[0]
    sizes = np.array([_size(name, scales) for name in skeleton.names])
    # Each joint's part is stretched about the joint: along a bone as the bone is, so that parts meet at both ends.
    shift = theirs - sizes * ours
    return weights @ shift + (weights @ sizes) * points_m


def _size(name: str, scales: Scales) -> tuple[float, float, float]:
    """How a joint's flesh is stretched in x, y and z."""
    bone = name.removeprefix("Left").removeprefix("Right")
    girth, middle = scales.girth, 0.5 * (scales.hips + scales.shoulders)
    return {
        "Hips": (scales.hips, scales.trunk, girth),
        "Spine": (middle, scales.trunk, girth),
        "Spine1": (middle, scales.trunk, girth),
        "Spine2": (scales.shoulders, scales.trunk, girth),
        "Neck": (girth, scales.trunk, girth),
        "Head": (scales.head,) * 3,
        "Shoulder": (scales.shoulders, girth, girth),
        "Arm": (scales.arm, girth, girth),
        "ForeArm": (scales.arm, girth, girth),
        "Hand": (scales.hand,) * 3,
        "FingerBase": (scales.hand,) * 3,
        "UpLeg": (girth, scales.leg, girth),
        "Leg": (girth, scales.leg, girth),
        "Foot": (scales.foot,) * 3,
        "ToeBase": (scales.foot,) * 3,
    }[bone]


def _capsules_on(skeleton: Skeleton, scales: Scales) -> tuple[Capsule, ...]:
    out: list[Capsule] = []
    for name, start, end, one, other in CAPSULES:
        weights = np.zeros((2, house.HOUSE.n_joints))
        weights[:, house.JOINT[name]] = 1.0
        a, b = _moved(np.array([start, end]), weights, skeleton, scales)
        out.append((
            name, (float(a[0]), float(a[1]), float(a[2])), (float(b[0]), float(b[1]), float(b[2])),
            one * scales.girth, other * scales.girth,
        ))  # fmt: skip
    return tuple(out)

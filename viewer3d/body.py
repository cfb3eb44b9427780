"""The figure that is drawn: a skin that joints carry, and the capsules that stand for it in light and framing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from engine.character.capsules import Capsule, capsule, joined
from engine.character.character import Character, character, character_on
from engine.character.mesh import SkinnedMesh
from engine.character.palette import LEFT, RIGHT, TRUNK, linear_colour
from engine.motion import house, quaternion
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion, Pose
from engine.motion.skeleton import Skeleton

_KEPT_BODIES = 64
# The skin reaches this much further than the capsules, whose radii are right for light.
HULL = 1.25


@dataclass(frozen=True, eq=False)
class Body:
    """A skin on a skeleton of J joints, and N capsules inside it.

    Attributes:
        meshes: The skin in the rest pose, from the finest to the coarsest, for figures of any size in the picture.
        rest_positions_m: Where each joint is in the rest pose, metres, [J, 3].
        rest_rotations: How each joint is turned there, [J, 4].
        joints: Joint that carries each capsule, int [N].
        ends_m: Both ends in that joint's frame, metres, [N, 2, 3].
        radii_m: Radius at both ends, [N, 2].
    """

    meshes: tuple[SkinnedMesh, ...]
    rest_positions_m: np.ndarray
    rest_rotations: np.ndarray
    joints: np.ndarray
    ends_m: np.ndarray
    radii_m: np.ndarray

    @property
    def mesh(self) -> SkinnedMesh:
        """The finest skin."""
        return self.meshes[0]

    def dual_quaternions(self, pose: Pose, offset_m: np.ndarray | None = None) -> np.ndarray:
        """How each joint has moved since the rest pose: float32 [..., J, 2, 4] of a pose [..., J, 3 and 4].

        Row 0 is the turn, (x, y, z, w) as shaders have it; row 1 half the shift times the turn, so that
        two joints can be blended without thinning a bent elbow (Kavan et al. 2007, "Skinning with dual
        quaternions").
        """
        turns = quaternion.multiply(pose.rotations, quaternion.conjugate(self.rest_rotations))
        shifts = pose.positions_m - quaternion.rotate(turns, self.rest_positions_m)
        if offset_m is not None:
            shifts = shifts + offset_m
        pure = np.concatenate([np.zeros((*shifts.shape[:-1], 1)), shifts], axis=-1)
        out = np.stack([turns, 0.5 * quaternion.multiply(pure, turns)], axis=-2)
        return np.roll(out, -1, axis=-1).astype(np.float32)

    def capsules(self, positions_m: np.ndarray, rotations: np.ndarray) -> np.ndarray:
        """The capsules' ends in the world for global joint positions [..., J, 3] and rotations: [..., N, 2, 3]."""
        origins, turns = positions_m[..., self.joints, np.newaxis, :], rotations[..., self.joints, np.newaxis, :]
        return origins + quaternion.rotate(turns, self.ends_m)

    def extent(self, motion: Motion, offset_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spheres that hold the whole body over time: centres in metres [T, 2 N, 3] and radii [2 N]."""
        ends = self.capsules(*motion.global_transforms()) + offset_m
        return ends.reshape(motion.n_frames, -1, 3), HULL * self.radii_m.reshape(-1)


@lru_cache(maxsize=_KEPT_BODIES)
def body_for(skeleton: Skeleton) -> Body:
    """The dancer whose lengths the skeleton has, or the neutral one at its size; else a capsule for each bone."""
    whose, scale = _dancer_on(skeleton)
    if whose is None:
        return _body(skeleton, *rest_transforms(skeleton), None)
    # A file's own root may rest anywhere; the dancer's shape stands where the dancer's skeleton does.
    stands = whose.skeleton if scale == 1.0 else whose.skeleton.scaled(scale)
    meshes = tuple(_scaled(mesh, scale) for mesh in (whose.mesh, whose.coarse_mesh))
    capsules = tuple(
        (name, _triple(scale * np.array(a)), _triple(scale * np.array(b)), scale * one, scale * other)
        for name, a, b, one, other in whose.capsules
    )
    return _body(skeleton, *rest_transforms(stands), (meshes, capsules))


@lru_cache(maxsize=_KEPT_BODIES)
def capsules_for(skeleton: Skeleton) -> Body:
    """The same dancer as the capsules that stand for the skin; one for each bone of any other skeleton."""
    skin = body_for(skeleton)
    whose, _ = _dancer_on(skeleton)
    if whose is None:
        return skin
    ends = quaternion.rotate(skin.rest_rotations[skin.joints, np.newaxis], skin.ends_m)
    ends = ends + skin.rest_positions_m[skin.joints, np.newaxis]
    parts = [
        capsule(a, b, (float(one), float(other)), int(joint), linear_colour(side_colour(skeleton.names[joint])))
        for (a, b), (one, other), joint in zip(ends, skin.radii_m, skin.joints, strict=True)
    ]
    return replace(skin, meshes=(joined(parts),))


def _body(
    skeleton: Skeleton, positions: np.ndarray, rotations: np.ndarray,
    made: tuple[tuple[SkinnedMesh, ...], tuple[Capsule, ...]] | None,
) -> Body:  # fmt: skip
    meshes, capsules = _bones(skeleton, positions, rotations) if made is None else made
    joints = np.array([skeleton.index(name) for name, *_ in capsules])
    ends = np.array([(start, end) for _, start, end, _, _ in capsules])
    back = quaternion.conjugate(rotations[joints])[:, np.newaxis]
    return Body(
        meshes=meshes,
        rest_positions_m=positions,
        rest_rotations=rotations,
        joints=joints,
        ends_m=quaternion.rotate(back, ends - positions[joints][:, np.newaxis]),
        radii_m=np.array([(one, other) for *_, one, other in capsules]),
    )


def _dancer_on(skeleton: Skeleton) -> tuple[Character | None, float]:
    """The dancer whose skeleton this is, and how many times larger it is; None where it is nobody's."""
    whose = character_on(skeleton)
    if whose is not None:
        return whose, 1.0
    scale = _house_scale(skeleton)
    return (None, 1.0) if scale is None else (character(), scale)


def _scaled(mesh: SkinnedMesh, scale: float) -> SkinnedMesh:
    return mesh if scale == 1.0 else replace(mesh, positions_m=scale * mesh.positions_m)


def _house_scale(skeleton: Skeleton) -> float | None:
    """How many times the house skeleton this one is, or None where it is another one."""
    if skeleton.names != house.HOUSE.names or not np.array_equal(skeleton.parents, house.HOUSE.parents):
        return None
    bones, ours = skeleton.offsets_m[1:], house.HOUSE.offsets_m[1:]
    scale = float(np.sum(bones * ours) / np.sum(ours * ours))
    return scale if scale > 0.0 and np.allclose(bones, scale * ours, atol=0.01 * scale) else None


def _bones(
    skeleton: Skeleton, positions: np.ndarray, rotations: np.ndarray
) -> tuple[tuple[SkinnedMesh, ...], tuple[Capsule, ...]]:
    """A capsule from each joint to each of its children and to its tip; thickness follows length."""
    size = max(float(np.ptp(positions, axis=0).max()), 1e-3)
    meshes, capsules = [], []
    for joint, name in enumerate(skeleton.names):
        tip = positions[joint] + quaternion.rotate(rotations[joint], skeleton.tips_m[joint])
        ends = [(positions[child], skeleton.names[child]) for child in skeleton.children(joint)] + [(tip, name)]
        for end, end_name in ends:
            length = float(np.linalg.norm(end - positions[joint]))
            if length < 1e-3 * size:
                continue
            radius = min(max(0.16 * length, 0.006 * size), 0.035 * size)
            radii = (radius, 0.75 * radius)
            meshes.append(capsule(positions[joint], end, radii, joint, linear_colour(side_colour(end_name))))
            capsules.append((name, _triple(positions[joint]), _triple(end), *radii))
    if not meshes:
        end = positions[0] + np.array([0.0, 0.01 * size, 0.0])
        meshes.append(capsule(positions[0], end, (0.03, 0.03), 0, linear_colour(TRUNK)))
        capsules.append((skeleton.names[0], _triple(positions[0]), _triple(end), 0.03, 0.03))
    return (joined(meshes),), tuple(capsules)


def _triple(v: np.ndarray) -> tuple[float, float, float]:
    return float(v[0]), float(v[1]), float(v[2])


# CMU's ASF names put the side's letter straight before the bone.
_CMU_BONES = frozenset(
    ("hipjoint", "femur", "tibia", "foot", "toes", "clavicle", "humerus", "radius", "wrist", "hand", "fingers", "thumb")
)


def side_colour(name: str) -> str:
    """Blue for a joint name that says left, orange for right, grey otherwise."""
    plain = name.rsplit(":", maxsplit=1)[-1]
    lower = plain.lower()
    for word, letter, colour in (("left", "l", LEFT), ("right", "r", RIGHT)):
        marks_start, marks_end = (letter + "_", letter + "."), ("_" + letter, "." + letter)
        if word in lower or lower.startswith(marks_start) or lower.endswith(marks_end):
            return colour
        if lower[:1] == letter and ((plain[1:2].isupper() and not plain.isupper()) or lower[1:] in _CMU_BONES):
            return colour
    return TRUNK

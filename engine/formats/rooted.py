"""A performer's joints for formats in which a skeleton has one top joint: the rig's root on the floor, if it has one.

A root that is no bone is left out: the top joint's motion is the world's either way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.formats.bone_shapes import bone_shapes
from engine.formats.scene import Performer, SceneTake, SkinnedMesh
from engine.motion import quaternion
from engine.motion.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class JointPaths:
    """How joints move in their parents.

    Attributes:
        positions_m: Of each joint that does not keep its place, metres, [T, 3].
        rotations: Of all joints, unit (w, x, y, z), without jumps of sign from frame to frame, [T, J, 4].
    """

    positions_m: dict[int, np.ndarray]
    rotations: np.ndarray


def rooted_skeleton(performer: Performer) -> Skeleton:
    """Her joints, below the rig's root where that is a bone; it stands at the origin, unturned."""
    skeleton = performer.skeleton
    if not _has_root(performer):
        return skeleton
    assert performer.above is not None
    return Skeleton(
        (performer.above.name, *skeleton.names),
        np.concatenate([[-1], skeleton.parents + 1]),
        np.concatenate([np.zeros((1, 3)), skeleton.offsets_m]),
        np.concatenate([np.zeros((1, 3)), skeleton.tips_m]),
        np.concatenate([quaternion.IDENTITY[np.newaxis], skeleton.rest_rotations]),
    )


def rooted_mesh(performer: Performer) -> SkinnedMesh:
    """Her body, or a shape on each of her bones, carried by the joints of `rooted_skeleton`."""
    mesh = performer.mesh or bone_shapes(performer.skeleton)
    if not _has_root(performer):
        return mesh
    joints = np.where(mesh.weights > 0.0, mesh.joints + 1, 0)
    return SkinnedMesh(mesh.positions_m, mesh.normals, mesh.triangles, mesh.colours, joints, mesh.weights)


def joint_paths(performer: Performer, take: SceneTake, index: int) -> JointPaths:
    """What the joints of `rooted_skeleton` do in a take; `index` is the performer's."""
    motion = take.motions[index]
    turns = quaternion.normalize(quaternion.unroll(motion.local_rotations))
    path = take.above[index] if take.above else None
    if not _has_root(performer):
        return JointPaths({0: motion.root_positions_m}, turns)
    n = motion.n_frames
    if path is None:  # a root that stays where the rest pose has it
        above = np.tile(quaternion.IDENTITY, (n, 1, 1))
        return JointPaths({1: motion.root_positions_m}, np.concatenate([above, turns], axis=1))
    below_m, below = path.below(motion)
    above = np.broadcast_to(quaternion.unroll(path.rotations), (n, 4))[:, np.newaxis]
    rotations = np.concatenate([above, below[:, np.newaxis], turns[:, 1:]], axis=1)
    return JointPaths({0: np.broadcast_to(path.positions_m, (n, 3)), 1: below_m}, quaternion.normalize(rotations))


def _has_root(performer: Performer) -> bool:
    return performer.above is not None and performer.above.is_joint

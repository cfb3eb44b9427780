"""Forward kinematics: joint rotations to joint positions."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.skeleton import Skeleton


def forward_kinematics(
    skeleton: Skeleton,
    root_position_m: np.ndarray,
    local_rotations: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Global transform of every joint.

    Args:
        skeleton: J joints.
        root_position_m: Root joint in the world, metres, y up, [..., 3].
        local_rotations: Each joint relative to its parent, unit (w, x, y, z), [..., J, 4].

    Returns:
        Global positions in metres [..., J, 3] and global rotations [..., J, 4].
    """
    rotations = np.empty(local_rotations.shape)
    positions = np.empty((*local_rotations.shape[:-1], 3))
    for joints, parents in levels(skeleton):
        if parents is None:
            rotations[..., joints, :] = local_rotations[..., joints, :]
            positions[..., joints, :] = np.asarray(root_position_m)[..., np.newaxis, :]
            continue
        turned = rotations[..., parents, :]
        rotations[..., joints, :] = quaternion.multiply(turned, local_rotations[..., joints, :])
        offsets = quaternion.rotate(turned, skeleton.offsets_m[joints])
        positions[..., joints, :] = positions[..., parents, :] + offsets
    return positions, rotations


def levels(skeleton: Skeleton) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Joints grouped by depth, with their parents: a whole level is computed at once.

    The first entry is the root with None for parents.
    """
    depth = np.zeros(skeleton.n_joints, dtype=int)
    for joint, parent in enumerate(skeleton.parents[1:], start=1):
        depth[joint] = depth[parent] + 1
    by_depth = np.argsort(depth, kind="stable")
    root, *deeper = np.split(by_depth, np.flatnonzero(np.diff(depth[by_depth])) + 1)
    return [(root, None), *((joints, skeleton.parents[joints]) for joints in deeper)]


def local_from_global(skeleton: Skeleton, global_rotations: np.ndarray) -> np.ndarray:
    """Local rotations [..., J, 4] that give these global ones, [..., J, 4]."""
    parents = skeleton.parents.copy()
    parents[0] = 0
    local = quaternion.multiply(quaternion.conjugate(global_rotations[..., parents, :]), global_rotations)
    local[..., 0, :] = global_rotations[..., 0, :]
    return local


def rest_transforms(skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray]:
    """Global positions [J, 3] and rotations [J, 4] of the rest pose."""
    return forward_kinematics(skeleton, skeleton.offsets_m[0], skeleton.rest_rotations)

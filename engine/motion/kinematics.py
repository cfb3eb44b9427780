"""Forward kinematics: joint rotations to joint positions."""

from __future__ import annotations

from functools import lru_cache

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
    shape = local_rotations.shape
    local = np.ascontiguousarray(local_rotations, dtype=float).reshape(-1, *shape[-2:])
    root = np.broadcast_to(root_position_m, (*shape[:-2], 3)).reshape(-1, 3)
    # Time last, and quaternions as pairs of complex numbers (see quaternion.multiply): every step then runs
    # along memory.
    pairs = np.ascontiguousarray(local.view(np.complex128).transpose(1, 2, 0))
    turned = np.empty_like(pairs)
    places = np.empty((3, len(pairs), len(local)))
    turned[0], places[:, 0] = pairs[0], root.T
    for joints, parents in levels(skeleton)[1:]:
        a, b = turned[parents], pairs[joints]
        turned[joints, 0] = a[:, 0] * b[:, 0] - a[:, 1] * b[:, 1].conj()
        turned[joints, 1] = a[:, 0] * b[:, 1] + a[:, 1] * b[:, 0].conj()
    _add_offsets(skeleton, turned, places)
    positions = np.ascontiguousarray(places.transpose(2, 1, 0)).reshape(*shape[:-1], 3)
    rotations = np.ascontiguousarray(turned.transpose(2, 0, 1)).view(float).reshape(shape)
    return positions, rotations


def _add_offsets(skeleton: Skeleton, turned: np.ndarray, places: np.ndarray) -> None:
    """Fill positions [3, J, N] from the root outwards; rotations as complex pairs [J, 2, N]."""
    q = turned[skeleton.parents[1:]]
    w, x, y, z = q[:, 0].real, q[:, 0].imag, q[:, 1].real, q[:, 1].imag
    a, b, c = skeleton.offsets_m[1:].T[:, :, np.newaxis]
    # As in quaternion.rotate.
    ta, tb, tc = 2.0 * (y * c - z * b), 2.0 * (z * a - x * c), 2.0 * (x * b - y * a)
    places[0, 1:] = a + w * ta + (y * tc - z * tb)
    places[1, 1:] = b + w * tb + (z * ta - x * tc)
    places[2, 1:] = c + w * tc + (x * tb - y * ta)
    for joints, parents in levels(skeleton)[1:]:
        places[:, joints] += places[:, parents]


@lru_cache(maxsize=64)
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


@lru_cache(maxsize=64)
def branch(skeleton: Skeleton, joints: tuple[int, ...]) -> Skeleton:
    """The skeleton of some joints alone: the root first, and each after its parent."""
    parents = [-1, *(joints.index(int(skeleton.parents[joint])) for joint in joints[1:])]
    kept = list(joints)
    return Skeleton(
        tuple(skeleton.names[joint] for joint in joints), np.array(parents), skeleton.offsets_m[kept],
        skeleton.tips_m[kept], skeleton.rest_rotations[kept],
    )  # fmt: skip


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

"""A body for a skeleton that has none: an octahedron on each bone, as animation tools draw bones."""

from __future__ import annotations

import numpy as np

from engine.formats.scene import SkinnedMesh
from engine.motion import quaternion
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

_LEAST_BONE_M = 1e-4  # what is shorter gets a ball instead
_BALL_M = 0.012  # from the middle to a corner
_WAIST = 0.2  # where an octahedron is widest, along its bone
_SLIMNESS = 0.11  # half its width by its length
_WIDEST_M = 0.035
_GREY = 0.45  # linear light

# Corners of an octahedron: both ends, then the waist going round counter-clockwise seen from the far end.
_FACES = np.array([[0, 3, 2], [0, 4, 3], [0, 5, 4], [0, 2, 5], [1, 2, 3], [1, 3, 4], [1, 4, 5], [1, 5, 2]])


def bone_shapes(skeleton: Skeleton) -> SkinnedMesh:
    """Octahedra from each joint to its children or its tip, in the rest pose, each carried by its joint alone.

    A joint from which no bone goes out gets a small ball of eight faces, so every joint carries something.
    """
    joints, starts, ends = _bones(skeleton)
    corners = _corners(starts, ends)[:, _FACES]  # [N, 8, 3, 3]
    normals = quaternion.cross(corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    positions = corners.reshape(-1, 3)
    v = len(positions)
    carried = np.zeros((v, 4), dtype=np.int64)
    carried[:, 0] = np.repeat(joints, 24)
    weights = np.zeros((v, 4))
    weights[:, 0] = 1.0
    return SkinnedMesh(
        positions, np.repeat(normals.reshape(-1, 3), 3, axis=0), np.arange(v).reshape(-1, 3), np.full((v, 3), _GREY),
        carried, weights,
    )  # fmt: skip


def _bones(skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of N shapes the joint that carries it [N], where it begins and where it ends, metres, [N, 3]."""
    places, turned = rest_transforms(skeleton)
    tips = places + quaternion.rotate(turned, skeleton.tips_m)
    joints, starts, ends = [], [], []
    for joint in range(skeleton.n_joints):
        far = [places[child] for child in skeleton.children(joint)] or [tips[joint]]
        far = [end for end in far if np.linalg.norm(end - places[joint]) > _LEAST_BONE_M]
        begin = places[joint] if far else places[joint] - [0.0, _BALL_M, 0.0]
        for end in far or [places[joint] + [0.0, _BALL_M, 0.0]]:
            joints.append(joint)
            starts.append(begin)
            ends.append(end)
    return np.array(joints), np.array(starts), np.array(ends)


def _corners(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The six corners of each octahedron, [N, 6, 3]."""
    along = ends - starts
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    ball = length <= 2.0 * _BALL_M + 1e-9
    upright = quaternion.between(np.broadcast_to([0.0, 1.0, 0.0], along.shape), along)
    half_width = np.where(ball, 0.5 * length, np.minimum(_SLIMNESS * length, _WIDEST_M))
    middle = starts + np.where(ball, 0.5, _WAIST) * along
    sides = [
        middle + half_width * quaternion.rotate(upright, np.array(axis))
        for axis in ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    ]
    return np.stack([starts, ends, *sides], axis=1)

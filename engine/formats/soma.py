"""Motions of NVIDIA's SOMA skeleton (78 joints) out of .npz archives.

The archive's reference pose has every joint unrotated and every bone along its own x axis: no body stands like that.
The rest pose here is the T-pose that these joints' frames mean: spine and right leg x up, left leg x down, arms x to
the left, and across them what the knees, elbows and thumbs of the published motions say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.array_archive import number, numbers
from engine.formats.upright import TO_Y_UP, guess_up
from engine.motion import quaternion, rotations
from engine.motion.kinematics import forward_kinematics
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

ASSUMED_RATE_HZ = 50.0
_NAMES, _PARENTS = "human_joint_names", "human_parent_indices"
_LOCAL, _REFERENCE = "human_local_transforms", "human_reference_local_transforms"
_LEFT, _UP, _AHEAD = np.eye(3)
# How far the bone from the ankle to the toes slopes while the foot is flat.
_SLOPE_RAD = np.radians(27.0)
_TOES = np.cos(_SLOPE_RAD) * _AHEAD - np.sin(_SLOPE_RAD) * _UP
_INSTEP = -np.sin(_SLOPE_RAD) * _AHEAD - np.cos(_SLOPE_RAD) * _UP
# First joint of a branch -> where its x and its y axis point in the T-pose.
_FRAMES: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "Hips": (_UP, _AHEAD),
    "LeftShoulder": (_LEFT, _AHEAD),
    "RightShoulder": (_LEFT, -_AHEAD),
    "LeftLeg": (-_UP, -_AHEAD),
    "RightLeg": (_UP, _AHEAD),
    "LeftFoot": (_TOES, _INSTEP),
    "RightFoot": (-_TOES, -_INSTEP),
}


def is_soma(named: Mapping[str, Any]) -> bool:
    """Whether these arrays are such a motion."""
    return _NAMES in named and _LOCAL in named


def motion_from(path: Path, named: Mapping[str, Any]) -> tuple[Motion, str, str]:
    """The motion in metres, y up; where its rate came from; what points up in the file.

    Raises:
        MotionFileError: where arrays are missing or do not fit together.
    """
    names = [str(name) for name in np.asarray(named[_NAMES]).reshape(-1)]
    parents = numbers(path, named, _PARENTS, (len(names),)).astype(int)
    local = numbers(path, named, _LOCAL, (-1, len(names), 7))
    reference = numbers(path, named, _REFERENCE, (len(names), 7))
    first = names.index("Hips") if "Hips" in names else 0
    below = _branch(path, parents, first)
    if not {*_FRAMES} <= {names[j] for j in below} or len(set(names)) < len(names):
        raise MotionFileError(path, "its joints are not those of the SOMA skeleton.")
    if len(local) == 0 or not (np.isfinite(local).all() and np.isfinite(reference).all()):
        raise MotionFileError(path, "it holds no frame, or numbers that are not finite.")
    is_scalar_first = bool(number(path, named, "scalar_first") or 0.0)
    turns = quaternion.normalize(local[..., 3:] if is_scalar_first else local[..., [6, 3, 4, 5]])
    root, turned = _carried(local[..., :3], turns, parents, first)
    turns[:, first] = turned
    skeleton = _skeleton(names, parents, reference[:, :3], below)
    rotated = quaternion.unroll(turns[:, below])
    positions, _ = forward_kinematics(skeleton, root, rotated)
    feet = [skeleton.index("LeftFoot"), skeleton.index("RightFoot")]
    up = guess_up(positions[:, skeleton.index("LeftShoulder")], positions[:, feet].mean(axis=1))
    rotated[:, 0] = quaternion.multiply(TO_Y_UP[up], rotated[:, 0])
    rate_hz = number(path, named, "fps", "frame_rate") or 0.0
    says = 1.0 <= rate_hz <= 1000.0
    motion = Motion(skeleton, rate_hz if says else ASSUMED_RATE_HZ, quaternion.rotate(TO_Y_UP[up], root), rotated)
    return motion, "as the file says" if says else "which was assumed: the file gives none", up


def _branch(path: Path, parents: np.ndarray, first: int) -> list[int]:
    """A joint and all that hang on it, in the file's order."""
    if parents[0] >= 0 or np.any(parents[1:] >= np.arange(1, len(parents))) or np.any(parents[1:] < 0):
        raise MotionFileError(path, "its joints are not in the order of the SOMA skeleton.")
    below = [first]
    for joint in range(first + 1, len(parents)):
        if int(parents[joint]) in below:
            below.append(joint)
    return below


def _carried(
    places: np.ndarray, turns: np.ndarray, parents: np.ndarray, joint: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where a joint is in the world, [T, 3], and how it is turned, [T, 4], with all that it hangs on."""
    place, turned = places[:, joint], turns[:, joint]
    parent = int(parents[joint])
    while parent >= 0:
        place = places[:, parent] + quaternion.rotate(turns[:, parent], place)
        turned = quaternion.multiply(turns[:, parent], turned)
        parent = int(parents[parent])
    return place, turned


def _skeleton(names: list[str], parents: np.ndarray, offsets: np.ndarray, below: list[int]) -> Skeleton:
    """The joints of a branch in the T-pose."""
    rest = np.tile(quaternion.IDENTITY, (len(below), 1))
    standing: dict[int, np.ndarray] = {}
    for row, joint in enumerate(below):
        before = standing.get(int(parents[joint]), quaternion.IDENTITY)
        now = before
        if names[joint] in _FRAMES:
            x, y = _FRAMES[names[joint]]
            now = rotations.quaternion_from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1))
        rest[row] = quaternion.multiply(quaternion.conjugate(before), now)
        standing[joint] = now
    own = np.array([below.index(int(parents[joint])) if row else -1 for row, joint in enumerate(below)])
    return Skeleton(tuple(names[j] for j in below), own, offsets[below], np.zeros((len(below), 3)), rest)

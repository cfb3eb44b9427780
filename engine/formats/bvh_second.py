"""A second reader of BVH, for proof alone: written apart from `bvh_read`, sharing no line with it.

It knows the one dialect that Kinetograph writes, multiplies matrices where the other turns quaternions,
and takes every word of the file literally: root positions as they stand, rotations in the order of the channels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.errors import MotionFileError
from engine.formats.scene import ReadBack, ReadCurves, ReadPerformer

READER = "Kinetograph's second BVH reader 1"
_CM = 0.01
_MOST_BYTES = 2 << 30


def read_back(path: Path) -> ReadBack:
    """What stands in a BVH file of our dialect.

    Raises:
        MotionFileError: if it is not that.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise MotionFileError(path, "is larger than 2 GiB; no dance is.")
        head, mark, body = path.read_text("ascii").partition("MOTION\n")
        if not mark:
            raise MotionFileError(path, "has no line MOTION.")
        names, parents, offsets, orders = _tree(head.split())
        said, frame_time, numbers = body.split("\n", 2)
        n_frames, step_s = int(said.removeprefix("Frames:")), float(frame_time.removeprefix("Frame Time:"))
        table = np.fromstring(numbers, sep=" ").reshape(n_frames, 3 + 3 * len(names))
    except (OSError, ValueError, IndexError) as error:
        raise MotionFileError(path, f"is no BVH of the dialect that Kinetograph writes ({error}).") from error
    angles = table[:, 3:].reshape(n_frames, -1, 3)
    places, turns = _globals(parents, offsets, table[:, :3], angles, orders)
    rest = np.zeros_like(offsets)
    for joint, parent in enumerate(parents):
        rest[joint] = offsets[joint] + (rest[parent] if parent >= 0 else 0.0)
    curves = ReadCurves(orders[0], angles) if len(set(orders)) == 1 else None
    performer = ReadPerformer(
        names[0], tuple(names), np.array(parents), places * _CM, _quaternions(turns), rest * _CM, curves=curves
    )
    return ReadBack(READER, 1.0 / step_s, None, n_frames, (performer,), unit_to_m=_CM)


def _tree(words: list[str]) -> tuple[list[str], list[int], np.ndarray, list[str]]:
    """Names, parents, offsets [J, 3] and the order of the rotation channels of each joint."""
    names, parents, offsets, orders, open_joints = [], [], [], [], [-1]
    for at, word in enumerate(words):
        if word in ("ROOT", "JOINT"):
            names.append(words[at + 1])
            parents.append(open_joints[-1])
        elif word == "{":
            open_joints.append(len(names) - 1 if words[at - 2] != "End" else -2)
        elif word == "}":
            open_joints.pop()
        elif word == "OFFSET" and open_joints[-1] != -2:
            offsets.append([float(number) for number in words[at + 1 : at + 4]])
        elif word == "CHANNELS":
            channels = words[at + 2 : at + 2 + int(words[at + 1])]
            if channels[:-3] != ["Xposition", "Yposition", "Zposition"] * (parents[-1] < 0):
                raise ValueError(f"channels of {names[-1]}")
            orders.append("".join(channel[0] for channel in channels[-3:]))
    if not names or len(offsets) != len(names) or len(orders) != len(names) or parents.count(-1) != 1:
        raise ValueError("joints, offsets and channels do not match")
    return names, parents, np.array(offsets), orders


def _globals(
    parents: list[int], offsets: np.ndarray, root: np.ndarray, angles_deg: np.ndarray, orders: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Global positions [T, J, 3] and rotation matrices [T, J, 3, 3]."""
    places = np.empty((len(root), len(parents), 3))
    turns = np.empty((len(root), len(parents), 3, 3))
    for joint, parent in enumerate(parents):
        first, second, third = (_about(axis, angles_deg[:, joint, k]) for k, axis in enumerate(orders[joint]))
        local = first @ second @ third
        if parent < 0:
            places[:, joint], turns[:, joint] = root, local
        else:
            places[:, joint] = places[:, parent] + turns[:, parent] @ offsets[joint]
            turns[:, joint] = turns[:, parent] @ local
    return places, turns


def _about(axis: str, angle_deg: np.ndarray) -> np.ndarray:
    """Rotation matrices [T, 3, 3] about one axis."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    i = "XYZ".index(axis)
    j, k = (i + 1) % 3, (i + 2) % 3
    out = np.zeros((len(c), 3, 3))
    out[:, i, i] = 1.0
    out[:, j, j], out[:, k, k], out[:, j, k], out[:, k, j] = c, c, -s, s
    return out


def _quaternions(m: np.ndarray) -> np.ndarray:
    """Unit (w, x, y, z) [..., 4] of rotation matrices [..., 3, 3], by the largest of their four squares."""
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    yz, zx, xy = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    sx, sy, sz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    rows = np.stack([
        np.stack([1 + xx + yy + zz, yz, zx, xy], -1), np.stack([yz, 1 + xx - yy - zz, sx, sy], -1),
        np.stack([zx, sx, 1 - xx + yy - zz, sz], -1), np.stack([xy, sy, sz, 1 - xx - yy + zz], -1),
    ], -2)  # fmt: skip
    best = np.argmax(np.diagonal(rows, axis1=-2, axis2=-1), axis=-1)
    q = np.take_along_axis(rows, best[..., np.newaxis, np.newaxis], axis=-2)[..., 0, :]
    return q / np.linalg.norm(q, axis=-1, keepdims=True)

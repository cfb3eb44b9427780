"""A motion as BVH, in the one dialect that Blender, MotionBuilder, Maya's tools and game engines all read right.

Centimetres, y up; the root with OFFSET 0 and six channels, all others with three; rotations Z, X, Y for
every joint (R = Rz Rx Ry), in degrees that turn continuously; an End Site that is not zero on every
childless joint; names without spaces, each once; ASCII, LF, 6 decimals, 8 for the frame time (0.0417 for
24 frames a second would drift by 240 ms in 5 minutes, 0.04166667 by 0.02 ms).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.errors import MotionFileError
from engine.formats.names import distinct_names
from engine.formats.whole_file import replacing
from engine.motion import quaternion, rotations
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

ORDER = "ZXY"
_M_TO_CM = 100.0
_LEAST_TIP_M = 0.02  # what Blender makes a bone of must have a length
_BLOCK_FRAMES = 256
_DEEPEST_INDENT = 24  # beyond, the spaces alone would outweigh the skeleton


def write(path: Path, motion: Motion, *, first_frame_t_pose: bool = False) -> None:
    """Write a motion as a BVH file; a file that is already there is replaced only by a whole new one.

    A BVH skeleton has no rest rotations: its zero pose is its rest pose. `with_zero_rest_pose` says how
    a skeleton that has them is re-expressed.

    Args:
        path: Where to.
        motion: Any skeleton, any rate.
        first_frame_t_pose: Put the rest pose, standing on the floor, before the motion: one frame more.

    Raises:
        MotionFileError: if it cannot be written, or the motion holds what is not a number.
    """
    for array in (motion.root_positions_m, motion.local_rotations):
        if not np.all(np.isfinite(array)):
            frame = int(np.argmin(np.isfinite(array).all(axis=tuple(range(1, array.ndim)))))
            raise MotionFileError(path, f"frame {frame} of the motion holds a value that is not a number.")
    motion = with_zero_rest_pose(motion)
    order = _file_order(motion.skeleton)
    try:
        with replacing(path) as file:
            file.write("".join(_header(motion, order, motion.n_frames + first_frame_t_pose)).encode("ascii"))
            if first_frame_t_pose:
                file.write(_rows(_rest_row(motion.skeleton)))
            for block in _numbers(motion, order):
                file.write(_rows(block))
    except OSError as error:
        raise MotionFileError(path, f"cannot be written ({error.strerror or error}).") from error


def with_zero_rest_pose(motion: Motion) -> Motion:
    """The same motion of the same body on a skeleton whose rest pose has no rotations.

    With G_j the global rest rotation of joint j and p its parent, each joint gets axes that are those
    of the world in the rest pose: offset' = G_p offset, tip' = G_j tip, L'_j = G_p L_j inverse(G_j). Every
    position stays; the global rotation W_j becomes W_j inverse(G_j), which is the identity in the rest pose.
    """
    skeleton = motion.skeleton
    if np.array_equal(skeleton.rest_rotations, np.tile(quaternion.IDENTITY, (skeleton.n_joints, 1))):
        return motion
    _, rest = rest_transforms(skeleton)
    above = rest[skeleton.parents]
    above[0] = quaternion.IDENTITY
    straight = Skeleton(
        skeleton.names,
        skeleton.parents,
        quaternion.rotate(above, skeleton.offsets_m),
        quaternion.rotate(rest, skeleton.tips_m),
    )
    local = quaternion.multiply(above, quaternion.multiply(motion.local_rotations, quaternion.conjugate(rest)))
    return Motion(straight, motion.frame_rate_hz, motion.root_positions_m, local)


def file_names(names: tuple[str, ...]) -> list[str]:
    """The names as they are written: ASCII without spaces and braces, each once, kept where they are so."""
    wanted = []
    for i, name in enumerate(names):
        ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip()
        wanted.append(re.sub(r"[^!-~]+|[{}]", "_", ascii_name) or f"joint_{i}")
    return distinct_names(wanted, names)


def _file_order(skeleton: Skeleton) -> list[int]:
    """The joints as a file nests them: each before its children, and these before its next sibling."""
    children: list[list[int]] = [[] for _ in range(skeleton.n_joints)]
    for joint in range(skeleton.n_joints - 1, 0, -1):
        children[int(skeleton.parents[joint])].append(joint)
    order, waiting = [], [0]
    while waiting:
        joint = waiting.pop()
        order.append(joint)
        waiting += children[joint]
    return order


def _header(motion: Motion, order: list[int], n_frames: int) -> Iterator[str]:
    skeleton, names = motion.skeleton, file_names(motion.skeleton.names)
    depth = np.zeros(skeleton.n_joints, dtype=int)
    for joint in range(1, skeleton.n_joints):
        depth[joint] = depth[skeleton.parents[joint]] + 1
    has_children = np.isin(np.arange(skeleton.n_joints), skeleton.parents)
    yield "HIERARCHY\n"
    for at, joint in enumerate(order):
        is_root = joint == 0
        kind, offset_m = ("ROOT", np.zeros(3)) if is_root else ("JOINT", skeleton.offsets_m[joint])
        positions = "6 Xposition Yposition Zposition" if is_root else "3"
        outer, inner = _indent(depth[joint]), _indent(depth[joint] + 1)
        yield f"{outer}{kind} {names[joint]}\n{outer}{{\n{inner}OFFSET {_triple(offset_m)}\n"
        yield f"{inner}CHANNELS {positions} " + " ".join(f"{axis}rotation" for axis in ORDER) + "\n"
        if not has_children[joint]:
            yield f"{inner}End Site\n{inner}{{\n{_indent(depth[joint] + 2)}OFFSET {_triple(_tip_m(skeleton, joint))}\n"
            yield f"{inner}}}\n"
        next_depth = depth[order[at + 1]] if at + 1 < len(order) else 0
        for closed in range(depth[joint], next_depth - 1, -1):
            yield f"{_indent(closed)}}}\n"
    yield f"MOTION\nFrames: {n_frames}\nFrame Time: {1.0 / motion.frame_rate_hz:.8f}\n"


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST_INDENT)


def _triple(metres: np.ndarray) -> str:
    return " ".join(f"{number:.6f}" for number in np.round(metres * _M_TO_CM, 6) + 0.0)


def _tip_m(skeleton: Skeleton, joint: int) -> np.ndarray:
    """Where a childless joint's bone ends; on along its parent's bone where the skeleton does not say."""
    tip, offset = skeleton.tips_m[joint], skeleton.offsets_m[joint] * (joint > 0)
    if np.any(np.round(tip * _M_TO_CM, 6)):
        return tip
    length = float(np.linalg.norm(offset))
    if length < 1e-6:
        return np.array([0.0, _LEAST_TIP_M, 0.0])
    return offset / length * max(0.3 * length, _LEAST_TIP_M)


def _numbers(motion: Motion, order: list[int]) -> Iterator[np.ndarray]:
    """The numbers of the frames as the file has them, some frames at a time, [n, 3 + 3 J]."""
    degrees = np.degrees(rotations.unrolled_euler(motion.local_rotations[:, order], ORDER))
    positions = motion.root_positions_m * _M_TO_CM
    for begin in range(0, motion.n_frames, _BLOCK_FRAMES):
        block = slice(begin, begin + _BLOCK_FRAMES)
        turned = degrees[block]
        yield np.concatenate([positions[block], turned.reshape(len(turned), -1)], axis=1)


def _rest_row(skeleton: Skeleton) -> np.ndarray:
    """The one frame [1, 3 + 3 J] of the rest pose: where the skeleton says it stands, else on the floor."""
    root_m = skeleton.offsets_m[0]
    if not np.any(root_m):
        positions, turned = rest_transforms(skeleton)
        lowest_m = min(positions[:, 1].min(), (positions + quaternion.rotate(turned, skeleton.tips_m))[:, 1].min())
        root_m = np.array([0.0, -lowest_m, 0.0])
    return np.concatenate([root_m * _M_TO_CM, np.zeros(3 * skeleton.n_joints)])[np.newaxis]


def _rows(numbers: np.ndarray) -> bytes:
    # Adding zero turns -0.0, which rounding leaves behind, into 0.0.
    line = " ".join(["%.6f"] * numbers.shape[1]) + "\n"
    return "".join([line % tuple(row) for row in (np.round(numbers, 6) + 0.0).tolist()]).encode("ascii")

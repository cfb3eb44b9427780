"""From the words of a BVH file to a motion in metres, y up.

How the dialects are understood:

- A joint is placed before it is turned, whatever the order of its channels; its rotations apply as its
  rotation channels read from left to right, R = R1 R2 R3.
- The root's position channels say where it is. Its OFFSET is not added to them, as Blender, MotionBuilder
  and Holden's tools have it; it only stands in for axes without a channel, and is where the rest pose stands.
- Position channels of another joint take the place of its OFFSET (MotionBuilder, GenoView) or are added
  to it (Blender): whichever fits most joints of the file. Motion has rigid bones, so each joint gets the
  mean of its place over time as offset; what that leaves out is measured and, beyond 1 mm, warned of.
- A root that only carries one moving joint (a "Reference" above the hips) is merged with it.
- A tip is the first End Site of a joint without children.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.formats import bvh_guess
from engine.formats.bvh_guess import UpAxis
from engine.formats.bvh_parse import BvhText, Node, parse
from engine.formats.names import distinct_names
from engine.motion import quaternion, rotations
from engine.motion.kinematics import forward_kinematics, rest_transforms
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

_RIGID_M = 0.001  # a bone that changes less is rigid
_BLOCK_FRAMES = 512  # converted at once, so that angles and quaternions stay in the processor's cache
_FRAMES_TO_GUESS_BY = 32


@dataclass(frozen=True, eq=False)
class BvhFile:
    """A BVH file as it was understood.

    Attributes:
        motion: In metres, y up.
        unit_to_m: Metres in a unit of the file.
        unit_reason: Why that unit: given, or the measurement behind the guess; one sentence.
        up_axis: The axis that points up in the file, "y" or "z".
        joint_travel_m: How far each joint with position channels, the root aside, moves from the offset
            it was given: 0.0 where nothing was lost.
        warnings: What was repaired, assumed or left out, a sentence each.
    """

    motion: Motion
    unit_to_m: float
    unit_reason: str
    up_axis: UpAxis
    joint_travel_m: dict[str, float]
    warnings: tuple[str, ...]


@dataclass
class _Parts:
    """A motion in the making, in the file's unit and axes. Arrays begin with the root."""

    names: list[str]
    parents: np.ndarray
    offsets: np.ndarray
    tips: np.ndarray
    root_positions: np.ndarray
    local_rotations: np.ndarray
    moves: dict[int, np.ndarray]  # joint with position channels, without the root: its place in its parent, [T, 3]


def read_report(path: Path, *, unit_to_m: float | None = None, up_axis: UpAxis | None = None) -> BvhFile:
    """Read a BVH file of any dialect, and say how it was understood.

    Args:
        path: The file.
        unit_to_m: Metres in a unit of the file; guessed from the body's size when None.
        up_axis: What points up in the file; guessed from rest pose and motion when None.

    Raises:
        MotionFileError: with the line of what cannot be understood.
    """
    if unit_to_m is not None and not 0.0 < unit_to_m < np.inf:
        raise ValueError(f"unit_to_m must be positive, got {unit_to_m}")
    text = parse(path)
    warnings = text.warnings
    joints, ends = _first_tree(path, text)
    unit, reason = _unit(joints, ends, unit_to_m, warnings)
    parts = _parts(text, joints, ends, warnings)
    _merge_carrier(parts, _RIGID_M / unit, warnings)
    travel = {parts.names[j]: unit * far for j, far in _make_rigid(parts).items()}
    _warn_of_travel(travel, warnings)
    rate_hz, about_rate = bvh_guess.frame_rate_hz(text.frame_time)
    warnings += [about_rate] if about_rate else []
    motion, up = _in_metres_y_up(parts, rate_hz, unit, up_axis)
    if up == "z" and up_axis is None:
        warnings.append("The figure stands along z: the file was taken to be z up and was turned to y up.")
    return BvhFile(motion, unit, reason, up, travel, tuple(warnings))


def _first_tree(path: Path, text: BvhText) -> tuple[list[Node], list[Node]]:
    """Joints and end sites of the first ROOT, `parent` counting the joints; warns of further roots."""
    roots = [i for i, node in enumerate(text.nodes) if node.parent < 0]
    if len(roots) > 1:
        text.warnings.append(
            f"The file has {len(roots)} roots; {text.nodes[0].name!r} was read and the others were left out."
        )
    nodes = text.nodes[: roots[1]] if len(roots) > 1 else text.nodes
    places = np.cumsum([not node.is_end for node in nodes]) - 1
    for node in nodes[1:]:
        node.parent = int(places[node.parent])
    left_out = {
        "has no OFFSET; it was put where its parent is": [node for node in nodes if node.offset is None],
        "is an End Site with channels; they were left out": [node for node in nodes if node.is_end and node.channels],
        "has scale channels; they were left out": [
            node for node in nodes if any(channel.endswith("scale") for channel in node.channels)
        ],
    }
    for what, where in left_out.items():
        if where:
            more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
            text.warnings.append(f"The joint in line {where[0].line} {what}{more}.")
    return [node for node in nodes if not node.is_end], [node for node in nodes if node.is_end]


def _unit(
    joints: list[Node], ends: list[Node], unit_to_m: float | None, warnings: list[str]
) -> tuple[float, str]:
    if unit_to_m is not None:
        return unit_to_m, "it was given."
    nodes = joints + ends
    parents = np.array([node.parent for node in nodes])
    guess, reason, is_sure = bvh_guess.guess_unit(parents, np.array([node.offset or (0.0, 0.0, 0.0) for node in nodes]))
    if not is_sure:
        warnings.append(f"The file's unit is not certain: {reason}")
    return guess, reason


def _parts(text: BvhText, joints: list[Node], ends: list[Node], warnings: list[str]) -> _Parts:
    offsets = np.array([node.offset or (0.0, 0.0, 0.0) for node in joints])
    parents = np.array([node.parent for node in joints])
    tips = np.zeros_like(offsets)
    for end in reversed(ends):  # the first of several is written last
        tips[end.parent] = end.offset or (0.0, 0.0, 0.0)
    tips[parents[1:]] = 0.0
    moves = _moves(joints, offsets, text.values)
    local = _local_rotations(joints, text.values)
    root = moves.pop(0, np.tile(offsets[0], (len(text.values), 1)))
    return _Parts(_unique_names(joints, warnings), parents, offsets, tips, root, local, moves)


def _unique_names(joints: list[Node], warnings: list[str]) -> list[str]:
    own = [joint.name for joint in joints]
    names = distinct_names([name or f"joint_{i}" for i, name in enumerate(own)], own)
    changed = sum(name != before for name, before in zip(names, own, strict=True))
    if changed:
        warnings.append(f"{changed} joints had no name or one that was taken, and were renamed.")
    return names


def _moves(joints: list[Node], offsets: np.ndarray, values: np.ndarray) -> dict[int, np.ndarray]:
    """Place in its parent, [T, 3], of each joint that has position channels."""
    columns = {
        j: {"XYZ".index(channel[0]): joint.first_column + i for i, channel in enumerate(joint.channels)
            if channel.endswith("position")}
        for j, joint in enumerate(joints)
    }  # fmt: skip
    columns = {j: of_joint for j, of_joint in columns.items() if of_joint}
    out = {j: np.tile(offsets[j], (len(values), 1)) for j in columns}
    votes_for_adding = 0
    for j, of_joint in columns.items():
        for axis, column in of_joint.items():
            out[j][:, axis] = values[:, column]
        axes = list(of_joint)
        if j > 0 and len(values):
            middle = np.median(out[j][:, axes], axis=0)
            to_zero, to_offset = np.abs(middle).sum(), np.abs(middle - offsets[j, axes]).sum()
            votes_for_adding += int(np.sign(to_offset - to_zero))
    if votes_for_adding > 0:
        for j, of_joint in columns.items():
            out[j][:, list(of_joint)] += offsets[j, list(of_joint)] if j > 0 else 0.0
    return out


def _local_rotations(joints: list[Node], values: np.ndarray) -> np.ndarray:
    """Local rotations [T, J, 4] from degrees; joints of one rotation order are converted together."""
    by_order: dict[str, list[int]] = {}
    for j, joint in enumerate(joints):
        order = "".join(channel[0] for channel in joint.channels if channel.endswith("rotation"))
        by_order.setdefault(order, []).append(j)
    local = np.empty((len(values), len(joints), 4))
    for order, of_order in by_order.items():
        columns = np.array([
            [joints[j].first_column + i for i, channel in enumerate(joints[j].channels) if channel.endswith("rotation")]
            for j in of_order
        ], dtype=int)  # fmt: skip
        where = slice(None) if len(of_order) == len(joints) else np.array(of_order)
        for begin in range(0, len(values), _BLOCK_FRAMES):
            block = slice(begin, begin + _BLOCK_FRAMES)
            angles_rad = np.take(values[block], columns, axis=1) * (np.pi / 180.0)
            local[block, where] = rotations.quaternion_from_euler(angles_rad, order)
    return local


def _merge_carrier(parts: _Parts, rigid: float, warnings: list[str]) -> None:
    """While the root's only child moves within it, make the two one: the child's path is the body's."""
    while len(parts.names) > 1 and np.sum(parts.parents == 0) == 1 and 1 in parts.moves:
        place = parts.moves[1]
        if len(place) == 0 or np.max(np.ptp(place, axis=0)) <= rigid:
            return
        warnings.append(f"{parts.names[0]!r} only carries {parts.names[1]!r}; the two were made one root.")
        carrier = parts.local_rotations[:, 0]
        parts.root_positions = parts.root_positions + quaternion.rotate(carrier, place)
        parts.local_rotations = parts.local_rotations[:, 1:].copy()
        parts.local_rotations[:, 0] = quaternion.multiply(carrier, parts.local_rotations[:, 0])
        offset = parts.offsets[0] + parts.offsets[1]
        parts.names, parts.parents = parts.names[1:], parts.parents[1:] - 1
        parts.offsets, parts.tips = parts.offsets[1:], parts.tips[1:]
        parts.offsets[0] = offset
        parts.moves = {j - 1: move for j, move in parts.moves.items() if j > 1}


def _make_rigid(parts: _Parts) -> dict[int, float]:
    """Give each moving joint its mean place for an offset; how far each moves from it."""
    travel = {}
    for j, place in parts.moves.items():
        if len(place):
            # A mean of equal numbers is off in the last digit; a still joint keeps the file's own.
            parts.offsets[j] = np.where(np.ptp(place, axis=0) == 0.0, place[0], place.mean(axis=0))
            travel[j] = float(np.linalg.norm(place - parts.offsets[j], axis=1).max())
    return travel


def _warn_of_travel(travel_m: dict[str, float], warnings: list[str]) -> None:
    moving = {name: far for name, far in travel_m.items() if far > _RIGID_M}
    if moving:
        farthest = max(moving, key=moving.__getitem__)
        warnings.append(
            f"{len(moving)} joints move within their parents, {farthest!r} farthest with "
            f"{1000 * moving[farthest]:.0f} mm; bones are rigid here, so their mean places were kept."
        )


def _in_metres_y_up(parts: _Parts, rate_hz: float, unit: float, up_axis: UpAxis | None) -> tuple[Motion, UpAxis]:
    skeleton = Skeleton(tuple(parts.names), parts.parents, parts.offsets * unit, parts.tips * unit)
    root_m, local = parts.root_positions * unit, parts.local_rotations
    rest_up = up_axis or bvh_guess.guess_rest_up(rest_transforms(skeleton)[0])
    some = slice(None, None, max(1, len(root_m) // _FRAMES_TO_GUESS_BY))
    world_up = up_axis or bvh_guess.guess_world_up(forward_kinematics(skeleton, root_m[some], local[some])[0], rest_up)
    if rest_up == "z":
        rest, offsets_m = skeleton.rest_rotations.copy(), skeleton.offsets_m.copy()
        rest[0] = bvh_guess.Y_UP_FROM_Z_UP
        offsets_m[0] = quaternion.rotate(bvh_guess.Y_UP_FROM_Z_UP, offsets_m[0])
        skeleton = Skeleton(skeleton.names, skeleton.parents, offsets_m, skeleton.tips_m, rest)
    if world_up == "z":
        root_m = quaternion.rotate(bvh_guess.Y_UP_FROM_Z_UP, root_m)
        local[:, 0] = quaternion.multiply(bvh_guess.Y_UP_FROM_Z_UP, local[:, 0])
    return Motion(skeleton, rate_hz, root_m, local), world_up


def read(path: Path, *, unit_to_m: float | None = None) -> Motion:
    """The motion of a BVH file in metres, y up: `read_report` without the report."""
    return read_report(path, unit_to_m=unit_to_m).motion

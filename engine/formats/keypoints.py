"""Places of body points over time, such as AIST++ keypoints, turned into rotations of a skeleton.

Bones get the median of their lengths, and joints the places of the points as far as these lengths allow: hips and chest
are turned by the lines across and up the body, thighs and upper arms by where their ends are (two-bone analytic
inverse kinematics). What points cannot tell is not invented: forearms do not twist, hands go on from the forearm,
and feet, of which there is only the ankle, follow the shin.

Points in the order of COCO (Lin et al. 2014, "Microsoft COCO"), places in centimetres, y up, as in AIST++ (Li et al.
2021), 60 frames a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.array_archive import number, numbers
from engine.motion import ik, quaternion, rotations
from engine.motion.kinematics import forward_kinematics, local_from_global
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

NAMES = ("keypoints3d_optim", "keypoints3d")
RATE_HZ = 60.0
_POINTS = (
    "Nose", "LeftEye", "RightEye", "LeftEar", "RightEar", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm",
    "LeftHand", "RightHand", "LeftUpLeg", "RightUpLeg", "LeftLeg", "RightLeg", "LeftFoot", "RightFoot",
)  # fmt: skip
_P = {name: i for i, name in enumerate(_POINTS)}
_MIDDLES = {"Hips": ("LeftUpLeg", "RightUpLeg"), "Neck": ("LeftArm", "RightArm"), "Head": ("LeftEar", "RightEar")}
# Joint, its parent, and where it stands from there at rest: a direction, or the point at whose height.
_TREE: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("Hips", "", (0.0, 1.0, 0.0)),
    ("Spine2", "Hips", (0.0, 0.0, 0.0)),
    ("Neck", "Spine2", (0.0, 1.0, 0.0)),
    ("Head", "Neck", (0.0, 1.0, 0.0)),
    *(
        (f"{side}{bone}", f"{side}{parent}" if parent in ("Arm", "ForeArm", "UpLeg", "Leg") else parent, way)
        for side, sign in (("Left", 1.0), ("Right", -1.0))
        for bone, parent, way in (
            ("Arm", "Neck", (sign, 0.0, 0.0)), ("ForeArm", "Arm", (sign, 0.0, 0.0)),
            ("Hand", "ForeArm", (sign, 0.0, 0.0)), ("UpLeg", "Hips", (sign, 0.0, 0.0)),
            ("Leg", "UpLeg", (0.0, -1.0, 0.0)), ("Foot", "Leg", (0.0, -1.0, 0.0)),
        )
    ),
)  # fmt: skip
_JOINTS = tuple(name for name, _, _ in _TREE)
_J = {name: i for i, name in enumerate(_JOINTS)}
_LIMBS = tuple(
    tuple(side + bone for bone in bones)
    for side in ("Left", "Right")
    for bones in (("UpLeg", "Leg", "Foot"), ("Arm", "ForeArm", "Hand"))
)
_SHORTEST_M, _FARTHEST_M = 0.02, 1e4


@dataclass(frozen=True, eq=False)
class PointMotion:
    """A motion fitted to points.

    Attributes:
        motion: Metres, y up, on a skeleton of 16 joints with HumanIK's names.
        rate_from: Where the frame rate came from.
        far_mm: How far joints are from their points: mean, and the 99th of a hundred.
        warnings: A sentence each.
    """

    motion: Motion
    rate_from: str
    far_mm: tuple[float, float]
    warnings: tuple[str, ...]


def is_keypoints(named: Mapping[str, Any]) -> bool:
    """Whether these arrays hold points."""
    return any(name in named for name in NAMES)


def motion_from(path: Path, named: Mapping[str, Any], unit_to_m: float = 0.01) -> PointMotion:
    """The motion that goes through some points best.

    Args:
        path: For messages.
        named: As `array_archive.read_named` gives them.
        unit_to_m: Metres in a unit of the points.

    Raises:
        MotionFileError: where points are missing or make no body.
    """
    name = next(name for name in NAMES if name in named)
    points = numbers(path, named, name, (-1, len(_POINTS), 3)) * unit_to_m
    points, n_filled = _filled(path, points)
    rate_hz = number(path, named, "fps", "frame_rate") or 0.0
    says_rate = 1.0 <= rate_hz <= 1000.0
    motion = _fitted(path, points, rate_hz if says_rate else RATE_HZ)
    far = np.linalg.norm(motion.positions_m()[:, _SHOWN] - points[:, _SEEN], axis=-1)
    warnings = ["Points tell no twist of forearms, hands and feet: these follow the limb that they hang on."]
    if n_filled:
        warnings.append(f"{n_filled} points were missing in single frames and were drawn between their neighbours.")
    why = "as the file says" if says_rate else "which is the rate of all AIST++ motions; the file does not say"
    return PointMotion(motion, why, (1e3 * float(far.mean()), 1e3 * float(np.percentile(far, 99))), tuple(warnings))


# Points that are joints too.
_SHOWN = [_J[name] for name in _POINTS if name in _J]
_SEEN = [_P[name] for name in _POINTS if name in _J]


def _filled(path: Path, points: np.ndarray) -> tuple[np.ndarray, int]:
    """The points [T, 17, 3] with gaps drawn straight, and how many there were."""
    known = np.isfinite(points).all(axis=2) & (np.abs(np.nan_to_num(points)).max(axis=2) < _FARTHEST_M)
    if len(points) == 0 or not known.any(axis=0).all():
        raise MotionFileError(path, "a point of the body is nowhere to be found in it.")
    out, frames = np.where(known[..., np.newaxis], points, 0.0), np.arange(len(points))
    for point in np.flatnonzero(~known.all(axis=0)):
        there = known[:, point]
        for axis in range(3):
            out[:, point, axis] = np.interp(frames, frames[there], out[there, point, axis])
    return out, int((~known).sum())


def _fitted(path: Path, points: np.ndarray, rate_hz: float) -> Motion:
    places = _places(points)
    skeleton = _skeleton(path, places)
    turns = np.tile(quaternion.IDENTITY, (len(points), len(_JOINTS), 1))
    up = places["Neck"] - places["Hips"]
    turns[:, _J["Hips"]] = _frame(places["LeftUpLeg"] - places["RightUpLeg"], up, is_up_kept=False)
    turns[:, _J["Spine2"]] = turns[:, _J["Neck"]] = _frame(places["LeftArm"] - places["RightArm"], up)
    turns[:, _J["Head"]] = _head(points, turns[:, _J["Neck"]])
    for upper, lower, end in _LIMBS:
        carrier = "Hips" if "Leg" in upper else "Spine2"
        _turn_limb(skeleton, turns, places, (upper, lower, end), carrier)
    root = places["Hips"]
    positions, _ = forward_kinematics(skeleton, root, local_from_global(skeleton, turns))
    ahead = np.array([0.0, 0.0, 1.0])
    for upper, lower, end in _LIMBS:
        i, k, e = _J[upper], _J[lower], _J[end]
        hint = quaternion.rotate(turns[:, _J["Hips"]], ahead if "Leg" in upper else -ahead)
        first, second = ik.two_bone(positions[:, i], positions[:, k], positions[:, e], places[end], hint)
        turns[:, i] = quaternion.multiply(first, turns[:, i])
        turns[:, k] = turns[:, e] = quaternion.multiply(second, turns[:, k])
    local = local_from_global(skeleton, quaternion.normalize(turns))
    return Motion(skeleton, rate_hz, root, quaternion.unroll(local))


def _places(points: np.ndarray) -> dict[str, np.ndarray]:
    """Where each joint is, [T, 3]: at its point, or in the middle of two."""
    places = {name: points[:, i] for name, i in _P.items()}
    for name, (one, other) in _MIDDLES.items():
        places[name] = 0.5 * (places[one] + places[other])
    places["Spine2"] = places["Hips"] + 0.6 * (places["Neck"] - places["Hips"])
    return places


def _skeleton(path: Path, places: Mapping[str, np.ndarray]) -> Skeleton:
    """The T-pose of these bones, standing on y = 0."""
    offsets = np.zeros((len(_JOINTS), 3))
    for joint, (name, parent, way) in enumerate(_TREE):
        if not parent:
            continue
        length = float(np.median(np.linalg.norm(places[name] - places[parent], axis=1)))
        if not length > _SHORTEST_M:
            raise MotionFileError(path, f"the points make no body: {name} is where {parent} is.")
        offsets[joint] = np.array(way) * length if name != "Spine2" else (0.0, length, 0.0)
    offsets[0, 1] = -sum(offsets[_J[name], 1] for name in ("LeftLeg", "LeftFoot"))
    parents = np.array([_J[parent] if parent else -1 for _, parent, _ in _TREE])
    tips = np.zeros_like(offsets)
    tips[_J["Head"]] = (0.0, 0.15, 0.0)
    return Skeleton(_JOINTS, parents, offsets, tips)


def _turn_limb(
    skeleton: Skeleton, turns: np.ndarray, places: Mapping[str, np.ndarray], limb: tuple[str, ...], carrier: str
) -> None:
    """Turn a limb's two bones the shortest way from how they hang on the trunk to where they point."""
    before = turns[:, _J[carrier]]
    for bone, end in pairwise(limb):
        hangs = quaternion.rotate(before, skeleton.offsets_m[_J[end]])
        swing = quaternion.between(hangs, places[end] - places[bone])
        before = quaternion.multiply(swing, before)
        turns[:, _J[bone]] = before
    turns[:, _J[limb[2]]] = before


def _head(points: np.ndarray, neck: np.ndarray) -> np.ndarray:
    """How the head is turned, [T, 4]: the ears are aside, the nose is ahead and a little below them."""
    across = points[:, _P["LeftEar"]] - points[:, _P["RightEar"]]
    ahead = points[:, _P["Nose"]] - 0.5 * (points[:, _P["LeftEar"]] + points[:, _P["RightEar"]])
    turned = _frame(across, quaternion.cross(ahead, across))
    seen = np.linalg.norm(quaternion.cross(ahead, across), axis=1) > 1e-4
    return np.where(seen[:, np.newaxis], turned, neck)


def _frame(left: np.ndarray, up: np.ndarray, is_up_kept: bool = True) -> np.ndarray:
    """The rotation [T, 4] that turns x to `left` and y to `up`; one of them is kept exactly."""
    ahead = _unit(quaternion.cross(left, up))
    up, left = _unit(up), _unit(left)
    if is_up_kept:
        left = quaternion.cross(up, ahead)
    else:
        up = quaternion.cross(ahead, left)
    return rotations.quaternion_from_matrix(np.stack([left, up, ahead], axis=-1))


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)

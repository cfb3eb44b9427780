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
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.array_archive import number, numbers
from engine.motion import quaternion, rotations
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
_STRAIGHTEST = 0.9999  # of a limb's length
_STRAIGHT_M = 0.01  # a limb whose middle is not farther beside its line hardly says where it bends
# To which side knees and elbows bend in the T-pose.
_BENDS = {"Leg": np.array([0.0, 0.0, 1.0]), "Arm": np.array([0.0, 0.0, -1.0])}
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
    local = local_from_global(skeleton, turns)
    hung, _ = forward_kinematics(skeleton, places["Hips"], local)
    for limb in _LIMBS:
        carrier = turns[:, _J["Hips" if "Leg" in limb[0] else "Spine2"]]
        upper, lower = _limb_turns(skeleton, hung[:, _J[limb[0]]], places, limb, carrier)
        turns[:, _J[limb[0]]] = upper
        turns[:, _J[limb[1]]] = turns[:, _J[limb[2]]] = lower
    local = local_from_global(skeleton, quaternion.normalize(turns))
    return Motion(skeleton, rate_hz, places["Hips"], quaternion.unroll(local))


def _limb_turns(
    skeleton: Skeleton, start: np.ndarray, places: Mapping[str, np.ndarray], limb: tuple[str, ...], carrier: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How a limb's two bones are turned, [T, 4] each: its end comes to its point, its middle as near as may be.

    The hinge of knee and elbow is at right angles to the plane in which the limb bends; where it is straight, the
    hinge stays as it hangs on the trunk.

    Args:
        skeleton: Its bones.
        start: Where the limb begins, [T, 3].
        places: The points.
        limb: Its three joints.
        carrier: How what carries it is turned, [T, 4].
    """
    bones = skeleton.offsets_m[[_J[limb[1]], _J[limb[2]]]]
    a, b = np.linalg.norm(bones, axis=1)
    way = places[limb[2]] - start
    line = _unit(way)
    far = np.clip(np.linalg.norm(way, axis=-1), abs(a - b) + 1e-4, (a + b) * _STRAIGHTEST)
    swung = quaternion.multiply(quaternion.between(quaternion.rotate(carrier, bones[0]), line), carrier)
    bends = quaternion.rotate(swung, _BENDS[limb[0][-3:]])
    aside = _aside(places, limb) + _STRAIGHT_M * bends
    pole = _unit(aside - np.sum(aside * line, axis=-1, keepdims=True) * line)
    along = (a * a + far * far - b * b) / (2.0 * far)
    out = np.sqrt(np.maximum(a * a - along * along, 0.0))
    middle = along[:, np.newaxis] * line + out[:, np.newaxis] * pole
    hinge = _unit(quaternion.cross(line, pole))
    rest_hinge = np.cross(_unit(bones[0]), _BENDS[limb[0][-3:]])
    upper, lower = (
        _between_pairs(_unit(bone), rest_hinge, _unit(way), hinge)
        for bone, way in zip(bones, (middle, far[:, np.newaxis] * line - middle), strict=True)
    )
    return upper, lower


def _between_pairs(a: np.ndarray, b: np.ndarray, to_a: np.ndarray, to_b: np.ndarray) -> np.ndarray:
    """The rotations [T, 4] that turn two directions at right angles, [3], to two others, [T, 3]."""
    before = np.stack([a, b, np.cross(a, b)], axis=-1)
    after = np.stack([to_a, to_b, quaternion.cross(to_a, to_b)], axis=-1)
    return rotations.quaternion_from_matrix(after @ before.T)


def _aside(places: Mapping[str, np.ndarray], limb: tuple[str, ...]) -> np.ndarray:
    """Where a limb's middle joint lies beside the line from its first to its last, [T, 3]."""
    first, middle, last = (places[name] for name in limb)
    line = _unit(last - first)
    way = middle - first
    return way - np.sum(way * line, axis=-1, keepdims=True) * line


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

"""Motions of the SMPL family: poses as axis-angle vectors, in .npz (AMASS and many others) or .pkl (AIST++).

The files hold no body: joints are turned, and the pelvis is moved. The body that they turn here is our own, the house
skeleton, joint by joint: no number of the family's model, whose licence is not ours, is used, nor are `betas`. What a
turn means depends on how the limbs lie in the family's rest pose; that differs from our T-pose by what one sees in any
picture of it: the legs stand apart, the shins and the arms reach back, each by some five degrees. The place of the root
is that of the file, without the few centimetres by which the model's pelvis stands beside its origin.

Sources: Loper et al. 2015, "SMPL: A Skinned Multi-Person Linear Model" (joint order); Mahmood et al. 2019, "AMASS";
Li et al. 2021, "AI Choreographer" (AIST++: 60 frames a second, `smpl_trans` in units of `smpl_scaling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.array_archive import number, numbers
from engine.formats.upright import TO_Y_UP, guess_up
from engine.motion import house, quaternion
from engine.motion.kinematics import forward_kinematics
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

AIST_RATE_HZ = 60.0
ASSUMED_RATE_HZ = 30.0
POSE_NAMES = ("smpl_poses", "poses", "pose_body", "body_pose")

_SIDES = ("left", "right")
_BODY = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
# Joint -> its parent, and the house joint that stands where it stands.
_JOINTS = {
    "pelvis": ("", "Hips"), "hip": ("pelvis", "UpLeg"), "knee": ("hip", "Leg"), "ankle": ("knee", "Foot"),
    "foot": ("ankle", "ToeBase"), "spine1": ("pelvis", "Spine"), "spine2": ("spine1", "Spine1"),
    "spine3": ("spine2", "Spine2"), "neck": ("spine3", "Neck"), "head": ("neck", "Head"),
    "collar": ("spine3", "Shoulder"), "shoulder": ("collar", "Arm"), "elbow": ("shoulder", "ForeArm"),
    "wrist": ("elbow", "Hand"), "hand": ("wrist", "FingerBase"), "middle1": ("wrist", "FingerBase"),
}  # fmt: skip
# The left limbs' bones that lie otherwise than in our T-pose, by the joint at their end: about which axis they are
# turned, and by how many degrees.
_STANCE = {"knee": ("z", 5.0), "ankle": ("x", 5.0), "elbow": ("y", 5.0)}
_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
# Numbers in a pose -> its family, and which of its joints are the knuckles.
_FAMILIES: dict[int, tuple[str, tuple[int, int] | None]] = {
    72: ("SMPL", (22, 23)),
    156: ("SMPL-H", (25, 40)),
    165: ("SMPL-X", (28, 43)),
    66: ("SMPL without hands", None),
}


@dataclass(frozen=True, eq=False)
class SmplMotion:
    """A motion of the family, and how it was understood.

    Attributes:
        motion: Metres, y up.
        family: "SMPL", "SMPL-H", "SMPL-X" and so on.
        rate_from: Where the frame rate came from, to follow "60 frames a second, ".
        up_axis: What points up in the file, as in `upright.TO_Y_UP`.
        warnings: A sentence each.
    """

    motion: Motion
    family: str
    rate_from: str
    up_axis: str
    warnings: tuple[str, ...]


def is_smpl(named: Mapping[str, Any]) -> bool:
    """Whether these arrays are a motion of the family."""
    return any(name in named for name in POSE_NAMES)


def motion_from(path: Path, named: Mapping[str, Any], up_axis: str | None = None) -> SmplMotion:
    """The motion in some arrays by their names.

    Args:
        path: For messages.
        named: As `array_archive.read_named` gives them.
        up_axis: A name of `upright.TO_Y_UP`; judged by how the body stands when None.

    Raises:
        MotionFileError: where poses or places are missing or damaged.
    """
    warnings: list[str] = []
    poses, family = _poses(path, named)
    turns = quaternion.from_rotation_vector(poses)
    n, knuckles = len(poses), _knuckles(family, poses.shape[1])
    skeleton = body("hand" if family == "SMPL" else "middle1", has_hands=knuckles is not None)
    kept = [*range(22), *(knuckles or ())]
    root = _root(path, named, n, warnings)
    local = quaternion.unroll(turns[:, kept])
    up = up_axis or _guess_up(skeleton, root, local)
    turn = TO_Y_UP[up]
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    rate_hz, rate_from = _rate(path, named, warnings)
    motion = Motion(skeleton, rate_hz, quaternion.rotate(turn, root), local)
    if poses.shape[1] > 24:
        warnings.append("Fingers, jaw and eyes were left out: the dancer here has hands, without fingers that move.")
    return SmplMotion(motion, family, rate_from, up, tuple(warnings))


def body(knuckle: str = "hand", has_hands: bool = True) -> Skeleton:
    """The body that such poses stand on: the first 22 joints of the family, and the knuckles."""
    names = [*_BODY, *([f"{side}_{knuckle}" for side in _SIDES] if has_hands else [])]
    parents, offsets, tips = [], [], []
    for name in names:
        side, _, bone = name.rpartition("_")
        parent, ours = _JOINTS[bone]
        parent = f"{side}_{parent}" if side and f"{side}_{parent}" in names else parent
        parents.append(names.index(parent) if parent else -1)
        at = house.JOINT[f"{side.capitalize()}{ours}"]
        offsets.append(_in_stance(bone, side, house.HOUSE.offsets_m[at]))
        tips.append(house.HOUSE.tips_m[at])
    return Skeleton(tuple(names), np.array(parents), np.array(offsets), np.array(tips))


def _in_stance(bone: str, side: str, offset_m: np.ndarray) -> np.ndarray:
    """A bone of the house's T-pose as it lies in the family's rest pose."""
    if bone not in _STANCE:
        return offset_m
    axis, degrees = _STANCE[bone]
    is_mirrored = side == "right" and axis != "x"  # turns about x are the same on both sides
    angle = np.radians(-degrees if is_mirrored else degrees)
    return quaternion.rotate(quaternion.from_axis_angle(np.array(_AXES[axis]), angle), offset_m)


def _poses(path: Path, named: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """Axis-angle vectors [T, J, 3], and the family."""
    name = next(name for name in POSE_NAMES if name in named)
    flat = _flat(path, named, name)
    if name in ("pose_body", "body_pose"):
        flat = _with_root(path, named, name, flat)
    if flat.shape[1] not in _FAMILIES:
        raise MotionFileError(
            path, f"its poses have {flat.shape[1]} numbers each; 66, 72 (SMPL), 156 (SMPL-H) and 165 (SMPL-X) are read."
        )
    if len(flat) == 0:
        raise MotionFileError(path, "there is no frame in it.")
    return flat.reshape(len(flat), -1, 3), _FAMILIES[flat.shape[1]][0]


def _flat(path: Path, named: Mapping[str, Any], name: str) -> np.ndarray:
    array = np.asarray(named[name])
    shape = (-1,) * array.ndim if array.ndim in (2, 3) else (-1, -1)
    found = numbers(path, named, name, shape)
    if not np.isfinite(found).all() or np.abs(found).max(initial=0.0) > 1e4:
        raise MotionFileError(path, f"{name} holds numbers that are no angles.")
    return found.reshape(len(found), int(np.prod(found.shape[1:])))


def _with_root(path: Path, named: Mapping[str, Any], name: str, body_poses: np.ndarray) -> np.ndarray:
    """The root's turns, which such files keep apart, before those of the 21 joints of the body, [T, 66]."""
    root_name = next((n for n in ("root_orient", "global_orient") if n in named), None)
    if root_name is None:
        raise MotionFileError(path, f"it holds {name} and no root_orient or global_orient; save both.")
    root = _flat(path, named, root_name)
    if len(root) != len(body_poses) or root.shape[1] != 3 or body_poses.shape[1] < 63:
        raise MotionFileError(path, f"{root_name} and {name} do not fit together.")
    return np.concatenate([root, body_poses[:, :63]], axis=1)


def _knuckles(family: str, n_joints: int) -> tuple[int, int] | None:
    return next(k for name, k in _FAMILIES.values() if name == family) if n_joints > 22 else None


def _root(path: Path, named: Mapping[str, Any], n_frames: int, warnings: list[str]) -> np.ndarray:
    """Where the root is, metres in the file's axes, [T, 3]."""
    name = next((name for name in ("smpl_trans", "trans", "transl") if name in named), None)
    if name is None:
        warnings.append("The file says only how the body is turned, not where it is: the dancer stays in place.")
        return np.zeros((n_frames, 3))
    root = numbers(path, named, name, (-1, 3))
    scaling = number(path, named, "smpl_scaling") if name == "smpl_trans" else 1.0
    if len(root) != n_frames:
        raise MotionFileError(path, f"it holds {n_frames} poses and {len(root)} places.")
    if not np.isfinite(root).all() or np.abs(root).max(initial=0.0) > 1e6:
        raise MotionFileError(path, f"{name} holds numbers that are no places.")
    if not (scaling or 0.0) > 1e-6:
        warnings.append("smpl_scaling is missing: places were taken to be in centimetres.")
        scaling = 100.0
    return root / scaling


def _guess_up(skeleton: Skeleton, root: np.ndarray, local: np.ndarray) -> str:
    some = slice(None, None, max(1, len(root) // 64))
    positions, _ = forward_kinematics(skeleton, root[some], local[some])
    feet = [skeleton.index("left_ankle"), skeleton.index("right_ankle")]
    return guess_up(positions[:, skeleton.index("head")], positions[:, feet].mean(axis=1))


def _rate(path: Path, named: Mapping[str, Any], warnings: list[str]) -> tuple[float, str]:
    rate_hz = number(path, named, "mocap_framerate", "mocap_frame_rate", "fps", "frame_rate", "framerate")
    if rate_hz is not None and 1.0 <= rate_hz <= 1000.0:
        return rate_hz, "as the file says"
    if "smpl_poses" in named:
        return AIST_RATE_HZ, "which is the rate of all AIST++ motions; the file does not say"
    warnings.append(f"The file gives no frame rate: {ASSUMED_RATE_HZ:g} frames a second were assumed.")
    return ASSUMED_RATE_HZ, "which was assumed: the file gives none"

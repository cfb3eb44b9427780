"""Poses that show all sides of a figure."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics, rest_transforms
from engine.motion.motion import Motion, Pose

X, Y, Z = np.eye(3)

# joint, axis, angle in radians: a lunge with one arm up
_ARABESQUE = [
    ("LeftArm", Z, 0.9), ("RightArm", Z, 0.2), ("RightForeArm", Y, 0.9), ("LeftForeArm", Y, -0.3),
    ("Spine1", X, -0.15), ("Hips", Y, 0.35), ("LeftUpLeg", X, -1.0), ("LeftLeg", X, 1.1),
    ("RightUpLeg", X, 0.35), ("Head", Y, 0.5),
]  # fmt: skip


def rest() -> Pose:
    """The T-pose."""
    return Pose(*rest_transforms(HOUSE))


def lunge(height_m: float = 0.90) -> Pose:
    """A step forward with an arm up, the hips at a height."""
    local = HOUSE.rest_rotations.copy()
    for joint, axis, angle_rad in _ARABESQUE:
        local[JOINT[joint]] = quaternion.from_axis_angle(axis, angle_rad)
    return Pose(*forward_kinematics(HOUSE, np.array([0.0, height_m, 0.0]), local))


def swinging(n_frames: int = 60, rate_hz: float = 30.0) -> Motion:
    """A dancer who swings arms and hips, twice a second."""
    swing = np.sin(np.arange(n_frames) / rate_hz * 4.0 * np.pi)
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    for joint, axis, size in (("LeftArm", Z, 0.9), ("RightArm", Z, 0.9), ("Hips", Y, 0.3), ("LeftForeArm", Y, -0.5)):
        local[:, JOINT[joint]] = quaternion.from_axis_angle(axis, size * swing)
    root = np.tile(HOUSE.offsets_m[0], (n_frames, 1))
    root[:, 0] += 0.1 * swing
    return Motion(HOUSE, rate_hz, root, local)

"""Figures of ballet made by geometry: right ones, and each with one fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothstep
from tests.dances import standing

X, Y, Z = np.eye(3)
N = 150


def held(start: int = 40, end: int = 110, ramp: int = 20) -> np.ndarray:
    frames = np.arange(N)
    return smoothstep(1.0 - np.maximum(np.maximum(start - frames, frames - end), 0) / ramp)


def posed(turns_deg: dict[str, np.ndarray], drop_m: np.ndarray | float = 0.0) -> Motion:
    motion = standing(N)
    local = motion.local_rotations.copy()
    for joint, deg in turns_deg.items():
        local[:, JOINT[joint]] = quaternion.from_axis_angle(X, np.radians(deg))
    root = motion.root_positions_m - np.broadcast_to(drop_m, (N,))[:, np.newaxis] * Y
    return replace(motion, root_positions_m=root, local_rotations=local)


def arabesque(leg_deg: float = 80.0, knee_deg: float = 0.0, point_deg: float = 45.0, open_deg: float = 0.0) -> Motion:
    """The left leg held behind; `open_deg` lifts its hip over the standing one."""
    w = held()
    half = 0.5 * knee_deg * w
    legs = {"LeftUpLeg": leg_deg * w, "LeftFoot": point_deg * w, "RightUpLeg": -half, "RightLeg": 2 * half,
            "RightFoot": -half}  # fmt: skip
    motion = posed(legs, 0.81 * (1.0 - np.cos(np.radians(half))))
    if not open_deg:
        return motion
    tip = quaternion.from_axis_angle(Z, np.radians(open_deg) * w)
    local = motion.local_rotations.copy()
    local[:, 0] = quaternion.multiply(tip, local[:, 0])
    for joint in ("RightUpLeg", "Spine"):
        local[:, JOINT[joint]] = quaternion.multiply(quaternion.conjugate(tip), local[:, JOINT[joint]])
    opened = replace(motion, local_rotations=local)
    ball = JOINT["RightToeBase"]
    return replace(opened, root_positions_m=opened.root_positions_m
                   + motion.positions_m()[:, ball] - opened.positions_m()[:, ball])  # fmt: skip


def pirouette(
    turns: float = 2.0, tilt_deg: float = 0.0, travel_m: float = 0.0, is_spotted: bool = True, falls_m: float = 0.0
) -> Motion:
    """Turns on the right leg; `falls_m` is how far the body runs on in the second behind them."""
    w = held(40, 110, 15)
    motion = posed({"LeftUpLeg": -60.0 * w, "LeftLeg": 90.0 * w, "LeftFoot": 40.0 * w})
    u = smoothstep((np.arange(N) - 45) / 60.0)
    pivot = motion.positions_m()[:, JOINT["RightToeBase"]] * [1.0, 0.0, 1.0]
    turn = quaternion.from_axis_angle(Y, 2.0 * np.pi * turns * u)
    turn = quaternion.multiply(quaternion.from_axis_angle(X, np.radians(tilt_deg) * w), turn)
    local = motion.local_rotations.copy()
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    if is_spotted:
        # The face stays to the front, then whips round ahead of the body.
        lead = np.radians(40.0) * np.sin(2.0 * np.pi * turns * u) * (u > 0.0) * (u < 1.0)
        local[:, JOINT["Head"]] = quaternion.from_axis_angle(Y, -lead)
    root = quaternion.rotate(turn, motion.root_positions_m - pivot) + pivot
    on = np.clip((np.arange(N) - 98) / 30.0, 0.0, None)
    root = root + (u * travel_m + falls_m * on)[:, np.newaxis] * X
    return replace(motion, root_positions_m=root, local_rotations=local)

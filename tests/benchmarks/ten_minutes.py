"""The piece that scrubbing is timed with: ten minutes of six dancers who sway and wander."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE, JOINT
from engine.motion.motion import Motion
from viewer3d.stage_view import FigureView, HudLines, StageView, poses_at

WIDTH, HEIGHT = 1280, 720
DURATION_S, N_DANCERS, N_EVENTS = 600.0, 6, 200
PLACES_M = np.array([[1.3 * (i - 2.5), 0.0, -0.5 * (i % 2)] for i in range(N_DANCERS)])


def dancers() -> list[Motion]:
    """Their motions."""
    return [_dancing(round(DURATION_S * FRAME_RATE_HZ), seed) for seed in range(N_DANCERS)]


def positions_s(n: int) -> np.ndarray:
    """Where the playhead is put, anywhere in the piece, [n]."""
    return np.random.default_rng(7).uniform(0.0, DURATION_S, n)


def view_at(motions: list[Motion], position_s: float) -> StageView:
    """What is on the stage at a moment; one dancer is selected."""
    poses = poses_at(motions, [position_s] * len(motions))
    return StageView(
        tuple(FigureView(str(i), pose, offset_m=PLACES_M[i], is_selected=i == 2) for i, pose in enumerate(poses))
    )


def hud_at(position_s: float) -> HudLines:
    """The words over it."""
    return HudLines(str(int(2.0 * position_s) % 8 + 1), f"bar {int(position_s / 2.0) + 1}")


def _dancing(n_frames: int, seed: int) -> Motion:
    """Somebody who sways, swings arms and legs and wanders: sines of their own for each joint."""
    random = np.random.default_rng(seed)
    t = np.arange(n_frames) / FRAME_RATE_HZ
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    for joint, size in (
        ("LeftArm", 1.2), ("RightArm", 1.2), ("LeftForeArm", 0.9), ("RightForeArm", 0.9), ("Spine1", 0.3),
        ("LeftUpLeg", 0.5), ("RightUpLeg", 0.5), ("Hips", 0.6), ("Head", 0.3),
    ):  # fmt: skip
        axis = random.normal(size=3)
        axis /= np.linalg.norm(axis)
        swing = size * np.sin(2.0 * np.pi * random.uniform(0.4, 1.2) * t + random.uniform(0.0, 6.0))
        local[:, JOINT[joint]] = quaternion.from_axis_angle(axis, swing)
    root = np.tile(HOUSE.offsets_m[0], (n_frames, 1))
    root[:, [0, 2]] += 0.4 * np.sin(np.stack([0.5 * t + seed, 0.4 * t], axis=1))
    return Motion(HOUSE, FRAME_RATE_HZ, root, local)

"""Small dances whose truth is known: where the feet stand, when they turn, how fast they go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.signals import smoothed

FORWARD = np.array([0.0, 0.0, 1.0])


def standing(n_frames: int = 60, rate_hz: float = 30.0) -> Motion:
    """The rest pose, held."""
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    return Motion(HOUSE, rate_hz, np.tile(HOUSE.offsets_m[0], (n_frames, 1)), local)


def on_feet(
    root_m: np.ndarray, ankles_m: np.ndarray, rate_hz: float = 30.0, pitch_rad: np.ndarray | float = 0.0
) -> Motion:
    """Root at [T, 3], ankles at [T, 2, 3], feet pointing ahead with their toes up by `pitch_rad` [T, 2]."""
    n = len(root_m)
    ahead = np.tile(FORWARD, (n, 1))
    local = np.tile(quaternion.IDENTITY, (n, HOUSE.n_joints, 1))
    pitch = np.broadcast_to(pitch_rad, (n, 2))
    positions, rotations = Motion(HOUSE, rate_hz, root_m.copy(), local.copy()).global_transforms()
    for side, leg in enumerate(house.LEGS):
        foot = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), -pitch[:, side])
        limb = (leg[0], leg[1], leg[2])
        local = ik.reach(HOUSE, positions, rotations, local, limb, ankles_m[:, side], foot, ahead)
    return Motion(HOUSE, rate_hz, root_m.copy(), local)


def walk(duration_s: float = 6.0, rate_hz: float = 30.0, speed_m_s: float = 0.8) -> tuple[Motion, np.ndarray]:
    """A walk along z with level feet, and when each foot truly stands, bool [T, 2].

    A stride lasts 1.2 s, of which each foot stands 0.72 s; it is carried over by a smooth bell.
    """
    stride_s, stance = 1.2, 0.6
    times = np.arange(round(duration_s * rate_hz)) / rate_hz
    root = np.stack([0.0 * times, 0.86 + 0.01 * np.sin(4 * np.pi * times / stride_s), speed_m_s * times], axis=-1)
    ankles, stands = np.empty((len(times), 2, 3)), np.empty((len(times), 2), dtype=bool)
    for side, x in enumerate((0.1, -0.1)):
        cycle = times / stride_s + 0.5 * side
        n, phase = np.floor(cycle), cycle % 1.0
        swing = np.clip((phase - stance) / (1.0 - stance), 0.0, 1.0)
        along = swing**3 * (10.0 - 15.0 * swing + 6.0 * swing**2)
        lift = (16.0 * swing**2 * (1.0 - swing) ** 2) * 0.10
        middle = stride_s * (n - 0.5 * side + 0.5 * stance + along)
        ankles[:, side] = np.stack([np.full_like(times, x), 0.08 + lift, speed_m_s * middle], axis=-1)
        stands[:, side] = phase <= stance
    return on_feet(root, ankles, rate_hz), stands


def skating(motion: Motion, speed_m_s: float = 0.2, period_s: float = 1.7) -> Motion:
    """The motion carried to and fro along x, feet and all, with this top speed."""
    times = np.arange(motion.n_frames) / motion.frame_rate_hz
    sway = speed_m_s * period_s / (2 * np.pi) * np.sin(2 * np.pi * times / period_s)
    return shifted(motion, np.stack([sway, 0 * sway, 0 * sway], axis=-1))


def shifted(motion: Motion, by_m: np.ndarray) -> Motion:
    """The motion moved by [3] or, frame by frame, [T, 3]."""
    return replace(motion, root_positions_m=motion.root_positions_m + by_m)


def improvised(n_frames: int = 120, seed: int = 0, rate_hz: float = 30.0, size: float = 0.5) -> Motion:
    """Smooth random turns of all joints about the rest pose, wandering over the floor."""
    rng = np.random.default_rng(seed)
    seconds = max(round(0.25 * rate_hz), 1)
    turns = smoothed(rng.normal(size=(n_frames, HOUSE.n_joints, 3)), seconds) * size * np.sqrt(seconds)
    path = smoothed(rng.normal(size=(n_frames, 3)), 2 * seconds) * [1.0, 0.1, 1.0]
    return Motion(HOUSE, rate_hz, HOUSE.offsets_m[0] + path, quaternion.from_rotation_vector(turns))


def bobbing(beat_times_s: np.ndarray, duration_s: float, rate_hz: float = 60.0, drop_m: float = 0.15) -> Motion:
    """A dancer who goes down and up between beats, and is at rest on each: click-perfect."""
    times = np.arange(round(duration_s * rate_hz)) / rate_hz
    count = np.interp(times, beat_times_s, np.arange(len(beat_times_s)))
    height = 0.5 * (1.0 + np.cos(np.pi * count))
    local = np.tile(quaternion.IDENTITY, (len(times), HOUSE.n_joints, 1))
    root = HOUSE.offsets_m[0] + np.stack([0 * times, -drop_m * (1.0 - height), 0 * times], axis=-1)
    return Motion(HOUSE, rate_hz, root, local)

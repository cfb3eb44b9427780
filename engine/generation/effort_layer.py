"""The explicit effort layer: what the codes leave of the distance to the wanted effort, done by hand.

Each control is a small, monotone change of a finished motion that keeps the feet where they step:
a joyful dance is larger, higher and bouncier, a sorrowful one smaller, softer, slower and bowed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import ARMS, FRAME_RATE_HZ, HOUSE, JOINT, LEGS, LOWER_BODY, LOWER_LEGS
from engine.motion.ik import reach_all
from engine.motion.motion import Motion
from engine.motion.signals import smoothed

_SPINE = [JOINT[n] for n in ("Spine", "Spine1", "Spine2")]
_UPPER = [j for name in ("Spine", "Spine1", "Spine2", "Neck", "Head") for j in [JOINT[name]]] + [
    j for arm in ARMS for j in arm[:4]
]
_X, _Z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
_LEAST, _MOST = -3.0, 3.0
# What one standard deviation does.
_GAIN_PER_SD = 0.16  # share by which gestures grow
_DETAIL_PER_SD = 0.25  # share by which their fast part grows
_SPINE_RAD_PER_SD = 0.045  # each of three spine joints, and twice that in the neck
_TRUNK_PER_SPINE = 1.7  # how far the line from hips to neck turns when each spine joint turns by one
_LIFT_RAD_PER_SD = 0.10  # upper arms away from the body
_HEIGHT_M_PER_SD = 0.018
_STRAIGHTEST = 0.985  # share of a leg's length to which rising hips may draw it
_ROOM_FRAMES = 5
_RAISE_M_PER_SD = 0.045  # as far as the legs reach, which is seldom all of it
_BOUNCE_PER_SD = 0.25
_DETAIL_SIGMA_FRAMES = 2.5
_GESTURE_SIGMA_FRAMES = 24.0


def apply_effort(motion: Motion, shift: np.ndarray, intensity: float = 1.0) -> Motion:
    """The house motion with its effort moved by `shift` [T, 6] standard deviations (order of EFFORTS).

    `intensity` scales the size of gestures on top. Feet stay where they were in the world; zero shift and
    intensity 1 give the same motion back.
    """
    if intensity == 1.0 and not np.any(shift):
        return motion
    return EffortLayer(motion).moved(shift, intensity)


class EffortLayer:
    """A house motion taken apart, so that its effort can be moved more than once.

    Attributes:
        positions_m: Of its joints in the world, [T, J, 3].
    """

    def __init__(self, motion: Motion) -> None:
        self._motion = motion
        self.positions_m, self._rotations = motion.global_transforms()
        if motion.n_frames < 2:
            return
        self._gestures = _Gestures(motion.local_rotations[:, _UPPER].astype(float))
        # A trunk is straightened up to the vertical, and never beyond it.
        self._room_rad = np.maximum(_forward_lean_rad(self.positions_m), 0.0) / _TRUNK_PER_SPINE
        self._leg_room_m = _leg_room_m(self.positions_m)
        self._slow_height_m = smoothed(motion.root_positions_m[:, 1], 0.4 * FRAME_RATE_HZ)

    def moved(self, shift: np.ndarray, intensity: float = 1.0) -> Motion:
        """The motion as `apply_effort` changes it."""
        motion = self._motion
        if motion.n_frames < 2 or (intensity == 1.0 and not np.any(shift)):
            return motion
        s = np.clip(smoothed(shift, 0.5 * FRAME_RATE_HZ), _LEAST, _MOST)
        energy, sudden, expansion, height, upright, bounce = s.T
        gain = np.clip((1.0 + _GAIN_PER_SD * energy) * intensity, 0.4, 1.6)
        detail = np.clip(1.0 + _DETAIL_PER_SD * (sudden + 0.5 * energy), 0.1, 1.6)
        local = np.array(motion.local_rotations, dtype=float)
        local[:, _UPPER] = self._gestures.resized(gain, detail)
        bow = quaternion.from_axis_angle(_X, -np.minimum(_SPINE_RAD_PER_SD * upright, self._room_rad))
        local[:, _SPINE] = quaternion.multiply(bow[:, np.newaxis], local[:, _SPINE])
        local[:, JOINT["Neck"]] = quaternion.multiply(
            quaternion.from_axis_angle(_X, -2.0 * _SPINE_RAD_PER_SD * upright), local[:, JOINT["Neck"]]
        )
        for side, arm in zip((1.0, -1.0), ARMS, strict=True):
            lift = quaternion.from_axis_angle(_Z, side * _LIFT_RAD_PER_SD * expansion)
            local[:, arm[1]] = quaternion.multiply(lift, local[:, arm[1]])
        root, slow = np.array(motion.root_positions_m, dtype=float), self._slow_height_m
        swing = np.clip((1.0 + _BOUNCE_PER_SD * bounce) * np.sqrt(intensity), 0.3, 1.8)
        raised = np.minimum(_RAISE_M_PER_SD * np.maximum(height, 0.0), self._leg_room_m)
        root[:, 1] = slow + swing * (root[:, 1] - slow) + _HEIGHT_M_PER_SD * np.minimum(height, 0.0) + raised
        changed = replace(motion, root_positions_m=root, local_rotations=local)
        return feet_held(changed, self.positions_m, self._rotations)


def _leg_room_m(positions_m: np.ndarray) -> np.ndarray:
    """How far the hips may rise before a leg is all but straight, metres, smooth over time, [T]."""
    room = np.full(len(positions_m), np.inf)
    for hip, knee, ankle, _ in LEGS:
        reach_m = _STRAIGHTEST * float(np.linalg.norm(HOUSE.offsets_m[[knee, ankle]], axis=-1).sum())
        line = positions_m[:, hip] - positions_m[:, ankle]
        top = np.sqrt(np.maximum(reach_m**2 - line[:, 0] ** 2 - line[:, 2] ** 2, 0.0))
        room = np.minimum(room, top - line[:, 1])
    # The least of some frames around, so that smoothing it asks for no more than there is.
    padded = np.pad(np.maximum(room, 0.0), _ROOM_FRAMES, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * _ROOM_FRAMES + 1).min(axis=-1)
    return smoothed(least, _ROOM_FRAMES / 2.0)


def _forward_lean_rad(positions_m: np.ndarray) -> np.ndarray:
    """How far the line from hips to neck leans to the dancer's front over about half a second, [T]."""
    across = positions_m[:, LEGS[0][0]] - positions_m[:, LEGS[1][0]]
    ahead = np.stack([-across[:, 2], across[:, 0]], axis=-1)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-6)
    trunk = positions_m[:, JOINT["Neck"]] - positions_m[:, 0]
    lean = np.arctan2((trunk[:, [0, 2]] * ahead).sum(axis=-1), trunk[:, 1])
    return smoothed(lean, 0.4 * FRAME_RATE_HZ)


class _Gestures:
    """Rotations [T, J, 4] as their slow mean, what swings about it, and the fast part of that."""

    def __init__(self, q: np.ndarray) -> None:
        rows = quaternion.unroll(q)
        self._slow = quaternion.normalize(smoothed(rows, _GESTURE_SIGMA_FRAMES))
        middle = quaternion.normalize(smoothed(rows, _DETAIL_SIGMA_FRAMES))
        self._gesture = quaternion.to_rotation_vector(quaternion.multiply(quaternion.conjugate(self._slow), middle))
        self._fast = quaternion.to_rotation_vector(quaternion.multiply(quaternion.conjugate(middle), rows))

    def resized(self, gain: np.ndarray, detail: np.ndarray) -> np.ndarray:
        """The rotations swung further (or less far) about their slow mean, their fast part apart; [T] each."""
        size, speed = gain[:, np.newaxis, np.newaxis], detail[:, np.newaxis, np.newaxis]
        out = quaternion.multiply(self._slow, quaternion.from_rotation_vector(self._gesture * size))
        return quaternion.multiply(out, quaternion.from_rotation_vector(self._fast * speed))


def feet_held(motion: Motion, positions_m: np.ndarray, rotations: np.ndarray) -> Motion:
    """The motion with its ankles where, and its feet turned as, in global transforms [T, J, 3] and [T, J, 4]."""
    lower = motion.branch(LOWER_BODY)
    knees, ankles = [leg[1] for leg in LEGS], [leg[2] for leg in LEGS]
    legs = reach_all(
        lower.skeleton, *lower.global_transforms(), lower.local_rotations, [leg[:3] for leg in LOWER_LEGS],
        positions_m[:, ankles], rotations[:, ankles], quaternion.rotate(rotations[:, knees], _Z),
    )  # fmt: skip
    local = np.array(motion.local_rotations, dtype=float)
    local[:, LOWER_BODY] = legs
    return replace(motion, local_rotations=quaternion.normalize(local))

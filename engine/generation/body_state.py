"""What the body is like at a moment, in a few numbers, so that transitions can be judged."""

from __future__ import annotations

import numpy as np

from engine.generation.features import CONTACTS, HEIGHT, VELOCITY, YAW_RATE, about_y, from_features
from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import FRAME_RATE_HZ, JOINT

_JOINTS = [JOINT[n] for n in (
    "LeftHand", "RightHand", "LeftForeArm", "RightForeArm", "LeftFoot", "RightFoot", "LeftLeg", "RightLeg", "Head",
)]  # fmt: skip
# A difference of this size in a number counts as one: metres, metres per second, radians per second.
_PLACE_M, _SPEED_M_S, _TURN_RAD_S, _HEIGHT_M, _CONTACT = 0.20, 0.8, 1.5, 0.10, 1.0

STATE_SIZE = 6 * len(_JOINTS) + 8


def body_states(rows: np.ndarray) -> np.ndarray:
    """States, float32 [T, 62], of feature rows [T, 140]: limbs' places and speeds, the root's way, contacts."""
    motion = from_features(rows)
    positions, rotations = motion.global_transforms()
    back = about_y(-yaw_rad(rotations[:, 0]))[:, np.newaxis]
    places = quaternion.rotate(back, positions[:, _JOINTS] - positions[:, :1])
    speeds = np.gradient(places, axis=0) * FRAME_RATE_HZ if len(rows) > 1 else np.zeros_like(places)
    t = len(rows)
    return np.concatenate(
        [
            places.reshape(t, -1) / _PLACE_M,
            speeds.reshape(t, -1) / _SPEED_M_S,
            rows[:, VELOCITY] / _SPEED_M_S,
            rows[:, YAW_RATE, None] / _TURN_RAD_S,
            rows[:, HEIGHT, None] / _HEIGHT_M,
            rows[:, CONTACTS] / _CONTACT,
        ],
        axis=1,
    ).astype(np.float32)

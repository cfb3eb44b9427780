"""How a dancer waits who has nothing to dance yet."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE, JOINT
from engine.motion.motion import Motion

_ARMS_DOWN_RAD = 1.31


def _standing() -> Motion:
    local = np.array(HOUSE.rest_rotations, dtype=float)
    for name, turn_rad in (("LeftArm", -_ARMS_DOWN_RAD), ("RightArm", _ARMS_DOWN_RAD)):
        local[JOINT[name]] = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), turn_rad)
    return Motion(HOUSE, FRAME_RATE_HZ, HOUSE.offsets_m[:1], local[np.newaxis])


# One frame: upright at the dancer's origin, arms down. The rest pose itself, arms out, is a tailor's dummy.
STANDING = _standing()

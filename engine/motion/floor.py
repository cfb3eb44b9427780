"""What of the body is on the floor y = 0, under it or over it."""

from __future__ import annotations

import numpy as np

from engine.motion import house, quaternion
from engine.motion.foot_plan import HEEL_M

# Lodge (Li et al. 2024) lets the ankle of SMPL be 8 cm and its toe joint 5 cm above where the toe joint rests.
# SMPL's ankle rests 6 cm above its toe joint, as the house skeleton's does: 2 cm and 5 cm above a flat foot.
CONTACT_ABOVE_REST_M = np.array([0.02, 0.05])
_SOLE_M = float(house.CONTACT_REST_HEIGHTS_M[1])
# Whose the points of `body_points_m` are: heel, ball and tip of the left foot, of the right, then all joints.
POINT_JOINTS = tuple(j for leg in house.LEGS for j in (leg[2], leg[3], leg[3])) + tuple(range(house.HOUSE.n_joints))
N_SOLE_POINTS = 6


def body_points_m(positions_m: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """The body's points that can meet the floor, metres, [T, P, 3]: soles first, in the order of POINT_JOINTS.

    Heel, ball and tip of each foot are points of the sole; every joint counts as a point.

    Args:
        positions_m, rotations: Global transforms on the house skeleton, [T, J, 3] and [T, J, 4].
    """
    soles = []
    for _, _, ankle, ball in house.LEGS:
        heel = positions_m[:, ankle] + quaternion.rotate(rotations[:, ankle], HEEL_M)
        tip = positions_m[:, ball] + quaternion.rotate(rotations[:, ball], house.HOUSE.tips_m[ball])
        down = np.array([0.0, _SOLE_M, 0.0])
        soles += [heel, positions_m[:, ball] - down, tip - down]
    return np.concatenate([np.stack(soles, axis=1), positions_m], axis=1)


def feet_down(feet_m: np.ndarray, floor_m: float = 0.0) -> np.ndarray:
    """Whether each foot is on the floor, bool [T, 2]; `feet_m` holds ankle and toe joint of each foot, [T, 2, 2, 3]."""
    heights = feet_m[..., 1] - house.CONTACT_REST_HEIGHTS_M.reshape(2, 2) - floor_m
    down: np.ndarray = (heights <= CONTACT_ABOVE_REST_M).all(axis=-1)
    return down

"""What points up in a file that does not say it: judged by how the body stands."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion

_ACROSS = np.array([1.0, 0.0, 0.0])
# Turns what points up in the file to y.
TO_Y_UP: dict[str, np.ndarray] = {
    "y": quaternion.IDENTITY,
    "z": quaternion.from_axis_angle(_ACROSS, -0.5 * np.pi),
    "-y": quaternion.from_axis_angle(_ACROSS, np.pi),
    "-z": quaternion.from_axis_angle(_ACROSS, 0.5 * np.pi),
}


def guess_up(head_m: np.ndarray, feet_m: np.ndarray) -> str:
    """Along which axis the head [T, 3] is above the feet [T, 3] on average: a name of `TO_Y_UP`."""
    way = (head_m - feet_m).mean(axis=0)
    if abs(way[1]) >= abs(way[2]):
        return "y" if way[1] >= 0.0 else "-y"
    return "z" if way[2] >= 0.0 else "-z"

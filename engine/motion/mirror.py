"""Left and right exchanged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import house
from engine.motion.motion import Motion


def mirrored(motion: Motion) -> Motion:
    """The motion as seen in a mirror across x = 0, on the house skeleton; ValueError on another.

    A rotation mirrored across x keeps its turn about x and reverses those about y and z. Mirroring
    twice gives back every bit.
    """
    if motion.skeleton.names != house.HOUSE.names:
        raise ValueError("only motions on the house skeleton can be mirrored: retarget the motion first")
    flip_position = np.array([-1.0, 1.0, 1.0], dtype=motion.root_positions_m.dtype)
    flip_rotation = np.array([1.0, 1.0, -1.0, -1.0], dtype=motion.local_rotations.dtype)
    return replace(
        motion,
        root_positions_m=motion.root_positions_m * flip_position,
        local_rotations=motion.local_rotations[:, house.MIRROR] * flip_rotation,
    )

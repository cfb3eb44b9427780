"""What tests measure on motions."""

from __future__ import annotations

import numpy as np

from engine.motion.motion import Motion


def same_bits(one: Motion, other: Motion) -> bool:
    """Whether two motions hold the same numbers, all of them."""
    return np.array_equal(one.root_positions_m, other.root_positions_m) and np.array_equal(
        one.local_rotations, other.local_rotations
    )


def step_m(motion: Motion) -> np.ndarray:
    """How far the joint that moves furthest goes between neighbouring frames, metres, [T-1]."""
    return np.linalg.norm(np.diff(motion.positions_m(), axis=0), axis=-1).max(axis=-1)

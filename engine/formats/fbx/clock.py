"""Frames as FBX counts time."""

from __future__ import annotations

import numpy as np

from engine.formats.scene import FrameRate

UNITS_A_SECOND = 46_186_158_000

# The number in GlobalSettings that means a rate; other rates are CUSTOM, with the rate itself beside it.
TIME_MODES = {
    "23.976": 13, "24": 11, "25": 10, "29.97": 9, "30": 6, "48": 5, "50": 4, "59.94": 17, "60": 3, "72": 16,
    "96": 15, "100": 2, "120": 1,
}  # fmt: skip
CUSTOM = 14


def at_frame(frame: int, rate: FrameRate) -> int:
    """The moment of a frame, to the nearest unit: rates such as 23.976 do not divide a second evenly."""
    above, below = UNITS_A_SECOND * rate.exact_hz.denominator, rate.exact_hz.numerator
    return (2 * frame * above + below) // (2 * below)


def at_frames(start_frame: int, n_frames: int, rate: FrameRate) -> np.ndarray:
    """The moments of `n_frames` frames from `start_frame` on, int64 [n_frames]."""
    return np.array([at_frame(start_frame + i, rate) for i in range(n_frames)], dtype=np.int64)

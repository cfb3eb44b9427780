"""Frames as FBX counts time, and as timecode does."""

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


def at_frame(frame: int, rate: FrameRate, parts: int = 1) -> int:
    """The moment of a frame, to the nearest unit: rates such as 23.976 do not divide a second evenly.

    Args:
        frame: Its number.
        rate: Frames a second.
        parts: What a frame is divided into; `frame` counts these.
    """
    above, below = UNITS_A_SECOND * rate.exact_hz.denominator, rate.exact_hz.numerator * parts
    return (2 * frame * above + below) // (2 * below)


def at_frames(start_frame: int, n_frames: int, rate: FrameRate) -> np.ndarray:
    """The moments of `n_frames` frames from `start_frame` on, int64 [n_frames]."""
    return np.array([at_frame(start_frame + i, rate) for i in range(n_frames)], dtype=np.int64)


def timecode(start_frame: int, n_frames: int, rate: FrameRate) -> np.ndarray:
    """Hours, minutes, seconds and frames of timecode, int [n_frames, 4], from midnight at frame 0.

    Drop-frame where the rate has it by custom: of the numbers of each minute, save every tenth, the first 2 (of 30)
    or 4 (of 60) are left out, so that it keeps up with the clock (SMPTE ST 12-1).
    """
    hz = rate.timecode_hz
    frames = np.arange(start_frame, start_frame + n_frames)
    if rate.drops_frames:
        dropped = hz // 15
        a_minute = 60 * hz - dropped
        ten_minutes = 10 * a_minute + dropped
        tens, rest = np.divmod(frames, ten_minutes)
        frames = frames + 9 * dropped * tens + dropped * np.maximum((rest - dropped) // a_minute, 0)
    seconds = frames // hz
    return np.stack([seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, frames % hz], axis=-1)

"""Seconds, motion frames and audio samples: the only place where they are converted."""

from __future__ import annotations

import math


def frame_at(time_s: float, frame_rate_hz: float) -> int:
    """The motion frame nearest to a time; halves go up, so that equal beats give equal steps."""
    return math.floor(time_s * frame_rate_hz + 0.5)


def time_of(frame: float, frame_rate_hz: float) -> float:
    """The time in seconds at which a frame, whole or not, is shown."""
    return frame / frame_rate_hz


def n_frames_for(duration_s: float, frame_rate_hz: float) -> int:
    """How many whole frames a duration holds: frames 0 .. n-1 all begin before its end.

    A duration within a millionth of a frame of a whole number of frames counts as that number.
    """
    return max(0, math.ceil(duration_s * frame_rate_hz - 1e-6))


def sample_at(time_s: float, sample_rate_hz: int) -> int:
    """The audio sample nearest to a time."""
    return math.floor(time_s * sample_rate_hz + 0.5)

"""Requests and house motions as plain arrays, to be sent from process to process.

Both ends have the one house skeleton; sending it would give the other end a second one.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from engine.generation.request import GenerationRequest
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion

_MOTIONS = ("before", "after", "current")
Frames = tuple[np.ndarray, np.ndarray]


def frames_of(motion: Motion | None) -> Frames | None:
    """Root positions [T, 3] and local rotations [T, 24, 4] of a house motion."""
    return None if motion is None else (motion.root_positions_m, motion.local_rotations)


def motion_of(frames: Frames | None) -> Motion | None:
    """The house motion that `frames_of` took apart."""
    return None if frames is None else Motion(HOUSE, FRAME_RATE_HZ, *frames)


def packed(request: GenerationRequest) -> dict[str, Any]:
    """A request as values that can be pickled without a skeleton."""
    values = {field.name: getattr(request, field.name) for field in fields(request)}
    return {**values, **{name: frames_of(values[name]) for name in _MOTIONS}}


def unpacked(values: dict[str, Any]) -> GenerationRequest:
    """The request that `packed` took apart."""
    return GenerationRequest(**{**values, **{name: motion_of(values[name]) for name in _MOTIONS}})

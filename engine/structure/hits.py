"""Places at which a measure passes its limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion.signals import runs


@dataclass(frozen=True)
class Hit:
    """One such place: frames [start_frame, end_frame), the worst of them, the joints, the value there, its limit."""

    start_frame: int
    end_frame: int
    peak_frame: int
    joints: tuple[int, ...]
    measured: float
    limit: float


def above(
    values: np.ndarray, limit: float, joints: tuple[int, ...] = (), shortest: int = 1, bridge: int = 2
) -> list[Hit]:
    """Where `values` [T] lie above the limit for `shortest` frames; gaps of up to `bridge` frames are looked over.

    NaN is never above.
    """
    over = values > limit
    if not over.any():
        return []
    closed = over.copy()
    for start, end in runs(~over):
        if start > 0 and end < len(over) and end - start <= bridge:
            closed[start:end] = True
    out = []
    for start, end in runs(closed):
        if int(over[start:end].sum()) >= shortest:
            peak = start + int(np.argmax(np.where(over[start:end], values[start:end], -np.inf)))
            out.append(Hit(start, end, peak, joints, float(values[peak]), limit))
    return out


def below(
    values: np.ndarray, limit: float, joints: tuple[int, ...] = (), shortest: int = 1, bridge: int = 2
) -> list[Hit]:
    """As `above`, where they lie below it."""
    found = above(-values, -limit, joints, shortest, bridge)
    return [Hit(h.start_frame, h.end_frame, h.peak_frame, h.joints, -h.measured, limit) for h in found]

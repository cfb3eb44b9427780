"""Gaps of several lengths filled by all contestants, as LaFAN1's benchmark has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.evaluation.dancer import Contestant, Take
from engine.evaluation.inbetween import (
    HOLD,
    REAL,
    SLERP,
    STRIDE_FRAMES,
    InbetweenFigures,
    figures_of,
    gaps,
    held,
    interpolated,
    position_scale,
)

LENGTHS_FRAMES = (5, 15, 30, 45)


def transitions(
    contestants: Sequence[Contestant],
    validation: Sequence[Take],
    training: Sequence[Take],
    lengths: Sequence[int] = LENGTHS_FRAMES,
    stride_frames: int = STRIDE_FRAMES,
    first_seed: int = 0,
    done: Callable[[], None] = lambda: None,
) -> dict[int, list[InbetweenFigures]]:
    """For each length of gap, in frames at 30 fps, a row for the truth, for slerp, for holding still, and for each
    contestant; lengths for which no take is long enough are left out.

    Positions are normalised by gaps of 30 frames in the training takes, the same for all lengths. `done` is called
    after each gap that a contestant has filled.
    """
    scale = position_scale(gaps(training, 2 * STRIDE_FRAMES) or gaps(validation, STRIDE_FRAMES))
    out: dict[int, list[InbetweenFigures]] = {}
    for length in lengths:
        holes = gaps(validation, stride_frames, length)
        if not holes:
            continue
        rows = [
            figures_of(REAL, holes, [hole.truth for hole in holes], scale),
            figures_of(SLERP, holes, [interpolated(hole) for hole in holes], scale),
            figures_of(HOLD, holes, [held(hole) for hole in holes], scale),
        ]
        for contestant in contestants:
            filled = []
            for i, hole in enumerate(holes):
                filled.append(contestant.fill(hole.before, length, hole.after, hole.style, first_seed + i))
                done()
            rows.append(figures_of(contestant.name, holes, filled, scale))
        out[length] = rows
    return out

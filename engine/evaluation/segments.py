"""The laws of regenerating a segment: what lies outside it and what is locked stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.dancer import Dancer
from engine.evaluation.inbetween import seam_steps
from engine.motion.house import BODY_PARTS
from engine.motion.motion import Motion, concatenate
from engine.music.analysis import MusicAnalysis

LOCKED = frozenset({"left_leg", "right_leg"})
LONGEST_S = 8.0  # of a segment; a third of a shorter dance


@dataclass(frozen=True)
class SegmentFigures:
    """What came of making the middle of a dance anew.

    Attributes:
        name: What was locked.
        start_s, end_s: The segment.
        is_outside_identical: Whether every frame outside it kept every bit.
        locked_error_m: How far the locked joints moved at most; 0 when nothing was locked.
        free_change_m: How far the other joints moved on average: that it did something.
        seam_step_m, seam_velocity_step_m_s: As in InbetweenFigures.
        usual_step_m, usual_velocity_step_m_s: The same at all the frames of the first dance, 95th percentile.
    """

    name: str
    start_s: float
    end_s: float
    is_outside_identical: bool
    locked_error_m: float
    free_change_m: float
    seam_step_m: float
    seam_velocity_step_m_s: float
    usual_step_m: float
    usual_velocity_step_m_s: float


def segment_figures(dancer: Dancer, music: MusicAnalysis, dance: Motion, seed: int) -> list[SegmentFigures]:
    """The middle of a dance made anew, with nothing locked and with both legs locked. `seed` is of the new ones."""
    n = min(round(LONGEST_S * dance.frame_rate_hz), dance.n_frames // 3)
    if n < 1:
        return []
    start = (dance.n_frames - n) // 2
    return [_one(dancer, music, dance, start, start + n, locked, seed) for locked in (frozenset[str](), LOCKED)]


def _one(
    dancer: Dancer, music: MusicAnalysis, dance: Motion, start: int, end: int, locked: frozenset[str], seed: int
) -> SegmentFigures:
    kept = (dance.root_positions_m.copy(), dance.local_rotations.copy())
    made = dancer.again(music, dance, start, end, locked, seed)
    whole = concatenate([dance.slice(0, start), made, dance.slice(end, dance.n_frames)])
    outside = np.r_[0:start, end : dance.n_frames]
    pairs = ((whole.root_positions_m, kept[0]), (whole.local_rotations, kept[1]))
    distance = np.linalg.norm(whole.positions_m()[start:end] - dance.positions_m()[start:end], axis=-1)
    joints = sorted(j for part in locked for j in BODY_PARTS[part])
    free = sorted(set(range(distance.shape[1])) - set(joints))
    step, velocity_step = seam_steps(whole, start, end)
    usual_step, usual_velocity_step = _usual(dance)
    return SegmentFigures(
        name=" and ".join(sorted(locked)).replace("_", " ") or "nothing",
        start_s=start / dance.frame_rate_hz,
        end_s=end / dance.frame_rate_hz,
        is_outside_identical=all(a[outside].tobytes() == b[outside].tobytes() for a, b in pairs),
        locked_error_m=float(distance[:, joints].max()) if joints else 0.0,
        free_change_m=float(distance[:, free].mean()),
        seam_step_m=step,
        seam_velocity_step_m_s=velocity_step,
        usual_step_m=usual_step,
        usual_velocity_step_m_s=usual_velocity_step,
    )


def _usual(dance: Motion) -> tuple[float, float]:
    positions = dance.positions_m()
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=-1).max(axis=-1)
    changes = np.linalg.norm(np.diff(positions, n=2, axis=0), axis=-1).mean(axis=-1) * dance.frame_rate_hz
    return tuple(float(np.quantile(x, 0.95)) if len(x) else 0.0 for x in (steps, changes))  # type: ignore[return-value]

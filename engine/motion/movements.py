"""A dance cut into movements at its kinematic beats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, velocity

# Gaussian of 5 frames at 60 fps, as the published beat scores use it (Siyao et al. 2022, "Bailando").
SMOOTHING_S = 0.083
# A pause counts when speed falls and rises again by this share of the motion's median speed, and by this
# much at least: of a body that stands, breath and capture noise make no beats.
PROMINENCE_SHARE = 0.05
LEAST_PROMINENCE_M_S = 0.015
SHORTEST_MOVEMENT_S = 0.25


@dataclass(frozen=True)
class Movement:
    """The span between two kinematic beats, frames [start_frame, end_frame): what the rules of structure judge."""

    start_frame: int
    end_frame: int

    @property
    def n_frames(self) -> int:
        """How many frames it holds."""
        return self.end_frame - self.start_frame


def mean_joint_speed_m_s(motion: Motion, positions_m: np.ndarray | None = None) -> np.ndarray:
    """Speed in metres per second averaged over all joints, smoothed with sigma 83 ms, [T].

    `positions_m` are the motion's global positions [T, J, 3] where they are known already.
    """
    positions_m = motion.positions_m() if positions_m is None else positions_m
    speeds = quaternion.length(velocity(positions_m, motion.frame_rate_hz))
    return smoothed(speeds.mean(axis=-1), SMOOTHING_S * motion.frame_rate_hz)


def kinematic_beats(motion: Motion) -> np.ndarray:
    """Frames at which the dancer comes to a stop or turns round, ascending, int [B].

    Strict local minima of the smoothed mean joint speed (Li et al. 2021, "AI Choreographer", section 5.2)
    on both sides of which the speed rises by 5 % of its median and by 15 mm/s. The first and the last
    frame are no beats: what is beyond them is not known.
    """
    beats, _ = _beats_and_depths(motion)
    return beats


def segment(motion: Motion, positions_m: np.ndarray | None = None) -> tuple[Movement, ...]:
    """The movements of a motion: the spans between its kinematic beats, every frame in exactly one.

    A movement shorter than 0.25 s is joined to a neighbour across its shallower beat. A motion without
    beats is one movement, one without frames none.
    """
    beats, depths = _beats_and_depths(motion, positions_m)
    shortest = SHORTEST_MOVEMENT_S * motion.frame_rate_hz - 1e-6
    edges = [0, *(int(b) for b in beats), motion.n_frames]
    weights = [np.inf, *(float(d) for d in depths), np.inf]
    while len(edges) > 2:
        lengths = np.diff(edges)
        short = int(np.argmin(lengths))
        if lengths[short] >= shortest:
            break
        drop = short if weights[short] < weights[short + 1] else short + 1
        del edges[drop], weights[drop]
    if motion.n_frames == 0:
        return ()
    return tuple(Movement(a, b) for a, b in pairwise(edges))


def _beats_and_depths(motion: Motion, positions_m: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Beats, and by how much the lower of the two neighbouring peaks of speed tops each, m/s."""
    if motion.n_frames < 3:
        return np.zeros(0, dtype=int), np.zeros(0)
    speed = mean_joint_speed_m_s(motion, positions_m)
    prominence = max(PROMINENCE_SHARE * float(np.median(speed)), LEAST_PROMINENCE_M_S)
    beats = _deep_minima(speed, prominence)
    edges = np.concatenate([[0], beats, [len(speed)]])
    peaks = np.array([speed[a:b].max() for a, b in pairwise(edges)])
    return beats, np.minimum(peaks[:-1], peaks[1:]) - speed[beats]


def _deep_minima(x: np.ndarray, depth: float) -> np.ndarray:
    """Minima from which `x` rises by at least `depth` to either side before it falls lower, ascending.

    Of a level bottom the middle counts.
    """
    found: list[int] = []
    low, high = 0, 0
    falling = False  # whether a peak high enough lies behind, so that the next minimum counts
    for i in range(1, len(x)):
        if falling:
            if x[i] < x[low]:
                low = i
            elif x[i] - x[low] >= depth:
                found.append(_middle_of_level(x, low))
                falling, high = False, i
        elif x[i] > x[high]:
            high = i
        elif x[high] - x[i] >= depth:
            falling, low = True, i
    return np.array(found, dtype=int)


def _middle_of_level(x: np.ndarray, first: int) -> int:
    last, flat = first, 1e-9 + 1e-6 * abs(float(x[first]))
    while last + 1 < len(x) and abs(x[last + 1] - x[first]) <= flat:
        last += 1
    return (first + last) // 2

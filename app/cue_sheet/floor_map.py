"""Where the dancers go on the floor during a row: seen from above, the audience at the lower edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.motion import quaternion
from engine.motion.motion import Motion

# After Okabe and Ito; each dancer has her letter too.
TINTS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07800", "#3a93c7", "#8a8200", "#555555")
_LEAST_SIDE_M = 4.0
_MARGIN_M = 0.6
_STEPS = 24  # points of a way
_AHEAD = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class Way:
    """One dancer's.

    Attributes:
        points_m: Over the floor, (x, z), [N, 2]; x is the dancer's left on the stage, z towards the audience.
        facing: Unit vector where she looks at the end, [2].
    """

    points_m: np.ndarray
    facing: np.ndarray


@dataclass(frozen=True)
class Floor:
    """The square of the floor that all maps of a sheet show.

    Attributes:
        middle_m: (x, z).
        side_m: Its length.
    """

    middle_m: tuple[float, float]
    side_m: float

    def within(self, points_m: np.ndarray) -> np.ndarray:
        """Points [N, 2] as parts of the square's side from its upper left corner, as the audience sees it, [N, 2]."""
        return (points_m - np.array(self.middle_m)) / self.side_m + 0.5


def floor_of(motions: Sequence[Motion]) -> Floor:
    """A square that holds every dancer's whole way."""
    places = np.concatenate([motion.root_positions_m[:, [0, 2]] for motion in motions]).astype(float)
    low, high = places.min(axis=0), places.max(axis=0)
    side = max(float((high - low).max()) + 2.0 * _MARGIN_M, _LEAST_SIDE_M)
    middle = 0.5 * (low + high)
    return Floor((float(middle[0]), float(middle[1])), side)


def way_of(motion: Motion, start_s: float, end_s: float) -> Way:
    """A dancer's way between two moments."""
    times_s = np.linspace(start_s, end_s, _STEPS)
    frames = np.clip(np.round(times_s * motion.frame_rate_hz).astype(int), 0, motion.n_frames - 1)
    ahead = quaternion.rotate(motion.local_rotations[frames[-1], 0].astype(float), _AHEAD)[[0, 2]]
    size = float(np.linalg.norm(ahead))
    facing = ahead / size if size > 1e-3 else np.array([0.0, 1.0])
    return Way(motion.root_positions_m[frames][:, [0, 2]].astype(float), facing)

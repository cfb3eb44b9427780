"""How the time of a clip goes once the beats under it were moved. What was danced before is kept in its take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

# Two ways that differ by less are one.
SAME_FRAMES = 1e-6
# What is shown lies on such steps, so that sums with whole frames are exact and parts of a clip show what it showed.
_STEPS_PER_FRAME = 2.0**20
_LEAST_STEP = 0.01  # frames; a beat nearer to an end is not shown apart


@dataclass(frozen=True)
class Warp:
    """Frame f of a clip shows what frame `home_at(f)` of it showed before its beats were moved.

    Places are frames, whole or not, on the clip's own time; beyond both ends time goes on as it did.

    Attributes:
        frames: Ascending places: both ends, and beats between them.
        home: Where these were, ascending.
        shown_ends: Where the ends are shown: a clip begins and ends on whole frames.
        own_ends: Where those of the clip are, which may be a part of what it was.
        first_frame: The place that the clip's frame 0 is at.
        fills: Whether the clip stays at the beginning, and at the end, of the piece wherever its own ends go.
        is_stale: The beats are too far from those that it was made to: it keeps its own time from its start on.
        blend_frames: The clip's own blend, where a seam beside a stale clip needs another; else None.
    """

    frames: tuple[float, ...]
    home: tuple[float, ...]
    shown_ends: tuple[float, float]
    own_ends: tuple[float, float]
    first_frame: int = 0
    fills: tuple[bool, bool] = (False, False)
    is_stale: bool = False
    blend_frames: int | None = None

    def __post_init__(self) -> None:
        if len(self.frames) < 2 or len(self.frames) != len(self.home):
            raise ValueError("a warp needs as many places as homes, and at least two")
        for places in (self.frames, self.home, self.shown_ends):
            if any(not b > a for a, b in pairwise(places)):
                raise ValueError("a warp's places must ascend")

    def home_at(self, frames: np.ndarray) -> np.ndarray:
        """What each frame of the clip shows, as frames of the clip before."""
        return self.home_of(np.asarray(frames, dtype=float) + self.first_frame)

    def home_of(self, places: np.ndarray) -> np.ndarray:
        """The same for places rather than frames of the clip."""
        places = np.asarray(places, dtype=float)
        at, home = self._shown()
        found = np.interp(places, at, home) + np.minimum(places - at[0], 0.0) + np.maximum(places - at[-1], 0.0)
        return np.asarray(np.round(found * _STEPS_PER_FRAME) / _STEPS_PER_FRAME)

    def _shown(self) -> tuple[np.ndarray, np.ndarray]:
        """Places as they are shown, and their homes."""
        at, home = np.array(self.frames), np.array(self.home)
        at[0], at[-1] = self.shown_ends
        if self.is_stale:
            return at[:1], home[:1]
        inside = (at > at[0] + _LEAST_STEP) & (at < at[-1] - _LEAST_STEP)
        inside[[0, -1]] = True
        return at[inside], home[inside]

    def trimmed(self, start: int, end: int, n_frames: int) -> Warp:
        """The warp of frames [start, end) of the clip, which has `n_frames`; they may reach beyond it.

        What is inside goes as it went, bit for bit; an end that stays does so exactly.
        """
        first, last = self.own_ends
        stay = (start == 0, end == n_frames)
        ends = (
            first if stay[0] else float(self.first_frame + start),
            last if stay[1] else float(self.first_frame + end),
        )
        if not ends[0] < ends[1]:  # nothing is left but poses that are held
            ends = (float(self.first_frame + start), float(self.first_frame + end))
        fills = (self.fills[0] and stay[0], self.fills[1] and stay[1])
        return replace(self, first_frame=self.first_frame + start, own_ends=ends, fills=fills)

    def scaled(self, factor: float) -> Warp:
        """The warp of the clip once it lasts `factor` times as long, and what it shows goes by as much slower."""
        first = self.first_frame
        (e0, e1), (o0, o1) = self.shown_ends, self.own_ends
        return replace(
            self,
            frames=tuple((x - first) * factor for x in self.frames),
            home=tuple(h * factor for h in self.home),
            shown_ends=((e0 - first) * factor, (e1 - first) * factor),
            own_ends=((o0 - first) * factor, (o1 - first) * factor),
            first_frame=0,
        )

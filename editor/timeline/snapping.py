"""What a dragged edge lands on: beats, clip edges, markers, the playhead. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from editor.document.document import Document
from editor.timeline.beat_grid import BeatGrid
from engine.timebase import time_of

REACH_PX = 8.0
# Musical places that lie at least this far apart on the screen can be landed on.
LEAST_SPACING_PX = 14.0
# Of things equally near the first counts.
KINDS = ("clip edge", "marker", "playhead", "edge", "beat")


@dataclass(frozen=True)
class Snap:
    """Where something lands.

    Attributes:
        time_s: Exactly.
        kind: One of KINDS.
    """

    time_s: float
    kind: str


class SnapPoints:
    """All that can be landed on, sorted.

    Args:
        by_kind: Times for each of KINDS.
    """

    def __init__(self, by_kind: dict[str, Iterable[float]]) -> None:
        pairs = [(float(t), KINDS.index(kind)) for kind, times in by_kind.items() for t in times]
        pairs.sort()
        self._times_s = np.array([time for time, _ in pairs])
        self._kinds = [kind for _, kind in pairs]

    def __len__(self) -> int:
        return len(self._kinds)

    def nearest(self, time_s: float, reach_s: float) -> Snap | None:
        """The nearest point within reach; None where there is none."""
        near = np.flatnonzero(np.abs(self._times_s - time_s) <= reach_s)
        if not len(near):
            return None
        best = min(near, key=lambda i: (round(abs(float(self._times_s[i]) - time_s), 9), self._kinds[i]))
        return Snap(float(self._times_s[best]), KINDS[self._kinds[best]])

    def shift_for(self, edges_s: Sequence[float], reach_s: float) -> float:
        """By how much to move a thing with several edges so that the one nearest to a point lands on it; else 0."""
        shifts = [snap.time_s - edge for edge in edges_s if (snap := self.nearest(edge, reach_s)) is not None]
        return min(shifts, key=abs, default=0.0)


def musical_times_s(grid: BeatGrid | None, px_per_s: float) -> np.ndarray:
    """Half beats, beats, bars or counts of eight: the finest that are far enough apart at this zoom."""
    if grid is None or grid.median_beat_s <= 0.0:
        return np.zeros(0)
    beat_px = grid.median_beat_s * px_per_s
    if 0.5 * beat_px >= LEAST_SPACING_PX:
        return np.concatenate([grid.times_s, grid.half_beats_s()])
    if beat_px >= LEAST_SPACING_PX:
        return grid.times_s
    if 0.5 * grid.n_counts * beat_px >= LEAST_SPACING_PX:
        return grid.downbeats_s
    return grid.phrases_s


def snap_points(
    document: Document,
    grid: BeatGrid | None,
    px_per_s: float,
    playhead_s: float | None = None,
    leaving_out: frozenset[str] = frozenset(),
) -> SnapPoints:
    """What there is to land on.

    Args:
        playhead_s: None where it is no candidate, as when it is itself dragged.
        leaving_out: Ids of clips and markers that are being dragged.
    """
    rate_hz = document.frame_rate_hz
    clips = [clip for track in document.tracks for clip in track.clips if clip.id not in leaving_out]
    frames = {frame for clip in clips for frame in (clip.start_frame, clip.end_frame)}
    markers = [marker for marker in document.markers if marker.id not in leaving_out]
    spans = [marker.end_s for marker in markers if marker.end_s > marker.time_s]
    return SnapPoints(
        {
            "clip edge": [time_of(frame, rate_hz) for frame in sorted(frames)],
            "marker": [marker.time_s for marker in markers] + spans,
            "playhead": [] if playhead_s is None else [playhead_s],
            "edge": [0.0, document.duration_s],
            "beat": musical_times_s(grid, px_per_s),
        }
    )

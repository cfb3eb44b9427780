"""Counts for the eye: which count of eight a moment is, and which moments of a song to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion.house import FRAME_RATE_HZ
from engine.music.analysis import MusicAnalysis

HALF_FRAME_S = 0.5 / FRAME_RATE_HZ  # of a piece


@dataclass(frozen=True)
class Count:
    """A beat as it is spoken.

    Attributes:
        number: 1 to n_counts.
        n_counts: 8 in bars of four, 6 in bars of three.
        bar: The bar, from 1; 0 and below before the first downbeat.
        time_s: When the beat is.
        tempo_bpm: The tempo there.
    """

    number: int
    n_counts: int
    bar: int
    time_s: float
    tempo_bpm: float

    @property
    def bar_name(self) -> str:
        """The bar in words."""
        return f"bar {self.bar}" if self.bar >= 1 else "pick-up"


class Counting:
    """The counts of a song, quick to ask."""

    def __init__(self, analysis: MusicAnalysis) -> None:
        self._times_s = analysis.beat_times_s
        self.n_counts = 2 * analysis.beats_per_bar
        self._counts = [
            Count(int(count), self.n_counts, int(bar) + 1, float(time_s), float(tempo_bpm))
            for count, bar, time_s, tempo_bpm in zip(
                analysis.counts_of_eight(), analysis.bars_of_beats(), self._times_s, analysis.tempo_curve_bpm,
                strict=True,
            )
        ]  # fmt: skip

    def at_frame(self, time_s: float) -> Count | None:
        """The count of the frame that is shown at a time: a frame that lies just before a beat stands for it."""
        return self.at(time_s + HALF_FRAME_S)

    def at(self, time_s: float) -> Count | None:
        """The count that sounds at a time; None before the first beat and more than a beat after the last."""
        index = int(np.searchsorted(self._times_s, time_s + 1e-6, side="right")) - 1
        if index < 0:
            return None
        count = self._counts[index]
        ends_s = count.time_s + 60.0 / count.tempo_bpm if index + 1 == len(self._counts) else np.inf
        return count if time_s < ends_s else None

    def moments(self, n_moments: int, start_s: float, end_s: float) -> list[Count]:
        """Up to `n_moments` beats in [start_s, end_s): whole counts of eight, spread evenly over that time.

        Where there are not enough whole ones, all beats there are, up to that number.
        """
        inside = [count for count in self._counts if start_s <= count.time_s < end_s]
        if len(inside) <= n_moments:
            return inside
        rows = [
            inside[i : i + self.n_counts]
            for i, count in enumerate(inside)
            if count.number == 1 and i + self.n_counts <= len(inside)
        ]
        n_rows = max(n_moments // self.n_counts, 1)
        if len(rows) < n_rows:
            return inside[:n_moments]
        chosen = np.unique(np.round(np.linspace(0, len(rows) - 1, n_rows)).astype(int))
        return [count for row in chosen for count in rows[row]][:n_moments]


def clock(time_s: float) -> str:
    """Minutes, seconds and hundredths: 1:02.50."""
    hundredths = round(100.0 * time_s)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"

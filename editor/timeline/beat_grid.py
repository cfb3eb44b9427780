"""The song's beats as a dancer counts them: bars, counts of eight, phrases; quick to ask. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.analysis import MusicAnalysis


@dataclass(frozen=True)
class Moment:
    """A place in the music.

    Attributes:
        phrase: The count of eight, from 1; 0 and below in a pick-up.
        count: 1 to 8 (to 6 in bars of three).
        bar, beat: From 1; bar 0 is the pick-up.
    """

    phrase: int
    count: int
    bar: int
    beat: int


class BeatGrid:
    """Arrays over all beats.

    Attributes:
        times_s: [B].
        beat: Place in the bar from 1, [B].
        bar: Number of the bar from 1, [B].
        count, phrase: As in Moment, [B].
        n_counts: Counts to a phrase.
        median_beat_s: Usual distance of two beats; 0.0 where there are fewer than two.
    """

    def __init__(self, music: MusicAnalysis) -> None:
        self.times_s = music.beat_times_s
        in_bar = music.beat_in_bar
        bar = np.cumsum(in_bar == 0) - 1 - music.bar_one
        since = bar - music.phrase_start_bar
        self.beat, self.bar = in_bar + 1, bar + 1
        self.count = music.counts_of_eight()
        self.phrase = since // 2 + 1
        self.n_counts = 2 * music.beats_per_bar
        self.median_beat_s = float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0

    @property
    def downbeats_s(self) -> np.ndarray:
        """When bars begin."""
        return self.times_s[self.beat == 1]

    @property
    def phrases_s(self) -> np.ndarray:
        """When counts of eight begin."""
        return self.times_s[self.count == 1]

    def between(self, start_s: float, end_s: float) -> slice:
        """The beats in [start_s, end_s], and one to either side."""
        first, last = np.searchsorted(self.times_s, [start_s, end_s])
        return slice(max(int(first) - 1, 0), int(last) + 1)

    def at(self, time_s: float) -> Moment | None:
        """The beat that sounds; None before the first and more than a beat after the last."""
        index = int(np.searchsorted(self.times_s, time_s + 1e-6, side="right")) - 1
        if index < 0 or time_s > self.times_s[-1] + max(self.median_beat_s, 0.1):
            return None
        return Moment(int(self.phrase[index]), int(self.count[index]), int(self.bar[index]), int(self.beat[index]))

    def half_beats_s(self) -> np.ndarray:
        """The middles between beats."""
        return 0.5 * (self.times_s[1:] + self.times_s[:-1])

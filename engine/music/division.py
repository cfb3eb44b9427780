"""How the beat is divided: in two, straight or swung, or in three."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.spectral import HOP_RATE_HZ

PLACES = 48
STRAIGHT = 0.5
# Where the off-beat may lie; swing beyond a dotted eighth is none.
EARLIEST, LATEST = 0.44, 0.76
MIN_ACCENT = 0.05  # of the accent on the beat: below it nothing divides the beat
THIRD_SHARE = 0.15  # of the stronger of both thirds, that the weaker must have for a beat in three


@dataclass(frozen=True)
class Division:
    """How beats are divided.

    Attributes:
        parts: 2 or 3.
        swing: Where the off-beat lies in the beat: 0.5 straight, 2/3 in triplets.
    """

    parts: int
    swing: float


UNDIVIDED = Division(2, STRAIGHT)


def find_division(beats_s: np.ndarray, smooth: np.ndarray) -> Division:
    """The division of beats [B] by the mean of a smoothed onset envelope [H] from one beat to the next."""
    steps = np.diff(beats_s)
    whole = np.flatnonzero(steps < 1.5 * np.median(steps)) if len(steps) else np.zeros(0, dtype=int)
    if len(whole) < 4:
        return UNDIVIDED
    at_s = beats_s[whole, None] + steps[whole, None] * np.arange(PLACES) / PLACES
    curve = np.interp(at_s * HOP_RATE_HZ, np.arange(len(smooth)), smooth)
    profile = np.minimum(curve, 4.0).mean(axis=0)
    profile = profile - profile.min()
    accent = max(float(profile[[-1, 0, 1]].max()), 1e-9)
    share = np.arange(PLACES) / PLACES

    def top(low: float, high: float) -> tuple[float, float]:
        """Height and place of the highest point between two places."""
        inside = np.flatnonzero((share >= low) & (share <= high))
        best = inside[int(profile[inside].argmax())]
        return float(profile[best]) / accent, float(share[best])

    (first, _), (second, _), (middle, _) = top(0.28, 0.38), top(0.62, 0.71), top(0.46, 0.54)
    if min(first, second) > THIRD_SHARE * max(first, second) and min(first, second) > max(MIN_ACCENT, 2.0 * middle):
        return Division(3, 2.0 / 3.0)
    height, place = top(EARLIEST, LATEST)
    is_peak = profile[round(place * PLACES) - 1] <= profile[round(place * PLACES)] >= profile[round(place * PLACES) + 1]
    # Sixteenths at three quarters are no swing: the straight off-beat between them is as strong.
    if height < MIN_ACCENT or not is_peak or middle > 0.7 * height:
        return UNDIVIDED
    return Division(2, round(place, 3))

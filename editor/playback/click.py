"""The click: beats as the audio thread needs them, what they sound like, and the count before the start."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

# kind: pitch in Hz, how long it rings in s, how loud. The one of an eight, a bar's first beat, any other beat,
# and the count before the start, which rises towards the one.
KINDS = {
    "one": (2093.0, 0.060, 0.9),
    "downbeat": (1568.0, 0.045, 0.7),
    "beat": (1047.0, 0.035, 0.5),
    "5": (659.0, 0.070, 0.7),
    "6": (698.0, 0.070, 0.7),
    "7": (784.0, 0.070, 0.7),
    "8": (880.0, 0.070, 0.8),
}
_COUNTED = ("5", "6", "7", "8")
_USUAL_PERIOD_S = 0.5  # where the song has no beat
_ON_BEAT_S = 0.02  # a start that close to a beat is meant to be on it


def click_sound(kind: str, rate_hz: int) -> np.ndarray:
    """What a click sounds like, float32 [N, 2]."""
    pitch_hz, ring_s, level = KINDS[kind]
    t = np.arange(round(ring_s * rate_hz)) / rate_hz
    wave = np.sin(2 * np.pi * pitch_hz * t) + 0.4 * np.sin(4 * np.pi * pitch_hz * t)
    wave *= level / 1.4 * np.exp(-t * 5.0 / ring_s) * np.minimum(t * 2000.0, 1.0) * np.minimum((t[-1] - t) * 500.0, 1.0)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Beats:
    """The song's beats.

    Attributes:
        times_s: Ascending, [B].
        kinds: What each sounds like, a key of KINDS.
        beats_per_bar: How many beats there are in most bars.
    """

    times_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    kinds: tuple[str, ...] = ()
    beats_per_bar: int = 4

    def between(self, start_s: float, end_s: float) -> range:
        """Which beats lie in [start_s, end_s)."""
        return range(*np.searchsorted(self.times_s, (start_s, end_s)).tolist())

    def period_s(self, time_s: float) -> float:
        """Seconds from beat to beat around a moment."""
        if len(self.times_s) < 2:
            return _USUAL_PERIOD_S
        first = int(np.clip(np.searchsorted(self.times_s, time_s) - 2, 0, len(self.times_s) - 2))
        return float(np.median(np.diff(self.times_s[first : first + 5])))


def beats_of(times_s: np.ndarray, counts: np.ndarray, is_downbeat: np.ndarray) -> Beats:
    """The beats of a song from their times [B], their counts of eight, 1 to 8 [B], and which begin a bar [B]."""
    times_s = np.array(times_s, float)
    if not len(times_s) == len(counts) == len(is_downbeat):
        raise ValueError(f"{len(times_s)} beats, {len(counts)} counts and {len(is_downbeat)} downbeats differ")
    kinds = tuple(
        "one" if count == 1 else "downbeat" if is_first else "beat"
        for count, is_first in zip(counts, is_downbeat, strict=True)
    )
    bars = np.diff(np.flatnonzero(is_downbeat))
    return Beats(times_s, kinds, int(np.clip(np.median(bars), 2, 8)) if len(bars) else 4)


def count_in_s(beats: Beats, start_s: float, rate: float = 1.0) -> tuple[float, ...]:
    """How long before the start each count of "5, 6, 7, 8" is, in seconds of output, longest first.

    As many as a bar has beats, in the tempo there; they lead up to the first beat that is played, so a start between
    two beats is counted in right too.
    """
    period_s = beats.period_s(start_s)
    k = int(np.searchsorted(beats.times_s, start_s - _ON_BEAT_S))
    to_beat_s = float(beats.times_s[k]) - start_s if k < len(beats.times_s) else 0.0
    to_beat_s %= period_s
    if period_s - to_beat_s < _ON_BEAT_S:
        to_beat_s -= period_s
    return tuple((j * period_s - to_beat_s) / rate for j in range(beats.beats_per_bar, 0, -1))


def count_kind(n_left: int) -> str:
    """What the count sounds like with `n_left` counts to go, this one among them: the last is "8"."""
    return _COUNTED[-1 - (n_left - 1) % len(_COUNTED)]

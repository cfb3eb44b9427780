"""Sync of dance and music beyond single beats: by cross-correlation, and by the music's emotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.beats import BeatFigures, pooled
from engine.evaluation.dancer import Song
from engine.evaluation.metrics import N_SHIFTS, BeatAlignment
from engine.motion.motion import Motion
from engine.motion.movements import mean_joint_speed_m_s
from engine.motion.signals import smoothed

MOST_LAG_S = 0.1  # half a beat would reach from any phase to a beat, and lift would mean nothing
_PULSE_SIGMA_S = 0.06
_TREND_S = 1.0
_GOLDEN = (5.0**0.5 - 1.0) / 2.0
INTENSE, MELANCHOLIC, SERENE = "intense", "melancholic", "serene"
EMOTION_CLASSES = (INTENSE, MELANCHOLIC, SERENE)


@dataclass(frozen=True)
class CrossCorrelation:
    """How the dance's arrivals follow the music's beats.

    Attributes:
        peak: Largest normalised cross-correlation within 0.1 s, -1 to 1.
        lag_s: At which lag; positive when the dance comes late.
        lift: The peak less its mean over 20 circular shifts of the music.
    """

    peak: float
    lag_s: float
    lift: float


def cross_correlation(motion: Motion, song: Song) -> CrossCorrelation:
    """The paper's own way to detect sync (Lin & Feng 2025, Algorithm 2, step 1): cross-correlation.

    The music is a train of pulses (sigma 60 ms) on its beats; the dance is how far its joint speed lies below its own
    course over a second, since movements arrive where speed has a dip. Zeros where either never varies.
    """
    rate = motion.frame_rate_hz
    speed = mean_joint_speed_m_s(motion)
    dance = smoothed(speed, _TREND_S * rate) - speed
    times = np.arange(motion.n_frames) / rate
    beats = song.beats_s[(song.beats_s >= 0.0) & (song.beats_s < motion.duration_s)]
    music = np.exp(-0.5 * ((times[:, np.newaxis] - beats) / _PULSE_SIGMA_S) ** 2).sum(axis=1)
    reach = round(MOST_LAG_S * rate)
    if motion.n_frames <= 2 * reach or min(dance.std(), music.std()) < 1e-9:
        return CrossCorrelation(0.0, 0.0, 0.0)
    peak, lag = _peak(dance, music, reach)
    shifts = [round(motion.n_frames * ((_GOLDEN * i) % 1.0)) for i in range(1, N_SHIFTS + 1)]
    chance = float(np.mean([_peak(dance, np.roll(music, shift), reach)[0] for shift in shifts]))
    return CrossCorrelation(peak, lag / rate, peak - chance)


def _peak(dance: np.ndarray, music: np.ndarray, reach: int) -> tuple[float, int]:
    n = len(dance)
    table = []
    for lag in range(-reach, reach + 1):
        a, b = dance[max(lag, 0) : n + min(lag, 0)], music[max(-lag, 0) : n - max(lag, 0)]
        spread = a.std() * b.std()
        table.append(float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0.0 else 0.0)
    best = int(np.argmax(table))
    return table[best], best - reach


def emotion_class(song: Song) -> str:
    """Which of EMOTION_CLASSES a song is, by what its analysis says of it over its whole length.

    Intense: joy and tension together are more than the other two. Else melancholic where there is more sorrow than
    serenity, serene where not. The paper names the classes and not their borders; valence is the weak part of the
    analysis, so that melancholic and serene are told apart with less certainty than either from intense.
    """
    analysis = song.analysis
    means = {name: float(getattr(analysis, name).mean()) for name in ("joy", "sorrow", "tension", "serenity")}
    if means["joy"] + means["tension"] > means["sorrow"] + means["serenity"]:
        return INTENSE
    return MELANCHOLIC if means["sorrow"] > means["serenity"] else SERENE


def by_emotion_class(dances: Sequence[tuple[Song, float, BeatAlignment]]) -> list[BeatFigures]:
    """A row an emotion class that has dances to songs with a beat; click songs, which have no emotion, are left out."""
    chosen = [d for d in dances if len(d[0].beats_s) > 1 and d[0].kind != "click"]
    out = []
    for name in EMOTION_CLASSES:
        rows = [(s, a) for song, s, a in chosen if emotion_class(song) == name]
        if rows:
            out.append(pooled(name, rows))
    return out

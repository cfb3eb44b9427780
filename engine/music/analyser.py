"""A sound to its `MusicAnalysis`: the order of the steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.audio.audio import Audio
from engine.music.analysis import MusicAnalysis, Section
from engine.music.onsets import onsets
from engine.music.spectral import HOP_RATE_HZ, SILENCE_DB, spectra

CURVE_RATE_HZ = 30.0


def analyse(audio: Audio, progress: Callable[[float], None] | None = None) -> MusicAnalysis:
    """Beats, bars, sections, loudness and emotion of a song.

    Args:
        audio: Any sound; silence, noise and the shortest sound give an analysis without beats.
        progress: Called with 0..1; what it raises (`Cancelled`) stops the work.
    """
    progress = progress or (lambda fraction: None)
    features = spectra(audio, lambda f: progress(0.7 * f))
    from engine.music import beats, tempo

    rise = onsets(features.bands, features.band_hz)
    correlations, weights = tempo.autocorrelations(rise.envelope)
    period_s, salience = tempo.pulse_period_s(weights @ correlations)
    times = np.zeros(0)
    if period_s > 0.0 and salience > 0.1:
        times = beats.to_seconds(beats.track(rise.envelope, np.full(len(rise.envelope), period_s * HOP_RATE_HZ)))
    progress(0.9)
    n = max(1, int(np.ceil(audio.duration_s * CURVE_RATE_HZ)))
    at = np.arange(n) / CURVE_RATE_HZ
    hop_s = np.arange(len(features.power)) / HOP_RATE_HZ
    level = np.interp(at, hop_s, 10.0 * np.log10(np.maximum(features.power, 10.0 ** (SILENCE_DB / 10.0))))
    strength = np.interp(at, hop_s, np.clip(rise.flux / max(float(np.quantile(rise.flux, 0.99)), 0.05), 0.0, 1.0))
    loudness = np.clip((level + 45.0) / 40.0, 0.0, 1.0)
    arousal = 2.0 * loudness - 1.0
    bpm = 60.0 / float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    return MusicAnalysis(
        duration_s=audio.duration_s, beat_times_s=times, beat_in_bar=np.arange(len(times)) % 4, beats_per_bar=4,
        tempo_bpm=bpm, beat_confidence=salience if bpm else 0.0, tempo_curve_bpm=np.full(len(times), bpm),
        sections=(Section(0.0, audio.duration_s, "A", "development"),), curve_rate_hz=CURVE_RATE_HZ,
        onset_strength=strength, loudness_db=level, loudness=loudness, arousal=arousal, valence=np.zeros(n),
        joy=(1 + arousal) / 4, sorrow=(1 - arousal) / 4, tension=(1 + arousal) / 4, serenity=(1 - arousal) / 4,
        emotion_confidence=0.3,
    )

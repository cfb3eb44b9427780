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
    is_sounding = features.power > max(1e-7, 1e-5 * float(np.quantile(features.power, 0.95)))
    pulse = tempo.find_pulse(rise)
    found = beats.find_beats(rise, pulse, is_sounding)
    times = found.times_s
    from engine.music import bars, harmony
    tones = harmony.harmony(features)
    measure = bars.find_bars(bars.beat_sounds(times, rise, tones, features)) if len(times) else bars.NO_BARS
    progress(0.9)
    n = max(1, int(np.ceil(audio.duration_s * CURVE_RATE_HZ)))
    at = np.arange(n) / CURVE_RATE_HZ
    hop_s = np.arange(len(features.power)) / HOP_RATE_HZ
    level = np.interp(at, hop_s, 10.0 * np.log10(np.maximum(features.power, 10.0 ** (SILENCE_DB / 10.0))))
    strength = np.interp(at, hop_s, np.clip(rise.flux / max(float(np.quantile(rise.flux, 0.99)), 0.05), 0.0, 1.0))
    loudness = np.clip((level + 45.0) / 40.0, 0.0, 1.0)
    arousal = 2.0 * loudness - 1.0
    bpm = found.tempo_bpm
    return MusicAnalysis(
        duration_s=audio.duration_s, beat_times_s=times, beat_in_bar=measure.beat_in_bar, beats_per_bar=measure.beats_per_bar, downbeat_confidence=measure.confidence, phrase_start_bar=measure.phrase_start_bar,
        tempo_bpm=bpm, beat_confidence=found.confidence, tempo_curve_bpm=found.tempo_curve_bpm, is_steady=found.is_steady,
        sections=(Section(0.0, audio.duration_s, "A", "development"),), curve_rate_hz=CURVE_RATE_HZ,
        onset_strength=strength, loudness_db=level, loudness=loudness, arousal=arousal, valence=np.zeros(n),
        joy=(1 + arousal) / 4, sorrow=(1 - arousal) / 4, tension=(1 + arousal) / 4, serenity=(1 - arousal) / 4,
        emotion_confidence=0.3,
    )

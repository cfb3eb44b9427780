"""A sound to its `MusicAnalysis`: the order of the steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.audio.audio import Audio
from engine.music import bars, beats
from engine.music.analysis import CURVES, OWN_TRACKER, MusicAnalysis
from engine.music.curves import CURVE_RATE_HZ, find_curves
from engine.music.division import UNDIVIDED, Division, find_division
from engine.music.harmony import Harmony, harmony
from engine.music.onsets import Onsets, onsets
from engine.music.sections import find_sections
from engine.music.spectral import Spectra, spectra


def analyse(
    audio: Audio, progress: Callable[[float], None] | None = None, beat_weights: Path | None = None
) -> MusicAnalysis:
    """Beats, bars, sections, loudness and emotion of a song.

    Args:
        audio: Any sound; silence, noise and the shortest sound give an analysis without beats.
        progress: Called with 0..1; what it raises (`Cancelled`) stops the work.
        beat_weights: A checkpoint of Beat This!, which then finds beats and downbeats; None for our own tracker.

    Raises:
        ModelError: The checkpoint cannot be used.
    """
    progress = progress or _ignore
    heard = spectra(audio, lambda fraction: progress(0.6 * fraction))
    rise = onsets(heard.bands, heard.band_hz)
    tones = harmony(heard)
    progress(0.7)
    found, measure, division, tracker = _counted(
        audio, heard, rise, tones, beat_weights, lambda fraction: progress(0.7 + 0.2 * fraction)
    )
    progress(0.9)
    downbeats_s = found.times_s[measure.beat_in_bar == 0]
    sections = find_sections(audio.duration_s, downbeats_s, heard, rise, tones)
    curves = find_curves(audio.duration_s, heard, rise, tones, found.times_s, found.tempo_curve_bpm)
    progress(1.0)
    named: dict[str, Any] = {name: _rounded(getattr(curves, name)) for name in CURVES}
    return MusicAnalysis(
        duration_s=audio.duration_s,
        beat_times_s=np.round(found.times_s, 5),
        beat_in_bar=measure.beat_in_bar,
        beats_per_bar=measure.beats_per_bar,
        tempo_bpm=round(found.tempo_bpm, 3),
        beat_confidence=round(found.confidence, 3),
        tempo_curve_bpm=np.round(found.tempo_curve_bpm, 3),
        sections=sections,
        curve_rate_hz=CURVE_RATE_HZ,
        is_steady=found.is_steady,
        downbeat_confidence=round(measure.confidence, 3),
        phrase_start_bar=measure.phrase_start_bar,
        division=division.parts,
        swing=division.swing,
        tracker=tracker,
        grid_error_s=round(found.grid_error_s, 4),
        **named,
        emotion_confidence=round(curves.emotion_confidence, 3),
        arousal_confidence=round(curves.arousal_confidence, 3),
        valence_confidence=round(curves.valence_confidence, 3),
    )


def _counted(
    audio: Audio,
    heard: Spectra,
    rise: Onsets,
    tones: Harmony,
    beat_weights: Path | None,
    progress: Callable[[float], None],
) -> tuple[beats.Beats, bars.Bars, Division, str]:
    """Beats, bars, how beats are divided, and the name of the tracker that found them."""
    network = None
    if beat_weights is None:
        found, tracker = beats.find_beats(rise, tones, heard.power, progress), OWN_TRACKER
    else:
        from engine.music import beat_network

        network = beat_network.hear(audio, beat_weights, progress)
        found, tracker = beats.beats_of(network.times_s, rise, heard.power), network.tracker
    if not len(found.times_s):
        return found, bars.NO_BARS, UNDIVIDED, tracker
    division = find_division(found.times_s, beats.smoothed(rise.envelope))
    sounds = bars.beat_sounds(found.times_s, rise, tones, heard)
    if network is None:
        return found, bars.find_bars(sounds, found.times_s, division), division, tracker
    return found, bars.bars_of(network.downbeats_s, found.times_s, sounds), division, tracker


def _rounded(curve: np.ndarray) -> np.ndarray:
    """To four digits: more than curves mean, and few enough to keep the JSON small."""
    return np.round(curve, 4)


def _ignore(fraction: float) -> None:
    """Nobody wants to know how far it is."""

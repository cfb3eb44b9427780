"""Loudness, onset strength and emotion over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.harmony import Harmony, mode_and_clarity
from engine.music.onsets import Onsets, moving_mean
from engine.music.spectral import HOP_RATE_HZ, SILENCE_DB, TONE_RATE_HZ, Spectra

CURVE_RATE_HZ = 30.0
LOUDNESS_WINDOW_S = 0.4  # "momentary" in ITU-R BS.1771
MOOD_WINDOW_S = 4.0
KEY_WINDOW_S = 12.0
CENTROID_HZ, TEMPO_BPM = 1600.0, 110.0  # where these cues are 0 octaves
QUIET_DB, LOUD_DB = -45.0, -5.0
GAIN = 0.45
# A passage is also judged by the rest of the song: its differences are stretched until their deviation is
# FULL_DEVIATION, but at most MAX_STRETCH times.
FULL_DEVIATION, MAX_STRETCH = 0.5, 2.0


@dataclass(frozen=True)
class Cue:
    """A feature that moves arousal or valence: (value - middle) / spread, times weight."""

    middle: float
    spread: float
    weight: float


# Weights: the recipe of Eerola, Friberg and Bresin (2013): cues add up, nearly linearly, in the order mode, tempo,
# dynamics, timbre; loudness drives arousal (Dean, Bailes and Schubert 2011). Middles and spreads are means and
# deviations over a dozen tracks, fixed here so that songs can be compared with one another.
AROUSAL_CUES = {
    "loudness_db": Cue(-20.0, 6.0, 1.0),
    "onset_rate_hz": Cue(4.2, 1.7, 1.0),
    "flux": Cue(0.05, 0.03, 1.0),
    "tempo_octaves": Cue(0.0, 0.45, 0.5),
    "centroid_octaves": Cue(0.0, 0.8, 0.5),
    "low_share": Cue(0.3, 0.25, 0.5),
}
VALENCE_CUES = {
    "mode": Cue(-0.03, 0.11, 1.0),
    "tempo_octaves": Cue(0.0, 0.45, 0.4),
    "centroid_octaves": Cue(0.0, 0.8, 0.3),
    "clarity": Cue(0.65, 0.13, 0.3),
    "roughness": Cue(0.17, 0.06, -0.3),
}
# Share of the variance of listeners' ratings that such cues explain on real recordings is 62.5 % for arousal and
# 29.3 % for valence (best of 548 features, see the model notes); their square roots are the highest correlation.
AROUSAL_TRUST, VALENCE_TRUST = 0.79, 0.54


@dataclass(frozen=True, eq=False)
class Curves:
    """All curves of a `MusicAnalysis`, by the same names, [H] at CURVE_RATE_HZ, and their confidences."""

    onset_strength: np.ndarray
    loudness_db: np.ndarray
    loudness: np.ndarray
    arousal: np.ndarray
    valence: np.ndarray
    joy: np.ndarray
    sorrow: np.ndarray
    tension: np.ndarray
    serenity: np.ndarray
    arousal_confidence: float
    valence_confidence: float
    emotion_confidence: float


def find_curves(
    duration_s: float,
    spectra: Spectra,
    rise: Onsets,
    harmony: Harmony,
    beats_s: np.ndarray,
    tempo_curve_bpm: np.ndarray,
) -> Curves:
    """Loudness, onset strength and emotion of a song with known beats (possibly none)."""
    at_s = np.arange(max(1, int(np.ceil(duration_s * CURVE_RATE_HZ - 1e-6)))) / CURVE_RATE_HZ
    loudness_db = _at(at_s, _level_db(spectra.power), HOP_RATE_HZ)
    is_heard = np.clip((loudness_db + 60.0) / 10.0, 0.0, 1.0)
    cues = emotion_cues(at_s, spectra, rise, harmony, beats_s, tempo_curve_bpm)
    arousal = is_heard * (combine(cues, AROUSAL_CUES) + 1.0) - 1.0
    valence = is_heard * combine(cues, VALENCE_CUES)
    joy, sorrow, tension, serenity = quadrants(arousal, valence, cues["roughness"]) * is_heard
    heard = float(is_heard.mean())
    tonality = float(np.clip((0.7 - np.average(spectra.flatness)) / 0.4, 0.0, 1.0))
    arousal_confidence, valence_confidence = AROUSAL_TRUST * heard, VALENCE_TRUST * heard * tonality
    return Curves(
        onset_strength=_onset_strength(at_s, rise.flux),
        loudness_db=loudness_db,
        loudness=np.clip((loudness_db - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0, 1.0),
        arousal=arousal,
        valence=valence,
        joy=joy,
        sorrow=sorrow,
        tension=tension,
        serenity=serenity,
        arousal_confidence=arousal_confidence,
        valence_confidence=valence_confidence,
        emotion_confidence=0.5 * (arousal_confidence + valence_confidence),
    )


def combine(cues: dict[str, np.ndarray], table: dict[str, Cue]) -> np.ndarray:
    """The weighted sum of cues, squashed to -1..1: 0 where every cue is in its middle, [H]."""
    steps = [cue.weight * np.clip((cues[name] - cue.middle) / cue.spread, -2.5, 2.5) for name, cue in table.items()]
    size = float(np.linalg.norm([cue.weight for cue in table.values()]))
    total = np.sum(steps, axis=0) / size
    stretch = np.clip(FULL_DEVIATION / max(float(total.std()), 1e-6), 1.0, MAX_STRETCH)
    return np.tanh(GAIN * (total.mean() + stretch * (total - total.mean())))


def quadrants(arousal: np.ndarray, valence: np.ndarray, roughness: np.ndarray) -> np.ndarray:
    """Joy, sorrow, tension and serenity, each 0..1 and together 1, [4, H].

    The quadrants of the circumplex of affect (Russell 1980; for music Thayer 1989): joy is excited and glad, tension
    excited and uneasy, sorrow calm and sad, serenity calm and glad. Memberships are products of logistic functions,
    so that one fades into the other. Roughness above its middle adds to tension and takes from serenity, since
    dissonance is heard as tense at any loudness (Bigand, Parncutt and Lerdahl 1996).
    """
    excited, glad = 1.0 / (1.0 + np.exp(-3.0 * arousal)), 1.0 / (1.0 + np.exp(-3.0 * valence))
    middle, spread = VALENCE_CUES["roughness"].middle, VALENCE_CUES["roughness"].spread
    rough = np.tanh(np.maximum(roughness - middle, 0.0) / (2.0 * spread))
    shares = np.stack(
        [
            excited * glad,
            (1.0 - excited) * (1.0 - glad),
            excited * (1.0 - glad) * (1.0 + rough),
            (1.0 - excited) * glad * (1.0 - 0.5 * rough),
        ]
    )
    return shares / shares.sum(axis=0)


def emotion_cues(
    at_s: np.ndarray,
    spectra: Spectra,
    rise: Onsets,
    harmony: Harmony,
    beats_s: np.ndarray,
    tempo_curve_bpm: np.ndarray,
) -> dict[str, np.ndarray]:
    """Every feature named in AROUSAL_CUES and VALENCE_CUES at the times [H]; a cue that is unknown is in its middle."""
    power = np.maximum(spectra.power, 1e-9)
    weighed = _mean_around(power, MOOD_WINDOW_S, HOP_RATE_HZ)
    pitch = np.log2(np.maximum(spectra.centroid_hz, 50.0) / CENTROID_HZ)
    # Mostly what is heard nearby, a little of the whole song: a few chords by themselves say little about the mode.
    nearby = _mean_around(harmony.chroma, KEY_WINDOW_S, TONE_RATE_HZ)
    mode, clarity = mode_and_clarity(0.8 * nearby + 0.2 * harmony.chroma.mean(axis=0))
    hop_cues = {
        "loudness_db": 10.0 * np.log10(weighed),
        "onset_rate_hz": HOP_RATE_HZ * _mean_around(is_onset(rise.flux).astype(float), MOOD_WINDOW_S, HOP_RATE_HZ),
        "flux": _mean_around(rise.flux, MOOD_WINDOW_S, HOP_RATE_HZ),
        "centroid_octaves": _mean_around(power * pitch, MOOD_WINDOW_S, HOP_RATE_HZ) / weighed,
        "low_share": _mean_around(power * spectra.low_share, MOOD_WINDOW_S, HOP_RATE_HZ) / weighed,
    }
    roughness = _mean_around(harmony.roughness, MOOD_WINDOW_S, TONE_RATE_HZ)
    tone_cues = {"mode": mode, "clarity": clarity, "roughness": roughness}
    cues = {name: _at(at_s, values, HOP_RATE_HZ) for name, values in hop_cues.items()}
    cues |= {name: _at(at_s, values, TONE_RATE_HZ) for name, values in tone_cues.items()}
    cues["tempo_octaves"] = (
        np.interp(at_s, beats_s, np.log2(tempo_curve_bpm / TEMPO_BPM)) if len(beats_s) else np.zeros(len(at_s))
    )
    return cues


def _mean_around(values: np.ndarray, window_s: float, rate_hz: float) -> np.ndarray:
    """Mean of values at a rate over a triangular window, [N, ...]."""
    width = round(window_s / 2.0 * rate_hz)
    return moving_mean(moving_mean(values, width), width)


def is_onset(flux: np.ndarray) -> np.ndarray:
    """Where a flux envelope [H] has a peak that stands out from the second around it, bool [H]."""
    inner = np.zeros(len(flux), dtype=bool)
    inner[1:-1] = (flux[1:-1] > flux[:-2]) & (flux[1:-1] >= flux[2:])
    return inner & (flux > moving_mean(flux, round(HOP_RATE_HZ)) + 0.05)


def _level_db(power: np.ndarray) -> np.ndarray:
    """Level of a mean square [H] over LOUDNESS_WINDOW_S."""
    mean = moving_mean(power, round(LOUDNESS_WINDOW_S * HOP_RATE_HZ))
    return 10.0 * np.log10(np.maximum(mean, 10.0 ** (SILENCE_DB / 10.0)))


def _onset_strength(at_s: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """The strongest flux in each span of a curve, of the song's strong onsets, 0..1, [H]."""
    middle = np.round(at_s * HOP_RATE_HZ).astype(int)
    reach = round(0.5 * HOP_RATE_HZ / CURVE_RATE_HZ)
    near = flux[np.clip(middle[:, None] + np.arange(-reach, reach + 1), 0, len(flux) - 1)].max(axis=1)
    peaks = flux[is_onset(flux)]
    strong = float(np.quantile(peaks, 0.95)) if len(peaks) else 0.0
    return np.clip(near / max(strong, 0.1), 0.0, 1.0)


def _at(at_s: np.ndarray, values: np.ndarray, rate_hz: float) -> np.ndarray:
    """Values [N] at a rate, at any times, held at the ends."""
    return np.interp(at_s, np.arange(len(values)) / rate_hz, values)

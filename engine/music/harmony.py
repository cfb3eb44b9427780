"""Pitch classes, key and roughness, from spectral peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.spectral import Spectra

BASS_HZ = 260.0
# Listeners' ratings of how well each pitch class fits: Temperley (2007) for major, Krumhansl and Kessler (1982)
# for minor.
MAJOR_PROFILE = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True, eq=False)
class Harmony:
    """What sounds together, at TONE_RATE_HZ.

    Attributes:
        chroma: Strength of the pitch classes C, C sharp, ..., each row summing to 1 or all 0, [K, 12].
        bass: The same of what lies below BASS_HZ, [K, 12].
        roughness: Sensory dissonance of what sounds at once, 0..1, [K].
        tuning_semitones: How far the song is tuned above A = 440 Hz, -0.5..0.5.
    """

    chroma: np.ndarray
    bass: np.ndarray
    roughness: np.ndarray
    tuning_semitones: float


def harmony(spectra: Spectra) -> Harmony:
    """Pitch classes, bass and roughness of every tone hop."""
    hz, strength = spectra.peak_hz, np.sqrt(spectra.peak_magnitude)
    is_peak = hz > 0.0
    pitch = np.where(is_peak, 69.0 + 12.0 * np.log2(np.maximum(hz, 1.0) / 440.0), 0.0)
    tuning = _tuning(pitch, strength * is_peak)
    # Above 2.5 kHz peaks are overtones that no longer lie on the pitch classes of their notes.
    chroma = _classes(pitch - tuning, strength * (is_peak & (hz < 2500.0)))
    bass = _classes(pitch - tuning, strength * (is_peak & (hz < BASS_HZ)))
    return Harmony(chroma, bass, roughness(hz, spectra.peak_magnitude), tuning)


def _tuning(pitch: np.ndarray, weight: np.ndarray) -> float:
    """Circular mean of how far peaks lie from the semitones, by weight."""
    turn = np.sum(weight * np.exp(2j * np.pi * pitch))
    return float(np.angle(turn) / (2.0 * np.pi)) if abs(turn) > 1e-9 else 0.0


def _classes(pitch: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights summed by pitch class, shared between the two nearest, [K, 12], rows of sum 1 or 0."""
    low = np.floor(pitch)
    share = pitch - low
    rows = np.arange(len(pitch))[:, None] * 12
    n = len(pitch) * 12
    below, above = (rows + low % 12).astype(int).ravel(), (rows + (low + 1) % 12).astype(int).ravel()
    sums = np.bincount(below, (weight * (1.0 - share)).ravel(), n) + np.bincount(above, (weight * share).ravel(), n)
    sums = sums.reshape(-1, 12)
    total = sums.sum(axis=1, keepdims=True)
    return np.where(total > 1e-6, sums / np.maximum(total, 1e-6), 0.0)


def roughness(hz: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Sensory dissonance of sets of partials [K, P], 0 for a lone tone, towards 1 for a dense cluster, [K].

    Sethares (1993), "Local consonance and the relationship between timbre and scale": each pair of partials beats,
    most at about a quarter of the critical band. Divided by the strength of all pairs, so that loudness does not count.
    """
    out = np.zeros(len(hz))
    for first in range(0, len(hz), 512):
        f, a = hz[first : first + 512].astype(np.float64), magnitude[first : first + 512].astype(np.float64)
        lower, distance = np.minimum(f[:, :, None], f[:, None, :]), np.abs(f[:, :, None] - f[:, None, :])
        pairs = np.minimum(a[:, :, None], a[:, None, :])
        pairs[:, np.arange(f.shape[1]), np.arange(f.shape[1])] = 0.0
        scaled = distance * 0.24 / (0.0207 * lower + 18.96)
        beating = pairs * (np.exp(-3.51 * scaled) - np.exp(-5.75 * scaled)) / 0.185
        out[first : first + 512] = beating.sum(axis=(1, 2)) / (pairs.sum(axis=(1, 2)) + 1e-9)
    return np.clip(out, 0.0, 1.0)


def mode_and_clarity(chroma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How major rather than minor pitch classes [K, 12] sound, and how clearly they have a key.

    Returns:
        Correlation with the best major key less that with the best minor key, about -0.3..0.3, [K];
        the better of the two, 0..1, [K]. Both 0 where there are no pitches.
    """
    major, minor = (_best_key(chroma, profile) for profile in (MAJOR_PROFILE, MINOR_PROFILE))
    return major - minor, np.clip(np.maximum(major, minor), 0.0, 1.0)


def _best_key(chroma: np.ndarray, profile: tuple[float, ...]) -> np.ndarray:
    """Highest correlation of each row [K, 12] with a key profile in any of the twelve keys, [K]."""
    keys = np.stack([np.roll(profile, k) for k in range(12)])
    keys = (keys - keys.mean(axis=1, keepdims=True)) / keys.std(axis=1, keepdims=True)
    centred = chroma - chroma.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    rows = np.where(deviation > 1e-6, centred / np.maximum(deviation, 1e-6), 0.0)
    return (rows @ keys.T / 12.0).max(axis=1)

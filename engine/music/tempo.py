"""How fast the pulse is: periods by autocorrelation, the octave by a metrical comb."""

from __future__ import annotations

import numpy as np

from engine.music.spectral import HOP_RATE_HZ

MIN_BPM, MAX_BPM = 50.0, 210.0
PRIOR_BPM, PRIOR_OCTAVES = 110.0, 1.0
WINDOW_S, STEP_S = 12.0, 2.0
MAX_LAG_S = 5.0


def autocorrelations(envelope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation of an onset envelope [H] in windows of WINDOW_S every STEP_S.

    Returns:
        Lags 0 .. MAX_LAG_S in hops, unbiased, 1 at lag 0 (0 where nothing begins), [W, L];
        weight of each window, its share of the energy, [W].
    """
    from scipy import fft

    window, step = round(WINDOW_S * HOP_RATE_HZ), round(STEP_S * HOP_RATE_HZ)
    window = min(window, len(envelope))
    n_lags = min(round(MAX_LAG_S * HOP_RATE_HZ), window)
    starts = np.unique(np.append(np.arange(0, len(envelope) - window + 1, step), len(envelope) - window))
    pieces = np.stack([envelope[s : s + window] for s in starts])
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(2 * window, real=True)
    spectrum = fft.rfft(pieces, size, axis=1)
    raw = fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, :n_lags]
    energy = raw[:, :1]
    unbiased = raw * (window / (window - np.arange(n_lags)))
    weights = energy[:, 0] / max(float(energy.sum()), 1e-12)
    return np.where(energy > 1e-9, unbiased / np.maximum(energy, 1e-9), 0.0), weights


def at_lags(correlation: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """A correlation [L] at lags that are no whole hops; 0 beyond its end."""
    return np.interp(lags, np.arange(len(correlation)), correlation, right=0.0)


def pulse_period_s(correlation: np.ndarray) -> tuple[float, float]:
    """Period of the beat and its salience 0..1, from the mean autocorrelation [L]; (0, 0) if there is no pulse."""
    bpm = MIN_BPM * 1.005 ** np.arange(int(np.log(MAX_BPM / MIN_BPM) / np.log(1.005)) + 1)
    period = 60.0 / bpm
    lag = period * HOP_RATE_HZ
    comb = sum(_near(correlation, k * lag) for k in (1, 2, 3, 4)) / 4.0
    half = np.maximum(_near(correlation, 0.5 * lag), 0.0)
    own = np.maximum(_near(correlation, lag), 1e-6)
    crowded = np.clip(half / own, 0.0, 1.0)
    prior = np.exp(-0.5 * (np.log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)
    score = np.maximum(comb, 0.0) * prior * (1.0 - 0.4 * crowded**2)
    best = int(score.argmax())
    salience = float(np.clip(comb[best], 0.0, 1.0))
    return (float(period[best]), salience) if score[best] > 0.0 else (0.0, 0.0)


def _near(correlation: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """The highest value within a hop of each lag."""
    return np.max([at_lags(correlation, lags + d) for d in (-1.0, -0.5, 0.0, 0.5, 1.0)], axis=0)

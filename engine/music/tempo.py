"""How fast the pulse is: periods by autocorrelation, the octave by a metrical comb, the changes by a best path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.onsets import Onsets
from engine.music.spectral import HOP_RATE_HZ

MIN_BPM, MAX_BPM = 50.0, 210.0
MAX_CLICK_BPM = 185.0
STEP = 1.005  # between candidate tempi
WINDOW_S, WINDOW_STEP_S, MAX_LAG_S = 24.0, 4.0, 10.0
LOCAL_WINDOW_S, LOCAL_STEP_S = 8.0, 1.0
LOCAL_RANGE = 1.35
# The lowest autocorrelation that tells anything, as a share of the highest.
FLOOR = 0.1
# Listeners tap most readily near 2 Hz (van Noorden and Moelants 1999); the constants below were fitted together on
# generated rhythms and checked on real songs and loops.
PRIOR_BPM, PRIOR_WEIGHT = 118.0, 2.4
SLOW_BPM, SLOW_WEIGHT = 75.0, 2.0
TRIPLE_HANDICAP = 0.3
#          multiple of the period: weight of its log autocorrelation in the sum over bands
PULSE_WEIGHTS = {1: 1.0, 1 / 2: 0.7, 1 / 3: -0.5, 3 / 2: -0.7, 2 / 3: -1.1}
GROUP_PULSE_WEIGHT = 0.6
BAR_WEIGHT = 0.9  # multiples 2 and 4, or 3 and 6
GROUP_BAR_WEIGHT = 2.4  # multiples 4 and 8, or 3 and 6, band by band


@dataclass(frozen=True, eq=False)
class Pulse:
    """The beat level of a song.

    Attributes:
        period_s: Time from beat to beat, 0.0 if there is no pulse.
        salience: Autocorrelation at the period and its multiples, 0..1.
        triple_lead: By how much bars of three fit better than bars of four (log; negative for four).
    """

    period_s: float
    salience: float
    triple_lead: float


NO_PULSE = Pulse(0.0, 0.0, 0.0)


def find_pulse(rise: Onsets) -> Pulse:
    """The beat level over the whole sound.

    A candidate period scores by the autocorrelation of the onset envelope at the period, its half and its bar, less
    that at lags that its bar would not have, times a prior; the band-wise autocorrelation tells bar from half bar,
    since kick and snare differ.
    """
    overall = _mean_autocorrelation(rise.envelope)
    energy = rise.groups.var(axis=1)
    if len(overall) < HOP_RATE_HZ * 60.0 / MAX_BPM or energy.sum() < 1e-9:
        return NO_PULSE
    by_group = sum(e * _mean_autocorrelation(g) for e, g in zip(energy / energy.sum(), rise.groups, strict=True))
    bpm = MIN_BPM * STEP ** np.arange(int(np.log(MAX_BPM / MIN_BPM) / np.log(STEP)) + 1)
    lags = 60.0 / bpm * HOP_RATE_HZ
    total, group = _LogAt(overall, lags), _LogAt(np.asarray(by_group), lags)
    four = BAR_WEIGHT * (total(2) + total(4)) + GROUP_BAR_WEIGHT * (group(4) + group(8))
    three = BAR_WEIGHT * (total(3) + total(6)) + GROUP_BAR_WEIGHT * (group(3) + group(6))
    three = three - TRIPLE_HANDICAP * (BAR_WEIGHT + GROUP_BAR_WEIGHT)
    score = np.maximum(four, three) + GROUP_PULSE_WEIGHT * group(1)
    score = score + sum(weight * total(k) for k, weight in PULSE_WEIGHTS.items())
    score -= PRIOR_WEIGHT * np.log2(bpm / PRIOR_BPM) ** 2 + SLOW_WEIGHT * np.maximum(np.log2(SLOW_BPM / bpm), 0.0)
    best = int(score.argmax())
    period_s = _undivided(overall, np.asarray(by_group), 60.0 / float(bpm[best]))
    salience = float(np.mean([_near(overall, np.array([k * period_s * HOP_RATE_HZ]))[0] for k in (1, 2, 3, 4)]))
    return Pulse(period_s, float(np.clip(salience, 0.0, 1.0)), float(three[best] - four[best]))


class _LogAt:
    """The log autocorrelation at multiples of the candidate lags, relative to its highest value.

    Multiples too long for the sound count as half of themselves: a short loop has no second bar to look at.
    """

    def __init__(self, correlation: np.ndarray, lags: np.ndarray) -> None:
        first = round(0.25 * HOP_RATE_HZ)
        self._correlation = correlation / max(float(correlation[first:].max(initial=0.0)), 1e-6)
        self._lags = lags

    def __call__(self, multiple: float) -> np.ndarray:
        lags = multiple * self._lags
        lags = np.where(lags > len(self._correlation) - 1, lags / 2.0, lags)
        return np.log(np.maximum(_near(self._correlation, lags), FLOOR))


def _undivided(overall: np.ndarray, by_group: np.ndarray, period_s: float) -> float:
    """Half the period, where the pulses in between are just as strong and sound the same: there is no faster level."""
    while 120.0 / period_s <= MAX_CLICK_BPM:
        lags = np.array([0.5, 1.0]) * period_s * HOP_RATE_HZ
        if any(_near(c, lags)[0] < 0.9 * _near(c, lags)[1] or _near(c, lags)[1] < 0.3 for c in (overall, by_group)):
            break
        period_s /= 2.0
    return period_s


def _mean_autocorrelation(envelope: np.ndarray) -> np.ndarray:
    """Autocorrelation over the whole sound, 1 at lag 0, [L]."""
    correlations, energy = autocorrelations(envelope, WINDOW_S, WINDOW_STEP_S, MAX_LAG_S)
    return energy @ correlations / max(float(energy.sum()), 1e-9)


def autocorrelations(
    envelope: np.ndarray, window_s: float, step_s: float, max_lag_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation of an envelope [H] in windows.

    Returns:
        At lags from 0 to max_lag_s, or to two thirds of the sound, in hops, unbiased, 1 at lag 0 (0 where the
        envelope is constant), [W, L]; energy of each window, [W].
    """
    from scipy import fft

    window = min(round(window_s * HOP_RATE_HZ), len(envelope))
    n_lags = max(1, min(round(max_lag_s * HOP_RATE_HZ), window * 2 // 3))
    pieces = envelope[window_starts(len(envelope), window, step_s)[:, None] + np.arange(window)]
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(window + n_lags, real=True)
    raw = fft.irfft(np.abs(fft.rfft(pieces, size, axis=1)) ** 2, size, axis=1)[:, :n_lags]
    unbiased = raw * (window / (window - np.arange(n_lags)))
    energy = np.maximum(raw[:, 0], 0.0)
    return np.where(energy[:, None] > 1e-9, unbiased / np.maximum(energy, 1e-9)[:, None], 0.0), energy


def window_starts(n_hops: int, window: int, step_s: float) -> np.ndarray:
    """First hops of windows every step_s, the last one flush with the end, [W]."""
    starts = np.arange(0, n_hops - window + 1, max(1, round(step_s * HOP_RATE_HZ)))
    return np.unique(np.append(starts, max(n_hops - window, 0)))


def _near(correlation: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """The highest value of a correlation [L] near each lag, as near as candidate tempi are to one another."""
    at, reach = np.arange(len(correlation)), 1.0 + (STEP - 1.0) / 2.0 * lags
    near = [np.interp(lags + d * reach, at, correlation, right=0.0) for d in (-1.0, -0.67, -0.33, 0.0, 0.33, 0.67, 1.0)]
    return np.max(near, axis=0)


def local_periods_hops(envelope: np.ndarray, period_s: float) -> np.ndarray:
    """The beat period at every hop, [H], following a tempo that wanders up to LOCAL_RANGE from the overall one.

    The best path (Viterbi) through the comb-filtered tempogram, with a price on every change of tempo.
    """
    correlations, energy = autocorrelations(envelope, LOCAL_WINDOW_S, LOCAL_STEP_S, LOCAL_WINDOW_S / 2.0)
    n_side = int(np.log(LOCAL_RANGE) / np.log(STEP))
    ratio = STEP ** np.arange(-n_side, n_side + 1)
    lags = period_s * HOP_RATE_HZ * ratio
    comb = np.stack([sum(_near(c, k * lags) for k in (1.0, 2.0, 4.0)) for c in correlations]) / 3.0
    comb *= (energy / max(float(energy.max()), 1e-9))[:, None] ** 0.5
    path = _best_path(np.maximum(comb, 0.0) - 0.3 * np.abs(np.log2(ratio)), price=0.02)
    window = min(round(LOCAL_WINDOW_S * HOP_RATE_HZ), len(envelope))
    centres = window_starts(len(envelope), window, LOCAL_STEP_S) + window / 2.0
    return np.interp(np.arange(len(envelope)), centres, lags[path])


def _best_path(gain: np.ndarray, price: float) -> np.ndarray:
    """State of each step [W] that makes the sum of gains [W, S] less `price` per state of change the largest."""
    states = np.arange(gain.shape[1])
    cost = price * np.abs(states[:, None] - states[None, :])
    total, back = gain[0].copy(), np.zeros(gain.shape, dtype=np.int64)
    for step in range(1, len(gain)):
        reached = total[None, :] - cost
        back[step] = reached.argmax(axis=1)
        total = reached.max(axis=1) + gain[step]
    path = [int(total.argmax())]
    for step in range(len(gain) - 1, 0, -1):
        path.append(int(back[step, path[-1]]))
    return np.array(path[::-1])

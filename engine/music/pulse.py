"""Pulses that a sound could be counted by: how fast, and when each beat of them is, however the tempo wanders."""

from __future__ import annotations

import numpy as np

from engine.music.spectral import HOP_RATE_HZ

MIN_BPM, MAX_BPM = 45.0, 230.0
STEP = 1.01  # between candidate tempi
WINDOW_S, WINDOW_STEP_S, MAX_LAG_S = 8.0, 2.0, 5.0
# Listeners tap most readily near 2 Hz (van Noorden and Moelants 1999); here the prior only says where to look.
PRIOR_BPM, PRIOR_OCTAVES = 110.0, 1.1
N_CANDIDATES, APART = 4, 1.15
# How far a pulse may wander from its middle tempo (at its end a song may slow down a lot), and what a change of tempo
# from one beat to the next costs.
FASTER, SLOWER, CHANGE_PRICE, JUMP_PRICE, MAX_CHANGE = 1.36, 1.7, 500.0, 20.0, 0.22
FINE_SHIFT = 4
CLIP = 4.0  # no onset counts more than this many deviations: one crash must not draw the beats


def candidate_periods(envelope: np.ndarray) -> list[float]:
    """Beat periods in hops that deserve a try, the likeliest first; none for a sound too short or without onsets.

    Peaks of the local autocorrelation of an onset envelope [H] at a lag and its double, weighed by the prior.
    """
    if len(envelope) < 4.0 * HOP_RATE_HZ * 60.0 / MAX_BPM or not envelope.any():
        return []
    bpm = MIN_BPM * STEP ** np.arange(int(np.log(MAX_BPM / MIN_BPM) / np.log(STEP)) + 1)
    lags = 60.0 * HOP_RATE_HZ / bpm
    local, energy = autocorrelations(envelope, WINDOW_S, WINDOW_STEP_S, MAX_LAG_S)
    mean = energy @ local / max(float(energy.sum()), 1e-12)
    at = np.arange(len(mean))
    comb = np.interp(lags, at, mean, right=0.0) + np.interp(2.0 * lags, at, mean, right=0.0)
    comb = comb * np.exp(-0.5 * (np.log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)
    found: list[float] = []
    for i in np.argsort(-comb):
        is_peak = comb[i] >= comb[max(i - 1, 0)] and comb[i] >= comb[min(i + 1, len(comb) - 1)]
        if is_peak and all(max(lags[i] / f, f / lags[i]) > APART for f in found):
            found.append(float(lags[i]))
        if len(found) == N_CANDIDATES:
            break
    return found


def follow(envelope: np.ndarray, period_hops: float) -> np.ndarray:
    """Hops of the beats, int [B], that meet most onsets while their tempo changes little from one to the next.

    Dynamic programming like that of Ellis (2007), "Beat tracking by dynamic programming", where a state is a beat
    together with the interval before it, so that a tempo may drift, slow down or jump without being known before.
    Hops are decided in blocks no longer than the shortest interval, so that a block never looks into itself.

    Args:
        envelope: Onset envelope of unit deviation, [H].
        period_hops: The middle interval; intervals are at most FASTER times shorter, SLOWER times longer.
    """
    evidence = np.minimum(envelope, CLIP)
    evidence = evidence - evidence.mean()
    periods = np.arange(max(2, int(period_hops / FASTER)), int(np.ceil(period_hops * SLOWER)) + 1)
    near, price = _neighbours(periods)
    n_hops, pad, shortest = len(evidence), int(periods[-1]), int(periods[0])
    score = np.full((n_hops + pad, len(periods)), -np.inf, np.float32)
    back = np.zeros((n_hops, len(periods)), np.int16)
    for first in range(0, n_hops, shortest):
        hops = np.arange(first, min(first + shortest, n_hops))
        before = score[(hops[:, None] - periods + pad)[:, :, None], near] - price
        best = before.argmax(axis=2)
        gain = np.take_along_axis(before, best[:, :, None], axis=2)[:, :, 0]
        back[hops] = np.where(gain > 0.0, near[np.arange(len(periods)), best], -1)
        score[hops + pad] = evidence[hops, None] + np.maximum(gain, 0.0)
    return _traced(score[pad:], back, periods)


def _neighbours(periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the intervals that may come before each, and what that costs, both [P, D]."""
    reach = max(1, int(np.ceil(MAX_CHANGE * float(np.median(periods)))))
    # Small changes hop by hop, larger ones three hops apart: what lies between is reached in two beats.
    shifts = np.array([shift for shift in range(-reach, reach + 1) if abs(shift) <= FINE_SHIFT or shift % 3 == 0])
    index = np.arange(len(periods))[:, None] + shifts
    inside = np.clip(index, 0, len(periods) - 1)
    square = CHANGE_PRICE * np.log(periods[inside] / periods[:, None]) ** 2
    price = square / (1.0 + square / JUMP_PRICE)
    return inside, np.where(index == inside, price, np.inf).astype(np.float32)


def _traced(score: np.ndarray, back: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """The beats that lead to the best of the last states."""
    start = max(0, len(score) - int(periods[-1]))
    best = int(score[start:].argmax())
    hop, state = start + best // score.shape[1], best % score.shape[1]
    found = []
    while hop >= 0:
        found.append(hop)
        previous = int(back[hop, state])
        if previous < 0:
            break
        hop, state = hop - int(periods[state]), previous
    return np.array(found[::-1], dtype=np.int64)


def autocorrelations(
    envelope: np.ndarray, window_s: float, step_s: float, max_lag_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation of an envelope [H] in windows.

    Returns:
        At lags from 0 to max_lag_s, or to two thirds of the window, in hops, unbiased, 1 at lag 0 (0 where the
        envelope is constant), [W, L]; energy of each window, [W].
    """
    from scipy import fft

    window = min(round(window_s * HOP_RATE_HZ), len(envelope))
    n_lags = max(1, min(round(max_lag_s * HOP_RATE_HZ), window * 2 // 3))
    starts = np.arange(0, len(envelope) - window + 1, max(1, round(step_s * HOP_RATE_HZ)))
    starts = np.unique(np.append(starts, max(len(envelope) - window, 0)))
    pieces = envelope[starts[:, None] + np.arange(window)]
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(window + n_lags, real=True)
    raw = fft.irfft(np.abs(fft.rfft(pieces, size, axis=1)) ** 2, size, axis=1)[:, :n_lags]
    unbiased = raw * (window / (window - np.arange(n_lags)))
    energy = np.maximum(raw[:, 0], 0.0)
    return np.where(energy[:, None] > 1e-9, unbiased / np.maximum(energy, 1e-9)[:, None], 0.0), energy

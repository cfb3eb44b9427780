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
    evidence = (evidence - evidence.mean()).astype(np.float32)
    periods = np.arange(max(2, int(period_hops / FASTER)), int(np.ceil(period_hops * SLOWER)) + 1)
    shifts, price = _changes(periods)
    n_hops, n_periods, reach = len(evidence), len(periods), int(shifts[-1])
    pad, shortest = int(periods[-1]), int(periods[0])
    columns = np.arange(n_periods)
    # best[t + pad, p]: the most that a beat at t can hand on to the next one, p later; before[t, p]: the interval
    # before it that does so.
    score = np.full((n_hops, n_periods), 0.0, np.float32)
    best = np.full((n_hops + pad, n_periods), -np.inf, np.float32)
    before = np.zeros((n_hops, n_periods), np.int16)
    wide = np.full((shortest, n_periods + 2 * reach), -np.inf, np.float32)
    for first in range(0, n_hops, shortest):
        hops = np.arange(first, min(first + shortest, n_hops))
        gain = best[hops[:, None] - periods + pad, columns]
        block = evidence[hops, None] + np.maximum(gain, 0.0)
        score[hops] = block
        wide[: len(hops), reach : reach + n_periods] = block
        top, which = np.full(block.shape, -np.inf, np.float32), np.zeros(block.shape, np.int16)
        for shift, cost in zip(shifts, price, strict=True):
            handed = wide[: len(hops), reach + shift : reach + shift + n_periods] - cost
            is_better = handed > top
            np.copyto(top, handed, where=is_better)
            np.copyto(which, shift, where=is_better)
        best[hops + pad] = top
        before[hops] = columns + which
    return _traced(score, best[pad:], before, periods)


def _changes(periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how many hops the interval before may have been longer, [D], and what that costs at each interval, [D, P]."""
    reach = max(1, int(np.ceil(MAX_CHANGE * float(np.median(periods)))))
    # Small changes hop by hop, larger ones three hops apart: what lies between is reached in two beats.
    reach += -reach % 3
    shifts = np.array([shift for shift in range(-reach, reach + 1) if abs(shift) <= FINE_SHIFT or shift % 3 == 0])
    other = np.maximum(periods + shifts[:, None], 1)
    square = CHANGE_PRICE * np.log(other / periods) ** 2
    return shifts, (square / (1.0 + square / JUMP_PRICE)).astype(np.float32)


def _traced(score: np.ndarray, best: np.ndarray, before: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """The beats that lead to the best of the last states; the tables are those of `follow`, [H, P]."""
    start = max(0, len(score) - int(periods[-1]))
    last = int(score[start:].argmax())
    hop, state = start + last // score.shape[1], last % score.shape[1]
    found = [hop]
    while True:
        previous = hop - int(periods[state])
        if previous < 0 or best[previous, state] <= 0.0:
            return np.array(found[::-1], dtype=np.int64)
        hop, state = previous, int(before[previous, state])
        found.append(hop)


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

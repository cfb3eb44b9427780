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
LOCAL_WINDOW_S, LOCAL_STEP_S, LOCAL_LAG_S = 10.0, 1.0, 6.0
LOCAL_RANGE = 1.12  # how far a tempo that is steady on the whole is followed
CHANGE_PRICE = 0.25  # of one step of tempo from one local window to the next, in units of score
# One tempo for the whole song is given up for a wandering one when it explains less than this share of the pulse.
STEADY_SHARE, SURE_SALIENCE = 0.7, 0.45
# The lowest autocorrelation that tells anything, as a share of the highest.
FLOOR = 0.05
# Listeners tap most readily near 2 Hz (van Noorden and Moelants 1999); the constants below were fitted together on
# generated rhythms and checked on real songs and loops.
PRIOR_BPM, PRIOR_WEIGHT = 118.0, 2.4
SLOW_BPM, SLOW_WEIGHT = 75.0, 2.0
TRIPLE_HANDICAP = 0.45
#          multiple of the period: weight of its log autocorrelation in the sum over bands
PULSE_WEIGHTS = {1: 0.6, 1 / 2: 0.7, 1 / 3: -0.5, 3 / 2: -0.7, 2 / 3: -1.1}
GROUP_PULSE_WEIGHT = 0.6
BAR_WEIGHT = 0.9  # multiples 2 and 4, or 3 and 6
GROUP_BAR_WEIGHT = 2.4  # multiples 4 and 8, or 3 and 6, band by band


@dataclass(frozen=True, eq=False)
class Pulse:
    """The beat level of a song.

    Attributes:
        period_hops: Time from beat to beat at every hop, [H]; empty if there is no pulse.
        salience: Autocorrelation at the period and its double, 0..1.
    """

    period_hops: np.ndarray
    salience: float

    @property
    def period_s(self) -> float:
        """The middle period in seconds, 0.0 if there is no pulse."""
        return float(np.median(self.period_hops)) / HOP_RATE_HZ if len(self.period_hops) else 0.0


NO_PULSE = Pulse(np.zeros(0), 0.0)


def find_pulse(rise: Onsets) -> Pulse:
    """The beat level of a sound: one tempo and its small changes, or a tempo that wanders if that fits much better."""
    n_hops = len(rise.envelope)
    if n_hops < 4.0 * HOP_RATE_HZ * 60.0 / MAX_BPM or not rise.envelope.any():
        return NO_PULSE
    bpm = MIN_BPM * STEP ** np.arange(int(np.log(MAX_BPM / MIN_BPM) / np.log(STEP)) + 1)
    lags = 60.0 / bpm * HOP_RATE_HZ
    lag, salience = _overall_lag(rise.envelope, rise.groups, lags)
    local, local_group, energy = _both_autocorrelations(
        rise.envelope, rise.groups, LOCAL_WINDOW_S, LOCAL_STEP_S, LOCAL_LAG_S
    )
    centres = window_centres(n_hops, LOCAL_WINDOW_S, LOCAL_STEP_S)
    found, near = _nearby_lags(local, energy, lag)
    if salience < SURE_SALIENCE or salience < STEADY_SHARE * near:
        path, wandering = _wandering_lags(local, local_group, energy, lags)
        if salience < STEADY_SHARE * wandering:
            periods = _at_settled_octave(rise, np.interp(np.arange(n_hops), centres, path))
            return Pulse(periods, float(np.clip(wandering, 0.0, 1.0)))
    return Pulse(np.interp(np.arange(n_hops), centres, found), float(np.clip(salience, 0.0, 1.0)))


def _overall_lag(envelope: np.ndarray, groups: np.ndarray, lags: np.ndarray) -> tuple[float, float]:
    """The best one of the lags [S] for a whole sound, and the mean autocorrelation at it and its double."""
    overall, by_group, energy = _both_autocorrelations(envelope, groups, WINDOW_S, WINDOW_STEP_S, MAX_LAG_S)
    overall, by_group = energy @ overall / energy.sum(), energy @ by_group / energy.sum()
    lag = _undivided(overall, by_group, float(lags[int(metrical_score(overall, by_group, lags).argmax())]))
    return lag, float(np.mean(_near(overall, np.array([lag, 2.0 * lag]))))


def _at_settled_octave(rise: Onsets, periods: np.ndarray) -> np.ndarray:
    """Wandering periods [H], doubled or halved if that is the better beat.

    Local windows are too short to hear slow bars in; with time bent so that the tempo is constant, the whole sound
    can be judged at once.
    """
    phase = np.cumsum(1.0 / periods)
    middle = len(periods) / float(phase[-1])
    hops = np.interp(np.arange(0.0, phase[-1], 1.0 / middle), phase, np.arange(len(periods)))
    at = np.arange(len(periods))
    envelope, *groups = (np.interp(hops, at, curve) for curve in (rise.envelope, *rise.groups))
    candidates = middle * np.array([0.5, 1.0, 2.0])
    bpm = 60.0 * HOP_RATE_HZ / candidates
    best, _ = _overall_lag(envelope, np.stack(groups), candidates[(bpm > MIN_BPM) & (bpm < MAX_BPM)])
    return periods * best / middle


def metrical_score(overall: np.ndarray, by_group: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """How well each candidate period [S] would serve as the beat, [S].

    By the log autocorrelation [L] of the onset envelope at the period, its half and its bar, less that at lags where
    its bar would have nothing, and a prior; the autocorrelation band by band [L] tells bar from half bar, since kick
    and snare differ.
    """
    total, group = _LogAt(overall, lags), _LogAt(by_group, lags)
    four = BAR_WEIGHT * (total(2) + total(4)) + GROUP_BAR_WEIGHT * (group(4) + group(8))
    three = BAR_WEIGHT * (total(3) + total(6)) + GROUP_BAR_WEIGHT * (group(3) + group(6))
    three = three - TRIPLE_HANDICAP * (BAR_WEIGHT + GROUP_BAR_WEIGHT)
    score = np.maximum(four, three) + GROUP_PULSE_WEIGHT * group(1)
    score += np.sum([weight * total(multiple) for multiple, weight in PULSE_WEIGHTS.items()], axis=0)
    bpm = 60.0 * HOP_RATE_HZ / lags
    score -= PRIOR_WEIGHT * np.log2(bpm / PRIOR_BPM) ** 2 + SLOW_WEIGHT * np.maximum(np.log2(SLOW_BPM / bpm), 0.0)
    return score


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


def _undivided(overall: np.ndarray, by_group: np.ndarray, lag: float) -> float:
    """Half the lag, where the pulses in between are just as strong and sound the same: there is no slower level."""
    while 2.0 * 60.0 * HOP_RATE_HZ / lag <= MAX_CLICK_BPM:
        pair = np.array([0.5, 1.0]) * lag
        values = [_near(correlation, pair) for correlation in (overall, by_group)]
        if any(half < 0.9 * whole or whole < 0.3 for half, whole in values):
            break
        lag /= 2.0
    return lag


def _wandering_lags(
    local: np.ndarray, local_group: np.ndarray, energy: np.ndarray, lags: np.ndarray
) -> tuple[np.ndarray, float]:
    """Lag in each local window [W] on the best path through the metrical scores, and its mean autocorrelation."""
    score = np.stack([metrical_score(c, g, lags) for c, g in zip(local, local_group, strict=True)])
    share = energy / max(float(energy.max()), 1e-9)
    path = _best_path(score * np.sqrt(share)[:, np.newaxis], CHANGE_PRICE)
    found = lags[path]
    return found, _mean_value(local, energy, found)


def _nearby_lags(local: np.ndarray, energy: np.ndarray, lag: float) -> tuple[np.ndarray, float]:
    """Lag in each local window [W], within LOCAL_RANGE of the overall one, and its mean autocorrelation."""
    n_side = int(np.log(LOCAL_RANGE) / np.log(STEP))
    ratio = STEP ** np.arange(-n_side, n_side + 1)
    comb = np.stack([np.mean([_near(c, k * lag * ratio) for k in (1.0, 2.0, 4.0)], axis=0) for c in local])
    share = energy / max(float(energy.max()), 1e-9)
    gain = np.maximum(comb, 0.0) - 0.3 * np.abs(np.log2(ratio))
    found = lag * ratio[_best_path(gain * np.sqrt(share)[:, np.newaxis], CHANGE_PRICE / 10.0)]
    return found, _mean_value(local, energy, found)


def _mean_value(local: np.ndarray, energy: np.ndarray, found: np.ndarray) -> float:
    """Mean autocorrelation of windows [W, L] at their lags [W] and the doubles, by energy."""
    values = [np.mean(_near(c, np.array([lag, 2.0 * lag]))) for c, lag in zip(local, found, strict=True)]
    return float(np.average(values, weights=energy))


def _both_autocorrelations(
    envelope: np.ndarray, groups: np.ndarray, window_s: float, step_s: float, max_lag_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Autocorrelations of the envelope, and of the groups by their share of the energy, [W, L]; energy [W]."""
    overall, energy = autocorrelations(envelope, window_s, step_s, max_lag_s)
    by_group = np.zeros_like(overall)
    shares = groups.var(axis=1)
    for share, group in zip(shares / max(float(shares.sum()), 1e-12), groups, strict=True):
        by_group += share * autocorrelations(group, window_s, step_s, max_lag_s)[0]
    return overall, by_group, np.maximum(energy, 1e-9)


def autocorrelations(
    envelope: np.ndarray, window_s: float, step_s: float, max_lag_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation of an envelope [H] in windows.

    Returns:
        At lags from 0 to max_lag_s, or to two thirds of the window, in hops, unbiased, 1 at lag 0 (0 where the
        envelope is constant), [W, L]; energy of each window, [W].
    """
    from scipy import fft

    window = _window(len(envelope), window_s)
    n_lags = max(1, min(round(max_lag_s * HOP_RATE_HZ), window * 2 // 3))
    pieces = envelope[_window_starts(len(envelope), window, step_s)[:, None] + np.arange(window)]
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(window + n_lags, real=True)
    raw = fft.irfft(np.abs(fft.rfft(pieces, size, axis=1)) ** 2, size, axis=1)[:, :n_lags]
    unbiased = raw * (window / (window - np.arange(n_lags)))
    energy = np.maximum(raw[:, 0], 0.0)
    return np.where(energy[:, None] > 1e-9, unbiased / np.maximum(energy, 1e-9)[:, None], 0.0), energy


def window_centres(n_hops: int, window_s: float, step_s: float) -> np.ndarray:
    """Middle hop of each window of `autocorrelations`, [W]."""
    window = _window(n_hops, window_s)
    return _window_starts(n_hops, window, step_s) + window / 2.0


def _window(n_hops: int, window_s: float) -> int:
    return min(round(window_s * HOP_RATE_HZ), n_hops)


def _window_starts(n_hops: int, window: int, step_s: float) -> np.ndarray:
    """First hops of windows every step_s, the last one flush with the end, [W]."""
    starts = np.arange(0, n_hops - window + 1, max(1, round(step_s * HOP_RATE_HZ)))
    return np.unique(np.append(starts, max(n_hops - window, 0)))


def _near(correlation: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """The highest value of a correlation [L] near each lag, as near as candidate tempi are to one another."""
    at, reach = np.arange(len(correlation)), 1.0 + (STEP - 1.0) / 2.0 * lags
    near = [np.interp(lags + d * reach, at, correlation, right=0.0) for d in (-1.0, -0.67, -0.33, 0.0, 0.33, 0.67, 1.0)]
    return np.max(near, axis=0)


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

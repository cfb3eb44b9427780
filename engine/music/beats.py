"""The beats: dynamic programming over the onset envelope, then a constant grid where one fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.onsets import Onsets
from engine.music.spectral import HOP_RATE_HZ
from engine.music.tempo import Pulse

TIGHTNESS = 100.0
# Noise has saliences of up to 0.1, and more the fewer periods it lasts.
MIN_SALIENCE = 0.12
MIN_BEATS, MIN_ON_ONSET = 4, 0.4
MIN_SPARSE_BPM = 48.0
# A grid is believed if nearly all beats lie this near to it, as a share of the beat; 20 ms is what hearing forgives.
GRID_TOLERANCE, GRID_TOLERANCE_S, GRID_SHARE = 0.07, 0.02, 0.9


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of a song.

    Attributes:
        times_s: Ascending, [B].
        tempo_bpm: Over the whole song, 0.0 if there is none.
        tempo_curve_bpm: At each beat, [B].
        confidence: 0..1.
        is_steady: Whether the beats lie on a constant grid.
    """

    times_s: np.ndarray
    tempo_bpm: float
    tempo_curve_bpm: np.ndarray
    confidence: float
    is_steady: bool


NO_BEATS = Beats(np.zeros(0), 0.0, np.zeros(0), 0.0, False)


def find_beats(rise: Onsets, pulse: Pulse, is_sounding: np.ndarray) -> Beats:
    """The beats of a song with a known pulse; none where the pulse is too weak to be one.

    Args:
        rise: Its onset envelopes.
        pulse: Its beat level.
        is_sounding: Where it can be heard at all, bool [H].
    """
    if pulse.period_s <= 0.0:
        return NO_BEATS
    n_periods = len(rise.envelope) / HOP_RATE_HZ / pulse.period_s
    if n_periods < MIN_BEATS or pulse.salience < MIN_SALIENCE + 1.0 / n_periods:
        return NO_BEATS
    smooth = _smoothed(rise.envelope)
    found = _beats_at(pulse.period_hops, pulse.salience, smooth, is_sounding)
    if found is None and 2.0 * pulse.period_s < 60.0 / MIN_SPARSE_BPM:
        # Most of the beats had nothing on them: the pulse may be the half of a slow beat.
        found = _beats_at(2.0 * pulse.period_hops, pulse.salience, smooth, is_sounding)
    return found or NO_BEATS


def _beats_at(
    period_hops: np.ndarray, salience: float, smooth: np.ndarray, is_sounding: np.ndarray
) -> Beats | None:
    """The beats with a local period [H], or None if too few of them have an onset on them."""
    times = _refined(track(smooth, period_hops), smooth)
    if len(times) < MIN_BEATS:
        return None
    grid = _constant_grid(times, smooth)
    if grid is not None:
        first_s, period_s = grid
        n_before, n_after = int((first_s + 0.03) / period_s), int((len(smooth) / HOP_RATE_HZ - first_s) / period_s)
        times = first_s + period_s * np.arange(-n_before, n_after + 1)
    times = np.maximum(_heard(times, smooth, is_sounding), 0.0)
    if np.count_nonzero(_is_on_onset(times, smooth)) < max(MIN_BEATS, MIN_ON_ONSET * len(times)):
        return None
    confidence = _confidence(times, smooth, salience)
    if grid is not None:
        return Beats(times, 60.0 / grid[1], np.full(len(times), 60.0 / grid[1]), confidence, True)
    tempo_bpm = 60.0 * (len(times) - 1) / float(times[-1] - times[0])
    return Beats(times, tempo_bpm, _tempo_curve_bpm(times), confidence, False)


def track(envelope: np.ndarray, period_hops: np.ndarray) -> np.ndarray:
    """Beats in hops (int) [B]: the sequence that meets onsets while keeping near a local period.

    Ellis (2007), "Beat tracking by dynamic programming", with a period that may change from hop to hop. Hops are
    decided in blocks no longer than the shortest step back, so that a block never looks into itself.

    Args:
        envelope: Onset envelope of about unit deviation, [H].
        period_hops: The local beat period, [H].
    """
    shortest = max(1, int(period_hops.min() / 2.0))
    steps = np.arange(shortest, int(np.ceil(period_hops.max() * 2.0)) + 1)
    pad = int(steps[-1])
    score, back = np.zeros(len(envelope) + pad), np.full(len(envelope), -1)
    for first in range(0, len(envelope), shortest):
        hops = np.arange(first, min(first + shortest, len(envelope)))
        before = score[hops[:, None] + pad - steps[None, :]]
        total = before - TIGHTNESS * np.log(steps[None, :] / period_hops[hops, None]) ** 2
        best = total.argmax(axis=1)
        gain = total[np.arange(len(hops)), best]
        score[hops + pad] = envelope[hops] + np.maximum(gain, 0.0)
        back[hops] = np.where(gain > 0.0, hops - steps[best], -1)
    last_period = min(int(np.ceil(period_hops[-1])), len(envelope))
    hop = len(envelope) - last_period + int(score[-last_period:].argmax())
    found = []
    while hop >= 0:
        found.append(hop)
        hop = int(back[hop])
    return np.array(found[::-1], dtype=np.int64)


def _smoothed(envelope: np.ndarray) -> np.ndarray:
    """The envelope under a Gaussian of 1.5 hops, at least as long as itself."""
    kernel = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    return np.convolve(envelope, kernel / kernel.sum(), mode="full")[5 : 5 + len(envelope)]


def _refined(hops: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Beats in seconds, each moved to the top of the parabola if it is at a local maximum."""
    inner = np.clip(hops, 1, max(len(smooth) - 2, 1))
    left, middle, right = smooth[inner - 1], smooth[inner], smooth[inner + 1]
    bend = left - 2.0 * middle + right
    is_top = (middle >= left) & (middle >= right) & (bend < -1e-9)
    shift = np.where(is_top, 0.5 * (left - right) / np.where(is_top, bend, -1.0), 0.0)
    return (hops + shift) / HOP_RATE_HZ


def _constant_grid(times: np.ndarray, smooth: np.ndarray) -> tuple[float, float] | None:
    """First beat and period in seconds of the grid on which nearly all beats lie, or None.

    Beats are numbered by their intervals, then fitted by least squares, weighted by their onsets and with outliers
    left out again and again; last, the period and phase that collect most onset strength.
    """
    period = float(np.median(np.diff(times)))
    index = np.concatenate([[0], np.cumsum(np.maximum(np.round(np.diff(times) / period), 1.0))])
    strength = np.interp(times * HOP_RATE_HZ, np.arange(len(smooth)), smooth)
    weight = strength + 1e-3 * strength.max() + 1e-9
    for _ in range(5):
        slope, start = np.polyfit(index, times, 1, w=np.sqrt(weight))
        off = np.abs(times - (start + slope * index))
        weight = np.where(off < max(0.1 * period, 2.0 * float(np.median(off))), strength, 0.0) + 1e-6
    tolerance = max(GRID_TOLERANCE * period, GRID_TOLERANCE_S)
    is_onset = strength > 0.3 * np.quantile(strength, 0.9)
    if np.mean(off[is_onset] < tolerance) < GRID_SHARE or np.mean(off < 2.0 * tolerance) < GRID_SHARE:
        return None
    return _sharpened(float(start), float(slope), int(index[-1]) + 1, smooth)


def _sharpened(start: float, period: float, n_beats: int, smooth: np.ndarray) -> tuple[float, float]:
    """The grid near the given one whose n beats collect the most onset strength.

    Searched over shifts of its first and of its last beat by up to 30 ms each.
    """
    shifts = np.arange(-0.03, 0.0301, 0.0025)
    place = np.linspace(0.0, 1.0, n_beats)
    at = start + period * (n_beats - 1) * place
    hops = np.arange(len(smooth))
    collected = np.array(
        [[np.interp((at + a + (b - a) * place) * HOP_RATE_HZ, hops, smooth).sum() for b in shifts] for a in shifts]
    )
    near = collected >= collected.max() - 0.002 * abs(collected.max())
    a, b = (float(np.mean(shifts[i])) for i in np.nonzero(near))
    return start + a, (period * (n_beats - 1) + b - a) / max(n_beats - 1, 1)


def _heard(times: np.ndarray, smooth: np.ndarray, is_sounding: np.ndarray) -> np.ndarray:
    """The beats from the first onset to the last sound, without those in a long silence."""
    strong = np.flatnonzero(smooth > _strong(smooth))
    sounding = np.flatnonzero(is_sounding)
    if len(strong) == 0 or len(sounding) == 0:
        return np.zeros(0)
    hops = np.clip(np.round(times * HOP_RATE_HZ), 0, len(smooth) - 1).astype(int)
    kept = (times >= strong[0] / HOP_RATE_HZ - 0.06) & (times <= sounding[-1] / HOP_RATE_HZ) & (times > -0.03)
    return times[kept & ~in_long_silence(is_sounding)[hops]]


def _strong(smooth: np.ndarray) -> float:
    """What an onset must exceed to count as one: a quarter of a strong one."""
    return 0.25 * float(np.quantile(smooth[smooth > 0.0], 0.95)) if smooth.any() else np.inf


def _is_on_onset(times: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Whether there is an onset within 45 ms of each time, bool [B]."""
    near = np.round(times * HOP_RATE_HZ).astype(int)[:, np.newaxis] + np.arange(-4, 5)
    return smooth[np.clip(near, 0, len(smooth) - 1)].max(axis=1) > _strong(smooth)


def in_long_silence(is_sounding: np.ndarray, long_s: float = 4.0) -> np.ndarray:
    """Where a silence lasts at least long_s, bool [H]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], is_sounding, [True]]).astype(int)))
    out = np.zeros(len(is_sounding), dtype=bool)
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        out[first:end] = end - first >= long_s * HOP_RATE_HZ
    return out


def _confidence(times: np.ndarray, smooth: np.ndarray, salience: float) -> float:
    """How far beats stand out from what lies between them, together with the salience of the pulse, 0..1."""
    hops = np.arange(len(smooth))
    on = np.interp(times * HOP_RATE_HZ, hops, smooth).mean()
    between = times[:-1, None] + np.diff(times)[:, None] * np.linspace(0.2, 0.8, 7)
    off = np.interp(between.ravel() * HOP_RATE_HZ, hops, smooth).mean()
    contrast = (on - off) / max(float(on + off), 1e-9)
    return float(np.clip(0.5 * salience + 0.6 * contrast, 0.0, 1.0))


def _tempo_curve_bpm(times: np.ndarray) -> np.ndarray:
    """Tempo at each beat: the slope of a line through the four beats before and after."""
    n = len(times)
    first, last = np.maximum(np.arange(n) - 4, 0), np.minimum(np.arange(n) + 4, n - 1)
    return 60.0 * (last - first) / (times[last] - times[first])

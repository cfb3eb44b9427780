"""Beats from taps: a tempo, which may change smoothly, and where it falls; taps that went astray are left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.following import TimeMap, time_map
from editor.document.grid import (
    FASTEST_BPM,
    NO_BEATS,
    SLOWEST_BPM,
    bar_one_s,
    bars_set,
    corrected,
    eight_s,
    listened,
    nearest_beat,
    paired,
    with_beats,
)
from engine.music.analysis import MusicAnalysis

FEWEST_TAPS = 4
REACHES = ("span", "on", "all")  # what was tapped; from there on; the whole song
_OUTLIER = 3.5  # times the usual spread; Iglewicz and Hoaglin 1993, for spreads by the median
_LEAST_SPREAD_S = 0.012  # nobody taps more evenly than that: Repp 2005, "Sensorimotor synchronization"
_TAPS_FOR_DEGREE = {1: 0, 2: 6, 3: 10}
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class TapFit:
    """What taps say of the beats.

    Attributes:
        times_s: The beats from the first tap to the last, ascending, [K].
        bpm: Tempo in the middle of them.
        last_bpm: Tempo at the last of them.
        spread_s: Half of the taps lie within that of a beat.
        n_taps: How many taps counted.
        n_left_out: How many lay too far off.
    """

    times_s: np.ndarray
    bpm: float
    last_bpm: float
    spread_s: float
    n_taps: int
    n_left_out: int


def fit_taps(taps_s: np.ndarray) -> TapFit | None:
    """The beats that somebody tapped along with; None while fewer than FEWEST_TAPS taps agree.

    A line, or a curve of second or third degree where the taps are enough to tell (by the Bayesian information
    criterion, Schwarz 1978), through the taps over the number of the beat; a beat that was left out counts.

    Args:
        taps_s: When the taps came, seconds of the piece as they were heard, [N].
    """
    taps_s = np.unique(np.asarray(taps_s, dtype=float))
    if len(taps_s) < FEWEST_TAPS:
        return None
    numbers = _numbers(taps_s)
    kept = _one_each(taps_s, numbers)
    coefficients = np.zeros(0)
    for _ in range(_ROUNDS):
        if np.count_nonzero(kept) < FEWEST_TAPS or np.ptp(numbers[kept]) < FEWEST_TAPS - 1:
            return None
        coefficients = _best_fit(numbers[kept], taps_s[kept])
        off_s = np.abs(taps_s - np.polyval(coefficients, numbers))
        spread_s = max(float(np.median(off_s[kept])), _LEAST_SPREAD_S)
        kept = _one_each(taps_s, numbers, off_s) & (off_s <= _OUTLIER * 1.4826 * spread_s)
    beats = np.arange(numbers[kept].min(), numbers[kept].max() + 1)
    times_s = np.polyval(coefficients, beats)
    gaps_s = np.diff(times_s)
    if len(gaps_s) < 1 or gaps_s.min() < 60.0 / FASTEST_BPM or gaps_s.max() > 60.0 / SLOWEST_BPM:
        return None
    off_s = np.abs(taps_s - np.polyval(coefficients, numbers))[kept]
    n = int(np.count_nonzero(kept))
    return TapFit(
        times_s, 60.0 / float(np.median(gaps_s)), 60.0 / float(gaps_s[-1]), float(np.median(off_s)), n, len(taps_s) - n
    )


def tap_grid(document: Document, fit: TapFit, reach: str = "span", follows: bool = True) -> Document:
    """Put beats that were tapped in the place of those that were heard.

    Args:
        fit: What was tapped.
        reach: One of REACHES: only there; from there on in the last tempo; the whole song in the middle tempo.
        follows: Whether the dance goes along.
    """
    if reach not in REACHES:
        raise ValueError(f"taps reach {', '.join(REACHES)}, not {reach!r}")
    music = listened(document)
    taps_s = _reaching(fit, reach, music.duration_s)
    taps_s = taps_s[(taps_s >= 0.0) & (taps_s <= music.duration_s)]
    if len(taps_s) < 2:
        raise EditRefused("The taps lie outside of the song: tap while it plays.")
    half_s = 0.5 * (taps_s[1] - taps_s[0]), 0.5 * (taps_s[-1] - taps_s[-2])
    before, after = music.beat_times_s < taps_s[0] - half_s[0], music.beat_times_s > taps_s[-1] + half_s[1]
    inside = ~(before | after)
    labels = _labels(music, taps_s, before)
    times_s = np.concatenate([music.beat_times_s[before], taps_s, music.beat_times_s[after]])
    in_bar = np.concatenate([music.beat_in_bar[before], labels, music.beat_in_bar[after]])
    changed = with_beats(music, times_s, in_bar)
    changed = replace(changed, is_steady=reach == "all", beat_confidence=max(music.beat_confidence, 0.6))
    moved = _moved(music, taps_s, inside, before, after)
    return corrected(document, bars_set(changed, eight_s(music), bar_one_s(music)), moved, follows)


def _reaching(fit: TapFit, reach: str, duration_s: float) -> np.ndarray:
    first_s, last_s, period_s = float(fit.times_s[0]), float(fit.times_s[-1]), 60.0 / fit.bpm
    if reach == "all":
        middle_s = float(np.mean(fit.times_s - period_s * np.arange(len(fit.times_s))))
        low, high = int(-middle_s / period_s), int((duration_s - middle_s) / period_s)
        return middle_s + period_s * np.arange(min(low, 0), max(high, 0) + 1)
    if reach == "on":
        period_s = 60.0 / fit.last_bpm
        more = np.arange(1, max(int((duration_s - last_s) / period_s + 1e-9), 0) + 1)
        return np.concatenate([fit.times_s, last_s + period_s * more])
    return fit.times_s[fit.times_s >= first_s]


def _labels(music: MusicAnalysis, taps_s: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Places in the bar of tapped beats: going on from a beat that was heard where the first tap is, or before it."""
    n, steps = music.beats_per_bar, np.arange(len(taps_s))
    if not music.n_beats:
        return steps % n
    period_s = float(taps_s[1] - taps_s[0])
    at = nearest_beat(music, float(taps_s[0]))
    if abs(music.beat_times_s[at] - taps_s[0]) < 0.25 * period_s:
        return np.asarray((int(music.beat_in_bar[at]) + steps) % n)
    if before.any():
        last = int(np.flatnonzero(before)[-1])
        gone = max(round(float(taps_s[0] - music.beat_times_s[last]) / period_s), 1)
        return np.asarray((int(music.beat_in_bar[last]) + gone + steps) % n)
    return np.asarray((int(music.beat_in_bar[at]) + steps) % n)


def _moved(
    music: MusicAnalysis, taps_s: np.ndarray, inside: np.ndarray, before: np.ndarray, after: np.ndarray
) -> TimeMap:
    """Where what was danced on old beats goes: beat by beat where there are as many, else to the nearest."""
    if not music.n_beats:
        return NO_BEATS
    old_s, n = music.beat_times_s, int(np.count_nonzero(inside))
    if n == len(taps_s):
        pairs = TimeMap(old_s[inside], taps_s)
    elif after.any():  # something behind stays where it is: whatever is between finds the nearest
        near = np.array([taps_s[np.argmin(np.abs(taps_s - t))] for t in old_s[inside]])
        pairs = time_map(old_s[inside], near)
    else:
        pairs = paired(old_s[inside], taps_s)
    old = np.concatenate([old_s[before], pairs.old, old_s[after]])
    new = np.concatenate([old_s[before], pairs.new, old_s[after]])
    return time_map(old, new)


def _numbers(taps_s: np.ndarray) -> np.ndarray:
    """Which beat each tap is, from 0: the tempo of the last few taps tells how many lie between two."""
    gaps_s = np.diff(taps_s)
    usual_s = float(np.median(gaps_s))
    numbers, recent = [0], [usual_s]
    for gap_s in gaps_s.tolist():
        period_s = float(np.median(recent[-3:]))
        step = round(gap_s / period_s)
        numbers.append(numbers[-1] + step)
        if step and 0.5 * usual_s < gap_s / step < 2.0 * usual_s:
            recent.append(gap_s / step)
    return np.array(numbers)


def _one_each(taps_s: np.ndarray, numbers: np.ndarray, off_s: np.ndarray | None = None) -> np.ndarray:
    """Of taps for the same beat the best, or the first."""
    kept = np.zeros(len(taps_s), dtype=bool)
    for number in np.unique(numbers):
        rows = np.flatnonzero(numbers == number)
        kept[rows[0] if off_s is None else rows[np.argmin(off_s[rows])]] = True
    return kept


def _best_fit(numbers: np.ndarray, taps_s: np.ndarray) -> np.ndarray:
    n, best, best_score = len(taps_s), np.zeros(0), np.inf
    for degree, fewest in _TAPS_FOR_DEGREE.items():
        if n < fewest:
            break
        found = np.polyfit(numbers, taps_s, degree)
        squares = float(np.sum((taps_s - np.polyval(found, numbers)) ** 2))
        score = n * np.log(max(squares / n, (0.3 * _LEAST_SPREAD_S) ** 2)) + (degree + 1) * np.log(n)
        if score < best_score:
            best, best_score = found, score
    return best

"""How right found beats, bars and sections are, by the measures of the field.

Definitions: Davies, Degara and Plumbley (2009), "Evaluation methods for musical audio beat tracking algorithms"; for
boundaries Turnbull et al. (2007). No time is left out at the beginning of a song.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOLERANCE_S = 0.07
CONTINUITY_SHARE = 0.175  # of the beat: how near a beat and the one before it must lie to go on from each other
TEMPO_SHARE = 0.06
METRICAL_RATIOS = {"half": 0.5, "double": 2.0, "third": 1 / 3, "triple": 3.0}


@dataclass(frozen=True)
class Score:
    """How right an analysis is, each 0..1.

    Attributes:
        beat_f: F-measure of beats within 70 ms.
        cml_t: Share of beats that lie in correct continuity with the one before.
        aml_t: The same where the off-beats, every second beat, or beats between count as right too.
        downbeat_f: F-measure of downbeats within 70 ms.
        is_octave_error: Whether the beats go at half, double, a third or three times the true tempo.
        has_meter: Whether bars have the right number of beats.
    """

    beat_f: float
    cml_t: float
    aml_t: float
    downbeat_f: float
    is_octave_error: bool
    has_meter: bool


def f_measure(found_s: np.ndarray, true_s: np.ndarray, tolerance_s: float = TOLERANCE_S) -> float:
    """F-measure of found times against true ones; each is matched at most once (Dixon 2007). 1 where both are none."""
    if not len(found_s) and not len(true_s):
        return 1.0
    matched, free = 0, 0
    found = np.sort(found_s)
    # In order of time, each true one takes the first found one that is near and still free: the largest matching.
    for time_s in np.sort(true_s):
        while free < len(found) and found[free] < time_s - tolerance_s:
            free += 1
        if free < len(found) and found[free] <= time_s + tolerance_s:
            matched += 1
            free += 1
    return 2.0 * matched / (len(found_s) + len(true_s))


def continuity(found_s: np.ndarray, true_s: np.ndarray) -> float:
    """CMLt: share of beats that are near a true beat, as is the one before, at nearly the true interval."""
    if len(found_s) < 2 or len(true_s) < 2:
        return 0.0
    nearest = np.abs(found_s[:, np.newaxis] - true_s).argmin(axis=1)
    period = np.diff(true_s)[np.maximum(nearest - 1, 0)]
    is_near = np.abs(found_s - true_s[nearest]) < CONTINUITY_SHARE * period
    goes_on = is_near[1:] & is_near[:-1] & (np.diff(nearest) == 1)
    goes_on &= np.abs(1.0 - np.diff(found_s) / period[1:]) < CONTINUITY_SHARE
    # The first beat has none before it: it is right if the second goes on from it.
    right = int(goes_on.sum()) + int(goes_on[0])
    return right / max(len(found_s), len(true_s))


def allowed_continuity(found_s: np.ndarray, true_s: np.ndarray) -> float:
    """AMLt: the best continuity with the true beats, the off-beats, the double tempo or either half of the beats."""
    if len(true_s) < 2:
        return 0.0
    between = (true_s[1:] + true_s[:-1]) / 2.0
    double = np.sort(np.concatenate([true_s, between]))
    return max(continuity(found_s, level) for level in (true_s, between, double, true_s[::2], true_s[1::2]))


def metrical_error(found_s: np.ndarray, true_s: np.ndarray) -> str:
    """The name in METRICAL_RATIOS of how found beats go wrong; empty where they go right, or in no such way."""
    if len(found_s) < 4 or len(true_s) < 4:
        return ""
    ratio = float(np.median(np.diff(true_s)) / np.median(np.diff(found_s)))
    return next((name for name, r in METRICAL_RATIOS.items() if abs(ratio / r - 1.0) < TEMPO_SHARE), "")


def boundary_f(found_s: np.ndarray, true_s: np.ndarray, tolerance_s: float) -> float:
    """F-measure of section boundaries, without those at the ends of the song."""
    return f_measure(np.asarray(found_s), np.asarray(true_s), tolerance_s)


def same_letters(found: np.ndarray, true: np.ndarray) -> float:
    """Pairwise F-measure of labels [N] (Levy and Sandler 2008): whether instants that share a letter should."""
    alike_found, alike_true = found[:, None] == found, true[:, None] == true
    both = float((alike_found & alike_true).sum())
    return 2.0 * both / float(alike_found.sum() + alike_true.sum())


def score(
    found_s: np.ndarray, found_downbeats_s: np.ndarray, beats_per_bar: int, true_s: np.ndarray, true_in_bar: np.ndarray
) -> Score:
    """All measures of found beats and downbeats against true beats [B] and their places in the bar [B]."""
    return Score(
        beat_f=f_measure(found_s, true_s),
        cml_t=continuity(found_s, true_s),
        aml_t=allowed_continuity(found_s, true_s),
        downbeat_f=f_measure(found_downbeats_s, true_s[true_in_bar == 0]),
        is_octave_error=bool(metrical_error(found_s, true_s)),
        has_meter=beats_per_bar == int(true_in_bar.max(initial=0)) + 1,
    )

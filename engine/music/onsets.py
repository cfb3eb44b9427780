"""Where something begins: spectral flux per band, and the onset envelopes made of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.music.pulse import autocorrelations
from engine.music.spectral import HOP_RATE_HZ

LAG_HOPS = 2
LOW_HZ = 160.0
# How much the pulse of the low bands and of the other groups counts against that of all bands; no rise counts as more
# than MAX_RISE deviations.
LOW_WEIGHT, GROUP_WEIGHT, MAX_RISE = 0.75, 0.5, 5.0
# Groups of bands that are followed each by itself, so that a kick is told from a snare or a hat.
GROUP_EDGES_HZ = (0.0, 160.0, 400.0, 1000.0, 2500.0, 5000.0, 1e6)


@dataclass(frozen=True, eq=False)
class Onsets:
    """Onset envelopes at HOP_RATE_HZ, none negative.

    Attributes:
        flux: Mean rise over all bands, [H].
        low: Mean rise in the bands below LOW_HZ: kick drum and bass, [H].
        groups: Rise per group of GROUP_EDGES_HZ, local mean removed, [6, H].
        envelope: What beats are tracked on: flux and the groups, each by how clearly it pulses, of unit deviation, [H].
    """

    flux: np.ndarray
    low: np.ndarray
    groups: np.ndarray
    envelope: np.ndarray


def onsets(bands: np.ndarray, band_hz: np.ndarray) -> Onsets:
    """Onset envelopes of compressed mel bands [H, B] with centres [B].

    SuperFlux (Boeck and Widmer 2013): the rise over LAG_HOPS against the maximum of the neighbouring bands, which
    a vibrato does not trigger.
    """
    before = bands.copy()
    np.maximum(before[:, 1:], bands[:, :-1], out=before[:, 1:])
    np.maximum(before[:, :-1], bands[:, 1:], out=before[:, :-1])
    rise = np.zeros_like(bands)
    np.subtract(bands[LAG_HOPS:], before[:-LAG_HOPS], out=rise[LAG_HOPS:])
    np.maximum(rise, 0.0, out=rise)
    # A song may begin on its first beat: before it there was silence.
    rise[0] = np.minimum(bands[0], rise.max(axis=0))
    flux = rise.mean(axis=1, dtype=np.float64)
    low = rise[:, band_hz < LOW_HZ].mean(axis=1, dtype=np.float64)
    members = [(band_hz >= a) & (band_hz < b) for a, b in pairwise(GROUP_EDGES_HZ)]
    means = [rise[:, group].mean(axis=1, dtype=np.float64) for group in members]
    groups = np.stack([above_surroundings(mean) for mean in means])
    return Onsets(flux, low, groups, pulsing(above_surroundings(flux + 0.5 * low), groups))


def pulsing(whole: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The rise of all bands [H] and those of groups [6, H] in one envelope of unit deviation, [H].

    Each counts by the clearness of its pulse, so that hiss or a held chord does not drown a soft drum.
    """
    rows = [_unit_deviation(whole), *(_unit_deviation(np.minimum(g, MAX_RISE * g.std())) for g in groups)]
    weights = [1.0, LOW_WEIGHT, *[GROUP_WEIGHT] * (len(groups) - 1)]
    shares = np.array([weight * clearness(row) for weight, row in zip(weights, rows, strict=True)])
    return _unit_deviation(shares @ np.stack(rows))


def clearness(envelope: np.ndarray) -> float:
    """The highest autocorrelation of an envelope [H] between a quarter of a second and three seconds, 0..1."""
    local, energy = autocorrelations(envelope, 8.0, 2.0, 3.0)
    mean = energy @ local / max(float(energy.sum()), 1e-12)
    return float(np.clip(mean[round(0.25 * HOP_RATE_HZ) :].max(initial=0.0), 0.0, 1.0))


def above_surroundings(envelope: np.ndarray) -> np.ndarray:
    """The part of an envelope [H] above the mean of the surrounding second."""
    return np.maximum(envelope - moving_mean(envelope, round(HOP_RATE_HZ)), 0.0)


def _unit_deviation(envelope: np.ndarray) -> np.ndarray:
    """Scaled to standard deviation 1; 0 throughout if nothing stands out."""
    deviation = envelope.std()
    return envelope / deviation if deviation > 1e-6 else np.zeros_like(envelope)


def moving_mean(values: np.ndarray, width: int) -> np.ndarray:
    """Centred mean over `width` values along the first axis, over fewer at the ends."""
    n, half = len(values), width // 2
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)])
    first, end = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half + 1, n)
    count = (end - first).reshape(-1, *[1] * (values.ndim - 1))
    return (total[end] - total[first]) / count

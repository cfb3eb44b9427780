"""Where something begins: spectral flux per band, and onset envelopes made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.spectral import HOP_RATE_HZ

LAG_HOPS = 2
LOW_HZ = 160.0
# Flux peaks while an onset is still in the right half of the window: measured on clicks and drums, see the tests.
FLUX_LEAD_S = 0.0


@dataclass(frozen=True, eq=False)
class Onsets:
    """Onset envelopes at HOP_RATE_HZ, all [H], none negative.

    Attributes:
        flux: Mean rise over all bands.
        low: Mean rise in the bands below LOW_HZ: kick drum and bass.
        envelope: What beats are tracked on: flux with some of low, local mean removed, of unit deviation.
    """

    flux: np.ndarray
    low: np.ndarray
    envelope: np.ndarray


def onsets(bands: np.ndarray, band_hz: np.ndarray) -> Onsets:
    """Onset envelopes of compressed mel bands [H, B] with centres [B].

    SuperFlux (Boeck and Widmer 2013): the rise over LAG_HOPS against the maximum of the neighbouring bands, which
    a vibrato does not trigger.
    """
    before = bands.copy()
    before[:, 1:] = np.maximum(before[:, 1:], bands[:, :-1])
    before[:, :-1] = np.maximum(before[:, :-1], bands[:, 1:])
    rise = np.zeros_like(bands)
    rise[LAG_HOPS:] = np.maximum(bands[LAG_HOPS:] - before[:-LAG_HOPS], 0.0)
    is_low = band_hz < LOW_HZ
    flux, low = rise.mean(axis=1, dtype=np.float64), rise[:, is_low].mean(axis=1, dtype=np.float64)
    return Onsets(flux, low, _normalised(flux + 0.5 * low))


def _normalised(envelope: np.ndarray) -> np.ndarray:
    """The part above the mean of the surrounding second, with standard deviation 1 (0 throughout if constant)."""
    above = np.maximum(envelope - moving_mean(envelope, round(HOP_RATE_HZ)), 0.0)
    deviation = above.std()
    return above / deviation if deviation > 1e-6 else np.zeros_like(above)


def moving_mean(values: np.ndarray, width: int) -> np.ndarray:
    """Centred mean over `width` values along the first axis, over fewer at the ends."""
    n, half = len(values), width // 2
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)])
    first, end = np.maximum(np.arange(n) - half, 0), np.minimum(np.arange(n) + half + 1, n)
    count = (end - first).reshape(-1, *[1] * (values.ndim - 1))
    return (total[end] - total[first]) / count

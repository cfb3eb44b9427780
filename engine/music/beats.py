"""The beats: dynamic programming over the onset envelope, then a constant grid where one fits."""

from __future__ import annotations

import numpy as np

from engine.music.spectral import HOP_RATE_HZ

TIGHTNESS = 100.0


def track(envelope: np.ndarray, period_hops: np.ndarray) -> np.ndarray:
    """Beats in hops (int) [B]: the sequence that meets onsets while keeping near a local period.

    Ellis (2007), "Beat tracking by dynamic programming", with a period that may change from hop to hop. Hops are
    decided in blocks no longer than the shortest step back, so that a block never looks into itself.

    Args:
        envelope: Onset envelope, [H].
        period_hops: The local beat period, [H].
    """
    shortest = int(period_hops.min() / 2.0)
    steps = np.arange(shortest, int(np.ceil(period_hops.max() * 2.0)) + 1)
    pad = int(steps[-1])
    score, back = np.zeros(len(envelope) + pad), np.full(len(envelope), -1)
    smooth = np.convolve(envelope, np.exp(-0.5 * (np.arange(-6, 7) / 2.0) ** 2), mode="same")
    for first in range(0, len(envelope), shortest):
        hops = np.arange(first, min(first + shortest, len(envelope)))
        before = score[hops[:, None] + pad - steps[None, :]]
        total = before - TIGHTNESS * np.log(steps[None, :] / period_hops[hops, None]) ** 2
        best = total.argmax(axis=1)
        gain = total[np.arange(len(hops)), best]
        score[hops + pad] = smooth[hops] + np.maximum(gain, 0.0)
        back[hops] = np.where(gain > 0.0, hops - steps[best], -1)
    last_period = int(period_hops[-1])
    hop = len(envelope) - last_period + int(score[-last_period:].argmax()) if len(envelope) > last_period else -1
    found = []
    while hop >= 0:
        found.append(hop)
        hop = int(back[hop])
    return np.array(found[::-1], dtype=np.int64)


def to_seconds(beats_hop: np.ndarray) -> np.ndarray:
    """Hops as seconds."""
    return beats_hop / HOP_RATE_HZ

"""Click songs: sound whose beats are known for certain."""

from __future__ import annotations

import numpy as np

from engine.audio.audio import Audio

RATE_HZ = 22050
LEAD_S = 0.4  # before the first click
_CLICK_S, _DECAY_S = 0.03, 0.006
_ACCENT_HZ, _PLAIN_HZ = 2000.0, 1500.0  # the first click of each bar of four, and the others


def click_times_s(tempo_bpm: float, duration_s: float) -> np.ndarray:
    """When a click song's clicks begin, [B]."""
    return np.arange(LEAD_S, duration_s - 0.1, 60.0 / tempo_bpm)


def click_song(tempo_bpm: float, duration_s: float) -> Audio:
    """Equal clicks at a steady tempo in bars of four, one channel."""
    sound = np.zeros(round(duration_s * RATE_HZ), dtype=np.float32)
    t = np.arange(round(_CLICK_S * RATE_HZ)) / RATE_HZ
    for i, time_s in enumerate(click_times_s(tempo_bpm, duration_s)):
        is_first = i % 4 == 0
        wave = np.sin(2.0 * np.pi * (_ACCENT_HZ if is_first else _PLAIN_HZ) * t + 0.5) * np.exp(-t / _DECAY_S)
        start = round(time_s * RATE_HZ)
        sound[start : start + len(t)] += (0.7 if is_first else 0.5) * wave[: len(sound) - start]
    return Audio(sound[np.newaxis], RATE_HZ)

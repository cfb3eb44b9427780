"""Room, echo, ducking and loudness: what turns a band into a record. Sound is float64 [2, N] at RATE_HZ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.demo_song.instruments import RATE_HZ

PEAK = 10.0 ** (-1.2 / 20.0)  # lossy coding overshoots a little; -1.2 dB leaves it room


def add(bus: np.ndarray, sound: np.ndarray, time_s: float, gain: float, pan: float = 0.0) -> None:
    """Add one note [N] or [2, N] to a bus at a time; pan from -1 left to 1 right at constant power."""
    start = round(time_s * RATE_HZ)
    angle = (pan + 1.0) * np.pi / 4.0
    sides = sound if sound.ndim == 2 else np.stack([sound, sound])
    sides = sides * (gain * np.sqrt(2.0) * np.array([[np.cos(angle)], [np.sin(angle)]]))
    end = min(start + sides.shape[1], bus.shape[1])
    if start < 0 or end <= start:
        raise ValueError(f"a note at {time_s} s lies outside the song")
    bus[:, start:end] += sides[:, : end - start]


def fast_length(n: int) -> int:
    """The next power of two: a transform of any other length may take minutes."""
    return 1 << (n - 1).bit_length()


def filtered(sound: np.ndarray, gain: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The sound with each frequency (hertz, [F]) multiplied by a gain, without delay."""
    size = fast_length(sound.shape[1] + RATE_HZ)
    gains = gain(np.fft.rfftfreq(size, 1.0 / RATE_HZ))
    return np.fft.irfft(np.fft.rfft(sound, size) * gains, size)[:, : sound.shape[1]]


def convolved(sound: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Sound in a room whose impulse response is [2, M], of the same length as the sound."""
    size = fast_length(sound.shape[1] + response.shape[1])
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[:, : sound.shape[1]]


def room(rng: np.random.Generator, decay_s: float = 2.0) -> np.ndarray:
    """Impulse response of a hall [2, M]: noise after a short gap, 60 dB down after decay_s, high tones sooner."""
    n = fast_length(round(decay_s * 1.2 * RATE_HZ))
    t = np.arange(n) / RATE_HZ
    response = np.zeros((2, n))
    edges_hz = (150.0, 500.0, 1500.0, 4000.0, 9000.0)
    hz = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
    for low, high, share in zip(edges_hz[:-1], edges_hz[1:], (1.1, 1.0, 0.75, 0.45), strict=True):
        spectrum = np.fft.rfft(rng.standard_normal((2, n)))
        spectrum *= np.exp(-0.5 * (np.log2(np.maximum(hz, 1.0) / np.sqrt(low * high)) / 0.8) ** 2)
        response += np.fft.irfft(spectrum, n) * 10.0 ** (-3.0 * t / (decay_s * share))
    gap = round(0.018 * RATE_HZ)
    response[:, gap:] = response[:, :-gap] * np.clip(t[:-gap] / 0.012, 0.0, 1.0)
    response[:, :gap] = 0.0
    return response / np.sqrt((response**2).sum(axis=1, keepdims=True))


def echo(sound: np.ndarray, delay_s: float, feedback: float, n_repeats: int = 5) -> np.ndarray:
    """Repeats that wander from side to side and grow duller, without the sound itself."""
    out, repeat = np.zeros_like(sound), sound
    step = round(delay_s * RATE_HZ)
    for _ in range(n_repeats):
        moved = np.zeros_like(repeat)
        moved[:, step:] = repeat[::-1, :-step]
        dull = (moved + np.roll(moved, 1, axis=1) + np.roll(moved, 2, axis=1)) / 3.0
        repeat = feedback * dull
        out += repeat
    return out


def ducked(sound: np.ndarray, kick_times_s: list[float], depth: float) -> np.ndarray:
    """The sound, stepping back for a moment at every kick."""
    gain = np.ones(sound.shape[1])
    t = np.arange(round(0.32 * RATE_HZ)) / RATE_HZ
    dip = 1.0 - depth * np.clip(t / 0.006, 0.0, 1.0) * np.exp(-t / 0.09)
    for time_s in kick_times_s:
        start = round(time_s * RATE_HZ)
        end = min(start + len(dip), len(gain))
        gain[start:end] = np.minimum(gain[start:end], dip[: end - start])
    return sound * gain


def high_passed(sound: np.ndarray, hz: float) -> np.ndarray:
    """The sound without what lies below a frequency."""
    return filtered(sound, lambda f: 1.0 / np.sqrt(1.0 + (hz / np.maximum(f, 1e-3)) ** 8))


def brightened(sound: np.ndarray) -> np.ndarray:
    """The sound with 2.5 dB more above some 3 kHz."""
    return filtered(sound, lambda f: np.sqrt((1.0 + 10.0**0.25 * (f / 3000.0) ** 2) / (1.0 + (f / 3000.0) ** 2)))


def mastered(sound: np.ndarray, loud_db: float) -> np.ndarray:
    """The sound brought to a level over its loud half, saturated softly, its peaks held below PEAK."""
    power = (sound**2).mean(axis=0)
    seconds = power[: len(power) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ).mean(axis=1)
    loud = np.sort(seconds)[len(seconds) // 2 :].mean()
    gained = sound * np.sqrt(10.0 ** (loud_db / 10.0) / loud)
    return limited(1.15 * np.tanh(gained / 1.15))


def limited(sound: np.ndarray) -> np.ndarray:
    """Peaks held below PEAK by a gain that looks 4 ms ahead and recovers over some 80 ms."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    wanted = np.minimum(1.0, PEAK / np.maximum(np.abs(sound).max(axis=0), 1e-9))
    ahead = round(0.004 * RATE_HZ)
    held = minimum_filter1d(wanted, 2 * ahead + 1)
    slow = minimum_filter1d(wanted, round(0.08 * RATE_HZ))
    smooth = np.minimum(uniform_filter1d(held, 2 * ahead + 1), uniform_filter1d(slow, round(0.08 * RATE_HZ)))
    return sound * np.minimum(smooth, wanted)

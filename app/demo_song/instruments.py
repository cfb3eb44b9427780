"""The band: each function gives one note or stroke, float64 samples at RATE_HZ, loudest at about 1.

Notes that return are kept and handed out again: nobody may write to them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RATE_HZ = 44100
TABLE = 4096


def seconds(duration_s: float) -> np.ndarray:
    """Time of each sample of a duration, [N]."""
    return np.arange(max(1, round(duration_s * RATE_HZ))) / RATE_HZ


def hertz(pitch: float) -> float:
    """Frequency of a MIDI note number."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def envelope(t: np.ndarray, attack_s: float, release_s: float, held_s: float) -> np.ndarray:
    """Rises over attack_s, holds until held_s, falls over release_s; raised cosines, so without corners, [N]."""
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / attack_s, 0.0, 1.0))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((t - held_s) / release_s, 0.0, 1.0))
    return rise * fall


def _harmonics(hz: float, slope: float, cutoff_hz: float, odd_only: bool = False) -> np.ndarray:
    """One period of a wave with harmonics k at 1 / k**slope, bent down above a cutoff, none above 15 kHz, [TABLE]."""
    k = np.arange(1, max(2, int(15000.0 / hz)))
    weight = k ** -slope / np.sqrt(1.0 + (k * hz / cutoff_hz) ** 4)
    if odd_only:
        weight = weight * (k % 2)
    spectrum = np.zeros(TABLE // 2 + 1, dtype=complex)
    spectrum[k] = -1j * weight
    wave = np.fft.irfft(spectrum, TABLE)
    return wave / np.abs(wave).max()


def _read(table: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """A period read at phases in turns, linearly interpolated."""
    at = (phase % 1.0) * TABLE
    low = at.astype(int)
    return table[low % TABLE] * (1.0 - (at - low)) + table[(low + 1) % TABLE] * (at - low)


def _sweep(hz: float, t: np.ndarray, dark_hz: float, bright_hz: float, brightness: np.ndarray) -> np.ndarray:
    """A sawtooth whose filter moves between two cutoffs as brightness goes from 0 to 1, [N]."""
    phase = hz * t
    dark, bright = _harmonics(hz, 1.0, dark_hz), _harmonics(hz, 1.0, bright_hz)
    return (1.0 - brightness) * _read(dark, phase) + brightness * _read(bright, phase)


def noise(rng: np.random.Generator, duration_s: float, low_hz: float, high_hz: float) -> np.ndarray:
    """Noise between two frequencies with soft edges, deviation 1, [N]."""
    n = len(seconds(duration_s))
    size = 1 << (n - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    spectrum *= 1.0 / np.sqrt(1.0 + (low_hz / np.maximum(hz, 1.0)) ** 6) / np.sqrt(1.0 + (hz / high_hz) ** 6)
    out = np.fft.irfft(spectrum, size)[:n]
    return out / out.std()


def kick(rng: np.random.Generator) -> np.ndarray:
    """A round kick drum: a falling sine and a short click."""
    t = seconds(0.42)
    phase = 47.0 * t + 3.4 * (1.0 - np.exp(-t / 0.028))
    body = np.sin(2.0 * np.pi * phase) * np.exp(-t / 0.13) * envelope(t, 0.0015, 0.12, 0.3)
    click = 0.12 * noise(rng, 0.42, 1500.0, 6000.0) * np.exp(-t / 0.004) * envelope(t, 0.0005, 0.1, 0.1)
    return np.tanh(1.6 * body) / np.tanh(1.6) + click


def clap(rng: np.random.Generator) -> np.ndarray:
    """Hands: three short bursts and a longer one."""
    t = seconds(0.3)
    bursts = sum(np.where(t >= d, np.exp(-(t - d) / 0.005), 0.0) for d in (0.0, 0.010, 0.021))
    tail = np.where(t >= 0.028, np.exp(-(t - 0.028) / 0.07), 0.0)
    return 0.3 * noise(rng, 0.3, 900.0, 5500.0) * (0.7 * bursts + tail) * envelope(t, 0.0006, 0.08, 0.2)


def snare(rng: np.random.Generator) -> np.ndarray:
    """A snare drum, rather soft."""
    t = seconds(0.26)
    shell = np.sin(2.0 * np.pi * (185.0 * t + 0.35 * (1.0 - np.exp(-t / 0.012)))) * np.exp(-t / 0.055)
    wires = 0.32 * noise(rng, 0.26, 1800.0, 9000.0) * np.exp(-t / 0.065)
    return (0.6 * shell + wires) * envelope(t, 0.0008, 0.06, 0.19)


def hat(rng: np.random.Generator) -> np.ndarray:
    """A closed hi-hat."""
    t = seconds(0.09)
    return 0.3 * noise(rng, 0.09, 7500.0, 14000.0) * np.exp(-t / 0.018) * envelope(t, 0.0006, 0.03, 0.055)


def open_hat(rng: np.random.Generator) -> np.ndarray:
    """An open hi-hat, soon closed."""
    t = seconds(0.3)
    return 0.28 * noise(rng, 0.3, 6500.0, 13000.0) * np.exp(-t / 0.09) * envelope(t, 0.001, 0.05, 0.2)


def shaker(rng: np.random.Generator) -> np.ndarray:
    """Grains that swell and stop."""
    t = seconds(0.1)
    return 0.25 * noise(rng, 0.1, 5000.0, 11000.0) * envelope(t, 0.03, 0.05, 0.035)


def tom(rng: np.random.Generator) -> np.ndarray:
    """A low tom."""
    t = seconds(0.4)
    body = np.sin(2.0 * np.pi * (98.0 * t + 1.2 * (1.0 - np.exp(-t / 0.04)))) * np.exp(-t / 0.12)
    return (0.9 * body + 0.02 * noise(rng, 0.4, 500.0, 3000.0) * np.exp(-t / 0.03)) * envelope(t, 0.002, 0.1, 0.28)


def crash(rng: np.random.Generator) -> np.ndarray:
    """A cymbal that rings for two seconds."""
    t = seconds(2.6)
    wash = noise(rng, 2.6, 3500.0, 12000.0) * (0.6 * np.exp(-t / 0.25) + 0.4 * np.exp(-t / 0.8))
    return 0.25 * wash * envelope(t, 0.002, 0.8, 1.7)


def riser(rng: np.random.Generator, duration_s: float) -> np.ndarray:
    """Noise that swells towards a downbeat and breaks off just before it."""
    t = seconds(duration_s)
    share = t / duration_s
    low, high = noise(rng, duration_s, 500.0, 2500.0), noise(rng, duration_s, 2500.0, 9000.0)
    return 0.25 * ((1.0 - share) * low + share * high) * share**2 * envelope(t, 0.05, 0.03, duration_s - 0.03)


@lru_cache(maxsize=96)
def bass(pitch: int, duration_s: float, release_s: float = 0.05) -> np.ndarray:
    """A plucked synthetic bass with a sine below."""
    t = seconds(duration_s + release_s + 0.01)
    bright = np.exp(-t / 0.12)
    string = _sweep(hertz(pitch), t, 200.0, 1200.0, bright)
    low = np.sin(2.0 * np.pi * hertz(pitch) * t)
    return (0.55 * string + 0.55 * low) * (0.55 + 0.45 * np.exp(-t / 0.35)) * envelope(t, 0.004, release_s, duration_s)


def keys(pitch: int, duration_s: float, hardness: float) -> np.ndarray:
    """An electric piano: a struck tine by frequency modulation (Chowning 1973)."""
    t = seconds(duration_s + 0.5)
    hz = hertz(pitch)
    body = np.sin(2.0 * np.pi * hz * t + 0.9 * hardness * np.exp(-t / 0.5) * np.sin(2.0 * np.pi * hz * t))
    tine = np.sin(2.0 * np.pi * hz * t + 0.35 * hardness * np.exp(-t / 0.05) * np.sin(2.0 * np.pi * 14.0 * hz * t))
    decay = np.exp(-t / (1.6 * (60.0 / pitch) ** 2))
    return (0.65 * body + 0.35 * tine) * decay * envelope(t, 0.003, 0.3, duration_s)


@lru_cache(maxsize=96)
def pad(pitch: int, duration_s: float, brightness: float) -> np.ndarray:
    """Three detuned saws behind a soft filter, left and right unlike, [2, N]."""
    t = seconds(duration_s + 0.9)
    hz = hertz(pitch)
    moving = brightness * (0.6 + 0.4 * np.sin(2.0 * np.pi * 0.11 * t))
    sides = []
    for detunes in ((-0.055, 0.012, 0.07), (-0.07, -0.012, 0.055)):
        voices = [_sweep(hz * 2.0 ** (d / 12.0), t + 0.37 * i, 600.0, 3200.0, moving) for i, d in enumerate(detunes)]
        sides.append(sum(voices) / 3.0)
    return np.stack(sides) * envelope(t, 0.25, 0.8, duration_s)


@lru_cache(maxsize=96)
def strings(pitch: int, duration_s: float) -> np.ndarray:
    """Bowed strings for the bridge: slower, darker, with a little vibrato, [2, N]."""
    t = seconds(duration_s + 1.1)
    hz = hertz(pitch)
    table = _harmonics(hz, 1.1, 2200.0)
    sides = []
    for side in (0.0, 1.0):
        voices = 0.0
        for i, cents in enumerate((-8.0, 1.0 + 2.0 * side, 9.0)):
            sway = 0.0022 * np.sin(2.0 * np.pi * (5.1 + 0.3 * i) * t + 1.7 * i + side) / (2.0 * np.pi * 5.1)
            voices = voices + _read(table, hz * 2.0 ** (cents / 1200.0) * (t + sway) + 0.29 * i + 0.13 * side)
        sides.append(voices / 3.0)
    return np.stack(sides) * envelope(t, 0.4, 1.0, duration_s)


def lead(pitch: int, duration_s: float, hardness: float) -> np.ndarray:
    """The singing voice of the theme: saw and square, a filter that closes, vibrato on what is held."""
    t = seconds(duration_s + 0.12)
    hz = hertz(pitch)
    onset = np.clip((t - 0.25) / 0.3, 0.0, 1.0)
    phase = hz * (t + 0.0045 * onset * np.sin(2.0 * np.pi * 5.6 * t) / (2.0 * np.pi * 5.6))
    bright = np.clip(0.25 + 0.75 * hardness * np.exp(-t / 0.22), 0.0, 1.0)
    dark, sharp = _harmonics(hz, 1.0, 1300.0, odd_only=True), _harmonics(hz, 1.0, 6000.0)
    tone = (1.0 - bright) * _read(dark, phase) + bright * 0.7 * _read(sharp, phase)
    return tone * (0.72 + 0.28 * np.exp(-t / 0.3)) * envelope(t, 0.007, 0.09, duration_s)


def flute(pitch: int, duration_s: float, rng: np.random.Generator) -> np.ndarray:
    """A breathy flute for the lament."""
    t = seconds(duration_s + 0.22)
    hz = hertz(pitch)
    onset = np.clip((t - 0.35) / 0.5, 0.0, 1.0)
    phase = hz * (t + 0.006 * onset * np.sin(2.0 * np.pi * 4.9 * t) / (2.0 * np.pi * 4.9))
    tone = _read(_harmonics(hz, 2.2, 2500.0), phase)
    breath = 0.035 * noise(rng, duration_s + 0.22, hz, 6000.0)
    swell = 0.75 + 0.25 * np.sin(np.pi * np.clip(t / max(duration_s, 0.3), 0.0, 1.0))
    return (tone + breath) * swell * envelope(t, 0.07, 0.18, duration_s)


def pluck(pitch: int) -> np.ndarray:
    """A short bell-like pluck for arpeggios."""
    t = seconds(0.7)
    hz = hertz(pitch)
    partials = ((1.0, 1.0, 0.22), (2.0, 0.45, 0.14), (3.0, 0.2, 0.08), (5.4, 0.08, 0.03))
    tone = sum(a * np.sin(2.0 * np.pi * k * hz * t) * np.exp(-t / d) for k, a, d in partials)
    return 0.6 * tone * envelope(t, 0.002, 0.2, 0.5)

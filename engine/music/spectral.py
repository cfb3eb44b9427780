"""Sound to spectral features: what every later step of the analysis looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.audio.audio import Audio

RATE_HZ = 22050
HOP = 245  # 90 hops a second: three to a motion frame at 30 Hz
HOP_RATE_HZ = RATE_HZ / HOP
WINDOW = 1024
TONE_HOP = 1470  # 15 a second
TONE_RATE_HZ = RATE_HZ / TONE_HOP
TONE_WINDOW = 8192
N_BANDS = 40
N_PEAKS = 20
BLOCK_HOPS = 2048
SILENCE_DB = -70.0
MAX_AMPLITUDE = 1e3  # a float file may exceed full scale; beyond this it is broken, and its square must stay finite
COMPRESSION = 60.0


@dataclass(frozen=True, eq=False)
class Spectra:
    """Features at two rates: hops at HOP_RATE_HZ, tones at TONE_RATE_HZ.

    Attributes:
        bands: Compressed magnitude in mel bands, about 0..7, float32 [H, N_BANDS].
        band_hz: Centre of each band, [N_BANDS].
        power: K-weighted mean square, 1 at a full-scale square wave, [H].
        centroid_hz: Spectral centroid of the magnitudes, 0 in silence, [H].
        low_share: Share of the power below 150 Hz, [H].
        peak_hz: Frequencies of the strongest spectral peaks, 0 where there are fewer, [K, N_PEAKS].
        peak_magnitude: Their magnitudes, 1 at a full-scale sine, [K, N_PEAKS].
        flatness: Spectral flatness of 100-5000 Hz: 0 tone, 1 white noise, [K].
    """

    bands: np.ndarray
    band_hz: np.ndarray
    power: np.ndarray
    centroid_hz: np.ndarray
    low_share: np.ndarray
    peak_hz: np.ndarray
    peak_magnitude: np.ndarray
    flatness: np.ndarray


def spectra(audio: Audio, progress: Callable[[float], None]) -> Spectra:
    """All spectral features of a sound, which is mixed down and resampled to RATE_HZ first."""
    samples = _prepared(audio)
    progress(0.15)
    bands, power, centroid, low_share = _hop_features(samples, lambda f: progress(0.15 + 0.5 * f))
    peaks = _tone_features(samples, lambda f: progress(0.65 + 0.35 * f))
    return Spectra(bands, _mel_edges_hz()[1:-1], power, centroid, low_share, *peaks)


def _prepared(audio: Audio) -> np.ndarray:
    """Mono samples [N] at RATE_HZ, float32; what is no number is put to zero and the mean removed."""
    mono = np.clip(audio.mono().samples, -MAX_AMPLITUDE, MAX_AMPLITUDE)
    if mono.size:
        if not np.isfinite(mono.sum()):
            mono[np.isnan(mono)] = 0.0
        mono -= np.float32(mono.mean(dtype=np.float64))
    return Audio(mono, audio.sample_rate_hz).resampled(RATE_HZ).samples[0]


def n_hops_of(n_samples: int, hop: int) -> int:
    """How many hops cover so many samples: hop h is centred on sample h * hop; at least one."""
    return max(1, -(-n_samples // hop))


def _blocks(samples: np.ndarray, window: int, hop: int) -> Iterator[tuple[int, np.ndarray]]:
    """First hop and magnitudes float32 [h, window // 2 + 1] of successive blocks; 1 at a full-scale sine."""
    from scipy import fft

    n_hops = n_hops_of(len(samples), hop)
    padded = np.zeros((n_hops - 1) * hop + window, np.float32)
    padded[window // 2 : window // 2 + len(samples)] = samples[: len(padded) - window // 2]
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    shape *= 2.0 / shape.sum()
    views = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    block_hops = max(1, BLOCK_HOPS * WINDOW // window)
    for first in range(0, n_hops, block_hops):
        yield first, np.abs(fft.rfft(views[first : first + block_hops] * shape, axis=1))


def _hop_features(
    samples: np.ndarray, progress: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bands [H, N_BANDS], power, centroid_hz and low_share [H]."""
    n_hops = n_hops_of(len(samples), HOP)
    bin_hz = np.fft.rfftfreq(WINDOW, 1.0 / RATE_HZ).astype(np.float32)
    weights, k_gain, filters = _power_weights(WINDOW), k_weighting(bin_hz), mel_filters(bin_hz)
    bands = np.empty((n_hops, N_BANDS), np.float32)
    power, centroid, low_share = np.zeros(n_hops), np.zeros(n_hops), np.zeros(n_hops)
    for first, magnitude in _blocks(samples, WINDOW, HOP):
        at = slice(first, first + len(magnitude))
        bands[at] = magnitude @ filters
        squared = magnitude * magnitude
        power[at] = squared @ (weights * k_gain)
        low_share[at] = (squared @ (weights * (bin_hz < 150.0))) / (squared @ weights + 1e-9)
        centroid[at] = (magnitude @ bin_hz) / (magnitude.sum(axis=1) + 1e-5)
        progress((first + len(magnitude)) / n_hops)
    np.log1p(bands * (COMPRESSION * _level_gain(power)), out=bands)
    return bands, power, centroid, low_share


def _level_gain(power: np.ndarray) -> float:
    """Gain that brings the loud passages of a song to -14 dB, so that a quiet recording is compressed alike."""
    loud = float(np.quantile(power, 0.95))
    return float(np.sqrt(10.0**-1.4 / loud)) if loud > 10.0 ** (SILENCE_DB / 10.0) else 1.0


def _power_weights(window: int) -> np.ndarray:
    """What to multiply squared magnitudes of `_blocks` with so that they sum to the mean square [window // 2 + 1].

    By Parseval; a Hann window spreads a sine over three bins, whose squares sum to 1.5 times the largest.
    """
    weights = np.full(window // 2 + 1, 0.5 / 1.5, np.float32)
    weights[0] *= 0.5
    return weights


def k_weighting(frequency_hz: np.ndarray) -> np.ndarray:
    """Power gain of the K curve at frequencies [F].

    The analogue shape of ITU-R BS.1770-4's two filters: a second-order shelf of +4 dB above 1.68 kHz (head), a
    second-order high-pass at 38 Hz.
    """
    f2 = np.asarray(frequency_hz, np.float64) ** 2
    shelf = (f2**2 * 10.0**0.4 + 1682.0**4) / (f2**2 + 1682.0**4)
    high_pass = (f2 / (f2 + 38.1**2)) ** 2
    return (shelf * high_pass).astype(np.float32)


def _mel_edges_hz() -> np.ndarray:
    """Band edges [N_BANDS + 2], equally spaced on the mel scale of O'Shaughnessy (1987) from 30 Hz to 10.5 kHz."""
    low, high = 2595.0 * np.log10(1.0 + np.array([30.0, 10500.0]) / 700.0)
    return 700.0 * (10.0 ** (np.linspace(low, high, N_BANDS + 2) / 2595.0) - 1.0)


def mel_filters(bin_hz: np.ndarray) -> np.ndarray:
    """Triangles of height 1 over the bins, float32 [F, N_BANDS]; a band narrower than a bin gets its nearest bin."""
    edges = _mel_edges_hz()
    rising = (bin_hz[:, None] - edges[None, :-2]) / np.diff(edges)[None, :-1]
    falling = (edges[None, 2:] - bin_hz[:, None]) / np.diff(edges)[None, 1:]
    filters = np.clip(np.minimum(rising, falling), 0.0, None)
    nearest = np.abs(bin_hz[:, None] - edges[None, 1:-1]).argmin(axis=0)
    filters[nearest, np.arange(N_BANDS)] = np.maximum(filters[nearest, np.arange(N_BANDS)], 0.5)
    return filters.astype(np.float32)


def _tone_features(
    samples: np.ndarray, progress: Callable[[float], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Peak frequencies and magnitudes [K, N_PEAKS] and flatness [K]."""
    n_tones = n_hops_of(len(samples), TONE_HOP)
    bin_hz = RATE_HZ / TONE_WINDOW
    first_bin, end_bin = int(55.0 / bin_hz), int(5000.0 / bin_hz)
    hz, magnitudes = np.zeros((n_tones, N_PEAKS), np.float32), np.zeros((n_tones, N_PEAKS), np.float32)
    flatness = np.zeros(n_tones)
    for first, magnitude in _blocks(samples, TONE_WINDOW, TONE_HOP):
        at = slice(first, first + len(magnitude))
        part = magnitude[:, first_bin : end_bin + 1]
        hz[at], magnitudes[at] = _strongest_peaks(part, first_bin, bin_hz)
        flatness[at] = np.exp(np.log(part + 1e-7).mean(axis=1)) / (part.mean(axis=1) + 1e-7)
        progress((first + len(magnitude)) / n_tones)
    return hz, magnitudes, flatness


def _strongest_peaks(magnitude: np.ndarray, first_bin: int, bin_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequency and height [h, N_PEAKS] of the highest local maxima of rows [h, F], by a parabola in log magnitude."""
    log = np.log(magnitude + 1e-9)
    middle, left, right = log[:, 1:-1], log[:, :-2], log[:, 2:]
    is_peak = (middle > left) & (middle >= right) & (magnitude[:, 1:-1] > 1e-5)
    # Ties make the partition slow: no two of the bins that are no peaks are alike.
    height = np.where(is_peak, magnitude[:, 1:-1], -np.arange(middle.shape[1], dtype=np.float32))
    best = np.argpartition(height, -N_PEAKS, axis=1)[:, -N_PEAKS:]
    heights = np.take_along_axis(height, best, axis=1)
    m, lo, hi = (np.take_along_axis(x, best, axis=1) for x in (middle, left, right))
    shift = 0.5 * (lo - hi) / np.minimum(lo - 2.0 * m + hi, -1e-9)
    frequency = (best + 1 + first_bin + np.clip(shift, -0.5, 0.5)) * bin_hz
    return np.where(heights > 0.0, frequency, 0.0), np.maximum(heights, 0.0)

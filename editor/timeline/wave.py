"""A waveform at any zoom: lowest, highest and mean square of the sound over ever longer stretches. No Qt."""

from __future__ import annotations

import numpy as np

from engine.audio.audio import Audio

BIN_SAMPLES = 64
STEP = 4  # each level's bins are so many times as long as the last one's
_BLOCK_SAMPLES = 1 << 20


class WavePyramid:
    """Made once for a song: 0.2 s and 7 MB for ten minutes."""

    def __init__(self, audio: Audio) -> None:
        self.sample_rate_hz = audio.sample_rate_hz
        self.duration_s = audio.duration_s
        self._samples = audio.samples
        low, high, square = _bins(audio.samples)
        self._levels = [(low, high, square)]
        while len(low) > 2 * STEP:
            low, high, square = (_joined(low, np.min), _joined(high, np.max), _joined(square, np.mean))
            self._levels.append((low, high, square))
        self.peak = max(float(np.abs(low).max(initial=0.0)), float(np.abs(high).max(initial=0.0)), 1e-3)

    def columns(self, edges_s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each column between two edges [n + 1], ascending: lowest, highest, root mean square, each [n].

        Columns before the start and after the end are silent.
        """
        is_heard = (edges_s[1:] > 0.0) & (edges_s[:-1] < self.duration_s)
        low, high, rms = (np.where(is_heard, values, 0.0) for values in self._columns(edges_s))
        return low, high, rms

    def _columns(self, edges_s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        per_column = (edges_s[-1] - edges_s[0]) * self.sample_rate_hz / max(len(edges_s) - 1, 1)
        if per_column < 2 * BIN_SAMPLES:
            return self._of_samples(edges_s)
        level, bin_samples = 0, float(BIN_SAMPLES)
        while level + 1 < len(self._levels) and bin_samples * STEP <= per_column:
            level, bin_samples = level + 1, bin_samples * STEP
        places = np.floor(edges_s * self.sample_rate_hz / bin_samples).astype(np.int64)
        return _reduced(self._levels[level], places)

    def _of_samples(self, edges_s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        places = np.floor(edges_s * self.sample_rate_hz).astype(np.int64)
        first, last = (int(x) for x in np.clip(places[[0, -1]], 0, self._samples.shape[1]))
        part = self._samples[:, first : last + 1].mean(axis=0, dtype=np.float32)
        return _reduced((part, part, part * part), places - first)


def _bins(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the channels' mean, block by block, so that a long song is not held twice."""
    parts: list[list[np.ndarray]] = [[], [], []]
    for start in range(0, samples.shape[1], _BLOCK_SAMPLES):
        block = samples[:, start : start + _BLOCK_SAMPLES]
        mono = block[0] if len(block) == 1 else block.mean(axis=0, dtype=np.float32)
        rows = np.pad(mono, (0, -len(mono) % BIN_SAMPLES)).reshape(-1, BIN_SAMPLES)
        parts[0].append(rows.min(axis=1))
        parts[1].append(rows.max(axis=1))
        parts[2].append(np.einsum("ij,ij->i", rows, rows) / BIN_SAMPLES)
    low, high, square = (np.concatenate(part) if part else np.zeros(1, np.float32) for part in parts)
    return low, high, square


def _joined(values: np.ndarray, how: object) -> np.ndarray:
    rows = np.pad(values, (0, -len(values) % STEP), mode="edge").reshape(-1, STEP)
    return how(rows, axis=1)  # type: ignore[operator]


def _reduced(
    level: tuple[np.ndarray, np.ndarray, np.ndarray], places: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest, highest and root mean square of the bins from each place to the next."""
    n_bins = len(level[0])
    if n_bins == 0:
        return (np.zeros(len(places) - 1),) * 3
    starts = np.clip(places[:-1], 0, n_bins - 1)
    end = int(np.clip(places[-1], starts[-1] + 1, n_bins))
    low = np.minimum.reduceat(level[0][:end], starts)
    high = np.maximum.reduceat(level[1][:end], starts)
    lengths = np.maximum(np.diff(np.append(starts, end)), 1)
    square = np.add.reduceat(level[2][:end], starts) / lengths
    return low, high, np.sqrt(square)


def picture(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray], height: int, colours: tuple[int, int], peak: float
) -> np.ndarray:
    """The waveform as pixels, uint32 [height, n], 0 where there is none.

    Args:
        columns: From `WavePyramid.columns`.
        colours: 0xaarrggbb of the peaks and of the root mean square inside them.
        peak: The level that reaches the edge.
    """
    low, high, rms = (values / peak for values in columns)
    middle, reach = 0.5 * height, 0.5 * height - 1.0
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis] + 0.5
    # Silence too shows as a line one pixel high.
    outer = (rows >= np.minimum(middle - high * reach, middle - 0.5)) & (
        rows <= np.maximum(middle - low * reach, middle + 0.5)
    )
    inner = outer & (np.abs(rows - middle) <= rms * reach)
    pixels = np.where(outer, np.uint32(colours[0]), np.uint32(0))
    pixels[inner] = colours[1]
    return pixels

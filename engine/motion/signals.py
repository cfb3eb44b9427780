"""Small tools along the time axis: smoothing, easing, differences, runs of True."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_BLOCK = 256  # frames smoothed at a time


def smoothed(x: np.ndarray, sigma_frames: float) -> np.ndarray:
    """`x` [T, ...] smoothed over time by a Gaussian, same shape, float64.

    The ends are mirrored about their last value (x[-k] becomes 2 x[0] - x[k]), so that straight
    lines stay straight up to the end. The kernel reaches four sigmas or, in short clips, T - 1.
    """
    x = np.asarray(x, dtype=float)
    reach = min(int(np.ceil(4.0 * sigma_frames)), len(x) - 1)
    if sigma_frames <= 0.0 or reach < 1:
        return x.copy()
    head = 2.0 * x[:1] - x[reach:0:-1]
    tail = 2.0 * x[-1:] - x[-2 : -reach - 2 : -1]
    padded = np.concatenate([head, x, tail]).reshape(len(x) + 2 * reach, -1)
    weights, out = _smoothing(float(sigma_frames), reach), np.empty((len(x), padded.shape[1]))
    for start in range(0, len(x), _BLOCK):
        n = min(_BLOCK, len(x) - start)
        np.matmul(weights[:n, : n + 2 * reach], padded[start : start + n + 2 * reach], out=out[start : start + n])
    return out.reshape(x.shape)


@lru_cache(maxsize=32)
def _smoothing(sigma_frames: float, reach: int) -> np.ndarray:
    """Matrix [_BLOCK, _BLOCK + 2 reach] that smooths a block of frames: one product instead of a pass a weight."""
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_frames) ** 2)
    kernel /= kernel.sum()
    out = np.zeros((_BLOCK, _BLOCK + 2 * reach))
    for row in range(_BLOCK):
        out[row, row : row + len(kernel)] = kernel
    return out


def smoothstep(x: np.ndarray | float) -> np.ndarray:
    """3x^2 - 2x^3 with x held within [0, 1]: from 0 to 1 with level ends."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def velocity(x: np.ndarray, frame_rate_hz: float, reach: int = 1) -> np.ndarray:
    """Rate of change of `x` [T, ...] per second by differences over +-`reach` frames, same shape.

    One-sided at the ends; zero for a single frame.
    """
    n = len(x)
    if n < 2:
        return np.zeros(np.shape(x))
    if reach == 1:
        out = np.empty(np.shape(x))
        np.subtract(x[2:], x[:-2], out=out[1:-1])
        out[1:-1] *= 0.5 * frame_rate_hz
        out[0], out[-1] = (x[1] - x[0]) * frame_rate_hz, (x[-1] - x[-2]) * frame_rate_hz
        return out
    frames = np.arange(n)
    late, early = np.minimum(frames + reach, n - 1), np.maximum(frames - reach, 0)
    span = (late - early).reshape(n, *[1] * (np.ndim(x) - 1))
    return (x[late] - x[early]) * (frame_rate_hz / span)


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """The half-open spans [start, end) of neighbouring True values in `mask`, bool [T]."""
    padded = np.zeros(len(mask) + 2, dtype=bool)
    padded[1:-1] = mask
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))

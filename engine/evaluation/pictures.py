"""PSNR and SSIM of pictures, to mirror the paper, which reports them. They decide nothing about dance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity".
_K1, _K2, _SIGMA, _REACH = 0.01, 0.03, 1.5, 5
_MOST_DB = 100.0


def psnr_db(pictures: np.ndarray | Sequence[np.ndarray], true: np.ndarray | Sequence[np.ndarray]) -> float:
    """Peak signal-to-noise ratio of pictures uint8 [N, H, W, C or none] against the true ones, dB.

    10 log10(255^2 / mean squared error), mean over pictures; 100 for one that is alike to the bit.
    """
    each = []
    for a, b in zip(pictures, true, strict=True):
        error = float(np.square(np.asarray(a, dtype=float) - np.asarray(b, dtype=float)).mean())
        each.append(min(10.0 * float(np.log10(255.0**2 / error)), _MOST_DB) if error > 0.0 else _MOST_DB)
    return float(np.mean(each)) if each else 0.0


def ssim(pictures: np.ndarray | Sequence[np.ndarray], true: np.ndarray | Sequence[np.ndarray]) -> float:
    """Structural similarity of pictures uint8 [N, H, W, C or none], mean over pictures; 1 is alike.

    Gaussian window of 11 pixels, sigma 1.5, on grey pictures (BT.601), as its authors compute it.
    """
    each = [_ssim(_grey(a), _grey(b)) for a, b in zip(pictures, true, strict=True)]
    return float(np.mean(each)) if each else 0.0


def _ssim(a: np.ndarray, b: np.ndarray) -> float:
    c1, c2 = (_K1 * 255.0) ** 2, (_K2 * 255.0) ** 2
    mean_a, mean_b = _windowed(a), _windowed(b)
    var_a, var_b = _windowed(a * a) - mean_a**2, _windowed(b * b) - mean_b**2
    both = _windowed(a * b) - mean_a * mean_b
    alike = (2.0 * mean_a * mean_b + c1) * (2.0 * both + c2)
    return float((alike / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def _windowed(x: np.ndarray) -> np.ndarray:
    """Gaussian means over windows that lie wholly in the picture."""
    weights = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _SIGMA) ** 2)
    weights /= weights.sum()
    rows = sum(w * x[i : x.shape[0] - 2 * _REACH + i] for i, w in enumerate(weights))
    out: np.ndarray = sum(w * rows[:, i : x.shape[1] - 2 * _REACH + i] for i, w in enumerate(weights))
    return out


def _grey(picture: np.ndarray) -> np.ndarray:
    x = np.asarray(picture, dtype=float)
    return x if x.ndim == 2 else x[..., :3] @ np.array([0.299, 0.587, 0.114])

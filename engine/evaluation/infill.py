"""How near a regenerated segment comes to what was really danced there: L2Q, L2P and NPSS.

The benchmark of LaFAN1 (Harvey et al. 2020, "Robust motion in-betweening", section 5). All take batches of
segments of one length, the wanted first and the true second.
"""

from __future__ import annotations

import numpy as np


def l2q(rotations: np.ndarray, true_rotations: np.ndarray) -> float:
    """L2Q of global rotations [N, T, J, 4]: the distance of all components of a pose, mean over frames.

    q and -q are one rotation: the nearer spelling counts.
    """
    sign = np.where(np.sum(rotations * true_rotations, axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    return float(np.sqrt(np.square(sign * rotations - true_rotations).sum(axis=(2, 3))).mean())


def l2p(
    positions_m: np.ndarray, true_positions_m: np.ndarray, mean_m: np.ndarray, spread_m: np.ndarray
) -> float:
    """L2P of global positions [N, T, J, 3]: the distance of all coordinates of a pose, mean over frames.

    Coordinates are divided by `spread_m` [J, 3], after `mean_m` [J, 3] is taken away, both over the training
    set; a coordinate that never varied there is divided by 1.
    """
    return float(l2p_each(positions_m, true_positions_m, mean_m, spread_m).mean())


def l2p_each(
    positions_m: np.ndarray, true_positions_m: np.ndarray, mean_m: np.ndarray, spread_m: np.ndarray
) -> np.ndarray:
    """The same of each segment by itself, [N]."""
    scale = np.where(spread_m > 1e-9, spread_m, 1.0)
    difference = (positions_m - mean_m) / scale - (true_positions_m - mean_m) / scale
    out: np.ndarray = np.sqrt(np.square(difference).sum(axis=(2, 3))).mean(axis=1)
    return out


def npss(values: np.ndarray, true_values: np.ndarray) -> float:
    """Normalised power spectrum similarity of [N, T, D] channels; 0 is alike.

    Gopalakrishnan et al. 2019, "A neural temporal model for human motion prediction", as the LaFAN1
    benchmark computes it: of each channel the squared real part of the Fourier transform over the segment,
    normalised, summed up over frequency; the L1 distance of these sums, weighted by the true power.
    """
    power, true_power = (np.square(np.real(np.fft.fft(x, axis=1))) for x in (values, true_values))
    total, true_total = power.sum(axis=1, keepdims=True), true_power.sum(axis=1, keepdims=True)
    share = np.cumsum(power / np.where(total > 0.0, total, 1.0), axis=1)
    true_share = np.cumsum(true_power / np.where(true_total > 0.0, true_total, 1.0), axis=1)
    distance = np.abs(share - true_share).sum(axis=1)
    weights = true_total[:, 0]
    return float((distance * weights).sum() / weights.sum()) if weights.sum() > 0.0 else 0.0

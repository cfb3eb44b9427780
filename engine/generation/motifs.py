"""Which phrases of the music sound alike: what comes back in the music is to come back in the dance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

_MOMENTS = 16  # of a phrase at which it is compared
_LEAST_SPREAD = 0.25  # deviations by which the phrases of a song must differ for any to be more alike than others


def likeness(heard: np.ndarray, bounds: list[int]) -> np.ndarray:
    """How alike phrases of the music sound, -1 to 1, [P, P]: 0 as the song's usually do, 1 two deviations nearer.

    Args:
        heard: Rows of request.HEARD, [n_frames, 4].
        bounds: Where phrases begin, and the last ends.
    """
    spans = list(pairwise(bounds))
    if len(spans) < 3:
        return np.zeros((len(spans), len(spans)))
    rows = np.stack([_seen(heard[start:end]) for start, end in spans])
    apart = np.sqrt(np.square(rows[:, np.newaxis] - rows).mean(axis=-1))
    others = apart[np.triu_indices(len(spans), k=1)]
    spread = max(float(others.std()), _LEAST_SPREAD)
    out: np.ndarray = np.clip((others.mean() - apart) / (2.0 * spread), -1.0, 1.0)
    return out


def _seen(rows: np.ndarray) -> np.ndarray:
    """A phrase's rows as means of so many moments, and its mean as much again, flat."""
    edges = np.linspace(0, len(rows), _MOMENTS + 1).round().astype(int)
    first, end = np.minimum(edges[:-1], len(rows) - 1), np.maximum(edges[1:], np.minimum(edges[:-1], len(rows) - 1) + 1)
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    moments = (total[end] - total[first]) / (end - first)[:, np.newaxis]
    return np.concatenate([moments, np.broadcast_to(rows.mean(axis=0), moments.shape)]).ravel()

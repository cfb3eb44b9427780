"""Where sounds begin hard: drums and plucked strings must be heard once, and whole, however slow a song is played."""

from __future__ import annotations

import numpy as np

_BIN_S = 0.002
_LOOK_BACK_BINS = 8  # an attack is louder than that much before it,
_RISE_DB = 9.0  # by so much,
_BELOW_LOUD_DB = 30.0  # and not that much below the loudest of the song
_APART_S = 0.045
_CHUNK_BINS = 20_000  # so many are looked at in one go, for little memory


def attacks_of(channels: np.ndarray, rate_hz: int) -> np.ndarray:
    """The samples at which attacks begin, ascending, int64 [A].

    Args:
        channels: float32 [C, N].
        rate_hz: Samples per second.
    """
    length = max(round(_BIN_S * rate_hz), 1)
    level_db = _level_db(channels, length)
    if len(level_db) <= _LOOK_BACK_BINS:
        return np.zeros(0, np.int64)
    padded = np.concatenate((np.full(_LOOK_BACK_BINS, -120.0), level_db))
    before_db = np.lib.stride_tricks.sliding_window_view(padded, _LOOK_BACK_BINS)[:-1].max(axis=1)
    rise_db = level_db - before_db
    is_attack = (rise_db > _RISE_DB) & (level_db > level_db.max() - _BELOW_LOUD_DB)
    apart = round(_APART_S / _BIN_S)
    taken: list[int] = []
    for k in np.flatnonzero(is_attack):
        if not taken or k - taken[-1] >= apart:
            taken.append(int(k))
    return np.array(taken, np.int64) * length


def _level_db(channels: np.ndarray, length: int) -> np.ndarray:
    """Level of what changes quickly in each bin of `length` samples, [N // length]."""
    n_bins = channels.shape[1] // length
    power = np.zeros(n_bins)
    for first in range(0, n_bins, _CHUNK_BINS):
        last = min(first + _CHUNK_BINS, n_bins)
        part = channels[:, max(first * length - 1, 0) : last * length]
        steps = np.diff(part, axis=1, prepend=part[:, :1])[:, -(last - first) * length :]
        power[first:last] = np.square(steps).mean(axis=0).reshape(-1, length).mean(axis=1)
    return 10.0 * np.log10(power + 1e-12)

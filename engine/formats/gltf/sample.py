"""What the keys of an animation say at given times (glTF 2.0 specification, appendix C), and which rate they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.formats.gltf.parse import Track
from engine.motion import quaternion

# Whoever keys on every frame of the first that fits is taken to have meant it.
_LIKELY_HZ = (24.0, 25.0, 30.0, 60.0, 120.0, 24000 / 1001, 30000 / 1001, 60000 / 1001, 48.0, 50.0, 72.0, 96.0, 100.0)
_OFF_FRAMES = 0.02  # how far beside its frame a key may lie; times in 32 bits need that after half an hour
_SPARSE_HZ, _DENSE_HZ = 30.0, 60.0


def guessed_rate_hz(times_s: Sequence[np.ndarray], said_hz: float = 0.0) -> tuple[float, bool]:
    """The frame rate on whose frames all keys lie, and whether there is one; else 30 or 60, whichever is denser.

    Args:
        times_s: Key times of any number of tracks, seconds from the first key, [K] each.
        said_hz: What the file says, 0 for nothing. It holds where one track keys every frame of it: others may have
            keys between the frames.
    """
    if said_hz and any(_keys_every_frame(times, said_hz) for times in times_s):
        return said_hz, True
    times = np.unique(np.concatenate([np.zeros(1), *times_s]))
    for rate_hz in _LIKELY_HZ:
        frames = times * rate_hz
        if np.all(np.abs(frames - np.round(frames)) < _OFF_FRAMES):
            return rate_hz, True
    typical_s = float(np.median(np.diff(times)))
    return (_DENSE_HZ if typical_s < 1.0 / 45.0 else _SPARSE_HZ), False


def _keys_every_frame(times_s: np.ndarray, rate_hz: float) -> bool:
    return len(times_s) > 1 and bool(np.all(np.abs(times_s * rate_hz - np.arange(len(times_s))) < _OFF_FRAMES))


def sampled(track: Track, times_s: np.ndarray, is_rotation: bool) -> np.ndarray:
    """The values [T, width] at times [T]; held before the first key and after the last. Rotations are unit."""
    last = len(track.times_s) - 1
    # A time that 32 bits put just before its key is on it.
    before = np.clip(np.searchsorted(track.times_s, times_s + 1e-5, side="right") - 1, 0, last)
    after = np.minimum(before + 1, last)
    step_s = track.times_s[after] - track.times_s[before]
    fraction = np.where(step_s > 0.0, (times_s - track.times_s[before]) / np.where(step_s > 0.0, step_s, 1.0), 0.0)
    fraction = np.clip(fraction, 0.0, 1.0)
    if track.interpolation == "CUBICSPLINE":
        values = _spline(track.values, before, after, step_s, fraction)
    elif track.interpolation == "STEP":
        values = track.values[before]
    elif is_rotation:
        unit = quaternion.normalize(track.values)
        values = quaternion.slerp(unit[before], unit[after], fraction)
    else:
        values = track.values[before] + (track.values[after] - track.values[before]) * fraction[:, np.newaxis]
    return quaternion.normalize(values) if is_rotation else values


def _spline(
    values: np.ndarray, before: np.ndarray, after: np.ndarray, step_s: np.ndarray, fraction: np.ndarray
) -> np.ndarray:
    """Cubic Hermite between keys [K, 3, width]: in-tangent, value, out-tangent; tangents are per second."""
    t, step = fraction[:, np.newaxis], step_s[:, np.newaxis]
    return (
        (2 * t**3 - 3 * t**2 + 1) * values[before, 1]
        + step * (t**3 - 2 * t**2 + t) * values[before, 2]
        + (3 * t**2 - 2 * t**3) * values[after, 1]
        + step * (t**3 - t**2) * values[after, 0]
    )

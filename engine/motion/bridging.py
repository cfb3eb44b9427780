"""Short stretches of bad frames, bridged from the good frames around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.signals import runs

# A bridge that comes back to where it left swings out by no more than 4/27 of this.
MOST_SWING_RAD = 1.0


def bridged(motion: Motion, bad: np.ndarray) -> Motion:
    """The motion with runs of bad frames, bool [T], bridged: a cubic Hermite curve of the root and of each rotation.

    The curve of a rotation runs in the rotation vectors from the last good frame. At the clip's ends poses are held.
    """
    root = np.array(motion.root_positions_m)
    n = motion.n_frames
    for start, end in runs(bad):
        if start == 0 or end == n:
            if end - start < n:
                root[start:end] = root[end if start == 0 else start - 1]
            continue
        before, after, span = start - 1, end, end - start + 1
        f = (np.arange(1, span) / span)[:, np.newaxis]
        slope_in = (root[before] - root[before - 1]) * span if before > 0 and not bad[before - 1] else 0.0
        slope_out = (root[after + 1] - root[after]) * span if after + 1 < n and not bad[after + 1] else 0.0
        root[start:end] = _hermite(root[before], slope_in, root[after], slope_out, f)
    local = bridged_rotations(motion.local_rotations, bad)
    return replace(motion, root_positions_m=root, local_rotations=local)


def bridged_rotations(q: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Rotations [T, ..., 4] with bad runs interpolated, or held where the clip begins or ends in one."""
    out = np.array(q)
    for start, end in runs(bad):
        if start == 0 or end == len(q):
            if end - start < len(q):
                out[start:end] = q[end if start == 0 else start - 1]
            continue
        before, after, span = start - 1, end, end - start + 1
        way = turn_between(q[before], q[after])
        slope_in = turn_between(q[before - 1], q[before]) * span if before > 0 and not bad[before - 1] else way
        slope_out = turn_between(q[after], q[after + 1]) * span if after + 1 < len(q) and not bad[after + 1] else way
        f = (np.arange(1, span) / span).reshape(-1, *[1] * way.ndim)
        out[start:end] = on_bridge(q[before], way, slope_in, slope_out, f)
    return out


def on_bridge(
    before: np.ndarray, way: np.ndarray, slope_in: np.ndarray, slope_out: np.ndarray, f: np.ndarray
) -> np.ndarray:
    """The rotations [..., 4] at fractions `f` of bridges that begin at `before` and lead along a rotation vector `way`.

    Slopes are those at either end, rotation vectors a bridge's length. They are limited, lest a long bridge swing out;
    two frames tell little about a second.
    """
    most = 3.0 * quaternion.length(way)[..., np.newaxis] + MOST_SWING_RAD
    vectors = _hermite(np.zeros_like(way), _at_most(slope_in, most), way, _at_most(slope_out, most), f)
    return quaternion.multiply(before, quaternion.from_rotation_vector(vectors))


def slerped(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """The n rotations [n, ..., 4] evenly between `a` and `b`, both [..., 4], without those two."""
    f = (np.arange(1, n + 1) / (n + 1)).reshape(n, *[1] * (a.ndim - 1))
    return quaternion.slerp(a, b, np.broadcast_to(f, (n, *a.shape[:-1])))


def turn_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The rotation vector, in a's frame, that leads from `a` to `b`, [..., 3]."""
    return quaternion.to_rotation_vector(quaternion.multiply(quaternion.conjugate(a), b))


def _at_most(v: np.ndarray, most: np.ndarray) -> np.ndarray:
    return v * np.minimum(1.0, most / np.maximum(quaternion.length(v)[..., np.newaxis], 1e-9))


def _hermite(
    a: np.ndarray, slope_a: np.ndarray | float, b: np.ndarray, slope_b: np.ndarray | float, f: np.ndarray
) -> np.ndarray:
    return (
        (2 * f**3 - 3 * f**2 + 1) * a
        + (f**3 - 2 * f**2 + f) * slope_a
        + (3 * f**2 - 2 * f**3) * b
        + (f**3 - f**2) * slope_b
    )

"""Unit quaternions stored as arrays [..., 4] in the order (w, x, y, z).

`multiply(a, b)` rotates by `b` first, then by `a`, as matrices do. Functions keep every leading
axis of their input and broadcast as NumPy does. q and -q are one rotation (the double cover):
functions that measure or interpolate take the shorter way unless they say otherwise.
"""

from __future__ import annotations

import numpy as np

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])
IDENTITY.flags.writeable = False


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Hamilton product `a b`, shape [..., 4]."""
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def conjugate(q: np.ndarray) -> np.ndarray:
    """The opposite rotation of a unit quaternion, shape [..., 4]."""
    return q * np.array([1.0, -1.0, -1.0, -1.0], dtype=q.dtype)


def normalize(q: np.ndarray) -> np.ndarray:
    """`q` [..., 4] at unit length. A zero quaternion becomes the identity."""
    length = np.linalg.norm(q, axis=-1, keepdims=True)
    safe = np.where(length > 1e-12, length, 1.0)
    return np.where(length > 1e-12, q / safe, IDENTITY.astype(q.dtype))


def rotate(rotation: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Rotate `vector` [..., 3] by the unit quaternion `rotation` [..., 4]."""
    w, xyz = rotation[..., :1], rotation[..., 1:]
    t = 2.0 * _cross(xyz, vector)
    return vector + w * t + _cross(xyz, t)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # np.cross moves axes about and costs three times as much on long motions.
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def from_axis_angle(axis: np.ndarray, angle_rad: np.ndarray | float) -> np.ndarray:
    """Rotation [..., 4] by `angle_rad` [...] about the unit vector `axis` [..., 3]."""
    half = 0.5 * np.asarray(angle_rad, dtype=float)[..., np.newaxis]
    xyz = np.sin(half) * axis
    return np.concatenate([np.broadcast_to(np.cos(half), (*xyz.shape[:-1], 1)), xyz], axis=-1)


def from_rotation_vector(v: np.ndarray) -> np.ndarray:
    """Rotation [..., 4] about the direction of `v` [..., 3] by its length in radians.

    Smooth through zero: sin(a/2)/a is expanded where a is small.
    """
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    small = angle < 1e-6
    safe = np.where(small, 1.0, angle)
    scale = np.where(small, 0.5 - angle**2 / 48.0, np.sin(0.5 * safe) / safe)
    return np.concatenate([np.cos(0.5 * angle), scale * v], axis=-1)


def to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Axis times angle [..., 3] of the shorter way round, angle in [0, pi] radians."""
    q = np.where(q[..., :1] < 0.0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    small = sine < 1e-7
    scale = np.where(small, 2.0, angle / np.where(small, 1.0, sine))
    return scale * q[..., 1:]


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle in radians [...], 0 to pi, of the rotation from `a` to `b`.

    Through the arctangent: the arccosine of the dot product loses half its digits near zero.
    """
    difference = multiply(conjugate(a), b)
    sine = np.linalg.norm(difference[..., 1:], axis=-1)
    result: np.ndarray = 2.0 * np.arctan2(sine, np.abs(difference[..., 0]))
    return result


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Shortest rotation [..., 4] taking the direction of `a` to that of `b`, both [..., 3].

    Opposite directions have no single shortest rotation; we turn half a circle about some axis
    at right angles to `a`. A fixed axis would not do: turning about x leaves `a = x` where it is.
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    w = 1.0 + np.sum(a * b, axis=-1, keepdims=True)
    opposite = w < 1e-14  # where w, about half the squared angle left to a half turn, is all rounding
    least = np.argmin(np.abs(a), axis=-1)[..., np.newaxis]
    helper = (np.arange(3) == least).astype(float)
    xyz = np.where(opposite, _cross(a, helper), _cross(a, b))
    return normalize(np.concatenate([np.where(opposite, 0.0, w), xyz], axis=-1))


def slerp(a: np.ndarray, b: np.ndarray, fraction: np.ndarray | float) -> np.ndarray:
    """The rotation [..., 4] a `fraction` [...] of the shorter way from `a` to `b`."""
    step = to_rotation_vector(multiply(conjugate(a), b))
    return multiply(a, from_rotation_vector(step * np.asarray(fraction)[..., np.newaxis]))


def unroll(q: np.ndarray, axis: int = 0) -> np.ndarray:
    """`q` with signs chosen so that neighbours along `axis` lie in one hemisphere.

    The rotations are the same; component-wise filters and differences become meaningful.
    """
    q = np.moveaxis(np.asarray(q), axis, 0)
    if len(q) < 2:
        return np.moveaxis(q.copy(), 0, axis)
    flips = np.sum(q[1:] * q[:-1], axis=-1) < 0.0
    signs = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0).astype(q.dtype)
    out = q.copy()
    out[1:] *= signs[..., np.newaxis]
    return np.moveaxis(out, 0, axis)


def angular_velocity(q: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """Angular velocity in radians per second between neighbouring frames, [T-1, ..., 3].

    In the frame of the parent: q[t+1] = exp(velocity / rate) q[t].
    """
    return to_rotation_vector(multiply(q[1:], conjugate(q[:-1]))) * frame_rate_hz

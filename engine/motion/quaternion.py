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
    # Each is a pair of complex numbers, (w + x i) + (y + z i) j, which NumPy multiplies 2.5 times as fast.
    a, b = _pairs(a), _pairs(b)
    a0, a1, b0, b1 = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    out = np.empty((*np.broadcast_shapes(a0.shape, b0.shape), 2), dtype=np.result_type(a, b))
    np.subtract(a0 * b0, a1 * b1.conj(), out=out[..., 0])
    np.add(a0 * b1, a1 * b0.conj(), out=out[..., 1])
    return out.view(out.real.dtype)


def conjugate(q: np.ndarray) -> np.ndarray:
    """The opposite rotation of a unit quaternion, shape [..., 4]."""
    pairs = _pairs(q)
    out = np.empty(pairs.shape, dtype=pairs.dtype)
    np.conjugate(pairs[..., 0], out=out[..., 0])
    np.negative(pairs[..., 1], out=out[..., 1])
    return out.view(out.real.dtype)


def _pairs(q: np.ndarray) -> np.ndarray:
    """Quaternions [..., 4] seen as complex pairs [..., 2]."""
    q = np.asarray(q)
    if q.dtype not in (np.float64, np.float32):
        q = q.astype(float)
    if q.strides[-1] != q.itemsize:
        q = np.ascontiguousarray(q)
    return q.view(np.complex128 if q.dtype == np.float64 else np.complex64)


def normalize(q: np.ndarray) -> np.ndarray:
    """`q` [..., 4] at unit length. A zero quaternion becomes the identity."""
    size = length(q)
    zero = size <= 1e-12
    safe = np.where(zero, 1.0, size)
    out = np.empty(q.shape, dtype=np.result_type(q, safe))
    for i in range(4):
        np.divide(q[..., i], safe, out=out[..., i])
    if zero.any():
        out[zero] = IDENTITY
    return out


def rotate(rotation: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Rotate `vector` [..., 3] by the unit quaternion `rotation` [..., 4]."""
    # Written out component by component: np.cross, and steps of three, cost several times as much.
    w, x, y, z = rotation[..., 0], rotation[..., 1], rotation[..., 2], rotation[..., 3]
    a, b, c = vector[..., 0], vector[..., 1], vector[..., 2]
    ta, tb, tc = 2.0 * (y * c - z * b), 2.0 * (z * a - x * c), 2.0 * (x * b - y * a)
    out = np.empty((*ta.shape, 3), dtype=ta.dtype)
    out[..., 0] = a + w * ta + (y * tc - z * tb)
    out[..., 1] = b + w * tb + (z * ta - x * tc)
    out[..., 2] = c + w * tc + (x * tb - y * ta)
    return out


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Vector product [..., 3] of vectors [..., 3]."""
    # np.cross moves axes about and costs three times as much on long motions.
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    x = ay * bz - az * by
    out = np.empty((*x.shape, 3), dtype=x.dtype)
    out[..., 0], out[..., 1], out[..., 2] = x, az * bx - ax * bz, ax * by - ay * bx
    return out


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Scalar product [...] of vectors [..., n]."""
    # The last axis is short, which NumPy's own reductions are slow at.
    out = a[..., 0] * b[..., 0]
    for i in range(1, a.shape[-1]):
        out = out + a[..., i] * b[..., i]
    return out


def length(v: np.ndarray) -> np.ndarray:
    """Length [...] of vectors [..., n]."""
    out: np.ndarray = np.sqrt(dot(v, v))
    return out


def _scaled(v: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """`v` [..., n] times a factor [...]."""
    out = np.empty((*np.broadcast_shapes(v.shape[:-1], factor.shape), v.shape[-1]), dtype=np.result_type(v, factor))
    for i in range(v.shape[-1]):
        np.multiply(v[..., i], factor, out=out[..., i])
    return out


def from_axis_angle(axis: np.ndarray, angle_rad: np.ndarray | float) -> np.ndarray:
    """Rotation [..., 4] by `angle_rad` [...] about the unit vector `axis` [..., 3]."""
    half, axis = 0.5 * np.asarray(angle_rad, dtype=float), np.asarray(axis)
    sine = np.sin(half)
    out = np.empty((*np.broadcast_shapes(half.shape, axis.shape[:-1]), 4))
    out[..., 0] = np.cos(half)
    for i in range(3):
        np.multiply(sine, axis[..., i], out=out[..., 1 + i])
    return out


def from_rotation_vector(v: np.ndarray) -> np.ndarray:
    """Rotation [..., 4] about the direction of `v` [..., 3] by its length in radians.

    Smooth through zero: sin(a/2)/a is expanded where a is small.
    """
    angle = length(v)
    small = angle < 1e-6
    safe = np.where(small, 1.0, angle)
    half = 0.5 * angle
    scale = np.where(small, 0.5 - angle**2 / 48.0, np.sin(half) / safe)
    out = np.empty((*angle.shape, 4), dtype=np.result_type(v, 0.5))
    out[..., 0] = np.cos(half)
    for i in range(3):
        np.multiply(scale, v[..., i], out=out[..., 1 + i])
    return out


def to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Axis times angle [..., 3] of the shorter way round, angle in [0, pi] radians."""
    w, xyz = q[..., 0], q[..., 1:]
    sine = length(xyz)
    angle = 2.0 * np.arctan2(sine, np.abs(w))
    small = sine < 1e-7
    scale = np.where(small, 2.0, angle / np.where(small, 1.0, sine))
    return _scaled(xyz, np.where(w < 0.0, -scale, scale))


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle in radians [...], 0 to pi, of the rotation from `a` to `b`.

    Through the arctangent: the arccosine of the dot product loses half its digits near zero.
    """
    difference = multiply(conjugate(a), b)
    sine = length(difference[..., 1:])
    result: np.ndarray = 2.0 * np.arctan2(sine, np.abs(difference[..., 0]))
    return result


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Shortest rotation [..., 4] taking the direction of `a` to that of `b`, both [..., 3].

    Opposite directions have no single shortest rotation; we turn half a circle about some axis
    at right angles to `a`. A fixed axis would not do: turning about x leaves `a = x` where it is.
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    a, b = a / length(a)[..., np.newaxis], b / length(b)[..., np.newaxis]
    out = np.empty((*a.shape[:-1], 4))
    out[..., 0], out[..., 1:] = 1.0 + dot(a, b), cross(a, b)
    opposite = out[..., 0] < 1e-14  # where w, about half the squared angle left to a half turn, is all rounding
    if opposite.any():
        away = a[opposite]
        helper = (np.arange(3) == np.argmin(np.abs(away), axis=-1)[..., np.newaxis]).astype(float)
        out[opposite, 0], out[opposite, 1:] = 0.0, cross(away, helper)
    return normalize(out)


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
    pairs = _pairs(q)  # a dot product is the real part of that of the pairs
    flips = (pairs[1:, ..., 0] * pairs[:-1, ..., 0].conj() + pairs[1:, ..., 1] * pairs[:-1, ..., 1].conj()).real < 0.0
    if not flips.any():
        return np.moveaxis(q.copy(), 0, axis)
    signs = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0).astype(q.dtype)
    out = np.concatenate([q[:1], _scaled(q[1:], signs)])
    return np.moveaxis(out, 0, axis)


def angular_velocity(q: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """Angular velocity in radians per second between neighbouring frames, [T-1, ..., 3].

    In the frame of the parent: q[t+1] = exp(velocity / rate) q[t].
    """
    return to_rotation_vector(multiply(q[1:], conjugate(q[:-1]))) * frame_rate_hz

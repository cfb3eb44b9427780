"""Other spellings of a rotation: matrices, the 6D form that networks learn, Euler angles in any order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.motion import quaternion

_AXES = {"X": 0, "Y": 1, "Z": 2}


def matrix_from_quaternion(q: np.ndarray) -> np.ndarray:
    """Rotation matrices [..., 3, 3] of unit quaternions [..., 4]; columns are the turned axes."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    out = np.empty((*q.shape[:-1], 3, 3), dtype=np.result_type(q, 1.0))
    out[..., 0, 0], out[..., 0, 1], out[..., 0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[..., 1, 0], out[..., 1, 1], out[..., 1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    out[..., 2, 0], out[..., 2, 1], out[..., 2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    return out


def quaternion_from_matrix(m: np.ndarray) -> np.ndarray:
    """Unit quaternions [..., 4], w >= 0, of rotation matrices [..., 3, 3].

    Of the four algebraically equal forms the one with the largest divisor is taken (Shepperd 1978),
    so half turns lose no digits.
    """
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    a, b, c = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    d, e, f = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    squares = 1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz
    forms = ((squares[0], a, b, c), (a, squares[1], d, e), (b, d, squares[2], f), (c, e, f, squares[3]))
    best = np.argmax(squares, axis=0)
    q = np.empty((*xx.shape, 4), dtype=np.result_type(m, 1.0))
    for i, form in enumerate(forms):
        chosen = best == i
        if chosen.any():
            for k, numbers in enumerate(form):
                np.copyto(q[..., k], numbers, where=chosen)
    q = quaternion.normalize(q)
    np.negative(q, out=q, where=q[..., :1] < 0.0)
    return q


def six_d_from_quaternion(q: np.ndarray) -> np.ndarray:
    """The first two columns of the rotation matrix, [..., 6] (Zhou et al. 2019, section 4)."""
    return np.moveaxis(matrix_from_quaternion(q)[..., :2], -1, -2).reshape(*q.shape[:-1], 6)


def quaternion_from_six_d(six: np.ndarray) -> np.ndarray:
    """The rotation [..., 4] nearest to a 6D vector by Gram-Schmidt (Zhou et al. 2019, Eq. 15).

    Degenerate input (a zero or two parallel columns) gives a valid rotation, never NaN.
    """
    a, b = six[..., :3], six[..., 3:]
    x = _unit_or(a, lambda: np.array([1.0, 0.0, 0.0]))
    y = _unit_or(b - quaternion.dot(b, x)[..., np.newaxis] * x, lambda: _aside(x))
    m = np.empty((*x.shape, 3))
    m[..., 0], m[..., 1], m[..., 2] = x, y, quaternion.cross(x, y)
    return quaternion_from_matrix(m)


def _aside(x: np.ndarray) -> np.ndarray:
    """Some unit vector at right angles to each unit vector `x` [..., 3]."""
    least = (np.arange(3) == np.argmin(np.abs(x), axis=-1)[..., np.newaxis]).astype(float)
    aside = least - np.sum(least * x, axis=-1, keepdims=True) * x
    return aside / np.linalg.norm(aside, axis=-1, keepdims=True)


def _unit_or(v: np.ndarray, otherwise: Callable[[], np.ndarray]) -> np.ndarray:
    """`v` [..., 3] at unit length, `otherwise()` where it has next to none."""
    length = quaternion.length(v)
    none = length <= 1e-8
    out = v / np.where(none, 1.0, length)[..., np.newaxis]
    return np.where(none[..., np.newaxis], otherwise(), out) if none.any() else out


def quaternion_from_euler(angles_rad: np.ndarray, order: str) -> np.ndarray:
    """Rotation [..., 4] of intrinsic Euler angles [..., n], n letters in `order`.

    `order="ZXY"` means R = Rz Rx Ry, as BVH channels read from left to right; `angles_rad[..., i]`
    belongs to `order[i]`. Any number of letters, repeats included.
    """
    if sorted(order) == ["X", "Y", "Z"]:
        return _from_three_axes(angles_rad, order)
    out = np.broadcast_to(quaternion.IDENTITY, (*angles_rad.shape[:-1], 4)).copy()
    for i, letter in enumerate(order):
        axis = np.eye(3)[_AXES[letter]]
        out = quaternion.multiply(out, quaternion.from_axis_angle(axis, angles_rad[..., i]))
    return out


def _from_three_axes(angles_rad: np.ndarray, order: str) -> np.ndarray:
    # The product of the three half turns multiplied out: a sixth of the work of two full products.
    i, j, k = (_AXES[letter] for letter in order)
    sign = _parity(order)
    half = 0.5 * np.asarray(angles_rad, dtype=float)
    sines, cosines = np.sin(half), np.cos(half)
    sa, sb, sc = sines[..., 0], sines[..., 1], sines[..., 2]
    ca, cb, cc = cosines[..., 0], cosines[..., 1], cosines[..., 2]
    cacb, sasb, sacb, casb = ca * cb, sa * sb * sign, sa * cb, ca * sb * sign
    out = np.empty((*half.shape[:-1], 4))
    out[..., 0] = cacb * cc - sasb * sc
    out[..., 1 + i] = sacb * cc + casb * sc
    out[..., 1 + j] = sign * (casb * cc - sacb * sc)
    out[..., 1 + k] = cacb * sc + sasb * cc
    return out


def _parity(order: str) -> float:
    """+1 where the three axes of `order` are right-handed in that order, -1 where they are not."""
    return 1.0 if (_AXES[order[1]] - _AXES[order[0]]) % 3 == 1 else -1.0


def euler_from_quaternion(q: np.ndarray, order: str) -> np.ndarray:
    """Intrinsic Euler angles [..., 3] in radians for three different letters in `order`.

    R = R_a(angle 0) R_b(angle 1) R_c(angle 2), outer angles in [-pi, pi]. The middle angle lies in
    [-pi/2, pi/2]; at those ends the third is set to zero and the first takes the whole turn.
    Exact there too, and for `q` of any length: sums and differences of the outer angles are read
    from the quaternion itself, never from a matrix (Bernardes & Viollet 2022, section 3).
    """
    if sorted(order) != ["X", "Y", "Z"]:
        raise ValueError(f"order must be X, Y and Z once each, got {order!r}")
    i, j, k = (1 + _AXES[letter] for letter in order)
    sign = _parity(order)
    q = np.asarray(q, dtype=float)
    w, x, y, z = q[..., 0], q[..., i], q[..., j], sign * q[..., k]
    half_sum, half_difference = np.arctan2(x + z, w + y), np.arctan2(x - z, w - y)
    # These lengths are cos(45 deg - b/2) and sin(45 deg - b/2): the first vanishes at b = -pi/2.
    of_sum, of_difference = np.hypot(x + z, w + y), np.hypot(x - z, w - y)
    middle = 2.0 * np.arctan2(of_sum, of_difference) - 0.5 * np.pi
    half_difference = np.where(of_difference < 1e-7 * of_sum, half_sum, half_difference)
    half_sum = np.where(of_sum < 1e-7 * of_difference, half_difference, half_sum)
    first, third = half_sum + half_difference, sign * (half_sum - half_difference)
    return np.stack([_within_half_turn(first), middle, _within_half_turn(third)], axis=-1)


def _within_half_turn(angle_rad: np.ndarray) -> np.ndarray:
    return angle_rad - 2.0 * np.pi * np.round(angle_rad / (2.0 * np.pi))


def unrolled_euler(q: np.ndarray, order: str) -> np.ndarray:
    """Euler angles [T, ..., 3] in radians that turn continuously over time.

    Each frame takes, of its two spellings (a, b, c) and (a + pi, pi - b, c + pi) and their whole
    turns, the one nearest to the frame before, so that a curve editor shows no jumps.
    """
    angles = euler_from_quaternion(q, order)
    if len(angles) < 2:
        return angles
    # Going over to the other spelling keeps all distances, so whether two neighbouring frames want
    # one spelling or two does not hang on which of them the frame before has taken.
    to_same = _within_half_turn(angles[1:] - angles[:-1])
    to_other = _within_half_turn(_other_spelling(angles[1:]) - angles[:-1])
    changes = np.abs(to_other).sum(-1) < np.abs(to_same).sum(-1)
    is_other = np.concatenate([np.zeros_like(changes[:1]), np.cumsum(changes, axis=0) % 2 == 1])
    angles = np.where(is_other[..., np.newaxis], _other_spelling(angles), angles)
    turns = np.cumsum(np.round(np.diff(angles, axis=0) / (2.0 * np.pi)), axis=0)
    angles[1:] -= 2.0 * np.pi * turns
    return angles


def _other_spelling(angles_rad: np.ndarray) -> np.ndarray:
    return angles_rad * [1.0, -1.0, 1.0] + np.pi

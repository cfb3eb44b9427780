"""Other spellings of a rotation: matrices, the 6D form that networks learn, Euler angles in any order."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion

_AXES = {"X": 0, "Y": 1, "Z": 2}


def matrix_from_quaternion(q: np.ndarray) -> np.ndarray:
    """Rotation matrices [..., 3, 3] of unit quaternions [..., 4]; columns are the turned axes."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return np.stack(rows, axis=-1).reshape(*q.shape[:-1], 3, 3)


def quaternion_from_matrix(m: np.ndarray) -> np.ndarray:
    """Unit quaternions [..., 4], w >= 0, of rotation matrices [..., 3, 3].

    Of the four algebraically equal forms the one with the largest divisor is taken (Shepperd 1978),
    so half turns lose no digits.
    """
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    squares = np.stack([1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz], -1)
    a, b, c = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    d, e, f = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    forms = np.stack(
        [
            np.stack([squares[..., 0], a, b, c], -1),
            np.stack([a, squares[..., 1], d, e], -1),
            np.stack([b, d, squares[..., 2], f], -1),
            np.stack([c, e, f, squares[..., 3]], -1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)[..., np.newaxis, np.newaxis]
    q = quaternion.normalize(np.take_along_axis(forms, best, axis=-2)[..., 0, :])
    return np.where(q[..., :1] < 0.0, -q, q)


def six_d_from_quaternion(q: np.ndarray) -> np.ndarray:
    """The first two columns of the rotation matrix, [..., 6] (Zhou et al. 2019, section 4)."""
    m = matrix_from_quaternion(q)
    return np.concatenate([m[..., :, 0], m[..., :, 1]], axis=-1)


def quaternion_from_six_d(six: np.ndarray) -> np.ndarray:
    """The rotation [..., 4] nearest to a 6D vector by Gram-Schmidt (Zhou et al. 2019, Eq. 15).

    Degenerate input (a zero or two parallel columns) gives a valid rotation, never NaN.
    """
    a, b = six[..., :3], six[..., 3:]
    x = _unit_or(a, np.array([1.0, 0.0, 0.0]))
    least = (np.arange(3) == np.argmin(np.abs(x), axis=-1)[..., np.newaxis]).astype(float)
    aside = least - np.sum(least * x, axis=-1, keepdims=True) * x
    y = b - np.sum(b * x, axis=-1, keepdims=True) * x
    y = _unit_or(y, aside / np.linalg.norm(aside, axis=-1, keepdims=True))
    return quaternion_from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1))


def _unit_or(v: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.where(length > 1e-8, v / np.where(length > 1e-8, length, 1.0), otherwise)


def quaternion_from_euler(angles_rad: np.ndarray, order: str) -> np.ndarray:
    """Rotation [..., 4] of intrinsic Euler angles [..., n], n letters in `order`.

    `order="ZXY"` means R = Rz Rx Ry, as BVH channels read from left to right; `angles_rad[..., i]`
    belongs to `order[i]`. Any number of letters, repeats included.
    """
    out = np.broadcast_to(quaternion.IDENTITY, (*angles_rad.shape[:-1], 4))
    for i, letter in enumerate(order):
        axis = np.eye(3)[_AXES[letter]]
        out = quaternion.multiply(out, quaternion.from_axis_angle(axis, angles_rad[..., i]))
    return out


def euler_from_quaternion(q: np.ndarray, order: str) -> np.ndarray:
    """Intrinsic Euler angles [..., 3] in radians for three different letters in `order`.

    R = R_a(angle 0) R_b(angle 1) R_c(angle 2). The middle angle lies in [-pi/2, pi/2]; at those
    ends the third is set to zero and the first takes the whole turn. Bernardes & Viollet 2022.
    """
    if sorted(order) != ["X", "Y", "Z"]:
        raise ValueError(f"order must be X, Y and Z once each, got {order!r}")
    i, j, k = (_AXES[letter] for letter in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0  # even or odd permutation of the axes
    m = matrix_from_quaternion(q)
    middle = np.arcsin(np.clip(sign * m[..., i, k], -1.0, 1.0))
    locked = np.abs(m[..., i, k]) > 1.0 - 1e-12
    first = np.arctan2(-sign * m[..., j, k], m[..., k, k])
    third = np.arctan2(-sign * m[..., i, j], m[..., i, i])
    first_locked = np.arctan2(sign * m[..., k, j], m[..., j, j])
    angles = [np.where(locked, first_locked, first), middle, np.where(locked, 0.0, third)]
    return np.stack(angles, axis=-1)


def unrolled_euler(q: np.ndarray, order: str) -> np.ndarray:
    """Euler angles [T, ..., 3] in radians that turn continuously over time.

    Each frame takes, of its two spellings (a, b, c) and (a + pi, pi - b, c + pi) and their whole
    turns, the one nearest to the frame before, so that a curve editor shows no jumps.
    """
    angles = euler_from_quaternion(q, order)
    for t in range(1, len(angles)):
        same, other = angles[t], angles[t] * [1.0, -1.0, 1.0] + np.pi
        same = same + 2 * np.pi * np.round((angles[t - 1] - same) / (2 * np.pi))
        other = other + 2 * np.pi * np.round((angles[t - 1] - other) / (2 * np.pi))
        nearer = np.abs(other - angles[t - 1]).sum(-1) < np.abs(same - angles[t - 1]).sum(-1)
        angles[t] = np.where(nearer[..., np.newaxis], other, same)
    return angles

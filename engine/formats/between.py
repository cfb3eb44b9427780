"""More keys where a straight line between two of them strays from the shortest turn.

Programs that keep turns as quaternions draw the four numbers in straight lines from key to key, as Blender does, or
along the shortest turn, as the glTF specification and USD have it. The two are alike up to some eighty degrees from
key to key; beyond, the straight line comes unevenly, and at a half turn it jumps. Keys between the frames make it
right for both. The keys on the frames stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.motion import quaternion

PARTS = 256  # of a frame; keys lie on its halves, quarters, ...
MOST_DEG = 0.8
ASIDES = np.array([0.25, 0.5, 0.75])  # where, between two keys, it is looked
_ROUNDS = 8
# Twice the angle between two quaternions: below, a straight line between them is nowhere 0.4 degrees off.
_SMALL_COS = float(np.cos(np.radians(60.0) / 2.0))


def straight(before: np.ndarray, after: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """What is drawn from one rotation to the next in straight lines, the shorter way, [..., 4]."""
    sign = np.where(quaternion.dot(before, after) < 0.0, -1.0, 1.0)[..., np.newaxis]
    return quaternion.normalize(before + fraction[..., np.newaxis] * (sign * after - before))


def strays(q: np.ndarray) -> np.ndarray:
    """Which gaps a straight line crosses more than MOST_DEG off the shortest turn, bool [K - 1, ...].

    Args:
        q: Rotations at the keys, [K, ..., 4].
    """
    gaps = np.nonzero(np.abs(quaternion.dot(q[:-1], q[1:])) < _SMALL_COS)
    out = np.zeros(q.shape[:-1], dtype=bool)[:-1]
    if len(gaps[0]) == 0:
        return out
    before, after = q[gaps], q[(gaps[0] + 1, *gaps[1:])]
    fraction = ASIDES[:, np.newaxis]
    apart = quaternion.angle_between(straight(before, after, fraction), quaternion.slerp(before, after, fraction))
    out[gaps] = np.degrees(apart.max(axis=0)) > MOST_DEG
    return out


def refined(q: np.ndarray, has_to: Callable[[np.ndarray], np.ndarray] = strays) -> tuple[np.ndarray, np.ndarray]:
    """Keys of one joint, so many that no gap has to be parted, as far as PARTS of a frame allow.

    Args:
        q: Its rotations on the frames, [T, 4].
        has_to: Which gaps have to be, bool [K - 1], of rotations at the keys [K, 4].

    Returns:
        When, in PARTS of a frame from the first, int [K]; and the rotations without jumps of sign, [K, 4].
    """
    parts = PARTS * np.arange(len(q))
    q = quaternion.unroll(q)
    for _ in range(_ROUNDS):
        gaps = np.flatnonzero(has_to(q))
        gaps = gaps[np.diff(parts)[gaps] > 1]
        if len(gaps) == 0:
            break
        parts = np.insert(parts, gaps + 1, (parts[gaps] + parts[gaps + 1]) // 2)
        q = np.insert(q, gaps + 1, quaternion.slerp(q[gaps], q[gaps + 1], 0.5), axis=0)
    return parts, quaternion.unroll(q)

"""More keys where Euler angles need them: between frames, near the pole of a joint's axes.

A curve of angles is drawn straight from key to key. Where a joint passes close by the pole (y at 90 degrees), x and
z turn by half a circle within a frame, and what is drawn there swings far off the way from one pose to the next: a
twitch that a renderer's motion blur shows. Programs that turn the angles into quaternions, as Blender does, draw these
in straight lines: a turn of more than a right angle from key to key then comes unevenly. The keys on the frames stay
what they are.
"""

from __future__ import annotations

import numpy as np

from engine.formats.fbx.curves import euler_deg
from engine.motion import quaternion, rotations

PARTS = 256  # of a frame; keys lie on its halves, quarters, ...
MOST_DEG = 0.8
_ROUNDS = 8
_SMALL_DEG = 8.0  # turns that add up to less cannot bend a straight line by MOST_DEG
_ASIDE = np.array([0.25, 0.5, 0.75])


def swings(degrees: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Which gaps are drawn more than MOST_DEG off the shortest turn, as angles or as quaternions, bool [K - 1, ...].

    Args:
        degrees: Angles about x, y, z at the keys, [K, ..., 3].
        q: The rotations that they are, [K, ..., 4].
    """
    steps = np.abs(np.diff(degrees, axis=0)).sum(-1)
    gaps = np.nonzero(steps > _SMALL_DEG)
    out = np.zeros(steps.shape, dtype=bool)
    if len(gaps[0]) == 0:
        return out
    after = (gaps[0] + 1, *gaps[1:])
    fraction = _ASIDE[:, np.newaxis]
    drawn = degrees[gaps] + fraction[..., np.newaxis] * (degrees[after] - degrees[gaps])
    turned = rotations.quaternion_from_euler(np.radians(drawn[..., ::-1]), "ZYX")
    shortest = quaternion.slerp(q[gaps], q[after], fraction)
    sign = np.where(quaternion.dot(q[gaps], q[after]) < 0.0, -1.0, 1.0)[..., np.newaxis]
    straight = quaternion.normalize(q[gaps] + fraction[..., np.newaxis] * (sign * q[after] - q[gaps]))
    apart = [quaternion.angle_between(way, shortest).max(axis=0) for way in (turned, straight)]
    out[gaps] = np.degrees(np.maximum(*apart)) > MOST_DEG
    return out


def refined(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys of one joint that nowhere swing, as far as PARTS of a frame allow.

    Args:
        q: Its rotations on the frames, [T, 4].

    Returns:
        When, in PARTS of a frame from the first, int [K]; and the angles about x, y, z in degrees, [K, 3].
    """
    parts = PARTS * np.arange(len(q))
    q = quaternion.unroll(q)
    for _ in range(_ROUNDS):
        gaps = np.flatnonzero(swings(euler_deg(q), q))
        gaps = gaps[np.diff(parts)[gaps] > 1]
        if len(gaps) == 0:
            break
        parts = np.insert(parts, gaps + 1, (parts[gaps] + parts[gaps + 1]) // 2)
        q = np.insert(q, gaps + 1, quaternion.slerp(q[gaps], q[gaps + 1], 0.5), axis=0)
    return parts, euler_deg(q)

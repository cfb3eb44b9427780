"""More keys where Euler angles need them: between frames, near the pole of a joint's axes.

A curve of angles is drawn straight from key to key. Where a joint passes close by the pole (y at 90 degrees), x and
z turn by half a circle within a frame, and what is drawn there swings far off the way from one pose to the next: a
twitch that a renderer's motion blur shows. Programs that turn the angles into quaternions, as Blender does, draw these
in straight lines: a turn of more than a right angle from key to key then comes unevenly. The keys on the frames stay
what they are.
"""

from __future__ import annotations

import numpy as np

from engine.formats import between
from engine.formats.between import ASIDES, MOST_DEG
from engine.formats.fbx.curves import euler_deg
from engine.motion import quaternion, rotations

_SMALL_DEG = 8.0  # turns that add up to less cannot bend a straight line by MOST_DEG


def swings(degrees: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Which gaps are drawn more than MOST_DEG off the shortest turn, as angles or as quaternions, bool [K - 1, ...].

    Args:
        degrees: Angles about x, y, z at the keys, [K, ..., 3].
        q: The rotations that they are, [K, ..., 4].
    """
    steps = np.abs(np.diff(degrees, axis=0)).sum(-1)
    gaps = np.nonzero(steps > _SMALL_DEG)
    out = between.strays(q)
    if len(gaps[0]) == 0:
        return out
    after = (gaps[0] + 1, *gaps[1:])
    fraction = ASIDES[:, np.newaxis]
    drawn = degrees[gaps] + fraction[..., np.newaxis] * (degrees[after] - degrees[gaps])
    turned = rotations.quaternion_from_euler(np.radians(drawn[..., ::-1]), "ZYX")
    apart = quaternion.angle_between(turned, quaternion.slerp(q[gaps], q[after], fraction))
    out[gaps] |= np.degrees(apart.max(axis=0)) > MOST_DEG
    return out


def refined(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys of one joint that nowhere swing, as far as `between.PARTS` of a frame allow.

    Args:
        q: Its rotations on the frames, [T, 4].

    Returns:
        When, in PARTS of a frame from the first, int [K]; and the angles about x, y, z in degrees, [K, 3].
    """
    parts, turned = between.refined(q, lambda keys: swings(euler_deg(keys), keys))
    return parts, euler_deg(turned)

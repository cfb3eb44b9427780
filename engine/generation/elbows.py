"""Elbows that are hinges: the upper arm is turned about itself until the forearm bends the one way that it can.

The network decodes every bone for itself, so the forearm of a made dance leaves the plane that an elbow bends in.
Shoulders, elbows, wrists and hands stay where they are and as they are turned: all that changes is how the upper arm is
turned about its own length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import ARMS, FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, smoothstep

# The way in which elbows bend, seen along the upper arm of a T-pose: so far up from ahead. Of captured dance half lies
# at 5 degrees, half at 30, as the rigs of the two sources have it.
_LEAST_RAD, _USUAL_RAD, _MOST_RAD = np.radians([2.0, 15.0, 32.0])
_SLOW_S = 0.5  # the way that a dance's elbows bend changes no faster than within about so long
_STRAIGHT_SINE = 0.3  # an arm bent by less than this has no clear way to bend
_SURE = 0.1  # what the usual way counts, beside an arm that is bent at a right angle
_BACKWARDS_RAD = np.radians([60.0, 150.0])
_EVEN_FRAMES = 1.2
# How far a forearm and a hand fold, at most, and where the way there begins to grow stiff.
_ELBOW_RAD, _WRIST_RAD = np.radians([130.0, 150.0]), np.radians([80.0, 105.0])
_OUTWARD = np.array([1.0, 0.0, 0.0])


def hinged(motion: Motion, kept: tuple[int, ...] = ()) -> Motion:
    """The house motion whose elbows bend one way, but for arms of which any joint is in `kept`."""
    local = np.array(motion.local_rotations)
    for side, (_, arm, forearm, *_) in zip((1.0, -1.0), ARMS, strict=True):
        if arm not in kept and forearm not in kept:
            turn = quaternion.from_axis_angle(_OUTWARD, _lacking_rad(local[:, forearm], side))
            local[:, arm] = quaternion.multiply(local[:, arm], turn)
            local[:, forearm] = quaternion.multiply(quaternion.conjugate(turn), local[:, forearm])
    return replace(motion, local_rotations=local)


def _lacking_rad(forearm: np.ndarray, side: float) -> np.ndarray:
    """How far an upper arm must turn about x for its forearm, local rotations [T, 4], to bend as an elbow does, [T]."""
    bone = quaternion.rotate(forearm, side * _OUTWARD)
    size = np.hypot(bone[:, 1], bone[:, 2])
    way = np.stack([bone[:, 2], bone[:, 1]], axis=-1)  # ahead and up
    usual = _SURE * np.array([np.cos(_USUAL_RAD), np.sin(_USUAL_RAD)])
    slow = smoothed(way, _SLOW_S * FRAME_RATE_HZ) + usual
    wanted = np.clip(np.arctan2(slow[:, 1], slow[:, 0]), _LEAST_RAD, _MOST_RAD)
    found = np.arctan2(way[:, 1], way[:, 0])
    lacking = (found - wanted + np.pi) % (2.0 * np.pi) - np.pi
    # An arm that is all but stretched, and past straight, is left so: turned round, it would spin.
    clear = smoothstep(size / _STRAIGHT_SINE) * smoothstep((_BACKWARDS_RAD[1] - np.abs(lacking)) / _BACKWARDS_RAD[0])
    # About x, from ahead (z) to up (y) is backwards.
    return -smoothed(lacking * clear, _EVEN_FRAMES)


def within_reach(motion: Motion, kept: Iterable[int] = ()) -> Motion:
    """The house motion whose elbows and wrists fold no further than dancers', but for joints `kept`.

    Up to the first of a pair of angles nothing changes; beyond, the fold comes ever nearer to the second.
    """
    local = np.array(motion.local_rotations)
    changed, unfree = False, set(kept)
    for side, (_, _, forearm, hand, _) in zip((1.0, -1.0), ARMS, strict=True):
        for joint, (free, most) in ((forearm, _ELBOW_RAD), (hand, _WRIST_RAD)):
            bone = quaternion.rotate(local[:, joint], side * _OUTWARD)
            fold = np.arccos(np.clip(side * bone[:, 0], -1.0, 1.0))
            far = np.flatnonzero(fold > free)
            if len(far) == 0 or joint in unfree:
                continue
            soft = free + (most - free) * (1.0 - np.exp(-(fold[far] - free) / (most - free)))
            axis = np.cross(side * _OUTWARD, bone[far])
            axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
            back = quaternion.from_axis_angle(axis, soft - fold[far])
            local[far, joint] = quaternion.normalize(quaternion.multiply(back, local[far, joint]))
            changed = True
    return replace(motion, local_rotations=local) if changed else motion

"""Where a made dance looks: ahead, and not at the floor for seconds.

Optical captures leave the head as its markers were worn: two ballet dancers and a salsa dancer of the training takes
look 15 to 45 degrees down from first to last, and the network has learned that from them. What of a head's nod is slow
is such a fault, or a dancer looking for her feet; nods, looks down and spotting are quick, and stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, smoothstep

# How far below where the chest faces a dancer looks for long, and the most that a head is turned up.
_LOWEST_RAD, _MOST_RAD = np.radians([6.0, 45.0])
_SLOW_S = 1.5
_NEAR_FRAMES, _FORGOTTEN_S = 15, 2.5  # of what lies before and after, and how long it is minded
_HEAD, _CHEST = JOINT["Head"], JOINT["Spine2"]
_AHEAD, _SIDEWAYS = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


def nod_rad(motion: Motion) -> np.ndarray:
    """How far a house motion looks below where its chest faces, radians [T]; up is below zero."""
    joint, turned = _HEAD, motion.local_rotations[:, _HEAD]
    while (joint := motion.skeleton.parents[joint]) != _CHEST:
        turned = quaternion.multiply(motion.local_rotations[:, joint], turned)
    return -np.arcsin(np.clip(quaternion.rotate(turned, _AHEAD)[:, 1], -1.0, 1.0))


def looking_up(motion: Motion, lift_rad: np.ndarray) -> Motion:
    """The house motion whose head is turned up by so much, radians [T]."""
    local = np.array(motion.local_rotations)
    local[:, _HEAD] = quaternion.multiply(local[:, _HEAD], quaternion.from_axis_angle(_SIDEWAYS, -lift_rad))
    return replace(motion, local_rotations=local)


def looking_ahead(
    motion: Motion, kept: Iterable[int] = (), before: Motion | None = None, after: Motion | None = None
) -> Motion:
    """The house motion whose head is turned up by as much as it hangs for long, unless head or chest is in `kept`.

    Near motion `before` and `after`, in which the head hangs, it may hang as far.
    """
    if {_HEAD, _CHEST} & set(kept):
        return motion
    lowest = np.full(motion.n_frames, _LOWEST_RAD)
    seconds = np.arange(motion.n_frames) / FRAME_RATE_HZ
    sides = ((before, slice(-_NEAR_FRAMES, None), seconds), (after, slice(_NEAR_FRAMES), seconds[::-1]))
    for context, near, away_s in sides:
        if context is not None:
            hangs = max(float(nod_rad(context)[near].mean()) - _LOWEST_RAD, 0.0)
            lowest = np.maximum(lowest, _LOWEST_RAD + hangs * (1.0 - smoothstep(away_s / _FORGOTTEN_S)))
    lift = np.clip(smoothed(nod_rad(motion), _SLOW_S * FRAME_RATE_HZ) - lowest, 0.0, _MOST_RAD)
    if not lift.any():
        return motion
    return looking_up(motion, lift)

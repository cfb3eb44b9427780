"""When the feet rest on the floor, and where that floor is."""

from __future__ import annotations

import numpy as np

from engine.motion import house, quaternion
from engine.motion.motion import Motion
from engine.motion.signals import runs, velocity

# A joint is surely in contact below the first of each pair, surely not above the second, and keeps its
# state in between. Heights are above the joint's own height in a flat foot. The speeds leave room for the
# 0.1 to 0.3 m/s that real captures skate with; a stepping foot passes 1 m/s within a tenth of a second.
HEIGHTS_M = (0.035, 0.06)
SPEEDS_M_S = (0.30, 0.50)
SHORTEST_CONTACT_S = 0.10
SHORTEST_LIFT_S = 0.08
# Half the span over which speed is measured: wide enough for capture noise, narrow enough for a step.
SPEED_REACH_S = 1 / 30
_FEET = [house.LOWER_BODY.index(joint) for joint in house.CONTACT_JOINTS]


def detect_contacts(motion: Motion) -> np.ndarray:
    """Which contact joints rest on the floor, bool [T, 4] in the order of `house.CONTACT_JOINTS`.

    A joint is in contact while it is low and slow, with hysteresis on both; contacts shorter than
    0.10 s are dropped and lifts shorter than 0.08 s are closed, so the result does not chatter.
    Heights count from the clip's own floor, so a clip that floats is judged as one that stands.
    The motion must be on the house skeleton; ValueError otherwise.
    """
    return contacts_of(contact_positions_m(motion), motion.frame_rate_hz)


def contacts_of(feet_m: np.ndarray, frame_rate_hz: float, floor_m: float | None = None) -> np.ndarray:
    """Which contact joints, at positions [T, 4, 3], rest on the floor: what `detect_contacts` finds there.

    Where the floor's height is given, it is not looked for: what is found at a moment then does not depend on
    what is danced long before or after it.
    """
    if len(feet_m) == 0:
        return np.zeros((0, 4), dtype=bool)
    heights = feet_m[..., 1] - house.CONTACT_REST_HEIGHTS_M
    speeds = _speeds_m_s(feet_m, frame_rate_hz)
    heights = heights - (_floor_from(heights, speeds) if floor_m is None else floor_m)
    surely = (heights < HEIGHTS_M[0]) & (speeds < SPEEDS_M_S[0])
    perhaps = (heights < HEIGHTS_M[1]) & (speeds < SPEEDS_M_S[1])
    contacts = np.zeros(heights.shape, dtype=bool)
    for k in range(4):
        for start, end in runs(perhaps[:, k]):
            contacts[start:end, k] = surely[start:end, k].any()
        contacts[:, k] = without_chatter(contacts[:, k], frame_rate_hz)
    return contacts


def floor_height_m(motion: Motion) -> float:
    """Height of the floor that the dancer stands on, metres, house skeleton.

    The height at which the lowest contact joint, less its height in a flat foot, is found most often
    while it is slow: jumps, kicks, floor work and a few frames under the floor do not move it. When no
    foot is ever slow, all frames count. 0.0 for a motion without frames.
    """
    feet = contact_positions_m(motion)
    if len(feet) == 0:
        return 0.0
    heights = feet[..., 1] - house.CONTACT_REST_HEIGHTS_M
    return _floor_from(heights, _speeds_m_s(feet, motion.frame_rate_hz))


def contact_positions_m(motion: Motion) -> np.ndarray:
    """Global positions of the contact joints, metres, [T, 4, 3]."""
    if motion.skeleton.names != house.HOUSE.names:
        raise ValueError("contacts are defined on the house skeleton only: retarget the motion first")
    return motion.branch(house.LOWER_BODY).positions_m()[:, _FEET]


def _speeds_m_s(positions_m: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    reach = max(1, round(SPEED_REACH_S * frame_rate_hz))
    return quaternion.length(velocity(positions_m, frame_rate_hz, reach))


def _floor_from(heights_m: np.ndarray, speeds_m_s: np.ndarray) -> float:
    """The most frequent lowest height [T, 4] of a slow foot: a running 2 cm window with the most frames."""
    lowest = np.argmin(heights_m, axis=1)
    rows = np.arange(len(heights_m))
    values, speeds = heights_m[rows, lowest], speeds_m_s[rows, lowest]
    slow = speeds < SPEEDS_M_S[0]
    values = np.sort(values[slow] if slow.sum() >= min(10, len(slow)) else values)
    counts = np.searchsorted(values, values + 0.02, side="right") - np.arange(len(values))
    # A step or a stool may hold the feet almost as long as the floor: the lowest well-filled height wins.
    start = int(np.argmax(counts >= 0.7 * counts.max()))
    best = start + int(np.argmax(counts[start : np.searchsorted(values, values[start] + 0.02, side="right")]))
    return float(np.median(values[best : best + counts[best]]))


def without_chatter(mask: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """One joint's contacts, bool [T], without lifts shorter than 0.08 s and then without contacts under 0.10 s."""
    mask = mask.copy()
    for start, end in runs(~mask):
        inside = start > 0 and end < len(mask)
        if inside and (end - start) < SHORTEST_LIFT_S * frame_rate_hz - 1e-6:
            mask[start:end] = True
    for start, end in runs(mask):
        # At the clip's ends the rest of the contact lies outside.
        inside = start > 0 and end < len(mask)
        if inside and (end - start) < SHORTEST_CONTACT_S * frame_rate_hz - 1e-6:
            mask[start:end] = False
    return mask

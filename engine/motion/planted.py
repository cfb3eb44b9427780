"""A motion at other times than its frames', with feet that stand as still as they did.

Between two frames hips and legs are interpolated each for itself, and the foot at the end of them slides by
up to some millimetres though it stands in both. Wherever the source has a foot on the floor in two neighbouring
frames, the foot goes straight from its place in the one to its place in the other, and the leg follows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.contacts import detect_contacts
from engine.motion.motion import Motion
from engine.motion.resample import SAME_FRAME, time_warped

_ANKLES, _BALLS = ([leg[i] for leg in house.LOWER_LEGS] for i in (2, 3))
_AHEAD = np.array([0.0, 0.0, 1.0])
# Legs may come nearer to straight than in other work: they are moved by millimetres, from where they were in reach.
# One that was straighter than the first of these may stay as straight as it was.
_REACH, _STRAIGHT = 0.9999, 1.0 - 1e-12
_NOTHING_M = 1e-6


def planted_at(
    motion: Motion, source_times_s: np.ndarray, frame_rate_hz: float, contacts: np.ndarray | None = None
) -> Motion:
    """As `resample.time_warped`, with feet that stand; what falls on frames of the source is the same bit for bit.

    While a foot is in contact its way over the floor is nowhere longer than the source's.

    Args:
        motion: On the house's names, of any proportions; at least one frame.
        source_times_s: Time in the source of each frame wanted, seconds, never falling, [N].
        frame_rate_hz: Rate of the result.
        contacts: Of the source, bool [T, 4] in the order of `house.CONTACT_JOINTS`; detected when None.
    """
    warped = time_warped(motion, source_times_s, frame_rate_hz)
    exact = np.clip(np.asarray(source_times_s) * motion.frame_rate_hz, 0.0, motion.n_frames - 1.0)
    between = np.flatnonzero(np.abs(exact - np.round(exact)) >= SAME_FRAME)
    if len(between) == 0:
        return warped
    contacts = detect_contacts(motion) if contacts is None else contacts
    first = np.floor(exact[between]).astype(int)
    per_foot = (contacts[first] & contacts[first + 1]).reshape(-1, 2, 2)
    stands = per_foot.any(axis=2)
    rows = np.flatnonzero(stands.any(axis=1))
    if len(rows) == 0:
        return warped
    between, first, stands, on_ball = between[rows], first[rows], stands[rows], per_foot[rows][..., 1]
    local = warped.local_rotations.copy()
    places = _standing(motion, first, exact[between] - first)
    here = replace(
        warped, root_positions_m=warped.root_positions_m[between], local_rotations=local[between]
    ).branch(house.LOWER_BODY)  # fmt: skip
    legs, slid = _legs(here, places, on_ball)
    for side, leg in enumerate(house.LEGS):
        own = stands[:, side] & slid[:, side]
        local[between[own][:, np.newaxis], leg[:3]] = legs[own][:, house.LOWER_LEGS[side][:3]]
    return replace(warped, local_rotations=local)


def _standing(motion: Motion, first: np.ndarray, fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ankles and balls [N, 2, 3] and turns of the feet [N, 2, 4] a fraction of the way on from frames `first`, [N]."""
    positions, rotations = motion.branch(house.LOWER_BODY).global_transforms()
    f = fraction[:, np.newaxis, np.newaxis]
    ankles, balls = ((1.0 - f) * positions[first][:, k] + f * positions[first + 1][:, k] for k in (_ANKLES, _BALLS))
    turned = quaternion.slerp(rotations[first][:, _ANKLES], rotations[first + 1][:, _ANKLES], f[..., 0])
    return ankles, balls, turned


def _legs(
    lower: Motion, places: tuple[np.ndarray, np.ndarray, np.ndarray], on_ball: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Local rotations of hips and legs with the feet at their places, [N, 9, 4], and which feet were not, bool [N, 2].

    `on_ball`, bool [N, 2], says whether it is the ball of the foot that has its place, or the ankle.
    """
    ankles, balls, turned = places
    positions, rotations = lower.global_transforms()
    from_ball = balls - quaternion.rotate(turned, lower.skeleton.offsets_m[_BALLS])
    targets = np.where(on_ball[..., np.newaxis], from_ball, ankles)
    hips, knees = ([leg[i] for leg in house.LOWER_LEGS] for i in (0, 1))
    line, thigh = positions[:, _ANKLES] - positions[:, hips], positions[:, knees] - positions[:, hips]
    along = quaternion.dot(thigh, line) / np.maximum(quaternion.dot(line, line), 1e-12)
    # The knee stays on the side where it is, wherever that is; a straight one may go ahead.
    hint = thigh - along[..., np.newaxis] * line + 1e-4 * quaternion.rotate(rotations[:, hips], _AHEAD)
    length = quaternion.length(thigh) + quaternion.length(positions[:, _ANKLES] - positions[:, knees])
    reach = np.clip(quaternion.length(line) / length, _REACH, _STRAIGHT)
    legs = ik.reach_all(
        lower.skeleton, positions, rotations, lower.local_rotations, [leg[:3] for leg in house.LOWER_LEGS],
        targets, turned, hint, exact_reach=reach[..., np.newaxis],
    )  # fmt: skip
    slid = quaternion.length(targets - positions[:, _ANKLES]) > _NOTHING_M
    return legs, slid | (quaternion.angle_between(turned, rotations[:, _ANKLES]) > _NOTHING_M)

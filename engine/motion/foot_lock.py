"""Feet that stand still while they carry weight, level on the floor and never through it.

The idea is that of Kovar, Schreiner & Gleicher 2002, "Footskate cleanup for motion capture editing":
plan where each foot must be (`foot_plan`), lower the root where a leg would overstretch, then solve the
legs (`ik`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.contacts import detect_contacts
from engine.motion.foot_clearance import cleared
from engine.motion.foot_plan import (
    BLEND_S,
    FORWARD,
    SOFT_FLOOR_M,
    Feet,
    distance_fade,
    planned_feet,
    reach_limit_m,
)
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothed, smoothstep, velocity

_HIPS, _, _ANKLES, _BALLS = (list(joints) for joints in zip(*house.LOWER_LEGS, strict=True))
_FEET = [house.LOWER_BODY.index(joint) for joint in house.CONTACT_JOINTS]
MOST_ROOT_DROP_M = 0.10
# A foot that would pull the root down further than this leaves the floor a little sooner, or lands a little
# later: a few centimetres of root are a deep bend of the other knee.
LET_GO_M, LET_GO_S = 0.02, 0.25


def lock_feet(
    motion: Motion,
    contacts: np.ndarray | None = None,
    keep: np.ndarray | None = None,
    *,
    slide_speed_m_s: float | None = None,
    clears: bool = False,
) -> Motion:
    """The motion with its feet held in place on the floor y = 0 wherever they are in contact.

    A foot in contact with ankle and toe stands flat; with the toe alone it rolls over the ball,
    with the ankle alone over the heel. Around contacts the correction fades within 0.2 s. No heel,
    ball or tip of the toes stays under the floor. The root sinks, smoothly and by no more than
    10 cm, where a supporting leg would overstretch. Frames that need no correction are not touched.

    Args:
        motion: On the house skeleton, standing on y = 0.
        contacts: Bool [T, 4] in the order of `house.CONTACT_JOINTS`; detected when None.
        keep: Bool [T], frames that must come back bit for bit. Feet are locked to where kept
            frames hold them, and corrections fade towards kept frames.
        slide_speed_m_s: Contacts in which the foot travels faster than this for 0.25 s are meant
            as slides and left alone. None locks them too.
        clears: Whether feet peel off the floor before they travel, as `foot_clearance` has it.
    """
    if motion.n_frames == 0:
        return motion
    contacts = detect_contacts(motion) if contacts is None else np.array(contacts, dtype=bool)
    keep = np.zeros(motion.n_frames, dtype=bool) if keep is None else np.asarray(keep, dtype=bool)
    lower = motion.branch(house.LOWER_BODY)
    positions, rotations = lower.global_transforms()
    if slide_speed_m_s is not None:
        contacts &= ~_slides(positions[:, _FEET], motion.frame_rate_hz, slide_speed_m_s)
    presence = distance_fade(keep, BLEND_S * motion.frame_rate_hz)
    feet = Feet(*(array[:, joints] for array in (positions, rotations) for joints in (_ANKLES, _BALLS)))
    hips = positions[:, _HIPS]
    per_foot = contacts.reshape(-1, 2, 2)
    plan, need = _reachable_plan(feet, hips, per_foot, keep, presence, motion.frame_rate_hz)
    if clears:
        plan = cleared(plan, per_foot & ~keep[:, np.newaxis, np.newaxis], presence, motion.frame_rate_hz)
    drop = presence * smooth_drop_m(need.max(axis=1), MOST_ROOT_DROP_M, motion.frame_rate_hz)
    solved = _solved(lower, positions, rotations, feet, plan, drop, keep)
    local = motion.local_rotations.copy()
    local[:, house.LOWER_BODY] = solved.local_rotations
    return replace(motion, root_positions_m=solved.root_positions_m, local_rotations=local)


def _slides(feet_m: np.ndarray, frame_rate_hz: float, slide_speed_m_s: float) -> np.ndarray:
    """Where contact joints [T, 4, 3] travel over the floor too fast for too long, bool [T, 4]."""
    speeds = velocity(smoothed(feet_m, 0.05 * frame_rate_hz), frame_rate_hz)[..., [0, 2]]
    fast = np.linalg.norm(speeds, axis=-1) > slide_speed_m_s
    for k in range(fast.shape[1]):
        for start, end in runs(fast[:, k]):
            fast[start:end, k] = (end - start) >= 0.25 * frame_rate_hz
    return fast


def _reachable_plan(
    feet: Feet, hips_m: np.ndarray, contacts: np.ndarray, keep: np.ndarray, presence: np.ndarray, frame_rate_hz: float
) -> tuple[Feet, np.ndarray]:
    """Where the feet should be, and how far the root must sink for each leg to reach there, metres, [T, 2].

    Contacts, bool [T, 2, 2], whose beginning or end the leg cannot reach are shortened.
    """
    ankle_m, whole = planned_feet(feet, hips_m, contacts, keep, presence, frame_rate_hz)
    lacking = _lacking_m(feet, ankle_m, hips_m, contacts)
    too_far = np.stack(
        [_overstretched_ends(lacking[:, i], contacts[:, i], keep, frame_rate_hz) for i in range(2)], axis=-1
    )
    if not too_far.any():
        return whole(), lacking
    contacts = contacts & ~too_far[..., np.newaxis]
    ankle_m, whole = planned_feet(feet, hips_m, contacts, keep, presence, frame_rate_hz)
    return whole(), _lacking_m(feet, ankle_m, hips_m, contacts)


def _lacking_m(feet: Feet, ankle_m: np.ndarray, hips_m: np.ndarray, contacts: np.ndarray) -> np.ndarray:
    """How far the hips [T, 2, 3] are too high for their legs while the feet are in contact, metres, [T, 2].

    `ankle_m` [T, 2, 3] are where the ankles should be.
    """
    line = hips_m - ankle_m
    aside = line[..., 0] ** 2 + line[..., 2] ** 2
    height = np.sqrt(np.maximum(reach_limit_m(feet.ankle_m - hips_m) ** 2 - aside, 0.0))
    # A foot that is where it was lacks nothing, however straight its leg.
    moved = smoothstep(quaternion.length(ankle_m - feet.ankle_m) / SOFT_FLOOR_M)
    return np.where(contacts[..., 0] | contacts[..., 1], moved * np.maximum(line[..., 1] - height, 0.0), 0.0)


def _overstretched_ends(
    lacking_m: np.ndarray, contacts: np.ndarray, keep: np.ndarray, frame_rate_hz: float
) -> np.ndarray:
    """Frames at the beginnings and ends of one foot's contacts that are too far away for the leg, bool [T]."""
    out, reach = np.zeros(len(keep), dtype=bool), round(LET_GO_S * frame_rate_hz)
    if not (lacking_m > LET_GO_M).any():
        return out
    for start, end in runs((contacts[:, 0] | contacts[:, 1]) & ~keep):
        far = np.flatnonzero(lacking_m[start:end] > LET_GO_M) + start
        late, early = far[far >= end - reach], far[far < start + reach]
        if len(late) and end < len(keep) and not keep[end]:
            out[late[0] : end] = True
        if len(early) and start > 0 and not keep[start - 1]:
            out[start : early[-1] + 1] = True
    return out


def smooth_drop_m(need_m: np.ndarray, most_m: float, frame_rate_hz: float) -> np.ndarray:
    """How far the root sinks, metres, [T]: as far as is needed, [T], but no more than `most_m`, and smoothly."""
    need_m = np.minimum(need_m, most_m)
    if not need_m.any():
        return need_m
    sigma = 0.5 * BLEND_S * frame_rate_hz
    return np.maximum(smoothed(_widest(need_m, round(1.5 * sigma)), sigma), 0.0)


def _widest(x: np.ndarray, reach: int) -> np.ndarray:
    """The largest value within +-`reach` frames."""
    padded = np.pad(x, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=-1)


def _solved(
    motion: Motion,
    positions: np.ndarray,
    rotations: np.ndarray,
    before: Feet,
    after: Feet,
    drop_m: np.ndarray,
    keep: np.ndarray,
) -> Motion:
    """The motion with root lowered and legs solved for the planned feet, where anything changed."""
    root = motion.root_positions_m.copy()
    local = motion.local_rotations.copy()
    lowered = drop_m > 1e-9
    root[lowered, 1] -= drop_m[lowered]
    moved = quaternion.length(after.ball_m - before.ball_m) > 1e-9
    moved |= quaternion.angle_between(after.rotation, before.rotation) > 1e-9
    moved |= quaternion.angle_between(after.toe_rotation, before.toe_rotation) > 1e-9
    moved = (moved | lowered[:, np.newaxis]) & ~keep[:, np.newaxis]
    rows = np.flatnonzero(moved.any(axis=1))
    if len(rows) == 0:
        return replace(motion, root_positions_m=root, local_rotations=local)
    joints, turns = positions[rows], rotations[rows]
    joints[..., 1] -= drop_m[rows, np.newaxis]
    legs = ik.reach_all(
        motion.skeleton, joints, turns, local[rows], [leg[:3] for leg in house.LOWER_LEGS],
        after.ankle_m[rows], after.rotation[rows], quaternion.rotate(turns[:, _HIPS], FORWARD),
    )  # fmt: skip
    toes = quaternion.multiply(quaternion.conjugate(after.rotation[rows]), after.toe_rotation[rows])
    legs[:, _BALLS] = quaternion.normalize(toes)
    for side, leg in enumerate(house.LOWER_LEGS):
        own = moved[rows, side]
        local[rows[own][:, np.newaxis], leg] = legs[own][:, leg]
    root[keep] = motion.root_positions_m[keep]
    return replace(motion, root_positions_m=root, local_rotations=local)

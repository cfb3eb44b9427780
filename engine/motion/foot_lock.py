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
from engine.motion.foot_plan import (
    BLEND_S,
    FORWARD,
    SOFT_FLOOR_M,
    Foot,
    distance_fade,
    planned_foot,
    reach_limit_m,
)
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothed, smoothstep, velocity

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
    """
    if motion.n_frames == 0:
        return motion
    contacts = detect_contacts(motion) if contacts is None else np.array(contacts, dtype=bool)
    keep = np.zeros(motion.n_frames, dtype=bool) if keep is None else np.asarray(keep, dtype=bool)
    positions, rotations = motion.global_transforms()
    if slide_speed_m_s is not None:
        contacts &= ~_slides(positions[:, house.CONTACT_JOINTS], motion.frame_rate_hz, slide_speed_m_s)
    presence = distance_fade(keep, BLEND_S * motion.frame_rate_hz)
    before, after, need = [], [], np.zeros(motion.n_frames)
    for side, (hip, _, ankle, ball) in enumerate(house.LEGS):
        foot = Foot(positions[:, ankle], positions[:, ball], rotations[:, ankle], rotations[:, ball])
        own = contacts[:, 2 * side : 2 * side + 2]
        plan, lacking = _reachable_plan(foot, positions[:, hip], own, keep, presence, motion.frame_rate_hz)
        before.append(foot)
        after.append(plan)
        need = np.maximum(need, lacking)
    drop = presence * _smooth_drop_m(need, motion.frame_rate_hz)
    return _solved(motion, positions, rotations, before, after, drop, keep)


def _slides(feet_m: np.ndarray, frame_rate_hz: float, slide_speed_m_s: float) -> np.ndarray:
    """Where contact joints [T, 4, 3] travel over the floor too fast for too long, bool [T, 4]."""
    speeds = velocity(smoothed(feet_m, 0.05 * frame_rate_hz), frame_rate_hz)[..., [0, 2]]
    fast = np.linalg.norm(speeds, axis=-1) > slide_speed_m_s
    for k in range(fast.shape[1]):
        for start, end in runs(fast[:, k]):
            fast[start:end, k] = (end - start) >= 0.25 * frame_rate_hz
    return fast


def _reachable_plan(
    foot: Foot, hip_m: np.ndarray, contacts: np.ndarray, keep: np.ndarray, presence: np.ndarray, frame_rate_hz: float
) -> tuple[Foot, np.ndarray]:
    """Where the foot should be, and how far the root must sink for its leg to reach there, metres, [T].

    Contacts, bool [T, 2], whose beginning or end the leg cannot reach are shortened.
    """
    plan = planned_foot(foot, hip_m, contacts, keep, presence, frame_rate_hz)
    lacking = _lacking_m(foot, plan, hip_m, contacts)
    too_far = _overstretched_ends(lacking, contacts, keep, frame_rate_hz)
    if not too_far.any():
        return plan, lacking
    contacts = contacts & ~too_far[:, np.newaxis]
    plan = planned_foot(foot, hip_m, contacts, keep, presence, frame_rate_hz)
    return plan, _lacking_m(foot, plan, hip_m, contacts)


def _lacking_m(foot: Foot, plan: Foot, hip_m: np.ndarray, contacts: np.ndarray) -> np.ndarray:
    """How far a hip [T, 3] is too high for its leg while the foot is in contact, metres, [T]."""
    line = hip_m - plan.ankle_m
    aside = line[:, 0] ** 2 + line[:, 2] ** 2
    height = np.sqrt(np.maximum(reach_limit_m(foot.ankle_m - hip_m) ** 2 - aside, 0.0))
    # A foot that is where it was lacks nothing, however straight its leg.
    moved = smoothstep(np.linalg.norm(plan.ankle_m - foot.ankle_m, axis=-1) / SOFT_FLOOR_M)
    return np.where(contacts[:, 0] | contacts[:, 1], moved * np.maximum(line[:, 1] - height, 0.0), 0.0)


def _overstretched_ends(
    lacking_m: np.ndarray, contacts: np.ndarray, keep: np.ndarray, frame_rate_hz: float
) -> np.ndarray:
    """Frames at the beginnings and ends of contacts that are too far away for the leg, bool [T]."""
    out, reach = np.zeros(len(keep), dtype=bool), round(LET_GO_S * frame_rate_hz)
    for start, end in runs((contacts[:, 0] | contacts[:, 1]) & ~keep):
        far = np.flatnonzero(lacking_m[start:end] > LET_GO_M) + start
        late, early = far[far >= end - reach], far[far < start + reach]
        if len(late) and end < len(keep) and not keep[end]:
            out[late[0] : end] = True
        if len(early) and start > 0 and not keep[start - 1]:
            out[start : early[-1] + 1] = True
    return out


def _smooth_drop_m(need_m: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """How far the root sinks, metres, [T]: as far as is needed, and smoothly."""
    need_m = np.minimum(need_m, MOST_ROOT_DROP_M)
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
    before: list[Foot],
    after: list[Foot],
    drop_m: np.ndarray,
    keep: np.ndarray,
) -> Motion:
    """The motion with root lowered and legs solved for the planned feet, where anything changed."""
    root = motion.root_positions_m.copy()
    local = motion.local_rotations.copy()
    lowered = drop_m > 1e-9
    root[lowered, 1] -= drop_m[lowered]
    for leg, old, new in zip(house.LEGS, before, after, strict=True):
        moved = np.linalg.norm(new.ball_m - old.ball_m, axis=-1) > 1e-9
        moved |= quaternion.angle_between(new.rotation, old.rotation) > 1e-9
        moved |= quaternion.angle_between(new.toe_rotation, old.toe_rotation) > 1e-9
        rows = np.flatnonzero((moved | lowered) & ~keep)
        if len(rows) == 0:
            continue
        joints, turns = positions[rows].copy(), rotations[rows]
        joints[..., 1] -= drop_m[rows, np.newaxis]
        hint = quaternion.rotate(turns[:, leg[0]], FORWARD)
        legs = ik.reach(
            motion.skeleton, joints, turns, motion.local_rotations[rows], (leg[0], leg[1], leg[2]),
            new.ankle_m[rows], new.rotation[rows], hint,
        )  # fmt: skip
        toe = quaternion.multiply(quaternion.conjugate(new.rotation[rows]), new.toe_rotation[rows])
        legs[:, leg[3]] = quaternion.normalize(toe)
        local[rows[:, np.newaxis], leg] = legs[:, leg]
    root[keep], local[keep] = motion.root_positions_m[keep], motion.local_rotations[keep]
    return replace(motion, root_positions_m=root, local_rotations=local)

"""Turns that no dancer makes, taken out of a made dance: a hand or a head that flips from one frame to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.bridging import bridged_rotations
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion

# The fastest that each joint turns against its parent, radians a second: what captured dancers exceed in one frame of
# a thousand, the faster side's. Shoulder blades, which they hardly turn, and hands, whose capture flips itself,
# are set by hand.
FASTEST_RAD_S = {
    "Hips": 11.0,
    "Spine": 6.0, "Spine1": 6.0, "Spine2": 6.0, "Neck": 6.0, "Head": 8.0,
    "Shoulder": 6.0, "Arm": 19.0, "ForeArm": 16.0, "Hand": 22.0, "FingerBase": 22.0,
    "UpLeg": 12.5, "Leg": 15.0, "Foot": 16.0, "ToeBase": 22.0,
}  # fmt: skip
# Fast steps within so many frames are one snap, out and back. It is bridged from no further than the second, and at
# this share of the fastest where that can be.
_ONE_SNAP_FRAMES, _FARTHEST_FRAMES, _EASE = 6, 9, 0.8
# A bridge that changes its turn by more than this share of the fastest from one frame to the next is a jolt itself.
_GENTLE = 0.45
_SEAM_FRAMES = 2  # at either side of a seam stay: it is smooth already


def _limit(name: str) -> float:
    return FASTEST_RAD_S[name.removeprefix("Left").removeprefix("Right")]


_MOST_RAD = np.array([_limit(name) for name in HOUSE.names]) / FRAME_RATE_HZ


def without_snaps(motion: Motion, start_frame: int, end_frame: int, joints: Iterable[int]) -> Motion:
    """The house motion in whose frames [start_frame, end_frame) none of some joints turns faster than dancers do.

    Where one does, the shortest stretch that can be is bridged by a smooth curve between the frames around it, as
    fast at both ends as they are. Every other frame, and every other joint, keeps all its bits, and so do two frames
    beside what lies around the segment. Where there is no room for the way, the slowest bridge is taken.
    """
    first = start_frame + _SEAM_FRAMES - 1 if start_frame > 0 else 0
    last = end_frame - _SEAM_FRAMES if end_frame < motion.n_frames else motion.n_frames - 1
    chosen = list(joints)
    if last - first < 2 or not chosen:
        return motion
    rotations = motion.local_rotations[first : last + 1, chosen].astype(float)
    too_fast = quaternion.angle_between(rotations[:-1], rotations[1:]) > _MOST_RAD[chosen]
    if not too_fast.any():
        return motion
    local = np.array(motion.local_rotations)
    # A frame more on either side tells how fast a bridge begins and ends.
    low, high = max(first - 1, 0), min(last + 2, motion.n_frames)
    for i in np.flatnonzero(too_fast.any(axis=0)):
        q, most = motion.local_rotations[low:high, chosen[i]].astype(float), float(_MOST_RAD[chosen[i]])
        for snap in _snaps(np.flatnonzero(too_fast[:, i]) + first - low):
            if _fastest(q, snap) > most:
                q = _eased(q, snap, (first - low, last - low), most)
        local[low:high, chosen[i]] = q
    return replace(motion, local_rotations=local)


def _snaps(steps: np.ndarray) -> list[tuple[int, int]]:
    """From which frame to which each snap goes, of the ascending frames after which steps are too fast."""
    out: list[tuple[int, int]] = []
    for step in steps.tolist():
        if out and step < out[-1][0] + _ONE_SNAP_FRAMES:
            out[-1] = (out[-1][0], step + 1)
        else:
            out.append((step, step + 1))
    return out


def _eased(q: np.ndarray, snap: tuple[int, int], ends: tuple[int, int], most_rad: float) -> np.ndarray:
    """One joint's rotations [T, 4] with a snap bridged, from and to frames within `ends`.

    The shortest that is slow enough and neither sets in nor ends with a jolt, else the gentlest of those slow enough,
    else the slowest.
    """
    best, least, gentlest = q, _fastest(q, snap), np.inf
    for reach in range(1, _FARTHEST_FRAMES + 1):
        begin, end = max(snap[0] - reach, ends[0]), min(snap[1] + reach, ends[1])
        bad = np.zeros(len(q), dtype=bool)
        bad[begin + 1 : end] = True
        bridged = bridged_rotations(q, bad)
        peak = max(_fastest(bridged, (begin, end)), _EASE * most_rad)
        jolt = _sharpest(bridged, (max(begin - 1, 0), min(end + 1, len(q) - 1)))
        if (peak, jolt) < (least, gentlest):
            best, least, gentlest = bridged, peak, jolt
        if least <= _EASE * most_rad and gentlest <= _GENTLE * most_rad:
            break
    return best


def _sharpest(q: np.ndarray, span: tuple[int, int]) -> float:
    """The largest change of the turn from frame to frame within the frames `span`, both included."""
    rows = q[span[0] : span[1] + 1]
    turns = quaternion.to_rotation_vector(quaternion.multiply(rows[1:], quaternion.conjugate(rows[:-1])))
    return float(quaternion.length(np.diff(turns, axis=0)).max(initial=0.0))


def _fastest(q: np.ndarray, span: tuple[int, int]) -> float:
    """The largest turn from one frame to the next within the frames `span`, both included."""
    rows = q[span[0] : span[1] + 1]
    return float(quaternion.angle_between(rows[:-1], rows[1:]).max())

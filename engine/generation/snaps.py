"""Turns that no dancer makes, taken out of a made dance: a hand or a head that flips from one frame to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from engine.motion import bridging, quaternion
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
# Snaps of a joint that lie further apart are bridged each for itself: a bridge sees a frame on either side.
_APART_FRAMES = 2 * _FARTHEST_FRAMES + 3
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
    # A frame more on either side tells how fast a bridge begins and ends.
    low, high = max(first - 1, 0), min(last + 2, motion.n_frames)
    fast = np.flatnonzero(too_fast.any(axis=0))
    joints, most = [chosen[i] for i in fast], _MOST_RAD[chosen][fast]
    q = np.ascontiguousarray(motion.local_rotations[low:high, joints].astype(float).swapaxes(0, 1))
    snaps = [_snaps(np.flatnonzero(too_fast[:, i]) + first - low) for i in fast]
    for together in _rounds(snaps):
        some = [(i, snap) for i, snap in together if _fastest(q[i], snap) > most[i]]
        if some:
            joint, spans = np.array([i for i, _ in some]), np.array([span for _, span in some])
            _ease(q, joint, spans, (first - low, last - low), most[joint])
    local = np.array(motion.local_rotations)
    local[low:high, joints] = q.swapaxes(0, 1)
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


def _rounds(snaps: list[list[tuple[int, int]]]) -> list[list[tuple[int, tuple[int, int]]]]:
    """The snaps of some joints, each with its joint's place, in rounds: what is bridged in one does not meet."""
    out: list[list[tuple[int, tuple[int, int]]]] = []
    for i, of_joint in enumerate(snaps):
        turn, behind = 0, -_APART_FRAMES
        for snap in of_joint:
            turn = turn + 1 if snap[0] < behind + _APART_FRAMES else 0
            out.extend([] for _ in range(turn + 1 - len(out)))
            out[turn].append((i, snap))
            behind = snap[1]
    return out


def _ease(
    q: np.ndarray, joint: np.ndarray, snaps: np.ndarray, ends: tuple[int, int], most_rad: np.ndarray
) -> None:
    """Bridge snaps [K, 2] of joints [K] in the rotations of all joints [J, T, 4], from and to frames within `ends`.

    The shortest bridge that is slow enough and neither sets in nor ends with a jolt, else the gentlest of those slow
    enough, else the slowest.
    """
    reach = np.arange(1, _FARTHEST_FRAMES + 1)
    begin = np.maximum(snaps[:, :1] - reach, ends[0])
    end = np.minimum(snaps[:, 1:] + reach, ends[1])
    frames, bridges = _bridges(q, joint[:, np.newaxis], begin, end)
    peaks, jolts = _peaks_and_jolts(bridges, frames, begin, end)
    for i, (snap, most) in enumerate(zip(snaps.tolist(), most_rad.tolist(), strict=True)):
        best, least, gentlest = -1, _fastest(q[joint[i]], snap), np.inf
        for k, (peak, jolt) in enumerate(zip(peaks[i].tolist(), jolts[i].tolist(), strict=True)):
            peak = max(peak, _EASE * most)
            if (peak, jolt) < (least, gentlest):
                best, least, gentlest = k, peak, jolt
            if least <= _EASE * most and gentlest <= _GENTLE * most:
                break
        if best >= 0:
            inside = (frames[i, best] > begin[i, best]) & (frames[i, best] < end[i, best])
            q[joint[i], frames[i, best, inside]] = bridges[i, best, inside]


def _bridges(
    q: np.ndarray, joint: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What bridges between frames [K, R] of joints [K, 1] make of the frames there and of one on either side.

    Frames [K, R, W] and rotations [K, R, W, 4]; where there are fewer, the last are told again.
    """
    n = q.shape[1]
    frames = (begin - 1)[..., np.newaxis] + np.arange((end - begin).max() + 3)
    frames = np.clip(frames, 0, np.minimum(end + 1, n - 1)[..., np.newaxis])
    at_begin, at_end, span = q[joint, begin], q[joint, end], (end - begin)[..., np.newaxis]
    way = bridging.turn_between(at_begin, at_end)
    arriving = bridging.turn_between(q[joint, np.maximum(begin - 1, 0)], at_begin) * span
    leaving = bridging.turn_between(at_end, q[joint, np.minimum(end + 1, n - 1)]) * span
    slope_in = np.where((begin > 0)[..., np.newaxis], arriving, way)
    slope_out = np.where((end + 1 < n)[..., np.newaxis], leaving, way)
    f = (frames - begin[..., np.newaxis]) / span
    at_begin, way, slope_in, slope_out = (x[..., np.newaxis, :] for x in (at_begin, way, slope_in, slope_out))
    bridges = bridging.on_bridge(at_begin, way, slope_in, slope_out, f[..., np.newaxis])
    inside = (f > 0.0) & (f < 1.0)
    return frames, np.where(inside[..., np.newaxis], bridges, q[joint[..., np.newaxis], frames])


def _peaks_and_jolts(
    rows: np.ndarray, frames: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The largest turn from one frame to the next between `begin` and `end`, and the largest change of the turn there
    and to the frames beside, both [K, R], of rotations [K, R, W, 4] at `frames` [K, R, W]."""
    steps = quaternion.multiply(rows[..., 1:, :], quaternion.conjugate(rows[..., :-1, :]))
    turns = quaternion.to_rotation_vector(steps)
    begin, end = begin[..., np.newaxis], end[..., np.newaxis]
    crossed = (frames[..., :-1] >= begin) & (frames[..., 1:] <= end)
    peaks = np.where(crossed, quaternion.length(turns), 0.0).max(axis=-1)
    stepped = frames[..., 1:] > frames[..., :-1]
    changes = quaternion.length(np.diff(turns, axis=-2))
    jolts = np.where(stepped[..., 1:] & stepped[..., :-1], changes, 0.0).max(axis=-1, initial=0.0)
    return peaks, jolts


def _fastest(q: np.ndarray, span: Sequence[int]) -> float:
    """The largest turn from one frame to the next within the frames `span`, both included."""
    rows = q[span[0] : span[1] + 1]
    return float(quaternion.angle_between(rows[:-1], rows[1:]).max())

"""The preprocessing of captured motion, one function a step; each also says what it changed.

The steps are those of Lin & Feng 2025, section "Data preprocessing": one coordinate system, gaps interpolated,
noise filtered, body proportions normalised (that is `engine.motion.retarget`). What optical capture gets wrong in
ways of its own stands in `flips`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import signal

from engine.generation.gaze import looking_up, nod_rad
from engine.generation.training.corpus.flips import groups
from engine.motion import house, quaternion
from engine.motion.bridging import bridged
from engine.motion.contacts import floor_height_m
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothed, velocity

# No dancer does this: a faster root or joint is a fault of the capture.
ROOT_LIMIT_M_S = 5.0
JOINT_LIMIT_M_S = 15.0
# A sole steeper than this does not stand on its heel.
STEEPEST_SOLE_RAD = np.radians(50)
# After mending, nothing in a usable frame is faster than this.
USABLE_M_S = 13.0
# Gaps up to here are interpolated; longer ones are bridged too, and their frames marked unusable.
LONGEST_GAP_S = 0.25
# A body whose joints move slower than this on average is waiting.
STILL_M_S = 0.06
KEPT_STILLNESS_S = 1.0
# Captured noise lies above this; the sharpest accents of the dance clips below.
NOISE_HZ = 10.0
NOISE_AT_CONTACTS_HZ = 18.0
# A head that looks this far down for half of a take was fitted so.
CROOKED_RAD = np.radians(8)
# A foot that rises this far between two stands has made a step.
LIFT_M = 0.02
# A contact that travels further and faster than this is a slide that the dancer meant.
SLIDE_M = 0.06
SLIDE_M_S = 0.12


def despiked(motion: Motion, joints: Sequence[int]) -> tuple[Motion, np.ndarray, int]:
    """The motion with spikes bridged, which frames are usable, bool [T], and how many frames were mended.

    A spike is a run of frames entered and left by steps that none of the listed joints can make.
    """
    limit = LONGEST_GAP_S * motion.frame_rate_hz
    bad = _spikes(motion, joints)
    usable = np.ones(motion.n_frames, dtype=bool)
    mended = bridged(motion, bad)
    for start, end in runs(bad):
        if end - start > limit or start == 0 or end == motion.n_frames:
            usable[start:end] = False
    # A jump to another place is no spike: what remains too fast is not usable.
    usable &= ~_too_fast(mended, joints, ROOT_LIMIT_M_S, JOINT_LIMIT_M_S)
    return mended, usable, int(bad.sum())


def with_gaps_filled(motion: Motion) -> tuple[Motion, np.ndarray, int]:
    """The motion with dropped frames interpolated, which frames are usable, bool [T], and how many were filled.

    A dropped frame repeats the one before to the last digit; a body that holds still never does.
    """
    same = np.zeros(motion.n_frames, dtype=bool)
    same[1:] = np.all(motion.local_rotations[1:] == motion.local_rotations[:-1], axis=(1, 2))
    same[1:] &= np.all(motion.root_positions_m[1:] == motion.root_positions_m[:-1], axis=1)
    usable = np.ones(motion.n_frames, dtype=bool)
    for start, end in runs(same):
        if end - start > LONGEST_GAP_S * motion.frame_rate_hz:
            usable[start:end] = False
    return bridged(motion, same & usable), usable, int(same.sum())


def without_noise(motion: Motion, contacts: np.ndarray) -> tuple[Motion, float]:
    """The motion low-passed without delay, and the mean change of a joint in metres.

    A fourth-order Butterworth filter run both ways at `NOISE_HZ`; within 0.1 s of a foot's landing or leaving,
    [T, 4] in `contacts`, at `NOISE_AT_CONTACTS_HZ`, so that steps keep their edge.
    """
    changes = np.zeros(motion.n_frames)
    changes[1:] = np.any(contacts[1:] != contacts[:-1], axis=1)
    width = max(1, round(0.1 * motion.frame_rate_hz))
    near = np.convolve(changes, np.hanning(2 * width + 3)[1:-1], mode="same").clip(0.0, 1.0)
    q = quaternion.unroll(motion.local_rotations)
    root, turned = motion.root_positions_m, q
    for weight, cut_hz in ((1.0 - near, NOISE_HZ), (near, NOISE_AT_CONTACTS_HZ)):
        w = weight[:, np.newaxis]
        root = root + w * (_low_passed(motion.root_positions_m, cut_hz, motion.frame_rate_hz) - motion.root_positions_m)
        turned = turned + w[..., np.newaxis] * (_low_passed(q, cut_hz, motion.frame_rate_hz) - q)
    out = replace(motion, root_positions_m=root, local_rotations=quaternion.normalize(turned))
    moved = np.linalg.norm(out.positions_m() - motion.positions_m(), axis=-1)
    return out, float(moved.mean()) if moved.size else 0.0


def with_head_up(motion: Motion) -> tuple[Motion, float]:
    """The house motion whose head looks ahead in the middle of its nods, and how far it was turned for that, degrees.

    Markers sit on a head as a cap sits. A head that in half of all frames looks more than CROOKED_RAD below where the
    chest faces was fitted so, from first to last; what is left is the dancer's own.
    """
    down_rad = float(np.median(nod_rad(motion)))
    if down_rad < CROOKED_RAD:
        return motion, 0.0
    return looking_up(motion, np.full(motion.n_frames, down_rad)), float(np.degrees(down_rad))


def on_floor(motion: Motion) -> tuple[Motion, float]:
    """The house motion with its floor at y = 0, and how far it was moved up, metres."""
    shift = -floor_height_m(motion)
    return replace(motion, root_positions_m=motion.root_positions_m + np.array([0.0, shift, 0.0])), shift


def planted(motion: Motion, contacts: np.ndarray) -> np.ndarray:
    """The contacts [T, 4] in which a foot stands: no heels of steep feet, no small steps on the spot, no slides.

    `detect_contacts` forgives a lift of a few centimetres, as a generated dance needs; in a capture it is a step.
    """
    positions, rotations = motion.global_transforms()
    feet = positions[:, house.CONTACT_JOINTS]
    out = contacts.copy()
    for side, leg in enumerate(house.LEGS):
        sole_up = quaternion.rotate(rotations[:, leg[2]], np.array([0.0, 1.0, 0.0]))[:, 1]
        out[:, 2 * side] &= sole_up > np.cos(STEEPEST_SOLE_RAD)
    for k in range(4):
        for start, end in runs(out[:, k]):
            out[start:end, k] &= ~_lifts(feet[start:end, k, 1])
        for start, end in runs(out[:, k]):
            out[start:end, k] = not _slides(feet[start:end, k], motion.frame_rate_hz)
    return out


def _lifts(heights_m: np.ndarray) -> np.ndarray:
    """Frames [T] of humps that rise above what lies on either side of them by more than `LIFT_M`."""
    before = np.minimum.accumulate(heights_m)
    after = np.minimum.accumulate(heights_m[::-1])[::-1]
    above = heights_m - np.maximum(before, after)
    out = above > 0.5 * LIFT_M
    for start, end in runs(out):
        out[start:end] = above[start:end].max() > LIFT_M
    return out


def _slides(way_m: np.ndarray, frame_rate_hz: float) -> bool:
    """Whether a foot that goes along `way_m` [T, 3] means to."""
    travel = float(np.linalg.norm((way_m[-1] - way_m[0])[[0, 2]]))
    return travel > SLIDE_M and travel > SLIDE_M_S * max(len(way_m) - 1, 1) / frame_rate_hz


def dance_span(motion: Motion) -> tuple[int, int]:
    """The frames [start, end) without the stillness before and after, of which `KEPT_STILLNESS_S` is left.

    Captures begin and end with a dancer who stands and waits; a model would learn to wait.
    """
    n = motion.n_frames
    speeds = np.linalg.norm(velocity(motion.positions_m(), motion.frame_rate_hz), axis=-1).mean(axis=1)
    moving = np.flatnonzero(smoothed(speeds, 0.1 * motion.frame_rate_hz) > STILL_M_S)
    if len(moving) == 0:
        return 0, n
    kept = round(KEPT_STILLNESS_S * motion.frame_rate_hz)
    return max(int(moving[0]) - kept, 0), min(int(moving[-1]) + 1 + kept, n)


def usable_frames(motion: Motion) -> np.ndarray:
    """Frames in which nothing moves faster than `USABLE_M_S`, bool [T]."""
    return ~_too_fast(motion, range(1, motion.skeleton.n_joints), USABLE_M_S, USABLE_M_S)


def _spikes(motion: Motion, joints: Sequence[int]) -> np.ndarray:
    """Frames between impossible steps that lie within `LONGEST_GAP_S` of each other, bool [T]."""
    steps = _impossible_steps(motion, joints, ROOT_LIMIT_M_S, JOINT_LIMIT_M_S)
    bad = np.zeros(motion.n_frames, dtype=bool)
    for group in groups(np.flatnonzero(steps), LONGEST_GAP_S * motion.frame_rate_hz):
        # Step i leads from frame i to i + 1. A lone one says not which side is wrong: bridge both.
        first, last = group[0], group[-1]
        bad[first + 1 : last + 1] = True
        if first == last:
            bad[first : first + 2] = True
    return bad


def _impossible_steps(motion: Motion, joints: Sequence[int], root_m_s: float, joint_m_s: float) -> np.ndarray:
    """True for each step between frames that is too fast, bool [T-1]."""
    positions = motion.positions_m()[:, [0, *joints]]
    speeds = np.linalg.norm(np.diff(positions, axis=0), axis=-1) * motion.frame_rate_hz
    return (speeds[:, 0] > root_m_s) | (speeds.max(axis=1, initial=0.0) > joint_m_s)


def _too_fast(motion: Motion, joints: Sequence[int], root_m_s: float, joint_m_s: float) -> np.ndarray:
    out = np.zeros(motion.n_frames, dtype=bool)
    if motion.n_frames > 1:
        steps = _impossible_steps(motion, joints, root_m_s, joint_m_s)
        out[:-1] |= steps
        out[1:] |= steps
    return out


def _low_passed(x: np.ndarray, cut_hz: float, rate_hz: float) -> np.ndarray:
    if cut_hz >= 0.45 * rate_hz or len(x) < 16:
        return x
    sections = signal.butter(4, cut_hz, fs=rate_hz, output="sos")
    return signal.sosfiltfilt(sections, x, axis=0)

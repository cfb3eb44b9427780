"""The preprocessing of captured motion, one function a step; each also says what it changed.

The steps are those of Lin & Feng 2025, section "Data preprocessing": one coordinate system, gaps interpolated,
noise filtered, body proportions normalised (that is `engine.motion.retarget`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import signal

from engine.motion import house, quaternion
from engine.motion.contacts import floor_height_m
from engine.motion.motion import Motion
from engine.motion.rig import Binding
from engine.motion.signals import runs
from engine.motion.skeleton import Skeleton

# No dancer does this: a faster root or joint is a fault of the capture.
ROOT_LIMIT_M_S = 5.0
JOINT_LIMIT_M_S = 15.0
# Faster than any joint turns; the fits of optical capture flip limbs by half a turn from frame to frame.
FLIP_RAD_S = 90.0
# Flips out and back within this long are undone. Frames this far off the way between are part of a flip.
LONGEST_FLIP_S = 0.5
OFF_PATH_RAD = np.radians(60)
# Frames this near to a flip are on their way to it.
ON_ITS_WAY_S = 0.05
# No joint bends further from a standing body's; beyond, the fit has turned the bone round.
FARTHEST_RAD = {
    "Neck": np.radians(90),
    "Head": np.radians(90),
    "Foot": np.radians(105),
    "ToeBase": np.radians(95),
    "Hand": np.radians(130),
}
# Nor does a foot roll further than this round its length (the sole of a rolled foot looks sideways, not up).
FARTHEST_ROLL_RAD = np.radians(100)
# A waist bent further than the first (a dancer in a deep bend reaches 50 degrees) means a pelvis turned the wrong
# way; it is wrong until the waist is bent less than the second.
BROKEN_WAIST_RAD = (np.radians(60), np.radians(40))
# A sole steeper than this does not stand on its heel.
STEEPEST_SOLE_RAD = np.radians(50)
# After mending, nothing in a usable frame is faster than this.
USABLE_M_S = 13.0
# Gaps up to here are interpolated; longer ones are bridged too, and their frames marked unusable.
LONGEST_GAP_S = 0.25
# Captured noise lies above this; the sharpest accents of the dance clips below.
NOISE_HZ = 10.0
NOISE_AT_CONTACTS_HZ = 18.0
# A contact that travels further and faster than this is a slide that the dancer meant.
SLIDE_M = 0.06
SLIDE_M_S = 0.12


def unflipped(motion: Motion, binding: Binding) -> tuple[Motion, np.ndarray, int]:
    """The motion with flipped joints undone, which frames are usable, bool [T], and how many frames were mended.

    Each joint that the body map uses is mended by itself. A foot turned round its own length is turned back. Where
    a joint leaves a path by impossible turns and comes back to it, or is bent as no joint bends (`FARTHEST_RAD`),
    it is slerped; a flip that stays makes the frames around its turns unusable.
    """
    skeleton = motion.skeleton
    local = np.array(motion.local_rotations)
    usable = np.ones(motion.n_frames, dtype=bool)
    mended = np.zeros(motion.n_frames, dtype=bool)
    pelvis = _broken_pelvis(local, skeleton, binding)
    usable &= ~pelvis
    for joint, house_joint in _used_joints(skeleton, binding).items():
        bone = house_joint.removeprefix("Left").removeprefix("Right")
        rest = skeleton.rest_rotations[joint]
        if bone == "Foot":
            local[:, joint], rolled = _rolled_back(local[:, joint], rest, _bone_way(skeleton, joint))
            mended |= rolled
        if bone == "Head":
            local[:, joint], turned = _set_upright(local[:, joint], rest, motion.frame_rate_hz)
            mended |= turned
        bad, lasting = _flips(local[:, joint], motion.frame_rate_hz)
        if bone not in ("Hand", "FingerBase", "ToeBase"):  # those move nothing but themselves
            usable &= ~lasting
        broken = quaternion.angle_between(local[:, joint], rest) > FARTHEST_RAD.get(bone, np.inf)
        if broken.mean() < 0.5:  # else it is the rest pose that is odd
            bad |= broken
        if bone in ("Hips", "Spine", "UpLeg"):
            bad |= pelvis
        bad = _widened(bad, round(ON_ITS_WAY_S * motion.frame_rate_hz))
        local[:, joint] = _bridged_rotations(local[:, joint], bad)
        mended |= bad
    return replace(motion, local_rotations=local), usable, int(mended.sum())


def despiked(motion: Motion, joints: Sequence[int]) -> tuple[Motion, np.ndarray, int]:
    """The motion with spikes bridged, which frames are usable, bool [T], and how many frames were mended.

    A spike is a run of frames entered and left by steps that none of the listed joints can make. The bridge is a
    slerp of each rotation and a cubic Hermite curve of the root.
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


def bridged(motion: Motion, bad: np.ndarray) -> Motion:
    """The motion with runs of bad frames, bool [T], interpolated from the frames around them."""
    root = np.array(motion.root_positions_m)
    n = motion.n_frames
    for start, end in runs(bad):
        if start == 0 or end == n:
            if end - start < n:
                root[start:end] = root[end if start == 0 else start - 1]
            continue
        before, after, span = start - 1, end, end - start + 1
        f = (np.arange(1, span) / span)[:, np.newaxis]
        slope_in = (root[before] - root[before - 1]) * span if before > 0 and not bad[before - 1] else 0.0
        slope_out = (root[after + 1] - root[after]) * span if after + 1 < n and not bad[after + 1] else 0.0
        root[start:end] = _hermite(root[before], slope_in, root[after], slope_out, f)
    local = _bridged_rotations(motion.local_rotations, bad)
    return replace(motion, root_positions_m=root, local_rotations=local)


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


def on_floor(motion: Motion) -> tuple[Motion, float]:
    """The house motion with its floor at y = 0, and how far it was moved up, metres."""
    shift = -floor_height_m(motion)
    return replace(motion, root_positions_m=motion.root_positions_m + np.array([0.0, shift, 0.0])), shift


def planted(motion: Motion, contacts: np.ndarray) -> np.ndarray:
    """The contacts [T, 4] that stand: no heels of steep feet, nor spans in which the dancer slides on purpose."""
    positions, rotations = motion.global_transforms()
    feet = positions[:, house.CONTACT_JOINTS][..., [0, 2]]
    out = contacts.copy()
    for side, leg in enumerate(house.LEGS):
        sole_up = quaternion.rotate(rotations[:, leg[2]], np.array([0.0, 1.0, 0.0]))[:, 1]
        out[:, 2 * side] &= sole_up > np.cos(STEEPEST_SOLE_RAD)
    for k in range(4):
        for start, end in runs(out[:, k]):
            way = feet[start:end, k]
            travel = float(np.linalg.norm(way[-1] - way[0]))
            seconds = max(end - start - 1, 1) / motion.frame_rate_hz
            if travel > SLIDE_M and travel / seconds > SLIDE_M_S:
                out[start:end, k] = False
    return out


def usable_frames(motion: Motion) -> np.ndarray:
    """Frames in which nothing moves faster than `USABLE_M_S`, bool [T]."""
    return ~_too_fast(motion, range(1, motion.skeleton.n_joints), USABLE_M_S, USABLE_M_S)


def _spikes(motion: Motion, joints: Sequence[int]) -> np.ndarray:
    """Frames between impossible steps that lie within `LONGEST_GAP_S` of each other, bool [T]."""
    steps = _impossible_steps(motion, joints, ROOT_LIMIT_M_S, JOINT_LIMIT_M_S)
    bad = np.zeros(motion.n_frames, dtype=bool)
    for group in _groups(np.flatnonzero(steps), LONGEST_GAP_S * motion.frame_rate_hz):
        # Step i leads from frame i to i + 1. A lone one says not which side is wrong: bridge both.
        first, last = group[0], group[-1]
        bad[first + 1 : last + 1] = True
        if first == last:
            bad[first : first + 2] = True
    return bad


def _groups(at: np.ndarray, nearest: float) -> list[np.ndarray]:
    """Sorted positions in groups whose members lie no further than `nearest` from the next."""
    if len(at) == 0:
        return []
    return np.split(at, np.flatnonzero(np.diff(at) > nearest) + 1)


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


def _used_joints(skeleton: Skeleton, binding: Binding) -> dict[int, str]:
    """Every joint that a mapped one depends on -> the house joint at the lower end of its stretch."""
    used: dict[int, str] = {}
    mapped = {joint: name for name, joint in binding.turned.items()}
    for name, joint in binding.turned.items():
        at = joint
        while at >= 0 and (at == joint or at not in mapped):
            used.setdefault(at, name)
            at = int(skeleton.parents[at])
    return used


def _bone_way(skeleton: Skeleton, joint: int) -> np.ndarray:
    """Where a joint's bone points, in the joint's frame, [3]; zero where that is unknown."""
    children = skeleton.children(joint)
    return skeleton.offsets_m[children[0]] if children else skeleton.tips_m[joint]


def _rolled_back(q: np.ndarray, rest: np.ndarray, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [T, 4] of a bone that points `way`, without half turns round its length; and where there was one."""
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        return q, np.zeros(len(q), dtype=bool)
    axis = way / length
    swing = quaternion.between(quaternion.rotate(rest, axis), quaternion.rotate(q, axis))
    swung = quaternion.multiply(swing, rest)
    twist = quaternion.multiply(quaternion.conjugate(swung), q)
    angle = 2.0 * np.arctan2(twist[:, 1:] @ axis, twist[:, 0])
    angle = (angle + np.pi) % (2.0 * np.pi) - np.pi
    rolled = np.abs(angle) > FARTHEST_ROLL_RAD
    angle = np.where(rolled, angle - np.pi * np.sign(angle), angle)
    back = quaternion.multiply(swung, quaternion.from_axis_angle(axis, angle))
    return np.where(rolled[:, np.newaxis], back, q), rolled


def _flips(q: np.ndarray, frame_rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Where one joint's rotations [T, 4] left their path and came back, and where they did not, both bool [T]."""
    bad, lasting = np.zeros(len(q), dtype=bool), np.zeros(len(q), dtype=bool)
    turns = np.linalg.norm(quaternion.angular_velocity(q, frame_rate_hz), axis=-1)
    cuts = np.flatnonzero(turns > FLIP_RAD_S) + 1
    for group in _groups(cuts, LONGEST_FLIP_S * frame_rate_hz):
        first, last = int(group[0]), int(group[-1])
        if quaternion.angle_between(q[first - 1], q[last]) > OFF_PATH_RAD:
            lasting[first - 1 : last + 1] = True
        elif last > first:
            path = _slerped(q[first - 1], q[last], last - first)
            bad[first:last] = quaternion.angle_between(path, q[first:last]) > OFF_PATH_RAD
    return bad, lasting


def _set_upright(q: np.ndarray, rest: np.ndarray, frame_rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """A head's rotations [T, 4] where they lie wrong for long, as they differ from their mean there; and where."""
    out, turned = q.copy(), np.zeros(len(q), dtype=bool)
    wrong = quaternion.angle_between(q, rest) > FARTHEST_RAD["Head"]
    for start, end in runs(_widened(wrong, round(0.1 * frame_rate_hz))):
        if end - start > LONGEST_FLIP_S * frame_rate_hz:
            mean = quaternion.normalize(quaternion.unroll(q[start:end]).mean(axis=0))
            worn = quaternion.multiply(quaternion.conjugate(mean), rest)  # how the head was put on the body
            out[start:end] = quaternion.multiply(q[start:end], worn)
            turned[start:end] = True
    return out, turned


def _broken_pelvis(local: np.ndarray, skeleton: Skeleton, binding: Binding) -> np.ndarray:
    """Frames in which the pelvis is turned against both the trunk and the legs, bool [T]."""
    joint = binding.turned.get("Spine")
    if joint is None:
        return np.zeros(len(local), dtype=bool)
    bend = quaternion.angle_between(local[:, joint], skeleton.rest_rotations[joint])
    bad = np.zeros(len(local), dtype=bool)
    for start, end in runs(bend > BROKEN_WAIST_RAD[1]):
        bad[start:end] = bend[start:end].max() > BROKEN_WAIST_RAD[0]
    return bad


def _widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """True wherever a True lies within `reach` frames."""
    out = mask.copy()
    for start, end in runs(mask):
        out[max(start - reach, 0) : end + reach] = True
    return out


def _bridged_rotations(q: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Rotations [T, ..., 4] with bad runs slerped, or held where the clip begins or ends in one."""
    out = np.array(q)
    for start, end in runs(bad):
        if start > 0 and end < len(q):
            out[start:end] = _slerped(q[start - 1], q[end], end - start)
        elif end - start < len(q):
            out[start:end] = q[end if start == 0 else start - 1]
    return out


def _slerped(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """The n rotations [n, ..., 4] evenly between `a` and `b`, both [..., 4], without those two."""
    f = (np.arange(1, n + 1) / (n + 1)).reshape(n, *[1] * (a.ndim - 1))
    return quaternion.slerp(a, b, np.broadcast_to(f, (n, *a.shape[:-1])))


def _hermite(
    a: np.ndarray, slope_a: np.ndarray | float, b: np.ndarray, slope_b: np.ndarray | float, f: np.ndarray
) -> np.ndarray:
    return (
        (2 * f**3 - 3 * f**2 + 1) * a
        + (f**3 - 2 * f**2 + f) * slope_a
        + (3 * f**2 - 2 * f**3) * b
        + (f**3 - f**2) * slope_b
    )


def _low_passed(x: np.ndarray, cut_hz: float, rate_hz: float) -> np.ndarray:
    if cut_hz >= 0.45 * rate_hz or len(x) < 16:
        return x
    sections = signal.butter(4, cut_hz, fs=rate_hz, output="sos")
    return signal.sosfiltfilt(sections, x, axis=0)

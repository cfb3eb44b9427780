"""Faults of optical capture fits: limbs flipped from frame to frame, rolled feet, heads worn upside down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.bridging import bridged_rotations, slerped
from engine.motion.motion import Motion
from engine.motion.rig import Binding
from engine.motion.signals import runs
from engine.motion.skeleton import Skeleton

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


def unflipped(motion: Motion, binding: Binding) -> tuple[Motion, np.ndarray, int]:
    """The motion with flipped joints undone, which frames are usable, bool [T], and how many frames were mended.

    Each joint that the body map uses is mended by itself. A foot turned round its own length is turned back. Where
    a joint leaves a path by impossible turns and comes back to it, or is bent as no joint bends (`FARTHEST_RAD`),
    it is bridged; a flip that stays makes the frames around its turns unusable.
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
        local[:, joint] = bridged_rotations(local[:, joint], bad)
        mended |= bad
    return replace(motion, local_rotations=local), usable, int(mended.sum())


def groups(at: np.ndarray, nearest: float) -> list[np.ndarray]:
    """Sorted positions in groups whose members lie no further than `nearest` from the next."""
    if len(at) == 0:
        return []
    return np.split(at, np.flatnonzero(np.diff(at) > nearest) + 1)


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


def _flips(q: np.ndarray, frame_rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Where one joint's rotations [T, 4] left their path and came back, and where they did not, both bool [T]."""
    bad, lasting = np.zeros(len(q), dtype=bool), np.zeros(len(q), dtype=bool)
    turns = np.linalg.norm(quaternion.angular_velocity(q, frame_rate_hz), axis=-1)
    cuts = np.flatnonzero(turns > FLIP_RAD_S) + 1
    for group in groups(cuts, LONGEST_FLIP_S * frame_rate_hz):
        first, last = int(group[0]), int(group[-1])
        if quaternion.angle_between(q[first - 1], q[last]) > OFF_PATH_RAD:
            lasting[first - 1 : last + 1] = True
        elif last > first:
            path = slerped(q[first - 1], q[last], last - first)
            bad[first:last] = quaternion.angle_between(path, q[first:last]) > OFF_PATH_RAD
    return bad, lasting


def _widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """True wherever a True lies within `reach` frames."""
    out = mask.copy()
    for start, end in runs(mask):
        out[max(start - reach, 0) : end + reach] = True
    return out


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


def _bone_way(skeleton: Skeleton, joint: int) -> np.ndarray:
    """Where a joint's bone points, in the joint's frame, [3]; zero where that is unknown."""
    children = skeleton.children(joint)
    return skeleton.offsets_m[children[0]] if children else skeleton.tips_m[joint]

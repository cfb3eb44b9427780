"""Ways to mend a span of a dance. Each gives the whole dance back, changed within [start, end) and blended there.

All take the dance, the span and the finding, as engine.structure.repairs.Mend.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import bridging, house, ik, quaternion
from engine.motion.blend import inertialise
from engine.motion.foot_lock import lock_feet
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from engine.motion.planted import planted_at
from engine.motion.signals import smoothed, smoothstep
from engine.structure.body import G_M_S2, Body
from engine.structure.finding import Finding
from engine.structure.ranges import RANGES

_MARGIN_DEG = 1.5
_CHAINS = {
    "Head": ("Neck", "Head"), "Spine1": ("Spine", "Spine1", "Spine2"),
}  # fmt: skip


def window(n: int, start: int, end: int, ramp: int) -> np.ndarray:
    """0 outside [start, end), 1 in its middle, with smooth ramps inside, [n]; no ramp at the ends of the dance."""
    frames = np.arange(n)
    rise = np.ones(n) if start == 0 else (frames - start + 1) / (ramp + 1.0)
    fall = np.ones(n) if end == n else (end - frames) / (ramp + 1.0)
    return smoothstep(np.minimum(rise, fall))


def jolts_near(motion: Motion, frame: int) -> np.ndarray:
    """The largest jolt of each joint within three frames of one, metres, [J] (engine.structure.body)."""
    first, last = max(frame - 7, 0), min(frame + 7, motion.n_frames)
    if last - first < 5:
        return np.zeros(HOUSE.n_joints)
    jolts = Body(motion.slice(first, last)).jolts
    return jolts[max(frame - first - 3, 0) : frame - first + 3].max(axis=0)


# --- rotations -------------------------------------------------------------------------------


def clamped(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """Joints turned towards the rest pose by as much as their range needs, no more, rising and falling smoothly."""
    local = motion.local_rotations.copy()
    low, high = sorted((finding.limit, 0.0))
    for row in RANGES:
        if row.rule != finding.rule or row.joint not in finding.joints:
            continue
        joints = [JOINT[name] for name in _CHAINS.get(row.joint, (row.joint,))]
        part = replace(motion, root_positions_m=motion.root_positions_m[start:end], local_rotations=local[start:end])
        least = np.zeros(end - start)  # the share of the way to the rest pose, by bisection
        most = np.ones(end - start)
        wrong = _outside(row.measure(Body(part)), low, high, 0.0)
        for _ in range(12):
            middle = 0.5 * (least + most)
            bad = _outside(row.measure(Body(_relaxed(part, joints, middle))), low, high, _MARGIN_DEG)
            least, most = np.where(bad, middle, least), np.where(bad, most, middle)
        share = np.where(wrong, most, 0.0)
        reach = max(2, round(0.1 * motion.frame_rate_hz))
        padded = np.pad(share, reach)
        widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=-1)
        share = np.clip(smoothed(widest, 0.4 * reach), 0.0, 1.0) * window(end - start, 0, end - start, 1)
        share *= window(motion.n_frames, start, end, 3)[start:end]
        local[start:end] = _relaxed(part, joints, share).local_rotations
    return replace(motion, local_rotations=local)


def clamped_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `clamped`, with feet that stay where they rested."""
    return locked(clamped(motion, start, end, finding), start, end, Body(motion).contacts)


def _outside(angle: np.ndarray, low: float, high: float, margin: float) -> np.ndarray:
    """Past the limit that is not 0; the rest pose is at 0 and within every range."""
    return angle < low + margin if high == 0.0 else angle > high - margin


def _relaxed(motion: Motion, joints: list[int], share: np.ndarray) -> Motion:
    local = motion.local_rotations.copy()
    for joint in joints:
        rest = np.broadcast_to(quaternion.IDENTITY, (len(local), 4))
        local[:, joint] = quaternion.slerp(local[:, joint], rest, share)
    return replace(motion, local_rotations=local)


def bridged_limb(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The limb of the finding's joints bridged from the frames before the span to those after it."""
    own = {name: part for name, part in house.BODY_PARTS.items() if any(JOINT[j] in part for j in finding.joints)}
    # Where a limb is to blame, hips and back that it met are not.
    parts = [part for name, part in own.items() if name.endswith(("arm", "leg"))] or list(own.values())
    if not parts:
        return bridged_body(motion, start, end, finding)
    joints = [joint for part in parts for joint in part]
    bad = _span(motion, start, end)
    local = motion.local_rotations.copy()
    local[:, joints] = bridging.bridged_rotations(motion.local_rotations[:, joints], bad)
    return replace(motion, local_rotations=local)


def bridged_body(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The whole body bridged, with its feet above the floor."""
    bridge = bridging.bridged(motion, _span(motion, start, end))
    return legs_above(bridge, start, end, finding)


def bridged_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `bridged_body`, with its feet locked where they rest."""
    return locked(bridging.bridged(motion, _span(motion, start, end)), start, end, None)


def bridged_and_set_down(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `bridged_body`, the body on the floor all the way."""
    return set_down(bridging.bridged(motion, _span(motion, start, end)), start, end, finding)


def eased_across(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `bridged_and_planted`, every joint by the shortest turn, from rest to rest: none swings out of its range."""
    bridge = bridging.bridged(motion, _span(motion, start, end))
    if start == 0 or end == motion.n_frames:
        return locked(bridge, start, end, None)
    share = smoothstep(np.arange(1, end - start + 1) / (end - start + 1.0))
    local, shape = bridge.local_rotations.copy(), (end - start, HOUSE.n_joints, 4)
    before, after = (np.broadcast_to(motion.local_rotations[at], shape) for at in (start - 1, end))
    local[start:end] = quaternion.slerp(before, after, np.broadcast_to(share[:, np.newaxis], shape[:2]))
    return locked(replace(bridge, local_rotations=local), start, end, None)


def breathed(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """A statue that breathes: the chest rises and sinks by two degrees in 1.5 seconds, and the arms with it."""
    weight = window(motion.n_frames, start, end, max(2, round(0.2 * motion.frame_rate_hz)))
    seconds = (np.arange(motion.n_frames) - start) / motion.frame_rate_hz
    swing = np.radians(2.0) * np.sin(2.0 * np.pi * seconds / 1.5) * weight
    local = motion.local_rotations.copy()
    for name, share in (("Spine1", -1.0), ("Spine2", -1.0), ("Neck", 1.0), ("LeftArm", 1.5), ("RightArm", 1.5)):
        turn = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), share * swing)
        local[:, JOINT[name]] = quaternion.multiply(turn, local[:, JOINT[name]])
    return replace(motion, local_rotations=local)


def calmed(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """Root and rotations smoothed by a Gaussian of a tenth of a second, within the span."""
    sigma = 0.1 * motion.frame_rate_hz
    weight = window(motion.n_frames, start, end, 5)
    unrolled = quaternion.unroll(motion.local_rotations)
    smooth = quaternion.normalize(smoothed(unrolled, sigma))
    local = quaternion.slerp(motion.local_rotations, smooth, np.repeat(weight[:, np.newaxis], HOUSE.n_joints, axis=1))
    root = motion.root_positions_m
    root = root + weight[:, np.newaxis] * (smoothed(root, sigma) - root)
    return replace(motion, root_positions_m=root, local_rotations=local)


# --- joins -----------------------------------------------------------------------------------


def inertialised(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The difference at the jump dies away from the jump to the end of the span."""
    return inertialise(motion, finding.peak_frame, max(end - finding.peak_frame, 1) / motion.frame_rate_hz)


def inertialised_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `inertialised`, with feet locked where they rest."""
    return locked(inertialised(motion, start, end, finding), start, end, None)


# --- feet and floor --------------------------------------------------------------------------


def legs_above(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """Feet lifted to the floor by the legs, wherever they are under it."""
    return locked(motion, start, end, np.zeros((motion.n_frames, 4), dtype=bool))


def lifted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The whole body lifted, as far as its lowest point needs."""
    need = np.maximum(0.005 - Body(motion).lowest, 0.0)
    need[:start], need[end:] = 0.0, 0.0
    reach = max(1, round(0.1 * motion.frame_rate_hz))
    widest = np.lib.stride_tricks.sliding_window_view(np.pad(need, reach), 2 * reach + 1).max(axis=-1)
    by = np.maximum(smoothed(widest, 0.5 * reach), 0.0) * window(motion.n_frames, start, end, 3)
    return _raised(motion, by)


def replanted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The sliding foot held on the floor from the beginning of the slide to its end."""
    contacts = Body(motion).contacts.copy()
    for k, joint in enumerate(house.CONTACT_JOINTS):
        if HOUSE.names[joint] in finding.joints:
            contacts[finding.start_frame : finding.end_frame, k] = True
    return locked(motion, start, end, contacts)


def jump_fitted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The centre of mass on the parabola of gravity through where it leaves the floor and comes back to it."""
    a, b = finding.start_frame, finding.end_frame
    t = np.arange(b - a) / motion.frame_rate_hz
    centre = Body(motion).centre[a:b, 1]
    last = max(float(t[-1]), 1e-6)
    wanted = centre[0] + (centre[-1] - centre[0]) * t / last + 0.5 * G_M_S2 * t * (last - t)
    by = np.zeros(motion.n_frames)
    by[a:b] = wanted - centre
    return _raised(motion, by)


def set_down(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """What floats is set down: the lowest point of the body on the floor."""
    height = np.maximum(smoothed(Body(motion).lowest, 0.05 * motion.frame_rate_hz), 0.0)
    down = legs_above(_raised(motion, -height * window(motion.n_frames, start, end, 4)), start, end, finding)
    return locked(down, start, end, None)


def softened(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The hips sink by 7 cm as the jump lands, over feet that stay where they are."""
    last = min(finding.start_frame + round(0.5 * motion.frame_rate_hz), end)
    return _sunk(motion, finding.start_frame, last, window(motion.n_frames, start, end, 2))


def crouched(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The hips sink by 7 cm before the jump, over feet that stay where they are."""
    first = max(finding.end_frame - round(0.5 * motion.frame_rate_hz), start)
    return _sunk(motion, first, finding.end_frame, window(motion.n_frames, start, end, 2))


def _sunk(motion: Motion, first: int, last: int, weight: np.ndarray) -> Motion:
    u = np.clip((np.arange(motion.n_frames) - first) / max(last - first, 1), 0.0, 1.0)
    drop = 0.07 * np.sin(np.pi * u) ** 2 * weight
    lower = motion.branch(house.LOWER_BODY)
    places, turns = lower.global_transforms()
    ankles = [leg[2] for leg in house.LOWER_LEGS]
    goals, facing = places[:, ankles], turns[:, ankles]
    sunk = places.copy()
    sunk[..., 1] -= drop[:, np.newaxis]
    hints = quaternion.rotate(turns[:, [leg[0] for leg in house.LOWER_LEGS]], np.array([0.0, 0.0, 1.0]))
    legs = ik.reach_all(
        lower.skeleton, sunk, turns, lower.local_rotations, [leg[:3] for leg in house.LOWER_LEGS], goals, facing, hints
    )
    local = motion.local_rotations.copy()
    rows = np.flatnonzero(drop > 0.0)
    local[rows[:, np.newaxis], list(house.LOWER_BODY)] = legs[rows]
    return replace(_raised(motion, -drop), local_rotations=local)


def held(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The end slowed down until it rests: the last 0.7 s of the span comes to a stop before the finding's frames."""
    rate, n = motion.frame_rate_hz, motion.n_frames
    rest = min(finding.start_frame, n - round(0.4 * rate))
    begin = max(rest - round(1.0 * rate), start, 0)
    times = np.arange(n, dtype=float)
    span = max(rest - begin, 1)
    u = np.clip((times - begin) / span, 0.0, 1.0)
    # From full speed to none along a cubic: half of the way is gone.
    times = np.where(times < begin, times, begin + span * (u - u**3 + 0.5 * u**4))
    return planted_at(motion, times / rate, rate)


def locked(motion: Motion, start: int, end: int, contacts: np.ndarray | None) -> Motion:
    """Feet locked within the span, on the part of the dance around it."""
    first, last = max(start - 30, 0), min(end + 30, motion.n_frames)
    keep = ~_span(motion, start, end)[first:last]
    part = lock_feet(motion.slice(first, last), None if contacts is None else contacts[first:last], keep)
    root, local = motion.root_positions_m.copy(), motion.local_rotations.copy()
    root[first:last], local[first:last] = part.root_positions_m, part.local_rotations
    return replace(motion, root_positions_m=root, local_rotations=local)


def _raised(motion: Motion, by_m: np.ndarray) -> Motion:
    root = motion.root_positions_m.copy()
    root[:, 1] += by_m
    return replace(motion, root_positions_m=root)


def _span(motion: Motion, start: int, end: int) -> np.ndarray:
    inside = np.zeros(motion.n_frames, dtype=bool)
    inside[start:end] = True
    return inside

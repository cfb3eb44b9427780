"""How movements follow one another: joins, shaking, stillness, and what no body can do in the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT, LEGS
from engine.motion.signals import runs, smoothed
from engine.structure.body import G_M_S2, Body
from engine.structure.hits import Hit, above

Limits = Mapping[str, float]
_LIMB_ENDS = tuple(JOINT[name] for name in ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head"))
# Half the span that is "around" a frame when it is asked whether a jump stands out.
_AROUND_S = 0.3
# Fingers and toes are what motion capture and retargeting know least of; they weigh nothing to the eye.
_SEEN = tuple(j for j, name in enumerate(HOUSE.names) if not name.endswith(("FingerBase", "ToeBase")) and j > 0)


def pose_jump(body: Body, limits: Limits) -> list[Hit]:
    """A joint that is elsewhere against the hips from one frame to the next: a jolt above `jolt_m`.

    A jolt is the step of a frame less the mean of the steps before and after it, and it must be `times` the median
    around it: a fast movement is fast for a while, a jump is not. What turned most tells whose jump it is.
    """
    found = [
        (joint, hit) for joint in _SEEN for hit in _standing_out(body, body.jolts[:, joint], (joint,), limits)
    ]
    return [replace(hit, joints=_blamed(body, joint, hit.peak_frame)) for joint, hit in found]


def place_jump(body: Body, limits: Limits) -> list[Hit]:
    """The hips are elsewhere in the room from one frame to the next: a jolt of theirs, as in `pose_jump`."""
    return _standing_out(body, body.jolts[:, 0], (JOINT["Hips"],), limits)


def speed_jump(body: Body, limits: Limits) -> list[Hit]:
    """A joint that has another velocity from one frame to the next: against the hips by more than `jump_m_s`.

    Bodies take some frames to speed up and to stop: the change must be `times` that of the frames on either side. A
    jump of the pose changes velocity twice, there and back, and is told by `pose_jump`.
    """
    if body.n < 5:
        return []
    places = body.positions[:, _SEEN] - body.positions[:, :1]
    change = np.zeros((body.n, len(_SEEN)))
    change[1:-1] = quaternion.length(np.diff(places, n=2, axis=0)) * body.rate_hz
    beside = np.maximum(np.roll(change, 1, axis=0), np.roll(change, -1, axis=0))
    rows = np.argwhere((change > limits["jump_m_s"]) & (change > limits["times"] * beside))
    return [
        Hit(int(t), int(t) + 1, int(t), _blamed(body, _SEEN[k], int(t)), float(change[t, k]), limits["jump_m_s"])
        for t, k in rows
    ]


def shaking(body: Body, limits: Limits) -> list[Hit]:
    """A joint that trembles: the median of its jolts over 0.6 s, as in `pose_jump`, is above `shake_m`.

    Jolts are half the third difference, jerk, in which capture noise and a network's nervousness show first.
    """
    hits: list[Hit] = []
    for joint in (0, *_SEEN):
        if (body.jolts[:, joint] > limits["shake_m"]).any():
            level = _median_around(body.jolts[:, joint], body.frames(_AROUND_S))
            hits += [
                replace(h, joints=_blamed(body, joint, h.peak_frame))
                for h in above(level, limits["shake_m"], (joint,), body.frames(limits["shortest_s"]))
            ]
    return hits


def too_fast(body: Body, limits: Limits) -> list[Hit]:
    """Hands, feet or head faster than `limb_m_s`, the hips faster than `hips_m_s`, for two frames or more."""
    hits: list[Hit] = []
    for joint in _LIMB_ENDS:
        hits += above(body.joint_speeds[:, joint], limits["limb_m_s"], (joint,), 2)
    return hits + above(body.joint_speeds[:, 0], limits["hips_m_s"], (0,), 2)


def turned_too_fast(body: Body, limits: Limits) -> list[Hit]:
    """Hips that turn about the vertical faster than `turn_deg_s` over a tenth of a second."""
    reach = body.frames(0.05)
    if body.n < 2 * reach + 1:
        return []
    speed = np.zeros(body.n)
    speed[reach:-reach] = np.abs(body.heading[2 * reach :] - body.heading[: -2 * reach]) * body.rate_hz / (2 * reach)
    return above(np.degrees(speed), limits["turn_deg_s"], (0,), 2)


def frozen(body: Body, limits: Limits) -> list[Hit]:
    """A body that stands like a statue for `still_s`: not even breath, mean joint speed under `speed_m_s`.

    Stillness at the beginning and at the end is meant.
    """
    still = body.joint_speeds.mean(axis=1) < limits["speed_m_s"]
    hits = []
    for hit in above(still.astype(float), 0.5, tuple(), body.frames(limits["still_s"]), 0):
        if hit.start_frame > 0 and hit.end_frame < body.n:
            seconds = (hit.end_frame - hit.start_frame) / body.rate_hz
            hits.append(Hit(hit.start_frame, hit.end_frame, hit.start_frame, (), seconds, limits["still_s"]))
    return hits


def restless(body: Body, limits: Limits) -> list[Hit]:
    """A stretch that jerks more than the style does: mean jerk of the joints over half a second above `jerk_m_s3`."""
    return above(jerk_m_s3(body), limits["jerk_m_s3"], (), body.frames(limits["shortest_s"]))


def weighted_step(body: Body, limits: Limits) -> list[Hit]:
    """A step with the foot that carries the weight, while the other one stays where it is.

    As the foot leaves the floor the extrapolated centre of mass, centre + velocity / sqrt(g / height) (Hof, Gazendam
    and Sinke 2005), must be on its way to the other foot; its share on the side of the foot that goes is `load` or
    more, and the other foot stands for `stands_s` before and after.
    """
    reach = body.frames(limits["stands_s"])
    pendulum_s = np.sqrt(np.maximum(body.centre[:, 1:2], 0.3) / G_M_S2)
    place = (body.centre + pendulum_s * body.centre_velocity)[:, [0, 2]]
    feet = body.feet[..., [0, 2]].mean(axis=2)
    hits = []
    for foot, leg in enumerate(LEGS):
        for _, end in runs(body.down[:, foot]):
            if end < reach or end + reach > body.n or not body.down[end - reach : end + reach, 1 - foot].all():
                continue
            line = feet[end - 1, foot] - feet[end - 1, 1 - foot]
            apart = float(np.linalg.norm(line))
            share = float((place[end - 1] - feet[end - 1, 1 - foot]) @ line) / max(apart * apart, 1e-4)
            if apart > limits["apart_m"] and share > limits["load"]:
                hits.append(Hit(end - 1, end + reach, end - 1, (leg[2], leg[3]), share, limits["load"]))
    return hits


def _blamed(body: Body, joint: int, frame: int) -> tuple[int, ...]:
    """The joint above this one whose change of turn about this frame threw it furthest."""
    if joint == 0:
        return (0,)
    best, thrown = joint, -1.0
    span = slice(max(frame - 3, 0), frame + 3)
    changes = np.diff(body.turns[span], axis=0)
    other = int(HOUSE.parents[joint])
    while other >= 0 and len(changes):
        lever = float(np.linalg.norm(body.positions[frame, joint] - body.positions[frame, other]))
        throw = lever * float(quaternion.length(changes[:, other]).max())
        if throw > thrown:
            best, thrown = other, throw
        other = int(HOUSE.parents[other])
    return (best,)


def _median_around(values: np.ndarray, reach: int) -> np.ndarray:
    padded = np.pad(values, reach, mode="edge")
    middle: np.ndarray = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=-1)
    return middle


def _standing_out(body: Body, jolt: np.ndarray, joints: tuple[int, ...], limits: Limits) -> list[Hit]:
    """Frames whose jolt is above the limit and `times` the median of those around it."""
    rows = np.flatnonzero(jolt > limits["jolt_m"])
    if len(rows) == 0:
        return []
    reach = body.frames(_AROUND_S)
    padded = np.pad(jolt, reach, mode="edge")
    around = np.median(np.stack([padded[row : row + 2 * reach + 1] for row in rows]), axis=-1)
    out = np.zeros(body.n)
    out[rows] = np.where(jolt[rows] > limits["times"] * around, jolt[rows], 0.0)
    return above(out, limits["jolt_m"], joints)


def jerk_m_s3(body: Body) -> np.ndarray:
    """Mean jerk of the joints, smoothed over half a second, m/s^3, [T]."""
    out = np.zeros(body.n)
    if body.n > 3:
        out[1:-2] = np.linalg.norm(np.diff(body.positions, n=3, axis=0), axis=-1).mean(axis=-1) * body.rate_hz**3
    return smoothed(out, 0.25 * body.rate_hz)

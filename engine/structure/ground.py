"""The body and the ground: floor, feet, flight, balance, and the body in its own way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.motion import quaternion
from engine.motion.collision import PAIR_JOINTS, PAIR_REACHES_M, PAIRS, depths_of_joints_m
from engine.motion.floor import POINT_JOINTS
from engine.motion.house import JOINT, LEGS
from engine.motion.signals import runs
from engine.structure.body import AHEAD, G_M_S2, UP, Body, bend_deg
from engine.structure.hits import Hit, above, below

Limits = Mapping[str, float]
_HANDS = PAIRS.index(("Left hand", "Right hand"))


def floor_penetration(body: Body, limits: Limits) -> list[Hit]:
    """Points of the body below y = 0 by more than `depth_m`, joint by joint."""
    depths = -body.points[..., 1]
    hits: list[Hit] = []
    for joint in sorted(set(POINT_JOINTS)):
        own = depths[:, [i for i, j in enumerate(POINT_JOINTS) if j == joint]].max(axis=1)
        hits += above(own, limits["depth_m"], (joint,), body.frames(limits["shortest_s"]))
    return hits


def foot_skating(body: Body, limits: Limits) -> list[Hit]:
    """A foot with the weight on it that slides further than `slide_m` in one go, and not beyond `most_m`, if given.

    On the floor as in `engine.motion.floor.feet_down`; what slides faster than `speed_m_s` while it bears more than
    `load` of the weight is added up; a turn on the spot moves ankle or toe alone and does not count.
    """
    hits = []
    for foot, leg in enumerate(LEGS):
        moves = body.foot_moves[:, foot]
        loaded = body.down[:, foot] & (body.load[:, foot] > limits["load"])
        sliding = loaded & (moves * body.rate_hz > limits["speed_m_s"])
        for start, end in runs(_bridged(sliding, body.frames(0.1))):
            slid = float((moves[start:end] * sliding[start:end]).sum())
            if limits["slide_m"] < slid <= limits.get("most_m", np.inf):
                peak = start + int(np.argmax(moves[start:end]))
                hits.append(Hit(start, end, peak, (leg[2], leg[3]), slid, limits["slide_m"]))
    return hits


def flight(body: Body, limits: Limits) -> list[Hit]:
    """Time in the air against the curve of the centre of mass: a body in the air falls with g, no other way.

    The acceleration is that of the parabola fitted to the height of the centre of mass while nothing is within
    `clear_m` of the floor, in g; less than `least_g` is a body that floats, more than `most_g` one that is pulled down.
    """
    hits = []
    for start, end in runs(body.lowest > limits["clear_m"]):
        n = end - start
        if n < body.frames(limits["shortest_s"]):
            continue
        times = (np.arange(n) - 0.5 * (n - 1)) / body.rate_hz
        fall_g = -2.0 * float(np.polyfit(times, body.centre[start:end, 1], 2)[0]) / G_M_S2
        limit = limits["least_g"] if fall_g < limits["least_g"] else limits["most_g"]
        if not limits["least_g"] <= fall_g <= limits["most_g"]:
            hits.append(Hit(start, end, (start + end) // 2, (JOINT["Hips"],), fall_g, limit))
    return hits


def landing(body: Body, limits: Limits) -> list[Hit]:
    """Knees that stay straight when a jump of `height_m` or more lands: less bent than `bend_deg` within 0.25 s."""
    hits = []
    bend = np.maximum(bend_deg(body, 0), bend_deg(body, 1))
    reach = body.frames(0.25)
    for start, end in runs(body.lowest > limits["clear_m"]):
        if end >= body.n - reach or start == 0:
            continue
        rise = float(body.centre[start:end, 1].max() - body.centre[end, 1])
        after = bend[end : end + reach]
        if rise > limits["height_m"] and after.max() < limits["bend_deg"]:
            peak = end + int(np.argmax(after))
            hits.append(Hit(end, end + reach, peak, (LEGS[0][1], LEGS[1][1]), float(after.max()), limits["bend_deg"]))
    return hits


def take_off(body: Body, limits: Limits) -> list[Hit]:
    """A jump of `height_m` or more out of straight knees: bent by less than `bend_deg` in the 0.4 s before it."""
    hits = []
    bend = np.maximum(bend_deg(body, 0), bend_deg(body, 1))
    reach = body.frames(0.4)
    for start, end in runs(body.lowest > limits["clear_m"]):
        if start < reach or end == body.n:
            continue
        rise = float(body.centre[start:end, 1].max() - body.centre[start, 1])
        before = bend[start - reach : start]
        if rise > limits["height_m"] and before.max() < limits["bend_deg"]:
            peak = start - reach + int(np.argmax(before))
            joints = (LEGS[0][1], LEGS[1][1])
            hits.append(Hit(start - reach, start, peak, joints, float(before.max()), limits["bend_deg"]))
    return hits


def foot_wrung(body: Body, limits: Limits) -> list[Hit]:
    """A body that faces where its standing foot cannot follow: the foot turned in or out too far against the hips.

    Of feet that rest on heel and ball; `out_deg` outwards, `in_deg` inwards, for `shortest_s`.
    """
    hits: list[Hit] = []
    for foot, (sign, (_, _, ankle, _)) in enumerate(zip((1.0, -1.0), LEGS, strict=True)):
        ahead = quaternion.rotate(body.rotations[:, ankle], AHEAD)
        yaw = np.degrees(np.arctan2(ahead[:, 0], ahead[:, 2]) - body.heading)
        out = sign * ((yaw + 180.0) % 360.0 - 180.0)
        flat = body.contacts[:, 2 * foot] & body.contacts[:, 2 * foot + 1]
        upright = quaternion.rotate(body.rotations[:, 0], UP)[:, 1] > 0.8
        out = np.where(flat & upright, out, np.nan)
        shortest = body.frames(limits["shortest_s"])
        hits += above(out, limits["out_deg"], (ankle,), shortest) + below(out, -limits["in_deg"], (ankle,), shortest)
    return hits


def balance(body: Body, limits: Limits) -> list[Hit]:
    """The point on the floor on which the body would have to stand, further than `outside_m` from where it does."""
    return above(
        body.outside_support, limits["outside_m"], (JOINT["Hips"],), body.frames(limits["shortest_s"])
    )


def self_collision(body: Body, limits: Limits) -> list[Hit]:
    """Capsules of the body one in the other by more than `share` of both radii (engine.motion.collision)."""
    depths, most = depths_of_joints_m(body.positions), limits["share"] * PAIR_REACHES_M
    depths[:, _HANDS] = 0.0  # hands clap, clasp and fold
    hits: list[Hit] = []
    for pair in np.flatnonzero((depths > most).any(axis=0)):
        hits += above(depths[:, pair], float(most[pair]), PAIR_JOINTS[pair], body.frames(limits["shortest_s"]))
    return hits


def _bridged(mask: np.ndarray, gap: int) -> np.ndarray:
    out = mask.copy()
    for start, end in runs(~mask):
        if start > 0 and end < len(mask) and end - start <= gap:
            out[start:end] = True
    return out

"""Where each foot must be, and how it turns, for it to stand still while it carries weight.

The plan is a correction that is added to the foot as it was, so that a swinging foot keeps its gesture.
Between the spans in which the foot is pinned the correction dies away along cubic curves that keep position
and velocity continuous. F feet are planned side by side, each for itself: the arithmetic is shared, the stances
are gone through one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.signals import runs, smoothed, smoothstep

# Corrections over the floor fade this long; heights faster, for a foot that is drawn low while it moves
# already, or still, is a foot that skates.
BLEND_S = 0.2
HEIGHT_BLEND_S = 0.1
# Penetration up to this depth is eased rather than cut off, so that nothing hits the floor with a jerk.
SOFT_FLOOR_M = 0.005
# A supporting leg is given at least this much bend, as a share of its full length.
SUPPORT_REACH = 0.992
MOST_HEEL_RISE_RAD = 0.4
# Lowest point of the heel in the ankle's frame: the sole lies 8 cm under the ankle, the heel reaches
# a quarter of the foot's length behind it (Winter, Biomechanics and Motor Control, 4th ed., fig. 4.1).
HEEL_M = np.array([0.0, -0.080, -0.050])
UP = np.array([0.0, 1.0, 0.0])
FORWARD = np.array([0.0, 0.0, 1.0])
RIGHT_TO_LEFT = np.array([1.0, 0.0, 0.0])
_LEG_M = sum(float(np.linalg.norm(house.HOUSE.offsets_m[joint])) for joint in house.LEGS[0][1:3])
_OVER_FLOOR = np.array([1.0, 0.0, 1.0])
# So far from where they should be do feet stay that kept frames hold: captured ones seldom rest on the floor exactly.
_MOST_HELD_M, _MOST_TILT_RAD = 0.03, 0.2
_BALL_HEIGHT_M = float(house.CONTACT_REST_HEIGHTS_M[1])


@dataclass(frozen=True, eq=False)
class Feet:
    """F feet's joints over time, or what they should become: positions [T, F, 3], rotations [T, F, 4]."""

    ankle_m: np.ndarray
    ball_m: np.ndarray
    rotation: np.ndarray
    toe_rotation: np.ndarray


def planned_feet(
    feet: Feet,
    hips_m: np.ndarray,
    contacts: np.ndarray,
    keep: np.ndarray,
    presence: np.ndarray,
    frame_rate_hz: float,
) -> tuple[np.ndarray, Callable[[], Feet]]:
    """The feet held where `contacts`, bool [T, F, 2] of ankle and toe, say that they stand. `hips_m` is [T, F, 3].

    Returns where their ankles are then, [T, F, 3], and what makes the whole plan: its toes cost as much again.
    """
    blend = max(1, round(BLEND_S * frame_rate_hz))
    free = contacts & ~keep[:, np.newaxis, np.newaxis]
    flat = free[..., 0] & free[..., 1]
    turn = _faded(_turn(feet.rotation, _stance_rotations(feet.rotation, flat, contacts, keep)), flat, blend)
    turned = _turned(feet.rotation, turn)
    targets, pinned = _stance_balls_m(feet, free, contacts, keep, turned)
    shift = _faded(targets - feet.ball_m, pinned, blend)
    lift_blend = max(1, round(HEIGHT_BLEND_S * frame_rate_hz))
    shift[..., 1:2] = _faded(targets[..., 1:2] - feet.ball_m[..., 1:2], pinned, lift_blend)
    heading = quaternion.from_axis_angle(UP, headings_rad(turned))
    heel_rise = _heel_rise(feet, hips_m, feet.ball_m + shift, turned, heading, free, frame_rate_hz)
    weight = presence[:, np.newaxis, np.newaxis]
    here, rise = quaternion.from_rotation_vector(weight * turn), quaternion.from_rotation_vector(weight * heel_rise)
    both = quaternion.multiply(rise, here)
    rotation = quaternion.multiply(both, feet.rotation)
    ball_m, to_ball_m = _above_floor(feet.ball_m + weight * shift, rotation, presence)
    ankle_m = ball_m - to_ball_m

    def whole() -> Feet:
        turned_toe = _turned(_turned(feet.toe_rotation, turn), heel_rise)
        toe_turn = _faded(_turn(turned_toe, heading), free[..., 1], blend)
        toe = _turned(quaternion.multiply(both, feet.toe_rotation), weight * toe_turn)
        return Feet(ankle_m, ball_m, rotation, _toes_above_floor(ball_m, rotation, toe, presence))

    return ankle_m, whole


def _heel_rise(
    feet: Feet, hips_m: np.ndarray, ball_m: np.ndarray, rotation: np.ndarray, heading: np.ndarray, free: np.ndarray,
    frame_rate_hz: float,
) -> np.ndarray:  # fmt: skip
    """How far the feet must roll over their pinned balls for the legs to reach, rotation vectors [T, F, 3].

    A dancer whose leg grows too short raises the heel before she bends the other knee. The ankle goes
    round the ball on a circle, its squared distance from the hip is K + 2 r cos(angle - angle of the
    farthest point), and the smallest angle at which that is the leg's reach is what is needed.
    """
    axis = quaternion.rotate(heading, RIGHT_TO_LEFT)
    arm = -quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    along = quaternion.dot(arm, axis)[..., np.newaxis] * axis
    outward, onward = arm - along, quaternion.cross(axis, arm)
    line = ball_m + along - hips_m
    towards, across = 2.0 * quaternion.dot(line, outward), 2.0 * quaternion.dot(line, onward)
    constant = quaternion.dot(line, line) + quaternion.dot(outward, outward)
    swing = np.maximum(np.hypot(towards, across), 1e-9)
    farthest = np.arctan2(across, towards)
    limit = reach_limit_m(feet.ankle_m - hips_m) ** 2
    half = np.arccos(np.clip((limit - constant) / swing, -1.0, 1.0))
    # Where rolling takes the ankle away from the hip, or nothing is lacking, there is nothing to do.
    too_far = constant + towards > limit
    angle = np.where(too_far & (across < 0.0), np.clip(farthest + half, 0.0, MOST_HEEL_RISE_RAD), 0.0)
    rolling = free[..., 1] & ~free[..., 0]
    angle = np.maximum(smoothed(np.where(rolling, angle, 0.0), 0.06 * frame_rate_hz), 0.0)
    for foot in range(angle.shape[1]):
        angle[:, foot] *= distance_fade(free[:, foot, 0], 0.15 * frame_rate_hz)
    blend = max(1, round(BLEND_S * frame_rate_hz))
    return _faded(angle[..., np.newaxis], free[..., 0] | free[..., 1], blend) * axis


def _stance_rotations(rotation: np.ndarray, flat: np.ndarray, contacts: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """How feet that stand flat are turned, [T, F, 4]: level, with one heading throughout a stance; a stance that goes
    on from kept frames, or into such, as the foot stands there."""
    headings = headings_rad(rotation)
    stances = [(foot, start, end) for foot in range(headings.shape[1]) for start, end in runs(flat[:, foot])]
    for foot, start, end in stances:
        part = headings[start:end, foot]
        headings[start:end, foot] = np.arctan2(np.sin(part).sum(), np.cos(part).sum())
    wanted = quaternion.from_axis_angle(UP, headings)
    for foot, start, end in stances:
        before, after = _kept_sides(contacts[:, foot].min(axis=1), start, end, keep)
        if before or after:
            there = rotation[[max(start - 1, 0), min(end, len(keep) - 1)], foot]
            at_start, at_end = _held_turns(there, wanted[[start, end - 1], foot])
            turn = _over_stance(at_start if before else at_end, at_end if after else at_start, end - start)
            wanted[start:end, foot] = _turned(wanted[start:end, foot], turn)
    return wanted


def _held_turns(rotation: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Rotation vectors from how feet should stand to how they do, [N, 3]; they are tilted by _MOST_TILT_RAD at most."""
    turn = _turn(wanted, rotation)
    tilt = np.hypot(turn[:, 0], turn[:, 2])[:, np.newaxis]
    return turn * np.where(UP > 0.0, 1.0, _MOST_TILT_RAD / np.maximum(tilt, _MOST_TILT_RAD))


def _kept_sides(stands: np.ndarray, start: int, end: int, keep: np.ndarray) -> tuple[bool, bool]:
    """Whether a foot that stands, bool [T], in [start, end) stands in the kept frame before and in that after, too."""
    before = start > 0 and keep[start - 1] and stands[start - 1]
    after = end < len(keep) and keep[end] and stands[end]
    return bool(before), bool(after)


def _over_stance(at_start: np.ndarray, at_end: np.ndarray, n: int) -> np.ndarray:
    """Rows [n, 3] from the one to the other, with level ends."""
    fraction = smoothstep(np.linspace(0.0, 1.0, n))[:, np.newaxis]
    rows: np.ndarray = (1.0 - fraction) * at_start + fraction * at_end
    return rows


def _stance_balls_m(
    feet: Feet, free: np.ndarray, contacts: np.ndarray, keep: np.ndarray, rotation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the balls of the feet should be while anything of the foot is pinned, [T, F, 3], and when, [T, F].

    `rotation` is the feet's corrected rotation.
    """
    to_ball = quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    ankle_height = -quaternion.rotate(rotation, HEEL_M)[..., 1]
    targets, pinned = feet.ball_m.copy(), np.zeros(free.shape[:2], dtype=bool)
    for foot in range(free.shape[1]):
        own, touching, ball_m = free[:, foot], contacts[:, foot], feet.ball_m[:, foot]
        for start, end in _stances(own):
            span = slice(start, end)
            balls = _one_stance_m(
                feet.ankle_m[span, foot], ball_m[span], own[span], to_ball[span, foot], ankle_height[span, foot]
            )
            balls += _anchor(ball_m, balls, start, end, touching, keep)
            targets[span, foot], pinned[span, foot] = balls, True
    return targets, pinned


def _one_stance_m(
    ankle_m: np.ndarray, ball_m: np.ndarray, free: np.ndarray, to_ball: np.ndarray, ankle_height: np.ndarray
) -> np.ndarray:
    """Where the ball of a foot should be through one stance of n frames, [n, 3].

    What is pinned may change from heel to flat to ball; each phase takes over the point that it shares
    with the phase before.
    """
    balls = np.empty((len(free), 3))
    ankle, ball = _mean(ankle_m), _mean(ball_m)
    previous = -1
    for a, b in _phases(free):
        on_toe = bool(free[a, 1])
        if on_toe and previous == 0:  # the heel was pinned: the ball comes down where it leaves it
            ball = ankle + to_ball[a]
        balls[a:b] = ball if on_toe else ankle + to_ball[a:b]
        balls[a:b, 1] = _BALL_HEIGHT_M if on_toe else ankle_height[a:b] + to_ball[a:b, 1]
        if on_toe and free[a, 0]:
            ankle = balls[b - 1] - to_ball[b - 1]
        previous = int(on_toe)
    return balls


def _mean(rows: np.ndarray) -> np.ndarray:
    mean: np.ndarray = np.add.reduce(rows, axis=0) / len(rows)
    return mean


def _stances(free: np.ndarray) -> list[tuple[int, int]]:
    """Spans in which ankle or toe is pinned. Where one takes over from the other at once, cut in two.

    Without a frame in which both are pinned there is no shared point; a gap of a few frames is left for
    the correction to pass from one to the other.
    """
    pinned = free[:, 0] | free[:, 1]
    swapped = (free[1:, 0] != free[:-1, 0]) & (free[1:, 1] != free[:-1, 1])
    swaps = np.flatnonzero(swapped & pinned[1:] & pinned[:-1])
    for swap in swaps:
        pinned[max(swap - 1, 0) : swap + 3] = False
    return runs(pinned)


def _phases(free: np.ndarray) -> list[tuple[int, int]]:
    """Spans of one stance [n, 2] in which the same joints are pinned."""
    changes = np.flatnonzero((free[1:, 0] != free[:-1, 0]) | (free[1:, 1] != free[:-1, 1])) + 1
    edges = [0, *(int(i) for i in changes), len(free)]
    return list(pairwise(edges))


def _anchor(
    ball_m: np.ndarray, balls_m: np.ndarray, start: int, end: int, contacts: np.ndarray, keep: np.ndarray
) -> np.ndarray:
    """Shift of a whole stance: over the floor onto its middle place, or to where kept frames hold the foot.

    What those hold a little over the floor, or under it, stays there: a foot that stands does not sink at a seam.
    """
    before, after = _kept_sides(contacts.max(axis=1), start, end, keep)
    if not (before or after):
        # The median: the first and last frames of a stance may still be on their way.
        return _median(ball_m[start:end] - balls_m) * _OVER_FLOOR
    shifts = []
    for there, here in ((start - 1, start), (end, end - 1)):
        there = min(max(there, 0), len(keep) - 1)
        shift = ball_m[there] - balls_m[here - start]
        rests_alike = (contacts[there] == contacts[here]).all()
        shift[1] = np.clip(shift[1], -_MOST_HELD_M, _MOST_HELD_M) if rests_alike else 0.0
        shifts.append(shift)
    at_start, at_end = shifts
    return _over_stance(at_start if before else at_end, at_end if after else at_start, end - start)


def _median(rows: np.ndarray) -> np.ndarray:
    """The median of rows [n, 3]: np.median, a tenth of the time for so few."""
    rows, n = np.sort(rows, axis=0), len(rows)
    middle: np.ndarray = 0.5 * (rows[(n - 1) // 2] + rows[n // 2])
    return middle


def _above_floor(ball_m: np.ndarray, rotation: np.ndarray, presence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The balls of the feet lifted as far as they and the heels need, and the ways to them from the ankles."""
    to_ball = quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    heel_height = ball_m[..., 1] - to_ball[..., 1] + quaternion.rotate(rotation, HEEL_M)[..., 1]
    depth = np.maximum(-heel_height, _BALL_HEIGHT_M - ball_m[..., 1])
    ball_m[..., 1] += presence[:, np.newaxis] * _eased(depth)
    return ball_m, to_ball


def _toes_above_floor(ball_m: np.ndarray, rotation: np.ndarray, toe: np.ndarray, presence: np.ndarray) -> np.ndarray:
    """The toes' rotations bent up as far as their tips need."""
    length = float(np.linalg.norm(house.HOUSE.tips_m[house.LEGS[0][3]]))
    heading = quaternion.from_axis_angle(UP, headings_rad(rotation))
    forward = quaternion.rotate(quaternion.conjugate(heading), quaternion.rotate(toe, FORWARD))
    # Toes bend about the axis across the foot, which is x under this heading: how steep they are seen along it.
    steep, size = np.arctan2(forward[..., 1], forward[..., 2]), np.hypot(forward[..., 1], forward[..., 2])
    tip_m = ball_m[..., 1] + length * forward[..., 1]
    rise = presence[:, np.newaxis] * _eased(_BALL_HEIGHT_M - tip_m) / length
    wanted = np.arcsin(np.clip((forward[..., 1] + rise) / np.maximum(size, 1e-9), -1.0, 1.0))
    angle = np.where(rise > 0.0, np.maximum(wanted - steep, 0.0), 0.0)
    return _turned(toe, -angle[..., np.newaxis] * quaternion.rotate(heading, RIGHT_TO_LEFT))


def _eased(depth_m: np.ndarray) -> np.ndarray:
    """How far to lift something this deep under the floor: nothing at 0, all but 5 mm when deep."""
    d = np.maximum(depth_m, 0.0)
    return np.where(d < 2 * SOFT_FLOOR_M, d * d / (4 * SOFT_FLOOR_M), d - SOFT_FLOOR_M)


# --- corrections over time -------------------------------------------------------------------


def _faded(correction: np.ndarray, pinned: np.ndarray, blend: int) -> np.ndarray:
    """`correction` [T, F, n] where `pinned`, [T, F]; elsewhere cubic curves that leave it and come back to it.

    Each curve starts with the slope the correction had, so the corrected foot leaves at rest. A gap of up
    to two blends is bridged at once; a longer one fades to zero over `blend` frames at either side.
    """
    out = np.where(pinned[..., np.newaxis], correction, 0.0)
    n, frames = len(pinned), np.arange(len(pinned))[:, np.newaxis]
    # Of the frames between, the last pinned one before and the next one behind each.
    frame, foot = np.nonzero(~pinned)
    last = np.maximum.accumulate(np.where(pinned, frames, -1), axis=0)[frame, foot]
    following = np.minimum.accumulate(np.where(pinned, frames, n)[::-1], axis=0)[::-1][frame, foot]
    gap = following - last
    bridged = (last >= 0) & (following < n) & (gap <= 2 * blend)
    steps = np.where(bridged, gap, blend + 1)
    for edge, way in ((last, 1), (following, -1)):
        away = way * (frame - edge)
        near = np.flatnonzero((edge >= 0) & (edge < n) & (bridged | (away <= blend)))
        at, side, beside = edge[near], foot[near], np.clip(edge[near] - way, 0, n - 1)
        f, here = away[near] / steps[near], correction[at, side]
        slope = (here - correction[beside, side]) * pinned[beside, side][:, np.newaxis]
        here *= (1.0 - smoothstep(f))[:, np.newaxis]
        here += (away[near] * (1.0 - f) ** 2)[:, np.newaxis] * slope
        out[frame[near], side] += here
    return out


def distance_fade(keep: np.ndarray, blend_frames: float) -> np.ndarray:
    """0 on kept frames, rising to 1 within `blend_frames` of them, [T]."""
    kept = np.flatnonzero(keep)
    if len(kept) == 0:
        return np.ones(len(keep))
    frames = np.arange(len(keep))
    after = np.searchsorted(kept, frames)
    left = frames - kept[np.maximum(after - 1, 0)]
    right = kept[np.minimum(after, len(kept) - 1)] - frames
    left = np.where(after > 0, left, len(keep))
    right = np.where(after < len(kept), right, len(keep))
    return smoothstep(np.minimum(left, right) / (blend_frames + 1.0))


def _turn(rotation: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Rotation vector in the world [T, 3] that takes `rotation` to `wanted`."""
    return quaternion.to_rotation_vector(quaternion.multiply(wanted, quaternion.conjugate(rotation)))


def _turned(rotation: np.ndarray, turn: np.ndarray) -> np.ndarray:
    return quaternion.multiply(quaternion.from_rotation_vector(turn), rotation)


def headings_rad(rotation: np.ndarray) -> np.ndarray:
    """Angle about y of where feet point, [...], taken from their axis across: a steep foot has one too."""
    w, x, y, z = rotation[..., 0], rotation[..., 1], rotation[..., 2], rotation[..., 3]
    # The x axis turned: its z and x.
    return np.arctan2(2.0 * (w * y - x * z), 1.0 - 2.0 * (y * y + z * z))


def reach_limit_m(leg_m: np.ndarray) -> np.ndarray:
    """Length to which a supporting leg that was the vector `leg_m` [..., 3] may be stretched, metres, [...]."""
    # A leg that was straighter by itself may stay so.
    return np.clip(quaternion.length(leg_m), SUPPORT_REACH * _LEG_M, ik.EXACT_REACH * _LEG_M)

"""Where each foot must be, and how it turns, for it to stand still while it carries weight.

The plan is a correction that is added to the foot as it was, so that a swinging foot keeps its gesture.
Between the spans in which the foot is pinned the correction dies away along cubic curves that keep position
and velocity continuous.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
_RIGHT_TO_LEFT = np.array([1.0, 0.0, 0.0])
_BALL_HEIGHT_M = float(house.CONTACT_REST_HEIGHTS_M[1])


@dataclass(frozen=True, eq=False)
class Foot:
    """One foot's joints over time, or what they should become: positions [T, 3], rotations [T, 4]."""

    ankle_m: np.ndarray
    ball_m: np.ndarray
    rotation: np.ndarray
    toe_rotation: np.ndarray


def planned_foot(
    foot: Foot,
    hip_m: np.ndarray,
    contacts: np.ndarray,
    keep: np.ndarray,
    presence: np.ndarray,
    frame_rate_hz: float,
) -> Foot:
    """The foot held where `contacts`, bool [T, 2] of ankle and toe, say that it stands."""
    blend = max(1, round(BLEND_S * frame_rate_hz))
    free = contacts & ~keep[:, np.newaxis]
    flat = free.all(axis=1)
    level = quaternion.from_axis_angle(UP, _stance_headings(foot.rotation, flat))
    turn = _faded(_turn(foot.rotation, level), flat, blend)
    rotation = _turned(foot.rotation, turn)
    targets, pinned = _stance_balls_m(foot, free, contacts, keep, rotation)
    shift = _faded(targets - foot.ball_m, pinned, blend)
    lift_blend = max(1, round(HEIGHT_BLEND_S * frame_rate_hz))
    shift[:, 1:2] = _faded(targets[:, 1:2] - foot.ball_m[:, 1:2], pinned, lift_blend)
    heel_rise = _heel_rise(foot, hip_m, foot.ball_m + shift, rotation, free, frame_rate_hz)
    toe = _turned(_turned(foot.toe_rotation, turn), heel_rise)
    toe_level = quaternion.from_axis_angle(UP, _headings_rad(rotation))
    toe_turn = _faded(_turn(toe, toe_level), free[:, 1], blend)
    weight = presence[:, np.newaxis]
    rotation = _turned(_turned(foot.rotation, weight * turn), weight * heel_rise)
    toe = _turned(_turned(foot.toe_rotation, weight * turn), weight * heel_rise)
    return _above_floor(foot.ball_m + weight * shift, rotation, _turned(toe, weight * toe_turn), presence)


def _heel_rise(
    foot: Foot, hip_m: np.ndarray, ball_m: np.ndarray, rotation: np.ndarray, free: np.ndarray, frame_rate_hz: float
) -> np.ndarray:
    """How far the foot must roll over its pinned ball for the leg to reach, rotation vectors [T, 3].

    A dancer whose leg grows too short raises the heel before she bends the other knee. The ankle goes
    round the ball on a circle, its squared distance from the hip is K + 2 r cos(angle - angle of the
    farthest point), and the smallest angle at which that is the leg's reach is what is needed.
    """
    axis = quaternion.rotate(quaternion.from_axis_angle(UP, _headings_rad(rotation)), _RIGHT_TO_LEFT)
    arm = -quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    along = np.sum(arm * axis, axis=-1, keepdims=True) * axis
    outward, onward = arm - along, np.cross(axis, arm)
    line = ball_m + along - hip_m
    towards, across = 2.0 * np.sum(line * outward, axis=-1), 2.0 * np.sum(line * onward, axis=-1)
    constant = np.sum(line**2, axis=-1) + np.sum(outward**2, axis=-1)
    swing = np.maximum(np.hypot(towards, across), 1e-9)
    farthest = np.arctan2(across, towards)
    half = np.arccos(np.clip((reach_limit_m(foot.ankle_m - hip_m) ** 2 - constant) / swing, -1.0, 1.0))
    angle = farthest + half
    # Where rolling takes the ankle away from the hip, or nothing is lacking, there is nothing to do.
    too_far = constant + towards > reach_limit_m(foot.ankle_m - hip_m) ** 2
    angle = np.where(too_far & (across < 0.0), np.clip(angle, 0.0, MOST_HEEL_RISE_RAD), 0.0)
    rolling = free[:, 1] & ~free[:, 0]
    angle = np.maximum(smoothed(np.where(rolling, angle, 0.0), 0.06 * frame_rate_hz), 0.0)
    angle *= distance_fade(free[:, 0], 0.15 * frame_rate_hz)
    blend = max(1, round(BLEND_S * frame_rate_hz))
    return _faded(angle[:, np.newaxis], free[:, 0] | free[:, 1], blend) * axis


def _stance_headings(rotation: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Heading of the foot in radians [T], one value throughout each flat stance."""
    headings = _headings_rad(rotation)
    for start, end in runs(flat):
        part = headings[start:end]
        headings[start:end] = np.arctan2(np.sin(part).mean(), np.cos(part).mean())
    return headings


def _stance_balls_m(
    foot: Foot, free: np.ndarray, contacts: np.ndarray, keep: np.ndarray, rotation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the ball of the foot should be while anything of the foot is pinned, [T, 3], and when, [T].

    `rotation` is the foot's corrected rotation. Through a stance what is pinned may change from heel to
    flat to ball; each phase takes over the point that it shares with the phase before.
    """
    to_ball = quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    ankle_height = -quaternion.rotate(rotation, HEEL_M)[:, 1]
    targets, pinned = foot.ball_m.copy(), np.zeros(len(keep), dtype=bool)
    for start, end in _stances(free):
        balls = np.empty((end - start, 3))
        ankle = foot.ankle_m[start:end].mean(axis=0)
        ball = foot.ball_m[start:end].mean(axis=0)
        previous = -1
        for a, b in _phases(free[start:end]):
            on_toe = bool(free[start + a, 1])
            if on_toe and previous == 0:  # the heel was pinned: the ball comes down where it leaves it
                ball = ankle + to_ball[start + a]
            balls[a:b] = ball if on_toe else ankle + to_ball[start + a : start + b]
            balls[a:b, 1] = _BALL_HEIGHT_M
            if not on_toe:
                balls[a:b, 1] = (ankle_height + to_ball[:, 1])[start + a : start + b]
            if free[start + a].all():
                ankle = balls[b - 1] - to_ball[start + b - 1]
            previous = int(on_toe)
        balls += _anchor(foot.ball_m, balls, start, end, contacts, keep)
        targets[start:end], pinned[start:end] = balls, True
    return targets, pinned


def _stances(free: np.ndarray) -> list[tuple[int, int]]:
    """Spans in which ankle or toe is pinned. Where one takes over from the other at once, cut in two.

    Without a frame in which both are pinned there is no shared point; a gap of a few frames is left for
    the correction to pass from one to the other.
    """
    pinned = free[:, 0] | free[:, 1]
    swaps = np.flatnonzero((free[1:] != free[:-1]).all(axis=1) & pinned[1:] & pinned[:-1])
    for swap in swaps:
        pinned[max(swap - 1, 0) : swap + 3] = False
    return runs(pinned)


def _phases(free: np.ndarray) -> list[tuple[int, int]]:
    """Spans of one stance [n, 2] in which the same joints are pinned."""
    changes = np.flatnonzero((free[1:] != free[:-1]).any(axis=1)) + 1
    edges = [0, *(int(i) for i in changes), len(free)]
    return list(pairwise(edges))


def _anchor(
    ball_m: np.ndarray, balls_m: np.ndarray, start: int, end: int, contacts: np.ndarray, keep: np.ndarray
) -> np.ndarray:
    """Horizontal shift of a whole stance: onto its middle place, or to where kept frames hold the foot."""
    level = np.array([1.0, 0.0, 1.0])
    before = start > 0 and keep[start - 1] and contacts[start - 1].any()
    after = end < len(keep) and keep[end] and contacts[end].any()
    if not (before or after):
        # The median: the first and last frames of a stance may still be on their way.
        return np.median(ball_m[start:end] - balls_m, axis=0) * level
    at_start = ball_m[start - 1] - balls_m[0] if before else ball_m[end] - balls_m[-1]
    at_end = ball_m[end] - balls_m[-1] if after else at_start
    fraction = smoothstep(np.linspace(0.0, 1.0, end - start))[:, np.newaxis]
    return ((1.0 - fraction) * at_start + fraction * at_end) * level


def _above_floor(ball_m: np.ndarray, rotation: np.ndarray, toe: np.ndarray, presence: np.ndarray) -> Foot:
    """The foot lifted, and its toes bent up, as far as heel, ball and tip of the toes need."""
    to_ball = quaternion.rotate(rotation, house.HOUSE.offsets_m[house.LEGS[0][3]])
    heel = ball_m - to_ball + quaternion.rotate(rotation, HEEL_M)
    depth = np.maximum(-heel[:, 1], _BALL_HEIGHT_M - ball_m[:, 1])
    ball_m = ball_m + (presence * _eased(depth))[:, np.newaxis] * UP
    length = float(np.linalg.norm(house.HOUSE.tips_m[house.LEGS[0][3]]))
    heading = quaternion.from_axis_angle(UP, _headings_rad(rotation))
    forward = quaternion.rotate(quaternion.conjugate(heading), quaternion.rotate(toe, FORWARD))
    # Toes bend about the axis across the foot, which is x under this heading: how steep they are seen along it.
    steep, size = np.arctan2(forward[:, 1], forward[:, 2]), np.hypot(forward[:, 1], forward[:, 2])
    rise = presence * _eased(_BALL_HEIGHT_M - (ball_m[:, 1] + length * forward[:, 1])) / length
    wanted = np.arcsin(np.clip((forward[:, 1] + rise) / np.maximum(size, 1e-9), -1.0, 1.0))
    angle = np.where(rise > 0.0, np.maximum(wanted - steep, 0.0), 0.0)
    toe = _turned(toe, -angle[:, np.newaxis] * quaternion.rotate(heading, _RIGHT_TO_LEFT))
    return Foot(ball_m - to_ball, ball_m, rotation, toe)


def _eased(depth_m: np.ndarray) -> np.ndarray:
    """How far to lift something this deep under the floor: nothing at 0, all but 5 mm when deep."""
    d = np.maximum(depth_m, 0.0)
    return np.where(d < 2 * SOFT_FLOOR_M, d * d / (4 * SOFT_FLOOR_M), d - SOFT_FLOOR_M)


# --- corrections over time -------------------------------------------------------------------


def _faded(correction: np.ndarray, pinned: np.ndarray, blend: int) -> np.ndarray:
    """`correction` [T, n] where `pinned`; elsewhere cubic curves that leave it and come back to it.

    Each curve starts with the slope the correction had, so the corrected foot leaves at rest. A gap of up
    to two blends is bridged at once; a longer one fades to zero over `blend` frames at either side.
    """
    out = np.where(pinned[:, np.newaxis], correction, 0.0)
    n, zero = len(out), np.zeros(out.shape[1])
    for start, end in runs(~pinned):
        slope_in = out[start - 1] - out[start - 2] if start > 1 and pinned[start - 2] else zero
        slope_out = out[end + 1] - out[end] if end + 1 < n and pinned[end + 1] else zero
        if start > 0 and end < n and end - start < 2 * blend:
            out[start:end] = _hermite(out[start - 1], out[end], slope_in, slope_out, end - start + 1)[1:-1]
            continue
        if start > 0:
            stop = min(end, start + blend)
            out[start:stop] = _hermite(out[start - 1], zero, slope_in, zero, blend + 1)[1 : 1 + stop - start]
        if end < n:
            begin = max(start, end - blend)
            out[begin:end] = _hermite(zero, out[end], zero, slope_out, blend + 1)[-1 - (end - begin) : -1]
    return out


def _hermite(a: np.ndarray, b: np.ndarray, slope_a: np.ndarray, slope_b: np.ndarray, steps: int) -> np.ndarray:
    """Cubic from `a` to `b` in `steps` steps with these slopes per step, [steps + 1, n]."""
    return _hermite_weights(steps) @ np.stack([a, b, slope_a, slope_b])


@lru_cache(maxsize=256)
def _hermite_weights(steps: int) -> np.ndarray:
    f = np.arange(steps + 1) / steps
    rise = smoothstep(f)
    return np.stack([1 - rise, rise, steps * f * (1 - f) ** 2, -steps * f * f * (1 - f)], axis=-1)


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


def _headings_rad(rotation: np.ndarray) -> np.ndarray:
    """Angle about y of where a foot points, [T], taken from its axis across: a steep foot has one too."""
    across = quaternion.rotate(rotation, _RIGHT_TO_LEFT)
    return np.arctan2(-across[:, 2], across[:, 0])


def reach_limit_m(leg_m: np.ndarray) -> np.ndarray:
    """Length to which a supporting leg that was the vector `leg_m` [T, 3] may be stretched, metres, [T]."""
    full = sum(float(np.linalg.norm(house.HOUSE.offsets_m[joint])) for joint in house.LEGS[0][1:3])
    # A leg that was straighter by itself may stay so.
    return np.clip(np.linalg.norm(leg_m, axis=-1), SUPPORT_REACH * full, ik.EXACT_REACH * full)
